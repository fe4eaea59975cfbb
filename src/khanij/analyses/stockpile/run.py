"""What reserve an emergency asks for, and what it would cost and avert."""

from __future__ import annotations

from khanij.analyses.inputs import baseline
from khanij.analyses.measures.numbers import Numbers, sources
from khanij.analyses.measures.tables import filled, not_counted
from khanij.analyses.question import Answer, Job
from khanij.analyses.stockpile import tables, words
from khanij.analyses.stockpile.request import StockpileRequest
from khanij.core.case import Case
from khanij.plan.reserves.reserve import ReserveTerms, joint_reserves, reserves_of
from khanij.reference import money
from khanij.reference.assumptions import assumed
from khanij.reference.decisions.stockpile_record import stockpile_cases
from khanij.simulate.supply.networks import members, networks


def answer(request: StockpileRequest, case: Case, job: Job) -> Answer:
    """Return the requirement, the days compared, and for a group what a joint reserve would save."""
    wanted = request.material or baseline.listed(case, request.focus, request.year)
    year = str(request.year) if str(request.year) in case.axis("year") else case.axis("year").codes[-1]
    job.say("networks of trade and output")
    held = networks(case, [m for m in wanted if m in case.axis("material")], year)
    base = None
    if request.value and not request.is_group:
        job.say("hazards and simulated years")
        base = baseline.of_request(request, case, job)
    job.say("the emergency, good by good")
    terms = ReserveTerms(request.focus, request.chosen, request.days, request.draws, request.seed)
    found = reserves_of(terms, case, held, base)
    inside = members(case, case.axis("focus").codes[0], year)
    joint = joint_reserves(terms, case, held, inside) if request.is_group else ()
    _, unit = money.read(f"1 {request.currency}")
    cited = sources(base) if base is not None else baseline.sources(case)
    numbers = Numbers(cited, request.command(), unit)
    level = assumed("reserve_level", case)
    record = stockpile_cases(request.focus)
    requirement = tables.requirement(found, request.chosen, level, numbers)
    made = filled(
        requirement,
        tables.days(found, numbers),
        tables.months(found, numbers),
        tables.joint(joint, level, numbers),
        tables.published(found, record, numbers),
        tables.emergency_table(request.chosen, numbers),
        tables.not_modelled(),
        not_counted(base.missing if base is not None else {}),
    )
    return Answer(
        request,
        made,
        words.findings(request, found, joint, level, numbers, record),
        sources=numbers.sources,
        manifest=case.manifest,
    )
