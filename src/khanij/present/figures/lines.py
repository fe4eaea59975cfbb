"""Lines over years, with gaps as gaps and breaks in a series marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khanij.present.figures import style


def lines(
    years: Sequence[int],
    series: Mapping[str, Sequence[float | None]],
    title: str,
    tickformat: str = "",
    breaks: Mapping[int, str] | None = None,
    height: int = 340,
) -> dict[str, Any]:
    """Return one line a series; None interrupts a line.

    breaks  first year of a new method or edition -> what changed; drawn as a dotted upright with its text
    """
    tint = style.colours(list(series))
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": list(years),
            "y": list(values),
            "connectgaps": False,
            "line": {"color": tint[name], "width": 2},
            "marker": {"size": 5},
            "hovertemplate": f"{name}, %{{x}}: %{{y:,.3r}}<extra></extra>",
        }
        for name, values in series.items()
    ]
    marked = {year: text for year, text in (breaks or {}).items() if years and min(years) < year <= max(years)}
    shapes, notes = _uprights(marked)
    return {
        "data": data,
        "layout": style.layout(
            height,
            shapes=shapes,
            annotations=notes,
            margin={"t": 40},
            legend={"orientation": "h", "y": -0.18, "x": 0},
            xaxis=style.axis("", tickformat="d", dtick=max(1, len(years) // 10)),
            yaxis=style.axis(title, rangemode="tozero", tickformat=tickformat),
        ),
    }


def _uprights(marked: Mapping[int, str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a dotted line before each year, and its text."""
    shapes = [
        {
            "type": "line",
            "x0": year - 0.5,
            "x1": year - 0.5,
            "xref": "x",
            "y0": 0,
            "y1": 1,
            "yref": "paper",
            "line": {"color": style.MUTED, "width": 1, "dash": "dot"},
        }
        for year in marked
    ]
    notes = [
        {
            "x": year - 0.5,
            "y": 1,
            "yref": "paper",
            "text": text,
            "showarrow": False,
            "xanchor": "left",
            "yanchor": "bottom",
            "font": {"size": 11, "color": style.MUTED},
        }
        for year, text in marked.items()
    ]
    return shapes, notes
