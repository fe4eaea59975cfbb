"""Technologies by cohort: what is built, what stands, what is retired, and the materials that go with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube, Floats
from khanij.core.registry import MethodOutput, Variable, method
from khanij.demand.scenarios import ScenarioDraws, ends, parted, place, scale, span, summary
from khanij.kernels.balances import stockflow

PATHS = ("technology_stock", "technology_inflow", "technology_share", "technology_parent")
LIVES = ("technology_lifetime", "technology_lifetime_shape")
NEEDS = (*PATHS, *LIVES, "technology_intensity")
FLOW, CELL = ("focus", "technology", "year"), ("focus", "technology", "material", "year")
PLACE = ("focus", "material", "year")
ENDED = "the path of this technology has no figure for this year"
REFERENCE = "Müller 2006, Ecological Economics 59(1), 142-156 (stock-driven cohorts)"
PURPOSE = {"path": 1, "lifetime": 2, "shape": 3, "share": 4, "intensity": 5}  # a stream each
HOLDS = {"intensity": ("published", "frozen")}
RULE = (
    "linear between the years of a path; what stands in its first year counts as new then, and that year is not shown; "
    "one position within its range is drawn for all years of an input; an input with a single figure has no range"
)


@dataclass(frozen=True, slots=True)
class Cohorts:
    """One technology of one focus with a path, and the draws of it.

    at      position of the technology       years   part of the horizon that its path covers
    driven  whether the path is one of stock, so that the additions of its first year are not known
    flows   additions, retirements, stock (1 + D, Y) in the technology's unit
    left    what is left of each cohort, (1 + D) lifetimes
    parts   position of each technology that shares in the additions -> its share (1 + D, Y); itself alone = 1
    """

    at: int
    years: slice
    driven: bool
    flows: stockflow.StockFlows
    left: stockflow.Survival
    parts: dict[int, Floats]


def cohorts(case: Case, focus: int, scenario: str, draws: ScenarioDraws) -> Iterator[Cohorts]:
    """Yield every technology with a path in this scenario, in the order of the axis."""
    s = place(case, scenario)
    stock, inflow = (ends(_one(case.cube(name), focus, s)) for name in PATHS[:2])
    share = ends(_one(case.cube("technology_share"), focus, s), held=True)
    child = case.cube("technology_parent").values > 0
    horizon = np.array([float(year) for year in case.cube("technology_stock").axis("horizon").codes])
    for k in range(len(child)):
        driven = not np.isnan(stock[0][k]).all()
        given = stock if driven else inflow
        known = np.nonzero(~np.isnan(given[0][k]))[0]
        lives = [_life(case, name, k) for name in LIVES]
        if not len(known) or np.isnan([life[0] for life in lives]).any():
            continue
        years = slice(int(known[0]), int(known[-1]) + 1)
        mean = draws.of(lives[0], PURPOSE["lifetime"], k)
        shape = draws.of(lives[1], PURPOSE["shape"], k)
        bounds = np.append(horizon[years] - 1.0, horizon[years][-1])
        width = scale(mean, shape)
        left = stockflow.survival(bounds, lambda age, w=width, p=shape: stockflow.weibull(age, p, w))  # type: ignore[misc]
        path = draws.of(tuple(part[k, years] for part in given), PURPOSE["path"], k)  # type: ignore[arg-type]
        flows = stockflow.stock_driven(path, left, negative="clip") if driven else stockflow.inflow_driven(path, left)
        flows.check_balance()
        yield Cohorts(k, years, driven, flows, left, _parts(share, child, k, years, draws))


def _one(cube: Cube, focus: int, scenario: int) -> Cube:
    """Return a cube (technology, horizon) of one focus and scenario."""
    low, high = (None if part is None else part[focus, scenario] for part in (cube.low, cube.high))
    return Cube(cube.quantity, cube.unit, cube.axes[2:], cube.values[focus, scenario], None, low, high)


def _life(case: Case, name: str, at: int) -> tuple[Floats, Floats, Floats]:
    """Return value, low and high of one technology's lifetime or shape."""
    cube = case.cube(name)
    low, high = (cube.values if part is None else part for part in (cube.low, cube.high))
    return cube.values[at], low[at], high[at]


def _parts(
    share: tuple[Floats, Floats, Floats], child: np.ndarray, at: int, years: slice, draws: ScenarioDraws
) -> dict[int, Floats]:
    """Return the share of each part of a technology in its additions; the technology itself if it has no parts."""
    own = [int(c) for c in np.nonzero(child[:, at])[0] if not np.isnan(share[0][c]).all()]
    length = years.stop - years.start
    if not child[:, at].any():
        return {at: np.ones((draws.size, length))}
    if not own:
        return {}
    drawn = [draws.of(tuple(part[c, years] for part in share), PURPOSE["share"], c) for c in own]  # type: ignore[arg-type]
    return dict(zip(own, parted(np.stack(drawn)), strict=True))


@dataclass(frozen=True, slots=True)
class Content:
    """Tonnes of one material in one technology: cells at (technology, material), (1 + D, Y) over its years."""

    technology: int
    material: int
    years: slice
    driven: bool
    flows: stockflow.StockFlows


def contents(
    case: Case, focus: int, scenario: str, draws: ScenarioDraws, intensity: str = "published"
) -> Iterator[Content]:
    """Yield the flows of each material in each technology, mass balance checked.

    M_in[t] = I[t] · share[t] · c[t], M_out[t] = Σ_c (L[t-1, c] - L[t, c]) · M_in[c]: what leaves has the content of
    the year in which it came.
    """
    cube = case.cube("technology_intensity")
    if intensity == "frozen":
        cube = _frozen(cube)
    for cohort in cohorts(case, focus, scenario, draws):
        for part, share in cohort.parts.items():
            made = np.nonzero(~np.isnan(cube.values[part]).all(axis=-1))[0]
            if not len(made):
                continue
            rows = [None if end is None else end[part, made] for end in (cube.values, cube.low, cube.high)]
            assert rows[0] is not None
            held = ends(Cube(cube.quantity, cube.unit, cube.axes[1:], *_padded(cube, rows, made)), held=True)
            came = cohort.flows.inflow * share
            for material in made.tolist():
                each = tuple(end[material, cohort.years] for end in held)
                content = draws.of(each, PURPOSE["intensity"], part, material)  # type: ignore[arg-type]
                flows = stockflow.inflow_driven(came * content, cohort.left)
                flows.check_balance()
                yield Content(part, material, cohort.years, cohort.driven, flows)


def _padded(
    cube: Cube, rows: list[Floats | None], made: np.ndarray
) -> tuple[Floats, None, Floats | None, Floats | None]:
    """Return values, no positions, low and high of the chosen materials on the whole material axis, the rest nan."""
    filled: list[Floats | None] = []
    for row in rows:
        whole = None if row is None else np.full(cube.values.shape[1:], np.nan)
        if whole is not None:
            whole[made] = row
        filled.append(whole)
    assert filled[0] is not None
    return filled[0], None, filled[1], filled[2]


def _frozen(cube: Cube) -> Cube:
    """Return the intensities of the first year for which there is one, for all years."""

    def first(values: Floats) -> Floats:
        at = np.argmax(~np.isnan(values), axis=-1)
        only = np.full_like(values, np.nan)
        np.put_along_axis(only, at[..., None], np.take_along_axis(values, at[..., None], axis=-1), axis=-1)
        return only

    low, high = (None if part is None else first(part) for part in (cube.low, cube.high))
    return Cube(cube.quantity, cube.unit, cube.axes, first(cube.values), None, low, high, cube.sources)


def axes_of(case: Case, year: Axis, *names: str) -> tuple[Axis, ...]:
    """Return the axes of a result by name."""
    own = {"technology": case.cube("technology_intensity").axis("technology"), "year": year}
    return tuple(own[name] if name in own else case.axis(name) for name in names)


def overlap(part: slice, years: slice) -> tuple[slice, slice]:
    """Return where the years of a path stand in the asked part of the horizon, and which of them are asked."""
    start, stop = max(part.start, years.start), max(min(part.stop, years.stop), max(part.start, years.start))
    return slice(start - part.start, stop - part.start), slice(start - years.start, stop - years.start)


def absent(case: Case, scenario: str, found: set[int]) -> tuple[str, ...]:
    """Return sentences on technologies without a path in this scenario, and on those without any intensity."""
    own = case.cube("technology_intensity").axis("technology").codes
    child = case.cube("technology_parent").values
    made = np.asarray(~np.isnan(case.cube("technology_intensity").values).all(axis=(1, 2)))
    top = [k for k in range(len(own)) if not child[k].any()]
    lacking = [own[k] for k in top if k not in found and not own[k].startswith("battery-")]
    bare = [own[k] for k in sorted(found) if not made[k] and not made[child[:, k] > 0].any()]
    texts = []
    if lacking:
        texts.append(
            f"no path in scenario {scenario}: {', '.join(lacking)}; their demand is not known and not in totals"
        )
    if bare:
        texts.append(
            f"no intensity of the materials asked: {', '.join(bare)}; their demand is not known and not in totals"
        )
    return tuple(texts)


@method(
    "technology-flows",
    kind="demand",
    needs=NEEDS,
    variables=(
        Variable(
            "additions", "1", FLOW, (0.0, float("inf")), "built or sold in the year, in the technology's own unit"
        ),
        Variable("retirements", "1", FLOW, (0.0, float("inf")), "taken out of use in the year"),
        Variable("stock", "1", FLOW, (0.0, float("inf")), "in use at the end of the year"),
    ),
    reference=REFERENCE,
    higher="neutral",
)
def technology_flows(
    case: Case, scenario: str = "steps", since: int = 2025, to: int = 2047, draws: int = 0, seed: int = 0
) -> MethodOutput:
    """Additions, retirements and stock of technologies by cohort.

    I[t] = (S[t] - Σ_{c<t} L[t, c] I[c]) / L[t, t], L the Weibull part left of cohort c at the end of t

    scenario  name of a scenario
    since     first year
    to        last year
    draws     draws of path, lifetime, shape of wear, from which low and high (5 % and 95 %) come; 0 = none
    seed      of the draws
    A stock that is to fall faster than it wears out has additions of 0 in that year, with a remark.
    Returns additions, retirements, stock (focus, technology, year) in GW, GWh, t or pieces, as technologies.csv says.
    Oracle: mass balance and a hand-made cohort in tests/demand/test_stocks.py.
    """
    part, year = span(case, since, to)
    axes = axes_of(case, year, *FLOW)
    sizes = tuple(map(len, axes))
    names = ("additions", "retirements", "stock")
    found = {name: [np.full(sizes, np.nan) for _ in range(3)] for name in names}
    clipped, notes = np.zeros(sizes, dtype=np.bool_), []
    for f in range(sizes[0]):
        seen = set()
        for cohort in cohorts(case, f, scenario, ScenarioDraws(draws, seed)):
            seen.add(cohort.at)
            to_, from_ = overlap(part, cohort.years)
            flows = cohort.flows
            for name, drawn in zip(
                names, (shown(flows.inflow, cohort.driven), flows.outflow, flows.stock), strict=True
            ):
                for k, end in enumerate(summary(drawn)):
                    found[name][k][f, cohort.at, to_] = np.maximum(end[from_], 0.0)
            clipped[f, cohort.at, to_] = flows.clipped[0, from_]
        notes += list(absent(case, scenario, seen))
    remarks = {"the stock falls faster than it wears out: no additions": clipped}
    values, low, high = ({name: found[name][k] for name in names} for k in range(3))
    return MethodOutput(_cubes(case, axes, values, low, high), remarks, notes=(RULE, *dict.fromkeys(notes)))


def _cubes(
    case: Case, axes: tuple[Axis, ...], values: dict[str, Floats], low: dict[str, Floats], high: dict[str, Floats]
) -> dict[str, Cube]:
    """Return measures as cubes on these axes."""
    return {name: Cube(name, "", axes, values[name], None, low[name], high[name]) for name in values}


def shown(inflow: Floats, driven: bool) -> Floats:
    """Return additions (1 + D, Y); of a path of stock without its first year, whose additions are not known."""
    if not driven:
        return inflow
    known = inflow.copy()
    known[:, 0] = np.nan
    return known


def tonnes(
    case: Case, scenario: str, part: slice, draws: ScenarioDraws, intensity: str, focus: int, leaving: bool = False
) -> Iterator[tuple[tuple[int, int], Floats]]:
    """Yield (technology, material), each once, and tonnes entering, or leaving, use (1 + D, Y), nan beyond a path."""
    for content in contents(case, focus, scenario, draws, intensity):
        to_, from_ = overlap(part, content.years)
        drawn = content.flows.outflow if leaving else shown(content.flows.inflow, content.driven)
        found = np.full((draws.size, part.stop - part.start), np.nan)
        found[:, to_] = np.maximum(drawn[:, from_], 0.0)
        yield (content.technology, content.material), found


def paths(case: Case, scenario: str, focus: int) -> set[int]:
    """Return the technologies that have a path."""
    return {cohort.at for cohort in cohorts(case, focus, scenario, ScenarioDraws(0, 0))}


@method(
    "material-demand",
    kind="demand",
    needs=NEEDS,
    variables=(
        Variable("demand", "t", CELL, (0.0, float("inf")), "tonnes of a material that go into a technology in a year"),
        Variable("total", "t", PLACE, (0.0, float("inf")), "the same over all technologies that have a path"),
    ),
    reference=REFERENCE,
    higher="neutral",
    choices={**HOLDS, "ended_in_total": ("missing", "left-out")},
)
def material_demand(
    case: Case,
    scenario: str = "steps",
    since: int = 2025,
    to: int = 2047,
    draws: int = 200,
    seed: int = 0,
    intensity: str = "published",
    ended_in_total: str = "missing",
) -> MethodOutput:
    """Demand for materials by technology: additions by cohort times what one unit is made of.

    d[k, m, t] = I[k, t] · share[k, t] · c[k, m, t], I the additions that keep up the stock, or stated sales

    scenario   name of a scenario
    since      first year
    to         last year
    draws      draws of paths, lifetimes, shares and intensities: low and high are their 5 % and 95 %; 0 = none
    seed       of the draws
    intensity  "published": as the literature sees it change, linear between its years; "frozen": as in its first year
    ended_in_total  a year in which the path of one technology has ended has no total ("missing"), or that of the others
    In years before the path of a technology begins none is on record, and totals count none.
    A year beyond a technology's path is missing, with a remark; it is never 0. Tonnes are in the material's basis:
    rare earths as oxides.
    Returns demand (focus, technology, material, year) t and total (focus, material, year) t.
    Oracle: hand-made cohorts in tests/demand/test_stocks.py.
    """
    part, year = span(case, since, to)
    axes, wide = axes_of(case, year, *CELL), axes_of(case, year, *PLACE)
    cells = [np.full(tuple(map(len, axes)), np.nan) for _ in range(3)]
    sums = [np.full(tuple(map(len, wide)), np.nan) for _ in range(3)]
    ended, notes = np.zeros(cells[0].shape, dtype=np.bool_), []
    for f in range(len(axes[0])):
        notes += list(absent(case, scenario, paths(case, scenario, f)))
        known: dict[int, Floats] = {}
        lacking: dict[int, list[np.ndarray]] = {}
        for (k, m), drawn in tonnes(case, scenario, part, ScenarioDraws(draws, seed), intensity, f):
            for end, cell in zip(summary(drawn), cells, strict=True):
                cell[f, k, m] = end
            ended[f, k, m] = np.isnan(drawn[0])
            lacking.setdefault(m, []).append(np.isnan(drawn[0]))
            known[m] = known[m] + np.nan_to_num(drawn) if m in known else np.nan_to_num(drawn)
        for m, each in lacking.items():
            none = np.stack(each)
            begun = np.logical_or.accumulate(~none, axis=-1)  # before, none is on record and none is counted
            gone = (none & begun).any(axis=0) & (ended_in_total == "missing")
            unknown = none.all(axis=0) | gone
            for end, total in zip(summary(np.where(unknown, np.nan, known[m])), sums, strict=True):
                total[f, m] = end
    values = {
        "demand": Cube("demand", "t", axes, cells[0], None, cells[1], cells[2]),
        "total": Cube("total", "t", wide, sums[0], None, sums[1], sums[2]),
    }
    return MethodOutput(values, {ENDED: ended}, notes=(RULE, *dict.fromkeys(notes)))
