"""How a series moves: its trend over a trailing window, and how unsteady it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

LEAST = 3  # points that a trend or a spread must rest on


def trailing(values: Floats, ends: Positions, length: int) -> Floats:
    """Return the window of `length` values that ends at each position, nan before the first value.

    values (..., T)      ends (Y,) positions on T, -1 = outside: all nan      returns (..., Y, length)
    """
    at = np.asarray(ends, dtype=np.intp)[:, None] + np.arange(1 - length, 1)
    outside = (at < 0) | (at >= values.shape[-1]) | (np.asarray(ends)[:, None] < 0)
    if not values.shape[-1]:
        return np.full((*values.shape[:-1], *at.shape), np.nan)
    return np.where(outside, np.nan, values[..., np.where(outside, 0, at)])


def log_changes(values: Floats) -> Floats:
    """Return the change of the natural logarithm from one value to the next: ln x_t - ln x_(t-1).

    values (..., T) above 0; nan or 0 = not known      returns (..., T) 1, nan at the first value and beside a gap
    """
    logs = _logs(values)
    first = np.full((*values.shape[:-1], min(1, values.shape[-1])), np.nan)
    return np.concatenate([first, np.diff(logs, axis=-1)], axis=-1)


def log_slope(values: Floats, least: int = LEAST) -> Floats:
    """Return the least-squares slope of ln x against time over the last axis: the continuous rate of growth a step.

    values (..., n) one value a step, nan or 0 = not known: left out
    returns (...) 1 a step; nan with fewer than `least` known values
    """
    logs = _logs(values)
    known = ~np.isnan(logs)
    count = known.sum(axis=-1)
    safe = np.maximum(count, 1)
    steps = np.arange(values.shape[-1], dtype=np.float64)
    time = np.where(known, steps - (known * steps).sum(axis=-1, keepdims=True) / safe[..., None], 0.0)
    variance = (time * time).sum(axis=-1)
    covariance = (time * np.where(known, logs, 0.0)).sum(axis=-1)
    enough = (count >= max(least, 2)) & (variance > 0)
    return np.where(enough, covariance / np.where(enough, variance, 1.0), np.nan)


def spread(changes: Floats, least: int = LEAST) -> Floats:
    """Return the sample standard deviation of the known values of the last axis (divisor n - 1).

    changes (..., n) any unit, nan = not known      returns (...) same unit; nan with fewer than `least` known values
    """
    known = ~np.isnan(changes)
    count = known.sum(axis=-1)
    mean = np.where(known, changes, 0.0).sum(axis=-1) / np.maximum(count, 1)
    squares = np.where(known, np.square(changes - mean[..., None]), 0.0).sum(axis=-1)
    enough = count >= max(least, 2)
    return np.where(enough, np.sqrt(squares / np.where(enough, count - 1, 1)), np.nan)


def _logs(values: Floats) -> Floats:
    """Return natural logarithms, nan where a value is not above 0 or not known."""
    positive = values > 0
    return np.where(positive, np.log(np.where(positive, values, 1.0)), np.nan)
