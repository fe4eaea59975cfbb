"""Findings of studies as sentences: what is worth what, what is assumed, what it hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from khanij.core.table import Table
from khanij.study import names
from khanij.study.money import Currency
from khanij.study.partners import Pair
from khanij.study.readings import place

if TYPE_CHECKING:
    from khanij.study.plans import Planned

CONFIDENT = 1.96  # standard errors on either side of 95 %
LEAST = 0.01  # a rise that is worth a sentence, and a least loss


def partner(pair: Pair, tables: Mapping[str, Table], currency: Currency) -> list[str]:
    """Return what is to be said of a partnership."""
    unit, base = currency.name, pair.base
    between = f"between {place(base.focus)} and {place(pair.partner)}"
    said = [
        f"{len(pair.signed)} instruments {between} are on record; none names a tonne, so that none of them changes "
        "what a disruption costs."
        if pair.signed
        else f"No instrument {between} is on record here; the scenarios are assumed throughout."
    ]
    for table in tables.values():
        if "averted" in table.columns and "scenario" in table.columns:
            said += [_scenario(row, unit) for row in table.rows() if row["scenario"] != "as-published"]
        if "share after" in table.columns:
            said += _dependence(table, pair)
    return said


def _scenario(row: Mapping[str, object], unit: str) -> str:
    """Return one scenario as a sentence."""
    best, error = float(str(row["averted"])), float(str(row["standard error"]))
    ends = (best, float(str(row["at low volumes"])), float(str(row["at high volumes"])))
    low, high = min(ends), max(ends)
    verb = "averts" if best >= 0 else "adds"
    part = f" ({names.inside(str(row['by mineral']))})" if "," in str(row["by mineral"]) else ""
    return (
        f"{_capital(str(row['meaning']))}: expected loss goes from {row['loss without']:,.4g} to "
        f"{row['loss with']:,.4g} {unit} a year; the scenario {verb} {abs(best):,.3g}{part}. 95 % of years' luck: "
        f"{best - CONFIDENT * error:,.3g} to {best + CONFIDENT * error:,.3g}; over the range assumed: {low:,.3g} to "
        f"{high:,.3g}. Assumed, confidence low: {row['assumed']}."
    )


def _capital(text: str) -> str:
    """Return a sentence with its first letter large."""
    return text[:1].upper() + text[1:]


def _dependence(table: Table, pair: Pair) -> list[str]:
    """Return where the partner's share grows most and its stop gets dearer, and what it then costs."""
    before, after = (f"stop of the partner costs, {when}" for when in ("before", "after"))
    grown = [row for row in table.rows() if row["share after"] > row["share before"] + LEAST and row[after] is not None]
    grown = [row for row in grown if row[before] is not None and row[after] > max(row[before], 0.0) * (1 + LEAST)]
    grown.sort(key=lambda row: row["share before"] - row["share after"])
    most = {(row["material"], row["stage"]): row for row in reversed(grown)}
    grown = [row for row in grown if most[row["material"], row["stage"]] is row and row[after] > LEAST]
    unit, name = table.units[after], place(pair.partner)
    return [
        f"Dependence added ({row['scenario']}): the part of {name} in the use of "
        f"{names.mineral(row['material']).lower()} ({names.form(row['material'], row['stage'])}) "
        f"goes from {row['share before']:.0%} to {row['share after']:.0%}; if it stopped selling for a year, as under "
        f"sanctions, the loss would be {row[after]:,.3g} instead of {row[before]:,.3g} {unit}."
        for row in grown[:4]
    ]


def plan(done: Planned) -> list[str]:
    """Return what is to be said of a plan."""
    unit, spent = done.terms.currency.name, float(done.plan.spend.sum())
    saved = done.nothing.expected - done.check.expected
    begun = [done.found[i] for i in (done.plan.started.sum(axis=1) > 1e-6).nonzero()[0].tolist()]
    largest = sorted(begun, key=lambda one: -one.figure.expected)[:3]
    said = [
        f"Of {done.terms.budget:,.0f} {unit} the plan spends {spent:,.0f}: more of it would cost more than the losses "
        "that are counted would fall."
        if spent < 0.9 * done.terms.budget
        else f"The plan spends {spent:,.0f} of {done.terms.budget:,.0f} {unit}.",
        f"It lowers the expected loss of {done.terms.since} to {done.terms.to + done.terms.beyond} from "
        f"{done.nothing.expected:,.0f} to {done.check.expected:,.0f} {unit} (discounted; on "
        f"{len(done.fresh.probability)} scenarios that it was not made for), by {saved:,.0f}, for a discounted cost of "
        f"{done.plan.cost:,.0f}.",
        f"{len(begun)} of {len(done.found)} measures are begun; most is averted by "
        + "; ".join(names.measure(one.option.id, one.option.name, one.option.materials) for one in largest)
        + ".",
        f"The gap to the best possible plan on its own scenarios is {done.plan.gap:.2%}.",
    ]
    if done.split:
        parts = [f"{one.name}: {one.plan.cost + one.check.expected:,.0f}" for one in done.split]
        said.append(f"Cost and loss under each split, {unit}: {'; '.join(parts)}.")
    if done.moved:
        ends = [one.plan.cost + one.check.expected for one in done.moved if "beyond" not in one.name]
        said.append(
            f"Cost and loss move between {min(ends):,.0f} and {max(ends):,.0f} {unit} as one input of low confidence "
            "after the other is put at the ends of its range."
        )
    if done.chances:
        ends = [done.terms.currency.of(averted.expected) for _, averted in done.chances.values()]
        said.append(
            f"What its whole measures avert together is {done.terms.currency.of(done.together.expected):,.0f} {unit} a "
            f"year, {min(ends):,.0f} to {max(ends):,.0f} as the chances that had to be assumed are at either quartile."
        )
    said.append(
        f"Not in it: {len(done.base.missing)} minerals without a market model or hazard, growth of demand, and what "
        "measures earn or cost besides averted losses."
    )
    return said
