"""A chain as a Sankey diagram: countries, stages, uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from khanij.present import text
from khanij.present.figures import style

ROLES = {
    "supplier": style.CALM,
    "home": style.WARN,
    "stage": style.ACCENT,
    "use": style.INK,
    "unknown": style.OTHERS,
    "pass": "rgba(15,92,110,0.001)",
}
PAD = 20  # pixels between the boxes of a column


@dataclass(frozen=True, slots=True)
class Node:
    """One box: name, column from left (0..1, None lets plotly place it), and role (see ROLES)."""

    name: str
    role: str = "supplier"
    x: float | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream between two nodes, in the unit of the diagram, with the text that the pointer tells."""

    source: str
    target: str
    value: float
    hover: str = ""
    uncertain: bool = False


def sankey(nodes: Sequence[Node], links: Sequence[Stream], unit: str = "t", height: int = 420) -> dict[str, Any]:
    """Return the diagram; streams of no size are left out, and so are boxes that nothing touches.

    unit  of the streams; a box has its amount behind its name, unless there is no unit: then names say it themselves
    """
    drawn = [link for link in links if link.value > 0]
    touched = {end for link in drawn for end in (link.source, link.target)}
    kept = [node for node in nodes if node.name in touched]
    at = {node.name: k for k, node in enumerate(kept)}
    trace: dict[str, Any] = {
        "type": "sankey",
        "valueformat": ",.3r",
        "valuesuffix": f" {unit}",
        "textfont": {"size": 12, "color": style.INK, "shadow": "none"},
        "node": {
            "label": ["" if node.role == "pass" else _label(node, drawn, unit) for node in kept],
            "color": [ROLES[node.role] for node in kept],
            "pad": PAD,
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{label}<extra></extra>",
        },
        "link": {
            "source": [at[link.source] for link in drawn],
            "target": [at[link.target] for link in drawn],
            "value": [link.value for link in drawn],
            "customdata": [link.hover or f"{link.source} → {link.target}" for link in drawn],
            "color": ["rgba(181,84,28,0.22)" if link.uncertain else "rgba(15,92,110,0.22)" for link in drawn],
            "hovertemplate": f"%{{customdata}}<br>%{{value:,.3r}} {unit}<extra></extra>",
        },
    }
    if kept and all(node.x is not None for node in kept):
        trace["arrangement"] = "snap"
        trace["node"]["x"] = [min(max(node.x or 0.0, 0.001), 0.999) for node in kept]
        trace["node"]["y"] = _heights(kept, drawn, PAD / height)
    return {"data": [trace], "layout": style.layout(height, margin={"l": 8, "r": 8, "t": 12, "b": 12})}


def _label(node: Node, links: Sequence[Stream], unit: str) -> str:
    """Return a box's name with the larger of what flows in and out."""
    inward = sum(link.value for link in links if link.target == node.name)
    outward = sum(link.value for link in links if link.source == node.name)
    return f"{node.name.strip()} {text.quantity(max(inward, outward), unit)}" if unit else node.name


def _heights(nodes: Sequence[Node], links: Sequence[Stream], pad: float) -> list[float]:
    """Return the middle height (0 top, 1 bottom) of each box: a column's boxes stand in order, spread by their size."""
    inward: dict[str, float] = {}
    outward: dict[str, float] = {}
    for link in links:
        outward[link.source] = outward.get(link.source, 0.0) + link.value
        inward[link.target] = inward.get(link.target, 0.0) + link.value
    size = {node.name: max(inward.get(node.name, 0.0), outward.get(node.name, 0.0)) for node in nodes}
    columns: dict[float, list[Node]] = {}
    for node in nodes:
        columns.setdefault(node.x or 0.0, []).append(node)
    sums = {x: sum(size[n.name] for n in column) or 1.0 for x, column in columns.items()}
    scale = min((max(0.2, 1 - (len(column) - 1) * pad) / sums[x] for x, column in columns.items()), default=1.0)
    middle: dict[str, float] = {}
    for x, column in columns.items():
        gap = max(0.0, 1 - sums[x] * scale - (len(column) - 1) * pad) / 2
        top = gap
        for node in column:
            tall = size[node.name] * scale
            middle[node.name] = min(max(top + tall / 2, 0.001), 0.999)
            top += tall + pad
    return [middle[node.name] for node in nodes]
