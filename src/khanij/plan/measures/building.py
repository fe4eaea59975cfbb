"""What a plant takes besides its bill: years, public money, the chance that it stands, what can be begun in a year.

All of it from the record of plants that were begun (reference.decisions.build_rates) and the assumptions; a figure is a
range from the lower to the upper quartile of the record. A kind with fewer rows than `build_rows` takes those of all.

public share   p = public money / capital;  a gift of it: grants and price support whole, loans and equity in part
viability gap  g = gift / capital: what sales do not pay back; they pay 1 - g of it back at the investor's rate
chance         (stood + prior · pooled) / (ended + prior): of those that came to an end, the part that runs
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from math import isfinite

import numpy as np

from khanij.core.case import Case
from khanij.core.range import Range
from khanij.reference.assumptions import assumed, assumed_range
from khanij.reference.decisions.build_rates import BuildRate, build_rates, built_like, support_schemes, with_years
from khanij.reference.measures import CatalogueMeasure

ALL = Range(1.0, 1.0, 1.0)
NONE = Range(0.0, 0.0, 0.0)
PURCHASE = "public purchase"
GIFTS = {"loan": "loan_gift", "equity": "equity_gift"}  # instruments of which a part comes back


@dataclass(frozen=True, slots=True)
class Support:
    """What public money pays of a measure, as parts of its cost.

    instrument  by which it is given        outlay  what budgets are charged with
    lost        what does not come back, by sales or resale: the viability gap of a plant
    back        what comes back at the end of the years that count
    """

    instrument: str = PURCHASE
    outlay: Range = ALL
    lost: Range = ALL
    back: Range = NONE
    source: str = ""
    confidence: str = "low"
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Building:
    """How a measure comes to stand, and what it burdens.

    support  of public money         chance  that it stands and runs once it is begun
    pace     parts of its size that can be begun in a year, inf if nothing limits it
    carbon, water   social cost a year of the whole, USD; nan where its emissions or its water are not known
    """

    support: Support = field(default_factory=Support)
    chance: Range = ALL
    pace: float = float("inf")
    carbon: Range = NONE
    water: Range = NONE
    assumed: tuple[str, ...] = ()


def build_years(entry: CatalogueMeasure, case: Case) -> Range | None:
    """Return years from decision to first product of its kind, None where too few of it are on record."""
    rows = [row.years_to_build for row in built_like(entry.id) if isfinite(row.years_to_build)]
    return _quartiles(rows) if len(rows) >= assumed("build_rows", case) else None


def built_chance(entry: CatalogueMeasure, case: Case) -> Range:
    """Return the chance that a plant of its kind stands and runs; the ends lean wholly on its kind, or on all."""
    pooled = _stood(build_rates())
    rows = [row for row in built_like(entry.id) if row.ended is not None]
    stood = sum(not row.ended for row in rows)
    prior = assumed("build_prior", case)
    best = (stood + prior * pooled) / (len(rows) + prior)
    ends = (best, pooled, stood / len(rows) if rows else pooled)
    return Range(min(ends), best, max(ends))


def support_of_plant(entry: CatalogueMeasure, focus: str, case: Case) -> Support:
    """Return what public money pays of a plant: by the country's own scheme, else by what plants of its kind got."""
    own = support_schemes().get((focus, entry.id))
    if own is not None:
        share = Range(own.low, own.best, own.high)
        said = f"public money {own.best:.0%} of capital ({own.low:.0%} to {own.high:.0%}): {own.scheme}"
        words = " and ".join(own.instruments)
        return Support(words, share, share, NONE, own.source, own.confidence, (said,))
    rows = [row for row in built_like(entry.id) if isfinite(row.public_share)]
    few = len(rows) < assumed("build_rows", case)
    listed = [row for row in build_rates() if isfinite(row.public_share)] if few else rows
    gifts = [row.public_share * _gift(row, case) for row in listed]
    share = _quartiles(gifts)
    whose = "plants of all kinds" if few else "its kind"
    said = (
        f"viability gap {share.best:.0%} of capital ({share.low:.0%} to {share.high:.0%}): gifts to {len(gifts)} of "
        f"{whose} on record; sales pay the rest back"
    )
    return Support("capital grant", share, share, NONE, listed[0].source, "low", (said,))


def support_of_stake(case: Case) -> Support:
    """Return what public money pays of a stake abroad: all of its price, of which most comes back."""
    lost = assumed_range("stake_loss", case)
    said = f"{lost.best:.0%} of the price ({lost.low:.0%} to {lost.high:.0%}) never comes back"
    return Support("equity", ALL, lost, NONE, lost.source, "low", (said,))


def support_of_stock(case: Case) -> Support:
    """Return what public money pays of a stock: all, and what selling it at the end brings."""
    back = assumed_range("stock_resale", case)
    return Support(PURCHASE, ALL, ALL, back, back.source, "low", (f"sold at the end for {back.best:.0%} of its price",))


def burdens(entry: CatalogueMeasure, tonnes: float, case: Case) -> tuple[Range, Range]:
    """Return the social cost of carbon and of water of so many tonnes a year, USD a year; nan where not known."""
    return (
        _burden(entry, "carbon", tonnes, assumed_range("social_carbon", case)),
        _burden(entry, "water", tonnes, assumed_range("social_water", case)),
    )


def pace(entry: CatalogueMeasure, size: float, lump: float, case: Case) -> tuple[float, str]:
    """Return which part of a measure can be begun in a year, and why; inf and "" where no size is on record."""
    rows = [row.tonnes for row in built_like(entry.id) if isfinite(row.tonnes)]
    if not rows or size <= 0:
        return float("inf"), ""
    typical, many = float(np.median(rows)), assumed("builds_a_year", case)
    part = max(many * typical / size, lump)
    if part >= 1.0:
        return float("inf"), ""
    return part, f"at most {many:g} plants of {typical:,.0f} t begun a year, the median of {len(rows)} on record"


@cache
def _stood(rows: tuple[BuildRate, ...]) -> float:
    """Return the part of plants that came to an end which run."""
    ended = [row.ended for row in rows if row.ended is not None]
    return sum(not one for one in ended) / len(ended)


def _gift(row: BuildRate, case: Case) -> float:
    """Return the part of a plant's public money that is a gift; the mean where it came by several instruments."""
    parts = [assumed(GIFTS[name], case) if name in GIFTS else 1.0 for name in row.instruments]
    return sum(parts) / len(parts) if parts else 1.0


def _burden(entry: CatalogueMeasure, name: str, tonnes: float, price: Range) -> Range:
    """Return a burden a year in money."""
    figure = entry.figures.get(name)
    if figure is None:
        return Range(float("nan"), float("nan"), float("nan"))
    best = figure.best if isfinite(figure.best) else (figure.low + figure.high) / 2
    low, high = (end if isfinite(end) else best for end in (figure.low, figure.high))
    return Range(low * price.low * tonnes, best * price.best * tonnes, high * price.high * tonnes)


def _quartiles(values: Iterable[float]) -> Range:
    """Return lower quartile, median and upper quartile."""
    low, best, high = (float(value) for value in np.quantile(list(values), (0.25, 0.5, 0.75)))
    return Range(low, best, high)


def years_of_all() -> Range:
    """Return years from decision to first product over plants of all kinds."""
    return _quartiles(row.years_to_build for row in with_years())
