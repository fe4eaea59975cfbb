"""What is to be said of measures by themselves: which averts most for its money, which most, what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from khanij.analyses.measures.tables import measure_name
from khanij.plan.measures.value import CONFIDENT, MeasureValue
from khanij.present import names, text
from khanij.reference.money import Currency
from khanij.reference.names import country_name
from khanij.simulate.risk.baseline import Baseline


def findings(base: Baseline, values: Sequence[MeasureValue], unit: Currency) -> tuple[str, ...]:
    """Return what measures avert: first the one that averts most for its money."""
    useful = [one for one in values if one.estimate.expected > 0]
    priced = [one for one in useful if isfinite(one.ratio.best)]
    if not useful:
        first = f"None of {text.count(len(values), 'measure')} of {country_name(base.focus)} averts any loss."
        return (first, *missing(base))
    said = []
    if priced:
        best = max(priced, key=lambda one: one.ratio.best)
        said.append(
            f"Of {text.count(len(values), 'measure')} of {country_name(base.focus)} most is averted for its money by"
            f" {measure_name(best.measure)}: {averted(best, unit)} a year for"
            f" {text.digits(unit.of(best.measure.cost.best))} once (confidence {best.measure.confidence})."
        )
    largest = max(useful, key=lambda one: one.estimate.expected)
    said.append(f"Most of all is averted by {measure_name(largest.measure)}: {averted(largest, unit)} a year.")
    idle = sum(not any(one.averted.shown.values()) for one in values)
    adds = sum(one.estimate.expected < -CONFIDENT * one.estimate.error for one in values)
    parts = [f"{text.count(idle, 'measure')} would change nothing"] if idle else []
    parts += [f"{text.count(adds, 'measure')} would add to losses"] if adds else []
    said += [f"{text.capital(' and '.join(parts))}."] if parts else []
    return (*said, *missing(base))


def averted(one: MeasureValue, unit: Currency) -> str:
    """Return what a measure averts with its sampling error."""
    error = text.digits(unit.of(CONFIDENT * one.estimate.error), 2)
    return f"{text.digits(unit.of(one.estimate.expected))} ± {error} {unit.name}"


def told(usd: float, unit: Currency) -> str:
    """Return US dollars in words of a currency: "USD 4.5 million", "600 crore INR"."""
    return text.dollars(usd / 1e3) if unit.code == "USD" else f"{text.digits(unit.of(usd))} {unit.name}"


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
