"""What to build, how much and when under a budget: a plan against drawn years, checked on years it was not made for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from khanij import reference
from khanij.core.cube import Floats
from khanij.core.errors import StudyError
from khanij.core.table import Table
from khanij.plan import scenarios as sampling
from khanij.plan.levers import apply
from khanij.plan.model import solve
from khanij.plan.portfolio import Aim, Plan, choose, losses, program
from khanij.plan.problem import Portfolio
from khanij.plan.scenarios import Check, Reduction
from khanij.study import measures, plan_tables, queries, unrecorded, valuation
from khanij.study.measures import Valued
from khanij.study.options import Option, generated
from khanij.study.portfolios import Pool, Terms, pool, problem
from khanij.study.valuation import Figure, Ground

KEPT = 200  # scenarios a plan is made for
DRAWN = 400  # scenarios from which these are kept
FRESH = 500  # scenarios it is checked on
FRONTIER = (0.01, 0.03, 0.1, 0.3, 1.0)  # multiples of the budget
SEEDS = 3  # plans made on other draws, for regret
SMALL = 1e-6
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search: scenarios drawn, kept and fresh; gap and seconds of one solve."""

    drawn: int = DRAWN
    kept: int = KEPT
    fresh: int = FRESH
    gap: float = 0.01
    seconds: float = 120.0
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Variant:
    """The same question asked otherwise: its plan, its loss on fresh scenarios, and on which scale of money."""

    name: str
    plan: Plan
    check: Check


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and all that is to be said of it; money in units of terms.currency.

    nothing   fresh scenarios without any measure       check  with the plan
    together  what all that is chosen averts at once in the market model, USD a year;  apart  the sum one by one
    chances   end of the assumed chances -> loss without a plan, and `together` there
    relaxed   worth of one unit of money more, by year and by component, if measures could be begun in any part
    """

    base: Ground
    found: tuple[Valued, ...]
    terms: Terms
    problem: Portfolio
    fresh: Portfolio
    reduction: Reduction
    plan: Plan
    check: Check
    nothing: Check
    together: Figure
    apart: float
    unpriced: tuple[Valued, ...]
    pool: Pool
    frontier: tuple[Variant, ...] = ()
    split: tuple[Variant, ...] = ()
    moved: tuple[Variant, ...] = ()
    regret: Floats | None = None
    chances: Mapping[str, tuple[float, Figure]] = field(default_factory=dict)
    relaxed: tuple[Floats, Floats] | None = None
    tables: Mapping[str, Table] | None = None


def plan(
    base: Ground,
    options: Sequence[Option],
    terms: Terms,
    *,
    aim: Aim | None = None,
    effort: Effort | None = None,
    deep: bool = True,
    say: Say | None = None,
) -> Planned:
    """Return the plan of a focus and its tables.

    aim     what is minimised; cost + expected loss if None       deep  also frontier, split, regret, moved inputs
    Measures without a known cost are left out and listed. Raises StudyError where no plan meets the rows, named.
    """
    aim, effort, say = aim or Aim(), effort or Effort(), say or (lambda _: None)
    say(f"valuing {len(options)} measures")
    valued = measures.values(base, options)
    found = tuple(one for one in valued if np.isfinite(one.option.cost[1]))
    unpriced = tuple(one for one in valued if not np.isfinite(one.option.cost[1]))
    years = pool(base, found, terms.currency)
    say("drawing scenarios")
    whole = problem(years, found, terms, effort.drawn, base.seed)
    kept = sampling.reduce(whole, effort.kept)
    made = whole.subset(kept.kept, kept.probability)
    fresh = problem(years, found, terms, effort.fresh, base.seed, "out")
    say("choosing")
    chosen = choose(made, aim, **_solving(effort))
    together, apart = jointly(base, found, chosen)
    done = Planned(
        base=base,
        found=found,
        terms=terms,
        problem=made,
        fresh=fresh,
        reduction=kept,
        plan=chosen,
        check=sampling.check(fresh, chosen.started, aim.level),
        nothing=sampling.check(fresh, np.zeros_like(chosen.started), aim.level),
        together=together,
        apart=apart,
        unpriced=unpriced,
        pool=years,
        relaxed=prices(made, aim, effort),
    )
    if deep:
        done = deepened(done, aim, effort, say)
    return replace(done, tables=plan_tables.tables(done))


def prices(made: Portfolio, aim: Aim, effort: Effort) -> tuple[Floats, Floats]:
    """Return what one unit of money more is worth by year and by component, if measures came in any part."""
    rows, at = program(made, aim)
    duals = solve(rows, relax=True, threads=effort.threads).duals
    each = -duals[at["budget"]] + 0.0
    return (np.cumsum(each[::-1])[::-1] if made.carry else each), -duals[at["ceiling"]] + 0.0


def _solving(effort: Effort) -> dict[str, Any]:
    """Return the settings of a solve."""
    return {"gap": effort.gap, "seconds": effort.seconds, "threads": effort.threads}


def jointly(base: Ground, found: Sequence[Valued], chosen: Plan) -> tuple[Figure, float]:
    """Return what all that is begun averts at once in the market model, and the sum of each by itself, USD a year.

    A measure that is begun in part counts with the whole levers times its part in the sum, and is left out of neither.
    """
    begun = chosen.started.sum(axis=1)
    taken = [one for one, size in zip(found, begun, strict=True) if size > 1 - SMALL]
    apart = float(sum(one.figure.expected for one in taken))
    if not taken:
        return Figure(0.0, 0.0, 0.0, 0.0, 1.0), 0.0
    case = apply(base.case, [lever for one in taken for lever in one.option.levers]).case
    materials = dict.fromkeys(m for one in taken for m in measures.touched(one.option))
    return valuation.figure(base, valuation.averted_by(base, case, materials)), apart


def deepened(done: Planned, aim: Aim, effort: Effort, say: Say) -> Planned:
    """Return the plan with frontier, the programme's own split, regret over other draws, and moved inputs."""
    solving = _solving(effort) | {"prices": False}
    say("frontier over the budget")
    frontier = []
    for times in FRONTIER:
        made = _scaled(done.problem, times)
        own = choose(made, aim, **solving)
        frontier.append(Variant(f"{times:g}", own, sampling.check(_scaled(done.fresh, times), own.started, aim.level)))
    say("the programme's own split")
    split = []
    for name, ceilings in (("ceilings of the programme", done.terms.ceilings), ("one purse", {})):
        if ceilings or name == "one purse":
            split.append(_again(done, name, replace(done.terms, ceilings=ceilings), aim, effort))
    say("plans made on other draws")
    plans = [done.plan]
    for step in range(1, SEEDS + 1):
        other = problem(done.pool, done.found, done.terms, effort.kept, done.base.seed + 1000 * step)
        plans.append(choose(other, aim, **solving))
    loss = np.stack([losses(done.fresh, one.started) for one in plans])
    regret = sampling.regret(np.array([one.cost for one in plans]), loss)
    say("inputs moved to the ends of their ranges")
    ends = {end: at_chance(done, end) for end in ("low", "high")}
    return replace(
        done,
        frontier=tuple(frontier),
        split=tuple(split),
        regret=regret,
        moved=moved(done, aim, effort),
        chances=ends,
    )


def _scaled(made: Portfolio, times: float) -> Portfolio:
    """Return a problem with every budget and ceiling multiplied."""
    return replace(made, budget=made.budget * times, ceiling=made.ceiling * times)


def _again(
    done: Planned, name: str, terms: Terms, aim: Aim, effort: Effort, found: Sequence[Valued] | None = None
) -> Variant:
    """Return the plan under other terms or of other measures, on the same draws."""
    listed = done.found if found is None else found
    made = problem(done.pool, listed, terms, effort.drawn, done.base.seed)
    made = made.subset(done.reduction.kept, done.reduction.probability)
    own = choose(made, aim, **(_solving(effort) | {"prices": False}))
    fresh = problem(done.pool, listed, terms, effort.fresh, done.base.seed, "out")
    return Variant(name, own, sampling.check(fresh, own.started, aim.level))


def moved(done: Planned, aim: Aim, effort: Effort) -> tuple[Variant, ...]:
    """Return the plans with inputs of low or medium confidence at the ends of their ranges, one at a time."""
    out: list[Variant] = []
    kinds = dict.fromkeys(one.option.kind for one in done.found if one.option.confidence != "high")
    for kind in kinds:
        for end, at in (("low", 0), ("high", 2)):
            listed = [_priced(one, at) if one.option.kind == kind else one for one in done.found]
            out.append(_again(done, f"cost of {kind}, {end}", done.terms, aim, effort, listed))
    rate, terms = reference_rate(), done.terms
    others = {f"discount rate {value:.0%}": replace(terms, discount=value) for value in (rate[0], rate[2])}
    others |= {f"{value} years beyond the plan": replace(terms, beyond=value) for value in (0, 2 * terms.beyond)}
    for value in (terms.currency.low, terms.currency.high):
        if value != terms.currency.per_usd:
            others[f"{value:g} {terms.currency.code} a dollar"] = _exchanged(terms, value)
    return (*out, *(_again(done, name, other, aim, effort) for name, other in others.items()))


def _exchanged(terms: Terms, rate: float) -> Terms:
    """Return the terms at another rate, told in money of the usual one: what the budget buys changes, no more."""
    part = terms.currency.per_usd / rate
    ceilings = {name: value * part for name, value in terms.ceilings.items()}
    return replace(terms, budget=terms.budget * part, ceilings=ceilings)


def at_chance(done: Planned, end: str) -> tuple[float, Figure]:
    """Return expected yearly loss without a plan and what its whole measures avert together, USD, at other chances.

    end  "low" or "high": the chances that were assumed, and no others, at that end of their range
    """
    base = done.base
    moved_to = getattr(base.hazards, end)
    assumed = np.array([kind == unrecorded.KIND for kind in base.hazards.kind])
    given = replace(base.hazards, probability=np.where(assumed, moved_to, base.hazards.probability))
    other = valuation.ground(base.case, given, base.year, base.years, base.seed)
    loss = sum(float(np.nanmean(other.loss(material))) for material in other.materials)
    return loss, jointly(other, done.found, done.plan)[0]


def _priced(one: Valued, place: int) -> Valued:
    """Return an option at an end of its cost."""
    cost, running = one.option.cost[place], one.option.running[place]
    return replace(one, option=replace(one.option, cost=(cost,) * 3, running=(running,) * 3))


def reference_rate() -> tuple[float, float, float]:
    """Return the real discount rate (low, best, high) of the catalogue."""
    found = measures.catalogued("finance", "discount")
    return found.low, found.best, found.high


def ceilings(country: str, currency_name: str) -> tuple[str, dict[str, float], tuple[str, ...]]:
    """Return a country's programme, component -> money, and notes; "" and nothing where none is on record.

    Raises StudyError where a component names a fact that the store does not hold.
    """
    rows = [row for row in reference.rows("programme_components") if row["country"] == country]
    if not rows:
        return "", {}, (f"no programme of {country} is on record: no ceilings by component",)
    facts = {row["item"]: row for row in queries.facts(500, quantity="budget", country=country).rows()}
    found: dict[str, float] = {}
    notes = []
    for row in rows:
        items = row["items"].split(";")
        for item in items:
            if item not in facts:
                raise StudyError(f"no budget {item!r}", where="programme_components.csv", hint="`khanij data show`")
            if facts[item]["unit"] != currency_name:
                return "", {}, (f"ceilings of {row['programme']} are in {facts[item]['unit']}: not used",)
        found[row["component"]] = sum(float(facts[item]["value"]) for item in items)
        if row["note"]:
            notes.append(f"{row['component']}: {row['note']} (confidence {row['confidence']})")
    return rows[0]["programme"], found, tuple(notes)


def report(
    base: Ground,
    terms: Terms,
    programme: str,
    *,
    aim: Aim | None = None,
    effort: Effort | None = None,
    deep: bool = True,
    say: Say | None = None,
) -> tuple[Table, ...]:
    """Return the tables of the plan of what the catalogue has for a focus."""
    done = plan(base, generated(base, programme), terms, aim=aim, effort=effort, deep=deep, say=say)
    assert done.tables is not None
    return tuple(done.tables.values())
