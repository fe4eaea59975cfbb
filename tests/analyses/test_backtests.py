"""Real events: what is compared with what, which parameters were fitted to what, and that the page tells the truth."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from khanij import reference
from khanij.analyses.backtest import tables, verdicts
from khanij.analyses.inputs import cases
from khanij.analyses.question import ask, find, request_of
from khanij.cli.app import launch
from khanij.core import case as hand_made
from khanij.core.errors import CoverageError, StudyError
from khanij.present import table as drawing
from khanij.reference.chronicle import events
from khanij.simulate.backtest import fits, observations
from khanij.simulate.backtest import prices as backtest_prices
from khanij.simulate.backtest import trade as backtests
from khanij.simulate.backtest.trade import Gap
from khanij.simulate.supply import behaviours
from khanij.simulate.supply import events as scenarios

Backtest = request_of(find("backtest"))
DOCS = Path(__file__).resolve().parents[2] / "docs"
FITTED = "indonesia-nickel-ore-2014"
UNTOUCHED = "indonesia-nickel-ore-2020"


@pytest.fixture(scope="module")
def case():
    """Return the Case that the question asks for."""
    return cases.of_scope(Backtest.of({}).scope())


@pytest.fixture(scope="module")
def record(case):
    return observations.EventRecord(case)


@pytest.fixture(scope="module")
def two(record):
    """Return the tests of two events, one fitted and one not."""
    return [
        *backtests.backtest(record, ("fit",), FITTED)[0],
        *backtests.backtest(record, ("test",), UNTOUCHED)[0],
    ]


COUNTRIES = ("IDN", "CHN", "PHL", "JPN")
STAGES = ("mined", "refined")


@pytest.fixture(scope="module")
def world():
    """Return a hand-made Case of every year: IDN sells nickel ore, and from 2014 and from 2020 on hardly any of it."""
    years = tuple(map(str, range(observations.FIRST, observations.LAST + 2)))
    materials = tuple(observations.materials())
    rng = np.random.default_rng(3)
    usual = np.array([[0, 70, 5, 20], [0, 0, 1, 2], [2, 25, 0, 8], [0, 0, 0, 0]], dtype=float) * 1e4
    flow = np.full((len(materials), len(STAGES), 4, 4, len(years)), np.nan)
    for y, year in enumerate(years[:-1]):
        left = 0.03 if year in ("2014", "2015", "2016", "2020", "2021", "2022") else 1.0
        table = usual * rng.lognormal(0, 0.04, usual.shape)
        table[0] *= left
        table[2] *= 1.0 + 0.8 * (left < 1)
        flow[materials.index("nickel"), 0, :, :, y] = np.where(table > 0, table, np.nan)
    output = np.nansum(flow, axis=3) * 1.1
    price = np.full((len(materials), len(years)), np.nan)
    price[materials.index("nickel")] = 15_000 * rng.lognormal(0, 0.1, len(years))
    axes = dict.fromkeys(("country", "exporter", "importer"), COUNTRIES)
    axes |= {"material": materials, "stage": STAGES, "focus": ("CHN",), "year": years}
    dims = ("material", "stage", "exporter", "importer", "year")
    belongs = np.tile(np.array([[[0.0], [1.0], [0.0], [0.0]]]), (1, 1, len(years)))
    return hand_made.from_arrays(
        axes,
        trade=("t", dims, flow),
        trade_value=("kUSD", dims, flow * 0.05),
        production=("t", ("material", "stage", "country", "year"), np.where(output > 0, output, np.nan)),
        membership=("1", ("focus", "country", "year"), belongs),
        price=("USD/t", ("material", "year"), price),
    )


@pytest.fixture(scope="module")
def page():
    spec = importlib.util.spec_from_file_location("khanij_docs_backtest", DOCS / "backtest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_year_loses_what_its_months_lose():
    event = events.find(FITTED)
    assert scenarios.lost(event, 2013) == 0.0
    assert scenarios.lost(event, 2014) == pytest.approx(1 - 11 / 31 / 12)  # open for eleven days of January
    assert scenarios.lost(event, 2015) == 1.0


def test_what_the_base_year_lost_already_is_not_taken_again():
    event = events.find("china-graphite-2023")
    early, late = scenarios.lost(event, 2023), scenarios.lost(event, 2024)
    assert 0 < early < late
    assert scenarios.disruption(event, 2024).cut == pytest.approx(late)
    assert scenarios.disruption(event, 2024, base=2023).cut == pytest.approx(1 - (1 - late) / (1 - early))


@pytest.mark.parametrize(
    ("id", "years"),
    [(FITTED, (2013, 2014)), (UNTOUCHED, (2019, 2020)), ("panama-cobre-2023", (2023, 2024))],
)
def test_the_year_before_stands_before_the_event(id, years):
    assert scenarios.tested_years(events.find(id)) == years


def test_baselines_are_those_of_the_records(two, record):
    """No change and proportional loss, computed here from the trade cube alone."""
    case = record.case
    at, tonnes = case.entries("trade", "material", "stage", "country:exporter", "country:importer", "year")
    axes = [case.axis(name) for name in ("material", "stage", "country", "year")]
    for test in two:
        years = []
        for year in (test.base, test.year):
            here = (at[0] == axes[0].at(test.material)) & (at[1] == axes[1].at(test.stage))
            here &= at[4] == axes[3].at(str(year))
            trade = np.zeros((len(axes[2]), len(axes[2])))
            np.add.at(trade, (at[2][here], at[3][here]), tonnes[here])
            years.append(trade)
        was, seen = years
        cut = was.copy()
        cut[axes[2].at(test.event.country)] *= 1 - test.cut
        for name, told in (("no change", was), ("proportional", cut)):
            error = np.abs(told.sum(axis=0) - seen.sum(axis=0)).sum() / seen.sum()
            # countries outside the network are one there, which can only hide a part of the error
            assert test.baselines[name].importers == pytest.approx(error, rel=0.03)
            assert test.baselines[name].importers <= error * (1 + 1e-9)


def test_the_floor_is_beaten_by_a_set_not_picked_on_the_event(two):
    """The sketch of the issue had 0.056 in 2020 and 0.160 in 2014, each with parameters picked on that very event."""
    errors = {test.event.id: test.answers["fitted"].score.importers for test in two}
    assert errors[UNTOUCHED] < 0.056
    assert errors[FITTED] < 0.160
    assert all(test.answers["fitted"].cleared == 1.0 for test in two)
    assert all(
        test.answers[name].score.importers < min(score.importers for score in test.baselines.values())
        for test in two
        for name in backtests.BEHAVIOURS
    )


def test_only_fit_events_are_fitted_to(record):
    assert {event.role for event in fits.used(record)} == {"fit"}
    named = {id for row in reference.rows("fitted_places") for id in row["fitted_on"].split(";")}
    assert named == {event.id for event in fits.used(record)}


def test_the_committed_places_are_the_best_of_their_neighbours(record):
    rows = {row["parameter"]: row for row in reference.rows("fitted_places")}
    assert tuple(rows) == behaviours.PLACED
    assert {name: float(row["place"]) for name, row in rows.items()} == behaviours.calibrated_positions()
    best = np.array([float(rows[name]["place"]) for name in behaviours.PLACED])
    tried = [best]
    for column in range(len(best)):
        for step in (-0.25, 0.25):
            other = best.copy()
            other[column] += step
            if 0 <= other[column] <= 1:
                tried.append(other)
    found = fits.evaluate(record, np.array(tried))
    assert found.cleared.all()
    assert found.places[0].tolist() == best.tolist()
    assert found.objective[0] == pytest.approx(float(next(iter(rows.values()))["objective"]), abs=5e-4)


def test_every_event_of_role_test_is_scored_or_the_reason_is_given(monkeypatch, record):
    """Sizes alone decide here, so that the many networks need not be built."""
    monkeypatch.setattr(observations.EventRecord, "network", lambda *_: None)
    tests, gaps = backtests.backtest(record, ("test",))
    assert tests == []
    expected = {(e.id, m) for e in events.catalogue().values() if e.role == "test" for m in e.materials}
    assert {(gap.event.id, gap.material) for gap in gaps} == expected
    assert all(gap.reason for gap in gaps)


def test_bauxite_without_tonnage_is_not_scored(record):
    assert record.unweighed("aluminium", "mined", 2014) < 0.01
    assert record.unweighed("aluminium", "mined", 2016) > observations.UNWEIGHED
    assert record.unweighed("aluminium", "mined", 2023) > observations.UNWEIGHED


def test_no_cut_moves_nothing(record):
    found = backtest_prices.controls(record)
    assert {c.event.id for c in found} == {e.id for e in events.catalogue().values() if e.role == "negative-control"}
    assert max(c.moved for c in found) < 1e-9


def test_the_price_fitted_to_is_the_one_of_the_record(record):
    event = fits.used(record)[1]
    assert observations.measured(event, event.materials[0]) == pytest.approx(16 / 10)
    assert observations.measured(events.find(UNTOUCHED), "cobalt") is None


def changed(test: backtests.Test, **scores: float) -> backtests.Test:
    """Return a test in which forecasts have these errors over importers."""
    base = {n: replace(s, importers=scores.get(n.replace(" ", "_"), s.importers)) for n, s in test.baselines.items()}
    fitted = replace(test.answers["fitted"], score=replace(test.answers["fitted"].score, importers=scores["fitted"]))
    return replace(test, baselines=base, answers={**test.answers, "fitted": fitted})


@pytest.mark.parametrize(
    ("errors", "more", "text"),
    [
        ({"fitted": 0.1, "no_change": 0.5, "proportional": 0.3}, {}, "beats both"),
        ({"fitted": 0.4, "no_change": 0.5, "proportional": 0.3}, {}, "beats no change"),
        ({"fitted": 0.4, "no_change": 0.5, "proportional": 0.3}, {"cut": 0.01}, "beats no change"),
        ({"fitted": 0.6, "no_change": 0.5, "proportional": 0.3}, {}, "worse than both"),
        ({"fitted": 0.1, "no_change": 0.2, "proportional": 0.3}, {}, "within noise"),
        ({"fitted": 0.1, "no_change": 0.5, "proportional": 0.3}, {"bare": 0.3}, "not scored"),
    ],
)
def test_verdicts(two, errors, more, text):
    test = replace(changed(two[1], **errors), noise=0.25, **{"cut": 0.9, "weight": 0.5, "bare": 0.0, **more})
    assert verdicts.verdict(test, "fitted") == text
    row = next(tables.trade([test]).rows())
    assert (row["test_verdict"], row["above_noise"]) == (text, more.get("cut", 0.9) * 0.5 > 0.25 and "bare" not in more)
    assert row["without_tonnage"] == more.get("bare", 0.0)


def test_counts_leave_out_what_can_test_nothing(two):
    base = replace(two[1], noise=0.25, weight=0.5, cut=0.9, bare=0.0)
    good = changed(base, fitted=0.1, no_change=0.5, proportional=0.3)
    bad = changed(base, fitted=0.6, no_change=0.5, proportional=0.3)
    still = changed(base, fitted=0.1, no_change=0.2, proportional=0.3)
    bare = replace(good, bare=0.5)
    rows = [row for row in tables.counts([good, bad, still, bare]).rows() if row["behaviour"] == "fitted"]
    assert [row["tests_of"] for row in rows] == ["scored", "testable", "above noise"]
    assert [row["tests"] for row in rows] == [3, 2, 2]
    assert [row["beats_no_change"] for row in rows] == [2, 1, 1]


@pytest.mark.parametrize(
    ("told", "seen", "usual", "text"),
    [
        (1.2, float("nan"), 0.1, "no price seen"),
        (1.2, 1.5, float("nan"), "too few prices before"),
        (1.2, 1.05, 0.3, "within noise"),
        (1.2, 1.5, 0.3, "right"),
        (1.2, 0.5, 0.3, "wrong"),
    ],
)
def test_directions(told, seen, usual, text):
    assert verdicts.direction(told, seen, usual) == text


def test_reasons_are_grouped_by_event():
    event = events.find(UNTOUCHED)
    table = tables.untested([Gap(event, "nickel", "why"), Gap(event, "cobalt", "why"), Gap(event, "tin", "else")])
    assert [row["materials"] for row in table.rows()] == ["nickel, cobalt", "tin"]


@pytest.mark.parametrize(
    ("fields", "what", "where"),
    [
        ({"event": UNTOUCHED, "role": "fit"}, "has the role 'test'", "--role"),
        ({"event": "no-such-event"}, "no event 'no-such-event'", "event"),
        ({"fit": True, "event": UNTOUCHED}, "the fit is of its own events", "--fit"),
        ({"behaviour": "hoped"}, "should be 'fitted'", "--behaviour"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_read(fields, what, where):
    with pytest.raises((CoverageError, StudyError), match=what) as refused:
        Backtest.of(fields)
    assert refused.value.lines()[1] == f"where: {where}"


def test_the_example_is_its_command_line():
    request = Backtest.of({"event": UNTOUCHED, "behaviour": "published"})
    assert request.command() == f"khanij backtest --event {UNTOUCHED} --behaviour published"
    assert request.command() in (Backtest.__doc__ or "")


def test_a_case_made_by_hand_is_tested_without_a_store(world):
    found = ask(Backtest.of({}), case=world)
    trade = {row["event"]: row for row in found.table("trade").rows()}
    assert {FITTED, UNTOUCHED} <= set(trade)
    row = trade[UNTOUCHED]
    assert row["export_loss"] > 0.9
    assert row["above_noise"]
    assert row["error_no_change"] > row["noise"]
    assert row["error_fitted"] < row["error_no_change"]
    assert found.findings[0].startswith("Of ")
    assert "beats no change in" in found.findings[0]
    assert {row["event"] for row in found.table("untested").rows()} >= {"chile-escondida-2017"}
    assert found.sources == ("user",)
    one = ask(Backtest.of({"event": UNTOUCHED, "behaviour": "drawn"}), case=world)
    assert len(one.table("scores")) == 1
    assert events.find(UNTOUCHED).name in one.findings[0]


def test_controls_that_move_nothing_are_told_as_nothing(record):
    found = backtest_prices.controls(record)
    assert set(tables.controls(found).column("largest_move")) == {0.0}
    moving = replace(found[0], moved=0.2)
    assert tables.controls([moving]).column("largest_move") == (0.2,)
    assert verdicts.controlled(moving).startswith("failed")


def test_every_table_fits_a_terminal(case):
    found = ask(Backtest.of({"event": UNTOUCHED}), case=case)
    for table in found.tables:
        for width in (80, 100):
            assert max(map(len, drawing.terminal(table, width).splitlines())) <= width, (table.key, width)


def test_the_command_shows_one_event(capsysbinary):
    code = launch(["backtest", "--event", UNTOUCHED, "--behaviour", "published", "--format", "csv"])
    out = capsysbinary.readouterr().out.decode()
    assert code == 0
    assert UNTOUCHED in out
    assert "homes" in out


def test_the_page_holds_what_the_code_gives(page, two):
    text = (DOCS / "backtest.md").read_text(encoding="utf-8")
    for name, made in page.trade_blocks(two).items():
        held = page.held(text, name)
        lines = made.splitlines()
        assert held[:2] == lines[:2], name
        assert [line for line in lines[2:] if line not in held] == [], f"run python docs/backtest.py ({name})"


def test_the_page_holds_the_large_falls_of_today(page):
    text = (DOCS / "backtest.md").read_text(encoding="utf-8")
    for name, made in page.mass_blocks().items():
        assert page.held(text, name) == made.splitlines(), f"run python docs/backtest.py ({name})"


def test_large_falls_are_asked_for_alone():
    with pytest.raises(StudyError, match="documented"):
        Backtest.of({"mass": True, "event": UNTOUCHED})


def test_the_page_renews_only_what_it_is_given(page):
    text = "a\n<!-- table: one -->\nold\n<!-- end -->\nb\n<!-- table: two -->\nkept\n<!-- end -->\n"
    new = page.renewed(text, {"one": "new"})
    assert new == text.replace("old", "new")
    assert page.held(new, "two") == ["kept"]
