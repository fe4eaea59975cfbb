"""Small figures as SVG: no script, sharp in print, told in words to those who cannot see them.

Each is WIDTH units wide: a column of the printed page and the width of a phone, so that its type keeps its size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import escape

from khanij.present import text

WIDTH = 360
NAME = 170.0  # units at most for the names on the left
TAIL = 96.0  # units at most for the words on the right
ROW, HEAD = 21, 18
LETTER = 5.6  # mean width of a letter


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: a share of 1 with its range, a second share to compare with, and words behind it.

    marked  in the colour of attention      hollow  what is not sure: only the outline is drawn
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    before: float | None = None
    words: str = ""
    marked: bool = False
    hollow: bool = False


def svg(height: float, parts: Sequence[str], alt: str, label: str) -> str:
    """Return the drawing with its title."""
    return (
        f'<svg class="drawn" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-labelledby="{label}">'
        f'<title id="{label}">{escape(alt)}</title>{"".join(parts)}</svg>'
    )


def shortened(name: str, width: float) -> str:
    """Return a name that fits into a width, cut with an ellipsis."""
    most = int(width / LETTER)
    return name if len(name) <= most else name[: most - 1].rstrip(" ,;") + "…"


def written(x: float, y: float, words: str, name: str = "", end: bool = False) -> str:
    """Return a line of text."""
    anchor = ' text-anchor="end"' if end else ""
    kind = f' class="{name}"' if name else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{anchor}{kind}>{escape(words)}</text>'


def scale(left: float, right: float, most: float | None, height: float) -> list[str]:
    """Return thin uprights at the quarters of a scale of shares with their figures; at its halves where it is short.

    most  share at its right end; None for a scale without figures
    """
    parts = []
    for k in range(0, 5, 1 if right - left > 150 else 2):
        x = left + (right - left) * k / 4
        parts.append(f'<line class="rule" x1="{x:.1f}" x2="{x:.1f}" y1="{HEAD - 5}" y2="{height:.0f}"/>')
        if most is None:
            continue
        anchor = "start" if k == 0 else "end" if k == 4 else "middle"
        figure = text.percent(most * k / 4)
        parts.append(f'<text class="tick" x="{x:.1f}" y="9" text-anchor="{anchor}">{escape(figure)}</text>')
    return parts


def bars(rows: Sequence[Bar], alt: str, label: str, most: float | None = 1.0) -> str:
    """Return one bar a row with its range as a thin line and, where there is one, a tick for the share before.

    most  share at the right end of the scale; None where the values are parts of the largest and no shares
    """
    names = min(max((len(row.name) for row in rows), default=0) * LETTER + 12, NAME)
    room = max((len(row.words) for row in rows), default=0) * LETTER
    left, right = names, WIDTH - min(max(room + 8, 40.0), TAIL)
    height = HEAD + ROW * len(rows)
    parts = scale(left, right, most, height)

    def x(share: float) -> float:
        """Return the place of a share."""
        return left + (right - left) * min(max(share / (most or 1.0), 0.0), 1.0)

    for k, row in enumerate(rows):
        y = HEAD + ROW * k
        middle = y + ROW / 2
        kind = " ".join(["bar", *(["marked"] if row.marked else []), *(["hollow"] if row.hollow else [])])
        parts.append(written(0, middle + 3.6, shortened(row.name, names - 8), "name"))
        parts.append(
            f'<rect class="{kind}" x="{left}" y="{y + 5}" width="{x(row.value) - left:.1f}" height="{ROW - 10}"/>'
        )
        if row.low is not None and row.high is not None and row.high > row.low:
            ends = f'x1="{x(row.low):.1f}" x2="{x(row.high):.1f}"'
            parts.append(f'<line class="range" {ends} y1="{middle:.1f}" y2="{middle:.1f}"/>')
        if row.before is not None:
            at = x(row.before)
            parts.append(f'<line class="before" x1="{at:.1f}" x2="{at:.1f}" y1="{y + 2}" y2="{y + ROW - 2}"/>')
        parts.append(written(WIDTH, middle + 3.6, shortened(row.words, TAIL - 6), "end", end=True))
    return svg(height, parts, alt, label)


def steps(points: Sequence[tuple[int, float]], alt: str, label: str, height: float = 96) -> str:
    """Return a step line of counts over the years, the first and last told by their figures."""
    left, right, top, bottom = 4.0, float(WIDTH - 4), 16.0, height - 16
    most = max((value for _, value in points), default=0.0) or 1.0
    wide = (right - left) / max(len(points), 1)
    parts, line = [], []
    for k, (_, value) in enumerate(points):
        y = bottom - (bottom - top) * value / most
        line += [f"{left + wide * k:.1f},{y:.1f}", f"{left + wide * (k + 1):.1f},{y:.1f}"]
    area = [f"{left:.1f},{bottom:.1f}", *line, f"{right:.1f},{bottom:.1f}"]
    parts.append(f'<polygon class="area" points="{" ".join(area)}"/>')
    parts.append(f'<polyline class="step" points="{" ".join(line)}"/>')
    parts.append(f'<line class="axis" x1="{left}" x2="{right}" y1="{bottom}" y2="{bottom}"/>')
    every = max(1, len(points) // 6)
    for k, (year, value) in enumerate(points):
        middle, y = left + wide * (k + 0.5), bottom - (bottom - top) * value / most
        last = k == len(points) - 1
        if last or (k % every == 0 and len(points) - 1 - k >= every):
            parts.append(f'<text class="tick" x="{middle:.1f}" y="{height - 4}" text-anchor="middle">{year}</text>')
            figure = escape(text.digits(value))
            parts.append(f'<text class="count" x="{middle:.1f}" y="{y - 4:.1f}" text-anchor="middle">{figure}</text>')
    return svg(height, parts, alt, label)
