"""Loss against how rarely it is exceeded, and what users go without month by month, each with its range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from khanij.present.figures import style

INK, BAND = style.ACCENT, "rgba(15,92,110,0.16)"
SECOND, SECOND_BAND = style.WARN, "rgba(181,84,28,0.14)"


def exceedance(
    periods: Sequence[float],
    losses: Sequence[float | None],
    low: Sequence[float | None],
    high: Sequence[float | None],
    title: str,
    height: int = 340,
) -> dict[str, Any]:
    """Return the loss that is exceeded once in so many years, periods on a log axis, with its range as a band."""
    data = [
        *_band(list(periods), list(low), list(high), BAND, "range"),
        _line(list(periods), list(losses), INK, "loss", "once in %{x} years: %{y:,.3s}"),
    ]
    layout = style.layout(
        height,
        showlegend=False,
        xaxis=style.axis(
            "once in so many years", type="log", tickvals=list(periods), ticktext=[f"{p:g}" for p in periods]
        ),
        yaxis=style.axis(title, rangemode="tozero"),
    )
    return {"data": data, "layout": layout}


def months(
    month: Sequence[int],
    series: Sequence[tuple[str, Sequence[float], Sequence[float], Sequence[float]]],
    title: str,
    height: int = 340,
) -> dict[str, Any]:
    """Return one or two lines of shares over months with their ranges.

    series  (name, low, best, high) each
    """
    data = []
    for (name, low, best, high), (ink, band) in zip(series, ((INK, BAND), (SECOND, SECOND_BAND)), strict=False):
        data += _band(list(month), list(low), list(high), band, name)
        data.append(_line(list(month), list(best), ink, name, f"{name}, month %{{x}}: %{{y:.0%}}"))
    layout = style.layout(
        height,
        legend={"orientation": "h", "y": -0.22, "x": 0},
        xaxis=style.axis("month after the start", dtick=1, tickformat="d"),
        yaxis=style.axis(title, range=[0, 1], tickformat=".0%"),
    )
    return {"data": data, "layout": layout}


def _line(x: list[Any], y: list[Any], ink: str, name: str, hover: str) -> dict[str, Any]:
    """Return a line with points."""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": x,
        "y": y,
        "line": {"color": ink, "width": 2},
        "marker": {"size": 5},
        "hovertemplate": f"{hover}<extra></extra>",
    }


def _band(x: list[Any], low: list[Any], high: list[Any], fill: str, name: str) -> list[dict[str, Any]]:
    """Return a filled band between two lines where both are known."""
    known = [(a, b, c) for a, b, c in zip(x, low, high, strict=True) if b is not None and c is not None]
    if not known:
        return []
    xs, lows, highs = (list(column) for column in zip(*known, strict=True))
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"{name}, range",
            "x": xs + xs[::-1],
            "y": highs + lows[::-1],
            "fill": "toself",
            "fillcolor": fill,
            "line": {"width": 0},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ]
