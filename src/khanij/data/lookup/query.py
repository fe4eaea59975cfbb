"""Facts asked for directly: trade flows as recorded, and rows of any quantity."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from khanij import reference
from khanij.core.axis import sample
from khanij.core.errors import CoverageError
from khanij.core.table import Table
from khanij.data.cubes.trade.flows import REVISIONS
from khanij.data.facts import overlay, record, store

SIDES = {"imports": ("partner", "country"), "exports": ("country", "partner")}


def coverage() -> pl.DataFrame:
    """Return item, quantity, first and last year, number of years and flows of every trade code in the store."""
    frame = store.scan(*store.providers("trade_value")).filter(pl.col("quantity").is_in(["trade_value", "trade_mass"]))
    years = pl.col("year")
    return store.collect(
        frame.filter(pl.col("value").is_not_null())
        .group_by("source", "edition", "item", "quantity")
        .agg(first=years.min(), last=years.max(), years=years.n_unique(), flows=pl.len())
        .sort("source", "item", "quantity")
    )


def recorded(year: int, quantity: str = "trade_value") -> frozenset[str]:
    """Return the trade codes for which some source holds a value, or tonnes (trade_mass), in the year."""
    frame = store.scan(*store.providers(quantity)).filter(
        pl.col("quantity") == quantity, pl.col("year") == year, pl.col("value").is_not_null()
    )
    return frozenset(store.collect(frame.select(pl.col("item").unique()))["item"])


def trade(
    focus: Sequence[str],
    partners: Sequence[str] | None,
    codes: Sequence[str] | None,
    years: Sequence[int],
    flow: str = "imports",
) -> Table:
    """Return the recorded flows of the focal countries: value and mass by partner, code and year.

    focus     ISO alpha-3 codes of the focal country, or of the members of a group
    partners  ISO alpha-3 codes; all if None
    codes     six-digit codes; every code in the store if None
    flow      "imports" (partners are exporters) or "exports"
    Of several sources that hold the same code and year the first of the preferred order is given. Flows inside a
    group are left out. Raises CoverageError for a code or year that no source holds.
    """
    own, other = SIDES[flow]
    _check(codes, years)
    frame = store.scan(*store.providers("trade_value")).filter(
        pl.col("quantity").is_in(["trade_value", "trade_mass"]),
        pl.col("year").is_in(list(years)),
        pl.col(own).is_in(list(focus)),
        ~pl.col(other).is_in(list(focus)),
    )
    if partners is not None:
        frame = frame.filter(pl.col(other).is_in(list(partners)))
    named = overlay.own() & pl.col("material").is_not_null()  # a good of one's own that is under no trade code
    frame = frame.with_columns(
        revision=pl.when(named).then(pl.lit("")).otherwise(pl.col("item").str.slice(0, 4)),
        code=pl.when(named).then(pl.col("item").str.slice(4)).otherwise(pl.col("item").str.slice(5)),
    )
    if codes is not None:
        frame = frame.filter(pl.col("code").is_in(list(codes)))
    wide = (
        store.collect(frame)
        .group_by("source", "edition", "revision", "code", "country", "partner", "year")
        .agg(
            value=pl.col("value").filter(pl.col("quantity") == "trade_value").first(),
            mass=pl.col("value").filter(pl.col("quantity") == "trade_mass").first(),
            mass_status=pl.col("status").filter(pl.col("quantity") == "trade_mass").first(),
            mass_note=pl.col("note").filter(pl.col("quantity") == "trade_mass").first(),
        )
    )
    order = {"year": False, "code": False, "value": True, "country": False, "partner": False, "source": False}
    rows = _preferred(wide).sort(list(order), descending=list(order.values()), nulls_last=True)
    return _table(rows, flow)


def _preferred(wide: pl.DataFrame) -> pl.DataFrame:
    """Keep, for each code and year, the rows of the first source and revision in the order of preference."""
    sources = {id: at for at, id in enumerate(record.preferences().get("trade", ()))}
    revisions = {id: at for at, id in enumerate(REVISIONS)}
    ranked = wide.with_columns(
        rank=pl.col("source").replace_strict(sources, default=len(sources)) * len(revisions)
        + pl.col("revision").replace_strict(revisions, default=len(revisions))
    )
    publishers = ranked.filter(~overlay.own())
    first = publishers.filter(pl.col("rank") == pl.col("rank").min().over("code", "year"))
    mine = ranked.filter(overlay.own())
    return pl.concat([first.join(mine, on=["code", "country", "partner", "year"], how="anti"), mine])


def _table(rows: pl.DataFrame, flow: str) -> Table:
    """Return the flows with what each code is."""
    described: dict[tuple[str, str], str] = {}
    held: dict[tuple[str, str], list[str]] = {}
    for code in reference.hs_codes():
        key = (code.revision, code.code)
        described.setdefault(key, code.description)
        held.setdefault(key, []).append(code.material)
    keys = list(zip(rows["revision"], rows["code"], strict=True))
    return Table.by_column(
        f"recorded {flow}",
        {
            "exporter": rows["country"].to_list(),
            "importer": rows["partner"].to_list(),
            "hs": rows["code"].to_list(),
            "revision": rows["revision"].to_list(),
            "description": [described.get(key, "") for key in keys],
            "material": ["; ".join(sorted(set(held.get(key, [])))) for key in keys],
            "year": rows["year"].to_list(),
            "value": rows["value"].to_list(),
            "value_unit": ["kUSD"] * rows.height,
            "mass": rows["mass"].to_list(),
            "mass_unit": ["t"] * rows.height,
            "mass_status": rows["mass_status"].to_list(),
            "mass_note": rows["mass_note"].to_list(),
            "source": rows["source"].to_list(),
            "edition": rows["edition"].to_list(),
        },
    )


def _check(codes: Sequence[str] | None, years: Sequence[int]) -> None:
    """Raise CoverageError for codes or years that no source holds."""
    there = coverage().filter(pl.col("quantity") == "trade_value").with_columns(code=pl.col("item").str.slice(5))
    spans = there.group_by("code").agg(pl.col("first").min(), pl.col("last").max())
    known = {code: (first, last) for code, first, last in spans.iter_rows()}
    for code in codes or ():
        if code not in known:
            near = sorted(k for k in known if k[:4] == code[:4])
            hint = f"codes of heading {code[:4]} held: {sample(near)}" if near else "khanij data list codes shows them"
            raise CoverageError(f"no source holds trade code {code!r}", where="--hs", hint=hint)
        first, last = known[code]
        out = [year for year in years if not first <= year <= last]
        if out:
            raise CoverageError(
                f"trade code {code} is not covered in {sample(map(str, out))}",
                where="--year",
                hint=f"{first} to {last}",
            )
    first, last = min(v[0] for v in known.values()), max(v[1] for v in known.values())
    if out := [year for year in years if not first <= year <= last]:
        raise CoverageError(f"no trade for {sample(map(str, out))}", where="--year", hint=f"{first} to {last}")


def facts(limit: int, **where: object) -> Table:
    """Return stored facts as they are, filtered by columns (None = any), at most `limit` rows."""
    chosen = {name: value for name, value in where.items() if value is not None}
    source = chosen.pop("source", None)
    frame = store.scan(*([str(source)] if source else []))
    frame = frame.filter(
        *(pl.col(name).is_in(value if isinstance(value, list) else [value]) for name, value in chosen.items())
    )
    total = store.collect(frame.select(pl.len())).item()
    rows = store.collect(frame.head(limit))
    note = f"{min(total, limit):,} of {total:,} facts shown"
    return Table.by_column("facts", {name: rows[name].to_list() for name in rows.columns}, notes=(note,))
