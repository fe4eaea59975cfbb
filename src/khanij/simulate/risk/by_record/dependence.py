"""How far hazards happen together: what the trade record tells, and the named latent factors that share it out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np

from khanij.core import rng
from khanij.core.cube import Floats, Positions
from khanij.core.errors import StudyError
from khanij.kernels.chances import dependence
from khanij.simulate.risk.by_record import likelihood

FACTORS = ("world", "country", "market", "own")  # latent factors of a hazard
RESAMPLES = 200
TAIL = (0.05, 0.95)
SURE = 1e-6  # fitted chances this near 0 or 1 count as such in the series


@dataclass(frozen=True, slots=True)
class PairDependence:
    """How far two hazards of one sort happen together in the record.

    pairs     of cases of one year                    both      pairs of which both fell
    expected  pairs that both fell if each fell by its own chance alone
    correlation, low, high  of the copula; the range is 90 % of resampled years
    """

    sort: str
    pairs: int
    both: int
    expected: float
    correlation: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class VarianceShares:
    """Parts of the variance of a hazard's latent factor that it shares; what is left is its own.

    world    with every hazard      country  with those of its country      market  with other sellers of its good
    pairs    what these rest on
    """

    world: float = 0.0
    country: float = 0.0
    market: float = 0.0
    pairs: tuple[PairDependence, ...] = ()

    def __post_init__(self) -> None:
        """Refuse parts that cannot be."""
        parts = (self.world, self.country, self.market)
        if min(parts) < 0 or sum(parts) >= 1:
            raise StudyError(f"shared parts {parts} are negative or leave nothing", where="dependence", hint="sum < 1")

    @property
    def own(self) -> float:
        """Return the part that is shared with nobody."""
        return 1.0 - self.world - self.country - self.market


def pair_dependence(
    found: likelihood.Record, fitted: likelihood.LikelihoodFit, min_share: float, seed: int = 0
) -> tuple[PairDependence, ...]:
    """Return how far falls of one year happen together beyond what their chances explain.

    Pairs of cases of one year, sellers of at least that share of world exports, in three sorts: of one country in
    different codes, of one code in different countries, and of neither. For each sort the correlation of a Gaussian
    copula at which as many pairs are expected to fall both as did (kernels.chances.dependence), with 90 % of
    resampled years as range.
    """
    kept = found.panel.before[tuple(found.rows)] >= min_share
    code, country, _ = found.rows[:, kept]
    year = found.year[kept] - found.year[kept].min(initial=9999)
    years = int(year.max(initial=-1)) + 1
    chance = np.clip(fitted.probability(found.x[kept]), SURE, 1.0 - SURE)
    values = np.vstack([dependence.series(chance), found.fell[kept], np.ones(len(year))])
    every = _by_year(values, np.zeros_like(code), year, years)
    mates, rivals = _by_year(values, country, year, years), _by_year(values, code, year, years)
    sorts = {"one country, two codes": mates, "one code, two countries": rivals, "neither": every - mates - rivals}
    picks = rng.stream(seed, _key("bonds")).integers(0, max(years, 1), (RESAMPLES, years))
    out = []
    for sort, sums in sorts.items():
        whole = sums.sum(axis=1)
        drawn = np.stack([sums[:, pick].sum(axis=1) for pick in picks])
        again = dependence.correlation(drawn[:, -2], drawn[:, :-2])
        low, high = np.quantile(again, TAIL) if years else (np.nan, np.nan)
        best = float(dependence.correlation(whole[-2], whole[:-2]))
        pairs, both = round(float(whole[-1])), round(float(whole[-2]))
        out.append(PairDependence(sort, pairs, both, float(whole[0]), best, float(low), float(high)))
    return tuple(out)


def _by_year(values: Floats, group: Positions, year: Positions, years: int) -> Floats:
    """Return (..., years) pair sums of the groups of each year."""
    keys, index = np.unique(group * max(years, 1) + year, return_inverse=True)
    sums = dependence.pair_sums(values, index)
    return np.stack([np.bincount(keys % max(years, 1), weights=row, minlength=years) for row in sums])


def shared(found: tuple[PairDependence, ...], end: str = "correlation") -> VarianceShares:
    """Return the shared parts that give these correlations, none below 0: world = neither, the others what is beyond.

    end  "correlation", or "low" or "high" of the range
    """
    mates, rivals, others = (max(float(np.nan_to_num(getattr(bond, end))), 0.0) for bond in found)
    return VarianceShares(others, max(mates - others, 0.0), max(rivals - others, 0.0), found)


@cache
def _key(text: str) -> int:
    """Return a whole number that stands for a text in the key of a random stream, the same on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def latent_factor(seed: int, name: str, block: int, size: int) -> tuple[Floats, Floats]:
    """Return standard normal and uniform values (size,) of a named source in a block; they depend on these alone."""
    stream = rng.stream(seed, _key(name), block)
    return stream.standard_normal(size), stream.uniform(size=size)


def standard_normal(seed: int, name: str, block: int, size: int) -> Floats:
    """Return the standard normal values of latent_factor() alone."""
    return rng.stream(seed, _key(name), block).standard_normal(size)
