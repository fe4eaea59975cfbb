"""How much a country will need, how much of it can come back, and how that compares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from khanij import reference
from khanij.analyses import runner
from khanij.analyses.demand import tables, words
from khanij.analyses.demand.request import BASE, DemandRequest
from khanij.analyses.inputs import absent
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.core.result import Result
from khanij.demand import agreement

SETTINGS = ("draws", "seed", "intensity", "recycling", "growth", "world")


def answer(request: DemandRequest, case: Case | None, job: Job) -> Answer:
    """Return the need of each material by year, or by technology, or what the scenarios state.

    Materials without any figure are named with the reason; a cell without a figure is empty, never 0.
    """
    if request.scenarios or case is None:
        stated = tables.stated(reference.rows("demand_scenarios"))
        return Answer(request, (stated,), tuple(words.stated(stated)), manifest=reference.fingerprint()[:16])
    job.say(f"demand of {request.focus} in scenario {request.followed}")
    settings = {name: getattr(request, name) for name in SETTINGS}
    found = results_on(case, request.followed, request.since, request.to, **settings)
    years = milestones(request.since, request.to, request.every)
    made = tables.technology_rows if request.technology else tables.rows
    rows = made(found, years)
    rows, added = absent.complete(
        rows,
        {"material": request.material},
        lambda one: _why(found, str(one.labels["material"])),
        note="missing",
        value="demand" if request.technology else "",
        where=f"demand {request.focus}, {request.followed}",
        hint="--scenarios lists what the scenarios state",
    )
    notes = list(dict.fromkeys(note for result in found.values() for note in result.trace.notes))
    if not request.material:
        silent = absent.absent(rows, {"material": case.axis("material").codes})
        notes += [f"no figure for {len(silent)} materials: {', '.join(one.words for one in silent)}"] if silent else []
    grid = tables.by_technology if request.technology else tables.need
    shown = [grid([*rows, *added], request.focus, request.followed, notes)]
    if not request.technology and (beside := agreement.beside(found, years, request.followed, request.world)):
        shown.append(tables.agreement(beside, request.focus))
    return Answer(
        request,
        tuple(shown),
        (*words.need(rows, request, years), *absent.sentences(added, "missing")),
        results=found,
        sources=tuple(sorted({source for result in found.values() for source in result.trace.sources})),
        manifest=case.manifest,
    )


def _why(found: Mapping[str, Result], material: str) -> str:
    """Return why a material has no figure: what the methods say of it."""
    said: dict[str, None] = {}
    for name in ("demand", "base"):
        for row in found[name].table().rows():
            if row["material"] == material and row["value"] is None and row["notes"]:
                said[row["notes"]] = None
    return "; ".join(said) or "no technology of the scenario has an intensity of it, and no use in all is known"


def results_on(case: Case, scenario: str, since: int, to: int, **settings: Any) -> dict[str, Result]:
    """Return the Results of demand, scrap, base demand and the part of the world's demand of one focus.

    scenario  name of a scenario      since, to  years
    settings  draws, seed, intensity, recycling, growth, world; compared=False leaves the part of the world's demand out
    """
    span = {"since": since, "to": to}
    drawn: dict[str, Any] = {name: settings[name] for name in ("draws", "seed") if name in settings}
    named: dict[str, Any] = {"scenario": scenario, **span, **drawn}
    made = {name: settings[name] for name in ("intensity",) if name in settings}
    back = {name: settings[name] for name in ("recycling",) if name in settings}
    grown = {name: settings[name] for name in ("growth",) if settings.get(name) is not None}
    world = {name: settings[name] for name in ("world",) if name in settings}
    found = {
        "demand": runner.run("material-demand", case, **named, **made),
        "scrap": runner.run("scrap-supply", case, **named, **made, **back),
        "base": runner.run("base-demand", case, **named, **grown),
    }
    if settings.get("compared", True):
        found["world"] = runner.run("demand-as-part-of-world", case, **span, **world)
        found["growth"] = runner.run("need-growth", case, **{**named, **world}, base=min(BASE, since))
    return found


def milestones(since: int, to: int, every: int) -> tuple[int, ...]:
    """Return the first and last year and every year between that `every` divides."""
    return tuple(year for year in range(since, to + 1) if year in (since, to) or year % every == 0)
