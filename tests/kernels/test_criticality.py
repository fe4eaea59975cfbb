"""Properties of the Commission's equations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.kernels.indicators.criticality import (
    economic_importance,
    group_mean,
    scaled_governance,
    supply_concentration,
    supply_risk,
)

unit = st.floats(0, 1).map(np.float64)
score = st.floats(0, 12).map(np.float64)


def test_the_scale_of_governance_meets_the_published_anchor() -> None:
    assert scaled_governance(np.array([2.5, 0.0, -2.5, -0.96])).tolist() == pytest.approx([0.0, 5.0, 10.0, 6.92])


@given(score, score, unit, unit, unit)
def test_risk_lies_between_its_two_terms(world, sourcing, reliance, recycling, substitution) -> None:
    kept = (1 - recycling) * substitution
    risk = supply_risk(world, sourcing, reliance, recycling, substitution)
    assert min(world, sourcing) * kept - 1e-9 <= risk <= max(world, sourcing) * kept + 1e-9


@given(score, score, unit, unit, unit, unit)
def test_more_recycling_never_raises_the_risk(world, sourcing, reliance, low, high, substitution) -> None:
    low, high = sorted((low, high))
    more = supply_risk(world, sourcing, reliance, high, substitution)
    assert more <= supply_risk(world, sourcing, reliance, low, substitution) + 1e-9


def test_published_shares_stand_as_they_are() -> None:
    share = np.array([[0.6, 0.3, np.nan]])
    value, lacking = supply_concentration(share, np.array([5.0, np.nan, 1.0]), np.array([[1.0, 1.3, np.nan]]))
    assert value[0] == pytest.approx(0.36 * 5 + 0.09 * 5 * 1.3)
    assert lacking[0] == pytest.approx(0.3 / 0.9)
    assert np.isnan(supply_concentration(np.full((1, 3), np.nan), np.ones(3), np.ones((1, 3)))[0]).all()


@given(st.floats(0.1, 1e6))
def test_the_currency_of_value_added_does_not_matter(factor) -> None:
    use, added = np.array([[0.4, 0.6]]), np.array([3.0, 7.0])
    one = np.ones(1)
    assert economic_importance(use, added * factor, one) == pytest.approx(economic_importance(use, added, one))
    assert economic_importance(use, added, one) == pytest.approx(0.4 * 30 / 7 + 6)


def test_no_known_sector_is_no_importance() -> None:
    nan = np.nan
    assert np.isnan(economic_importance(np.array([[nan, 1.0]]), np.array([1.0, nan]), np.ones(1)))[0]
    assert np.isnan(economic_importance(np.array([[1.0]]), np.array([nan]), np.ones(1)))[0]


def test_a_group_takes_its_known_members() -> None:
    values = np.array([1.0, np.nan, 3.0])
    member = np.array([[True, True, True], [False, True, False]])
    assert group_mean(values, member)[0] == 2.0
    assert np.isnan(group_mean(values, member)[1])
