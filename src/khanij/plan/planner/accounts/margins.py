"""What one more lot of each measure would buy beside a plan, and what would have to be true for it to be begun."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from khanij.core.cube import Floats
from khanij.plan.measures.value import MeasureValue
from khanij.plan.planner.results import NEGLIGIBLE, PlanResult
from khanij.plan.portfolio.problem import PlanProblem, cost, in_place, losses_by_mineral

TRIAL = 0.25  # of a measure that can be begun in any part
BEYOND = "it cannot stand before the years of spending end"
FULL = "all of it that need, scrap or builders allow is begun"
NEEDED = "what it stands on is not begun"


@dataclass(frozen=True, slots=True)
class NextLot:
    """One more lot of a measure in the first year in which it can be begun, beside all that a plan begins.

    averted  fall of expected loss, discounted      charged  what it costs the economy      outlay  public money
    why      "" or why there can be no more of it   with_first  id of the stage that is begun with it
    """

    value: MeasureValue
    averted: float
    charged: float
    outlay: float
    why: str = ""
    with_first: str = ""

    @property
    def gain(self) -> float:
        """Return what it brings beyond its cost."""
        return self.averted - self.charged

    @property
    def per_outlay(self) -> float:
        """Return the gain by one unit of public money; nan where it takes none or cannot be begun."""
        return self.gain / self.outlay if self.outlay > 0 and not self.why else float("nan")

    @property
    def times(self) -> float:
        """Return how many times what it averts would pay for it; inf if nothing would."""
        if self.charged <= 0:
            return 0.0
        return self.charged / self.averted if self.averted > 0 else float("inf")


@dataclass(slots=True)
class Trials:
    """Expected losses of plans that differ from one plan in few measures, mineral by mineral."""

    problem: PlanProblem
    started: Floats
    parts: dict[int, PlanProblem] = field(default_factory=dict)
    known: dict[int, float] = field(default_factory=dict)

    def averted(self, changed: Floats, measures: list[int]) -> float:
        """Return the fall of expected loss if these measures are begun as `changed` (I, Y) has it."""
        touched = {int(m) for p, m in enumerate(self.problem.mineral) if self.problem.measure[p] in measures}
        return sum(self._before(m) - self._loss(m, changed) for m in sorted(touched))

    def _before(self, mineral: int) -> float:
        """Return the expected loss of a mineral under the plan."""
        if mineral not in self.known:
            self.known[mineral] = self._loss(mineral, self.started)
        return self.known[mineral]

    def _loss(self, mineral: int, started: Floats) -> float:
        """Return the expected loss of a mineral."""
        part = self.parts.setdefault(mineral, only(self.problem, mineral))
        return float(part.probability @ losses_by_mineral(part, started)[:, 0])


def only(problem: PlanProblem, mineral: int) -> PlanProblem:
    """Return the problem of one mineral alone."""
    pairs = np.flatnonzero(problem.mineral == mineral)
    here = slice(mineral, mineral + 1)
    return replace(
        problem,
        measure=problem.measure[pairs],
        mineral=np.zeros(len(pairs), dtype=np.int64),
        averted=problem.averted[..., pairs, :],
        store=problem.store[pairs],
        refill=problem.refill[pairs],
        amount=problem.amount[:, here],
        value=problem.value[:, here],
    )


def next_lots(done: PlanResult) -> tuple[NextLot, ...]:
    """Return one more lot of each measure beside the plan, those that gain most by public money first.

    Budgets and ceilings are not looked at: what they keep out is seen by its gain.
    """
    trials = Trials(done.problem, done.plan.started)
    found = [_next_lot(done, trials, i) for i in range(len(done.values))]
    return tuple(sorted(found, key=_rank))


def _rank(one: NextLot) -> tuple[bool, float, str]:
    """Return where a lot stands: by its gain by public money, those that cannot be begun behind."""
    ratio = one.per_outlay
    return (one.why != "", -(ratio if np.isfinite(ratio) else -np.inf), one.value.measure.id)


def _next_lot(done: PlanResult, trials: Trials, i: int) -> NextLot:
    """Return one more lot of a measure."""
    problem, value = done.problem, done.values[i]
    lot = float(problem.lump[i]) or TRIAL
    changed, touched, why = done.plan.started.copy(), [i], ""
    place = {one.measure.id: n for n, one in enumerate(done.values)}
    year, first = 0, ""
    after = next(((j, ratio) for k, j, ratio in problem.gates if k == i), None)
    if after is not None:
        j, ratio = after
        room = ratio * in_place(problem, changed)[j] - np.cumsum(changed[i])
        if (room[: done.terms.count] < lot - NEGLIGIBLE).all():
            first = done.values[j].measure.id
            changed[j, 0] += lot / ratio
            touched.append(j)
            year = int(problem.lead[j])
        else:
            year = int(np.argmax(room >= lot - NEGLIGIBLE))
    if year >= done.terms.count or year + int(problem.lead[i]) >= changed.shape[1]:
        why, year = BEYOND, min(year, done.terms.count - 1)
    needs = place.get(value.measure.needs)
    if needs is not None and in_place(problem, changed)[needs].max() < changed[i].sum() + lot - NEGLIGIBLE:
        why = why or NEEDED
    changed[i, year] += lot
    if (in_place(problem, changed)[i] > problem.most[i] + NEGLIGIBLE).all() or changed[i].sum() > problem.limit[
        i
    ] + NEGLIGIBLE:
        why = why or FULL
    more = changed - done.plan.started
    outlay = float((problem.paid * more).sum())
    charged = cost(problem, changed) - cost(problem, done.plan.started)
    return NextLot(value, trials.averted(changed, touched), charged, outlay, why, first)
