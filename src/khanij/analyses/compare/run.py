"""Methods and official lists against each other: how far they agree, and where they part."""

from __future__ import annotations

from itertools import combinations

from khanij.analyses.compare import sides, tables, words
from khanij.analyses.compare.request import CompareRequest
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.methods.concordance import figures, pair, parted, verdicts
from khanij.reference import official_lists


def answer(request: CompareRequest, case: Case | None, job: Job) -> Answer:
    """Return one row a pair of methods and lists, and with `why` one a mineral on which the two part."""
    judged = [sides.judged(id, case, str(request.year)) for id in request.methods()] if case is not None else []
    chosen = [*judged, *map(sides.official, request.official())]
    own = official_lists.chosen(request.focus, request.year)[0] if request.focus else None
    fallback = None if own in (None, "all") else sides.official(str(own))
    pairs = [pair(one, two, fallback) for one, two in combinations(chosen, 2)]
    rules = tuple(side.rule for side in chosen)
    where = f"{request.focus or 'world'}, {request.year}"
    agreement = tables.agreement(map(figures, pairs), request.year, where, rules)
    reasons = [row for both in pairs for row in parted(both)] if request.why else []
    disagreements = (tables.disagreements(reasons, request.year, where, rules),) if request.why else ()
    named = tables.verdicts(verdicts(chosen), where)
    return Answer(
        request,
        (*disagreements, agreement, named),
        (*words.findings(agreement), *words.named(named)),
        sources=tuple(dict.fromkeys(source for side in chosen for source in side.sources)),
        manifest=case.manifest if case is not None else "",
    )
