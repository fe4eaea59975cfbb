"""What the faces ask that is no method: recorded trade, lists, the store's own checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from khanij import reference
from khanij.core.errors import CoverageError
from khanij.core.table import Table
from khanij.data.facts import store
from khanij.data.lookup import catalogue, query

listing = catalogue.listing
show = catalogue.show
citations = catalogue.citations
parquet = catalogue.parquet


def years(text: str) -> tuple[int, ...]:
    """Return the years of "2023", "2018-2024" or "2018,2020-2022"; raises CoverageError."""
    found: list[int] = []
    for part in text.replace(" ", "").split(","):
        match = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", part)
        if not match or int(match[2] or match[1]) < int(match[1]):
            raise CoverageError(
                f"{part!r} is no year or range", where="--year", hint="2023, 2018-2024 or 2018,2020-2022"
            )
        found.extend(range(int(match[1]), int(match[2] or match[1]) + 1))
    return tuple(sorted(set(found)))


def names(text: str | None) -> tuple[str, ...] | None:
    """Return the parts of a comma-separated option; None and "all" mean no choice."""
    parts = tuple(part.strip() for part in (text or "").split(",") if part.strip())
    return None if not parts or parts == ("all",) else parts


def members(text: str, span: Sequence[int]) -> tuple[str, ...]:
    """Return the countries of a focus: itself, or a group's members in any of the years."""
    code = reference.focus(text)
    if code not in reference.groups():
        return (code,)
    return tuple(sorted({iso for year in span for iso in reference.members(code, year)}))


def recorded_codes(year: int) -> frozenset[str]:
    """Return the trade codes ("HS92:260300") with trade in a year, whoever trades."""
    return query.recorded(year)


def weighed_codes(year: int) -> frozenset[str]:
    """Return the trade codes ("HS92:260300") with tonnes in a year, whoever trades."""
    return query.recorded(year, "trade_mass")


def trade(focus: str, partner: str | None, hs: str | None, year: str, flow: str = "imports") -> Table:
    """Return recorded trade of a country or group; see data.query.trade."""
    span = years(year)
    codes = names(hs)
    for code in codes or ():
        if not re.fullmatch(r"\d{4}(\d{2})?", code):
            raise CoverageError(
                f"{code!r} is no six-digit trade code and no heading of four", where="--hs", hint="for instance 270900"
            )
    partners = names(partner)
    others = None if partners is None else tuple(iso for text in partners for iso in members(text, span))
    return query.trade(members(focus, span), others, codes, span, flow)


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


def check(raw: Path | None = None) -> list[Table]:
    """Return the store's reconciliation; with a raw folder also whether the publishers' files are the recorded ones."""
    from khanij.data import reconcile  # the checks are many modules that no other query needs

    return reconcile.report(raw)


def rebuild(raw: Path, only: Sequence[str], say: Callable[[str], None]) -> Table:
    """Rebuild the store and return the list of sources."""
    store.rebuild(raw, only, say)
    return catalogue.sources()
