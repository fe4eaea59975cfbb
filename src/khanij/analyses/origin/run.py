"""Where a material that a country uses was really made: origins with bounds, exposure on the way, hubs flagged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from khanij.analyses import runner
from khanij.analyses.inputs import absent
from khanij.analyses.origin import figures, tables, words
from khanij.analyses.origin.request import OriginRequest
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.core.result import Result
from khanij.core.table import Table
from khanij.methods.trade.origin import COUNTED
from khanij.methods.trade.reexports import HUB
from khanij.reference.assumptions import assumed
from khanij.simulate.loss.shock import SEED
from khanij.simulate.supply.networks import drawn_networks, networks
from khanij.simulate.supply.reconciled.origins import traced

AT = {"mine": "first", "refiner": "refined"}
Lines = Mapping[tuple[str, str], list[dict[str, Any]]]  # (material, stage of use) -> rows with a value


def answer(request: OriginRequest, case: Case, job: Job) -> Answer:
    """Return one row an origin, largest first, then the others together and the part whose origin is unknown.

    The shares of a material and stage add up to 1; re-export hubs on the way follow without a share. Raises
    CoverageError where nothing can be traced, with the reason that the records give.
    """
    method = runner.find("origin")
    # behind a stage whose output nobody reports, a trader would hide the mines: only net sellers made what they sold
    makers = {"unsourced": "net"} if request.by == "mine" else {}
    settings = {"at": AT[request.by], **makers, **runner.settings(method, request.set)}
    found = runner.run("origin", case, **settings)
    passed = runner.run("pass-through", case, **{name: value for name, value in settings.items() if name != "at"})
    exporters = runner.run("re-exports", case)
    hubs = _hubs(exporters, request.year)
    parts = (row for row in found.table("unknown").rows() if row["year"] == request.year)
    unknown = {(row["material"], row["stage"]): row["value"] for row in parts}
    exposure = _lines(passed, request)
    rows: list[dict[str, Any]] = []
    for key, lines in _lines(found, request).items():
        on_the_way = {row["partner"]: row for row in exposure.get(key, ())}
        rows += tables.origins(lines, on_the_way, hubs, unknown.get(key) or 0.0, request.top)
    rows, added = absent.complete(
        rows,
        {"material": request.material},
        lambda one: _why(
            case, found, str(one.labels["material"]), absent.reason(method, case, one, None, request.stage)
        ),
        fill={"year": request.year, "stage": request.stage or None},
        what="no origin can be traced",
        value="share",
        where=" ".join(filter(None, (*request.material, request.stage, request.focus, str(request.year)))),
        hint="khanij data list codes shows which stages have trade codes with a content",
    )
    traced = _traced(request, case)
    notes = dict.fromkeys((*tables.SCALE, *found.trace.notes, *exporters.trace.notes))
    table = tables.table([*rows, *added], request.focus, request.by, request.year, tuple(notes))
    drawn = figures.origins(table, request.focus, request.by, request.year, found.trace.sources)
    return Answer(
        request,
        (table, *((traced,) if len(traced) else ())),
        (
            *words.reconciled(list(traced.rows()), request.focus),
            *words.findings(rows, request.focus, request.by, request.year),
            *absent.sentences(added),
        ),
        () if drawn is None else (drawn,),
        results={"origin": found, "pass-through": passed, "re-exports": exporters},
        sources=found.trace.sources,
        manifest=case.manifest,
    )


def _traced(request: OriginRequest, case: Case) -> Table:
    """Return the origins on the reconciled base year, of the minerals that have one."""
    draws, found = round(assumed("flow_draws", case)), []
    asked = [material for material in request.material if material in case.axis("material")]
    for network in networks(case, asked, str(request.year)):
        counted = network.stages[0] if request.by == "mine" else "refined"
        if counted in network.stages:
            flows = drawn_networks(case, network, draws, SEED)
            found.append((network, counted, traced(network, counted, flows)))
    return tables.reconciled(
        tables.traced(found, request.stage, request.top), request.focus, request.by, request.year, draws
    )


def _why(case: Case, found: Result, material: str, reason: str) -> str:
    """Return why nothing of a material could be traced: what its Case lacks, or what the method says of it."""
    if reason != absent.UNMET:
        return reason
    said = [note for note in found.trace.notes if note.startswith(("without data", "output but", "stage"))]
    named = [note for note in said if material in note]
    return "; ".join(named) or reason


def _lines(result: Result, request: OriginRequest) -> Lines:
    """Return the rows with a value at the year and stage asked.

    Of each, `counted` is the stage at which the origin is counted, `said` what else must be said.
    """
    lines: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row, said in zip(result.table().rows(), result.remarked(), strict=True):
        asked = row["material"] in request.material  # a Case that is handed in may hold more
        if asked and row["value"] is not None and row["year"] == request.year and request.stage in ("", row["stage"]):
            others = [
                text if detail is None else f"{text}: {detail}" for text, detail in said.items() if text != COUNTED
            ]
            line = {**row, "counted": said.get(COUNTED) or "", "said": "; ".join(others)}
            lines.setdefault((row["material"], row["stage"]), []).append(line)
    return lines


def _hubs(result: Result, year: int) -> dict[tuple[str, str, str], float]:
    """Return (material, stage, country) -> exports over own output, of those that export much more than they make."""
    pairs = zip(result.table().rows(), result.remarked(), strict=True)
    hubs = ((row, said[HUB]) for row, said in pairs if HUB in said and row["year"] == year)
    return {(row["material"], row["stage"], row["partner"]): float(ratio) for row, ratio in hubs}
