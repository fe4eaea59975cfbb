"""Risk of made-up worlds and of a real focus: tables that add up, what is priced and what is not, the same bytes."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.analyses.inputs import baseline
from khanij.analyses.loss_cells import LOSS
from khanij.analyses.question import Job, ask, find, request_of
from khanij.analyses.risk import figures, numbers, tables, words
from khanij.cli import output
from khanij.core.errors import CoverageError, StudyError
from khanij.core.number import Number
from khanij.present import table as drawing
from khanij.reference.assumptions import assumptions
from khanij.simulate.loss import coverage
from khanij.simulate.risk import assessment, not_modelled, sensitivity, single_stops
from khanij.simulate.risk.by_record import assumed_hazards as unrecorded
from khanij.simulate.risk.by_record import dependence as bonds
from khanij.simulate.risk.by_record.hazards import Prior

sys.path.insert(0, str(Path(__file__).parents[1] / "simulate"))
from toy_baselines import stubbed
from toy_baselines import world as small_world
from toy_hazards import Stub
from toy_records import world

YEARS = 3_000
SOURCES = ("user",)
Risk = request_of(find("risk"))


def assess(years=YEARS, seed=4, tornado=500, pairs=True, model=None, missing=None):
    return assessment.assess(
        stubbed(years, seed, model, missing),
        pairs=pairs,
        tornado=tornado,
        assumed={"scale": "size of every loss"},
        model_at_end=lambda id, end: Stub(scale={"low": 0.5, "high": 2.0}[end]),
    )


def told(found):
    """Return the numbers of a stubbed risk and its tables by key."""
    made = numbers.numbers(found, small_world())
    return made, {table.key: table for table in tables.tables(made, SOURCES)}


def asked(case, job=None, **fields):
    return ask(Risk.of({"focus": "IND", "years": 150, "hazards": "falls", **fields}), case=case, job=job)


def marks(answer):
    """Return a hash of everything that was answered."""
    text = "".join(drawing.json(table) for table in answer.tables) + "".join(answer.findings)
    return hashlib.sha256(text.encode()).hexdigest()


def column(table, key):
    cells = [cell.value if isinstance(cell, Number) else cell for cell in table.column(key)]
    return np.array([np.nan if value is None else value for value in cells], dtype=float)


@pytest.fixture(scope="module")
def found():
    return assess()


@pytest.fixture(scope="module")
def made(found):
    return told(found)[1]


@pytest.fixture(scope="module")
def half():
    """Return the risk of a hand-made world in which the users of one of two goods are known."""
    return asked(world(), tornado=20)


def test_the_example_is_its_command_line():
    request = Risk.of(
        {"focus": "India", "years": 500, "material": "cobalt,potash", "hazards": "falls", "tornado": 0, "pairs": True}
    )
    assert request.command() == "khanij risk IND --years 500 --material cobalt,potash --hazards falls"
    assert request.command() in (Risk.__doc__ or "")
    assert Risk.of(request.given()) == request


@pytest.mark.parametrize(
    ("fields", "what", "where"),
    [
        ({"years": 10, "tornado": 11}, "11 years for the tornado", "--tornado"),
        ({"assumed": False}, "--recorded is about falls", "--recorded"),
        ({"years": 10**12}, "less than or equal to 1000000", "--years"),
        ({"priors": "none.csv"}, "is not there", "none.csv"),
        ({"material": "unobtainium"}, "unknown material", "material"),
        ({"seed": -1}, "greater than or equal to 0", "--seed"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_read(fields, what, where):
    with pytest.raises((StudyError, CoverageError), match=what) as refused:
        Risk.of({"focus": "IND", **fields})
    assert where in refused.value.lines()[1]


def test_contributions_add_up_to_the_whole(made):
    figure = dict(zip(made["summary"].column("statistic"), column(made["summary"], "loss"), strict=True))
    for name, key in (("materials", "expected_loss"), ("countries", "priced_loss"), ("kinds", "priced_loss")):
        table = made[name]
        assert column(table, key).sum() == pytest.approx(figure["expected loss"])
        assert column(table, "tail_contribution").sum() == pytest.approx(figure["CVaR 95%"])
        assert column(table, "priced_share").sum() == pytest.approx(1)
    assert figure["CVaR 99%"] >= figure["CVaR 95%"] >= figure["VaR 95%"]
    (simulated,) = made["simulation"].rows()
    assert simulated["solved_years"] == 1
    assert 0 < simulated["event_years"] < 1
    assert simulated["years_simulated"] == YEARS


def test_the_curve_rises_and_stops_where_years_end(made):
    assert (np.diff(column(made["curve"], "loss")) >= 0).all()
    assert max(made["curve"].column("return_period")) == 1000
    short = told(assess(years=150, tornado=0))[1]["curve"]
    assert max(short.column("return_period")) == 100


def test_the_curve_is_drawn_from_its_table(found, made):
    figure = figures.curve(told(found)[0], made["curve"])
    line = next(trace for trace in figure.figure["data"] if trace["name"] == "loss")
    assert line["y"] == [pytest.approx(v * 1e6) for v in column(made["curve"], "loss")]
    assert figure.sources == SOURCES
    assert figures.curve(told(found)[0], replace(made["curve"], cells=())) is None


def test_full_stops_are_those_of_the_loss_model(made):
    single = dict(zip(made["n-1"].column("country"), column(made["n-1"], "loss"), strict=True))
    # AAA: tin at two stages 3·2², lead -1; BBB: tin 3, zinc 2; CCC: zinc 2
    assert single == {"AAA": pytest.approx(11), "BBB": pytest.approx(5), "CCC": pytest.approx(2)}
    assert list(single) == ["AAA", "BBB", "CCC"]
    pairs = {(row["country"], row["second_country"]): row for row in made["n-2"].rows()}
    assert set(pairs) == {("AAA", "BBB"), ("AAA", "CCC"), ("BBB", "CCC")}
    assert pairs["AAA", "BBB"]["priced_loss"] == pytest.approx(3 * 9 + 2 - 1)
    assert pairs["AAA", "BBB"]["beyond_sum"] == pytest.approx(27 - 12 - 3)
    assert pairs["AAA", "CCC"]["beyond_sum"] == 0
    assert pairs["BBB", "CCC"]["priced_loss"] == pytest.approx(3 + 8)
    assert "n-2" not in told(assess(pairs=False, tornado=0))[1]


def test_the_tornado_moves_one_thing_at_a_time(found, made):
    rows = list(made["tornado"].rows())
    table = {row["assumption"]: row for row in rows}
    assert set(table) == {"scale", *sensitivity.HAZARD_ENDS}
    base = float(np.mean(found.losses.total[:500])) / 1e6
    assert table["scale"]["expected_low"] == pytest.approx(0.5 * base)
    assert table["scale"]["expected_high"] == pytest.approx(2 * base)
    for name in ("chance", "severity"):
        assert table[name]["expected_low"] < base < table[name]["expected_high"]
    widths = np.abs([row["expected_high"] - row["expected_low"] for row in rows])
    assert widths.tolist() == sorted(widths, reverse=True)
    assert f"expected loss {base:,.1f}" in made["tornado"].notes[0]


def test_what_is_not_solved_is_said():
    some = told(assess(years=500, seed=1, tornado=0, model=Stub(fails=2)))[1]
    (simulated,) = some["simulation"].rows()
    assert 0 < simulated["solved_years"] < 1
    assert 0 < simulated["solved_scenarios"] < 1
    assert any("unsolved scenarios at 0" in note for note in some["summary"].notes)
    double = next(row for row in some["n-2"].rows() if (row["country"], row["second_country"]) == ("BBB", "CCC"))
    assert double["not_solved"] == "Zinc"
    most, of_most = told(assess(years=500, seed=1, tornado=100, model=Stub(fails=1)))
    assert "summary" in of_most
    nothing = replace(most, years=replace(most.years, expected=np.nan, error=np.nan, tails=()), curve=(), materials=())
    assert "no year was solved" in words.risk(nothing)[0]
    assert tables.summary(nothing, SOURCES).column("loss")[0].value is None


def test_priors_come_from_a_file_and_one_of_another_form_is_refused(tmp_path):
    path = tmp_path / "priors.csv"
    path.write_text("country,material,stage,probability,weight\nCHN,tin,mined,0.3,0.5\n", encoding="utf-8")
    (chance,) = Risk.of({"focus": "IND", "priors": str(path)}).priors
    assert baseline.prior(chance) == Prior("CHN", "tin", "mined", 0.3, 0.5)
    path.write_text("country,material,probability\nCHN,tin,1.3\n", encoding="utf-8")
    with pytest.raises(StudyError) as refused:
        Risk.of({"focus": "IND", "priors": str(path)})
    assert len(refused.value.lines()) == 3


def test_an_expert_s_chance_reaches_the_years_of_a_case_that_was_handed_in(tmp_path):
    path = tmp_path / "priors.csv"
    path.write_text("country,material,stage,probability\nUSA,thallium,refined,0.9\n", encoding="utf-8")
    usual, sure = asked(world(), material="thallium"), asked(world(), material="thallium", priors=str(path))
    chance = {row["country"]: row["yearly_chance"] for row in sure.table("hazards").rows()}
    assert chance["USA"] == pytest.approx(0.9)
    assert column(sure.table("summary"), "loss")[0] > column(usual.table("summary"), "loss")[0]


def test_what_is_left_out_is_listed():
    left = told(assess(missing={"unobtainium": "nobody sells it"}, tornado=0, years=100))[1]
    assert list(left["missing"].rows()) == [
        {"mineral": "unobtainium", "why": "nobody sells it", "material": "unobtainium"}
    ]
    assert "missing" not in told(assess(tornado=0, years=100))[1]


def test_a_case_made_by_hand_is_asked_about_all_that_it_holds(half):
    assert set(half.table("hazards").column("material")) == {"thallium", "mercury"}
    assert half.manifest == ""
    assert half.sources == ("user",)
    assert {"summary", "materials", "not_priced", "lower_bounds", "stops", "n-1", "curve"} <= {
        table.key for table in half.tables
    }


def test_priced_and_unpriced_minerals_stand_apart(half):
    assert half.table("materials").column("material") == ("thallium",)
    (mercury,) = half.table("not_priced").rows()
    assert (mercury["material"], mercury["stage"], mercury["why"]) == ("mercury", "refined", coverage.NO_USERS)
    assert mercury["use_tonnes"].value > 0
    assert mercury["spending"].value == pytest.approx(mercury["use_tonnes"].value * 2_000 / 1e6)
    assert 0 < mercury["first_seller"].value < 1
    (bound,) = half.table("lower_bounds").rows()
    assert bound["material"] == "mercury"
    assert bound["lower_bound"].value is not None or bound["known_part"].value is not None


def test_no_sum_is_told_where_a_used_good_lacks_a_channel(half):
    for key in ("summary", "curve"):
        assert {cell.value for cell in half.table(key).column("loss")} == {None}
        assert all(cell.note for cell in half.table(key).column("loss"))
    known = column(half.table("summary"), "lower_bound")
    assert np.isfinite(known).all()
    parts = (
        column(half.table("materials"), "expected_loss").sum() + column(half.table("lower_bounds"), "lower_bound").sum()
    )
    assert parts == pytest.approx(known[0])
    first = half.findings[0]
    assert "at least USD" in first
    assert "mercury (refined)" in first
    assert coverage.NO_USERS in first


def test_with_users_of_every_good_the_sum_is_told_and_is_no_less_than_the_bound(half):
    whole = asked(world(used=("thallium", "mercury")))
    assert "not_priced" not in [table.key for table in whole.tables]
    assert "every good that it uses is priced" in whole.findings[0]
    for key in ("summary", "curve"):
        assert (column(whole.table(key), "loss") >= column(half.table(key), "lower_bound") - 1e-9).all()
        assert set(whole.table(key).column("lower_bound")) == {None}


def test_without_a_table_what_is_known_is_no_bound():
    bare = asked(world(table=False), pairs=False)
    summary = bare.table("summary")
    assert set(summary.column("lower_bound")) == {None}
    assert np.isfinite(column(summary, "known_part")).all()
    assert any("no input-output table of IND" in note for note in summary.notes)
    assert "at least" not in bare.findings[0]
    assert "no bound" in bare.findings[0]
    ranged = [cell for cell in bare.table("stops").column("known_part") if cell is not None and cell.low is not None]
    assert ranged  # drawn behaviour gives the range where substitution plays no part


def test_stops_are_ranked_by_shortage_and_by_loss_side_by_side(half):
    rows = list(half.table("stops").rows())
    short = sorted((row for row in rows if row["rank_shortage"]), key=lambda row: row["rank_shortage"])
    dear = sorted((row for row in rows if row["rank_loss"]), key=lambda row: row["rank_loss"])
    parts = [round(row["shortage"].value / numbers.WHOLE) for row in short]
    assert parts == sorted(parts, reverse=True)
    losses = [row["loss"].value for row in dear]
    assert losses == sorted(losses, reverse=True)
    assert {row["material"] for row in dear} == {"thallium"}  # mercury is not priced, which is not small
    assert {row["rank_loss"] for row in rows if row["material"] == "mercury"} == {None}
    assert min(rows[0]["rank_shortage"] or 99, rows[0]["rank_loss"] or 99) == 1
    assert all("khanij shock IND --ban" in row["shortage"].how for row in rows)


def test_a_stop_is_what_the_shock_of_it_costs(half):
    row = next(row for row in half.table("stops").rows() if row["rank_loss"] == 1)
    ban = f"{row['country']}:{row['material']}:{row['stage']}"
    shock = ask(request_of(find("shock")).of({"focus": "IND", "ban": ban, "draws": 0}), case=world())
    whole = shock.table("losses").column("loss")[-1]
    assert row["loss"].value == pytest.approx(whole.value, rel=1e-6)
    assert row["shortage"].value == pytest.approx(shock.table("shortage").column("shortage")[0].value, rel=1e-6)


@settings(max_examples=6)
@given(st.integers(1, 500), st.sampled_from([("thallium",), ("mercury",), ("thallium", "mercury"), ()]))
def test_what_is_known_and_what_is_not_hold_together_in_any_world(seed, used):
    try:
        answer = asked(world(seed, used), years=40, seed=seed, pairs=False)
    except CoverageError:
        return
    listed = {table.key: table for table in answer.tables}
    unpriced = set(listed["not_priced"].column("material")) if "not_priced" in listed else set()
    priced = set(listed["materials"].column("material")) if "materials" in listed else set()
    assert not unpriced & set(used)
    assert not unpriced & priced
    whole = {cell.value is not None for cell in listed["summary"].column("loss")}
    assert whole == {not unpriced}
    for key in ("summary", "curve", "n-1", "stops"):
        for row in listed[key].rows():
            assert sum(isinstance(row[cell], Number) and row[cell].value is not None for cell in LOSS) <= 1


def test_unranked_minerals_stand_by_name_not_by_size(half):
    both = asked(world(used=()), pairs=False)
    assert "materials" not in [table.key for table in both.tables]
    named = both.table("lower_bounds").column("mineral")
    assert list(named) == sorted(named)
    assert any("does not make them small" in note for note in both.table("lower_bounds").notes)


def test_workers_change_no_byte_of_the_answer(half):
    assert marks(asked(world(), tornado=20, job=Job(workers=2))) == marks(half)


def test_a_stopped_run_goes_on_to_the_same_bytes_and_its_bundle_removes_the_parts(half, tmp_path):
    folder = tmp_path / "out"
    part = output.parts(folder)

    def stop(progress):
        if progress.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="the same command goes on"):
        asked(world(), tornado=20, job=Job(folder=part, progress=stop))
    assert len(list(part.glob("*.npz"))) == 3
    assert not folder.exists()
    with pytest.raises(StudyError, match="another run"):
        asked(world(), tornado=20, seed=5, job=Job(folder=part))
    first = []
    answer = asked(world(), tornado=20, job=Job(folder=part, progress=first.append))
    assert first[0].done == 3
    assert marks(answer) == marks(half)
    output.bundle(answer, folder)
    assert not part.exists()
    assert {"summary.parquet", "n-2.parquet", "study.yaml", "trace.json"} <= {p.name for p in folder.iterdir()}
    again = tmp_path / "again"
    output.bundle(half, again)
    assert all((again / p.name).read_bytes() == p.read_bytes() for p in folder.iterdir())


@pytest.fixture(scope="module")
def real():
    return ask(Risk.of({"focus": "IND", "year": 2023, "years": 200, "seed": 1, "tornado": 20, "material": CHOSEN}))


CHOSEN = "titanium,lithium,cobalt"


def test_a_real_focus_has_every_table(real):
    keys = {table.key for table in real.tables}
    assert keys - {"missing", "not_priced", "lower_bounds"} == {
        *("summary", "materials", "stops", "ranking", "n-1", "curve", "countries", "kinds"),
        *("n-2", "tornado", "hazards", "reasons", "simulation", "doubt", "seasons"),
    }
    assert "IND" not in real.table("hazards").column("country")
    assert set(real.table("tornado").column("assumption")) == {
        *(row.id for row in assumptions().values() if row.tornado),
        *sensitivity.HAZARD_ENDS,
    }
    assert next(real.table("simulation").rows())["solved_scenarios"] > 0.98
    band = {(row["statistic"], row["in_doubt"]): row for row in real.table("doubt").rows()}
    whole = band["expected loss", "all together"]
    assert whole["band_low"] < band["expected loss", "sampling"]["band_low"]
    mean = next(
        row[key] for row in real.table("summary").rows() for key in LOSS if row[key] is not None and row[key].value
    )
    assert (mean.low, mean.high) == pytest.approx((whole["band_low"], whole["band_high"]))
    assert "80 % range" in real.findings[0]
    assert {source.partition("@")[0] for source in real.sources} >= {"baci-hs92", "usgs-mcs", "wiod"}


def test_a_real_focus_gives_the_same_bytes_on_all_cores(real):
    request = Risk.of(real.request.given())
    assert marks(ask(request, job=Job(workers=2))) == marks(real)


def test_without_a_table_every_table_of_money_says_that_it_is_partial():
    found = ask(Risk.of({"focus": "CHL", "years": 60, "seed": 1, "material": "molybdenum,phosphorus"}))
    money = ("summary", "curve", "countries", "kinds", "n-1", "n-2", "stops")
    listed = {table.key: table for table in found.tables}
    for name in money:
        assert any("no input-output table of CHL" in note for note in listed[name].notes), name
    assert column(listed["summary"], "known_part")[0] != 0
    assert not any("input-output" in note for note in listed["hazards"].notes)


def test_every_latent_factor_has_its_words():
    assert tuple(tables.PUSHED) == bonds.FACTORS


def test_potash_is_in_the_risk_with_an_assumed_chance_and_without_it_says_why():
    asked_for = {"focus": "IND", "years": 300, "seed": 1, "material": "potash,lithium", "pairs": False}
    asked_for |= {"hazards": "falls"}
    found = ask(Risk.of(asked_for))
    sellers = {row["country"]: row for row in found.table("hazards").rows() if row["material"] == "potash"}
    assert {"CAN", "RUS", "BLR"} <= set(sellers)
    assert {row["hazard_kind"] for row in sellers.values()} == {unrecorded.KIND}
    assert column(found.table("materials"), "expected_loss")[0] > 0
    plain = ask(Risk.of(asked_for | {"assumed": False}))
    assert [(row["material"], row["why"]) for row in plain.table("missing").rows()] == [
        ("potash", not_modelled.NO_RECORD)
    ]


def test_the_order_of_goods_is_told_with_how_sure_it_is(real):
    table = real.table("ranking")
    rows = list(table.rows())
    assert sum(row["first_five"] for row in rows) == pytest.approx(min(5, len(rows)))
    assert len({(row["material"], row["stage"]) for row in rows}) == len(rows)
    told = np.nansum([column(table, key) for key in LOSS], axis=0)
    assert list(told) == sorted(told, reverse=True)
    none = ask(Risk.of({"focus": "IND", "years": 20, "material": "lithium", "pairs": False, "ranking": 0}))
    assert "ranking" not in {one.key for one in none.tables}


def test_minerals_that_nothing_prices_are_told_apart_from_the_others():
    materials = "phosphorus,tantalum,copper"
    asked_for = {"focus": "IND", "years": 300, "seed": 1, "pairs": False, "hazards": "falls"}
    found = ask(Risk.of(asked_for | {"material": materials}))
    assert set(found.table("materials").column("material")) == {"copper", "phosphorus"}
    goods = [(row["material"], row["stage"]) for row in found.table("not_priced").rows()]
    # ore beyond what plants at home work up: nobody tells whose it is
    assert goods == [("tantalum", "mined")]
    whole = ask(Risk.of(asked_for | {"material": "copper"}))
    (alone,) = column(whole.table("materials"), "expected_loss")
    beside = next(row for row in found.table("materials").rows() if row["material"] == "copper")
    assert beside["expected_loss"].value == pytest.approx(alone)
    ground = baseline.prepare("IND", 2024, 20, 1, materials=["phosphorus"], causes=False)
    chances = [
        {h.split(" are struck with ")[1].split(" a year")[0] for h in notes if "are struck with" in h}
        for notes in (ground.hazards.notes, found.table("hazards").notes)
    ]
    assert chances[0] == chances[1]  # risk and plans give goods without a record the same chance


def test_statistics_name_every_seller_and_kind_once(found):
    sellers = [part.label[0] for part in assessment.by_country(found)]
    assert sorted(sellers) == sorted(set(sellers)) == sorted(found.base.hazards.countries)
    assert {label[1] for label in (part.label for part in assessment.by_kind(found))} <= set(bonds.FACTORS)


def test_goods_that_no_stop_moves_need_no_price():
    case = world(used=("thallium",))
    base = baseline.on_case(case, "IND", 2024, 20, 1, materials=["thallium", "mercury"], causes=False)
    stops = single_stops.of_model(case, base.model)
    assert set(single_stops.unknown_by_material(base.model, stops)["mercury"])
    unmoved = [replace(stop, moved=()) for stop in stops]
    assert not any(single_stops.unknown_by_material(base.model, unmoved).values())


def test_every_table_fits_a_terminal(half, real):
    for answer in (half, real):
        for table in answer.tables:
            for width in (80, 100):
                lines = drawing.terminal(table, width).splitlines()[1:]  # a title is a sentence
                assert max(map(len, lines)) <= width, (table.key, width)


def test_what_is_priced_in_part_alone_is_not_the_dearest_stop():
    """Chile has no table of industries: of what its own copper mines would lose or win only a part is priced."""
    kind = request_of(find("stops"))
    first = str(ask(kind.of({"focus": "CHL", "material": "copper,chromium", "ranking": 0})).findings[0])
    assert "South Africa's stop of chromium" in first
    assert first.endswith(", and more that has no price.")
