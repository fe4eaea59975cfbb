"""Simulated years: events drawn from hazards, the unlike scenarios among them, and losses put back to the years."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from khanij.core import rng
from khanij.core.cube import Floats, Positions
from khanij.core.errors import AlignmentError, StudyError
from khanij.kernels.chances import dependence
from khanij.simulate.risk.by_record.dependence import latent_factor, standard_normal
from khanij.simulate.risk.by_record.hazards import Hazards
from khanij.simulate.supply.disruption import Scenario

CHUNK = 1024  # scenarios solved together; a constant, because a batch is solved together
BLOCK = 4096  # years of one stream; a constant, because the numbers depend on it
PIECE = 2**20  # events looked at together: a million years have tens of millions, and memory is to stay flat
Flags = NDArray[np.bool_]
Solve = Callable[[str, Sequence[Scenario]], tuple[Floats, Flags, Positions]]
"""solve(material, S scenarios) -> losses (S,) USD, solved (S,) bool, iterations (S,)"""


@dataclass(frozen=True, slots=True)
class EventSet:
    """E events in the order of years and hazards.

    first, years  the simulated years first..first+years-1 that were drawn
    year          (E,) from 0      hazard  (E,) position      level  (E,) position on the hazards' grid
    factor        (E,) which of dependence.FACTORS pushed the event most
    Narrow numbers, ten bytes an event: add and multiply in wider ones.
    """

    first: int
    years: int
    year: NDArray[np.int32]
    hazard: NDArray[np.int32]
    level: NDArray[np.uint8]
    factor: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Scenarios(Sequence[Scenario]):
    """Scenarios of one material, told in words when they are asked for.

    labels  (h) a tuple a hazard: (country, stage, part lost) at each level of the grid
    level   (U, h) position on the grid + 1 of each hazard in each scenario, 0 = not affected
    """

    labels: tuple[tuple[tuple[str, str, float], ...], ...]
    level: NDArray[np.uint8]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.level)

    @overload
    def __getitem__(self, at: int) -> Scenario: ...
    @overload
    def __getitem__(self, at: slice) -> Scenarios: ...
    def __getitem__(self, at: int | slice) -> Scenario | Scenarios:
        """Return one scenario in words, or some of them."""
        if isinstance(at, slice):
            return Scenarios(self.labels, self.level[at])
        return _deepest([of[k - 1] for of, k in zip(self.labels, self.level[at].tolist(), strict=True) if k])


@dataclass(frozen=True, slots=True)
class DistinctScenarios:
    """The unlike scenarios of one material.

    hazard     (h,) positions of its hazards
    scenarios  (U) no one of them without an event
    place      (Y,) scenario of each year, -1 = none
    single_event  (h, S) scenario in which that hazard happens by itself at that level, -1 = not among them
    """

    material: str
    hazard: Positions
    scenarios: Scenarios
    place: NDArray[np.int32]
    single_event: Positions

    @property
    def level(self) -> NDArray[np.uint8]:
        """Return (U, h) the position on the grid + 1 of each hazard in each scenario, 0 = not affected."""
        return self.scenarios.level


@dataclass(frozen=True, slots=True)
class Solved:
    """What the loss model gave for a batch: losses (U,) USD, solved (U,), iterations (U,)."""

    losses: Floats
    solved: Flags
    iterations: Positions

    def __getitem__(self, at: slice | Positions) -> Solved:
        """Return the answers to some of its scenarios."""
        return Solved(self.losses[at], self.solved[at], self.iterations[at])


@dataclass(frozen=True, slots=True)
class YearLosses:
    """Losses of Y years in USD, nan where a scenario of the year was not solved.

    material  (Y, M) in the order of `materials`      event  (E,) part of it that each event answers for
    least, most  (Y, M) unsolved scenarios at 0, and at the dearest solved one of their material
    """

    materials: tuple[str, ...]
    material: Floats
    event: Floats
    least: Floats
    most: Floats

    @property
    def total(self) -> Floats:
        """Return the loss of each year (Y,), nan where a part of it is not known."""
        return np.asarray(self.material.sum(axis=1))


def draw(given: Hazards, years: int, seed: int, first: int = 0) -> EventSet:
    """Return the events of `years` years from year `first` on.

    Latent factor of a hazard: Z = √w·World + √c·Country + √m·Market + √o·Own, standard normal each; it happens
    where Z exceeds the quantile that its chance leaves above. Every world, country, market and hazard has its own
    stream, so that a year's numbers depend on the seed and the names alone: not on other hazards, on how years are
    split, or on workers.
    Raises StudyError for years < 1, first < 0 or a negative seed.
    """
    if years < 1 or first < 0:
        raise StudyError(f"{years} years from year {first}", where="--years", hint="a whole number from 1")
    parts = [_block(given, seed, block, first, first + years) for block in _touched(first, years)]
    return EventSet(first, years, *(np.concatenate(column) for column in zip(*parts, strict=True)))


def _touched(first: int, years: int) -> range:
    """Return the blocks that hold these years."""
    return range(first // BLOCK, (first + years - 1) // BLOCK + 1)


def _block(
    given: Hazards, seed: int, block: int, first: int, last: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint8]]:
    """Return year from `first`, hazard, level and factor of the events of one block within first..last-1, in order."""
    limit = dependence.threshold(given.probability)
    parts = given.dependence
    weight = np.sqrt([parts.world, parts.country, parts.market, parts.own])
    begin, end = max(first - block * BLOCK, 0), min(last - block * BLOCK, BLOCK)
    common: dict[str, Floats] = {}

    def push(factor: int, name: str) -> Floats:
        if name not in common:
            common[name] = weight[factor] * standard_normal(seed, name, block, BLOCK)
        return common[name]

    steps = np.cumsum(given.severity, axis=1)
    found: list[tuple[NDArray[np.generic], ...]] = []
    for h, name in enumerate(given.streams):
        country, material, stage = given.country[h], given.material[h], given.stage[h]
        own, depth = latent_factor(seed, name, block, BLOCK)
        shared = (push(0, "world"), push(1, f"country {country}"), push(2, f"market {material}:{stage}"))
        pushes = (*shared, weight[3] * own)
        affected = begin + np.flatnonzero((pushes[0] + pushes[1] + pushes[2] + pushes[3])[begin:end] > limit[h])
        level = np.minimum(np.searchsorted(steps[h], depth[affected], side="right"), len(given.levels) - 1)
        of = np.stack([part[affected] for part in pushes])
        most = np.argmax(np.where(weight[:, None] > 0, of, -np.inf), axis=0)
        hazard = np.full(len(affected), h, dtype=np.int32)
        found.append((affected.astype(np.int16), hazard, level.astype(np.uint8), most.astype(np.uint8)))
    place, hazards, levels, factors = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(place, kind="stable")  # hazards rise already
    year = place[order].astype(np.int32) + np.int32(block * BLOCK - first)
    return year, hazards[order], levels[order], factors[order]


def distinct_scenarios(given: Hazards, drawn: EventSet) -> tuple[DistinctScenarios, ...]:
    """Return the unlike scenarios of each material, those of single events that are needed for attribution included."""
    table = np.zeros((drawn.years, len(given)), dtype=np.uint8)
    for piece in _pieces(drawn):
        table[drawn.year[piece], drawn.hazard[piece]] = drawn.level[piece] + 1
    return tuple(_batch(given, table, material) for material in given.materials)


def _pieces(drawn: EventSet) -> tuple[slice, ...]:
    """Return all events, some at a time."""
    return rng.blocks(len(drawn.year), PIECE) if len(drawn.year) else ()


def _batch(given: Hazards, table: NDArray[np.uint8], material: str) -> DistinctScenarios:
    """Return the scenarios of one material; table (Y, H) level + 1 of each hazard in each year, 0 = not affected."""
    mine = np.array(given.of(material), dtype=np.intp)
    rows, back = _unlike(table[:, mine])
    several = rows[(rows > 0).sum(axis=1) > 1]
    needed = np.unique(np.stack([np.nonzero(several)[1], several[several > 0]]), axis=1)
    single = np.zeros((needed.shape[1], len(mine)), dtype=np.uint8)
    single[np.arange(needed.shape[1]), needed[0]] = needed[1]
    whole, place = _unlike(np.vstack([rows, single]))
    none = not whole[:1].any() and len(whole) > 0  # rows rise, so that a year without events comes first
    level = whole[1:] if none else whole
    place -= np.int32(none)
    single_event = np.full((len(mine), len(given.levels)), -1, dtype=np.intp)
    lonely = np.nonzero((level > 0).sum(axis=1) == 1)[0]
    which = level[lonely].argmax(axis=1)
    single_event[which, level[lonely, which].astype(np.intp) - 1] = lonely
    labels = tuple(tuple((given.country[h], given.stage[h], float(c)) for c in given.levels) for h in mine.tolist())
    return DistinctScenarios(material, mine, Scenarios(labels, level), place[: len(rows)][back], single_event)


def _unlike(table: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Return the unlike rows in rising order and the place of each row among them."""
    if not table.size:
        return table[:0], np.zeros(len(table), dtype=np.int32)
    packed = np.ascontiguousarray(table).view(np.dtype((np.void, table.shape[1]))).ravel()
    _, first, back = np.unique(packed, return_index=True, return_inverse=True)
    return table[first], back.reshape(-1).astype(np.int32)


def _deepest(affected: Sequence[tuple[str, str, float]]) -> Scenario:
    """Return each seller and good once: of several causes the one that takes most counts."""
    most: dict[tuple[str, str], float] = {}
    for country, stage, part in affected:
        most[country, stage] = max(part, most.get((country, stage), 0.0))
    return tuple((country, stage, part) for (country, stage), part in most.items())


def chunks(found: Sequence[DistinctScenarios], size: int) -> tuple[tuple[str, Scenarios], ...]:
    """Split the scenarios into (material, at most `size` scenarios); how depends on nothing else."""
    return tuple(
        (batch.material, batch.scenarios[part])
        for batch in found
        if batch.scenarios
        for part in rng.blocks(len(batch.scenarios), size)
    )


def checked(solve: Solve, material: str, scenarios: Sequence[Scenario]) -> Solved:
    """Return what a loss model gives; raises AlignmentError for arrays of another length.

    A loss that is no number counts as not solved. Where nothing ever happens the model is not asked. Scenarios are
    solved CHUNK by CHUNK, so that the same ones give the same bytes here and in a worker.
    """
    if not len(scenarios):
        return Solved(np.empty(0), np.empty(0, dtype=bool), np.empty(0, dtype=np.intp))
    parts = []
    for block in rng.blocks(len(scenarios), CHUNK):
        asked = tuple(scenarios[block])
        arrays = tuple(np.asarray(values) for values in solve(material, asked))
        if (shapes := {values.shape for values in arrays}) != {(len(asked),)}:
            raise AlignmentError(f"{len(asked)} scenarios, arrays of {shapes}", where=f"losses of {material}")
        parts.append(arrays)
    losses, solved, iterations = (np.concatenate(column) for column in zip(*parts, strict=True))
    losses = losses.astype(np.float64)
    solved = solved.astype(bool) & np.isfinite(losses)
    return Solved(np.where(solved, losses, np.nan), solved, iterations.astype(np.intp))


def losses_by_year(
    given: Hazards, drawn: EventSet, found: Sequence[DistinctScenarios], answers: Sequence[Solved]
) -> YearLosses:
    """Return the losses of each year and material, and the part of it that each event answers for.

    Where several sellers of a material are affected in one year, its loss is divided as the losses of each event by
    itself are (gains count as 0); alike where none of them loses by itself or one of them was not solved.
    """
    names = tuple(batch.material for batch in found)
    amounts = np.zeros((drawn.years, len(names)))
    solved = all(answer.solved.all() for answer in answers)
    least, most = (amounts, amounts) if solved else (np.zeros_like(amounts), np.zeros_like(amounts))
    event = np.zeros(len(drawn.year))
    for m, (batch, answer) in enumerate(zip(found, answers, strict=True)):
        if not batch.scenarios:
            continue
        there = batch.place >= 0
        dearest = max(np.nanmax(answer.losses, initial=0.0), 0.0)
        whole = ((amounts, np.nan),) if solved else ((amounts, np.nan), (least, 0.0), (most, dearest))
        for array, unsolved in whole:
            array[there, m] = np.where(answer.solved, answer.losses, unsolved)[batch.place[there]]
        parts = answer.losses[:, None] * _allocate(batch, answer)
        nth = np.full(len(given), -1)
        nth[batch.hazard] = np.arange(len(batch.hazard))
        for piece in _pieces(drawn):
            own = nth[drawn.hazard[piece]]
            here = own >= 0
            event[piece][here] = parts[batch.place[drawn.year[piece][here]], own[here]]
    return YearLosses(names, amounts, event, least, most)


def _allocate(batch: DistinctScenarios, answer: Solved) -> Floats:
    """Return (U, h) the part of each scenario's loss that each affected hazard answers for, rows adding up to 1."""
    affected = batch.level > 0
    single = np.where(batch.single_event >= 0, answer.losses[np.maximum(batch.single_event, 0)], np.nan)
    level = np.maximum(batch.level.astype(np.intp) - 1, 0)
    weight = np.where(affected, np.maximum(single[np.arange(len(batch.hazard)), level], 0.0), 0.0)
    total = weight.sum(axis=1, keepdims=True)
    alike = affected / affected.sum(axis=1, keepdims=True)
    fair = (total > 0) & np.isfinite(total)
    return np.where(fair, weight / np.where(fair, total, 1.0), alike)


def by_label(drawn: EventSet, amounts: Floats, label: Positions, count: int) -> Floats:
    """Return (Y, count) the amounts of events added up by year and label.

    amounts (E,)      label (E,) 0..count-1
    """
    flat = np.multiply(drawn.year, count, dtype=np.intp) + label
    sums = np.bincount(flat, weights=amounts, minlength=drawn.years * count)
    return np.asarray(sums, dtype=np.float64).reshape(drawn.years, count)
