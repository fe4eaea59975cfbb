"""Which measures, how much of each and when, under budgets and against scenarios: a two-stage stochastic programme.

i measure, y year, m mineral, w scenario, k step of loss, p pair (measure, mineral), c component, g target.
First stage: n_iy what is started (in lumps or continuous), Z_iy = Σ_{τ <= y - lead_i} n_iτ what is in place.
Second stage: u_wmyk what stays uncovered of the amount A_wmyk that a scenario takes away, each unit worth v_wmyk.

min  Σ_iy δ_y (c_iy n_iy + r_iy Z_iy) + β E[L] + λ CVaR_α[L]      L_w = Σ_myk δ_y v_wmyk u_wmyk
     Σ_k u_wmyk >= Σ_k A_wmyk - Σ_p a_wpy Z_iy - releases,   0 <= u <= A      (the dearest steps are covered first)
     Σ_{τ<=y} release_wpτ <= a_wpy Z_iy                       for pairs that are a stock, used once
     release_wpy <= a_wpy Z_iy, at δ_y refill_p each          for a stock that is bought again
     Σ_i (c' n + r' Z) <= budget by year, ceiling by component, absorption by component and year (c', r' the outlay)
     Σ_y n_iy <= limit_i,  n_iy <= pace_iy,  Z_iy <= most_iy,  Z_iy <= ratio Z_jy where i needs j
     Σ_{τ<=y} n_iτ <= ratio Z_jy                              where j is the gate before i: nobody has to go on
     Σ_i secured_gi Z_iy >= need_gy                           import-share ceilings and other targets
     CVaR_α = min_η η + E[(L - η)^+] / (1 - α)
Loss is never below 0, so a second measure on a covered mineral averts nothing: that is the saturation. A pair with a
cover below 0 adds to the loss, at the value of the dearest step (u of that step has no upper bound there).
Reference: Rockafellar and Uryasev 2000, J. Risk 2(3):21-41; Birge and Louveaux 2011 for the two stages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from khanij.plan.portfolio.problem import Floats, Ints, PlanProblem, in_place, losses_by_mineral, spend, tail_mean
from khanij.plan.portfolio.problem import cost as charged
from khanij.plan.portfolio.program import Program, Solution, solve

DUST = 1e-6  # scaled amount below which a step of loss is none: the solver's own tolerance on rows of whole numbers
SCALE = 1e4  # money and amounts of a programme are told in units that make its largest about so many


@dataclass(frozen=True)
class Objective:
    """What is minimised besides cost, and what must be reached.

    expected β, tail λ   weights of expected loss and of CVaR at `level` α;  both 0: least cost alone
    loss, tail_loss      ceilings on expected loss and on CVaR: a target reached at least cost
    """

    expected: float = 1.0
    tail: float = 0.0
    level: float = 0.95
    loss: float = np.inf
    tail_loss: float = np.inf


@dataclass(frozen=True)
class Portfolio:
    """A chosen portfolio.

    started, in_place (I, Y) units;  spend (C, Y) money that budgets limit, undiscounted
    cost  money that the objective charges, discounted
    loss (W,) of each scenario under the plan, discounted;  expected, tail  its mean and CVaR
    objective, bound, gap, proved   of the programme;  solution  the solver's account
    budget_price (Y,), ceiling_price (C,)  fall of the objective per unit of money more, whole choices held
    """

    started: Floats
    in_place: Floats
    spend: Floats
    cost: float
    loss: Floats
    expected: float
    tail: float
    objective: float
    bound: float
    gap: float
    proved: bool
    budget_price: Floats
    ceiling_price: Floats
    solution: Solution


def choose(
    problem: PlanProblem,
    aim: Objective | None = None,
    *,
    gap: float = 0.01,
    seconds: float = 300.0,
    threads: int = 2,
    prices: bool = True,
) -> Portfolio:
    """Return the best plan for an aim, to a relative gap or until time is up.

    prices   also solve with the whole choices held, for the shadow prices (else nan)
    Raises StudyError where no plan meets the rows (they are named), or none was found in time.
    """
    aim = aim or Objective()
    unit, told = scaled(problem)
    made, at = program(told, replace(aim, loss=aim.loss / unit, tail_loss=aim.tail_loss / unit))
    found = solve(made, gap=gap, seconds=seconds, threads=threads)
    found = replace(found, objective=found.objective * unit, bound=found.bound * unit)
    size = found.values[at["start"]] * problem.lot[:, None]
    years, parts = len(problem.budget), len(problem.ceiling)
    budget_price, ceiling_price = np.full(years, np.nan), np.full(parts, np.nan)
    if prices:
        duals = solve(made, fixed=found.values, threads=threads).duals
        each = -duals[at["budget"]] + 0.0
        # With carry-over one more unit in a year loosens that year's row and every later one.
        budget_price = np.cumsum(each[::-1])[::-1] if problem.carry else each
        ceiling_price = -duals[at["ceiling"]] + 0.0
    spent = spend(problem, size)
    loss = losses(problem, size)
    return Portfolio(
        started=size,
        in_place=in_place(problem, size),
        spend=spent,
        cost=charged(problem, size),
        loss=loss,
        expected=float(problem.probability @ loss),
        tail=tail_mean(loss, problem.probability, aim.level),
        objective=found.objective,
        bound=found.bound,
        gap=found.gap,
        proved=found.proved,
        budget_price=budget_price,
        ceiling_price=ceiling_price,
        solution=found,
    )


def scaled(problem: PlanProblem) -> tuple[float, PlanProblem]:
    """Return a unit of money, and the problem in that unit and amounts of like size: same plans, same prices.

    The solver's tolerances are absolute, so that a problem told in billions would be another than one in millions.
    """
    loss = problem.probability @ np.einsum("wmyk,wmyk,y->w", problem.amount, problem.value, problem.discount)
    unit = max(float(loss), float((problem.cost * problem.lot[:, None]).max(initial=0.0))) / SCALE or 1.0
    size = float(problem.amount.max(initial=0.0)) / SCALE or 1.0
    return unit, replace(
        problem,
        cost=problem.cost / unit,
        running=problem.running / unit,
        outlay=problem.paid / unit,
        running_outlay=problem.running_paid / unit,
        refill=problem.refill * (size / unit),
        budget=problem.budget / unit,
        ceiling=problem.ceiling / unit,
        absorb=problem.absorb / unit,
        averted=_without_dust(problem.averted / size),
        amount=_without_dust(problem.amount / size),
        value=problem.value * (size / unit),
    )


def _without_dust(amount: Floats) -> Floats:
    """Return amounts without those that the solver cannot tell from nothing."""
    return np.where(np.abs(amount) < DUST, 0.0, amount)


def program(
    problem: PlanProblem, aim: Objective, *, held: Floats | None = None, made: Program | None = None
) -> tuple[Program, dict[str, Ints]]:
    """Return the programme of a problem and an aim, and positions of its columns and rows.

    held (I, Y) units started, to leave only the second stage;  else they are chosen
    made   a programme to which it is added;  else a new one
    """
    made, years = made or Program(), len(problem.budget)
    at = _first_stage(made, problem, held)
    if held is None:
        _limits(made, problem, at)
    told, more = steps_told(problem)
    scenario, mineral, year, _ = np.nonzero(told)
    amount, value = problem.amount[told], problem.value[told]
    worth = value * problem.discount[year]
    most = np.where(more[told], np.inf, amount)
    left = made.variables(
        "uncovered", (len(amount),), upper=most, cost=aim.expected * problem.probability[scenario] * worth
    )
    at["uncovered"] = left
    flat = np.ravel_multi_index((scenario, mineral, year), problem.amount.shape[:3])
    asked, row_of = np.unique(flat, return_inverse=True)
    who, what, when = np.unravel_index(asked, problem.amount.shape[:3])
    rows = made.rows(
        "cover",
        (len(asked),),
        lower=np.bincount(row_of, amount, minlength=len(asked)),
        label=lambda place: (
            f"{problem.name('mineral', int(what[place[0]]))}, {problem.name('year', int(when[place[0]]))}"
        ),
    )
    made.fill(rows[row_of], left, 1.0)
    for pair in range(len(problem.measure)):
        here = np.flatnonzero(what == problem.mineral[pair])
        per_unit = problem.averted[..., pair, :]
        per_unit = per_unit[who[here], when[here]] if problem.averted.ndim == 3 else per_unit[when[here]]
        placed = at["in_place"][problem.measure[pair], when[here]]
        if not problem.store[pair]:
            made.fill(rows[here], placed, per_unit)
            continue
        once = np.isnan(problem.refill[pair])
        again = (0.0 if once else problem.refill[pair]) * problem.discount
        weighed = aim.expected * problem.probability[:, None] * again
        release = made.variables("release", (len(problem.probability), years), upper=np.inf, cost=weighed)
        at[f"release {pair}"] = release
        made.fill(rows[here], release[who[here], when[here]], 1.0)
        stock = made.rows("store", release.shape, upper=0.0)
        for past in range(years if once else 1):
            made.fill(stock[:, past:], release[:, : years - past], 1.0)
        held_back = np.broadcast_to(problem.averted[..., pair, :], release.shape)
        made.fill(stock, at["in_place"][problem.measure[pair]], -held_back)
    _tail(made, problem, aim, _Lost(scenario, left, worth, _bought_again(problem, at)))
    return made, at


def steps_told(problem: PlanProblem) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which steps of loss (W, M, Y, K) have a column, and which of them can be larger than they are.

    A cover below 0 adds to the dearest step, be it nothing without the measure.
    """
    more = np.zeros(problem.amount.shape, dtype=bool)
    shape = (len(problem.probability), len(problem.measure), len(problem.budget))
    below = np.broadcast_to(problem.averted, shape) < 0
    for pair in np.flatnonzero(below.any(axis=(0, 2))).tolist():
        who, when = np.nonzero(below[:, pair])
        m = problem.mineral[pair]
        more[who, m, when, problem.value[who, m, when].argmax(axis=1)] = True
    return (problem.amount > 0) | more, more


def _first_stage(made: Program, problem: PlanProblem, held: Floats | None) -> dict[str, Ints]:
    """Add what is started and what is in place; return their positions."""
    count, years = problem.cost.shape
    lot = problem.lot

    def label(place: tuple[int, ...]) -> str:
        return f"{problem.name('measure', place[0])}, {problem.name('year', place[1])}"

    most = np.minimum(problem.pace, problem.limit[:, None]) / lot[:, None]
    most = np.where(problem.lump[:, None] > 0, np.floor(most + 1e-9), most)
    fixed = None if held is None else held / lot[:, None]
    start = made.variables(
        "start",
        (count, years),
        lower=0.0 if fixed is None else fixed,
        upper=most if fixed is None else fixed,
        cost=problem.cost * lot[:, None] * problem.discount,
        whole=(problem.lump > 0)[:, None] & (held is None),
        label=label,
    )
    placed = made.variables(
        "in place",
        (count, years),
        upper=problem.most if held is None else np.inf,
        cost=problem.running * problem.discount,
        label=label,
    )
    rows = made.rows("arrival", (count, years), lower=0.0, upper=0.0, label=label, identity=True)
    made.fill(rows, placed, 1.0)
    made.fill(rows[:, 1:], placed[:, :-1], -1.0)
    which, when = np.nonzero(np.arange(years) >= problem.lead[:, None])
    made.fill(rows[which, when], start[which, when - problem.lead[which]], -lot[which])
    return {"start": start, "in_place": placed}


def _limits(made: Program, problem: PlanProblem, at: dict[str, Ints]) -> None:
    """Add budgets, ceilings, absorption, sizes, needs of one measure for another, and targets."""
    years, parts, lot = len(problem.budget), len(problem.ceiling), problem.lot
    price = problem.paid * lot[:, None]
    spent = np.cumsum(problem.budget) if problem.carry else problem.budget
    at["budget"] = made.rows("budget", (years,), upper=spent, label=lambda place: problem.name("year", place[0]))
    at["ceiling"] = made.rows(
        "ceiling", (parts,), upper=problem.ceiling, label=lambda place: problem.name("component", place[0])
    )
    absorb = made.rows(
        "absorption",
        (parts, years),
        upper=problem.absorb,
        label=lambda place: f"{problem.name('component', place[0])}, {problem.name('year', place[1])}",
    )
    for columns, money in ((at["start"], price), (at["in_place"], problem.running_paid)):
        for later in range(years if problem.carry else 1):
            made.fill(at["budget"][later:], columns[:, : years - later], money[:, : years - later])
        made.fill(at["ceiling"][problem.component][:, None], columns, money)
        made.fill(absorb[problem.component], columns, money)
    limit = made.rows("limit", (len(lot),), upper=problem.limit, label=lambda place: problem.name("measure", place[0]))
    made.fill(limit[:, None], at["start"], lot[:, None])
    for one, other, ratio in problem.needs:
        rows = made.rows(
            f"{problem.name('measure', one)} needs {problem.name('measure', other)}",
            (years,),
            upper=0.0,
            label=lambda place: problem.name("year", place[0]),
        )
        made.fill(rows, at["in_place"][one], 1.0)
        made.fill(rows, at["in_place"][other], -ratio)
    for one, other, ratio in problem.gates:
        rows = made.rows(
            f"{problem.name('measure', one)} after {problem.name('measure', other)}",
            (years,),
            upper=0.0,
            label=lambda place: problem.name("year", place[0]),
        )
        for later in range(years):
            made.fill(rows[later:], at["start"][one, : years - later], lot[one])
        made.fill(rows, at["in_place"][other], -ratio)
    target = made.rows(
        "target",
        problem.need.shape,
        lower=problem.need,
        label=lambda place: f"{problem.name('target', place[0])}, {problem.name('year', place[1])}",
    )
    made.fill(target[:, None, :], at["in_place"], problem.secured[:, :, None])


@dataclass(frozen=True, slots=True)
class _Lost:
    """What a scenario loses: what is uncovered of its steps at their worth, and stock bought again at its refill.

    scenario, left, worth (N,)   position of the scenario, column, money a unit of each step
    again    (columns of releases (W, Y), money a unit (Y,)) of each stock that is bought again
    """

    scenario: Ints
    left: Ints
    worth: Floats
    again: list[tuple[Ints, Floats]]

    def fill(self, made: Program, rows: Ints, weight: Floats) -> None:
        """Add the loss of each scenario times its weight (W,) to its row (W,)."""
        made.fill(rows[self.scenario], self.left, weight[self.scenario] * self.worth)
        for release, money in self.again:
            made.fill(rows[:, None], release, weight[:, None] * money)


def _bought_again(problem: PlanProblem, at: dict[str, Ints]) -> list[tuple[Ints, Floats]]:
    """Return the releases of each stock that is bought again, and what a unit costs by year, discounted."""
    pairs = np.flatnonzero(problem.store & ~np.isnan(problem.refill)).tolist()
    return [(at[f"release {pair}"], problem.refill[pair] * problem.discount) for pair in pairs]


def _tail(made: Program, problem: PlanProblem, aim: Objective, lost: _Lost) -> None:
    """Add CVaR to the objective where it has a weight, and the ceilings on expected loss and CVaR."""
    weight = problem.probability
    if np.isfinite(aim.loss):
        expected = made.rows("expected loss", (), upper=aim.loss)
        lost.fill(made, np.broadcast_to(expected, weight.shape), weight)
    if aim.tail == 0 and not np.isfinite(aim.tail_loss):
        return
    share = weight / (1 - aim.level)
    threshold = made.variables("threshold", (), cost=aim.tail)
    beyond = made.variables("beyond", weight.shape, cost=aim.tail * share)
    rows = made.rows("beyond", weight.shape, lower=0.0)
    made.fill(rows, beyond, 1.0)
    made.fill(rows, threshold, 1.0)
    lost.fill(made, rows, -np.ones(weight.shape))
    if np.isfinite(aim.tail_loss):
        ceiling = made.rows("tail loss", (), upper=aim.tail_loss)
        made.fill(ceiling, threshold, 1.0)
        made.fill(ceiling, beyond, share)


def losses(problem: PlanProblem, started: Floats) -> Floats:
    """Return the loss of every scenario (W,), discounted, under what was started (I, Y), stock bought again included.

    With stocks that are used once each scenario releases them at best, knowing its own course: a linear programme; else
    in closed form.
    """
    if (problem.store & np.isnan(problem.refill)).any():
        made, at = program(problem, Objective(), held=started)
        values = solve(made).values
        told, _ = steps_told(problem)
        scenario, _, year, _ = np.nonzero(told)
        worth = problem.value[told] * problem.discount[year]
        lost = np.bincount(scenario, worth * values[at["uncovered"]], minlength=len(problem.probability))
        again = [values[release] @ money for release, money in _bought_again(problem, at)]
        return np.asarray(sum(again, start=lost), dtype=np.float64)
    return losses_by_mineral(problem, started).sum(axis=1)
