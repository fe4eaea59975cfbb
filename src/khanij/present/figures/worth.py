"""What a partnership or a budget is worth: with and without it, shares before and after, loss against money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from khanij.present.figures import style

Row = tuple[str, float, float, float, float, str]  # label, without, with, least with, most with, hover text
Change = tuple[str, float, float, str]  # label, before, after, hover text
Step = tuple[str, float, float, float | None, str]  # label, expected loss, its standard error, CVaR, hover text


def paired(rows: Sequence[Row], title: str) -> dict[str, Any]:
    """Return two bars a scenario, without and with it; a line on the second spans the range of what is assumed."""
    names = [style.wrapped(row[0]) for row in rows]
    told = [row[5] for row in rows]
    ends = {"array": [row[4] - row[2] for row in rows], "arrayminus": [row[2] - row[3] for row in rows]}
    spread = {"type": "data", "symmetric": False, **ends, "color": style.INK, "thickness": 1.3, "width": 5}
    return {
        "data": [
            _bars("without", names, [row[1] for row in rows], told, style.OTHERS),
            _bars("with", names, [row[2] for row in rows], told, style.ACCENT) | {"error_x": spread},
        ],
        "layout": style.layout(
            100 + 52 * len(rows),
            barmode="group",
            bargap=0.35,
            margin={"l": 20, "t": 40, "b": 46},
            legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
            xaxis=style.axis(title, rangemode="tozero"),
            yaxis=style.axis("", autorange="reversed", ticks="", showgrid=False),
        ),
    }


def _bars(name: str, labels: list[str], values: list[float], told: list[str], colour: str) -> dict[str, Any]:
    """Return one set of horizontal bars."""
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": labels,
        "x": values,
        "hovertext": told,
        "hoverinfo": "text",
        "marker": {"color": colour},
    }


def dumbbell(rows: Sequence[Change], title: str) -> dict[str, Any]:
    """Return a share before and after, joined by a line, one row a good."""
    names = [style.wrapped(row[0], 42) for row in rows]
    joined_x: list[float | None] = []
    joined_y: list[str | None] = []
    for name, (_, before, after, _) in zip(names, rows, strict=True):
        joined_x += [before, after, None]
        joined_y += [name, name, None]
    line = {"type": "scatter", "mode": "lines", "x": joined_x, "y": joined_y, "hoverinfo": "skip", "showlegend": False}
    told = [row[3] for row in rows]
    most = max((max(before, after) for _, before, after, _ in rows), default=0.0)
    return {
        "data": [
            line | {"line": {"color": style.CALM, "width": 3}},
            _dots("before", names, [row[1] for row in rows], told, style.CALM),
            _dots("after", names, [row[2] for row in rows], told, style.WARN),
        ],
        "layout": style.layout(
            104 + 34 * len(rows),
            margin={"l": 20, "t": 40, "b": 46},
            legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
            xaxis=style.axis(title, tickformat=".0%", range=[-0.03 * most, 1.05 * most]),
            yaxis=style.axis(
                "",
                ticks="",
                type="category",
                categoryorder="array",
                categoryarray=names,
                range=[len(names) - 0.5, -0.5],
            ),
        ),
    }


def _dots(name: str, labels: list[str], values: list[float], told: list[str], colour: str) -> dict[str, Any]:
    """Return one set of points."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": values,
        "y": labels,
        "hovertext": told,
        "hoverinfo": "text",
        "marker": {"size": 11, "color": colour},
    }


def frontier(points: Sequence[Step], title: str, xtitle: str = "part of the budget") -> dict[str, Any]:
    """Return expected loss with its standard error, and the mean of the worst years, against money; steps stand apart.

    points  in the order of money; the first may be the loss without any
    """
    labels, told = [point[0] for point in points], [point[4] for point in points]
    error = {"type": "data", "array": [point[2] for point in points], "color": style.INK, "thickness": 1.3, "width": 5}
    tails = [point[3] for point in points]
    data = [_steps("worst 5 % of scenarios, mean (CVaR)", labels, tails, told, style.WARN)] if any(tails) else []
    expected = _steps("expected loss", labels, [point[1] for point in points], told, style.ACCENT)
    return {
        "data": [*data, expected | {"error_y": error}],
        "layout": style.layout(
            360,
            margin={"t": 40, "b": 64},
            legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "traceorder": "reversed"},
            xaxis=style.axis(xtitle, type="category"),
            yaxis=style.axis(title, rangemode="tozero"),
        ),
    }


def _steps(name: str, x: list[str], y: Sequence[float | None], told: list[str], colour: str) -> dict[str, Any]:
    """Return points joined by a thin line."""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": x,
        "y": list(y),
        "line": {"color": colour, "width": 2},
        "marker": {"size": 7},
        "hovertext": told,
        "hoverinfo": "text",
    }
