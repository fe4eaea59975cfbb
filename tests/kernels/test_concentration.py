"""Properties of shares and concentration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from khanij.kernels.indicators.concentration import fill_weights, hhi, hhi_bounds, shares, total

amounts = arrays(np.float64, st.integers(1, 12), elements=st.floats(0, 1e9, allow_subnormal=False)).filter(
    lambda x: x.sum() > 1e-3
)


@given(amounts)
def test_shares_sum_to_one(x) -> None:
    assert shares(x).sum() == pytest.approx(1.0)


@given(amounts, st.floats(1e-6, 1e6))
def test_scale_does_not_matter(x, factor) -> None:
    assert hhi(x * factor) == pytest.approx(float(hhi(x)), rel=1e-9)


@given(amounts, st.randoms())
def test_order_does_not_matter(x, random) -> None:
    order = list(range(len(x)))
    random.shuffle(order)
    assert hhi(x[order]) == pytest.approx(float(hhi(x)), rel=1e-12)


@given(amounts)
def test_bounds(x) -> None:
    positive = int((x > 0).sum())
    assert 1 / positive - 1e-9 <= hhi(x) <= 1 + 1e-12


@given(amounts, st.data())
def test_merging_suppliers_never_lowers_it(x, data) -> None:
    if len(x) < 2:
        return
    i, j = data.draw(st.lists(st.integers(0, len(x) - 1), min_size=2, max_size=2, unique=True))
    merged = np.delete(x, j)
    merged[i - (j < i)] += x[j]
    assert hhi(merged) >= hhi(x) - 1e-12


@given(amounts, st.floats(0, 1e9))
def test_the_range_of_a_rest_holds_the_index_however_it_is_split(x, rest) -> None:
    low, high = hhi_bounds(x, rest)
    for parts in (1, 3, 40):
        split = float(hhi(np.concatenate([x, np.full(parts, rest / parts)])))
        assert low - 1e-9 <= split <= high + 1e-9


@given(amounts, st.floats(0, 1))
def test_a_uniform_weight_scales_it(x, weight) -> None:
    assert hhi(x, weights=weight) == pytest.approx(weight * float(hhi(x)))


@given(amounts, st.data())
def test_filling_with_the_mean_leaves_the_mean(x, data) -> None:
    weights = data.draw(arrays(np.float64, len(x), elements=st.floats(0, 1)))
    gaps = data.draw(arrays(np.bool_, len(x)))
    known = np.where(gaps, 0.0, x)
    filled, share = fill_weights(x, np.where(gaps, np.nan, weights))
    assert 0 <= share <= 1
    if known.sum() > 0:
        mean = (known * weights).sum() / known.sum()
        assert (x * filled).sum() / x.sum() == pytest.approx(mean, abs=1e-9)


def test_missing_is_left_out_and_nothing_is_missing() -> None:
    x = np.array([[3.0, np.nan, 1.0], [np.nan, np.nan, np.nan], [0.0, 0.0, 0.0]])
    assert hhi(x)[0] == pytest.approx(10 / 16)
    assert np.isnan(hhi(x)[1:]).all()
    assert np.isnan(shares(x)[0, 1])
    assert np.isnan(total(x)[1])


def test_leading_axes_are_welcome() -> None:
    x = np.random.default_rng(1).random((4, 3, 7))
    assert hhi(x).shape == (4, 3)
    assert hhi(x, axis=0).shape == (3, 7)
