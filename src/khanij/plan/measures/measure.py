"""A measure: levers of a size, with a cost, a lead time, and what was assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import nan
from typing import Any

from khanij import reference
from khanij.core.range import Range
from khanij.plan.levers import LEVERS, Lever
from khanij.plan.levers import read as read_lever
from khanij.plan.measures.building import Building

UNKNOWN = Range(nan, nan, nan)
NOTHING = Range(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of a size, whole or not at all unless `lump` is smaller than 1.

    levers   what it does to a Case                    cost, running  USD once, and USD a year
    lead     whole years until it works                component  of the programme that pays for it
    needs    id of a measure that must be there too    size, unit  what it gives, for people
    assumed  what was assumed about it                 confidence  of its cost
    arising  (year, part of its size that can work by then), rising; () = all of it, and more as need grows
    building  public money, chance, pace and burdens
    after    (id of the stage before it, part of that which succeeds): nobody has to go on to this one
    on_top   it is valued on top of the measure that it needs
    entry    id of the catalogue that it is sized from; "" = its own id
    """

    id: str
    name: str
    kind: str
    component: str
    materials: tuple[str, ...]
    levers: tuple[Lever, ...]
    size: float
    unit: str
    cost: Range
    running: Range
    lead: int
    lump: float = 1.0
    needs: str = ""
    source: str = ""
    confidence: str = "low"
    assumed: tuple[str, ...] = ()
    arising: tuple[tuple[int, float], ...] = ()
    building: Building = field(default_factory=Building)
    after: tuple[str, float] | None = None
    on_top: bool = False
    entry: str = ""

    @property
    def catalogued(self) -> str:
        """Return the id of the catalogue under which its figures stand, if it is in there."""
        return self.entry or self.id

    @property
    def outlay(self) -> Range:
        """Return the public money that it takes once, USD."""
        return Range(*(end * self.building.support.outlay.best for end in self.cost))

    def at_end(self, end: str) -> Measure:
        """Return the measure with its levers at the "low" or "high" end of what they give."""
        return replace(self, levers=tuple(lever.at_end(end) for lever in self.levers))

    def resized_levers(self, part: float) -> tuple[Lever, ...]:
        """Return the levers at `part` of the measure's size, more than all of it where that can be; none where 0."""
        return tuple(lever.resize(part) for lever in self.levers) if part > 0 else ()

    def ranged(self) -> tuple[str, ...]:
        """Return the parameters of its levers with a range that at_end() moves."""
        return tuple(dict.fromkeys(name for lever in self.levers for name in lever.ranged()))

    def touched(self) -> tuple[str, ...]:
        """Return the materials that it changes, substitutes included."""
        others = (material for lever in self.levers for material in lever.materials())
        return tuple(dict.fromkeys((*self.materials, *others)))


def component(kind: str, programme: str = "") -> str:
    """Return the component of a programme that pays for a kind of measure; the kind itself where none does."""
    for row in reference.rows("programme_components"):
        if row["programme"] == programme and row["purpose"] == LEVERS[kind].purpose:
            return row["component"]
    return kind


def read(entry: Mapping[str, Any], where: str, programme: str = "") -> Measure:
    """Return the measure that an entry of a study describes.

    entry  id, name, component, levers (see levers.read), size, unit, cost and running (Range, USD), lead, lump, needs,
           source, confidence, assumed
    Raises StudyError with the key path for a lever that cannot be.
    """
    levers = tuple(read_lever(dict(one), f"{where}.levers.{n}") for n, one in enumerate(entry["levers"]))
    kind = levers[0].kind
    taken = ("id", "name", "size", "unit", "cost", "running", "lead", "lump", "needs", "source", "confidence")
    return Measure(
        kind=kind,
        component=entry["component"] or component(kind, programme),
        materials=tuple(dict.fromkeys(lever.material for lever in levers if lever.material)),
        levers=levers,
        assumed=tuple(entry["assumed"]),
        **{name: entry[name] for name in taken},
    )
