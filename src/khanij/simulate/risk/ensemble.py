"""Risk of a focus: thousands of simulated years solved, every full stop of one and two sellers, and a tornado."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.errors import StudyError
from khanij.jobs import executors
from khanij.simulate.loss import channels as economy
from khanij.simulate.loss.loss_model import LossModel
from khanij.simulate.risk import years as simulated
from khanij.simulate.risk.dependence import shared
from khanij.simulate.risk.hazards import Hazards
from khanij.simulate.risk.years import DistinctScenarios, EventSet, Solve, Solved, YearLosses
from khanij.simulate.supply import behaviours
from khanij.simulate.supply.disruption import Scenario

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
class LossTask:
    """What a worker does: asks one of several loss models."""

    models: tuple[Solve, ...]

    def __call__(self, job: Job) -> dict[str, np.ndarray]:
        """Return losses, solved and iterations of a job."""
        which, material, scenarios = job
        found = simulated.checked(self.models[which], material, scenarios)
        return {"losses": found.losses, "solved": found.solved, "iterations": found.iterations}


@dataclass(frozen=True, slots=True)
class SupplierStops:
    """Losses of full stops in USD by material, nan = not solved.

    single  (country, material) -> loss      pairs  (country, country, material) -> loss; where both sell the material
    """

    single: Mapping[tuple[str, str], float]
    pairs: Mapping[tuple[str, str, str], float]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One assumption at an end of its range: what the years cost then. Losses as of simulate.years."""

    assumption: str
    meaning: str
    end: str
    losses: YearLosses


@dataclass(frozen=True, slots=True)
class Risk:
    """What was simulated and solved.

    base     the same years as the swings at the usual assumptions; empty without a tornado
    said     what losses lack, to be said under every table of money
    partial  material -> stages of whose loss only what users pay more is counted (losses.PARTIAL)
    missing  material -> why it is left out
    record   settings and fingerprint of the run, for a bundle
    """

    focus: str
    years: int
    seed: int
    hazards: Hazards
    drawn: EventSet
    batches: tuple[DistinctScenarios, ...]
    answers: tuple[Solved, ...]
    losses: YearLosses
    stops: SupplierStops
    swings: tuple[Sensitivity, ...]
    base: YearLosses | None
    said: tuple[str, ...] = ()
    partial: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)


def variant(case: Case, usual: LossModel, ends: Mapping[str, str]) -> LossModel:
    """Return the solver with assumptions of ASSUMED at "low" or "high" of their ranges, all others as they are."""
    if not ends:
        return usual
    places = {row["parameter"]: float(row["place"]) for row in reference.rows("fitted_places")}
    places |= {name: ENDS[end] for name, end in ends.items() if name in behaviours.PLACED}
    rules = {}
    for material, network in usual.networks.items():
        rules[material] = behaviours.at_quantiles(network, places, behaviours.companion(case, material))
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
    folder: Path | None = None,
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
    found = executors.run(
        LossTask(tuple(models)),
        jobs,
        workers=workers,
        executor=executor,
        folder=folder,
        mark=mark,
        weights=[float(len(job[2])) for job in jobs],
        progress=progress,
    )
    made = _made(focus, seed, plans, ready, stops, jobs, found)
    record = {**settings, "fingerprint": mark, "notes": [*said, *given.notes]}
    return replace(made, said=said, partial=partial or {}, missing=missing or {}, record=record)


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

    def ready(self, seed: int) -> tuple[EventSet, tuple[DistinctScenarios, ...]]:
        """Return its events and scenarios."""
        drawn = simulated.draw(self.hazards, self.years, seed)
        return drawn, simulated.distinct_scenarios(self.hazards, drawn)


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
    ready: Sequence[tuple[EventSet, tuple[DistinctScenarios, ...]]],
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
        outcomes.append((own, simulated.losses_by_year(plan.hazards, drawn, batches, own)))
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
        Sensitivity(plan.assumption, plan.meaning, plan.end, losses)
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
        stops=SupplierStops(single, double),
        swings=swings,
        base=outcomes[1][1] if len(plans) > 1 else None,
    )
