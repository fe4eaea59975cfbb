"""What comes back: the content of what is retired, and the part of it that is recovered."""

from __future__ import annotations

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.registry import MethodOutput, Variable, method
from khanij.demand.scenarios import ScenarioDraws, span, summary
from khanij.demand.stocks import CELL, ENDED, HOLDS, NEEDS, REFERENCE, RULE, absent, axes_of, paths, tonnes

UNRATED = "no end-of-life recovery rate has been read for this use and case"
CASES = ("current", "conservative", "neutral", "optimistic")


@method(
    "scrap-supply",
    kind="demand",
    needs=(*NEEDS, "recovery_rate"),
    variables=(
        Variable("recoverable", "t", CELL, (0.0, float("inf")), "tonnes recovered from what is retired in the year"),
        Variable("retired", "t", CELL, (0.0, float("inf")), "tonnes in what is retired in the year"),
    ),
    reference=REFERENCE,
    higher="better",
    choices={**HOLDS, "recycling": CASES},
)
def scrap_supply(
    case: Case,
    scenario: str = "steps",
    since: int = 2025,
    to: int = 2047,
    draws: int = 200,
    seed: int = 0,
    intensity: str = "published",
    recycling: str = "neutral",
) -> MethodOutput:
    """Scrap from retired technologies, and what is recovered of it.

    r[k, m, t] = Σ_c (L[t-1, c] - L[t, c]) · M[k, m, c] · collection[k, m] · recovery[k, m], M tonnes that entered use

    scenario   name of a scenario
    since      first year
    to         last year
    draws      draws of paths, lifetimes, shares and intensities: low and high are their 5 % and 95 %; 0 = none
    seed       of the draws
    intensity  "published" or "frozen", see material-demand
    recycling  case of end_of_life.csv: current, conservative, neutral or optimistic
    Without a rate the retired tonnes stand and the recoverable ones are missing, with a remark.
    Returns recoverable and retired (focus, technology, material, year) t.
    Oracle: hand-made cohorts in tests/demand/test_stocks.py.
    """
    part, year = span(case, since, to)
    axes = axes_of(case, year, *CELL)
    sizes = tuple(map(len, axes))
    gone, back = ([np.full(sizes, np.nan) for _ in range(3)] for _ in range(2))
    ended, unrated = np.zeros(sizes, dtype=np.bool_), np.zeros(sizes, dtype=np.bool_)
    rates = case.cube("recovery_rate")
    rate = rates.values[..., rates.axis("recycling").at(recycling)]
    notes: list[str] = []
    for f in range(sizes[0]):
        notes += list(absent(case, scenario, paths(case, scenario, f)))
        for (k, m), drawn in tonnes(case, scenario, part, ScenarioDraws(draws, seed), intensity, f, leaving=True):
            for end, retired, recovered in zip(summary(drawn), gone, back, strict=True):
                retired[f, k, m], recovered[f, k, m] = end, end * rate[k, m]
            ended[f, k, m] = np.isnan(drawn[0])
            unrated[f, k, m] = ~np.isnan(drawn[0]) & np.isnan(rate[k, m])
    values = {
        "recoverable": Cube("recoverable", "t", axes, back[0], None, back[1], back[2]),
        "retired": Cube("retired", "t", axes, gone[0], None, gone[1], gone[2]),
    }
    said = f"recovery rates of the case {recycling} hold in every year"
    return MethodOutput(values, {ENDED: ended, UNRATED: unrated}, notes=(RULE, said, *dict.fromkeys(notes)))
