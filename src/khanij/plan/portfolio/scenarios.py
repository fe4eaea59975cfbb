"""Scenarios of a plan: fewer of them with a proved error, plans on others than they were made for, frontier, regret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from khanij.core.errors import StudyError
from khanij.plan.portfolio.choose import Objective, Portfolio, choose, losses
from khanij.plan.portfolio.problem import Floats, Ints, PlanProblem, quantile, tail_mean

BLOCK = 16  # scenarios compared with all others at once


@dataclass(frozen=True)
class Reduction:
    """Kept scenarios in order of choice (N,), their probabilities (N,), and for each scenario which one stands for it.

    error    Wasserstein distance between the full and the reduced set, in money: under any plan within the limits, the
             expected loss of the two differs by at most this, and CVaR at α by at most error / (1 - α)
    errors (N,)  the same after each choice
    """

    kept: Ints
    probability: Floats
    nearest: Ints
    error: float
    errors: Floats


def distances(problem: PlanProblem) -> Floats:
    """Return how far apart the losses of two scenarios can be under any one plan (W, W), money.

    The loss left beyond a cover is the area under the falling curve of value over amount, so two scenarios differ by at
    most the area between their curves, Σ_my δ_y ∫ |V_w - V_w'| dq; where what a unit averts differs as well, by at most
    value times limit times that difference more.
    """
    scenarios, _, _, steps = problem.amount.shape
    order = np.argsort(-problem.value, axis=3, kind="stable")
    value = np.take_along_axis(problem.value, order, axis=3)
    amount = np.take_along_axis(problem.amount, order, axis=3)
    used = amount.sum(axis=(0, 3)) > 0
    weight = np.broadcast_to(problem.discount, used.shape)[used]
    value, amount = value[:, used], amount[:, used]
    upper = np.cumsum(amount, axis=2)
    lower = upper - amount
    area = (amount * value).sum(axis=2) @ weight
    apart = np.zeros((scenarios, scenarios))
    for start in range(0, scenarios, BLOCK):
        here = slice(start, min(start + BLOCK, scenarios))
        common = np.zeros((here.stop - start, scenarios))
        for one in range(steps):
            for other in range(steps):
                shared = np.minimum(upper[here, None, :, one], upper[None, :, :, other])
                shared -= np.maximum(lower[here, None, :, one], lower[None, :, :, other])
                np.maximum(shared, 0.0, out=shared)
                shared *= np.minimum(value[here, None, :, one], value[None, :, :, other])
                common += shared @ weight
        apart[here] = area[here, None] + area - 2 * common
    return np.maximum(apart + _uneven(problem), 0.0) * (1 - np.eye(scenarios))


def _uneven(problem: PlanProblem) -> Floats:
    """Return the part of the distance that comes from measures averting different amounts (W, W)."""
    scenarios = len(problem.probability)
    if problem.averted.ndim == 2:
        return np.zeros((scenarios, scenarios))
    dearest = problem.value.max(axis=(0, 3))[problem.mineral] * problem.discount
    size = dearest * problem.limit[problem.measure, None]
    varies = (problem.averted != problem.averted[:1]).any(axis=0)
    if np.isinf(size[varies]).any():
        raise StudyError("measures without a limit avert different amounts by scenario", where="limit", hint="give one")
    part = (problem.averted[:, varies] * size[varies]).reshape(scenarios, -1)
    return np.array([np.abs(part - row).sum(axis=1) for row in part])


def reduce(problem: PlanProblem, count: int, apart: Floats | None = None) -> Reduction:
    """Return `count` scenarios that stand for all: fast forward selection under the distance of `distances`.

    apart (W, W)  the distances, where they are known already
    Reference: Heitsch and Römisch 2003, Comput. Optim. Appl. 24:187-206; Dupačová et al. 2003, Math. Program. 95.
    """
    probability = problem.probability
    if not 1 <= count <= len(probability):
        raise StudyError(f"asked to keep {count} of {len(probability)} scenarios", where="scenarios")
    apart = distances(problem) if apart is None else apart
    kept: list[int] = []
    errors: list[float] = []
    closest = np.full(len(probability), np.inf)
    for _ in range(count):
        total = probability @ np.minimum(closest[:, None], apart)
        total[kept] = np.inf
        chosen = int(total.argmin())
        kept.append(chosen)
        errors.append(float(total[chosen]))
        closest = np.minimum(closest, apart[:, chosen])
    nearest = np.asarray(kept)[apart[:, kept].argmin(axis=1)]
    mass = np.bincount(nearest, probability, minlength=len(probability))[kept].astype(np.float64)
    return Reduction(np.asarray(kept), mass, nearest, errors[-1], np.asarray(errors))


@dataclass(frozen=True)
class OutOfSampleCheck:
    """A plan on scenarios that it was not made for: mean loss and CVaR with standard errors, and each loss (W,)."""

    expected: float
    expected_error: float
    tail: float
    tail_error: float
    loss: Floats


def check(problem: PlanProblem, started: Floats, level: float = 0.95) -> OutOfSampleCheck:
    """Return what was started (I, Y) does against a problem's scenarios, as a sample with their probabilities.

    The standard errors count Σ p² of them as 1 / n; that of CVaR holds its quantile at the sample's.
    """
    loss, probability = losses(problem, started), problem.probability
    mean, tail = float(probability @ loss), tail_mean(loss, probability, level)
    square = float((probability**2).sum())
    beyond = np.maximum(loss - quantile(loss, probability, level), 0.0)
    spread = [float(np.sqrt(probability @ (part - probability @ part) ** 2)) for part in (loss, beyond)]
    factor = np.sqrt(square / max(1 - square, square))
    return OutOfSampleCheck(mean, spread[0] * factor, tail, spread[1] * factor / (1 - level), loss)


def frontier(
    problem: PlanProblem,
    aim: Objective,
    *,
    tails: Sequence[float] = (),
    budgets: Sequence[float] = (),
    **solving: float,
) -> tuple[Portfolio, ...]:
    """Return one plan a weight on CVaR (`tails`), or a multiple of every year's budget and ceiling (`budgets`)."""
    plans = [choose(problem, replace(aim, tail=tail), **solving) for tail in tails]  # type: ignore[arg-type]
    for times in budgets:
        scaled = replace(problem, budget=problem.budget * times, ceiling=problem.ceiling * times)
        plans.append(choose(scaled, aim, **solving))  # type: ignore[arg-type]
    return tuple(plans)


def regret(cost: Floats, loss: Floats) -> Floats:
    """Return how much dearer each plan is than the best of the plans, state by state (P, S).

    cost (P,) money of each plan;  loss (P, S) its loss in each scenario, or under each method's scenarios
    """
    total = np.asarray(cost)[:, None] + np.asarray(loss)
    least: NDArray[np.float64] = total.min(axis=0)
    return total - least
