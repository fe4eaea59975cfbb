"""The catalogue of measures: what each costs, takes and yields by tonne, with ranges, sources and confidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from math import isnan, prod

from khanij import reference
from khanij.core.errors import CoverageError, ParseError
from khanij.reference import measures as figures
from khanij.reference import records
from khanij.reference.industry import processes
from khanij.reference.records import CONFIDENCES, column

# Parameter -> unit, and how the rows of several steps join: those that add up, those that multiply.
SUMS = {
    "capital": "USD/t",
    "acquisition": "USD/t",
    "running": "USD/t",
    "energy": "GJ/t",
    "carbon": "t/t",
    "water": "m3/t",
    "waste": "t/t",
    "lead": "yr",
    "search": "MUSD",
}
PRODUCTS = {
    "recovery": "1",
    "prospect": "1",
    "resource": "1",
    "reserve": "1",
    "mine": "1",
    "probability": "1",
    "weight": "1",
    "carrying": "1",
    "discount": "1",
}
UNITS = SUMS | PRODUCTS
OF_STEP = {"energy": "energy", "carbon": "carbon", "water": "water", "waste": "waste", "recovery": "yield"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure by tonne of a measure's basis, or without tonnes; nan = not known.

    item    fact that it restates, or "step" and the step of a process; several joined by " + ";
            "" for a prior, and for a figure read elsewhere
    source  ids of bibliography.csv
    """

    parameter: str
    low: float
    best: float
    high: float
    unit: str
    item: str
    source: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class CatalogueMeasure:
    """One measure: a kind of lever on a material and a stage, and its figures by parameter."""

    id: str
    kind: str
    name: str
    material: str
    stage: str
    feed_stage: str
    note: str
    figures: dict[str, Parameter]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One row of measure_figures.csv, as it stands: the figure is the value times the scale, or that of a step."""

    measure: str
    parameter: str = column(among=lambda: UNITS)
    low: float
    best: float
    high: float
    unit: str
    scale: float
    item: str
    step: str
    source: str
    confidence: str = column(among=lambda: CONFIDENCES)
    note: str


def _figure(row: FigureRow, where: str) -> Parameter:
    """Return a row as it counts: its value times its scale; raises ParseError for one that cannot be."""
    if row.unit != UNITS[row.parameter]:
        raise ParseError(f"{row.parameter} in {row.unit!r}", where=where, hint=f"in {UNITS[row.parameter]}")
    if not row.source:
        raise ParseError("a figure without source", where=where, hint="an id of bibliography.csv")
    row = _of_step(row, where) if row.step else row
    low, best, high = (value * row.scale for value in (row.low, row.best, row.high))
    there = [value for value in (low, best, high) if not isnan(value)]
    if not there or there != sorted(there) or there[0] < 0 or not row.scale > 0:
        raise ParseError(f"a range out of order: {row}", where=where, hint="0 <= low <= best <= high, one at least")
    return Parameter(row.parameter, low, best, high, row.unit, row.item, row.source, row.confidence, row.note)


def _of_step(row: FigureRow, where: str) -> FigureRow:
    """Return the row with the figure of a process step; raises ParseError if it has none."""
    found = processes.values().get((row.step, OF_STEP.get(row.parameter, ""), ""))
    if found is not None and (row.source, row.confidence) != (found.source, found.confidence):
        what = f"{row.step} {row.parameter} rests on {found.source}, {found.confidence}"
        raise ParseError(what, where=where, hint="repeat source and confidence of process_values.csv")
    if found is None or found.range is None or not all(map(isnan, (row.low, row.best, row.high))):
        raise ParseError(f"{row.step} has no {row.parameter}", where=where, hint="process_values.csv has the figures")
    low, best, high = found.range
    note = "; ".join(part for part in (row.note, found.note) if part)
    return replace(row, low=low, best=best, high=high, item=f"step {row.step}", note=note)


def join(parts: Iterable[Parameter]) -> Parameter:
    """Return the figure of several steps of one parameter: added up, or multiplied; as sure as the least sure of them.

    An end that one step lacks is lacking; the steps of a measure stand for one after the other.
    """
    steps = list(parts)
    if len(steps) == 1:
        return steps[0]
    ends = []
    for end in ("low", "best", "high"):
        values = [float(getattr(step, end)) for step in steps]
        ends.append(sum(values) if steps[0].parameter in SUMS else prod(values))
    return Parameter(
        parameter=steps[0].parameter,
        low=ends[0],
        best=ends[1],
        high=ends[2],
        unit=steps[0].unit,
        item=" + ".join(step.item for step in steps),
        source=";".join(dict.fromkeys(id for step in steps for id in step.source.split(";"))),
        confidence=max((step.confidence for step in steps), key=CONFIDENCES.index),
        note="; ".join(dict.fromkeys(step.note for step in steps if step.note)),
    )


@cache
def measures() -> dict[str, CatalogueMeasure]:
    """Return every measure by id; raises ParseError on a broken row."""
    figures: dict[str, dict[str, list[Parameter]]] = {}
    for line, row in enumerate(records.read(FigureRow, "measure_figures"), 2):
        found = _figure(row, f"measure_figures.csv line {line}")
        figures.setdefault(row.measure, {}).setdefault(found.parameter, []).append(found)
    names = ("id", "kind", "name", "material", "stage", "feed_stage", "note")
    table: dict[str, CatalogueMeasure] = {}
    for line, row in enumerate(records.rows("measures"), 2):
        where = f"measures.csv line {line}"
        if row["id"] in table or (row["material"] and row["material"] not in reference.materials()):
            raise ParseError(f"{row['id']} stands twice, or has an unknown material", where=where)
        if any(row[name] and row[name] not in reference.STAGES for name in ("stage", "feed_stage")):
            raise ParseError(f"unknown stage of {row['id']}", where=where, hint=", ".join(reference.STAGES))
        joined = {name: join(steps) for name, steps in figures.pop(row["id"], {}).items()}
        table[row["id"]] = CatalogueMeasure(**{name: row[name] for name in names}, figures=joined)
    if figures:
        raise ParseError(f"figures of no measure: {', '.join(figures)}", where="measure_figures.csv")
    return table


def measure(id: str) -> CatalogueMeasure:
    """Return one measure; raises CoverageError with the ids that there are."""
    if id not in measures():
        raise CoverageError(f"unknown measure {id!r}", where="measure", hint=f"one of {', '.join(sorted(measures()))}")
    return measures()[id]


def weight(strength: str) -> Parameter:
    """Return the part of the tonnes it names that an instrument of this strength brings."""
    return measure(f"agreement-{strength}").figures["weight"]


def catalogued(id: str, parameter: str) -> Parameter:
    """Return one figure of the catalogue of measures; raises CoverageError for an unknown measure."""
    return figures.measure(id).figures[parameter]
