"""A figure as SVG without a browser: bars, points, lines, flows, maps."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import escape

from khanij.present.document import Figure
from khanij.present.figures.worldmap import outlines
from khanij.present.vectors.points import listed, plain

WIDE, LEFT, TOP, FOOT, RIGHT = 960, 190, 30, 60, 30
SHADES = ("#0f5c6e", "#c77b3f", "#7c9aa5", "#9c4614", "#4f7d52", "#8a6d9c")
INK, MUTED, RULE = "#1c2833", "#5f6b74", "#d5dbdf"
SOUTH, NORTH = -57, 84  # degrees at the edges of a map


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


def _text(x: float, y: float, words: Any, anchor: str = "start", fill: str = INK, most: int = 44) -> str:
    """Return a line of text, cut after so many letters."""
    shown = str(plain(str(words)))
    shown = shown if len(shown) <= most else shown[: most - 1] + "…"
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(shown)}</text>'


def _colour(trace: Mapping[str, Any], at: int, k: int = 0) -> str:
    """Return the colour of a series, or of one of its points."""
    held = (trace.get("marker") or {}).get("color")
    held = held[k] if isinstance(held, list | tuple) and k < len(held) else held
    held = held if isinstance(held, str) else (trace.get("line") or {}).get("color")
    return held if isinstance(held, str) else SHADES[at % len(SHADES)]


def _number(value: Any) -> float | None:
    """Return a finite number, None for anything else."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _bars(data: Sequence[Mapping[str, Any]]) -> tuple[float, list[str]]:
    """Return bars, one row a name: series stand end to end, or where their bases say; hatched ones nearly hollow."""
    flat = all(trace.get("orientation") == "h" for trace in data)
    names = list(dict.fromkeys(str(n) for trace in data for n in listed(trace["y" if flat else "x"])))
    reached, parts = dict.fromkeys(names, 0.0), []
    for at, trace in enumerate(data):
        pairs = zip(listed(trace["y" if flat else "x"]), listed(trace["x" if flat else "y"]), strict=True)
        bases = listed(trace.get("base"))
        for k, (name, value) in enumerate(pairs):
            size = abs(_number(value) or 0.0)
            first = float(bases[k]) if k < len(bases) else reached[str(name)]
            reached[str(name)] = first + size
            parts.append((at, k, names.index(str(name)), first, size))
    low = min((first for *_, first, _ in parts), default=0.0)
    wide = (max((first + size for *_, first, size in parts), default=low) - low) or 1.0
    room, body = (WIDE - LEFT - RIGHT) / wide, []
    for at, k, row, first, size in parts:
        place = f'x="{LEFT + room * (first - low):.1f}" y="{TOP + 20 * row}" width="{room * size:.1f}" height="15"'
        colour = _colour(data[at], at, k)
        hatched = (data[at].get("marker") or {}).get("pattern")
        look = f'fill="#ffffff" fill-opacity="0.75" stroke="{colour}"' if hatched else f'fill="{colour}"'
        body.append(f"<rect {place} {look}/>")
    body += [_text(LEFT - 6, TOP + 12 + 20 * k, name, "end", most=27) for k, name in enumerate(names)]
    height = TOP + 20 * len(names) + FOOT
    years = any("base" in trace for trace in data)
    for tick in _ticks(low, low + wide):
        words = _told(tick, "g" if years else "")
        body.append(_text(LEFT + room * (tick - low), height - 38, words, "middle", MUTED))
    return height, body + _legend(data, height - 14)


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers between the ends of an axis, three to six of them."""
    step = 10.0 ** math.floor(math.log10((high - low) / 4))
    step = next(step * k for k in (1, 2, 5, 10) if (high - low) / (step * k) <= 6)
    return [round(k * step, 12) for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _legend(data: Sequence[Mapping[str, Any]], y: float) -> list[str]:
    """Return the names of series beside their colours."""
    body, x, named = [], float(LEFT), set[str]()
    for at, trace in enumerate(data):
        name = str(trace.get("name") or "")
        if name and name not in named and trace.get("showlegend") is not False:
            named.add(name)
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
        values = [v for trace in data for v in listed(trace.get(key)) if v is not None]
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
        pairs = list(zip(listed(trace.get("x")), listed(trace.get("y")), strict=False))
        spots = [(place(0, x), place(1, y)) for x, y in pairs]
        if trace.get("fill") == "toself":
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots if x is not None and y is not None)
            body.append(f'<polygon points="{path}" fill="{trace["fillcolor"]}"/>')
            continue
        error = trace.get("error_y") or {}
        up, down = listed(error.get("array")), listed(error.get("arrayminus") or error.get("array"))
        for (x, y), more, less in zip(pairs, up, down, strict=False):
            ends = [place(0, x), place(1, y - less), place(1, y + more)] if y is not None else [None]
            if None not in ends:
                at_x, bottom, top = ends
                line = f'x1="{at_x:.1f}" x2="{at_x:.1f}" y1="{bottom:.1f}" y2="{top:.1f}"'
                body.append(f'<line {line} stroke="{_colour(trace, at)}" stroke-width="1.5"/>')
        if "lines" in str(trace.get("mode") or "lines") and trace.get("type", "scatter") == "scatter":
            for known, piece in itertools.groupby(spots, lambda spot: None not in spot):
                path = " ".join(f"{x:.1f},{y:.1f}" for x, y in piece) if known else ""
                line = f'fill="none" stroke="{_colour(trace, at)}" stroke-width="1.8"'
                body.append(f'<polyline points="{path}" {line}/>' if path else "")
        texts = listed(trace.get("text"))
        for k, (x, y) in enumerate(spots):
            if x is None or y is None or "markers" not in str(trace.get("mode") or ""):
                continue
            body.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{_colour(trace, at, k)}" fill-opacity="0.8"/>')
            if k < len(texts) and "text" in str(trace.get("mode")):
                body.append(_text(x + 7, y + 4, texts[k]))
    for note in layout.get("annotations") or ():
        if (note.get("xref", "x"), note.get("yref", "y")) == ("x", "y"):
            spot = place(0, 10 ** note["x"] if axes[0][2] else note["x"]), place(1, note["y"])
            body += _name(note, *spot) if None not in spot else []
    return height, body + _legend(data, height - 8)


def _name(note: Mapping[str, Any], x: float, y: float) -> list[str]:
    """Return the name of a point beside it, with a line to it where it stands farther away."""
    right = x + float(note.get("ax") or note.get("xshift") or 0)
    down = y + float(note.get("ay") or -float(note.get("yshift") or 0))
    ends = f'x1="{x:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{down:.1f}"'
    line = [f'<line {ends} stroke="{MUTED}" stroke-width="0.5"/>'] if note.get("arrowwidth") else []
    return [*line, _text(right, down + 4, note.get("text", ""), "middle")]


def _ends(values: Sequence[Any], log: bool) -> tuple[float, float]:
    """Return the ends of an axis, of logarithms where it is one of those."""
    known = [n for v in values if (n := _number(v)) is not None and (n > 0 or not log)]
    told = [math.log10(v) for v in known] if log else known
    low, high = (min(told), max(told)) if told else (0.0, 1.0)
    room = (high - low) * 0.05 or 0.5
    return (low - room if low < 0 or log or low > high * 0.6 else 0.0), high + room


def _frame(axes: Sequence[Any], layout: Mapping[str, Any], height: float) -> list[str]:
    """Return two axes with their ticks and titles."""
    body = []
    for k, (names, (low, high), log) in enumerate(axes):
        axis = layout.get(f"{'xy'[k]}axis") or {}
        for part, words in _marks(names, low, high, log, axis):
            if k == 0:
                x = LEFT + part * (WIDE - LEFT - RIGHT)
                body.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{height - FOOT:.0f}" stroke="{RULE}"/>')
                body.append(_text(x, height - FOOT + 16, words, "middle", MUTED))
            else:
                y = height - FOOT - part * (height - FOOT - TOP)
                body.append(f'<line x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{RULE}"/>')
                body.append(_text(LEFT - 6, y + 4, words, "end", MUTED))
        title = axis.get("title")
        title = title.get("text", "") if isinstance(title, Mapping) else title or ""
        if title:
            body.append(_text(WIDE / 2, height - 24, title, "middle") if k == 0 else _text(6, 16, title))
    return body


def _marks(
    names: Sequence[str] | None, low: float, high: float, log: bool, axis: Mapping[str, Any]
) -> list[tuple[float, str]]:
    """Return the ticks of an axis: their place as a part of it, and what stands there."""
    if names:
        return [((i + 0.5) / len(names), name) for i, name in enumerate(names)]
    chosen = [math.log10(v) if log else v for v in listed(axis.get("tickvals"))]
    powers = [float(k) for k in range(math.ceil(low), math.floor(high) + 1)] if log else []
    ticks = chosen or (powers if len(powers) > 1 else _ticks(low, high))
    form = {".0%": ".0%", "d": "g"}.get(str(axis.get("tickformat")), "")
    return [((t - low) / (high - low), _told(10**t if log else t, form)) for t in ticks if low <= t <= high]


def _told(value: float, form: str = "") -> str:
    """Return what stands at a tick, large numbers in millions and billions."""
    for size, sign in ((1e9, " bn"), (1e6, " m")):
        if not form and abs(value) >= size:
            return f"{value / size:,.4g}{sign}"
    return format(value, form or ",.10g")


def _flows(trace: Mapping[str, Any]) -> tuple[float, list[str]]:
    """Return flows between columns of nodes, as wide as they are large."""
    names, link = listed(trace["node"]["label"]), trace["link"]
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
    colours = listed((link or {}).get("color"))
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
        for iso, value in zip(listed(trace.get("locations")), listed(trace.get("z")), strict=False):
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
    for lon, lat, name in zip(*(listed(trace.get(key)) for key in ("lon", "lat", "text")), strict=True):
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
