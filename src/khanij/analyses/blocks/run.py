"""What blocks and stakes abroad bring, by what is on record of each and by what such blocks became elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khanij import reference
from khanij.analyses.blocks.request import BlocksRequest
from khanij.analyses.inputs import facts as queries
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.core.number import Number
from khanij.core.range import Range
from khanij.plan.measures import blocks
from khanij.plan.measures.blocks import SEARCHED, SOURCE, Step
from khanij.present import text
from khanij.present.names import mineral
from khanij.reference import agreements, columns
from khanij.reference.agreements import Project
from khanij.reference.names import country_name

BLOCKS = (
    *("block", "minerals", "country_name", "block_stage", "block_area", "block_money", "money_by_area", "block_output"),
    *("block_odds", "block_years", "block_state", "note", "country"),
)
HECTARES = 100.0  # in a square kilometre


def answer(request: BlocksRequest, case: Case | None, job: Job) -> Answer:
    """Return one row a block or stake abroad; raises CoverageError where none is on record."""
    listed = [
        project
        for project in agreements.projects(request.focus)
        if project.country != request.focus and (not request.material or set(project.materials) & set(request.material))
    ]
    if not listed:
        what = f"no block or stake of {country_name(request.focus)} abroad is on record"
        raise CoverageError(what, where="projects.csv", hint="khanij register and khanij scorecard hold what states do")
    path = blocks.steps(_figures("success_probability"), _figures("lead_time"))
    rows = [_row(project, path) for project in listed]
    silent = [m for m in request.material if not any(m in project.materials for project in listed)]
    none = tuple(f"no block or stake abroad for {mineral(m)} is on record" for m in silent)
    notes = (
        *none,
        "odds are the product of the steps that are left, as such blocks fared elsewhere; years are their sum",
        "expected output is not told where none is announced: odds times nothing known is not nothing",
    )
    order = sorted(
        rows, key=lambda row: (row["block_odds"].value is None, -(row["block_odds"].value or 0.0), row["block"])
    )
    title = f"blocks and stakes of {country_name(request.focus)} abroad"
    shown = ("block", "country_name", "block_stage", "block_area", "block_money", "block_odds", "block_years")
    table = columns.table("blocks", title, order, BLOCKS, notes=notes, main=shown)
    said = (*_said(order, request.focus), *(f"{text.capital(one)}." for one in none))
    return Answer(request, (table,), said, sources=(SOURCE,), manifest=reference.fingerprint()[:16])


def _figures(quantity: str) -> dict[str, Range]:
    """Return the last part of a fact's item -> its figure with range."""
    found = {}
    for row in queries.facts(200, quantity=quantity).rows():
        if row["value"] is not None:
            ends = (row["low"] or row["value"], row["value"], row["high"] or row["value"])
            found[row["item"].split(" | ")[-1]] = Range(*ends, row["source"], row["confidence"])
    return found


def _row(project: Project, path: Sequence[Step]) -> dict[str, Any]:
    """Return what is on record of one project, and its odds and years."""
    area, money, announced = (_recorded(project, *of) for of in (
        ("project_area", "km2"), ("project_cost", "MUSD"), ("project_capacity", "t")))  # fmt: skip
    hectares = None if area is None else area * HECTARES
    left = blocks.left(project, path)
    odds, years = blocks.odds(project, left), blocks.total([step.years for step in left]) if left else None
    return {
        "block": project.name,
        "minerals": text.joined(mineral(one) for one in project.materials),
        "country_name": country_name(project.country),
        "block_stage": project.kind,
        "block_area": hectares,
        "block_money": money,
        "money_by_area": 1e6 * money / hectares if money and hectares else None,
        "block_output": announced,
        "block_odds": odds,
        "block_years": None if years is None else Number(years.best, "yr", (SOURCE,), years.low, years.high, "low"),
        "block_state": project.status,
        "note": project.note,
        "country": project.country,
    }


def _recorded(project: Project, quantity: str, unit: str) -> float | None:
    """Return a figure of a project in a unit, None where none is on record."""
    for row in queries.facts(200, quantity=quantity, country=project.country).rows():
        if row["item"].partition(" | ")[0] == project.item and row["unit"] == unit and row["value"] is not None:
            return float(row["value"])
    return None


def _said(rows: Sequence[Mapping[str, Any]], focus: str) -> list[str]:
    """Return how many there are, what the surest block brings, and what is announced."""
    name = country_name(focus)
    held = [row for row in rows if row["block_stage"] in SEARCHED]
    said = [f"{name} has {len(rows)} projects abroad on record; {len(held)} of them hold a block or a mine."]
    for row in (row for row in held if row["block_area"]):
        parts = [f"{row['block_area']:,.0f} ha in {row['country_name']} ({row['minerals']})"]
        parts += [f"USD {row['block_money']:,.1f} million"] if row["block_money"] else []
        parts += [f"USD {row['money_by_area']:,.0f} a hectare"] if row["money_by_area"] else []
        odds, years = row["block_odds"], row["block_years"]
        if odds.value is not None and years is not None:
            parts.append(
                f"odds of a mine {text.percent(odds.value)} ({text.percent(odds.low)} to {text.percent(odds.high)}), in"
                f" some {years.value:.0f} years ({years.low:.0f} to {years.high:.0f})"
            )
        announced = (
            f"{text.tonnes(row['block_output'])} a year announced" if row["block_output"] else "no output announced"
        )
        said.append(f"{row['block']}: {'; '.join([*parts, announced])}.")
    return said
