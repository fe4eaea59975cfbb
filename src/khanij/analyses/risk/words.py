"""A risk in words: what is priced costs, what is not priced, how rare the worst is, and the worst single stops."""

from __future__ import annotations

from collections.abc import Collection
from math import isfinite

from khanij.analyses.loss_cells import KUSD, TRIFLING
from khanij.analyses.risk.numbers import RankedStop, RiskNumbers, StopNumbers
from khanij.present import names, text
from khanij.present.names import in_sentence
from khanij.reference.names import country_name
from khanij.simulate.loss.coverage import is_lower_bound
from khanij.simulate.risk.sensitivity import TAIL

SURE = 5  # goods told with how often they are among the five dearest
NAMED, FIRST = 6, 3  # goods not priced that the first sentence names; minerals of the second
RARE = 100.0  # years: the return period that is told


def risk(found: RiskNumbers) -> list[str]:
    """Return the answer in one sentence, then who makes it, its tail, the worst single stops, and what is left out."""
    said = [_answer(found), _most(found), _tail(found), _lasting(found)]
    said += [_worst(found.single), _order(found.single), _missing(found.base.missing)]
    return [sentence for sentence in said if sentence]


def _answer(found: RiskNumbers) -> str:
    """Return what is priced costs on average, with its sampling error, and what is not priced."""
    years, focus = found.years, country_name(found.base.focus)
    counted = text.count(len(found.base.materials), "mineral")
    over = f"Over {years.years:,} simulated years"
    if not isfinite(years.expected):
        return f"{over} no loss to {focus} is known: no year was solved."
    if not years.expected and not years.error:
        return f"In none of {years.years:,} simulated years {focus} loses anything: too few to tell what it would cost."
    verb = "costs" if years.expected >= 0 else "brings"
    doubt = _range(found, "expected loss") or _error(years.error)
    amount = f"{text.dollars(abs(years.expected) / KUSD)} a year on average ({doubt})"
    if not found.unknown:
        return (
            f"{over} disruption of {counted} {verb} {focus} {amount}{_gain(found)}; every good that it uses is priced."
        )
    listed = [channel for channels in found.unknown.values() for channel in channels]
    bound = _at_least(found) if years.expected >= 0 else ""
    goods = text.joined(
        (f"{names.mineral(g.material).lower()} ({names.form(g.material, g.stage)})" for g in found.unpriced), NAMED
    )
    whole = "not the whole loss" if bound else "a part of the loss and no bound of it"
    open_goods = text.count(len(found.unpriced), "good")
    return (
        f"{over} what is priced of disruption {verb} {focus} {bound}{amount}{_gain(found)}: {whole}, for"
        f" {len(found.priced)} of {counted} are priced in full and {open_goods} not: {goods}"
        f" ({names.countries('; '.join(dict.fromkeys(channel.reason for channel in listed)))})."
    )


def _range(found: RiskNumbers, figure: str, level: float = 0.0) -> str:
    """Return the band of a figure; nothing where there is none."""
    low, high = found.span(figure, level)
    return (
        "" if low is None or high is None else f"{text.dollars(low / KUSD)} to {text.dollars(high / KUSD)}, 80 % range"
    )


def _error(error: float) -> str:
    """Return a sampling error, or that there is none to tell."""
    return f"sampling error {text.dollars(error / KUSD)}" if isfinite(error) else "too few years for a sampling error"


def _at_least(found: RiskNumbers) -> str:
    """Return "at least " where what is known of a loss is a lower bound of it."""
    listed = [channel for channels in found.unknown.values() for channel in channels]
    return "at least " if listed and is_lower_bound(listed) else ""


def _gain(found: RiskNumbers) -> str:
    """Return why a balance is no loss."""
    return "" if found.years.expected >= 0 else ", for its makers gain more than its users lose"


def _most(found: RiskNumbers) -> str:
    """Return which minerals make most of what is priced; one that lacks a channel where its loss has a lower bound."""
    parts = [part for part in found.materials if part.expected > 0]
    parts = [p for p in parts if p.label[0] not in found.unknown or is_lower_bound(found.unknown[p.label[0]])]
    top = sorted(parts, key=lambda part: -part.expected)[:FIRST]
    if not top:
        return ""
    listed = text.joined(
        f"{names.mineral(p.label[0]).lower()} ({'at least ' if p.label[0] in found.unknown else ''}"
        f"{text.dollars(p.expected / KUSD)})"
        for p in top
    )
    return f"Most of what is priced comes from {listed}."


def _tail(found: RiskNumbers) -> str:
    """Return the loss that is exceeded once in a hundred years, and CVaR."""
    rare = next((level for level in found.curve if level.period == RARE), None)
    tail = next((tail for tail in found.years.tails if tail.level == TAIL), None)
    least = _at_least(found)
    said = []
    if rare is not None:
        told = _range(found, "VaR", 1.0 - 1.0 / RARE)
        said.append(
            f"{least}{text.dollars(rare.loss / KUSD)}{told and f' ({told})'} is exceeded once in {RARE:g} years"
        )
    if tail is not None:
        amount = f"{least}{text.dollars(tail.cvar / KUSD)} ({_range(found, 'CVaR', TAIL) or _error(tail.error)})"
        said.append(f"the worst {100 * (1 - TAIL):.2g} % of years cost {amount} on average (CVaR)")
    return text.capital(f"{'; '.join(said)}.") if said else ""


def _lasting(found: RiskNumbers) -> str:
    """Return what the events of a year cost after their first twelve months."""
    more = sum(season.expected for season in found.seasons[1:])
    if more < TRIFLING:
        return ""
    amount, after = text.dollars(more / KUSD), text.count(len(found.seasons) - 1, "year")
    return f"What strikes in a year and lasts costs {_at_least(found)}{amount} more in the {after} after."


def stops(found: StopNumbers) -> list[str]:
    """Return the dearest stop of one seller and good, the worst by shortage and by loss, and how sure the order is.

    Of what is priced in part alone, and may be a gain in all, none is the dearest.
    """
    bounds = [row for row in found.stops if row.stop.solved and (not (u := row.stop.unknown) or is_lower_bound(u))]
    known = [row for row in bounds if row.stop.loss >= TRIFLING]
    if not known:
        none = f"No stop of one seller and one good is known to cost {country_name(found.focus)} anything."
        return [none, *filter(None, (_missing(found.missing),))]
    first = max(known, key=lambda row: row.stop.loss)
    count, place = text.count(len(found.stops), "stop"), in_sentence(found.focus)
    said = f"Of {count} of one seller and one good for a year, dearest to {place} is {_whose(first)}: {_loss(first)}."
    return [sentence for sentence in (said, _worst(found), _order(found), _missing(found.missing)) if sentence]


def _worst(found: StopNumbers) -> str:
    """Return the worst stop of one seller by shortage, and the worst by loss."""
    short = next((row for row in found.stops if row.by_shortage == 1), None)
    dear = next((row for row in found.stops if row.by_loss == 1), None)
    said = []
    if short is not None:
        part = text.percent(short.stop.shortage)
        tonnes = text.tonnes(short.stop.shortage * short.stop.use)
        said.append(f"by shortage the worst is {_whose(short)}: {part} of use, {tonnes}; its loss: {_loss(short)}")
    if dear is not None and dear is not short and dear.stop.loss >= TRIFLING:
        said.append(f"by loss, of those priced in full, {_whose(dear)}: {_loss(dear)}")
    return f"If one seller stops one good for a year (N-1), {'; '.join(said)}." if said else ""


def _order(found: StopNumbers) -> str:
    """Return which goods are among the five dearest in most draws."""
    likely = sorted(found.ranking, key=lambda good: (-good.first, good.place))
    told = [
        f"{names.mineral(good.material).lower()} ({names.form(good.material, good.stage)}), {text.percent(good.first)}"
        for good in likely[:SURE]
        if good.first > 0
    ]
    return (
        f"Among the five dearest stops of a largest seller, in so many of the draws: {'; '.join(told)}." if told else ""
    )


def _whose(row: RankedStop) -> str:
    """Return whose stop of which good it is."""
    stop = row.stop
    good = f"{names.mineral(stop.material).lower()} ({names.form(stop.material, stop.stage)})"
    return f"{country_name(stop.country)}'s stop of {good}"


def _loss(row: RankedStop) -> str:
    """Return the loss of a stop with its range, or what is priced of it."""
    stop = row.stop
    told = text.dollars(stop.loss / KUSD)
    if stop.low < stop.high:
        told += f" ({text.dollars(stop.low / KUSD)} to {text.dollars(stop.high / KUSD)})"
    if stop.unknown:
        told += ", and more that has no price" if is_lower_bound(stop.unknown) else ", as far as it is priced"
    return told


def _missing(reasons: Collection[str]) -> str:
    """Return which minerals are not counted at all."""
    if not reasons:
        return ""
    listed = text.joined((names.mineral(material).lower() for material in sorted(reasons)), NAMED)
    return f"Not in it at all: {listed}; the table missing says why."
