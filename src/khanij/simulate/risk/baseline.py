"""The one baseline: hazards, loss model and simulated years of a focus, and what each year costs without any change.

Risk, single stops, loss curve, tornado, measures, partners and plans all stand on it, so that one question has one
number whoever asks it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError, StudyError
from khanij.reference.assumptions import assumed
from khanij.simulate.loss import industries, losses
from khanij.simulate.loss.industries import Economy
from khanij.simulate.loss.loss_model import LossModel, loss_model
from khanij.simulate.risk import ensemble, not_modelled
from khanij.simulate.risk.by_cause import cause_hazards
from khanij.simulate.risk.by_record import assumed_hazards
from khanij.simulate.risk.by_record import hazards as hazard_rates
from khanij.simulate.risk.by_record.hazards import Hazards, Prior
from khanij.simulate.risk.ensemble import Execution, Simulation
from khanij.simulate.risk.years import DistinctScenarios, EventSet, Solved, YearLosses
from khanij.simulate.supply.networks import REST, Network, members, networks
from khanij.simulate.supply.reconciled.statements import speaking

READ = (
    "production",
    "world_production",
    "trade",
    "trade_value",
    "trade_unlisted",
    "stage_share",
    "stage_world",
    "membership",
    "price",
    "gdp",
    "use_share_by_stage",
    "companion_share",
    *industries.CUBES,
)


@dataclass(frozen=True, slots=True)
class Baseline:
    """Hazards and simulated years of a focus, and what they cost without any change.

    case       what markets, losses and levers read      model  losses of any scenario of a material
    hazards    of sellers abroad of goods that have a market      drawn  the events of the simulated years
    batches    material -> distinct scenarios      answers  material -> what they cost, USD; empty = not solved yet
    losses     by year and by event, USD; None = not solved yet      missing  material -> why it is not counted
    min_share  of world exports from which a seller is a hazard
    """

    focus: str
    year: str
    years: int
    seed: int
    case: Case
    model: LossModel
    economy: Economy
    hazards: Hazards
    drawn: EventSet
    batches: Mapping[str, DistinctScenarios]
    missing: Mapping[str, str]
    min_share: float
    answers: Mapping[str, Solved]
    losses: YearLosses | None = None

    @property
    def materials(self) -> tuple[str, ...]:
        """Return the materials that are counted."""
        return tuple(self.batches)

    @property
    def networks(self) -> Mapping[str, Network]:
        """Return material -> its network in the base year."""
        return self.model.networks

    @property
    def nodes(self) -> dict[str, tuple[str, ...]]:
        """Return material -> countries of its network, which changes keep."""
        return {m: tuple(node for node in network.nodes if node != REST) for m, network in self.networks.items()}

    @property
    def event_losses(self) -> Floats:
        """Return the part of the year's loss that each event of `drawn` answers for (E,), USD."""
        assert self.losses is not None
        return self.losses.event

    @property
    def partial(self) -> dict[str, tuple[str, ...]]:
        """Return material -> stages of whose loss only what users pay more is counted; nothing without a table."""
        if not self.economy.known:
            return {}
        return {m: losses.partial(self.model.exposures[m], network.stages) for m, network in self.networks.items()}

    @property
    def caveats(self) -> tuple[str, ...]:
        """Return what losses lack for want of an input-output table."""
        return () if self.economy.known else self.economy.notes

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what must be said under every figure: what losses lack, and notes on hazards."""
        return (*self.caveats, *self.hazards.notes)

    @property
    def simulation(self) -> Simulation:
        """Return its years as the engine takes them."""
        return Simulation(self.model, self.hazards, self.drawn, tuple(self.batches.values()))

    def loss(self, material: str, answer: Solved | None = None) -> Floats:
        """Return the loss of each year (Y,) in USD, nan where it was not solved; without a change if none is given."""
        solved = (answer or self.answers[material]).losses
        place = self.batches[material].place
        if not len(solved):
            return np.zeros(len(place))
        return np.where(place >= 0, solved[np.maximum(place, 0)], 0.0)

    def with_hazards(self, hazards: Hazards, years: int) -> Baseline:
        """Return the baseline with other events in its years, not solved; networks stay as they are."""
        other = ensemble.simulation(self.model, hazards, years, self.seed)
        batches = {batch.material: batch for batch in other.batches}
        return replace(self, hazards=hazards, years=years, drawn=other.drawn, batches=batches, answers={}, losses=None)

    def with_answers(self, answers: Sequence[Solved]) -> Baseline:
        """Return the baseline with what its distinct scenarios cost, in the order of `batches`."""
        by_year = self.simulation.losses(answers)
        return replace(self, answers=dict(zip(self.batches, answers, strict=True)), losses=by_year)


def baseline(
    case: Case, year: str, years: int = 2_000, seed: int = 0, *, execution: Execution | None = None, **settings: Any
) -> Baseline:
    """Return the baseline of a Case's focus, solved; see prepare() for the settings and solved() for the execution."""
    return solved(prepare(case, year, years, seed, **settings), execution)


def solved(base: Baseline, execution: Execution | None = None) -> Baseline:
    """Return a baseline with the answers to its distinct scenarios.

    execution  where they are solved; None = in this process
    """
    if not any(len(batch.scenarios) for batch in base.simulation.batches):
        what = f"nothing is disrupted in {base.years:,} simulated years"
        raise StudyError(what, where="--years", hint="more years, such as 2000, or other minerals")
    (answers,), _ = ensemble.solve([base.simulation], {}, execution or Execution())
    return base.with_answers(answers)


def prepare(
    case: Case,
    year: str,
    years: int = 2_000,
    seed: int = 0,
    *,
    materials: Iterable[str] | None = None,
    alike: Collection[str] = (),
    partners: Sequence[str] = (),
    priors: Sequence[Prior] = (),
    min_share: float | None = None,
    fill: bool = True,
    causes: bool = True,
    uncovered: Callable[[str], str] = lambda material: not_modelled.NOT_COVERED,
) -> Baseline:
    """Return the baseline of a Case's focus before any scenario is solved.

    case       of one focus, with that base year      years, seed  simulated years and their seed
    materials  ids; None = all of the Case      partners  countries that every network is to name
    priors     expert chances      min_share  of world exports from which a seller is a hazard; None = as assumed
    fill       goods with too short a record get the median chance of the record's hazards of these materials and of
               `alike`, so that a chance does not hang on which others are asked about; else they count as safe
    causes     hazards by cause (restrictions, stops), for which `fill` and `alike` play no part; else falls on record
    uncovered  material -> why its trade is not known in tonnes
    Raises CoverageError where no material has both a hazard and a market model.
    """
    focus = case.axis("focus").codes[0]
    asked = tuple(dict.fromkeys(case.axis("material").codes if materials is None else materials))
    inside = set(members(case, focus, year))
    min_share = assumed("min_share", case) if min_share is None else min_share
    if causes:
        known = networks(case, asked, year)
        known += speaking(case, inside, [m for m in asked if m not in {n.material for n in known}], year)
        rates = cause_hazards.cause_hazards(case, known, inside, int(year), min_share=min_share, priors=priors)
    else:
        rates = hazard_rates.hazards(case, min_share=min_share, priors=priors, seed=seed)
    if fill and not causes:
        rates = hazard_rates.select(rates, {*alike, *asked})
        rates = assumed_hazards.with_assumed_hazards(rates, networks(case, asked, year), inside, min_share)
    rates = hazard_rates.select(rates, asked)
    return on_hazards(
        case,
        rates,
        year,
        years,
        seed,
        materials=asked,
        partners=partners,
        min_share=min_share,
        uncovered=uncovered,
    )


def on_record(base: Baseline, case: Case, alike: Collection[str] = ()) -> Hazards | None:
    """Return falls of exports on record as the baseline's sellers and goods have them; None where there is no record.

    case  with the record      alike  as in prepare()
    """
    try:
        rates = hazard_rates.hazards(case, min_share=base.min_share, seed=base.seed)
        rates = hazard_rates.select(rates, {*alike, *base.materials})
        inside = members(case, base.focus, base.year)
        rates = assumed_hazards.with_assumed_hazards(rates, base.networks.values(), inside, base.min_share)
        rates = hazard_rates.drop_members(hazard_rates.select(rates, base.materials), inside)
        rates = hazard_rates.with_market(rates, base.model.goods)
        return hazard_rates.named(rates, base.nodes)
    except CoverageError:
        return None


def on_hazards(
    case: Case,
    rates: Hazards,
    year: str,
    years: int,
    seed: int,
    *,
    materials: Sequence[str],
    min_share: float,
    partners: Sequence[str] = (),
    uncovered: Callable[[str], str] = lambda material: not_modelled.NOT_COVERED,
) -> Baseline:
    """Return the baseline of a Case's focus on hazards that are given, before any scenario is solved; see prepare()."""
    focus = case.axis("focus").codes[0]
    rates = hazard_rates.drop_members(rates, members(case, focus, year))
    named = {m: (*(rates.country[h] for h in rates.of(m)), *partners) for m in rates.materials}
    model = loss_model(case, focus, year, named)
    if not model.networks:
        raise CoverageError("no material with a hazard has a market model", where="risk", hint="other materials")
    kept = hazard_rates.with_market(rates, model.goods)
    simulation = ensemble.simulation(model, kept, years, seed)
    return Baseline(
        focus=focus,
        year=year,
        years=years,
        seed=seed,
        case=lean(case),
        model=model,
        economy=next(iter(model.exposures.values())).economy,
        hazards=kept,
        drawn=simulation.drawn,
        batches={batch.material: batch for batch in simulation.batches},
        missing=not_modelled.reasons(case, materials, kept.materials, rates, year, min_share, uncovered),
        min_share=min_share,
        answers={},
    )


def lean(case: Case) -> Case:
    """Return a Case with those cubes alone that markets, losses and levers read, so that a change copies little."""
    return replace(case, cubes={name: case.cubes[name] for name in READ if name in case.cubes})
