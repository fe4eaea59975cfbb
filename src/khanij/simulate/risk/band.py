"""The loss curve with all that is in doubt in one band: what an event costs, chances, and the sample of years.

One world draws all three together; each alone tells what it adds. What an event of a mineral costs is in doubt as its
dearest good's stop is (the draws of the ranking, one draw the same for all goods: elasticities, stocks, substitution,
who cannot do without, flows where asked). Years are weighed by how much likelier other chances would make them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from khanij.core import rng
from khanij.core.cube import Floats
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.ranking import RankedGood

LOSSES, CHANCES, SAMPLING = PARTS = ("what an event costs", "yearly chances", "sampling of years")
WORLDS, YEARS, KEY = 128, 10_000, 11
ENDS = (0.1, 0.9)
RANGE = 1.645  # standard errors from the middle of a 90 % range to its end
COUNTS = 0.002  # part of all losses from which other chances of a hazard are weighed


@dataclass(frozen=True, slots=True)
class LevelBand:
    """The loss that is exceeded once in `period` years, USD: 10 % and 90 % of the worlds, and with one part alone."""

    period: float
    low: float
    high: float
    alone: Mapping[str, tuple[float, float]]


def bands(base: Baseline, ranked: Sequence[RankedGood], periods: Sequence[float]) -> tuple[LevelBand, ...]:
    """Return the band of each period that the years reach; nothing without solved years or without draws of losses."""
    if base.losses is None or not any(len(good.draws) for good in ranked):
        return ()
    parts = base.losses.material[:YEARS]
    known = np.isfinite(parts).all(axis=1)
    parts, stream = parts[known], rng.stream(base.seed, KEY)
    factor = _factors(base.losses.materials, ranked, stream)
    chance = _weights(base, known, stream)
    sample = stream.poisson(1.0, (WORLDS, len(parts))).astype(np.float64)
    told = [period for period in periods if period <= len(parts)]
    plain, level = np.ones_like(sample), np.array([1.0 - 1.0 / period for period in told])
    worlds = {"": (factor, chance * sample), LOSSES: (factor, plain), CHANCES: (None, chance), SAMPLING: (None, sample)}
    ends = {name: np.quantile(_levels(parts, *world, level), ENDS, axis=0) for name, world in worlds.items()}
    return tuple(
        LevelBand(period, *_pair(ends[""], k), {name: _pair(ends[name], k) for name in PARTS})
        for k, period in enumerate(told)
    )


def _pair(ends: Floats, k: int) -> tuple[float, float]:
    """Return low and high of one period."""
    return float(ends[0, k]), float(ends[1, k])


def _factors(materials: Sequence[str], ranked: Sequence[RankedGood], stream: np.random.Generator) -> Floats:
    """Return how many times its best value the loss of each mineral's events is in each world (WORLDS, M)."""
    dearest: dict[str, RankedGood] = {}
    for good in ranked:
        if good.best > 0 and good.draws and good.best > getattr(dearest.get(good.material), "best", 0.0):
            dearest[good.material] = good
    count = max((len(good.draws) for good in dearest.values()), default=1)
    world, out = stream.integers(0, count, WORLDS), np.ones((WORLDS, len(materials)))
    for m, material in enumerate(materials):
        if material in dearest:
            drawn = np.asarray(dearest[material].draws)[world] / dearest[material].best
            out[:, m] = np.where(np.isfinite(drawn), np.maximum(drawn, 0.0), 1.0)
    return out


def _weights(base: Baseline, known: np.ndarray, stream: np.random.Generator) -> Floats:
    """Return how much each known year counts in each world (WORLDS, Y): Π p'/p of what struck, Π (1-p')/(1-p) else.

    Chances of one kind move together: ln p' = ln p + z·ln(high/p)/1.645 for z above 0, with low below.
    """
    given, drawn = base.hazards, base.drawn
    kinds = sorted(set(given.kind))
    moved = dict(zip(kinds, stream.normal(size=(len(kinds), WORLDS)) / RANGE, strict=True))
    part = np.bincount(drawn.hazard, weights=np.abs(np.nan_to_num(base.event_losses)), minlength=len(given.kind))
    out, rows = np.zeros((WORLDS, int(known.sum()))), np.cumsum(known) - 1
    for h in _counting(part, given.probability):
        p, low, high = (
            min(max(float(v), 1e-9), 1.0 - 1e-6) for v in (given.probability[h], given.low[h], given.high[h])
        )
        z = moved[given.kind[h]]
        other = np.clip(p * np.exp(np.where(z > 0, z * np.log(high / p), -z * np.log(low / p))), 1e-12, 1.0 - 1e-6)
        years = drawn.year[drawn.hazard == h]
        struck = rows[years[(years < len(known)) & known[np.minimum(years, len(known) - 1)]]]
        out += np.log((1.0 - other) / (1.0 - p))[:, None]
        out[:, struck] += (np.log(other / p) - np.log((1.0 - other) / (1.0 - p)))[:, None]
    return np.asarray(np.exp(out))


def _counting(part: Floats, chance: Floats) -> Collection[int]:
    """Return the hazards whose events make a part of the losses that counts, and that may or may not come."""
    return np.flatnonzero((part >= COUNTS * max(float(part.sum()), 1e-300)) & (chance > 0) & (chance < 1)).tolist()


def _levels(parts: Floats, factor: Floats | None, weight: Floats, level: Floats) -> Floats:
    """Return the loss at each level of each world (WORLDS, levels): least that so much of the weight is below."""
    out = np.empty((WORLDS, len(level)))
    for d in range(WORLDS):
        loss = parts.sum(axis=1) if factor is None else parts @ factor[d]
        order = np.argsort(loss, kind="stable")
        upto = np.cumsum(weight[d][order])
        at = np.searchsorted(upto, level * upto[-1] * (1.0 - 1e-12))
        out[d] = loss[order[np.minimum(at, len(loss) - 1)]]
    return out
