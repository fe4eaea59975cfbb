"""From the cells of a Case back to the fact rows that its builder chose: what was published, by whom, on which row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.table import Table
from khanij.data.cubes import attributes, build, production, trade
from khanij.data.cubes.selection import KEY, PREFERRED, Selection
from khanij.data.facts import schema as facts
from khanij.data.facts import store

SHOWN = (
    *("quantity", "material", "stage", "country", "partner", "item", "year", "month", "value", "low", "high", "unit"),
    *("basis", "factor", "entered", "status", "confidence", "source", "edition", "row", "note"),
)
FLOWS = {"trade": "trade_mass", "trade_value": "trade_value", "trade_massless": "trade_value"}
WITHOUT = {
    "trade_covered": "1 where a trade code of its own has data: the codes are listed with the reference tables",
    "trade_value_covered": "1 where a trade code has data: the codes are listed with the reference tables",
    "trade_unlisted": "trade beyond the flows listed: facts trade_mass_unlisted",
    "membership": "who belongs to the focus: reference table groups",
    "defence_pact": "common membership of a group of mutual defence: reference table groups",
    "bilateral_trade": "sum of every mineral trade code held of two countries: khanij trade lists its flows",
}
WITH = {**facts.SCHEMA, "factor": pl.Float64, "entered": pl.Float64}
SUMMED = ("use_share", "use_share_by_stage", "reserves", "world_reserves")  # several facts may add up to one cell


@dataclass(frozen=True, slots=True)
class Cell:
    """Which facts are asked for: of these materials, stages (None = all), year, and flows of these countries.

    members    countries of the focus: flows in which one of them buys or sells (empty = every flow)
    countries  countries whose attributes count (empty = every one)
    """

    materials: tuple[str, ...]
    stages: tuple[str, ...] | None
    year: int
    members: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


def narrowed(case: Case, cell: Cell, years: Sequence[int] = ()) -> Selection:
    """Return the selection of the cell's materials and year (or the given years) on the axes of a Case."""
    span = years or (cell.year,)
    axes = {"material": Axis("material", cell.materials), "year": Axis("year", tuple(map(str, span)))}
    return Selection({**case.axes, **axes}, PREFERRED)


def found(case: Case, quantity: str, cell: Cell) -> Table:
    """Return the facts behind the cells of one quantity of a Case, one row a fact.

    value     as published, in the publisher's unit as the store keeps it
    factor    what it was multiplied by (content of a trade code, ore, density)
    entered   what of it is in the cube, in the cube's unit; facts of one cell add up to the cell
    Quantities that are no facts (coverage, membership) have no rows and a note that says where they come from.
    """
    if quantity in WITHOUT:
        return Table.by_column(quantity, {name: () for name in SHOWN}, notes=(f"{quantity}: {WITHOUT[quantity]}",))
    frame = _frame(case, quantity, cell).with_columns(quantity=pl.lit(quantity))
    if cell.stages is not None:
        frame = frame.filter(pl.col("stage").is_in(list(cell.stages)) | pl.col("stage").is_null())
    frame = frame.sort(pl.col("entered").abs(), descending=True, nulls_last=True, maintain_order=True)
    return Table.by_column(quantity, {name: frame[name].to_list() for name in SHOWN})


def _frame(case: Case, quantity: str, cell: Cell) -> pl.DataFrame:
    """Return the facts of a quantity with `factor` and `entered`."""
    makers: dict[str, Callable[[Case, Cell], pl.DataFrame]] = {
        "production": _production,
        "world_production": _world_production,
        "production_series": _production_series,
        "governance": lambda c, at: _scores(c, at, "governance"),
        "governance_error": lambda c, at: _scores(c, at, "governance_error"),
    }
    if quantity in FLOWS:
        return _flows(case, quantity, cell)
    if quantity in makers:
        return makers[quantity](case, cell)
    return _matched(case, quantity, cell)


def _restored(frame: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Return the chosen facts as they stand in the store; value of `frame` becomes `entered`.

    frame  facts after conversion, with the key columns of a fact
    raw    facts as stored
    """
    keys = list(facts.KEY)
    chosen = frame.select(*keys, pl.col("value").alias("entered"))
    kept = raw.join(chosen, on=keys, nulls_equal=True, maintain_order="left")
    factor = pl.when(pl.col("value") != 0).then(pl.col("entered") / pl.col("value"))
    return kept.with_columns(factor=factor)


def _output(selection: Selection) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return production facts in the material's basis with their key, and the same as stored."""
    usable, _ = production.usable(selection)
    return usable, selection.scan("production").collect()


def _origins(cube: Cube, cell: Cell, *names: str) -> pl.DataFrame:
    """Return the labels and the source key of every cell of a dense cube that a fact stands behind."""
    assert cube.origin is not None
    keep = {"material": cell.materials, "year": (str(cell.year),)}
    codes = [[c for c in axis.codes if axis.name not in keep or c in keep[axis.name]] for axis in cube.axes]
    picked = cube.origin[np.ix_(*(axis.positions(kept) for axis, kept in zip(cube.axes, codes, strict=True)))]
    at = (picked >= 0).nonzero()
    columns = {axis.name: [kept[p] for p in where] for axis, kept, where in zip(cube.axes, codes, at, strict=True)}
    schema = {**dict.fromkeys(columns, pl.String), "key": pl.String}
    frame = pl.DataFrame({**columns, "key": [cube.sources[p] for p in picked[at]]}, schema=schema)
    return frame.select(*names, "key").with_columns(pl.col("year").cast(pl.Int16))


def _production(case: Case, cell: Cell) -> pl.DataFrame:
    """Return the figures of each producer, from the source that the cube names for it, and the chosen remainder."""
    usable, raw = _output(narrowed(case, cell))
    names = ("material", "stage", "country", "year")
    cells = _origins(case.cube("production"), cell, *names)
    return _restored(usable.join(cells, on=[*names, "key"], how="semi"), raw)


def _world_production(case: Case, cell: Cell) -> pl.DataFrame:
    """Return the reported world total where the cube takes it, else the parts that it adds up."""
    selection = narrowed(case, cell)
    usable, raw = _output(selection)
    return _restored(_world(selection, usable, case.cube("world_production")), raw)


def _world(selection: Selection, usable: pl.DataFrame, cube: Cube) -> pl.DataFrame:
    """Return the facts that make up the world totals of a selection."""
    of_it = production.of_the_world(selection, usable)
    total = pl.col("country") == "WLD"
    kept = []
    for (material, stage, year), group in of_it.group_by(*production.CELL, maintain_order=True):
        if str(year) not in cube.axes[2]:
            continue
        at = (cube.axes[0].at(str(material)), cube.axes[1].at(str(stage)), cube.axes[2].at(str(year)))
        said = group.filter(total, pl.col("value").is_not_null())
        same = said.height and abs(said["value"].sum() - cube.values[at]) <= 1e-9 * abs(cube.values[at])
        kept.append(said if same else group.filter(~pl.col("country").is_in(["WLD", "AGG"])))
    return pl.concat(kept) if kept else of_it.head(0)


def _production_series(case: Case, cell: Cell) -> pl.DataFrame:
    """Return the facts of world output of every year up to the one asked for."""
    cube = case.cube("production_series")
    span = [int(code) for code in cube.axes[2].codes if int(code) <= cell.year]
    selection = narrowed(case, cell, span)
    usable, raw = _output(selection)
    return _restored(_world(selection, usable, cube), raw)


def _flows(case: Case, quantity: str, cell: Cell) -> pl.DataFrame:
    """Return the recorded flows of the chosen trade codes, with the content factor of each."""
    selection = narrowed(case, cell)
    if quantity == "trade_value":
        frame = trade._flows(selection, "trade_value").with_columns(factor=1.0, entered="value")
    else:
        every = trade.weighed(selection)
        weightless = pl.col("suspect") | pl.col("value").is_null()
        if quantity == "trade":
            frame = every.filter(~weightless).with_columns(factor="c_best", entered=pl.col("value") * pl.col("c_best"))
        else:
            frame = every.filter(weightless, pl.col("v").is_not_null()).with_columns(factor=1.0, entered="v")
    if cell.members:
        focal = list(cell.members)
        frame = frame.filter(pl.col("country").is_in(focal) | pl.col("partner").is_in(focal))
    return _published(frame, FLOWS[quantity], cell)


def _published(frame: pl.DataFrame, quantity: str, cell: Cell) -> pl.DataFrame:
    """Return flows with what the store holds of them beside material, stage, factor and entered."""
    names = ["source", "edition", "item", "country", "partner", "year"]
    if frame.is_empty():
        return pl.DataFrame(schema=WITH)
    sources = frame["source"].unique().sort().to_list()
    chosen = frame.select(*names, "material", "stage", "factor", "entered")
    raw = store.scan(*sources).filter(
        pl.col("quantity") == quantity,
        pl.col("year") == cell.year,
        pl.col("item").is_in(frame["item"].unique().to_list()),
    )
    return store.collect(raw.drop("material", "stage").join(chosen.lazy(), on=names, maintain_order="right"))


def _scores(case: Case, cell: Cell, quantity: str) -> pl.DataFrame:
    """Return the governance figures of the countries; those of the latest earlier year where the year has none."""
    every = store.scan("wgi").filter(
        pl.col("quantity") == quantity,
        pl.col("year").is_between(cell.year - attributes.CARRIED, cell.year),
        pl.col("value").is_not_null(),
    )
    frame = store.collect(every)
    frame = frame.filter(pl.col("year") == frame["year"].max())
    if cell.countries:
        frame = frame.filter(pl.col("country").is_in(list(cell.countries)))
    return frame.with_columns(factor=1.0, entered="value")


def asked(quantity: str) -> tuple[str, str | None]:
    """Return the quantity of the facts of a cube, and how their item begins, as the builder of the cube has them."""
    given = getattr(build.BUILDERS.get(quantity), "keywords", {})
    own = {"price_series": "price", "price_monthly": "price", "world_reserves": "reserves"}
    own |= {"use_share_by_stage": "use_share", "peer_production": "production"}
    return given.get("quantity", own.get(quantity, quantity)), given.get("item")


def _matched(case: Case, quantity: str, cell: Cell) -> pl.DataFrame:
    """Return the facts of an attribute: of the cell's labels, from the source that the cube names, with its value."""
    cube = case.cube(quantity)
    fact, item = asked(quantity)
    frame = _candidates(case, fact, item, cell)
    if quantity == "world_reserves":
        frame = frame.filter(pl.col("country") == "WLD")
    if cube.origin is None or frame.is_empty():
        return frame.head(0)
    dims = [axis.name for axis in cube.axes]
    shared = [name for name in ("material", "country") if name in dims]
    cells = _labelled(cube, cell)
    if "sector" in dims:
        frame = frame.with_columns(sector=pl.col("item").str.split(" | ").list.first())
        shared.append("sector")
    wanted = cells.select(*shared, "key", *(["span"] if "span" in cells.columns else []), "cube")
    joined = frame.with_columns(KEY).join(wanted.unique(), on=[*shared, "key"], maintain_order="left")
    if "span" in cells.columns:
        near = pl.col("span") - pl.col("year")
        joined = joined.filter(near == 0 if "country" not in dims else near.is_between(0, attributes.CARRIED))
    if quantity not in SUMMED:
        equal = (pl.col("entered") - pl.col("cube")).abs() <= 1e-9 * pl.col("cube").abs()
        joined = joined.filter(equal)
    return joined.unique(list(facts.KEY), keep="first", maintain_order=True)


def _candidates(case: Case, quantity: str, item: str | None, cell: Cell) -> pl.DataFrame:
    """Return the facts of a quantity that may stand behind the cell, in the basis of the cube."""
    sources = store.providers(quantity)
    if not sources:
        return pl.DataFrame(schema=WITH)
    frame = store.scan(*sources).filter(pl.col("quantity") == quantity)
    frame = frame.filter(pl.col("material").is_in(list(cell.materials)) | pl.col("material").is_null())
    if item is not None:
        frame = frame.filter(pl.col("item").str.starts_with(item))
    if cell.countries:
        frame = frame.filter(pl.col("country").is_in([*cell.countries, *facts.PSEUDO]) | pl.col("country").is_null())
    held = store.collect(frame)
    if quantity == "reserves":
        return _restored(production.in_basis(held)[0], held)
    middle = pl.coalesce("value", (pl.col("low").fill_null(0.0) + pl.col("high")) / 2)
    return held.with_columns(factor=1.0, entered=middle) if quantity != "price" else _priced(held)


def _priced(held: pl.DataFrame) -> pl.DataFrame:
    """Return price facts of the benchmark series, those of gross ore divided by its content."""
    per = pl.DataFrame(reference.rows("price_benchmarks")).select("material", "source", "item", "per")
    ores = [(m, 1.0 / factors[1]) for (m, _), factors in production.ore_content().items()]
    ore = pl.DataFrame(ores, schema={"material": pl.String, "ore": pl.Float64}, orient="row")
    frame = held.join(per, on=["material", "source", "item"]).join(ore, on="material", how="left")
    frame = frame.filter(pl.col("unit") == "USD/t")
    factor = pl.when(pl.col("per") == "ore").then("ore").otherwise(1.0)
    return frame.with_columns(factor=factor).with_columns(entered=pl.col("value") * pl.col("factor"))


def _labelled(cube: Cube, cell: Cell) -> pl.DataFrame:
    """Return one row a cell of a dense cube: labels, source key, value `cube`, and its year as `span` if it has one."""
    assert cube.origin is not None
    rows = []
    for at in zip(*(cube.origin >= 0).nonzero(), strict=True):
        labels = {axis.name: axis.codes[p] for axis, p in zip(cube.axes, at, strict=True)}
        year = labels.get("year") or labels.get("history") or labels.get("month", "")[:4]
        fits = (
            labels.get("material", cell.materials[0]) in cell.materials,
            not cell.countries or labels.get("country", cell.countries[0]) in cell.countries,
            cell.stages is None or labels.get("stage", cell.stages[0]) in cell.stages,
            not year or (int(year) == cell.year if "year" in labels else int(year) <= cell.year),
        )
        if all(fits):
            row = {**labels, "key": cube.sources[cube.origin[at]], "cube": float(cube.values[at])}
            rows.append({**row, **({"span": int(year)} if year else {})})
    names = {axis.name: pl.String for axis in cube.axes}
    return pl.DataFrame(rows, schema=None if rows else {**names, "key": pl.String, "cube": pl.Float64})
