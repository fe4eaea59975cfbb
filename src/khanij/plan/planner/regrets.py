"""Regret across methods: how much dearer a plan is than the best of several if another method has the world right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from khanij.core.cube import Floats
from khanij.plan.levers import Lever, apply
from khanij.plan.measures.value import MeasureValue
from khanij.reference.assumptions import assumed, assumed_range
from khanij.simulate.loss.loss_model import LossModel
from khanij.simulate.loss.rationing import Rationed
from khanij.simulate.risk import averted as valuation
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.by_record import assumed_hazards as unrecorded
from khanij.simulate.risk.years import Solve
from khanij.simulate.supply import behaviours

YEARS = 400  # simulated years in which plans are compared
FEW = 1e-6  # a size below which a measure is not begun
SolveWith = Callable[[Baseline, LossModel], Solve]
Sizes = tuple[tuple[int, float], ...]  # measures on a mineral and their sizes


@dataclass(frozen=True, slots=True)
class ModelState:
    """One way in which the world may be: the chances of a baseline, and a model of what a year then costs."""

    name: str
    base: Baseline
    model: SolveWith


@dataclass(frozen=True, slots=True)
class Candidates:
    """P candidates: their names, what of each measure stands in each span of years (P, I, L), and cost (P,).

    weight (M, L)  by which a year's loss of each mineral counts in a span: its weight, and need by that of the year at
                   which the evaluator looks
    """

    names: tuple[str, ...]
    sizes: Floats
    cost: Floats
    weight: Floats


@dataclass(frozen=True, slots=True)
class RegretTable:
    """What each of P candidates costs in each of S states: loss of all years and cost of the measures (P, S), money."""

    candidates: Candidates
    states: tuple[str, ...]
    loss: Floats

    @property
    def regret(self) -> Floats:
        """Return how much dearer each candidate is than the best of them, state by state (P, S)."""
        whole = self.loss + self.candidates.cost[:, None]
        return np.asarray(whole - whole.min(axis=0))


def usual(base: Baseline, model: LossModel) -> Solve:
    """Return the market engine as it is used everywhere else."""
    return model


def with_exposure(psi: float, position: float) -> SolveWith:
    """Return the market engine with other substitution and another part of output that needs the material."""

    def solve_with(base: Baseline, model: LossModel) -> Solve:
        return replace(model, parameters=replace(model.parameters, psi=psi, dependent=position))

    return solve_with


def published(base: Baseline, model: LossModel) -> Solve:
    """Return the market engine with behaviour at the best of published ranges, fitted to no event."""
    moved = {
        m: replace(behaviours.published(network, base.case), stock=model.behaviours[m].stock)
        for m, network in model.networks.items()
    }
    return replace(model, behaviours=moved)


def rationed(base: Baseline, model: LossModel) -> Solve:
    """Return the physical engine: no prices, what is short is rationed."""
    return Rationed(model, *(assumed(name, base.case) for name in ("rerouting", "refill")))


def states(base: Baseline) -> tuple[ModelState, ...]:
    """Return the states in which plans are compared; chances are moved where some had to be assumed."""
    found = [ModelState("as planned for", base, usual)]
    if base.economy.known:  # without a table of industries, output that users lose is not told at all
        psi = assumed_range("psi", base.case)
        found += [
            ModelState("substitution easy, little output needs it", base, with_exposure(psi.high, 0.0)),
            ModelState("substitution hard, much output needs it", base, with_exposure(psi.low, 1.0)),
            ModelState("physical engine: rationing without prices", base, rationed),
        ]
    found.append(ModelState("behaviour as published, fitted to nothing", base, published))
    ends = ("low", "high") if unrecorded.KIND in base.hazards.kind else ()
    return (*found, *(ModelState(f"assumed chances {end}", with_chances_at(base, end), usual) for end in ends))


def with_chances_at(base: Baseline, end: str) -> Baseline:
    """Return the baseline with the chances that were assumed, and no others, at the "low" or "high" end of range.

    Other events strike in its years; networks are those it has, and no answer is at hand.
    """
    moved = getattr(base.hazards, end)
    stated = np.array([kind == unrecorded.KIND for kind in base.hazards.kind])
    given = replace(base.hazards, probability=np.where(stated, moved, base.hazards.probability))
    return base.with_hazards(given, min(base.years, YEARS))


@dataclass(slots=True)
class RegretEvaluator:
    """Yearly losses of plans in a state, mineral by mineral: what two plans do alike is solved once.

    need  material -> need of the year that is looked at, by that of the base year
    """

    values: Sequence[MeasureValue]
    need: Mapping[str, float]
    years: int = YEARS
    known: dict[tuple[str, str, Sizes], float] = field(default_factory=dict)
    models: dict[tuple[str, Sizes], LossModel] = field(default_factory=dict)

    def loss(self, state: ModelState, sizes: Floats) -> dict[str, float]:
        """Return the expected loss of a year by mineral, USD, with measures of these sizes (I,) all in place.

        A year in which a mineral brings a gain counts as no loss, as in the plan.
        """
        out = {}
        for material in state.base.materials:
            mine = tuple((i, round(float(sizes[i]), 9)) for i in self._on(material, sizes))
            key = (state.name, material, mine)
            if key not in self.known:
                self.known[key] = self._solve(state, material, mine)
            out[material] = self.known[key]
        return out

    def _on(self, material: str, sizes: Floats) -> list[int]:
        """Return the measures in place that touch a material."""
        return [i for i in np.flatnonzero(sizes > FEW).tolist() if material in self.values[i].measure.touched()]

    def _model(self, base: Baseline, material: str, mine: Sizes) -> LossModel:
        """Return the market engine of one material with measures in place: all states share its networks."""
        key = (material, mine)
        if key not in self.models:
            times = self.need.get(material, 1.0)
            levers: list[Lever] = [
                lever for i, size in mine for lever in self.values[i].measure.resized_levers(size / times)
            ]
            case = apply(base.case, levers).case if levers else base.case
            self.models[key] = valuation.changed_model(base, case, [material])
        return self.models[key]

    def _solve(self, state: ModelState, material: str, mine: Sizes) -> float:
        """Return the expected loss of one material."""
        base = state.base
        batch = base.batches[material]
        place = batch.place[: self.years]
        struck, back = np.unique(place[place >= 0], return_inverse=True)
        if not len(struck):
            return 0.0
        solve = state.model(base, self._model(base, material, mine))
        losses, solved, _ = solve(material, [batch.scenarios[s] for s in struck.tolist()])
        yearly = np.where(solved, np.maximum(losses, 0.0), np.nan)[back]
        return float(np.nansum(yearly) / max(len(place) - int(np.isnan(yearly).sum()), 1)) * self.need.get(
            material, 1.0
        )


def compare(
    evaluator: RegretEvaluator, listed: Sequence[ModelState], candidates: Candidates, per_usd: float
) -> RegretTable:
    """Return what each candidate costs in each state over all years, in money of `per_usd` units a dollar.

    Σ_lm weight_ml L_m(what stands in l): each span by what stands in it, so that what works early counts early.
    """
    loss = np.zeros((len(candidates.sizes), len(listed)))
    for p, sizes in enumerate(candidates.sizes):
        for s, state in enumerate(listed):
            for placed, weight in zip(sizes.T, candidates.weight.T, strict=True):
                loss[p, s] += np.dot(weight, list(evaluator.loss(state, placed).values()))
    return RegretTable(candidates, tuple(state.name for state in listed), loss * per_usd)
