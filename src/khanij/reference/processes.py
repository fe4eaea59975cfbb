"""Process chains: forms, steps, their figures with range, source and confidence, and routes through the steps.

Four tables: process_forms.csv (how much of the carrier element a tonne of each form holds), process_steps.csv (what a
step turns into what), process_values.csv (one row a figure of a step) and process_routes.csv (steps in order).
electricity_carbon.csv says how much carbon a megawatt hour carries, by country.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import isfinite

from khanij import reference
from khanij.core import units
from khanij.core.errors import CoverageError, ParseError

CONFIDENCES = ("high", "medium", "low")
# Quantity of a step -> unit; all a tonne of the step's output but yield and recovered.
QUANTITIES = {
    "yield": "1",
    "recovered": "1",
    "coproduct": "t/t",
    "byproduct": "t/t",
    "reagent": "t/t",
    "energy": "GJ/t",
    "electricity": "MWh/t",
    "carbon": "t/t",
    "carbon_direct": "t/t",
    "water": "m3/t",
    "waste": "t/t",
    "operating_cost": "USD/t",
    "capital": "USD/t",
}
FLOWS = ("recovered", "coproduct", "byproduct", "reagent")  # quantities with an item
BURDENS = ("carbon", "energy", "water", "waste", "operating_cost", "capital")


@dataclass(frozen=True, slots=True)
class CostRange:
    """A sourced range, 0 <= low <= best <= high."""

    low: float
    best: float
    high: float
    source: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a material: t of the carrier element in a tonne; `same_as` names the form whose content it shares."""

    id: str
    name: str
    element: str
    formula: str
    same_as: str
    content: CostRange


@dataclass(frozen=True, slots=True)
class ProcessStep:
    """A step that turns a form into another; `fact` is the key of the fact base's row ("copper|4|electrorefining")."""

    id: str
    name: str
    input: str
    output: str
    material: str
    stage: str
    fact: str
    note: str


@dataclass(frozen=True, slots=True)
class Value:
    """One figure of a step.

    item        what flows, for FLOWS; a form for `recovered`
    place       ISO alpha-3 of the source's country, "" where the source speaks of the world or does not say
    counted_at  step in whose figure this one is contained; then there is no range
    """

    step: str
    quantity: str
    item: str
    unit: str
    place: str
    counted_at: str
    range: CostRange | None
    source: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class Route:
    """Steps in order, from raw material to product."""

    id: str
    name: str
    material: str
    steps: tuple[str, ...]
    note: str


def _range(row: Mapping[str, str], where: str) -> CostRange:
    """Return the range of a row; raises ParseError if it is out of order, or without source or confidence."""
    try:
        low, best, high = (float(row[name]) for name in ("low", "best", "high"))
    except ValueError:
        raise ParseError(f"not a figure: {dict(row)}", where=where, hint="low, best and high are all needed") from None
    if not (0 <= low <= best <= high and isfinite(high)):
        raise ParseError(f"a range out of order: {dict(row)}", where=where, hint="0 <= low <= best <= high")
    _sourced(row, where)
    return CostRange(low, best, high, row["source"], row["confidence"], row["note"])


def _sourced(row: Mapping[str, str], where: str) -> None:
    """Raise ParseError for a row without source, or of unknown confidence."""
    if not row["source"] or row["confidence"] not in CONFIDENCES:
        what = f"a row without source or confidence: {dict(row)}"
        raise ParseError(what, where=where, hint=f"an id of bibliography.csv; one of {', '.join(CONFIDENCES)}")


def _once(id: str, found: Mapping[str, object], where: str) -> None:
    """Raise ParseError if an id stands twice."""
    if id in found:
        raise ParseError(f"{id!r} stands twice", where=where, hint="one row an id")


@cache
def forms() -> dict[str, Form]:
    """Return every form by id; raises ParseError on a broken or repeated row, or an element content of 0."""
    table = {row["form"]: row for row in reference.rows("process_forms")}
    found: dict[str, Form] = {}
    for line, row in enumerate(reference.rows("process_forms"), 2):
        where = f"process_forms.csv line {line}"
        _once(row["form"], found, where)
        other = row["same_as"]
        if other and (other not in table or table[other]["same_as"] or table[other]["element"] != row["element"]):
            what = f"{row['form']} shares the content of {other!r}"
            raise ParseError(what, where=where, hint="a form of the same element with a content of its own")
        content = _range(table[other] if other else row, where)
        if content.low <= 0 or content.high > 1:
            raise ParseError(f"a content of {content.low} to {content.high}", where=where, hint="above 0, at most 1")
        found[row["form"]] = Form(row["form"], row["name"], row["element"], row["formula"], other, content)
    return found


@cache
def steps() -> dict[str, ProcessStep]:
    """Return every step by id; raises ParseError on an unknown form, material or stage, or another element."""
    found: dict[str, ProcessStep] = {}
    known = {"material": tuple(reference.materials()), "stage": reference.STAGES}
    known |= {"input": tuple(forms()), "output": tuple(forms())}
    for line, row in enumerate(reference.rows("process_steps"), 2):
        where = f"process_steps.csv line {line}"
        _once(row["step"], found, where)
        for column, allowed in known.items():
            if row[column] not in allowed:
                what = f"unknown {column} {row[column]!r}"
                raise ParseError(what, where=where, hint="add it to its table first, or correct the row")
        if forms()[row["input"]].element != forms()[row["output"]].element:
            raise ParseError(f"{row['step']} changes its element", where=where, hint="one carrier through a chain")
        names = ("name", "input", "output", "material", "stage", "fact", "note")
        found[row["step"]] = ProcessStep(row["step"], **{name: row[name] for name in names})
    return found


@cache
def values() -> dict[tuple[str, str, str], Value]:
    """Return (step, quantity, item) -> figure; raises ParseError on a broken or repeated row."""
    found: dict[tuple[str, str, str], Value] = {}
    for line, row in enumerate(reference.rows("process_values"), 2):
        where = f"process_values.csv line {line}"
        key = (row["step"], row["quantity"], row["item"])
        _known(row, where)
        if key in found:
            raise ParseError(f"{' '.join(key)} stands twice", where=where, hint="one row a figure")
        span = None if row["counted_at"] else _range(row, where)
        if span is not None and row["quantity"] in ("yield", "recovered") and span.high > 1:
            raise ParseError(f"a part of {span.high}", where=where, hint="at most 1")
        if span is not None and row["quantity"] == "yield" and span.low <= 0:
            raise ParseError("a yield of 0", where=where, hint="a step without output is no step")
        plain = {name: row[name] for name in ("unit", "place", "counted_at", "source", "confidence", "note")}
        found[key] = Value(*key, **plain, range=span)
    for value in found.values():
        target = found.get((value.counted_at, value.quantity, ""))
        if value.counted_at and (target is None or target.range is None):
            what = f"{value.quantity} of {value.step} is counted at {value.counted_at}, which has none"
            raise ParseError(what, where="process_values.csv", hint="name a step with a figure")
    lacking = sorted(set(steps()) - {step for step, quantity, _ in found if quantity == "yield"})
    if lacking:
        raise ParseError(f"no yield of {', '.join(lacking)}", where="process_values.csv", hint="every step needs one")
    return found


def _known(row: Mapping[str, str], where: str) -> None:
    """Raise ParseError for an unknown step, quantity, unit or place, or an item where none belongs."""
    quantity, item = row["quantity"], row["item"]
    if row["step"] not in steps() or quantity not in QUANTITIES:
        raise ParseError(f"unknown step or quantity: {dict(row)}", where=where, hint=f"{', '.join(QUANTITIES)}")
    if row["unit"] != QUANTITIES[quantity]:
        raise ParseError(f"{quantity} in {row['unit']!r}", where=where, hint=f"in {QUANTITIES[quantity]}")
    if bool(item) != (quantity in FLOWS) or (quantity == "recovered" and item not in forms()):
        what = f"{quantity} with item {item!r}"
        raise ParseError(what, where=where, hint=f"an item for {', '.join(FLOWS)} alone; a form for recovered")
    if row["place"] and row["place"] not in reference.countries():
        raise ParseError(f"unknown place {row['place']!r}", where=where, hint="ISO alpha-3, or empty")
    if row["counted_at"] and any(row[end] for end in ("low", "best", "high")):
        raise ParseError("a figure that is counted elsewhere", where=where, hint="leave low, best and high empty")
    _sourced(row, where)


@cache
def routes() -> dict[str, Route]:
    """Return every route by id; raises ParseError if a step's input is not the output of the step before."""
    found: dict[str, Route] = {}
    for line, row in enumerate(reference.rows("process_routes"), 2):
        where = f"process_routes.csv line {line}"
        _once(row["route"], found, where)
        names = tuple(row["steps"].split(";"))
        unknown = [name for name in names if name not in steps()]
        if unknown or len(set(names)) < len(names) or row["material"] not in reference.materials():
            raise ParseError(f"unknown or repeated step or material: {dict(row)}", where=where, hint="each step once")
        chain = [steps()[name] for name in names]
        for before, after in pairwise(chain):
            if before.output != after.input:
                what = f"{before.id} makes {before.output}, {after.id} takes {after.input}"
                raise ParseError(what, where=where, hint="steps in order, each fed by the one before")
        found[row["route"]] = Route(row["route"], row["name"], row["material"], names, row["note"])
    return found


@cache
def electricity_carbon() -> dict[str, float]:
    """Return ISO alpha-3 (WLD: world) -> kg of CO2 equivalent a megawatt hour; raises ParseError on a broken row."""
    found: dict[str, float] = {}
    for line, row in enumerate(reference.rows("electricity_carbon"), 2):
        where = f"electricity_carbon.csv line {line}"
        _once(row["country"], found, where)
        _sourced(row, where)
        if row["country"] not in (*reference.countries(), "WLD"):
            raise ParseError(f"unknown country {row['country']!r}", where=where, hint="ISO alpha-3, or WLD")
        found[row["country"]] = float(row["value"]) * units.factor(row["unit"], "kg/MWh")
    return found


def route(id: str) -> Route:
    """Return a route by id; raises CoverageError with the known ids."""
    if id not in routes():
        raise CoverageError(f"unknown route {id!r}", where="route", hint=f"one of {', '.join(routes())}")
    return routes()[id]
