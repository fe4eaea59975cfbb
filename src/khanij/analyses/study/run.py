"""Studies: the requests of a file, each answered as it is by itself, and their tables and sentences together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from khanij.analyses.question import Answer, Job, Request, ask
from khanij.analyses.study.request import LabelledAnswer, Study, StudyRequest
from khanij.core.case import Case
from khanij.core.result import Result


def answer(request: StudyRequest, case: Case | None, job: Job) -> Answer:
    """Return the answers to all requests of a study; a page of them is left in a folder if one is named."""
    parts = run(request.study, request, case, job)
    if request.page is not None:
        from khanij.analyses.study import page  # a page needs its template and the plotting script

        for path in page.write(request.study, parts, request.page, request.file.stem).values():
            job.say(f"written: {path}")
    tables = tuple(replace(t, key=f"{part.label}-{t.key}") for part in parts for t in part.answer.tables)
    figures = tuple(replace(f, id=f"{part.label}-{f.id}") for part in parts for f in part.answer.figures)
    results: dict[str, Result] = {}
    for part in parts:
        results |= {f"{part.label}-{name}": result for name, result in part.answer.results.items()}
    return Answer(
        request,
        tables,
        tuple(sentence for part in parts for sentence in part.answer.findings),
        figures,
        results,
        tuple(dict.fromkeys(source for part in parts for source in part.answer.sources)),
        next((part.answer.manifest for part in parts), ""),
    )


def run(
    study: Study, common: Request | None = None, case: Case | None = None, job: Job | None = None
) -> tuple[LabelledAnswer, ...]:
    """Return each request of a study with its answer.

    common  whose assumptions and own facts join those of every request      case  on which all of them stand
    """
    job = job or Job()
    parts = []
    for label, one in zip(study.labels, study.requests, strict=True):
        job.say(label)
        if common is not None and (common.assume or common.own):
            more: dict[str, Any] = {"own": (*one.own, *common.own)}
            if one.reads_assumptions():
                more["assume"] = (*one.assume, *common.assume)
            one = type(one).of(one.given() | more)
        parts.append(LabelledAnswer(label, ask(one, case, job)))
    return tuple(parts)
