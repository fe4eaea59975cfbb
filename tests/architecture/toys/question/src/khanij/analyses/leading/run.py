"""The leading maker of each mineral."""

from __future__ import annotations

import numpy as np

from khanij.analyses.leading.request import LeadingRequest
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.reference import columns

KEYS = ("material", "stage", "country")


def answer(request: LeadingRequest, case: Case, job: Job) -> Answer:
    """Return the country with the largest known output of each mineral; one without any output known has no row."""
    output = case.array("production", "material", "stage", "country", "year")
    made = output[:, case.axis("stage").at(request.stage), :, case.axis("year").at(str(request.year))]
    rows = [
        {"material": material, "stage": request.stage, "country": case.axis("country").codes[int(np.nanargmax(row))]}
        for material, row in zip(case.axis("material").codes, made, strict=True)
        if (row > 0).any()
    ]
    table = columns.table("leading", "Leading makers", rows, KEYS)
    said = tuple(f"{row['country']} makes most {row['material']}." for row in rows)
    return Answer(request, (table,), said, manifest=case.manifest)
