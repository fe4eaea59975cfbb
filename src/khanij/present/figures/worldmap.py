"""The world map: countries by value, flows between them, straits.

Outlines are read from the page itself (asset "world"), never from the network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import floor, log10
from typing import Any

from khanij.present import text
from khanij.present.figures import style
from khanij.reference import FOLDER
from khanij.reference.chronicle import chokepoints
from khanij.reference.names import country_name

ASSET = "world"  # name under which the page gives the outlines to plotly.js
KEY = "properties.iso3"
LINES = 15  # flows of a kind that are drawn
LEAST = 1e-3  # part of all flows of its kind below which none is
RECORDED = 0.5  # part of a flow that customs record between the two, below which it is drawn as estimated
LEGS = 24  # straight pieces of which the line of a flow is made
BOW = 0.12  # how far it bows, as a part of its length
OUTLINES = (
    "Which way a cargo takes, and through which of the straits and canals (diamonds), is not on record: the lines say"
    " from where and to where alone. Outlines from Natural Earth; they take no position on any boundary."
)
FLOWS = (
    "Shade: what a country makes. Lines: who sends it to whom, from the maker; orange: to the country asked about, as"
    " broad as the part of what it buys; grey: the largest between others, as broad as their part of all of these."
    " Broken: estimated, since customs record less than half of the flow between the two."
)
THIN, BROAD = 0.8, 9.0  # width of the line of a flow that is next to nothing, and more of one that is the whole


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow between two countries, drawn as wide as its part of a whole.

    source, target  ISO alpha-3; a code without an outline is where the countries of the focus are
    value, part     its amount, and its share of what all flows of its kind are
    told            what the pointer tells
    series          name of the kind, for the legend        is_main  in the colour of attention
    is_estimated    follows from other figures: its line is broken
    """

    source: str
    target: str
    value: float
    part: float
    told: str
    series: str
    is_main: bool = True
    is_estimated: bool = False


def largest_flows(
    tonnes: Mapping[tuple[str, str], float],
    recorded: Mapping[tuple[str, str], float],
    series: str,
    is_main: bool = False,
) -> list[Flow]:
    """Return the largest flows of a kind, each with its part of all of them.

    tonnes    (maker, user) -> t      series  name of the kind
    recorded  the same as customs have it: where that is less than RECORDED of the flow, it is estimated
    """
    whole, made = sum(tonnes.values()), []
    for (source, target), t in sorted(tonnes.items(), key=lambda item: -item[1])[:LINES]:
        if t < LEAST * whole:
            break
        guessed = recorded.get((source, target), 0.0) < RECORDED * t
        told = f"{country_name(source)} to {country_name(target)}: {text.tonnes(t)}, {text.percent(t / whole)}"
        kind = f"{series}, estimated" if guessed else series
        made.append(Flow(source, target, t, t / whole, told, kind, is_main, guessed))
    return made


@cache
def outlines() -> str:
    """Return the outlines as GeoJSON text, for the page to carry once."""
    return (FOLDER / "outlines" / "world.geojson").read_text(encoding="utf-8")


@cache
def centres() -> Mapping[str, tuple[float, float]]:
    """Return ISO alpha-3 -> longitude, latitude of the middle of each country that has an outline."""
    features = json.loads(outlines())["features"]
    return {one["properties"]["iso3"]: tuple(one["properties"]["centroid"]) for one in features}


def world(
    values: Mapping[str, float],
    hover: Mapping[str, str],
    title: str,
    focus: Mapping[str, str] | None = None,
    height: int = 460,
    flows: Sequence[Flow] = (),
) -> dict[str, Any]:
    """Return a map with countries coloured by value on a logarithmic ramp.

    values  ISO alpha-3 -> positive value
    hover   ISO alpha-3 -> text
    title   of the colour bar, with the unit
    focus   ISO alpha-3 -> text of the countries in the colour of attention
    flows   lines between countries; straits and canals on the ways of ships are marked where there are any
    """
    focus = focus or {}
    shown = {iso: value for iso, value in values.items() if value > 0 and iso in centres() and iso not in focus}
    data = [_flat(list(centres()), style.LAND, None)]
    if shown:
        data.append(_ramp(shown, hover, title))
    marked = [iso for iso in focus if iso in centres()]
    if marked:
        data.append(_flat(marked, style.WARN, [focus[iso] for iso in marked]))
    if flows:
        data += [*_lines(flows, _middle(marked)), _straits()]
    geo = {
        "visible": False,
        "projection": {"type": "natural earth"},
        "lataxis": {"range": [-57, 84]},
        "lonaxis": {"range": [-180, 180]},
        "bgcolor": "rgba(0,0,0,0)",
    }
    legend = {"orientation": "h", "x": 0, "y": 0, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"}
    margin = {"l": 0, "r": 0, "t": 56 if shown else 0, "b": 0}
    return {"data": data, "layout": style.layout(height, geo=geo, dragmode=False, margin=margin, legend=legend)}


def _middle(codes: Sequence[str]) -> tuple[float, float]:
    """Return where countries are together: the mean of their middles."""
    spots = [centres()[code] for code in codes] or [(0.0, 0.0)]
    return sum(x for x, _ in spots) / len(spots), sum(y for _, y in spots) / len(spots)


def _lines(flows: Sequence[Flow], focus: tuple[float, float]) -> list[dict[str, Any]]:
    """Return the line of each flow, the widest first and so undermost, with an arrow at its end."""
    drawn, named = [], set[str]()
    for flow in sorted(flows, key=lambda one: (one.is_main, -one.part)):
        way = arc(centres().get(flow.source, focus), centres().get(flow.target, focus))
        wide = round(THIN + BROAD * flow.part, 1)
        colour = style.WARN if flow.is_main else style.MUTED
        line = {
            "type": "scattergeo",
            "mode": "lines+markers",
            "name": flow.series,
            "legendgroup": flow.series,
            "showlegend": flow.series not in named,
            "lon": [x for x, _ in way],
            "lat": [y for _, y in way],
            "meta": {"source": flow.source, "target": flow.target, "value": flow.value},
            "hovertext": flow.told,
            "hoverinfo": "text",
            "opacity": 0.8 if flow.is_main else 0.55,
            "line": {"width": wide, "color": colour, "dash": "4px,4px" if flow.is_estimated else "solid"},
            "marker": {
                "symbol": "arrow",
                "angleref": "previous",
                "color": colour,
                "size": [*[0] * (len(way) - 1), round(7 + wide, 1)],
                "line": {"width": 0},
            },
        }
        drawn.append(line)
        named.add(flow.series)
    return drawn


def arc(start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
    """Return longitudes and latitudes of a line that bows to its left, the short way round; LEGS + 1 of them.

    p(t) = a + t (b - a) + 4 BOW t (1 - t) n: n is b - a turned by a right angle, so that there and back lie apart.
    """
    (x, y), (right, top) = start, end
    wide, high = (right - x + 180) % 360 - 180, top - y
    way = []
    for k in range(LEGS + 1):
        t = k / LEGS
        bow = 4 * BOW * t * (1 - t)
        lon, lat = x + t * wide - bow * high, y + t * high + bow * wide
        way.append((round((lon + 180) % 360 - 180, 2), round(min(max(lat, -80.0), 83.0), 2)))
    return way


def _straits() -> dict[str, Any]:
    """Return straits and canals as points."""
    known = chokepoints.chokepoints()
    return {
        "type": "scattergeo",
        "mode": "markers",
        "name": "straits and canals",
        "lon": [one.longitude for one in known],
        "lat": [one.latitude for one in known],
        "text": [one.name for one in known],
        "hovertext": [f"<b>{one.name}</b>" for one in known],
        "hoverinfo": "text",
        "showlegend": False,
        "marker": {"size": 9, "color": style.INK, "symbol": "diamond", "line": {"color": "#ffffff", "width": 1.5}},
    }


def _flat(codes: list[str], colour: str, texts: list[str] | None) -> dict[str, Any]:
    """Return countries in one colour."""
    trace: dict[str, Any] = {
        "type": "choropleth",
        "geojson": ASSET,
        "featureidkey": KEY,
        "locations": codes,
        "z": [0] * len(codes),
        "colorscale": [[0, colour], [1, colour]],
        "showscale": False,
        "marker": {"line": {"color": "#ffffff", "width": 0.4}},
        "hoverinfo": "skip",
    }
    return trace if texts is None else {**trace, "hovertext": texts, "hoverinfo": "text"}


def _ramp(shown: Mapping[str, float], hover: Mapping[str, str], title: str) -> dict[str, Any]:
    """Return countries coloured by the logarithm of their value, at most five powers of ten deep."""
    top = max(shown.values())
    high = floor(log10(top)) + 1
    low = max(floor(log10(min(shown.values()))), high - 5)
    ticks = list(range(low, high + 1))
    return {
        "type": "choropleth",
        "geojson": ASSET,
        "featureidkey": KEY,
        "locations": list(shown),
        "z": [log10(value) for value in shown.values()],
        "customdata": list(shown.values()),
        "name": title,
        "zmin": low,
        "zmax": high,
        "colorscale": [list(stop) for stop in style.RAMP],
        "hovertext": [hover.get(iso, iso) for iso in shown],
        "hoverinfo": "text",
        "marker": {"line": {"color": "#ffffff", "width": 0.4}},
        "colorbar": {
            "title": {"text": title, "side": "top", "font": {"size": 12}},
            "tickvals": ticks,
            "ticktext": [_power(k) for k in ticks],
            "orientation": "h",  # beside the map it would take a phone's width
            "x": 1.0,
            "xanchor": "right",
            "y": 1.0,
            "yanchor": "bottom",
            "len": 0.5,
            "thickness": 10,
            "outlinewidth": 0,
        },
    }


def _power(k: int) -> str:
    """Return a power of ten as text: 100, 1k, 10M."""
    for floor_, sign in ((9, "bn"), (6, "m"), (3, "k")):
        if k >= floor_:
            return f"{10 ** (k - floor_)}{sign}"
    return f"{10.0**k:g}"
