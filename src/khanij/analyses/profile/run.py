"""A country in figures: the Case's numbers, told as tables, drawings and sentences."""

from __future__ import annotations

from khanij.analyses.profile import figures, stage_tables, tables, words
from khanij.analyses.profile.readings import of_case
from khanij.analyses.profile.request import ProfileRequest
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case

MAKERS = (
    tables.overview,
    tables.unmeasured,
    tables.made_goods,
    tables.countries,
    stage_tables.suppliers,
    stage_tables.balance,
    stage_tables.world,
    stage_tables.reserves,
    stage_tables.buyers,
    tables.set_aside,
    tables.gaps,
    stage_tables.every_supplier,
)


def answer(request: ProfileRequest, case: Case, job: Job) -> Answer:
    """Return what a country buys and sells of its critical minerals, from whom, and what cannot be told."""
    profile = of_case(case)
    made = tuple(table for make in MAKERS if len(table := make(profile)))
    profile.values("supplier-shares")  # for the bundle
    drawn, said = figures.drawings(profile), words.findings(profile)
    told = {part: write(profile) for part, write in words.PARTS.items()}
    return Answer(request, made, said, drawn, profile.results, (), profile.case.manifest, told)
