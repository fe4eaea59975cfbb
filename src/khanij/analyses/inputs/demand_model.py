"""What plans read of the demand model: growth of a country's need, and scrap that plants could recycle."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.analyses import runner
from khanij.core.case import Case
from khanij.plan.measures.scrap import RecoverableScrap, read_scrap
from khanij.plan.planner.growth import LAST, Growth, read_growth
from khanij.reference.industry.technologies import default_scenario

DRAWS = 50  # behind the range
BACK = 10  # years before, in which it may have its last figure


def growth(case: Case, materials: Sequence[str], world: str = "STEPS") -> Growth | None:
    """Return the growth of need of some materials from a Case's year on, in which it is 1.

    world  the IEA's scenario of the best estimate: STEPS, APS or NZE
    None where the Case holds nothing that the demand model needs.
    """
    if not runner.answers("need-growth", case):
        return None
    base = int(case.axis("year").codes[-1])
    scenario = default_scenario(case.axis("focus").codes[0])
    result = runner.run("need-growth", case, base=base, since=base, to=LAST, world=world, scenario=scenario)
    return read_growth(result, base, materials)


def recoverable(case: Case, materials: Sequence[str], year: int, scenario: str = "") -> RecoverableScrap | None:
    """Return what could be recovered of some materials in a year, or the last one before it that has a figure.

    The rates of collection and recovery are in it: neutral case of end_of_life.csv. None where the Case holds nothing
    that the demand model needs.
    """
    if not runner.answers("scrap-supply", case):
        return None
    scenario = scenario or default_scenario(case.axis("focus").codes[0])
    result = runner.run("scrap-supply", case, scenario=scenario, since=year - BACK, to=year, draws=DRAWS)
    return read_scrap(result, scenario, materials)
