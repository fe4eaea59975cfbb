"""Demand that no single technology explains: it grows with the economy. And a country's part of the world's demand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Cube, Floats
from khanij.core.registry import MethodOutput, Variable, method
from khanij.demand.scenarios import ScenarioDraws, between_points, ends, place, span, summary
from khanij.demand.stocks import NEEDS, PLACE, axes_of, tonnes

GROWTH, ELASTICITY, USED = 6, 7, 11  # a stream each
NO_BASE = "no publisher's figure of use in all has been read"
NO_GROWTH = "no growth of the economy has been stated for this focus"
ALL_MODELLED = "technologies explain all that is used in the base year: nothing is left to grow"
USES = ("focus", "use", "material", "year")


@method(
    "base-demand",
    kind="demand",
    needs=(*NEEDS, "base_use", "outside_use", "economy_growth", "income_elasticity", "scrap_part", "refined_part"),
    variables=(
        Variable("demand", "t", PLACE, (0.0, float("inf")), "use of a material outside the technologies with a path"),
        Variable("scrap", "t", PLACE, (0.0, float("inf")), "part of that use that scrap arising at home met"),
        Variable("refined", "1", PLACE, (0.0, 1.0), "part of use in all that is refined metal"),
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
    """Demand outside technologies: counted there, or last known use less what they explain, grown with the economy.

    b[m, t] = max(B[m, t0] - Σ_k d[k, m, t0], 0) · Π_{s=t0+1..t} (1 + g[s])^η[m, s], t0 the year of the last known use B

    scenario  name of a scenario
    since     first year
    to        last year
    draws     draws of last use B, growth g and income elasticity η: low and high are their 5 % and 95 %; 0 = none
    seed      of the draws
    growth    of the economy a year, 0.05 = 5 %; -1 = as stated for the focus
    Use counted outside the technologies goes before the rest of use in all. g and η are linear between the years for
    which they are stated and held beyond them.
    Returns demand (focus, material, year) t; scrap, the part of it that home scrap met, and refined, the part of use
    that is refined metal (the rest is scrap melted directly, alloys and semis), both of the last year on record and
    held; missing where none is on record.
    Oracle: hand-made figures in tests/demand/test_base.py.
    """
    part, year = span(case, since, to)
    axes = axes_of(case, year, *PLACE)
    sizes = tuple(map(len, axes))
    found = [np.full(sizes, np.nan) for _ in range(3)]
    unknown, ungrown, modelled = (np.zeros(sizes, dtype=np.bool_) for _ in range(3))
    asked = ScenarioDraws(draws, seed)
    for f in range(sizes[0]):
        lacking = [np.isnan(case.cube(name).values[f]).all(axis=-1) for name in ("base_use", "outside_use")]
        unknown[f] = (lacking[0] & lacking[1])[:, None]
        drawn = rest_of_uses(case, f, scenario, asked, growth)
        for m in np.nonzero(~unknown[f, :, 0])[0].tolist():
            ungrown[f, m] = m not in drawn
            if m in drawn:
                used = drawn[m]()
                modelled[f, m] = not used[0, part].any()
                for end, cell in zip(summary(used[:, part]), found, strict=True):
                    cell[f, m] = end
    cube = Cube("demand", "t", axes, found[0], None, found[1], found[2])
    met, fine = (
        between_points(case.cube(name).values[:, place(case, scenario)], held=True)[..., part]
        for name in ("scrap_part", "refined_part")
    )
    scrap, refined = Cube("scrap", "t", axes, found[0] * met), Cube("refined", "1", axes, fine)
    remarks = {NO_GROWTH: ungrown, ALL_MODELLED: modelled}
    unlisted = "no use in all is known of materials that are not listed: " + NO_BASE
    return MethodOutput(
        {"demand": cube, "scrap": scrap, "refined": refined}, remarks, notes=(*case.cube("outside_use").notes, unlisted)
    )


def rest_of_uses(
    case: Case, focus: int, scenario: str, asked: ScenarioDraws, growth: float = -1.0
) -> dict[int, Callable[[], Floats]]:
    """Return material -> what gives its use outside the technologies (1 + D, T), where it is known.

    On every year of the horizon; the draws of a material are made when they are asked for: all at once take gigabytes.
    """
    found: dict[int, Callable[[], Floats]] = {}
    best, more = (growth_of_uses(case, focus, scenario, of, growth) for of in (ScenarioDraws(0, 0), asked))
    horizon = len(case.cube("economy_growth").axis("horizon"))
    into = dict(tonnes(case, scenario, slice(0, horizon), ScenarioDraws(0, 0), "published", focus))

    def used(name: str, m: int) -> Floats:
        base = _raw_ends(case.cube(name))
        at = int(np.nonzero(~np.isnan(base[0][focus, m]))[0][-1])
        made = (float(np.nan_to_num(drawn[0, at])) for (_, other), drawn in into.items() if other == m)
        ours = sum(made) if name == "base_use" else 0.0
        then = asked.of(tuple(end[focus, m, at] for end in base), USED, focus, m)  # type: ignore[arg-type]
        grown = more(m)
        return np.maximum(then - ours, 0.0)[:, None] * (grown / grown[:, at : at + 1])

    for name in ("base_use", "outside_use"):
        known = np.nonzero(~np.isnan(case.cube(name).values[focus]).all(axis=-1))[0].tolist()
        found |= {m: partial(used, name, m) for m in known if not np.isnan(best(m)[0, 0])}
    return found


def _raw_ends(cube: Cube) -> tuple[Floats, Floats, Floats]:
    """Return value, low and high as they are stated."""
    return cube.values, *(cube.values if end is None else end for end in (cube.low, cube.high))


def growth_of_uses(
    case: Case, focus: int, scenario: str, asked: ScenarioDraws, growth: float = -1.0
) -> Callable[[int], Floats]:
    """Return what gives Π_s (1 + g[s])^η[m, s] (1 + D, T) of a material from the first year of the horizon on.

    growth  of the economy in every year in place of what is stated; -1 = as stated
    nan where not stated
    """
    at = (focus, place(case, scenario))
    rates, elasticities = (ends(case.cube(name), held=True) for name in ("economy_growth", "income_elasticity"))
    rate = tuple(end[at] if growth < 0 else np.full_like(end[at], growth) for end in rates)
    pace = np.log1p(asked.of(rate, GROWTH, focus))  # type: ignore[arg-type]

    def of(m: int) -> Floats:
        step = pace * asked.of(tuple(end[at][m] for end in elasticities), ELASTICITY, focus)  # type: ignore[arg-type]
        step[..., 0] *= 0.0  # the first year is the base; nan stays nan
        return np.asarray(np.exp(np.cumsum(step, axis=-1)))

    return of


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

    low and high of the total are least and most over the IEA's scenarios, low with the part held at its first value.

    world  the IEA's scenario: STEPS, APS or NZE
    since  first year
    to     last year
    p is the part of additions of solar or wind capacity, of batteries of vehicles sold, else of gross domestic product;
    it is linear between its years and held beyond them; the part of output grows as far as growth is stated.
    A total is missing where the part of one of its uses is not known.
    Returns demand (focus, use, material, year) t and total (focus, material, year) t.
    Oracle: hand-made figures in tests/demand/test_base.py.
    """
    part, year = span(case, since, to)
    cube, parts = case.cube("iea_demand"), case.cube("world_part")
    worlds = [world, *(name for name in cube.axis("case").codes if name != world)]
    share = between_points(parts.values, held=True)
    held = between_points(_first(parts.values), held=True)
    axes = (parts.axes[0], cube.axis("use"), cube.axis("material"), year)
    made = [_of_world(cube, name, share, part) for name in worlds]
    steady = [_of_world(cube, name, held, part)[1] for name in worlds]
    demand, total = made[0]
    sides = np.stack([*(one[1] for one in made), *steady])
    sides = np.where(np.isnan(total), np.nan, sides)
    ends_ = (np.fmin.reduce(sides), np.fmax.reduce(sides))
    wide = (axes[0], axes[2], year)
    return MethodOutput(
        {"demand": Cube("demand", "t", axes, demand), "total": Cube("total", "t", wide, total, None, *ends_)}
    )


def _first(values: Floats) -> Floats:
    """Return only the first known figure along the last axis."""
    known = ~np.isnan(values)
    return np.where(known & (np.cumsum(known, axis=-1) == 1), values, np.nan)


def _of_world(cube: Cube, world: str, share: Floats, part: slice) -> tuple[Floats, Floats]:
    """Return demand (f, u, m, T) of a focus's part of the world's, and its total (f, m, T) where all uses are known."""
    whole = between_points(cube.values[cube.axis("case").at(world)])
    demand = (whole[None] * share[:, :, None, :])[..., part]
    use = list(cube.axis("use").codes)
    known = ~np.isnan(demand)
    low = use.index("Low emissions power generation")  # a sum, counted where its parts are not told apart
    apart_of = [use.index(name) for name in ("Solar PV", "Wind", "Other low emissions power generation")]
    apart = known[:, apart_of].any(axis=1)
    counted = known.copy()
    counted[:, low] &= ~apart
    asked = np.repeat(~np.isnan(whole)[None, :, :, part], len(demand), axis=0)
    asked[:, low] &= ~asked[:, apart_of].any(axis=1)
    whole_known = asked.any(axis=1) & ~(asked & ~known).any(axis=1)
    return demand, np.where(whole_known, np.where(counted, demand, 0.0).sum(axis=1), np.nan)
