"""Where a material that a country uses was really made: origins with bounds, exposure on the way, hubs flagged."""

from __future__ import annotations

from typing import Any

from khanij import reference
from khanij.core.result import Result
from khanij.methods.reexports import HUB

LEAST = 0.005  # exposure from which a hub that is no listed origin has a row of its own


def _lines(result: Result, stage: str | None) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return (material, stage of use) -> rows with a value."""
    lines: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in result.table().rows():
        if row["value"] is not None and stage in (None, row["stage"]):
            lines.setdefault((row["material"], row["stage"]), []).append(row)
    return lines


def _hubs(result: Result) -> dict[tuple[str, str, str], str]:
    """Return (material, stage, country) -> remark, of countries that export much more than they make."""
    marked: dict[tuple[str, str, str], str] = {}
    for row in result.table().rows():
        remark = next((part for part in row["notes"].split("; ") if part.startswith(HUB)), "")
        if remark:
            marked[row["material"], row["stage"], row["partner"]] = remark
    return marked


def _row(row: dict[str, Any], passed: dict[str, Any], hubs: dict[tuple[str, str, str], str]) -> dict[str, Any]:
    """Return one origin with its range and the focus's exposure to it."""
    counted = next((part.rpartition(": ")[2] for part in row["notes"].split("; ") if part.startswith("counted")), "")
    flagged = hubs.get((row["material"], row["stage"], row["partner"]), "")
    others = [part for part in row["notes"].split("; ") if part and not part.startswith("counted")]
    return {
        "material": row["material"],
        "stage": row["stage"],
        "country": row["partner"],
        "name": reference.countries().get(row["partner"], row["partner"]),
        "counted_at": counted,
        "share": row["value"],
        "low": _clean(row["low"]),
        "high": row["high"],
        "exposure": passed.get("value"),
        "exposure_low": _clean(passed.get("low")),
        "exposure_high": passed.get("high"),
        "year": row["year"],
        "notes": "; ".join(filter(None, (flagged, *others))),
        "sources": row["sources"],
    }


def _on_the_way(
    exposure: dict[str, dict[str, Any]],
    listed: set[str],
    like: dict[str, Any],
    hubs: dict[tuple[str, str, str], str],
) -> list[dict[str, Any]]:
    """Return the re-export hubs through which a part worth naming has come, without a share of their own."""
    rows = []
    for country, passed in sorted(exposure.items(), key=lambda item: -item[1]["value"]):
        key = (like["material"], like["stage"], country)
        if country not in listed and key in hubs and passed["value"] >= LEAST:
            blank = _row({**like, "partner": country, "notes": ""}, passed, hubs)
            rows.append(
                blank | {"share": None, "low": None, "high": None, "counted_at": "", "sources": like["sources"]}
            )
    return rows


def _clean(value: float | None) -> float | None:
    """Return 0 for what is only a rounding error of a bound."""
    return 0.0 if value is not None and abs(value) < 1e-12 else value


def _rest(others: list[dict[str, Any]], like: dict[str, Any], unknown: float) -> list[dict[str, Any]]:
    """Return the row of the smaller origins together, and that of unknown origin where there is any."""
    names = ("material", "stage", "year", "sources")
    blank = dict.fromkeys(_row(like, {}, {})) | {name: like[name] for name in names} | {"notes": ""}
    rows = []
    if others:
        rows.append(blank | {"name": f"{len(others)} others", "share": sum(row["value"] for row in others)})
    if unknown > 0:
        rows.append(blank | {"name": "unknown", "share": unknown, "notes": "records do not show who made it"})
    return rows
