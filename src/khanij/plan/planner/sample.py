"""Simulated years of losses and what measures avert of them, and the portfolio problem drawn from these years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from khanij.core import rng
from khanij.core.cube import Floats, Positions
from khanij.plan.measures.measure import Measure
from khanij.plan.measures.value import MeasureValue
from khanij.plan.planner.goals import Goal
from khanij.plan.planner.terms import PlanTerms
from khanij.plan.portfolio.problem import PlanProblem, import_ceiling
from khanij.reference.money import Currency
from khanij.simulate.risk.baseline import Baseline

PURPOSES = {"in": 1, "out": 2}  # streams of the scenarios a plan is made for, and of those it is checked on


@dataclass(frozen=True, slots=True)
class LossSample:
    """Simulated years by mineral, in units of the currency: what they cost (Y, M), and what measures avert (Y, P).

    measure, mineral (P,)  which measure averts what of which mineral
    kept (P,)  part of the losses averted that is counted where some years get dearer by the measure
    """

    materials: tuple[str, ...]
    loss: Floats
    averted: Floats
    measure: Positions
    mineral: Positions
    kept: Floats

    def times(self, factor: Floats) -> LossSample:
        """Return the same years with losses of each mineral, and what is averted of them, multiplied (M,)."""
        return replace(self, loss=self.loss * factor, averted=self.averted * factor[self.mineral])


def sample_losses(base: Baseline, values: Sequence[MeasureValue], currency: Currency) -> LossSample:
    """Return the simulated years as a plan takes them.

    A year in which a mineral brings a gain counts as no loss. A plan's cover cannot be below nothing: where a measure
    makes some years dearer, what it averts in the others is scaled down until the mean is right.
    """
    materials = base.materials
    loss = np.stack([np.maximum(np.nan_to_num(base.loss(m)), 0.0) for m in materials], axis=1)
    rows, measure, mineral, kept = [], [], [], []
    for number, one in enumerate(values):
        for material, less in one.averted.years.items():
            m = materials.index(material)
            less = np.nan_to_num(less)
            cover = np.clip(less, 0.0, loss[:, m])
            mean = float(less.mean())
            part = min(max(mean, 0.0) / cover.mean(), 1.0) if cover.mean() > 0 else 0.0
            if part > 0:
                rows.append(cover * part)
                measure.append(number)
                mineral.append(m)
                kept.append(part)
    scale = currency.of(1.0)
    return LossSample(
        materials,
        loss * scale,
        np.stack(rows, axis=1) * scale if rows else np.zeros((len(loss), 0)),
        np.array(measure, dtype=np.intp),
        np.array(mineral, dtype=np.intp),
        np.array(kept),
    )


def plan_problem(
    years: LossSample, values: Sequence[MeasureValue], terms: PlanTerms, scenarios: int, seed: int, purpose: str = "in"
) -> PlanProblem:
    """Return the problem on scenarios drawn from the simulated years, each year of each scenario one of them.

    purpose    "in": of the even simulated years, for a search; "out": of the odd ones, for a check
    scenarios  how many; 0 = each simulated year of that half once, standing in every year: for means and their error
    Markets grow with need: sellers, chances and prices stay, a year's loss grows as need does, a tonne of a measure
    averts what it averted, and as much more of it can stand. What lies beyond the last year is one more "year", the
    mean of as many drawn years as there are, each at its weight and need. Nothing can be started in it. Without
    `beyond` nothing counts after the last year.
    """
    measures = [one.measure for one in values]
    spans = terms.count + bool(terms.beyond)
    parts = tuple(dict.fromkeys([*terms.ceilings, *terms.absorb, *(one.component for one in measures)]))
    limited = {"ceiling": terms.ceilings, "absorb": terms.absorb}
    most = {name: np.array([given.get(part, np.inf) for part in parts]) for name, given in limited.items()}
    loss, averted = _stack(years, terms, _positions(years, terms, scenarios, seed, purpose))
    place = {one.id: number for number, one in enumerate(measures)}
    standing = _standing(measures, terms)
    secured, need = goal_rows(terms.goals, values, terms)
    return PlanProblem(
        **_money(measures, terms, spans),
        lead=np.array([one.lead for one in measures], dtype=np.int64),
        limit=standing.max(axis=1, initial=0.0),
        lump=np.array([one.lump for one in measures]),
        measure=years.measure,
        mineral=years.mineral,
        averted=averted,
        amount=loss[..., None],
        value=np.ones((*loss.shape, 1)),
        probability=np.full(len(loss), 1.0 / len(loss)),
        component=np.array([parts.index(one.component) for one in measures], dtype=np.int64),
        ceiling=most["ceiling"],
        absorb=np.where(np.arange(spans) < terms.count, most["absorb"][:, None], np.inf),
        most=standing,
        secured=secured,
        need=need,
        carry=terms.carry,
        discount=terms.weights,
        needs=[(place[o.id], place[o.needs], 1.0) for o in measures if o.needs in place],
        labels={
            "measure": [one.id for one in measures],
            "mineral": list(years.materials),
            "year": list(terms.years),
            "component": list(parts),
            "target": [goal.words for goal in terms.goals],
        },
    )


def _money(measures: Sequence[Measure], terms: PlanTerms, spans: int) -> dict[str, Floats]:
    """Return cost, running, pace (I, spans) and budget (spans,); nothing is paid or begun beyond the last year."""
    costs = np.array([terms.currency.of(one.cost.best) for one in measures])
    running = np.array([terms.currency.of(one.running.best) for one in measures])
    later = np.arange(spans) >= terms.count
    return {
        "cost": np.tile(costs[:, None], (1, spans)),
        "running": np.where(later, 0.0, running[:, None]),  # who goes on pays then
        "pace": np.where(later, 0.0, np.full((len(measures), 1), np.inf)),
        "budget": np.where(later, np.inf, terms.budget / terms.count),
    }


def _standing(measures: Sequence[Measure], terms: PlanTerms) -> Floats:
    """Return the most of each measure that can stand in a year (I, spans): its size as need grows, more for a goal.

    Beyond the last year of spending no more is built than that year's need takes.
    """
    found = []
    for one in measures:
        factor = terms.grown(one.materials)[:, : terms.count].max(axis=0)
        if one.arising:  # scrap, which does not wait for need
            year, part = zip(*one.arising, strict=True)
            factor = np.interp(np.arange(terms.since, terms.to + 1), year, part)
        row = np.append(factor, factor[-1:]) if terms.beyond else factor
        found.append(row * (terms.goal_width if any(goal.is_served_by(one) for goal in terms.goals) else 1.0))
    return np.array(found).reshape(len(measures), terms.count + bool(terms.beyond))


def _positions(years: LossSample, terms: PlanTerms, scenarios: int, seed: int, purpose: str) -> Positions:
    """Return which simulated year stands in which year of each scenario (W, T), every one as often as the others."""
    half = np.arange(PURPOSES[purpose] - 1, len(years.loss), 2)
    spans = terms.count + terms.beyond
    if not scenarios:
        return np.tile(half[:, None], (1, spans))
    stream = rng.stream(seed, PURPOSES[purpose], 715)
    rounds = -(-scenarios * spans // len(half))
    drawn = np.concatenate([stream.permutation(half) for _ in range(rounds)])
    return np.asarray(drawn[: scenarios * spans].reshape(scenarios, spans))


def _stack(years: LossSample, terms: PlanTerms, place: Positions) -> tuple[Floats, Floats]:
    """Return losses (W, M, spans) and what is averted (W, P, spans) of simulated years in their places (W, T)."""
    factor, weight, count = terms.grown(years.materials), terms.singly, terms.count
    loss, averted = years.loss[place] * factor.T, years.averted[place]
    if terms.beyond:
        share = weight[count:] / weight[count:].sum()
        loss, averted = (
            np.concatenate([part[:, :count], np.einsum("wtm,t->wm", part[:, count:], share)[:, None]], axis=1)
            for part in (loss, averted)
        )
    return loss.transpose(0, 2, 1), averted.transpose(0, 2, 1)


def goal_rows(asked: Sequence[Goal], values: Sequence[MeasureValue], terms: PlanTerms) -> tuple[Floats, Floats]:
    """Return tonnes of each goal by measure in place (G, I), and the least of them by span (G, spans).

    Use grows as need does, home output is held; a goal is asked of the last year in which money is spent and no other.
    """
    spans = terms.count + bool(terms.beyond)
    secured = np.array([[goal.tonnes_from(one) for one in values] for goal in asked]).reshape(len(asked), len(values))
    need = np.full((len(asked), spans), -np.inf)
    for g, goal in enumerate(asked):
        grown = terms.grown([goal.material])[0, terms.count - 1]
        by_share = import_ceiling(np.array(goal.use * grown), np.array(goal.home), np.array(1.0 - goal.share))
        need[g, terms.count - 1] = by_share if np.isnan(goal.tonnes) else goal.tonnes
    return secured, need
