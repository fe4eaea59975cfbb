"""What is to be said of a partnership: what it would avert, as published and at best, and the dependence it adds."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.analyses.measures.words import bare, missing, stated, told, with_error
from khanij.analyses.partner.tables import GROWN, ends, phrase
from khanij.analyses.simulated import StatedChance
from khanij.plan.measures.partners.coalitions import AgreementShare
from khanij.plan.measures.partners.partnership_value import DependenceChange, PartnershipValue, ScenarioValue
from khanij.plan.measures.partners.partnerships import PUBLISHED, instruments
from khanij.present import names, text
from khanij.present.document import Sentence
from khanij.reference.money import Currency
from khanij.reference.names import country_name
from khanij.simulate.risk.baseline import Baseline

WHO = "A partnership with"
GAINED = 0.05  # part of what is averted from which gains are told
DEARER = 0.01  # part by which a stop must get dearer to be told
CENTS = 1e4  # USD below which a stop costs nothing worth a word
BOTH = "offtake-and-plants"


def findings(
    found: PartnershipValue, unit: Currency, sources: tuple[str, ...], chances: Sequence[StatedChance] = ()
) -> tuple[Sentence, ...]:
    """Return what to know: the best scenario, what is signed, the dependence added, what is not counted."""
    base = found.partnership.base
    return (
        _best(found, unit, sources),
        _published(found, unit, sources),
        _dearer(found, unit, sources),
        *(Sentence(line) for line in (*stated(chances), *missing(base))),
    )


def _best(found: PartnershipValue, unit: Currency, sources: tuple[str, ...]) -> Sentence:
    """Return what the partnership averts at best."""
    pair = found.partnership
    who = f"{WHO} {country_name(pair.partner)}"
    ranked = sorted(
        (one for one in found.scenarios if one.scenario.name != PUBLISHED),
        key=lambda one: -one.value.estimate.expected,
    )
    if not ranked:
        return Sentence("has no scenario that touches a mineral with a market model.", sources, who)
    best = ranked[0]
    if best.value.estimate.expected <= 0:
        return Sentence("would lower the expected loss in no scenario.", sources, who)
    touched = text.joined(names.mineral(m).lower() for m in best.scenario.measure.materials if m in pair.base.batches)
    others = [one for one in ranked[1:] if one.value.estimate.expected > 0 and one.scenario.name != BOTH]
    more = "".join(
        f"; {phrase(one.scenario)}: {told(one.value.estimate.expected, unit)} ({_volumes(one, unit)})"
        for one in others[:1]
    )
    without, with_ = told(best.loss_without, unit), told(best.loss_with, unit)
    averted = with_error(best.value.estimate.expected, best.value.estimate.error, unit)
    below = " (below 0: own makers gain more than users lose)" if best.loss_with < 0 else ""
    return Sentence(
        f"would avert most by {phrase(best.scenario)}: the expected loss on {touched} would fall from {without} to"
        f" {with_}{below} a year, by {averted} ({_volumes(best, unit)} over the volumes, which are assumed)"
        f"{_gains(best, unit)}{more}.",
        sources,
        who,
    )


def _volumes(one: ScenarioValue, unit: Currency) -> str:
    """Return the range over the volumes assumed in words."""
    low, high = ends(one)
    return f"{bare(low, unit)} to {bare(high, unit)}"


def _gains(one: ScenarioValue, unit: Currency) -> str:
    """Return which part of what a scenario averts is no loss averted; nothing where it is small."""
    if one.producer_gain <= GAINED * abs(one.value.estimate.expected):
        return ""
    return f", of which {told(one.producer_gain, unit)} are gains of own makers while others go without"


def _published(found: PartnershipValue, unit: Currency, sources: tuple[str, ...]) -> Sentence:
    """Return what is signed and what that is worth as published."""
    pair = found.partnership
    between = f"between {country_name(pair.base.focus)} and {country_name(pair.partner)}"
    signed = pair.signed or instruments(pair.partner, pair.base.focus)
    if not signed:
        said = f"No instrument {between} is on record here; the scenarios are assumed throughout."
        return Sentence(said, emphasis="As published.")
    many = text.capital(text.count(len(signed), "instrument"))
    worth = next((one.value.estimate.expected for one in found.scenarios if one.scenario.name == PUBLISHED), 0.0)
    if worth:
        return Sentence(f"{many} {between} avert {told(worth, unit)} a year.", sources, "As published.")
    verb = "is" if len(signed) == 1 else "are"
    said = f"{many} {between} {verb} on record, none with tonnes: what they may come to stands on the record of others."
    return Sentence(said, sources, "As published.")


def dearest(changes: Sequence[DependenceChange]) -> DependenceChange | None:
    """Return where a scenario makes the partner's stop dearest among the goods in which its share grows."""
    grown = [
        one
        for one in changes
        if one.after.share > one.before.share + GROWN
        and one.after.loss_if_stopped > max(one.before.loss_if_stopped, 0.0) * (1 + DEARER) + CENTS
    ]
    rises = [(one.after.loss_if_stopped - one.before.loss_if_stopped, one.after.share) for one in grown]
    return grown[rises.index(max(rises))] if grown else None


def _dearer(found: PartnershipValue, unit: Currency, sources: tuple[str, ...]) -> Sentence:
    """Return where the partner's share grows and its stop gets dearer."""
    top, partner = dearest(found.dependence), country_name(found.partnership.partner)
    if top is None:
        return Sentence(f"No scenario makes a stop of {partner} dearer.", sources, "Dependence added.")
    return Sentence(
        f"With {phrase(top.scenario)} the part of {partner} in {names.mineral(top.material).lower()}"
        f" ({names.form(top.material, top.stage)}) goes from {text.percent(top.before.share)} to"
        f" {text.percent(top.after.share)}; if it stopped selling for a year, as under sanctions, the loss would be"
        f" {told(top.after.loss_if_stopped, unit)} instead of {told(top.before.loss_if_stopped, unit)}.",
        sources,
        "Dependence added.",
    )


def agreement_findings(base: Baseline, shares: Sequence[AgreementShare], unit: Currency) -> tuple[str, ...]:
    """Return what agreements add: first the one that adds most."""
    focus, many = country_name(base.focus), text.count(len(shares), "agreement")
    useful = [share for share in shares if share.averted > 0]
    if not useful:
        first = f"None of {many} of {focus} would avert any loss as a contract; as published none names a tonne."
    else:
        best = useful[0]
        averted = with_error(best.averted, (best.error_years**2 + best.error_orders**2) ** 0.5, unit)
        first = (
            f"Of {many} of {focus} the one with {text.joined(map(country_name, best.agreement.partners), 3)}"
            f" ({best.agreement.instrument}) would avert most as a contract: {averted} a year,"
            " in a scenario that is assumed; as published none names a tonne. What is to be expected of each is that "
            "times"
            " the chance that one of its kind comes to tonnes, by the record of others."
        )
    adds = text.capital(text.count(sum(share.averted < 0 for share in shares), "agreement"))
    more = f"{adds} would add to losses, by making the country depend on one seller."
    return (first, more, *missing(base)) if any(share.averted < 0 for share in shares) else (first, *missing(base))
