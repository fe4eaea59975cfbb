"""The criticality matrix: one point a mineral."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import Any

from khanij.present.figures import labels, style

PAPER = 590.0  # width of the plot on A4 in pixels: names that are apart there are apart on wider screens


@dataclass(frozen=True, slots=True)
class Point:
    """One mineral: where it stands, how sure that is, and what the pointer tells.

    x, y        finished coordinates; y_low, y_high, x_low, x_high: their ranges or None
    hover       lines shown when pointed at, values and sources
    marked      True puts it in the colour of attention
    """

    label: str
    x: float
    y: float
    hover: tuple[str, ...] = ()
    y_low: float | None = None
    y_high: float | None = None
    marked: bool = False
    x_low: float | None = None
    x_high: float | None = None


def matrix(
    points: Sequence[Point],
    x_title: str,
    y_title: str,
    x_threshold: float | None = None,
    y_threshold: float | None = None,
    x_log: bool = False,
    height: int = 560,
) -> dict[str, Any]:
    """Return a scatter of points with names and dashed threshold lines.

    A point with ranges both ways gets an ellipse that spans them, one with a range of y an error bar.
    """
    chosen = sorted(points, key=lambda p: p.label)
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [p.x for p in chosen],
        "y": [p.y for p in chosen],
        "hovertext": ["<br>".join((f"<b>{p.label}</b>", *p.hover)) for p in chosen],
        "hoverinfo": "text",
        "cliponaxis": False,
        "marker": {
            "size": 10,
            "color": [style.WARN if p.marked else style.ACCENT for p in chosen],
            "line": {"color": "#ffffff", "width": 1},
        },
    }
    rings = [ring for p in chosen if (ring := _ellipse(p))]
    if not rings and any(p.y_low is not None and p.y_high is not None for p in chosen):
        trace["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": [p.y_high - p.y if p.y_high is not None else 0 for p in chosen],
            "arrayminus": [p.y - p.y_low if p.y_low is not None else 0 for p in chosen],
            "color": style.CALM,
            "thickness": 1,
            "width": 0,
        }
    x_axis = style.axis(x_title, type="log", dtick=1) if x_log else style.axis(x_title, rangemode="tozero")
    shapes = [_line("x", x_threshold)] if x_threshold is not None else []
    shapes += [_line("y", y_threshold)] if y_threshold is not None else []
    return {
        "data": [trace],
        "layout": style.layout(
            height,
            xaxis=x_axis,
            yaxis=style.axis(y_title, rangemode="tozero"),
            shapes=rings + shapes,
            annotations=_names(chosen, x_log, height),
            showlegend=False,
        ),
    }


def _ellipse(point: Point) -> dict[str, Any] | None:
    """Return the ellipse that spans a point's two ranges, or None."""
    ends = (point.x_low, point.x_high, point.y_low, point.y_high)
    if any(end is None for end in ends):
        return None
    place = dict(zip(("x0", "x1", "y0", "y1"), ends, strict=True))
    fill = "rgba(181,84,28,0.10)" if point.marked else "rgba(15,92,110,0.10)"
    line = {"color": "rgba(181,84,28,0.45)" if point.marked else "rgba(15,92,110,0.35)", "width": 1}
    return {"type": "circle", "layer": "below", "xref": "x", "yref": "y", "fillcolor": fill, "line": line, **place}


def _line(axis: str, at: float) -> dict[str, Any]:
    """Return a dashed line across the plot at a value of one axis."""
    other = "y" if axis == "x" else "x"
    place = {
        f"{axis}0": at,
        f"{axis}1": at,
        f"{axis}ref": axis,
        f"{other}0": 0,
        f"{other}1": 1,
        f"{other}ref": "paper",
    }
    return {"type": "line", "layer": "below", "line": {"color": style.CALM, "width": 1, "dash": "dash"}, **place}


def _names(points: Sequence[Point], x_log: bool, height: int) -> list[dict[str, Any]]:
    """Return the name of each point as a note beside it, a line leading to those that stand farther away."""
    if not points:
        return []
    across = [log10(p.x) if x_log and p.x > 0 else p.x for p in points]
    left = min(across) if x_log else 0.0
    wide = (max(across) - left) or 1.0
    high = max(max(p.y, p.y_high or 0.0) for p in points) or 1.0
    size = (PAPER, float(height - 90))
    spots = [
        (size[0] * (0.05 + 0.9 * (x - left) / wide), size[1] * (1 - p.y / (1.06 * high)))
        for x, p in zip(across, points, strict=True)
    ]
    found = labels.shifts(spots, [p.label for p in points], size)
    notes = []
    for p, x, (right, down, led) in zip(points, across, found, strict=True):
        note: dict[str, Any] = {"x": x, "y": p.y, "text": p.label, "font": {"size": 11, "color": style.INK}}
        if led:
            note |= {"showarrow": True, "ax": right, "ay": down, "arrowhead": 0, "arrowwidth": 0.7}
            note |= {"arrowcolor": style.CALM, "standoff": 5, "borderpad": 0}
        else:
            note |= {"showarrow": False, "xshift": right, "yshift": -down}
        notes.append(note)
    return notes
