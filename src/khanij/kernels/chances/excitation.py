"""Self-exciting events in yearly steps: chances that add up from what happened before, their fit, and waves.

Notation: n[t, i] events of cell i in year t; x[i, j] >= 0 what the past says of cell i by term j; λ[i] = sum over j of
θ[j]·x[i, j] with θ >= 0; Pr(an event of i in the next year) = 1 - exp(-λ[i]). Linear and positive, as in Hawkes 1971,
Biometrika 58, pages 83-90: every past event can only raise what follows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
ALIKE = 1e6  # shape of a common factor that is the same as none
STEPS = 5_000
FLAT = 1e-10  # relative change of every weight at which the fit has ended


def faded(events: Floats, half_life: float) -> Floats:
    """Return the sum over years of events, each worth half after `half_life` years: Σ n[t]·2^(-(T-1-t)/h).

    events (T, ...) counts, the newest year last      half_life > 0 years      returns (...)
    """
    age = np.arange(len(events))[::-1]
    return np.asarray(np.tensordot(0.5 ** (age / half_life), events, axes=1))


def fit(x: Floats, y: Flags, pseudo: float = 1.0) -> Floats:
    """Return the weights θ (J,) of the additive rate by expectation-maximisation.

    E: part of an event that term j answers for, θ[j]·x[i, j] / (1 - exp(-λ[i]))
    M: θ[j] = (Σ over events of that part + pseudo) / (Σ over cells of x[i, j] + pseudo/prior[j])
    The prior of each term is a gamma of `pseudo` events whose mean shares the base rate out alike among the terms, so
    that no term is nought because it was never seen.

    x (n, J) at least 0      y (n,) whether an event came      pseudo >= 0 events
    Raises ValueError on negative or infinite x, or without any event.
    """
    if not (np.isfinite(x).all() and (x >= 0).all()) or not y.any():
        raise ValueError("x must be finite and not negative, and an event is needed")
    mean = np.maximum(x.mean(axis=0), 1e-300)
    prior = float(y.mean()) / (x.shape[1] * mean)
    whole, events, weights = x.sum(axis=0) + pseudo / prior, x[y], prior.copy()
    for _ in range(STEPS):
        part = events * weights
        rate = np.maximum(part.sum(axis=1, keepdims=True), 1e-300)
        renewed = ((part / -np.expm1(-rate)).sum(axis=0) + pseudo) / whole
        done = bool((np.abs(renewed - weights) <= FLAT * np.maximum(renewed, 1e-300)).all())
        weights = renewed
        if done:
            break
    return np.asarray(weights)


def answered(x: Floats, y: Flags, weights: Floats, pseudo: float = 1.0) -> Floats:
    """Return the events (J,) that each term answers for, pseudo-events with them.

    Given who answers for what, θ[j] is a gamma variable of that shape and of mean weights[j]: the doubt in the weights.

    x (n, J) at least 0      y (n,) whether an event came      weights θ (J,) of fit()      pseudo >= 0 events
    """
    part = x[y] * weights
    rate = np.maximum(part.sum(axis=1, keepdims=True), 1e-300)
    return np.asarray((part / -np.expm1(-rate)).sum(axis=0) + pseudo)


def chance(x: Floats, weights: Floats) -> Floats:
    """Return the chance of an event in the next year (n,): 1 - exp(-x·θ).

    x (n, J) at least 0      weights θ (J,)
    """
    return np.asarray(-np.expm1(-(x @ weights)))


def clustering(observed: Floats, expected: Floats) -> float:
    """Return the shape κ of a common gamma factor of mean 1 behind counts that scatter more than a Poisson's.

    Var = μ + μ²/κ, so κ = Σμ² / Σ((n - μ)² - μ) (moments); infinite where they scatter no more than that.

    observed n, expected μ (...) counts of groups
    """
    beyond = float(((observed - expected) ** 2 - expected).sum())
    return float((expected**2).sum()) / beyond if beyond > 0 else float("inf")


def waves(
    base: Floats,
    own: Floats,
    shared: Floats,
    past: tuple[Floats, Floats, Floats],
    half_lives: tuple[float, float, float],
    weights: Floats,
    shape: Floats,
    years: int,
    draws: int,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Return simulated years of the cells of one country, each event feeding what follows (draws, years, n).

    Rate of cell i: base[i] + w[0]·own[i]·A[i] + (w[1]·B + w[2]·C)·shared[i], times a gamma factor of mean 1 of the
    country's year; A[i] faded events of the cell, B and C faded parts of the country's cells that were struck.

    base (draws, n) part of the rate that does not change      own, shared (n,) how far a cell answers to A; to B and C
    past (n,), (), () of A, B and C as they stand now      half_lives, weights (3, draws) of A, B and C
    shape κ (draws,) of the common factor; infinite = none
    """
    n = base.shape[1]
    a, b, c = (np.broadcast_to(p, (draws, n)).copy() if np.ndim(p) else np.full(draws, float(p)) for p in past)
    fade = [0.5 ** (1.0 / h) for h in half_lives]
    finite = np.minimum(shape, ALIKE)
    out = np.zeros((draws, years, n), dtype=bool)
    for year in range(years):
        rate = base + weights[0][:, None] * own * a + (weights[1] * b + weights[2] * c)[:, None] * shared
        common = rng.gamma(finite, 1.0 / finite)[:, None]
        struck = rng.uniform(size=(draws, n)) < -np.expm1(-rate * common)
        out[:, year] = struck
        part = struck.mean(axis=1)
        a, b, c = a * fade[0] + struck, b * fade[1] + part, c * fade[2] + part
    return out
