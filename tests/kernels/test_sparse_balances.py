"""Sparse matrices and their levels: dense algebra as oracle."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.rng import stream
from khanij.kernels.balances.observability import eliminate
from khanij.kernels.balances.sparse_balances import find_levels, sparse_matrix

seeds = st.integers(0, 100_000)


def matrix(seed):
    draw = stream(seed)
    m, n = draw.integers(1, 25, 2)
    dense = draw.normal(size=(m, n)) * (draw.random((m, n)) < draw.choice([0.1, 0.3, 0.6]))
    row, column = np.nonzero(dense)
    mixed = draw.permutation(len(row))
    return dense, sparse_matrix((m, n), row[mixed], column[mixed], dense[row, column][mixed])


@given(seeds)
def test_products_are_those_of_the_dense_matrix(seed):
    dense, sparse = matrix(seed)
    draw = stream(seed, 1)
    m, n = dense.shape
    items, rows, diagonal, middle = (
        draw.normal(size=(3, n)),
        draw.normal(size=(3, m)),
        draw.random(n),
        draw.random((m, m)),
    )
    np.testing.assert_allclose(sparse.times(items), items @ dense.T, atol=1e-12)
    np.testing.assert_allclose(sparse.times(items[0]), dense @ items[0], atol=1e-12)
    np.testing.assert_allclose(sparse.back(rows), rows @ dense, atol=1e-12)
    np.testing.assert_allclose(sparse.gram(diagonal), dense @ np.diag(diagonal) @ dense.T, atol=1e-12)
    np.testing.assert_allclose(sparse.around(middle), np.diag(dense.T @ middle @ dense), atol=1e-12)
    np.testing.assert_array_equal(sparse.dense(np.arange(m), np.arange(n)), dense)
    kept = draw.random(m) < 0.5
    np.testing.assert_array_equal(sparse.pick(kept).dense(np.arange(kept.sum()), np.arange(n)), dense[kept])
    by_row, by_column = draw.random(m) + 1, draw.random(n) + 1
    scaled = sparse.scaled(by_row, by_column).dense(np.arange(m), np.arange(n))
    np.testing.assert_allclose(scaled, by_row[:, None] * dense * by_column)


def test_entries_of_one_cell_add_up_and_nothing_is_left_of_zeros():
    sparse = sparse_matrix((2, 2), np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]), np.array([2.0, 3.0, 1.0, -1.0]))
    np.testing.assert_array_equal(sparse.dense(np.arange(2), np.arange(2)), [[0, 5], [0, 0]])
    assert len(sparse.row) == 1


@given(seeds)
def test_levels_solve_what_the_dense_system_solves(seed):
    dense, sparse = matrix(seed)
    draw = stream(seed, 2)
    m, n = dense.shape
    diagonal, more, right = draw.random((2, n)), draw.random((2, m)) + 0.1, draw.normal(size=(2, m))
    found = find_levels(sparse).factor(diagonal, more).solve(right)
    for row in range(2):
        system = dense @ np.diag(diagonal[row]) @ dense.T + np.diag(more[row])
        np.testing.assert_allclose(found[row], np.linalg.solve(system, right[row]), rtol=1e-8, atol=1e-8)


def test_a_chain_has_thin_levels():
    rows = np.arange(30)
    links = sparse_matrix((30, 29), np.concatenate([rows[:-1], rows[1:]]), np.tile(rows[:-1], 2), np.ones(58))
    levels = find_levels(links)
    assert np.diff(levels.edges).max() == 1
    assert len(levels.edges) == 31


@given(seeds)
def test_elimination_leaves_rows_without_the_items_and_says_which_are_determined(seed):
    draw = stream(seed, 3)
    dense = matrix(seed)[0]
    dense = np.where(dense != 0, draw.choice([-1.0, 1.0, 0.5, -0.8], dense.shape), 0.0)
    got = eliminate(dense)
    rank = np.linalg.matrix_rank(dense)
    assert len(got.row) == len(got.column) == rank
    np.testing.assert_allclose(got.reduced @ dense, 0.0, atol=1e-7)
    whole = np.zeros_like(dense)
    whole[got.row, got.column] = 1.0
    whole[got.row] += got.rest[got.row]
    np.testing.assert_allclose(got.turn @ dense, whole, atol=1e-7)
    image = np.linalg.pinv(dense, rcond=1e-9) @ dense
    determined = np.isclose(np.diag(image), 1.0, rtol=0, atol=1e-8)
    clear = got.column[~got.rest[got.row].any(axis=1)]
    np.testing.assert_array_equal(np.flatnonzero(determined), np.sort(clear))
