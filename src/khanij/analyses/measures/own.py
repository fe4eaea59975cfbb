"""Measures of a request's own: what it wrote, read as levers with costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan

from khanij.analyses.measures.request import OwnMeasure
from khanij.core.errors import StudyError
from khanij.core.range import ENDS, Range
from khanij.plan.measures import measure
from khanij.plan.measures.measure import Measure
from khanij.reference import money


def read_measures(own: Sequence[OwnMeasure], programme: str = "") -> tuple[Measure, ...]:
    """Return the measures that a request describes itself; raises StudyError with the key path of what cannot be."""
    made = []
    for n, one in enumerate(own):
        where = f"own_measures.{n}"
        entry = one.model_dump() | {"cost": read_range(one.cost, f"{where}.cost")}
        entry["running"] = read_range(one.running, f"{where}.running") if one.running else measure.NOTHING
        entry["size"] = nan if one.size is None else one.size
        made.append(measure.read(entry, where, programme))
    return tuple(made)


def read_range(given: Mapping[str, str], where: str) -> Range:
    """Return low, best and high in USD of money as people write it; not known where nothing is given."""
    if not given:
        return measure.UNKNOWN
    if set(given) - set(ENDS) or "best" not in given:
        raise StudyError(f"a cost has best, and low and high, not {sorted(given)}", where=where)
    usd = {}
    for name, text in given.items():
        amount, unit = money.read(text)
        usd[name] = unit.usd(amount)
    return Range(usd.get("low", usd["best"]), usd["best"], usd.get("high", usd["best"]))
