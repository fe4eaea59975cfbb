"""Risk of a focus: thousands of simulated years solved, every full stop of one and two sellers, and a tornado."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from khanij import reference
from khanij.analyses import bundle as bundles
from khanij.analyses.inputs import cases, uncounted
from khanij.analyses.risk import tables as risk_tables
from khanij.core.case import Case
from khanij.core.errors import CoverageError, StudyError
from khanij.core.table import Table
from khanij.jobs import executors
from khanij.reference import official_lists as official
from khanij.simulate.loss import channels as economy
from khanij.simulate.loss import losses
from khanij.simulate.loss.loss_model import Solver, solver
from khanij.simulate.risk import assumed_hazards as unrecorded
from khanij.simulate.risk import hazards as threats
from khanij.simulate.risk import years as simulated
from khanij.simulate.risk.dependence import shared
from khanij.simulate.risk.hazards import Hazards, Prior
from khanij.simulate.risk.years import Batch, Drawn, Losses, Scenario, Solve, Solved
from khanij.simulate.supply import behaviours
from khanij.simulate.supply.networks import networks

CHUNK = 256  # scenarios of a chunk; a constant, because a batch is solved together
Job = tuple[int, str, tuple[Scenario, ...]]  # which loss model, material, scenarios
Model = Callable[[Mapping[str, str]], Solve]
"""model(assumption -> "low" | "high"; none named = all at their usual value) -> loss model"""
ENDS = {"low": 0.0, "high": 1.0}  # place in a parameter's range
ASSUMED = {
    "sigma": "substitution between sources",
    "demand": "elasticity of demand",
    "supply": "elasticity of supply",
    "spare": "spare capacity",
    "stock": "days of stock",
    "psi": "substitution of the material inside industries",
    "exposed": "part of users' output that needs the material",
}
HAZARD_ENDS = {
    "chance": "yearly chances of the hazards",
    "dependence": "how far hazards strike together",
    "severity": "part lost when a hazard strikes",
}


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker does: asks one of several loss models."""

    models: tuple[Solve, ...]

    def __call__(self, job: Job) -> dict[str, np.ndarray]:
        """Return losses, solved and iterations of a job."""
        which, material, scenarios = job
        found = simulated.checked(self.models[which], material, scenarios)
        return {"losses": found.losses, "solved": found.solved, "iterations": found.iterations}


@dataclass(frozen=True, slots=True)
class Stops:
    """Losses of full stops in USD by material, nan = not solved.

    single  (country, material) -> loss      pairs  (country, country, material) -> loss; where both sell the material
    """

    single: Mapping[tuple[str, str], float]
    pairs: Mapping[tuple[str, str, str], float]


@dataclass(frozen=True, slots=True)
class Swing:
    """One assumption at an end of its range: what the years cost then. Losses as of simulate.years."""

    assumption: str
    meaning: str
    end: str
    losses: Losses


@dataclass(frozen=True, slots=True)
class Risk:
    """What was simulated and solved, and the tables drawn from it (study.risk_tables).

    base     the same years as the swings at the usual assumptions; empty without a tornado
    said     what losses lack, to be said under every table of money
    partial  material -> stages of whose loss only what users pay more is counted (losses.PARTIAL)
    """

    focus: str
    years: int
    seed: int
    hazards: Hazards
    drawn: Drawn
    batches: tuple[Batch, ...]
    answers: tuple[Solved, ...]
    losses: Losses
    stops: Stops
    swings: tuple[Swing, ...]
    base: Losses | None
    said: tuple[str, ...] = ()
    partial: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)


def risk(
    focus: str,
    year: int = 2023,
    years: int = 10_000,
    seed: int = 0,
    workers: int = 1,
    executor: Any = None,
    bundle: Path | None = None,
    *,
    materials: Iterable[str] | None = None,
    stake: float = threats.STAKE,
    priors: Sequence[Prior] = (),
    fill: bool = True,
    pairs: bool = True,
    tornado: int = 0,
    progress: Callable[[executors.Progress], None] | None = None,
) -> Risk:
    """Return the risk of a focus from facts in the store.

    year      base year of trade and output          years, seed  simulated years and their seed
    workers, executor  see study.executors.run       bundle       folder for tables; NAME.part keeps chunks meanwhile
    materials ids or names; all if None              stake, priors  see simulate.hazards.hazards
    fill      goods with too short a record get a stated chance (study.unrecorded); else they count as safe
    pairs     solve every pair of full stops too     tornado      years for each end of each assumption; 0 = none
    Raises CoverageError where no material has both a hazard and a market model, StudyError for impossible settings.
    """
    case = cases.case(focus, year)
    asked = case.axis("material").codes if materials is None else tuple(reference.material(m) for m in materials)
    named = case.axis("focus").codes[0]
    member = case.array("membership", "focus", "country", "year")[0, :, -1] > 0
    own = {code for code, yes in zip(case.axis("country").codes, member, strict=True) if yes}
    every = threats.hazards(case, stake=stake, priors=priors, seed=seed)
    if fill:  # the usual chance is that of the country's own list, as in study.valuation, whatever is asked
        every = threats.among(every, {*official.minerals(focus, year), *asked})
        every = unrecorded.filled(every, networks(case, asked, str(year)), own, stake)
    every = threats.abroad(every, own)
    sellers = {m: tuple(dict.fromkeys(every.country[h] for h in every.of(m))) for m in every.materials if m in asked}
    usual = solver(case, named, str(year), sellers)
    if not usual.networks:
        raise CoverageError("no material with a hazard has a market model", where="risk", hint="other materials")
    economics = next(iter(usual.stakes.values())).economy
    goods = {(material, stage) for material, network in usual.networks.items() for stage in network.stages}
    kept = threats.within(every, goods)
    return assess(
        named,
        kept,
        lambda ends: variant(case, usual, ends),
        ASSUMED,
        years=years,
        seed=seed,
        workers=workers,
        executor=executor,
        bundle=bundle,
        pairs=pairs,
        tornado=tornado,
        progress=progress,
        partial={m: losses.partial(usual.stakes[m], network.stages) for m, network in usual.networks.items()}
        if economics.known
        else {},
        missing=uncounted.reasons(case, asked, kept.materials, every, str(year), stake),
        said=() if economics.known else economics.notes,
        study={"focus": named, "year": year, "stake": stake, "fill": fill, "manifest": case.manifest},
    )


def variant(case: Case, usual: Solver, ends: Mapping[str, str]) -> Solver:
    """Return the solver with assumptions of ASSUMED at "low" or "high" of their ranges, all others as they are."""
    if not ends:
        return usual
    places = {row["parameter"]: float(row["place"]) for row in reference.rows("fitted_places")}
    places |= {name: ENDS[end] for name, end in ends.items() if name in behaviours.PLACED}
    rules = {}
    for material, network in usual.networks.items():
        rules[material] = behaviours.placed(network, places, behaviours.companion(case, material))
    psi = economy.PSI[2 * int(ENDS[ends["psi"]])] if "psi" in ends else usual.psi
    exposed = 2 * int(ENDS[ends["exposed"]]) if "exposed" in ends else usual.exposed
    return replace(usual, behaviours=rules, psi=psi, exposed=exposed)


def assess(
    focus: str,
    given: Hazards,
    model: Model,
    assumed: Mapping[str, str] | None = None,
    *,
    years: int = 10_000,
    seed: int = 0,
    workers: int = 1,
    executor: Any = None,
    bundle: Path | None = None,
    pairs: bool = True,
    tornado: int = 0,
    progress: Callable[[executors.Progress], None] | None = None,
    partial: Mapping[str, tuple[str, ...]] | None = None,
    missing: Mapping[str, str] | None = None,
    said: tuple[str, ...] = (),
    study: Mapping[str, Any] | None = None,
) -> Risk:
    """Return the risk from hazards and a loss model; see risk() for the settings.

    model  gives the loss model for assumptions at an end      assumed  assumption -> meaning, for the tornado
    partial  as in Risk      missing  material -> why it is left out      said  what losses lack, in words
    study    what else belongs into study.yaml
    """
    if tornado < 0 or tornado > years:
        raise StudyError(f"{tornado} years for the tornado", where="--tornado", hint=f"from 0 to {years}")
    usual = model({})
    plans = [_Plan("", "", "", usual, given, years)]
    plans += [_Plan("", "", "base", usual, given, tornado)] * (tornado > 0)
    plans += _ends(given, model, usual, assumed or {}, tornado) if tornado else []
    ready = [plan.ready(seed) for plan in plans]
    stops = _stops(given, pairs)
    models, jobs = _jobs(plans, ready, stops)
    settings = dict(study or {}) | {"years": years, "seed": seed, "pairs": pairs, "tornado": tornado}
    mark = executors.fingerprint("risk", given, settings, [plan.key() for plan in plans], models, CHUNK)
    part = bundle.with_name(f"{bundle.name}.part") if bundle is not None else None
    found = executors.run(
        Task(tuple(models)),
        jobs,
        workers=workers,
        executor=executor,
        folder=part,
        mark=mark,
        weights=[float(len(job[2])) for job in jobs],
        progress=progress,
    )
    made = _made(focus, seed, plans, ready, stops, jobs, found)
    made = replace(made, said=said, partial=partial or {})
    made = replace(made, tables=risk_tables.tables(made) | risk_tables.left_out(focus, missing or {}))
    if bundle is not None and part is not None:
        record = {"command": "risk", **settings, "fingerprint": mark, "notes": [*said, *given.notes]}
        bundles.write(bundle, {}, made.tables, record)
        shutil.rmtree(part)
    return made


@dataclass(frozen=True, slots=True)
class _Plan:
    """Years to be solved by one loss model."""

    assumption: str
    meaning: str
    end: str
    model: Solve
    hazards: Hazards
    years: int

    def key(self) -> tuple[Any, ...]:
        """Return what tells it from other plans."""
        return (self.assumption, self.end, self.years, self.hazards)

    def ready(self, seed: int) -> tuple[Drawn, tuple[Batch, ...]]:
        """Return its events and scenarios."""
        drawn = simulated.draw(self.hazards, self.years, seed)
        return drawn, simulated.batches(self.hazards, drawn)


def _ends(given: Hazards, model: Model, usual: Solve, assumed: Mapping[str, str], years: int) -> list[_Plan]:
    """Return the plans of the tornado: each assumption at its low and its high end, all others as usual."""
    plans = []
    for end in ("low", "high"):
        plans += [_Plan(name, text, end, model({name: end}), given, years) for name, text in assumed.items()]
        for name, text in HAZARD_ENDS.items():
            plans.append(_Plan(name, text, end, usual, _hazards_at(given, name, end), years))
    return plans


def _hazards_at(given: Hazards, name: str, end: str) -> Hazards:
    """Return the hazards with one assumption at an end: fit's range, record's range, or one step of the grid."""
    if name == "chance":
        return replace(given, probability=given.low if end == "low" else given.high)
    if name == "dependence":
        bound = given.dependence.bonds
        return replace(given, dependence=shared(bound, end) if bound else given.dependence)
    step = np.zeros_like(given.severity)
    if end == "low":
        step[:, :-1] = given.severity[:, 1:]
        step[:, 0] += given.severity[:, 0]
    else:
        step[:, 1:] = given.severity[:, :-1]
        step[:, -1] += given.severity[:, -1]
    return replace(given, severity=step)


def _stops(given: Hazards, pairs: bool) -> dict[str, tuple[tuple[tuple[str, ...], Scenario], ...]]:
    """Return material -> (countries, scenario) of full stops of each seller and, if asked, each pair of sellers."""
    out = {}
    for material in given.materials:
        whole: dict[str, Scenario] = {}
        for h in given.of(material):
            country = given.country[h]
            whole[country] = (*whole.get(country, ()), (country, given.stage[h], 1.0))
        listed: list[tuple[tuple[str, ...], Scenario]] = [((c,), struck) for c, struck in sorted(whole.items())]
        if pairs:
            listed += [((a, b), whole[a] + whole[b]) for a, b in combinations(sorted(whole), 2)]
        out[material] = tuple(listed)
    return out


def _jobs(plans: Sequence[_Plan], ready: Sequence[Any], stops: Mapping[str, Any]) -> tuple[list[Solve], list[Job]]:
    """Return the unlike loss models and all work in chunks: plan by plan, then the full stops."""
    models: list[Solve] = []
    jobs: list[Job] = []
    for plan, (_, batches) in zip(plans, ready, strict=True):
        known = [n for n, model in enumerate(models) if model is plan.model]
        which = known[0] if known else len(models)
        if not known:
            models.append(plan.model)
        jobs += [(which, material, part) for material, part in simulated.chunks(batches, CHUNK)]
    for material, listed in stops.items():
        scenarios = tuple(scenario for _, scenario in listed)
        jobs += [(0, material, scenarios[at : at + CHUNK]) for at in range(0, len(scenarios), CHUNK)]
    return models, jobs


def _made(
    focus: str,
    seed: int,
    plans: Sequence[_Plan],
    ready: Sequence[tuple[Drawn, tuple[Batch, ...]]],
    stops: Mapping[str, Any],
    jobs: Sequence[Job],
    found: Sequence[Mapping[str, np.ndarray]],
) -> Risk:
    """Return the answers put together."""
    sizes = [[len(batch.scenarios) for batch in batches] for _, batches in ready]
    sizes.append([len(listed) for listed in stops.values()])
    flat = {name: np.concatenate([part[name] for part in found]) for name in ("losses", "solved", "iterations")}
    ends = np.cumsum([0, *(size for row in sizes for size in row)]).tolist()
    cut = [Solved(**{name: values[a:b] for name, values in flat.items()}) for a, b in pairwise(ends)]
    assert ends[-1] == sum(len(job[2]) for job in jobs)
    outcomes, first = [], 0
    for plan, (drawn, batches) in zip(plans, ready, strict=True):
        own = tuple(cut[first : first + len(batches)])
        outcomes.append((own, simulated.put_back(plan.hazards, drawn, batches, own)))
        first += len(batches)
    single: dict[tuple[str, str], float] = {}
    double: dict[tuple[str, str, str], float] = {}
    for (material, listed), answer in zip(stops.items(), cut[first:], strict=True):
        for (countries, _), loss in zip(listed, answer.losses.tolist(), strict=True):
            if len(countries) == 1:
                single[countries[0], material] = loss
            else:
                double[countries[0], countries[1], material] = loss
    swings = tuple(
        Swing(plan.assumption, plan.meaning, plan.end, losses)
        for plan, (_, losses) in zip(plans, outcomes, strict=True)
        if plan.assumption
    )
    drawn, batches = ready[0]
    return Risk(
        focus=focus,
        years=plans[0].years,
        seed=seed,
        hazards=plans[0].hazards,
        drawn=drawn,
        batches=batches,
        answers=outcomes[0][0],
        losses=outcomes[0][1],
        stops=Stops(single, double),
        swings=swings,
        base=outcomes[1][1] if len(plans) > 1 else None,
    )


def read_priors(path: Path) -> tuple[Prior, ...]:
    """Return expert priors from a CSV file with columns country, material, stage, probability, weight, kind, cut.

    Raises StudyError where the file is absent, a column lacks, or a row is no prior.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return threats.read_priors(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as refused:
        raise StudyError(f"cannot read: {refused}", where=path.name, hint="a CSV file of priors") from None
