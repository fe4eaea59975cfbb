"""A shock in words: the answer first, with what of it is priced and what is not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from khanij.analyses import loss_cells
from khanij.analyses.loss_cells import KUSD, TRIFLING
from khanij.analyses.shock.disruptions import Disrupted
from khanij.analyses.shock.effects import TRIFLE, AbsentGood, GoodEffect, ShockEffects
from khanij.core.range import Range
from khanij.present import names, text
from khanij.reference.assumptions import assumed
from khanij.reference.industry.product_output import products
from khanij.reference.names import country_name
from khanij.simulate.loss.coverage import PAID, USERS, is_lower_bound
from khanij.simulate.supply.disruption import YEAR, Disruption
from khanij.simulate.supply.timeline import EventTimeline

BEYOND = (
    f"what clears the market lies above {assumed('choke_price'):g} times, the dearest on record, so that the"
    " shortage is certain and the price is not"
)
NAMED = 3  # goods of the first sentence
STANDING, PIECES = 4, 6  # products named
SERIES = 100.0  # pieces not made from which a product is one of a series
HALF = 0.5  # part of the world's output from which who makes it has most of a good
FEW = 0.05  # part of use not met from which users run short


def answer(found: ShockEffects, asked: Disrupted) -> list[str]:
    """Return the answer in one sentence, then price and origin of the goods, and what no chain holds."""
    focus = country_name(found.result.focus)
    said = [f"{opening(asked, found.result.year)}, {focus} {_without(found)}{_standing(found)}; {_cost(found)}."]
    said += _made(found)
    for good in _short(found)[:1]:
        part = text.capital(text.percent(good.share))
        paid = f"{part} of the {_name(good)} that {focus} uses come from there; users would pay {_times(good.price)}"
        said.append(f"{paid} the base price{f': {BEYOND}' if good.beyond else ''}.")
    if found.absent:
        listed = text.joined(_unseen(found, good) for good in found.absent)
        said.append(f"Not in it, since their trade is not known in tonnes: {listed}.")
    return said


def _unseen(found: ShockEffects, good: AbsentGood) -> str:
    """Return a good whose trade is not known, and how much of it those who cut it make."""
    told = names.form(good.material, good.stage)
    cutting = sorted({d.country for d in found.result.disruptions if d.affects(good.material, good.stage)})
    if good.made > 0 and len(cutting) == 1:
        told += f", of which {country_name(cutting[0])} makes {text.percent(good.made)} of the world's"
    return f"{names.mineral(good.material).lower()} ({told})"


def opening(asked: Disrupted, base: int) -> str:
    """Return the clause of what is disrupted that the answer begins with. base: the year whose trade is disrupted."""
    if asked.event is not None:
        return f"In a year such as {asked.year} of the event {asked.event.name!r}, on the trade of {base}"
    return f"If {text.joined(map(disrupted, asked.disruptions))}"


def disrupted(d: Disruption) -> str:
    """Return one disruption as a clause."""
    what = text.joined(names.mineral(material).lower() for material in d.materials)
    stage = f" ({', '.join(d.stages)})" if d.stages else ""
    to = f" to {text.joined(map(country_name, d.destinations), 3)}" if d.destinations else ""
    span = "a year" if d.months == YEAR else f"{d.months:g} months"
    if d.acts == "tariff":
        return (
            f"{country_name(d.country)}'s exports of {what}{stage}{to} bore a duty of {text.percent(d.cut)} for {span}"
        )
    flow = f"{country_name(d.country)}'s {d.acts} of {what}{stage}{to}"
    return f"{flow} stopped for {span}" if d.cut == 1 else f"{flow} fell by {text.percent(d.cut)} for {span}"


def _short(found: ShockEffects) -> list[GoodEffect]:
    """Return the goods that the focus goes without, the largest part of use first."""
    short = [good for good in found.goods if good.shortage.is_known and good.shortage.best > TRIFLE]
    return sorted(short, key=lambda good: -good.shortage.best)


def _without(found: ShockEffects) -> str:
    """Return what the focus goes without."""
    if not found.cleared:
        return "has no value to tell, for the market has not cleared"
    short = _short(found)
    if not short:
        return "goes without nothing that it is on record to use" if found.goods else "has no use of it on record"
    told = [
        f"{text.tonnes(good.shortage.best * good.tonnes)} ({_part(good.shortage)}) of its {_name(good)}"
        for good in short[:NAMED]
    ]
    return f"would go without {text.joined(told)}"


def _standing(found: ShockEffects) -> str:
    """Return who would run short, and when the first do; "" where nobody who is known does."""
    if not (found.cleared and found.products):
        return ""
    ranked = sorted((one for one in found.products if one.after.is_known), key=lambda one: -one.loss.best)
    listed = list({products()[one.product].short: one for one in reversed(ranked)}.values())[::-1][:STANDING]
    if not listed:
        return ""
    first = min(one.after.best for one in listed)
    when = "from the start" if first < 0.05 else f"from month {text.digits(np.ceil(first), 2)} on"
    return f", and makers of {text.joined(products()[one.product].short for one in listed)} would run short {when}"


def _made(found: ShockEffects) -> list[str]:
    """Return how many pieces of the products that are counted would not be made."""
    pieces = [one for one in found.products if one.unit == "1" and one.units is not None and found.cleared]
    counted = [one for one in pieces if one.units is not None and one.units.best >= SERIES]
    told = [
        f"{text.digits(one.units.best, 2)} {products()[one.product].short} ({_span(one.units)})"
        for one in sorted(counted, key=lambda one: -one.loss.best)[:PIECES]
        if one.units is not None
    ]
    return [f"Not made, less what is made up later: {'; '.join(told)}."] if told else []


def _span(value: Range) -> str:
    """Return "15,000 to 55,000"."""
    return f"{text.digits(value.low, 2)} to {text.digits(value.high, 2)}" if np.isfinite(value.low) else "no range"


def _name(good: GoodEffect) -> str:
    """Return "graphite, natural" in small letters."""
    return f"{names.mineral(good.material).lower()} ({names.form(good.material, good.stage)})"


def _part(value: Range) -> str:
    """Return "46 %, 15 to 56 %" of a share with its range."""
    best, low, high = text.percent(value.best), text.percent(value.low), text.percent(value.high)
    return f"{best}, {low} to {high}" if np.isfinite(value.low) and low != high else best


def _times(value: Range) -> str:
    """Return "1.6 (1.6 to 5.5) times"."""
    best, low, high = (text.digits(end, 2) for end in (value.best, value.low, value.high))
    return f"{best} ({low} to {high}) times" if np.isfinite(value.low) and low != high else f"{best} times"


def _cost(found: ShockEffects) -> str:
    """Return what that costs, or what of it is priced and why no more."""
    if not found.cleared:
        return "so that no loss is known"
    unknown = {total.material: total.unknown for total in found.totals if total.unknown}
    known = [total.loss for total in found.totals if total.loss.is_known]
    amount = _amount(known)
    best = sum(loss.best for loss in known)
    seen = "in what trade shows, " if any(good.matters for good in found.absent) else ""
    if any(good.made > HALF for good in found.absent):
        unseen = "what it costs in all is not known, for most of what is cut is in no record of trade"
        if not unknown and best <= -TRIFLING:  # a gain in a part that is seen is none in all
            return f"{unseen}; in what is, its own sellers gain {amount} more than its users lose"
        seen = f"{unseen}; in what is, "
    if not unknown and abs(best) < TRIFLING:
        return f"{seen}no loss or gain to speak of follows"
    if not unknown:
        return f"{seen}that {'costs' if best >= 0 else 'brings'} {amount} of gross domestic product"
    listed = [channel for channels in unknown.values() for channel in channels]
    if known and not any(channel.channel in (*USERS, PAID) for channel in listed):
        who = f"what own sellers gain or lose ({_reasons(unknown)})"
        return f"{seen}that {'costs' if best >= 0 else 'brings'} {amount} of gross domestic product, without {who}"
    missing = f"what it costs in all is not known ({_reasons(unknown)})"
    if not known:
        return missing
    users_known = any(loss.loss.is_known and loss.loss.best > 0 for loss in found.losses if loss.channel == USERS[0])
    counted = "what users pay more" + (", less what own makers gain" if _gains(found) else "")
    counted = "a part" if users_known else counted
    if is_lower_bound(listed):
        lost = "" if users_known else ", and not the output that users lose"
        return f"{missing}: priced is only {counted}, at least {amount}{lost}"
    balance = "a loss" if best >= 0 else "a gain"
    lost = "not all gains" if users_known else "neither the output that users lose nor all gains"
    return f"{missing}: priced is only {counted}, {balance} of {amount}, {lost}"


def _amount(known: Sequence[Range]) -> str:
    """Return the sum of losses, without its sign, with its range where it is that of one material."""
    best = sum(loss.best for loss in known)
    told = text.dollars(abs(best) / KUSD)
    if len(known) != 1 or not np.isfinite(known[0].low):
        return told
    ends = [known[0].low, known[0].high] if best >= 0 else [-known[0].high, -known[0].low]
    return f"{told} ({text.dollars(ends[0] / KUSD)} to {text.dollars(ends[1] / KUSD)})"


def _gains(found: ShockEffects) -> bool:
    """Return whether own makers gain anything that is priced."""
    return any(loss.loss.is_known and loss.loss.best < 0 for loss in found.losses)


def _reasons(unknown: loss_cells.Unknown) -> str:
    """Return why goods are not priced, each reason once."""
    several, parts = len(unknown) > 1, []
    for reason, listed in loss_cells.goods(unknown).items():
        forms = [(f"{names.mineral(m).lower()} as " if several else "") + names.form(m, s) for m, s in listed]
        parts.append(f"{', '.join(forms)}: {reason}")
    return "; ".join(parts)


def event(told: EventTimeline, focus: str, year: int) -> str:
    """Return what a documented event did to the focus month by month."""
    short = next((m for m, part in zip(told.month, told.lasted[1], strict=True) if part > FEW), None)
    good = f"{names.mineral(told.network.material).lower()}, {names.form(told.network.material, told.stage)}"
    worst = text.percent(float(told.lasted[1].max()))
    ran = f"would have run short in month {short} had that lasted, then of {worst} of their use"
    ran = ran if short else "would not have run short within the year had that lasted"
    went = text.percent(float(told.went[1].max()))
    return (
        f"{told.event.name}, from {told.event.start:%d %B %Y}: {country_name(told.event.country)} makes"
        f" {text.percent(told.share)} of what {country_name(focus)} uses ({good}, {text.tonnes(told.use)} in {year})."
        f" The flow documented fell to {text.percent(float(told.flow.min()))} of the usual; at usual stocks users"
        f" {ran}; as it went, they went without at most {went} in a month."
    )


def refused(sellers: Sequence[tuple[str, str]], year: int) -> str:
    """Return that sellers sell none of a material abroad in a base year."""
    listed = text.joined(
        f"{country_name(country)} of {names.mineral(material).lower()}" for country, material in sellers
    )
    return f"no sales abroad in {year} by {listed}, once re-exports are traced to their makers"
