"""A back-test in words: how many events test the engine, and how often it beats what needs no engine."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.analyses.backtest.verdicts import Tally, controlled, direction, tallies, verdict
from khanij.present import text
from khanij.simulate.backtest.fits import GridFit
from khanij.simulate.backtest.mass import MassScore
from khanij.simulate.backtest.observations import UNWEIGHED
from khanij.simulate.backtest.prices import NegativeControl, PriceTest
from khanij.simulate.backtest.trade import Gap, Test


def backtest(
    tests: Sequence[Test],
    behaviour: str,
    prices: Sequence[PriceTest],
    controls: Sequence[NegativeControl],
    gaps: Sequence[Gap],
) -> list[str]:
    """Return the answer in one sentence, then prices, negative controls, and what cannot be tested."""
    said = [_trade([t for t in tests if t.event.role == "test"], behaviour)] if tests else []
    if len(tests) == 1:
        said = [_one(tests[0], behaviour)]
    if told := [direction(p.abroad[behaviour], p.seen, p.usual) for p in prices]:
        right, wrong = told.count("right"), told.count("wrong")
        said.append(
            f"Of {text.count(len(told), 'price')} after the last year of trade the direction is right in {right} and"
            f" wrong in {wrong}; the others moved no more than usual or are not seen."
        )
    if controls:
        held = sum(controlled(control).startswith("held") for control in controls)
        said.append(f"{held} of {len(controls)} negative controls held: without a cut nothing moves.")
    if gaps:
        events = len({gap.event.id for gap in gaps})
        said.append(f"Trade cannot test {text.count(events, 'event')}; the table untested says why.")
    return [sentence for sentence in said if sentence]


def _trade(tests: Sequence[Test], behaviour: str) -> str:
    """Return how often a behaviour beats the baselines."""
    if not tests:
        return ""
    found = {tally.tests_of: tally for tally in tallies(tests) if tally.behaviour == behaviour}
    lacking = len(tests) - found["scored"].tests
    return (
        f"Of {text.count(len(tests), 'forecast')} of trade in documented events {found['testable'].tests} can test the"
        f" engine at all: there {behaviour} behaviour beats {_beaten(found['testable'])}; where the event's own size"
        f" exceeds noise too, {_beaten(found['above noise'])}. {lacking} are not scored, since over {UNWEIGHED:.0%} of"
        " the value has no tonnage, and in the others no change is missed by no more than in quiet years."
    )


def _beaten(tally: Tally) -> str:
    """Return "no change in 2 of 4 and proportional loss in 2"."""
    return f"no change in {tally.importers[0]} of {tally.tests} and proportional loss in {tally.importers[1]}"


def _one(test: Test, behaviour: str) -> str:
    """Return what a single test says."""
    mine = text.percent(test.answers[behaviour].score.importers)
    others = " and ".join(f"{text.percent(score.importers)} of {name}" for name, score in test.baselines.items())
    return (
        f"{test.event.name}: {behaviour} behaviour forecasts imports of {test.year} with an error of {mine} of the"
        f" tonnes traded, against {others}; noise is {text.percent(test.noise)}: {verdict(test, behaviour)}."
    )


def fit(found: GridFit) -> list[str]:
    """Return the best places of the grid and how far they are from unique."""
    near = int((found.objective <= 1.1 * found.objective[0]).sum())
    places = ", ".join(f"{place:g}" for place in found.places[0])
    return [
        f"Of {len(found.objective):,} combinations of places in the published ranges {places} is the best, with an"
        f" error of {text.digits(found.objective[0])}; {near} lie within 10 % of it: two events fix the places loosely."
    ]


def mass(found: Sequence[tuple[str, MassScore]], counted: str, falls: int) -> list[str]:
    """Return by how much the model beats no change and the best rule, and what its intervals hold.

    falls  of all splits together
    """
    mine = [score for name, score in found if name == counted]
    if not mine:
        return []
    told = text.joined(
        f"{score.kind} by {_skill(score.skill)} than no change and by {_skill(score.best)} than the best simple rule"
        for score in mine
    )
    first = mine[0]
    held = text.joined(f"{text.percent(score.covered[1])} of {score.kind}" for score in mine)
    return [
        f"Given the size of {first.falls} falls of 40 % and more, no rebounds, of exporters of a tenth of the world's"
        f" trade, the forecast scores better in {told} (in brackets 90 % of resampled falls).",
        f"Intervals that should hold 80 % hold {held}.",
        f"With rebounds, and the same split in earlier years, {falls} falls were forecast.",
    ]


def _skill(found: tuple[float, float, float]) -> str:
    """Return "18 % (13 % to 25 %)"."""
    return f"{text.percent(found[0])} ({text.percent(found[1])} to {text.percent(found[2])})"
