"""What a plan is made with and what comes of it: settings, the plan, its check, the same asked otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from khanij.core.cube import Floats
from khanij.plan.measures.value import AvertedAtEnds, MeasureValue
from khanij.plan.planner.options import StageOption
from khanij.plan.planner.regrets import RegretTable
from khanij.plan.planner.sample import LossSample, plan_problem
from khanij.plan.planner.terms import PlanTerms
from khanij.plan.portfolio import scenarios as sampling
from khanij.plan.portfolio.choose import Objective, Portfolio
from khanij.plan.portfolio.problem import PlanProblem
from khanij.plan.portfolio.scenarios import OutOfSampleCheck, Reduction
from khanij.plan.portfolio.worlds import PolicyCheck, Recourse, Worlds
from khanij.simulate.risk.averted import Estimate
from khanij.simulate.risk.baseline import Baseline

DRAWN = 400  # scenarios drawn for the search
FRESH = 500  # paths of years that the search did not see, for the tail; the mean is taken over all of those years
NEGLIGIBLE = 1e-6  # part of a measure below which it is not begun
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How long to search: scenarios drawn, kept of them (0 = all) and fresh; gap and seconds of one solve."""

    drawn: int = DRAWN
    kept: int = 0
    fresh: int = FRESH
    gap: float = 0.01
    seconds: float = 120.0
    threads: int = 1  # more may find another of several equally good plans

    @property
    def solving(self) -> dict[str, Any]:
        """Return the settings of one solve."""
        return {"gap": self.gap, "seconds": self.seconds, "threads": self.threads}


@dataclass(frozen=True, slots=True)
class Variant:
    """The same question asked otherwise: its plan and what it does in the years that no search saw.

    times, tail  multiple of the budget, and weight of CVaR
    """

    name: str
    plan: Portfolio
    check: OutOfSampleCheck
    times: float = 1.0
    tail: float = 0.0


@dataclass(frozen=True, slots=True)
class OutOfSample:
    """The half of the simulated years that no search sees.

    paths   scenarios drawn of them, for the tail      singly  each of them standing in every year, for the mean
    """

    paths: PlanProblem
    singly: PlanProblem

    def check(self, started: Floats, level: float) -> OutOfSampleCheck:
        """Return mean and CVaR; the standard error of the mean is that of the years themselves, each counted once."""
        tail, mean = sampling.check(self.paths, started, level), sampling.check(self.singly, started, level)
        return replace(tail, expected=mean.expected, expected_error=mean.expected_error, loss=mean.loss)


@dataclass(frozen=True, slots=True)
class PlanResult:
    """A plan and all that is to be said of it; money in units of terms.currency.

    values         measures that it chooses from, each with its value     unpriced  those whose cost is not known
    sample         simulated years of losses, and what measures avert of them
    problem        what was searched      out_of_sample  years that no search saw      reduction  of scenarios, if any
    plan           what is begun when: of the plans compared the one of least regret at worst (shown: how it was made)
    expected       the plan of least expected cost      worlds  the methods as worlds      candidates  plans compared
    options        searches whose mines come after the years that count
    without, check  years that no search saw without any measure, and with the plan
    joint          what all that is begun averts at once in the market model, at the need of the last year, USD a year
    sum_of_single  the same one by one, added up
    relaxed        shadow price of money by year and by component, if measures could be begun in any part
    Filled by add_frontier() and add_sensitivity() alone:
    frontier, splits, one_at_a_time  the same question asked otherwise
    out_of_reach   names of those under which no plan meets the goals
    at_ends        id of a measure that is begun -> what it averts alone at the ends of its ranges, USD a year
    recourse, policy  the plan that is made again at terms.replan, and what that rule costs on years no search saw
    draw_regret    how much dearer this plan and those made on other draws are, scenario by scenario (P, W)
    regrets        this plan and others in the world of each method
    """

    base: Baseline
    values: tuple[MeasureValue, ...]
    unpriced: tuple[MeasureValue, ...]
    terms: PlanTerms
    objective: Objective
    sample: LossSample
    problem: PlanProblem
    out_of_sample: OutOfSample
    reduction: Reduction | None
    plan: Portfolio
    without: OutOfSampleCheck
    check: OutOfSampleCheck
    joint: Estimate
    sum_of_single: float
    expected: Portfolio
    worlds: Worlds
    options: tuple[StageOption, ...] = ()
    shown: str = ""
    candidates: Mapping[str, Portfolio] = field(default_factory=dict)
    relaxed: tuple[Floats, Floats] | None = None
    frontier: tuple[Variant, ...] = ()
    splits: tuple[Variant, ...] = ()
    one_at_a_time: tuple[Variant, ...] = ()
    out_of_reach: tuple[str, ...] = ()
    at_ends: Mapping[str, AvertedAtEnds] = field(default_factory=dict)
    draw_regret: Floats | None = None
    regrets: RegretTable | None = None
    recourse: Recourse | None = None
    policy: PolicyCheck | None = None

    @property
    def credits(self) -> dict[str, float]:
        """Return id of a search -> what the right to go on from it is worth."""
        return {one.first.measure.id: one.credit for one in self.options}

    @property
    def need(self) -> dict[str, float]:
        """Return material -> need in the last year in which money is spent, by that of the base year."""
        factor = self.terms.grown(self.base.materials)[:, self.terms.count - 1]
        return dict(zip(self.base.materials, factor.tolist(), strict=True))

    @property
    def begun(self) -> tuple[MeasureValue, ...]:
        """Return the measures that the plan begins."""
        return begun_of(self.values, self.plan)


def begun_of(values: Sequence[MeasureValue], plan: Portfolio) -> tuple[MeasureValue, ...]:
    """Return the measures that some plan begins."""
    sizes = plan.started.sum(axis=1)
    return tuple(one for one, size in zip(values, sizes, strict=True) if size > NEGLIGIBLE)


def search_problem(
    years: LossSample,
    values: Sequence[MeasureValue],
    terms: PlanTerms,
    settings: SearchSettings,
    seed: int,
    credits: Mapping[str, float] | None = None,
) -> tuple[PlanProblem, Reduction | None]:
    """Return the problem that is searched, and how its scenarios were reduced, None if they were not."""
    whole = plan_problem(years, values, terms, settings.drawn, seed, credits=credits)
    if not 0 < settings.kept < settings.drawn:
        return whole, None
    kept = sampling.reduce(whole, settings.kept)
    return whole.subset(kept.kept, kept.probability), kept


def out_of_sample(
    years: LossSample,
    values: Sequence[MeasureValue],
    terms: PlanTerms,
    settings: SearchSettings,
    seed: int,
    credits: Mapping[str, float] | None = None,
) -> OutOfSample:
    """Return the years that the search does not see."""
    both = (plan_problem(years, values, terms, count, seed, "out", credits=credits) for count in (settings.fresh, 0))
    return OutOfSample(*both)
