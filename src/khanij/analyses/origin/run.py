"""run"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from khanij import reference
from khanij.analyses.inputs.cases import case as build
from khanij.analyses.origin.tables import _hubs, _lines, _on_the_way, _rest, _row
from khanij.analyses.runner import run
from khanij.core.errors import CoverageError, StudyError
from khanij.core.table import Table

AT = {"mine": "first", "refiner": "refined"}

SCALE = (
    "share: estimate by mixing; low and high: the least and the most that the same balances allow",
    "exposure: share of use that has been in the country at any stage, as maker, refiner or place of transit; "
    "exposures overlap and do not add up",
)


def origins(
    focus: str,
    materials: str | Iterable[str] | None,
    year: int,
    stage: str | None = None,
    by: str = "mine",
    top: int = 10,
    **parameters: Any,
) -> Table:
    """Return one row an origin, largest first, then the others together and the part whose origin is unknown.

    focus      country or group
    materials  ids or names; all if None
    stage      the stage at which the focus uses the material; every stage with trade if None
    by         "mine" = counted at the earliest stage with data, "refiner" = at the refined stage
    top        so many origins a stage are listed
    The shares of a material and stage add up to 1; re-export hubs on the way follow without a share. Raises StudyError
    for an unknown choice, CoverageError where nothing can be traced, with the reason that the records give.
    """
    if by not in AT:
        raise StudyError(f"{by!r} is no way to count origins", where="--by", hint=f"one of {', '.join(AT)}")
    if stage is not None and stage not in reference.STAGES:
        raise StudyError(f"{stage!r} is no stage", where="--stage", hint=f"one of {', '.join(reference.STAGES)}")
    if top < 1:
        raise StudyError(f"{top} origins are none", where="--top", hint="1 or more")
    case = build(focus, year, materials)
    # behind a stage whose output nobody reports, a trader would hide the mines: only net sellers made what they sold
    settings = {"at": AT[by], **({"unsourced": "net"} if by == "mine" else {}), **parameters}
    found = run("origin", case, **settings)
    passed = run("pass-through", case, **{name: value for name, value in settings.items() if name != "at"})
    made = _lines(found, stage)
    if not made:
        places = " ".join((*case.axis("material").codes, stage or "", case.axis("focus").codes[0], str(year)))
        told = "; ".join(note for note in found.trace.notes if note.startswith(("without data", "output but", "stage")))
        raise CoverageError(
            f"no origin can be traced{f': {told}' if told else ''}",
            where=" ".join(places.split()),
            hint="khanij data list codes shows which stages have trade codes with a content",
        )
    exposure = {key: {row["partner"]: row for row in lines} for key, lines in _lines(passed, stage).items()}
    exporters = run("re-exports", case)
    hubs = _hubs(exporters)
    unknown = {(r["material"], r["stage"]): r["value"] for r in found.table("unknown").rows()}
    rows = []
    for key, lines in made.items():
        ranked = sorted(lines, key=lambda row: -row["value"])
        rows += [_row(row, exposure.get(key, {}).get(row["partner"], {}), hubs) for row in ranked[:top]]
        rows += _rest(ranked[top:], ranked[0], unknown.get(key) or 0.0)
        listed = {row["partner"] for row in ranked[:top]}
        rows += _on_the_way(exposure.get(key, {}), listed, ranked[0], hubs)
    title = f"origin of what {case.axis('focus').codes[0]} uses, counted at the {by}, {year}"
    return Table.of(title, rows, notes=(*dict.fromkeys((*SCALE, *found.trace.notes, *exporters.trace.notes)),))
