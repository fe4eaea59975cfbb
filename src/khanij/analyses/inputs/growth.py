"""Growth of a country's need by the demand model."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.analyses import runner
from khanij.analyses.inputs import cases
from khanij.plan.planner.growth import LAST, Growth, read_growth, with_proxies


def growth(focus: str, base: int, materials: Sequence[str], world: str = "STEPS") -> Growth:
    """Return the growth of need of some materials from a base year on, in which it is 1.

    world  the IEA's scenario of the best estimate: STEPS, APS or NZE
    """
    case = cases.case(focus, base, with_proxies(materials))
    result = runner.run("need-growth", case, base=base, since=base, to=LAST, world=world)
    return read_growth(result, base, materials)
