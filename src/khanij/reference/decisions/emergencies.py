"""Emergencies against which a reserve is held, and how long forms of a material keep."""

# ruff: noqa: RUF009 - _span() returns dataclass fields
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from khanij import reference
from khanij.core.errors import CoverageError, ParseError
from khanij.core.range import ENDS, Range
from khanij.reference import records
from khanij.reference.records import column

LARGEST = "largest"  # the seller of each good that sells most of it to the focus


def _span(name: str) -> Range:
    """Return a field that is a range over the columns name_low, name_best, name_high."""

    def made(row: Mapping[str, str]) -> Range:
        low, best, high = (float(row[f"{name}_{end}"]) for end in ENDS)
        if not low <= best <= high:
            raise ParseError(f"{name}: {low:g}, {best:g}, {high:g} is no range", where=name, hint="low <= best <= high")
        return Range(low, best, high, row["source"], row["confidence"], row.get("note", ""))

    return column(made=made)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Emergency:
    """What happens for some months; parts are of the usual.

    stopped    sellers that stop: codes, or "largest" of each good      stopped_part  of what they sold that is lost
    allies     sellers that are allied      allied_part, other_part  of what allies and others sold that still comes
    civil      change of civil use by the emergency      defence  extra need of defence, as a part of all use
    """

    id: str
    name: str
    meaning: str
    stopped: tuple[str, ...]
    allies: tuple[str, ...]
    months: Range = _span("months")
    stopped_part: Range = _span("stopped")
    allied_part: Range = _span("allied")
    other_part: Range = _span("others")
    civil: Range = _span("civil")
    defence: Range = _span("defence")
    source: str
    confidence: str
    note: str


@cache
def emergencies() -> dict[str, Emergency]:
    """Return id -> emergency; raises ParseError on a broken row."""
    found: dict[str, Emergency] = records.keyed(Emergency, "emergencies", "id")
    for one in found.values():
        unknown = [code for code in (*one.stopped, *one.allies) if code not in (LARGEST, *reference.countries())]
        if unknown:
            raise ParseError(f"no country {unknown[0]!r}", where="emergencies.csv", hint="codes, or largest")
    return found


def emergency(id: str) -> Emergency:
    """Return one emergency; raises CoverageError with those that there are."""
    if id not in emergencies():
        known = ", ".join(emergencies())
        raise CoverageError(f"no emergency {id!r}", where="--emergency", hint=f"{known}, or a YAML file")
    return emergencies()[id]


@dataclass(frozen=True, slots=True)
class StorageForm:
    """How long a form keeps, years, and what of its value a year of rotating it costs."""

    material: str
    stage: str
    keeps: Range = _span("keeps")
    rotation: Range = _span("rotation")
    source: str
    confidence: str
    note: str


@cache
def _forms() -> dict[tuple[str, str], StorageForm]:
    """Return (material, stage) -> form; "*" = any material."""
    return records.keyed(StorageForm, "storage_forms", "material", "stage")


def storage_form(material: str, stage: str) -> StorageForm:
    """Return how a material keeps at a stage: its own row, else that of any material."""
    found = _forms()
    return found.get((material, stage)) or found.get(("*", stage)) or found[("*", "refined")]
