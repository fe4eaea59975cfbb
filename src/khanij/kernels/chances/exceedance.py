"""What many simulated years of losses say: yearly expectation, exceedance curve, tail mean, and who makes it.

Notation: L[y] loss of year y, n years, all as likely; F(x) share of years with L <= x; l level, such as 0.95.
Losses are positive, gains negative. Years stand on the first axis.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDING = 1e-9  # of a year: l·n within that of a whole number is that number


def expected(losses: Floats) -> tuple[Floats, Floats]:
    """Return expected yearly loss and its standard error: mean, s/sqrt(n).

    losses L (n, ...) any unit, n from 1      returns two (...) same unit; the error of one year is nan
    Raises ValueError without a year.
    """
    years = _checked(losses).shape[0]
    mean = np.asarray(losses.mean(axis=0))
    if years == 1:
        return mean, np.full_like(mean, np.nan)
    return mean, np.asarray(losses.std(axis=0, ddof=1) / np.sqrt(years))


def value_at_risk(losses: Floats, level: float) -> Floats:
    """Return VaR, the smallest loss that is not exceeded with chance l: min{x: F(x) >= l}.

    losses L (n, ...) any unit      level l inside 0..1      returns (...) same unit
    Raises ValueError for another level or no year.
    """
    ranked = np.sort(_checked(losses), axis=0)
    return np.asarray(ranked[_rank(len(ranked), level) - 1])


def tail_mean(losses: Floats, level: float) -> Floats:
    """Return CVaR, the mean of the worst (1-l)·n years, one of them perhaps in part.

    CVaR = VaR + mean(max(L - VaR, 0))/(1 - l)

    losses L (n, ...) any unit      level l inside 0..1      returns (...) same unit, at least VaR and the mean
    Reference: Rockafellar and Uryasev 2002, Journal of Banking & Finance 26(7), doi 10.1016/S0378-4266(02)00271-6,
    proposition 8: with the part of the years at VaR that belongs to the tail.
    """
    worst = value_at_risk(losses, level)
    return np.asarray(worst + np.maximum(losses - worst, 0.0).mean(axis=0) / (1.0 - level))


def tail_error(losses: Floats, level: float) -> Floats:
    """Return the standard error of CVaR: s of max(L - VaR, 0)/(1 - l) over sqrt(n), VaR taken as known.

    losses L (n, ...) any unit      returns (...) same unit; nan where fewer than two years make the tail
    Reference: Hong, Hu and Liu 2014, ACM TOMACS 24(4), doi 10.1145/2661631 (section 3.2, asymptotic variance).
    """
    worst = value_at_risk(losses, level)
    error = expected(np.maximum(losses - worst, 0.0) / (1.0 - level))[1]
    return error if tail_years(len(losses), level) >= 2 else np.full_like(error, np.nan)


def tail_years(years: int, level: float) -> float:
    """Return how many of n years are in the tail beyond a level, (1-l)·n."""
    return round((1.0 - level) * years, 9)


def tail_weights(losses: Floats, level: float) -> Floats:
    """Return by how much each year counts in CVaR; years of exactly VaR share what is left alike.

    w[y] = 1/((1-l)·n) above VaR, (F(VaR) - l)/((1-l)·n·share of the years at VaR) at VaR, else 0

    losses L (n,) any unit      returns (n,) adding up to 1; CVaR = sum of w·L
    """
    worst = value_at_risk(losses, level)
    above, at = losses > worst, losses == worst
    whole = (1.0 - level) * len(losses)
    left = np.maximum(1.0 - above.sum() / whole, 0.0)
    return np.where(above, 1.0 / whole, np.where(at, left / at.sum(), 0.0))


def contributions(parts: Floats, level: float) -> tuple[Floats, Floats]:
    """Return what each part adds to the expected loss and to CVaR of the sum of the parts (Euler's shares).

    expected[p] = mean of L[., p];  tail[p] = sum over y of w[y]·L[y, p], w the tail weights of the sum

    parts L (n, P) any unit      returns two (P,) same unit, adding up to the figures of the sum
    Reference: Tasche 2008, in Pillar II in the New Basel Accord, arXiv 0708.2542 (Euler allocation).
    """
    weights = tail_weights(parts.sum(axis=1), level)
    return expected(parts)[0], weights @ parts


def curve(losses: Floats, periods: Sequence[float], width: float = 0.9) -> Floats:
    """Return the loss that is exceeded once in T years, with an interval of order statistics that needs no model.

    x(T) = min{x: F(x) >= 1 - 1/T};  the interval L(r)..L(s) holds it with chance >= width, r and s from the binomial
    distribution of the number of years below

    losses L (n,) any unit      periods T (R,) years, above 1
    returns (R, 3): loss, low, high; nan where the years are too few: loss for T > n, an end beyond the first or last
    Reference: David and Nagaraja 2003, Order statistics, section 7.1, doi 10.1002/0471722162.
    """
    ranked = np.sort(_checked(losses))
    years = len(ranked)
    out = np.full((len(periods), 3), np.nan)
    for row, period in enumerate(periods):
        if period <= 1:
            raise ValueError("a return period is longer than one year")
        if period > years:
            continue
        level = 1.0 - 1.0 / period
        out[row, 0] = ranked[_rank(years, level) - 1]
        low, high = order_interval(years, level, width)
        out[row, 1] = ranked[low - 1] if low >= 1 else np.nan
        out[row, 2] = ranked[high - 1] if high <= years else np.nan
    return out


def order_interval(years: int, level: float, width: float) -> tuple[int, int]:
    """Return ranks r, s from 1 with Pr(L(r) <= x <= L(s)) >= width for the quantile x at the level.

    r = largest with Pr(B < r) <= (1-width)/2,  s = smallest with Pr(B >= s) <= (1-width)/2,  B ~ Binomial(n, l)

    returns 0 for r and n + 1 for s where no rank serves
    """
    below = np.cumsum(_binomial(years, level))  # Pr(B <= k), k = 0..n
    tail = 0.5 * (1.0 - width)
    low = int((below[:-1] <= tail).sum())
    over = np.concatenate([[1.0], np.cumsum(_binomial(years, level)[::-1])[::-1][1:]])  # Pr(B >= k)
    fits = np.nonzero(over <= tail)[0]
    return low, int(fits[0]) if len(fits) else years + 1


def _binomial(count: int, chance: float) -> Floats:
    """Return the chances (count + 1,) of 0..count successes."""
    steps = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, count + 1)))])
    k = np.arange(count + 1)
    logs = steps[-1] - steps - steps[::-1] + k * np.log(chance) + (count - k) * np.log1p(-chance)
    out: Floats = np.exp(logs)
    return np.asarray(out / out.sum())


def _rank(years: int, level: float) -> int:
    """Return the rank from 1 of the VaR among losses in rising order: the whole number from l·n upwards."""
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1, not at {level:g}")
    return max(int(np.ceil(level * years - ROUNDING)), 1)


def _checked(losses: Floats) -> Floats:
    """Return the losses; raises ValueError without a year, or for values that are not finite."""
    if losses.shape[0] < 1 or not np.isfinite(losses).all():
        raise ValueError("losses must be finite, of one year at least")
    return losses
