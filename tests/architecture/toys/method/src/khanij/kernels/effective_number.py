"""How many producers of equal size would be as concentrated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def effective_number(index: Floats) -> Floats:
    """Return 1 / H.

    index (...) 1, in 0..1, nan = not known      returns (...), from 1 on
    """
    return np.divide(1.0, index, out=np.full(np.shape(index), np.nan), where=index > 0)
