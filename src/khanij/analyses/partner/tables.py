"""A partnership as tables: with and without, the dependence that it adds, what is signed, what each agreement adds."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from khanij.analyses.measures.numbers import Numbers
from khanij.analyses.measures.tables import ABSENT, PRIORS, against
from khanij.analyses.partner import ranking
from khanij.analyses.partner.ranking import phrase
from khanij.core.number import Cell, Link, Number
from khanij.core.table import Table
from khanij.plan.measures.partners.coalitions import AgreementShare, CoalitionGame
from khanij.plan.measures.partners.conversion import conversion, group_of
from khanij.plan.measures.partners.partnership_value import PartnershipValue, ScenarioValue
from khanij.plan.measures.partners.partnerships import PUBLISHED, UNSIGNED, materials_named
from khanij.present import names, text
from khanij.reference import agreements as records
from khanij.reference import columns
from khanij.reference.assumptions import assumed_range
from khanij.reference.names import country_name
from khanij.simulate.risk.baseline import Baseline

SCENARIOS = (
    "scenario_name loss_without loss_with averted sampling_error minerals tonnes producer_gain tail_averted against "
    "assumed confidence partner_scenario"
).split()
BY_MINERAL = "scenario_name mineral averted material partner_scenario".split()
DEPENDENCE = (
    "scenario_name mineral form share_before share_after loss_if_stopped_before loss_if_stopped_after "
    "largest_other_before largest_other_after material stage partner_scenario"
).split()
INSTRUMENTS = (
    "instrument_name signed_on strength minerals scopes tonnes_published instrument_status confidence page"
).split()
AGREEMENTS = (
    "instrument_name partners strength as_published conversion_chance expected_averted as_contract sampling_error "
    "order_error minerals why instrument"
).split()
AGREEMENT_MINERALS = "instrument_name mineral as_contract material instrument".split()
TABLES = {
    "partner": {
        "scenarios": SCENARIOS,
        "dependence": DEPENDENCE,
        "instruments": INSTRUMENTS,
        "by-mineral": BY_MINERAL,
        "agreements": AGREEMENTS,
        "agreement-minerals": AGREEMENT_MINERALS,
        "ranks": ranking.RANKS,
        "offers": ranking.OFFERS,
        "conversions": ranking.CONVERSIONS,
        "next-round": ranking.NEXT,
        "record": ranking.RECORD,
        "priors": PRIORS,
        "not-counted": ABSENT,
    },
}
VOLUME = Number(None, "t", note="the report on the instrument states no volume")
IDS = tuple(columns.column(key, name=f"{columns.column(key).name} id", main=False) for key in ("material", "stage"))
GROWN = 0.005  # part of use by which the partner's share must move to be told


def scenarios(found: PartnershipValue, numbers: Numbers) -> Table:
    """Return with and without for every scenario: loss, averted with the range of volumes, and its sampling error."""
    pair = found.partnership
    rows = []
    for one in found.scenarios:
        published = one.scenario.name == PUBLISHED
        sure = "high" if published else "low"
        low, high = ends(one)
        rows.append(
            {
                "scenario_name": text.capital(phrase(one.scenario)),
                "loss_without": numbers.usd(one.loss_without, confidence=sure),
                "loss_with": numbers.usd(one.loss_with, confidence=sure),
                "averted": numbers.usd(one.value.estimate.expected, low, high, confidence=sure),
                "sampling_error": numbers.sampling(one.value.estimate.error),
                "minerals": names.minerals(m for m in one.scenario.measure.materials if m in pair.base.batches),
                "tonnes": VOLUME if published else numbers.of(one.value.tonnes, "t"),
                "producer_gain": numbers.usd(one.producer_gain),
                "tail_averted": numbers.usd(one.value.estimate.tail),
                "against": against(one.value),
                "assumed": names.countries(one.scenario.assumed),
                "confidence": sure,
                "partner_scenario": one.scenario.name,
            }
        )
    notes = (
        "a year, of the minerals that the scenario touches; the range of what is averted is that of the volumes, which "
        "are assumed and not negotiated by anybody; averted below 0: the scenario adds losses",
        "gains of producers: what own makers earn beyond the loss in years in which others go without; no loss averted",
        *((UNSIGNED,) if not materials_named(pair.signed) else ()),
        numbers.currency.note,
        *map(names.countries, pair.base.notes),
    )
    title = f"{country_name(pair.base.focus)} and {country_name(pair.partner)}: with and without"
    paid = ("loss_without", "loss_with", "averted", "sampling_error", "producer_gain", "tail_averted")
    return columns.table(
        "scenarios", title, rows, SCENARIOS, units=dict.fromkeys(paid, numbers.currency.name), notes=notes
    )


def ends(one: ScenarioValue) -> tuple[float, float]:
    """Return the least and most that a scenario averts over the volumes assumed, USD: more of it may avert less."""
    three = (one.value.estimate.expected, one.at_ends.low, one.at_ends.high)
    return min(three), max(three)


def by_mineral(found: PartnershipValue, numbers: Numbers) -> Table:
    """Return what each scenario averts of each mineral, most first."""
    rows = [
        {
            "scenario_name": text.capital(phrase(one.scenario)),
            "mineral": names.mineral(material),
            "averted": numbers.usd(usd),
            "material": material,
            "partner_scenario": one.scenario.name,
        }
        for one in found.scenarios
        for material, usd in sorted(one.by_mineral.items(), key=lambda item: -abs(item[1]))
        if usd
    ]
    units = {"averted": numbers.currency.name}
    return columns.table("by-mineral", "What is averted by mineral", rows, BY_MINERAL, units=units, more=IDS[:1])


def dependence(found: PartnershipValue, numbers: Numbers) -> Table:
    """Return the partner's share in use before and after each scenario, of goods where it moves, and its stop.

    Goods in which it rises most come first; where it moves by less than half a point they are left out.
    """
    pair = found.partnership
    moved = [one for one in found.dependence if abs(one.after.share - one.before.share) > GROWN]
    rows = [
        {
            "scenario_name": text.capital(phrase(one.scenario)),
            "mineral": names.mineral(one.material),
            "form": names.form(one.material, one.stage),
            "share_before": numbers.share(one.before.share),
            "share_after": numbers.share(one.after.share),
            "loss_if_stopped_before": _stop(one.before.loss_if_stopped, numbers),
            "loss_if_stopped_after": _stop(one.after.loss_if_stopped, numbers),
            "largest_other_before": _seller(one.before.largest_other, numbers),
            "largest_other_after": _seller(one.after.largest_other, numbers),
            "material": one.material,
            "stage": one.stage,
            "partner_scenario": one.scenario.name,
        }
        for one in sorted(moved, key=lambda one: one.before.share - one.after.share)
    ]
    units = dict.fromkeys((f"loss_if_stopped_{when}" for when in ("before", "after")), numbers.currency.name)
    home, other = country_name(pair.base.focus), country_name(pair.partner)
    notes = (
        f"part: of what {home} uses, made by {other}, re-exports traced back; the stop: it sells nothing of the "
        "mineral at any stage for a year, as sanctions on payment or transport would do; its chance plays no part here",
        "goods are left out where the part moves by less than half a point",
    )
    title = f"Dependence on {other} that each scenario adds"
    return columns.table("dependence", title, rows, DEPENDENCE, units=units, notes=notes, more=IDS)


def _stop(usd: float, numbers: Numbers) -> Number:
    """Return the loss if the partner stops, or why it is not known."""
    return numbers.usd(usd, note="" if usd == usd else "the market of this stop was not solved")


def _seller(other: tuple[str, float] | None, numbers: Numbers) -> Number:
    """Return a seller and its part."""
    if other is None:
        return numbers.share(None, note="nobody else sells")
    return numbers.share(other[1], label=country_name(other[0]))


def instruments(focus: str, partner: str) -> Table:
    """Return what is signed between two countries and the projects of one in the other, as reports have it."""
    sides = ((focus, partner), (partner, focus))
    rows = [_signed(a) for one, other in sides for a in records.agreements(one, other)]
    rows += [_project(p) for one, other in sides for p in records.projects(one, other)]
    notes = (
        "what was found in public reports when the table was compiled; an empty table does not show that there is none",
        "no instrument publishes a volume; what each is likely to bring stands under conversions",
    )
    title = f"What is signed between {country_name(focus)} and {country_name(partner)}, and projects"
    return columns.table("instruments", title, rows, INSTRUMENTS, notes=notes)


def _signed(one: records.Agreement) -> dict[str, Cell]:
    """Return an instrument as a row."""
    listed = [*map(names.mineral, one.materials), *["critical minerals as a whole"] * one.general]
    return {
        "instrument_name": one.instrument,
        "signed_on": one.date or "not signed",
        "strength": one.strength,
        "minerals": ", ".join(listed) or "none named",
        "scopes": ", ".join(one.scopes),
        "tonnes_published": VOLUME,
        "instrument_status": "; ".join(filter(None, (one.status, one.note))),
        "confidence": one.confidence,
        "page": link(one.url),
    }


def _project(one: records.Project) -> dict[str, Cell]:
    """Return a project as a row."""
    return {
        "instrument_name": one.name,
        "signed_on": one.start,
        "strength": f"project: {one.kind}",
        "minerals": ", ".join(map(names.mineral, one.materials)),
        "scopes": one.stage,
        "tonnes_published": "",
        "instrument_status": "; ".join(filter(None, (one.status, one.note))),
        "confidence": one.confidence,
        "page": link(one.url),
    }


def link(url: str) -> Link | str:
    """Return the page as a link named by its host, or nothing."""
    host = urlsplit(url).hostname or ""
    return Link(host.removeprefix("www."), url) if url.startswith(("https://", "http://")) and host else url


def agreements(
    base: Baseline, shares: Iterable[AgreementShare], games: Iterable[CoalitionGame], numbers: Numbers
) -> Table:
    """Return one row an agreement: nothing as published, and its share in the scenario that all become contracts."""
    rows = [
        {
            "instrument_name": share.agreement.instrument,
            "partners": ", ".join(map(country_name, share.agreement.partners)) or "none named",
            "strength": share.agreement.strength,
            "as_published": numbers.usd(0.0, confidence="high"),
            **_expected(base, share, numbers),
            "as_contract": numbers.usd(share.averted),
            "sampling_error": numbers.sampling(share.error_years),
            "order_error": numbers.sampling(share.error_orders),
            "minerals": names.minerals(share.agreement.materials) or "none named",
            "why": "" if share.by_mineral else _why(base, share),
            "instrument": share.agreement.id,
        }
        for share in shares
    ]
    low, best, high = assumed_range("offtake", base.case)
    counted = ", ".join(
        f"{names.mineral(g.material).lower()} ({text.count(len(g.partners), 'partner')}, {g.asked} coalitions"
        f"{', orders sampled' if g.error_orders.any() else ''})"
        for g in games
    )
    notes = (
        "Shapley shares of yearly loss averted; below 0: it adds losses, as it makes the country depend on one seller; "
        "instruments with the same partner on the same mineral share what the partner brings evenly",
        "as published: no agreement names a tonne; expected: the chance that one of its kind comes to tonnes, by the "
        "record "
        "of what became of others, times what it would avert as a contract",
        f"as a contract: a scenario; {best:.0%} of imports of each good of a named mineral that the partner sells come "
        f"from it (assumed, {low:.0%} to {high:.0%}, confidence low; nobody has negotiated it)",
        f"counted out unless orders are sampled: {counted}",
        numbers.currency.note,
        *map(names.countries, base.notes),
    )
    paid = ("as_published", "expected_averted", "as_contract", "sampling_error", "order_error")
    units = dict.fromkeys(paid, numbers.currency.name)
    title = f"Agreements of {country_name(base.focus)}: what each adds among all"
    main = (columns.column("minerals", main=False), columns.column("why", main=False))
    return columns.table("agreements", title, rows, AGREEMENTS, units=units, notes=notes, more=main)


def _expected(base: Baseline, share: AgreementShare, numbers: Numbers) -> dict[str, Cell]:
    """Return the chance that an instrument of its kind comes to tonnes, and what is then to be expected of it."""
    one = share.agreement
    found = conversion(group_of(one), base.focus, one.partners[0] if len(one.partners) == 1 else "", base.case)
    chance = found.chance
    ends = sorted(end * share.averted for end in (chance.low, chance.high))
    return {
        "conversion_chance": numbers.share(chance.best, low=chance.low, high=chance.high),
        "expected_averted": numbers.usd(chance.best * share.averted, *ends),
    }


def _why(base: Baseline, share: AgreementShare) -> str:
    """Return why an agreement has no share."""
    if not share.agreement.materials:
        return "names no mineral"
    counted = [m for m in share.agreement.materials if m in base.batches]
    return "its partners sell none that the country buys" if counted else "its minerals are not counted"


def agreement_minerals(shares: Iterable[AgreementShare], numbers: Numbers) -> Table:
    """Return the share of each agreement by mineral."""
    rows = []
    for share in shares:
        parts: dict[str, float] = {}
        for material, usd in share.by_mineral:
            parts[material] = parts.get(material, 0.0) + usd
        for material, usd in parts.items():
            row = {"instrument_name": share.agreement.instrument, "mineral": names.mineral(material)}
            rows.append(row | {"as_contract": numbers.usd(usd), "material": material, "instrument": share.agreement.id})
    units = {"as_contract": numbers.currency.name}
    title = "What each agreement adds by mineral"
    return columns.table("agreement-minerals", title, rows, AGREEMENT_MINERALS, units=units, more=IDS[:1])
