"""How the numbers were made, method by method, and what was decided on the way."""

from __future__ import annotations

from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.runner import methods
from khanij.core.number import WIDE
from khanij.present.document import Chapter, Sentence
from khanij.reference import columns

KEYS = ("method", "gives", "method_reference", "version")


def chapter(profile: CountryProfile) -> Chapter:
    """Return the chapter on methods, from the registry and the traces of what was run."""
    known = methods()
    ran = sorted({(x.trace.method.partition(" ")[0], x.trace.version) for x in profile.results.values()})
    rows = [
        {
            "method": id,
            "gives": known[id].title.rstrip("."),
            "method_reference": known[id].reference,
            "version": version,
        }
        for id, version in ran
    ]
    notes = tuple(dict.fromkeys(note for result in profile.results.values() for note in result.trace.notes))
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
    grid = columns.table("methods", "Methods", rows, KEYS, notes=notes)
    return Chapter("method", "How the numbers were made", (lead,), (), (grid,))
