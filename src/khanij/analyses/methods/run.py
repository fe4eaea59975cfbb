"""The list of methods, and one of them run on a Case."""

from __future__ import annotations

from khanij.analyses import runner
from khanij.analyses.inputs import absent
from khanij.analyses.methods import tables, words
from khanij.analyses.methods.request import MethodsRequest, RunRequest
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.core.registry import Variable


def answer_methods(request: MethodsRequest, case: Case | None, job: Job) -> Answer:
    """Return the methods of the registry."""
    listed = [method for method in runner.methods().values() if request.kind in ("", method.kind)]
    return Answer(request, (tables.listing(listed),), (words.listing(listed),))


def answer_run(request: RunRequest, case: Case, job: Job) -> Answer:
    """Return one method run on the Case: one row a value, and one for whatever was asked and has none."""
    method = runner.find(request.method)
    result = runner.run(method.id, case, **runner.settings(method, request.set))
    variable = runner.variable(method.id, request.variable)
    rows = tables.rows(result, variable.name)
    asked = {"material": request.material if "material" in variable.axes else ()}
    asked |= {"year": request.year if "year" in variable.axes else ()}
    rows, added = absent.complete(
        rows,
        asked,
        lambda one: absent.reason(method, case, one),
        fill={"method": method.id, "unit": variable.unit, **_focus(variable, case)},
        where=f"{method.id}, {', '.join(request.focus)}",
        hint="khanij data check shows what is held; khanij methods, what a method needs",
    )
    table = tables.values(method, variable, [*rows, *added], result.trace.notes)
    return Answer(
        request,
        (table,),
        (*words.values(method, variable, rows), *absent.sentences(added)),
        results={method.id: result},
        sources=result.trace.sources,
        manifest=case.manifest,
    )


def _focus(variable: Variable, case: Case) -> dict[str, str]:
    """Return the one focus of a variable that has foci, where there is but one."""
    foci = case.axes["focus"].codes if "focus" in case.axes and "focus" in variable.axes else ()
    return {"focus": foci[0]} if len(foci) == 1 else {}
