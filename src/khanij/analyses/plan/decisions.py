"""What a plan decides, as tables: parts of the programme, public money and its instrument, what was left and why."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from khanij.analyses.measures.numbers import Numbers
from khanij.analyses.measures.tables import measure_name
from khanij.analyses.plan import words
from khanij.core.table import Table
from khanij.plan.measures.support import equivalents
from khanij.plan.measures.value import CONFIDENT
from khanij.plan.planner.accounts.account import begun_measures
from khanij.plan.planner.accounts.margins import NextLot
from khanij.plan.planner.accounts.parts import PartAccount
from khanij.plan.planner.results import PlanResult
from khanij.present import text
from khanij.reference import columns
from khanij.reference.names import country_name

PARTS = "part_name spent ceiling capital_all measures_begun shadow_price next_measure why".split()
SUPPORT = (
    "measure_name support_instrument outlay_share public_outlay capital_grant price_support public_loan stands_chance"
).split()
REJECTED = "measure_name averted_lot charged_lot outlay_lot times_needed cost_falls_to why measure".split()
POLICY = "policy_name cost_and_loss sampling_error".split()


def parts(done: PlanResult, listed: Sequence[PartAccount], numbers: Numbers) -> Table:
    """Return each part of the programme with its money, or the number that keeps it at zero."""
    unit = numbers.currency.name
    rows = []
    for one in listed:
        lot = one.best if one.best is not None and not one.best.why else None
        gain = lot.per_outlay if lot is not None else float("nan")
        rows.append(
            {
                "part_name": text.capital(one.name),
                "spent": numbers.money(one.spent),
                "ceiling": numbers.money(one.ceiling, confidence="high") if isfinite(one.ceiling) else "",
                "capital_all": numbers.money(one.capital),
                "measures_begun": len(one.begun),
                "shadow_price": numbers.of(max(gain, 0.0) if isfinite(gain) else None),
                "next_measure": "" if lot is None else measure_name(lot.value.measure),
                "why": "" if one.begun else words.kept_at_zero(one, unit),
            }
        )
    notes = (
        "spent: public money, running cost of stocks in it; capital: all money of what is begun, private money in it",
        "a lot is the smallest part of a measure that can be begun; targets of the country stand below the "
        "components and are part of them",
    )
    title = f"Plan of {country_name(done.base.focus)}: parts of the programme"
    units = dict.fromkeys(("spent", "ceiling", "capital_all"), unit)
    main = ("part_name", "spent", "ceiling", "why")
    return columns.table("parts", title, rows, PARTS, units=units, notes=notes, main=main)


def support(done: PlanResult, numbers: Numbers) -> Table:
    """Return the public money of what is begun, by its instrument, and the same gap by other instruments."""
    rows: list[dict[str, Any]] = []
    sizes: dict[str, float] = {}
    for one in begun_measures(done):
        sizes[one.value.measure.id] = sizes.get(one.value.measure.id, 0.0) + one.size
    for value in done.begun:
        measure, size = value.measure, sizes[value.measure.id]
        given, same = measure.building.support, equivalents(measure, done.terms.discount, done.base.case)
        rows.append(
            {
                "measure_name": measure_name(measure),
                "support_instrument": given.instrument,
                "outlay_share": numbers.share(given.outlay.best, low=given.outlay.low, high=given.outlay.high),
                "public_outlay": numbers.usd(size * measure.outlay.best),
                "capital_grant": numbers.usd(size * same.grant),
                "price_support": numbers.of(numbers.currency.of(same.price), f"{numbers.currency.name}/t"),
                "public_loan": numbers.usd(size * same.loan),
                "stands_chance": numbers.share(
                    measure.building.chance.best, low=measure.building.chance.low, high=measure.building.chance.high
                ),
            }
        )
    notes = (
        "the viability gap is what sales do not pay back; a capital grant, a price floor on each tonne sold over the "
        "years of support, or a loan so large that its gift is the gap, close it alike; what is bought or searched "
        "by the state has no such choice",
        *dict.fromkeys(said for value in done.begun for said in value.measure.building.support.assumed),
    )
    title = f"Plan of {country_name(done.base.focus)}: public money and its instrument"
    units = dict.fromkeys(("public_outlay", "capital_grant", "public_loan"), numbers.currency.name)
    return columns.table("support", title, rows, SUPPORT, units=units, notes=notes, main=SUPPORT[:4])


def rejected(done: PlanResult, lots: Sequence[NextLot], numbers: Numbers) -> Table:
    """Return what would have to be true for each measure that is left to be begun, the nearest to paying first."""
    begun = {one.measure.id for one in done.begun}
    left = [one for one in lots if one.value.measure.id not in begun and one.value.measure.levers]
    rows = [
        {
            "measure_name": measure_name(one.value.measure),
            "averted_lot": numbers.money(one.averted),
            "charged_lot": numbers.money(one.charged),
            "outlay_lot": numbers.money(one.outlay),
            "times_needed": numbers.of(one.times if isfinite(one.times) else None, "times", note=_never(one)),
            "cost_falls_to": numbers.share(max(one.averted, 0.0) / one.charged if one.charged > 0 else None),
            "why": one.why,
            "measure": one.value.measure.id,
        }
        for one in sorted(left, key=lambda one: (one.times, one.value.measure.id))
    ]
    notes = (
        "one lot more beside all that the plan begins, over all years, discounted; times needed: what it averts "
        "would have to be so many times as large; cost falls to: or its cost to the economy that part of what it is; "
        "below 1: it would gain, but a ceiling, a gate, builders or the plan of least regret keep it out",
    )
    title = f"Plan of {country_name(done.base.focus)}: what would have to be true"
    units = dict.fromkeys(("averted_lot", "charged_lot", "outlay_lot"), numbers.currency.name)
    main = ("measure_name", "averted_lot", "charged_lot", "times_needed")
    return columns.table("rejected", title, rows, REJECTED, units=units, notes=notes, main=main)


def _never(one: NextLot) -> str:
    """Return why no multiple of what it averts pays for a lot."""
    return "" if isfinite(one.times) else "it averts nothing beside the rest: no multiple pays for it"


def policy(done: PlanResult, numbers: Numbers) -> Table:
    """Return what the re-plan rule costs beside never asking again and beside knowing the world."""
    found, year = done.policy, done.terms.since + done.terms.replan
    rows = []
    if found is not None:
        half = CONFIDENT * found.policy_error
        rows = [
            {
                "policy_name": f"Made again in {year}, by the losses seen until then",
                "cost_and_loss": numbers.money(found.policy, low=found.policy - half, high=found.policy + half),
                "sampling_error": numbers.money(half),
            },
            {"policy_name": "The plan shown, held", "cost_and_loss": numbers.money(found.held), "sampling_error": ""},
            {
                "policy_name": f"If the world were known in {year}: no rule does better with what is begun before",
                "cost_and_loss": numbers.money(found.known),
                "sampling_error": "",
            },
        ]
    notes = (
        "cost and loss of all years, discounted, mean over the methods as worlds, each as likely, on paths of years "
        "that no search saw; the plans of the rule are searched on few scenarios, so that what they begin first "
        "differs from the plan shown",
    )
    title = f"Plan of {country_name(done.base.focus)}: a new look"
    units = dict.fromkeys(("cost_and_loss", "sampling_error"), numbers.currency.name)
    return columns.table("policy", title, rows, POLICY, units=units, notes=notes)
