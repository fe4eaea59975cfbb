"""Where a series changes in kind: another source, edition, label or trade code, a figure carried on, other members.

A break is a fact of the data, read from what the builders chose; nothing is guessed from the values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from khanij.core.case import Case
from khanij.data.cubes import production
from khanij.data.cubes.selection import Selection
from khanij.data.cubes.trade import flows as trade
from khanij.data.cubes.trade import national_flows
from khanij.data.lookup import lineage
from khanij.reference import country_labels

CARRIED = re.compile(r"(\w+) of (\d{4}) carried from (\d{4})")
OUTPUT = ("production", "world_production", "production_series")
MASS, VALUE = ("trade", "trade_massless"), ("trade_value",)
NAMES = {"output": "output", "trade_mass": "trade in tonnes", "trade_value": "trade by value", "price": "price"}


@dataclass(frozen=True, slots=True)
class Break:
    """One change in kind: of what, in which year, for which material and stage (None = all), in words."""

    quantity: str
    material: str | None
    stage: str | None
    year: int
    words: str


def breaks(case: Case, quantities: Iterable[str], years: Iterable[int]) -> tuple[Break, ...]:
    """Return the breaks of the quantities between the years, in order of material, stage and year.

    quantities  cubes of the Case whose facts count
    years       years of the series, within those of the Case
    """
    wanted, span = set(quantities), sorted(years)
    selection = Selection({**case.axes})
    found: list[Break] = []
    if wanted & set(OUTPUT):
        found += _changes("output", _output(selection), span)
    for quantity, names in (("trade_mass", MASS), ("trade_value", VALUE)):
        if wanted & set(names):
            found += _changes(quantity, _codes(selection, quantity), span)
    if "price" in wanted:
        found += _changes("price", _prices(case), span)
    found += _carried(case, wanted, span)
    if "membership" in wanted:
        found += _members(case, span)
    if wanted & {*MASS, *VALUE}:
        found += _unions(case, span)
    return tuple(sorted(found, key=lambda b: (b.material or "", b.stage or "", b.year, b.quantity)))


def _spans(frame: pl.DataFrame) -> dict[tuple[str, str | None], dict[int, str]]:
    """Return (material, stage) -> year -> what stands behind it, from columns material, stage, year, what."""
    joined = (
        frame.unique()
        .sort("material", "stage", "year", "what")
        .group_by("material", "stage", "year", maintain_order=True)
        .agg(pl.col("what").str.join(", "))
    )
    table: dict[tuple[str, str | None], dict[int, str]] = {}
    for material, stage, year, what in joined.iter_rows():
        table.setdefault((material, stage), {})[int(year)] = what
    return table


def _changes(quantity: str, frame: pl.DataFrame, years: list[int]) -> list[Break]:
    """Return a break for each year whose facts are of another kind than those of the year before."""
    found, name = [], NAMES[quantity]
    for (material, stage), standing in _spans(frame).items():
        for before, year in pairwise(years):
            old, new = standing.get(before), standing.get(year)
            if old == new:
                continue
            if new is None:
                words = f"{name}: no data from {year}, until {before} {old}"
            elif old is None:
                words = f"{name}: no data before {year}, then {new}"
            else:
                words = f"{name}: {old} until {before}, {new} from {year}"
            found.append(Break(quantity, material, stage, year, words))
    return found


def _output(selection: Selection) -> pl.DataFrame:
    """Return the source, edition and label of the output of each material, stage and year."""
    chosen = production.of_the_world(selection, production.usable(selection)[0])
    what = pl.col("key") + pl.format(" ({})", pl.col("item").fill_null("no label"))
    return chosen.select("material", "stage", "year", what=what)


def _codes(selection: Selection, quantity: str) -> pl.DataFrame:
    """Return the trade codes of each material, stage and year with their source and content factor."""
    codes = trade.chosen(selection, quantity)
    content = pl.when(pl.lit(quantity == "trade_mass")).then(pl.format(" x {}", pl.col("c_best"))).otherwise(pl.lit(""))
    what = pl.concat_str("item", content, pl.format(" ({})", "source"))
    found = codes.select("material", "stage", "year", what=what)
    if quantity != "trade_value" or "focus" not in selection.axes:
        return found
    goods = set(found.select("material", "stage", "year").rows())
    apart = [
        (c.material, c.stage, year, f"{c.item} (declared by the buyer)")
        for year in selection.years
        for c in national_flows.declared(selection.axes["focus"].codes, year)
        if (c.material, c.stage, year) in goods
    ]
    return pl.concat([found, pl.DataFrame(apart, schema=found.schema, orient="row")])


def _prices(case: Case) -> pl.DataFrame:
    """Return the series that gives the price of each material and year."""
    rows = []
    for year in case.axis("year").codes:
        table = lineage.follow(case, "price", lineage.Cell(case.axis("material").codes, None, int(year)))
        rows += [(r["material"], None, r["year"], f"{r['source']} ({r['item']})") for r in table.rows()]
    schema: Mapping[str, type[pl.DataType]] = {
        "material": pl.String,
        "stage": pl.String,
        "year": pl.Int64,
        "what": pl.String,
    }
    return pl.DataFrame(rows, schema=dict(schema), orient="row")


def _carried(case: Case, quantities: Iterable[str], years: list[int]) -> list[Break]:
    """Return the years whose figures of a quantity are those of an earlier year, as its cube says."""
    found = []
    for quantity in sorted(set(quantities) & set(case.cubes)):
        for note in case.cube(quantity).notes:
            match = CARRIED.fullmatch(note)
            if match and int(match[2]) in years:
                found.append(Break(quantity, None, None, int(match[2]), f"{quantity}: carried from {match[3]}"))
    return found


def _members(case: Case, years: list[int]) -> list[Break]:
    """Return the years in which a focus has other members than the year before."""
    member = case.array("membership", "focus", "country", "year") > 0
    codes, found = case.axis("country").codes, []
    for before, year in pairwise(years):
        old, new = (member[:, :, case.axis("year").at(str(y))] for y in (before, year))
        for f, focus in enumerate(case.axis("focus").codes):
            came = [code for code, is_new in zip(codes, new[f] & ~old[f], strict=True) if is_new]
            left = [code for code, is_old in zip(codes, old[f] & ~new[f], strict=True) if is_old]
            if came or left:
                parts = (f"{', '.join(came)} joined" if came else "", f"{', '.join(left)} left" if left else "")
                words = f"members of {focus}: {'; '.join(filter(None, parts))}"
                found.append(Break("membership", None, None, year, words))
    return found


def _unions(case: Case, years: list[int]) -> list[Break]:
    """Return the years from which the records of a member of a focus are its own alone."""
    member = (case.array("membership", "focus", "country", "year") > 0).any(axis=(0, 2))
    focal = [code for code, is_one in zip(case.axis("country").codes, member, strict=True) if is_one]
    ended = [one for one in country_labels.united(focal, years) if one.last + 1 in years]
    return [Break("trade", None, None, one.last + 1, f"trade: {one.words}") for one in ended]
