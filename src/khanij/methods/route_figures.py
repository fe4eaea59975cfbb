"""Rows on process chains: totals by route, steps of a route, what moves its total, and its carbon by place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from khanij.core import registry
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.result import Result
from khanij.reference.industry import processes

WORST = ("high", "medium", "low")  # in falling order of trust
STANDING = "as the sources stand"  # instead of a place: electricity of the places that the sources are about


def footprints(case: Case, place: str = "", **settings: Any) -> tuple[list[dict[str, Any]], Result]:
    """Return one row a route and burden: total with range, what of it is known, steps without a figure, confidence.

    place     whose electricity counts; "" = as the sources stand
    settings  parameters of process-footprint: allocation, rate, life, draws, seed
    """
    result = registry.run("process-footprint", case, place=place, **settings)
    rows = [
        {
            "route": name,
            "product": processes.steps()[processes.routes()[name].steps[-1]].output,
            "burden": burden,
            "place": place or STANDING,
            **_figures(result.variable(burden), r),
            "known_sum": _cell(result.variable(f"{burden}_known").values[r]),
            "unit": processes.QUANTITIES[burden],
            "without": ", ".join(_gaps(name, burden, bool(place))),
            "confidence": confidence(name, burden),
        }
        for r, name in enumerate(result.value.axis("route").codes)
        for burden in processes.BURDENS
    ]
    return rows, result


def places(case: Case, route: str, countries: Iterable[str], **settings: Any) -> list[dict[str, Any]]:
    """Return the carbon of a tonne by country of the plants, where a step states electricity apart; else as it stands.

    countries  ISO alpha-3
    """
    rows = []
    for place in ("", *countries):
        result = registry.run("process-footprint", case, place=place, **settings)
        r = result.value.axis("route").at(route)
        grid = processes.electricity_carbon().get(place)
        rows.append({"place": place or STANDING, "grid_carbon": grid, **_figures(result.variable("carbon"), r)})
    return rows


def steps(case: Case, route: str) -> tuple[list[dict[str, Any]], Result]:
    """Return one row a step: tonnes in and out behind a tonne of product, losses, by-products, burdens, sources."""
    balance = registry.run("process-balance", case, draws=0)
    footprint = registry.run("process-footprint", case, draws=0)
    r = balance.value.axis("route").at(route)
    rows = []
    for name in processes.route(route).steps:
        step, s = processes.steps()[name], balance.value.axis("step").at(name)
        row: dict[str, Any] = {"step": step.name, "form_in": step.input, "form_out": step.output}
        for variable in ("input", "output", "recovered", "lost"):
            row[f"t_{variable}"] = _cell(balance.variable(variable).values[r, s])
        row["yield"] = _best(name, "yield")
        row["besides"] = "; ".join(_flows(name))
        for burden in processes.BURDENS:
            row[burden] = _cell(footprint.variable(f"{burden}_by_step").values[r, s])
        row["confidence"] = _least(value.confidence for value in _values(name))
        row["sources"] = "; ".join(sorted({id for value in _values(name) for id in value.source.split(";")}))
        rows.append(row)
    return rows, footprint


def swings(case: Case, route: str, burden: str = "carbon", **settings: Any) -> list[dict[str, Any]]:
    """Return one row an input: the total with that input at its low and high end, all others at their best.

    The row that moves the total most comes first. settings  parameters of process-footprint but draws
    """

    def total(changed: Case) -> float:
        result = registry.run("process-footprint", changed, draws=0, **settings)
        return float(result.variable(burden).values[result.value.axis("route").at(route)])

    middle, rows = total(case), []
    for what, cube, at, level in _inputs(processes.route(route), burden):
        low, high = (total(_moved(case, cube, at, end)) for end in ("low", "high"))
        row = {"moved": what, "at_low": _cell(low), "at_best": _cell(middle), "at_high": _cell(high)}
        rows.append({**row, "swing": _cell(abs(high - low)), "confidence": level})
    return sorted(rows, key=lambda row: -(row["swing"] or 0.0))


def confidence(route: str, burden: str) -> str:
    """Return the lowest confidence among the figures that a total rests on: contents, yields and the burden's own."""
    chosen = processes.route(route)
    forms = [processes.steps()[name].output for name in chosen.steps]
    levels = [processes.forms()[form].content.confidence for form in forms]
    for name in chosen.steps:
        found = (processes.values().get((name, quantity, "")) for quantity in ("yield", burden))
        levels += [value.confidence for value in found if value is not None]
    return _least(levels)


def _inputs(route: processes.Route, burden: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield words, cube, code and confidence of every input of a total that has a range."""
    chain = [processes.steps()[route.steps[0]].input, *(processes.steps()[name].output for name in route.steps)]
    for form in dict.fromkeys(processes.forms()[id].same_as or id for id in chain):
        content = processes.forms()[form].content
        if content.low < content.high:
            yield f"content of {form}", "process_content", form, content.confidence
    for name in route.steps:
        for quantity in ("yield", burden):
            value = processes.values().get((name, quantity, ""))
            if value is not None and value.range is not None and value.range.low < value.range.high:
                yield f"{quantity} of {name}", f"process_{quantity}", name, value.confidence


def _moved(held: Case, name: str, code: str, end: str) -> Case:
    """Return the Case with one value of a cube of one axis at an end of its range."""
    cube = held.cube(name)
    values, at = cube.values.copy(), cube.axes[0].at(code)
    values[at] = getattr(cube, end)[at]
    return held.with_cubes(f"{name} of {code} at its {end} end", **{name: replace(cube, values=values)})


def _values(step: str) -> list[processes.Value]:
    """Return the figures of a step."""
    return [value for (name, _, _), value in processes.values().items() if name == step]


def _least(levels: Iterable[str]) -> str:
    """Return the lowest of some levels of confidence."""
    return WORST[max(WORST.index(level) for level in levels)]


def _best(step: str, quantity: str) -> float | None:
    """Return the best value of a quantity of a step, None if there is none."""
    value = processes.values().get((step, quantity, ""))
    return value.range.best if value is not None and value.range is not None else None


def _gaps(route: str, burden: str, placed: bool) -> list[str]:
    """Return the steps of a route without a figure of a burden; at a place, electricity can stand in for carbon."""
    names = processes.route(route).steps
    values = processes.values()
    inside = {n: values[n, burden, ""].counted_at for n in names if (n, burden, "") in values}
    stands_in = {n for n in names if placed and burden == "carbon" and _moves(n)}
    return [n for n in names if _best(n, burden) is None and inside.get(n, "") not in names and n not in stands_in]


def moving(route: str) -> tuple[str, ...]:
    """Return the steps of a route whose carbon moves with the grid."""
    return tuple(name for name in processes.route(route).steps if _moves(name))


def remarks(route: str) -> tuple[str, ...]:
    """Return the notes of a route and its steps."""
    chosen = processes.route(route)
    own = [f"{chosen.name}: {chosen.note}"] if chosen.note else []
    named = (processes.steps()[name] for name in chosen.steps)
    return (*own, *(f"{step.name}: {step.note}" for step in named if step.note))


def _moves(step: str) -> bool:
    """Tell whether a step's carbon can be reckoned from its electricity."""
    return None not in (_best(step, "electricity"), _best(step, "carbon_direct"))


def _flows(step: str) -> list[str]:
    """Return what goes in and comes out besides, in t a tonne of the step's output."""
    found = []
    for value in _values(step):
        if value.counted_at:
            found.append(f"{value.quantity.replace('_', ' ')} in that of {value.counted_at}, where the route has it")
        elif value.range is not None and value.item:
            unit = "of the rest" if value.quantity == "recovered" else "t/t"
            found.append(f"{value.quantity} {value.item} {value.range.best:.3g} {unit}")
    return found


def _figures(cube: Cube, at: int) -> dict[str, float | None]:
    """Return value, low and high of a cube by route."""
    ends = {"value": cube.values, "low": cube.low, "high": cube.high}
    return {name: None if array is None else _cell(array[at]) for name, array in ends.items()}


def _cell(value: Any) -> float | None:
    """Return a figure, None for nan."""
    return None if np.isnan(value) else float(value)
