"""What the faces ask that is no method: recorded trade, lists, the store's own checks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from khanij import reference
from khanij.analyses import commands
from khanij.analyses.fields import years
from khanij.core.errors import CoverageError, SourceError
from khanij.core.number import Key, Number, total
from khanij.core.table import Table
from khanij.data.facts import store
from khanij.data.lookup import catalogue, months, query

STATED = ("reported", "bound")  # estimates and words in a source are no official figures

citations = catalogue.citations
parquet = catalogue.parquet
shipments = months.shipments


def fingerprint() -> str:
    """Return one hash of all facts and reference tables; raises SourceError where the store is spoilt or not there."""
    return hashlib.sha256(f"{store.fingerprint()} {reference.fingerprint()}".encode()).hexdigest()[:16]


def members(text: str, span: Sequence[int]) -> tuple[str, ...]:
    """Return the countries of a focus: itself, or a group's members in any of the years."""
    code = reference.focus(text)
    if code not in reference.groups():
        return (code,)
    return tuple(sorted({iso for year in span for iso in reference.members(code, year)}))


def by_code(focus: str, year: int, codes: Sequence[str]) -> dict[str, Number]:
    """Return exporter -> value of what a focus buys under some trade codes alone, kUSD."""
    inside = members(focus, (year,))
    found: dict[str, list[Number]] = {}
    for row in query.trade(inside, None, codes, (year,), "imports").rows():
        if row["value"] is not None and row["exporter"] not in inside:
            number = Number(row["value"], "kUSD", (f"{row['source']}@{row['edition']}",))
            found.setdefault(row["exporter"], []).append(number)
    return {iso: parts[0] if len(parts) == 1 else total(parts) for iso, parts in found.items()}


def providers(quantity: str) -> tuple[str, ...]:
    """Return the sources in the store that give a quantity."""
    return tuple(store.providers(quantity))


def truncated_sources() -> frozenset[str]:
    """Return the ids of sources that list only the largest flows of a good; none without a store."""
    try:
        return frozenset(store.providers("trade_value_unlisted"))
    except SourceError:
        return frozenset()


def facts(limit: int = 50, **where: str | None) -> Table:
    """Return stored facts; material, country and year are read as a person types them."""
    asked: dict[str, object] = {k: v for k, v in where.items() if v is not None}
    for name, read in (
        ("material", reference.material),
        ("country", reference.country),
        ("partner", reference.country),
    ):
        if name in asked:
            asked[name] = read(str(asked[name]))
    if "year" in asked:
        asked["year"] = list(years(str(asked["year"])))
    if "quantity" in asked and asked["quantity"] not in reference.quantities():
        raise CoverageError(
            f"unknown quantity {asked['quantity']!r}",
            where="--quantity",
            hint=f"one of {', '.join(reference.quantities())}",
        )
    return query.facts(limit, **asked)


@dataclass(frozen=True, slots=True)
class ProductSpace:
    """The product space of all goods: proximity of two trade codes, complexity of goods and of countries' exports."""

    proximity: Mapping[frozenset[str], float]
    good: Mapping[str, float]
    country: Mapping[str, float]
    sources: tuple[str, ...]


@cache
def product_space() -> ProductSpace:
    """Return the product space that the store holds, of one year; empty where it holds none."""
    pairs, goods, countries = (
        list(facts(100_000, quantity=name).rows()) if providers(name) else []
        for name in ("product_proximity", "product_complexity", "economic_complexity")
    )
    bare = [frozenset(code.split(":")[1] for code in row["item"].split(" and ")) for row in pairs]
    return ProductSpace(
        dict(zip(bare, (row["value"] for row in pairs), strict=True)),
        {row["item"].split(":")[1]: row["value"] for row in goods},
        {row["country"]: row["value"] for row in countries},
        tuple(dict.fromkeys(f"{row['source']}@{row['edition']}" for row in (*pairs, *goods, *countries))),
    )


def stated_reliance(focal: str, year: int) -> dict[Key, Number]:
    """Return (material, stage) -> import reliance as a publisher states it for the country, the newest up to the year.

    A fact without a year counts as older than any with one. Estimates are left out.
    """
    table = facts(2000, quantity="import_reliance", country=focal) if focal in reference.countries() else None
    newest: dict[Key, tuple[int, Number]] = {}
    for row in table.rows() if table else ():
        when = row["year"] or 0
        if row["status"] not in STATED or row["value"] is None or not row["material"] or when > year:
            continue
        key = (row["material"], row["stage"] or "")
        how = commands.facts("import_reliance", None, material=key[0], country=focal)
        number = Number(
            row["value"],
            "1",
            (f"{row['source']}@{row['edition']}",),
            row["low"],
            row["high"],
            row["confidence"],
            f"as published{f' for {when}' if when else ', year not stated'}, not computed here",
            how=how,
        )
        if key not in newest or when > newest[key][0]:
            newest[key] = (when, number)
    return {key: number for key, (_, number) in newest.items()}
