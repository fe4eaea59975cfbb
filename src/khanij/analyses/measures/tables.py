"""Measures as tables: what each averts and costs, its bill, the figures behind it, what is not counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from khanij.analyses.measures.numbers import Numbers
from khanij.analyses.simulated import StatedChance
from khanij.core.number import Number
from khanij.core.table import Table
from khanij.plan.levers import catalogue
from khanij.plan.measures.measure import Measure
from khanij.plan.measures.value import MeasureValue
from khanij.present import names, text
from khanij.reference import columns
from khanij.reference import measures as parameters
from khanij.reference.names import country_name
from khanij.simulate.risk.baseline import Baseline

SELLERS = 3  # named in a reason
TRIFLE = 0.01  # part of what is averted below which a seller is not named
WORTH = (
    "measure_name cost averted sampling_error averted_per_cost against measure minerals measure_size running_cost "
    "lead_years tail_averted tail_per_cost assumed cost_source confidence"
).split()
BILL = "measure_name what value measure tonnes source confidence note".split()
FIGURES = "measure_name parameter value measure source confidence note".split()
ABSENT = "mineral why material".split()
PRIORS = "country_name mineral form chance chance_weight event_kind export_loss because confidence".split()
TABLES = {
    "measures": {"measures": WORTH, "bills": BILL, "figures": FIGURES, "priors": PRIORS, "not-counted": ABSENT},
}
AVERTED = (
    "averted: expected loss of a year without the measure less that with it, the same simulated years on both sides; "
    "the range and the sampling error hold 95 % of the spread of years; size and cost vary besides"
)


def measure_name(measure: Measure) -> str:
    """Return a measure with its mineral, for people."""
    return names.measure(measure.id, measure.name, measure.materials)


def worth(
    base: Baseline, values: Sequence[MeasureValue], numbers: Numbers, key: str = "measures", title: str = ""
) -> Table:
    """Return one row a measure, most loss averted by money first, those without a cost behind."""
    listed = sorted(values, key=_order)
    unit = numbers.currency.name
    units = dict.fromkeys(("cost", "averted", "sampling_error", "running_cost", "tail_averted"), unit)
    notes = (AVERTED, numbers.currency.note, *map(names.countries, base.notes))
    title = title or f"Measures of {country_name(base.focus)} by themselves"
    rows = [worth_row(one, numbers) for one in listed]
    return columns.table(key, title, rows, WORTH, units=units, notes=notes)


def _order(one: MeasureValue) -> tuple[bool, float, str]:
    """Return where a measure stands: by what it averts for one of cost, without a cost by what it averts."""
    ratio = one.ratio.best
    return (not isfinite(ratio), -(ratio if isfinite(ratio) else one.estimate.expected), one.measure.id)


def worth_row(one: MeasureValue, numbers: Numbers, part: float = 1.0) -> dict[str, Any]:
    """Return one measure as a row.

    part  of it that is meant; ratios are those of the whole
    """
    measure, found, ratio = one.measure, one.estimate, one.ratio
    return {
        "measure_name": measure_name(measure),
        "cost": cost(measure, numbers, part),
        "averted": numbers.spread(part * found.expected, part * found.error),
        "sampling_error": numbers.sampling(part * found.error),
        "averted_per_cost": numbers.of(ratio.best, "1/yr", low=ratio.low, high=ratio.high, note=_no_cost(measure)),
        "against": against(one),
        "measure": measure.id,
        "minerals": names.minerals(measure.materials),
        "measure_size": size(measure, numbers, part),
        "running_cost": running_cost(measure, numbers, part),
        "lead_years": measure.lead,
        "tail_averted": numbers.spread(part * found.tail, part * found.tail_error),
        "tail_per_cost": numbers.of(one.tail_ratio, "1/yr", note=_no_cost(measure)),
        "assumed": names.countries("; ".join(measure.assumed)),
        "cost_source": measure.source if measure.cost.is_known else "no cost is known: a value without a ratio",
        "confidence": measure.confidence,
    }


def _no_cost(measure: Measure) -> str:
    """Return why a measure has no ratio, "" where it has one."""
    return "" if measure.cost.is_known else "no cost is known"


def size(measure: Measure, numbers: Numbers, part: float = 1.0) -> Number:
    """Return what a part of a measure gives, with the range of its lever where it has one, and what was assumed."""
    span = getattr(measure.levers[0], "output", None) if measure.levers else None
    low, high = getattr(span, "low", None), getattr(span, "high", None)
    ends = {"low": part * low, "high": part * high} if low is not None and high is not None else {}
    assumed = names.countries("; ".join(measure.assumed))
    return numbers.of(part * measure.size, measure.unit, note=assumed or "size not stated", **ends)


def cost(measure: Measure, numbers: Numbers, part: float = 1.0) -> Number:
    """Return what a part of a measure costs once, and where that is from."""
    low, best, high = (part * value for value in measure.cost)
    note = f"cost from {measure.source}" if measure.source and measure.cost.is_known else _no_cost(measure)
    return numbers.usd(best, low, high, confidence=measure.confidence, note=note)


def running_cost(measure: Measure, numbers: Numbers, part: float = 1.0) -> Number:
    """Return what a part of a measure costs a year."""
    low, best, high = (part * value for value in measure.running)
    return numbers.usd(best, low, high, confidence=measure.confidence)


def against(one: MeasureValue) -> str:
    """Return in words whose restrictions a measure averts losses of, or why it averts none."""
    if not one.averted.years:
        return "its minerals are not counted"
    if not any(one.averted.shown.values()):
        notes = dict.fromkeys(note for effect in one.effects for note in effect.notes)
        return names.countries("nothing changes" + (f": {'; '.join(notes)}" if notes else ""))
    sign = -1.0 if one.estimate.expected < 0 else 1.0
    parts = {code: sign * value for code, value in one.by_country.items() if sign * value > 0}
    whole = sum(parts.values())
    listed = [(code, value / whole) for code, value in list(parts.items())[:SELLERS] if value > TRIFLE * whole]
    said = text.joined(f"{country_name(code)} ({text.percent(part)})" for code, part in listed)
    return ("adds to losses by " if sign < 0 else "") + (said or "nobody in particular")


def bills(values: Sequence[MeasureValue], numbers: Numbers, sizes: Sequence[float] | None = None) -> Table:
    """Return what each measure of the catalogue costs and takes: once, and a year when all of it works.

    sizes  how much of each is meant, 1 = as it stands      Only what the catalogue has a tonne's figures of is told.
    """
    rows = []
    for one, part in zip(values, sizes if sizes is not None else [1.0] * len(values), strict=True):
        if one.measure.catalogued not in catalogue.listed() or len(one.effects) != 1 or part <= 0:
            continue
        effect = one.effects[0]
        bill = catalogue.bill(one.measure.catalogued, effect, effect.asked[0])
        rows += [_bill_line(one.measure, line, part, effect.done[0] * part, numbers) for line in bill]
    notes = (
        "capital and acquisition once, by tonne of capacity; the rest a year, by tonne made; t of carbon are of CO2 "
        "equivalent; an empty value: no figure was found, which is no zero",
        "stockpiles, and measures of several metals at once, are not in it",
    )
    return columns.table("bills", "What measures cost and take", rows, BILL, notes=notes)


def _bill_line(
    measure: Measure, line: catalogue.CatalogueEntry, part: float, tonnes: float, numbers: Numbers
) -> dict[str, Any]:
    """Return one line of a bill as a row."""
    scale = part * (numbers.currency.of(1.0) if line.unit.startswith("USD") else 1.0)
    value = numbers.of(
        line.best * scale,
        line.unit.replace("USD", numbers.currency.name),
        low=line.low * scale,
        high=line.high * scale,
        sources=(line.source,),
        confidence=line.confidence or "low",
        note="" if isfinite(line.best) else line.note or "no figure was found",
    )
    return {
        "measure_name": measure_name(measure),
        "what": line.what,
        "value": value,
        "measure": measure.id,
        "tonnes": tonnes,
        "source": line.source,
        "confidence": line.confidence,
        "note": line.note,
    }


def figures(values: Sequence[MeasureValue], numbers: Numbers) -> Table:
    """Return every figure of the catalogue behind measures: yields, chances, years, money, burdens, and sources."""
    rows = []
    for one in values:
        if one.measure.catalogued not in catalogue.listed() or one.measure.on_top:
            continue
        for name, figure in parameters.measure(one.measure.catalogued).figures.items():
            given = {"sources": (figure.source,), "confidence": figure.confidence or "low"}
            value = numbers.of(figure.best, figure.unit, low=figure.low, high=figure.high, **given)
            row = {"measure_name": measure_name(one.measure), "parameter": name, "value": value}
            row |= {"measure": one.measure.id, "source": figure.source}
            rows.append(row | {"confidence": figure.confidence, "note": figure.note})
    note = "money and burdens by tonne; a value that is not known was never told: the middle of its range is used"
    return columns.table("figures", "Figures behind measures", rows, FIGURES, notes=(note,))


def not_counted(missing: Mapping[str, str]) -> Table:
    """Return the minerals that are not counted, with the reason."""
    rows = [
        {"mineral": names.mineral(material), "why": why, "material": material}
        for material, why in sorted(missing.items())
    ]
    note = "what a measure on them averts is not known, which is not the same as nothing"
    main = (columns.column("material", name="Mineral id", main=False),)
    return columns.table("not-counted", "Minerals that are not counted", rows, ABSENT, notes=(note,), more=main)


def priors(chances: Sequence[StatedChance]) -> Table:
    """Return the chances that the request states itself."""
    rows = [
        {
            "country_name": country_name(one.country),
            "mineral": names.mineral(one.material),
            "form": names.form(one.material, one.stage) if one.stage else "every form that it sells",
            "chance": one.probability,
            "chance_weight": one.weight,
            "event_kind": one.kind,
            "export_loss": one.cut,
            "because": one.because or "no reason is given",
            "confidence": "low",
        }
        for one in chances
    ]
    note = "a stated chance takes the place of the record's, as far as its weight goes; it is an opinion"
    return columns.table("priors", "Chances that were stated", rows, PRIORS, notes=(note,))


def filled(*tables: Table) -> tuple[Table, ...]:
    """Return the tables that have a row."""
    return tuple(table for table in tables if len(table))
