"""Growth of a country's need by the demand model."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.analyses import runner
from khanij.core.case import Case
from khanij.plan.planner.growth import LAST, Growth, read_growth
from khanij.reference.industry.technologies import default_scenario


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
