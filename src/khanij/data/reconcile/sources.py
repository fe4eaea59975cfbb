"""Publisher against publisher, and edition against edition, for the same goods, basis, country and year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import polars as pl

from khanij.core.table import Table
from khanij.data.cubes import production
from khanij.data.facts import record
from khanij.data.reconcile import figures
from khanij.data.reconcile.figures import LIMIT, SILENT, TOTAL

SMALL = 0.01  # a country's gap below this part of world output is counted, not listed
PLAIN = (  # beginnings of remarks on how a figure was read, which do not change what it covers
    "published as",
    "derived from",
    "a dash is",
    "was reported",
    "was estimated",
    "the unit column",
    "no world total",
    "gross weight of",
    "excludes ",
    "sheet ",
)
CELL = ("material", "stage", "basis", "year")
NOTES = (
    "gap = second - first; relative to the larger of the two; of_world = gap / the larger world total",
    "classes other than UNEXPLAINED account for the gap from the facts; of an UNEXPLAINED one candidates are named: "
    "what is estimated, and remarks on scope",
    "driver = the countries that make most of a gap between world totals, with their part of it",
)

Row = Mapping[str, Any]
Cells = dict[tuple[Any, ...], dict[str, dict[str, Row]]]  # (material, stage, basis, year) -> key -> country -> row


@dataclass(frozen=True, slots=True)
class SourcePair:
    """Two keys (source@edition) that give the same goods in the same year."""

    first: str
    second: str


def tables() -> list[Table]:
    """Return world totals of two publishers, their countries, and revisions between editions of one publisher."""
    frame = figures.annual()
    cells = _cells(frame)
    rows = [row for cell, keys in cells.items() for pair in _publishers(keys) for row in _compare(cell, keys, pair)]
    rows.sort(key=_order)
    world = [row for row in rows if row["country"] == "WLD"]
    countries = [row for row in rows if row["country"] != "WLD"]
    large = [row for row in countries if row["flagged"] and abs(row["of_world"] or 0.0) >= SMALL]
    revised = [row for cell, keys in cells.items() for pair in _editions(keys) for row in _compare(cell, keys, pair)]
    revised = sorted((row for row in revised if row["flagged"] and abs(row["of_world"] or 0) >= SMALL), key=_order)
    off = [row for row in world if row["flagged"]]
    few = f"{len(world)} world totals of two publishers, {len(off)} off by more than {LIMIT:.0%}, "
    few += f"{sum(row['class'] == 'UNEXPLAINED' for row in off)} of them unexplained"
    cut = f"only gaps of {SMALL:.0%} of world output or more; the smaller are counted in the next table"
    lost = "given by two publishers in bases that cannot be compared: " + (_incomparable(frame, cells) or "none")
    return [
        Table.of(
            "publisher against publisher: world totals",
            _first(world),
            notes=(few, lost, *NOTES),
            key="publishers_world",
        ),
        Table.of(
            "publisher against publisher: countries off by more than 5 %",
            _first(large),
            notes=(cut, *NOTES),
            key="publishers_countries",
        ),
        Table.of(
            "publisher against publisher: every material and year",
            _summary(countries, world),
            notes=NOTES[:1],
            key="publishers",
        ),
        Table.of(
            "edition against edition: figures revised by more than 5 %",
            revised,
            notes=(cut, *NOTES[:1]),
            key="revisions",
        ),
    ]


def _first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with the unexplained and flagged ones first, otherwise in the order they had."""
    return sorted(rows, key=lambda row: not (row["flagged"] and row["class"] == "UNEXPLAINED"))


def _incomparable(frame: pl.DataFrame, cells: Cells) -> str:
    """Return the materials and stages that two publishers give, but never in one basis."""
    met: dict[tuple[str, str], set[str]] = {}
    for material, stage, key in frame.select("material", "stage", "key").unique().iter_rows():
        met.setdefault((material, stage), set()).add(key.split("@")[0])
    done = {cell[:2] for cell, keys in cells.items() if len({key.split("@")[0] for key in keys}) > 1}
    left = sorted(pair for pair, sources in met.items() if len(sources) > 1 and pair not in done)
    return ", ".join(f"{material} {stage}" for material, stage in left)


def _cells(frame: pl.DataFrame) -> Cells:
    """Return the figures by cell, key and country; what no two publishers give in one basis is added by content.

    Items of one cell are added; of a world total that the publisher adds himself (`total | …`) that one is taken.
    """
    own = pl.col("basis") == pl.col("material").replace_strict(
        figures.own_basis(), return_dtype=pl.String, default=None
    )
    frame = frame.with_columns(source=pl.col("key").str.split("@").list.first())
    met = frame.group_by(*CELL).agg(pl.col("source").n_unique().alias("n"), own.first().alias("own"))
    # one basis a (material, stage, year): that which two publishers share, the material's own first
    best = met.filter(pl.col("n") > 1).sort(
        *CELL[:2], "year", "own", "basis", descending=[False, False, False, True, False]
    )
    best = best.group_by("material", "stage", "year", maintain_order=True).agg(pl.col("basis").first())
    shared = frame.join(best, on=list(CELL), how="semi", nulls_equal=True)
    rest = frame.join(best, on=["material", "stage", "year"], how="anti")
    two = rest.group_by("material", "stage", "year").agg(pl.col("source").n_unique().alias("n")).filter(pl.col("n") > 1)
    foreign = rest.join(two, on=["material", "stage", "year"], how="semi")
    alone = rest.join(two, on=["material", "stage", "year"], how="anti")
    scaled, _ = production.in_basis(foreign)
    scaled = scaled.with_columns(
        converted=pl.col("basis") != pl.col("material").replace_strict(figures.own_basis(), return_dtype=pl.String)
    ).with_columns(basis=pl.col("material").replace_strict(figures.own_basis(), return_dtype=pl.String))
    whole = pl.concat([shared, figures.in_published_basis(alone), scaled], how="diagonal")
    return _nested(whole.with_columns(pl.col("converted").fill_null(False)))


def _nested(frame: pl.DataFrame) -> Cells:
    """Return cell -> key -> country -> one row with value, low, high, silent, estimated, notes, items."""
    printed = frame.filter(pl.col("item").str.starts_with(TOTAL), pl.col("country") == "WLD")
    parts = frame.filter(~pl.col("item").str.starts_with(TOTAL))
    parts = parts.join(printed, on=["key", *CELL, "country"], how="anti", nulls_equal=True)
    known = pl.col("value").is_not_null().any()
    one = (
        pl.concat([parts, printed])
        .group_by("key", *CELL, "country")
        .agg(
            value=pl.when(known).then(pl.col("value").sum()),
            low=pl.when(pl.col("converted").any()).then(pl.col("low").sum()),
            high=pl.when(pl.col("converted").any()).then(pl.col("high").sum()),
            unit=pl.col("unit").first(),
            silent=pl.col("status").is_in(SILENT).any(),
            estimated=(pl.col("status") == "estimated").any() | pl.col("note").str.contains("was estimated").any(),
            notes=pl.col("note").drop_nulls().unique().sort().str.join("; "),
            items=pl.col("item").unique().sort().str.join(" + "),
        )
        .sort(*CELL, "key", "country", nulls_last=True)
    )
    cells: Cells = {}
    for row in one.iter_rows(named=True):
        keys = cells.setdefault(tuple(row[name] for name in CELL), {})
        keys.setdefault(row["key"], {})[row["country"]] = row
    return cells


def _publishers(keys: Iterable[str]) -> list[SourcePair]:
    """Return pairs of different sources, each with its newest edition, in the order in which sources are preferred."""
    newest = {key.split("@")[0]: key for key in sorted(keys)}
    order = {source: at for at, source in enumerate(record.preferences().get("production", ()))}
    chosen = sorted(newest.values(), key=lambda key: (order.get(key.split("@")[0], len(order)), key))
    return [SourcePair(*two) for two in combinations(chosen, 2)]


def _editions(keys: Iterable[str]) -> list[SourcePair]:
    """Return pairs of neighbouring editions of one source."""
    by_source: dict[str, list[str]] = {}
    for key in sorted(keys):
        by_source.setdefault(key.split("@")[0], []).append(key)
    return [SourcePair(*two) for editions in by_source.values() for two in pairwise(editions)]


def _compare(cell: tuple[Any, ...], keys: Mapping[str, Mapping[str, Row]], pair: SourcePair) -> list[dict[str, Any]]:
    """Return one row a country that either of the two gives, the world total first.

    A source that has no row for the world gives some countries only: just these are compared.
    """
    first, second = _with_world(keys[pair.first]), _with_world(keys[pair.second])
    world = max((side["WLD"]["value"] or 0.0 for side in (first, second) if "WLD" in side), default=0.0)
    listed = {*first, *second}
    for side in (first, second):
        listed = listed if "WLD" in side else listed & {*side}
    rows = []
    for country in sorted(listed - {"ROW", "AGG"}, key=lambda code: (code != "WLD", code)):
        a, b = first.get(country), second.get(country)
        values = [side["value"] if side else None for side in (a, b)]
        if all(value is None for value in values):
            continue
        gap = (values[1] or 0.0) - (values[0] or 0.0)
        larger = max(value or 0.0 for value in values)
        relative = gap / larger if larger else 0.0
        unknown = any(side is not None and side["value"] is None for side in (a, b))
        kind, text = _explain(a, b, gap, first, second, cell, keys, pair)
        if country == "WLD" and abs(relative) > LIMIT:
            text = "; ".join(part for part in (text, _driver(first, second, gap)) if part)
        rows.append(
            {
                "material": cell[0],
                "stage": cell[1],
                "year": cell[3],
                "country": country,
                "first": pair.first,
                "first_value": values[0],
                "second": pair.second,
                "second_value": values[1],
                "gap": gap,
                "relative": relative,
                "of_world": gap / world if world else None,
                "unit": (a or b or {}).get("unit"),
                "basis": cell[2],
                "flagged": abs(relative) > LIMIT and not unknown,
                "class": kind,
                "explanation": text,
            }
        )
    return rows


def _with_world(countries: Mapping[str, Row]) -> dict[str, Row]:
    """Return the rows with a world total: the printed one, or the sum of the rows where it is left open."""
    printed = countries.get("WLD")
    if printed is None or printed["value"] is not None:
        return dict(countries)
    parts = [row for code, row in countries.items() if code != "WLD"]
    values = [row["value"] for row in parts if row["value"] is not None]
    ends = {
        end: sum(row[end] or 0.0 for row in parts) if any(row[end] is not None for row in parts) else None
        for end in ("low", "high")
    }
    made = {**parts[0], **ends, "value": sum(values) if values else None} if parts else {**(printed or {})}
    made |= {"country": "WLD", "notes": "no world total is printed: sum of the countries", "estimated": False}
    return {**countries, "WLD": made}


def _explain(
    a: Row | None,
    b: Row | None,
    gap: float,
    first: Mapping[str, Row],
    second: Mapping[str, Row],
    cell: tuple[Any, ...],
    keys: Mapping[str, Mapping[str, Row]],
    pair: SourcePair,
) -> tuple[str, str]:
    """Return the class of a gap and the facts that give it; the first class that holds."""
    if a is None or b is None:
        return _unlisted(a or b or {}, first if a is None else second, pair.first if a is None else pair.second)
    if a["value"] is None or b["value"] is None:
        return "withheld", "no figure from " + (pair.first if a["value"] is None else pair.second)
    if not gap:
        return "agrees", ""
    half = sum(figures.half_unit(side["value"], cell[2], side["notes"]) for side in (a, b))
    if abs(gap) <= half and abs(gap) > LIMIT * max(a["value"], b["value"]):
        return "rounding", "one figure has few digits"
    if a["low"] is not None or b["low"] is not None:
        low = [side["low"] if side["low"] is not None else side["value"] for side in (a, b)]
        high = [side["high"] if side["high"] is not None else side["value"] for side in (a, b)]
        if low[0] <= high[1] and low[1] <= high[0]:
            return "content factor", "gross ore turned into content: the ranges overlap"
        return "basis", "gross ore turned into content: the ranges do not overlap"
    if abs(gap) <= LIMIT * max(a["value"], b["value"]):
        return "within 5 %", ""
    return _candidates(a, b, first, second, keys, pair)


def _unlisted(row: Row, other: Mapping[str, Row], key: str) -> tuple[str, str]:
    """Return the class of a country that one publisher does not list."""
    rest = other.get("ROW")
    if rest is not None and rest["value"] is not None and (row.get("value") or 0.0) <= rest["value"]:
        return "other countries", f"within the other countries of {key} ({rest['value']:,.6g})"
    if rest is not None and rest["silent"]:
        return "withheld", f"{key} gives no figure for other countries"
    said = f"; its other countries are {rest['value']:,.6g}" if rest is not None and rest["value"] is not None else ""
    return "not listed", f"{key} does not list the country{said}"


def _candidates(
    a: Row,
    b: Row,
    first: Mapping[str, Row],
    second: Mapping[str, Row],
    keys: Mapping[str, Mapping[str, Row]],
    pair: SourcePair,
) -> tuple[str, str]:
    """Return the class of two figures that differ: scope or revised where the facts close the gap, else UNEXPLAINED."""
    country = a["country"]
    for here, there, side in ((a, b, second), (b, a, first)):
        absent = figures.left_out(here["notes"]) if country == "WLD" else None
        home = side[absent]["value"] if absent is not None and absent in side else None
        if home and abs(there["value"] - home - here["value"]) <= LIMIT * there["value"]:
            return "scope", f"one total leaves out {absent}, the other's figure for it is the gap"
    if pair.first.split("@")[0] == pair.second.split("@")[0]:
        return "revised", _guessed(a, b, pair)
    others: list[str] = []
    for key, countries in keys.items():
        old = countries.get(country)
        source = key.split("@")[0]
        if key in (pair.first, pair.second) or old is None or not old["value"]:
            continue
        sides = [(b, pair.second)] if source == pair.first.split("@")[0] else [(a, pair.first)]
        if source not in (pair.first.split("@")[0], pair.second.split("@")[0]):
            sides = [(a, pair.first), (b, pair.second)]
        near = [
            name
            for side, name in sides
            if abs(old["value"] - side["value"]) <= LIMIT * max(old["value"], side["value"])
        ]
        if near and len(sides) == 1:
            return "revised", f"{key} agrees with the other publisher: {old['value']:,.6g}"
        others.extend(f"{key} agrees with {name}" for name in near)
    remarks = [f"remark of {key}: {text}" for key, text in ((pair.first, _scope(a)), (pair.second, _scope(b))) if text]
    found = [*others, *remarks, *filter(None, [_guessed(a, b, pair)])]
    return "UNEXPLAINED", "candidates: " + "; ".join(found) if found else "two reported figures without a remark"


def _guessed(a: Row, b: Row, pair: SourcePair) -> str:
    """Return who estimated."""
    guessed = [key for key, row in ((pair.first, a), (pair.second, b)) if row["estimated"]]
    return "estimated by " + " and ".join(guessed) if guessed else ""


def _scope(row: Row) -> str:
    """Return the remarks that may change what a figure covers, without those on how it was read."""
    parts = [part for part in (row["notes"] or "").split("; ") if part and not part.startswith(PLAIN)]
    return "; ".join(part for part in parts if "chapter is in" not in part)


def _driver(first: Mapping[str, Row], second: Mapping[str, Row], gap: float) -> str:
    """Return up to three countries that make most of the gap between two world totals, with their parts of it."""
    deltas = []
    for country in {*first, *second} - {"WLD"}:
        values = [side[country]["value"] if country in side else None for side in (first, second)]
        deltas.append(((values[1] or 0.0) - (values[0] or 0.0), country))
    towards = sorted((d for d in deltas if d[0] * gap > 0), key=lambda d: (-abs(d[0]), d[1]))[:3]
    return "driver: " + ", ".join(f"{country} {delta / gap:.0%}" for delta, country in towards) if towards else ""


def _order(row: Row) -> tuple[Any, ...]:
    """Return the sorting key: the largest part of world output first."""
    size = abs(row["of_world"] or 0.0)
    return (-size, row["material"], row["stage"], row["year"], row["country"], row["first"], row["second"])


def _summary(countries: Sequence[Row], world: Sequence[Row]) -> list[dict[str, Any]]:
    """Return one line for each material, stage, year and pair: how many countries are off, how far the total is."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in countries:
        groups.setdefault((row["material"], row["stage"], row["year"], row["first"], row["second"]), []).append(row)
    out = []
    for total in sorted(world, key=lambda row: (row["material"], row["stage"], row["year"])):
        key = (total["material"], total["stage"], total["year"], total["first"], total["second"])
        off = [row for row in groups.get(key, []) if row["flagged"]]
        left = [row for row in off if row["class"] == "UNEXPLAINED"]
        out.append(
            {
                **dict(zip(("material", "stage", "year", "first", "second"), key, strict=True)),
                "world_gap": total["relative"],
                "world_class": total["class"],
                "countries": len(groups.get(key, [])),
                "off": len(off),
                "unexplained": len(left),
                "below_1_percent_of_world": sum(abs(row["of_world"] or 0.0) < SMALL for row in off),
            }
        )
    return out
