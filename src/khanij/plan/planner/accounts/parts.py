"""The parts of a programme: what a plan gives each, and by how much what it leaves misses its cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan

from khanij.plan.planner.accounts.account import begun_measures
from khanij.plan.planner.accounts.margins import NextLot
from khanij.plan.planner.options import StageOption
from khanij.plan.planner.results import PlanResult

ALL = "all"


@dataclass(frozen=True, slots=True)
class PartAccount:
    """One component of a programme, or the measures that count toward one target; money of the plan.

    spent     public money      capital  money of everybody      begun  measures begun, by id
    ceiling   of the component, inf if none
    best      the lot of it that comes nearest to its cost, beside all that is begun; None if it has no measure
    option    the search of it that is nearest to its cost, whose mine comes after the years that count; None if none
    measures  how many it chooses from
    needed    what it would have to avert in each year that counts for its whole ceiling to pay, nan without a ceiling
    """

    name: str
    spent: float
    capital: float
    ceiling: float
    begun: tuple[str, ...]
    best: NextLot | None
    option: StageOption | None
    measures: int
    needed: float = nan

    @property
    def has_none(self) -> bool:
        """Return whether it has neither a measure nor a search."""
        return self.best is None and self.option is None


def part_accounts(
    done: PlanResult, lots: Sequence[NextLot], targets: Mapping[str, str] | None = None
) -> tuple[PartAccount, ...]:
    """Return every component of the plan, and after them the measures of each target.

    lots     what one more lot of each measure would buy      targets  name of a target -> measure of the catalogue
    """
    found = []
    for c, name in enumerate(done.problem.labels["component"]):
        inside = {one.measure.id for one in done.values if one.measure.component == name}
        found.append(_account(done, lots, name, inside, float(done.problem.ceiling[c])))
    for name, measure in (targets or {}).items():
        inside = {one.measure.id for one in done.values if one.measure.catalogued == measure}
        found.append(_account(done, lots, name, inside, float("inf")))
    return tuple(found)


def _account(done: PlanResult, lots: Sequence[NextLot], name: str, inside: set[str], ceiling: float) -> PartAccount:
    """Return the account of some measures."""
    begun = [one for one in begun_measures(done) if one.value.measure.id in inside]
    running = {
        one.measure.id: float(placed[: done.terms.count].sum()) * done.terms.currency.of(one.measure.running.best)
        for one, placed in zip(done.values, done.plan.in_place, strict=True)
        if one.measure.id in inside
    }
    mine = [one for one in lots if one.value.measure.id in inside and one.value.measure.levers]
    options = [one for one in done.options if one.first.measure.id in inside]
    return PartAccount(
        name=name,
        spent=sum(one.outlay for one in begun) + sum(running.values()),
        capital=sum(one.cost for one in begun),
        ceiling=ceiling,
        begun=tuple(dict.fromkeys(one.value.measure.id for one in begun)),
        best=min(mine, key=lambda one: (one.why != "", one.times, one.value.measure.id), default=None),
        option=min(options, key=lambda one: (one.times, one.first.measure.id), default=None),
        measures=len(inside),
        needed=done.terms.public_funds * ceiling / float(done.terms.singly.sum()) if isfinite(ceiling) else nan,
    )
