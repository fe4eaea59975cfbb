"""Who could fill the gap that one supplier leaves: what others make and sell, and what of it could be drawn away."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.number import Key, Number
from khanij.reference.assumptions import assumed_range
from khanij.reference.chronicle.controls import ControlInForce, acting, controls
from khanij.reference.chronicle.instruments import known_to
from khanij.reference.industry.product_output import stage_shares

HALF = 0.5


@dataclass(frozen=True, slots=True)
class Seller:
    """One country that sells a form, other than who stops.

    output     what it makes, t of content; None where not listed      sold, sold_mass  to all but the focus, kUSD and t
    sent       part of the focus's imports that it sends already        maker  whether it is known to make any
    controls   those of it that can stop a shipment of this form
    """

    country: str
    output: Number | None
    sold: float
    sold_mass: float
    sent: float
    maker: bool
    controls: tuple[ControlInForce, ...]

    @property
    def price(self) -> float:
        """Return its value by tonnes of content, USD/t; nan without tonnes."""
        return 1000.0 * self.sold / self.sold_mass if self.sold_mass > 0 else float("nan")

    @property
    def own_part(self) -> float:
        """Return the most of what it sells that it can have made itself: min(1, output / sold), 1 where none is listed.

        The rest is passed on: a further buyer of it draws on the makers behind.
        """
        if self.output is None or self.output.value is None or not self.sold_mass > 0:
            return 1.0
        return min(1.0, self.output.value / self.sold_mass)

    @property
    def own_mass(self) -> float:
        """Return the tonnes of its own make that it sells to others than the focus."""
        return self.own_part * self.sold_mass

    @property
    def own_value(self) -> float:
        """Return the value of its own make that it sells to others than the focus, kUSD."""
        return self.own_part * self.sold


@dataclass(frozen=True, slots=True)
class SupplyGap:
    """What one supplier sends of a form, and who else sells it.

    value, mass  kUSD and t of content, nan where no tonnes are recorded      part  of the focus's imports
    sellers      those that can be asked: makers first, by what they sell of their own make
    """

    key: Key
    country: str
    value: float
    mass: float
    part: float
    sellers: tuple[Seller, ...]
    sources: tuple[str, ...]

    @property
    def price(self) -> float:
        """Return the value by tonnes of what the supplier sends, USD/t."""
        return 1000.0 * self.value / self.mass if self.mass > 0 else float("nan")

    def filled(self, case: Case) -> tuple[float, float, float]:
        """Return the part of the gap that free makers could fill within a year, low, best, high, at most 1.

        f = min(1, a · Σ_c own[c] / gap), own what a maker sells of its own make, a the part of it that a further buyer
        draws (diverted_part); by tonnes where they are recorded, else by value. Makers with a control that can stop a
        shipment are left out, and so is what anybody passes on, whose makers are asked themselves.
        """
        free = [seller for seller in self.sellers if seller.maker and not seller.controls]
        by_mass = self.mass > 0
        offered = sum(seller.own_mass if by_mass else seller.own_value for seller in free)
        wanted = self.mass if by_mass else self.value
        drawn = assumed_range("diverted_part", case)
        low, best, high = (min(1.0, part * offered / wanted) for part in (drawn.low, drawn.best, drawn.high))
        return low, best, high


def supply_gap(case: Case, country: str, key: Key, output: Mapping[str, Number], makers: Collection[str]) -> SupplyGap:
    """Return what a supplier sends a Case's one focus of a form in its last year, and who else sells it to whom.

    output  country -> what it makes of the form, t      makers  countries known to make any; empty = nothing is known
    """
    value, value_to = _by_exporter(case, "trade_value", key)
    mass, mass_to = _by_exporter(case, "trade", key)
    member = case.array("membership", "focus", "country", "year")[0, :, -1] > 0
    inside = {iso for iso, mine in zip(case.axis("country").codes, member, strict=True) if mine}
    year, whole = int(case.axis("year").codes[-1]), sum(value_to.values())
    force = [c for c in controls(inside, known_to()) if c.state == "in-force" and c.stops]
    reaching = [c for c in force if c.acts_on(key)]
    sellers = [
        Seller(
            iso,
            output.get(iso),
            sold,
            mass.get(iso, 0.0),
            value_to.get(iso, 0.0) / whole if whole else 0.0,
            iso in makers if makers else True,
            tuple(c for c in reaching if iso in acting(c, year)),
        )
        for iso, sold in value.items()
        if iso != country and iso not in inside
    ]
    sellers.sort(key=lambda row: (not row.maker, bool(row.controls), -row.own_value))
    sources = case.cube("trade_value").sources
    sent, tonnes = value_to.get(country, 0.0), mass_to.get(country, float("nan"))
    return SupplyGap(key, country, sent, tonnes, sent / whole if whole else float("nan"), tuple(sellers), sources)


def upstream(key: Key, country: str) -> tuple[str, float] | None:
    """Return the stage before a form of which a country makes most, and its share of world output; None below half."""
    before = [stage for stage in reference.STAGES[: reference.STAGES.index(key[1])]]
    held = {
        row.stage: row.share.best
        for row in sorted(stage_shares(), key=lambda row: row.year)
        if row.material == key[0] and row.place == country and row.stage in before
    }
    stage = max(held, key=lambda name: held[name], default=None)
    return (stage, held[stage]) if stage is not None and held[stage] > HALF else None


def _by_exporter(case: Case, name: str, key: Key) -> tuple[dict[str, float], dict[str, float]]:
    """Return exporter -> what it sends to all but the focus, and to the focus, of one form in the last year."""
    others: dict[str, float] = {}
    focus: dict[str, float] = {}
    if name not in case.cubes:
        return others, focus
    cube = case.cube(name)
    assert cube.at is not None
    inside = case.array("membership", "focus", "country", "year")[0, :, -1] > 0
    material, stage, exporter, importer, year = cube.at
    axes = [axis.codes for axis in cube.axes]
    mine = (material == axes[0].index(key[0])) & (stage == axes[1].index(key[1])) & (year == len(axes[4]) - 1)
    for e in np.nonzero(mine & ~np.isnan(cube.values))[0]:
        table = focus if inside[importer[e]] else others
        iso = axes[2][exporter[e]]
        table[iso] = table.get(iso, 0.0) + float(cube.values[e])
    return others, focus
