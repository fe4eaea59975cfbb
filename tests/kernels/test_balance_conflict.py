"""Balances that contradict each other: a linear programme judges every set of rows that is named."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from khanij.core.rng import stream
from khanij.kernels.balances.balance_conflict import conflict
from khanij.kernels.balances.linear_balances import LinearBalances
from khanij.kernels.balances.sparse_balances import sparse_matrix

sys.path.insert(0, str(Path(__file__).parent))
from stage_rows import stage_balances

seeds = st.integers(0, 100_000)


def possible(dense, low, high, least, most):
    """Say whether some point meets all rows and bounds."""
    sides = [(dense, high), (-dense, -low)]
    above = np.vstack([side[np.isfinite(end)] for side, end in sides])
    ends = np.concatenate([end[np.isfinite(end)] for _, end in sides])
    some = {"A_ub": above, "b_ub": ends} if len(ends) else {}
    return linprog(np.zeros(dense.shape[1]), bounds=list(zip(least, most, strict=True)), **some).status == 0


def contradiction(seed):
    """Rows about a point, some of them moved so far that they may not hold together any more."""
    draw = stream(seed)
    m, n = int(draw.integers(2, 9)), int(draw.integers(2, 10))
    dense = np.where(draw.random((m, n)) < 0.5, draw.choice([-1.0, 1.0, 0.5, 2.0], (m, n)), 0.0)
    low = dense @ np.exp(draw.normal(0, 1, n))
    moved = draw.integers(0, m, 2)
    low[moved] += draw.normal(0, 5, 2)
    high = np.where(draw.random(m) < 0.3, np.inf, low)
    least, most = np.where(draw.random(n) < 0.7, 0.0, -np.inf), np.where(draw.random(n) < 0.3, 2.0, np.inf)
    row, column = np.nonzero(dense)
    rows = LinearBalances(sparse_matrix((m, n), row, column, dense[row, column]), low, high, least, most)
    return dense, rows


@settings(max_examples=50)
@given(seeds)
def test_the_rows_named_cannot_hold_and_without_any_of_them_can(seed):
    dense, rows = contradiction(seed)
    ends = rows.least, rows.most
    found = conflict(rows).rows
    assert (len(found) == 0) == possible(dense, rows.low, rows.high, *ends)
    if len(found):
        assert not possible(dense[found], rows.low[found], rows.high[found], *ends)
    for row in range(len(found)):
        rest = np.delete(found, row)
        assert possible(dense[rest], rows.low[rest], rows.high[rest], *ends)


@settings(max_examples=20)
@given(seeds)
def test_units_do_not_matter(seed):
    _, rows = contradiction(seed)
    other = LinearBalances(rows.matrix, 1e5 * rows.low, 1e5 * rows.high, 1e5 * rows.least, 1e5 * rows.most)
    assert (len(conflict(rows).rows) == 0) == (len(conflict(other).rows) == 0)


def test_a_yield_that_cannot_be_names_its_rows_and_the_items_at_their_bounds():
    """Country 0 makes at most 50 of metal input, but 60 of product at a yield of at most one: three rows say so."""
    low, high = np.array([[0.6, 0.6]]), np.array([[1.0, 1.0]])
    rows, at = stage_balances(np.array([1]), np.array([0]), np.array([0]), low, high, stages=2)
    least, most = rows.least.copy(), rows.most.copy()
    most[at.output[0]], least[at.output[1, 0]] = [40.0, 5.0], 60.0
    least[at.stock_change] = most[at.stock_change] = 0.0
    found = conflict(LinearBalances(rows.matrix, rows.low, rows.high, least, most))
    named = {int(at.balance[0, 0]), int(at.balance[0, 1]), int(at.yields[1, 0, 0])}
    assert set(found.rows.tolist()) == named
    assert {int(at.output[0, 0]), int(at.output[0, 1]), int(at.output[1, 0])} <= set(found.items.tolist())
    assert not {int(at.output[1, 1])} & set(found.items.tolist())


def test_no_rows_no_conflict():
    nothing = np.zeros(0, dtype=int)
    empty = LinearBalances(
        sparse_matrix((0, 2), nothing, nothing, np.zeros(0)), np.zeros(0), np.zeros(0), np.zeros(2), np.ones(2)
    )
    assert len(conflict(empty).rows) == 0
