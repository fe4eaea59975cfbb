"""The baseline of a focus from facts in the store: what risk, measures, partners and plans stand on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from khanij.analyses.inputs import cases
from khanij.analyses.inputs.trade_codes import codes
from khanij.reference import official_lists as official
from khanij.simulate.risk import baseline as simulated
from khanij.simulate.risk.baseline import Baseline


def prepare(
    focus: str,
    year: int = 2024,
    years: int = 2_000,
    seed: int = 0,
    *,
    materials: Iterable[str] | None = None,
    **more: Any,
) -> Baseline:
    """Return the baseline of a focus, solved; see unsolved()."""
    case, settings = inputs(focus, year, materials)
    return simulated.baseline(case, str(year), years, seed, **settings, **more)


def unsolved(
    focus: str,
    year: int = 2024,
    years: int = 2_000,
    seed: int = 0,
    *,
    materials: Iterable[str] | None = None,
    **more: Any,
) -> Baseline:
    """Return the baseline of a focus before any scenario is solved.

    materials  ids; all if None      more  partners, priors, min_share and fill of simulate.risk.baseline.prepare
    Raises CoverageError where no material has both a hazard and a market model.
    """
    case, settings = inputs(focus, year, materials)
    return simulated.prepare(case, str(year), years, seed, **settings, **more)


def inputs(focus: str, year: int, materials: Iterable[str] | None) -> tuple[cases.Case, dict[str, Any]]:
    """Return the Case of all materials, and what a baseline has to be told of the store and of official lists."""
    settings = {
        "materials": None if materials is None else tuple(materials),
        "alike": official.minerals(focus, year),
        "uncovered": codes(year).unweighed,
    }
    return cases.case(focus, year), settings
