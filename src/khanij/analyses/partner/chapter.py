"""The chapter of a brief on what a partnership would be worth: the question asked, and its tables."""

from __future__ import annotations

from dataclasses import replace

from khanij.analyses.partner import words
from khanij.analyses.partner.request import PartnerRequest
from khanij.analyses.partner.trade import BilateralTrade
from khanij.analyses.profile.readings import country_name, total
from khanij.analyses.question import ask
from khanij.core.errors import KhanijError
from khanij.core.number import smaller
from khanij.plan.measures.partnerships import instruments, materials_named
from khanij.present import names
from khanij.present.document import Chapter, Sentence
from khanij.reference import official_lists as official

YEARS, SEED = 1_000, 0
FEW = 4  # minerals of the scenarios where no instrument names one
SHOWN = ("scenarios", "dependence", "by-mineral", "not-counted")  # what is signed stands in the chapter before


def candidates(focal: str, year: int, partner: str) -> tuple[str, ...]:
    """Return the listed minerals of which re-routed trade with a partner could cover most, by value."""
    listed = set(official.minerals(focal, year))
    trade = BilateralTrade(focal, year, partner)
    found: dict[str, float] = {}
    for code, sold in trade.exports.items():
        held = trade.materials(code)
        if len(held) == 1 and held[0] in listed and code in trade.imports:
            wanted = total(v for iso, (v, _) in trade.imports[code].items() if iso != partner)
            most = smaller(wanted, total(v for iso, (v, _) in sold.items() if iso != focal))
            found[held[0]] = found.get(held[0], 0.0) + (most.value or 0.0)
    ranked = sorted((-value, material) for material, value in found.items() if value > 0)
    return tuple(material for _, material in ranked[:FEW])


def request(focal: str, year: int, partner: str) -> tuple[PartnerRequest, bool]:
    """Return what a brief asks of a partnership, and whether its minerals were chosen here.

    Where the country's own record names none, those that the partner's record names; where that names none either,
    candidates(). Raises StudyError for a group.
    """
    given = {"focus": focal, "partner": partner, "year": year, "years": YEARS, "seed": SEED}
    if materials_named(instruments(focal, partner)):
        return PartnerRequest.of(given), False
    named = materials_named(instruments(partner, focal))
    return PartnerRequest.of(given | {"material": named or candidates(focal, year, partner)}), not named


def chapter(focal: str, year: int, partner: str) -> Chapter:
    """Return the chapter on what a partnership is worth; where that cannot be told, why."""
    heading = f"What a partnership with {country_name(partner)} would be worth"
    try:
        asked, chosen = request(focal, year, partner)
        answer = ask(asked)
    except KhanijError as lacking:
        said = Sentence(f"It could not be valued: {names.countries(lacking.what)}.", emphasis="Not known.")
        return Chapter("partnership", heading, ((said,),))
    held = {table.key: table for table in answer.tables}
    grids = tuple(replace(held[key], key=f"partnership-{key}") for key in SHOWN if key in held)
    lead = (*answer.findings, *_chosen(focal, partner)) if chosen else answer.findings
    return Chapter("partnership", heading, (lead,), answer.figures, grids)


def _chosen(focal: str, partner: str) -> tuple[Sentence, ...]:
    """Return why these minerals and no others."""
    why = (
        f"No instrument names a mineral: these are those of which {country_name(partner)} sells most that"
        f" {country_name(focal)} buys elsewhere."
    )
    return (Sentence(why, (), "Chosen here."),)


def finding(chapter: Chapter) -> tuple[Sentence, ...]:
    """Return the sentence on what the partnership is worth, none where that is not known."""
    return words.about(chapter.lead[0])
