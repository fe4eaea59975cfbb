"""growth"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from khanij import reference
from khanij.analyses import runner
from khanij.analyses.inputs import cases
from khanij.core.cube import Floats
from khanij.demand.growth import HELD, WHOLE
from khanij.plan.planner.growth import ENDS, LAST, Growth, _words


def growth(focus: str, base: int, materials: Sequence[str], world: str = "STEPS") -> Growth:
    """Return the growth of need of some materials from a base year on, in which it is 1.

    world  the IEA's scenario of the best estimate: STEPS, APS or NZE
    Where need_proxies.csv names another material whose demand the IEA follows, that one stands for it.
    """
    proxy = {row["material"]: row["proxy"] for row in reference.rows("need_proxies")}
    wanted = tuple(dict.fromkeys(code for m in materials for code in (m, proxy.get(m, m))))
    result = runner.run("need-growth", cases.case(focus, base, wanted), base=base, since=base, to=LAST, world=world)
    cube = result.value
    axis = cube.axis("material")
    values: dict[str, list[Floats]] = {end: [] for end in ENDS}
    how = []
    for material in materials:
        told = {code: _words(result.remarks, axis.at(code)) for code in (material, proxy.get(material, material))}
        chosen = next((code for code, words in told.items() if words in (WHOLE, HELD)), material)
        m = axis.at(chosen)
        for end, found in (("low", cube.low), ("best", cube.values), ("high", cube.high)):
            row = cube.values[0, m] if found is None else found[0, m]
            values[end].append(np.where(np.isnan(row), 1.0, row))
        how.append(told[chosen] + (f" (as {chosen})" if chosen != material else ""))
    stacked = {end: np.array(rows) for end, rows in values.items()}
    return Growth(tuple(materials), base, stacked, tuple(how), result.trace.sources)
