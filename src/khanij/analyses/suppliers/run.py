"""One supplier through the years, two countries side by side, and who could fill a gap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from khanij.analyses.exposure.exposures import CountryExposure, depend, known_makers
from khanij.analyses.inputs import baseline, cases
from khanij.analyses.inputs.surges import surges, without
from khanij.analyses.profile.forms import label, main_stage
from khanij.analyses.profile.readings import CountryProfile, listed_of
from khanij.analyses.question import Answer, Job
from khanij.analyses.suppliers import tables, words
from khanij.analyses.suppliers.request import ReplaceRequest, SupplierRequest, VersusRequest
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.core.number import Key, Number
from khanij.methods.trade.partner_parts import PartnerSeries, partner_series
from khanij.present import text
from khanij.reference.assumptions import assumed
from khanij.reference.chronicle.instruments import known_to
from khanij.reference.names import country_name
from khanij.simulate.supply.gaps import supply_gap, upstream
from khanij.simulate.supply.networks import OUTSIDE, REST, networks


def answer_supplier(request: SupplierRequest, case: Case, job: Job) -> Answer:
    """Return a supplier's part of every form by year; raises CoverageError where no imports are recorded."""
    years = [int(code) for code in case.axis("year").codes]
    aside = surges(case)
    listed = listed_of(request.focus, years[-1], case.axis("material").codes)
    rows = partner_series(without(case, aside), request.partner, frozenset(listed))
    names = country_name(request.partner), country_name(request.focus)
    if not rows:
        what = f"no imports of {names[1]} recorded in {years[0]} to {years[-1]}"
        raise CoverageError(what, where="supplier", hint="other years; khanij data check shows what is held")
    notes = [f"left out in every year: {len(aside)} flows that rose many times, from no known makers"] if aside else []
    notes.append("what a sender passes on counts as its own: khanij origin traces it to its makers")
    made = (
        tables.supplier(rows, years, f"what {names[0]} sends of {names[1]}'s imports", notes),
        tables.by_year(_by_year(rows, years), f"{names[0]} in the bill of {names[1]}"),
    )
    sources = tuple(dict.fromkeys(source for row in rows for source in row.sources))
    said = words.supplier(rows, years, request.focus, request.partner)
    return Answer(request, made, tuple(said), sources=sources, manifest=case.manifest)


def _by_year(rows: Sequence[PartnerSeries], years: Sequence[int]) -> list[dict[str, Any]]:
    """Return one row a year: the bill, the supplier's part of it, and of how many forms it sent over half."""
    told = []
    for k, year in enumerate(years):
        bought = [(row.own[k], row.whole[k]) for row in rows if row.whole[k] > 0]
        own, whole = (float(sum(one[side] for one in bought)) for side in (0, 1))
        row = {"year": year, "imports_value": whole or None, "sent_value": own if bought else None}
        row |= {"sent_now": own / whole if bought else None, "forms_bought": len(bought)}
        told.append(row | {"forms_over_half": sum(mine > all_ / 2 for mine, all_ in bought)})
    return told


def answer_versus(request: VersusRequest, case: Case, job: Job) -> Answer:
    """Return two countries side by side; the Case of the second is made as that of the first."""
    year = int(case.axis("year").codes[-1])
    one, two = CountryProfile(case), CountryProfile(cases.case(request.other, year))
    sides = _exposures(one), _exposures(two)
    names = one.name, two.name
    table = tables.versus(sides, names, year)
    sources = tuple(sorted(set(table.cited())))
    return Answer(request, (table,), tuple(words.versus(sides, names, year)), sources=sources, manifest=case.manifest)


def _exposures(profile: CountryProfile) -> dict[Key, CountryExposure]:
    """Return form -> on whom a country depends, of what is bought for a million dollars or more."""
    return {row.key: row for row in depend(profile, known_to()).exposures if not row.is_trifle}


def _most_sent(profile: CountryProfile, material: str, country: str) -> str:
    """Return the form of a mineral, or good of it, of which a country sends most by value; else of most imports."""
    sent = {
        stage: (parts[country].value or 0.0)
        for (name, stage), parts in profile.import_values.items()
        if name == material and country in parts
    }
    return max(sent, key=lambda stage: sent[stage]) if sent else main_stage(profile, material) or "component"


def _made(profile: CountryProfile, key: Key) -> dict[str, Number]:
    """Return country -> what it makes of a form in the reconciled base year, where no publisher lists its makers."""
    case = profile.case
    found = networks(case, (key[0],), str(profile.year), named=case.axis("focus").codes, whole=True)
    rows = [(n, n.stages.index(key[1])) for n in found if key[1] in n.stages]
    sources = baseline.sources(case)
    return {
        iso: Number(float(output), "t", sources, confidence="low", note=network.output_basis[k])
        for network, k in rows
        for iso, output in zip(network.nodes, network.output[k], strict=True)
        if output > 0 and iso not in OUTSIDE and iso != REST
    }


def answer_replace(request: ReplaceRequest, case: Case, job: Job) -> Answer:
    """Return who could fill a gap; raises CoverageError where the supplier sends nothing that is recorded."""
    country, material, stage = request.parts()
    profile = CountryProfile(case)
    key = (material, stage or _most_sent(profile, material, country))
    output = profile.output.get(key) or _made(profile, key)
    gap = supply_gap(profile.case, country, key, output, known_makers(profile, key) | set(output))
    goods = text.small(label(key))
    if not gap.value > 0:
        what = f"{country_name(country)} sends {profile.name} no {goods} that is recorded in {profile.year}"
        raise CoverageError(what, where="GAP", hint=f"khanij chain {material} --focus {request.focus}: who makes it")
    whole = profile.world.get(key)
    notes = (
        "makers that nothing stops stand first; who is no known maker passes on what others made",
        "no new mine or plant is in it: what is sold elsewhere today is shared out anew",
    )
    title = f"who sells {goods} beside {country_name(country)}, {profile.year}"
    table = tables.replace(gap, whole.value if whole else None, title, notes)
    said = words.replace(gap, request.focus, gap.filled(case), assumed("diverted_part", case), upstream(key, country))
    return Answer(request, (table,), tuple(said), sources=gap.sources, manifest=case.manifest)
