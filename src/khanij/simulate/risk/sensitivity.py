"""The tornado: the same years with one assumption, or one property of the hazards, at an end of its range."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from khanij.core.case import Case
from khanij.kernels.chances import exceedance
from khanij.reference.assumptions import assumptions, with_assumptions
from khanij.simulate.loss.loss_model import LossModel
from khanij.simulate.risk import ensemble
from khanij.simulate.risk.by_record.dependence import shared
from khanij.simulate.risk.by_record.hazards import Hazards
from khanij.simulate.risk.ensemble import Simulation
from khanij.simulate.risk.years import Solve, YearLosses

ENDS = ("low", "high")
TAIL = 0.95  # level at which the tail is told
HAZARD_ENDS = {
    "chance": "yearly chances of the hazards",
    "dependence": "how far hazards happen together",
    "severity": "part lost when a hazard happens",
}
AtEnd = Callable[[str, str], Solve]
"""at_end(assumption, "low" | "high") -> loss model"""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One assumption at an end of its range: what the years cost then. Losses as of simulate.years."""

    assumption: str
    meaning: str
    end: str
    losses: YearLosses


@dataclass(frozen=True, slots=True)
class Swing:
    """One assumption at an end of its range, before its years are solved."""

    assumption: str
    meaning: str
    end: str
    simulation: Simulation


@dataclass(frozen=True, slots=True)
class AssumptionEffect:
    """Expected loss, CVaR and share of years solved with one assumption at the low and at the high end; nan = none."""

    assumption: str
    meaning: str
    expected: tuple[float, float]
    cvar: tuple[float, float]
    solved: tuple[float, float]

    @property
    def width(self) -> float:
        """Return how far apart the two expected losses lie; 0 where one of them is not known."""
        return float(np.nan_to_num(abs(self.expected[1] - self.expected[0])))


def moved(case: Case) -> dict[str, str]:
    """Return assumption -> meaning of those that a sensitivity run moves; what was asked for stays as asked."""
    return {row.id: row.meaning for row in assumptions().values() if row.tornado and row.id not in case.assumptions}


def at_end(case: Case, model: LossModel, id: str, end: str) -> LossModel:
    """Return the loss model with an assumption at the "low" or "high" end of its range, all others as they are."""
    return model.with_case(with_assumptions(case, {id: assumptions()[id].range.at(end)}))


def swings(usual: Simulation, assumed: Mapping[str, str], model_at_end: AtEnd, years: int, seed: int) -> list[Swing]:
    """Return each assumption, and each property of the hazards, at its low and its high end, all others as usual."""
    out = []
    for end in ENDS:
        for name, text in assumed.items():
            # Events are those of the usual hazards: only the model that answers them is another.
            made = ensemble.simulation(model_at_end(name, end), usual.hazards, years, seed)
            out.append(Swing(name, text, end, made))
        for name, text in HAZARD_ENDS.items():
            other = hazards_at(usual.hazards, name, end)
            out.append(Swing(name, text, end, ensemble.simulation(usual.model, other, years, seed)))
    return out


def hazards_at(given: Hazards, name: str, end: str) -> Hazards:
    """Return the hazards with one property at an end: the fit's range, the record's range, or one level of severity."""
    if name == "chance":
        return replace(given, probability=given.low if end == "low" else given.high)
    if name == "dependence":
        pairs = given.dependence.pairs
        return replace(given, dependence=shared(pairs, end) if pairs else given.dependence)
    step = np.zeros_like(given.severity)
    if end == "low":
        step[:, :-1] = given.severity[:, 1:]
        step[:, 0] += given.severity[:, 0]
    else:
        step[:, 1:] = given.severity[:, :-1]
        step[:, -1] += given.severity[:, -1]
    return replace(given, severity=step)


def effects(found: Sequence[Sensitivity]) -> tuple[AssumptionEffect, ...]:
    """Return how expected loss and CVaR move with each assumption, widest first (the tornado)."""
    rows = []
    for name in dict.fromkeys(swing.assumption for swing in found):
        ends = {swing.end: swing for swing in found if swing.assumption == name}
        low, high = (estimates(ends[end].losses) for end in ENDS)
        expected, cvar, solved = zip(low, high, strict=True)
        rows.append(AssumptionEffect(name, ends["low"].meaning, expected, cvar, solved))
    return tuple(sorted(rows, key=lambda effect: -effect.width))


def estimates(losses: YearLosses) -> tuple[float, float, float]:
    """Return expected loss and CVaR of the years that were solved, and their share."""
    whole = np.isfinite(losses.total)
    known = losses.total[whole]
    if not len(known):
        return float("nan"), float("nan"), 0.0
    mean = float(exceedance.expected(known)[0])
    return mean, float(exceedance.tail_mean(known, TAIL)), float(whole.mean())
