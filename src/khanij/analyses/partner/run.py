"""Partnerships: what one averts and which dependence it adds, and what each agreement of a country adds among all."""

from __future__ import annotations

from khanij.analyses.inputs import baseline
from khanij.analyses.measures.numbers import Numbers, sources
from khanij.analyses.measures.tables import filled, not_counted, priors
from khanij.analyses.measures.words import stated
from khanij.analyses.partner import figures, ranking, tables, words
from khanij.analyses.partner.request import PartnerRequest
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.plan.levers import read as read_lever
from khanij.plan.measures.partners.coalitions import coalition_games, share_agreements
from khanij.plan.measures.partners.partner_ranks import rank_partners
from khanij.plan.measures.partners.partnership_value import value_partnership
from khanij.plan.measures.partners.partnerships import PartnershipScenario, instruments, materials_named, partnership
from khanij.reference import agreements, money
from khanij.reference.agreements import Agreement
from khanij.reference.assumptions import assumed
from khanij.simulate.risk.baseline import Baseline


def answer(request: PartnerRequest, case: Case, job: Job) -> Answer:
    """Return what a partnership is worth; without a partner, what each agreement adds."""
    if request.partner is not None:
        return _partnership(request, case, job)
    return _ranked(request, case, job) if request.rank else _all_agreements(request, case, job)


def _partnership(request: PartnerRequest, case: Case, job: Job) -> Answer:
    """Return what one partnership averts, and the dependence that it adds.

    Its minerals are those that what is signed names and those asked for; where there are none of either, those of the
    official list that counts for the focus.
    """
    assert request.partner is not None
    own = _own_scenarios(request)
    named = materials_named(instruments(request.focus, request.partner)) if request.named else ()
    wanted = tuple(dict.fromkeys((*named, *request.material))) or baseline.listed(case, request.focus, request.year)
    job.say("hazards, networks and years")
    base = baseline.of_request(request, case, job, materials=wanted, partners=(request.partner,))
    found = value_partnership(partnership(base, request.partner, wanted, own, request.usual), job.say)
    numbers = _numbers(request, base)
    scenarios, dependence = tables.scenarios(found, numbers), tables.dependence(found, numbers)
    made = filled(
        scenarios,
        dependence,
        ranking.conversions(found, numbers),
        ranking.next_round(found, numbers),
        ranking.record(request.focus, request.partner, numbers),
        tables.instruments(request.focus, request.partner),
        tables.by_mineral(found, numbers),
        priors(request.priors),
        not_counted(base.missing),
    )
    drawn = (figures.paired(scenarios, request.partner), figures.dumbbell(dependence, request.partner))
    return Answer(
        request,
        made,
        (
            *words.findings(found, numbers.currency, numbers.sources, request.priors)[:2],
            *ranking.note(found, numbers),
            *words.findings(found, numbers.currency, numbers.sources, request.priors)[2:],
        ),
        tuple(figure for figure in drawn if figure is not None),
        sources=numbers.sources,
        manifest=case.manifest,
    )


def _own_scenarios(request: PartnerRequest) -> tuple[PartnershipScenario, ...]:
    """Return the scenarios that a request describes itself; raises StudyError with the key path of a wrong lever."""
    return tuple(
        PartnershipScenario(
            one.name,
            one.meaning,
            tuple(read_lever(dict(lever), f"own_scenarios.{n}.levers.{k}") for k, lever in enumerate(one.levers)),
            one.assumed,
        )
        for n, one in enumerate(request.own_scenarios)
    )


def _all_agreements(request: PartnerRequest, case: Case, job: Job) -> Answer:
    """Return what each agreement of a country adds among all, in the scenario that each becomes a contract."""
    signed = agreements.agreements(request.focus)
    named = dict.fromkeys((*materials_named(signed), *request.material))
    job.say("hazards, networks and years")
    base = baseline.of_request(request, case, job, materials=named, partners=_sellers(signed))
    games = coalition_games(base, job.say)
    shares = share_agreements(base, games)
    numbers = _numbers(request, base)
    made = filled(
        tables.agreements(base, shares, games, numbers),
        tables.agreement_minerals(shares, numbers),
        priors(request.priors),
        not_counted(base.missing),
    )
    said = (*words.agreement_findings(base, shares, numbers.currency), *stated(request.priors))
    return Answer(request, made, said, sources=numbers.sources, manifest=case.manifest)


def _ranked(request: PartnerRequest, case: Case, job: Job) -> Answer:
    """Return every possible partner by what it could and would deliver."""
    job.say("hazards, networks and years")
    base = baseline.of_request(request, case, job)
    found = rank_partners(base, int(assumed("rank_partners", case)), job.say)
    numbers = _numbers(request, base)
    made = filled(
        ranking.ranks(base, found, numbers),
        ranking.offers(base, found, numbers),
        ranking.record(request.focus, "", numbers),
        priors(request.priors),
        not_counted(base.missing),
    )
    said = (*ranking.rank_findings(base, found, numbers), *stated(request.priors))
    return Answer(request, made, said, sources=numbers.sources, manifest=case.manifest)


def _sellers(signed: tuple[Agreement, ...]) -> tuple[str, ...]:
    """Return the partners of the agreements that name a mineral."""
    return tuple(dict.fromkeys(partner for one in signed for partner in one.partners if one.materials))


def _numbers(request: PartnerRequest, base: Baseline) -> Numbers:
    """Return how the answer's numbers are written."""
    return Numbers(sources(base), request.command(), money.read(f"1 {request.currency}")[1])
