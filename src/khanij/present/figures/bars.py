"""Bars: suppliers' shares, balances by stage, ranked values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khanij.present import text
from khanij.present.figures import style

OTHERS = "Others"
NAMED = 0.125  # part of a bar from which its supplier is named on it


def suppliers(
    rows: Sequence[tuple[str, Sequence[tuple[str, float]]]], title: str = "Share of imports", few: int = 9
) -> dict[str, Any]:
    """Return one stacked bar a row: who supplies what share.

    rows  (label, [(supplier, share 0..1), …]) with every share; suppliers that are never large share one grey
    few   how many suppliers get a colour of their own: those that lead most rows, then those that give most
    A part of NAMED or more of a bar has its supplier's name on it, so that the colour alone says nothing.
    """
    weight: dict[str, float] = {}
    for _, parts in rows:
        lead = max(parts, key=lambda part: part[1], default=("", 0.0))[0]
        for name, share in parts:
            weight[name] = weight.get(name, 0.0) + share + (len(rows) if name == lead else 0.0)
    named = [name for name in sorted(weight, key=lambda n: (-weight[n], n)) if name != OTHERS][:few]
    tint = style.colours(named, OTHERS)
    labels = [label for label, _ in rows]
    traces = [_band(name, labels, rows, named, tint[name]) for name in [*named, OTHERS]]
    return {
        "data": [trace for trace in traces if any(trace["x"])],
        "layout": style.layout(
            90 + 24 * len(rows),
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
    name: str,
    labels: Sequence[str],
    rows: Sequence[tuple[str, Sequence[tuple[str, float]]]],
    named: Sequence[str],
    colour: str,
) -> dict[str, Any]:
    """Return one supplier's part of every bar; the grey band tells each small supplier when pointed at."""
    widths, told, shown = [], [], []
    for label, parts in rows:
        mine = [(n, s) for n, s in parts if (n == name if name != OTHERS else n not in named)]
        widths.append(sum(s for _, s in mine))
        shown.append(text.joined((n for n, s in mine if s >= NAMED), 2))
        listed = "<br>".join(f"{n}: {s:.1%}" for n, s in sorted(mine, key=lambda p: -p[1])[:8])
        told.append(f"<b>{label}</b><br>{listed}")
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
        "textfont": {"size": 11, "color": style.INK if name == OTHERS else "#ffffff"},
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
