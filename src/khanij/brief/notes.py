"""How the numbers were made, method by method, and what was decided on the way."""

from __future__ import annotations

from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.runner import methods
from khanij.core.number import WIDE
from khanij.core.table import Column, Table
from khanij.present.document import Chapter, Sentence

COLUMNS = (
    Column("method", "Method", "text"),
    Column("does", "What it gives", "text"),
    Column("reference", "Reference", "text"),
    Column("version", "khanij", "text"),
)


def chapter(r: CountryProfile) -> Chapter:
    """Return the chapter on methods, from the registry and the traces of what was run."""
    known = methods()
    rows = tuple(
        (id, known[id].title.rstrip("."), known[id].reference, version)
        for id, version in sorted({(x.trace.method.partition(" ")[0], x.trace.version) for x in r.results.values()})
    )
    notes = tuple(dict.fromkeys(note for result in r.results.values() for note in result.trace.notes))
    lead = (
        Sentence(
            "Trade is reconciled customs data: exporter's and importer's reports made one. Suppliers are countries of"
            " shipment, so a re-exporter can stand for a mine elsewhere."
        ),
        Sentence(
            "A mineral's own imports are those under trade codes that hold nothing else; what is traded under shared"
            " codes is told in the table of gaps, with the whole code as a ceiling."
        ),
        Sentence(
            "A number is marked † when its source or its content factor is of low confidence, or when its range"
            f" spans more than a factor of {WIDE:g}."
        ),
    )
    grid = Table("methods", "Methods", COLUMNS, rows, notes)
    return Chapter("method", "How the numbers were made", (lead,), (), (grid,))
