"""Imports under national codes of eight digits in place of flows under six-digit codes that hold several materials."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import polars as pl

from khanij import reference
from khanij.data.cubes.selection import KEY
from khanij.data.cubes.trade.own_flows import CARRIED
from khanij.data.facts import overlay, store

QUANTITY = "import_value"
GOOD = ["code", "material", "stage", "year"]


@cache
def _table() -> pl.DataFrame:
    """Return item, code (the six digits within which it is), material and stage of every national code."""
    rows = [(c.item, c.within, c.material, c.stage) for c in reference.national_codes()]
    return pl.DataFrame(rows, schema=["item", "code", "material", "stage"], orient="row")


@cache
def _declared(fingerprint: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the imports of the years under national codes, and who declares: partner and year of all who do."""
    frame = store.published(*store.providers(QUANTITY)).filter(
        pl.col("quantity") == QUANTITY, pl.col("month").is_null(), pl.col("country") != pl.col("partner")
    )
    flows = frame.filter(pl.col("value") > 0).select(CARRIED).join(_table().lazy(), on="item")
    who = frame.select("source", "partner", "year").unique()
    return store.collect(flows).sort("item", "partner", "country", "year"), store.collect(who)


def _held() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the declared imports and who declares; both empty where the store has no national codes."""
    sources = store.providers(QUANTITY)
    return _declared(store.fingerprint(sources)) if sources else (pl.DataFrame(), pl.DataFrame())


def laid_over(found: pl.DataFrame) -> pl.DataFrame:
    """Return flows with those into a declaring country parted: its own codes in place of the shared one.

    found  flows of publishers with code, material, stage, shared and content
    For a good and year in which anybody has data under its national code, every flow of the shared code into a country
    that declares by that nomenclature gives way to what it declares: one that declares none buys none that is told.
    Other importers keep the shared code, exports too. A code that came later leaves the years before as they are.
    """
    flows, who = _held()
    if flows.is_empty() or found.is_empty():
        return found
    keys = flows.select("source", *GOOD).unique()
    declared = keys.join(who, on=["source", "year"]).drop("source")
    goods = found.filter("shared").select(*GOOD, "revision", "c_low", "c_best", "c_high").unique(GOOD)
    parted = flows.join(goods, on=GOOD).with_columns(KEY, shared=pl.lit(value=False), mixed=pl.lit(value=False))
    mixed = pl.col("shared") & ~overlay.own()
    given = found.filter(mixed).join(declared, on=[*GOOD, "partner"], how="semi")
    kept = found.join(given, on=["source", "item", "country", "partner", *GOOD], how="anti")
    return pl.concat([kept, parted.select(found.columns)])


def declared(foci: Iterable[str], year: int) -> tuple[reference.NationalCode, ...]:
    """Return the national codes with data under which every member of every focus declares its imports of a year."""
    flows, who = _held()
    members = {iso for f in foci for iso in (reference.members(f, year) if f in reference.groups() else (f,))}
    if flows.is_empty() or not members <= set(who.filter(pl.col("year") == year)["partner"]):
        return ()
    items = set(flows.filter(pl.col("year") == year)["item"])
    return tuple(code for code in reference.national_codes() if code.item in items)


def told(frame: pl.DataFrame) -> tuple[str, ...]:
    """Return what must be said of flows under national codes."""
    items = {code.item: code.material for code in reference.national_codes()}
    here = sorted({items[item] for item in frame["item"].unique() if item in items})
    if not here:
        return ()
    return (f"imports of the EU's members by codes of eight digits, CIF, normal procedure alone: {', '.join(here)}",)
