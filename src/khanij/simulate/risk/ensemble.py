"""The engine of simulated years: distinct scenarios of one or several simulations solved in chunks, here or in jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from khanij.jobs import executors
from khanij.simulate.risk import years as simulated
from khanij.simulate.risk.by_record.hazards import Hazards
from khanij.simulate.risk.years import CHUNK, DistinctScenarios, EventSet, Solve, Solved, YearLosses
from khanij.simulate.supply.disruption import Scenario

Job = tuple[int, str, Sequence[Scenario]]  # which loss model, material, scenarios


@dataclass(frozen=True, slots=True)
class Simulation:
    """Years to be solved by one loss model: their hazards, events, and the distinct scenarios among them."""

    model: Solve
    hazards: Hazards
    drawn: EventSet
    batches: tuple[DistinctScenarios, ...]

    def losses(self, answers: Sequence[Solved]) -> YearLosses:
        """Return the losses of its years from the answers to its batches."""
        return simulated.losses_by_year(self.hazards, self.drawn, self.batches, answers)


@dataclass(frozen=True, slots=True)
class Execution:
    """Where and how chunks are solved; see jobs.executors.run.

    folder    where finished chunks are kept, so that a run that was stopped goes on
    settings  what else the results depend on, for the fingerprint of the run
    """

    workers: int = 1
    executor: Any = None
    folder: Path | None = None
    progress: Callable[[executors.Progress], None] | None = None
    settings: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class LossTask:
    """What a worker does: asks one of several loss models."""

    models: tuple[Solve, ...]

    def __call__(self, job: Job) -> dict[str, np.ndarray]:
        """Return losses, solved and iterations of a job."""
        which, material, scenarios = job
        answer = simulated.checked(self.models[which], material, scenarios)
        return {"losses": answer.losses, "solved": answer.solved, "iterations": answer.iterations}


def simulation(model: Solve, hazards: Hazards, years: int, seed: int) -> Simulation:
    """Return the events of so many years and the distinct scenarios among them."""
    drawn = simulated.draw(hazards, years, seed)
    return Simulation(model, hazards, drawn, simulated.distinct_scenarios(hazards, drawn))


def solve(
    simulations: Sequence[Simulation], single: Mapping[str, Sequence[Scenario]], execution: Execution
) -> tuple[list[tuple[Solved, ...]], dict[str, Solved]]:
    """Return the answers to the batches of each simulation, and to single scenarios by material.

    single  material -> scenarios beside those of the years, solved by the model of the first simulation
    Every executor gives the same bytes. Raises StudyError as jobs.executors.run does.
    """
    models, jobs = _jobs(simulations, single)
    chunks = executors.run(
        LossTask(tuple(models)),
        jobs,
        workers=execution.workers,
        executor=execution.executor,
        folder=execution.folder,
        mark=fingerprint(simulations, execution) if execution.folder is not None else "",
        weights=[float(len(job[2])) for job in jobs],
        progress=execution.progress,
    )
    sizes = [len(batch.scenarios) for each in simulations for batch in each.batches]
    sizes += [len(scenarios) for scenarios in single.values()]
    empty = {"losses": np.zeros(0), "solved": np.zeros(0, dtype=bool), "iterations": np.zeros(0, dtype=np.intp)}
    flat = {name: np.concatenate([of, *(part[name] for part in chunks)]) for name, of in empty.items()}
    ends = np.cumsum([0, *sizes]).tolist()
    answers = iter([Solved(**{name: values[a:b] for name, values in flat.items()}) for a, b in pairwise(ends)])
    by_simulation = [tuple(next(answers) for _ in each.batches) for each in simulations]
    return by_simulation, {material: next(answers) for material in single}


def fingerprint(simulations: Sequence[Simulation], execution: Execution) -> str:
    """Return a hash of all that the answers depend on."""
    parts = [(each.hazards, each.drawn.years, each.model) for each in simulations]
    return executors.fingerprint("risk", dict(execution.settings or {}), parts, CHUNK)


def _jobs(simulations: Sequence[Simulation], single: Mapping[str, Sequence[Scenario]]) -> tuple[list[Solve], list[Job]]:
    """Return the loss models, each once, and all work in chunks: simulation by simulation, then single scenarios."""
    models: list[Solve] = []
    jobs: list[Job] = []
    for each in simulations:
        known = [n for n, model in enumerate(models) if model is each.model]
        which = known[0] if known else len(models)
        if not known:
            models.append(each.model)
        jobs += [(which, material, part) for material, part in simulated.chunks(each.batches, CHUNK)]
    for material, scenarios in single.items():
        jobs += [(0, material, tuple(scenarios[at : at + CHUNK])) for at in range(0, len(scenarios), CHUNK)]
    return models, jobs
