"""One band around what simulated years say: parameters, structure and the sampling of years, drawn together.

A world is one draw of parameters × one structure × one bootstrap of years. Parameters: chances as fitted, or at an end
of their 90 % range, all ends together; and behaviour, users and their thrift as in the draws of the ranking: a year's
loss of a good moves as the full stop of its largest seller does, and rises no further than that. Structures: hazards
as modelled, none of them together, and falls of exports on record in their place. What the alternatives cost is
solved, not read off: most of their scenarios are among those of the years already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from khanij.core import rng
from khanij.core.cube import Floats
from khanij.kernels.chances import exceedance
from khanij.reference.assumptions import assumed
from khanij.simulate.risk import ensemble, sensitivity
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.by_record.dependence import VarianceShares
from khanij.simulate.risk.by_record.hazards import Hazards
from khanij.simulate.risk.ensemble import Simulation
from khanij.simulate.risk.years import DistinctScenarios, EventSet, Scenarios, Solved, YearLosses, by_label
from khanij.simulate.supply.disruption import Scenario

USUAL, INDEPENDENT, RECORD = "as modelled", "none together", "falls on record"
SOURCES = ("parameters", "structure", "sampling")
ENDS = {"low": 0.185, "": 0.63, "high": 0.185}  # of a 90 % range: Keefer and Bodily 1983, doi 10.1287/mnsc.29.5.595
WORLDS, KEY = 200, 31
SHORT, RECORDED, LONG = 1_000, 500, 10_000  # years of an alternative, of falls on record, most of those as modelled
SPAN = (0.1, 0.9)
Draws = Mapping[tuple[str, str], Floats]
"""(material, stage) -> loss of its largest seller's stop (1 + D,) USD, the usual one first"""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Years of another structure, or with chances at an end of their range ("" = as fitted); None = not solved yet."""

    structure: str
    chance: str
    simulation: Simulation
    losses: YearLosses | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """10 % and 90 % of the worlds, USD.

    figures     ("expected loss", 0), ("VaR", level), ("CVaR", level)      whole  (K, 2)
    alone       source -> (K, 2) where it alone is drawn      share  source -> (K,) its part of their variances
    structures  those that were drawn
    """

    figures: tuple[tuple[str, float], ...]
    whole: Floats
    alone: Mapping[str, Floats]
    share: Mapping[str, Floats]
    structures: tuple[str, ...]

    def of(self, figure: str, level: float = 0.0) -> tuple[float, float]:
        """Return the band of one figure."""
        low, high = self.whole[self.figures.index((figure, level))].tolist()
        return low, high


def alternatives(base: Baseline, record: Hazards | None = None) -> tuple[Alternative, ...]:
    """Return the alternatives to the years of a baseline, not solved; years of the same streams of numbers.

    record  falls of exports on record, None = there are none, or the baseline stands on them
    """
    years, given = min(base.years, SHORT), base.hazards
    made = [(USUAL, end, sensitivity.hazards_at(given, "chance", end)) for end in ENDS if end]
    if given.dependence.own < 1.0:
        made.append((INDEPENDENT, "", replace(given, dependence=VarianceShares())))
    if record is not None:
        made.append((RECORD, "", record))
    return tuple(
        Alternative(
            s, end, ensemble.simulation(base.model, h, min(years, RECORDED) if s == RECORD else years, base.seed)
        )
        for s, end, h in made
    )


def unsolved(base: Baseline, listed: Sequence[Alternative]) -> dict[str, list[Scenario]]:
    """Return material -> scenarios of the alternatives that are not among those of the years."""
    return {m: [labels[at] for at in range(len(labels))] for m, (labels, _) in _new(base, listed).items()}


def _new(base: Baseline, listed: Sequence[Alternative]) -> dict[str, tuple[Scenarios, NDArray[np.uint8]]]:
    """Return material -> scenarios of alternatives on the baseline's own hazards that it has not, and their rows."""
    out = {}
    for material, batch in base.batches.items():
        rows = [_batch(one, material).level for one in listed if one.structure != RECORD]
        every = np.unique(np.concatenate([batch.level[:0], *rows]), axis=0)
        known = {row.tobytes() for row in batch.level}
        fresh = every[[row.tobytes() not in known for row in every]] if len(every) else every
        out[material] = (Scenarios(batch.scenarios.labels, fresh), fresh)
    return out


def _batch(one: Alternative, material: str) -> DistinctScenarios:
    """Return the scenarios of one material."""
    return next(batch for batch in one.simulation.batches if batch.material == material)


def with_losses(
    base: Baseline,
    listed: Sequence[Alternative],
    fresh: Mapping[str, Solved],
    record: Sequence[tuple[Solved, ...]],
) -> tuple[Alternative, ...]:
    """Return the alternatives with what their years cost.

    base    solved      fresh  answers to unsolved()      record  answers to the years of falls on record, if any
    """
    new, whole = _new(base, listed), iter(record)
    known = {}
    for material, batch in base.batches.items():
        rows = np.concatenate([batch.level, new[material][1]])
        parts = (base.answers[material], fresh[material])
        joined = Solved(*(np.concatenate([getattr(p, n) for p in parts]) for n in ("losses", "solved", "iterations")))
        known[material] = ({row.tobytes(): at for at, row in enumerate(rows)}, joined)
    return tuple(
        replace(one, losses=one.simulation.losses(next(whole) if one.structure == RECORD else _answers(one, known)))
        for one in listed
    )


def _answers(one: Alternative, known: Mapping[str, tuple[dict[bytes, int], Solved]]) -> tuple[Solved, ...]:
    """Return the answers to the scenarios of an alternative, looked up."""
    out = []
    for batch in one.simulation.batches:
        place, held = known[batch.material]
        out.append(held[np.array([place[row.tobytes()] for row in batch.level], dtype=np.intp)])
    return tuple(out)


def band(base: Baseline, listed: Sequence[Alternative], lost: Draws, levels: Sequence[float]) -> Band | None:
    """Return the band of expected loss, and of VaR and CVaR at levels; None where no year was solved.

    lost    draws of the stop of each good's largest seller      levels  of which VaR and CVaR are told
    """
    whole = [Alternative(USUAL, "", base.simulation, base.losses), *listed]
    goods = sorted({pair for one in whole for pair in _goods(one.simulation.hazards)})
    years = {(one.structure, one.chance): by_good(one, one.losses, goods) for one in whole if one.losses is not None}
    if not all(map(len, years.values())):
        return None
    ratio, most = _ratios(goods, lost)
    structures = tuple(dict.fromkeys(structure for structure, _ in years))
    figures = (("expected loss", 0.0), *((name, level) for name in ("VaR", "CVaR") for level in levels))
    drawn = {
        source: np.stack(list(_worlds(base, years, ratio, most, structures, levels, source)))
        for source in ("", *SOURCES)
    }
    ends = {source: np.quantile(values, SPAN, axis=0).T for source, values in drawn.items()}
    spread = {source: drawn[source].var(axis=0) for source in SOURCES}
    total = np.maximum(sum(spread.values()), np.finfo(float).tiny)
    share = {source: spread[source] / total for source in SOURCES}
    return Band(figures, ends[""], {source: ends[source] for source in SOURCES}, share, structures)


def _goods(given: Hazards) -> list[tuple[str, str]]:
    """Return the good of each hazard."""
    return list(zip(given.material, given.stage, strict=True))


def by_good(one: Alternative, losses: YearLosses, goods: Sequence[tuple[str, str]]) -> Floats:
    """Return (Y, G) losses by year and good of the first LONG years, those left out of which a part is not known."""
    place, drawn = {pair: at for at, pair in enumerate(goods)}, one.simulation.drawn
    label = np.array([place[pair] for pair in _goods(one.simulation.hazards)], dtype=np.intp)
    years, events = min(drawn.years, LONG), int(np.searchsorted(drawn.year, LONG))
    short = EventSet(drawn.first, years, *(getattr(drawn, n)[:events] for n in ("year", "hazard", "level", "factor")))
    return by_label(short, losses.event[:events], label[short.hazard], len(goods))[np.isfinite(losses.total[:years])]


def _ratios(goods: Sequence[tuple[str, str]], lost: Draws) -> tuple[Floats, Floats]:
    """Return (D, G) by what each draw multiplies the losses of a good, and up to what loss; 1 where nothing is drawn.

    Where the usual stop brings a gain, or a draw was not solved, nothing is known of how the losses move.
    """
    draws = max((len(values) for values in lost.values()), default=2) - 1
    ratio, most = np.ones((draws, len(goods))), np.full((draws, len(goods)), np.inf)
    for at, pair in enumerate(goods):
        values = lost.get(pair, np.zeros(1))
        if np.isfinite(values[0]) and values[0] > 0:
            known = np.isfinite(values[1:])
            ratio[known, at] = values[1:][known] / values[0]
            most[known, at] = np.abs(np.maximum(values[1:], values[0])[known])
    return ratio, most


def _worlds(
    base: Baseline,
    years: Mapping[tuple[str, str], Floats],
    ratio: Floats,
    most: Floats,
    structures: Sequence[str],
    levels: Sequence[float],
    source: str,
) -> Iterator[Floats]:
    """Yield the figures (K,) of each world; source  what alone is drawn, "" = all."""
    stream = rng.stream(base.seed, KEY)
    usual = assumed("structure_usual", base.case) if len(structures) > 1 else 1.0
    odds = [usual, *([(1.0 - usual) / max(len(structures) - 1, 1)] * (len(structures) - 1))]
    for _ in range(WORLDS):
        structure = structures[stream.choice(len(structures), p=odds)]
        end = tuple(ENDS)[stream.choice(len(ENDS), p=tuple(ENDS.values()))]
        draw, pick = stream.integers(0, len(ratio)), stream.uniform(size=LONG)
        structure = structure if source in ("", "structure") else USUAL
        held = years[structure, end] if source in ("", "parameters") and (structure, end) in years else None
        held = years[structure, ""] if held is None else held
        if source in ("", "parameters"):
            total = np.minimum(held * ratio[draw], np.maximum(held, most[draw])).sum(axis=1)
        else:
            total = held.sum(axis=1)
        if source in ("", "sampling"):
            total = total[(pick[: len(total)] * len(total)).astype(np.intp)]
        total = np.sort(total)  # once, for every level
        tails = [f(total, level) for f in (exceedance.value_at_risk, exceedance.tail_mean) for level in levels]
        yield np.array([total.mean(), *tails])
