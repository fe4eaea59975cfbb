from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.errors import StudyError
from khanij.core.rng import blocks, stream


def drawn(seed, draws, size, workers):
    parts = blocks(draws, size)

    def one(number):
        return stream(seed, number).normal(size=parts[number].stop - parts[number].start)

    with ThreadPoolExecutor(workers) as pool:
        return np.concatenate(list(pool.map(one, range(len(parts))))).tobytes()


def test_same_seed_same_bytes():
    assert stream(7, 1, 2).random(9).tobytes() == stream(7, 1, 2).random(9).tobytes()


def test_any_number_of_workers_gives_the_same_bytes():
    assert drawn(7, 1000, 128, 1) == drawn(7, 1000, 128, 2) == drawn(7, 1000, 128, 4)


def test_seed_and_key_each_change_the_stream():
    seen = {stream(*key).random(4).tobytes() for key in [(7,), (8,), (7, 0), (7, 1), (7, 0, 0), (7, 0, 1)]}
    assert len(seen) == 6


def test_streams_of_neighbouring_blocks_are_uncorrelated():
    first, second = (stream(7, block).normal(size=20_000) for block in (0, 1))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03


@given(st.integers(1, 500), st.integers(1, 60))
def test_blocks_cover_every_draw_once(draws, size):
    parts = blocks(draws, size)
    assert [n for part in parts for n in range(part.start, part.stop)] == list(range(draws))
    assert all(part.stop - part.start <= size for part in parts)


def test_nonsense_is_refused():
    with pytest.raises(StudyError, match="seed"):
        stream(-1)
    for draws, size in [(0, 1), (1, 0), (-3, 2)]:
        with pytest.raises(StudyError, match="draws"):
            blocks(draws, size)
