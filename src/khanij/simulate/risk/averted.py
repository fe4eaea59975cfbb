"""What a change of a Case averts: the same hazards and years, with the change and without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.kernels.chances import exceedance
from khanij.simulate.loss.loss_model import LossModel, loss_model
from khanij.simulate.risk import years as simulated
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.years import Solved

Change = Callable[[Case], Case]
TAIL = 0.95  # level of CVaR


@dataclass(frozen=True, slots=True)
class AvertedLoss:
    """What a change averts, in USD.

    years   material -> (Y,) loss without less loss with, year by year, nan where either was not solved
    shown   material -> whether its network differs at all
    """

    years: Mapping[str, Floats]
    shown: Mapping[str, bool]
    answers: Mapping[str, Solved]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Expected yearly loss averted and fall of CVaR, each with its standard error over years, USD.

    solved  part of the years in which both sides were solved
    """

    expected: float
    error: float
    tail: float
    tail_error: float
    solved: float


def averted_loss(base: Baseline, changed: Case, materials: Iterable[str] | None = None) -> AvertedLoss:
    """Return what a changed Case averts; materials that are not counted are left out."""
    touched = [m for m in (base.materials if materials is None else dict.fromkeys(materials)) if m in base.batches]
    model = changed_model(base, changed, touched)
    years, shown, answers = {}, {}, {}
    for material in touched:
        answers[material] = simulated.checked(model, material, base.batches[material].scenarios)
        years[material] = base.loss(material) - base.loss(material, answers[material])
        shown[material] = bool((answers[material].losses != base.answers[material].losses).any())
    return AvertedLoss(years, shown, answers)


def changed_model(base: Baseline, changed: Case, materials: Iterable[str]) -> LossModel:
    """Return the loss model of a changed Case, on networks that name the countries of the baseline and no others."""
    # What a stockpile changes is in a cube of its own: no flow moves, and the networks need not be made again.
    same = all(changed.cubes.get(name) is cube for name, cube in base.case.cubes.items())
    named = {m: base.nodes[m] for m in materials}
    known = [base.networks[m] for m in named] if same else ()
    return loss_model(changed, base.focus, base.year, named, known=known, economy=base.economy, nodes=0)


def estimate(base: Baseline, found: AvertedLoss, need: Mapping[str, float] | None = None) -> Estimate:
    """Return the paired differences: expected loss averted and fall of CVaR, with standard errors.

    need  material -> its need by that of the base year, 1 if not named: markets grow with it
    """
    if not found.years:
        return Estimate(0.0, 0.0, 0.0, 0.0, 1.0)
    times = {m: 1.0 if need is None else need.get(m, 1.0) for m in found.years}
    before = np.sum([base.loss(m) * times[m] for m in found.years], axis=0)
    less = np.sum([years * times[m] for m, years in found.years.items()], axis=0)
    whole = np.isfinite(before) & np.isfinite(less)
    if whole.sum() < 2:
        return Estimate(np.nan, np.nan, np.nan, np.nan, float(whole.mean()))
    before, less = before[whole], less[whole]
    mean, error = (float(x) for x in exceedance.expected(less))
    after = before - less
    tails = [float(exceedance.tail_mean(loss, TAIL)) for loss in (before, after)]
    # CVaR moves as the mean of what lies beyond each side's own quantile; the two are paired by year.
    beyond = [np.maximum(loss - float(exceedance.value_at_risk(loss, TAIL)), 0.0) for loss in (before, after)]
    spread = float(np.std(beyond[0] - beyond[1], ddof=1) / np.sqrt(len(less)) / (1 - TAIL))
    return Estimate(mean, error, tails[0] - tails[1], spread, float(whole.mean()))


def producer_gain(base: Baseline, found: AvertedLoss) -> float:
    """Return the part of what is averted a year, USD, that is no loss averted but a gain: losses pushed below 0.

    Own makers earn more in years in which others go without; a mineral's year counts as a gain where its loss is < 0.
    """
    before = {m: base.loss(m) for m in found.years}
    parts = [np.maximum(less - before[m], 0.0) - np.maximum(-before[m], 0.0) for m, less in found.years.items()]
    return float(sum(np.nanmean(part) for part in parts))


def by_country(base: Baseline, found: AvertedLoss) -> dict[str, float]:
    """Return affected seller -> expected yearly loss averted, USD, largest first; divided as the year's loss was."""
    hazard = base.drawn.hazard
    material = np.array(base.hazards.material)[hazard]
    country = np.array(base.hazards.country)[hazard]
    parts: dict[str, float] = {}
    for name, less in found.years.items():
        mine = material == name
        when, loss = base.drawn.year[mine], base.loss(name)
        of = np.divide(base.event_losses[mine], loss[when], out=np.zeros(int(mine.sum())), where=np.abs(loss[when]) > 0)
        for code, part in zip(country[mine].tolist(), np.nan_to_num(of * less[when]).tolist(), strict=True):
            parts[code] = parts.get(code, 0.0) + part / base.years
    return dict(sorted(parts.items(), key=lambda item: -abs(item[1])))
