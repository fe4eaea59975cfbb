"""What is to be said of measures by themselves: which averts most for its money, which most, what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from khanij.analyses.measures.tables import measure_name
from khanij.analyses.simulated import StatedChance
from khanij.plan.measures.value import CONFIDENT, MeasureValue
from khanij.present import names, text
from khanij.reference.money import Currency
from khanij.reference.names import country_name
from khanij.simulate.risk.baseline import Baseline


def findings(base: Baseline, values: Sequence[MeasureValue], unit: Currency) -> tuple[str, ...]:
    """Return what measures avert: first the one that averts most for its money."""
    useful = [one for one in values if one.estimate.expected > 0]
    priced = [one for one in useful if isfinite(one.ratio.best)]
    if not values:
        first = f"The catalogue has no measure of {country_name(base.focus)} for what was asked."
    elif not useful:
        first = f"None of {text.count(len(values), 'measure')} of {country_name(base.focus)} averts any loss."
        return (first, *missing(base))
    said, largest = [], max(useful, key=lambda one: one.estimate.expected)
    best = max(priced, key=lambda one: one.ratio.best, default=None)
    if best is not None:
        said.append(
            f"Of {text.count(len(values), 'measure')} of {country_name(base.focus)} most is averted for its money by"
            f" {measure_name(best.measure)}: {with_error(best.estimate.expected, best.estimate.error, unit)} a year for"
            f" {told(best.measure.cost.best, unit)} once (confidence of the cost {best.measure.confidence})."
        )
    if largest is not best:
        most = with_error(largest.estimate.expected, largest.estimate.error, unit)
        said.append(f"Most of all is averted by {measure_name(largest.measure)}: {most} a year.")
    idle = sum(not any(one.averted.shown.values()) for one in values)
    adds = sum(one.estimate.expected < -CONFIDENT * one.estimate.error for one in values)
    parts = [f"{text.count(idle, 'measure')} would change nothing"] if idle else []
    parts += [f"{text.count(adds, 'measure')} would add to losses"] if adds else []
    said += [f"{text.capital(' and '.join(parts))}."] if parts else []
    return (*said, *missing(base))


def told(usd: float, unit: Currency) -> str:
    """Return US dollars in words of a currency: "USD 4.5 million", "600 crore INR"."""
    return text.dollars(usd / 1e3) if unit.code == "USD" else f"{text.digits(unit.of(usd))} {unit.name}"


def with_error(usd: float, error: float, unit: Currency) -> str:
    """Return US dollars with what holds 95 % of a standard error: "USD 4.5 ± 0.3 million", "600 ± 47 crore INR"."""
    half = CONFIDENT * error
    if unit.code != "USD":
        return f"{text.digits(unit.of(usd))} ± {text.digits(unit.of(half), 2)} {unit.name}"
    return f"{told(usd, unit)} ± {bare(half, unit)}"


def stated(chances: Sequence[StatedChance]) -> tuple[str, ...]:
    """Return that chances were stated, which are opinions."""
    if not chances:
        return ()
    verb = "is an opinion" if len(chances) == 1 else "are opinions"
    return (f"It rests on {text.count(len(chances), 'stated chance')}, which {verb} and no record.",)


def bare(usd: float, unit: Currency) -> str:
    """Return US dollars as told() does, without the currency: for an error or the ends of a range."""
    return told(usd, unit).removeprefix(f"USD{text.THIN}").removesuffix(f" {unit.name}")


def missing(base: Baseline) -> tuple[str, ...]:
    """Return what is not counted."""
    said = [f"{text.capital(names.countries(base.economy.notes[0]))}."] if not base.economy.known else []
    if base.missing:
        said.append(
            f"Not counted: {text.count(len(base.missing), 'mineral')} without a market model or hazard, and what"
            " measures earn or cost besides averted losses."
        )
    return tuple(said)
