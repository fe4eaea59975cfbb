"""Risk of a made-up focus with a stub, and of a real one: tables that add up, the same bytes from every executor."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest

from khanij.analyses.inputs import baseline
from khanij.analyses.risk import run
from khanij.analyses.risk import run as risk_run
from khanij.analyses.risk import tables as risk_tables
from khanij.core.errors import StudyError
from khanij.reference.assumptions import assumptions
from khanij.simulate.loss import losses
from khanij.simulate.risk import assessment, sensitivity
from khanij.simulate.risk import assumed_hazards as unrecorded
from khanij.simulate.risk import dependence as bonds
from khanij.simulate.risk import not_modelled as uncounted
from khanij.simulate.risk.hazards import Prior

sys.path.insert(0, str(Path(__file__).parents[1] / "simulate"))
from toy_baselines import stubbed
from toy_hazards import Stub

YEARS = 3_000


def assess(years=YEARS, seed=4, tornado=500, pairs=True, model=None, missing=None):
    return assessment.assess(
        stubbed(years, seed, model, missing),
        pairs=pairs,
        tornado=tornado,
        assumed={"scale": "size of every loss"},
        model_at_end=lambda id, end: Stub(scale={"low": 0.5, "high": 2.0}[end]),
    )


def marks(found):
    """Return a hash of everything that was found."""
    digest = hashlib.sha256()
    for array in (found.losses.material, found.losses.event, found.base.drawn.year):
        digest.update(array.tobytes())
    for name, table in risk_run.tables(found).items():
        digest.update(repr((name, {k: list(table.column(k)) for k in table.keys}, table.notes)).encode())
    return digest.hexdigest()


def column(table, name):
    return np.array([np.nan if value is None else value for value in table.column(name)], dtype=float)


@pytest.fixture(scope="module")
def found():
    return assess()


def test_contributions_add_up_to_the_whole(found):
    figure = {row["figure"]: row["value"] for row in risk_run.tables(found)["summary"].rows()}
    for name in ("materials", "countries", "kinds"):
        table = risk_run.tables(found)[name]
        assert column(table, "expected annual loss").sum() == pytest.approx(figure["expected annual loss"])
        assert column(table, "adds to CVaR 95%").sum() == pytest.approx(figure["CVaR 95%"])
        assert column(table, "share").sum() == pytest.approx(1)
    assert figure["CVaR 99%"] >= figure["CVaR 95%"] >= figure["VaR 95%"]
    assert figure["share of years solved"] == 1
    assert 0 < figure["share of years with an event"] < 1


def test_the_curve_rises_and_stops_where_years_end(found):
    table = risk_run.tables(found)["curve"]
    assert (np.diff(column(table, "loss")) >= 0).all()
    assert max(table.column("once in years")) == 1000
    assert max(risk_run.tables(assess(years=150, tornado=0))["curve"].column("once in years")) == 100


def test_full_stops_are_those_of_the_loss_model(found):
    single = {row["country"]: row["loss"] for row in risk_run.tables(found)["n-1"].rows()}
    # AAA: tin at two stages 3·2², lead -1; BBB: tin 3, zinc 2; CCC: zinc 2
    assert single == {"AAA": pytest.approx(11), "BBB": pytest.approx(5), "CCC": pytest.approx(2)}
    assert list(single) == ["AAA", "BBB", "CCC"]
    pairs = {(row["country"], row["other"]): row for row in risk_run.tables(found)["n-2"].rows()}
    assert set(pairs) == {("AAA", "BBB"), ("AAA", "CCC"), ("BBB", "CCC")}
    assert pairs["AAA", "BBB"]["loss"] == pytest.approx(3 * 9 + 2 - 1)
    assert pairs["AAA", "BBB"]["beyond the sum of each alone"] == pytest.approx(27 - 12 - 3)
    assert pairs["AAA", "CCC"]["beyond the sum of each alone"] == 0
    assert pairs["BBB", "CCC"]["loss"] == pytest.approx(3 + 8)
    assert "n-2" not in risk_run.tables(assess(pairs=False, tornado=0))


def test_the_tornado_moves_one_thing_at_a_time(found):
    table = {row["assumption"]: row for row in risk_run.tables(found)["tornado"].rows()}
    assert set(table) == {"scale", *sensitivity.HAZARD_ENDS}
    base = float(np.mean(found.losses.total[:500])) / 1e6
    assert table["scale"]["expected loss, low"] == pytest.approx(0.5 * base)
    assert table["scale"]["expected loss, high"] == pytest.approx(2 * base)
    for name in ("chance", "severity"):
        assert table[name]["expected loss, low"] < base < table[name]["expected loss, high"]
    widths = [
        row["expected loss, high"] - row["expected loss, low"] for row in risk_run.tables(found)["tornado"].rows()
    ]
    assert np.abs(widths).tolist() == sorted(np.abs(widths), reverse=True)


def test_what_is_not_solved_is_said():
    found = assess(years=500, seed=1, tornado=0, model=Stub(fails=2))
    figure = {row["figure"]: row["value"] for row in risk_run.tables(found)["summary"].rows()}
    assert 0 < figure["share of years solved"] < 1
    assert 0 < figure["share of scenarios solved"] < 1
    assert "unsolved scenarios at 0" in risk_run.tables(found)["summary"].notes[1]
    double = next(
        row for row in risk_run.tables(found)["n-2"].rows() if (row["country"], row["other"]) == ("BBB", "CCC")
    )
    assert double["not solved"] == "zinc"
    nothing = assess(years=500, seed=1, tornado=100, model=Stub(fails=1))
    assert "summary" in risk_run.tables(nothing)


def test_priors_come_from_a_file(tmp_path):
    path = tmp_path / "priors.csv"
    path.write_text("country,material,stage,probability,weight\nAAA,tin,mined,0.3,0.5\n")
    assert run.read_priors(path) == (Prior("AAA", "tin", "mined", 0.3, 0.5),)
    with pytest.raises(StudyError, match="cannot read"):
        run.read_priors(tmp_path / "none.csv")


def test_what_is_left_out_is_listed():
    found = assess(missing={"unobtainium": "nobody sells it"}, tornado=0, years=100)
    assert list(risk_run.tables(found)["missing"].rows()) == [{"material": "unobtainium", "reason": "nobody sells it"}]
    assert "missing" not in risk_run.tables(assess(tornado=0, years=100))


@pytest.fixture(scope="module")
def real():
    return run.risk("IND", 2023, years=200, seed=1, materials=["titanium", "lithium", "cobalt"], tornado=20)


def test_a_real_focus_has_every_table(real):
    assert set(risk_run.tables(real)) - {"missing"} == {
        *("summary", "curve", "materials", "countries", "kinds", "n-1", "n-2", "tornado", "hazards", "dependence")
    }
    assert "IND" not in real.base.hazards.countries
    assert {row["assumption"] for row in risk_run.tables(real)["tornado"].rows()} == {
        *(row.id for row in assumptions().values() if row.tornado),
        *sensitivity.HAZARD_ENDS,
    }
    solved = next(
        r["value"] for r in risk_run.tables(real)["summary"].rows() if r["figure"] == "share of scenarios solved"
    )
    assert solved > 0.98


def test_a_real_focus_gives_the_same_bytes_on_all_cores(real):
    again = run.risk("IND", 2023, years=200, seed=1, materials=["titanium", "lithium", "cobalt"], tornado=20, workers=2)
    assert marks(again) == marks(real)


def test_a_bundle_is_left_and_what_was_stopped_goes_on(real, tmp_path):
    folder = tmp_path / "out"
    question = {"years": 200, "seed": 1, "materials": ["titanium", "lithium", "cobalt"], "tornado": 20}

    def stop(progress):
        if progress.done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.risk("IND", 2023, bundle=folder, progress=stop, **question)
    part = tmp_path / "out.part"
    assert len(list(part.glob("*.npz"))) == 5
    assert not folder.exists()
    with pytest.raises(StudyError, match="another run"):
        run.risk("IND", 2023, bundle=folder, **(question | {"seed": 5}))
    first = []
    assert marks(run.risk("IND", 2023, bundle=folder, progress=first.append, **question)) == marks(real)
    assert first[0].done == 5
    assert not part.exists()
    assert {"summary.parquet", "n-2.parquet", "study.yaml", "trace.json"} <= {p.name for p in folder.iterdir()}
    again = tmp_path / "again"
    run.risk("IND", 2023, bundle=again, **question)
    assert all((again / p.name).read_bytes() == p.read_bytes() for p in folder.iterdir())


def test_without_a_table_every_table_of_money_says_that_it_is_partial():
    found = run.risk("CHL", 2024, years=60, seed=1, materials=["molybdenum", "phosphorus"])
    for name in risk_tables.MONEY:
        if name in risk_run.tables(found):
            assert "no input-output table of CHL" in risk_run.tables(found)[name].notes[0], name
    expected = next(
        r["value"] for r in risk_run.tables(found)["summary"].rows() if r["figure"] == "expected annual loss"
    )
    assert expected != 0
    assert not any("input-output" in note for note in risk_run.tables(found)["hazards"].notes)


def test_every_sort_of_luck_has_its_words():
    assert tuple(risk_tables.LUCK) == bonds.FACTORS


def test_potash_is_in_the_risk_with_an_assumed_chance_and_without_it_says_why():
    found = run.risk("IND", 2024, years=300, seed=1, materials=["potash", "lithium"], pairs=False)
    sellers = {row["country"]: row for row in risk_run.tables(found)["hazards"].rows() if row["material"] == "potash"}
    assert {"CAN", "RUS", "BLR"} <= set(sellers)
    assert {row["kind"] for row in sellers.values()} == {unrecorded.KIND}
    rows = {row["material"]: row for row in risk_run.tables(found)["materials"].rows()}
    assert rows["potash"]["expected annual loss"] > 0
    plain = run.risk("IND", 2024, years=300, seed=1, materials=["potash", "lithium"], pairs=False, fill=False)
    assert list(risk_run.tables(plain)["missing"].rows()) == [{"material": "potash", "reason": uncounted.NO_RECORD}]


def test_minerals_whose_users_nobody_publishes_are_marked_in_one_wording():
    found = run.risk("IND", 2024, years=300, seed=1, materials=["phosphorus", "lithium", "copper"], pairs=False)
    table = risk_run.tables(found)["materials"]
    marked = {row["material"]: row[risk_tables.WITHOUT] for row in table.rows()}
    assert marked == {"phosphorus": "refined", "lithium": "processed", "copper": ""}
    assert any(losses.PARTIAL in note for note in table.notes)
    whole = risk_run.tables(run.risk("IND", 2024, years=300, seed=1, materials=["copper"], pairs=False))["materials"]
    assert not any(losses.PARTIAL in note for note in whole.notes)
    ground = baseline.prepare("IND", 2024, 20, 1, materials=["phosphorus"])
    given = {
        h.split(" are struck with ")[1].split(" a year")[0] for h in ground.hazards.notes if "are struck with" in h
    }
    mine = {
        h.split(" are struck with ")[1].split(" a year")[0] for h in found.base.hazards.notes if "are struck with" in h
    }
    assert given == mine  # risk and plans give goods without a record the same chance
