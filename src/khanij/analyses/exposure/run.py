"""On whom a country depends: exposures and controls, told as tables and sentences."""

from __future__ import annotations

from khanij.analyses.exposure import tables, words
from khanij.analyses.exposure.exposures import depend
from khanij.analyses.exposure.request import ExposureRequest
from khanij.analyses.inputs.facts import shipments
from khanij.analyses.profile.readings import of_case
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.reference.chronicle.instruments import known_to


def answer(request: ExposureRequest, case: Case, job: Job) -> Answer:
    """Return on whom a country depends, how sure that is, and what is in force against it."""
    profile = of_case(case)
    found = depend(profile, request.on or known_to())
    force = f"In force against {profile.name} on {found.on}"
    made = (
        tables.exposure(profile, found),
        tables.summary(profile, found),
        tables.countries(profile, found),
        tables.controls(profile, found, ("in-force",), "in-force", force),
        tables.controls(profile, found, ("suspended", "announced"), "coming", "Suspended or announced"),
        tables.through_time(profile, found),
        tables.unseen(profile, found),
        tables.told_goods(profile),
        tables.fallen(profile, shipments(profile.members) if case.manifest else []),
    )
    kept = tuple(table for table in made if len(table))
    said = (*words.findings(profile, found), *words.fell(made[-1]))
    told = {part: write(profile, found) for part, write in words.PARTS.items()}
    return Answer(request, kept, said, (), profile.results, (), profile.case.manifest, told)
