"""A line as small as a word, as SVG text."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT, EDGE = 96, 24, 3


def spark(
    years: Sequence[int],
    values: Sequence[float | None],
    breaks: Sequence[int] = (),
    limits: tuple[float | None, float | None] = (None, None),
) -> str:
    """Return a line over the years; None interrupts it, a break is a dotted upright before its year.

    limits  ends of the scale; None: the least and the greatest value
    The line says nothing by itself to those who cannot see it: the cell around it carries the figures.
    """
    known = [v for v in values if v is not None]
    least = min(known) if limits[0] is None else limits[0]
    most = max(known) if limits[1] is None else limits[1]
    size = (most - least) or 1.0
    steps = max(len(years) - 1, 1)

    def x(k: float) -> float:
        """Return the place of the k-th year."""
        return EDGE + (WIDTH - 2 * EDGE) * k / steps

    def y(value: float) -> float:
        """Return the height of a value."""
        return HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (value - least) / size

    parts = [
        f'<line class="break" x1="{x(years.index(year) - 0.5):.1f}" x2="{x(years.index(year) - 0.5):.1f}" y1="0"'
        f' y2="{HEIGHT}"/>'
        for year in dict.fromkeys(breaks)
        if year in years[1:]
    ]
    for run in _runs(values):
        points = " ".join(f"{x(k):.1f},{y(values[k] or 0.0):.1f}" for k in run)
        parts.append(f'<polyline points="{points}"/>' if len(run) > 1 else "")
    last = max(k for k, v in enumerate(values) if v is not None)
    parts.append(f'<circle cx="{x(last):.1f}" cy="{y(values[last] or 0.0):.1f}" r="2.2"/>')
    inside = "".join(parts)
    return (
        f'<svg class="spark" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' aria-hidden="true">{inside}</svg>'
    )


def _runs(values: Sequence[float | None]) -> list[list[int]]:
    """Return the positions of unbroken runs of known values."""
    runs: list[list[int]] = [[]]
    for k, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(k)
    return [run for run in runs if run]
