"""What a back-test says: of a forecast of trade, of a price, of a negative control, and how many times in all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite, log

from khanij.simulate.backtest.prices import NegativeControl
from khanij.simulate.backtest.trade import BASELINES, BEHAVIOURS, Test

STILL, CUT = BASELINES
NOTHING = 1e-9  # of a flow or a price: what the engine may move by rounding
SETS: dict[str, Callable[[Test], bool]] = {
    "scored": lambda t: t.scored,
    "testable": lambda t: t.testable,
    "above noise": lambda t: t.testable and t.loud,
}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tests of one set a behaviour beats each baseline in, by importer and by pair; a tie is not beaten."""

    tests_of: str
    behaviour: str
    tests: int
    importers: tuple[int, int]
    pairs: tuple[int, int]


def verdict(test: Test, behaviour: str) -> str:
    """Return what a test says of a behaviour, by the error over importers."""
    if not test.scored:
        return "not scored"
    if not test.testable:
        return "within noise"
    mine = test.answers[behaviour].score.importers
    better = [name for name, score in test.baselines.items() if mine < score.importers]
    return {0: "worse than both", 1: f"beats {better[0] if better else ''}", 2: "beats both"}[len(better)]


def direction(told: float, seen: float, usual: float) -> str:
    """Return whether a forecast price moved the way that the seen one did."""
    if not isfinite(seen):
        return "no price seen"
    if not isfinite(usual):
        return "too few prices before"
    if abs(log(seen)) <= usual:
        return "within noise"
    return "right" if (told > 1.0) == (seen > 1.0) else "wrong"


def controlled(control: NegativeControl) -> str:
    """Return what a negative control says."""
    if control.moved > NOTHING:
        return "failed: the engine moves without a cut"
    if not isfinite(control.importers):
        return "held: no change, exactly"
    return "held; trade within noise" if control.importers <= control.noise else "held; trade moved for other reasons"


def tallies(tests: Sequence[Test]) -> tuple[Tally, ...]:
    """Return the tally of each set of tests and behaviour; none without a test."""
    found = []
    for name, belongs in SETS.items():
        chosen = [t for t in tests if belongs(t)]
        for behaviour in BEHAVIOURS if tests else ():
            beaten = {
                score: tuple(
                    sum(getattr(t.answers[behaviour].score, score) < getattr(t.baselines[base], score) for t in chosen)
                    for base in BASELINES
                )
                for score in ("importers", "pairs")
            }
            found.append(Tally(name, behaviour, len(chosen), *beaten.values()))
    return tuple(found)
