"""Scrap that arises in a country by the demand model, for plants that are to recycle it."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.analyses.demand import run
from khanij.plan.measures.scrap import RecoverableScrap, read_scrap

SCENARIO = "steps"
DRAWS = 50  # behind the range


def recoverable(focus: str, materials: Sequence[str], year: int, scenario: str = SCENARIO) -> RecoverableScrap:
    """Return what could be recovered of some materials in a year, or the last one before it that has a figure.

    The rates of collection and recovery are in it: neutral case of end_of_life.csv.
    """
    found = run.results(focus, scenario, year - 10, year, materials, draws=DRAWS, compared=False)
    return read_scrap(found["scrap"], scenario)
