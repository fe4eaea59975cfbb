"""A change between two states, shared out among the inputs that changed: exact, additive, without an order."""

from __future__ import annotations

from math import factorial

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def subsets(count: int) -> NDArray[np.bool_]:
    """Return every choice of K = count new inputs (2^K, K): row n takes the new input k if its bit k is set."""
    bits: NDArray[np.bool_] = ((np.arange(2**count)[:, None] >> np.arange(count)[None, :]) & 1).astype(np.bool_)
    return bits


def weights(count: int) -> Floats:
    """Return the weight (K,), K = count, of a change of one input after s others have changed: s!(K-1-s)!/K!."""
    sizes = range(count)
    return np.array([factorial(s) * factorial(count - 1 - s) / factorial(count) for s in sizes])


def shapley(values: Floats) -> Floats:
    """Return the part of each input in the change of a function from its old to its new state.

    φ_k = Σ_S |S|!(K-1-|S|)!/K! · [f(S + k) - f(S)], S every set of the other inputs that are new already

    values (2^K, ...) any unit: the function with the inputs of `subsets` taken from the new state, the others from the
           old one; values[0] is the old state, values[-1] the new one
    returns (K, ...) same unit, adding up to values[-1] - values[0]; nan where a value that is needed is not known
    Raises ValueError if the first axis is no power of 2.
    Reference: Shapley 1953, A value for n-person games, Contributions to the Theory of Games II, p. 307.
    """
    count = len(values).bit_length() - 1
    if len(values) != 2**count:
        raise ValueError(f"{len(values)} states are no power of 2")
    new, weight = subsets(count), weights(count)
    parts = np.zeros((count, *values.shape[1:]))
    for k in range(count):
        without = np.nonzero(~new[:, k])[0]
        size = new[without].sum(axis=1)
        step = values[without + 2**k] - values[without]
        parts[k] = np.tensordot(weight[size], step, axes=1)
    return parts
