"""What is to be said of a plan: what it spends and averts, whether that pays, by what, and what it hangs on."""

from __future__ import annotations

from collections.abc import Sequence

from khanij import reference
from khanij.analyses.measures.tables import measure_name
from khanij.analyses.measures.words import stated
from khanij.analyses.simulated import StatedChance
from khanij.plan.measures.value import CONFIDENT
from khanij.plan.planner.accounts.account import PlanAccount, account_for, begun_measures
from khanij.plan.planner.accounts.parts import PartAccount
from khanij.plan.planner.accounts.robustness import by_method, candidate_regrets
from khanij.plan.planner.accounts.supply import open_feeds
from khanij.plan.planner.choice import LEAST_EXPECTED
from khanij.plan.planner.results import PlanResult
from khanij.present import names, text
from khanij.present.document import Sentence
from khanij.reference.names import country_name

MOST = 3  # measures named
SPENT = 0.9  # part of a budget from which it counts as spent
TENTH = 0.1


def findings(
    done: PlanResult,
    programme: str,
    sources: tuple[str, ...],
    chances: Sequence[StatedChance] = (),
    parts: Sequence[PartAccount] = (),
) -> tuple[Sentence, ...]:
    """Return what to know of a plan; first what is spent, what that averts, and whether it pays.

    programme  whose money it is, "" where a sum was stated      chances  that were stated
    parts      of the programme, with what each is given
    """
    found = account_for(done)
    return (
        Sentence(_first(done, found, parts) if done.begun else _nothing(done, found), sources, _of(done, programme)),
        *_by(done, sources),
        *_bound_by(done, parts, sources),
        *_kept_out(done, parts, sources),
        *_against(done, sources),
        *_less(done, found, sources),
        *_otherwise(done, sources),
        Sentence(_sure(found), sources, "How sure."),
        *(Sentence(line) for line in stated(chances)),
        *_feeds(done, sources),
        Sentence(_not_counted(done), (), "Not counted:"),
    )


def _feeds(done: PlanResult, sources: tuple[str, ...]) -> tuple[Sentence, ...]:
    """Return which plants that are begun need a feed from abroad that the loss model does not follow, and whose."""
    said = [
        f"{measure_name(one.plant.measure)} ({reference.stage_names().get((one.material, one.stage), one.stage)}: "
        f"{country_name(one.seller)} has {text.percent(one.share)} of what is sold abroad)"
        for one in open_feeds(done)
    ]
    if not said:
        return ()
    line = f"that the feed may fail too, of {text.joined(said)}: a stop there would idle them."
    return (Sentence(line, sources, "Not counted:"),)


def _of(done: PlanResult, programme: str) -> str:
    """Return the budget and whose it is."""
    unit, amount = done.terms.currency, done.terms.budget
    worth = "" if unit.code == "USD" else f" ({text.dollars(unit.usd(amount) / 1e3)})"
    return f"Of {text.digits(amount, 5)} {unit.name}{worth}{f' of the {programme}' if programme else ''}"


def _first(done: PlanResult, found: PlanAccount, parts: Sequence[PartAccount]) -> str:
    """Return what is spent on what, what it averts with its sampling error, and whether that pays."""
    unit, many = done.terms.currency.name, text.count(len(done.begun), "measure")
    spent = f"{text.digits(found.spent)} {unit} on {many} of {len(done.values)}"
    if done.objective.expected == 0 and done.terms.goals:
        goals = "; ".join(names.inside(goal.words) for goal in done.terms.goals)
        spent = f"{spent} are the least that meets the goals ({goals})"
    else:
        full = text.joined(names.inside(one.name) for one in parts if _binds(one))
        beyond = f" (outside {full}, whose money is spent)" if full else ""
        more = f"; more would cost more than it averts{beyond}" if found.spent < SPENT * done.terms.budget else ""
        spent = f"the plan of least regret spends {spent}{more}"
    error = CONFIDENT * found.averted.error
    until = done.terms.to + done.terms.beyond
    return (
        f"{spent}. Expected loss of {done.terms.since} to {until} falls from {text.digits(found.loss_without.value)} "
        f"to {text.digits(found.loss_with.value)}, by {text.digits(found.averted.value)} ± {text.digits(error, 2)} "
        f"{unit}, for a cost to the economy of {text.digits(found.cost)} (both discounted; in "
        f"{found.out_of_sample_years} simulated years that it was not made for, error 95 %): "
        f"{_pays(found.averted.value, error, found.cost)}."
    )


def _nothing(done: PlanResult, found: PlanAccount) -> str:
    """Return that nothing is begun, and why."""
    until, unit = done.terms.to + done.terms.beyond, done.terms.currency.name
    return (
        f"the plan of least regret spends nothing: each of {text.count(len(done.values), 'measure')} would cost more "
        f"than it averts of the {text.digits(found.loss_without.value)} {unit} that are expected to be lost in "
        f"{done.terms.since} to {until} (discounted)."
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


def _bound_by(done: PlanResult, parts: Sequence[PartAccount], sources: tuple[str, ...]) -> tuple[Sentence, ...]:
    """Return which ceilings bind, and what one unit more of each would gain."""
    unit, said = done.terms.currency.name, []
    for one in parts:
        if one.best is not None and _binds(one):
            gain, what = text.digits(one.best.per_outlay), measure_name(one.best.value.measure)
            said.append(f"{one.name} ({text.digits(one.ceiling)} {unit}; one more would gain {gain}: {what})")
    whole = done.plan.spend.sum()
    if whole > SPENT * done.terms.budget:
        said.append(f"the budget ({text.digits(done.terms.budget)} {unit})")
    if not said:
        least = done.objective.expected == 0 and bool(done.terms.goals)
        why = "it is the least that meets the goals" if least else "what keeps it small is that more would not pay"
        return (Sentence(f"no ceiling and no budget: {why}.", sources, "Bound by"),)
    return (Sentence(f"{text.joined(said)}.", sources, "Bound by"),)


def _binds(one: PartAccount) -> bool:
    """Return whether what a part may spend is less than its next lot, which would gain something, asks for."""
    return (
        one.best is not None
        and not one.best.why
        and one.best.per_outlay > 0
        and one.ceiling - one.spent < one.best.outlay
    )


def _kept_out(done: PlanResult, parts: Sequence[PartAccount], sources: tuple[str, ...]) -> tuple[Sentence, ...]:
    """Return for each part of the programme what it is given, or what would have to be true for it to be given any."""
    unit = done.terms.currency.name
    given = [f"{text.capital(one.name)}: {text.digits(one.spent)} {unit}" for one in parts if one.begun]
    rest = [f"{text.capital(one.name)}: {kept_at_zero(one, unit)}" for one in parts if not one.begun]
    lines = [Sentence(f"{'; '.join(given)}.", sources, "By part.")] if given else []
    return (*lines, *(Sentence(f"{line}.", sources, "Nothing for") for line in rest))


def kept_at_zero(one: PartAccount, unit: str) -> str:
    """Return the number that keeps a part of a programme at zero, in words."""
    if one.has_none:
        said = "no measure of it on record says what it would give"
        if one.needed > 0:
            said += (
                f"; its {text.digits(one.ceiling)} {unit} would pay if they averted {text.digits(one.needed, 2)} in "
                "each year that counts"
            )
        return said
    said = ""
    if one.best is not None:
        name, lot = measure_name(one.best.value.measure), one.best
        if lot.averted <= 0:
            less = f"adds {text.digits(-lot.averted)} to losses" if lot.averted < 0 else "averts nothing more"
            said = f"{name}, the nearest to paying, {less} and costs {text.digits(lot.charged)} {unit}"
        else:
            said = (
                f"{name}, the nearest to paying, averts {text.digits(lot.averted)} for {text.digits(lot.charged)} "
                f"{unit} a lot (discounted): "
                + (
                    "it would pay"
                    if lot.times < 1
                    else f"losses {text.digits(lot.times, 2)} times as large would pay for it"
                )
            )
        said += f"; {lot.why}" if lot.why else ""
    if one.option is not None:
        first = one.option
        worth = f"the right to go on is worth {text.digits(first.credit)} {unit} after {first.years} years"
        times = (
            "no multiple of what it averts"
            if first.times == float("inf")
            else f"{text.digits(first.times, 2)} times what it averts"
        )
        said += (
            f"{'; ' if said else ''}{measure_name(first.first.measure)}: {worth}, and {times} would pay for the search"
        )
    return said


def _against(done: PlanResult, sources: tuple[str, ...]) -> tuple[Sentence, ...]:
    """Return the plan of least expected cost beside the one that is shown, and what a new look would bring."""
    unit, said = done.terms.currency.name, []
    ranked = candidate_regrets(done)
    if len(ranked) > 1:
        first, second = ranked[0], ranked[1]
        said.append(
            f"At worst it costs {text.digits(first.at_worst)} {unit} more over all years than the best plan of that "
            f"world; the next ({second.name}) {text.digits(second.at_worst)}."
        )
    expected = next((one for one in ranked if one.name == LEAST_EXPECTED), None)
    if expected is not None:
        said.append(
            f"The plan of least expected cost spends {text.digits(float(done.expected.spend.sum()))} {unit} and at "
            f"worst costs {text.digits(expected.at_worst)} too much."
        )
    if done.policy is not None:
        found, year = done.policy, done.terms.since + done.terms.replan
        said.append(
            f"Made again in {year} by what has happened until then, it would cost {text.digits(found.policy)} ±"
            f" {text.digits(CONFIDENT * found.policy_error, 2)} {unit} (cost and loss over all worlds) against"
            f" {text.digits(found.held)} if held, and {text.digits(found.known)} if the world were known then."
        )
    return (Sentence(" ".join(said), sources, "Regret."),) if said else ()


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
            f" {text.digits(most.averted)} {unit} ({most.method}) over all years, for"
            f" {text.digits(least.cost)}: it pays in {sum(one.pays for one in ranked)} of {len(ranked)} of them."
        )
    return tuple(Sentence(line, sources) for line in said)


def _sure(found: PlanAccount) -> str:
    """Return how near the plan is to the best one on its own scenarios."""
    ended = "" if found.proved else "; time ran out before the gap that was asked"
    return (
        f"No plan can be better by more than {found.gap:.2%} on its own {found.scenarios} scenarios{ended};"
        " costs, public shares and chances are of low confidence."
    )


def _not_counted(done: PlanResult) -> str:
    """Return what losses and measures leave out."""
    many = text.count(len(done.base.missing), "mineral")
    lacking = f"{many} without a market model or hazard; " if done.base.missing else ""
    said = f"{lacking}jobs, defence, bargaining power; profits beyond what pays for the private part of a plant."
    if not done.base.economy.known:
        said += (
            f" {text.capital(names.countries(done.base.economy.notes[0]))}: what the plan leaves out may be worth its"
            " money all the same."
        )
    return said
