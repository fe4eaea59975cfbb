"""Seeded random streams: one independent stream a block of draws, so that any number of workers agrees."""

from __future__ import annotations

import numpy as np

from khanij.core.errors import StudyError


def stream(seed: int, *key: int) -> np.random.Generator:
    """Return the generator of one block.

    seed  integer >= 0 given by the user and kept in the trace
    key   position of the block (block number, purpose …); the same seed and key give the same numbers anywhere
    Raises StudyError on a negative seed.
    """
    if seed < 0:
        raise StudyError(f"a seed is a whole number from 0, not {seed}", where="seed")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def blocks(draws: int, size: int) -> tuple[slice, ...]:
    """Cut `draws` into consecutive slices of at most `size`; the cut depends on nothing else."""
    if draws < 1 or size < 1:
        raise StudyError("draws and block size are whole numbers from 1", where="draws")
    return tuple(slice(start, min(start + size, draws)) for start in range(0, draws, size))
