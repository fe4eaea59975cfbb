"""Bilateral flows as lists of entries: who belongs to a focus, what each partner sends, which partner matters most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]


def expand(country: Positions, year: Positions, membership: Floats) -> tuple[Positions, Positions]:
    """Return one row for each focus that the country of an entry belongs to in its year.

    country, year  (E,) positions      membership (F, C, Y) 1 = belongs
    returns entry (E',) position in the list of entries, focus (E',)
    """
    countries, years = membership.shape[1:]
    c, y, f = np.nonzero(np.transpose(membership > 0, (1, 2, 0)))  # sorted by country, year
    count = np.bincount(c * years + y, minlength=countries * years)
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    cell = country * years + year
    times = count[cell]
    entry = np.repeat(np.arange(len(cell)), times)
    first = np.cumsum(times) - times
    nth = np.arange(len(entry)) - np.repeat(first, times)
    return entry, f[start[cell[entry]] + nth]


def collect(
    group: Positions, partner: Positions, partners: int, *amounts: Floats
) -> tuple[Positions, Positions, list[Floats]]:
    """Return the amounts added up by (group, partner), sorted by group, then partner.

    group, partner  (E,) positions      partners  number of partners      amounts  (E,) each
    returns group (K,), partner (K,), one (K,) array for each of the amounts
    """
    key = group * partners + partner
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    first = np.nonzero(np.diff(ranked, prepend=-1))[0]
    if not len(first):
        return ranked, ranked, [amount[:0] for amount in amounts]
    unique = ranked[first]
    return unique // partners, unique % partners, [np.add.reduceat(amount[order], first) for amount in amounts]


def add(group: Positions, amounts: Floats, size: int) -> Floats:
    """Return the sum of the amounts of each group; 0 for a group without entries.

    group (E,), amounts (E,), size = number of groups      returns (size,)
    """
    summed: Floats = np.bincount(group, weights=amounts, minlength=size).astype(np.float64, copy=False)
    return summed


def squares(group: Positions, amounts: Floats, size: int) -> Floats:
    """Return the concentration of each group's suppliers: H = Σ x² / (Σ x)².

    group (K,), amounts (K,) with one entry a (group, partner), see collect      size = number of groups
    returns (size,) 1, in 0..1; nan for a group without supply
    """
    whole = add(group, amounts, size)
    square = add(group, amounts * amounts, size)
    known = whole > 0
    return np.where(known, square / np.where(known, whole * whole, 1.0), np.nan)


def weighted_squares(group: Positions, amounts: Floats, weights: Floats, size: int) -> Floats:
    """Return the concentration of each group's suppliers, each with a weight: H = Σ w·x² / (Σ x)².

    group (K,), amounts (K,) with one entry a (group, partner), weights (K,) 1      size = number of groups
    returns (size,) 1, in 0..max w; nan for a group without supply, or with a supplier whose weight is nan
    """
    whole = add(group, amounts, size)
    square = add(group, amounts * amounts * weights, size)
    known = whole > 0
    return np.where(known, square / np.where(known, whole * whole, 1.0), np.nan)


def largest(group: Positions, amounts: Floats, size: int) -> tuple[Floats, Positions]:
    """Return the largest amount of each group and the position of its entry; the first if several are equal.

    group (K,) sorted, amounts (K,)      size = number of groups
    returns amount (size,) nan where a group has none; entry (size,) -1 where it has none
    """
    amount, entry = np.full(size, np.nan), np.full(size, -1, dtype=np.intp)
    order = np.lexsort((-np.arange(len(group)), amounts, group))
    last = np.nonzero(np.diff(group[order], append=size))[0]
    chosen = order[last]
    amount[group[chosen]] = amounts[chosen]
    entry[group[chosen]] = chosen
    return amount, entry
