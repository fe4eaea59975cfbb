"""Findings of studies as sentences: what is worth what, what is assumed, what it hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from khanij.plan.planner.robustness import by_method
from khanij.present import names

if TYPE_CHECKING:
    from khanij.plan.planner.results import PlanResult

CONFIDENT = 1.96  # standard errors on either side of 95 %
LEAST = 0.01  # a rise that is worth a sentence, and a least loss


def _capital(text: str) -> str:
    """Return a sentence with its first letter large."""
    return text[:1].upper() + text[1:]


def plan(done: PlanResult) -> list[str]:
    """Return what is to be said of a plan."""
    unit = done.terms.currency.name
    saved = done.without.expected - done.check.expected
    begun = done.begun
    largest = sorted(begun, key=lambda one: -one.estimate.expected)[:3]
    said = [
        _spent(done),
        f"It lowers the expected loss of {done.terms.since} to {done.terms.to + done.terms.beyond} from "
        f"{_money(done.without.expected)} to {_money(done.check.expected)} {unit} (discounted; on "
        f"{len(done.out_of_sample.singly.probability)} simulated years that it was not made for), by {_money(saved)}, for a "
        f"discounted cost of {_money(done.plan.cost)}.",
        f"{len(begun)} of {len(done.values)} measures are begun; most is averted by "
        + "; ".join(names.measure(one.measure.id, one.measure.name, one.measure.materials) for one in largest)
        + ".",
        f"The gap to the best possible plan on its own scenarios is {done.plan.gap:.2%}.",
    ]
    if not done.base.economy.known:
        said.append(
            f"{_capital(done.base.economy.notes[0])}: what the plan leaves out may be worth its money all the same."
        )
    if done.splits:
        parts = [f"{one.name}: {_money(one.plan.cost + one.check.expected)}" for one in done.splits]
        said.append(f"Cost and loss under each split, {unit}: {'; '.join(parts)}.")
    if done.one_at_a_time:
        ends = [one.plan.cost + one.check.expected for one in done.one_at_a_time if "beyond" not in one.name]
        said.append(
            f"Cost and loss move between {_money(min(ends))} and {_money(max(ends))} {unit} as one input of low "
            "confidence after the other is put at the ends of its range."
        )
    if done.regrets is not None:
        said.append(_methods(done))
    said.append(
        f"Not in it: {len(done.base.missing)} minerals without a market model or hazard, and what measures earn or "
        "cost besides averted losses."
    )
    return said


def _spent(done: PlanResult) -> str:
    """Return what is spent of the budget, and why no more."""
    unit, spent, whole = done.terms.currency.name, float(done.plan.spend.sum()), done.terms.budget
    if done.objective.expected == 0 and done.terms.goals:
        goals = "; ".join(names.inside(goal.words) for goal in done.terms.goals)
        return f"Of {_money(whole)} {unit} {_money(spent)} are the least that meets the goals: {goals}."
    if spent < 0.9 * whole:
        return (
            f"Of {_money(whole)} {unit} the plan spends {_money(spent)}: more of it would cost more than the losses "
            "that are counted would fall."
        )
    return f"The plan spends {_money(spent)} of {_money(whole)} {unit}."


def _methods(done: PlanResult) -> str:
    """Return how the worth of a plan hangs on the method."""
    found = sorted(by_method(done), key=lambda one: one.averted)
    least, most, unit = found[0], found[-1], done.terms.currency.name
    return (
        f"By other methods and chances the same plan averts {_money(least.averted)} ({least.method}) to "
        f"{_money(most.averted)} {unit} ({most.method}) a year at the need of {done.terms.to}, for "
        f"{_money(least.cost)} a year: it pays in {sum(one.pays for one in found)} of {len(found)} of them."
    )


def _money(value: float) -> str:
    """Return an amount in words: whole above a hundred, else three digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
