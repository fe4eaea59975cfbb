"""Origins of what a country uses as a table: the largest, the others together, the unknown, and hubs on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from khanij.core.table import Table
from khanij.reference import columns
from khanij.reference.names import country_name
from khanij.simulate.supply.network import REST, Network
from khanij.simulate.supply.reconciled.origins import TracedShares

ORIGINS = (
    *("material", "stage", "country", "name", "share", "low", "high", "exposure", "exposure_low", "exposure_high"),
    *("counted_at", "hub_ratio", "notes", "year", "sources"),
)
TRACED = ("material", "stage", "country", "name", "share", "low", "high", "counted_at", "year")
TABLES = {"origin": {"origins": ORIGINS, "base-year": TRACED}}
LEAST = 0.005  # exposure from which a hub that is no listed origin has a row of its own
SCALE = (
    "share: estimate by mixing; low and high: the least and the most that the same balances allow",
    "exposure: share of use that has been in the country at any stage, as maker, refiner or place of transit; "
    "exposures overlap and do not add up",
)
Hubs = Mapping[tuple[str, str, str], float]


def origins(
    lines: Sequence[Mapping[str, Any]],
    exposure: Mapping[str, Mapping[str, Any]],
    hubs: Hubs,
    unknown: float,
    top: int,
) -> list[dict[str, Any]]:
    """Return the rows of one material and stage.

    lines     origins with their shares             exposure  country -> share of use that has been there
    hubs      (material, stage, country) -> exports over own output
    unknown   share whose origin the records do not show     top  so many origins are listed one by one
    """
    ranked = sorted(lines, key=lambda row: -row["value"])
    rows = [_row(row, exposure.get(row["partner"], {}), hubs) for row in ranked[:top]]
    rows += _rest(ranked[top:], ranked[0], unknown)
    return rows + _on_the_way(exposure, {row["partner"] for row in ranked[:top]}, ranked[0], hubs)


def _row(row: Mapping[str, Any], passed: Mapping[str, Any], hubs: Hubs) -> dict[str, Any]:
    """Return one origin with its range and the focus's exposure to it."""
    ratio = hubs.get((row["material"], row["stage"], row["partner"]))
    flagged = f"re-export hub: exports {ratio:.3g} times own output" if ratio is not None else ""
    return {
        "material": row["material"],
        "stage": row["stage"],
        "country": row["partner"],
        "name": country_name(row["partner"]),
        "share": row["value"],
        "low": _clean(row["low"]),
        "high": row["high"],
        "exposure": passed.get("value"),
        "exposure_low": _clean(passed.get("low")),
        "exposure_high": passed.get("high"),
        "counted_at": row["counted"],
        "hub_ratio": ratio,
        "notes": "; ".join(filter(None, (flagged, row["said"]))),
        "year": row["year"],
        "sources": row["sources"],
    }


def _on_the_way(
    exposure: Mapping[str, Mapping[str, Any]], listed: set[str], like: Mapping[str, Any], hubs: Hubs
) -> list[dict[str, Any]]:
    """Return the re-export hubs through which a part worth naming has come, without a share of their own."""
    rows = []
    for country, passed in sorted(exposure.items(), key=lambda item: -item[1]["value"]):
        key = (like["material"], like["stage"], country)
        if country not in listed and key in hubs and passed["value"] >= LEAST:
            row = _row({**like, "partner": country, "said": "", "counted": ""}, passed, hubs)
            rows.append(row | {"share": None, "low": None, "high": None})
    return rows


def _clean(value: float | None) -> float | None:
    """Return 0 for what is only a rounding error of a bound."""
    return 0.0 if value is not None and abs(value) < 1e-12 else value


def _rest(others: Sequence[Mapping[str, Any]], like: Mapping[str, Any], unknown: float) -> list[dict[str, Any]]:
    """Return the row of the smaller origins together, and that of unknown origin where there is any."""
    names = ("material", "stage", "year", "sources")
    blank = dict.fromkeys(ORIGINS) | {name: like[name] for name in names} | {"notes": ""}
    rows = []
    if others:
        rows.append(blank | {"name": f"{len(others)} others", "share": sum(row["value"] for row in others)})
    if unknown > 0:
        rows.append(blank | {"name": "unknown", "share": unknown, "notes": "records do not show who made it"})
    return rows


def traced(found: Iterable[tuple[Network, str, TracedShares]], stage: str, top: int) -> list[dict[str, Any]]:
    """Return the first makers of each stage that is used, then the part that nothing recorded can have fed.

    found  network, stage at which origin is counted, parts      stage  of use; "" = each
    """
    rows = []
    for network, counted, parts in found:
        for k, at in enumerate(network.stages):
            if stage not in ("", at) or not np.isfinite(parts.best[k]).any():
                continue
            like = {"material": network.material, "stage": at, "counted_at": counted, "year": int(network.year)}
            order = [n for n in np.argsort(-parts.best[k], kind="stable")[:top].tolist() if parts.best[k, n] >= LEAST]
            for n in order:
                code = network.nodes[n]
                told = {"country": None, "name": "countries not told apart"} if code == REST else {"country": code}
                ends = {"low": float(parts.low[k, n]), "high": float(parts.high[k, n])}
                rows.append({**like, "name": country_name(code), **told, "share": float(parts.best[k, n]), **ends})
            unknown = 1.0 - float(parts.best[k].sum())
            if unknown >= LEAST:
                rows.append({**like, "country": None, "name": "unknown", "share": unknown, "low": None, "high": None})
    return rows


def reconciled(rows: Sequence[Mapping[str, Any]], focus: str, by: str, year: int, draws: int) -> Table:
    """Return the origins on the reconciled base year."""
    title = f"the same on flows that close every balance, counted at the {by}: {country_name(focus)}, {year}"
    notes = (
        "share: the reconciled base year traced back stage by stage, re-exports dissolved, as in `shock` and `risk`",
        f"low and high: 10 % and 90 % of {draws} draws of its flows, wider where the share lies outside",
        "unknown: output that the recorded use of the stage before cannot have fed, as scrap",
    )
    more = [columns.column(key, kind="share") for key in ("low", "high")]
    return columns.table("base-year", title, rows, TRACED, notes=notes, more=more)


def table(rows: Sequence[Mapping[str, Any]], focus: str, by: str, year: int, notes: Iterable[str]) -> Table:
    """Return the origins of what a focus uses."""
    title = f"origin of what {country_name(focus)} uses, counted at the {by}, {year}"
    shown = ("material", "stage", "country", "name", "share", "low", "high", "exposure")
    more = [columns.column(key, kind="share") for key in ("low", "high")]
    return columns.table("origins", title, rows, ORIGINS, notes=notes, more=more, main=shown)
