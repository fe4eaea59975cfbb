"""Facts of one's own laid over a hand-made store: they count before the publishers', and nothing leaks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from khanij.analyses import question
from khanij.analyses.inputs import cases, own_files
from khanij.core.errors import CoverageError, StudyError
from khanij.data.cubes import build
from khanij.data.facts import overlay, store
from khanij.data.lookup import catalogue, query
from khanij.data.own import facts
from khanij.jobs import executors

WMD, HS92, PINK = ("world-mining-data", "2018-2024"), ("baci-hs92", "202601"), ("pinksheet", "2026-10")
HEAD = "quantity,material,stage,country,year,value,unit\n"


def row(origin, **values):
    source, edition = origin
    return {"status": "reported", "confidence": "high", "source": source, "edition": edition, "row": 1} | values


def made(country, value, stage="mined", **more):
    return row(WMD, quantity="production", material="copper", stage=stage, item="x", country=country, year=2023,
               value=value, unit="t", basis="Cu", **more)  # fmt: skip


def sent(item, country, partner, tonnes, value):
    same = row(HS92, item=item, country=country, partner=partner, year=2023)
    return [
        same | {"quantity": "trade_mass", "value": tonnes, "unit": "t"},
        same | {"quantity": "trade_value", "value": value, "unit": "kUSD"},
    ]


USES = [
    row(("eu-crm", "2023"), quantity="use_share", material="copper", item="C27 | cable", value=1.0, unit="1", year=2020)
]
SCORES = [
    row(("wgi", "2024"), quantity="governance", item="pv", country=iso, year=2023, value=value, unit="score")
    for iso, value in (("CHL", 0.5), ("PER", -0.5))
]
STORE = [
    *(made(*pair) for pair in (("CHL", 10.0), ("PER", 4.0), ("ROW", 1.0), ("WLD", 15.0))),
    *sent("HS92:260300", "CHL", "IND", 100.0, 900.0),
    *sent("HS92:260300", "PER", "IND", 50.0, 500.0),
    *sent("HS92:260300", "PER", "JPN", 80.0, 700.0),
    *SCORES,
    *USES,
]


@pytest.fixture
def held(keep):
    keep(STORE)


def own(tmp_path, text, name="own.csv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def laid_case(*paths, focus="IND", materials=("copper",)):
    with own_files.laid(paths):
        return build.build([focus], (2023,), materials)


def cell(case, quantity, **codes):
    cube = case.cube(quantity)
    return float(cube.values[tuple(axis.at(codes[axis.name]) for axis in cube.axes)])


def flow(case, exporter, importer, stage="mined", quantity="trade"):
    cube = case.cube(quantity)
    wanted = {"material": case.axis("material").codes[0], "stage": stage, "exporter": exporter, "importer": importer}
    wanted["year"] = "2023"
    at = np.array([axis.at(wanted[axis.name]) for axis in cube.axes])[:, None]
    found = cube.values[(cube.at == at).all(axis=0)]
    assert len(found) <= 1
    return float(found[0]) if len(found) else math.nan


COPPER = {"material": "copper", "stage": "mined", "year": "2023"}


def test_own_output_takes_the_place_of_the_published_one_and_moves_the_world(held, tmp_path) -> None:
    before = build.build(["IND"], (2023,), ["copper"])
    path = own(tmp_path, HEAD + "production,copper,mined,Chile,2023,13,t\nproduction,copper,mined,BTN,2023,500,kg\n")
    case = laid_case(path)
    assert cell(case, "production", **COPPER, country="CHL") == 13.0
    assert cell(case, "production", **COPPER, country="PER") == 4.0
    assert cell(case, "production", **COPPER, country="BTN") == 0.5
    assert cell(before, "production", **COPPER, country="BTN") == 0.0
    assert cell(before, "world_production", **COPPER) == 15.0
    assert cell(case, "world_production", **COPPER) == 18.0  # Chile's 3 t more; Bhutan's lie in the remainder
    key = f"own:own.csv@{facts.read(path).sha256[:8]}"
    cube = case.cube("production")
    at = tuple(axis.at({**COPPER, "country": "CHL"}[axis.name]) for axis in cube.axes)
    assert cube.sources[cube.origin[at]] == key
    assert case.manifest != before.manifest
    assert any(key in note for note in case.notes)


def test_a_withheld_figure_is_replaced_too(keep, tmp_path) -> None:
    keep([made("CHL", None, status="withheld"), made("PER", 4.0), made("WLD", 15.0), *USES])
    assert math.isnan(cell(build.build(["IND"], (2023,), ["copper"]), "production", **COPPER, country="CHL"))
    case = laid_case(own(tmp_path, HEAD + "production,copper,mined,CHL,2023,9,t\n"))
    assert cell(case, "production", **COPPER, country="CHL") == 9.0
    assert cell(case, "world_production", **COPPER) == 15.0


def test_nothing_leaks_into_the_next_question(held, tmp_path) -> None:
    before = build.build(["IND"], (2023,), ["copper"])
    kept = store.fingerprint(), store.collect(store.scan()).height, query.trade(["IND"], None, None, [2023]).cells
    case = laid_case(own(tmp_path, HEAD + "production,copper,mined,CHL,2023,13,t\n"))
    assert overlay.laid() == ()
    after = build.build(["IND"], (2023,), ["copper"])
    assert cell(after, "production", **COPPER, country="CHL") == 10.0  # built after, and
    assert cell(case, "production", **COPPER, country="CHL") == 13.0  # the cube is made only now
    assert cell(before, "production", **COPPER, country="CHL") == 10.0
    assert after.manifest == before.manifest
    assert kept == (
        store.fingerprint(), store.collect(store.scan()).height, query.trade(["IND"], None, None, [2023]).cells
    )  # fmt: skip
    with pytest.raises(RuntimeError), own_files.laid([tmp_path / "own.csv"]):
        raise RuntimeError
    assert overlay.laid() == ()


def test_own_trade_by_code_replaces_the_pairs_that_it_names(held, tmp_path) -> None:
    text = "quantity,hs,country,partner,year,value,unit\n"
    text += "trade_mass,260300,Chile,India,2023,200,t\ntrade_value,HS92:260300,CHL,IND,2023,2,MUSD\n"
    text += "trade_mass,260300,Mongolia,India,2023,30000,kg\n"
    before, case = build.build(["IND"], (2023,), ["copper"]), laid_case(own(tmp_path, text))
    assert flow(case, "CHL", "IND") == pytest.approx(2 * flow(before, "CHL", "IND"))
    assert flow(case, "CHL", "IND", quantity="trade_value") == 2000.0
    assert flow(case, "PER", "IND") == flow(before, "PER", "IND")
    assert flow(case, "PER", "JPN") == flow(before, "PER", "JPN")
    assert flow(case, "MNG", "IND") == pytest.approx(0.3 * flow(before, "CHL", "IND"))
    assert math.isnan(flow(before, "MNG", "IND"))


def test_own_trade_of_a_good_stands_for_all_its_codes_in_tonnes_of_content(held, tmp_path) -> None:
    text = "quantity,material,stage,country,partner,year,value,unit,share\n"
    path = own(tmp_path, text + "trade_mass,copper,mined,CHL,IND,2023,200,t,25%\n")
    case = laid_case(path)
    assert flow(case, "CHL", "IND") == 50.0
    assert flow(case, "PER", "IND") == flow(build.build(["IND"], (2023,), ["copper"]), "PER", "IND")


def test_own_trade_of_a_good_without_a_code_covers_those_who_are_in_the_file(held, tmp_path) -> None:
    text = "quantity,material,stage,country,partner,year,value,unit\ntrade_mass,gallium,refined,CHN,IND,2023,7,t\n"
    path = own(tmp_path, text)
    gallium = {"material": "gallium", "stage": "refined", "year": "2023"}
    mine = laid_case(path, materials=["gallium"])
    assert flow(mine, "CHN", "IND", "refined") == 7.0
    assert cell(mine, "trade_covered", **gallium) == 1.0
    assert cell(laid_case(path, focus="JPN", materials=["gallium"]), "trade_covered", **gallium) == 0.0
    assert cell(build.build(["IND"], (2023,), ["gallium"]), "trade_covered", **gallium) == 0.0


def test_own_prices_governance_and_reserves(keep, tmp_path) -> None:
    reserves = row(
        WMD, quantity="reserves", material="copper", country="CHL", year=2024, value=190.0, unit="t", basis="Cu"
    )
    keep([*STORE, reserves])
    text = "quantity,material,item,country,year,value,unit\nprice,copper,,,2023,9.5,USD/kg\n"
    text += "governance,,pv,Chile,2023,-1.25,\nreserves,copper,,Chile,,2,kt\n"
    case = laid_case(own(tmp_path, text))
    assert cell(case, "price", material="copper", year="2023") == 9500.0
    assert cell(case, "governance", dimension="pv", country="CHL", year="2023") == -1.25
    assert cell(case, "governance", dimension="pv", country="PER", year="2023") == -0.5
    assert cell(case, "reserves", material="copper", country="CHL") == 2000.0
    assert {s.partition("@")[0] for s in case.cube("governance").sources} == {"own:own.csv", "wgi"}


COMTRADE = """refYear,reporterISO,partnerISO,partnerDesc,partner2ISO,motCode,cmdCode,flowCode,netWgt,primaryValue
2023,IND,W00,World,W00,0,260300,M,400000,9000000
2023,IND,CHL,Chile,W00,0,260300,M,300000,7000000
2023,IND,CHL,Chile,CHL,1000,260300,M,300000,7000000
2023,IND,S19,"Other Asia, nes",W00,0,260300,M,0,2000000
2023,IND,_X,"Areas, nes",W00,0,260300,M,5,20
2023,IND,CHL,Chile,W00,0,TOTAL,M,5,20
"""


def test_a_download_of_comtrade_is_read_each_flow_once(held, tmp_path) -> None:
    path = own(tmp_path, COMTRADE)
    read = facts.read(path)
    rows = read.frame.select("quantity", "country", "partner", "value", "unit").sort("quantity", "country").rows()
    assert rows == [
        ("trade_mass", "CHL", "IND", 300.0, "t"),
        ("trade_value", "CHL", "IND", 7000.0, "kUSD"),
        ("trade_value", "TWN", "IND", 2000.0, "kUSD"),
    ]
    assert any("totals of all partners: 1" in note for note in read.notes)
    assert any("CIF" in note for note in read.notes)
    assert flow(laid_case(path), "CHL", "IND") == pytest.approx(3 * flow(laid_case(), "CHL", "IND"))
    part = own(tmp_path, "\n".join(COMTRADE.splitlines()[:2] + COMTRADE.splitlines()[3:4]), "part.csv")
    with pytest.raises(StudyError, match="whole is not in the file"):
        facts.read(part)


def test_what_the_trade_question_lists(held, tmp_path) -> None:
    text = "quantity,hs,country,partner,year,value,unit\ntrade_value,260300,CHL,IND,2023,5,MUSD\n"
    with own_files.laid([own(tmp_path, text)]):
        listed = {(r["exporter"], r["source"]): r["value"] for r in query.trade(["IND"], None, None, [2023]).rows()}
    assert listed[("CHL", "own:own.csv")] == 5000.0
    assert listed[("PER", "baci-hs92")] == 500.0


def test_a_question_takes_own_facts_and_another_does_not_have_them(held, tmp_path) -> None:
    text = "quantity,hs,country,partner,year,value,unit\ntrade_value,260300,CHL,IND,2023,5,MUSD\n"
    path = own(tmp_path, text)
    asked = {"focus": "IND", "year": 2023, "hs": "260300"}
    plain = question.ask(question.request("trade", **asked))
    mine = question.ask(question.request("trade", **asked, own=[str(path)]))
    again = question.ask(question.request("trade", **asked))
    assert plain.tables == again.tables
    assert "own:own.csv" in str(mine.tables[0].plain().cells)
    assert "own:own.csv" not in str(plain.tables[0].plain().cells)
    assert plain.manifest == again.manifest != mine.manifest
    with pytest.raises(StudyError, match="handed in"):
        question.ask(question.request("trade", **asked, own=[str(path)]), case=laid_case())


def test_the_case_of_a_scope(held, tmp_path) -> None:
    path = own(tmp_path, HEAD + "production,copper,mined,CHL,2023,13,t\n")
    scope = question.Scope(("IND",), (2023,), ("copper",))
    assert cell(cases.of_scope(scope, [path]), "production", **COPPER, country="CHL") == 13.0
    assert cell(cases.of_scope(scope), "production", **COPPER, country="CHL") == 10.0
    own(tmp_path, HEAD + "production,copper,mined,CHL,2023,14,t\n")  # the file is changed: it is another
    assert cell(cases.of_scope(scope, [path]), "production", **COPPER, country="CHL") == 14.0


def test_a_question_within_a_question_has_both(held, tmp_path) -> None:
    one = own(tmp_path, HEAD + "production,copper,mined,CHL,2023,13,t\n", "one.csv")
    two = own(tmp_path, HEAD + "production,copper,mined,PER,2023,7,t\n", "two.csv")
    with own_files.laid([one]), own_files.laid([one, two]):
        case = build.build(["IND"], (2023,), ["copper"])
    assert [cell(case, "production", **COPPER, country=iso) for iso in ("CHL", "PER")] == [13.0, 7.0]


def laid_in(chunk):
    return {"laid": np.array([len(overlay.laid())])}


def test_worker_processes_have_them_too(held, tmp_path, monkeypatch) -> None:
    from pathlib import Path

    root = str(Path(__file__).parents[2])
    monkeypatch.syspath_prepend(root)
    monkeypatch.setenv("PYTHONPATH", root, prepend=":")
    path = own(tmp_path, HEAD + "production,copper,mined,CHL,2023,13,t\n")
    with own_files.laid([path]):
        (there,) = executors.run(laid_in, [0], executor="processes")
    (gone,) = executors.run(laid_in, [0], executor="processes")
    assert (there["laid"][0], gone["laid"][0]) == (1, 0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("material,country\ncopper,CHL\n", "no column quantity, value"),
        (HEAD, "no facts"),
        (HEAD + "happiness,copper,mined,CHL,2023,13,t\n", "quantity 'happiness'"),
        (HEAD + "production,copper,mined,CHL,2023,13,USD\n", "unit 'USD'"),
        (HEAD + "production,copper,mined,CHL,2023,13,\n", "production without unit"),
        (HEAD + "production,copper,mined,CHL,2023,-13,t\n", "cannot be"),
        (HEAD + "production,copper,mined,CHL,2023,1e300,t\n", "cannot be"),
        (HEAD + "production,copper,mined,CHL,2023,,t\n", "value is blank"),
        (HEAD + "production,copper,mined,CHL,23,13,t\n", "year '23'"),
        (HEAD + "production,copper,mined,Congo,2023,13,t\n", "COG (Republic of the Congo) or COD"),
        (HEAD + "production,copper,mined,USSR,2023,13,t\n", "no country any more"),
        (HEAD + "production,copper,mined,World,2023,13,t\n", "no single country"),
        (HEAD + "production,copper,smelted,CHL,2023,13,t\n", "unknown stage"),
        (HEAD + "production,copper concentrate,mined,CHL,2023,13,t\n", "does not tell"),
        (HEAD + "production,copper,mined,CHL,2023,13,t\nproduction,copper,mined,Chile,2023,14,t\n", "lines 2 and 3"),
        (HEAD + "trade_mass,copper,,CHL,2023,13,t\n", "without partner"),
        ("quantity,country,partner,year,value,unit\ntrade_mass,CHL,IND,2023,13,t\n", "neither a code nor"),
        ("quantity,hs,country,partner,year,value,unit\ntrade_mass,999999,CHL,IND,2023,13,t\n", "no mapped trade code"),
        (HEAD.replace("unit", "unit,colour") + "production,copper,mined,CHL,2023,13,t,red\n", "colour"),
        ("quantity,item,country,year,value\ngovernance,pv,CHL,2023,61\n", "cannot be"),
        ("quantity,item,country,year,value\ngovernance,xx,CHL,2023,1\n", "unknown item"),
        (HEAD.replace("value", "low,value") + "production,copper,mined,CHL,2023,20,13,t\n", "out of order"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path, text, says) -> None:
    with pytest.raises(StudyError) as refused:
        facts.read(own(tmp_path, text))
    assert says in " ".join(refused.value.lines())
    assert all(len(line) > len("hint:  -") for line in refused.value.lines())


def test_one_country_does_not_make_more_than_twice_what_the_world_does(held, tmp_path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(HEAD + "production,copper,mined,CHL,2023,30,t\n", encoding="utf-8")  # another opinion of 15
    assert facts.read(path).frame["value"].to_list() == [30.0]
    lines = "production,copper,mined,PER,2023,4,t\nproduction,copper,mined,CHL,2023,30.1,t\n"
    path.write_text(HEAD + lines, encoding="utf-8")
    with pytest.raises(
        StudyError, match=r"CHL makes 30.1 t of mined copper in 2023, and all the world 15 t"
    ) as refused:
        facts.read(path)
    assert refused.value.where.endswith("line 3")


def test_what_has_not_come_is_not_reported(held, tmp_path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(HEAD + "production,copper,mined,CHL,2040,5,t\n", encoding="utf-8")
    with pytest.raises(StudyError, match="of 2040 is reported, and that year has not come"):
        facts.read(path)
    head = HEAD.replace("\n", ",status\n")
    path.write_text(head + "production,copper,mined,CHL,2040,5,t,estimated\n", encoding="utf-8")
    assert facts.read(path).frame["year"].to_list() == [2040]


def test_two_files_that_state_the_same_are_refused(held, tmp_path) -> None:
    paths = [own(tmp_path, HEAD + f"production,copper,mined,CHL,2023,{n},t\n", f"{n}.csv") for n in (1, 2)]
    with pytest.raises(StudyError, match="two statements"), own_files.laid(paths):
        pass
    other = own(tmp_path, HEAD + "production,copper,mined,PER,2023,7,t\n", "c.csv")
    case = laid_case(paths[0], other)
    assert [cell(case, "production", **COPPER, country=iso) for iso in ("CHL", "PER")] == [1.0, 7.0]


@pytest.mark.parametrize("quantity", facts.TEMPLATES)
def test_a_template_that_is_filled_in_can_be_read(tmp_path, quantity) -> None:
    (line,) = facts.template(quantity)
    text = ",".join(line) + "\n" + ",".join(line.values()) + "\n"
    assert facts.read(own(tmp_path, text)).frame["quantity"].to_list() == [quantity]
    assert quantity in overlay.INSTEAD


def test_a_quantity_without_a_template() -> None:
    with pytest.raises(CoverageError, match="happiness"):
        facts.template("happiness")


def test_own_facts_are_cited(tmp_path) -> None:
    path = own(tmp_path, HEAD + "production,copper,mined,CHL,2023,13,t\n")
    (entry,) = catalogue.citations((facts.read(path).key,)).rows()
    assert "own.csv" in entry["title"]
