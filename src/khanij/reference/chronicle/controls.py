"""Export controls of others that reach a country: which are in force on a day, which are held or announced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from khanij import reference
from khanij.core.number import Key
from khanij.reference.chronicle.instruments import KINDS, Instrument, kin, register

STRICT = {
    kind: rank
    for rank, kinds in enumerate(
        (
            ("export-ban",),
            ("quota", "exporter-list"),
            ("licence", "state-trading", "customs-point"),
            ("domestic-sale", "dual-price", "price-floor", "other-export"),
            ("export-tax", "rebate-cut"),
        )
    )
    for kind in kinds
}  # how hard a kind of control bites, the hardest first: it stops, it counts, it asks leave, it turns aside, it costs
STOPPING = 2  # the last rank of those that can stop a shipment rather than make it dearer
WORDS = {"export-ban": "export ban", "state-trading": "state trading", "export-tax": "export tax"}
REACHING = ("in-force", "suspended", "announced")


@dataclass(frozen=True, slots=True)
class ControlInForce:
    """One instrument on exports of goods as it stands on a day for one destination.

    state    in-force, suspended or announced
    changes  the next day on which the act itself changes that, None if none
    """

    instrument: Instrument
    state: str
    changes: date | None

    @property
    def rank(self) -> int:
        """Return how hard it bites: 0 hardest."""
        return STRICT[self.instrument.kind]

    @property
    def stops(self) -> bool:
        """Return whether it can stop a shipment, as a tax cannot."""
        return self.rank <= STOPPING

    @property
    def since(self) -> str:
        """Return the day from which it is in force, as closely as it is known."""
        when = self.instrument.resumed if self._has_resumed else self.instrument.in_force or self.instrument.announced
        return when.text if when else ""

    @property
    def _has_resumed(self) -> bool:
        """Return whether it is in force again after a suspension."""
        return self.state == "in-force" and self.instrument.resumed is not None

    @property
    def words(self) -> str:
        """Return its kind in words."""
        return WORDS.get(self.instrument.kind, self.instrument.kind.replace("-", " "))

    def acts_on(self, key: Key) -> bool:
        """Return whether it names a material, its group or a member of it, at this stage."""
        return key[1] in self.instrument.stages and not kin(key[0]).isdisjoint(self.instrument.materials)


def controls(members: Iterable[str], on: date) -> tuple[ControlInForce, ...]:
    """Return the controls on exports of goods that reach any of these countries on a day, the hardest first.

    Those on technology, equipment, single firms or military users alone are left out: they stop no shipment of goods.
    """
    found = []
    for instrument in register():
        if KINDS[instrument.kind] != "exports" or instrument.scope != "goods":
            continue
        states = {instrument.state(on, iso) for iso in members}
        state = next((state for state in REACHING if state in states), "")
        if state:
            found.append(ControlInForce(instrument, state, _change(instrument, on)))
    return tuple(sorted(found, key=lambda control: (control.rank, control.instrument.id)))


def _change(instrument: Instrument, on: date) -> date | None:
    """Return the first day after `on` on which the act itself says that something changes."""
    days = [day.first for day in (instrument.in_force, instrument.suspended, instrument.resumed) if day]
    days += [instrument.ended.last] if instrument.ended else []
    return min((day for day in days if day > on), default=None)


def acting(control: ControlInForce, year: int) -> frozenset[str]:
    """Return the countries whose exports a control holds: its country, or the members of its union."""
    code = control.instrument.country
    return frozenset(reference.members(code, year) if code in reference.groups() else (code,))
