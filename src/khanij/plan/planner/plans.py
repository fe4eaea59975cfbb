"""What to build, how much and when under a budget: a plan against drawn years, checked on years it was not made for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from khanij.core.cube import Floats
from khanij.core.errors import StudyError
from khanij.plan.levers import apply
from khanij.plan.measures import valued as measures
from khanij.plan.measures.options import Measure, moving, sized
from khanij.plan.measures.valued import MeasureValue
from khanij.plan.planner import regrets
from khanij.plan.planner.pool import LossSample, pool, problem
from khanij.plan.planner.regrets import RegretTable
from khanij.plan.planner.terms import PlanTerms
from khanij.plan.portfolio import scenarios as sampling
from khanij.plan.portfolio.choose import Objective, Portfolio, choose, losses, program
from khanij.plan.portfolio.problem import PlanProblem
from khanij.plan.portfolio.program import solve
from khanij.plan.portfolio.scenarios import OutOfSampleCheck, Reduction
from khanij.reference import measures as reference_measures
from khanij.simulate.risk import averted as valuation
from khanij.simulate.risk.averted import Estimate
from khanij.simulate.risk.baseline import Baseline

DRAWN = 400  # scenarios drawn for the search
FRESH = 500  # paths of years that the search did not see, for the tail; the mean is taken over all of those years
FRONTIER = (0.01, 0.03, 0.1, 0.3, 1.0)  # multiples of the budget
TAILS = (0.5, 2.0)  # weights on CVaR beside the plan's own
SEEDS = 3  # plans made on other draws, for regret
SMALL = 1e-6
LIMITED = ("ceilings", "absorb")  # money by component
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

    nothing   unseen years without any measure       check  with the plan
    together  what all that is begun averts at once in the market model, at the need of the last year, USD a year
    apart     the sum of the same one by one
    relaxed   worth of one unit of money more, by year and by component, if measures could be begun in any part
    ends      id of a measure that is begun -> what it averts alone, its levers at the low and high end of what they
              give, USD a year
    """

    base: Baseline
    found: tuple[MeasureValue, ...]
    terms: PlanTerms
    aim: Objective
    problem: PlanProblem
    unseen: OutOfSample
    reduction: Reduction | None
    plan: Portfolio
    check: OutOfSampleCheck
    nothing: OutOfSampleCheck
    together: Estimate
    apart: float
    unpriced: tuple[MeasureValue, ...]
    pool: LossSample
    frontier: tuple[Variant, ...] = ()
    split: tuple[Variant, ...] = ()
    one_at_a_time: tuple[Variant, ...] = ()
    regret: Floats | None = None
    compared: RegretTable | None = None
    relaxed: tuple[Floats, Floats] | None = None
    ends: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def need(self) -> dict[str, float]:
        """Return material -> need in the last year in which money is spent, by that of the base year."""
        factor = self.terms.grown(self.base.materials)[:, self.terms.count - 1]
        return dict(zip(self.base.materials, factor.tolist(), strict=True))


def plan(
    base: Baseline,
    options: Sequence[Measure],
    terms: PlanTerms,
    *,
    aim: Objective | None = None,
    effort: SearchSettings | None = None,
    deep: bool = True,
    say: Say | None = None,
) -> PlanResult:
    """Return the plan of a focus.

    aim     what is minimised; cost + expected loss if None       deep  also frontier, split, regrets, moved inputs
    Measures without a known cost are left out and listed. Raises StudyError where no plan meets the rows, named.
    """
    aim, effort, say = aim or Objective(), effort or SearchSettings(), say or (lambda _: None)
    say(f"valuing {len(options)} measures")
    valued = measures.value_measures(base, options)
    found = tuple(one for one in valued if np.isfinite(one.option.cost[1]))
    unpriced = tuple(one for one in valued if not np.isfinite(one.option.cost[1]))
    years = pool(base, found, terms.currency)
    if not len(years.measure) and not terms.goals:
        raise StudyError("no measure averts any loss", where="plan", hint="other measures, or other minerals")
    say("drawing scenarios")
    made, reduction = _searched(years, found, terms, effort, base.seed)
    unseen = _unseen(years, found, terms, effort, base.seed)
    say("choosing")
    chosen = choose(made, aim, **_solving(effort))
    done = PlanResult(
        base=base,
        found=found,
        terms=terms,
        aim=aim,
        problem=made,
        unseen=unseen,
        reduction=reduction,
        plan=chosen,
        check=unseen.check(chosen.started, aim.level),
        nothing=unseen.check(np.zeros_like(chosen.started), aim.level),
        together=Estimate(0.0, 0.0, 0.0, 0.0, 1.0),
        apart=0.0,
        unpriced=unpriced,
        pool=years,
        relaxed=prices(made, aim, effort),
    )
    together, apart = joint_effect(done)
    done = replace(done, together=together, apart=apart)
    if deep:
        done = with_sensitivity(done, effort, say)
    return done


def _searched(
    years: LossSample, found: Sequence[MeasureValue], terms: PlanTerms, effort: SearchSettings, seed: int
) -> tuple[PlanProblem, Reduction | None]:
    """Return the problem that is searched, and how its scenarios were reduced, None if they were not."""
    whole = problem(years, found, terms, effort.drawn, seed)
    if not 0 < effort.kept < effort.drawn:
        return whole, None
    kept = sampling.reduce(whole, effort.kept)
    return whole.subset(kept.kept, kept.probability), kept


def _unseen(
    years: LossSample, found: Sequence[MeasureValue], terms: PlanTerms, effort: SearchSettings, seed: int
) -> OutOfSample:
    """Return the years that the search does not see."""
    return OutOfSample(*(problem(years, found, terms, count, seed, "out") for count in (effort.fresh, 0)))


def prices(made: PlanProblem, aim: Objective, effort: SearchSettings) -> tuple[Floats, Floats]:
    """Return what one unit of money more is worth by year and by component, if measures came in any part."""
    rows, at = program(made, aim)
    duals = solve(rows, relax=True, threads=effort.threads).duals
    each = -duals[at["budget"]] + 0.0
    return (np.cumsum(each[::-1])[::-1] if made.carry else each), -duals[at["ceiling"]] + 0.0


def _solving(effort: SearchSettings) -> dict[str, Any]:
    """Return the settings of a solve."""
    return {"gap": effort.gap, "seconds": effort.seconds, "threads": effort.threads}


def joint_effect(done: PlanResult) -> tuple[Estimate, float]:
    """Return what all that is begun averts at once in the market model, and the sum one by one, USD a year.

    All of it works, in the size that is begun, at the need of the last year in which money is spent.
    """
    begun, need = done.plan.started.sum(axis=1), done.need
    taken = [(one.option, float(size)) for one, size in zip(done.found, begun, strict=True) if size > SMALL]
    apart = float(sum(size * one.figure.expected for one, size in zip(done.found, begun, strict=True)))
    if not taken:
        return Estimate(0.0, 0.0, 0.0, 0.0, 1.0), 0.0
    levers = [lever for one, size in taken for lever in sized(one, size / need.get(one.materials[0], 1.0))]
    materials = dict.fromkeys(m for one, _ in taken for m in measures.touched(one))
    found = valuation.averted_loss(done.base, apply(done.base.case, levers).case, materials)
    return valuation.estimate(done.base, found, need), apart


def with_sensitivity(done: PlanResult, effort: SearchSettings, say: Say) -> PlanResult:
    """Return the plan with frontier, the programme's own split, regrets over draws and methods, and moved inputs."""
    aim, solving = done.aim, _solving(effort) | {"prices": False}
    say("frontier over the budget and over the weight of the tail")
    ahead = frontier(done, effort, TAILS)
    say("the programme's own split")
    split = []
    for name, given in (("ceilings of the programme", done.terms.ceilings), ("one purse", {})):
        if given or name == "one purse":
            split.append(_replan(done, name, replace(done.terms, ceilings=given), effort))
    say("plans made on other draws")
    plans = [done.plan]
    for step in range(1, SEEDS + 1):
        other = problem(done.pool, done.found, done.terms, effort.drawn, done.base.seed + 1000 * step)
        plans.append(choose(other, aim, **solving))
    loss = np.stack([losses(done.unseen.paths, one.started) for one in plans])
    regret = sampling.regret(np.array([one.cost for one in plans]), loss)
    say("inputs moved to the ends of their ranges")
    done = replace(
        done,
        ends=ends(done),
        frontier=ahead,
        split=tuple(split),
        regret=regret,
        one_at_a_time=one_at_a_time(done, effort),
    )
    say("other methods and chances")
    return replace(done, compared=compared(done, effort))


def ends(done: PlanResult) -> dict[str, tuple[float, float]]:
    """Return what each measure that is begun averts alone at the ends of its ranges, USD a year."""
    begun = done.plan.started.sum(axis=1) > SMALL
    found = {}
    for one in (one for one, yes in zip(done.found, begun, strict=True) if yes and moving(one.option)):
        low, high = (measures.value_measure(done.base, one.option.at(end)).figure.expected for end in ("low", "high"))
        found[one.option.id] = (low, high)
    return found


def frontier(done: PlanResult, effort: SearchSettings, tails: Sequence[float] = ()) -> tuple[Variant, ...]:
    """Return the best plans for parts of the budget, and for other weights on the tail at the whole of it."""
    other = [tail for tail in tails if tail != done.aim.tail]
    asked = [(times, done.aim.tail) for times in FRONTIER] + [(1.0, tail) for tail in other]
    search = partial(sampling.frontier, done.problem, done.aim, **(_solving(effort) | {"prices": False}))
    found = (*search(budgets=FRONTIER), *search(tails=other))
    return tuple(
        Variant(
            f"budget x {times:g}, CVaR x {tail:g}", own, done.unseen.check(own.started, done.aim.level), times, tail
        )
        for (times, tail), own in zip(asked, found, strict=True)
    )


def _replan(
    done: PlanResult, name: str, terms: PlanTerms, effort: SearchSettings, found: Sequence[MeasureValue] | None = None
) -> Variant:
    """Return the plan under other terms or of other measures, on the same draws."""
    listed = done.found if found is None else found
    made, _ = _searched(done.pool, listed, terms, effort, done.base.seed)
    own = choose(made, done.aim, **(_solving(effort) | {"prices": False}))
    unseen = _unseen(done.pool, listed, terms, effort, done.base.seed)
    return Variant(name, own, unseen.check(own.started, done.aim.level))


def one_at_a_time(done: PlanResult, effort: SearchSettings) -> tuple[Variant, ...]:
    """Return the plans with inputs of low or medium confidence at the ends of their ranges, one at a time."""
    out: list[Variant] = []
    kinds = dict.fromkeys(one.option.kind for one in done.found if one.option.confidence != "high")
    for kind in kinds:
        for end, at in (("low", 0), ("high", 2)):
            listed = [_priced(one, at) if one.option.kind == kind else one for one in done.found]
            out.append(_replan(done, f"cost of {kind}, {end}", done.terms, effort, listed))
    rate, terms = reference_rate(), done.terms
    others = {f"discount rate {value:.0%}": replace(terms, discount=value) for value in (rate[0], rate[2])}
    others |= {f"{value} years beyond the plan": replace(terms, beyond=value) for value in (0, 2 * terms.beyond)}
    if terms.growth is not None:
        others |= {f"growth of need, {end}": replace(terms, need=end) for end in ("low", "high")}
        others["no growth of need"] = replace(terms, growth=None)
    for value in (terms.currency.low, terms.currency.high):
        if value != terms.currency.per_usd:
            others[f"{value:g} {terms.currency.code} a dollar"] = _exchanged(terms, value)
    return (*out, *(_replan(done, name, other, effort) for name, other in others.items()))


def _exchanged(terms: PlanTerms, rate: float) -> PlanTerms:
    """Return the terms at another rate, told in money of the usual one: what the budget buys changes, no more."""
    part = terms.currency.per_usd / rate
    limited = {name: {key: value * part for key, value in getattr(terms, name).items()} for name in LIMITED}
    return replace(terms, budget=terms.budget * part, **limited)


def compared(done: PlanResult, effort: SearchSettings) -> RegretTable:
    """Return the plan beside no plan, one purse, and a plan made for each other method, in the world of each method.

    A plan is made for a method with every mineral's loss, and what measures avert of it, as many times as that method
    has the mineral's loss without measures.
    """
    listed = regrets.states(done.base)
    judge = regrets.RegretEvaluator(done.found, done.need)
    nothing = np.zeros(len(done.found))
    plain = [judge.loss(state, nothing) for state in listed]
    plans: dict[str, Portfolio | None] = {"no measure": None, "this plan": done.plan}
    plans |= {one.name: one.plan for one in done.split if one.name == "one purse"}
    for state, loss in zip(listed[1:], plain[1:], strict=True):
        times = np.array([loss[m] / plain[0][m] if plain[0][m] > 0 else 1.0 for m in done.base.materials])
        made, _ = _searched(done.pool.times(times), done.found, done.terms, effort, done.base.seed)
        own = choose(made, done.aim, **(_solving(effort) | {"prices": False}))
        plans[f"made for: {state.name}"] = own
    unlike: dict[bytes, tuple[str, Portfolio | None]] = {}
    for name, one in plans.items():
        unlike.setdefault(nothing.tobytes() if one is None else one.started.sum(axis=1).tobytes(), (name, one))
    names, chosen = zip(*unlike.values(), strict=True)
    sizes = np.array([nothing if one is None else one.started.sum(axis=1) for one in chosen])
    weight = done.terms.singly.sum()
    cost = np.array([0.0 if one is None else one.cost / weight for one in chosen])
    return regrets.compare(judge, listed, regrets.Plans(names, sizes, cost), done.terms.currency.of(1.0))


def _priced(one: MeasureValue, place: int) -> MeasureValue:
    """Return an option at an end of its cost."""
    cost, running = one.option.cost[place], one.option.running[place]
    return replace(one, option=replace(one.option, cost=(cost,) * 3, running=(running,) * 3))


def reference_rate() -> tuple[float, float, float]:
    """Return the real discount rate (low, best, high) of the catalogue."""
    found = reference_measures.catalogued("finance", "discount")
    return found.low, found.best, found.high
