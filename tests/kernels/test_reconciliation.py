"""Reconciled flows: closed forms, three independent solvers as oracles, certificates, and what must always hold."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import null_space
from scipy.optimize import linprog, nnls

from khanij.core.rng import stream
from khanij.kernels.balances.linear_balances import LinearBalances
from khanij.kernels.balances.reconciliation import reconcile, reconcile_draws
from khanij.kernels.balances.sparse_balances import sparse_matrix

sys.path.insert(0, str(Path(__file__).parent))
from stage_rows import add_totals, stage_balances

seeds = st.integers(0, 100_000)


def balances(dense, low, high=None, least=0.0, most=np.inf):
    """Balances of a dense matrix; high None: low."""
    dense = np.asarray(dense, dtype=float)
    row, column = np.nonzero(dense)
    m, n = dense.shape
    low = np.broadcast_to(np.asarray(low, dtype=float), m).copy()
    return LinearBalances(
        sparse_matrix((m, n), row, column, dense[row, column]),
        low,
        low if high is None else np.broadcast_to(np.asarray(high, dtype=float), m).copy(),
        np.broadcast_to(np.asarray(least, dtype=float), n).copy(),
        np.broadcast_to(np.asarray(most, dtype=float), n).copy(),
    )


def problem(seed, missing=0.4, ranges=0.4, bounded=True):
    """Random rows about a point that meets them: matrix, balances, what was measured and its spread."""
    draw = stream(seed)
    n = int(draw.integers(3, 14))
    m = int(draw.integers(1, n // 2 + 1))
    dense = np.where(draw.random((m, n)) < 0.5, draw.choice([-1.0, 1.0, -0.8, 0.5, 2.0], (m, n)), 0.0)
    x = np.exp(draw.normal(0, 1, n)) * (draw.random(n) < 0.85)
    sigma = np.exp(draw.normal(-1, 0.7, n))
    low = dense @ x
    high = low.copy()
    loose = draw.random(m) < ranges
    low[loose] -= draw.random(loose.sum())
    high[loose] = np.where(draw.random(loose.sum()) < 0.5, np.inf, high[loose] + draw.random(loose.sum()))
    value = x + sigma * draw.normal(size=n) * draw.choice([0.3, 2.0])
    value[draw.random(n) < missing] = np.nan
    least, most = -np.inf, np.inf
    if bounded:
        least, most = np.where(draw.random(n) < 0.8, 0.0, -np.inf), np.where(draw.random(n) < 0.2, x + 0.3, np.inf)
    return dense, balances(dense, low, high, least, most), value, sigma


def test_one_balance_by_hand():
    """10 went in, 4 and 5 came out: with equal spreads each takes a third of the gap of 1."""
    got = reconcile(balances([[1, -1, -1]], 0.0), np.array([10.0, 4.0, 5.0]), np.full(3, 0.5))
    np.testing.assert_allclose(got.estimate, [10 - 1 / 3, 4 + 1 / 3, 5 + 1 / 3])
    np.testing.assert_allclose(got.spread, 0.5 * np.sqrt(2 / 3))
    np.testing.assert_allclose(got.correction, np.array([-1, 1, 1]) / 1.5)
    np.testing.assert_allclose(np.abs(got.test), 1 / np.sqrt(3 * 0.25))  # the gap over its own spread, for each alike
    assert got.misfit == pytest.approx(1 / 3 / 0.25)
    assert got.degrees == 1
    higher = reconcile(balances([[1, -1, -1]], 0.3), np.array([10.0, 4.0, 5.0]), np.full(3, 0.5))
    assert higher.misfit - got.misfit == pytest.approx(2 * 0.3 * (got.multiplier[0] + higher.multiplier[0]) / 2)
    assert got.converged


def test_the_largest_corrections_come_first():
    sigma = np.array([1.0, 0.1, 2.0, 1.0])
    got = reconcile(balances([[1, -1, -1, 0]], 0.0), np.array([10.0, 4.0, 3.0, np.nan]), sigma)
    assert got.largest.tolist() == [2, 0, 1]


def test_what_cannot_be_negative_is_held_and_the_rest_takes_the_gap():
    got = reconcile(balances([[1, 1, 1]], 4.0), np.array([5.0, 4.0, -1.0]), np.ones(3))
    np.testing.assert_allclose(got.estimate, [2.5, 1.5, 0.0])
    np.testing.assert_allclose(got.spread, [np.sqrt(0.5), np.sqrt(0.5), 0.0], atol=1e-12)
    assert got.estimate[2] == 0.0


def test_a_yield_in_its_range_does_not_bind_and_outside_does():
    rows = balances([[-0.6, 1.0], [-0.9, 1.0]], [0.0, -np.inf], [np.inf, 0.0])
    inside = reconcile(rows, np.array([10.0, 8.0]), np.ones(2))
    np.testing.assert_allclose(inside.estimate, [10, 8])
    np.testing.assert_array_equal(inside.multiplier, 0.0)
    outside = reconcile(rows, np.array([10.0, 9.5]), np.ones(2))
    assert outside.estimate[1] == pytest.approx(0.9 * outside.estimate[0])
    assert outside.misfit == pytest.approx(0.5**2 / (1 + 0.81))
    assert outside.multiplier[1] < 0 == outside.multiplier[0]


@settings(max_examples=60)
@given(seeds)
def test_closed_forms_without_bounds(seed):
    """x = x_p + Z t with Z the null space: estimate, covariance and observability from t alone."""
    dense, rows, value, sigma = problem(seed, ranges=0.0, bounded=False)
    got = reconcile(rows, value, sigma)
    assert got.converged
    known = ~np.isnan(value)
    start, z = np.linalg.lstsq(dense, rows.low, rcond=None)[0], null_space(dense)
    scaled = z[known] / sigma[known, None]
    right = ((value - start) / sigma)[known]
    t = np.linalg.pinv(scaled, rcond=1e-10) @ right
    blind = null_space(scaled, rcond=1e-10) if len(scaled) else np.eye(z.shape[1])
    observable = known | (np.abs(z @ blind).max(axis=1, initial=0.0) < 1e-8)
    np.testing.assert_array_equal(got.observable, observable)
    np.testing.assert_allclose(got.estimate[observable], (start + z @ t)[observable], atol=1e-7)
    spread = np.sqrt(((z @ np.linalg.pinv(scaled, rcond=1e-10)) ** 2).sum(axis=1))
    np.testing.assert_allclose(got.spread[observable], spread[observable], atol=1e-7)
    assert np.isnan(got.spread[~observable]).all()
    np.testing.assert_allclose(dense @ got.estimate, rows.low, atol=1e-8)
    assert got.degrees == known.sum() - np.linalg.matrix_rank(scaled, tol=1e-9)


@settings(max_examples=60)
@given(seeds)
def test_least_distance_by_non_negative_least_squares(seed):
    """Lawson and Hanson: the nearest point of G y >= h is found from nnls([G h]', e). Everything measured."""
    dense, rows, value, sigma = problem(seed, missing=0.0)
    got = reconcile(rows, value, sigma)
    sides = [
        (dense, rows.low),
        (-dense, -rows.high),
        (np.eye(len(value)), rows.least),
        (-np.eye(len(value)), -rows.most),
    ]
    g = np.vstack([side[np.isfinite(end)] for side, end in sides])
    h = np.concatenate([end[np.isfinite(end)] for _, end in sides]) - g @ value
    weights, _ = nnls(np.vstack([(g * sigma).T, h]), np.concatenate([np.zeros(len(value)), [1.0]]), maxiter=10_000)
    rest = np.vstack([(g * sigma).T, h]) @ weights - np.concatenate([np.zeros(len(value)), [1.0]])
    nearest = value - sigma * rest[:-1] / rest[-1]
    assert got.converged
    np.testing.assert_allclose(got.estimate, nearest, atol=1e-5)


@settings(max_examples=40)
@given(seeds)
def test_a_quadratic_programme_finds_no_better_fit(seed):
    highspy = pytest.importorskip("highspy")
    dense, rows, value, sigma = problem(seed)
    weight = np.where(np.isnan(value), 0.0, 1 / sigma**2)
    solver, model = highspy.Highs(), highspy.HighsModel()
    solver.silent()
    solver.setOptionValue("time_limit", 2.0)
    model.lp_.num_col_, model.lp_.num_row_ = dense.shape[::-1]
    model.lp_.col_cost_ = -weight * np.nan_to_num(value)
    model.lp_.col_lower_, model.lp_.col_upper_ = rows.least, rows.most
    model.lp_.row_lower_, model.lp_.row_upper_ = rows.low, rows.high
    model.lp_.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    row, column = np.nonzero(dense)
    model.lp_.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(dense)))])
    model.lp_.a_matrix_.index_, model.lp_.a_matrix_.value_ = column, dense[row, column]
    used = np.flatnonzero(weight)
    model.hessian_.dim_, model.hessian_.format_ = len(value), highspy.HessianFormat.kTriangular
    model.hessian_.start_ = np.concatenate([[0], np.cumsum(weight > 0)])
    model.hessian_.index_, model.hessian_.value_ = used, weight[used]
    solver.passModel(model)
    solver.run()
    got = reconcile(rows, value, sigma)
    assert got.converged
    if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
        theirs = np.array(solver.getSolution().col_value)
        misfit = np.nansum(((theirs - value) / sigma) ** 2)
        assert got.misfit == pytest.approx(misfit, rel=1e-4, abs=1e-4)
        apart = ((theirs - got.estimate) / sigma)[used]
        assert (np.abs(apart) <= 1e-2).all()


@settings(max_examples=60)
@given(seeds, st.floats(0.0, 0.9))
def test_multipliers_prove_the_fit_to_be_the_best(seed, missing):
    """Kuhn and Tucker: with these multipliers no other point can fit better, however it was found."""
    dense, rows, value, sigma = problem(seed, missing)
    got = reconcile(rows, value, sigma)
    assert got.converged
    x, u = got.estimate, got.multiplier
    total, size = dense @ x, 1 + np.abs(dense) @ np.abs(x)
    assert (total >= rows.low - 1e-7 * size).all()
    assert (total <= rows.high + 1e-7 * size).all()
    assert (x >= rows.least).all()
    assert (x <= rows.most).all()
    rise = np.where(np.isnan(value), 0.0, (x - np.nan_to_num(value)) / sigma**2) - dense.T @ u
    tolerance = 1e-5 * (1 + np.abs(dense.T) @ np.abs(u))
    assert (np.abs(rise[(x > rows.least) & (x < rows.most)]) <= tolerance[(x > rows.least) & (x < rows.most)]).all()
    assert (rise[(x == rows.least) & (x < rows.most)] >= -tolerance[(x == rows.least) & (x < rows.most)]).all()
    assert (rise[(x == rows.most) & (x > rows.least)] <= tolerance[(x == rows.most) & (x > rows.least)]).all()
    slack = np.where(u > 0, total - rows.low, rows.high - total)
    assert (np.abs(u) * np.where(u == 0, 0.0, slack) <= 1e-5 * (1 + np.abs(u)) * size).all()


@settings(max_examples=25)
@given(seeds)
def test_what_fits_already_is_left_alone(seed):
    _, rows, value, sigma = problem(seed)
    fitted = reconcile(rows, value, sigma).estimate
    again = reconcile(rows, np.where(np.isnan(value), np.nan, fitted), sigma)
    known = ~np.isnan(value)
    np.testing.assert_allclose(again.estimate[known], fitted[known], atol=1e-6)
    assert again.misfit == pytest.approx(0.0, abs=1e-9)


@settings(max_examples=30)
@given(seeds, st.randoms(use_true_random=False), st.sampled_from([1e-6, 1e-3, 1e4]))
def test_order_and_units_do_not_matter(seed, shuffle, factor):
    dense, rows, value, sigma = problem(seed)
    here = reconcile(rows, value, sigma)
    items, lines = list(range(dense.shape[1])), list(range(dense.shape[0]))
    shuffle.shuffle(items)
    shuffle.shuffle(lines)
    times = stream(seed, 1).choice([0.01, 1.0, 50.0], len(lines))
    mixed = balances(
        (times[:, None] * dense[lines])[:, items], factor * times * rows.low[lines], factor * times * rows.high[lines],
        factor * rows.least[items], factor * rows.most[items],
    )  # fmt: skip
    there = reconcile(mixed, factor * value[items], factor * sigma[items])
    known = ~np.isnan(value[items])
    np.testing.assert_array_equal(there.observable, here.observable[items])
    apart = (there.estimate / factor - here.estimate[items]) / sigma[items]
    np.testing.assert_allclose(apart[known], 0.0, atol=1e-5)
    assert there.misfit == pytest.approx(here.misfit, rel=1e-5, abs=1e-8)
    strong = np.abs(here.multiplier[lines]) > 1e-3
    np.testing.assert_allclose(
        (there.multiplier * factor * times)[strong], here.multiplier[lines][strong], rtol=1e-3, atol=1e-6
    )


@settings(max_examples=30)
@given(seeds)
def test_ranges_hold_every_flow_that_is_possible(seed):
    """A linear programme, measured items at their estimates, goes nowhere outside; the estimate lies inside."""
    dense, rows, value, sigma = problem(seed, missing=0.7)
    got = reconcile(rows, value, sigma)
    hidden = np.flatnonzero(~got.observable)
    assert (got.low <= got.estimate + 1e-9).all()
    assert (got.estimate <= got.high + 1e-9).all()
    np.testing.assert_array_equal(got.low[got.observable], got.estimate[got.observable])
    fixed = np.where(np.isnan(value), np.nan, got.estimate)
    sides = [(dense, rows.high), (-dense, -rows.low)]
    above = np.vstack([side[np.isfinite(end)] for side, end in sides])
    room = 1e-9 * (1 + np.abs(dense) @ np.abs(got.estimate)).max()
    end = np.concatenate([end[np.isfinite(end)] for _, end in sides]) + room
    span = [
        (low, high) if np.isnan(at) else (at, at)
        for low, high, at in zip(rows.least, rows.most, fixed, strict=True)
    ]  # fmt: skip
    for item in hidden[:4]:
        for sign, edge in ((1.0, got.low), (-1.0, got.high)):
            aim = np.zeros(len(value))
            aim[item] = sign
            reached = linprog(aim, A_ub=above, b_ub=end, bounds=span)
            if reached.status == 0:
                assert sign * reached.x[item] >= sign * edge[item] - 1e-5 * (1 + abs(edge[item]))


def test_a_range_on_a_tree_is_exact_and_the_middle_is_taken():
    """7 to 9 of use split in two, one of them at most 2; and a sum of three of which nothing is known."""
    rows = balances([[1, -1, -1, 0, 0], [0, 0, 0, 1, 1]], [0, 3], most=[np.inf, 2, np.inf, np.inf, np.inf])
    got = reconcile(rows, np.array([8.0, np.nan, np.nan, np.nan, np.nan]), np.ones(5))
    np.testing.assert_allclose(got.low, [8, 0, 6, 0, 0])
    np.testing.assert_allclose(got.high, [8, 2, 8, 3, 3])
    np.testing.assert_allclose(got.estimate, [8, 1, 7, 1.5, 1.5])
    told = reconcile(
        rows, np.array([8.0, np.nan, np.nan, np.nan, np.nan]), np.ones(5), guess=np.array([0, 0.5, np.nan, 9, np.nan])
    )
    assert told.estimate[1] < 1
    np.testing.assert_allclose(told.estimate[3:], [3 - 0.75, 0.75])  # 3 and 1.5 asked, 1.5 too much, shared alike
    np.testing.assert_array_equal(got.observable, [True, False, False, False, False])


def test_draws_without_bounds_have_the_covariance_of_the_estimate():
    rows = balances([[1, -1, -1, 0, 0], [0, 1, 0, -1, 1]], 0.0, least=-np.inf)
    value, sigma = np.array([10.0, 4.0, 5.0, np.nan, 2.0]), np.array([0.5, 1.0, 0.2, 1.0, 0.3])
    base = reconcile(rows, value, sigma)
    got = reconcile_draws(rows, value, sigma, stream(3).standard_normal((4000, 5)), base=base)
    assert got.converged.all()
    np.testing.assert_allclose(got.estimate.mean(axis=0), base.estimate, atol=4 * base.spread.max() / np.sqrt(4000))
    np.testing.assert_allclose(got.estimate.std(axis=0), base.spread, rtol=0.05)


@settings(max_examples=15)
@given(seeds)
def test_a_draw_is_the_reconciliation_of_what_was_drawn(seed):
    dense, rows, value, sigma = problem(seed)
    normal = stream(seed, 2).standard_normal((3, len(value)))
    got = reconcile_draws(rows, value, sigma, normal)
    assert got.converged.all()
    known = ~np.isnan(value)
    for draw in range(3):
        alone = reconcile(rows, value + sigma * normal[draw], sigma)
        apart = ((got.estimate[draw] - alone.estimate) / sigma)[known]
        assert (np.abs(apart) <= 2e-2).all()
        total, size = dense @ got.estimate[draw], 1 + np.abs(dense) @ np.abs(got.estimate[draw])
        assert (total >= rows.low - 1e-6 * size).all()
        assert (total <= rows.high + 1e-6 * size).all()
        assert (got.estimate[draw] >= rows.least).all()
        assert (got.estimate[draw] <= rows.most).all()
    again = reconcile_draws(rows, value, sigma, normal[1:])
    np.testing.assert_allclose(again.estimate, got.estimate[1:], rtol=1e-9, atol=1e-9)


def test_what_nobody_can_see_is_drawn_over_its_range():
    rows = balances([[1, -1, -1]], 0.0)
    value, sigma = np.array([8.0, np.nan, np.nan]), np.full(3, 1e-6)
    got = reconcile_draws(rows, value, sigma, stream(5).standard_normal((500, 3)))
    low, high = np.quantile(got.estimate[:, 1], [0.05, 0.95])
    assert low < 1.6 < 6.4 < high
    np.testing.assert_allclose(got.estimate[:, 1] + got.estimate[:, 2], 8.0, atol=1e-4)


def test_same_seed_same_bytes():
    _, rows, value, sigma = problem(11)
    one, two = (reconcile_draws(rows, value, sigma, stream(7).standard_normal((20, len(value)))) for _ in range(2))
    assert one.estimate.tobytes() == two.estimate.tobytes()


def test_balances_that_contradict_each_other_give_nothing():
    rows = balances([[1, 1], [1, 1]], [3.0, 4.0])
    got = reconcile(rows, np.array([1.0, np.nan]), np.ones(2))
    assert not got.converged
    assert np.isnan(got.estimate).all()
    assert len(got.largest) == 0
    drawn = reconcile_draws(rows, np.array([1.0, np.nan]), np.ones(2), np.zeros((3, 2)))
    assert not drawn.converged.any()
    assert np.isnan(drawn.estimate).all()


def chain(seed, stages=3, n=4):
    """Flows of a chain that are in balance, and its balances with a total of every stage's output."""
    draw = stream(seed)
    stage, seller, buyer = np.nonzero((draw.random((stages, n, n)) < 0.5) & ~np.eye(n, dtype=bool))
    trade = draw.gamma(1, 20, len(stage))
    low = draw.uniform(0.6, 0.8, (stages - 1, n))
    rows, at = stage_balances(seller, buyer, stage, low, low + 0.1, stages=stages)
    rows, totals = add_totals(rows, list(at.output))
    x = np.zeros(len(rows.least))
    x[at.trade] = trade
    net = np.zeros((stages, n))
    np.add.at(net, (stage, buyer), trade)
    np.subtract.at(net, (stage, seller), trade)
    for k in range(stages - 1, -1, -1):
        needed = 0.0 if k == stages - 1 else x[at.output[k + 1]] / (low[k] + 0.05)
        x[at.output[k]] = np.maximum(needed - net[k], 0.0) + draw.gamma(1, 5, n)
        if k < stages - 1:
            x[at.input[k]] = needed
        x[at.other_use[k]] = x[at.output[k]] + net[k] - needed
    x[totals] = x[at.output].sum(axis=1)
    return rows, at, totals, x


@settings(max_examples=20)
@given(seeds)
def test_flows_of_a_chain_that_balance_are_found_from_some_of_them(seed):
    rows, at, totals, x = chain(seed)
    value = np.full(len(x), np.nan)
    value[at.trade], value[at.output], value[at.stock_change] = x[at.trade], x[at.output], 0.0
    got = reconcile(rows, value, np.maximum(0.05 * np.abs(x), 0.1))
    assert got.converged
    np.testing.assert_allclose(got.estimate[at.trade], x[at.trade], atol=1e-6)
    np.testing.assert_allclose(got.estimate[at.output], x[at.output], atol=1e-6)
    np.testing.assert_allclose(got.estimate[totals], x[totals], rtol=1e-9)
    last = at.other_use[-1]
    assert got.observable[last].all()
    np.testing.assert_allclose(got.estimate[last], x[last], atol=1e-6)
    assert not got.observable[at.input[:-1]].any()  # a yield in a range leaves it open
    assert (got.low[at.input[:-1]] <= x[at.input[:-1]] + 1e-6).all()
    assert (got.high[at.input[:-1]] >= x[at.input[:-1]] - 1e-6).all()


@pytest.mark.parametrize("seed", range(12))
def test_noisy_figures_of_a_chain_are_brought_into_balance(seed):
    """Errors of 100 %, many zeros, some figures missing: every row is met, nothing is negative, misfit as told."""
    rows, at, _, x = chain(seed, stages=5, n=9)
    draw = stream(seed, 4)
    sigma = np.maximum(np.abs(x), 0.1)
    value = np.maximum(x + sigma * draw.normal(size=len(x)), 0.0)
    value[at.trade] *= draw.random(len(at.trade)) < 0.8
    value[draw.random(len(x)) < 0.3] = np.nan
    value[at.stock_change], sigma[at.stock_change] = 0.0, 0.05 * x[at.output] + 0.1
    got = reconcile(rows, value, sigma)
    assert got.converged
    assert got.gap < 1e-8
    total, size = rows.matrix.times(got.estimate), 1 / sigma.min()
    assert (total >= rows.low - 1e-6 * size).all()
    assert (total <= rows.high + 1e-6 * size).all()
    assert (got.estimate >= rows.least).all()
    assert got.degrees / 3 < got.misfit < 3 * got.degrees
    assert (got.spread[got.observable] <= np.where(np.isnan(value), np.inf, sigma + 1e-9)[got.observable]).all()


def test_published_shares_and_not_exports_beyond_imports_say_who_makes_what():
    """Two countries, no output listed by country: 0 makes nine tenths by a published share and uses it at home."""
    none = np.empty((0, 2))
    rows, at = stage_balances(np.array([1]), np.array([0]), np.array([0]), none, none, stages=1)
    rows, totals = add_totals(rows, [at.output[0]])
    value, sigma = np.full(len(rows.least), np.nan), np.ones(len(rows.least))
    value[at.trade], sigma[at.trade] = 5.0, 0.5
    value[totals], sigma[totals] = 100.0, 2.0
    value[at.output[0]], sigma[at.output[0]] = [90.0, 10.0], [3.0, 2.0]
    value[at.stock_change[0]] = 0.0
    got = reconcile(rows, value, sigma)
    np.testing.assert_allclose(got.estimate[at.output[0]], [90, 10])
    np.testing.assert_allclose(got.estimate[at.other_use[0]], [95, 5])
    share = got.estimate[at.output[0]] / got.estimate[totals]
    np.testing.assert_allclose(share, [0.9, 0.1])


def test_stage_balances_by_hand():
    low = np.array([[0.5, np.nan]])
    rows, at = stage_balances(np.array([0, 1]), np.array([1, 0]), np.array([0, 1]), low, low, stages=2)
    dense = rows.matrix.dense(np.arange(5), np.arange(len(rows.least)))
    assert dense.shape == (5, 16)
    first = dense[at.balance[0, 0]]
    expected = np.zeros(16)
    expected[at.output[0, 0]] = 1
    expected[[at.other_use[0, 0], at.stock_change[0, 0], at.input[0, 0], at.trade[0]]] = -1
    np.testing.assert_array_equal(first, expected)
    assert dense[at.balance[0, 1], at.trade[0]] == 1
    linked = dense[at.yields[0, 0, 0]]
    assert linked[at.output[1, 0]] == 1
    assert linked[at.input[0, 0]] == -0.5
    assert np.count_nonzero(linked) == 2
    assert (at.yields[:, 0, 1] == -1).all()
    assert at.yields[1, 0, 0] == -1  # one yield, one row
    assert (at.input[1] == -1).all()
    np.testing.assert_array_equal(np.isneginf(rows.least), np.isin(np.arange(16), at.stock_change))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"low": np.array([1.0])}, "low"),
        ({"low": np.array([np.inf]), "high": np.array([np.inf])}, "infinite"),
        ({"least": np.array([2.0, 0.0]), "most": np.array([1.0, 1.0])}, "least"),
        ({"least": np.zeros(3)}, "least"),
    ],
)
def test_balances_outside_their_range_are_refused(change, told):
    rows = replace(balances([[1, 1]], 0.0), **change)
    with pytest.raises(ValueError, match=told):
        reconcile(rows, np.ones(2), np.ones(2))


def test_measurements_and_tables_outside_their_range_are_refused():
    rows = balances([[1, 1]], 1.0)
    for value, sigma in (([1, np.inf], [1, 1]), ([1, 1], [1, 0]), ([1, 1], [1, np.nan])):
        with pytest.raises(ValueError, match="sigma"):
            reconcile(rows, np.array(value, dtype=float), np.array(sigma, dtype=float))
    reconcile(rows, np.array([1.0, np.nan]), np.array([1.0, np.nan]))
    with pytest.raises(ValueError, match="normal"):
        reconcile_draws(rows, np.ones(2), np.ones(2), np.zeros((2, 3)))
