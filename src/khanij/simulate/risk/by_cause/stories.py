"""Simulated years told as stories, what each seller of a material adds, and the likeliest ways to lose an amount."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from khanij.core.cube import Floats, Positions
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.seasons import months

PART = 0.05  # part of a year's loss from which an event belongs to the way in which it was lost
Seller = tuple[str, str]
"""(country, material)"""


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """One event of a year: who, what, of which cause, the part of exports lost, and its part of the loss, USD.

    begins  month from 1      months  for how long it holds; 0 = not known, of a fall on record
    """

    country: str
    material: str
    stage: str
    cause: str
    lost: float
    loss: float
    begins: int = 1
    months: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """One simulated year: its number from 0, its loss in USD, and its events, dearest first."""

    year: int
    loss: float
    events: tuple[StoryEvent, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to lose an amount: sellers whose events make it up, how often, and the mean loss of those years, USD."""

    sellers: tuple[Seller, ...]
    years: int
    chance: float
    loss: float


def stories(base: Baseline, count: int, nth: str = "dearest") -> tuple[Story, ...]:
    """Return years as stories.

    nth  "dearest" = the years of the largest losses, "first" = the first years in which something happened
    """
    assert base.losses is not None
    total = base.losses.total
    if nth == "first":
        picked = np.unique(base.drawn.year)[:count]
    else:
        picked = np.argsort(-np.nan_to_num(total, nan=-np.inf), kind="stable")[:count]
    when = months(base)
    return tuple(_story(base, int(year), float(total[year]), when) for year in picked)


def _story(base: Baseline, year: int, loss: float, when: tuple[Positions, Floats]) -> Story:
    """Return one year."""
    given = base.hazards
    found = [
        StoryEvent(
            given.country[h],
            given.material[h],
            given.stage[h],
            given.kind[h],
            float(given.levels[base.drawn.level[at]]),
            float(base.event_losses[at]) + 0.0,  # no loss is 0, and not -0
            int(when[0][at]),
            int(np.ceil(when[1][at])),
        )
        for at in np.nonzero(base.drawn.year == year)[0].tolist()
        for h in [int(base.drawn.hazard[at])]
    ]
    return Story(
        year, loss, tuple(sorted(found, key=lambda e: (-np.nan_to_num(e.loss), e.country, e.material, e.stage)))
    )


def by_seller(base: Baseline) -> Mapping[Seller, float]:
    """Return (country, material) -> expected yearly loss in USD of the years that were solved, dearest first."""
    assert base.losses is not None
    whole = np.isfinite(base.losses.total)
    kept = whole[base.drawn.year]
    out: dict[Seller, float] = {}
    for h, loss in zip(base.drawn.hazard[kept].tolist(), base.event_losses[kept].tolist(), strict=True):
        key = (base.hazards.country[h], base.hazards.material[h])
        out[key] = out.get(key, 0.0) + loss / max(int(whole.sum()), 1)
    return dict(sorted(out.items(), key=lambda item: (-item[1], item[0])))


def ways(base: Baseline, amount: float) -> tuple[Way, ...]:
    """Return the ways in which simulated years lose at least an amount, likeliest first.

    A way is the set of sellers each of whose events answer for at least PART of the year's loss.
    amount  USD; years that were not solved are left out of the count
    """
    assert base.losses is not None
    total = base.losses.total
    whole = np.isfinite(total)
    hit = np.nonzero(whole & (np.nan_to_num(total) >= amount))[0]
    counts: Counter[tuple[Seller, ...]] = Counter()
    sums: dict[tuple[Seller, ...], float] = {}
    for year in hit.tolist():
        parts: dict[Seller, float] = {}
        for at in np.nonzero(base.drawn.year == year)[0].tolist():
            h = int(base.drawn.hazard[at])
            key = (base.hazards.country[h], base.hazards.material[h])
            parts[key] = parts.get(key, 0.0) + float(base.event_losses[at])
        named = tuple(sorted(key for key, loss in parts.items() if loss >= PART * total[year]))
        counts[named] += 1
        sums[named] = sums.get(named, 0.0) + float(total[year])
    years = max(int(whole.sum()), 1)
    made = [Way(named, n, n / years, sums[named] / n) for named, n in counts.items()]
    return tuple(sorted(made, key=lambda way: (-way.years, -way.loss, way.sellers)))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a seller of a material stands where it does among what disruption costs.

    loss      expected, USD a year      chances  cause -> yearly chance of the likeliest of its goods
    exports   largest part of a good's world exports      stage  that good
    reached   part of what the focus uses of a form that was made there, or made of that good      used  that form
    """

    seller: Seller
    loss: float
    chances: Mapping[str, float]
    exports: float
    stage: str
    reached: float
    used: str


def reasons(base: Baseline, count: int) -> tuple[Reason, ...]:
    """Return the first sellers and materials by expected loss, each with what its place rests on."""
    given, out = base.hazards, []
    for (country, material), loss in list(by_seller(base).items())[:count]:
        mine = [h for h in given.of(material) if given.country[h] == country]
        chances: dict[str, float] = {}
        for h in mine:
            chances[given.kind[h]] = max(chances.get(given.kind[h], 0.0), float(given.probability[h]))
        network = base.networks[material].for_focus(base.model.exposures[material].members)
        reached = {
            (stage, used): network.touched(lambda name, cut=stage, by=country: (by,) if name == cut else (), used)
            for stage in dict.fromkeys(given.stage[h] for h in mine)
            for used in network.stages[network.stages.index(stage) :]
        }
        stage, used = max(reached, key=lambda pair: (round(reached[pair], 1), pair[0] == pair[1], pair))
        share = max((float(given.share[h]) for h in mine if given.stage[h] == stage), default=float("nan"))
        out.append(Reason((country, material), loss, chances, share, stage, reached[stage, used], used))
    return tuple(out)
