"""An SVG drawing of ours as PNG, painted by Pillow without a browser: the few elements that we write, no others."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from math import hypot
from typing import Any
from xml.etree import ElementTree

from PIL import Image, ImageColor, ImageDraw, ImageFont

SCALE = 2  # pixels a unit
FINE = (4, 2, 1)  # pixels a unit when it is painted, the first for which there is room: made smaller, edges are smooth
ROOM = 40_000_000  # pixels
CURVE = 16  # straight pieces of a curve
FONTS = ("LiberationSans-Regular.ttf", "Arial.ttf", "Helvetica.ttc", "DejaVuSans.ttf")
PLAIN = str.maketrans(
    {"–": "-", "—": "-", "−": "-", "‑": "-", "\u202f": " ", "\u2009": " ", "×": "x", "€": "EUR", "₹": "Rs"}
)
Spot = tuple[float, float]


def png(svg: str) -> bytes:
    """Return the drawing as PNG, SCALE pixels a unit on white; svg  made here, never a stranger's."""
    root = ElementTree.fromstring(svg)
    wide, high = (float(v) for v in root.attrib["viewBox"].split()[2:])
    fine = next((k for k in FINE if wide * high * k * k <= ROOM), FINE[-1])
    image = Image.new("RGB", (round(wide * fine), round(high * fine)), "#ffffff")
    brush = _Brush(image, _rules(root), fine)
    for element in root:
        brush.paint(element, {k: v for k, v in root.attrib.items() if k in ("fill", "font-size")})
    out = io.BytesIO()
    size = round(wide * min(SCALE, fine)), round(high * min(SCALE, fine))
    image.resize(size, Image.Resampling.BOX).save(out, "png")
    return out.getvalue()


def _rules(root: ElementTree.Element) -> list[tuple[str, frozenset[str], dict[str, str]]]:
    """Return the rules of the drawing's style: element or "", classes, properties."""
    text = "".join(one.text or "" for one in root.iter() if one.tag.endswith("style"))
    rules = []
    for names, body in re.findall(r"([^{}]+)\{([^}]*)\}", text):
        held = dict(part.split(":", 1) for part in body.split(";") if ":" in part)
        if "font" in held:
            held["font-size"] = held.pop("font").split("px")[0]
        for name in names.split(","):
            tag, *classes = name.strip().split(".")
            rules.append((tag, frozenset(classes), held))
    return rules


@cache
def _font(size: float) -> tuple[Any, bool]:
    """Return a font of the system, and whether it has all letters; else Pillow's own, which has the plain ones."""
    for name in FONTS:
        try:
            return ImageFont.truetype(name, round(size)), True
        except OSError:
            continue
    return ImageFont.load_default(round(size)), False


class _Brush:
    """What paints elements onto an image of so many pixels a unit."""

    def __init__(self, image: Image.Image, rules: list[tuple[str, frozenset[str], dict[str, str]]], fine: int) -> None:
        """Keep the image, the rules of its style and its pixels a unit."""
        self.draw, self.rules, self.image, self.fine = ImageDraw.Draw(image, "RGBA"), rules, image, fine

    def paint(self, element: ElementTree.Element, given: Mapping[str, str]) -> None:
        """Paint one element; given  what it has of the whole drawing."""
        tag, classes = element.tag.rpartition("}")[2], set(element.get("class", "").split())
        style = dict(given)
        for name, wanted, held in self.rules:
            if name in ("", tag) and wanted <= classes:
                style |= held
        style |= element.attrib
        match tag:
            case "text":
                self._write(element.text or "", style)
            case "rect":
                x, y, wide, high = (_number(style, key) for key in ("x", "y", "width", "height"))
                self._shape([[(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]], style, closed=True)
            case "circle":
                x, y, r = (_number(style, key) for key in ("cx", "cy", "r"))
                box = [v * self.fine for v in (x - r, y - r, x + r, y + r)]
                self.draw.ellipse(box, fill=_colour(style, "fill"), outline=_colour(style, "stroke"), width=self.fine)
            case "line":
                ends = [(_number(style, "x1"), _number(style, "y1")), (_number(style, "x2"), _number(style, "y2"))]
                self._shape([ends], style | {"fill": "none"})
            case "polyline" | "polygon":
                values = [float(v) for v in re.findall(r"-?[\d.]+", style.get("points", ""))]
                self._shape([list(zip(values[::2], values[1::2], strict=True))], style, closed=tag == "polygon")
            case "path":
                self._shape(_rings(style["d"]), style, closed=style["d"].endswith("Z"))

    def _shape(self, rings: list[list[Spot]], style: Mapping[str, str], closed: bool = False) -> None:
        """Fill rings, those that turn the other way than the first as holes, and draw along them."""
        rings = [[(x * self.fine, y * self.fine) for x, y in ring] for ring in rings if len(ring) > 1]
        fill, stroke = _colour(style, "fill"), _colour(style, "stroke")
        if fill and closed and rings:
            turns = [_area(ring) > 0 for ring in rings]
            if len(set(turns)) == 1:
                for ring in rings:
                    self.draw.polygon(ring, fill=fill)
            else:
                mask = Image.new("L", self.image.size)
                for ring, turn in sorted(zip(rings, turns, strict=True), key=lambda item: item[1] != turns[0]):
                    ImageDraw.Draw(mask).polygon(ring, fill=255 if turn == turns[0] else 0)
                self.image.paste(fill[:3], mask=mask)
        if stroke:
            wide = max(round(_number(style, "stroke-width", 1.0) * self.fine), 1)
            for ring in rings:
                way = [*ring, ring[0]] if closed else ring
                for piece in _dashes(way, style.get("stroke-dasharray", ""), self.fine):
                    self.draw.line(piece, fill=stroke, width=wide, joint="curve")

    def _write(self, words: str, style: Mapping[str, str]) -> None:
        """Write a line of text where its anchor says."""
        font, whole = _font(float(style.get("font-size", "12")) * self.fine)
        if not whole:
            words = unicodedata.normalize("NFKD", words.translate(PLAIN)).encode("ascii", "ignore").decode()
        anchor = {"middle": "ms", "end": "rs"}.get(style.get("text-anchor", "start"), "ls")
        at = (_number(style, "x") * self.fine, _number(style, "y") * self.fine)
        self.draw.text(at, words, font=font, fill=_colour(style, "fill"), anchor=anchor)


def _number(style: Mapping[str, str], key: str, usual: float = 0.0) -> float:
    """Return a length."""
    return float(style.get(key, usual))


def _colour(style: Mapping[str, str], key: str) -> tuple[int, ...] | None:
    """Return a colour with how much it covers, None for none."""
    name = style.get(key, "#000000" if key == "fill" else "none")
    if name == "none":
        return None
    part = float(style.get(f"{key}-opacity", 1.0))
    if name.startswith("rgba"):
        *held, alpha = re.findall(r"[\d.]+", name)
        return (*map(int, held), round(255 * float(alpha) * part))
    return (*ImageColor.getrgb(name)[:3], round(255 * part))


def _rings(d: str) -> list[list[Spot]]:
    """Return the points of a path of M, L, C and Z."""
    rings: list[list[Spot]] = []
    for mark, body in re.findall(r"([MLCZ])([^MLCZ]*)", d):
        values = [float(v) for v in re.findall(r"-?[\d.]+", body)]
        spots = list(zip(values[::2], values[1::2], strict=True))
        if mark == "M":
            rings.append(spots)
        elif mark == "L":
            rings[-1] += spots
        elif mark == "C":
            (a, b), (c, e), (p, q), (x, y) = rings[-1][-1], *spots
            for k in range(1, CURVE + 1):
                t, s = k / CURVE, 1 - k / CURVE
                w = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
                rings[-1].append((w[0] * a + w[1] * c + w[2] * p + w[3] * x, w[0] * b + w[1] * e + w[2] * q + w[3] * y))
    return rings


def _area(ring: list[Spot]) -> float:
    """Return twice the area of a ring, below 0 where it turns the other way."""
    return sum(x * b - a * y for (x, y), (a, b) in pairwise([*ring, ring[0]]))


def _dashes(way: list[Spot], pattern: str, fine: int) -> list[list[Spot]]:
    """Return the pieces of a line that a pattern of on and off leaves; all of it without one."""
    if not pattern:
        return [way]
    on, off = (float(v) * fine for v in pattern.split()[:2])
    pieces, done = [], 0.0
    for (x, y), (a, b) in pairwise(way):
        long = hypot(a - x, b - y)
        at = 0.0
        while at < long:
            within = (done + at) % (on + off)
            step = min((on if within < on else on + off) - within, long - at) or long - at
            if within < on:
                ends = (at / long, (at + step) / long)
                pieces.append([(x + (a - x) * t, y + (b - y) * t) for t in ends])
            at += step
        done += long
    return pieces
