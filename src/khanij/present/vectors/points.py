"""What is drawn in a figure as a table: one row a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khanij.core.table import Column, Table
from khanij.present.document import Figure

MARKS = ("base", "x", "y", "z", "label", "size", "locations", "source", "target", "value")


def points(figure: Figure) -> Table:
    """Return what is drawn as a table: one row a point, with the name of its series."""
    rows: list[dict[str, Any]] = []
    for trace in figure.figure["data"]:
        rows += _links(trace) if trace.get("type") == "sankey" else _series(trace)
    keys = ("series", *(key for key in MARKS if any(row.get(key) is not None for row in rows)))
    columns = tuple(Column(key, key.capitalize(), _kind(key, rows), f"{key} of a point, as drawn") for key in keys)
    listed = [{key: row.get(key) for key in keys} for row in rows]
    return Table.of(figure.caption, listed, key=figure.id, columns=columns, notes=(figure.alt,))


def _kind(key: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the kind of a column of points."""
    known = [row[key] for row in rows if row.get(key) is not None]
    return "number" if known and all(isinstance(v, int | float) for v in known) else "text"


def _series(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the points of bars, points, lines, a map."""
    if trace.get("type") == "scattergeo" and "meta" in trace:
        return [{"series": trace.get("name"), "label": plain(trace["hovertext"]), **trace["meta"]}]
    if trace.get("type") == "scattergeo":
        marks = zip(*(listed(trace.get(key)) for key in ("text", "lon", "lat")), strict=True)
        return [{"series": trace.get("name"), "label": n, "x": x, "y": y} for n, x, y in marks]
    held = {key: listed(trace.get(key)) for key in ("base", "x", "y", "z", "locations")}
    if held["locations"] and "customdata" in trace:  # the colours of a map are logarithms of its values
        held |= {"z": [], "value": trace["customdata"]}
    if not any(held.values()) or (held["locations"] and not trace.get("name") and len(set(map(str, held["z"]))) <= 1):
        return []
    marker = trace.get("marker") or {}
    held["label"] = listed(trace.get("text")) or listed(trace.get("hovertext"))
    held["size"] = listed(marker.get("size"))
    count = max(len(values) for values in held.values())
    name = str(trace.get("name") or "")
    return [
        {"series": name} | {key: plain(values[k]) for key, values in held.items() if k < len(values)}
        for k in range(count)
    ]


def _links(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the flows of a diagram of flows."""
    names, link = trace["node"]["label"], trace["link"]
    return [
        {"series": "flow", "source": plain(names[s]), "target": plain(names[t]), "value": v}
        for s, t, v in zip(link["source"], link["target"], link["value"], strict=True)
    ]


def listed(value: Any) -> list[Any]:
    """Return a list where there is one."""
    return list(value) if isinstance(value, list | tuple) else []


def plain(value: Any) -> Any:
    """Return a text without the breaks of a drawing."""
    return value.replace("<br>", " ").replace("<b>", "").replace("</b>", "") if isinstance(value, str) else value
