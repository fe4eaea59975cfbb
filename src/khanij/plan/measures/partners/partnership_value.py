"""What a partnership is worth: what each scenario averts, and the dependence on the partner that it adds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from khanij.plan.levers import apply
from khanij.plan.measures.partners.partnerships import NEGLIGIBLE, Partnership, PartnershipScenario
from khanij.plan.measures.value import AvertedAtEnds, MeasureValue, value_at_ends, value_measure
from khanij.simulate.loss.loss_model import LossModel
from khanij.simulate.risk import averted as valuation
from khanij.simulate.supply.networks import Network


@dataclass(frozen=True, slots=True)
class ScenarioValue:
    """One scenario with and without, USD a year, on the minerals that it touches.

    value          what it averts, by year, by seller and with its sampling error
    loss_without   expected loss without it         at_ends  averted at low and at high volumes
    producer_gain  part of what is averted that is a gain of own makers while others go without
    by_mineral     material -> averted
    """

    scenario: PartnershipScenario
    value: MeasureValue
    loss_without: float
    at_ends: AvertedAtEnds
    producer_gain: float
    by_mineral: Mapping[str, float]

    @property
    def loss_with(self) -> float:
        """Return the expected loss with it."""
        return self.loss_without - self.value.estimate.expected


@dataclass(frozen=True, slots=True)
class SupplierPosition:
    """The partner in the supply of one good: before a scenario, or after it.

    share  part of what the focus uses, 0..1
    largest_other  the largest other seller and its part, None where nobody else sells
    loss_if_stopped  loss, USD, if it sells nothing of the mineral at any stage for a year; nan where not solved
    """

    share: float
    largest_other: tuple[str, float] | None
    loss_if_stopped: float


@dataclass(frozen=True, slots=True)
class DependenceChange:
    """What a scenario does to the dependence on the partner in one good."""

    scenario: PartnershipScenario
    material: str
    stage: str
    before: SupplierPosition
    after: SupplierPosition


@dataclass(frozen=True, slots=True)
class PartnershipValue:
    """The worth of a partnership, scenario by scenario, and the dependence that each adds, good by good."""

    partnership: Partnership
    scenarios: tuple[ScenarioValue, ...]
    dependence: tuple[DependenceChange, ...]


def value_partnership(pair: Partnership, say: Callable[[str], None] | None = None) -> PartnershipValue:
    """Return what a partnership is worth, as published and in its scenarios."""
    say = say or (lambda _: None)
    say("with and without")
    scenarios = tuple(_value(pair, one) for one in pair.scenarios)
    say("dependence")
    return PartnershipValue(pair, scenarios, tuple(d for one in pair.scenarios for d in _dependence(pair, one)))


def _value(pair: Partnership, one: PartnershipScenario) -> ScenarioValue:
    """Return one scenario with and without."""
    base, value = pair.base, value_measure(pair.base, one.measure)
    without = sum(np.nanmean(base.loss(m)) for m in one.measure.materials if m in base.batches)
    return ScenarioValue(
        scenario=one,
        value=value,
        loss_without=float(without),
        at_ends=value_at_ends(base, value),
        producer_gain=valuation.producer_gain(base, value.averted),
        by_mineral={material: float(np.nanmean(years)) for material, years in value.averted.years.items()},
    )


def _dependence(pair: Partnership, one: PartnershipScenario) -> Iterator[DependenceChange]:
    """Yield the goods of which the partner sells some to the focus, before or after."""
    base = pair.base
    materials = [m for m in one.measure.materials if m in base.batches]
    models = [valuation.changed_model(base, case, materials) for case in (base.case, apply(base.case, one.levers).case)]
    for material in materials:
        stops = [_loss_if_stopped(model, material, pair.partner) for model in models]
        networks = [model.networks[material] for model in models]
        for stage in base.networks[material].stages:
            before, after = (
                _position(network, stage, pair.partner, stop) for network, stop in zip(networks, stops, strict=True)
            )
            if max(before.share, after.share) > NEGLIGIBLE:
                yield DependenceChange(one, material, stage, before, after)


def _position(network: Network, stage: str, partner: str, stop: float) -> SupplierPosition:
    """Return the partner in the supply of one good."""
    return SupplierPosition(network.share(partner, stage), largest_other(network, stage, partner), stop)


def largest_other(network: Network, stage: str, partner: str) -> tuple[str, float] | None:
    """Return the largest seller to the focus besides a partner, and its part in use; None where nobody else sells."""
    other = next((seller for seller in network.sellers(stage) if seller != partner), None)
    return None if other is None else (other, network.share(other, stage))


def _loss_if_stopped(model: LossModel, material: str, partner: str) -> float:
    """Return what it costs, USD, if the partner sells nothing of a material for a year; nan if it does not clear."""
    network = model.networks[material]
    scenario = tuple((partner, stage, 1.0) for stage in network.stages if network.exports(partner, stage) > 0)
    return float(model(material, [scenario])[0][0]) if scenario else 0.0
