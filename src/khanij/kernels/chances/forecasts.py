"""How near a forecast of trade came: on importers, on pairs, and on where displaced tonnes found a new supplier."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DUST = 1e-3  # part of the whole that is added to both sides of a ratio, so that small flows cannot rule a log error


def miss(forecast: Floats, observed: Floats) -> float:
    """Return the tonnes forecast wrongly as a part of what was observed: Σ|f - o| / Σo; nan where nothing was.

    forecast, observed (...) t, same shape
    """
    whole = float(observed.sum())
    return float(np.abs(forecast - observed).sum()) / whole if whole > 0 else float("nan")


def log_error(forecast: Floats, observed: Floats) -> float:
    """Return the mean |ln((f + δ) / (o + δ))|, weighted by the larger of both; δ is a thousandth of all observed.

    forecast, observed (...) t, same shape; nan where both are empty
    """
    weight = np.maximum(forecast, observed)
    if weight.sum() <= 0:
        return float("nan")
    least = DUST * float(observed.sum()) + 1e-300
    errors = np.abs(np.log((forecast + least) / (observed + least)))
    return float((errors * weight).sum() / weight.sum())


def homes(base: Floats, forecast: Floats, observed: Floats) -> float:
    """Return the part of displaced tonnes that found the supplier that was forecast for them.

    Σ min(f - b, o - b over pairs where both rose) / Σ (o - b over pairs that rose); nan where no pair rose
    base, forecast, observed (n, n) t, seller to buyer: the year before, the forecast, the year after
    """
    rose = np.maximum(observed - base, 0.0)
    expected = np.maximum(forecast - base, 0.0)
    whole = float(rose.sum())
    return float(np.minimum(rose, expected).sum()) / whole if whole > 0 else float("nan")


def proportional(base: Floats, lost: Floats) -> Floats:
    """Return the forecast that nobody answers: every link loses its part and nothing replaces it (n, n) t.

    base (n, n) t      lost (n, n) part of each link that is cut
    """
    return np.asarray(base * (1.0 - lost))
