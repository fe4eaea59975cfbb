"""Recorded trade, facts, lists and checks as tables: what the keys of the store are called and mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from khanij.core.number import Number
from khanij.core.table import Table
from khanij.reference import columns
from khanij.reference.assumptions import assumptions
from khanij.reference.names import country_name
from khanij.simulate.supply.reconciled.flow_corrections import FlowCorrection

FLOWS = (
    *("partner", "partner_name", "trade_value", "value_share", "trade_mass", "year", "hs", "traded_goods", "reporter"),
    *("materials", "revision", "doubt"),
)
FACTS = (
    *("quantity", "material", "stage", "country", "partner", "item", "year", "month", "value", "unit", "low", "high"),
    *("basis", "status", "confidence", "source", "edition", "row", "note"),
)
RECORD = ("field", "text")
LISTS: Mapping[str, Mapping[str, str]] = {  # list -> key of the store or of a reference table -> key of a column
    "sources": {
        **dict.fromkeys(("source", "title", "producer", "editions", "licence", "redistributed", "facts", "bytes")),
        "quantities": "quantities",
    },
    "quantities": dict.fromkeys(("quantity", "name", "unit", "sources", "description")),
    "materials": {
        "id": "material",
        **dict.fromkeys(("name", "symbol", "kind", "parent", "basis", "basis_per_element", "note", "source")),
        "confidence": "confidence",
    },
    "countries": {
        "iso3": "country",
        **dict.fromkeys(("name", "iso2", "numeric", "valid_from", "valid_to", "successor", "region", "source")),
        "confidence": "confidence",
    },
    "groups": {
        "group": "group",
        "iso3": "country",
        **dict.fromkeys(("name", "valid_from", "valid_to", "source", "confidence")),
    },
    "codes": {
        "code": "hs",
        **dict.fromkeys(("description", "material", "stage", "content", "content_low", "content_high", "basis")),
        **dict.fromkeys(("value_years", "mass_years", "shared_with", "confidence", "revision")),
    },
    "lists": dict.fromkeys(
        ("list", "label", "material", "stage", "jurisdiction", "date", "source", "confidence", "note")
    ),
    "stages": dict.fromkeys(("material", "order", "stage", "name", "note", "source", "confidence")),
    "assumptions": dict.fromkeys(
        (
            *("assumption", "meaning", "best", "low", "high", "unit", "least", "most", "source", "confidence", "note"),
            *("used", "tornado"),
        )
    ),
    "columns": dict.fromkeys(("key", "name", "kind", "unit", "meaning", "main")),
}
SHOWN = {  # what a narrow terminal keeps, where it is not what columns.csv says
    "flows": ("partner", "partner_name", "trade_value", "value_share", "trade_mass", "year", "hs"),
    "facts": ("material", "stage", "country", "partner", "year", "value", "unit", "status"),
    "sources": ("source", "title", "facts"),
    "quantities": ("quantity", "name", "unit"),
    "materials": ("material", "name", "kind", "basis"),
    "countries": ("country", "name", "region"),
    "groups": ("group", "country", "name", "valid_from", "valid_to"),
    "codes": ("hs", "description", "material", "stage", "content"),
    "lists": ("list", "label", "material", "date"),
    "stages": ("material", "stage", "name"),
    "assumptions": ("assumption", "meaning", "best", "low", "high", "unit"),
    "columns": ("key", "name", "kind", "meaning"),
}
CHECKS = ("check", "title", "rows", "unexplained")
GAPS = (
    *("material", "stage", "year", "country", "gap_share", "class", "gap", "of_world", "first_value", "second_value"),
    *("first", "second", "unit", "basis", "flagged", "explanation"),
)
MOVED = "moved = (fitted - recorded) / spread of the record's error; docs/methods/base-year.md says which spreads"
COMPARED: Mapping[str, tuple[str, ...]] = {  # check -> keys of its columns; those renamed are in RENAMED
    "world_gaps": (
        *("material", "stage", "year", "gap_share", "class", "gap", "countries_sum", "world", "unit", "basis"),
        *("source", "item", "flagged", "explanation"),
    ),
    "world_totals": (
        *("material", "stage", "source", "item", "years_counted", "flagged_rows", "worst_gap", "worst_year"),
        "classes",
    ),
    **dict.fromkeys(("publishers_world", "publishers_countries", "revisions"), GAPS),
    "publishers": (
        *("material", "stage", "year", "world_gap", "world_class", "countries_counted", "off", "unexplained"),
        *("below_1_percent_of_world", "first", "second"),
    ),
    "code_gaps": (
        *("hs", "year", "quantity", "gap_share", "class", "gap", "first_value", "second_value", "unit", "first"),
        *("second", "exporters", "exporters_off", "largest_gap", "largest_gap_value", "flagged", "explanation"),
    ),
    "codes": ("hs", "quantity", "span", "worst_gap", "worst_year", "flagged_rows", "first", "second"),
    "shortfalls": (
        *(
            "material",
            "stage",
            "year",
            "country",
            "shortfall",
            "of_world",
            "class",
            "recorded_output",
            "recorded_imports",
            "recorded_exports",
        ),
        *("unit", "basis", "explanation"),
    ),
    "shortfall_counts": (
        *("material", "stage", "class", "shortfalls", "countries_counted", "largest_country", "largest_year"),
        "largest_of_world",
    ),
    "trade_over_output": (
        *("material", "stage", "year", "ratio", "ratio_low", "class", "traded", "world", "unit", "basis", "flagged"),
    ),
    "trade_to_output": ("material", "stage", "span", "ratio_least", "ratio_most", "over_1", "over_1_unexplained"),
    "unit_values": (
        *("item", "material", "flows", "below", "above", "of_tonnes", "of_value", "heaviest", "heaviest_t"),
        *("part_of_code", "source"),
    ),
    "suspect_flows": (
        *("country", "partner", "item", "year", "trade_mass", "trade_value", "flow_unit_value", "median_unit_value"),
        *("times_below", "part_of_code", "source"),
    ),
    "unsourced": ("source", "edition", "facts"),
    "statuses": ("source", "quantity", "status", "confidence", "facts"),
    "coverage": (
        *("source", "quantity", "first_year", "last_year", "years_counted", "countries_counted"),
        *("materials_counted", "items", "facts"),
    ),
    "massless": (
        *("item", "flows", "without_tonnes", "part_of_flows", "part_of_value", "first_year", "last_year", "source"),
    ),
    "contents": ("item", "material", "stage", "reason", "data", "description"),
    "files": ("raw_file", "file_state", "source", "bytes"),
}
SINGLE = tuple(key for key, keys in COMPARED.items() if "class" in keys and "year" in keys)  # one row a gap
RENAMED: Mapping[str, Mapping[str, str]] = {  # check -> key of a column -> key of its rows
    "world_gaps": {"gap_share": "relative", "countries_sum": "countries"},
    "world_totals": {"years_counted": "years", "flagged_rows": "flagged"},
    **{key: {"gap_share": "relative"} for key in ("publishers_world", "publishers_countries", "revisions")},
    "publishers": {"countries_counted": "countries"},
    "code_gaps": {"hs": "code", "gap_share": "relative"},
    "codes": {"hs": "code", "span": "years", "flagged_rows": "flagged"},
    "shortfall_counts": {"countries_counted": "countries", "largest_country": "largest"},
    "trade_to_output": {"span": "years", "ratio_least": "least", "ratio_most": "largest"},
    "unit_values": {"part_of_code": "part"},
    "suspect_flows": {
        **{"trade_mass": "t", "trade_value": "v", "flow_unit_value": "unit", "median_unit_value": "median"},
        "part_of_code": "part",
    },
    "coverage": {
        **{"first_year": "first", "last_year": "last", "years_counted": "years", "countries_counted": "countries"},
        "materials_counted": "materials",
    },
    "massless": {"first_year": "first", "last_year": "last"},
    "shortfalls": {f"recorded_{name}": name for name in ("output", "imports", "exports")},
    "contents": {"reason": "why"},
    "files": {"raw_file": "file", "file_state": "state"},
}
TEMPLATE = (
    *("quantity", "material", "stage", "item", "country", "partner", "year", "month", "value", "low", "high"),
    *("unit", "basis", "share", "status", "confidence", "note"),
)
TABLES = {
    "trade": {"flows": FLOWS},
    "data list": {key: tuple(new or old for old, new in keys.items()) for key, keys in LISTS.items()},
    "data show": {"facts": FACTS, "source": RECORD},
    "data check": {"checks": CHECKS, **COMPARED},
    "data template": {"template": TEMPLATE},
}


def flows(
    rows: Sequence[Mapping[str, Any]],
    title: str,
    focal: Sequence[str],
    exports: bool,
    notes: Iterable[str],
    doubted: Mapping[tuple[str, str, str, int], str] = MappingProxyType({}),
) -> Table:
    """Return recorded flows, the largest of each year first.

    rows     of data.lookup.query.trade      focal  countries of the focus: with several, a column says which
    doubted  exporter, importer, code and year -> why it is likely no trade in what the code names
    """
    sums: dict[int, float] = {}
    for row in rows:
        sums[row["year"]] = sums.get(row["year"], 0.0) + (row["value"] or 0.0)
    told = []
    for row in sorted(rows, key=lambda r: (r["year"], -(r["value"] or 0.0), r["hs"])):
        own, other = (row["exporter"], row["importer"]) if exports else (row["importer"], row["exporter"])
        source = (f"{row['source']}@{row['edition']}",)
        whole = sums[row["year"]]
        told.append(
            {
                "partner": other,
                "partner_name": country_name(other),
                "trade_value": Number(row["value"], "kUSD", source),
                "value_share": row["value"] / whole if whole and row["value"] is not None else None,
                "trade_mass": mass(row, source),
                "year": row["year"],
                "hs": row["hs"],
                "traded_goods": row["description"],
                "doubt": doubted.get((row["exporter"], row["importer"], row["hs"], row["year"]), ""),
                "reporter": own,
                "materials": row["material"].replace("; ", ", "),
                "revision": row["revision"],
            }
        )
    keys = [key for key in FLOWS if key != "reporter" or len(focal) > 1]
    shown = (*SHOWN["flows"], "reporter", *(("doubt",) if doubted else ()))
    if len({row["year"] for row in rows}) == 1:
        shown = tuple(key for key in shown if key != "year")
    if len({row["hs"] for row in rows}) == 1:
        shown = tuple(key for key in shown if key != "hs")
    return columns.table("flows", title, told, keys, notes=notes, main=shown)


def mass(row: Mapping[str, Any], source: tuple[str, ...]) -> Number:
    """Return the tonnage of a flow; one that is not the publisher's is of low confidence and says so."""
    if row["mass"] is None:
        return Number(None, "t", note=row.get("mass_note") or "tonnage not recorded")
    if row.get("mass_status") == "imputed":
        return Number(row["mass"], "t", source, confidence="low", note=row["mass_note"])
    return Number(row["mass"], "t", source)


def facts(table: Table, notes: Iterable[str] = ()) -> Table:
    """Return stored facts."""
    return columns.table("facts", "facts", table.rows(), FACTS, notes=notes, main=SHOWN["facts"])


def source(table: Table) -> Table:
    """Return the record of a source."""
    rows = [{"field": row["field"], "text": row["value"]} for row in table.rows()]
    return columns.table("source", table.title, rows, RECORD, notes=table.notes)


def listing(what: str, rows: Iterable[Mapping[str, Any]], title: str = "") -> Table:
    """Return one of the lists; empty cells of a reference table are not known."""
    names = {old: new or old for old, new in LISTS[what].items()}
    known = columns.columns()
    told = [{new: _typed(row[old], known[new].kind) for old, new in names.items()} for row in rows]
    return columns.table(what, title or what, told, tuple(names.values()), main=SHOWN[what])


def template(lines: Sequence[Mapping[str, str]], needed: Sequence[str]) -> Table:
    """Return lines of a file of one's own facts as text, the columns that are needed first on a narrow terminal."""
    told = {key: columns.column(key, kind="text", unit="") for key in lines[0]}
    return Table.of("own facts", lines, key="template", columns=[replace(c, main=k in needed) for k, c in told.items()])


def _typed(cell: Any, kind: str) -> Any:
    """Return a cell of a reference table by the kind of its column: a number as one, an empty cell as not known."""
    if cell == "":
        return None
    return float(cell) if isinstance(cell, str) and kind in ("number", "share") else cell


def assumed() -> Table:
    """Return every assumption that a question may set otherwise."""
    rows = [
        {
            "assumption": id,
            "meaning": row.meaning,
            "best": row.range.best,
            "low": row.range.low,
            "high": row.range.high,
            "unit": row.unit,
            "least": row.least,
            "most": row.most,
            "source": row.range.source,
            "confidence": row.range.confidence,
            "note": row.range.note,
            "used": ", ".join(row.used),
            "tornado": row.tornado,
        }
        for id, row in assumptions().items()
    ]
    return listing("assumptions", rows)


def headings() -> Table:
    """Return every column that a table may have."""
    rows = [
        {"key": c.key, "name": c.name, "kind": c.kind, "unit": c.unit, "meaning": c.meaning, "main": c.main}
        for c in columns.columns().values()
    ]
    return listing("columns", rows)


def check(table: Table) -> Table:
    """Return one check of the store under the keys of columns.csv."""
    old = RENAMED.get(table.key, {})
    rows = [{key: row[old.get(key, key)] for key in COMPARED[table.key]} for row in table.rows()]
    for row in rows:
        if "flagged" in row:
            row["flagged"] = bool(row["flagged"])
    made = columns.table(table.key, table.title, rows, COMPARED[table.key], notes=table.notes)
    return replace(made, long=len(made) > 30)


def flow_corrections(found: Sequence[FlowCorrection], year: int) -> Table:
    """Return what the reconciled base year moved, the largest part of its stage first."""
    keys = ("material", "stage", "what", "country", "partner", "recorded_tonnes", "fitted_tonnes", "moved_spreads")
    rows: list[dict[str, object]] = [
        {
            "material": one.material,
            "stage": one.stage or None,
            "what": one.what,
            "country": one.country or None,
            "partner": one.partner or None,
            "recorded_tonnes": _known(one.recorded),
            "fitted_tonnes": _known(one.fitted),
            "moved_spreads": _known(one.spreads),
            "moved_part": _known(one.part),
        }
        for one in found
    ]
    notes = (MOVED, "others = the countries that the fit does not tell apart: the largest forty of a mineral are")
    title = f"base year {year}: what was moved most so that every balance closes"
    made = columns.table("flow_corrections", title, rows, (*keys, "moved_part"), notes=notes)
    return replace(made, long=len(made) > 30)


def _known(value: float) -> float | None:
    """Return a value; None for nan."""
    return value if value == value else None


def checks(tables: Sequence[Table]) -> Table:
    """Return one row a check: how many rows it lists and how many of them nothing explains."""
    rows = [
        {
            "check": table.key,
            "title": table.title,
            "rows": len(table),
            "unexplained": table.column("class").count("UNEXPLAINED") if table.key in SINGLE else None,
        }
        for table in tables
    ]
    return columns.table("checks", "checks of the store against itself", rows, CHECKS)
