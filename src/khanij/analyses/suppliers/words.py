"""A supplier through the years, two countries side by side, and who could fill a gap, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from khanij.analyses.exposure.exposures import HALF, CountryExposure
from khanij.analyses.exposure.tables import told as controls_told
from khanij.analyses.profile.forms import form, label
from khanij.core.number import Key
from khanij.methods.trade.partner_parts import PartnerSeries
from khanij.present import text
from khanij.reference.names import country_name
from khanij.simulate.supply.gaps import Seller, SupplyGap

NAMED = 3  # forms or countries named in a sentence
MOVED = 0.1  # change of a part from which a form is told to have moved
WEIGHTY = 1000.0  # kUSD, bill in the last year from which a form is named


def supplier(rows: Sequence[PartnerSeries], years: Sequence[int], focus: str, partner: str) -> list[str]:
    """Return the part of the bill then and now, of what the supplier sends over half, and which forms moved most."""
    whole = [np.nansum([row.whole[k] for row in rows]) for k in range(len(years))]
    own = [np.nansum([row.own[k] for row in rows]) for k in range(len(years))]
    held = [k for k, value in enumerate(whole) if value > 0]
    first, last = held[0], held[-1]
    of, who = country_name(focus), country_name(partner)
    if not any(own):
        span = f"{years[0]} to {years[-1]}" if len(years) > 1 else f"{years[0]}"
        return [
            f"Customs record nothing of {who} in what {of} spent on listed minerals and goods of them, {span} "
            f"({text.dollars(whole[last])} in {years[last]}), which is no measured zero."
        ]
    said = [
        f"{who} sent {text.percent(own[last] / whole[last])} of what {of} spent on listed minerals and goods of them"
        f" in {years[last]} ({text.dollars(own[last])} of {text.dollars(whole[last])})"
        + (f", {text.percent(own[first] / whole[first])} in {years[first]}." if first != last else ".")
    ]
    heavy = [row for row in rows if row.whole[last] >= WEIGHTY]
    over = [f"{text.small(label(row.key))} ({text.percent(row.part[last])})" for row in heavy if row.part[last] > HALF]
    if over:
        said.append(f"Over half now: {text.joined(over, 5)}.")
    moved = sorted((change for row in heavy if (change := _moved(row, years))), key=lambda one: -abs(one[0]))
    for verb, way in (("Rose", 1), ("Fell", -1)):
        named = [told for change, told in moved if change * way > 0]
        if named:
            said.append(f"{verb} most: {text.joined(named, NAMED)}.")
    return said


def _moved(row: PartnerSeries, years: Sequence[int]) -> tuple[float, str] | None:
    """Return how far a part moved and what is said of it: by tonnes where two years have them, else by value."""
    for part, of in ((row.mass_part, " of tonnes"), (row.part, "")):
        known = np.nonzero(~np.isnan(part))[0]
        if len(known) > 1:
            first, last = int(known[0]), int(known[-1])
            change = float(part[last] - part[first])
            told = f"{text.small(label(row.key))} from {text.percent(part[first])} in {years[first]}"
            told += f" to {text.percent(part[last])}{of}"
            return (change, told) if abs(change) >= MOVED else None
    return None


def versus(
    sides: tuple[Mapping[Key, CountryExposure], Mapping[Key, CountryExposure]], names: tuple[str, str], year: int
) -> list[str]:
    """Return how many forms each has over half from one country, what both have from the same, where they part."""
    said = []
    over = [[row for row in side.values() if row.sure > HALF] for side in sides]
    counts = [f"{name} {len(rows)} of {len(side)}" for name, rows, side in zip(names, over, sides, strict=True)]
    said.append(f"Forms of which over half is surely one country's, {year}: {text.joined(counts)}.")
    shared = [key for key in sides[0] if key in sides[1]]
    both = [
        key
        for key in shared
        if sides[0][key].country == sides[1][key].country and all(s[key].sure > HALF for s in sides)
    ]
    if both:
        told = text.joined((f"{text.small(label(key))} ({country_name(sides[0][key].country)})" for key in both), 5)
        said.append(f"Both have over half of it from the same country, so that a stop hits both at once: {told}.")
    apart = sorted(shared, key=lambda key: -abs(sides[0][key].sure - sides[1][key].sure))[:NAMED]
    if apart:
        told = "; ".join(
            f"{text.small(label(key))}: {_side(sides[0][key], names[0])}, {_side(sides[1][key], names[1])}"
            for key in apart
        )
        said.append(f"They part most at {told}.")
    alone = [sum(key not in sides[1 - k] for key in sides[k]) for k in (0, 1)]
    if any(alone):
        said.append(f"Only on one side's list or in its records: {names[0]} {alone[0]} forms, {names[1]} {alone[1]}.")
    return said


def _side(row: CountryExposure, name: str) -> str:
    """Return what one country hangs on."""
    return f"{name} {text.percent(row.held.value)} from {country_name(row.country)}"


def replace(
    gap: SupplyGap,
    focus: str,
    filled: tuple[float, float, float],
    drawn: float,
    upstream: tuple[str, float] | None = None,
) -> list[str]:
    """Return what would be missing, who sells it else, and what of the gap could be filled within a year."""
    of, who, what = country_name(focus), country_name(gap.country), text.small(label(gap.key))
    mass = f", {text.tonnes(gap.mass)} of content" if gap.mass > 0 else ", tonnes not recorded"
    said = [f"{who} sends {text.percent(gap.part)} of {of}'s imports of {what} ({text.dollars(gap.value)}{mass})."]
    free = [seller for seller in gap.sellers if seller.maker and not seller.controls and seller.own_value > 0]
    low, best, high = filled
    band = f" ({text.percent(low)} to {text.percent(high)})" if low != high else ""
    said.append(
        f"Other makers that no control can stop could fill {text.percent(best)}{band} of it within a year, if a further"
        f" buyer draws {text.percent(drawn)} of what each makes and sells elsewhere."
    )
    if upstream is not None:
        stage, part = upstream
        said.append(
            f"That holds only while {who} goes on selling what others make it of: it makes {text.percent(part)} of the"
            f" world's {form((gap.key[0], stage))}."
        )
    if free:
        said.append(f"First to ask: {text.joined(_asked(gap, seller) for seller in free[:NAMED])}.")
    else:
        said.append("No other maker is on record that nothing stops.")
    stopped = [seller for seller in gap.sellers if seller.controls][:NAMED]
    if stopped:
        told = text.joined(f"{country_name(s.country)} ({controls_told(s.controls)})" for s in stopped)
        said.append(f"Can stop a shipment themselves: {told}.")
    return said


def _asked(gap: SupplyGap, seller: Seller) -> str:
    """Return a seller with what the gap is of its sales, and its price by that of who stops."""
    by_mass = gap.mass > 0 and seller.own_mass > 0
    part = gap.mass / seller.own_mass if by_mass else gap.value / seller.own_value
    price = f", at {seller.price / gap.price:.1f} times the price" if by_mass and gap.price > 0 else ""
    return f"{country_name(seller.country)} (the gap is {text.percent(part)} of its own make sold elsewhere{price})"
