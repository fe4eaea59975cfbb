"""Entries of flows against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.kernels.indicators.suppliers import add, collect, expand, largest, squares


@given(st.integers(0, 2**32 - 1))
def test_expand_lists_every_membership_once(seed) -> None:
    rng = np.random.default_rng(seed)
    foci, countries, years, n = 3, 5, 2, int(rng.integers(0, 20))
    member = (rng.random((foci, countries, years)) < 0.4) * 1.0
    c, y = rng.integers(0, countries, n), rng.integers(0, years, n)
    entry, focus = expand(c, y, member)
    wanted = [(e, f) for e in range(n) for f in range(foci) if member[f, c[e], y[e]]]
    assert list(zip(entry.tolist(), focus.tolist(), strict=True)) == wanted


@given(st.integers(0, 2**32 - 1))
def test_collect_add_squares_largest_against_a_loop(seed) -> None:
    rng = np.random.default_rng(seed)
    groups, partners, n = 4, 6, int(rng.integers(0, 30))
    g, p, x = rng.integers(0, groups, n), rng.integers(0, partners, n), rng.random(n) + 0.1
    table = np.zeros((groups, partners))
    np.add.at(table, (g, p), x)
    group, partner, (amount,) = collect(g, p, partners, x)
    assert (np.diff(group * partners + partner) > 0).all()
    assert amount == pytest.approx(table[group, partner])
    assert (table > 0).sum() == len(amount)
    assert add(group, amount, groups) == pytest.approx(table.sum(axis=1))
    top, where = largest(group, amount, groups)
    index = squares(group, amount, groups)
    for k in range(groups):
        if table[k].sum() == 0:
            assert np.isnan(top[k])
            assert np.isnan(index[k])
            assert where[k] == -1
            continue
        assert top[k] == pytest.approx(table[k].max())
        assert partner[where[k]] == table[k].argmax()
        assert index[k] == pytest.approx((table[k] ** 2).sum() / table[k].sum() ** 2)


def test_the_first_of_equals_is_the_largest() -> None:
    assert largest(np.array([0, 0, 0]), np.array([1.0, 2.0, 2.0]), 1)[1].tolist() == [1]
