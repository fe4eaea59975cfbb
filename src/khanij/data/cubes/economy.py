"""Facts of input-output tables to cubes: one family of cubes with an axis "table", an industry by industry table each.

Which publisher's table serves which country is a row of economy_tables.csv. Each gives purchases by supplying and using
industry, output and value added, million USD.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from khanij.core.axis import Axis
from khanij.core.cube import Cube, Positions
from khanij.data.cubes.evidence import Builder, unfollowed
from khanij.data.cubes.selection import KEY, Selection
from khanij.data.facts import store
from khanij.data.facts.schema import PSEUDO
from khanij.reference.industry import economies

Floats = NDArray[np.float64]
ORIGINS = ("domestic", "imported")
UNIT = "MUSD"
TECHNOLOGY = "industry by industry: each industry sells its share in the make of a product (industry shares of markets)"
PROPORTION = "imports of a product are spread over its buyers in proportion to their purchases"
MAKERLESS = "purchases of what no industry makes (noncomparable imports, used goods) left out"
CLIPPED = "purchases below 0 (sales of stocks and used goods) taken as 0"


def _facts(table: str, quantity: str) -> pl.DataFrame:
    """Return the facts of a quantity of a table: item, country, year, value, key; none if it is not stored."""
    source = economies.tables()[table].facts
    if source not in store.manifest()["sources"]:
        columns = {"item": pl.String, "country": pl.String, "year": pl.Int16, "value": pl.Float64, "key": pl.String}
        return pl.DataFrame(schema=columns)
    wanted = store.scan(source).filter(pl.col("quantity") == quantity, ~pl.col("country").is_in(PSEUDO))
    return store.collect(wanted.select("item", "country", "year", "value", KEY))


def _axes(table: str) -> tuple[Axis, Axis, Axis, tuple[str, ...]]:
    """Return the axes year, region and industry (in the order of industries.csv), and the keys of the facts."""
    made = _facts(table, "gross_output")
    codes = made["item"].unique().to_list()
    years = tuple(map(str, made["year"].unique().sort()))
    named = {code: at for at, code in enumerate(economies.industries(table))}
    numbered = sorted(codes, key=lambda code: (named.get(code, len(named)), code))
    keys = tuple(made["key"].unique().sort().to_list())
    region = Axis("region", tuple(made["country"].unique().sort()))
    return Axis("table", years), region, Axis("industry", tuple(numbered)), keys


def table_vector(table: str, quantity: str, name: str) -> Cube:
    """Return a figure by region and industry; an industry that a whole table leaves out makes nothing."""
    _, region, industry, keys = _axes(table)
    frame = _facts(table, quantity)
    values = np.zeros((len(region), len(industry)))
    values[region.positions(frame["country"]), industry.positions(frame["item"])] = frame["value"].to_numpy()
    return Cube(name, UNIT, (region, industry), values, sources=keys)


def _matrix(frame: pl.DataFrame, rows: Axis, columns: Axis, mark: str = " > ") -> Floats:
    """Return a table of facts whose item is "row mark column"."""
    parts = frame["item"].str.split_exact(mark, 1).struct.unnest()
    values = np.zeros((len(rows), len(columns)))
    at = _places(rows, parts["field_0"]), _places(columns, parts["field_1"])
    values[at] = frame["value"].to_numpy()
    return values


def _places(axis: Axis, codes: pl.Series) -> Positions:
    """Return the positions of many codes of which few differ; AlignmentError as Axis.positions()."""
    unlike = codes.unique()
    return np.asarray(codes.replace_strict(unlike, axis.positions(unlike), return_dtype=pl.Int64).to_numpy())


def table_flow(table: str, name: str) -> Cube:
    """Return purchases by supplying and using industry, at home and from abroad, of each region of one table.

    A table of industries by industries is taken as it is; one of products is made into one from its make and its use.
    """
    return _products(table, name) if _facts(table, "make").height else _industries(table, name)


def _industries(source: str, name: str) -> Cube:
    """Return the purchases of a table whose facts are "origin | supplier > industry"."""
    table, region, industry, keys = _axes(source)
    frame = _facts(source, "intermediate_use")
    supplier = Axis("supplier", industry.codes)
    values = np.zeros((len(table), len(region), len(ORIGINS), len(industry), len(industry)))
    split = frame.with_columns(
        origin=pl.col("item").str.split(" | ").list.first(), flow=pl.col("item").str.split(" | ").list.last()
    )
    pair = split["flow"].str.split_exact(" > ", 1).struct.unnest()
    at = (
        np.zeros(split.height, dtype=np.intp),
        _places(region, split["country"]),
        _places(Axis("origin", ORIGINS), split["origin"]),
        _places(supplier, pair["field_0"]),
        _places(industry, pair["field_1"]),
    )
    values[at] = np.maximum(split["value"].to_numpy(), 0.0)
    axes = (table, region, Axis("origin", ORIGINS), supplier, industry)
    return Cube(name, UNIT, axes, values, sources=keys)


def _products(source: str, name: str) -> Cube:
    """Return the same of a table that gives the make of products by industries, and their use.

    Purchases Z = D U, D[i, c] the share of industry i in the make of product c; of product c the part
    (q - e) / (q - e + m) is home-made: q make, e exports, m imports. A product that no industry makes is left out.
    Reference: Miller and Blair 2009, chapter 5, industry-based technology of market shares.
    """
    table, region, industry, keys = _axes(source)
    axes = (table, region, Axis("origin", ORIGINS), Axis("supplier", industry.codes), industry)
    use, make, final = (_facts(source, part) for part in ("intermediate_use", "make", "final_demand"))
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
    return Cube(name, UNIT, axes, values, sources=keys, notes=notes)


def economy_flow(selection: Selection) -> Cube:
    """Return the purchases of every table: (table, region, origin, supplier, industry), what is 0 left out.

    Codes of industries are those of their own table; `economy_output` says which industries a table has.
    """
    flows = {table: table_flow(table, "economy_flow") for table in economies.tables()}
    codes = tuple(dict.fromkeys(code for cube in flows.values() for code in cube.axis("industry").codes))
    regions = tuple(sorted({code for cube in flows.values() for code in cube.axis("region").codes}))
    industry, region = Axis("industry", codes), Axis("region", regions)
    axes = (Axis("table", tuple(flows)), region, Axis("origin", ORIGINS), Axis("supplier", codes), industry)
    parts, values = [], []
    for at, cube in enumerate(flows.values()):
        _, place, origin, supplier, user = np.nonzero(cube.values)
        there = [region.positions(cube.axis("region").codes)[place], origin]
        there += [industry.positions(cube.axis("industry").codes)[each] for each in (supplier, user)]
        parts.append(np.stack([np.full(len(place), at, dtype=np.intp), *there]))
        values.append(cube.values[cube.values != 0])
    sources = tuple(dict.fromkeys(source for cube in flows.values() for source in cube.sources))
    notes = tuple(f"{table}: {note}" for table, cube in flows.items() for note in cube.notes)
    return Cube("economy_flow", UNIT, axes, np.concatenate(values), np.hstack(parts), sources=sources, notes=notes)


def economy_vector(selection: Selection, quantity: str, name: str) -> Cube:
    """Return a figure by table, region and industry; nan for a region or an industry that a table does not have."""
    given = {table: table_vector(table, quantity, name) for table in economies.tables()}
    region = Axis("region", tuple(sorted({code for cube in given.values() for code in cube.axis("region").codes})))
    codes = tuple(dict.fromkeys(code for cube in given.values() for code in cube.axis("industry").codes))
    industry = Axis("industry", codes)
    values = np.full((len(given), len(region), len(industry)), np.nan)
    for at, cube in enumerate(given.values()):
        rows, columns = region.positions(cube.axis("region").codes), industry.positions(cube.axis("industry").codes)
        values[at, rows[:, None], columns] = cube.values
    sources = tuple(dict.fromkeys(source for cube in given.values() for source in cube.sources))
    return Cube(name, UNIT, (Axis("table", tuple(given)), region, industry), values, sources=sources)


def economy_year(selection: Selection) -> Cube:
    """Return the year of each table; nan for one that is not in the store."""
    tables = tuple(economies.tables())
    years = [[int(code) for code in _axes(table)[0].codes] for table in tables]
    values = np.array([max(each, default=np.nan) for each in years], dtype=np.float64)
    return Cube("economy_year", "1", (Axis("table", tables),), values)


VECTORS = {"output": "gross_output", "value_added": "industry_value_added"}


BUILDERS: dict[str, Builder] = {
    "economy_flow": Builder(economy_flow, unfollowed),
    "economy_year": Builder(economy_year, unfollowed),
    **{
        f"economy_{part}": Builder(partial(economy_vector, quantity=fact, name=f"economy_{part}"), unfollowed)
        for part, fact in VECTORS.items()
    },
}
