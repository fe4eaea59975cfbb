"""Chains of process steps: hand-made figures, and what must hold for any figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from khanij.kernels.balances import processes

# Ore of 1 % to concentrate of 25 % at a yield of 0.8, to metal of 1 at 0.5.
CONTENT, YIELDS = np.array([0.01, 0.25, 1.0]), np.array([0.8, 0.5])
part = st.floats(0.05, 1.0)


def test_tonnes_behind_one_tonne():
    assert processes.masses(CONTENT, YIELDS) == pytest.approx([250.0, 8.0, 1.0])


def test_the_carrier_is_in_the_output_in_by_products_or_lost():
    found = processes.balance(CONTENT, YIELDS, np.array([0.0, 0.25]))
    assert found.carrier_in == pytest.approx([2.5, 2.0])
    assert found.carrier_out == pytest.approx([2.0, 1.0])
    assert found.recovered == pytest.approx([0.0, 0.25])
    assert found.lost == pytest.approx([0.5, 0.75])


@given(arrays(float, (4, 3), elements=part), arrays(float, (3, 3), elements=part), arrays(float, (3, 3), elements=part))
def test_nothing_appears_or_vanishes(content, yields, kept):
    found = processes.balance(content, yields, kept)
    assert np.allclose(found.carrier_in, found.carrier_out + found.recovered + found.lost)
    assert np.allclose(found.carrier_out[:-1], found.carrier_in[1:])  # what one step gives the next one takes
    whole = found.carrier_out[-1] + (found.recovered + found.lost).sum(axis=0)
    assert np.allclose(found.carrier_in[0], whole)
    assert (found.lost >= 0).all()
    assert np.allclose(found.mass_out[-1], 1.0)


@given(arrays(float, (4,), elements=part), arrays(float, (3,), elements=part), st.integers(0, 2))
def test_a_better_yield_never_needs_more(content, yields, step):
    better = yields.copy()
    better[step] = min(1.0, yields[step] * 1.2)
    assert (processes.masses(content, better) <= processes.masses(content, yields) * (1 + 1e-12)).all()


def test_draws_on_the_last_axis_are_chains_of_their_own():
    content, yields = np.stack([CONTENT, CONTENT * 0.5], axis=-1), np.stack([YIELDS, YIELDS[::-1]], axis=-1)
    both = processes.masses(content, yields)
    assert both[:, 0] == pytest.approx(processes.masses(CONTENT, YIELDS))
    assert both[:, 1] == pytest.approx(processes.masses(CONTENT * 0.5, YIELDS[::-1]))


def test_burdens_follow_tonnes_of_output_and_a_gap_is_no_zero():
    mass = processes.masses(CONTENT, YIELDS)[1:]
    each = processes.burdens(mass, np.array([[2.0, 3.0], [1.0, np.nan]]))
    assert each[0] == pytest.approx([16.0, 3.0])
    assert processes.total(each, 1)[0] == pytest.approx(19.0)
    assert np.isnan(processes.total(each, 1)[1])
    assert processes.known(each, 1) == pytest.approx([19.0, 8.0])
    assert np.isnan(processes.known(np.full((1, 2), np.nan), 1)).all()


def test_coproducts_bear_their_part_of_their_step_and_of_all_before():
    # Step 1 has 1 t of coproduct a tonne, step 2 has 3 t: 1/2 · 1/4 of step 1, 1/4 of step 2.
    assert processes.shares(np.array([1.0, 3.0])) == pytest.approx([0.125, 0.25])
    assert (processes.shares(np.zeros(4)) == 1.0).all()


def test_carbon_moves_with_the_grid_where_electricity_is_known():
    carbon, direct = np.array([6.0, 6.0]), np.array([4.0, np.nan])
    found = processes.relocated(carbon, direct, np.array([12.0, 12.0]), np.asarray(0.5))
    assert found == pytest.approx([10.0, 6.0])
    assert processes.relocated(carbon, direct, np.ones(2), np.asarray(np.nan)) == pytest.approx(carbon)


def test_an_annuity_repays_its_capital():
    for rate, years in ((0.0, 20), (0.09, 20), (0.14, 7)):
        payment = processes.annuity(rate, years)
        assert sum(payment / (1 + rate) ** year for year in range(1, years + 1)) == pytest.approx(1.0)
