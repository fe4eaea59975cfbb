"""The baseline of a focus: what risk, measures, partners and plans stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from khanij.analyses.inputs import cases
from khanij.analyses.inputs.trade_codes import codes
from khanij.core.case import Case
from khanij.reference import official_lists as official
from khanij.simulate.risk import baseline as simulated
from khanij.simulate.risk import not_modelled
from khanij.simulate.risk.baseline import Baseline

SOURCED = ("trade", "trade_value", "production", "price")  # quantities whose sources stand behind every loss


def prepare(focus: str, *span: int, **more: Any) -> Baseline:
    """Return the baseline of a focus from facts in the store, solved in this process; see unsolved()."""
    return simulated.solved(unsolved(focus, *span, **more))


def unsolved(focus: str, year: int = 2024, *span: int, **more: Any) -> Baseline:
    """Return the baseline of a focus from facts in the store before any scenario is solved; see on_case()."""
    return on_case(cases.case(focus, year), focus, year, *span, **more)


def on_case(
    case: Case,
    focus: str,
    year: int = 2024,
    years: int = 2_000,
    seed: int = 0,
    *,
    materials: Iterable[str] | None = None,
    **more: Any,
) -> Baseline:
    """Return the baseline of a Case's focus before any scenario is solved.

    focus  whose official list says which other materials a chance leans on
    year   base year of trade and output      years, seed  simulated years and their seed
    materials  ids; all of the Case if None      more  partners, priors, min_share and fill of simulate.risk.baseline
    Raises CoverageError where no material has both a hazard and a market model.
    """
    return simulated.prepare(
        case,
        str(year),
        years,
        seed,
        materials=materials,
        alike=official.minerals(focus, year),
        uncovered=uncovered(case, year),
        **more,
    )


def listed(case: Case, focus: str, year: int) -> tuple[str, ...]:
    """Return the minerals that a question is about where it names none.

    They are those of the official list that counts for the focus; all of a Case that does not hold the whole list, as
    one made by hand.
    """
    wanted, held = official.minerals(focus, year), case.axis("material")
    return wanted if all(material in held for material in wanted) else held.codes


def uncovered(case: Case, year: int) -> Callable[[str], str]:
    """Return material -> why its trade is not known in tonnes: by trade codes, or no reason for a Case made by hand."""
    if not case.manifest:
        return lambda material: not_modelled.NOT_COVERED
    return lambda material: codes(year).unweighed(material)


def sources(case: Case) -> tuple[str, ...]:
    """Return the ids of the sources of trade, values, output and prices of a Case."""
    held = (case.cube(name).sources for name in SOURCED if name in case.cubes)
    return tuple(dict.fromkeys(source for listed in held for source in listed))
