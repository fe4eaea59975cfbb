"""From valued measures to a portfolio problem: drawn years of the risk engine, limits, and what lies beyond."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from khanij.core import rng
from khanij.core.cube import Floats, Positions
from khanij.core.errors import StudyError
from khanij.plan.problem import Portfolio
from khanij.study.measures import Valued
from khanij.study.money import Currency
from khanij.study.valuation import Ground

BEYOND = 10  # years after the last in which what stands goes on averting losses: ours, confidence low
PURPOSES = {"in": 1, "out": 2}  # streams of the scenarios a plan is made for, and of those it is checked on


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan may spend, and when.

    budget     money of a whole plan, in the currency       since, to  first and last year in which it is spent
    ceilings   component -> money over all years            discount  yearly rate
    beyond     years after the last that count              carry      what a year leaves goes to later years
    """

    currency: Currency
    budget: float
    since: int
    to: int
    ceilings: Mapping[str, float] = field(default_factory=dict)
    discount: float = 0.09
    beyond: int = BEYOND
    carry: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.to < self.since:
            raise StudyError(f"from {self.since} to {self.to}", where="--to", hint="not before --from")
        if self.budget < 0 or self.beyond < 0 or not 0 <= self.discount < 1:
            raise StudyError("a budget, years or rate below 0", where="plan", hint="from 0")

    @property
    def years(self) -> tuple[str, ...]:
        """Return the labels of the years: those of the plan, and one for what lies beyond."""
        named = tuple(str(year) for year in range(self.since, self.to + 1))
        return (*named, f"{self.to + 1}-{self.to + self.beyond}") if self.beyond else named

    @property
    def weights(self) -> Floats:
        """Return the weight of a year's money in that of the first year; the years beyond are one, at their sum."""
        count = self.to - self.since + 1
        factor = (1.0 + self.discount) ** -np.arange(count + self.beyond, dtype=np.float64)
        return np.append(factor[:count], factor[count:].sum()) if self.beyond else factor


@dataclass(frozen=True, slots=True)
class Pool:
    """Simulated years by mineral, in units of the currency: what they cost (Y, M), and what options avert (Y, P).

    measure, mineral (P,)  which option averts what of which mineral
    kept (P,)  part of the losses averted that is counted where some years get dearer by the measure
    """

    materials: tuple[str, ...]
    loss: Floats
    averted: Floats
    measure: Positions
    mineral: Positions
    kept: Floats


def pool(base: Ground, found: Sequence[Valued], currency: Currency) -> Pool:
    """Return the simulated years as a plan takes them.

    A year in which a mineral brings a gain counts as no loss. A plan's cover cannot be below nothing: where a measure
    makes some years dearer, what it averts in the others is scaled down until the mean is right.
    """
    materials = base.materials
    loss = np.stack([np.maximum(np.nan_to_num(base.loss(m)), 0.0) for m in materials], axis=1)
    rows, measure, mineral, kept = [], [], [], []
    for number, one in enumerate(found):
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
    if not rows:
        raise StudyError("no measure averts any loss", where="plan", hint="other measures, or other minerals")
    scale = currency.of(1.0)
    return Pool(
        materials,
        loss * scale,
        np.stack(rows, axis=1) * scale,
        np.array(measure, dtype=np.intp),
        np.array(mineral, dtype=np.intp),
        np.array(kept),
    )


def problem(
    years: Pool, found: Sequence[Valued], terms: Terms, scenarios: int, seed: int, purpose: str = "in"
) -> Portfolio:
    """Return the problem on scenarios drawn from the simulated years, each year of each scenario one of them.

    What lies beyond the last year is one more "year": the mean of as many drawn years as there are, at the sum of
    their weights. Nothing can be started in it. Without `beyond` nothing counts after the last year.
    """
    options = [one.option for one in found]
    costs = np.array([terms.currency.of(option.cost[1]) for option in options])
    running = np.array([terms.currency.of(option.running[1]) for option in options])
    count, tail = terms.to - terms.since + 1, bool(terms.beyond)
    spans = count + tail
    budget = np.full(count, terms.budget / count)
    parts = tuple(dict.fromkeys([*terms.ceilings, *(option.component for option in options)]))
    ceiling = np.array([terms.ceilings.get(part, np.inf) for part in parts])
    pace = np.full((len(options), spans), np.inf)
    standing = np.tile(running[:, None], (1, spans))
    if tail:
        budget = np.append(budget, np.inf)
        pace[:, count:] = 0.0
        standing[:, count:] = 0.0  # the budget does not reach beyond; who goes on pays then
    loss, averted = _drawn(years, scenarios, count, terms.beyond, seed, purpose)
    place = {option.id: number for number, option in enumerate(options)}
    return Portfolio(
        cost=np.tile(costs[:, None], (1, spans)),
        lead=np.array([option.lead for option in options], dtype=np.int64),
        limit=np.ones(len(options)),
        lump=np.array([option.lump for option in options]),
        budget=budget,
        measure=years.measure,
        mineral=years.mineral,
        averted=averted,
        amount=loss[..., None],
        value=np.ones((*loss.shape, 1)),
        probability=np.full(scenarios, 1.0 / scenarios),
        running=standing,
        component=np.array([parts.index(option.component) for option in options], dtype=np.int64),
        ceiling=ceiling,
        pace=pace,
        carry=terms.carry,
        discount=terms.weights,
        needs=[(place[o.id], place[o.needs], 1.0) for o in options if o.needs in place],
        labels={
            "measure": [option.id for option in options],
            "mineral": list(years.materials),
            "year": list(terms.years),
            "component": list(parts),
        },
    )


def _drawn(years: Pool, scenarios: int, count: int, beyond: int, seed: int, purpose: str) -> tuple[Floats, Floats]:
    """Return losses (W, M, T) and what is averted (W, P, T) of scenarios drawn with replacement."""
    stream = rng.stream(seed, PURPOSES[purpose], 715)
    place = stream.integers(0, len(years.loss), size=(scenarios, count + beyond))
    loss, averted = years.loss[place[:, :count]], years.averted[place[:, :count]]
    if beyond:
        loss = np.concatenate([loss, years.loss[place[:, count:]].mean(axis=1, keepdims=True)], axis=1)
        averted = np.concatenate([averted, years.averted[place[:, count:]].mean(axis=1, keepdims=True)], axis=1)
    return loss.transpose(0, 2, 1), averted.transpose(0, 2, 1)
