"""What can be asked of reserves."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from khanij import reference
from khanij.analyses.fields import Focus
from khanij.analyses.question import CLI, Scope, Strict
from khanij.analyses.simulated import Currency, Entries, SimulatedRequest
from khanij.core.errors import StudyError
from khanij.core.range import Range
from khanij.reference.decisions.emergencies import LARGEST, Emergency, emergency

USUAL = (60.0, 100.0, 180.0)  # days that programmes of several countries aim at
Ends = tuple[float, float, float]


def split_days(value: Any) -> Any:
    """Return the numbers of "60,100", or of a list in which such texts stand, each once."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, (list, tuple)) or not any(isinstance(one, str) for one in listed):
        return value
    parts = (part for one in listed for part in str(one).split(","))
    return tuple(dict.fromkeys(part for part in parts if part.strip()))


class EmergencyEntry(Strict):
    """An emergency of one's own; parts of the usual, each low, best, high."""

    name: str
    meaning: str = ""
    stopped: tuple[str, ...] = (LARGEST,)
    allies: tuple[str, ...] = ()
    months: Ends
    stopped_part: Ends = (1.0, 1.0, 1.0)
    allied_part: Ends = (1.0, 1.0, 1.0)
    other_part: Ends = (1.0, 1.0, 1.0)
    civil: Ends = (0.0, 0.0, 0.0)
    defence: Ends = (0.0, 0.0, 0.0)
    because: str = ""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        """Refuse unknown countries, ends out of order, and parts that cannot be."""
        for code in (*self.stopped, *self.allies):
            if code != LARGEST:
                reference.country(code)
        told = self.emergency
        both = set(told.stopped) & set(told.allies)
        for fault, at, hint in (
            (not self.name.strip(), "name", "a name"),
            (len(set(told.stopped)) < len(self.stopped), "stopped", "each country once"),
            (bool(both), "allies", f"{', '.join(sorted(both))} either stops or is an ally"),
            (self.months[1] <= 0, "months", "an emergency that lasts"),
        ):
            if fault:
                raise StudyError("no emergency that can be", where=f"emergency.{at}", hint=hint)
        for name in ("months", "stopped_part", "allied_part", "other_part", "civil", "defence"):
            low, best, high = getattr(self, name)
            least = -1.0 if name == "civil" else 0.0
            most = {"months": 60.0, "civil": 10.0, "defence": 10.0}.get(name, 1.0)
            if not least <= low <= best <= high <= most:
                hint = f"{least:g} <= low <= best <= high <= {most:g}"
                raise StudyError(f"{name} {low:g}, {best:g}, {high:g}", where=f"emergency.{name}", hint=hint)
        return self

    @property
    def emergency(self) -> Emergency:
        """Return it as the science takes it."""
        spans = ("months", "stopped_part", "allied_part", "other_part", "civil", "defence")
        ends = {name: Range(*getattr(self, name), "stated", "low") for name in spans}
        codes = {
            name: tuple(one if one == LARGEST else reference.country(one) for one in getattr(self, name))
            for name in ("stopped", "allies")
        }
        told = {"id": "stated", "name": self.name, "meaning": self.meaning, "source": "stated", "confidence": "low"}
        return Emergency(**told, **codes, **ends, note=self.because)


class StockpileRequest(SimulatedRequest):
    """What reserve a country or group would need for an emergency: tonnes, form, money, days, and what they avert.

    >>> StockpileRequest.of({"focus": "IND", "material": "rare-earths", "days": "60,180"}).command()
    'khanij stockpile IND --material rare-earths --days 60.0 --days 180.0'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    emergency: str = Field(
        "standard",
        description="id of an emergency on record (standard, war)",
        max_length=200,
    )
    own_emergency: Annotated[tuple[EmergencyEntry, ...], Entries] = Field(
        (),
        description="an emergency of one's own: a YAML file, or one as JSON (name, months, stopped, allies, …)",
        json_schema_extra={CLI: "repeat"},
    )
    days: Annotated[tuple[Annotated[float, Field(gt=0, le=3_650)], ...], BeforeValidator(split_days)] = Field(
        USUAL, description="days of use that are compared", json_schema_extra={CLI: "repeat"}
    )
    draws: int = Field(2_000, ge=50, le=50_000, description="of the emergency")
    currency: Currency = "million USD"
    value: bool = Field(
        True,
        description="what stocks of so many days avert in a simulated year",
        json_schema_extra={CLI: "--value/--no-value"},
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        """Refuse an unknown emergency, and more than one of one's own."""
        if len(self.own_emergency) > 1:
            raise StudyError("more than one emergency", where="--own-emergency", hint="one a question")
        if self.own_emergency and self.focus in self.chosen.stopped:
            raise StudyError(f"{self.focus} stops its own sales", where="emergency.stopped", hint="who sells to it")
        if not self.own_emergency:
            emergency(self.emergency)
        return self

    @property
    def chosen(self) -> Emergency:
        """Return the emergency that is asked about."""
        return self.own_emergency[0].emergency if self.own_emergency else emergency(self.emergency)

    @property
    def is_group(self) -> bool:
        """Return whether several countries are asked for, whose joint reserve is compared."""
        return self.focus in reference.groups()

    def scope(self) -> Scope:
        """Return the focus in its base year, with all minerals."""
        return Scope((self.focus,), (self.year,))
