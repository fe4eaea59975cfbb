"""Weights, risk and score of GeoPolRisk."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from khanij.kernels.indicators import geopolrisk as kernel

flows = arrays(np.float64, st.integers(1, 8), elements=st.floats(0.1, 1e6))


@given(flows, st.data(), st.floats(0, 1e6))
def test_risk_stays_between_zero_and_the_worst_weight(tonnes, data, output) -> None:
    weight = data.draw(arrays(np.float64, len(tonnes), elements=st.floats(0, 1)))
    weighted, imports, _ = kernel.weighted_imports(np.zeros(len(tonnes), dtype=np.intp), tonnes, weight, 1, None)
    risk = kernel.import_risk(weighted, imports, np.array([output]))
    assert -1e-12 <= risk[0] <= weight.max() + 1e-9


@given(flows, st.data())
def test_missing_weights_take_the_mean_of_the_known(tonnes, data) -> None:
    weight = data.draw(arrays(np.float64, len(tonnes), elements=st.floats(0, 1)))
    gap = data.draw(arrays(np.bool_, len(tonnes)))
    group = np.zeros(len(tonnes), dtype=np.intp)
    weighted, imports, unknown = kernel.weighted_imports(group, tonnes, np.where(gap, np.nan, weight), 1, None)
    assert unknown[0] == pytest.approx(tonnes[gap].sum())
    if gap.all():
        assert np.isnan(weighted[0])
    else:
        mean = (tonnes * weight)[~gap].sum() / tonnes[~gap].sum()
        assert weighted[0] / imports[0] == pytest.approx(mean, abs=1e-9)
    fixed, _, _ = kernel.weighted_imports(group, tonnes, np.where(gap, np.nan, weight), 1, 0.5)
    assert fixed[0] == pytest.approx((tonnes * np.where(gap, 0.5, weight)).sum())


def test_whole_units_are_counted() -> None:
    assert kernel.truncated_hhi(np.array([1.9, 1.2, np.nan, 0.7])) == pytest.approx(0.5)
    assert np.isnan(kernel.truncated_hhi(np.array([0.5, np.nan])))


def test_governance_to_instability() -> None:
    found = kernel.instability(np.array([2.5, 0.0, -2.5, -3.0, 3.0, np.nan]))
    assert found[:5].tolist() == [0.0, 0.5, 1.0, 1.0, 0.0]
    assert np.isnan(found[5])


def test_nothing_supplied_carries_no_risk() -> None:
    zero = np.zeros(1)
    assert kernel.import_risk(zero, zero, zero)[0] == 0.0
