"""Simulated years of losses and what measures avert of them, and the portfolio problem drawn from these years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from khanij.core import rng
from khanij.core.cube import Floats, Positions
from khanij.plan.levers import apply
from khanij.plan.measures.measure import Measure
from khanij.plan.measures.value import MeasureValue
from khanij.plan.planner.goals import Goal
from khanij.plan.planner.terms import PlanTerms
from khanij.plan.portfolio.problem import PlanProblem, import_ceiling
from khanij.reference.money import Currency
from khanij.simulate.risk import averted as valuation
from khanij.simulate.risk.baseline import Baseline

LEAST_TOGETHER = 0.02  # part of a further measure's cover that counts at least: the programme stays bounded
PURPOSES = {"in": 1, "out": 2}  # streams of the scenarios a plan is made for, and of those it is checked on


@dataclass(frozen=True, slots=True)
class LossSample:
    """Simulated years by mineral, in units of the currency: what they cost (Y, M), and what measures avert (Y, P).

    measure, mineral (P,)  which measure averts what of which mineral; below 0 where it makes a year dearer
    refill (P,)   money to buy a stock again after a year in which it was drawn, 0 for what is no stock
    group (P,)    a measure and those valued on top of it, which avert beside it all that they are told to
    together (M,) part of what another group averts by itself that it averts beside the largest one
    """

    materials: tuple[str, ...]
    loss: Floats
    averted: Floats
    measure: Positions
    mineral: Positions
    refill: Floats
    group: Positions
    together: Floats

    def times(self, factor: Floats) -> LossSample:
        """Return the same years with losses of each mineral, and what is averted of them, multiplied (M,)."""
        return replace(self, loss=self.loss * factor, averted=self.averted * factor[self.mineral])

    @property
    def net(self) -> Floats:
        """Return what is averted (Y, P) less the stock that is bought again; it is drawn where that is worth more."""
        return np.where(self.refill > 0, np.maximum(self.averted - self.refill, 0.0), self.averted)

    @property
    def refilled(self) -> Floats:
        """Return the money a year (P,) for stock that is bought again."""
        return np.asarray(((self.averted > self.refill) * self.refill).mean(axis=0))


def sample_losses(base: Baseline, values: Sequence[MeasureValue], currency: Currency) -> LossSample:
    """Return the simulated years as a plan takes them.

    A year in which a mineral brings a gain counts as no loss, and no measure averts more of a year than it costs. What
    makes a year dearer adds to it. A measure counts with the chance that it stands and runs.
    """
    materials = base.materials
    loss = np.stack([np.maximum(np.nan_to_num(base.loss(m)), 0.0) for m in materials], axis=1)
    rows, measure, mineral, refill = [], [], [], []
    for number, one in enumerate(values):
        for material, less in one.averted.years.items():
            m = materials.index(material)
            cover = np.minimum(np.nan_to_num(less), loss[:, m]) * one.measure.building.chance.best
            if cover.any():
                rows.append(cover)
                measure.append(number)
                mineral.append(m)
                refill.append(one.measure.cost.best if holds_stock(one.measure) and one.measure.cost.is_known else 0.0)
    scale = currency.of(1.0)
    return LossSample(
        materials,
        loss * scale,
        np.stack(rows, axis=1) * scale if rows else np.zeros((len(loss), 0)),
        np.array(measure, dtype=np.intp),
        np.array(mineral, dtype=np.intp),
        np.array(refill) * scale,
        _groups(values)[np.array(measure, dtype=np.intp)],
        np.ones(len(materials)),
    )


def _groups(values: Sequence[MeasureValue]) -> Positions:
    """Return for each measure (I,) the position of the lowest one on top of which it is valued, itself if of none."""
    at = {one.measure.id: number for number, one in enumerate(values)}
    found = np.arange(len(values), dtype=np.intp)
    for number, one in enumerate(values):
        if one.measure.on_top and one.measure.needs in at:
            found[number] = found[at[one.measure.needs]]
    return found


def holds_stock(measure: Measure) -> bool:
    """Return whether a measure is a stock, which is used up."""
    return any(lever.holds_stock for lever in measure.levers)


def with_joint_covers(years: LossSample, base: Baseline, values: Sequence[MeasureValue]) -> LossSample:
    """Return the years with what measures avert beside each other, by the market model with all of a mineral at once.

    θ = (J - M) / (S - M), within 0.02 to 1: J what all avert at once, M the most that one group averts, S the sum of
    groups; what is valued on top of another measure is of its group
    """
    several = [m for m in range(len(years.materials)) if (years.mineral == m).sum() > 1]
    if not several:
        return years
    named = [years.materials[m] for m in several]
    taken = sorted({int(i) for p, i in enumerate(years.measure) if years.mineral[p] in several})
    levers = [lever for i in taken for lever in values[i].measure.levers]
    found = valuation.averted_loss(base, apply(base.case, levers).case, named)
    together = years.together.copy()
    for m, material in zip(several, named, strict=True):
        each: dict[int, float] = {}
        for p in np.flatnonzero(years.mineral == m).tolist():
            mean = float(np.nanmean(values[years.measure[p]].averted.years[material]))
            group = int(years.group[p])
            each[group] = each.get(group, 0.0) + max(mean, 0.0)
        most, whole = max(each.values()), sum(each.values())
        joint = float(np.nanmean(found.years[material]))
        if most > 0 and whole > most:
            together[m] = float(np.clip((joint - most) / (whole - most), LEAST_TOGETHER, 1.0))
    return replace(years, together=together)


def plan_problem(
    years: LossSample,
    values: Sequence[MeasureValue],
    terms: PlanTerms,
    scenarios: int,
    seed: int,
    purpose: str = "in",
    *,
    credits: Mapping[str, float] | None = None,
) -> PlanProblem:
    """Return the problem on scenarios drawn from the simulated years, each year of each scenario one of them.

    purpose    "in": of the even simulated years, for a search; "out": of the odd ones, for a check
    scenarios  how many; 0 = each simulated year of that half once, standing in every year: for means and their error
    Markets grow with need: sellers, chances and prices stay, a year's loss grows as need does, a tonne of a measure
    averts what it averted, and as much more of it can stand. What lies beyond the last year is one more "year", the
    mean of as many drawn years as there are, each at its weight and need. Nothing can be started in it. Without
    `beyond` nothing counts after the last year.
    credits    id of a measure -> money of its first day that the right to go on from it is worth after all these years
    """
    measures = [one.measure for one in values]
    spans = terms.count + bool(terms.beyond)
    parts = tuple(dict.fromkeys([*terms.ceilings, *terms.absorb, *(one.component for one in measures)]))
    limited = {"ceiling": terms.ceilings, "absorb": terms.absorb}
    most = {name: np.array([given.get(part, np.inf) for part in parts]) for name, given in limited.items()}
    loss, averted = _stack(years, terms, _positions(years, terms, scenarios, seed, purpose))
    amount, value = _steps(years, loss, averted, terms)
    place = {one.id: number for number, one in enumerate(measures)}
    standing = _standing(measures, terms)
    secured, need = goal_rows(terms.goals, values, terms)
    return PlanProblem(
        **money_of(measures, terms, credits or {}),
        lead=np.array([one.lead for one in measures], dtype=np.int64),
        limit=standing.max(axis=1, initial=0.0),
        lump=np.array([one.lump for one in measures]),
        measure=years.measure,
        mineral=years.mineral,
        averted=averted,
        amount=amount,
        value=value,
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
        gates=[(place[o.id], place[o.after[0]], o.after[1]) for o in measures if o.after and o.after[0] in place],
        labels={
            "measure": [one.id for one in measures],
            "mineral": list(years.materials),
            "year": list(terms.years),
            "component": list(parts),
            "target": [goal.words for goal in terms.goals],
        },
    )


def money_of(measures: Sequence[Measure], terms: PlanTerms, credits: Mapping[str, float]) -> dict[str, Floats]:
    """Return what a measure costs the economy and public money (I, spans), pace, and budget (spans,).

    cost = (lost + (λ - 1) outlay) capital - λ δ^(T - y) back capital - credit;  running = λ running + carbon + water to
    the last year that counts. λ cost of public funds, T the end. Nothing is begun beyond the last year of spending.
    """
    spans, usd = terms.count + bool(terms.beyond), terms.currency.of
    later = np.arange(spans) >= terms.count
    kinds = [one.building.support for one in measures]
    capital = np.array([usd(one.cost.best) for one in measures])
    running = np.array([usd(one.running.best) for one in measures])
    outlay, lost, back = (np.array([getattr(s, name).best for s in kinds]) for name in ("outlay", "lost", "back"))
    left = terms.count + terms.beyond - np.minimum(np.arange(spans), terms.count)
    again = terms.public_funds * back[:, None] * (1.0 + terms.discount) ** -left
    charged = (lost + (terms.public_funds - 1.0) * outlay)[:, None] - again
    worth = np.array([credits.get(one.id, 0.0) for one in measures])
    burden = np.array(
        [usd(sum(part.best for part in (o.building.carbon, o.building.water) if part.is_known)) for o in measures]
    )
    pace = np.array([one.building.pace for one in measures])
    return {
        "cost": charged * capital[:, None] - worth[:, None],
        "outlay": np.tile((outlay * capital)[:, None], (1, spans)),
        "running": np.tile((terms.public_funds * running + burden)[:, None], (1, spans)),
        "running_outlay": np.where(later, 0.0, running[:, None]),  # who goes on pays then
        "pace": np.where(later, 0.0, pace[:, None]),
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
    loss, averted = years.loss[place] * factor.T, years.net[place]
    if terms.beyond:
        share = weight[count:] / weight[count:].sum()
        loss, averted = (
            np.concatenate([part[:, :count], np.einsum("wtm,t->wm", part[:, count:], share)[:, None]], axis=1)
            for part in (loss, averted)
        )
    return loss.transpose(0, 2, 1), averted.transpose(0, 2, 1)


def _steps(years: LossSample, loss: Floats, averted: Floats, terms: PlanTerms) -> tuple[Floats, Floats]:
    """Return the loss by step (W, M, spans, 2), and money per amount of each: covers are concave and joint.

    The first step is what the largest group covers by itself, at 1; the rest is covered at θ of what measures avert
    by themselves, so that it is (loss - first) / θ long and worth θ. As need grows, more of a measure can stand.
    """
    grown = terms.grown(years.materials)[:, : terms.count]
    grown = np.append(grown, grown[:, -1:], axis=1)[:, : loss.shape[2]]
    first = np.zeros(loss.shape)
    for m in range(loss.shape[1]):
        pairs = np.flatnonzero(years.mineral == m)
        groups = [pairs[years.group[pairs] == group] for group in dict.fromkeys(years.group[pairs].tolist())]
        if groups:
            covers = [np.maximum(averted[:, one], 0.0).sum(axis=1) for one in groups]
            first[:, m] = np.max(covers, axis=0) * grown[m]
    whole = years.together >= 1.0
    first = np.where(whole[:, None], loss, np.clip(first, 0.0, loss))
    part = years.together[:, None]
    amount = np.stack([first, (loss - first) / part], axis=-1)
    value = np.stack([np.ones(loss.shape), np.broadcast_to(part, loss.shape)], axis=-1)
    return amount, value


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
