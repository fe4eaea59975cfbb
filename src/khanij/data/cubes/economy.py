"""Facts of input-output tables to cubes: one family of cubes a kind of table, an industry by industry table a region.

"io" is the world table (35 industries, 40 countries), "detail" the table of one country by 402 industries. Each gives
three cubes: flow (table, region, origin, supplier, industry), output and value_added (region, industry), million USD.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from khanij.core.axis import Axis
from khanij.core.cube import Cube
from khanij.data.cubes.selection import KEY, Selection
from khanij.data.facts import store
from khanij.data.facts.schema import PSEUDO

Floats = NDArray[np.float64]
SOURCES = {"io": "wiod", "detail": "bea-io"}
ORIGINS = ("domestic", "imported")
UNIT = "MUSD"
TECHNOLOGY = "industry by industry: each industry sells its share in the make of a product (industry shares of markets)"
PROPORTION = "imports of a product are spread over its buyers in proportion to their purchases"
MAKERLESS = "purchases of what no industry makes (noncomparable imports, used goods) left out"
CLIPPED = "purchases below 0 (sales of stocks and used goods) taken as 0"


def _facts(kind: str, quantity: str) -> pl.DataFrame:
    """Return the facts of a quantity of a kind of table: item, country, year, value, key; none if it is not stored."""
    source = SOURCES[kind]
    if source not in store.manifest()["sources"]:
        columns = {"item": pl.String, "country": pl.String, "year": pl.Int16, "value": pl.Float64, "key": pl.String}
        return pl.DataFrame(schema=columns)
    wanted = store.scan(source).filter(pl.col("quantity") == quantity, ~pl.col("country").is_in(PSEUDO))
    return store.collect(wanted.select("item", "country", "year", "value", KEY))


def _axes(kind: str) -> tuple[Axis, Axis, Axis, tuple[str, ...]]:
    """Return the axes table (its year), region and industry, and the keys of the facts."""
    made = _facts(kind, "gross_output")
    codes = made["item"].unique().to_list()
    years = tuple(map(str, made["year"].unique().sort()))
    numbered = sorted(codes, key=lambda code: (len(code), code) if kind == "io" else (0, code))
    keys = tuple(made["key"].unique().sort().to_list())
    region = Axis("region", tuple(made["country"].unique().sort()))
    return Axis("table", years), region, Axis("industry", tuple(numbered)), keys


def _vector(kind: str, quantity: str, name: str) -> Cube:
    """Return a figure by region and industry; an industry that a whole table leaves out makes nothing."""
    _, region, industry, keys = _axes(kind)
    frame = _facts(kind, quantity)
    values = np.zeros((len(region), len(industry)))
    values[region.positions(frame["country"]), industry.positions(frame["item"])] = frame["value"].to_numpy()
    return Cube(f"{kind}_{name}", UNIT, (region, industry), values, sources=keys)


def _matrix(frame: pl.DataFrame, rows: Axis, columns: Axis, mark: str = " > ") -> Floats:
    """Return a table of facts whose item is "row mark column"."""
    parts = frame["item"].str.split_exact(mark, 1).struct.unnest()
    values = np.zeros((len(rows), len(columns)))
    at = rows.positions(parts["field_0"]), columns.positions(parts["field_1"])
    values[at] = frame["value"].to_numpy()
    return values


def world_flow(selection: Selection) -> Cube:
    """Return purchases by supplying and using industry, at home and from abroad, of each region of the world table."""
    table, region, industry, keys = _axes("io")
    frame = _facts("io", "intermediate_use")
    supplier = Axis("supplier", industry.codes)
    values = np.zeros((len(table), len(region), len(ORIGINS), len(industry), len(industry)))
    split = frame.with_columns(
        origin=pl.col("item").str.split(" | ").list.first(), flow=pl.col("item").str.split(" | ").list.last()
    )
    pair = split["flow"].str.split_exact(" > ", 1).struct.unnest()
    at = (
        np.zeros(split.height, dtype=np.intp),
        region.positions(split["country"]),
        Axis("origin", ORIGINS).positions(split["origin"]),
        supplier.positions(pair["field_0"]),
        industry.positions(pair["field_1"]),
    )
    values[at] = np.maximum(split["value"].to_numpy(), 0.0)
    axes = (table, region, Axis("origin", ORIGINS), supplier, industry)
    return Cube("io_flow", UNIT, axes, values, sources=keys)


def detail_flow(selection: Selection) -> Cube:
    """Return the same of the detailed table, from its make and use tables.

    Purchases Z = D U, D[i, c] the share of industry i in the make of product c; of product c the part
    (q - e) / (q - e + m) is home-made: q make, e exports, m imports. A product that no industry makes is left out.
    Reference: Miller and Blair 2009, chapter 5, industry-based technology of market shares.
    """
    table, region, industry, keys = _axes("detail")
    axes = (table, region, Axis("origin", ORIGINS), Axis("supplier", industry.codes), industry)
    if not len(industry):
        return Cube("detail_flow", UNIT, axes, np.zeros(tuple(map(len, axes))))
    use, make, final = (_facts("detail", name) for name in ("intermediate_use", "make", "final_demand"))
    bought = pl.concat([frame["item"].str.split(" > ").list.get(at) for frame, at in ((use, 0), (make, 1))])
    product = Axis("product", tuple(bought.unique().sort().to_list()))
    used = _matrix(use, product, industry)
    clipped = bool((used < 0).any())
    used = np.maximum(used, 0.0)
    made = _matrix(make, industry, product)
    total = made.sum(axis=0)
    traded = final.filter(pl.col("item").str.split(" | ").list.last().is_in(list(product.codes)))
    abroad = _matrix(traded, Axis("what", ("exports", "imports")), product, " | ")
    exports, imports = abroad[0], np.maximum(-abroad[1], 0.0)  # margins of carriers stand as imports above 0
    kept = np.maximum(total - exports, 0.0)
    supply = kept + imports
    home = np.divide(kept, supply, out=np.zeros_like(kept), where=supply > 0)
    shares = np.divide(made, total, out=np.zeros_like(made), where=total > 0)
    inside = shares @ (home[:, None] * used)
    outside = shares @ ((1.0 - home)[:, None] * used)
    values = np.stack([inside, outside])[None, None]
    notes = (TECHNOLOGY, PROPORTION, MAKERLESS, *((CLIPPED,) if clipped else ()))
    return Cube("detail_flow", UNIT, axes, values, sources=keys, notes=notes)


def _builder(kind: str, quantity: str, name: str) -> Callable[[Selection], Cube]:
    """Return the builder of a vector."""

    def build(selection: Selection) -> Cube:
        return _vector(kind, quantity, name)

    return build


BUILDERS: dict[str, Callable[[Selection], Cube]] = {
    "io_flow": world_flow,
    "detail_flow": detail_flow,
    **{
        f"{kind}_{name}": _builder(kind, quantity, name)
        for kind in SOURCES
        for quantity, name in (("gross_output", "output"), ("industry_value_added", "value_added"))
    },
}
"""Cubes by name, for data/build.py."""
