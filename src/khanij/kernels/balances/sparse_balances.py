"""Sparse matrices of linear balances, and positive definite systems of them whose rows stand in levels.

Two rows are neighbours if they share a column. Levels are the steps from a first row, so that a row has neighbours in
its own level, the one before and the one after alone; A D A' is then block tridiagonal, and solved block by block.
A chain of K stages in n countries has some K levels of a few n rows. Source: Cuthill and McKee 1969 (levels).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Positions = NDArray[np.intp]
ROUNDING = 1e-13  # of a diagonal, added to it: rows that say the same thing would leave nothing of it


@dataclass(frozen=True, slots=True)
class SparseMatrix:
    """Entries of a matrix (m, n), sorted by column, no cell twice.

    row, column, weight  (E,)
    first, second        (F,) every pair of entries of one column, for products A D A'
    """

    shape: tuple[int, int]
    row: Positions
    column: Positions
    weight: Floats
    first: Positions
    second: Positions

    def times(self, items: Floats) -> Floats:
        """Return A y (..., m) of y (..., n)."""
        return sum_by(self.row, self.weight * items[..., self.column], self.shape[0])

    def back(self, rows: Floats) -> Floats:
        """Return A' u (..., n) of u (..., m)."""
        return sum_by(self.column, self.weight * rows[..., self.row], self.shape[1])

    def gram(self, diagonal: Floats) -> Floats:
        """Return A D A' (m, m) of a diagonal (n,)."""
        m = self.shape[0]
        value = self.weight[self.first] * self.weight[self.second] * diagonal[self.column[self.first]]
        return sum_by(self.row[self.first] * m + self.row[self.second], value, m * m).reshape(m, m)

    def around(self, middle: Floats) -> Floats:
        """Return the diagonal (n,) of A' M A for M (m, m)."""
        value = self.weight[self.first] * self.weight[self.second] * middle[self.row[self.first], self.row[self.second]]
        return sum_by(self.column[self.first], value, self.shape[1])

    def dense(self, rows: Positions, columns: Positions) -> Floats:
        """Return some rows and columns as a dense matrix."""
        place = np.full(self.shape[0], -1)
        place[rows] = np.arange(len(rows))
        seat = np.full(self.shape[1], -1)
        seat[columns] = np.arange(len(columns))
        r, c = place[self.row], seat[self.column]
        on = (r >= 0) & (c >= 0)
        found = np.zeros((len(rows), len(columns)))
        found[r[on], c[on]] = self.weight[on]
        return found

    def scaled(self, rows: Floats, columns: Floats) -> SparseMatrix:
        """Return the matrix with its rows (m,) and columns (n,) multiplied."""
        return replace(self, weight=self.weight * rows[self.row] * columns[self.column])

    def pick(self, rows: Flags) -> SparseMatrix:
        """Return some rows (m,) and all columns."""
        on = rows[self.row]
        place = np.cumsum(rows) - 1
        size = (int(rows.sum()), self.shape[1])
        return sparse_matrix(size, place[self.row[on]], self.column[on], self.weight[on])


def sum_by(place: Positions, values: Floats, size: int) -> Floats:
    """Return sums (..., size) of values (..., F) by place (F,)."""
    lead = values.shape[:-1]
    count = int(np.prod(lead))
    if count > 1:
        place = (np.arange(count)[:, None] * size + place).ravel()
    summed = np.bincount(place, values.ravel(), count * size)  # whole numbers where there is no value at all
    return summed.astype(np.float64).reshape(*lead, size)


def sparse_matrix(shape: tuple[int, int], row: Positions, column: Positions, weight: Floats) -> SparseMatrix:
    """Return the matrix of entries in any order; those of one cell are added up, and zeros left out."""
    cell, back = np.unique(column * np.intp(shape[0]) + row, return_inverse=True)
    summed = np.bincount(back, weight, len(cell))
    kept = summed != 0
    columns, rows = np.divmod(cell[kept], shape[0]) if shape[0] else (cell[kept], cell[kept])
    count = np.bincount(columns, minlength=shape[1])
    start = np.cumsum(count) - count
    first = np.repeat(np.arange(len(columns)), count[columns])
    inside = np.arange(len(first)) - np.repeat(np.cumsum(count[columns]) - count[columns], count[columns])
    return SparseMatrix(shape, rows, columns, summed[kept], first, start[columns[first]] + inside)


@dataclass(frozen=True, slots=True)
class Levels:
    """The order in which A D A' is block tridiagonal.

    order  (m,) rows, level by level      edges  (L + 1,) where each level starts
    place  (F,) where in one long array of blocks each pair of entries of a column goes; -1 above the diagonal blocks
    size   numbers in that array
    """

    matrix: SparseMatrix
    order: Positions
    edges: list[int]
    place: Positions
    size: int

    def factor(self, diagonal: Floats, more: Floats) -> Factor:
        """Return A D A' + diag(more) ready for solving; D (B, n) and more (B, m) not negative, B systems at once."""
        a, on, batch = self.matrix, self.place >= 0, len(diagonal)
        first, second = a.first[on], a.second[on]
        flat = sum_by(self.place[on], a.weight[first] * a.weight[second] * diagonal[:, a.column[first]], self.size)
        inner: list[Floats] = []
        lower: list[Floats] = []
        begin = 0
        for level, (start, end) in enumerate(pairwise(self.edges)):
            width = end - start
            block = flat[:, begin : begin + width * width].reshape(batch, width, width)
            begin += width * width
            at = np.arange(width)
            block[:, at, at] += more[:, self.order[start:end]] + ROUNDING * block[:, at, at]
            if level:
                before = start - self.edges[level - 1]
                left = flat[:, begin : begin + width * before].reshape(batch, width, before)
                begin += width * before
                across = left @ inner[-1]
                block = block - across @ left.swapaxes(1, 2)
                lower.append(across)
            inner.append(np.asarray(np.linalg.inv(block), dtype=np.float64))
        return Factor(self, inner, lower)


@dataclass(frozen=True, slots=True)
class Factor:
    """Inverse diagonal blocks (B, w, w), and the blocks below them divided by what stands above."""

    levels: Levels
    inner: list[Floats]
    lower: list[Floats]

    def solve(self, right: Floats) -> Floats:
        """Return the solutions (B, m)."""
        edges, x = self.levels.edges, right[:, self.levels.order, None]
        parts = [x[:, start:end] for start, end in pairwise(edges)]
        for level in range(1, len(parts)):
            parts[level] = parts[level] - self.lower[level - 1] @ parts[level - 1]
        parts = [inverse @ part for inverse, part in zip(self.inner, parts, strict=True)]
        for level in range(len(parts) - 2, -1, -1):
            parts[level] = parts[level] - self.lower[level].swapaxes(1, 2) @ parts[level + 1]
        found = np.empty_like(right)
        found[:, self.levels.order] = np.concatenate(parts, axis=1)[..., 0] if parts else right
        return found


def find_levels(matrix: SparseMatrix) -> Levels:
    """Return the levels of the rows of a matrix, many and thin where there is a choice."""
    m = matrix.shape[0]
    near = np.zeros((m, m), dtype=bool)
    near[matrix.row[matrix.first], matrix.row[matrix.second]] = True
    level = np.full(m, -1)
    while (level < 0).any():
        start = int(np.flatnonzero(level < 0)[0])
        for _ in range(2):
            found = _steps(near, start)
            last = np.flatnonzero(found == found.max())
            start = int(last[near[last].sum(axis=1).argmin()])
        found = _steps(near, start)
        level = np.where(found >= 0, found, level)
    order = np.argsort(level, kind="stable")
    edges = [0, *np.cumsum(np.bincount(level)).tolist()] if m else [0]
    widths = np.diff(edges)
    before = np.concatenate([[0], widths[:-1]])[: len(widths)]
    begin = np.concatenate([[0], np.cumsum(widths * (widths + before))])
    seat = np.empty(m, dtype=np.intp)
    seat[order] = np.arange(m) - np.repeat(np.array(edges[:-1], dtype=np.intp), widths)
    one, two = matrix.row[matrix.first], matrix.row[matrix.second]
    own, other = level[one], level[two]
    inside = begin[own] + seat[one] * widths[own] + seat[two]
    across = begin[own] + widths[own] ** 2 + seat[one] * before[own] + seat[two]
    place = np.where(own == other, inside, np.where(own == other + 1, across, -1))
    return Levels(matrix, order, edges, place, int(begin[-1]))


def _steps(near: Flags, start: int) -> Positions:
    """Return the steps (m,) from a row to every other; -1 where there is no way."""
    found = np.full(len(near), -1)
    front, step = np.array([start]), 0
    while len(front):
        found[front] = step
        front = np.flatnonzero(near[front].any(axis=0) & (found < 0))
        step += 1
    return found
