"""Measures as tables: what each averts and costs, its bill, and the figures behind it."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from khanij.core.table import Table
from khanij.plan.levers import catalogue
from khanij.plan.measures.value import CONFIDENT, MeasureValue
from khanij.reference import measures as figures
from khanij.reference import money
from khanij.simulate.risk.baseline import Baseline

MOST = 3  # sellers named in a reason

EXPLAINED = (
    "averted: loss without less loss with, the same simulated years and luck on both sides; low and high are 95 % of "
    "the spread of years; the size and cost of a measure vary besides"
)


def table(base: Baseline, found: Sequence[MeasureValue], currency: money.Currency, title: str = "") -> Table:
    """Return one row a measure, most loss averted by money first, those without a cost behind."""
    rows = [_row(base, one, currency) for one in found]
    rows.sort(key=lambda row: (row["per unit of cost"] is None, -(row["per unit of cost"] or row["averted"] or 0.0)))
    unit = currency.name
    names = ("cost", "cost low", "cost high", "averted", "low", "high", "CVaR 95% falls by", "CVaR, low", "CVaR, high")
    ratios = ("per unit of cost", "ratio low", "ratio high", "CVaR per unit of cost")
    units = dict.fromkeys(names, unit) | dict.fromkeys(ratios, "1/yr")
    notes = (EXPLAINED, currency.note, *base.notes)
    return Table.of(title or f"measures of {base.focus} by themselves", rows, units=units, notes=notes)


def _row(base: Baseline, one: MeasureValue, currency: money.Currency) -> dict[str, Any]:
    """Return one measure as a row."""
    measure, figure = one.measure, one.estimate
    spread, ratio = one.spread, one.ratio
    return {
        "measure": measure.id,
        "name": measure.name,
        "minerals": ", ".join(measure.materials),
        "size": number(measure.size),
        "unit": measure.unit,
        "cost": number(currency.of(measure.cost.best)),
        "cost low": number(currency.of(measure.cost.low)),
        "cost high": number(currency.of(measure.cost.high)),
        "lead, years": measure.lead,
        "averted": number(currency.of(figure.expected)),
        "low": number(currency.of(spread.low)),
        "high": number(currency.of(spread.high)),
        "CVaR 95% falls by": number(currency.of(figure.tail)),
        "CVaR, low": number(currency.of(figure.tail - CONFIDENT * figure.tail_error)),
        "CVaR, high": number(currency.of(figure.tail + CONFIDENT * figure.tail_error)),
        "per unit of cost": number(ratio.best),
        "ratio low": number(ratio.low),
        "ratio high": number(ratio.high),
        "CVaR per unit of cost": number(one.tail_ratio),
        "averts": reason(one, currency),
        "assumed": "; ".join(measure.assumed),
        "source of cost": measure.source or "no cost is known: value without a ratio",
        "confidence": measure.confidence,
    }


def bills(found: Sequence[MeasureValue], currency: money.Currency, sizes: Sequence[float] | None = None) -> Table:
    """Return what each measure of the catalogue costs and takes: once, and a year when all of it works.

    sizes  how much of each is meant, 1 = as it stands      Only what the catalogue has a tonne's figures of is told.
    """
    rows = []
    for one, size in zip(found, sizes if sizes is not None else [1.0] * len(found), strict=True):
        if one.measure.id not in catalogue.listed() or len(one.effects) != 1 or size <= 0:
            continue
        effect = one.effects[0]
        for line in catalogue.bill(one.measure.id, effect, effect.asked[0]):
            usd = line.unit.startswith("USD")
            ends = [number((currency.of(end) if usd else end) * size) for end in (line.low, line.best, line.high)]
            rows.append(
                {
                    "measure": one.measure.id,
                    "what": line.what,
                    "value": ends[1],
                    "low": ends[0],
                    "high": ends[2],
                    "unit": line.unit.replace("USD", currency.name),
                    "tonnes": effect.done[0] * size,
                    "source": line.source,
                    "confidence": line.confidence,
                    "note": line.note,
                }
            )
    notes = (
        "capital and acquisition once, by tonne of capacity; the rest a year, by tonne made; t of carbon are of CO2 "
        "equivalent; an empty value: no figure was found, which is no zero",
        "stockpiles, and measures of several metals at once, are not in it",
    )
    return Table.of("what measures cost and take", rows, units={"tonnes": "t/yr"}, notes=notes)


def inputs(found: Sequence[MeasureValue]) -> Table:
    """Return every figure of the catalogue behind measures: yields, chances, years, money, burdens, and sources."""
    rows = []
    for one in found:
        if one.measure.id not in catalogue.listed():
            continue
        for name, figure in figures.measure(one.measure.id).figures.items():
            row = {"measure": one.measure.id, "input": name}
            row |= {end: number(getattr(figure, end)) for end in ("low", "best", "high")}
            row |= {"unit": figure.unit, "source": figure.source, "confidence": figure.confidence, "note": figure.note}
            rows.append(row)
    note = "money and burdens by tonne; a best that is empty was never told: the middle of its ends is used"
    return Table.of("figures behind measures", rows, notes=(note,))


def reason(one: MeasureValue, currency: money.Currency) -> str:
    """Return in words which losses a measure averts, or why it averts none."""
    total = one.estimate.expected
    if not one.averted.years:
        return "its minerals are not counted"
    if not any(one.averted.shown.values()):
        notes = dict.fromkeys(note for effect in one.effects for note in effect.notes)
        return "nothing changes" + (f": {'; '.join(notes)}" if notes else "")
    part = "adds" if total < 0 else "averts"
    parts = [
        f"{country} {currency.of(value):+,.3g}"
        for country, value in list(one.by_country.items())[:MOST]
        if abs(value) > 0.01 * abs(total)
    ]
    return f"{part} losses when these restrict ({currency.name} a year): {', '.join(parts)}"


def number(value: float | None) -> float | None:
    """Return a number, None where there is none."""
    return None if value is None or not isfinite(value) else float(value)
