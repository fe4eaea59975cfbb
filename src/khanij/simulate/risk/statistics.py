"""What the simulated years of a risk say: expected loss, tails, return levels, and who and what is behind them. USD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from khanij.core.cube import Floats, Positions
from khanij.kernels import exceedance
from khanij.simulate.risk.assessment import Risk
from khanij.simulate.risk.dependence import FACTORS
from khanij.simulate.risk.years import YearLosses, by_label

LEVELS = (0.9, 0.95, 0.99)
TAIL = 0.95  # level at which contributions to the tail are given
PERIODS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


@dataclass(frozen=True, slots=True)
class TailLoss:
    """VaR and CVaR at a level, and the standard error of CVaR."""

    level: float
    var: float
    cvar: float
    error: float


@dataclass(frozen=True, slots=True)
class LossSummary:
    """The years in a few numbers; expected and tails are of the years that were solved, nan and none without any.

    expected, error  loss a year and its standard error      tails  by level, rising
    lowest, highest  expected loss with unsolved scenarios at 0, and at the dearest solved one of their material
    events           a year      event_years, solved_years  shares of years with an event, and solved
    scenarios        distinct ones      solved_scenarios  share of them
    median_iterations, most_iterations  of the market engine
    """

    expected: float
    error: float
    tails: tuple[TailLoss, ...]
    lowest: float
    highest: float
    years: int
    events: float
    event_years: float
    solved_years: float
    scenarios: int
    solved_scenarios: float
    median_iterations: float
    most_iterations: float


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one label (a material, a seller, a kind of event) adds; the parts of all labels add up to the whole.

    expected, error  loss a year and its standard error      share  of the expected loss; nan where that is no loss
    tail, tail_share what it adds to CVaR of the whole, and its share      own_tail  CVaR of its own losses
    event_years      share of years with an event of it
    """

    label: tuple[str, ...]
    expected: float
    error: float
    share: float
    tail: float
    tail_share: float
    own_tail: float
    event_years: float


@dataclass(frozen=True, slots=True)
class ReturnLevel:
    """The loss that is exceeded once in `period` years, with its 90 % interval of order statistics; nan = too few."""

    period: float
    loss: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SellerStop:
    """One seller, or two together, stop all exports of which they are hazards for a year.

    losses   material -> loss, nan = not solved
    joint    materials that both sell      beyond  what those cost together above the sum of each seller's stop alone
    """

    sellers: tuple[str, ...]
    losses: dict[str, float]
    joint: tuple[str, ...] = ()
    beyond: float = float("nan")

    @property
    def known(self) -> float:
        """Return the loss over the materials that were solved."""
        return float(sum(loss for loss in self.losses.values() if np.isfinite(loss)))


@dataclass(frozen=True, slots=True)
class AssumptionEffect:
    """Expected loss, CVaR and share of years solved with one assumption at the low and at the high end; nan = none."""

    assumption: str
    meaning: str
    expected: tuple[float, float]
    cvar: tuple[float, float]
    solved: tuple[float, float]

    @property
    def width(self) -> float:
        """Return how far apart the two expected losses lie; 0 where one of them is not known."""
        return float(np.nan_to_num(abs(self.expected[1] - self.expected[0])))


def summary(found: Risk) -> LossSummary:
    """Return expected loss and tails, and how much of the simulation was solved."""
    losses, drawn, years = found.losses, found.base.drawn, found.base.years
    whole = np.isfinite(losses.total)
    known = losses.total[whole]
    mean, error = (float(x) for x in exceedance.expected(known)) if len(known) else (np.nan, np.nan)
    answers = found.base.answers.values()
    solved = np.concatenate([answer.solved for answer in answers])
    rounds = np.concatenate([answer.iterations for answer in answers])
    low, high = (float(exceedance.expected(part.sum(axis=1))[0]) for part in (losses.least, losses.most))
    return LossSummary(
        expected=mean,
        error=error,
        tails=tuple(tail(known, level) for level in LEVELS) if len(known) else (),
        lowest=low,
        highest=high,
        years=years,
        events=len(drawn.year) / years,
        event_years=len(np.unique(drawn.year)) / years,
        solved_years=float(whole.mean()),
        scenarios=len(solved),
        solved_scenarios=float(solved.mean()) if len(solved) else 1.0,
        median_iterations=float(np.median(rounds)) if len(rounds) else 0.0,
        most_iterations=float(rounds.max(initial=0)),
    )


def tail(losses: Floats, level: float) -> TailLoss:
    """Return VaR and CVaR of the losses of years (n,)."""
    worst, mean = exceedance.value_at_risk(losses, level), exceedance.tail_mean(losses, level)
    return TailLoss(level, float(worst), float(mean), float(exceedance.tail_error(losses, level)))


def return_levels(found: Risk, periods: Sequence[float] = PERIODS) -> tuple[ReturnLevel, ...]:
    """Return the loss-exceedance curve, as far as the solved years reach."""
    known = found.losses.total[np.isfinite(found.losses.total)]
    reached = [period for period in periods if period <= len(known)]
    drawn = exceedance.curve(known, reached) if reached else np.empty((0, 3))
    return tuple(ReturnLevel(period, *map(float, row)) for period, row in zip(reached, drawn, strict=True))


def by_material(found: Risk) -> tuple[Contribution, ...]:
    """Return what each material adds, dearest first."""
    names = found.losses.materials
    label = np.array([names.index(m) for m in found.base.hazards.material], dtype=np.intp)
    return _contributions(found, [(name,) for name in names], found.losses.material, label)


def by_country(found: Risk) -> tuple[Contribution, ...]:
    """Return what each seller adds, dearest first."""
    names = found.base.hazards.countries
    label = np.array([names.index(c) for c in found.base.hazards.country], dtype=np.intp)
    return _by_event(found, [(name,) for name in names], label[found.base.drawn.hazard])


def by_kind(found: Risk) -> tuple[Contribution, ...]:
    """Return what each kind of event adds, by the latent factor that pushed it most: (kind, factor), dearest first."""
    kinds = tuple(dict.fromkeys(sorted(found.base.hazards.kind)))
    kind = np.array([kinds.index(k) for k in found.base.hazards.kind], dtype=np.intp)[found.base.drawn.hazard]
    names = [(kind, factor) for kind in kinds for factor in FACTORS]
    return _by_event(found, names, kind * len(FACTORS) + found.base.drawn.factor)


def _by_event(found: Risk, names: Sequence[tuple[str, ...]], label: Positions) -> tuple[Contribution, ...]:
    """Return contributions of labels of events (E,)."""
    amounts = by_label(found.base.drawn, found.losses.event, label, len(names))
    return _parts(found, names, amounts, _event_years(found, label))


def _contributions(
    found: Risk, names: Sequence[tuple[str, ...]], amounts: Floats, label: Positions
) -> tuple[Contribution, ...]:
    """Return contributions whose amounts by year (Y, L) are known; label (H,) of the hazards."""
    return _parts(found, names, amounts, _event_years(found, label[found.base.drawn.hazard]))


def _event_years(found: Risk, label: Positions) -> dict[int, float]:
    """Return label -> share of years with an event of it, of events' labels (E,)."""
    pairs = np.unique(np.stack([found.base.drawn.year, label]), axis=1)
    numbers, counts = np.unique(pairs[1], return_counts=True)
    return dict(zip(numbers.tolist(), (counts / found.base.years).tolist(), strict=True))


def _parts(
    found: Risk, names: Sequence[tuple[str, ...]], amounts: Floats, event_years: dict[int, float]
) -> tuple[Contribution, ...]:
    """Return one contribution a label with an event, dearest first."""
    whole: NDArray[np.bool_] = np.isfinite(found.losses.total)
    known = amounts[whole]
    if not len(known):
        return ()
    mean, error = exceedance.expected(known)
    added = exceedance.contributions(known, TAIL)[1]
    own = exceedance.tail_mean(known, TAIL)
    return tuple(
        Contribution(
            label=names[at],
            expected=float(mean[at]),
            error=float(error[at]),
            share=_part(float(mean[at]), float(mean.sum())),
            tail=float(added[at]),
            tail_share=_part(float(added[at]), float(added.sum())),
            own_tail=float(own[at]),
            event_years=event_years[at],
        )
        for at in np.argsort(-mean, kind="stable").tolist()
        if at in event_years
    )


def _part(part: float, whole: float) -> float:
    """Return part/whole where the whole is a loss, else nan."""
    return part / whole if whole > 0 else float("nan")


def single_sellers(found: Risk) -> tuple[SellerStop, ...]:
    """Return every seller's stop of all it sells (N-1), dearest first."""
    stops = [SellerStop((seller,), losses) for seller, losses in _sold(found).items()]
    return tuple(sorted(stops, key=lambda stop: (-stop.known, stop.sellers)))


def pairs_of_sellers(found: Risk) -> tuple[SellerStop, ...]:
    """Return the stops of all pairs of sellers (N-2), dearest first; none where pairs were not solved."""
    sold, pairs = _sold(found), found.stops.pairs
    if not pairs:
        return ()
    stops = []
    for one, other in combinations(found.base.hazards.countries, 2):
        both = tuple(m for m in sold[one] if m in sold[other])
        losses = {**sold[one], **sold[other], **{m: pairs[one, other, m] for m in both}}
        solved = [m for m in both if np.isfinite(losses[m])]
        beyond = sum(losses[m] for m in solved) - sum(sold[one][m] + sold[other][m] for m in solved)
        stops.append(SellerStop((one, other), losses, both, float(beyond)))
    return tuple(sorted(stops, key=lambda stop: (-stop.known, stop.sellers)))


def _sold(found: Risk) -> dict[str, dict[str, float]]:
    """Return seller -> material -> loss if it stops."""
    sold: dict[str, dict[str, float]] = {country: {} for country in found.base.hazards.countries}
    for (country, material), loss in found.stops.single.items():
        sold[country][material] = loss
    return sold


def usual(found: Risk) -> tuple[float, float, float]:
    """Return expected loss, CVaR and share solved of the tornado's years at the usual assumptions; nan without one."""
    return _figures(found.usual) if found.usual is not None else (float("nan"),) * 3


def tornado(found: Risk) -> tuple[AssumptionEffect, ...]:
    """Return how expected loss and CVaR move with each assumption, widest first; none without a tornado."""
    effects = []
    for name in dict.fromkeys(swing.assumption for swing in found.swings):
        ends = {swing.end: swing for swing in found.swings if swing.assumption == name}
        low, high = (_figures(ends[end].losses) for end in ("low", "high"))
        expected, cvar, solved = zip(low, high, strict=True)
        effects.append(AssumptionEffect(name, ends["low"].meaning, expected, cvar, solved))
    return tuple(sorted(effects, key=lambda effect: -effect.width))


def _figures(losses: YearLosses) -> tuple[float, float, float]:
    """Return expected loss and CVaR of the years that were solved, and their share."""
    whole = np.isfinite(losses.total)
    known = losses.total[whole]
    if not len(known):
        return float("nan"), float("nan"), 0.0
    mean = float(exceedance.expected(known)[0])
    return mean, float(exceedance.tail_mean(known, TAIL)), float(whole.mean())
