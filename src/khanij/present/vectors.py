"""The points of a figure as a table, and the figure as SVG without a browser: bars, points, lines, flows, maps."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import escape

from khanij.core.table import Column, Table
from khanij.present.document import Figure
from khanij.present.figures.worldmap import outlines

WIDE, LEFT, TOP, FOOT, RIGHT = 960, 190, 30, 60, 30
SHADES = ("#0f5c6e", "#c77b3f", "#7c9aa5", "#9c4614", "#4f7d52", "#8a6d9c")
INK, MUTED, RULE = "#1c2833", "#5f6b74", "#d5dbdf"
SOUTH, NORTH = -57, 84  # degrees at the edges of a map
MARKS = ("x", "y", "z", "label", "size", "locations", "source", "target", "value")


def points(figure: Figure) -> Table:
    """Return what is drawn as a table: one row a point, with the name of its series."""
    rows: list[dict[str, Any]] = []
    for trace in figure.figure["data"]:
        rows += _links(trace) if trace.get("type") == "sankey" else _series(trace)
    keys = ("series", *(key for key in MARKS if any(row.get(key) is not None for row in rows)))
    columns = tuple(Column(key, key.capitalize(), _kind(key, rows), f"{key} of a point, as drawn") for key in keys)
    listed = [{key: row.get(key) for key in keys} for row in rows]
    return Table.of(figure.caption, listed, key=figure.id, columns=columns, notes=(figure.alt,))


def _kind(key: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the kind of a column of points."""
    known = [row[key] for row in rows if row.get(key) is not None]
    return "number" if known and all(isinstance(v, int | float) for v in known) else "text"


def _series(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the points of bars, points, lines, a map."""
    if trace.get("type") == "scattergeo" and "meta" in trace:
        return [{"series": trace.get("name"), "label": _plain(trace["hovertext"]), **trace["meta"]}]
    if trace.get("type") == "scattergeo":
        marks = zip(*(_listed(trace.get(key)) for key in ("text", "lon", "lat", "customdata")), strict=True)
        return [{"series": trace.get("name"), "label": n, "x": x, "y": y, "size": s} for n, x, y, s in marks]
    held = {key: _listed(trace.get(key)) for key in ("x", "y", "z", "locations")}
    if held["locations"] and "customdata" in trace:  # the colours of a map are logarithms of its values
        held |= {"z": [], "value": trace["customdata"]}
    if not any(held.values()) or (held["locations"] and not trace.get("name") and _is_flat(held["z"])):
        return []
    marker = trace.get("marker") or {}
    held["label"] = _listed(trace.get("text")) or _listed(trace.get("hovertext"))
    held["size"] = _listed(marker.get("size"))
    count = max(len(values) for values in held.values())
    name = str(trace.get("name") or "")
    return [
        {"series": name} | {key: _plain(values[k]) for key, values in held.items() if k < len(values)}
        for k in range(count)
    ]


def _is_flat(values: Sequence[Any]) -> bool:
    """Return whether a map's countries are all of one colour: land, or a mark."""
    return len(set(map(str, values))) <= 1


def _links(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the flows of a diagram of flows."""
    names, link = trace["node"]["label"], trace["link"]
    return [
        {"series": "flow", "source": _plain(names[s]), "target": _plain(names[t]), "value": v}
        for s, t, v in zip(link["source"], link["target"], link["value"], strict=True)
    ]


def _listed(value: Any) -> list[Any]:
    """Return a list where there is one."""
    return list(value) if isinstance(value, list | tuple) else []


def _plain(value: Any) -> Any:
    """Return a text without the breaks of a drawing."""
    return value.replace("<br>", " ").replace("<b>", "").replace("</b>", "") if isinstance(value, str) else value


def draw(figure: Figure) -> str:
    """Return the figure as an SVG file that stands by itself."""
    data = list(figure.figure["data"])
    kinds = {trace.get("type") for trace in data}
    if "sankey" in kinds:
        height, body = _flows(next(trace for trace in data if trace.get("type") == "sankey"))
    elif "choropleth" in kinds:
        height, body = _map([trace for trace in data if trace.get("type") == "choropleth"])
        marks = [trace for trace in data if trace.get("type") == "scattergeo"]
        body += [part for trace in marks for part in (_line if "meta" in trace else _places)(trace, height)]
        body += _legend([trace for trace in marks if trace["showlegend"]], height + 12)
        body += [part for trace in data if "colorbar" in trace for part in _ramp(trace, height + 32)]
        height += 44
    elif kinds <= {"bar"}:
        height, body = _bars(data)
    else:
        height, body = _plane(data, figure.figure.get("layout", {}))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height:.0f}" role="img" '
        f'font-family="sans-serif" font-size="12" fill="{INK}"><title>{escape(figure.alt)}</title>'
        f'<rect width="{WIDE}" height="{height:.0f}" fill="#ffffff"/>{"".join(body)}</svg>'
    )


def _text(x: float, y: float, words: Any, anchor: str = "start", fill: str = INK) -> str:
    """Return a line of text."""
    shown = str(_plain(str(words)))
    shown = shown if len(shown) <= 44 else shown[:43] + "…"
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(shown)}</text>'


def _colour(trace: Mapping[str, Any], at: int, k: int = 0) -> str:
    """Return the colour of a series, or of one of its points."""
    held = (trace.get("marker") or {}).get("color")
    held = held[k] if isinstance(held, list | tuple) and k < len(held) else held
    return held if isinstance(held, str) else SHADES[at % len(SHADES)]


def _number(value: Any) -> float | None:
    """Return a finite number, None for anything else."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _bars(data: Sequence[Mapping[str, Any]]) -> tuple[float, list[str]]:
    """Return bars, one row a name: series stand end to end."""
    flat = all(trace.get("orientation") == "h" for trace in data)
    names = list(dict.fromkeys(str(n) for trace in data for n in _listed(trace["y" if flat else "x"])))
    ends: dict[str, float] = {}
    for trace in data:
        for name, value in zip(_listed(trace["y" if flat else "x"]), _listed(trace["x" if flat else "y"]), strict=True):
            ends[str(name)] = ends.get(str(name), 0.0) + abs(_number(value) or 0.0)
    most, body = max(ends.values(), default=1.0) or 1.0, []
    start = dict.fromkeys(names, 0.0)
    for at, trace in enumerate(data):
        pairs = zip(_listed(trace["y" if flat else "x"]), _listed(trace["x" if flat else "y"]), strict=True)
        for k, (name, value) in enumerate(pairs):
            size = abs(_number(value) or 0.0)
            x, y = LEFT + (WIDE - LEFT - RIGHT) * start[str(name)] / most, TOP + 20 * names.index(str(name))
            wide = (WIDE - LEFT - RIGHT) * size / most
            body.append(f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="15" fill="{_colour(trace, at, k)}"/>')
            start[str(name)] += size
    body += [_text(LEFT - 6, TOP + 12 + 20 * k, name, "end") for k, name in enumerate(names)]
    height = TOP + 20 * len(names) + FOOT
    body += [
        _text(LEFT + (WIDE - LEFT - RIGHT) * k / 4, height - 38, f"{most * k / 4:,.4g}", "middle", MUTED)
        for k in range(5)
    ]
    return height, body + _legend(data, height - 14)


def _legend(data: Sequence[Mapping[str, Any]], y: float) -> list[str]:
    """Return the names of series beside their colours."""
    body, x = [], float(LEFT)
    for at, trace in enumerate(data):
        if name := str(trace.get("name") or ""):
            if "meta" in trace:
                style = 'stroke-dasharray="4 3" ' if trace["line"]["dash"] != "solid" else ""
                line = f'x1="{x - 10:.0f}" x2="{x + 10:.0f}" y1="{y - 4:.0f}" y2="{y - 4:.0f}" stroke-width="2.5"'
                body.append(f'<line {line} {style}stroke="{_colour(trace, at)}"/>')
            else:
                body.append(f'<rect x="{x:.0f}" y="{y - 9:.0f}" width="10" height="10" fill="{_colour(trace, at)}"/>')
            body.append(_text(x + 14, y, name, fill=MUTED))
            x += 26 + 6.5 * min(len(name), 44)
    return body


def _plane(data: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> tuple[float, list[str]]:
    """Return points and lines on two axes."""
    height, axes = 560.0, []
    for key in ("x", "y"):
        values = [v for trace in data for v in _listed(trace.get(key)) if v is not None]
        named = [str(v) for v in values] if any(_number(v) is None for v in values) else None
        log = (layout.get(f"{key}axis") or {}).get("type") == "log"
        axes.append(
            (list(dict.fromkeys(named)) if named else None, _ends(values, log) if not named else (0.0, 1.0), log)
        )

    def place(k: int, value: Any) -> float | None:
        names, (low, high), log = axes[k]
        if names is not None:
            part = (names.index(str(value)) + 0.5) / len(names) if str(value) in names else None
        else:
            number = _number(value)
            number = math.log10(number) if log and number and number > 0 else None if log else number
            part = None if number is None else (number - low) / (high - low)
        if part is None:
            return None
        return LEFT + part * (WIDE - LEFT - RIGHT) if k == 0 else height - FOOT - part * (height - FOOT - TOP)

    body = _frame(axes, layout, height)
    for at, trace in enumerate(data):
        pairs = list(zip(_listed(trace.get("x")), _listed(trace.get("y")), strict=False))
        spots = [(place(0, x), place(1, y)) for x, y in pairs]
        if "lines" in str(trace.get("mode") or "lines") and trace.get("type", "scatter") == "scatter":
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots if x is not None and y is not None)
            body.append(f'<polyline points="{path}" fill="none" stroke="{_colour(trace, at)}" stroke-width="1.8"/>')
        texts = _listed(trace.get("text"))
        for k, (x, y) in enumerate(spots):
            if x is None or y is None or "markers" not in str(trace.get("mode") or ""):
                continue
            body.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{_colour(trace, at, k)}" fill-opacity="0.8"/>')
            if k < len(texts) and "text" in str(trace.get("mode")):
                body.append(_text(x + 7, y + 4, texts[k]))
    return height, body + _legend(data, height - 8)


def _ends(values: Sequence[Any], log: bool) -> tuple[float, float]:
    """Return the ends of an axis, of logarithms where it is one of those."""
    known = [n for v in values if (n := _number(v)) is not None and (n > 0 or not log)]
    told = [math.log10(v) for v in known] if log else known
    low, high = (min(told), max(told)) if told else (0.0, 1.0)
    room = (high - low) * 0.05 or 0.5
    return (low - room if low < 0 or log or low > (high - low) * 0.2 else 0.0), high + room


def _frame(axes: Sequence[Any], layout: Mapping[str, Any], height: float) -> list[str]:
    """Return two axes with their ticks and titles."""
    body = []
    for k, (names, (low, high), log) in enumerate(axes):
        ticks = [(i + 0.5) / len(names) for i in range(len(names))] if names else [i / 4 for i in range(5)]
        shown = names or [10 ** (low + (high - low) * t) if log else low + (high - low) * t for t in ticks]
        for part, value in zip(ticks, shown, strict=True):
            words = value if names else f"{value:,.3g}"
            if k == 0:
                x = LEFT + part * (WIDE - LEFT - RIGHT)
                body.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{height - FOOT:.0f}" stroke="{RULE}"/>')
                body.append(_text(x, height - FOOT + 16, words, "middle", MUTED))
            else:
                y = height - FOOT - part * (height - FOOT - TOP)
                body.append(f'<line x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{RULE}"/>')
                body.append(_text(LEFT - 6, y + 4, words, "end", MUTED))
        title = (layout.get(f"{'xy'[k]}axis") or {}).get("title")
        title = title.get("text", "") if isinstance(title, Mapping) else title or ""
        if title:
            body.append(_text(WIDE / 2, height - 24, title, "middle") if k == 0 else _text(6, 16, title))
    return body


def _flows(trace: Mapping[str, Any]) -> tuple[float, list[str]]:
    """Return flows between columns of nodes, as wide as they are large."""
    names, link = _listed(trace["node"]["label"]), trace["link"]
    flows = list(zip(link["source"], link["target"], link["value"], strict=True))
    depth = [0] * len(names)
    for _ in names:
        for source, target, _value in flows:
            if depth[target] <= depth[source] < len(names):
                depth[target] = depth[source] + 1
    size = [
        max(sum(v for s, t, v in flows if s == k), sum(v for s, t, v in flows if t == k)) for k in range(len(names))
    ]
    columns = [[k for k in range(len(names)) if depth[k] == d and size[k]] for d in range(max(depth, default=0) + 1)]
    height = 120.0 + 24 * max((len(c) for c in columns), default=1)
    most = max((sum(size[k] for k in column) for column in columns), default=1.0) or 1.0
    room = height - TOP - FOOT
    scale = max(room - 14 * max((len(c) for c in columns), default=1), room / 2) / most
    place: dict[int, tuple[float, float]] = {}
    for d, column in enumerate(columns):
        y = float(TOP)
        for k in column:
            place[k] = (20 + (WIDE - 200) * d / max(len(columns) - 1, 1), y)
            y += size[k] * scale + 14
    body, used = [], {k: [0.0, 0.0] for k in place}
    colours = _listed((link or {}).get("color"))
    for at, (source, target, value) in enumerate(flows):
        (x, y), (a, b), wide = place[source], place[target], value * scale
        y, b = y + used[source][0] + wide / 2, b + used[target][1] + wide / 2
        used[source][0] += wide
        used[target][1] += wide
        middle = (x + 12 + a) / 2
        colour = colours[at] if at < len(colours) else "rgba(15,92,110,0.25)"
        curve = f"M{x + 12:.1f},{y:.1f} C{middle:.1f},{y:.1f} {middle:.1f},{b:.1f} {a:.1f},{b:.1f}"
        body.append(f'<path d="{curve}" fill="none" stroke="{colour}" stroke-width="{max(wide, 0.5):.1f}"/>')
    for k, (x, y) in place.items():
        body.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="12" height="{max(size[k] * scale, 1):.1f}" fill="{SHADES[0]}"/>'
        )
        body.append(_text(x + 16, y + max(size[k] * scale, 1) / 2 + 4, names[k]))
    return height, body


def _map(traces: Sequence[Mapping[str, Any]]) -> tuple[float, list[str]]:
    """Return countries, darker where the value is larger."""
    fills: dict[str, str] = {}
    for trace in traces:
        for iso, value in zip(_listed(trace.get("locations")), _listed(trace.get("z")), strict=False):
            fills[iso] = _shade(trace, value)
    height, body = 480.0, []
    for feature in json.loads(outlines())["features"]:
        shape = feature["geometry"]
        if feature["properties"]["centroid"][1] < SOUTH:
            continue
        rings = [
            r for p in (shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]) for r in p
        ]
        path = "".join(
            "M" + "L".join("{:.1f},{:.1f}".format(*_spot(x, y, height)) for x, y, *_ in ring) + "Z" for ring in rings
        )
        fill = fills.get(feature["properties"]["iso3"], "#e8ecee")
        body.append(f'<path d="{path}" fill="{fill}" stroke="#ffffff" stroke-width="0.4"/>')
    return height, body


def _spot(lon: float, lat: float, height: float) -> tuple[float, float]:
    """Return where a point of the globe stands on the map."""
    return (lon + 180) / 360 * WIDE, (NORTH - lat) / (NORTH - SOUTH) * height


def _line(trace: Mapping[str, Any], height: float) -> list[str]:
    """Return the line of a flow, cut where the map ends, with an arrow at its end."""
    spots = [_spot(x, y, height) for x, y in zip(trace["lon"], trace["lat"], strict=True)]
    path = f"M{spots[0][0]:.1f},{spots[0][1]:.1f}"
    for (a, _), (x, y) in itertools.pairwise(spots):
        path += f"{'M' if abs(x - a) > WIDE / 2 else 'L'}{x:.1f},{y:.1f}"
    colour, wide = trace["line"]["color"], trace["line"]["width"]
    broken = "" if trace["line"]["dash"] == "solid" else ' stroke-dasharray="5 4"'
    style = f'fill="none" stroke="{colour}" stroke-width="{wide}" stroke-opacity="{trace["opacity"]}"{broken}'
    (a, b), (x, y) = spots[-2:]
    turn, half = math.atan2(y - b, x - a), 3 + wide / 2
    ends = ((x, y), *((x - 2 * half * math.cos(turn + s), y - 2 * half * math.sin(turn + s)) for s in (-0.45, 0.45)))
    head = "L".join(f"{p:.1f},{q:.1f}" for p, q in ends)
    return [f'<path d="{path}" {style}/>', f'<path d="M{head}Z" fill="{colour}"/>']


def _places(trace: Mapping[str, Any], height: float) -> list[str]:
    """Return the points of a map, with their names."""
    made = []
    for lon, lat, name in zip(*(_listed(trace.get(key)) for key in ("lon", "lat", "text")), strict=True):
        x, y = _spot(lon, lat, height)
        made.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{INK}" stroke="#ffffff"/>')
        made.append(_text(x + 7, y + 4, name))
    return made


def _shade(trace: Mapping[str, Any], value: float) -> str:
    """Return the colour of a value on the scale of its trace, mixed of the steps beside it."""
    low, high = trace.get("zmin", 0.0), trace.get("zmax", 0.0)
    part = (value - low) / (high - low) if high > low else 1.0
    steps = [(at, [int(colour[k : k + 2], 16) for k in (1, 3, 5)]) for at, colour in trace["colorscale"]]
    for (a, first), (b, last) in itertools.pairwise(steps):
        if part <= b:
            mixed = (p + (q - p) * max(part - a, 0.0) / (b - a) for p, q in zip(first, last, strict=True))
            return "#" + "".join(f"{round(one):02x}" for one in mixed)
    return str(trace["colorscale"][-1][1])


def _ramp(trace: Mapping[str, Any], y: float) -> list[str]:
    """Return what the colours of a map mean: one box a tick of its scale, and the unit."""
    bar, x = trace["colorbar"], float(LEFT)
    body = [_text(x - 8, y, bar["title"]["text"], "end", MUTED)]
    for value, words in zip(bar["tickvals"], bar["ticktext"], strict=True):
        body.append(f'<rect x="{x:.0f}" y="{y - 9:.0f}" width="18" height="10" fill="{_shade(trace, value)}"/>')
        body.append(_text(x + 22, y, words, fill=MUTED))
        x += 64
    return body
