"""Process chains as cubes, so that a Case can hold them and a lever can change them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.cube import Cube
from khanij.core.range import Range
from khanij.data.cubes.evidence import Builder, unfollowed
from khanij.data.cubes.selection import Selection
from khanij.reference.industry import processes

# Quantities with one figure a step, as they are named in a Case.
BY_STEP = tuple(name for name in processes.QUANTITIES if name not in processes.FLOWS)
NAMES = (
    "process_route",
    "process_link",
    "process_content",
    "process_counted",
    "process_recovered",
    "process_flow",
    "electricity_carbon",
    *(f"process_{name}" for name in BY_STEP),
)
FLOWS = ("coproduct", "byproduct", "reagent")


@cache
def cubes() -> dict[str, Cube]:
    """Return name -> cube of every chain, on the axes route, step, form, flow, quantity, material and country.

    process_route (route, material, step) 1, 2, 3 … in order     process_link (step, form) -1 input, 1 output, 2 both
    process_content (form) t of carrier in a tonne               process_recovered (step, form) part of the rest
    process_flow (quantity, step, flow) t/t                      process_<quantity> (step) of BY_STEP
    process_counted (quantity, step, step_of_figure) 1 where a figure is contained in that of another step
    electricity_carbon (country) kg/MWh
    """
    made = [_routes(), _links(), _contents(), _counted(), _recovered(), _flows(), _grid()]
    return {cube.quantity: cube for cube in (*made, *(_by_step(name) for name in BY_STEP))}


def _steps() -> Axis:
    """Return the axis of steps."""
    return Axis("step", tuple(processes.steps()))


def _figures(name: str, unit: str, axes: tuple[Axis, ...], found: Iterable[tuple[tuple[int, ...], Range]]) -> Cube:
    """Return the cube of these ranges at their positions; its sources are the rows' source cells."""
    shape = tuple(map(len, axes))
    ends = [np.full(shape, np.nan) for _ in range(3)]
    origin: NDArray[np.int16] = np.full(shape, -1, dtype=np.int16)
    sources: dict[str, int] = {}
    for at, span in found:
        for array, figure in zip(ends, (span.low, span.best, span.high), strict=True):
            array[at] = figure
        origin[at] = sources.setdefault(span.source, len(sources))
    return Cube(name, unit, axes, ends[1], low=ends[0], high=ends[2], sources=tuple(sources), origin=origin)


def _routes() -> Cube:
    """Return which steps a route has, in order."""
    routes, steps = processes.routes(), _steps()
    axes = (Axis("route", tuple(routes)), Axis("material", tuple(sorted(reference.materials()))), steps)
    order = np.full(tuple(map(len, axes)), np.nan)
    for r, route in enumerate(routes.values()):
        order[r, axes[1].at(route.material), steps.positions(route.steps)] = np.arange(1, len(route.steps) + 1)
    return Cube("process_route", "1", axes, order)


def _links() -> Cube:
    """Return which form a step takes and which it makes."""
    steps, forms = processes.steps(), Axis("form", tuple(processes.forms()))
    link = np.full((len(steps), len(forms)), np.nan)
    for s, step in enumerate(steps.values()):
        link[s, forms.at(step.input)] = -1
        link[s, forms.at(step.output)] = 2 if step.input == step.output else 1
    return Cube("process_link", "1", (_steps(), forms), link)


def _contents() -> Cube:
    """Return the carrier's content of each form that has one of its own; the others share it by `same_as`."""
    forms = processes.forms()
    return _figures(
        "process_content",
        "1",
        (Axis("form", tuple(forms)),),
        (((k,), form.content) for k, form in enumerate(forms.values())),
    )


def _counted() -> Cube:
    """Return in which step's figure another step's is contained."""
    steps = _steps()
    axes = (Axis("quantity", BY_STEP), steps, Axis("step_of_figure", steps.codes))
    inside = np.full(tuple(map(len, axes)), np.nan)
    for value in processes.values().values():
        if value.counted_at:
            inside[axes[0].at(value.quantity), steps.at(value.step), steps.at(value.counted_at)] = 1.0
    return Cube("process_counted", "1", axes, inside)


def _recovered() -> Cube:
    """Return the part of what misses the output that is kept in each by-product form."""
    steps, forms = _steps(), Axis("form", tuple(processes.forms()))
    found = [v for v in processes.values().values() if v.quantity == "recovered" and v.range is not None]
    spans = (((steps.at(v.step), forms.at(v.item)), v.range) for v in found if v.range is not None)
    return _figures("process_recovered", "1", (steps, forms), spans)


def _flows() -> Cube:
    """Return coproducts, by-products without the carrier, and reagents, by name."""
    found = [v for v in processes.values().values() if v.quantity in FLOWS]
    axes = (Axis("quantity", FLOWS), _steps(), Axis("flow", tuple(sorted({v.item for v in found}))))
    spans = (
        ((axes[0].at(v.quantity), axes[1].at(v.step), axes[2].at(v.item)), v.range)
        for v in found
        if v.range is not None
    )
    return _figures("process_flow", "t/t", axes, spans)


def _by_step(quantity: str) -> Cube:
    """Return the figures of one quantity."""
    steps = _steps()
    found = [v for v in processes.values().values() if v.quantity == quantity]
    spans = (((steps.at(v.step),), v.range) for v in found if v.range is not None)
    return _figures(f"process_{quantity}", processes.QUANTITIES[quantity], (steps,), spans)


def _grid() -> Cube:
    """Return the carbon of electricity by country."""
    figures = processes.electricity_carbon()
    axis = Axis("country", tuple(figures))
    sources = tuple(dict.fromkeys(row["source"] for row in reference.rows("electricity_carbon")))
    return Cube("electricity_carbon", "kg/MWh", (axis,), np.array(list(figures.values())), sources=sources)


def _of_any(selection: Selection, name: str) -> Cube:
    """Return a cube of the process chains, which are the same for every question."""
    return cubes()[name]


BUILDERS: dict[str, Builder] = {name: Builder(partial(_of_any, name=name), unfollowed) for name in NAMES}
"""Cubes by name; their rows are those of the reference tables process_values and electricity_carbon."""
