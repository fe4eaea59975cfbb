"""Measures of the catalogue as levers, and their bill: money, energy, carbon, water and waste by year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import isnan, nan
from typing import Any

from khanij.core.case import Case
from khanij.core.errors import StudyError
from khanij.core.range import Range
from khanij.plan.levers.base import LEVERS, Lever, LeverEffect, read
from khanij.reference import measures
from khanij.reference.measures import Parameter

ONCE = {"capital": "USD", "acquisition": "USD"}
YEARLY = {"running": "USD/yr", "energy": "GJ/yr", "carbon": "t/yr", "water": "m3/yr", "waste": "t/yr"}


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One line of a bill, nan where it is not known; `what` is a parameter of the catalogue."""

    what: str
    low: float
    best: float
    high: float
    unit: str
    source: str
    confidence: str
    note: str


def from_catalogue(measure: str, where: str = "measure", **own: Any) -> Lever:
    """Return the lever of a measure of the catalogue, what is given here before what stands there.

    measure  id of the catalogue      own  parameters of the lever, as in levers.read: its id, country, output …
    Raises CoverageError for an unknown measure, StudyError for one that is no lever or a parameter that is lacking.
    """
    found = measures.measure(measure)
    if found.kind not in LEVERS:
        raise StudyError(f"{measure} is no lever", where=where, hint="it holds figures that others use")
    known = {entry.name for entry in fields(LEVERS[found.kind])}
    given: dict[str, Any] = {"id": measure, "kind": found.kind}
    given |= {name: getattr(found, name) for name in ("material", "stage") if getattr(found, name)}
    given |= {name: ends(figure) for name, figure in found.figures.items() if name in known}
    given |= own
    return read(given, where)


def ends(figure: Parameter) -> Range:
    """Return low, best and high for a lever: an end that is not known is the best, the best their middle."""
    low, best, high = figure.low, figure.best, figure.high
    if isnan(best):
        there = [value for value in (low, high) if not isnan(value)]
        best = sum(there) / len(there)
    return Range(best if isnan(low) else low, best, best if isnan(high) else high)


def bill(id: str, effect: LeverEffect, capacity: float | None = None) -> tuple[CatalogueEntry, ...]:
    """Return what a measure costs and takes.

    id        measure of the catalogue      effect  what its lever did, of which the tonnes of a year are taken
    capacity  t/yr that is built and paid for, whether it succeeds or not; what the lever was to give if None
    Money once is by tonne of capacity, the rest by tonne made. What the catalogue does not know is there as nan.
    """
    found = measures.measure(id)
    size = effect.asked[0] if capacity is None else capacity
    lines = []
    for what, unit in (ONCE | YEARLY).items():
        tons = size if what in ONCE else effect.done[0]
        figure = found.figures.get(what)
        if figure is None:
            if not (what == "acquisition" or (what == "capital" and "acquisition" in found.figures)):
                lines.append(CatalogueEntry(what, nan, nan, nan, unit, "", "", "no figure was found"))
            continue
        low, best, high = (value * tons for value in (figure.low, figure.best, figure.high))
        lines.append(CatalogueEntry(what, low, best, high, unit, figure.source, figure.confidence, figure.note))
    return tuple(lines)


def holding(case: Case, effect: LeverEffect, use: float, year: str) -> tuple[CatalogueEntry, ...]:
    """Return what a stockpile costs: its purchase at the year's price, and holding it a year.

    use  t of use a year, of which the stockpile holds days; nan where the price of the material is not known
    """
    rate = measures.measure("stockpile").figures["carrying"]
    price = nan
    if "price" in case.cubes:
        table = case.array("price", "material", "year")
        price = float(table[case.axis("material").at(effect.material), case.axis("year").at(year)])
    worth = [days / 365.0 * use * price for days in (effect.done[1], effect.done[0], effect.done[2])]
    sources = ";".join(case.cube("price").sources) if "price" in case.cubes else ""
    buy = CatalogueEntry(
        "purchase",
        worth[0],
        worth[1],
        worth[2],
        "USD",
        sources,
        "medium",
        "stock at the price of the year, which buying it raises",
    )
    yearly = [value * part for value, part in zip(worth, (rate.low, rate.best, rate.high), strict=True)]
    return (
        buy,
        CatalogueEntry("carrying", yearly[0], yearly[1], yearly[2], "USD/yr", rate.source, rate.confidence, rate.note),
    )


def listed() -> Mapping[str, measures.CatalogueMeasure]:
    """Return the measures of the catalogue that are levers, by id."""
    return {id: found for id, found in measures.measures().items() if found.kind in LEVERS}
