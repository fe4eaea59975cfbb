"""The world map. Outlines are read from the page itself (asset "world"), never from the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import floor, log10, sqrt
from typing import Any

from khanij.present.figures import style
from khanij.reference import FOLDER

ASSET = "world"  # name under which the page gives the outlines to plotly.js
KEY = "properties.iso3"


@dataclass(frozen=True, slots=True)
class Place:
    """A point of the map: its name, degrees, the size of its mark, and what the pointer tells."""

    name: str
    latitude: float
    longitude: float
    size: float
    told: str


@cache
def outlines() -> str:
    """Return the outlines as GeoJSON text, for the page to carry once."""
    return (FOLDER / "outlines" / "world.geojson").read_text(encoding="utf-8")


@cache
def outlined() -> tuple[str, ...]:
    """Return the ISO alpha-3 codes that have an outline."""
    import json

    return tuple(feature["properties"]["iso3"] for feature in json.loads(outlines())["features"])


def world(
    values: Mapping[str, float],
    hover: Mapping[str, str],
    title: str,
    focus: Mapping[str, str] | None = None,
    height: int = 460,
    places: Sequence[Place] = (),
) -> dict[str, Any]:
    """Return a map with countries coloured by value on a logarithmic ramp.

    values  ISO alpha-3 -> positive value
    hover   ISO alpha-3 -> text
    title   of the colour bar, with the unit
    focus   ISO alpha-3 -> text of the countries in the colour of attention
    places  points beside the countries, such as straits
    """
    focus = focus or {}
    shown = {iso: value for iso, value in values.items() if value > 0 and iso in outlined() and iso not in focus}
    data = [_flat(list(outlined()), style.LAND, None)]
    if shown:
        data.append(_ramp(shown, hover, title))
    marked = [iso for iso in focus if iso in outlined()]
    if marked:
        data.append(_flat(marked, style.WARN, [focus[iso] for iso in marked]))
    if places:
        data.append(_points(places))
    geo = {
        "visible": False,
        "projection": {"type": "natural earth"},
        "lataxis": {"range": [-57, 84]},
        "lonaxis": {"range": [-180, 180]},
        "bgcolor": "rgba(0,0,0,0)",
    }
    return {
        "data": data,
        "layout": style.layout(height, geo=geo, dragmode=False, margin={"l": 0, "r": 0, "t": 0, "b": 0}),
    }


def _points(places: Sequence[Place]) -> dict[str, Any]:
    """Return points whose areas go with their sizes."""
    most = max(place.size for place in places) or 1.0
    return {
        "type": "scattergeo",
        "mode": "markers",
        "name": "straits and canals",
        "lon": [place.longitude for place in places],
        "lat": [place.latitude for place in places],
        "text": [place.name for place in places],
        "customdata": [place.size for place in places],
        "hovertext": [place.told for place in places],
        "hoverinfo": "text",
        "showlegend": False,
        "marker": {
            "size": [5 + 5 * sqrt(max(place.size, 0.0) / most) for place in places],
            "color": style.INK,
            "symbol": "diamond",
            "line": {"color": "#ffffff", "width": 1.5},
        },
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
        "zmin": low,
        "zmax": high,
        "colorscale": [list(stop) for stop in style.RAMP],
        "hovertext": [hover.get(iso, iso) for iso in shown],
        "hoverinfo": "text",
        "marker": {"line": {"color": "#ffffff", "width": 0.4}},
        "colorbar": {
            "title": {"text": title, "side": "right", "font": {"size": 12}},
            "tickvals": ticks,
            "ticktext": [_power(k) for k in ticks],
            "len": 0.75,
            "thickness": 12,
            "outlinewidth": 0,
        },
    }


def _power(k: int) -> str:
    """Return a power of ten as text: 100, 1k, 10M."""
    for floor_, sign in ((9, "bn"), (6, "m"), (3, "k")):
        if k >= floor_:
            return f"{10 ** (k - floor_)}{sign}"
    return f"{10.0**k:g}"
