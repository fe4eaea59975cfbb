"""One plan for several worlds, and a plan that is made again once the world is better known: regret and recourse.

s world with probability π_s, times_sm how many times a mineral's losses (and what is averted of them) are what the
problem has; E_m[x] expected loss of mineral m under plan x in the world of the problem.

least regret      min_x max_s  cost(x) + Σ_m times_sm E_m[x] - best_s
with recourse     min Σ_s π_s (cost(x_s) + Σ_m times_sm E_m[x_s]),  x_siy = x_0iy for y < R: until year R no plan knows
                  which world it is in, from then on each does: a lower bound for every policy that must find out.
policy            at year R the losses seen so far tell the worlds apart as far as they can (Bayes on ln(1 + loss),
                  normal by world); of the plans of the recourse the one of least expected cost and loss is followed.
Reference: Kouvelis and Yu 1997, Robust Discrete Optimization; Birge and Louveaux 2011, chapters 4 and 10.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from khanij.core.errors import StudyError
from khanij.plan.portfolio.choose import Objective, program, scaled, steps_told
from khanij.plan.portfolio.problem import Floats, Ints, PlanProblem, cost, in_place, losses_by_mineral
from khanij.plan.portfolio.program import Program, solve

LEAST = 1e-6  # part of a mineral's losses below which a world has none of it
FAINT = 1e-4  # weight of the mean beside the largest regret: of two plans of like regret the cheaper one


@dataclass(frozen=True, slots=True)
class Worlds:
    """Worlds by name: times (S, M) of each mineral's losses, their probability (S,) adding up to 1; minerals by id."""

    names: tuple[str, ...]
    times: Floats
    probability: Floats
    materials: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise StudyError for worlds that cannot be."""
        fits = self.times.shape[0] == len(self.names) == len(self.probability)
        if not fits or (self.times < 0).any() or abs(self.probability.sum() - 1) > 1e-9:
            raise StudyError(
                "worlds whose times or probabilities cannot be", where="worlds", hint="from 0; adding up to 1"
            )


@dataclass(frozen=True, slots=True)
class Recourse:
    """A plan that is made again at a year: started (S, I, Y) by world, alike before that year.

    known    expected cost and loss if the world is known from that year on, on the scenarios of the search
    """

    started: Floats
    year: int
    known: float


@dataclass(frozen=True, slots=True)
class PolicyCheck:
    """What a policy costs, cost and loss, on scenarios it was not made for; each with its standard error.

    policy   follows the re-plan rule      known  is told the world at that year (no policy does better)
    held     keeps the plan it began with    followed (S, S)  how often world s (row) makes the rule follow plan k
    """

    policy: float
    policy_error: float
    known: float
    held: float
    followed: Floats


def in_world(problem: PlanProblem, times: Floats) -> PlanProblem:
    """Return the problem of a world: losses of each mineral, and what is averted of them, `times` (M,) as large."""
    times = np.where(times < LEAST, 0.0, times)
    pair = times[problem.mineral]
    refill = np.divide(problem.refill, pair, out=np.full(len(pair), np.inf), where=pair > 0)
    return replace(
        problem,
        amount=problem.amount * times[:, None, None],
        averted=problem.averted * pair[:, None],
        refill=np.where(np.isnan(problem.refill), np.nan, np.minimum(refill, 1e12)),
    )


def least_regret(
    problem: PlanProblem,
    worlds: Worlds,
    best: Floats,
    *,
    gap: float = 0.01,
    seconds: float = 60.0,
    threads: int = 1,
    whole: bool = True,
) -> tuple[Floats, float]:
    """Return what is started (I, Y) under the plan of least largest regret, and that regret on its own scenarios.

    best (S,)  least cost and expected loss in each world, of the plan made for it
    whole      False = measures in any part, then cut down to whole lots: fast, and no clock decides what comes out
    Stocks that are bought again are refilled at the price of the problem in every world.
    """
    unit, told = scaled(problem)
    faint = replace(told, cost=told.cost * FAINT, running=told.running * FAINT)
    made, at = program(faint, Objective(expected=FAINT))
    worst = made.variables("regret", (), lower=-np.inf, cost=1.0)
    rows = made.rows("regret", (len(worlds.names),), lower=-np.asarray(best) / unit)
    made.fill(rows, worst, 1.0)
    shown, _ = steps_told(told)
    scenario, mineral, year, _ = np.nonzero(shown)
    worth = told.value[shown] * told.discount[year] * told.probability[scenario]
    for s, row in enumerate(rows.tolist()):
        made.fill(row, at["start"], -told.cost * told.lot[:, None] * told.discount)
        made.fill(row, at["in_place"], -told.running * told.discount)
        made.fill(row, at["uncovered"], -worth * worlds.times[s][mineral])
        for pair in np.flatnonzero(told.store & ~np.isnan(told.refill)).tolist():
            money = told.probability[:, None] * told.refill[pair] * told.discount
            made.fill(row, at[f"release {pair}"], -money)
    found = solve(made, relax=not whole, gap=gap, seconds=seconds, threads=threads)
    started = found.values[at["start"]] * problem.lot[:, None]
    return started if whole else in_lots(problem, started), float(found.values[worst] * unit)


def in_lots(problem: PlanProblem, started: Floats) -> Floats:
    """Return what was started (I, Y) cut down to whole lots, year by year: no limit that held is broken by less.

    What stands behind a gate, or on another measure, is cut down to what that one then allows.
    """
    lot = np.where(problem.lump > 0, problem.lump, 0.0)[:, None]
    sum_to = np.cumsum(started, axis=1)
    cut = np.where(lot > 0, np.floor(sum_to / np.where(lot > 0, lot, 1.0) + 1e-6) * lot, sum_to)
    for one, other, ratio in (*problem.needs, *problem.gates):
        allowed = ratio * in_place(problem, np.diff(cut, axis=1, prepend=0.0))[other]
        size = lot[one, 0]
        most = np.floor(allowed / size + 1e-6) * size if size > 0 else allowed
        cut[one] = np.maximum.accumulate(np.minimum(cut[one], most))
    return np.diff(cut, axis=1, prepend=0.0)


def with_recourse(
    problem: PlanProblem,
    worlds: Worlds,
    year: int,
    *,
    gap: float = 0.01,
    seconds: float = 60.0,
    threads: int = 1,
    whole: bool = True,
) -> Recourse:
    """Return the plans of each world that are alike before a year, at least expected cost and loss.

    year   position of the first year in which the world is known: what is started from it on may differ
    whole  False = measures in any part: fast, and a lower bound
    """
    unit, _ = scaled(problem)
    made, starts = Program(), []
    for times, weight in zip(worlds.times, worlds.probability, strict=True):
        one = in_world(problem, times)
        told = replace(
            one,
            cost=one.cost * weight / unit,
            running=one.running * weight / unit,
            outlay=one.paid / unit,
            running_outlay=one.running_paid / unit,
            budget=one.budget / unit,
            ceiling=one.ceiling / unit,
            absorb=one.absorb / unit,
            value=one.value / unit,
            refill=one.refill / unit,
        )
        starts.append(program(told, Objective(expected=weight), made=made)[1]["start"])
    for other in starts[1:]:
        rows = made.rows("alike before", (len(problem.lot), year), lower=0.0, upper=0.0, identity=True)
        made.fill(rows, starts[0][:, :year], 1.0)
        made.fill(rows, other[:, :year], -1.0)
    found = solve(made, relax=not whole, gap=gap, seconds=seconds, threads=threads)
    started = np.stack([found.values[start] for start in starts]) * problem.lot[:, None]
    return Recourse(started, year, found.objective * unit)


def check_policy(problem: PlanProblem, worlds: Worlds, plan: Recourse, held: Floats) -> PolicyCheck:
    """Return what the re-plan rule costs on scenarios that it was not made for.

    held (I, Y)  the plan that is never made again
    Every scenario is looked at in every world, at the world's probability.
    """
    every = [*plan.started, held]
    money = np.array([cost(problem, started) for started in every])
    lost = np.stack([lost_in_worlds(problem, worlds, started) for started in every])  # (plan, W, S)
    total = money[:, None, None] + lost
    early = replace(problem, discount=np.where(np.arange(len(problem.discount)) < plan.year, 1.0, 0.0))
    seen = np.log1p(lost_in_worlds(early, worlds, plan.started[0]))  # (W, S) what each world shows
    chance = worlds.probability * _likelihood(seen)  # (W, S true, S told)
    chance = chance / chance.sum(axis=2, keepdims=True)
    mean = np.einsum("w,pws->ps", problem.probability, total[:-1])  # of each plan of the recourse in each world
    followed = (chance @ mean.T).argmin(axis=2)  # (W, S)
    who, where = np.indices(followed.shape)
    paid = total[followed, who, where]
    weight = problem.probability[:, None] * worlds.probability
    policy = float((weight * paid).sum())
    spread = (paid @ worlds.probability - policy) ** 2
    often = np.stack(
        [(problem.probability[:, None] * (followed == k)).sum(axis=0) for k in range(len(plan.started))], 1
    )
    return PolicyCheck(
        policy=policy,
        policy_error=float(np.sqrt(problem.probability @ spread * (problem.probability**2).sum())),
        known=float(worlds.probability @ mean.min(axis=0)),
        held=float((weight * total[-1]).sum()),
        followed=often,
    )


def lost_in_worlds(problem: PlanProblem, worlds: Worlds, started: Floats) -> Floats:
    """Return the loss of each scenario in each world (W, S), discounted, under what was started (I, Y)."""
    if problem.store.any():  # what a stock costs to refill does not grow with the loss
        each = [losses_by_mineral(in_world(problem, times), started).sum(axis=1) for times in worlds.times]
        return np.stack(each, axis=1)
    return np.asarray(losses_by_mineral(problem, started) @ worlds.times.T)


def _likelihood(seen: Floats) -> Floats:
    """Return how likely what is seen in each true world is in each world (W, S, S): normal, up to a factor."""
    middle, spread = seen.mean(axis=0), np.maximum(seen.std(axis=0), 1e-6)
    apart = (seen[:, :, None] - middle) / spread
    told = -0.5 * apart**2 - np.log(spread)
    return np.asarray(np.exp(told - told.max(axis=2, keepdims=True)))


def positions(worlds: Worlds, names: tuple[str, ...]) -> Ints:
    """Return where worlds stand by name; raises StudyError for one that is none of them."""
    lacking = [name for name in names if name not in worlds.names]
    if lacking:
        raise StudyError(f"no world {lacking[0]!r}", where="worlds", hint=f"one of {', '.join(worlds.names)}")
    return np.array([worlds.names.index(name) for name in names], dtype=np.int64)
