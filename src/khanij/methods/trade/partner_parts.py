"""A supplier's part of imports by form and year, by value and by tonnes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.number import Key


@dataclass(frozen=True, slots=True)
class PartnerSeries:
    """What one supplier sends of one form in each year, and what all send.

    own, whole      (Y,) kUSD      own_mass, whole_mass  (Y,) t of content; nan where nothing is recorded
    sources         of the value and of the tonnes
    """

    key: Key
    own: Floats
    whole: Floats
    own_mass: Floats
    whole_mass: Floats
    sources: tuple[str, ...]

    @property
    def part(self) -> Floats:
        """Return its part of the value by year, nan where nothing is recorded."""
        return self.own / np.where(self.whole > 0, self.whole, np.nan)

    @property
    def mass_part(self) -> Floats:
        """Return its part of the tonnes by year, nan where none are recorded."""
        return self.own_mass / np.where(self.whole_mass > 0, self.whole_mass, np.nan)


def partner_series(case: Case, partner: str, materials: frozenset[str]) -> tuple[PartnerSeries, ...]:
    """Return the series of every form of some materials that the focus buys from anybody, by the last value.

    s[m, s, y] = q[m, s, partner, y] / Σ_c q[m, s, c, y], q recorded imports of the Case's one focus

    What members of a group send each other is left out. A year without imports is unknown, never 0; in a year with
    imports a supplier without a record sent nothing that is recorded.
    """
    value, value_all, sources = _sums(case, "trade_value", partner)
    mass, mass_all, more = _sums(case, "trade", partner)
    axes = [case.axis(name).codes for name in ("material", "stage")]
    found = []
    for m, s in zip(*np.nonzero((value_all > 0).any(axis=-1)), strict=True):
        key = (axes[0][m], axes[1][s])
        if key[0] in materials and key[1] != "scrap":
            rows = [np.where(all_ > 0, own, np.nan) for own, all_ in ((value, value_all), (mass, mass_all))]
            sums = [np.where(all_ > 0, all_, np.nan) for all_ in (value_all, mass_all)]
            found.append(PartnerSeries(key, rows[0][m, s], sums[0][m, s], rows[1][m, s], sums[1][m, s], sources + more))
    return tuple(sorted(found, key=lambda row: (-np.nan_to_num(row.whole[-1]), row.key)))


def _sums(case: Case, name: str, partner: str) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Return (material, stage, year) what the partner sends, what all send, and the sources."""
    shape = tuple(len(case.axis(axis)) for axis in ("material", "stage", "year"))
    own, whole = np.zeros(shape), np.zeros(shape)
    cube = case.cubes.get(name)
    if cube is None:
        return own, whole, ()
    cube = case.cube(name)
    assert cube.at is not None
    inside = case.array("membership", "focus", "country", "year")[0] > 0
    material, stage, exporter, importer, year = cube.at
    mine = inside[importer, year] & ~inside[exporter, year] & ~np.isnan(cube.values)
    np.add.at(whole, (material[mine], stage[mine], year[mine]), cube.values[mine])
    codes = case.axis("country").codes
    if partner in codes:
        theirs = mine & (exporter == codes.index(partner))
        np.add.at(own, (material[theirs], stage[theirs], year[theirs]), cube.values[theirs])
    return own, whole, cube.sources
