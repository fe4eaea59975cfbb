"""How sure a screening result is: draws of its inputs, the scatter of score and rank, and which input makes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from khanij.core import registry
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import StudyError
from khanij.core.registry import package_version
from khanij.core.result import Result, Trace
from khanij.kernels.chances import sampling
from khanij.methods.uncertainty import indicators as models
from khanij.methods.uncertainty.draws import BLOCK, Draws, Floats
from khanij.methods.uncertainty.inputs import View
from khanij.methods.uncertainty.spreads import GOVERNANCE, INPUTS, MIRROR, ROUNDING, USUAL, Spreads

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
CELL = ("material", "stage", "focus", "year")
WHOLE = "whole"  # the stage label of a score that has chosen its own stage
REFERENCES = {"trade": MIRROR, "governance": GOVERNANCE, "shares": ROUNDING}


@dataclass(frozen=True, slots=True)
class Sample:
    """Draws of one model: outputs (N, draws) by name, the point value of each, and sums for sensitivity by input."""

    point: Mapping[str, Floats]
    draws: Mapping[str, Floats]
    sums: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class _Limit:
    """Score from which a cell counts as over, nan for none, and who says so."""

    level: float
    reference: str

    def notes(self) -> tuple[str, ...]:
        """Return the sentence on it, if there is one."""
        return (f"over: from {self.level:g}; {self.reference}",) if self.level > 0 else ()


def methods() -> tuple[str, ...]:
    """Return the methods that have an uncertain form."""
    return tuple(sorted(registry.UNCERTAIN))


def assess(
    case: Case,
    method: str,
    draws: int = 1000,
    seed: int = 0,
    inputs: Iterable[str] | None = None,
    sensitivity: bool = False,
    threshold: float | None = None,
    spreads: Spreads | None = None,
    workers: int = 1,
    executor: Executor | None = None,
) -> Result:
    """Return the distribution of a method's score and rank over draws of its inputs.

    case         the question; every focus and year of it is assessed by itself
    method       one of methods()
    draws, seed  whole numbers from 1 and from 0; the same seed gives the same numbers, first draws first, whatever the
                 number of draws, workers or inputs
    inputs       names of spreads.INPUTS that are drawn; None = USUAL, all but choices of method; one that is not drawn,
                 or cannot move the method, stays at its published value
    sensitivity  estimate first-order and total effects of each input (a run costs 2 + inputs times as much)
    threshold    score from which a cell counts as over; None = that of the registry, nan if there is none
    spreads      sizes of the spreads; None = the measured and stated ones
    workers, executor  threads of this process, or an executor of the caller's (threads or processes)
    Returns variables (material, stage, focus, year): value, mean, deviation, q05 … q95, rank, rank_q05, rank_q50,
    rank_q95, over, known; for the EU's method importance and its quantiles, critical; with sensitivity first_order and
    total (input in front). A score that chooses its own stage stands at stage "whole".
    Raises StudyError for an unknown method or input, draws < 1 or a negative seed.
    """
    builder, limit = models.find(method), _limit(method, threshold)
    if draws < 1 or seed < 0 or workers < 1:
        raise StudyError(
            "draws and workers are whole numbers from 1, a seed from 0", where="--draws, --seed, --workers"
        )
    sizes = spreads or Spreads()
    chosen = _chosen(inputs)
    parts, notes, used = [], [], set()
    for focus in range(len(case.axis("focus"))):
        for year in range(len(case.axis("year"))):
            view = View(case, focus, year, np.empty(0, dtype=np.intp), sizes)
            model = builder(view.of(models.every_row(view)))
            active = chosen & frozenset(model.inputs)
            found = sample(model, draws, seed, active, sensitivity, workers, executor)
            parts.append((focus, year, model.cells, _summary(found, limit.level)))
            notes.extend(model.notes)
            used |= active
    names = tuple(name for name in INPUTS if name in used)
    said = (*dict.fromkeys(notes), *_drawn(names, case), *limit.notes())
    settings = {"draws": draws, "inputs": names, "threshold": limit.level, "sensitivity": sensitivity, **sizes.record()}
    return _result(case, method, parts, names, settings, seed, said)


def sample(
    model: models.Model,
    draws: int,
    seed: int,
    active: frozenset[str],
    sensitivity: bool = False,
    workers: int = 1,
    executor: Executor | None = None,
) -> Sample:
    """Return the draws of a model. Blocks are independent, so that their order and the workers change no byte.

    Raises nothing of its own; arguments as in assess()
    """
    point = {name: values[:, 0] for name, values in model.evaluate(Draws(seed, 0, 2, frozenset())).items()}
    names = tuple(name for name in INPUTS if name in active) if sensitivity else ()
    task = partial(_block, model, draws, seed, active, names, next(iter(point.values())))
    count = -(-draws // BLOCK)
    found: Iterable[tuple[dict[str, Floats], dict[str, Floats]]]
    if executor is not None:
        found = executor.map(task, range(count))
        return _joined(point, draws, found)
    if workers == 1:
        return _joined(point, draws, map(task, range(count)))
    with ThreadPoolExecutor(workers) as pool:
        return _joined(point, draws, pool.map(task, range(count)))


def _block(
    model: models.Model,
    draws: int,
    seed: int,
    active: frozenset[str],
    names: Sequence[str],
    anchor: Floats,
    block: int,
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return the outputs of one block, cut to the draws asked for, and its sums for the sensitivity to each input."""
    source = Draws(seed, block, BLOCK, active)
    size = min(BLOCK, draws - block * BLOCK)
    outputs = {name: values[:, :size] for name, values in model.evaluate(source).items()}
    if not names:
        return outputs, {}
    first = next(iter(outputs.values()))

    def primary(*swapped: str) -> Floats:
        return next(iter(model.evaluate(source.mixing(*swapped)).values()))[:, :size]

    second, zero = primary("*"), np.where(np.isnan(anchor), 0.0, anchor)
    return outputs, {name: sampling.sobol_sums(first, second, primary(name), zero) for name in names}


def _joined(
    point: Mapping[str, Floats], draws: int, found: Iterable[tuple[dict[str, Floats], dict[str, Floats]]]
) -> Sample:
    """Return the blocks put together in their order."""
    every = {name: np.empty((len(values), draws)) for name, values in point.items()}
    sums: dict[str, Floats] = {}
    for block, (outputs, added) in enumerate(found):
        for name, values in outputs.items():
            every[name][:, block * BLOCK : block * BLOCK + values.shape[1]] = values
        for name, part in added.items():
            sums[name] = sums[name] + part if name in sums else part
    return Sample(point, every, sums)


def _summary(found: Sample, level: float) -> dict[str, Floats]:
    """Return variable name -> (N,), or (INPUTS, N) for the sensitivities."""
    score, point = found.draws["score"], found.point["score"]
    mean, deviation, known = sampling.moments(score)
    ranked = sampling.ranks(score)
    out = {"value": point, "mean": mean, "deviation": deviation}
    out |= dict(zip(("q05", "q25", "q50", "q75", "q95"), sampling.quantiles(score, LEVELS), strict=True))
    out["rank"] = sampling.ranks(point[:, None])[:, 0]
    out |= dict(zip(("rank_q05", "rank_q50", "rank_q95"), sampling.quantiles(ranked, LEVELS[::2]), strict=True))
    out["over"] = np.full(len(point), np.nan) if np.isnan(level) else sampling.probability(score, level)
    out["known"] = known
    if "importance" in found.draws:
        out["importance"] = found.point["importance"]
        ends = sampling.quantiles(found.draws["importance"], LEVELS[::2])
        out |= dict(zip(("importance_q05", "importance_q50", "importance_q95"), ends, strict=True))
        out["critical"] = sampling.moments(found.draws["critical"])[0]
    if found.sums:
        pairs = [sampling.sobol_indices(found.sums[name]) for name in found.sums]
        absent = np.full(len(point), np.nan)  # an input that cannot move this model
        effects = dict(zip(found.sums, pairs, strict=True))
        out["first_order"] = np.stack([np.clip(effects[i][0], 0.0, 1.0) if i in effects else absent for i in INPUTS])
        out["total"] = np.stack([effects[i][1] if i in effects else absent for i in INPUTS])
    return out


def _limit(method: str, asked: float | None) -> _Limit:
    """Return the limit that is asked for; None = that of the registry, nan if there is none."""
    if asked is not None:
        return _Limit(asked, "as asked")
    entry = registry.find(method)
    stated = entry.threshold
    if stated is None:
        return _Limit(np.nan, "as asked")
    return _Limit(stated.least.get(entry.variables[0].name, np.nan), stated.reference)


def _chosen(inputs: Iterable[str] | None) -> frozenset[str]:
    """Return the names asked for, the usual ones if None; raises StudyError for an unknown one."""
    asked = frozenset(USUAL if inputs is None else inputs)
    unknown = sorted(asked - set(INPUTS))
    if unknown:
        raise StudyError(f"no uncertain input {unknown[0]!r}", where="--inputs", hint=f"some of {', '.join(INPUTS)}")
    return asked


def _drawn(names: Sequence[str], case: Case) -> tuple[str, ...]:
    """Return what is drawn and on whose word."""
    said = [f"drawn: {name} = {INPUTS[name]}" for name in names]
    said += [REFERENCES[name] for name in names if name in REFERENCES]
    measured = "production" in names and "production_spread" in case.cubes
    return (*said, *(case.cube("production_spread").notes if measured else ()))


def _result(
    case: Case,
    method: str,
    parts: Sequence[tuple[int, int, Sequence[tuple[str, str | None]], Mapping[str, Floats]]],
    names: Sequence[str],
    settings: Mapping[str, Any],
    seed: int,
    notes: Sequence[str],
) -> Result:
    """Return the summaries on labelled axes with the trace."""
    whole = any(stage is None for _, _, cells, _ in parts for _, stage in cells)
    stages = Axis("stage", (*([WHOLE] if whole else []), *case.axis("stage").codes))
    axes = (case.axis("material"), stages, case.axis("focus"), case.axis("year"))
    sizes = tuple(map(len, axes))
    chosen = registry.find(method)
    there = [quantity for quantity in (*chosen.needs, *chosen.optional) if quantity in case.cubes]
    used = {quantity: case.cube(quantity) for quantity in there}
    sources = tuple(sorted({source for cube in used.values() for source in cube.sources}))
    lead = Axis("input", tuple(names))
    variables = {}
    for name in dict.fromkeys(name for *_, summary in parts for name in summary):
        inputs = name in ("first_order", "total")
        values = np.full((*((len(lead),) if inputs else ()), *sizes), np.nan)
        for focus, year, cells, summary in parts:
            at = (
                axes[0].positions(material for material, _ in cells),
                stages.positions(stage or WHOLE for _, stage in cells),
            )
            kept = [list(INPUTS).index(i) for i in names]
            values[(..., *at, focus, year)] = summary[name][kept] if inputs else summary[name]
        unit = chosen.variables[0].unit if name in ("value", "mean", "deviation") or name.startswith("q") else "1"
        variables[name] = Cube(name, unit, (lead, *axes) if inputs else axes, values, sources=sources)
    notes = (*notes, "an input's effect: first order = the part of the variance that knowing it alone would take away")
    coverage = {name: (int((~np.isnan(cube.values)).sum()), cube.values.size) for name, cube in variables.items()}
    trace = Trace(
        f"{method} (draws)",
        package_version(),
        chosen.reference,
        settings,
        seed,
        sources,
        case.manifest,
        tuple(notes),
        coverage,
    )
    return Result(variables, trace, used=used)
