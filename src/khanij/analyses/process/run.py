"""run"""

from __future__ import annotations

from collections.abc import Iterable

from khanij import reference
from khanij.analyses.process.tables import footprints, places, steps, swings
from khanij.core.errors import CoverageError, StudyError
from khanij.core.table import Table
from khanij.reference import processes


def report(material: str, route: str | None, places_: Iterable[str], burden: str, draws: int, seed: int) -> list[Table]:
    """Return the tables of a material's routes, or of one: totals; its steps, what moves its total, carbon by place.

    material  id, name or "all"      places_  countries whose electricity counts; none = as the sources stand
    Raises CoverageError for an unknown route or a material without one, StudyError for an unknown burden.
    """
    if burden not in processes.BURDENS:
        raise StudyError(f"no burden {burden!r}", where="--burden", hint=", ".join(processes.BURDENS))
    wanted = None if material == "all" else [reference.material(material)]
    held = tuple(reference.country(text) for text in places_)
    known = [one.id for one in processes.routes().values() if wanted is None or one.material in wanted]
    if not known or (route is not None and route not in known):
        what = f"no route {route!r} of {material}" if known else f"no route of {material} is on record"
        every = known or sorted({one.material for one in processes.routes().values()})
        raise CoverageError(what, where="--route" if known else "MATERIAL", hint=", ".join(every))
    if route is None:
        made = [footprints(wanted, draws=draws, seed=seed)]
        return [*made, *(footprints(wanted, draws=draws, seed=seed, place=one) for one in held)]
    found = [steps(route, draws=0), swings(route, burden)]
    return [*found, places(route, held, draws=draws, seed=seed)] if held else found
