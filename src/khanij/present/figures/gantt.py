"""What is begun when, built until when, and works from then on: one bar a measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from khanij.present.figures import style

Span = tuple[int, int]  # first year, and the year before which it ends


@dataclass(frozen=True, slots=True)
class TaskBar:
    """One measure: its name, the group that gives it its colour, the years in which it begins and works, hover text."""

    name: str
    group: str
    begun: int
    works: int
    told: str = ""


def spans(bar: TaskBar, until: int) -> tuple[Span | None, Span | None]:
    """Return the years of building and of work, cut where the drawing ends; None where there are none.

    until  the year before which the drawing ends
    """
    begun, works = min(bar.begun, until), min(max(bar.works, bar.begun), until)
    return (begun, works) if works > begun else None, (works, until) if until > works else None


def gantt(bars: Sequence[TaskBar], last: int, until: int) -> dict[str, Any]:
    """Return horizontal bars in the order given: hatched while it is built, full while it works.

    last   last year of spending, after which the ground is shaded      until  year before which the drawing ends
    """
    tint = style.colours(list(dict.fromkeys(bar.group for bar in bars)), "")
    data = []
    for group in dict.fromkeys(bar.group for bar in bars):
        mine = [(bar, *spans(bar, until)) for bar in bars if bar.group == group]
        working = [(bar, span) for bar, _, span in mine if span]
        building = [(bar, span) for bar, span, _ in mine if span]
        data += [_trace(group, working, tint[group], False)] if working else []
        data += [_trace(group, building, tint[group], True) | {"showlegend": not working}] if building else []
    first = min((bar.begun for bar in bars), default=last)
    names = list(dict.fromkeys(style.wrapped(bar.name) for bar in bars))
    lines = sum(name.count("<br>") + 1 for name in names)
    return {
        "data": data,
        "layout": style.layout(
            110 + 16 * lines + 10 * len(names),
            barmode="overlay",
            bargap=0.3,
            margin={"l": 20, "r": 20, "t": 44, "b": 40},
            legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "font": {"size": 12}},
            xaxis=style.axis("", range=[first, until], dtick=1 if until - first <= 12 else 2, tickformat="d"),
            yaxis=style.axis(
                "",
                autorange="reversed",
                ticks="",
                showgrid=False,
                categoryorder="array",
                categoryarray=names,
            ),
            shapes=[
                {
                    "type": "rect",
                    "xref": "x",
                    "yref": "paper",
                    "x0": last + 1,
                    "x1": until,
                    "y0": 0,
                    "y1": 1,
                    "fillcolor": style.LAND,
                    "line": {"width": 0},
                    "layer": "below",
                }
            ]
            if until > last + 1
            else [],
        ),
    }


def _trace(group: str, parts: Sequence[tuple[TaskBar, Span]], colour: str, building: bool) -> dict[str, Any]:
    """Return the bars of one group that are built, or that work."""
    marker: dict[str, Any] = {"color": colour, "line": {"color": colour, "width": 1}}
    if building:
        marker["pattern"] = {"shape": "/", "fgcolor": colour, "bgcolor": "#ffffff", "size": 6, "solidity": 0.35}
    return {
        "type": "bar",
        "orientation": "h",
        "name": group,
        "legendgroup": group,
        "y": [style.wrapped(bar.name) for bar, _ in parts],
        "base": [first for _, (first, _) in parts],
        "x": [end - first for _, (first, end) in parts],
        "hovertext": [bar.told for bar, _ in parts],
        "hoverinfo": "text",
        "marker": marker,
    }
