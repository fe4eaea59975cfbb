"""The scorecard: targets, secured supply, coming need and advantage of a country."""

from __future__ import annotations

from khanij.analyses.profile.readings import of_case
from khanij.analyses.question import Answer, Job
from khanij.analyses.scorecard import advantage, figures, outlook, relatedness, secured, tables, words
from khanij.analyses.scorecard.request import ScorecardRequest
from khanij.analyses.scorecard.targets import targets
from khanij.core.case import Case
from khanij.core.table import Table
from khanij.present.document import Figure, Sentence


def answer(request: ScorecardRequest, case: Case | None, job: Job) -> Answer:
    """Return how far a country is with its own programme, what of its need is secured, and where it could lead."""
    profile = None if case is None else of_case(case)  # targets alone need none
    made: list[Table] = []
    said: dict[str, tuple[Sentence, ...]] = {}
    drawn: list[Figure | None] = []
    if request.part in ("all", "targets"):
        goals = targets(request.focus)
        made.append(tables.targets(goals))
        said["programme"] = words.programme(request.focus, goals)
    if profile is not None and request.part in ("all", "supply", "outlook"):
        now = secured.supply(profile)
        later: tuple[outlook.ComingNeed, ...] = ()
        if request.part != "supply":
            later = outlook.outlooks(profile, request.horizon, request.followed, now)
            made.append(tables.outlook(later, request.horizon, request.followed))
        made += [tables.supply(profile, now)] if request.part != "outlook" else []
        said["supply"] = words.supplied(now, later, request.horizon)
    if profile is not None and request.part in ("all", "leads"):
        led = advantage.advantages(profile)
        near = relatedness.near_goods(profile)
        made += [tables.advantages(led), *([tables.near(profile, near)] if near else [])]
        said["leads"] = (*words.advantage(profile, led), *words.near(near))
        drawn.append(figures.advantage(profile, led))
    return Answer(
        request,
        tuple(made),
        tuple(sentence for part in said.values() for sentence in part),
        tuple(figure for figure in drawn if figure),
        {} if profile is None else profile.results,
        (),
        "" if profile is None else profile.case.manifest,
        said,
    )
