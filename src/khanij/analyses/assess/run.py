"""Several indicators of one focal country side by side, one row a material and stage."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.analyses.runner import default, methods, run
from khanij.core.case import Case
from khanij.core.errors import StudyError
from khanij.core.table import Table


def assess(case: Case, chosen: Sequence[str] = ()) -> Table:
    """Return material, stage, focus, year and the primary variable of each method.

    case    the question
    chosen  ids of indicators whose axes are among material, stage, focus, year; those of the registry if empty
    Raises StudyError for a method that gives something else.
    """
    known = methods()
    chosen = tuple(chosen) or default("assess")
    cells: dict[tuple[str, str, str, str], dict[str, float]] = {}
    units, notes = {}, []
    for id in chosen:
        result = run(id, case)
        names = [axis.name for axis in result.value.axes]
        if not set(names) <= {"material", "stage", "focus", "year"}:
            raise StudyError(
                f"{id} gives {names}", where="--method", hint="assess takes indicators; use run for others"
            )
        units[id] = result.value.unit
        notes.append(f"{id}: {known[id].title}")
        spread = _spread(result.table(), case)
        for key, value in spread:
            cells.setdefault(key, {})[id] = value
    rows = [
        {"material": m, "stage": s, "focus": f, "year": int(y), **{id: cells[m, s, f, y].get(id) for id in chosen}}
        for m, s, f, y in sorted(cells, key=lambda k: (k[2], k[0], case.axis("stage").at(k[1]), k[3]))
    ]
    return Table.of("assessment", rows, units=units, notes=tuple(notes))


def _spread(table: Table, case: Case) -> list[tuple[tuple[str, str, str, str], float]]:
    """Return (material, stage, focus, year) -> value; a world indicator holds for every focus."""
    out = []
    for row in table.rows():
        if row["value"] is None or row["stage"] is None:
            continue
        years = case.axis("year").codes if row["year"] is None else (str(row["year"]),)
        foci = case.axis("focus").codes if row["focus"] is None else (row["focus"],)
        out.extend(((row["material"], row["stage"], focus, year), row["value"]) for focus in foci for year in years)
    return out
