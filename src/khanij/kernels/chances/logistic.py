"""Logistic regression with a ridge penalty, and the scores of a probability forecast.

Model: Pr(y = 1 | x) = 1 / (1 + exp(-(b0 + x'b))). The penalty 0.5*ridge*|b|^2 spares the intercept b0 and expects
columns of like scale. Fitted by Newton steps (iteratively reweighted least squares), halved where one overshoots.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
FLAT = 1e-9  # largest slope of the penalised log-likelihood, per case, that counts as its top
STEPS = 100


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted model: intercept first in `weights`, and the covariance of the weights.

    weights     (k + 1,)
    covariance  (k + 1, k + 1) sandwich, by clusters where they were given
    steps       Newton steps taken;  converged  whether the slope is flat
    """

    weights: Floats
    covariance: Floats
    steps: int
    converged: bool

    def score(self, x: Floats) -> Floats:
        """Return log-odds (n,) of rows x (n, k)."""
        return np.asarray(self.weights[0] + x @ self.weights[1:])

    def probability(self, x: Floats) -> Floats:
        """Return probabilities (n,) of rows x (n, k)."""
        return sigmoid(self.score(x))

    def interval(self, x: Floats, width: float = 1.645) -> tuple[Floats, Floats]:
        """Return low and high probabilities (n,): log-odds plus and minus `width` standard errors of the fit."""
        rows = _with_ones(x)
        error = np.sqrt(np.maximum(np.einsum("ni,ij,nj->n", rows, self.covariance, rows), 0.0))
        centre = self.score(x)
        return sigmoid(centre - width * error), sigmoid(centre + width * error)


def sigmoid(score: ArrayLike) -> Floats:
    """Return 1 / (1 + exp(-score)) without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * np.asarray(score, dtype=np.float64))))


def fit(x: Floats, y: Floats, ridge: float = 1.0, clusters: NDArray[np.intp] | None = None) -> Logistic:
    """Return the model that maximises the penalised log-likelihood.

    x         (n, k) finite        y  (n,) 0 or 1        ridge  >= 0
    clusters  (n,) rows of one number may depend on one another; None = every row on its own
    Raises ValueError on values that are not finite or not 0 and 1. Without convergence within STEPS the model says so.
    """
    if not (np.isfinite(x).all() and np.isin(y, (0.0, 1.0)).all() and ridge >= 0):
        raise ValueError("x must be finite, y 0 or 1, ridge not negative")
    rows = _with_ones(x)
    penalty = np.full(rows.shape[1], float(ridge))
    penalty[0] = 0.0
    weights = np.zeros(rows.shape[1])
    share = np.clip(y.mean(), 1e-6, 1 - 1e-6) if len(y) else 0.5
    weights[0] = np.log(share / (1 - share))
    best = _loss(rows, y, weights, penalty)
    converged, steps = False, 0
    while steps < STEPS and not converged:
        steps += 1
        chance = sigmoid(rows @ weights)
        slope = rows.T @ (y - chance) - penalty * weights
        if np.abs(slope).max() <= FLAT * max(len(y), 1):
            converged = True
            continue
        step = np.linalg.lstsq(_curvature(rows, chance, penalty), slope, rcond=None)[0]
        for half in range(30):
            trial = weights + step * 0.5**half
            loss = _loss(rows, y, trial, penalty)
            if loss <= best:
                weights, best = trial, loss
                break
        else:  # no step lowers the loss any more: rounding decides
            converged = bool(np.abs(slope).max() <= 1e-6 * max(len(y), 1))
            break
    return Logistic(weights, _sandwich(rows, y, weights, penalty, clusters), steps, converged)


def _with_ones(x: Floats) -> Floats:
    """Return x with a first column of ones."""
    return np.hstack([np.ones((len(x), 1)), x])


def _loss(rows: Floats, y: Floats, weights: Floats, penalty: Floats) -> float:
    """Return the negative penalised log-likelihood."""
    score = rows @ weights
    return float((np.logaddexp(0.0, score) - y * score).sum() + 0.5 * (penalty * weights**2).sum())


def _curvature(rows: Floats, chance: Floats, penalty: Floats) -> Floats:
    """Return the second derivative of the loss."""
    return np.asarray((rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag(penalty))


def _sandwich(rows: Floats, y: Floats, weights: Floats, penalty: Floats, clusters: NDArray[np.intp] | None) -> Floats:
    """Return the covariance H^-1 M H^-1, M from the slopes of the clusters (or of the rows)."""
    chance = sigmoid(rows @ weights)
    bread = np.linalg.pinv(_curvature(rows, chance, penalty))
    slopes = rows * (y - chance)[:, None]
    if clusters is not None:
        _, index = np.unique(clusters, return_inverse=True)
        summed = np.zeros((index.max(initial=-1) + 1, rows.shape[1]))
        np.add.at(summed, index, slopes)
        slopes = summed
    return np.asarray(bread @ (slopes.T @ slopes) @ bread)


def brier(y: Floats, chance: Floats) -> float:
    """Return the mean squared error of a forecast, 0 = perfect."""
    return float(np.mean((chance - y) ** 2))


def log_score(y: Floats, chance: Floats) -> float:
    """Return the mean negative log-likelihood in nats, 0 = perfect; infinite where a certain forecast was wrong."""
    with np.errstate(divide="ignore"):
        return float(-np.mean(np.log(np.where(y > 0, chance, 1 - chance))))


def auc(y: Floats, score: Floats) -> float:
    """Return the chance that a case with the event is scored above one without, ties half; nan if one kind is absent.

    AUC = (sum of the ranks of the events - n1*(n1 + 1)/2) / (n1*n0), mid-ranks for ties
    """
    events = y > 0
    first, second = int(events.sum()), int((~events).sum())
    if not first or not second:
        return float("nan")
    _, index, count = np.unique(score, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count - 1) / 2
    return float((middle[index][events].sum() - first * (first + 1) / 2) / (first * second))


def calibration(y: Floats, chance: Floats, groups: int = 10) -> Floats:
    """Return (groups, 4): cases, mean forecast, observed share, its standard error; groups of one size."""
    order = np.argsort(chance, kind="stable")
    table = []
    for part in np.array_split(order, groups):
        if len(part):
            seen = float(y[part].mean())
            table.append([len(part), float(chance[part].mean()), seen, np.sqrt(seen * (1 - seen) / len(part))])
    return np.array(table, dtype=np.float64).reshape(-1, 4)
