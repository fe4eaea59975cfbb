"""How far a plan holds, as tables: budgets, splits, inputs, draws, methods, measures at their ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from khanij.analyses.measures.numbers import Numbers
from khanij.analyses.measures.tables import measure_name
from khanij.core.table import Column, Table
from khanij.plan.measures.value import CONFIDENT
from khanij.plan.planner.accounts.robustness import (
    VariantChange,
    by_method,
    candidate_regrets,
    change_of,
    compared_years,
    draw_regrets,
    measures_at_ends,
)
from khanij.plan.planner.results import PlanResult, Variant
from khanij.present import text
from khanij.reference import columns
from khanij.reference.names import country_name

FEW = 4  # measures named in a cell
OUTCOME = (
    "spent expected_loss sampling_error tail_loss cost_and_loss measures_begun dropped added cost_discounted search_gap"
).split()
ENDS = "measure_name averted_at_low averted averted_at_high moves_by ranged confidence measure".split()
METHODS = "model_state averted plan_cost regret cheapest loss_without loss_with".split()
REGRETS = ("plan_name", "spent", "plan_cost", "expected_total", "regret_at_worst")
DRAWS = "plan_name regret_mean regret_largest best_in".split()
PAID = ("spent", "expected_loss", "sampling_error", "tail_loss", "cost_and_loss", "cost_discounted")


def measure_names(done: PlanResult) -> dict[str, str]:
    """Return id -> name of every measure that a plan chooses from."""
    return {one.measure.id: measure_name(one.measure) for one in (*done.values, *done.unpriced)}


def frontier(done: PlanResult, numbers: Numbers) -> Table:
    """Return what other budgets buy, and what another weight on the tail does at the same budget."""
    rows = [
        {"budget_part": one.times, "tail_weight": one.tail, **row}
        for one, row in zip(done.frontier, _outcomes(done, done.frontier, numbers), strict=True)
    ]
    keys = ("budget_part", "tail_weight", *OUTCOME)
    title = f"Plan of {country_name(done.base.focus)}: what parts of the budget buy"
    units, main = dict.fromkeys(PAID, numbers.currency.name), (*keys[:5], "measures_begun")
    return columns.table("frontier", title, rows, keys, units=units, notes=_judged(done), main=main)


def splits(done: PlanResult, numbers: Numbers) -> Table:
    """Return the plan under the programme's own ceilings, and under a single budget."""
    return _variants(done, done.splits, numbers, "splits", "the programme's own split against a single budget")


def inputs(done: PlanResult, numbers: Numbers) -> Table:
    """Return the plan with one input after the other at the ends of its range."""
    title = "how far the answer moves where an input of it is wrong"
    return _variants(done, done.one_at_a_time, numbers, "inputs", title)


def _variants(done: PlanResult, found: tuple[Variant, ...], numbers: Numbers, key: str, title: str) -> Table:
    """Return one row a variant: spent, loss, tail, and what differs from the plan."""
    outcomes = _outcomes(done, found, numbers)
    rows = [{"variant": text.capital(one.name), **row} for one, row in zip(found, outcomes, strict=True)]
    keys, title = ("variant", *OUTCOME), f"Plan of {country_name(done.base.focus)}: {title}"
    units, main = dict.fromkeys(PAID, numbers.currency.name), ("variant", "spent", "expected_loss", "cost_and_loss")
    return columns.table(key, title, rows, keys, units=units, notes=_judged(done), main=main)


def _judged(done: PlanResult) -> tuple[str, ...]:
    """Return on what the variants are judged."""
    count = len(done.out_of_sample.singly.probability)
    return (
        f"discounted; each judged on the same {count} simulated years that no search saw, with their sampling error "
        "(95 %); dropped and added against the plan",
        *([f"no plan meets the goals under {', '.join(done.out_of_reach)}"] if done.out_of_reach else []),
    )


def _outcomes(done: PlanResult, found: Iterable[Variant], numbers: Numbers) -> list[dict[str, Any]]:
    """Return what each variant spends, loses, begins and drops."""
    known = measure_names(done)
    return [_outcome(one, known, numbers) for one in change_of(done, found)]


def _outcome(one: VariantChange, known: Mapping[str, str], numbers: Numbers) -> dict[str, Any]:
    """Return one variant's cells."""
    check = one.variant.check
    half = CONFIDENT * check.expected_error
    return {
        "spent": numbers.money(one.spent),
        "expected_loss": numbers.money(check.expected, low=check.expected - half, high=check.expected + half),
        "sampling_error": numbers.money(half),
        "tail_loss": numbers.money(check.tail),
        "cost_and_loss": numbers.money(one.cost_and_loss),
        "measures_begun": len(one.begun),
        "dropped": _some([known[id] for id in one.dropped]),
        "added": _some([known[id] for id in one.added]),
        "cost_discounted": numbers.money(one.variant.plan.cost),
        "search_gap": numbers.share(one.variant.plan.gap, confidence="high"),
    }


def _some(listed: list[str]) -> str:
    """Return the first of some names, and how many more there are."""
    return "; ".join(listed[:FEW]) + (f" and {len(listed) - FEW} more" if len(listed) > FEW else "")


def ends(done: PlanResult, numbers: Numbers) -> Table:
    """Return how what a measure averts moves if what it gives is at an end of its range, those that move most first."""
    rows = [
        {
            "measure_name": measure_name(one.value.measure),
            "averted_at_low": numbers.money(one.ends.low),
            "averted": numbers.money(one.best),
            "averted_at_high": numbers.money(one.ends.high),
            "moves_by": numbers.money(one.width),
            "ranged": ", ".join(one.moved),
            "confidence": one.value.measure.confidence,
            "measure": one.value.measure.id,
        }
        for one in measures_at_ends(done)
    ]
    note = (
        "a year, the whole measure by itself; what it gives at its low or high end, what speaks against it at the other"
    )
    title = f"Plan of {country_name(done.base.focus)}: measures at the ends of their ranges"
    units = dict.fromkeys(("averted_at_low", "averted", "averted_at_high", "moves_by"), numbers.currency.name)
    return columns.table("ends", title, rows, ENDS, units=units, notes=(note,), main=ENDS[:4])


def methods(done: PlanResult, numbers: Numbers) -> Table:
    """Return what all years cost with and without the plan as each method has it, and which plan is then cheapest."""
    rows = [
        {
            "model_state": text.capital(one.method),
            "averted": numbers.money(one.averted),
            "plan_cost": numbers.money(one.cost),
            "regret": numbers.money(one.regret),
            "cheapest": text.capital(one.cheapest),
            "loss_without": numbers.money(one.loss_without),
            "loss_with": numbers.money(one.loss_with),
        }
        for one in by_method(done)
    ]
    units = dict.fromkeys(("averted", "plan_cost", "regret", "loss_without", "loss_with"), numbers.currency.name)
    title = f"Plan of {country_name(done.base.focus)}: the same plan by other methods"
    return columns.table("methods", title, rows, METHODS, units=units, notes=_years(done), main=METHODS[:5])


def method_regret(done: PlanResult, numbers: Numbers) -> Table:
    """Return how much dearer each plan is than the cheapest, method by method, and at worst."""
    found, unit = candidate_regrets(done), numbers.currency.name
    states = [state for one in found[:1] for state, _ in one.by_method]
    more = [
        Column(f"regret_{_slug(state)}", f"Were it: {state}", "number", "regret, were this method right", unit)
        for state in states
    ]
    rows = [
        {"plan_name": text.capital(one.name), "plan_cost": numbers.money(one.cost)}
        | {"spent": numbers.money(float(done.candidates[one.name].spend.sum()))}
        | {"expected_total": numbers.money(done.candidates[one.name].cost + done.candidates[one.name].expected)}
        | {"regret_at_worst": numbers.money(one.at_worst)}
        | {column.key: numbers.money(regret) for column, (_, regret) in zip(more, one.by_method, strict=True)}
        for one in found
    ]
    note = (
        "regret: cost and loss less those of the cheapest of these plans, were the method right; least at "
        f"worst first, which is the plan shown (made as: {done.shown}); expected: cost and loss on "
        "the scenarios of the search"
    )
    keys, units = (*REGRETS, *(column.key for column in more)), dict.fromkeys(REGRETS[1:], unit)
    title = f"Plan of {country_name(done.base.focus)}: regret across methods"
    notes = (note, *_years(done))
    return columns.table("method-regret", title, rows, keys, units=units, notes=notes, more=more, main=REGRETS)


def _slug(name: str) -> str:
    """Return a name as part of a key."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _years(done: PlanResult) -> tuple[str, ...]:
    """Return what is added up where plans are compared by methods."""
    return (
        f"all years, discounted: each the mean of {compared_years(done)} simulated years by the method's own engine, "
        f"with what stands in it, against the need of {done.terms.to}; cost holds stock that is bought again; the "
        "physical engine lets no price move, so that minerals whose users are not known lose nothing in it",
    )


def draw_regret(done: PlanResult, numbers: Numbers) -> Table:
    """Return how much dearer the plan is than others made on other draws, out of sample."""
    rows = [
        {
            "plan_name": "This plan" if one.draw == 0 else f"Made on draw {one.draw}",
            "regret_mean": numbers.money(one.mean),
            "regret_largest": numbers.money(one.largest),
            "best_in": numbers.share(one.best_in),
        }
        for one in draw_regrets(done)
    ]
    units = dict.fromkeys(("regret_mean", "regret_largest"), numbers.currency.name)
    note = "how much dearer (cost and loss) than the best of these plans, scenario by scenario"
    title = f"Plan of {country_name(done.base.focus)}: regret against plans made on other draws"
    return columns.table("draw-regret", title, rows, DRAWS, units=units, notes=(note,))
