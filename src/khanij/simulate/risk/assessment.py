"""The risk of a focus: its simulated years and what they say, full stops of sellers, and what the loss hangs on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from khanij.core.cube import Floats, Positions
from khanij.core.errors import StudyError
from khanij.kernels.chances import exceedance
from khanij.simulate.risk import band, ensemble, sensitivity
from khanij.simulate.risk.band import Alternative
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.by_record.dependence import FACTORS
from khanij.simulate.risk.by_record.hazards import Hazards
from khanij.simulate.risk.ensemble import Execution
from khanij.simulate.risk.sensitivity import TAIL, AtEnd, Sensitivity
from khanij.simulate.risk.years import Solved, YearLosses, by_label
from khanij.simulate.supply.disruption import Scenario

LEVELS = (0.9, 0.95, 0.99)
PERIODS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
Stops = Mapping[str, tuple[tuple[tuple[str, ...], Scenario], ...]]
"""material -> (countries, scenario) of full stops of one or two sellers"""


@dataclass(frozen=True, slots=True)
class StopLosses:
    """Losses of full stops in USD by material, nan = not solved.

    single  (country, material) -> loss      pairs  (country, country, material) -> loss; where both sell the material
    """

    single: Mapping[tuple[str, str], float]
    pairs: Mapping[tuple[str, str, str], float]


@dataclass(frozen=True, slots=True)
class Risk:
    """What was simulated and solved.

    base     the baseline, solved      stops  what full stops of sellers cost
    swings   the first years of the same seed with one assumption at an end of its range; empty without a tornado
    usual    the same years at the usual assumptions; None without a tornado
    others   years of other structures and chances, for the band; none where it was not asked for
    record   settings and fingerprint of the run, for a bundle
    """

    base: Baseline
    stops: StopLosses
    swings: tuple[Sensitivity, ...] = ()
    usual: YearLosses | None = None
    others: tuple[Alternative, ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def losses(self) -> YearLosses:
        """Return the losses of the baseline by year."""
        assert self.base.losses is not None
        return self.base.losses


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


def assess(
    base: Baseline,
    *,
    pairs: bool = True,
    tornado: int = 0,
    others: Sequence[Alternative] = (),
    execution: Execution | None = None,
    assumed: Mapping[str, str] | None = None,
    model_at_end: AtEnd | None = None,
) -> Risk:
    """Return the risk on a baseline that is not solved yet: everything is solved in one run.

    pairs    every pair of full stops too      tornado  years for each end of each assumption; 0 = none
    others   alternatives of the band, not solved
    assumed  assumption -> meaning, and its loss model at an end, for the tornado; None = those of the table
    Raises StudyError for more years of the tornado than there are.
    """
    if tornado < 0 or tornado > base.years:
        raise StudyError(f"{tornado} years for the tornado", where="--tornado", hint=f"from 0 to {base.years}")
    execution = execution or Execution()
    simulations, swings = [base.simulation], []
    if tornado:
        simulations.append(ensemble.simulation(base.model, base.hazards, tornado, base.seed))
        listed = sensitivity.moved(base.case) if assumed is None else assumed
        at_end = model_at_end or (lambda id, end: sensitivity.at_end(base.case, base.model, id, end))
        swings = sensitivity.swings(base.simulation, listed, at_end, tornado, base.seed)
        simulations += [swing.simulation for swing in swings]
    settings = {"years": base.years, "seed": base.seed, "pairs": pairs, "tornado": tornado, "others": len(others)}
    execution = replace(execution, settings={**(execution.settings or {}), **settings})
    stops = full_stops(base.hazards, pairs)
    single = {material: [scenario for _, scenario in listed] for material, listed in stops.items()}
    more = band.unsolved(base, others)
    joined = {material: [*scenarios, *more.get(material, ())] for material, scenarios in single.items()}
    recorded = [one.simulation for one in others if one.structure == band.RECORD]
    answers, solved = ensemble.solve([*simulations, *recorded], joined, execution)
    stopped = {material: answer[: len(single[material])] for material, answer in solved.items()}
    fresh = {material: answer[len(single[material]) :] for material, answer in solved.items()}
    yearly = [each.losses(part) for each, part in zip(simulations[1:], answers[1 : len(simulations)], strict=True)]
    mark = ensemble.fingerprint([*simulations, *recorded], execution)
    done = base.with_answers(answers[0])
    return Risk(
        base=done,
        stops=_stop_losses(stops, stopped),
        swings=tuple(
            Sensitivity(swing.assumption, swing.meaning, swing.end, loss)
            for swing, loss in zip(swings, yearly[1:], strict=True)
        ),
        usual=yearly[0] if yearly else None,
        others=band.with_losses(done, others, fresh, answers[len(simulations) :]),
        record={**(execution.settings or {}), "fingerprint": mark, "notes": list(base.notes)},
    )


def full_stops(given: Hazards, pairs: bool) -> Stops:
    """Return the full stops of each seller of a material and, if asked, of each pair of sellers."""
    out = {}
    for material in given.materials:
        whole: dict[str, Scenario] = {}
        for h in given.of(material):
            country = given.country[h]
            stop = (country, given.stage[h], 1.0)
            whole[country] = tuple(dict.fromkeys((*whole.get(country, ()), stop)))  # several causes, one good
        listed: list[tuple[tuple[str, ...], Scenario]] = [((c,), scenario) for c, scenario in sorted(whole.items())]
        if pairs:
            listed += [((a, b), whole[a] + whole[b]) for a, b in combinations(sorted(whole), 2)]
        out[material] = tuple(listed)
    return out


def _stop_losses(stops: Stops, answers: Mapping[str, Solved]) -> StopLosses:
    """Return the losses of full stops by countries and material."""
    single: dict[tuple[str, str], float] = {}
    double: dict[tuple[str, str, str], float] = {}
    for material, listed in stops.items():
        for (countries, _), loss in zip(listed, answers[material].losses.tolist(), strict=True):
            if len(countries) == 1:
                single[countries[0], material] = loss
            else:
                double[countries[0], countries[1], material] = loss
    return StopLosses(single, double)


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
        tails=tuple(tail(known, level) for level in LEVELS if exceedance.tail_years(len(known), level) >= 1),
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
    there = np.zeros((found.base.years, int(label.max(initial=-1)) + 1), dtype=bool)
    there[found.base.drawn.year, label] = True
    counts = there.sum(axis=0)
    return {at: float(counts[at] / found.base.years) for at in np.nonzero(counts)[0].tolist()}


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
