"""What is to be said of a reserve: how much, for what money, what so many days give, and when it is released."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.analyses.measures.numbers import Numbers
from khanij.analyses.stockpile.request import StockpileRequest
from khanij.plan.reserves.reserve import GoodReserve
from khanij.plan.reserves.shortfall import JointReserve
from khanij.present import names, text
from khanij.present.document import Sentence
from khanij.reference.decisions.stockpile_record import StockpileCase
from khanij.reference.names import country_name

MOST = 3  # goods named


def findings(
    request: StockpileRequest,
    found: Sequence[GoodReserve],
    joint: Sequence[tuple[JointReserve, float]],
    level: float,
    numbers: Numbers,
    record: Sequence[StockpileCase],
) -> tuple[Sentence, ...]:
    """Return what to know; first what the emergency asks for."""
    unit, cited = numbers.currency.name, numbers.sources
    asked = request.chosen
    if not found:
        return (
            Sentence(f"nothing that is counted comes short in the {asked.name}.", cited, country_name(request.focus)),
        )
    priced = [one for one in found if one.cost.buy.is_known]
    low, best, high = (sum(getattr(one.cost.buy, end) for one in priced) for end in ("low", "best", "high"))
    yearly = sum(one.cost.yearly.best for one in priced)
    money = numbers.currency.of
    first = (
        f"{text.count(len(found), 'good')} would come short in the {asked.name}; a reserve that meets "
        f"{text.percent(level)} of its draws would cost {text.digits(money(best))} {unit} to buy "
        f"({text.digits(money(low))} to {text.digits(money(high))}) and {text.digits(money(yearly))} a year to hold "
        "and turn over (low confidence: the emergency is assumed)."
    )
    listed = "; ".join(
        f"{names.mineral(one.good.material)} ({names.form(one.good.material, one.good.stage)}) "
        f"{text.digits(one.required)} t, {text.digits(one.good.days(one.required), 2)} days of use"
        for one in found[:MOST]
    )
    said = [
        Sentence(first, cited, f"{country_name(request.focus)}:"),
        Sentence(f"{listed}.", cited, "Dearest:"),
        *_days(found, numbers),
        *_joint(joint, numbers),
        *_beside(found, record, numbers),
        Sentence(
            "firms draw first; the reserve is opened once their cover is gone and the seller is away, lent in kind "
            "to be given back, in the order of what stops without it; it is filled again when prices are back.",
            (),
            "Release.",
        ),
    ]
    return tuple(said)


def _days(found: Sequence[GoodReserve], numbers: Numbers) -> tuple[Sentence, ...]:
    """Return what so many days of all goods cost and meet, and where they pay by simulated years alone."""
    lines = []
    for n, step in enumerate(found[0].held):
        steps = [one.held[n] for one in found]
        cost = sum(one.cost.buy.best for one in steps if one.cost.buy.is_known)
        weight = [one.good.total.mean() * one.value for one in found]
        whole = sum(part for part in weight if part == part)
        met = (
            sum(w * one.part for w, one in zip(weight, steps, strict=True) if w == w) / whole if whole else float("nan")
        )
        lines.append(
            f"{text.digits(step.days)} days cost {text.digits(numbers.currency.of(cost))} {numbers.currency.name} and "
            f"give {text.percent(met)} of what lacks by value"
        )
    valued = [(one, step) for one in found for step in one.held if step.averted is not None]
    pays = {
        one.good.material: one
        for one, step in valued
        if step.averted is not None and step.averted.expected > step.cost.yearly.best > 0
    }
    more = ""
    if valued:
        told = names.minerals(pays) if pays else "none"
        more = f" By simulated years alone stocks of these pay for what holding them takes: {told}."
    return (Sentence(f"{'; '.join(lines)}.{more}", numbers.sources, "Days."),)


def _joint(joint: Sequence[tuple[JointReserve, float]], numbers: Numbers) -> tuple[Sentence, ...]:
    """Return what a joint reserve saves."""
    priced = [(one, value) for one, value in joint if value == value]
    if not priced:
        return ()
    alone = sum(sum(one.alone.values()) * value for one, value in priced)
    apart = sum(one.apart * value for one, value in priced)
    alike = sum(one.alike * value for one, value in priced)
    money, unit = numbers.currency.of, numbers.currency.name
    line = (
        f"each alone {text.digits(money(alone))} {unit}; together {text.digits(money(alike))} if one emergency strikes "
        f"all, {text.digits(money(apart))} if they are struck apart and lend."
    )
    return (Sentence(line, numbers.sources, "Joint reserve:"),)


def _beside(found: Sequence[GoodReserve], record: Sequence[StockpileCase], numbers: Numbers) -> tuple[Sentence, ...]:
    """Return the longest published days beside those that the emergency asks for."""
    stated = [one for one in record if one.target_days == one.target_days]
    if not stated:
        return ()
    one = stated[0]
    mine = [each for each in found if each.good.material in one.materials] or list(found)
    longest = max(each.good.days(each.required) for each in mine)
    line = (
        f"{one.programme} aims at {text.digits(one.target_days)} days ({one.subject}, {one.year}); this emergency asks "
        f"for up to {text.digits(longest, 2)} of those goods, as its length and the seller's share say and no round "
        "number does."
    )
    return (Sentence(line, (one.source,), "Published."),)
