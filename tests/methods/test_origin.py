"""Origin, pass-through, re-exports and top exporters on hand-made worlds, and on the store where it is there."""

import numpy as np
import pytest

from khanij.core import registry
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import StudyError
from khanij.methods.trade import origin, reexports  # noqa: F401  (registers)

COUNTRIES = ("AAA", "BBB", "CCC", "DDD", "EEE")
STAGES = ("mined", "processed", "refined", "scrap")


def made(outputs, flows, foci=("DDD",), groups=None, high=None):
    """Return a Case: outputs {(stage, country): t}, flows {(stage, exporter, importer): t}; a stage named with None
    in outputs is covered by no source."""
    axes = {
        "material": Axis("material", ("ore",)),
        "stage": Axis("stage", STAGES),
        "country": Axis("country", COUNTRIES),
        "partner": Axis("partner", COUNTRIES),
        "focus": Axis("focus", tuple(foci)),
        "year": Axis("year", ("2024",)),
    }
    production = np.full((1, len(STAGES), len(COUNTRIES), 1), np.nan)
    for stage in {stage for stage, _ in outputs}:
        production[0, STAGES.index(stage)] = 0.0
    for (stage, country), tonnes in outputs.items():
        production[0, STAGES.index(stage), COUNTRIES.index(country)] = tonnes
    at = [[0, STAGES.index(s), COUNTRIES.index(a), COUNTRIES.index(b), 0] for s, a, b in flows]
    covered = np.zeros((1, len(STAGES), 1))
    for stage, *_ in flows:
        covered[0, STAGES.index(stage)] = 1.0
    membership = np.zeros((len(foci), len(COUNTRIES), 1))
    for k, focus in enumerate(foci):
        for member in (groups or {}).get(focus, (focus,)):
            membership[k, COUNTRIES.index(member)] = 1.0
    trade_axes = (*(axes[n] for n in ("material", "stage")), Axis("exporter", COUNTRIES), Axis("importer", COUNTRIES))
    named = tuple(axes[n] for n in ("material", "stage", "country", "year"))
    upper = None if high is None else np.where(production == 0, high, production)
    cubes = {
        "production": Cube("production", "t", named, production, None, None, upper, ("made@1",)),
        "trade": Cube(
            "trade",
            "t",
            (*trade_axes, axes["year"]),
            np.array(list(flows.values()), float),
            np.array(at).T,
            sources=("made@1",),
        ),
        "trade_covered": Cube("trade_covered", "1", tuple(axes[n] for n in ("material", "stage", "year")), covered),
        "membership": Cube("membership", "1", tuple(axes[n] for n in ("focus", "country", "year")), membership),
    }
    return Case(axes, cubes)


CHAIN = (
    {("mined", "AAA"): 6.0, ("mined", "BBB"): 2.0, ("refined", "BBB"): 8.0},
    {("mined", "AAA", "BBB"): 6.0, ("refined", "BBB", "CCC"): 7.0, ("refined", "CCC", "DDD"): 5.0},
)


def rows(result, measure=None):
    return {(r["stage"], r["partner"]): r for r in result.table(measure).rows()}


def test_refined_imports_go_back_to_refiner_and_mines():
    case = made(*CHAIN)
    mines = rows(registry.run("origin", case))
    assert mines["refined", "AAA"]["value"] == pytest.approx(0.75)
    assert mines["refined", "BBB"]["value"] == pytest.approx(0.25)
    assert mines["refined", "AAA"]["low"] == pytest.approx(0.6)
    assert mines["refined", "BBB"]["high"] == pytest.approx(0.4)
    assert "counted at stage: mined" in mines["refined", "AAA"]["notes"]
    assert "made@1" in mines["refined", "AAA"]["sources"]
    refiners = rows(registry.run("origin", case, at="same"))
    assert refiners["refined", "BBB"]["value"] == pytest.approx(1.0)
    assert ("refined", "CCC") not in refiners
    through = rows(registry.run("pass-through", case))
    assert through["refined", "CCC"]["value"] == pytest.approx(1.0)
    assert through["refined", "BBB"]["value"] == pytest.approx(1.0)
    assert through["refined", "AAA"]["value"] == pytest.approx(0.75)
    assert ("refined", "DDD") not in through


def test_shares_and_unknown_add_up_to_one():
    outputs = {("mined", "AAA"): 6.0, ("refined", "BBB"): 8.0}  # BBB refines 2 t that no ore explains
    result = registry.run("origin", made(outputs, CHAIN[1]))
    shares = rows(result)
    unknown = result.variable("unknown").values[0, STAGES.index("refined"), 0, 0]
    assert shares["refined", "AAA"]["value"] == pytest.approx(0.75)
    assert unknown == pytest.approx(0.25)
    assert shares["refined", "AAA"]["high"] == pytest.approx(1.0)


def test_a_country_without_data_is_said_to_be_without_data():
    result = registry.run("origin", made(*CHAIN, foci=("EEE", "DDD")))
    assert np.isnan(result.variable("unknown").values[0, :, 0, 0]).all()
    assert not [r for r in result.table().rows() if r["focus"] == "EEE"]
    assert any("without data" in note and "ore refined EEE 2024" in note for note in result.trace.notes)


def test_exports_above_supply_and_self_trade_are_told():
    outputs = {("mined", "AAA"): 4.0}
    flows = {("mined", "AAA", "DDD"): 10.0, ("mined", "AAA", "AAA"): 3.0}
    result = registry.run("origin", made(outputs, flows))
    assert rows(result)["mined", "AAA"]["value"] == pytest.approx(0.4)
    assert result.variable("unknown").values[0, 0, 0, 0] == pytest.approx(0.6)
    assert any("ore mined AAA 2024" in note and "exports above" in note for note in result.trace.notes)
    assert any(note.startswith("1 flows of a country to itself") for note in result.trace.notes)


def test_a_withheld_figure_is_no_zero_and_is_told():
    result = registry.run("origin", made({("mined", "AAA"): np.nan}, {("mined", "AAA", "DDD"): 10.0}))
    assert result.variable("unknown").values[0, 0, 0, 0] == pytest.approx(1.0)
    assert any("withheld" in note and "ore mined AAA 2024" in note for note in result.trace.notes)


def test_without_a_source_on_output_exporters_are_the_origin_and_it_is_said():
    flows = {("refined", "AAA", "CCC"): 9.0, ("refined", "CCC", "DDD"): 4.0, ("refined", "AAA", "DDD"): 1.0}
    shares = rows(registry.run("origin", made({}, flows)))
    assert shares["refined", "CCC"]["value"] == pytest.approx(0.8)
    assert "exporters taken as origin" in shares["refined", "CCC"]["notes"]
    net = rows(registry.run("origin", made({}, flows), unsourced="net"))
    assert net["refined", "AAA"]["value"] == pytest.approx(1.0)


def test_ore_whose_trade_nobody_recorded_is_unknown_unless_a_market_is_assumed():
    outputs = {("mined", "AAA"): 9.0, ("mined", "BBB"): 1.0, ("refined", "BBB"): 5.0}
    case = made(outputs, {("refined", "BBB", "DDD"): 5.0})
    result = registry.run("origin", case)
    assert rows(result)["refined", "BBB"]["value"] == pytest.approx(0.2)
    assert rows(result)["refined", "BBB"]["low"] == 0.0
    assert result.variable("unknown").values[0, STAGES.index("refined"), 0, 0] == pytest.approx(0.8)
    market = rows(registry.run("origin", case, unrecorded="market"))
    assert market["refined", "AAA"]["value"] == pytest.approx(0.8)


def test_what_a_country_mines_and_keeps_is_worked_up_there_on_the_way_to_a_later_stage():
    """CCC mines 9 and buys 1 of AAA's concentrate; its metal is 9 to 1 its own, though nobody counts concentrate."""
    outputs = {("mined", "AAA"): 1.0, ("mined", "CCC"): 9.0, ("refined", "CCC"): 6.0}
    flows = {("processed", "AAA", "CCC"): 1.0, ("refined", "CCC", "DDD"): 4.0}
    case = made(outputs, flows)
    shares = rows(registry.run("origin", case))
    assert shares["refined", "CCC"]["value"] == pytest.approx(0.9)
    assert shares["refined", "AAA"]["value"] == pytest.approx(0.1)
    buyer = rows(registry.run("origin", made(outputs, flows, foci=("CCC",)), at="same"))
    assert buyer["processed", "AAA"]["low"] == pytest.approx(1 / 6)


def test_a_group_is_the_sum_of_its_members_use():
    outputs = {("mined", "AAA"): 10.0, ("mined", "CCC"): 5.0}
    flows = {("mined", "AAA", "DDD"): 6.0, ("mined", "DDD", "EEE"): 2.0, ("mined", "CCC", "EEE"): 4.0}
    case = made(outputs, flows, foci=("UNION", "DDD", "EEE"), groups={"UNION": ("DDD", "EEE")})
    table = registry.run("origin", case).table()
    value = {(r["focus"], r["partner"]): r["value"] for r in table.rows()}
    assert value["UNION", "AAA"] == pytest.approx(0.6)
    assert value["EEE", "AAA"] == pytest.approx(1 / 3)
    through = registry.run("pass-through", case).table()
    assert not [r for r in through.rows() if r["focus"] == "UNION" and r["partner"] in ("DDD", "EEE")]


def test_scrap_is_no_stage_of_the_chain():
    flows = {("scrap", "AAA", "DDD"): 1.0, ("mined", "AAA", "DDD"): 1.0}
    table = registry.run("origin", made({("mined", "AAA"): 1.0}, flows)).table()
    assert {r["stage"] for r in table.rows()} == {"mined"}


def test_no_range_is_computed_where_none_is_wanted():
    result = registry.run("origin", made(*CHAIN), bounded=0)
    assert np.isnan(result.value.low).all()
    with pytest.raises(StudyError):
        registry.run("origin", made(*CHAIN), bounded=-1)


def test_a_hub_exports_more_than_it_makes():
    outputs = {("mined", "AAA"): 10.0, ("mined", "BBB"): 1.0, ("mined", "CCC"): np.nan}
    flows = {("mined", "AAA", "BBB"): 5.0, ("mined", "BBB", "DDD"): 4.0, ("mined", "CCC", "DDD"): 1.0}
    result = registry.run("re-exports", made(outputs, flows))
    found = rows(result)
    assert found["mined", "BBB"]["value"] == pytest.approx(1 - 1 / 6)
    assert found["mined", "BBB"]["low"] == pytest.approx(0.75)
    assert found["mined", "BBB"]["high"] == pytest.approx(1.0)
    assert "re-export hub: exports over own output: 4" in found["mined", "BBB"]["notes"]
    assert found["mined", "AAA"]["value"] == 0.0
    assert found["mined", "CCC"]["value"] is None
    assert "withheld" in found["mined", "CCC"]["notes"]


def test_an_unlisted_exporter_may_have_made_what_its_source_leaves_unlisted():
    case = made({("mined", "AAA"): 10.0}, {("mined", "BBB", "DDD"): 4.0}, high=3.0)
    found = rows(registry.run("re-exports", case))["mined", "BBB"]
    assert (found["value"], found["low"], found["high"]) == (1.0, 0.25, 1.0)


def test_top_exporter_against_top_miner_and_top_refiner():
    result = registry.run("top-exporter", made(*CHAIN))
    refined = next(r for r in result.table().rows() if r["stage"] == "refined")
    assert refined["value"] == 1.0
    assert "top exporter: BBB 58 %" in refined["notes"]
    assert "top producer: AAA 75 %" in refined["notes"]
    same = next(r for r in registry.run("top-exporter", made(*CHAIN), producers="same").table().rows())
    assert same["stage"] == "mined"
    assert same["value"] == 0.0
    gap = {r["stage"]: r["value"] for r in result.table("gap").rows()}
    assert gap["refined"] == pytest.approx(7 / 12 - 2 / 8)


def test_the_store_gives_shares_that_add_up_and_ranges_around_them():
    khanij = pytest.importorskip("khanij")
    case = khanij.case(focus="IND", years=2024, materials=["copper", "nickel", "titanium", "cobalt"])
    result = registry.run("origin", case, bounded=5)
    if not len(result.value.values):
        pytest.skip("no facts in the store")
    cube = result.value
    flat = np.ravel_multi_index(tuple(cube.at[[0, 1, 2, 4]]), tuple(len(cube.axes[k]) for k in (0, 1, 2, 4)))
    total = np.bincount(flat, cube.values, minlength=result.variable("unknown").values.size)
    unknown = result.variable("unknown").values.ravel()
    known = ~np.isnan(unknown)
    assert np.allclose(total[known] + unknown[known], 1.0)
    ranged = ~np.isnan(cube.low)
    assert ranged.any()
    assert (cube.low[ranged] <= cube.values[ranged]).all()
    assert (cube.high[ranged] >= cube.values[ranged]).all()
