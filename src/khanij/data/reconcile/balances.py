"""Do exports fit into supply, and does the trade of a stage fit into its world output? In contained tonnes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.cube import Cube, Floats
from khanij.core.table import Table
from khanij.data.cubes import production
from khanij.data.cubes.selection import Selection
from khanij.data.cubes.trade import flows as trade
from khanij.data.facts import store
from khanij.data.reconcile import figures
from khanij.data.reconcile.figures import LIMIT

SMALL = 0.01  # a shortfall below this part of world output is counted, not listed
NOTES = (
    "balance = output + imports - exports of one stage and year; a shortfall means that more left a country than it "
    "made and received",
    "classes: content factor = the ranges of the factors allow a balance; other countries = the publisher's remainder "
    "could hold the output; carried = the year before left enough; no output = an exporter without output at this "
    "stage; withheld = the publisher knows the output and does not say it (its output counts as unknown)",
)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BalanceFlows:
    """Output, imports and exports (material, stage, country, year), best, low, high; tonnes of the material's basis."""

    axes: tuple[Axis, ...]
    output: Cube
    world: Floats
    imports: tuple[Floats, Floats, Floats]
    exports: tuple[Floats, Floats, Floats]


def tables() -> list[Table]:
    """Return impossible exports, a count of them by material, and trade against world output."""
    flows = gather()
    if flows is None:
        return []
    rows = sorted(shortfalls(flows), key=lambda row: (row["class"] != "UNEXPLAINED", -(row["of_world"] or 0.0)))
    large = [row for row in rows if (row["of_world"] or 0.0) >= SMALL]
    cut = (
        f"{len(rows)} shortfalls above {LIMIT:.0%} of exports; listed are those of {SMALL:.0%} of world output or more"
    )
    ratios = sorted(traded(flows), key=lambda row: (row["class"] != "UNEXPLAINED", -row["ratio"]))
    over = f"{len(ratios)} cells, {sum(row['flagged'] for row in ratios)} with more trade than output"
    why = (
        "above 1 only if goods cross a border twice, a code holds more than its stage, the content is too high, or the "
    )
    why += "exporter's and the importer's records stand under different codes and are both counted"
    return [
        Table.of("balances: more exports than supply", large, notes=(cut, *NOTES), key="shortfalls"),
        Table.of(
            "balances: shortfalls by material, stage and class", _count(rows), notes=NOTES, key="shortfall_counts"
        ),
        Table.of(
            "trade against world output: more traded than made",
            [r for r in ratios if r["flagged"]],
            notes=(over, why),
            key="trade_over_output",
        ),
        Table.of(
            "trade against world output: every material and stage", _span(ratios), notes=(why,), key="trade_to_output"
        ),
    ]


def gather() -> BalanceFlows | None:
    """Return what the methods see of the years for which the store holds output and trade; None if it holds neither."""
    if not store.providers("production") or not store.providers("trade_mass"):
        return None
    years = figures.annual()["year"].unique().to_list()
    traded = store.scan(*store.providers("trade_mass")).filter(pl.col("quantity") == "trade_mass")
    both = sorted(set(years) & set(store.collect(traded.select("year").unique())["year"].to_list()))
    countries = tuple(sorted(reference.countries()))
    names = {
        "material": tuple(sorted(reference.materials())),
        "stage": reference.STAGES,
        "country": countries,
        "partner": countries,
        "year": tuple(map(str, both)),
    }
    selection = Selection({name: Axis(name, codes) for name, codes in names.items()})
    axes = tuple(selection.axes[name] for name in ("material", "stage", "country", "year"))
    cube = trade.trade(selection)
    return BalanceFlows(
        axes,
        production.production(selection),
        production.world_production(selection).on(axes[0], axes[1], axes[3]),
        _summed(cube, axes, "importer"),
        _summed(cube, axes, "exporter"),
    )


def _summed(cube: Cube, axes: tuple[Axis, ...], side: str) -> tuple[Floats, Floats, Floats]:
    """Return the flows of each country as exporter or importer: best, low, high."""
    assert cube.at is not None
    names = [axis.name for axis in cube.axes]
    at = tuple(cube.at[names.index(name)] for name in ("material", "stage", side, "year"))
    shape = tuple(map(len, axes))
    flat = np.ravel_multi_index(at, shape)
    size = int(np.prod(shape))
    ends = (cube.values, cube.low, cube.high)
    return tuple(np.bincount(flat, np.asarray(end), size).reshape(shape) for end in ends)  # type: ignore[return-value]


def shortfalls(flows: BalanceFlows) -> list[dict[str, Any]]:
    """Return one row a country, material, stage and year whose exports exceed supply by more than 5 % of exports.

    Where nobody publishes the output of a material, stage and year there is nothing to compare and no row.
    """
    covered = ~np.isnan(flows.world)[:, :, None, :]
    output, exports, imports = flows.output.values, flows.exports[0], flows.imports[0]
    balance = np.nan_to_num(output) + imports - exports
    short = covered & (balance < -LIMIT * exports) & (exports > 0)
    rows = []
    for at in zip(*np.nonzero(short), strict=True):
        m, s, c, y = (int(position) for position in at)
        world = flows.world[m, s, y]
        kind, text = _explain(flows, (m, s, c, y), balance)
        material, stage, country, year = (axis.codes[k] for axis, k in zip(flows.axes, (m, s, c, y), strict=True))
        rows.append(
            {
                "material": material,
                "stage": stage,
                "year": int(year),
                "country": country,
                "output": None if np.isnan(output[at]) else float(output[at]),
                "imports": float(imports[at]),
                "exports": float(exports[at]),
                "shortfall": float(-balance[at]),
                "of_world": float(-balance[at] / world) if world else None,
                "unit": "t",
                "basis": reference.materials()[material].basis,
                "class": kind,
                "explanation": text,
            }
        )
    return rows


def _explain(flows: BalanceFlows, at: tuple[int, int, int, int], balance: Floats) -> tuple[str, str]:
    """Return the class of a shortfall and the facts that give it; the first class that holds."""
    m, s, c, y = at
    output = flows.output.values[at]
    missing = -float(balance[at])
    if np.isnan(output):
        return "withheld", "the output is withheld or not known"
    most = output if flows.output.high is None else np.nan_to_num(flows.output.high[at], nan=output)
    listed = flows.output.origin is not None and flows.output.origin[at] >= 0
    surplus = most + flows.imports[2][at] - flows.exports[1][at]
    if surplus >= 0:
        if not listed and most >= missing:
            return "other countries", f"not listed; the publisher's other countries make {most:,.6g} t"
        return "content factor", "within the range of the content factors"
    if y and balance[m, s, c, y - 1] >= missing:
        return "carried", f"the year before left {balance[m, s, c, y - 1]:,.6g} t"
    if not listed or not output:
        said = "not listed as a producer" if not listed else "output of zero"
        return "no output", f"{said}: goods in transit, goods of another stage under the code, or stocks"
    return "UNEXPLAINED", f"exports are {flows.exports[0][at] / (output + flows.imports[0][at]):.3g} times supply"


def _count(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one line for each material, stage and class: how many shortfalls, of how many countries, the largest."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["material"], row["stage"], row["class"]), []).append(row)
    out = []
    for (material, stage, kind), group in sorted(groups.items()):
        worst = max(group, key=lambda row: row["of_world"] or 0.0)
        out.append(
            {
                "material": material,
                "stage": stage,
                "class": kind,
                "shortfalls": len(group),
                "countries": len({row["country"] for row in group}),
                "largest": worst["country"],
                "largest_year": worst["year"],
                "largest_of_world": worst["of_world"],
            }
        )
    return out


def traded(flows: BalanceFlows) -> list[dict[str, Any]]:
    """Return trade over world output of every material, stage and year in which both are known."""
    best, low, _ = (end.sum(axis=2) for end in flows.exports)
    rows = []
    for at in zip(*np.nonzero((flows.world > 0) & (best > 0)), strict=True):
        ratio, least = best[at] / flows.world[at], low[at] / flows.world[at]
        kind = "below output" if ratio <= 1 else "content factor" if least <= 1 else "UNEXPLAINED"
        codes = [axis.codes[int(k)] for axis, k in zip((*flows.axes[:2], flows.axes[3]), at, strict=True)]
        rows.append(
            {
                "material": codes[0],
                "stage": codes[1],
                "year": int(codes[2]),
                "traded": float(best[at]),
                "world": float(flows.world[at]),
                "ratio": float(ratio),
                "ratio_low": float(least),
                "unit": "t",
                "basis": reference.materials()[codes[0]].basis,
                "flagged": bool(ratio > 1),
                "class": kind,
            }
        )
    return rows


def _span(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one line for each material and stage: years, least and largest ratio."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["material"], row["stage"]), []).append(row)
    return [
        {
            "material": material,
            "stage": stage,
            "years": f"{min(row['year'] for row in group)}-{max(row['year'] for row in group)}",
            "least": min(row["ratio"] for row in group),
            "largest": max(row["ratio"] for row in group),
            "over_1": sum(row["flagged"] for row in group),
            "over_1_unexplained": sum(row["class"] == "UNEXPLAINED" for row in group),
        }
        for (material, stage), group in sorted(groups.items())
    ]
