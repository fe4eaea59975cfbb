"""A portfolio problem as arrays, and what a choice of sizes costs and leaves uncovered, in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from khanij.core.errors import StudyError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class PlanProblem:
    """Measures, limits and scenarios as arrays; money in one unit throughout, amounts in the unit of each mineral.

    cost (I, Y) money per unit started;  lead (I,) years until it counts;  limit (I,) largest size over all years
    lump (I,) size of one lump, 0 for any size;  budget (Y,) money, inf for none
    outlay, running_outlay (I, Y) the part of it that budgets, ceilings and absorption limit: all of it if None
    measure, mineral (P,) positions: which measure helps which mineral
    averted (P,), (P, Y) or (W, P, Y) amount that one unit in place covers in a year (of a store: in all); below 0 it
             adds to what is lost, at the value of the dearest step
    amount (W, M, Y, K) what a scenario takes away, by step;  value, broadcast to it, money per amount of the step
    probability (W,), adding up to 1
    running (I, Y) money per unit in place and year;  component (I,) position;  ceiling (C,) money over all years
    absorb (C, Y) money that a component can spend in a year;  pace (I, Y) units that a year can start
    carry    what a year leaves of its budget goes to later years
    discount (Y,) weight of a year's money;  store (P,) whether a pair is a stock
    refill (P,) money per amount drawn of a stock that is bought again within the year; nan for one that is used once
    most (I, Y) largest size in place by year, inf for none
    secured (G, I) amount of a target per unit in place;  need (G, Y) least of it by year, -inf where nothing is asked
    needs    (measure, other, ratio): in place at most ratio times what is in place of the other
    gates    (measure, other, ratio): begun in all at most ratio times what is in place of the other, a stage before it
             of which that part succeeds; nobody has to go on
    labels   names of "measure", "mineral", "year", "component", "target", for messages
    """

    cost: Floats
    lead: Ints
    limit: Floats
    lump: Floats
    budget: Floats
    measure: Ints
    mineral: Ints
    averted: Floats
    amount: Floats
    value: Floats
    probability: Floats
    running: Floats | None = None
    outlay: Floats | None = None
    running_outlay: Floats | None = None
    component: Ints | None = None
    ceiling: Floats | None = None
    absorb: Floats | None = None
    pace: Floats | None = None
    carry: bool = False
    discount: Floats | None = None
    store: NDArray[np.bool_] | None = None
    refill: Floats | None = None
    most: Floats | None = None
    secured: Floats | None = None
    need: Floats | None = None
    needs: Sequence[tuple[int, int, float]] = ()
    gates: Sequence[tuple[int, int, float]] = ()
    labels: dict[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fill what was left out and check shapes and values; raise StudyError with the field's name."""
        count, years = np.shape(self.cost)
        scenarios, minerals, _, _ = np.shape(self.amount)
        pairs = len(self.measure)
        usual = {
            "running": np.zeros((count, years)),
            "component": np.zeros(count, dtype=np.int64),
            "discount": np.ones(years),
            "store": np.zeros(pairs, dtype=bool),
            "refill": np.full(pairs, np.nan),
            "secured": np.zeros((0, count)),
            "need": np.full((0, years), -np.inf),
            "pace": np.full((count, years), np.inf),
            "most": np.full((count, years), np.inf),
        }
        for name, value in usual.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        parts = int(np.max(self.component)) + 1 if self.ceiling is None else len(self.ceiling)
        for name, shape in (("ceiling", (parts,)), ("absorb", (parts, years))):
            if getattr(self, name) is None:
                object.__setattr__(self, name, np.full(shape, np.inf))
        averted = np.asarray(self.averted, dtype=np.float64)
        averted = averted[:, None] if averted.ndim == 1 else averted
        object.__setattr__(self, "averted", np.broadcast_to(averted, (*averted.shape[:-1], years)))
        object.__setattr__(self, "value", np.broadcast_to(np.asarray(self.value, dtype=float), np.shape(self.amount)))
        shapes = {
            **dict.fromkeys(("lead", "limit", "lump", "component"), (count,)),
            **dict.fromkeys(("running", "paid", "running_paid", "pace", "most"), (count, years)),
            **dict.fromkeys(("measure", "mineral", "store", "refill"), (pairs,)),
            **dict.fromkeys(("budget", "discount"), (years,)),
            "averted": (scenarios, pairs, years) if averted.ndim == 3 else (pairs, years),
            "amount": (scenarios, minerals, years, np.shape(self.amount)[3]),
            "probability": (scenarios,),
            "secured": (np.shape(self.need)[0], count),
            "need": (np.shape(self.need)[0], years),
            "ceiling": (parts,),
            "absorb": (parts, years),
        }
        for name, shape in shapes.items():
            if np.shape(getattr(self, name)) != shape:
                raise StudyError(f"expected shape {shape}, got {np.shape(getattr(self, name))}", where=name)
        _check(self)

    @property
    def paid(self) -> Floats:
        """The money (I, Y) per unit started that budgets limit."""
        return self.cost if self.outlay is None else self.outlay

    @property
    def running_paid(self) -> Floats:
        """The money (I, Y) per unit in place and year that budgets limit."""
        return np.asarray(self.running if self.running_outlay is None else self.running_outlay)

    @property
    def lot(self) -> Floats:
        """The size (I,) of one step of a measure: its lump, or 1."""
        return np.where(self.lump > 0, self.lump, 1.0)

    def name(self, kind: str, position: int) -> str:
        """Return the label of a measure, mineral, year or component, or its position in words."""
        listed = self.labels.get(kind, ())
        return str(listed[position]) if position < len(listed) else f"{kind} {position}"

    def subset(self, scenarios: Ints, probability: Floats) -> PlanProblem:
        """Return the same problem over some of its scenarios, with new probabilities."""
        averted = self.averted[scenarios] if self.averted.ndim == 3 else self.averted
        return replace(
            self,
            averted=averted,
            amount=self.amount[scenarios],
            value=self.value[scenarios],
            probability=np.asarray(probability, dtype=np.float64),
        )


def import_ceiling(demand: Floats, home: Floats, share: Floats) -> Floats:
    """Return what measures must add at home for imports to stay within a share of demand: the `need` of a portfolio.

    demand, home (G, Y) amounts, home without measures;  share broadcast to (G, Y), nan for no ceiling
    returns demand (1 - share) - home (G, Y), -inf where nothing is asked
    Raises StudyError where a ceiling meets a demand or supply that is not known.
    """
    need = demand * (1 - share) - home
    asked = ~np.isnan(np.broadcast_to(share, need.shape))
    if np.isnan(need[asked]).any():
        raise StudyError(
            "an import ceiling needs demand and home supply", where="need", hint="give them, or no ceiling"
        )
    return np.where(asked, need, -np.inf)


def in_place(problem: PlanProblem, started: Floats) -> Floats:
    """Return what is in place (I, Y) of what was started (I, Y), after the lead times."""
    years = len(problem.budget)
    shifted = np.zeros(started.shape)
    for which, lead in enumerate(problem.lead):
        shifted[which, lead:] = started[which, : max(years - lead, 0)]
    return np.cumsum(shifted, axis=1)


def spend(problem: PlanProblem, started: Floats) -> Floats:
    """Return the money that budgets limit by component and year (C, Y), undiscounted, of what was started (I, Y)."""
    money = problem.paid * started + problem.running_paid * in_place(problem, started)
    total = np.zeros(problem.absorb.shape)
    np.add.at(total, problem.component, money)
    return total


def cost(problem: PlanProblem, started: Floats) -> float:
    """Return what the objective charges for what was started (I, Y): Σ_iy δ_y (c_iy n_iy + r_iy Z_iy), money."""
    money = problem.cost * started + problem.running * in_place(problem, started)
    return float(money.sum(axis=0) @ problem.discount)


def losses_by_mineral(problem: PlanProblem, started: Floats) -> Floats:
    """Return the loss by scenario and mineral (W, M), discounted, where no pair is a stock that is used once.

    A stock that is bought again is drawn after all that is free, the cheapest first, where a step is worth more than
    its refill; the refill is part of the loss.
    """
    placed = in_place(problem, started)[problem.measure]
    cover = np.broadcast_to(problem.averted * placed, (len(problem.probability), *placed.shape))
    order = np.argsort(-problem.value, axis=3, kind="stable")
    amount = np.take_along_axis(problem.amount, order, axis=3)
    value = np.take_along_axis(problem.value, order, axis=3)
    free = np.zeros(problem.amount.shape[:3])
    held = np.flatnonzero(~problem.store)
    np.add.at(free, (slice(None), problem.mineral[held]), cover[:, held])
    before = np.cumsum(amount, axis=3) - amount
    left = amount - np.clip(free[..., None] - before, 0.0, amount)
    left[..., 0] += np.maximum(-free, 0.0)
    lost = np.einsum("wmyk,wmyk,y->wm", left, value, problem.discount)
    for pair in np.flatnonzero(problem.store)[np.argsort(problem.refill[problem.store], kind="stable")]:
        m, price = problem.mineral[pair], problem.refill[pair]
        room, got = left[:, m], cover[:, pair].copy()
        for k in range(room.shape[2]):  # the dearest step first
            drawn = np.where(value[:, m, :, k] > price, np.minimum(got, room[..., k]), 0.0)
            lost[:, m] -= (drawn * (value[:, m, :, k] - price)) @ problem.discount
            room[..., k] -= drawn
            got -= drawn
    return lost


def credit(problem: PlanProblem, started: Floats) -> Floats:
    """Return the expected loss by mineral (I, M) that comes back when one measure alone is left out of a plan."""
    base = problem.probability @ losses_by_mineral(problem, started)
    without = np.zeros((len(started), len(base)))
    for which in np.flatnonzero(started.any(axis=1)):
        less = started.copy()
        less[which] = 0.0
        without[which] = problem.probability @ losses_by_mineral(problem, less) - base
    return without


def quantile(loss: Floats, probability: Floats, level: float) -> float:
    """Return the least loss that at least `level` of the probability does not exceed: value at risk."""
    order = np.argsort(loss, kind="stable")
    at = np.searchsorted(np.cumsum(probability[order]), level - 1e-12)
    return float(loss[order][min(at, len(loss) - 1)])


def tail_mean(loss: Floats, probability: Floats, level: float) -> float:
    """Return CVaR, the mean of the worst 1 - level of a distribution: η + E[(L - η)^+] / (1 - level), η its quantile.

    loss (W,) money;  probability (W,), adding up to 1;  level in [0, 1)
    """
    threshold = quantile(loss, probability, level)
    return float(threshold + probability @ np.maximum(loss - threshold, 0.0) / (1 - level))


def _check(problem: PlanProblem) -> None:
    """Raise StudyError on values that cannot be."""
    wrong = {
        "cost": not np.isfinite(problem.cost).all(),
        "lead": bool((problem.lead < 0).any()),
        "limit": bool((problem.limit < 0).any() or np.isnan(problem.limit).any()),
        "most": bool((problem.most < 0).any() or np.isnan(problem.most).any()),
        "need": bool(np.isnan(problem.need).any()) or not np.isfinite(problem.secured).all(),
        "lump": bool((problem.lump < 0).any()),
        "budget": bool(np.isnan(problem.budget).any()),
        "averted": not np.isfinite(problem.averted).all(),
        "amount": not np.isfinite(problem.amount).all() or bool((problem.amount < 0).any()),
        "value": not np.isfinite(problem.value).all() or bool((problem.value < 0).any()),
        "probability": bool((problem.probability < 0).any()) or abs(problem.probability.sum() - 1) > 1e-9,
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise StudyError("values are missing, negative or do not add up", where=name)
