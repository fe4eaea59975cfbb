"""Demand that no single technology explains: it grows with the economy. And a country's part of the world's demand."""

from __future__ import annotations

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Cube, Floats
from khanij.core.registry import MethodOutput, Variable, method
from khanij.demand.scenarios import ScenarioDraws, between_points, place, span, summary
from khanij.demand.stocks import NEEDS, PLACE, accumulate, axes_of

GROWTH, ELASTICITY = 6, 7  # a stream each
NO_BASE = "no publisher's figure of use in all has been read"
NO_GROWTH = "no growth of the economy has been stated for this focus"
ALL_MODELLED = "technologies explain all that is used in the base year: nothing is left to grow"
USES = ("focus", "use", "material", "year")


@method(
    "base-demand",
    kind="demand",
    needs=(*NEEDS, "base_use", "economy_growth", "income_elasticity"),
    variables=(
        Variable("demand", "t", PLACE, (0.0, float("inf")), "use of a material outside the technologies with a path"),
    ),
    reference="Baffes, Kabundi and Nagle 2020, World Bank Policy Research Working Paper 9122",
    higher="neutral",
)
def base_demand(
    case: Case,
    scenario: str = "steps",
    since: int = 2025,
    to: int = 2047,
    draws: int = 200,
    seed: int = 0,
    growth: float = -1.0,
) -> MethodOutput:
    """Demand outside technologies: last known use less what technologies explain of it, grown with the economy.

    b[m, t] = max(B[m, t0] - Σ_k d[k, m, t0], 0) · (1 + g)^(η·(t - t0)), t0 the year of the last known use B

    scenario  name of a scenario
    since     first year
    to        last year
    draws     draws of growth g and income elasticity η: low and high are their 5 % and 95 %; 0 = none
    seed      of the draws
    growth    of the economy a year, 0.05 = 5 %; -1 = as stated for the focus
    Returns demand (focus, material, year) t.
    Oracle: hand-made figures in tests/demand/test_base.py.
    """
    part, year = span(case, since, to)
    axes = axes_of(case, year, *PLACE)
    sizes = tuple(map(len, axes))
    found = [np.full(sizes, np.nan) for _ in range(3)]
    unknown, ungrown, modelled = (np.zeros(sizes, dtype=np.bool_) for _ in range(3))
    horizon = np.array([int(code) for code in case.cube("base_use").axis("horizon").codes])
    base = case.cube("base_use").values
    whole = slice(0, len(horizon))
    asked = ScenarioDraws(draws, seed)
    for f in range(sizes[0]):
        rate, elasticity = (_economy(case, name, f, scenario) for name in ("economy_growth", "income_elasticity"))
        if growth >= 0:
            rate = (np.asarray(growth),) * 3
        used, unknown[f] = base[f], np.isnan(base[f]).all(axis=-1)[:, None]
        ungrown[f] = np.isnan(rate[0]) & ~unknown[f]
        if np.isnan(rate[0]) or np.isnan(elasticity[0]):
            continue
        into = accumulate(case, scenario, whole, ScenarioDraws(0, 0), "published", f)[0]
        power = asked.of(elasticity, ELASTICITY, f) * np.log1p(asked.of(rate, GROWTH, f))
        for m in np.nonzero(~unknown[f, :, 0])[0].tolist():
            at = int(np.nonzero(~np.isnan(used[m]))[0][-1])
            ours = sum(float(np.nan_to_num(drawn[0, at])) for (_, other), drawn in into.items() if other == m)
            rest = max(used[m, at] - ours, 0.0)
            modelled[f, m] = rest == 0
            grown = rest * np.exp(power[:, None] * (horizon[part] - horizon[at]))
            for end, cell in zip(summary(grown), found, strict=True):
                cell[f, m] = end
    cube = Cube("demand", "t", axes, found[0], None, found[1], found[2])
    remarks = {NO_GROWTH: ungrown, ALL_MODELLED: modelled}
    lacking = "no use in all is known of materials that are not listed: " + NO_BASE
    return MethodOutput({"demand": cube}, remarks, notes=(lacking,))


def _economy(case: Case, name: str, focus: int, scenario: str) -> tuple[Floats, Floats, Floats]:
    """Return value, low and high of a figure of the economy."""
    cube, at = case.cube(name), (focus, place(case, scenario))
    low, high = (cube.values if end is None else end for end in (cube.low, cube.high))
    return cube.values[at], low[at], high[at]


@method(
    "demand-as-part-of-world",
    kind="demand",
    needs=("iea_demand", "world_part", "technology_stock"),
    variables=(
        Variable("demand", "t", USES, (0.0, float("inf")), "a focus's part of the world's demand for one use"),
        Variable("total", "t", PLACE, (0.0, float("inf")), "the same over all uses of which the IEA knows demand"),
    ),
    reference="IEA 2025, Critical Minerals Data Explorer; parts of the world are our own reckoning",
    higher="neutral",
    choices={"world": ("STEPS", "APS", "NZE")},
)
def part_of_world(case: Case, world: str = "STEPS", since: int = 2025, to: int = 2047) -> MethodOutput:
    """Demand of any country as its part of the IEA's demand of the world.

    d[u, m, t] = D[u, m, t] · p[u, t], p the focus's part of the world in use u

    world  the IEA's scenario: STEPS, APS or NZE
    since  first year
    to     last year
    p is the part of additions of solar or wind capacity, of batteries of vehicles sold, else of gross domestic product;
    it is linear between its years and held beyond them: a country that grows faster than the world has more.
    A total is missing where the part of one of its uses is not known.
    Returns demand (focus, use, material, year) t and total (focus, material, year) t.
    Oracle: hand-made figures in tests/demand/test_base.py.
    """
    part, year = span(case, since, to)
    cube, parts = case.cube("iea_demand"), case.cube("world_part")
    whole = between_points(cube.values[cube.axis("case").at(world)])
    share = between_points(parts.values, held=True)
    demand = (whole[None] * share[:, :, None, :])[..., part]
    axes = (parts.axes[0], cube.axis("use"), cube.axis("material"), year)
    use = list(cube.axis("use").codes)
    known = ~np.isnan(demand)
    low = use.index("Low emissions power generation")  # a sum, counted where its parts are not told apart
    apart_of = [use.index(name) for name in ("Solar PV", "Wind", "Other low emissions power generation")]
    apart = known[:, apart_of].any(axis=1)
    counted = known.copy()
    counted[:, low] &= ~apart
    asked = ~np.isnan(whole)[None, :, :, part]
    asked = np.repeat(asked, len(axes[0]), axis=0)
    asked[:, low] &= ~asked[:, apart_of].any(axis=1)
    whole_known = asked.any(axis=1) & ~(asked & ~known).any(axis=1)
    total = np.where(whole_known, np.where(counted, demand, 0.0).sum(axis=1), np.nan)
    wide = (axes[0], axes[2], year)
    return MethodOutput({"demand": Cube("demand", "t", axes, demand), "total": Cube("total", "t", wide, total)})
