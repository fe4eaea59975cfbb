"""run"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from khanij import reference
from khanij.analyses.compare import sides as verdicts
from khanij.analyses.compare.concordance import ABSENT, COUNTED, _pairs, _reason, _row, pair
from khanij.analyses.compare.sides import Assessor
from khanij.analyses.inputs.cases import case as build
from khanij.analyses.runner import find
from khanij.core.errors import StudyError
from khanij.core.table import Table
from khanij.reference import official_lists as official

METHODS = (
    *("eu-criticality", "india-2023", "nassar-2020", "uk-2024", "geopolrisk", "early-warning", "yale-supply-risk"),
    *("hhi-wgi", "import-hhi", "import-reliance"),
)

GOVERNANCE_YEARS = range(2016, 2021)  # the years of the scores that the EU methods take by default


def sides(
    focus: str | None, year: int, methods: Sequence[str] | None, lists: Sequence[str] | None
) -> tuple[list[Assessor], Assessor | None, str]:
    """Return what is to be compared, the official list that counts for the focus, and the focus.

    focus    country or group; None = the world, whose methods have no focus
    methods  ids of indicators; METHODS if None
    lists    ids of official lists; all if None
    """
    code = None if focus is None else reference.focus(focus)
    chosen = tuple(METHODS if methods is None else methods)
    world = code is None
    if world:
        focal = [id for id in chosen if "focus" in find(id).measures[0].axes]
        if methods is not None and focal:
            raise StudyError(f"{focal[0]} needs a country", where="COUNTRY", hint="khanij compare COUNTRY --method …")
        chosen = tuple(id for id in chosen if id not in focal)
        code = "EU27"
    assert code is not None
    span = sorted({year, *GOVERNANCE_YEARS})
    case = build(code, span)
    found = [verdicts.judged(id, case, str(year)) for id in chosen]
    found += [verdicts.official(id) for id in (verdicts.names() if lists is None else lists)]
    own = None if world else official.chosen(code, year)[0]
    fallback = None if own in (None, "all") else verdicts.official(str(own))
    return found, fallback, "world" if world else code


def compare(
    focus: str | None, year: int, methods: Sequence[str] | None = None, lists: Sequence[str] | None = None
) -> Table:
    """Return one row a pair: universe, agreement, kappa with its range, rank correlations, and who names what alone.

    Arguments as in `sides`. Raises StudyError, CoverageError.
    """
    chosen, fallback, code = sides(focus, year, methods, lists)
    rows = [_row(pair(one, two, fallback), year) for one, two in _pairs(chosen)]
    rules = tuple(side.rule for side in chosen)
    return Table.of(f"concordance, {code}, {year}", rows, notes=(*COUNTED, ABSENT, *rules))


def parted(
    focus: str | None, year: int, methods: Sequence[str] | None = None, lists: Sequence[str] | None = None
) -> Table:
    """Return one row a pair and mineral on which the two part: both verdicts, and why, in words with the figures.

    Arguments as in `sides`.
    """
    chosen, fallback, code = sides(focus, year, methods, lists)
    rows = []
    for one, two in _pairs(chosen):
        both = pair(one, two, fallback)
        for n in np.nonzero(both.first != both.second)[0]:
            unit = list(both.units)[n]
            rows.append(
                {
                    "first": one.id,
                    "second": two.id,
                    "material": unit,
                    "year": year,
                    "first_says": "yes" if both.first[n] else "no",
                    "second_says": "yes" if both.second[n] else "no",
                    "why": f"{unit}: {_reason(both, n, 0)}; {_reason(both, n, 1)}",
                }
            )
    rules = tuple(side.rule for side in chosen)
    if not rows:
        return Table.by_column(f"where they part, {code}, {year}", {}, notes=("they part nowhere", *rules))
    return Table.of(f"where they part, {code}, {year}", rows, notes=(*COUNTED, ABSENT, *rules))
