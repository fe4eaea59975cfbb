"""Bars: suppliers' shares, balances by stage, ranked values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khanij.present import text
from khanij.present.figures import style

OTHERS = "Others"
NAMED = 0.1  # part of a bar from which its supplier is named on it
RANKS = (
    ("First", "#0f5c6e", "#ffffff"),
    ("Second", "#4c8f9b", "#ffffff"),
    ("Third", "#a9cdd2", style.INK),
)  # name, colour, colour of the type on it


def suppliers(
    rows: Sequence[tuple[str, Sequence[tuple[str, float]]]], title: str = "Share of imports"
) -> dict[str, Any]:
    """Return one bar a row, cut into the first three suppliers by size and all others, each named where there is room.

    rows  (label, [(supplier, share 0..1), …]) with every share
    Colours tell the rank, not the country: a row's largest supplier stands first and darkest whoever it is.
    """
    ordered = [(label, sorted(parts, key=lambda part: (-part[1], part[0]))) for label, parts in rows]
    labels = [style.wrapped(label) for label, _ in rows]
    traces = [
        _band(name, labels, [parts[k : k + 1] for _, parts in ordered], colour, ink)
        for k, (name, colour, ink) in enumerate(RANKS)
    ]
    traces.append(_band(OTHERS, labels, [parts[len(RANKS) :] for _, parts in ordered], style.OTHERS, style.INK))
    return {
        "data": [trace for trace in traces if any(trace["x"])],
        "layout": style.layout(
            106
            + (34 if any("<br>" in label for label in labels) else 24)
            * len(rows),  # one bar alone is as thick as one of many
            barmode="stack",
            bargap=0.28,
            margin={"l": 20, "r": 16, "t": 56, "b": 44},
            legend={
                "orientation": "h",
                "y": 1.0,
                "yanchor": "bottom",
                "x": 0,
                "traceorder": "normal",
                "font": {"size": 12},
            },
            xaxis=style.axis(title, range=[0, 1], tickformat=".0%"),
            yaxis=style.axis("", autorange="reversed", ticks="", showgrid=False),
        ),
    }


def _band(
    name: str, labels: Sequence[str], parts: Sequence[Sequence[tuple[str, float]]], colour: str, ink: str
) -> dict[str, Any]:
    """Return the suppliers of one rank in every bar, named on it and when pointed at."""
    widths = [sum(share for _, share in row) for row in parts]
    lone = [row[0][0] if len(row) == 1 else text.count(len(row), "other") for row in parts]
    shown = [name if width >= NAMED else "" for name, width in zip(lone, widths, strict=True)]
    told = [
        f"<b>{label}</b><br>{'<br>'.join(f'{supplier}: {share:.1%}' for supplier, share in row[:8])}"
        for label, row in zip(labels, parts, strict=True)
    ]
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": list(labels),
        "x": widths,
        "text": shown,
        "textposition": "inside",
        "insidetextanchor": "start",
        "constraintext": "both",
        "textfont": {"size": 11, "color": ink},
        "hovertext": told,
        "hoverinfo": "text",
        "marker": {"color": colour, "line": {"color": "#ffffff", "width": 1}},
    }


def balance(
    title: str, stages: Sequence[str], parts: Mapping[str, Sequence[float | None]], unit: str = "t"
) -> dict[str, Any]:
    """Return grouped bars by stage: production, imports, exports, apparent use. A gap stays a gap.

    stages  labels, one a group
    parts   name -> one value a stage, None = not known
    """
    tint = style.colours(list(parts))
    data = [
        {
            "type": "bar",
            "name": name,
            "x": list(stages),
            "y": list(values),
            "marker": {"color": tint[name]},
            "hovertemplate": f"%{{x}}<br>{name}: %{{y:,.3r}} {unit}<extra></extra>",
        }
        for name, values in parts.items()
    ]
    return {
        "data": data,
        "layout": style.layout(
            320,
            barmode="group",
            bargap=0.3,
            title={"text": title, "font": {"size": 14}, "x": 0, "xref": "paper"},
            margin={"t": 56},
            legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 1, "xanchor": "right"},
            xaxis=style.axis("", ticks=""),
            yaxis=style.axis(unit, rangemode="tozero"),
        ),
    }


def ranked(
    rows: Sequence[tuple[str, float, str]], title: str, tickformat: str = "", marked: Sequence[str] = ()
) -> dict[str, Any]:
    """Return horizontal bars in the order given.

    rows    (label, value, hover text)
    marked  labels in the colour of attention
    """
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": [label for label, _, _ in rows],
                "x": [value for _, value, _ in rows],
                "hovertext": [text for _, _, text in rows],
                "hoverinfo": "text",
                "marker": {"color": [style.WARN if label in marked else style.ACCENT for label, _, _ in rows]},
            }
        ],
        "layout": style.layout(
            70 + 22 * len(rows),
            bargap=0.3,
            margin={"l": 20, "t": 12, "b": 44},
            xaxis=style.axis(title, tickformat=tickformat, rangemode="tozero"),
            yaxis=style.axis("", autorange="reversed", ticks="", showgrid=False),
        ),
    }
