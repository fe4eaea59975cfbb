"""Where a country leads: what it sells more of than others do, and what a tonne is worth at each step of the ladder."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def balassa(own: Floats, own_total: Floats, world: Floats, world_total: Floats) -> Floats:
    """Return the revealed comparative advantage: R = (x / X) / (w / W).

    own x, own_total X      (...) value of a country's exports of a good, and of all goods compared
    world w, world_total W  (...) the same of the world
    returns (...) 1, at least 0; 1 = the country sells as much of the good as its part in all goods would have it;
    nan where the country sells nothing at all or the world does not trade the good
    Reference: Balassa 1965, Trade liberalisation and "revealed" comparative advantage, The Manchester School 33(2).
    """
    return part(part(own, own_total), part(world, world_total))


def symmetric(advantage: Floats) -> Floats:
    """Return the symmetric form, which weighs advantage and disadvantage alike: S = (R - 1) / (R + 1).

    advantage R  (...) 1, at least 0      returns (...) 1, -1 (none sold) to 1
    Reference: Laursen 2015, doi 10.1007/s40821-015-0017-1 (after Dalum, Laursen and Villumsen 1998).
    """
    endless = np.isinf(advantage)
    finite = np.where(endless, 1.0, advantage)
    return np.where(endless, 1.0, part(finite - 1.0, finite + 1.0))


def balance(exports: Floats, imports: Floats) -> Floats:
    """Return net trade as a part of all trade: B = (X - M) / (X + M).

    exports X, imports M  (...) of one unit      returns (...) 1, -1 (buys only) to 1 (sells only); nan without trade
    Reference: Lafay 1992, The measurement of revealed comparative advantages (normalised balance).
    """
    return part(exports - imports, exports + imports)


def unit_value(value: Floats, tonnes: Floats) -> Floats:
    """Return the value of a contained tonne: u = 1000 V / T.

    value V  (...) kUSD      tonnes T  (...) t, contained, of the same flows
    returns (...) USD/t; nan where no tonnes are recorded. A mean over grades and contracts, not a price.
    """
    return 1000.0 * part(value, tonnes)


def steps(values: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Return by how much a contained tonne gains from the nearest earlier stage that has a value: k_s = u_s / u_s'.

    values u  (..., S) USD/t, stages in their order along the last axis, nan = not known
    returns k (..., S) 1, nan at the first known stage and where a stage is not known; s' (..., S) position of the
    earlier stage, -1 where there is none
    """
    gains = np.full(values.shape, np.nan)
    before = np.full(values.shape, -1, dtype=np.intp)
    last = np.full(values.shape[:-1], np.nan)
    at = np.full(values.shape[:-1], -1, dtype=np.intp)
    for stage in range(values.shape[-1]):
        here = values[..., stage]
        known = ~np.isnan(here) & (here > 0)
        gains[..., stage] = np.where(known, part(here, last), np.nan)
        before[..., stage] = np.where(known, at, -1)
        last, at = np.where(known, here, last), np.where(known, stage, at)
    return gains, before


def part(one: Floats, whole: Floats) -> Floats:
    """Return one / whole where the whole is above 0, else nan."""
    positive = np.asarray(whole) > 0
    return np.where(positive, one / np.where(positive, whole, 1.0), np.nan)


def proximity(has: NDArray[np.bool_]) -> Floats:
    """Return how near two goods are: φ_pq = |both| / max(|p|, |q|), the lesser of the two conditional parts.

    has M  (C, Q) which of C countries sells which of Q goods with an advantage
    returns φ (Q, Q) 1, symmetric, 1 on the diagonal; nan where nobody sells either
    Reference: Hidalgo, Klinger, Barabási and Hausmann 2007, The Product Space Conditions the Development of Nations,
    Science 317(5837):482-487.
    """
    one = np.asarray(has, dtype=np.float64)
    both, each = one.T @ one, one.sum(axis=0)
    return part(both, np.maximum(each[:, None], each))


def density(has: Floats, near: Floats) -> Floats:
    """Return how much of what lies near a good a country has: d_p = Σ_q φ_pq M_q / Σ_q φ_pq over the other goods q.

    has M   (Q,) 1 with an advantage, 0 without, nan where that is not known: left out of both sums
    near φ  (P, Q) proximity, nan where not known; a good's own column is to be nan
    returns d (P,) 1, 0 to 1; nan where nothing near is known
    Reference: Hidalgo and others 2007, as `proximity`.
    """
    known = ~np.isnan(near) & ~np.isnan(has)
    weight = np.where(known, near, 0.0)
    return part((weight * np.where(np.isnan(has), 0.0, has)).sum(axis=1), weight.sum(axis=1))
