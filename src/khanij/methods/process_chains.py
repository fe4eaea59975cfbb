"""What stands behind a tonne of product by process route: tonnes, losses, by-products, footprint and cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import CoverageError, StudyError
from khanij.core.registry import MethodOutput, Variable, method
from khanij.core.rng import stream
from khanij.kernels.balances import processes
from khanij.kernels.chances import sampling
from khanij.reference.industry import processes as tables

Floats = NDArray[np.float64]
BURDENS = tables.BURDENS
UNITS = {name: tables.QUANTITIES[name] for name in BURDENS}
STRUCTURE = ("process_route", "process_link", "process_content", "process_yield")
FIGURES = ("process_counted", "process_recovered", "process_flow", "process_electricity", "process_carbon_direct")
NEEDS = (*STRUCTURE, *FIGURES, "electricity_carbon", *(f"process_{name}" for name in BURDENS))
QUANTILES = (0.05, 0.95)
FLOWS = ("coproduct", "byproduct", "reagent")
AWAITED = "a step has no figure, so that the total is missing"
RESTS = "rests on"
ELSEWHERE = "not all steps are reckoned at the place: no electricity apart"
POSITIVE = (0.0, float("inf"))


@dataclass(frozen=True, slots=True)
class RouteDraws:
    """Every input of every step; the first draw is the best value, D - 1 others follow.

    content (F, D), yields (S, D), recovered (S, F, D), flow (3, S, W, D); figures: quantity -> (S, D)
    """

    content: Floats
    yields: Floats
    recovered: Floats
    flow: Floats
    figures: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class ProcessRoute:
    """One route: positions of its K steps and K + 1 forms on the axes step and form."""

    route: int
    material: str
    steps: NDArray[np.intp]
    forms: NDArray[np.intp]


def drawn(case: Case, draws: int, seed: int) -> RouteDraws:
    """Return the best value of every input, then `draws` triangular ones; the same seed gives the same numbers.

    A form that shares another's content takes its draw. Raises StudyError on fewer draws than none.
    """
    if draws < 0:
        raise StudyError(f"{draws} draws", where="draws", hint="a whole number from 0")
    names = ("process_content", "process_yield", "process_recovered", "process_flow", "process_electricity")
    extra = ("process_carbon_direct", *(f"process_{name}" for name in BURDENS))
    made = {name: _spread(case.cube(name), draws, seed, k) for k, name in enumerate((*names, *extra))}
    forms = case.cube("process_content").axis("form")
    for form in tables.forms().values():
        if form.same_as and form.id in forms and form.same_as in forms:
            made["process_content"][forms.at(form.id)] = made["process_content"][forms.at(form.same_as)]
    figures = {name.removeprefix("process_"): made[name] for name in ("process_electricity", *extra)}
    flow = np.nan_to_num(made["process_flow"])
    recovered = np.nan_to_num(made["process_recovered"])  # nothing is said to be kept: it is lost
    return RouteDraws(made["process_content"], made["process_yield"], recovered, flow, figures)


def _spread(cube: Cube, draws: int, seed: int, key: int) -> Floats:
    """Return (..., 1 + draws): the value, then triangular draws where the cube has a range."""
    best = cube.values[..., None]
    if draws == 0:
        return best.copy()
    low = cube.values if cube.low is None else np.where(np.isnan(cube.low), cube.values, cube.low)
    high = cube.values if cube.high is None else np.where(np.isnan(cube.high), cube.values, cube.high)
    return np.concatenate([best, sampling.triangular(stream(seed, key), low, cube.values, high, draws)], axis=-1)


def chains(case: Case) -> Iterator[ProcessRoute]:
    """Yield every route of the Case's materials; raises CoverageError where a step lacks its input or output."""
    order, link = case.cube("process_route"), case.cube("process_link").values
    materials = order.axis("material").codes
    wanted = case.axes["material"].codes if "material" in case.axes else materials
    for r in range(len(order.axis("route"))):
        at = np.argwhere(~np.isnan(order.values[r]))
        if not at.size or not _asked(materials[at[0, 0]], wanted):
            continue
        ranked = at[np.argsort(order.values[r][tuple(at.T)], kind="stable")]
        steps = ranked[:, 1].astype(np.intp)
        taken = [np.flatnonzero((link[s] == -1) | (link[s] == 2)) for s in steps]
        given = [np.flatnonzero(link[s] >= 1) for s in steps]
        if any(len(form) != 1 for form in (*taken, *given)):
            route = order.axis("route").codes[r]
            raise CoverageError(f"a step of {route} lacks its form", where="process_link", hint="one in, one out")
        forms = np.array([taken[0][0], *(form[0] for form in given)], dtype=np.intp)
        yield ProcessRoute(r, materials[at[0, 0]], steps, forms)


def _asked(material: str, wanted: tuple[str, ...]) -> bool:
    """Tell whether a route's material, or one of its group, is among those asked for."""
    known = reference.materials()
    for name in wanted:
        while name:
            if name == material:
                return True
            name = known[name].parent if name in known else ""
    return False


@method(
    "process-balance",
    kind="plan",
    needs=(*STRUCTURE, *FIGURES),
    variables=(
        Variable("input", "t/t", ("route", "step"), POSITIVE, "tonnes that a step takes in behind a tonne of product"),
        Variable("output", "t/t", ("route", "step"), POSITIVE, "tonnes that a step gives"),
        Variable("lost", "t/t", ("route", "step"), POSITIVE, "tonnes of the carrier element lost in a step"),
        Variable("recovered", "t/t", ("route", "step"), POSITIVE, "tonnes of the carrier element kept in by-products"),
        Variable("used", "1", ("route",), (0.0, 1.0), "part of the carrier in the raw material that is in the product"),
        *(
            Variable(name, "t/t", ("route", "flow"), POSITIVE, f"tonnes of {name}s a tonne of product")
            for name in FLOWS
        ),
    ),
    reference="Brunner and Rechberger 2016, Handbook of Material Flow Analysis; figures as cited row by row",
    higher="neutral",
)
def process_balance(case: Case, draws: int = 400, seed: int = 0) -> MethodOutput:
    """Mass balance of process routes: what must go in, what comes besides, what is lost, for a tonne of product.

    input[k] = c_K / (c_k · Π_{j >= k} y_j), the carrier in = out + recovered + lost at every step

    draws    of contents, yields and flows: low and high are their 5 % and 95 %; 0 = none
    seed     of the draws
    Returns input, output, lost, recovered (route, step) t/t, used (route) 1, coproduct, byproduct, reagent
    (route, flow) t/t. Value: all inputs at their best.
    Oracle: hand-made figures in tests/plan/test_routes.py.
    """
    made, asked = drawn(case, draws, seed), list(chains(case))
    order = case.cube("process_route")
    steps, flows = order.axis("step"), case.cube("process_flow").axis("flow")
    routes = Axis("route", tuple(order.axis("route").codes[chain.route] for chain in asked))
    size = made.yields.shape[-1]
    names = ("input", "output", "lost", "recovered")
    found = {name: np.full((len(asked), len(steps), size), np.nan) for name in names}
    used = np.full((len(asked), size), np.nan)
    extra = {name: np.full((len(asked), len(flows), size), np.nan) for name in FLOWS}
    there = ~np.isnan(case.cube("process_flow").values)
    for r, chain in enumerate(asked):
        kept = np.minimum(made.recovered[chain.steps].sum(axis=1), 1.0)
        flow = processes.balance(made.content[chain.forms], made.yields[chain.steps], kept)
        for name, part in zip(names, (flow.mass_in, flow.mass_out, flow.lost, flow.recovered), strict=True):
            found[name][r, chain.steps] = part
        used[r] = made.yields[chain.steps].prod(axis=0)
        for f, name in enumerate(FLOWS):
            each = (made.flow[f][chain.steps] * flow.mass_out[:, None]).sum(axis=0)
            extra[name][r] = np.where(there[f][chain.steps].any(axis=0)[:, None], each, np.nan)
    cubes = {name: _summary(name, "t/t", (routes, steps), array) for name, array in found.items()}
    cubes["used"] = _summary("used", "1", (routes,), used)
    cubes |= {name: _summary(name, "t/t", (routes, flows), array) for name, array in extra.items()}
    return MethodOutput(cubes)


@method(
    "process-footprint",
    kind="plan",
    needs=NEEDS,
    variables=(
        *(
            Variable(f"{name}{part}", UNITS[name], axes, POSITIVE, f"{name.replace('_', ' ')} a tonne, {what}")
            for part, axes, what in (
                ("", ("route",), "all steps"),
                ("_known", ("route",), "steps with a figure: the least that it is"),
                ("_by_step", ("route", "step"), "by step"),
            )
            for name in BURDENS
        ),
        Variable("cost", "USD/t", ("route",), POSITIVE, "operating cost and annuity of the capital"),
    ),
    reference="ISO 14044:2006 for parting burdens among coproducts; figures as cited row by row",
    higher="worse",
    choices={"allocation": ("none", "mass")},
)
def process_footprint(
    case: Case,
    allocation: str = "none",
    place: str = "",
    rate: float = 0.09,
    life: float = 20.0,
    draws: int = 400,
    seed: int = 0,
) -> MethodOutput:
    """Energy, carbon, water, waste, cost and capital of a tonne of product by process route.

    carbon[route] = Σ_k m_{k+1} · i_k · s_k;  at a place i_k = direct + electricity · grid where a step states both

    allocation  none: the product bears all; mass: coproducts bear their part by mass
    place       ISO alpha-3 on whose grid steps run; "" = where the sources stand
    rate        of interest a year for the annuity of capital, 0.09 = 9 %
    life        of plants in years for the annuity
    draws       of all inputs: low and high are their 5 % and 95 %; 0 = none
    seed        of the draws
    Returns carbon t/t, energy GJ/t, water m3/t, waste t/t, operating_cost USD/t and capital USD/t (route), all steps;
    carbon_known, energy_known, water_known, waste_known, operating_cost_known and capital_known (route), the steps with
    a figure; carbon_by_step, energy_by_step, water_by_step, waste_by_step, operating_cost_by_step and capital_by_step
    (route, step); cost (route) USD/t. A total is missing where a step has no figure.
    Oracle: hand-made figures in tests/plan/test_routes.py.
    """
    made, asked = drawn(case, draws, seed), list(chains(case))
    split = ~np.isnan(made.figures["carbon_direct"][:, 0] + made.figures["electricity"][:, 0])
    figures = _at_place(made.figures, _grid(case, place))
    order = case.cube("process_route")
    steps = order.axis("step")
    routes = Axis("route", tuple(order.axis("route").codes[chain.route] for chain in asked))
    size = made.yields.shape[-1]
    found = {name: np.full((len(asked), len(steps), size), np.nan) for name in BURDENS}
    sums = {f"{name}{part}": np.full((len(asked), size), np.nan) for name in BURDENS for part in ("", "_known")}
    lacking, elsewhere = np.full(len(asked), "", dtype=object), np.zeros(len(asked), dtype=np.bool_)
    rests = np.array([_rests_on(case, chain) for chain in asked], dtype=object)
    for r, chain in enumerate(asked):
        mass = processes.masses(made.content[chain.forms], made.yields[chain.steps])[1:]
        share = processes.shares(made.flow[0][chain.steps].sum(axis=1)) if allocation == "mass" else None
        missing = []
        for name in BURDENS:
            each = processes.burdens(mass, figures[name][chain.steps], share)
            found[name][r, chain.steps] = each
            each = np.where(_counted(case, name, chain)[:, None] & np.isnan(each), 0.0, each)
            sums[name][r], sums[f"{name}_known"][r] = processes.total(each, 0), processes.known(each, 0)
            missing += _gaps(name, [steps.codes[s] for s in chain.steps], each)
        lacking[r] = ", ".join(missing)
        elsewhere[r] = bool(place) and not split[chain.steps].all()
    cubes = {name: _summary(name, UNITS[name.removesuffix("_known")], (routes,), sums[name]) for name in sums}
    for name in BURDENS:
        cubes[f"{name}_by_step"] = _summary(name, UNITS[name], (routes, steps), found[name])
    paid = sums["operating_cost"] + processes.annuity(rate, life) * sums["capital"]
    cubes["cost"] = _summary("cost", "USD/t", (routes,), paid)
    gap = np.array([bool(text) for text in lacking], dtype=np.bool_)
    remarks = {AWAITED: gap, ELSEWHERE: elsewhere, RESTS: rests != ""}
    return MethodOutput(cubes, remarks=remarks, details={AWAITED: lacking, RESTS: rests})


def _at_place(figures: dict[str, Floats], grid: float) -> dict[str, Floats]:
    """Return the figures with carbon at a place: grid t of CO2 a megawatt hour, nan = where the sources stand."""
    parts = (figures[name] for name in ("carbon", "carbon_direct", "electricity"))
    return {**figures, "carbon": processes.relocated(*parts, np.asarray(grid))}


def _gaps(name: str, steps: list[str], each: Floats) -> list[str]:
    """Return "burden: steps without a figure" (K, D), if there is one."""
    lacking = [step for step, part in zip(steps, each, strict=True) if np.isnan(part[0])]
    return [f"{name.replace('_', ' ')}: {', '.join(lacking)}"] if lacking else []


def _grid(case: Case, place: str) -> float:
    """Return t of CO2 a megawatt hour at a place; nan for no place; raises CoverageError where none is known."""
    if not place:
        return float("nan")
    cube = case.cube("electricity_carbon")
    if place not in cube.axis("country"):
        what = f"no carbon of electricity of {place!r}"
        raise CoverageError(what, where="place", hint=f"one of {', '.join(cube.axis('country').codes)}")
    return float(cube.values[cube.axis("country").at(place)]) / 1000.0


def _rests_on(case: Case, chain: ProcessRoute) -> str:
    """Return the sources of a route's contents, yields and burdens, by comma."""
    found: set[str] = set()
    for name in ("process_content", "process_yield", *(f"process_{burden}" for burden in BURDENS)):
        cube, at = case.cube(name), chain.forms if name == "process_content" else chain.steps
        if cube.origin is not None:
            cells = {cube.sources[k] for k in cube.origin[at] if k >= 0}
            found |= {id for cell in cells for id in cell.split(";")}
    return ", ".join(sorted(found))


def _counted(case: Case, name: str, chain: ProcessRoute) -> NDArray[np.bool_]:
    """Return which of a route's K steps have their figure contained in that of another step of the same route."""
    cube = case.cube("process_counted")
    if name not in cube.axis("quantity"):
        return np.zeros(len(chain.steps), dtype=np.bool_)
    inside = ~np.isnan(cube.values[cube.axis("quantity").at(name)])
    return np.asarray(inside[np.ix_(chain.steps, chain.steps)].any(axis=1))


def _summary(name: str, unit: str, axes: tuple[Axis, ...], drawn: Floats) -> Cube:
    """Return the cube of the first draw, the best, with quantiles of the others as its range."""
    best = drawn[..., 0]
    if drawn.shape[-1] == 1:
        return Cube(name, unit, axes, best)
    low, high = sampling.quantiles(drawn[..., 1:], QUANTILES)
    return Cube(name, unit, axes, best, low=np.minimum(low, best), high=np.maximum(high, best))
