"""From the table of critical inputs to who in a country needs what, and how much of its output stands behind it."""

from __future__ import annotations

from collections.abc import Iterable

from khanij.analyses.needs import tables, words
from khanij.analyses.needs.request import NeedsRequest
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.reference.industry.critical_inputs import CriticalInput, critical_inputs, inputs_of, users_of
from khanij.reference.industry.product_output import products
from khanij.simulate.loss import critical_uses, industries


def answer(request: NeedsRequest, case: Case, job: Job) -> Answer:
    """Return one row a pair of product and good; raises CoverageError where the table has none."""
    rows = _of_product(request) if request.product else _of_minerals(request)
    if not rows:
        what = f"no product on record holds {request.product or ', '.join(request.material)} {request.stage}".rstrip()
        raise CoverageError(what, where="critical_inputs.csv", hint="khanij data list materials; other stage")
    parts = {good: _parts(case, request.focus, good) for good in dict.fromkeys(row.good for row in rows)}
    table = tables.needs(rows, request.focus, parts)
    sources = tuple(dict.fromkeys(id for row in rows for id in row.source.split(";")))
    return Answer(request, (table,), words.findings(rows, request, parts), sources=sources, manifest=case.manifest)


def _of_product(request: NeedsRequest) -> tuple[CriticalInput, ...]:
    """Return what a product holds; of a family without rows of its own, what its members hold."""
    own = inputs_of(request.product, request.focus)
    members = [row.id for row in products().values() if row.family == request.product]
    found = own or [row for member in members for row in inputs_of(member, request.focus)]
    return tuple(row for row in found if row.without != "unneeded")


def _of_minerals(request: NeedsRequest) -> tuple[CriticalInput, ...]:
    """Return who holds the minerals, stage by stage."""
    goods = dict.fromkeys(row.good for row in critical_inputs() if row.material in request.material)
    wanted: Iterable[tuple[str, str]] = (g for g in goods if not request.stage or g[1] == request.stage)
    return tuple(row for good in wanted for row in users_of(*good, place=request.focus))


def _parts(case: Case, focus: str, good: tuple[str, str]) -> dict[str, tuple[float, float, float]]:
    """Return product -> value added of a focus that needs a good, USD: low, best, high; {} without a table."""
    economy = industries.economy(case, focus, case.axis("year").codes[-1])
    if not economy.known:
        return {}
    return critical_uses.at_risk(case, economy.focus, economy.table, economy.codes, economy.output,
                                 economy.value_added, (good,))  # fmt: skip
