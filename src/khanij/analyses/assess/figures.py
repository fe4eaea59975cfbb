"""How sure two scores of an indicator are, drawn: each mineral with an ellipse for what its draws allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khanij.core.registry import Method
from khanij.present import figures, text
from khanij.present.document import Figure
from khanij.present.names import mineral
from khanij.reference.names import country_name

SURE = 0.9  # part of the draws over both thresholds from which a mineral is marked
ENDS = ("value", "q05", "q95", "importance", "importance_q05", "importance_q95")


def matrix(
    method: Method, rows: Sequence[Mapping[str, Any]], least: Mapping[str, float], draws: int, sources: tuple[str, ...]
) -> Figure | None:
    """Return importance against supply risk, None for an indicator whose draws have no importance .

    rows  of the table of draws      least  variable -> threshold from which both together call a mineral critical
    """
    known = [row for row in rows if all(row.get(key) is not None for key in ENDS)]
    if not known:
        return None
    points = [_point(row) for row in known]
    x, y = least["economic_importance"], least["supply_risk"]
    drawing = figures.matrix(points, "Economic importance", "Supply risk", x, y)
    undecided = [text.small(mineral(row["material"])) for row in known if 1 - SURE < row["critical"] < SURE]
    caption = (
        f"{method.id} of {country_name(known[0]['focus'])}, {known[0]['year']}. Each ellipse spans nine in ten of"
        f" {draws} draws of the inputs either way; dashed: the two thresholds. In the warm colour: over both in more"
        " than nine draws in ten."
    )
    caption += f" Undecided, between one and nine draws in ten: {text.joined(undecided)}." if undecided else ""
    top = sorted(known, key=lambda row: -row["value"])[:3]
    said = text.joined(f"{mineral(row['material'])} {row['value']:.1f}" for row in top)
    alt = f"Scatter of {text.count(len(known), 'mineral')}; highest supply risk: {said}."
    return Figure(f"matrix-{method.id}", drawing, caption, alt, sources, 680)


def _point(row: Mapping[str, Any]) -> figures.Point:
    """Return one mineral with the range of its draws; the range always holds the value."""
    told, ends = [], {}
    for axis, name, key in (("y", "Supply risk", ""), ("x", "Economic importance", "importance_")):
        value = row["importance"] if key else row["value"]
        ends[f"{axis}_low"], ends[f"{axis}_high"] = min(row[f"{key}q05"], value), max(row[f"{key}q95"], value)
        told.append(f"{name} {value:.1f} ({ends[f'{axis}_low']:.1f}–{ends[f'{axis}_high']:.1f})")
    told.append(f"Over both thresholds in {text.percent(row['critical'])} of the draws")
    marked = row["critical"] > SURE
    name = mineral(row["material"]) + ("" if row["stage"] == "whole" else f", {row['stage']}")
    return figures.Point(name, row["importance"], row["value"], tuple(told), marked=marked, **ends)
