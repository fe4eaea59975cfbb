"""What is to be said of a plan: what it spends and averts, whether that pays, by what, and what it hangs on."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.analyses.measures.tables import measure_name
from khanij.analyses.measures.words import stated
from khanij.analyses.simulated import StatedChance
from khanij.plan.measures.value import CONFIDENT
from khanij.plan.planner.account import PlanAccount, account_for, begun_measures
from khanij.plan.planner.results import PlanResult
from khanij.plan.planner.robustness import by_method
from khanij.present import names, text
from khanij.present.document import Sentence

MOST = 3  # measures named
SPENT = 0.9  # part of a budget from which it counts as spent
TENTH = 0.1


def findings(
    done: PlanResult, programme: str, sources: tuple[str, ...], chances: Sequence[StatedChance] = ()
) -> tuple[Sentence, ...]:
    """Return what to know of a plan; first what is spent, what that averts, and whether it pays.

    programme  whose money it is, "" where a sum was stated      chances  that were stated
    """
    found = account_for(done)
    return (
        Sentence(_first(done, found) if done.begun else _nothing(done, found), sources, _of(done, programme)),
        *_by(done, sources),
        *_less(done, found, sources),
        *_otherwise(done, sources),
        Sentence(_sure(found), sources, "How sure."),
        *(Sentence(line) for line in stated(chances)),
        Sentence(_not_counted(done), (), "Not counted:"),
    )


def _of(done: PlanResult, programme: str) -> str:
    """Return the budget and whose it is."""
    unit, amount = done.terms.currency, done.terms.budget
    worth = "" if unit.code == "USD" else f" ({text.dollars(unit.usd(amount) / 1e3)})"
    return f"Of {text.digits(amount, 5)} {unit.name}{worth}{f' of the {programme}' if programme else ''}"


def _first(done: PlanResult, found: PlanAccount) -> str:
    """Return what is spent on what, what it averts with its sampling error, and whether that pays."""
    unit, many = done.terms.currency.name, text.count(len(done.begun), "measure")
    spent = f"{text.digits(found.spent)} {unit} on {many} of {len(done.values)}"
    if done.objective.expected == 0 and done.terms.goals:
        goals = "; ".join(names.inside(goal.words) for goal in done.terms.goals)
        spent = f"{spent} are the least that meets the goals ({goals})"
    else:
        more = "; more would cost more than it averts" if found.spent < SPENT * done.terms.budget else ""
        spent = f"the best plan found spends {spent}{more}"
    error = CONFIDENT * found.averted.error
    until = done.terms.to + done.terms.beyond
    return (
        f"{spent}. Expected loss of {done.terms.since} to {until} falls from {text.digits(found.loss_without.value)}"
        f" to {text.digits(found.loss_with.value)}, by {text.digits(found.averted.value)} ± {text.digits(error, 2)}"
        f" {unit}, for a cost of {text.digits(found.cost)} (both discounted; in {found.out_of_sample_years} simulated"
        f" years that it was not made for, error 95 %): {_pays(found.averted.value, error, found.cost)}."
    )


def _nothing(done: PlanResult, found: PlanAccount) -> str:
    """Return that nothing is begun, and why."""
    until, unit = done.terms.to + done.terms.beyond, done.terms.currency.name
    return (
        f"the best plan found spends nothing: each of {text.count(len(done.values), 'measure')} would cost more than it"
        f" averts of the {text.digits(found.loss_without.value)} {unit} that are expected to be lost in"
        f" {done.terms.since} to {until} (discounted)."
    )


def _pays(averted: float, error: float, cost: float) -> str:
    """Return whether losses averted are more than the cost."""
    if averted - error > cost:
        return "it pays"
    if averted + error < cost:
        return "it does not pay by averted losses alone"
    return "whether it pays is within the sampling error"


def _by(done: PlanResult, sources: tuple[str, ...]) -> tuple[Sentence, ...]:
    """Return the measures that avert most in the plan."""
    first = {one.value.measure.id: one for one in reversed(begun_measures(done))}
    ranked = sorted(first.values(), key=lambda one: (-one.marginal_value, one.value.measure.id))[:MOST]
    if not ranked:
        return ()
    listed = "; ".join(f"{measure_name(one.value.measure)} ({one.year})" for one in ranked)
    return (Sentence(f"{listed}.", sources, "Most is averted by"),)


def _less(done: PlanResult, found: PlanAccount, sources: tuple[str, ...]) -> tuple[Sentence, ...]:
    """Return what a tenth of the money would avert."""
    tenth = next((one for one in done.frontier if one.times == TENTH), None)
    if tenth is None or found.averted.value <= 0:
        return ()
    part = (found.loss_without.value - tenth.check.expected) / found.averted.value
    spent = text.digits(float(tenth.plan.spend.sum()))
    said = f"A tenth of the budget would avert {text.percent(part)} of that, for {spent} {done.terms.currency.name}."
    return (Sentence(said, sources, "With less."),)


def _otherwise(done: PlanResult, sources: tuple[str, ...]) -> tuple[Sentence, ...]:
    """Return what other splits, inputs and methods make of it."""
    unit, said = done.terms.currency.name, []
    if done.splits:
        parts = [f"{one.name} {text.digits(one.plan.cost + one.check.expected)}" for one in done.splits]
        said.append(f"Cost and loss under {text.joined(parts)} {unit}.")
    if done.one_at_a_time:
        ends = [one.plan.cost + one.check.expected for one in done.one_at_a_time if "beyond" not in one.name]
        said.append(
            f"Cost and loss move between {text.digits(min(ends))} and {text.digits(max(ends))} {unit} as one input of"
            " low confidence after the other is put at the ends of its range."
        )
    if done.regrets is not None:
        ranked = sorted(by_method(done), key=lambda one: one.averted)
        least, most = ranked[0], ranked[-1]
        said.append(
            f"By other methods and chances the same plan averts {text.digits(least.averted)} ({least.method}) to"
            f" {text.digits(most.averted)} {unit} ({most.method}) a year at the need of {done.terms.to}, for"
            f" {text.digits(least.cost)} a year: it pays in {sum(one.pays for one in ranked)} of {len(ranked)} of them."
        )
    return tuple(Sentence(line, sources) for line in said)


def _sure(found: PlanAccount) -> str:
    """Return how near the plan is to the best one on its own scenarios."""
    ended = "" if found.proved else "; time ran out before the gap that was asked"
    return (
        f"No plan can be better by more than {found.gap:.2%} on its own {found.scenarios} scenarios{ended};"
        " costs and chances are of low confidence."
    )


def _not_counted(done: PlanResult) -> str:
    """Return what losses and measures leave out."""
    many = text.count(len(done.base.missing), "mineral")
    lacking = f"{many} without a market model or hazard; " if done.base.missing else ""
    said = f"{lacking}jobs, defence, bargaining power; what measures earn or cost besides averted losses."
    if not done.base.economy.known:
        said += (
            f" {text.capital(names.countries(done.base.economy.notes[0]))}: what the plan leaves out may be worth its"
            " money all the same."
        )
    return said
