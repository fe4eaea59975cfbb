"""Screening scores: brute force, groups, gaps and their range, and independence of what else is asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.analyses.runner import methods
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import SourceError
from khanij.core.registry import run
from khanij.data.cubes.build import build
from khanij.data.facts import store
from khanij.methods.screening import disruption_potential, national, yale

METHODS = ("early-warning", "nassar-2020", "india-2023", "uk-2024", "yale-supply-risk", "crma-benchmarks")
NAMES = ("AAA", "BBB", "CCC", "DDD")
CELL = (0, 0, 0, 0)


def cube(case_axes: dict[str, Axis], quantity: str, unit: str, names: str, values: object) -> Cube:
    """Return a dense cube on the named axes; an axis "exporter:country" is the country axis under another name."""
    axes = []
    for name in names.split():
        alias, _, own = name.partition(":")
        axes.append(Axis(alias, case_axes[own or alias].codes))
    return Cube(quantity, unit, tuple(axes), np.array(values, dtype=float))


def small(output, estimate, flows, points, gdp, pacts=(), focus=("AAA",), members=None) -> Case:
    """Return a Case of one material, stage and year with four countries."""
    methods()
    axes = {
        "material": Axis("material", ("copper",)),
        "stage": Axis("stage", ("mined",)),
        "country": Axis("country", NAMES),
        "partner": Axis("partner", NAMES),
        "focus": Axis("focus", tuple(focus)),
        "year": Axis("year", ("2023",)),
        "dimension": Axis("dimension", ("pv",)),
    }
    belongs = np.zeros((len(focus), 4, 1))
    for f, inside in enumerate(members or [(code,) for code in focus]):
        belongs[f, axes["country"].positions(inside), 0] = 1.0
    pact = np.full((4, 4, 1), np.nan)
    for one, other in pacts:
        pact[NAMES.index(one), NAMES.index(other)] = pact[NAMES.index(other), NAMES.index(one)] = 1.0
    link = np.array(flows, dtype=float)[None, None, :, :, None]
    sides = "exporter:country importer:country year"
    made = [
        cube(axes, "production", "t", "material stage country year", np.array(output)[None, None, :, None]),
        cube(axes, "governance", "score", "dimension country year", np.array(estimate)[None, :, None]),
        cube(axes, "membership", "1", "focus country year", belongs),
        cube(axes, "trade", "t", f"material stage {sides}", link),
        cube(axes, "trade_value", "kUSD", f"material stage {sides}", link),
        cube(axes, "bilateral_trade", "kUSD", sides, link[0, 0]),
        cube(axes, "gdp", "USD", "country year", np.array(gdp)[:, None]),
        cube(axes, "ideal_point", "score", "country year", np.array(points)[:, None]),
        cube(axes, "defence_pact", "1", "country partner year", pact),
    ]
    return Case(axes, {c.quantity: c for c in made})


OUTPUT = [10.0, 60.0, 30.0, 0.0]
ESTIMATE = [0.0, -1.0, 1.0, 0.5]
FLOWS = [[0, 0, 5, 0], [30, 0, 0, 0], [15, 0, 0, 0], [0, 0, 0, 0]]
POINTS = [0.0, -1.0, 1.0, 0.5]
GDP = [2e6, 1e6, 1e5, 5e5]


def test_an_ally_and_a_friend_make_less_potential_than_a_stranger() -> None:
    plain = run("nassar-2020", small(OUTPUT, ESTIMATE, FLOWS, POINTS, GDP))
    allied = run("nassar-2020", small(OUTPUT, ESTIMATE, FLOWS, POINTS, GDP, pacts=[("AAA", "BBB")]))
    near = run("nassar-2020", small(OUTPUT, ESTIMATE, FLOWS, [-1.0, -1.0, 1.0, 0.5], GDP))
    names = ["disruption_potential", "supply_risk"]
    for name in names:
        assert allied.variable(name).values[CELL] < plain.variable(name).values[CELL]
        assert near.variable(name).values[CELL] < plain.variable(name).values[CELL]


def test_the_focus_is_no_disruptor_of_itself() -> None:
    alone = run("nassar-2020", small([100.0, 0, 0, 0], ESTIMATE, FLOWS, POINTS, GDP))
    assert alone.variable("disruption_potential").values[CELL] == 0.0
    group = small(OUTPUT, ESTIMATE, FLOWS, POINTS, GDP, focus=("AB",), members=[("AAA", "BBB")])
    found = run("nassar-2020", group).variable("disruption_potential").values[CELL]
    will = run("nassar-2020", group).variable("shared_values").values[0, 2, 0]
    assert will == pytest.approx(1.5 / 2.0)  # the group stands at the mean of its members
    assert 0 < found < 0.3**2


def test_a_net_exporter_is_not_exposed() -> None:
    sold = [[0, 0, 50, 0], [3, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    result = run("nassar-2020", small([100.0, 60, 30, 0], ESTIMATE, sold, POINTS, GDP))
    assert result.variable("trade_exposure").values[CELL] == 0.0
    assert result.value.values[CELL] == 0.0


def test_gaps_of_willingness_are_said() -> None:
    result = run("nassar-2020", small(OUTPUT, ESTIMATE, FLOWS, [0.0, np.nan, 1.0, 0.5], [2e6, np.nan, 1e5, 5e5]))
    assert result.remarks[disruption_potential.THIN][CELL]
    assert result.details[disruption_potential.THIN][CELL] == pytest.approx(0.6)
    assert not np.isnan(result.variable("disruption_potential").values[CELL])


def test_without_a_gdp_of_the_focus_there_is_no_score() -> None:
    result = run("nassar-2020", small(OUTPUT, ESTIMATE, FLOWS, POINTS, [np.nan, 1e6, 1e5, 5e5]))
    assert np.isnan(result.value.values[CELL])
    assert not np.isnan(result.variable("trade_exposure").values[CELL])


@settings(max_examples=40)
@given(
    st.lists(st.floats(0, 1e5), min_size=4, max_size=4),
    st.lists(st.floats(-2.5, 2.5), min_size=4, max_size=4),
    st.lists(st.floats(-3, 3), min_size=4, max_size=4),
    st.permutations(range(4)),
)
def test_scores_stay_in_their_bounds_and_do_not_depend_on_the_order_of_countries(made, estimate, points, order) -> None:
    if sum(made) < 1e-3:
        return
    case = small(made, estimate, FLOWS, points, GDP)
    turned = [NAMES[k] for k in order]
    place = [turned.index(name) for name in NAMES]
    back = np.argsort(place)

    def moved(values):
        return [values[k] for k in back]

    flows = np.array(FLOWS)[np.ix_(back, back)]
    other = small(moved(made), moved(estimate), flows, moved(points), moved(GDP), focus=(NAMES[place[0]],))
    for id in ("nassar-2020", "india-2023", "uk-2024"):
        options = {"by": "mass"} if id == "uk-2024" else {}
        first, second = run(id, case, **options), run(id, other, **options)
        for name in list(first.variables)[:2]:
            a, b = first.variable(name).values, second.variable(name).values
            assert np.array_equal(np.isnan(a), np.isnan(b))
            assert a[CELL] == pytest.approx(b[CELL], nan_ok=True, abs=1e-9)


def test_world_concentration_bears_in_full_on_imports_and_by_governance_on_own_supply() -> None:
    result = run("india-2023", small(OUTPUT, ESTIMATE, FLOWS, POINTS, GDP))
    world = 0.36 * 0.7 + 0.09 * 0.3 + 0.01 * 0.5
    assert result.variable("global_concentration").values[CELL] == pytest.approx(world)
    assert result.value.values[CELL] == pytest.approx(world * (0.8 + 0.2 * 0.5))
    assert result.remarks[national.NO_RECYCLING][CELL]
    assert result.remarks[national.NO_SUBSTITUTION][CELL]


def test_unknown_indicators_widen_the_range() -> None:
    result = run("uk-2024", small(OUTPUT, ESTIMATE, FLOWS, POINTS, GDP), by="mass")
    assert np.isnan(result.value.values[CELL])  # one of three indicators of S is too few
    assert np.isnan(result.variable("vulnerability").values[CELL])  # two of six are too few
    assert result.variable("trade_concentration").values[CELL] == pytest.approx((30**2 + 15**2) / 45**2)


@pytest.mark.parametrize(
    ("id", "part"),
    [
        ("early-warning", "supply_risk"),
        ("nassar-2020", "disruption_potential"),
        ("nassar-2020", "supply_risk"),
        ("yale-supply-risk", "instability"),
        ("yale-supply-risk", "supply_risk"),
        ("india-2023", "supply_risk"),
        ("uk-2024", "supply_risk"),
    ],
)
def test_a_producer_without_a_score_may_be_the_best_governed_or_the_worst(id, part) -> None:
    def found(score: float) -> tuple[float, float, float]:
        case = small(OUTPUT, [0.0, score, 1.0, 0.5], FLOWS, POINTS, GDP)
        rate = cube(case.axes, "recycling_input_rate", "1", "material", [0.25])
        world = cube(case.axes, "world_production", "t", "material stage year", [[[sum(OUTPUT)]]])
        more = {one.quantity: one for one in (rate, world)}
        cell = run(id, Case(case.axes, {**case.cubes, **more})).variable(part)
        ends = (cell.values if end is None else end for end in (cell.low, cell.high))
        return cell.values.ravel()[0], *(end.ravel()[0] for end in ends)

    best, low, high = found(np.nan)
    assert low == pytest.approx(found(2.5)[1])
    assert high == pytest.approx(found(-2.5)[2])
    assert low < best < high
    assert found(-1.0)[2] - found(-1.0)[1] < high - low


def test_yale_leaves_out_the_social_component_and_says_its_weight(make) -> None:
    axes = {"material": ["copper"], "stage": ["mined"], "country": ["AAA", "BBB"], "year": ["2023"]}
    axes["dimension"] = ["pv"]
    output = [["copper", "mined", "AAA", "2023", 75.0], ["copper", "mined", "BBB", "2023", 25.0]]
    case = make(
        axes,
        production=output,
        world_production=[["copper", "mined", "2023", 100.0]],
        governance=[["pv", "AAA", "2023", -0.5], ["pv", "BBB", "2023", 1.5]],
    )
    result = run("yale-supply-risk", case)
    geopolitical = (20 * 2.5 + 17.5 * np.log(6250.0) - 61.18) / 2
    cell = (0, 0, 0)
    assert result.variable("instability").values[cell] == pytest.approx(20 * (2.5 - 0.0))
    assert result.variable("geopolitical").values[cell] == pytest.approx(geopolitical)
    assert result.value.values[cell] == pytest.approx(geopolitical)
    assert result.remarks[yale.NO_GEOLOGY][cell]
    assert result.value.low[cell] == pytest.approx(geopolitical / 3)
    assert result.value.high[cell] == pytest.approx((geopolitical + 200) / 3)


@pytest.fixture(scope="module")
def stored() -> tuple[Case, Case]:
    """Return the Case of one material, focus and year, and a wider one that holds it."""
    try:
        store.manifest()
    except SourceError:
        pytest.skip("no store")
    return build(["IND"], [2023], ["copper"]), build(["IND", "USA"], [2022, 2023], ["copper", "cobalt", "lithium"])


@pytest.mark.parametrize("id", METHODS)
def test_a_value_does_not_depend_on_what_else_is_asked(stored, id) -> None:
    alone, among = (run(id, case) for case in stored)
    for name, single in alone.variables.items():
        wide = among.variable(name)
        found = wide.on(*single.axes, drop=True)
        assert found == pytest.approx(single.values, nan_ok=True, rel=1e-9), name


@pytest.mark.parametrize("id", METHODS)
def test_every_proxy_is_named_in_the_notes(stored, id) -> None:
    notes = " ".join(run(id, stored[0]).trace.notes)
    wanted = {
        "early-warning": ("scaling",),
        "nassar-2020": ("ability to supply", "shared values", "trade ties", "military cooperation", "vulnerability"),
        "india-2023": ("not public", "left out", "proxy"),
        "uk-2024": ("remembered", "proxy"),
        "yale-supply-risk": ("left out", "confidence low"),
        "crma-benchmarks": ("consumption", "recycling"),
    }
    assert all(word in notes for word in wanted[id])


@pytest.mark.parametrize(("id", "parts"), [("early-warning", (1, 2, 3)), ("nassar-2020", (3,))])
def test_scaling_by_the_largest_leaves_the_order_of_a_part_as_it_is(stored, id, parts) -> None:
    plain, scaled = run(id, stored[1]), run(id, stored[1], scaling="largest")
    for part in parts:
        name = list(plain.variables)[part]
        a, b = plain.variable(name).values[..., -1], scaled.variable(name).values[..., -1]
        assert np.nanmax(b) == pytest.approx(1.0)
        if id == "nassar-2020":  # the largest is that of a focus
            a, b = a[:, :, 0], b[:, :, 0]
            assert b / np.nanmax(b) == pytest.approx(a / np.nanmax(a), nan_ok=True)
        for stage in range(a.shape[1]):
            both = ~np.isnan(a[:, stage]) & ~np.isnan(b[:, stage])
            assert np.array_equal(np.argsort(a[both, stage]), np.argsort(b[both, stage]))
