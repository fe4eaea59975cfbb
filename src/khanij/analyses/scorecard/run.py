"""The scorecard: targets, secured supply, coming need and advantage of a country."""

from __future__ import annotations

from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.question import Answer, Job
from khanij.analyses.scorecard import advantage, figures, outlook, secured, tables, words
from khanij.analyses.scorecard.request import ScorecardRequest
from khanij.analyses.scorecard.targets import targets
from khanij.core.case import Case
from khanij.core.table import Table
from khanij.present.document import Figure, Sentence


def answer(request: ScorecardRequest, case: Case | None, job: Job) -> Answer:
    """Return how far a country is with its own programme, what of its need is secured, and where it could lead."""
    return of_profile(request, None if case is None else CountryProfile(case))


def of_profile(request: ScorecardRequest, profile: CountryProfile | None) -> Answer:
    """Return the answer from readings that are at hand; targets alone need none."""
    made: list[Table] = []
    said: list[Sentence] = []
    drawn: list[Figure | None] = []
    if request.part in ("all", "targets"):
        goals = targets(request.focus)
        made.append(tables.targets(goals))
        said += words.programme(request.focus, goals)
    if profile is not None and request.part in ("all", "supply", "outlook"):
        now = secured.supply(profile)
        later = ()
        if request.part != "supply":
            later = outlook.outlooks(profile, request.horizon, request.scenario, now)
        made += [tables.supply(profile, now)] if request.part != "outlook" else []
        made += [tables.outlook(later, request.horizon, request.scenario)] if request.part != "supply" else []
        said += words.supplied(now, later, request.horizon)
    if profile is not None and request.part in ("all", "leads"):
        led = advantage.advantages(profile)
        made.append(tables.advantages(led))
        said += words.advantage(profile, led)
        drawn.append(figures.advantage(profile, led))
    results = {} if profile is None else profile.results
    cited = {source: None for table in made for source in table.cited()}
    shown = tuple(figure for figure in drawn if figure)
    return Answer(
        request,
        tuple(made),
        tuple(said),
        shown,
        results,
        tuple(cited),
        "" if profile is None else profile.case.manifest,
    )
