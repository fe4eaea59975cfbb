"""The criticality matrix: one point a mineral."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from khanij.present.figures import style


@dataclass(frozen=True, slots=True)
class Point:
    """One mineral: where it stands, how sure that is, and what the pointer tells.

    x, y        finished coordinates; y_low, y_high: range of y or None
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


def matrix(
    points: Sequence[Point],
    x_title: str,
    y_title: str,
    x_threshold: float | None = None,
    y_threshold: float | None = None,
    x_log: bool = False,
    height: int = 560,
) -> dict[str, Any]:
    """Return a scatter of points with labels, error bars where there is a range, and dashed threshold lines."""
    chosen = sorted(points, key=lambda p: p.label)
    trace = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [p.x for p in chosen],
        "y": [p.y for p in chosen],
        "text": [p.label for p in chosen],
        "textposition": _sides(chosen, x_log),
        "textfont": {"size": 11, "color": style.INK},
        "hovertext": ["<br>".join((f"<b>{p.label}</b>", *p.hover)) for p in chosen],
        "hoverinfo": "text",
        "cliponaxis": False,
        "marker": {
            "size": 10,
            "color": [style.WARN if p.marked else style.ACCENT for p in chosen],
            "line": {"color": "#ffffff", "width": 1},
        },
    }
    if any(p.y_low is not None and p.y_high is not None for p in chosen):
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
            height, xaxis=x_axis, yaxis=style.axis(y_title, rangemode="tozero"), shapes=shapes, showlegend=False
        ),
    }


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


def _sides(points: Sequence[Point], x_log: bool) -> list[str]:
    """Return on which side of its point each label stands, so that near neighbours do not write over each other."""
    from math import log10

    spots = [(log10(p.x) if x_log and p.x > 0 else p.x, p.y) for p in points]
    if not spots:
        return []
    wide = (max(x for x, _ in spots) - min(x for x, _ in spots)) or 1.0
    high = max(y for _, y in spots) or 1.0
    sides = ("top center", "bottom center", "middle right", "middle left")
    offset = {
        "top center": (0.0, 0.028),
        "bottom center": (0.0, -0.028),
        "middle right": (0.06, 0.0),
        "middle left": (-0.06, 0.0),
    }
    placed: list[tuple[float, float]] = []
    chosen: list[str] = []
    dots = [(x / wide, y / high) for x, y in spots]
    for k, (x, y) in enumerate(dots):

        def clash(side: str, x: float = x, y: float = y, k: int = k) -> int:
            """Count labels and points that this place would touch."""
            u, v = x + offset[side][0], y + offset[side][1]
            near = sum(abs(u - a) < 0.1 and abs(v - b) < 0.03 for a, b in placed)
            return near * 2 + sum(abs(u - a) < 0.05 and abs(v - b) < 0.02 for j, (a, b) in enumerate(dots) if j != k)

        side = min(sides, key=clash)
        placed.append((x + offset[side][0], y + offset[side][1]))
        chosen.append(side)
    return chosen
