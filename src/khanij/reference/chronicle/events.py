"""Disruptive events as data: one YAML file an event, checked line by line before anything is computed with it."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from khanij import reference
from khanij.core import units
from khanij.core.axis import sample
from khanij.core.errors import CoverageError, KhanijError, StudyError
from khanij.reference import yaml_files as entries

FOLDER = reference.FOLDER / "events"
EVERYBODY = "all"
POINT = r"(19|20)\d\d(-(0[1-9]|1[0-2])(-[0-3]\d)?|-H[12]|-Q[1-4])?"  # 2023, 2023-08, 2023-08-01, 2023-H1, 2023-Q4
PERIOD = rf"^{POINT}(/{POINT})?$"
Kind = Literal[
    "export-ban",
    "licence-regime",
    "quota",
    "tariff",
    "mine-outage",
    "refinery-outage",
    "smelter-outage",
    "sanctions",
    "war",
    "chokepoint",
]
Role = Literal["fit", "test", "negative-control", "context"]
Confidence = Literal["high", "medium", "low"]
End = Literal["low", "best", "high"]
Share = Annotated[float, Field(ge=0, le=1)]
Text = Annotated[str, Field(min_length=1)]
CUTTING = ("export-ban", "mine-outage", "refinery-outage", "smelter-outage")


class EventPart(BaseModel):
    """What every part of an event has in common: a key that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EventSource(EventPart):
    """Where a figure was read."""

    title: Text
    publisher: Text
    date: Text | None = None
    url: Text | None = None


class Sourced(EventPart):
    """A figure with its source and how far it is to be trusted."""

    source: Text | None = None
    confidence: Confidence
    note: Text | None = None


class ExportCut(Sourced):
    """The part of the flow that is lost at full effect."""

    low: Share
    best: Share
    high: Share

    @model_validator(mode="after")
    def ordered(self) -> ExportCut:
        """Refuse a best figure outside its own range."""
        if not self.low <= self.best <= self.high:
            raise ValueError("low, best and high are not in order")
        return self


class FrontLoading(Sourced):
    """Extra flow before the start, as a multiple of a usual month, spread over the months before."""

    months: Annotated[int, Field(ge=1, le=24)]
    extra: Annotated[float, Field(ge=0, le=24)]


class RecoveryStep(Sourced):
    """The flow that had come back some months after the start, as a share of the usual one."""

    month: Annotated[int, Field(ge=0, le=240)]
    share: Annotated[float, Field(ge=0, le=5)]


class Size(EventPart):
    """How much of what is lost, and how that goes over time; what is not known stays away."""

    of: Literal["exports", "output"]
    cut: ExportCut | None = None
    ramp_months: Annotated[int, Field(ge=0, le=60)] | None = None
    front_loading: FrontLoading | None = None
    recovery: tuple[RecoveryStep, ...] = ()

    @model_validator(mode="after")
    def in_time(self) -> Size:
        """Refuse steps of recovery that are not in the order of time."""
        months = [step.month for step in self.recovery]
        if months != sorted(set(months)):
            raise ValueError("the months of recovery are not in order, or one stands twice")
        return self


class Measured(Sourced):
    """One figure from before or after the event."""

    what: Literal["exports", "imports", "output", "quota", "stock", "price", "share", "change", "rate"]
    of: Text
    material: Text | None = None
    side: Literal["before", "after"]
    when: Annotated[str, Field(pattern=PERIOD)]
    value: float
    unit: Text
    low: float | None = None
    high: float | None = None

    @field_validator("unit")
    @classmethod
    def known_unit(cls, unit: str) -> str:
        """Refuse a unit that cannot be converted."""
        try:
            units.factor(unit, unit)
        except KhanijError as problem:
            raise ValueError(problem.what) from None
        return unit

    @model_validator(mode="after")
    def possible(self) -> Measured:
        """Refuse negative amounts, and a range that does not hold its value."""
        if self.what != "change" and self.value < 0:
            raise ValueError("only a change may be negative")
        if (self.low is not None and self.low > self.value) or (self.high is not None and self.high < self.value):
            raise ValueError("the range does not hold the value")
        return self


class Event(EventPart):
    """What happened or might happen: what, where, to whom, how large, when, and what was measured.

    destinations  "all", or the countries and groups that are cut off
    announced     the day on which the market learnt of it; start, end  first and last day in force
    role          fit = free parameters may be fitted to it; test = never; negative-control = no fall is expected
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    name: Text
    kind: Kind
    role: Role
    materials: Annotated[tuple[str, ...], Field(min_length=1)]
    stages: Annotated[tuple[str, ...], Field(min_length=1)]
    country: Text
    destinations: Literal["all"] | tuple[str, ...] = EVERYBODY
    exempt: tuple[str, ...] = ()
    announced: date | None = None
    start: date
    end: date | None = None
    size: Size
    measured: tuple[Measured, ...] = ()
    sources: Annotated[dict[str, EventSource], Field(min_length=1)]
    note: Text | None = None

    @field_validator("materials")
    @classmethod
    def known_materials(cls, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse a material that is not in materials.csv."""
        unknown = [id for id in ids if id not in reference.materials()]
        if unknown:
            raise ValueError(f"unknown material {sample(unknown)}")
        return ids

    @field_validator("stages")
    @classmethod
    def known_stages(cls, stages: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse a stage that no chain has."""
        unknown = [stage for stage in stages if stage not in reference.STAGES]
        if unknown:
            raise ValueError(f"unknown stage {sample(unknown)}; one of {', '.join(reference.STAGES)}")
        return stages

    @field_validator("country")
    @classmethod
    def known_country(cls, code: str) -> str:
        """Refuse a country that does not exist."""
        if code not in reference.countries():
            raise ValueError(f"unknown country {code!r}; an ISO alpha-3 code")
        return code

    @field_validator("destinations", "exempt")
    @classmethod
    def known_destinations(cls, codes: str | tuple[str, ...]) -> str | tuple[str, ...]:
        """Refuse a destination that is neither a country nor a group."""
        if codes == EVERYBODY:
            return codes
        unknown = [code for code in codes if code not in reference.countries() and code not in reference.groups()]
        if unknown:
            raise ValueError(f"unknown country or group {sample(unknown)}")
        return codes

    @field_validator("destinations")
    @classmethod
    def somebody(cls, codes: str | tuple[str, ...]) -> str | tuple[str, ...]:
        """Refuse a ban of nobody."""
        if not codes:
            raise ValueError("nobody is cut off: name countries or groups, or say all")
        return codes

    @model_validator(mode="after")
    def possible(self) -> Event:
        """Refuse what cannot be: ends before starts, bans of oneself, stages that no material has, unnamed sources."""
        if self.end is not None and self.end < self.start:
            raise Impossible("end", f"the end {self.end} lies before the start {self.start}")
        if self.announced is not None and self.announced > self.start:
            raise Impossible("announced", f"announced {self.announced}, after the start {self.start}")
        if self.size.cut is not None and self.kind in CUTTING and self.size.cut.high == 0:
            raise Impossible("size.cut", "a ban or an outage that takes nothing away")
        if self.destinations != EVERYBODY and not self.affected(self.start.year):
            raise Impossible("destinations", "nobody but the country itself, or only exempt ones, would be cut off")
        chains = reference.stage_names()
        for material in self.materials:
            if not any((material, stage) in chains for stage in self.stages):
                raise Impossible("stages", f"{material} has none of the stages {', '.join(self.stages)}")
        for place, part in self.sourced():
            if part.source is not None and part.source not in self.sources:
                raise Impossible(f"{place}.source", f"no source {part.source!r} among the event's sources")
            if part.source is None and part.confidence != "low":
                raise Impossible(f"{place}.source", "a figure without a source is of low confidence")
        for at, figure in enumerate(self.measured):
            if figure.material is not None and figure.material not in self.materials:
                raise Impossible(f"measured.{at}.material", f"{figure.material!r} is no material of the event")
        return self

    def sourced(self) -> Iterable[tuple[str, Sourced]]:
        """Yield key path and part of every figure."""
        for name in ("cut", "front_loading"):
            part = getattr(self.size, name)
            if part is not None:
                yield f"size.{name}", part
        for at, step in enumerate(self.size.recovery):
            yield f"size.recovery.{at}", step
        for at, figure in enumerate(self.measured):
            yield f"measured.{at}", figure

    def affected(self, year: int) -> tuple[str, ...]:
        """Return the countries that are cut off in a year, groups written out; empty for "all"."""
        if self.destinations == EVERYBODY:
            return ()
        spared = {*members(self.exempt, year), self.country}
        return tuple(code for code in members(self.destinations, year) if code not in spared)


class Impossible(ValueError):
    """Something that cannot be, with the key path at which it stands."""

    def __init__(self, path: str, what: str) -> None:
        """Keep path and sentence."""
        self.path = path
        super().__init__(what)


def members(codes: Iterable[str], year: int) -> tuple[str, ...]:
    """Return the countries of a list of countries and groups in a year, each once."""
    found = [c for code in codes for c in (reference.members(code, year) if code in reference.groups() else (code,))]
    return tuple(dict.fromkeys(found))


def check(values: Any, where: str) -> Event:
    """Return the event that these values describe; raises StudyError with the key path of the first fault."""
    if not isinstance(values, dict):
        raise StudyError("an event is a mapping of keys to values", where=where, hint="see `khanij events show ID`")
    try:
        return Event.model_validate(values)
    except ValidationError as wrong:
        faults = wrong.errors(include_url=False)
        first = faults[0]
        cause = first.get("ctx", {}).get("error")
        path = cause.path if isinstance(cause, Impossible) else ".".join(map(str, first["loc"]))
        path = re.sub(r"\.(tuple\[.*|literal\[.*)$", "", path)
        what = str(cause) if cause is not None else f"{first['msg']}, not {first.get('input')!r}"[:200]
        hint = f"{len(faults) - 1} more to mend" if len(faults) > 1 else "see `khanij events show ID` for a whole one"
        raise StudyError(what, where=f"{where}: {path}", hint=hint) from None


def read(path: Path) -> Event:
    """Return the event of one YAML file; raises StudyError if it is absent, broken, or impossible."""
    return check(entries.load(path), path.name)


@cache
def catalogue() -> dict[str, Event]:
    """Return every documented event by id, in the order of time."""
    found = [read(path) for path in sorted(FOLDER.glob("*.yaml"))]
    return {event.id: event for event in sorted(found, key=lambda event: (event.start, event.id))}


def find(id: str) -> Event:
    """Return a documented event; raises CoverageError with the ids like it."""
    if id not in catalogue():
        near = [known for known in catalogue() if set(id.split("-")) & set(known.split("-"))]
        raise CoverageError(f"no event {id!r}", where="event", hint=f"one of {sample(near or catalogue(), 12)}")
    return catalogue()[id]


def path(event: Event, before: int, after: int, end: End = "best") -> list[float]:
    """Return the flow in each month from `before` months ahead of the start to `after` months on, usual month = 1.

    end  which end of the cut's range; an event without a known cut keeps its usual flow, and the first month is cut
         from its first day on. Between the steps of recovery the flow is on a straight line; after the end it is usual.
    """
    size, flow = event.size, []
    cut = getattr(size.cut, end) if size.cut is not None else 0.0
    last = _months(event.start, event.end) if event.end is not None else None
    days = calendar.monthrange(event.start.year, event.start.month)[1]
    for month in range(-before, after + 1):
        if month < 0:
            early = size.front_loading
            flow.append(1.0 + early.extra / early.months if early is not None and -month <= early.months else 1.0)
            continue
        if last is not None and month > last:
            flow.append(1.0)
            continue
        reached = min(1.0, (month + 1) / (size.ramp_months + 1)) if size.ramp_months else 1.0
        share = _recovered(size.recovery, month, 1.0 - cut * reached)
        flow.append(share if month else share + (1.0 - share) * (event.start.day - 1) / days)
    return flow


def _months(start: date, end: date) -> int:
    """Return the number of months from the month of one day to that of another."""
    return (end.year - start.year) * 12 + end.month - start.month


def _recovered(steps: tuple[RecoveryStep, ...], month: int, least: float) -> float:
    """Return the flow of a month: `least` until the first step, then on a line from step to step."""
    if not steps or month < steps[0].month:
        return least
    for one, other in pairwise(steps):
        if one.month <= month < other.month:
            return one.share + (other.share - one.share) * (month - one.month) / (other.month - one.month)
    return steps[-1].share
