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

from khanij import reference
from khanij.core import units
from khanij.core.errors import CoverageError, ParseError
from khanij.core.range import Range
from khanij.reference import records
from khanij.reference.records import column

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


def _figure(row: Mapping[str, str]) -> Range | None:
    """Return the range of a figure; None where it is counted at another step."""
    return None if row["counted_at"] else records.sourced_range(row, "")


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a material: t of the carrier element in a tonne; `same_as` names the form whose content it shares."""

    id: str
    name: str
    element: str
    formula: str
    same_as: str
    content: Range


@dataclass(frozen=True, slots=True)
class ProcessStep:
    """A step that turns a form into another; `fact` is the key of the fact base's row ("copper|4|electrorefining")."""

    id: str = column("step")
    name: str
    input: str = column(among=lambda: forms())
    output: str = column(among=lambda: forms())
    material: str = column(among=reference.materials)
    stage: str = column(among=lambda: reference.STAGES)
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
    range: Range | None = column(made=_figure)
    source: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class Route:
    """Steps in order, from raw material to product."""

    id: str = column("route")
    name: str
    material: str
    steps: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class GridCarbon:
    """Carbon of a country's electricity in a year."""

    country: str = column(among=lambda: (*reference.countries(), "WLD"))
    year: int
    value: float
    unit: str
    source: str
    confidence: str = column(among=lambda: records.CONFIDENCES)
    note: str


@cache
def forms() -> dict[str, Form]:
    """Return every form by id; raises ParseError on a broken or repeated row, or an element content of 0."""
    table = {row["form"]: row for row in records.rows("process_forms")}
    found: dict[str, Form] = {}
    for line, row in enumerate(records.rows("process_forms"), 2):
        where = f"process_forms.csv line {line}"
        other = row["same_as"]
        if row["form"] in found:
            raise ParseError(f"{row['form']!r} stands twice", where=where, hint="one row a form")
        if other and (other not in table or table[other]["same_as"] or table[other]["element"] != row["element"]):
            what = f"{row['form']} shares the content of {other!r}"
            raise ParseError(what, where=where, hint="a form of the same element with a content of its own")
        content = records.sourced_range(table[other] if other else row, where)
        if content.low <= 0 or content.high > 1:
            raise ParseError(f"a content of {content.low} to {content.high}", where=where, hint="above 0, at most 1")
        found[row["form"]] = Form(row["form"], row["name"], row["element"], row["formula"], other, content)
    return found


@cache
def steps() -> dict[str, ProcessStep]:
    """Return every step by id; raises ParseError on an unknown form, material or stage, or another element."""
    found: dict[str, ProcessStep] = records.keyed(ProcessStep, "process_steps", "id")
    for step in found.values():
        if forms()[step.input].element != forms()[step.output].element:
            what = f"{step.id} changes its element"
            raise ParseError(what, where="process_steps.csv", hint="one carrier through a chain")
    return found


@cache
def values() -> dict[tuple[str, str, str], Value]:
    """Return (step, quantity, item) -> figure; raises ParseError on a broken or repeated row."""
    for line, row in enumerate(records.rows("process_values"), 2):
        _known(row, f"process_values.csv line {line}")
    found: dict[tuple[str, str, str], Value] = records.keyed(Value, "process_values", "step", "quantity", "item")
    for value in found.values():
        span, where = value.range, f"process_values.csv: {value.step} {value.quantity}"
        if span is not None and value.quantity in ("yield", "recovered") and span.high > 1:
            raise ParseError(f"a part of {span.high}", where=where, hint="at most 1")
        if span is not None and value.quantity == "yield" and span.low <= 0:
            raise ParseError("a yield of 0", where=where, hint="a step without output is no step")
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
    records.sourced(row, where)


@cache
def routes() -> dict[str, Route]:
    """Return every route by id; raises ParseError if a step's input is not the output of the step before."""
    found: dict[str, Route] = records.keyed(Route, "process_routes", "id")
    for route in found.values():
        names, where = route.steps, f"process_routes.csv: {route.id}"
        unknown = [name for name in names if name not in steps()]
        if unknown or len(set(names)) < len(names) or route.material not in reference.materials():
            what = f"unknown or repeated step or material: {', '.join(unknown or names)}, {route.material}"
            raise ParseError(what, where=where, hint="each step once")
        chain = [steps()[name] for name in names]
        for before, after in pairwise(chain):
            if before.output != after.input:
                what = f"{before.id} makes {before.output}, {after.id} takes {after.input}"
                raise ParseError(what, where=where, hint="steps in order, each fed by the one before")
    return found


@cache
def electricity_carbon() -> dict[str, float]:
    """Return ISO alpha-3 (WLD: world) -> kg of CO2 equivalent a megawatt hour; raises ParseError on a broken row."""
    found: dict[str, GridCarbon] = records.keyed(GridCarbon, "electricity_carbon", "country")
    return {code: row.value * units.factor(row.unit, "kg/MWh") for code, row in found.items()}


def route(id: str) -> Route:
    """Return a route by id; raises CoverageError with the known ids."""
    if id not in routes():
        raise CoverageError(f"unknown route {id!r}", where="route", hint=f"one of {', '.join(routes())}")
    return routes()[id]
