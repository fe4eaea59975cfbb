"""How much more of a material a country will need than in a base year: the factor by which losses and limits grow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Cube, Floats
from khanij.core.errors import StudyError
from khanij.core.registry import MethodOutput, Variable, method
from khanij.demand.base import growth_of_uses, part_of_world, rest_of_uses
from khanij.demand.scenarios import ScenarioDraws, span, summary
from khanij.demand.stocks import NEEDS, PLACE, axes_of, tonnes

WORLDS = ("STEPS", "APS", "NZE")
OTHER = "Other uses"
OWN = "technologies of the scenario and base demand, as the demand of the country is shown"
WHOLE = "clean technologies as the country's part of the IEA's demand, all other use with the economy"
HELD = "clean technologies and other use as the country's part of the IEA's demand: no growth of the economy is stated"
ECONOMY = "with the economy alone: what clean technologies will need beyond that is not known"
UNKNOWN = "no growth of the economy and no demand of the IEA: not known"


@method(
    "need-growth",
    kind="demand",
    needs=(*NEEDS, "iea_demand", "world_part", "base_use", "outside_use", "economy_growth", "income_elasticity"),
    variables=(Variable("growth", "1", PLACE, (0.0, float("inf")), "need of a material, by that of the base year"),),
    reference="our own; IEA 2025, Critical Minerals Data Explorer; Baffes, Kabundi and Nagle 2020, WPS 9122",
    higher="neutral",
    choices={"world": WORLDS},
)
def need_growth(
    case: Case,
    base: int = 2024,
    since: int = 2025,
    to: int = 2047,
    world: str = "STEPS",
    scenario: str = "steps",
    draws: int = 200,
    seed: int = 0,
) -> MethodOutput:
    """Growth of need: what a country uses of a material in a year by what it used in a base year.

    g[m, t] = n[m, t] / n[m, t0],  n = Σ_k d[k, m] + b[m] where use in all is known, else Σ_u d[u, m] + o[m]

    base      year t0, in which g is 1
    since     first year
    to        last year
    world     the IEA's scenario of the best estimate: STEPS, APS or NZE
    scenario  of growth r of the economy and income elasticity η of metals
    draws     draws of r and η: low and high are their 5 % and 95 %, least and most over the IEA's scenarios; 0 = none
    seed      of the draws
    d[k], b   demand of technologies k (material-demand) and outside them (base-demand): the tonnes that are shown.
              After the last year of its path a technology's need moves as the IEA's clean technologies do
    d[u], o   part of the world's demand for clean technologies u, and other uses (demand-as-part-of-world), which grow
              with the economy by Π (1 + r)^η
    Where the IEA does not give other uses, g grows with the economy alone: clean technologies are not in it. Where no
    growth of the economy is stated, other uses follow the IEA; where neither is known, neither is g. Boundaries of the
    two sources differ, so that g is a ratio and no tonnage. Confidence low.
    Returns growth g (focus, material, year) 1.
    Raises StudyError for years beyond the horizon or a base after `since`.
    Oracle: hand-made figures in tests/demand/test_growth.py.
    """
    if base > since:
        raise StudyError(f"base {base} after {since}", where="need-growth.base", hint="not after the first year")
    year = span(case, since, to)[1]
    axes = axes_of(case, year, *PLACE)
    sizes = tuple(map(len, axes))
    order = [world, *(name for name in WORLDS if name != world)]
    parts = [_by_use(case, name, base, to, since) for name in order]
    found = [np.full(sizes, np.nan) for _ in range(3)]
    remarks = {words: np.zeros(sizes, dtype=np.bool_) for words in (OWN, WHOLE, HELD, ECONOMY, UNKNOWN)}
    for f in range(sizes[0]):
        asked = ScenarioDraws(draws, seed)
        grown = _economy(case, f, scenario, asked, base, year.codes)
        own = _own(case, f, scenario, asked, base, year.codes, parts[0])
        for m in range(sizes[1]):
            one = grown(m)
            more = None if np.isnan(one[0]).all() else one
            ends = [own[m]] if m in own else [_grown(*(side[f, m] for side in sides), more) for sides in parts]
            known = [end for end in ends if end is not None] or ([more] if more is not None else [])
            words = (WHOLE if more is not None else HELD) if ends[0] is not None else ECONOMY if known else UNKNOWN
            words = OWN if m in own else words
            remarks[words][f, m] = True
            if not known:
                continue
            best, low, high = zip(*(summary(one) for one in known), strict=True)
            found[0][f, m] = best[0]
            found[1][f, m] = np.fmin.reduce([*low, *best])
            found[2][f, m] = np.fmax.reduce([*high, *best])
    return MethodOutput({"growth": Cube("growth", "1", axes, found[0], None, found[1], found[2])}, remarks)


def _by_use(case: Case, world: str, base: int, to: int, since: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Return demand of clean technologies (f, m, T) and other uses (f, m, T), and both in the base year (f, m)."""
    output = part_of_world(case, world, base, to)
    demand, total = output.values["demand"], output.values["total"]
    assert isinstance(demand, Cube)
    assert isinstance(total, Cube)
    other = demand.values[:, demand.axis("use").at(OTHER)]
    clean = total.values - other
    later = slice(since - base, None)
    return clean[..., later], other[..., later], clean[..., 0], other[..., 0]


def _grown(clean: Floats, other: Floats, clean_before: Floats, before: Floats, more: Floats | None) -> Floats | None:
    """Return growth (1 + D, T) where the IEA gives other uses; None where it does not.

    more (1 + D, T)  growth of other uses with the economy; None = as the IEA's
    """
    if np.isnan(before) or np.isnan(clean_before) or not clean_before + before > 0:
        return None
    rest = other[None] if more is None else before * more
    return np.asarray((clean + rest) / (clean_before + before))


def _economy(
    case: Case, focus: int, scenario: str, asked: ScenarioDraws, base: int, years: tuple[str, ...]
) -> Callable[[int], Floats]:
    """Return what gives the growth of a material with the economy (1 + D, T), 1 in the base year; nan = not stated."""
    axis = case.cube("economy_growth").axis("horizon")
    more = growth_of_uses(case, focus, scenario, asked)

    def of(m: int) -> Floats:
        grown = more(m)
        return np.asarray(grown[..., [axis.at(code) for code in years]] / grown[..., axis.at(str(base)), None])

    return of


def _own(
    case: Case,
    focus: int,
    scenario: str,
    asked: ScenarioDraws,
    base: int,
    years: tuple[str, ...],
    sides: tuple[Floats, Floats, Floats, Floats],
) -> dict[int, Floats]:
    """Return material -> need of technologies and outside them (1 + D, T) by that of the base year, where it is known.

    sides  see _by_use: the IEA's clean technologies say how a need moves on once its path has ended
    """
    axis = case.cube("economy_growth").axis("horizon")
    asked_years = slice(axis.at(years[0]), axis.at(years[-1]) + 1)
    start = axis.at(str(base))
    rest = rest_of_uses(case, focus, scenario, asked)
    needed = {m: other() for m, other in rest.items()}
    for (_, m), drawn in tonnes(case, scenario, slice(0, len(axis)), asked, "published", focus) if rest else ():
        if m in needed:
            needed[m] += np.nan_to_num(_carried(drawn, sides[0][focus, m], asked_years))
    return {m: one[:, asked_years] / one[:, start, None] for m, one in needed.items()}


def _carried(drawn: Floats, clean: Floats, asked: slice) -> Floats:
    """Return a need (1 + D, T) that moves on after its last known year as clean (Y,), of the asked years, or stays."""
    known = np.nonzero(~np.isnan(drawn[0]))[0]
    if not len(known) or known[-1] >= asked.stop - 1:
        return drawn
    last, carried = int(known[-1]), drawn.copy()
    start = max(last, asked.start)
    carried[:, last:] = drawn[:, last, None]
    if clean[start - asked.start] > 0:
        pace = clean[start - asked.start :] / clean[start - asked.start]
        carried[:, start : asked.stop] *= np.where(np.isnan(pace), 1.0, pace)
    return carried
