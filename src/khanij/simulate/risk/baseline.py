"""What a change of a Case averts: the same hazards, years and luck, with the change and without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError
from khanij.kernels import exceedance
from khanij.simulate.loss import changed, industries
from khanij.simulate.loss.industries import Economy
from khanij.simulate.risk import hazards as threats
from khanij.simulate.risk import not_modelled
from khanij.simulate.risk import years as simulated
from khanij.simulate.risk.hazards import Hazards
from khanij.simulate.risk.years import DistinctScenarios, EventSet, Solved
from khanij.simulate.supply.networks import REST, Network, networks

Change = Callable[[Case], Case]
NODES = 16  # countries named one by one in a network besides sellers and partners
TAIL = 0.95  # level of CVaR
MILLION = 1e6
READ = (
    "production",
    "world_production",
    "trade",
    "trade_value",
    "trade_unlisted",
    "membership",
    "price",
    "gdp",
    "use_share_by_stage",
    "companion_share",
    *(f"{table}_{part}" for table in ("io", "detail") for part in ("flow", "output", "value_added")),
)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is common to all changes: hazards, simulated years, and the answers without any change.

    nodes    material -> countries of its network, which changes keep
    batches  material -> unlike scenarios      answers  material -> what they cost without a change, USD
    events   (E,) part of the year's loss that each event of `drawn` answers for, without a change, USD
    missing  material -> why it is not counted
    """

    focus: str
    year: str
    years: int
    seed: int
    case: Case
    economy: Economy
    hazards: Hazards
    drawn: EventSet
    nodes: Mapping[str, tuple[str, ...]]
    networks: Mapping[str, Network]
    batches: Mapping[str, DistinctScenarios]
    answers: Mapping[str, Solved]
    events: Floats
    missing: Mapping[str, str]

    @property
    def materials(self) -> tuple[str, ...]:
        """Return the materials that are counted."""
        return tuple(self.batches)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what must be said under every figure: what losses lack without a table, and notes on hazards."""
        return (*(() if self.economy.known else self.economy.notes), *self.hazards.notes)

    def loss(self, material: str, answer: Solved | None = None) -> Floats:
        """Return the loss of each year (Y,) in USD, nan where it was not solved; without a change if none is given."""
        found = (answer or self.answers[material]).losses
        place = self.batches[material].place
        if not len(found):
            return np.zeros(len(place))
        return np.where(place >= 0, found[np.maximum(place, 0)], 0.0)


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


def baseline_of(
    case: Case,
    given: Hazards,
    year: str,
    years: int,
    seed: int,
    *,
    partners: Sequence[str] = (),
    stake: float = threats.STAKE,
    uncovered: Callable[[str], str] = lambda material: not_modelled.NOT_COVERED,
) -> Baseline:
    """Return the common ground from a Case and its hazards; see prepare()."""
    focus = case.axis("focus").codes[0]
    every = threats.drop_members(given, _members(case))
    named: dict[str, tuple[str, ...]] = {}
    made: dict[str, Network] = {}
    for material in every.materials:
        sellers = [every.country[h] for h in every.of(material)]
        for network in networks(case, [material], year, nodes=NODES, named=[*sellers, *partners]):
            made[material], named[material] = network, tuple(node for node in network.nodes if node != REST)
    if not named:
        raise CoverageError("no material with a hazard has a market model", where="risk", hint="other materials")
    economy = industries.economy(case, focus, year)
    model = changed.solver(case, focus, year, named, economy, made)
    goods = {(material, stage) for material, network in model.solver.networks.items() for stage in network.stages}
    kept = threats.with_market(every, goods)
    drawn = simulated.draw(kept, years, seed)
    batches = simulated.distinct_scenarios(kept, drawn)
    answers = tuple(simulated.checked(model, batch.material, batch.scenarios) for batch in batches)
    return Baseline(
        focus=focus,
        year=year,
        years=years,
        seed=seed,
        case=case,
        economy=economy,
        hazards=kept,
        drawn=drawn,
        nodes=named,
        networks=model.solver.networks,
        batches={batch.material: batch for batch in batches},
        answers={batch.material: answer for batch, answer in zip(batches, answers, strict=True)},
        events=simulated.losses_by_year(kept, drawn, batches, answers).event,
        missing=not_modelled.reasons(case, case.axis("material").codes, kept.materials, every, year, stake, uncovered),
    )


def _members(case: Case) -> set[str]:
    """Return the countries of the first focus in the last year."""
    belongs = case.array("membership", "focus", "country", "year")[0, :, -1] > 0
    return {code for code, yes in zip(case.axis("country").codes, belongs, strict=True) if yes}


def lean(case: Case) -> Case:
    """Return a Case with those cubes alone that markets, losses and levers read, so that a change copies little."""
    return replace(case, cubes={name: case.cubes[name] for name in READ if name in case.cubes})


def averted_by_change(base: Baseline, change: Change, materials: Iterable[str] | None = None) -> AvertedLoss:
    """Return what a change of the Case averts in the materials it is said to touch; all that are counted if None."""
    return averted_loss(base, change(base.case), materials)


def averted_loss(base: Baseline, given: Case, materials: Iterable[str] | None = None) -> AvertedLoss:
    """Return what a changed Case averts; materials that are not counted are left out."""
    touched = [m for m in (base.materials if materials is None else dict.fromkeys(materials)) if m in base.batches]
    model = solver(base, given, touched)
    years, shown, answers = {}, {}, {}
    for material in touched:
        answers[material] = simulated.checked(model, material, base.batches[material].scenarios)
        years[material] = base.loss(material) - base.loss(material, answers[material])
        shown[material] = bool((answers[material].losses != base.answers[material].losses).any())
    return AvertedLoss(years, shown, answers)


def solver(base: Baseline, given: Case, materials: Iterable[str]) -> changed.Changed:
    """Return the loss model of a changed Case, on networks that name the countries of the common ground."""
    # What a stockpile changes is in a cube of its own: no flow moves, and the networks need not be made again.
    same = all(given.cubes.get(name) is cube for name, cube in base.case.cubes.items())
    named = {m: base.nodes[m] for m in materials}
    return changed.solver(given, base.focus, base.year, named, base.economy, base.networks if same else None)


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
    """Return seller struck -> expected yearly loss averted, USD: a year's is divided as its loss was, largest first."""
    hazard = base.drawn.hazard
    material = np.array(base.hazards.material)[hazard]
    country = np.array(base.hazards.country)[hazard]
    parts: dict[str, float] = {}
    for name, less in found.years.items():
        mine = material == name
        when, loss = base.drawn.year[mine], base.loss(name)
        of = np.divide(base.events[mine], loss[when], out=np.zeros(int(mine.sum())), where=np.abs(loss[when]) > 0)
        for code, part in zip(country[mine].tolist(), np.nan_to_num(of * less[when]).tolist(), strict=True):
            parts[code] = parts.get(code, 0.0) + part / base.years
    return dict(sorted(parts.items(), key=lambda item: -abs(item[1])))
