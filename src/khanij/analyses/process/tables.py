"""Process chains for every face: what a tonne costs and leaves behind by route, step by step, and from whom we know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

import khanij.methods.process_chains  # noqa: F401  (registers its methods)
from khanij import reference
from khanij.core import registry
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.result import Result
from khanij.core.table import Table
from khanij.data.cubes import process as process_cubes
from khanij.reference import processes

WORST = ("high", "medium", "low")  # in falling order of trust


def case(materials: Iterable[str] | None = None) -> Case:
    """Return the Case of the process chains of these materials, ids or names; all if None."""
    wanted = None if materials is None else tuple(dict.fromkeys(reference.material(text) for text in materials))
    axes = {} if wanted is None else {"material": Axis("material", wanted)}
    return Case(axes, process_cubes.cubes(), manifest=reference.fingerprint()[:16])


def footprints(materials: Iterable[str] | None = None, **settings: Any) -> Table:
    """Return one row a route and burden: total with range, what of it is known, steps without a figure, confidence.

    settings  parameters of process-footprint: allocation, place, rate, life, draws, seed
    """
    result = registry.run("process-footprint", case(materials), **settings)
    rows = [
        {
            "route": name,
            "product": processes.steps()[processes.routes()[name].steps[-1]].output,
            "burden": burden,
            **_figures(result.variable(burden), r),
            "known": _cell(result.variable(f"{burden}_known").values[r]),
            "unit": processes.QUANTITIES[burden],
            "without": ", ".join(_gaps(name, burden, bool(settings.get("place")))),
            "confidence": confidence(name, burden),
        }
        for r, name in enumerate(result.value.axis("route").codes)
        for burden in processes.BURDENS
    ]
    at = f", electricity of {settings['place']}" if settings.get("place") else ""
    return Table.of(f"what a tonne of product takes and leaves, by route{at}", rows, notes=_notes(result))


def places(route: str, countries: Iterable[str] | None = None, **settings: Any) -> Table:
    """Return the carbon of a tonne by country of the plants, where a step states electricity apart; else as it stands.

    countries  ISO alpha-3; all with a figure if None
    """
    chosen = processes.route(route)
    held = tuple(countries) if countries is not None else tuple(processes.electricity_carbon())
    rows = []
    for place in ("", *held):
        result = registry.run("process-footprint", case([chosen.material]), place=place, **settings)
        r = result.value.axis("route").at(route)
        grid = processes.electricity_carbon().get(place)
        rows.append(
            {"place": place or "as the sources stand", "kg_MWh": grid, **_figures(result.variable("carbon"), r)}
        )
    moved = [name for name in chosen.steps if _moves(name)]
    which = f"steps that move with the grid: {', '.join(moved) or 'none'}; the others keep their sources' carbon"
    return Table.of(f"carbon of {route}, t/t, by electricity", rows, notes=(which,))


def steps(route: str, **settings: Any) -> Table:
    """Return one row a step: tonnes in and out behind a tonne of product, losses, by-products, burdens, sources."""
    chosen = processes.route(route)
    held = case([chosen.material])
    balance = registry.run("process-balance", held, **settings)
    footprint = registry.run("process-footprint", held, **settings)
    r = balance.value.axis("route").at(route)
    rows = []
    for name in chosen.steps:
        step, s = processes.steps()[name], balance.value.axis("step").at(name)
        row: dict[str, Any] = {"step": step.name, "input": step.input, "output": step.output}
        for measure in ("input", "output", "recovered", "lost"):
            row[f"t_{measure}"] = _cell(balance.variable(measure).values[r, s])
        row["yield"] = _best(name, "yield")
        row["besides"] = "; ".join(_flows(name))
        for burden in processes.BURDENS:
            row[burden] = _cell(footprint.variable(f"{burden}_by_step").values[r, s])
        row["confidence"] = _least(value.confidence for value in _values(name))
        row["sources"] = "; ".join(sorted({id for value in _values(name) for id in value.source.split(";")}))
        rows.append(row)
    units = {burden: processes.QUANTITIES[burden] for burden in processes.BURDENS}
    return Table.of(f"{chosen.name}: behind one tonne", rows, units=units, notes=_remarks(chosen))


def swings(route: str, burden: str = "carbon", **settings: Any) -> Table:
    """Return one row an input: the total with that input at its low and high end, all others at their best.

    The row that moves the total most comes first. settings  parameters of process-footprint but draws
    """
    chosen = processes.route(route)
    held = case([chosen.material])

    def answer(changed: Case) -> float:
        result = registry.run("process-footprint", changed, draws=0, **settings)
        return float(result.variable(burden).values[result.value.axis("route").at(route)])

    middle, rows = answer(held), []
    for what, cube, at, confidence_ in _inputs(chosen, burden):
        low, high = (answer(_moved(held, cube, at, end)) for end in ("low", "high"))
        row = {"input": what, "at_low": _cell(low), "at_best": _cell(middle), "at_high": _cell(high)}
        rows.append({**row, "swing": _cell(abs(high - low)), "confidence": confidence_})
    rows.sort(key=lambda row: -(row["swing"] or 0.0))
    units = dict.fromkeys(("at_low", "at_best", "at_high", "swing"), processes.QUANTITIES[burden])
    return Table.of(f"{burden.replace('_', ' ')} of {route}: what moves it", rows, units=units)


def listing() -> Table:
    """Return every figure of every step with range, source and confidence."""
    return Table.of("figures of process steps", reference.rows("process_values"))


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


def _remarks(route: processes.Route) -> tuple[str, ...]:
    """Return the notes of a route and its steps."""
    own = [f"{route.name}: {route.note}"] if route.note else []
    return (*own, *(f"{s.name}: {s.note}" for s in map(processes.steps().get, route.steps) if s is not None and s.note))


def _notes(result: Result) -> tuple[str, ...]:
    """Return what must be said beside totals."""
    parts = ", ".join(f"{name} {value}" for name, value in result.trace.parameters.items() if value != "")
    return (
        "low and high are the 5 % and 95 % of draws, all inputs apart from each other; value: every input at its best",
        "a total is empty where a step has no figure; known adds up the steps that have one",
        "where no place is given, carbon is of the sources' own places",
        f"parameters: {parts}",
    )


def _figures(cube: Cube, at: int) -> dict[str, float | None]:
    """Return value, low and high of a cube by route."""
    ends = {"value": cube.values, "low": cube.low, "high": cube.high}
    return {name: None if array is None else _cell(array[at]) for name, array in ends.items()}


def _cell(value: Any) -> float | None:
    """Return a figure, None for nan."""
    return None if np.isnan(value) else float(value)
