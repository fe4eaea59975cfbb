"""A partnership as tables: with and without, the dependence that it adds, what is signed."""

from __future__ import annotations

from khanij.analyses.measures import tables
from khanij.analyses.measures.tables import number
from khanij.core.table import Table
from khanij.plan.measures.partnership_value import PartnershipValue, ScenarioValue
from khanij.plan.measures.partnerships import PUBLISHED, UNSIGNED, Partnership, materials_named
from khanij.reference import money

ENDS = ("at low volumes", "at high volumes")
MONEY = ("loss without", "loss with", "averted", "standard error", "of it gains", *ENDS, "CVaR 95% falls by")


def value(found: PartnershipValue, currency: money.Currency) -> Table:
    """Return with and without for every scenario: loss, averted with its standard error, and the range of volumes."""
    pair = found.partnership
    rows = [
        {
            "scenario": one.scenario.name,
            "meaning": one.scenario.meaning,
            "tonnes": number(one.value.tonnes),
            "loss without": currency.of(one.loss_without),
            "loss with": currency.of(one.loss_with),
            "averted": currency.of(one.value.estimate.expected),
            "standard error": currency.of(one.value.estimate.error),
            "of it gains": currency.of(one.producer_gain),
            "at low volumes": currency.of(one.at_ends.low),
            "at high volumes": currency.of(one.at_ends.high),
            "CVaR 95% falls by": currency.of(one.value.estimate.tail),
            "by mineral": ", ".join(_by_mineral(one, currency)),
            "averts": tables.reason(one.value, currency),
            "assumed": one.scenario.assumed,
            "confidence": "high" if one.scenario.name == PUBLISHED else "low",
        }
        for one in found.scenarios
    ]
    units = dict.fromkeys(MONEY, currency.name) | {"tonnes": "t"}
    notes = (
        "a year, of the minerals that the scenario touches; negative averted: the scenario adds losses",
        "of it gains: what own makers earn beyond the loss in years in which others go without; it is no loss averted",
        "volumes of scenarios are assumed and not negotiated by anybody; none is published",
        *((UNSIGNED,) if not materials_named(pair.signed) else ()),
        currency.note,
        *pair.base.notes,
    )
    title = f"{pair.base.focus} and {pair.partner}: with and without"
    return Table.of(title, rows, units=units, notes=notes)


def _by_mineral(one: ScenarioValue, currency: money.Currency) -> list[str]:
    """Return what is averted of each mineral in words, most first."""
    parts = {material: currency.of(usd) for material, usd in one.by_mineral.items()}
    return [f"{name} {part:+,.3g}" for name, part in sorted(parts.items(), key=lambda item: -abs(item[1])) if part]


def dependence(found: PartnershipValue, currency: money.Currency) -> Table:
    """Return by scenario and good the partner's share in use, before and after, and what its full stop would cost."""
    pair, base = found.partnership, found.partnership.base
    rows = [
        {
            "scenario": one.scenario.name,
            "material": one.material,
            "stage": one.stage,
            "share before": one.before.share,
            "share after": one.after.share,
            "largest other before": _seller(one.before.largest_other),
            "largest other after": _seller(one.after.largest_other),
            "stop of the partner costs, before": number(currency.of(one.before.loss_if_stopped)),
            "stop of the partner costs, after": number(currency.of(one.after.loss_if_stopped)),
        }
        for one in found.dependence
    ]
    units = dict.fromkeys((f"stop of the partner costs, {when}" for when in ("before", "after")), currency.name)
    units |= dict.fromkeys(("share before", "share after"), "1")
    notes = (
        f"share: part of what {base.focus} uses that {pair.partner} made; the stop: it sells nothing of the mineral at "
        "any stage for a year, as sanctions on payment or transport would do; its chance plays no part here",
    )
    return Table.of(f"{base.focus} and {pair.partner}: dependence added", rows, units=units, notes=notes)


def _seller(other: tuple[str, float] | None) -> str:
    """Return a seller and its part in words."""
    return "none" if other is None else f"{other[0]} {other[1]:.0%}"


def instruments(pair: Partnership) -> Table:
    """Return what is signed, with its tonnes as published: none."""
    rows = [
        {
            "instrument": one.id,
            "what": one.instrument,
            "date": one.date,
            "strength": one.strength,
            "minerals": ", ".join(one.materials) or "none named",
            "covers": ", ".join(one.scopes),
            "tonnes": None,
            "status": one.status,
            "url": one.url,
            "confidence": one.confidence,
        }
        for one in pair.signed
    ]
    note = "no instrument publishes a volume: as published each averts nothing, and says so"
    return Table.of(f"{pair.base.focus} and {pair.partner}: what is signed", rows, notes=(note,))
