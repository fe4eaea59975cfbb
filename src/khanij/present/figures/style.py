"""What all figures share: colours, type, margins. Figures are plain data; the plotly package is never imported."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

INK = "#1c2833"
MUTED = "#6b7780"
GRID = "#e3e7ea"
LAND = "#eceff1"
ACCENT = "#0f5c6e"
WARN = "#b5541c"
CALM = "#8fa6ad"
# told apart by people with the common colour deficiencies, and in grey print by their order
SERIES = (
    "#0f5c6e",
    "#d08c34",
    "#7a4b7d",
    "#5c8a4a",
    "#b5541c",
    "#4a78b0",
    "#a3914b",
    "#8c5a5a",
    "#3f8f86",
    "#63697a",
)
OTHERS = "#c3cbd0"
RAMP = ((0.0, "#dfeaec"), (0.35, "#9cc0c6"), (0.65, "#4c8f9b"), (1.0, "#0b4351"))
FONT = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif'


def layout(height: int = 420, **more: Any) -> dict[str, Any]:
    """Return the common layout with these additions; a mapping is merged one level deep."""
    base: dict[str, Any] = {
        "height": height,
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 60, "r": 20, "t": 24, "b": 50},
        "hoverlabel": {
            "bgcolor": "#ffffff",
            "bordercolor": CALM,
            "font": {"family": FONT, "size": 12, "color": INK},
            "align": "left",
        },
        "colorway": list(SERIES),
        "separators": ".,",
        "modebar": {"bgcolor": "rgba(255,255,255,0.7)", "color": CALM, "activecolor": ACCENT},
    }
    for name, value in more.items():
        old = base.get(name)
        base[name] = {**old, **value} if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return base


def axis(title: str, **more: Any) -> dict[str, Any]:
    """Return a quiet axis with a title."""
    return {
        "title": {"text": title, "font": {"size": 12, "color": MUTED}, "standoff": 8},
        "gridcolor": GRID,
        "linecolor": CALM,
        "zeroline": False,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": CALM,
        "automargin": True,
        "exponentformat": "B",
        **more,
    }


def colours(names: tuple[str, ...] | list[str], others: str = "Others") -> dict[str, str]:
    """Return one colour a name, in order; `others` is grey."""
    plain = [name for name in names if name != others]
    return {name: SERIES[k % len(SERIES)] for k, name in enumerate(plain)} | {others: OTHERS}


def wrapped(name: str, width: int = 34) -> str:
    """Return a long name on several lines, for an axis."""
    return "<br>".join(wrap(name, width)) or name
