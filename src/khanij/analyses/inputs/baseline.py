"""The baseline of a focus from facts in the store: what risk, measures, partners and plans stand on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from khanij.analyses.inputs import cases
from khanij.analyses.inputs.trade_codes import codes
from khanij.reference import official_lists as official
from khanij.simulate.risk import baseline as simulated
from khanij.simulate.risk.baseline import Baseline


def prepare(focus: str, *span: int, **more: Any) -> Baseline:
    """Return the baseline of a focus, solved in this process; see unsolved()."""
    return simulated.solved(unsolved(focus, *span, **more))


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

    year  base year of trade and output      years, seed  simulated years and their seed
    materials  ids; all if None      more  partners, priors, min_share and fill of simulate.risk.baseline.prepare
    Raises CoverageError where no material has both a hazard and a market model.
    """
    return simulated.prepare(
        cases.case(focus, year),
        str(year),
        years,
        seed,
        materials=materials,
        alike=official.minerals(focus, year),
        uncovered=codes(year).unweighed,
        **more,
    )
