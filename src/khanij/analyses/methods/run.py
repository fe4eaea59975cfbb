"""The list of methods, and one of them run on a Case."""

from __future__ import annotations

from khanij.analyses import runner
from khanij.analyses.inputs import absent
from khanij.analyses.methods import tables, words
from khanij.analyses.methods.request import MethodsRequest, RunRequest
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.core.errors import StudyError


def answer_methods(request: MethodsRequest, case: Case | None, job: Job) -> Answer:
    """Return the methods of the registry."""
    listed = [method for method in runner.methods().values() if request.kind in ("", method.kind)]
    if not listed:
        kinds = sorted({method.kind for method in runner.methods().values()})
        raise StudyError(f"no method is of the kind {request.kind}", where="--kind", hint=f"one of {', '.join(kinds)}")
    return Answer(request, (tables.listing(listed),), (words.listing(listed),))


def answer_run(request: RunRequest, case: Case, job: Job) -> Answer:
    """Return one method run on the Case: one row a value, and one for whatever was asked and has none."""
    method = runner.find(request.method)
    result = runner.run(method.id, case, **runner.settings(method, request.set))
    variable = runner.variable(method.id, request.variable)
    foci = case.axes["focus"].codes if "focus" in case.axes else ()
    own = foci[0] if len(foci) == 1 else ""
    rows = tables.rows(result, variable.name, own)
    named = request.material or (case.axis("material").codes if request.purchases is not None else ())  # all bought
    asked = {"material": named if "material" in variable.axes else ()}
    # a forecast has years of its own, which nobody asked for one by one
    years = next((axis.codes for axis in result.variable(variable.name).axes if axis.name == "year"), ())
    asked |= {"year": request.year if "year" in case.axes and years == case.axis("year").codes else ()}
    rows, added = absent.complete(
        rows,
        asked,
        lambda one: absent.reason(method, case, one),
        fill={
            "method": method.id,
            "unit": variable.unit,
            **({"focus": own} if own and "focus" in variable.axes else {}),
        },
        where=f"{method.id}, {', '.join(request.focus)}",
        hint="khanij data check shows what is held; khanij methods, what a method needs",
    )
    valued = {row["material"] for row in rows if row["value"] is not None}
    silent = [row for row in rows if row["material"] in named and row["material"] not in valued]
    whose = runner.of_the_eu(method, own)
    of_eu = (f"{whose}.",) if whose else ()
    table = tables.values(method, variable, [*rows, *added], result.trace.notes)
    return Answer(
        request,
        (table,),
        (*words.values(method, variable, rows, own), *of_eu, *absent.sentences([*silent, *added])),
        results={method.id: result},
        sources=result.trace.sources,
        manifest=case.manifest,
    )
