"""Technologies to cubes: what they are made of, how long they last, what is recovered, and how they part a market.

The axes "technology", "parent", "scenario", "horizon" (1990-2050) and "recycling" are the cubes' own: demand reaches
over years of its own, whatever the years of the Case.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.cube import Cube, Floats
from khanij.data.cubes.selection import KEY, Selection
from khanij.data.facts import store
from khanij.reference.industry.technologies import ScenarioFigure, end_of_life, scenario_figures, technologies

HORIZON = range(1990, 2051)
ANY = "*"
ECONOMY = "economy"  # the "technology" of rows on the economy
RECYCLING = ("current", "conservative", "neutral", "optimistic")
CONFIDENCE = {"high": 0, "medium": 1, "low": 2}


@cache
def cited(table: str) -> str:
    """Return the sentence that says which works a reference table rests on; `khanij data list` names them in full."""
    works = {id for row in reference.rows(table) for id in row["source"].split(";")}
    return f"reference table {table} rests on {', '.join(sorted(works))}"


def axis() -> Axis:
    """Return the axis "technology"."""
    return Axis("technology", tuple(technologies()))


def horizon() -> Axis:
    """Return the axis "horizon" of years of demand."""
    return Axis("horizon", tuple(map(str, HORIZON)))


def scenarios() -> Axis:
    """Return the axis "scenario": the names in demand_scenarios.csv, and the IEA's for vehicles."""
    named = [row.scenario for row in scenario_figures()]
    return Axis("scenario", tuple(dict.fromkeys(["steps", *(name for name in named if name != ANY)])))


def chosen(
    focus: str, scenario: str, measures: Iterable[str], material: str = ""
) -> dict[tuple[str, str], list[ScenarioFigure]]:
    """Return (technology, measure) -> rows of demand_scenarios.csv of a material that hold for a focus and scenario.

    Rows of the focus go before those of any focus, rows of the scenario before those of any; never both.
    """
    found: dict[tuple[str, str], tuple[int, list[ScenarioFigure]]] = {}
    for row in scenario_figures():
        if (
            row.material != material
            or row.measure not in measures
            or row.focus not in (focus, ANY)
            or row.scenario not in (scenario, ANY)
        ):
            continue
        rank = 2 * (row.focus == focus) + (row.scenario == scenario)
        key = (row.technology, row.measure)
        best, rows = found.get(key, (-1, []))
        if rank >= best:
            found[key] = (rank, [*(rows if rank == best else []), row])
    return {key: rows for key, (_, rows) in found.items()}


def figures(row: ScenarioFigure) -> tuple[float, float, float]:
    """Return value, low and high of a row."""
    return row.range.best, row.range.low, row.range.high


def parents(selection: Selection) -> Cube:
    """Return 1 where a technology is a part of another's market."""
    own = axis()
    values = np.zeros((len(own), len(own)))
    for id, row in technologies().items():
        if row.parent:
            values[own.at(id), own.at(row.parent)] = 1.0
    return Cube("technology_parent", "1", (own, Axis("parent", own.codes)), values)


def lifetime(selection: Selection, part: str = "lifetime") -> Cube:
    """Return mean lifetime (years) or Weibull shape of each technology with a range; a part has its parent's."""
    own = axis()
    parts = np.full((3, len(own)), np.nan)
    for id, row in technologies().items():
        given = technologies()[row.parent] if row.parent else row
        ends = given.lifetime if part == "lifetime" else given.shape
        if ends is not None:
            parts[:, own.at(id)] = ends.best, ends.low, ends.high
    name, unit = ("technology_lifetime", "yr") if part == "lifetime" else ("technology_lifetime_shape", "1")
    return Cube(name, unit, (own,), parts[0], low=parts[1], high=parts[2], notes=(cited("technologies"),))


def intensity(selection: Selection) -> Cube:
    """Return tonnes of each material in one unit of each technology, in the years for which a figure is given.

    Of the facts on a technology and material the surest publisher's label is taken, with all its years; figures of
    confidence low only where there are no others. Where it gives no range, the least and most of all labels of the
    technology in the same year are one. Rows of measure "intensity" in demand_scenarios.csv, read since, stand in
    place of all of them. A technology counted in tonnes of a material has 1.
    """
    axes = (axis(), selection.axes["material"], horizon())
    frame = _intensities(selection)
    sources = tuple(frame["key"].unique().sort().to_list())
    shape = tuple(map(len, axes))
    parts, origin = np.full((3, *shape), np.nan), np.full(shape, -1, dtype=np.int16)
    users = {id: row.intensity or id for id, row in technologies().items()}
    for (maker, material, year), rows in frame.group_by("technology", "material", "year", maintain_order=True):
        first = rows.row(0, named=True)
        ends = rows.select(
            low=pl.min_horizontal("value", "low").min(), high=pl.max_horizontal("value", "high").max()
        ).row(0)
        own = (first["value"], first["low"], first["high"])
        found = own if first["low"] is not None else (first["value"], *ends)
        if not first["best"]:
            continue
        for id in (id for id, of in users.items() if of == maker):
            at = (axes[0].at(id), axes[1].at(str(material)), axes[2].at(str(year)))
            parts[:, *at] = found
            origin[at] = sources.index(first["key"])
    for id, row in technologies().items():
        if row.material in axes[1]:
            parts[:, axes[0].at(id), axes[1].at(row.material), :] = 1.0
    for material in axes[1].codes:
        for (id, _), stated in chosen(ANY, ANY, ("intensity",), material).items():
            parts[:, axes[0].at(id), axes[1].at(material), :] = np.nan
            for figure in stated:
                parts[:, axes[0].at(id), axes[1].at(material), axes[2].at(str(figure.year))] = figures(figure)
    return Cube(
        "technology_intensity",
        "t/1",
        axes,
        parts[0],
        low=parts[1],
        high=parts[2],
        sources=sources,
        origin=origin if sources else None,
        notes=(cited("demand_scenarios"),),
    )


def _intensities(selection: Selection) -> pl.DataFrame:
    """Return the intensities with `technology`, the surest first, `best` marking the label that is taken."""
    providers = store.providers("material_intensity")
    schema = {"technology": pl.String, "material": pl.String, "year": pl.Int16, "key": pl.String, "best": pl.Boolean}
    if not providers:
        return pl.DataFrame(schema={**schema, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64})
    frame = store.collect(
        store.scan(*providers)
        .filter(
            pl.col("quantity") == "material_intensity",
            pl.col("material").is_in(selection.materials),
            pl.col("year").is_between(HORIZON[0], HORIZON[-1]),
            pl.col("value").is_not_null(),
        )
        .with_columns(KEY, technology=pl.col("item").str.split(" | ").list.first())
    )
    order = {source: rank for rank, source in enumerate(selection.stated("material_intensity"))}  # of those as sure
    cell, label = ["technology", "material"], ["source", "item"]
    ranked = frame.with_columns(
        sure=pl.col("confidence").replace_strict(CONFIDENCE, return_dtype=pl.Int64),
        rank=pl.col("source").replace_strict(order, default=len(order), return_dtype=pl.Int64),
    )
    ranked = ranked.filter((pl.col("sure") < CONFIDENCE["low"]) | (pl.col("sure").min().over(cell) == 2))
    ranked = ranked.sort(*cell, "sure", "rank", "year", "item", "row")
    first = pl.concat_str(label, separator="\n")
    return ranked.with_columns(best=first == first.first().over(cell)).sort(
        *cell, "year", "best", "sure", "rank", "row", descending=[False, False, False, True, False, False, False]
    )


def share(selection: Selection) -> Cube:
    """Return the part of each technology in the additions of its parent, in the years for which one is given."""
    return _stated(selection, "technology_share", "share")


def recovery(selection: Selection) -> Cube:
    """Return the part of what leaves use that is recovered, collection times recovery, by case of end_of_life.csv.

    A row of the technology's family goes before one of any family.
    """
    axes = (axis(), selection.axes["material"], Axis("recycling", RECYCLING))
    values = np.full(tuple(map(len, axes)), np.nan)
    for family in (ANY, *dict.fromkeys(row.family for row in technologies().values())):
        for row in end_of_life():
            if row.family != family or row.material not in axes[1]:
                continue
            rate = row.collection * row.recovery
            for id, technology in technologies().items():
                if family in (ANY, technology.family):
                    values[axes[0].at(id), axes[1].at(row.material), axes[2].at(row.case)] = rate
    return Cube("recovery_rate", "1", axes, values, notes=(cited("end_of_life"),))


def growth(selection: Selection) -> Cube:
    """Return growth of a focus's economy a year by scenario, in the years for which one is stated."""
    axes = (selection.axes["focus"], scenarios(), horizon())
    return _of_the_economy("economy_growth", "gdp-growth", axes)


def elasticity(selection: Selection) -> Cube:
    """Return how demand for a material answers to output of the economy, by scenario and year; its own before any's."""
    axes = (selection.axes["focus"], scenarios(), selection.axes["material"], horizon())
    return _of_the_economy("income_elasticity", "income-elasticity", axes)


def part_of_use(selection: Selection, name: str, measure: str) -> Cube:
    """Return a part of a focus's use of a material: what home scrap met, or what was refined metal."""
    axes = (selection.axes["focus"], scenarios(), selection.axes["material"], horizon())
    return _of_the_economy(name, measure, axes, own=True)


def _of_the_economy(name: str, measure: str, axes: tuple[Axis, ...], own: bool = False) -> Cube:
    """Return the figures of one measure of the economy; a material without its own has that of all, unless `own`."""
    parts: Floats = np.full((3, *map(len, axes)), np.nan)
    of = axes[2].codes if len(axes) == 4 else ("",)
    for f, focus in enumerate(axes[0].codes):
        for s, scenario in enumerate(axes[1].codes):
            whole = {} if own else chosen(focus, scenario, (measure,))
            for m, material in enumerate(of):
                found = chosen(focus, scenario, (measure,), material) if material else {}
                for row in (found or whole).get((ECONOMY, measure), []):
                    place = (f, s, m) if len(axes) == 4 else (f, s)
                    parts[:, *place, axes[-1].at(str(row.year))] = figures(row)
    return Cube(name, "1", axes, parts[0], low=parts[1], high=parts[2], notes=(cited("demand_scenarios"),))


def _stated(selection: Selection, name: str, measure: str) -> Cube:
    """Return the figures of one measure by focus, scenario, technology and year."""
    axes = (selection.axes["focus"], scenarios(), axis(), horizon())
    parts: Floats = np.full((3, *map(len, axes)), np.nan)
    for f, focus in enumerate(axes[0].codes):
        for s, scenario in enumerate(axes[1].codes):
            for (technology, _), rows in chosen(focus, scenario, (measure,)).items():
                for row in rows:
                    parts[:, f, s, axes[2].at(technology), axes[3].at(str(row.year))] = figures(row)
    return Cube(name, "1", axes, parts[0], low=parts[1], high=parts[2], notes=(cited("demand_scenarios"),))
