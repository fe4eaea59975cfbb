"""Scorecards: paces and verdicts by hand, a programme from the store, supply that adds up, countries without one."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij import reference
from khanij.analyses.inputs import facts as queries
from khanij.analyses.inputs.cases import case
from khanij.analyses.profile.readings import CountryProfile, citations
from khanij.analyses.question import Job, ask, find, request_of
from khanij.analyses.scorecard import advantage, outlook, relatedness, secured
from khanij.analyses.scorecard import facts as scorecard_facts
from khanij.analyses.scorecard import run as scorecard_run
from khanij.analyses.scorecard import targets as scorecards
from khanij.analyses.scorecard.request import ScorecardRequest
from khanij.cli.app import launch
from khanij.core.number import Number
from khanij.reference import agreements
from khanij.reference.decisions.export_totals import export_share

SOURCE = ("made@1",)
YEAR = 2024


@pytest.fixture(scope="module")
def readings():
    return CountryProfile(case("IND", YEAR))


@pytest.fixture(scope="module")
def card():
    return {(goal.measure, goal.due): goal for goal in scorecards.targets("IND")}


def number(value, low=None, high=None, confidence="high", unit="t", note=""):
    return Number(value, unit, SOURCE, low, high, confidence, note)


def test_spans_of_dates() -> None:
    assert scorecard_facts.span("2026-03-22") == (date(2026, 3, 22), date(2026, 3, 22))
    assert scorecard_facts.span("2024-02") == (date(2024, 2, 1), date(2024, 2, 29))
    assert scorecard_facts.span("2023-12") == (date(2023, 12, 1), date(2023, 12, 31))
    assert scorecard_facts.span("2023") == (date(2023, 1, 1), date(2023, 12, 31))


def test_a_target_is_due_when_its_fiscal_year_ends() -> None:
    note = "fiscal year April 2030 - March 2031; period: by FY2030-31"
    assert scorecard_facts.due({"note": note, "year": 2030}) == date(2031, 3, 31)
    assert scorecard_facts.due({"note": "field season 2025-26; counts projects", "year": 2025}) == date(2026, 3, 31)
    assert scorecard_facts.due({"note": None, "year": 2030}) == date(2030, 12, 31)
    assert scorecard_facts.due({"note": None, "year": None}) is None


@pytest.mark.parametrize(
    ("done", "since", "due", "verdict"),
    [
        (number(40), "2021-01-01", date(2026, 12, 31), scorecards.ON_TRACK),  # 20 a year, 15 needed
        (number(10), "2021-01-01", date(2024, 12, 31), scorecards.BEHIND),  # 5 a year, 45 needed
        (number(50, 20, 80), "2021-01-01", date(2024, 12, 31), scorecards.UNSURE),
        (number(120), "2021-01-01", date(2024, 12, 31), scorecards.REACHED),
        (number(120, 90, 130), "2021-01-01", None, scorecards.UNDATED),
        (number(40), None, date(2026, 12, 31), scorecards.PACELESS),
        (Number(None, "t"), "2021-01-01", date(2026, 12, 31), scorecards.SILENT),
        (number(40), "2021-01-01", date(2022, 12, 31), scorecards.PASSED),
    ],
)
def test_verdicts(done, since, due, verdict) -> None:
    goal, seen = number(100), scorecard_facts.span("2022-12-31")
    pace, needed = scorecards.paces(goal, done, scorecard_facts.span(since) if since else None, seen, due)
    assert scorecards.verdict_of(goal, done, pace, needed, due, "latest", date(2023, 6, 30)) == verdict


def test_paces_have_the_ranges_of_counts_and_dates() -> None:
    pace, needed = scorecards.paces(
        number(100),
        number(40, 20, 60),
        scorecard_facts.span("2020"),
        scorecard_facts.span("2022-12-31"),
        date(2026, 12, 31),
    )
    assert pace.low == pytest.approx(20 / 3, rel=0.01)
    assert pace.high == pytest.approx(60 / 2, rel=0.01)
    assert (needed.low, needed.high) == pytest.approx((40 / 4, 80 / 4), rel=0.01)
    assert pace.sources == SOURCE


def test_what_is_pledged_is_not_reached() -> None:
    goal, done = number(100), number(300)
    none = Number(None, "t")
    assert scorecards.verdict_of(goal, done, none, none, None, "pledged", None) == scorecards.PLEDGED


def test_every_target_of_the_store_is_on_the_card(card) -> None:
    facts = scorecard_facts.facts("target", "IND")
    assert len(card) == len(facts) >= 16
    links = {row["target"] for row in reference.rows("programme_targets")}
    assert {fact["item"] for fact in facts} == links


def test_the_mission_as_it_stands(card) -> None:
    end = date(2031, 3, 31)
    explored, sold = card["exploration projects", end], card["blocks sold at auction", end]
    assert (explored.target.value, explored.done.value, explored.verdict) == (1200, 195, scorecards.ON_TRACK)
    assert explored.pace.value == pytest.approx(195, rel=0.02)
    assert explored.needed.value == pytest.approx(1005 / 6, rel=0.01)
    assert explored.planned == "227 by 2026-03; 300 by 2027-03"
    assert (sold.target.value, sold.target.low, sold.done.value, sold.on_track) == (None, 100, 46, True)
    abroad = card["mines abroad, projects in hand counted", end]
    assert (abroad.on_track, abroad.confidence, abroad.done.low) == (False, "low", 0.0)
    magnets = card["magnet capacity", None]
    assert (magnets.target.value, magnets.done.value, magnets.on_track) == (6000, None, None)
    recycled = card["recycled material", end]
    assert (recycled.verdict, recycled.pace.value) == (scorecards.PLEDGED, None)
    assert all(goal.target.sources for goal in card.values())


def test_progress_items_of_the_links_are_in_the_store() -> None:
    for row in reference.rows("programme_targets"):
        held = {
            q: {f["item"] for f in scorecard_facts.facts(q, row["focal"])} for q in ("progress", "production", "target")
        }
        wanted = {item for item in row["progress"].split(";") if item}
        assert wanted <= held.get(row["quantity"], set())
        assert {item for item in row["planned"].split(";") if item} <= held["target"]


def answer(focus, **more):
    return ask(request_of(find("scorecard")).of({"focus": focus, "year": YEAR, **more}))


def test_a_country_without_a_programme_says_so() -> None:
    for focal in ("CHL", "EU27"):
        assert scorecards.targets(focal) == ()
    made = answer("CHL")
    assert scorecards.NO_PROGRAMME in made.table("targets").notes
    assert "No programme with targets of Chile" in str(made.findings[0])


def test_known_parts_and_the_rest_make_the_use(readings) -> None:
    rows = secured.supply(readings)
    assert {row.material for row in rows} == set(readings.listed)
    whole = [row for row in rows if row.use.value is not None and row.exposed.value is not None]
    assert len(whole) >= 15
    for row in whole:
        held = sum(n.value or 0.0 for n in (row.domestic, row.equity, row.offtake, row.recycled, row.stock))
        assert held + row.exposed.value == pytest.approx(row.use.value)
        assert secured.lower(row.exposed) <= row.exposed.value <= secured.upper(row.exposed)


def test_metal_of_imported_ore_is_not_secured(readings) -> None:
    row = next(s for s in secured.supply(readings) if (s.material, s.stage) == ("copper", "refined"))
    assert row.domestic.value < 30_000 < 500_000 < readings.own_output(("copper", "refined")).value
    assert secured.exposed_share(row).value > 0.9


def test_unknown_volumes_stay_unknown_with_their_reason(readings) -> None:
    rows = {row.material: row for row in secured.supply(readings)}  # last stage
    lithium = rows["lithium"]
    assert lithium.equity.value is None
    assert "not published" in lithium.equity.note
    assert "no volume published" in lithium.offtake.note
    assert "not held" in rows["rare-earths"].stock.note
    assert rows["gallium"].use.value is None
    assert rows["gallium"].use.note


def test_a_use_known_from_below_leaves_a_rest_from_below() -> None:
    used = Number(None, "t", SOURCE, low=100.0)
    left = secured.rest(used, (number(0.0), *(Number(None, "t"),) * 4))
    assert (left.value, left.low, left.high) == (None, 100.0, None)
    left = secured.rest(number(100), (Number(None, "t", SOURCE, 0.0, 30.0), *(Number(None, "t"),) * 4))
    assert (left.value, left.low, left.high) == (None, 70.0, 100.0)


def test_need_is_the_whole_model_else_what_is_stated() -> None:
    stated, whole = number(50), number(80, 60, 100)
    alone = number(20, 10, 30, note=outlook.ALONE)
    found = outlook.needed(stated, whole)
    assert (found.value, found.low, found.high) == (80, 50, 100)
    found = outlook.needed(stated, alone)
    assert (found.value, found.low, found.high) == (50, 10, 50)
    found = outlook.needed(Number(None, "t"), alone)
    assert (found.value, found.low) == (None, 10)
    assert outlook.gap(found, number(40)).value is None
    assert outlook.gap(found, number(4)).low == 6
    assert outlook.gap(number(80, 60, 100), number(10, 5, 15)).value == 70


def test_announced_own_mines_widen_the_range_only(readings) -> None:
    rows = {row.material: row for row in outlook.outlooks(readings)}
    copper = rows["copper"]
    assert copper.secured.high == pytest.approx(copper.secured.value + 59_000)
    assert copper.secured.confidence == "low"
    assert rows["lithium"].stated.value == 13_671
    assert rows["lithium"].exposed.value == 13_671
    assert rows["rare-earths"].stated.note.startswith("neodymium alone")


def test_projects_abroad_are_those_of_the_table() -> None:
    held = [p.id for p in agreements.projects("IND") if p.country != "IND" and p.status in scorecards.IN_HAND]
    assert {"kabil-catamarca", "zambia-northwestern"} <= set(held)
    assert "kabil-australia" not in held


def test_where_the_country_leads(readings) -> None:
    found = {(row.material, row.stage): row for row in advantage.advantages(readings)}
    titanium = found["titanium", "mined"]
    assert (titanium.verdict, titanium.above) == (advantage.LEADS, "refined")
    assert titanium.times.value > 4
    assert titanium.share_above.value < 0.01
    assert all(row.advantage.value > 0 for row in found.values())
    assert advantage.verdict_of(number(2.0, 1.5, 3.0), number(-0.1)) == advantage.PASSES
    assert advantage.verdict_of(number(1.1, 0.9, 1.6), number(0.1)) == advantage.MAY
    assert advantage.verdict_of(number(0.5), number(0.9)) == advantage.FOLLOWS


AMOUNT = st.floats(0.0, 1e9)


@given(AMOUNT, AMOUNT, AMOUNT, AMOUNT, AMOUNT, AMOUNT)
def test_a_gap_lies_in_its_range_and_falls_with_own_supply(a, b, c, d, e, f) -> None:
    low, best, high = sorted((a, b, c))
    least, mine, most = sorted((d, e, f))
    need, own = number(best, low, high), number(mine, least, most)
    found = outlook.gap(need, own)
    assert secured.lower(found) <= found.value <= secured.upper(found)
    assert found.sources == SOURCE
    more = outlook.gap(need, number(mine + 1.0, least + 1.0, most + 1.0))
    assert more.value <= found.value


@given(AMOUNT, AMOUNT, AMOUNT)
def test_what_rests_on_others_is_no_more_than_use(used, own, stock) -> None:
    parts = (number(own), number(None), number(None), number(None), number(stock))
    left = secured.rest(number(used), parts)
    assert 0.0 <= left.value <= used
    assert left.value == pytest.approx(max(used - own - stock, 0.0))
    assert (
        secured.rest(number(used), (number(own), *(number(None),) * 4)).value >= left.value
    )  # unknown counts as none held


def test_the_answer_has_sources_and_reasons(readings) -> None:
    made = scorecard_run.answer(ScorecardRequest.of({"focus": "IND", "year": YEAR}), readings.given, Job())
    numbers = [n for table in made.tables for n in table.numbers()]
    assert all(n.sources if n.value is not None else n.note for n in numbers)
    cited = {source for table in made.tables for source in table.cited()}
    assert cited == set(citations(cited))
    assert [table.key for table in made.tables] == ["targets", "outlook", "supply", "leads", "near"]
    assert set(made.words) == {"programme", "supply", "leads"}
    told = " ".join(made.table("supply").notes)
    assert "gallium" in told  # whose use is not known stands in words and is not ranked


def test_targets_alone_need_no_case() -> None:
    request = request_of(find("scorecard")).of({"focus": "India", "part": "targets"})
    assert request.scope() is None
    assert [table.key for table in ask(request).tables] == ["targets"]


def test_the_face_prints_a_part_and_all(capsysbinary) -> None:
    assert launch(["scorecard", "IND", "--part", "targets", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsysbinary.readouterr().out.decode())))
    assert {"verdict", "pace_needed", "goal_sources"} <= set(rows[0])
    assert launch(["scorecard", "India", "--format", "json"]) == 0
    assert capsysbinary.readouterr().out.count(b'"title"') >= 4


def test_among_all_goods_it_is_the_part_in_the_good_over_the_part_in_all():
    share = Number(0.05, "1", sources=("trade@1",))
    whole = export_share("IND", 2024)
    found = advantage.among_all_goods(share, "IND", 2024)
    assert found.value == pytest.approx(0.05 / (437.70458 / 24400))
    assert found.low < found.value < found.high
    assert (found.low, found.high) == pytest.approx((0.05 / whole.high, 0.05 / whole.low))
    assert "trade@1" in found.sources
    assert found.confidence == "low"
    assert advantage.among_all_goods(share, "LUX", 2024).value is None
    assert advantage.among_all_goods(Number(None, "1"), "IND", 2024).value is None


class World:
    """Four goods of three minerals: the country sells titanium ore and copper metal with an advantage."""

    focal, year, listed = "IND", 2024, ("titanium", "copper", "graphite")

    def values(self, method, variable):
        shares = {("titanium", "mined"): 0.04, ("copper", "refined"): 0.05}
        shares |= {("copper", "mined"): 0.001, ("graphite", "mined"): 0.002}
        return {key: number(value, unit="1") for key, value in shares.items()}


def space(near, sources=("toy@1",)):
    pairs = {frozenset(pair): value for pair, value in near.items()}
    return queries.ProductSpace(pairs, {"260300": 0.5}, {"IND": 0.2}, sources)


def test_what_is_near_to_what_is_sold_comes_first(monkeypatch) -> None:
    """Copper ore lies near the copper metal that is sold, graphite near copper ore that is not: 0.6/0.7 and 0.1/0.6."""
    near = {("260300", "740311"): 0.5, ("260300", "261400"): 0.1, ("250490", "260300"): 0.1, ("250490", "740311"): 0.0}
    near |= {("250490", "261400"): 0.1, ("261400", "740311"): 0.3}
    monkeypatch.setattr(queries, "product_space", lambda: space(near))
    found = relatedness.near_goods(World())
    assert [(one.material, one.stage) for one in found] == [("copper", "mined"), ("graphite", "mined")]
    ore, graphite = found
    assert ore.relatedness.value == pytest.approx((0.5 + 0.1) / (0.5 + 0.1 + 0.1))
    assert graphite.relatedness.value == pytest.approx((0.1 + 0.0) / (0.1 + 0.0 + 0.1))
    assert ore.complexity.value == 0.5
    assert ore.gap.value == pytest.approx(0.3)
    assert graphite.gap.value is None  # its complexity is not told, which is no zero
    assert ore.relatedness.low <= ore.relatedness.value <= ore.relatedness.high


def test_without_a_total_of_exports_nothing_is_near(monkeypatch) -> None:
    monkeypatch.setattr(queries, "product_space", lambda: space({("260300", "740311"): 0.5}))
    world = World()
    world.focal = "BTN"
    assert relatedness.near_goods(world) == ()


def test_the_product_space_of_the_store_holds_minerals_alone_and_is_the_same_both_ways() -> None:
    held = {code.code for code in reference.hs_codes()}
    found = queries.product_space()
    assert len(found.proximity) > 3000
    assert all(len(pair) == 2 and pair <= held and 0 <= value <= 1 for pair, value in found.proximity.items())
    assert {"IND", "JPN", "CHL"} <= set(found.country)
    assert found.country["JPN"] > found.country["IND"] > found.country["CHL"]
