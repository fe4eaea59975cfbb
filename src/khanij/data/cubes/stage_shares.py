"""Published shares of stages to cubes: who makes what part of a stage whose output nobody lists country by country."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from khanij import reference
from khanij.core.cube import Cube
from khanij.data.cubes.evidence import Builder, unfollowed
from khanij.data.cubes.selection import Selection
from khanij.reference.assumptions import assumed
from khanij.reference.industry.checked_rows import KINDS, REST
from khanij.reference.industry.product_output import StageShare, stage_shares

CELL = ("material", "stage", "country", "year")
WHOLE = ("", "all")  # forms that are all of a stage
SINCE, BEFORE = 6, 3  # years for which a vector speaks after its own and before: stages move within a decade
GOODS = ("component", "product")  # stages whose tonnes are those of goods, not of what they contain
Vector = tuple[StageShare, ...]


def _vectors() -> Mapping[tuple[str, str], list[Vector]]:
    """Return the vectors of output of each stage: rows of one form, year and period, whoever published them."""
    found: dict[tuple[str, str, str, int, str], list[StageShare]] = {}
    for row in stage_shares():
        if row.measure == "output":
            found.setdefault((row.material, row.stage, row.form, row.year, row.period), []).append(row)
    vectors = defaultdict[tuple[str, str], list[Vector]](list)
    for (material, stage, *_), rows in found.items():
        vectors[material, stage].append(_joined(rows))
    return vectors


def _joined(rows: Iterable[StageShare]) -> Vector:
    """Return one row a place: of several sources the one that was read goes before one that was recalled."""
    best: dict[str, StageShare] = {}
    for row in rows:
        if row.place not in best or KINDS.index(row.kind) < KINDS.index(best[row.place].kind):
            best[row.place] = row
    return tuple(best.values())


def _chosen(every: Iterable[Vector], year: int) -> Vector:
    """Return a stage's vector that stands for a year: of the whole stage, in tonnes, read, near; () = none."""
    vectors = [vector for vector in every if -BEFORE <= year - vector[0].year <= SINCE]
    weighed = {row.form for vector in vectors for row in vector if row.world is not None and row.unit == "t"}

    def order(vector: Vector) -> tuple[bool, bool, int, int, float]:
        largest = max(vector, key=lambda row: row.share.best)
        apart = abs(vector[0].year - year)
        known = sum(row.share.best for row in vector)
        form = vector[0].form
        return (form not in WHOLE, form not in weighed, KINDS.index(largest.kind), apart, -known)

    return min(vectors, key=order, default=())


def stage_share(selection: Selection) -> Cube:
    """Return the part of world output of a stage that a country makes (material, stage, country, year), 0..1.

    nan where no vector names the country; what the named ones do not make is made by countries that nobody names. Low
    and high are those of the vector, wider for every year that it is away (assumption share_drift).
    """
    axes = tuple(selection.axes[name] for name in CELL)
    best, low, high = (np.full(tuple(map(len, axes)), np.nan) for _ in range(3))
    cited: dict[str, int] = {}
    origin = np.full(best.shape, -1, dtype=np.int16)
    vectors = _vectors()
    for m, material in enumerate(axes[0].codes):
        for s, stage in enumerate(axes[1].codes):
            for y, year in enumerate(axes[3].codes):
                for row in _chosen(vectors[material, stage], int(year)):
                    if row.place in axes[2] and row.place != REST:
                        at = (m, s, axes[2].at(row.place), y)
                        drift = assumed("share_drift") * abs(row.year - int(year)) * row.share.best
                        best[at] = row.share.best
                        low[at] = max(row.share.low - drift, 0.0)
                        high[at] = min(row.share.high + drift, 1.0)
                        origin[at] = cited.setdefault(row.source, len(cited))
    return Cube("stage_share", "1", axes, best, low=low, high=high, sources=tuple(cited), origin=origin)


def _told(vectors: Sequence[Vector], year: int) -> StageShare | None:
    """Return a row that tells world output of a stage in tonnes: of the vector that is used, else of the nearest."""
    form = {row.form for row in _chosen(vectors, year)}
    rows = [row for vector in vectors for row in vector if row.world is not None and row.unit == "t"]
    alike = [row for row in rows if row.form in form or row.form in WHOLE]
    return min(alike, key=lambda row: (abs(row.year - year), KINDS.index(row.kind)), default=None)


def stage_world(selection: Selection) -> Cube:
    """Return world output of a stage as its shares are told of (material, stage, year), t of content; nan = not known.

    Tonnes of goods are turned into content by the factor of the stage's trade code.
    """
    axes = tuple(selection.axes[name] for name in ("material", "stage", "year"))
    values = np.full(tuple(map(len, axes)), np.nan)
    content = {(c.material, c.stage): c.content[1] for c in reference.hs_codes() if c.content is not None}
    vectors = _vectors()
    for m, material in enumerate(axes[0].codes):
        for s, stage in enumerate(axes[1].codes):
            for y, year in enumerate(axes[2].codes):
                told = _told(vectors[material, stage], int(year))
                if told is not None and told.world is not None:
                    gross = told.basis == "gross" or stage in GOODS
                    values[m, s, y] = told.world * (content.get((material, stage), np.nan) if gross else 1.0)
    return Cube("stage_world", "t", axes, values)


BUILDERS: dict[str, Builder] = {
    "stage_share": Builder(stage_share, unfollowed),
    "stage_world": Builder(stage_world, unfollowed),
}
