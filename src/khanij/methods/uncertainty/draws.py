"""Random numbers of one block, and the uncertain inputs of a model as arrays with the draws on the last axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from khanij.core import rng
from khanij.kernels.chances import sampling
from khanij.kernels.indicators.suppliers import add
from khanij.methods.uncertainty.spreads import INPUTS

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Kernel = Callable[..., Floats]

BLOCK = 256  # draws a block; a constant, because the numbers depend on it
PLACE = {name: at for at, name in enumerate(INPUTS)}  # an input keeps its numbers whichever others are drawn


@dataclass(slots=True)
class Draws:
    """The random numbers of one block: for each input and part of a model, one array, the same whenever asked.

    seed, block  key of the streams      size  draws of the block
    active       inputs that are drawn; the others stay at their published value
    swapped      inputs whose numbers come from the second sample ("*" = all)
    kept         arrays drawn so far, by (sample, input, part)
    """

    seed: int
    block: int
    size: int
    active: frozenset[str]
    swapped: frozenset[str] = frozenset()
    kept: dict[tuple[int, str, int], Floats] = field(default_factory=dict)

    def drawn(self, name: str) -> bool:
        """Tell whether an input is drawn."""
        return name in self.active

    def take(self, name: str, part: int, draw: Callable[[np.random.Generator], Floats]) -> Floats:
        """Return draw(stream) of an input's part; asked again, the same array."""
        sample = int(name in self.swapped or "*" in self.swapped)
        key = (sample, name, part)
        if key not in self.kept:
            self.kept[key] = draw(rng.stream(self.seed, self.block, sample, PLACE[name], part))
        return self.kept[key]

    def normal(self, name: str, count: int, part: int = 0) -> Floats:
        """Return (count, size) standard normal values within the cut."""
        return self.take(name, part, lambda stream: sampling.truncated_normal(stream, (count, self.size)))

    def mixing(self, *names: str) -> Draws:
        """Return this source with these inputs from the second sample; the arrays drawn so far are shared."""
        return Draws(self.seed, self.block, self.size, self.active, frozenset(names), self.kept)

    def still(self, value: Floats) -> Floats:
        """Return an input that is not drawn: its value in every draw."""
        return np.repeat(value[..., None], self.size, axis=-1)


@dataclass(frozen=True, slots=True)
class Ragged:
    """Entries of rows of unequal length, padded in classes of like length so that kernels get full arrays.

    rows     number of rows
    row      (E,) row of each entry, sorted
    classes  (rows of the class (R,), entries (K, R); E = none) of each class
    """

    rows: int
    row: Positions
    classes: tuple[tuple[Positions, Positions], ...]

    @classmethod
    def of(cls, row: Positions, rows: int) -> Ragged:
        """Return the padding of sorted rows."""
        count = np.bincount(row, minlength=rows)
        start = np.cumsum(count) - count
        widths = np.array([0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256])
        width = widths[np.searchsorted(widths, count)]
        classes = []
        for size in np.unique(width[width > 0]):
            members = np.nonzero(width == size)[0]
            nth = np.arange(size)[:, None]
            classes.append((members, np.where(nth < count[members], start[members] + nth, len(row))))
        return cls(rows, row, tuple(classes))

    def each(self, *entries: Floats) -> Iterator[tuple[Positions, list[Floats]]]:
        """Yield the rows of each class and the entries as (D, R, K), nan where a row has fewer.

        entries  (E, D) each, or (E,): the same in every draw
        """
        padded = [np.concatenate([array, np.full((1, *array.shape[1:]), np.nan)]) for array in entries]
        for members, index in self.classes:
            yield members, [np.atleast_3d(array[index]).transpose(2, 1, 0) for array in padded]

    def apply(self, kernel: Kernel, draws: int, *entries: Floats, by_row: tuple[Floats, ...] = ()) -> Floats:
        """Return kernel(entries (D, R, K)..., by_row (D, R)...) -> (D, R) of every row; nan for rows without entries.

        entries  (E, D) or (E,) each      by_row  (rows, D) each
        """
        out = np.full((self.rows, draws), np.nan)
        for members, arrays in self.each(*entries):
            given = kernel(*arrays, *(each[members].T for each in by_row))
            out[members] = np.broadcast_to(given, (draws, len(members))).T
        return out

    def sums(self, entries: Floats) -> Floats:
        """Return (rows, D) the sum of each row's entries; 0 for a row without any."""
        return grouped_sum(self.row, entries, self.rows)


def grouped_sum(group: Positions, amounts: Floats, size: int) -> Floats:
    """Return (size, D) the sum of each group in each draw.

    group (E,), amounts (E, D)
    """
    draws = amounts.shape[1]
    flat = group[:, None] * draws + np.arange(draws)
    return add(flat.ravel(), amounts.ravel(), size * draws).reshape(size, draws)
