"""Reserves as tables: requirement, days compared, months, joint reserves, what is published, what is not modelled."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from khanij.analyses.measures.numbers import Numbers
from khanij.core.number import Number
from khanij.core.range import Range
from khanij.core.table import Column, Table
from khanij.plan.measures.value import CONFIDENT
from khanij.plan.reserves.reserve import GoodReserve
from khanij.plan.reserves.shortfall import JointReserve
from khanij.present import names, text
from khanij.reference import columns
from khanij.reference.decisions.emergencies import Emergency, storage_form
from khanij.reference.decisions.stockpile_record import StockpileCase
from khanij.reference.names import country_name

REQUIREMENT = (
    "mineral form reserve_tonnes reserve_days reserve_buy reserve_yearly shortfall_median stopped_sellers use_year "
    "form_to_hold form_why keeps_years material stage"
).split()
DAYS = (
    "mineral form days_held tonnes_held reserve_buy reserve_yearly wholly_met part_met averted averted_per_cost "
    "sampling_error material stage"
).split()
MONTHS = "mineral form emergency_month need_month supply_month unmet_month unmet_chance material stage".split()
JOINT = "mineral form alone_sum joint_alike joint_apart joint_saved buy_saved members_alone material stage".split()
PUBLISHED = (
    "programme stock_subject published_figure ours difference_why record_year reserve_status confidence page"
).split()
EMERGENCY = "what value note".split()
NOT_MODELLED = "what why".split()
TABLES = {
    "stockpile": {
        "requirement": REQUIREMENT,
        "days": DAYS,
        "months": MONTHS,
        "joint": JOINT,
        "published": PUBLISHED,
        "emergency": EMERGENCY,
        "not-modelled": NOT_MODELLED,
    },
}
UNPRICED, UNPUBLISHED = "no price of it is known", "no figure is published"
UNVALUED = "not asked, not among the dearest goods, or no market model"
SHOWN_MONTHS = 4  # goods whose months are told
REASONS = (
    ("what defence needs good by good", "states keep it secret: the emergency takes a part of all use in its place"),
    ("when a stock is released", "the order is political: each stock here is drawn as soon as firms have none left"),
    ("firms that hold less because the state holds more", "nobody has measured it; it makes every reserve look larger"),
    (
        "the price that buying a reserve makes",
        "a range of the price of trade stands for it, not the size of the market",
    ),
    ("grades and shapes", "trade codes know the mineral and the stage, not the alloy, the purity or the part"),
    (
        "goods that hide minerals",
        "magnets in motors and chips in boards come as machines, which no reserve of metal replaces",
    ),
    (
        "recovery and thrift during the emergency",
        "others fill a part of each month's gap; new mines and redesign are slower",
    ),
)


def requirement(found: Sequence[GoodReserve], asked: Emergency, level: float, numbers: Numbers) -> Table:
    """Return what each good would need to be met in `level` of the draws of the emergency."""
    rows = [
        {
            "mineral": names.mineral(one.good.material),
            "form": names.form(one.good.material, one.good.stage),
            "reserve_tonnes": numbers.of(one.required, "t", low=one.median, high=one.good.required(0.99)),
            "reserve_days": numbers.of(one.good.days(one.required), "d"),
            "reserve_buy": _cost(one.cost.buy, numbers),
            "reserve_yearly": _cost(one.cost.yearly, numbers),
            "shortfall_median": numbers.of(one.median, "t"),
            "stopped_sellers": ", ".join(map(country_name, one.good.stopped)) or "none named sells it",
            "use_year": numbers.of(one.good.use * 12.0, "t"),
            "form_to_hold": text.capital(names.form(one.good.material, one.form)),
            "form_why": one.form_why,
            "keeps_years": _keeps(one, numbers),
            "material": one.good.material,
            "stage": one.good.stage,
        }
        for one in found
    ]
    notes = (
        f"{asked.name}: {asked.meaning}",
        f"reserve: meets {text.percent(level)} of {len(found[0].good.total) if found else 0:,} draws of the emergency "
        "wholly; its range: that of half of the draws, and of 99 %",
        "stages of one mineral are alternatives as often as they add up: metal held is ore that need not be",
        numbers.currency.note,
    )
    units = dict.fromkeys(("reserve_buy", "reserve_yearly"), numbers.currency.name)
    title = "Reserve that the emergency asks for"
    main = REQUIREMENT[:5]
    return columns.table("requirement", title, rows, REQUIREMENT, units=units, notes=notes, main=main, more=_ids())


def _ids() -> tuple[Column, ...]:
    """Return the columns of ids."""
    return columns.ids("material", "stage")


def _keeps(one: GoodReserve, numbers: Numbers) -> Number:
    """Return how long the form that is held keeps."""
    span = storage_form(one.good.material, one.form).keeps
    return numbers.of(span.best, "yr", low=span.low, high=span.high, sources=(span.source,))


def days(found: Sequence[GoodReserve], numbers: Numbers) -> Table:
    """Return what stocks of so many days cost, meet of the emergency, and avert in a simulated year."""
    rows = []
    for one in found:
        for step in one.held:
            known = step.averted is not None and isfinite(step.averted.expected)
            got = step.averted.expected if step.averted is not None else float("nan")
            error = step.averted.error if step.averted is not None else float("nan")
            yearly = step.cost.yearly.best
            rows.append(
                {
                    "mineral": names.mineral(one.good.material),
                    "form": names.form(one.good.material, one.good.stage),
                    "days_held": numbers.of(step.days, "d", confidence="high"),
                    "tonnes_held": numbers.of(step.tonnes, "t"),
                    "reserve_buy": _cost(step.cost.buy, numbers),
                    "reserve_yearly": _cost(step.cost.yearly, numbers),
                    "wholly_met": numbers.share(step.wholly),
                    "part_met": numbers.share(step.part),
                    "averted": numbers.spread(got, error) if known else _unvalued(numbers),
                    "averted_per_cost": _per_cost(got if known else None, yearly, numbers),
                    "sampling_error": numbers.sampling(error) if known else "",
                    "material": one.good.material,
                    "stage": one.good.stage,
                }
            )
    notes = (
        "wholly met: part of the draws of the emergency in which nothing is lacking; part met: mean part of what lacks",
        "averted: of the expected loss of a simulated year, all chances counted, by a stock of the country that stands "
        "alone; per cost: by what holding and turning it over takes a year; above 1 it pays without any emergency",
        f"{CONFIDENT:g} standard errors on either side hold 95 % of the spread of simulated years",
    )
    money = ("reserve_buy", "reserve_yearly", "averted", "sampling_error")
    units = dict.fromkeys(money, numbers.currency.name)
    main = ("mineral", "form", "days_held", "reserve_buy", "part_met", "averted", "averted_per_cost")
    title = "Days against cost against loss"
    return columns.table("days", title, rows, DAYS, units=units, notes=notes, main=main, more=_ids())


def _unvalued(numbers: Numbers) -> Number:
    """Return that what a stock averts was not asked or cannot be told."""
    return numbers.usd(float("nan"), note=UNVALUED)


def _cost(cost: Range, numbers: Numbers) -> Number:
    """Return what a reserve costs, USD, in the currency; not known where the good has no price."""
    return numbers.usd(cost.best, cost.low, cost.high, note="" if isfinite(cost.best) else UNPRICED)


def _per_cost(averted: float | None, yearly: float, numbers: Numbers) -> Number:
    """Return what a stock averts by what it costs a year."""
    if averted is not None and yearly > 0:
        return numbers.of(averted / yearly, "1")
    return numbers.of(None, "1", note=UNVALUED if averted is None else UNPRICED)


def months(found: Sequence[GoodReserve], numbers: Numbers) -> Table:
    """Return need, supply and what is not met by month of the emergency, of the goods with the dearest reserves."""
    rows: list[dict[str, Any]] = []
    for one in found[:SHOWN_MONTHS]:
        good = one.good
        last = int(np.max(np.nonzero(good.unmet.any(axis=0))[0], initial=0)) + 2
        for t in range(min(last, good.unmet.shape[1])):
            low, best, high = np.quantile(good.unmet[:, t], (0.05, 0.5, 0.95))
            rows.append(
                {
                    "mineral": names.mineral(good.material),
                    "form": names.form(good.material, good.stage),
                    "emergency_month": t + 1,
                    "need_month": numbers.of(float(good.need[:, t].mean()), "t"),
                    "supply_month": numbers.of(float(good.supply[:, t].mean()), "t"),
                    "unmet_month": numbers.of(float(best), "t", low=float(low), high=float(high)),
                    "unmet_chance": numbers.share(float((good.unmet[:, t] > 0).mean())),
                    "material": good.material,
                    "stage": good.stage,
                }
            )
    notes = (
        "need and supply: means over draws, before what others fill in and before the stocks of firms; not met: median "
        "with the ends that hold 90 % of the draws, after both",
    )
    title = "Months of the emergency"
    return columns.table("months", title, rows, MONTHS, notes=notes, main=MONTHS[:6], more=_ids())


def joint(found: Sequence[tuple[JointReserve, float]], level: float, numbers: Numbers) -> Table:
    """Return what the members of a group need each alone, and together."""
    rows = [
        {
            "mineral": names.mineral(one.material),
            "form": names.form(one.material, one.stage),
            "alone_sum": numbers.of(sum(one.alone.values()), "t"),
            "joint_alike": numbers.of(one.alike, "t"),
            "joint_apart": numbers.of(one.apart, "t"),
            "joint_saved": numbers.share(one.saved),
            "buy_saved": numbers.usd(
                (sum(one.alone.values()) - one.apart) * value, note="" if isfinite(value) else UNPRICED
            ),
            "members_alone": text.joined(
                f"{country_name(code)} {text.digits(tonnes)} t"
                for code, tonnes in sorted(one.alone.items(), key=lambda item: -item[1])[:6]
            ),
            "material": one.material,
            "stage": one.stage,
        }
        for one, value in found
    ]
    notes = (
        f"each for {text.percent(level)} of the draws; alike: one emergency strikes all members at once, and a joint "
        "reserve saves what their chances do; apart: each is struck by itself, with the chance assumed, and lends "
        "what it does not need; what a member keeps back in need is not counted",
    )
    title = "A joint reserve against each alone"
    units = {"buy_saved": numbers.currency.name}
    return columns.table("joint", title, rows, JOINT, units=units, notes=notes, main=JOINT[:6], more=_ids())


def published(found: Sequence[GoodReserve], record: Sequence[StockpileCase], numbers: Numbers) -> Table:
    """Return what the country's own programmes aim at or hold, beside what the emergency asks for."""
    rows = []
    for case in record:
        stated = [(case.target_days, "d"), (case.target_tonnes, "t"), (case.held_days, "d"), (case.held_tonnes, "t")]
        stated.append((case.cost, f"million {case.currency}" if case.currency else ""))
        value, unit = next(((value, unit) for value, unit in stated if isfinite(value)), (float("nan"), ""))
        mine = [one for one in found if one.good.material in case.materials]
        rows.append(
            {
                "programme": case.programme,
                "stock_subject": case.subject,
                "published_figure": numbers.of(value, unit, **_stated(case, value)),
                "ours": _ours(mine, unit, numbers),
                "difference_why": _difference(case, mine, unit),
                "record_year": case.year,
                "reserve_status": case.status,
                "confidence": case.confidence,
                "page": case.url.split("; ")[0],
            }
        )
    notes = (
        "ours: over the goods of the minerals that the programme names; days: the longest of them; money: to buy "
        "all, in the currency asked",
    )
    title = "Published reserves beside what the emergency asks for"
    return columns.table("published", title, rows, PUBLISHED, notes=notes, main=PUBLISHED[:6])


def _stated(case: StockpileCase, value: float) -> dict[str, Any]:
    """Return how sure a published figure is and whose, and that there is none."""
    note = "" if isfinite(value) else UNPUBLISHED
    return {"confidence": case.confidence, "sources": (case.source,), "note": note}


def _ours(mine: Sequence[GoodReserve], unit: str, numbers: Numbers) -> Number:
    """Return the requirement in the unit of what is published."""
    if not mine:
        return numbers.of(None, note="no good of it comes short here, or it names none that is counted")
    if unit == "d":
        return numbers.of(max(one.good.days(one.required) for one in mine), "d")
    if unit == "t":
        return numbers.of(sum(one.required for one in mine), "t")
    bare = [one for one in mine if not one.cost.buy.is_known]
    if len(bare) == len(mine):
        return numbers.usd(float("nan"), note=UNPRICED)  # a sum of nothing is no zero
    listed = text.joined(dict.fromkeys(names.mineral(one.good.material).lower() for one in bare))
    note = f"without {listed}: {UNPRICED}" if bare else ""
    return numbers.usd(sum(one.cost.buy.best for one in mine if one.cost.buy.is_known), note=note)


def _difference(case: StockpileCase, mine: Sequence[GoodReserve], unit: str) -> str:
    """Return why the two differ, in words."""
    if not mine:
        return "its minerals are not named, or not counted here"
    if not unit:
        return UNPUBLISHED
    if unit == "d":
        return (
            "a published number of days says nothing of sellers: here it is as long as the largest of them is away, "
            "less what others fill in and firms hold"
        )
    if unit == "t":
        return "tonnes of a plan follow its money and year of use; here they follow the emergency and today's use"
    return "money voted buys what it buys: here it is the price of all that the emergency asks for"


def emergency_table(asked: Emergency, numbers: Numbers) -> Table:
    """Return the emergency as it was asked."""
    spans = (
        ("months that it lasts", asked.months, "months"),
        ("part lost of those that stop", asked.stopped_part, "1"),
        ("part that allies still deliver", asked.allied_part, "1"),
        ("part that others still deliver", asked.other_part, "1"),
        ("change of civil use", asked.civil, "1"),
        ("extra need of defence, by all use", asked.defence, "1"),
    )
    rows = [
        {"what": name, "value": numbers.of(span.best, unit, low=span.low, high=span.high), "note": asked.note}
        for name, span, unit in spans
    ]
    stop = (
        "the largest seller of each good"
        if asked.stopped == ("largest",)
        else text.joined(map(country_name, asked.stopped))
    )
    rows.append({"what": "who stops", "value": stop, "note": ""})
    rows.append({"what": "allies", "value": text.joined(map(country_name, asked.allies)) or "none named", "note": ""})
    return columns.table("emergency", f"The emergency: {asked.name}", rows, EMERGENCY)


def not_modelled() -> Table:
    """Return what no figure here tells, and why."""
    rows = [{"what": what, "why": why} for what, why in REASONS]
    return columns.table("not-modelled", "What is not modelled, and why", rows, NOT_MODELLED)
