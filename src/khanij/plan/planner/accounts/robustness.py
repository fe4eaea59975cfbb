"""How far a plan holds in numbers: other budgets and inputs, other draws, other methods, measures at their ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from khanij.plan.measures.value import AvertedAtEnds, MeasureValue
from khanij.plan.planner import regrets
from khanij.plan.planner.choice import NO_MEASURE, THIS_PLAN
from khanij.plan.planner.results import NEGLIGIBLE, PlanResult, Variant, begun_of


@dataclass(frozen=True, slots=True)
class VariantChange:
    """The same question asked otherwise, beside the plan: ids of measures begun, and dropped and added against it."""

    variant: Variant
    begun: tuple[str, ...]
    dropped: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def spent(self) -> float:
        """Return what it spends over all years, undiscounted."""
        return float(self.variant.plan.spend.sum())

    @property
    def cost_and_loss(self) -> float:
        """Return discounted cost and expected loss out of sample."""
        return self.variant.plan.cost + self.variant.check.expected


@dataclass(frozen=True, slots=True)
class MeasureAtEnds:
    """What a measure averts a year with its levers at the ends of their ranges, money of the plan.

    moved  parameters that have a range
    """

    value: MeasureValue
    best: float
    ends: AvertedAtEnds
    moved: tuple[str, ...]

    @property
    def width(self) -> float:
        """Return how far it moves."""
        return abs(self.ends.high - self.ends.low)


@dataclass(frozen=True, slots=True)
class MethodOutcome:
    """The plan as one method has the world, money over all years, discounted.

    regret  how much dearer it is than the cheapest of all plans compared      cheapest  which that is
    """

    method: str
    loss_without: float
    loss_with: float
    cost: float
    regret: float
    cheapest: str

    @property
    def averted(self) -> float:
        """Return the loss averted."""
        return self.loss_without - self.loss_with

    @property
    def pays(self) -> bool:
        """Return whether it averts more than it costs."""
        return self.averted > self.cost


@dataclass(frozen=True, slots=True)
class CandidateRegret:
    """How much dearer a plan is than the cheapest, method by method, money over all years, discounted."""

    name: str
    cost: float
    by_method: tuple[tuple[str, float], ...]

    @property
    def at_worst(self) -> float:
        """Return the largest regret."""
        return max(regret for _, regret in self.by_method)


@dataclass(frozen=True, slots=True)
class DrawRegret:
    """A plan made on one draw of scenarios beside those made on others; draw 0 is the plan itself.

    best_in  part of the scenarios in which none of them is cheaper
    """

    draw: int
    mean: float
    largest: float
    best_in: float


def change_of(done: PlanResult, variants: Iterable[Variant]) -> tuple[VariantChange, ...]:
    """Return what each variant begins, and what it drops and adds against the plan."""
    usual = {one.measure.id for one in done.begun}
    found = []
    for one in variants:
        own = [value.measure.id for value in begun_of(done.values, one.plan)]
        dropped, added = sorted(usual - {*own}), sorted({*own} - usual)
        found.append(VariantChange(one, tuple(own), tuple(dropped), tuple(added)))
    return tuple(found)


def measures_at_ends(done: PlanResult) -> tuple[MeasureAtEnds, ...]:
    """Return the measures that are begun at the ends of their ranges, those that move most first."""
    money = done.terms.currency.of
    found = [
        MeasureAtEnds(
            one, money(one.estimate.expected), AvertedAtEnds(money(ends.low), money(ends.high)), one.measure.ranged()
        )
        for one in done.values
        if (ends := done.at_ends.get(one.measure.id)) is not None
    ]
    return tuple(sorted(found, key=lambda one: -one.width))


def by_method(done: PlanResult) -> tuple[MethodOutcome, ...]:
    """Return what all years cost with and without the plan as each method has it; none where it was not compared."""
    table = done.regrets
    if table is None:
        return ()
    names, regret = table.candidates.names, table.regret
    plan = names.index(THIS_PLAN)
    nothing = names.index(NO_MEASURE) if NO_MEASURE in names else plan  # the plan shown begins nothing
    return tuple(
        MethodOutcome(
            state,
            float(table.loss[nothing, s]),
            float(table.loss[plan, s]),
            float(table.candidates.cost[plan]),
            float(regret[plan, s]),
            names[int(regret[:, s].argmin())],
        )
        for s, state in enumerate(table.states)
    )


def candidate_regrets(done: PlanResult) -> tuple[CandidateRegret, ...]:
    """Return the regret of each plan compared, least at worst first."""
    table = done.regrets
    if table is None:
        return ()
    found = [
        CandidateRegret(
            name, float(table.candidates.cost[p]), tuple(zip(table.states, table.regret[p].tolist(), strict=True))
        )
        for p, name in enumerate(table.candidates.names)
    ]
    return tuple(sorted(found, key=lambda one: one.at_worst))


def draw_regrets(done: PlanResult) -> tuple[DrawRegret, ...]:
    """Return how much dearer the plan is than others made on other draws, out of sample."""
    if done.draw_regret is None:
        return ()
    alone = len(done.draw_regret) == 1
    return tuple(
        DrawRegret(
            n,
            float(row.mean()),
            float(row.max()),
            float((row <= row.min() + NEGLIGIBLE).mean() if alone else (row <= 0).mean()),
        )
        for n, row in enumerate(done.draw_regret)
    )


def compared_years(done: PlanResult) -> int:
    """Return how many simulated years the comparison across methods is a mean of."""
    return min(regrets.YEARS, done.base.years)
