"""Scrap that arises in a country by the demand model, for plants that are to recycle it."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.analyses import runner
from khanij.core.case import Case
from khanij.plan.measures.scrap import RecoverableScrap, read_scrap
from khanij.reference.industry.technologies import default_scenario

DRAWS = 50  # behind the range
BACK = 10  # years before, in which it may have its last figure


def recoverable(case: Case, materials: Sequence[str], year: int, scenario: str = "") -> RecoverableScrap | None:
    """Return what could be recovered of some materials in a year, or the last one before it that has a figure.

    The rates of collection and recovery are in it: neutral case of end_of_life.csv. None where the Case holds nothing
    that the demand model needs.
    """
    if not runner.answers("scrap-supply", case):
        return None
    scenario = scenario or default_scenario(case.axis("focus").codes[0])
    result = runner.run("scrap-supply", case, scenario=scenario, since=year - BACK, to=year, draws=DRAWS)
    return read_scrap(result, scenario, materials)
