"""The dossier: every line of its contents asked, each answer a chapter; what has no answer says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from khanij.analyses.question import Answer, Job, Request, ask, find, request_of
from khanij.analyses.runner import methods
from khanij.brief import stops
from khanij.brief.contents import ADDED, CONTENTS, FIRST_ASKED, Line, Subject
from khanij.brief.request import BriefRequest
from khanij.core.case import Case
from khanij.core.errors import KhanijError
from khanij.core.number import WIDE, Number
from khanij.core.result import Result
from khanij.present import answers, names
from khanij.present.document import Chapter, Sentence
from khanij.reference import columns
from khanij.reference.chronicle.instruments import known_to

FORECAST = range(2009, 2026)  # years at whose end a forecast of restrictions can be made
STOPPED = Sentence("Each row is one answer of `khanij shock`; two stops at once are not the sum of two rows.")
METHODS = ("method", "gives", "method_reference", "version")
READ = (
    "Trade is reconciled customs data: exporter's and importer's reports made one. Suppliers are countries of shipment,"
    " so a re-exporter can stand for a mine elsewhere.",
    "A mineral's own imports are those under trade codes that hold nothing else; what is traded under shared codes is"
    " told in the table of gaps, with the whole code as a ceiling.",
    "A number is marked † when its source or its content factor is of low confidence, or when its range spans more than"
    f" a factor of {WIDE:g}.",
)


def asked_of(question: str, fields: Mapping[str, Any], case: Case, brief: BriefRequest, job: Job) -> Answer:
    """Return the answer to a question of the brief: on its Case where that is of the country and year asked.

    fields  of the question; focus and year are those of the Case unless they are named
    What the brief assumes, every question of it assumes; its own facts lie over the store already.
    """
    kind = request_of(find(question))
    common = {"focus": brief.focus, "year": int(case.axis("year").codes[-1]), "assume": brief.assume}
    request = kind.of(common | dict(fields))
    answer = ask(request, case if _stands_on(request, case) else None, job)
    return replace(answer, request=request.model_copy(update={"own": brief.own})) if brief.own else answer


def chances(subject: Subject, materials: tuple[str, ...], job: Job) -> dict[tuple[str, str], Number]:
    """Return (seller, material) -> chance that a new restriction strikes the country in the year after the last end.

    Of a seller that the forecast does not name there is none, which is no chance of nothing.
    """
    on = subject.request.on or known_to()
    origin = min(max(on.year - 1, FORECAST[0]), FORECAST[-1])
    fields = {"origin": origin, "to": (subject.profile.focal,), "material": tuple(dict.fromkeys(materials))}
    try:
        answer = ask(request_of(find("forecast make")).of(fields), None, job)
    except KhanijError:  # no seller of any of them is at risk
        return {}
    rows = [row for row in answer.table("forecast").rows() if row["destination"] != "all"]
    note = f"a new restriction in {origin + 1}, as forecast at the end of {origin}"
    return {
        (row["country"], row["material"]): Number(row["value"], "1", answer.sources, confidence="low", note=note)
        for row in rows
    }


def _stands_on(request: Request, case: Case) -> bool:
    """Return whether a request stands on this Case: of its country and year, whatever minerals."""
    scope = request.scope()
    if scope is None or scope.kind != "countries":
        return False
    return scope.foci == case.axis("focus").codes and tuple(map(str, scope.years)) == case.axis("year").codes


def answered(subject: Subject, job: Job) -> dict[str, Answer | KhanijError]:
    """Return id of a line -> its answer, or why it has none; lines that are not asked are left out.

    Where the pages alone are wanted, only lines are asked that add to them.
    """
    found: dict[str, Answer | KhanijError] = dict(subject.answers)
    for line in CONTENTS:
        if not subject.request.dossier and line.id not in ADDED:
            continue
        fields = line.fields(subject)
        if fields is None or line.id in found:
            continue
        job.say(line.question)
        try:
            found[line.id] = asked_of(line.question, fields, subject.profile.given, subject.request, job)
        except KhanijError as lacking:
            found[line.id] = lacking
    return found


def chapters(subject: Subject, found: Mapping[str, Answer | KhanijError]) -> tuple[Chapter, ...]:
    """Return every line that was asked as a chapter, and last how the numbers were made."""
    lines = [line for line in CONTENTS if line.id in found]
    made = [_chapter(line, subject, found[line.id]) for line in lines]
    return (*_stops(subject), *made, _methods(results(found)))


def _stops(subject: Subject) -> tuple[Chapter, ...]:
    """Return the dearest years without a seller as a chapter, none where nothing is bought."""
    if not subject.stops:
        return ()
    grid = stops.table(subject.stops, subject.profile.year)
    return (Chapter("dearest", "The dearest stops, one by one", ((STOPPED,),), (), (grid,)),)


def _chapter(line: Line, subject: Subject, found: Answer | KhanijError) -> Chapter:
    """Return one answer as a chapter."""
    heading = line.heading if isinstance(line.heading, str) else line.heading(subject)
    if isinstance(found, KhanijError):
        said = Sentence(f"{names.countries(found.what)}.", emphasis="Not known.")
        return Chapter(line.id, heading, ((said,),))
    return answers.chapter(found, line.id, heading, without=line.without, prefix=line.id not in FIRST_ASKED)


def results(found: Mapping[str, Answer | KhanijError]) -> dict[str, Result]:
    """Return the Results behind the answers, those of the first questions under their own names."""
    held: dict[str, Result] = {}
    for id, one in found.items():
        start = "" if id in FIRST_ASKED else f"{id}-"
        if isinstance(one, Answer):
            held |= {f"{start}{name}": result for name, result in one.results.items()}
    return held


def _methods(made: Mapping[str, Result]) -> Chapter:
    """Return how the numbers were made: the methods that ran, after whom, and how they are to be read."""
    known = methods()
    ran = sorted({(x.trace.method.partition(" ")[0], x.trace.version) for x in made.values()})
    named = [(known[id], version) for id, version in ran if id in known]
    rows = [
        {"method": m.id, "gives": m.title.rstrip("."), "method_reference": m.reference, "version": version}
        for m, version in named
    ]
    grid = columns.table("methods", "Methods", rows, METHODS)
    return Chapter("method", "How the numbers were made", (tuple(map(Sentence, READ)),), (), (grid,))
