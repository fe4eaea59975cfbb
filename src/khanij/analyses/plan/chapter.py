"""The chapter of a brief on what a budget buys: the question asked, and the tables that a brief shows."""

from __future__ import annotations

from dataclasses import replace

from khanij.analyses.plan.programme import Money
from khanij.analyses.plan.request import PlanRequest
from khanij.analyses.question import ask
from khanij.core.table import Table
from khanij.present.document import Chapter

YEARS, SEED, DRAWN = 1_000, 0, 200  # `khanij plan` simulates more unless it is told; a brief has seconds
SHOWN = ("begun", "money", "targets", "supply", "frontier", "account", "left", "unpriced", "not-counted")
LEFT = 10  # rows of what was left
MORE = "splits, regret and inputs at the ends of their ranges are not computed here: the same command without --quick"


def request(focal: str, year: int, asked: Money) -> PlanRequest:
    """Return what a brief asks of a plan: the money of a programme or a sum that was stated."""
    given = {"focus": focal, "year": year, "years": YEARS, "seed": SEED, "scenarios": DRAWN}
    given |= {"budget": asked.text, "from": asked.since, "to": asked.to, "ceilings": bool(asked.ceilings)}
    return PlanRequest.of(given | {"deep": False, "frontier": True})


def chapter(focal: str, year: int, asked: Money) -> Chapter:
    """Return the chapter on a plan; raises KhanijError where none can be made."""
    answer = ask(request(focal, year, asked))
    held = {table.key: table for table in answer.tables}
    grids = tuple(_picked(held[key], asked.to) for key in SHOWN if key in held)
    return Chapter("plan", heading(asked), (answer.findings,), answer.figures, grids)


def heading(asked: Money) -> str:
    """Return what the chapter is called."""
    return f"What {f'the money of the {asked.name}' if asked.name else asked.text} could buy"


def _picked(table: Table, last: int) -> Table:
    """Return a table of the answer as a brief shows it: under a key of its own, long ones cut to what counts."""
    shown = replace(table, key=f"plan-{table.key}")
    if table.key == "supply":
        at = table.keys.index("year")
        title = f"{table.title.removesuffix(' by year')} in {last}"
        return replace(shown, title=title, cells=tuple(row for row in table.cells if row[at] == last), long=True)
    if table.key == "left":
        note = f"the {LEFT} that avert most by their cost; the command shows all"
        return replace(shown, cells=table.cells[:LEFT], notes=(*table.notes, note))
    return replace(shown, notes=(*table.notes, MORE)) if table.key == "account" else shown
