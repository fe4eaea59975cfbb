"""Process chains as tables: totals by route, steps, what moves a total, carbon by place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from khanij.core.table import Table
from khanij.reference import columns
from khanij.reference.industry import processes

FOOTPRINTS = (
    *("route", "burden", "place", "value", "low", "high", "unit", "confidence", "known_sum", "without", "product"),
)
STEPS = (
    *("step", "form_in", "form_out", "t_input", "t_output", "t_recovered", "t_lost", "yield", *processes.BURDENS),
    *("confidence", "besides", "sources"),
)
SENSITIVITY = ("moved", "at_low", "at_best", "at_high", "swing", "confidence")
PLACES = ("place", "value", "low", "high", "grid_carbon")
TABLES = {"process": {"footprints": FOOTPRINTS, "steps": STEPS, "sensitivity": SENSITIVITY, "places": PLACES}}
NOTES = (
    "low and high are the 5 % and 95 % of draws, all inputs apart from each other; value: every input at its best",
    "a total is empty where a step has no figure; known adds up the steps that have one",
    "where no place is given, carbon is of the sources' own places",
)


def footprints(rows: Iterable[Mapping[str, Any]], parameters: Mapping[str, Any]) -> Table:
    """Return what a tonne of product takes and leaves, by route and place of the plants."""
    told = list(rows)
    used = ", ".join(f"{name} {value}" for name, value in parameters.items() if value != "" and name != "place")
    shown = ["route", "burden", "value", "low", "high", "unit", "confidence", "known_sum"]
    shown += ["place"] if len({row["place"] for row in told}) > 1 else []
    title = "what a tonne of product takes and leaves, by route"
    return columns.table("footprints", title, told, FOOTPRINTS, notes=(*NOTES, f"parameters: {used}"), main=shown)


def steps(rows: Iterable[Mapping[str, Any]], route: str, notes: Sequence[str]) -> Table:
    """Return the steps of a route behind one tonne of product."""
    units = {burden: processes.QUANTITIES[burden] for burden in processes.BURDENS}
    shown = ("step", "form_out", "t_input", "t_output", "yield", "carbon", "energy", "confidence")
    title = f"{processes.route(route).name}: behind one tonne"
    return columns.table("steps", title, rows, STEPS, notes=notes, units=units, main=shown)


def sensitivity(rows: Iterable[Mapping[str, Any]], route: str, burden: str) -> Table:
    """Return what moves the total of a route."""
    units = dict.fromkeys(("at_low", "at_best", "at_high", "swing"), processes.QUANTITIES[burden])
    title = f"{burden.replace('_', ' ')} of {route}: what moves it"
    return columns.table("sensitivity", title, rows, SENSITIVITY, units=units)


def places(rows: Iterable[Mapping[str, Any]], route: str, moving: Sequence[str]) -> Table:
    """Return the carbon of a route by whose electricity its plants use."""
    note = f"steps that move with the grid: {', '.join(moving) or 'none'}; the others keep their sources' carbon"
    units = dict.fromkeys(("value", "low", "high"), processes.QUANTITIES["carbon"])
    return columns.table("places", f"carbon of {route}, by electricity", rows, PLACES, units=units, notes=(note,))
