"""Output lost when an input is short: closed forms, linear programmes as oracle, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from khanij.kernels.markets.inputoutput import shortage, spread, together

PARTS = st.floats(0.0, 1.0)


def economy(seed: int, n: int = 6, imported: float = 0.3):
    """A productive random table: output, home-made flows, all flows; about a third of the cells empty."""
    rng = np.random.default_rng(seed)
    share = rng.random((n, n)) * (rng.random((n, n)) < 0.7)
    share *= rng.uniform(0.2, 0.7, n) / np.maximum(share.sum(axis=0), 1e-9)
    final = rng.uniform(1.0, 10.0, n)
    part = 1.0 - imported * rng.random(n)
    output = np.linalg.solve(np.eye(n) - part[:, None] * share, final)
    total = share * output
    return output, part[:, None] * total, total


def test_an_input_of_which_half_is_left():
    """By hand: a = 0.2, r = 0.5, psi = 0.5 gives rho = -1 and x/x0 = 1/(0.8 + 0.2*2)."""
    assert shortage(0.2, 0.5, 0.5) == pytest.approx(1 / 1.2)
    assert shortage(0.2, 0.5, 0.5, 0.5) == pytest.approx(1 - 0.5 * (1 - 1 / (0.6 + 0.4 * 2)))


def test_limits_of_substitution():
    a, r = np.array([0.01, 0.3])[:, None], np.array([0.1, 0.5, 0.9, 1.0, 1.7])
    np.testing.assert_allclose(shortage(a, r, 0.0), np.minimum(1.0, r) + 0 * a)
    np.testing.assert_allclose(shortage(a, r, 0.0015), np.minimum(1.0, r) + 0 * a, rtol=0.02)
    np.testing.assert_allclose(shortage(a, r, 1.0), np.minimum(1.0, r) ** a)
    np.testing.assert_allclose(shortage(a, r, 1.0 - 1e-5), np.minimum(1.0, r) ** a, rtol=1e-4)


def test_the_shortest_input_stops_its_user_and_nobody_else():
    assert shortage(1e-6, 0.0, 0.1) == 0.0
    assert shortage(1e-6, 0.0, 0.1, 0.25) == pytest.approx(0.75)
    assert shortage(0.0, 0.0, 0.1) == 1.0
    assert 0 < shortage(1e-9, 1e-30, 0.002) < 1e-20  # far beyond what a power could hold


@given(PARTS, PARTS, PARTS, PARTS, PARTS)
def test_more_of_an_input_never_leaves_less(a, r, s, psi, e):
    low, high = sorted((r, s))
    share = a * e
    kept = shortage(share, np.array([low, high, 1.0]), psi, e)
    assert kept[0] <= kept[1] + 1e-12
    assert kept[2] == 1.0
    assert (kept >= 1 - e - 1e-12).all()
    assert kept[0] >= min(low, 1.0) - 1e-9 or kept[0] == 0.0  # substitution never hurts


@given(st.floats(0.001, 0.4), st.floats(0.05, 0.95), st.floats(0.01, 0.9), st.floats(0.41, 1.0))
def test_what_needs_more_of_an_industry_loses_more(a, r, psi, e):
    assert shortage(a, r, psi, e) >= shortage(a, r, psi, 1.0) - 1e-12


def test_arguments_outside_their_range_are_refused():
    for arguments in ((-0.1, 0.5, 0.1), (0.1, -0.5, 0.1), (0.1, 0.5, 1.5), (0.1, np.nan, 0.1), (0.5, 0.5, 0.1, 0.2)):
        with pytest.raises(ValueError, match=r"must lie|exposed"):
            shortage(*arguments)


def test_two_short_inputs_at_once():
    """By hand: rho = -1, shares 0.1 and 0.2, left 0.5 and 0.25: 1/(0.7 + 0.2 + 0.8)."""
    share, left = np.array([[0.1, 0.0], [0.2, 0.2]]), np.array([[0.5, 0.25], [1.0, 1.0]])
    kept = together(share, left, np.array([0.5, 0.1]))
    np.testing.assert_allclose(kept[0], [1 / 1.7, 1 / (0.8 + 0.8)])
    np.testing.assert_allclose(kept[1], 1.0)
    apart = together(share, left, 0.5, np.full((2, 2), 0.5))
    np.testing.assert_allclose(apart[0], np.prod(shortage(share, left[0][:, None], 0.5, 0.5), axis=0))


@pytest.mark.parametrize("psi", [0.0, 0.05, 0.3, 1.0])
def test_one_input_is_the_same_alone_and_together(psi):
    share, left = np.array([[0.01, 0.0, 0.4]]), np.array([[0.3], [0.9]])
    np.testing.assert_allclose(together(share, left, psi), shortage(share, left[:, None], psi)[:, 0], rtol=1e-9)


@given(st.integers(0, 10_000), st.floats(0.0, 1.0))
@settings(max_examples=25)
def test_the_base_year_reproduces_itself(seed, psi):
    table = economy(seed)
    found = spread(*table, np.ones((2, 6)), psi)
    assert found.converged.all()
    np.testing.assert_allclose(found.final, 1.0, atol=1e-9)


@given(st.integers(0, 10_000), st.floats(0.0, 1.0), st.integers(0, 5), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
@settings(max_examples=50)
def test_losses_are_ordered_bounded_and_grow_with_the_shock(seed, psi, where, one, other):
    table = economy(seed)
    first = np.ones((2, 6))
    first[:, where] = sorted((one, other))
    found = spread(*table, first, psi)
    assert found.converged.all()
    assert (found.final >= 0).all()
    assert (found.final <= found.downstream + 1e-12).all()
    assert (found.downstream <= found.first + 1e-12).all()
    assert (found.final[0] <= found.final[1] + 1e-8).all()


@pytest.mark.parametrize("psi", [0.0, 0.2, 1.0])
def test_where_no_industry_is_known_nothing_spreads(psi):
    none = np.zeros((0, 0))
    found = spread(np.zeros(0), none, none, np.ones((3, 0)), psi)
    assert found.final.shape == found.first.shape == (3, 0)
    assert found.converged.all()


@pytest.mark.parametrize("seed", range(8))
def test_upstream_is_the_largest_feasible_output(seed):
    """Oracle: maximise sum x subject to x <= c*x0 and x <= A x + f."""
    output, domestic, total = economy(seed)
    first = np.ones((1, 6))
    first[0, [seed % 6, (seed + 2) % 6]] = [0.2, 0.6]
    found = spread(output, domestic, total, first, 0.2)
    asked, final = domestic / output, output - domestic.sum(axis=1)
    best = linprog(
        -np.ones(6),
        A_ub=np.eye(6) - asked,
        b_ub=final,
        bounds=[(0, c * x) for c, x in zip(found.downstream[0], output, strict=True)],
    )
    assert best.success
    np.testing.assert_allclose(found.final[0] * output, best.x, rtol=1e-6)


def test_without_home_inputs_the_mixed_model_holds():
    """Only the struck industry binds: x[u] = (I - A[uu])^-1 (A[uk] x[k] + f[u]), by a dense solve."""
    output, domestic, total = economy(3)
    domestic[0] = 0.0  # nobody buys the struck industry's product at home: no customers go short
    first = np.ones((1, 6))
    first[0, 0] = 0.4
    found = spread(output, domestic, total, first, 0.1)
    np.testing.assert_allclose(found.downstream, first)
    asked, final = domestic / output, output - domestic.sum(axis=1)
    rest = np.arange(1, 6)
    cut = asked[rest, 0] * 0.4 * output[0] + final[rest]
    solved = np.linalg.solve(np.eye(5) - asked[np.ix_(rest, rest)], cut)
    np.testing.assert_allclose(found.final[0, rest] * output[rest], solved, rtol=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_without_substitution_downstream_is_the_least_of_what_is_delivered(seed):
    """Oracle: maximise sum c subject to c[j] <= first[j] and c[j] <= 1 - h[i]*(1 - c[i]) for every input i of j."""
    output, domestic, total = economy(seed)
    first = np.ones((1, 6))
    first[0, seed % 6] = 0.5
    home = domestic.sum(axis=1) / np.maximum(total.sum(axis=1), 1e-300)
    rows, bounds = [], []
    for i, j in np.argwhere(total > 0):
        row = np.zeros(6)
        row[j] += 1.0
        row[i] -= home[i]
        rows.append(row)
        bounds.append(1.0 - home[i])
    best = linprog(-np.ones(6), A_ub=np.array(rows), b_ub=bounds, bounds=[(0, limit) for limit in first[0]])
    assert best.success
    found = spread(output, domestic, total, first, 0.0)
    np.testing.assert_allclose(found.downstream[0], best.x, atol=1e-8)


def test_downstream_satisfies_its_own_equation():
    output, domestic, total = economy(11)
    first = np.ones((3, 6))
    first[:, 2] = [0.1, 0.5, 0.9]
    psi = np.array([0.05, 0.1, 0.4])
    kept = spread(output, domestic, total, first, psi).downstream
    share = total / output
    home = domestic.sum(axis=1) / total.sum(axis=1)
    left, rho = 1 - home * (1 - kept), ((psi - 1) / psi)[:, None]
    made = (1 - share.sum(axis=0) + left**rho @ share) ** (1 / rho)
    np.testing.assert_allclose(kept, np.minimum(first, made), atol=1e-8)


def test_scenarios_are_each_on_their_own():
    table = economy(5)
    first = 1 - np.random.default_rng(0).random((4, 6)) * (np.arange(6) < 2)
    psi = np.array([0.0, 0.05, 0.3, 1.0])
    many = spread(*table, first, psi)
    for b in range(4):
        one = spread(*table, first[b : b + 1], psi[b])
        np.testing.assert_allclose(many.final[b], one.final[0], atol=1e-9)


def test_what_has_not_converged_says_so():
    first = np.ones((2, 6))
    first[1, 0] = 0.2
    found = spread(*economy(1), first, 0.05, rounds=1)
    assert found.converged.tolist() == [True, False]


def test_an_industry_of_no_output_and_one_that_adds_no_value():
    output, domestic, total = np.array([10.0, 0.0, 5.0]), np.zeros((3, 3)), np.zeros((3, 3))
    domestic[0, 2], total[0, 2] = 5.5, 6.0
    base = spread(output, domestic, total, np.ones((1, 3)), 0.1)
    np.testing.assert_allclose(base.final, 1.0)
    struck = spread(output, domestic, total, np.array([[0.5, 1.0, 1.0]]), 0.1)
    assert struck.final[0, 2] < 1.0


def test_tables_that_cannot_be_are_refused():
    output, domestic, total = economy(0)
    for bad in ((-output, domestic, total), (output, 2 * total, total), (output, domestic, np.nan * total)):
        with pytest.raises(ValueError, match=r"must lie|exceed"):
            spread(*bad, np.ones((1, 6)), 0.1)
    with pytest.raises(ValueError, match="first"):
        spread(output, domestic, total, np.full((1, 6), 1.2), 0.1)
