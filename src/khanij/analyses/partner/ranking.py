"""What agreements are likely to bring: the record, the note on one partnership, and the ranking of all partners."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from khanij.analyses.measures.numbers import Numbers
from khanij.core.number import Cell, Number
from khanij.core.table import Table
from khanij.plan.levers import AgreementLever
from khanij.plan.measures.partners.conversion import COMMERCIAL, Conversion, conversion, group_of
from khanij.plan.measures.partners.partner_ranks import PartnerRank
from khanij.plan.measures.partners.partnership_value import PartnershipValue, ScenarioValue
from khanij.plan.measures.partners.partnerships import PUBLISHED, PartnershipScenario, instruments
from khanij.present import names, text
from khanij.present.document import Sentence
from khanij.reference import columns
from khanij.reference.assumptions import assumed_range
from khanij.reference.decisions.agreement_record import AgreementCase, agreement_cases
from khanij.reference.names import country_name
from khanij.simulate.risk.baseline import Baseline

RANKS = (
    "partner_name expected_averted conversion_chance averted sampling_error exposure_added minerals signed_best partner"
).split()
OFFERS = ("partner_name mineral form tonnes_could tonnes_would averted exposure_added partner material stage").split()
CONVERSIONS = (
    "instrument_name agreement_kind conversion_chance record_counts years_to_tonnes signed_on instrument".split()
)
NEXT = "ask_for conversion_chance averted expected_averted exposure_added expected_exposure years_to_tonnes".split()
RECORD = "instrument_name agreement_kind signed_on stage_reached outcome years_to_tonnes why confidence page".split()
KINDS = {
    "paper": "paper: declaration, memorandum, research",
    "treaty": "treaty",
    "concession": "concession",
    "commercial": "commercial: stake, plant, contract",
}
FEW = 3
PHRASES = {
    PUBLISHED: "what is signed, as it was published",
    "research": "joint research that lifts recovery at home",
    "offtake": "contracts on tonnes",
    "plants": "joint plants at home",
    "offtake-and-plants": "contracts and plants together",
}


def _chance(found: Conversion, numbers: Numbers) -> Number:
    """Return the chance that one of its kind comes to tonnes."""
    return numbers.share(
        found.chance.best, low=found.chance.low, high=found.chance.high, sources=("khanij-decisions-2026",)
    )


def _years(found: Conversion, numbers: Numbers) -> Number:
    """Return the years from signature to first tonnes."""
    span = found.years
    return numbers.of(
        span.best, "yr", low=span.low, high=span.high, note="" if span.is_known else "none on record has both dates"
    )


def conversions(found: PartnershipValue, numbers: Numbers) -> Table:
    """Return for each instrument between the two how often one of its kind came to tonnes, and after how long."""
    pair = found.partnership
    rows = []
    for one in _signed(found):
        told = conversion(group_of(one), pair.base.focus, pair.partner, pair.base.case)
        rows.append(
            {
                "instrument_name": one.instrument,
                "agreement_kind": KINDS[told.group],
                "conversion_chance": _chance(told, numbers),
                "record_counts": f"{told.came} of {told.known} of its kind, {told.pair_came} of {told.pair_known} of "
                "the two",
                "years_to_tonnes": _years(told, numbers),
                "signed_on": one.date or "not signed",
                "instrument": one.id,
            }
        )
    notes = (
        "chance that tonnes come of it, with the ends that hold 90 %: by what became of others of its kind and of "
        "the two parties; what is too early to tell counts neither way; the record holds famous deals and known "
        "failures",
    )
    both = f"{country_name(pair.partner)} and {country_name(pair.base.focus)}"
    title = f"What {both} have signed, and how often such papers come to tonnes"
    return columns.table("conversions", title, rows, CONVERSIONS, notes=notes, main=CONVERSIONS[:5])


def _signed(found: PartnershipValue) -> tuple[Any, ...]:
    """Return what is signed between the two, from either side."""
    pair = found.partnership
    return pair.signed or instruments(pair.partner, pair.base.focus)


def _exposure(found: PartnershipValue, one: ScenarioValue) -> float:
    """Return by how much a year without the partner gets dearer by a scenario, USD, each mineral once."""
    rises: dict[str, float] = {}
    for change in found.dependence:
        if change.scenario.name == one.scenario.name:
            rise = change.after.loss_if_stopped - change.before.loss_if_stopped
            rises[change.material] = rise if rise == rise else 0.0
    return sum(rises.values())


def next_round(found: PartnershipValue, numbers: Numbers) -> Table:
    """Return what could be asked for in the next round: each scenario with its chance, what it averts and exposes."""
    pair = found.partnership
    told = conversion(COMMERCIAL, pair.base.focus, pair.partner, pair.base.case)
    stop = assumed_range("sanctions_chance", pair.base.case)
    rows = []
    for one in _asked(found):
        averted, exposed = one.value.estimate.expected, _exposure(found, one)
        worth = told.chance.best * (averted - stop.best * max(exposed, 0.0))
        ends = sorted(told.chance.at(end) * (averted - stop.best * max(exposed, 0.0)) for end in ("low", "high"))
        rows.append(
            {
                "ask_for": text.capital(one.scenario.meaning),
                "conversion_chance": _chance(told, numbers),
                "averted": numbers.spread(averted, one.value.estimate.error),
                "expected_averted": numbers.usd(worth, *ends),
                "exposure_added": numbers.usd(exposed),
                "expected_exposure": numbers.usd(told.chance.best * stop.best * max(exposed, 0.0)),
                "years_to_tonnes": _years(told, numbers),
            }
        )
    rows.sort(key=lambda row: -(row["expected_averted"].value or 0.0))
    notes = (
        "as commercial instruments: a stake, a plant or a contract, which is what came to tonnes; averted: delivered "
        "whole, a year; expected: the chance times what is left after the exposure at a chance of "
        f"{text.percent(stop.best)} a year that third parties stop it, beside the chances that the study states; "
        "exposure: by how much a year without the partner gets dearer",
    )
    title = f"What to ask {country_name(pair.partner)} for in the next round"
    units = dict.fromkeys(("averted", "expected_averted", "exposure_added", "expected_exposure"), numbers.currency.name)
    return columns.table("next-round", title, rows, NEXT, units=units, notes=notes, main=NEXT[:5])


def _asked(found: PartnershipValue) -> list[ScenarioValue]:
    """Return the scenarios that can be asked for: all but what is signed as it was published."""
    return [one for one in found.scenarios if one.scenario.name != PUBLISHED]


def note(found: PartnershipValue, numbers: Numbers) -> tuple[Sentence, ...]:
    """Return the decision note: what is likely to come by when, what that averts and exposes, what to ask for."""
    pair, unit = found.partnership, numbers.currency.name
    asked = _asked(found)
    if not asked:
        return ()
    signed = _signed(found)
    money = numbers.currency.of
    best = max(asked, key=lambda one: one.value.estimate.expected)
    lines = []
    if signed:
        told = [conversion(group_of(one), pair.base.focus, pair.partner, pair.base.case) for one in signed]
        top = max(told, key=lambda one: one.chance.best)
        lines.append(
            f"Of papers such as these {top.came} of {top.known} came to tonnes; the likeliest of "
            f"{text.count(len(signed), 'instrument')} has a chance of {text.percent(top.chance.best)} "
            f"({text.percent(top.chance.low)} to {text.percent(top.chance.high)}){_when(top)}."
        )
    way = conversion(COMMERCIAL, pair.base.focus, pair.partner, pair.base.case)
    own = next((one for one in asked if one.scenario.name == "offtake"), best)
    exposed, tonnes = _exposure(found, own), _likely_tonnes(own, way)
    lines.append(
        f"Ask for {phrase(own.scenario)} in commercial form: such came to tonnes in {way.came} of {way.known} "
        f"({text.percent(way.chance.best)} between these two{_when(way)}), so that {tonnes} to be expected of it, and "
        f"{text.digits(money(way.chance.best * own.value.estimate.expected))} {unit} a year of losses averted; a year "
        f"without {country_name(pair.partner)} would get dearer by {text.digits(money(max(exposed, 0.0)))}, which asks "
        "for a clause on payment and transport and for a stock of the same goods."
    )
    if own is not best:
        worth = way.chance.best * best.value.estimate.expected
        lines.append(
            f"By {phrase(best.scenario)} {text.digits(money(worth))} {unit} a year would be expected, for "
            f"{text.digits(money(max(_exposure(found, best), 0.0)))} of exposure: plants at home can be had with "
            "others too, and are no reason for a treaty."
        )
    return (Sentence(" ".join(lines), (*numbers.sources, "khanij-decisions-2026"), "Likely."),)


def phrase(one: PartnershipScenario) -> str:
    """Return a scenario in words: one of the usual ones, else its meaning."""
    return PHRASES.get(one.name, one.meaning)


def _likely_tonnes(one: ScenarioValue, way: Conversion) -> str:
    """Return the tonnes a year that a scenario names times the chance that they come, in words."""
    parts = [
        f"{text.tonnes(way.chance.best * lever.volume.best)} of {names.mineral(lever.material).lower()}"
        f" ({names.form(lever.material, lever.stage)})"
        for lever in one.scenario.levers
        if isinstance(lever, AgreementLever) and lever.volume is not None
    ]
    return f"{text.joined(parts, FEW)} a year are" if parts else "no tonnes of the partner's own are"


def _when(found: Conversion) -> str:
    """Return after how many years tonnes came, in words."""
    if not found.years.is_known:
        return ""
    low, best, high = (text.digits(end, 2) for end in found.years)
    years = "a year" if best == "1" else f"{best} years"
    return f"; first tonnes {years} after signature ({low} to {high})"


def record(focus: str, partner: str, numbers: Numbers) -> Table:
    """Return what became of instruments of a country, with one partner or all, as the record has it."""
    rows = [
        _case(one, numbers)
        for one in agreement_cases()
        if focus in (one.focal, *one.partners) and (not partner or partner in (one.focal, *one.partners))
    ]
    notes = ("as reports had it on the day of the record; nothing public is no proof that nothing happened",)
    return columns.table("record", "What became of instruments on record", rows, RECORD, notes=notes, main=RECORD[:5])


def _case(one: AgreementCase, numbers: Numbers) -> dict[str, Cell]:
    """Return one instrument of the record as a row."""
    return {
        "instrument_name": one.parties,
        "agreement_kind": one.kind,
        "signed_on": one.signed or "not signed",
        "stage_reached": one.stage_reached,
        "outcome": one.outcome,
        "years_to_tonnes": numbers.of(one.years_to_tonnes, "yr", sources=(one.source,)),
        "why": one.why,
        "confidence": one.confidence,
        "page": one.url.split("; ")[0],
    }


def ranks(base: Baseline, found: Sequence[PartnerRank], numbers: Numbers) -> Table:
    """Return every possible partner, the most valuable first."""
    rows = []
    for one in found:
        ends = sorted(
            one.chance.chance.at(end) * (one.averted - one.sanctions * max(one.exposure, 0.0))
            for end in ("low", "high")
        )
        rows.append(
            {
                "partner_name": country_name(one.partner),
                "expected_averted": numbers.usd(one.value, *ends),
                "conversion_chance": _chance(one.chance, numbers),
                "averted": numbers.spread(one.averted, one.error),
                "sampling_error": numbers.sampling(one.error),
                "exposure_added": numbers.usd(one.exposure),
                "minerals": text.joined([names.mineral(offer.material) for offer in one.offers], 4),
                "signed_best": _furthest(one),
                "partner": one.partner,
            }
        )
    part = assumed_range("offtake", base.case)
    notes = (
        f"each partner signs contracts on {text.percent(part.best)} of imports of each good that it sells; averted: "
        "delivered whole, a year; expected: by the chance that commercial instruments of the two come to tonnes, less "
        "exposure at the chance that third parties stop it; exposure: by how much a year without the partner gets "
        "dearer",
        "partners are valued one by one: two on one mineral do not add up",
        numbers.currency.note,
    )
    title = f"Possible partners of {country_name(base.focus)}"
    paid = ("expected_averted", "averted", "sampling_error", "exposure_added")
    units = dict.fromkeys(paid, numbers.currency.name)
    main = ("partner_name", "expected_averted", "conversion_chance", "averted", "minerals")
    return columns.table("ranks", title, rows, RANKS, units=units, notes=notes, main=main, more=columns.ids("partner"))


def _furthest(one: PartnerRank) -> str:
    """Return the instrument of the two that came furthest: by what became of it, else by how binding it is."""
    if one.record and one.record[0].stage_reached != NOTHING_YET:
        case = one.record[0]
        return f"{case.kind}, {REACHED[case.stage_reached]}: {case.parties}"
    signed = max(one.signed, key=lambda a: STRENGTH.index(a.strength), default=None)
    if signed is not None:
        return f"{signed.strength}: {signed.instrument}"
    return f"{one.record[0].kind}, nothing yet: {one.record[0].parties}" if one.record else "nothing on record"


NOTHING_YET = "none-public"
REACHED = {
    "studies": "studied",
    "contract": "contracted",
    "construction": "under construction",
    "production": "in production",
    "shipped": "shipped",
}
STRENGTH = ("none", "draft", "negotiated", "political", "declaration", "mou", "allotment", "contract")


def offers(base: Baseline, found: Sequence[PartnerRank], numbers: Numbers) -> Table:
    """Return what each partner could and would deliver, good by good."""
    rows = [
        {
            "partner_name": country_name(one.partner),
            "mineral": names.mineral(offer.material),
            "form": names.form(offer.material, stage),
            "tonnes_could": numbers.of(tonnes, "t"),
            "tonnes_would": numbers.of(
                tonnes * one.chance.chance.best,
                "t",
                low=tonnes * one.chance.chance.low,
                high=tonnes * one.chance.chance.high,
            ),
            "averted": numbers.usd(offer.averted),
            "exposure_added": numbers.usd(offer.exposure),
            "partner": one.partner,
            "material": offer.material,
            "stage": stage,
        }
        for one in found
        for offer in one.offers
        for stage, tonnes in offer.stages.items()
    ]
    notes = ("averted and exposure: of all goods of the mineral at once",)
    title = f"What partners of {country_name(base.focus)} could and would deliver"
    units = dict.fromkeys(("averted", "exposure_added"), numbers.currency.name)
    more = columns.ids("partner", "material", "stage")
    return columns.table("offers", title, rows, OFFERS, units=units, notes=notes, main=OFFERS[:6], more=more)


def rank_findings(base: Baseline, found: Sequence[PartnerRank], numbers: Numbers) -> tuple[Sentence, ...]:
    """Return who is worth most as a partner, and who adds losses."""
    money, unit = numbers.currency.of, numbers.currency.name
    useful = [one for one in found if one.value > 0]
    if not useful:
        return (
            Sentence(
                "no partner is worth a contract: each would add losses.", numbers.sources, country_name(base.focus)
            ),
        )
    listed = "; ".join(
        f"{country_name(one.partner)} {text.digits(money(one.value))} {unit} a year"
        f" ({text.joined([names.mineral(offer.material).lower() for offer in one.offers], 3)})"
        for one in useful[:FEW]
    )
    first = Sentence(
        f"would gain most by contracts with {listed}: chance that they come to tonnes times what they avert, less "
        "exposure (volumes assumed, confidence low).",
        numbers.sources,
        country_name(base.focus),
    )
    adds = [country_name(one.partner) for one in found if one.value <= 0]
    more = (
        [
            Sentence(
                f"{text.joined(adds, 6)}: more would come from one hand than it averts.",
                numbers.sources,
                "Adds losses:",
            )
        ]
        if adds
        else []
    )
    return (first, *more)
