"""Findings of studies as sentences: what is worth what, what is assumed, what it hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from khanij.analyses.profile.readings import place
from khanij.core.table import Table
from khanij.plan.measures.partnerships import Pair
from khanij.present import names
from khanij.reference.money import Currency

if TYPE_CHECKING:
    from khanij.plan.planner.plans import Planned

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
    if not base.economy.known:
        said.append(f"{_capital(base.economy.notes[0])}.")
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
    gain = " (below 0 its makers gain more than its users lose)" if float(str(row["loss without"])) < 0 else ""
    part = f" ({names.inside(str(row['by mineral']))})" if "," in str(row["by mineral"]) else ""
    gains = float(str(row["of it gains"]))
    earned = (
        f", of which {gains:,.3g} are gains in years in which others go without" if gains > 0.05 * abs(best) else ""
    )
    return (
        f"{_capital(str(row['meaning']))}: expected loss goes from {row['loss without']:,.4g} to "
        f"{row['loss with']:,.4g} {unit} a year{gain}; the scenario {verb} {abs(best):,.3g}{part}{earned}. "
        f"95 % of years' luck: {best - CONFIDENT * error:,.3g} to {best + CONFIDENT * error:,.3g}; "
        f"over the range assumed: {low:,.3g} to {high:,.3g}. Assumed, confidence low: {row['assumed']}."
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
    unit = done.terms.currency.name
    saved = done.nothing.expected - done.check.expected
    begun = [done.found[i] for i in (done.plan.started.sum(axis=1) > 1e-6).nonzero()[0].tolist()]
    largest = sorted(begun, key=lambda one: -one.figure.expected)[:3]
    said = [
        _spent(done),
        f"It lowers the expected loss of {done.terms.since} to {done.terms.to + done.terms.beyond} from "
        f"{_money(done.nothing.expected)} to {_money(done.check.expected)} {unit} (discounted; on "
        f"{len(done.unseen.singly.probability)} simulated years that it was not made for), by {_money(saved)}, for a "
        f"discounted cost of {_money(done.plan.cost)}.",
        f"{len(begun)} of {len(done.found)} measures are begun; most is averted by "
        + "; ".join(names.measure(one.option.id, one.option.name, one.option.materials) for one in largest)
        + ".",
        f"The gap to the best possible plan on its own scenarios is {done.plan.gap:.2%}.",
    ]
    if not done.base.economy.known:
        said.append(
            f"{_capital(done.base.economy.notes[0])}: what the plan leaves out may be worth its money all the same."
        )
    if done.split:
        parts = [f"{one.name}: {_money(one.plan.cost + one.check.expected)}" for one in done.split]
        said.append(f"Cost and loss under each split, {unit}: {'; '.join(parts)}.")
    if done.moved:
        ends = [one.plan.cost + one.check.expected for one in done.moved if "beyond" not in one.name]
        said.append(
            f"Cost and loss move between {_money(min(ends))} and {_money(max(ends))} {unit} as one input of low "
            "confidence after the other is put at the ends of its range."
        )
    if done.compared is not None:
        said.append(_methods(done))
    said.append(
        f"Not in it: {len(done.base.missing)} minerals without a market model or hazard, and what measures earn or "
        "cost besides averted losses."
    )
    return said


def _spent(done: Planned) -> str:
    """Return what is spent of the budget, and why no more."""
    unit, spent, whole = done.terms.currency.name, float(done.plan.spend.sum()), done.terms.budget
    if done.aim.expected == 0 and done.terms.goals:
        goals = "; ".join(names.inside(goal.words) for goal in done.terms.goals)
        return f"Of {_money(whole)} {unit} {_money(spent)} are the least that meets the goals: {goals}."
    if spent < 0.9 * whole:
        return (
            f"Of {_money(whole)} {unit} the plan spends {_money(spent)}: more of it would cost more than the losses "
            "that are counted would fall."
        )
    return f"The plan spends {_money(spent)} of {_money(whole)} {unit}."


def _methods(done: Planned) -> str:
    """Return how the worth of a plan hangs on the method."""
    assert done.tables is not None
    rows = sorted(done.tables["methods"].rows(), key=lambda row: row["averted"])
    least, most, unit = rows[0], rows[-1], done.terms.currency.name
    paying = sum(row["averted"] > row["cost of the plan"] for row in rows)
    return (
        f"By other methods and chances the same plan averts {_money(least['averted'])} ({least['method']}) to "
        f"{_money(most['averted'])} {unit} ({most['method']}) a year at the need of {done.terms.to}, for "
        f"{_money(least['cost of the plan'])} a year: it pays in {paying} of {len(rows)} of them."
    )


def _money(value: float) -> str:
    """Return an amount in words: whole above a hundred, else three digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
