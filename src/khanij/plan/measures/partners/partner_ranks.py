"""Which partner could and would deliver what a country needs: a contract with each seller, valued and weighed.

value = P(conversion) · averted(contract) - chance · exposure
could     part of the focus's imports that a contract names (assumption `offtake`), at most what the partner sells
would     could · P(conversion), by the record of commercial instruments and of the two parties
averted   of the expected yearly loss by the contract delivered whole, chances of the partner's own restrictions in it
exposure  rise of the loss if the partner stops for a year, as under sanctions on payment or transport
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from khanij.plan.levers import AgreementLever, Lever, apply
from khanij.plan.measures.partners.conversion import COMMERCIAL, Conversion, conversion
from khanij.plan.measures.partners.partnerships import offtake_contracts
from khanij.reference import agreements
from khanij.reference.agreements import Agreement
from khanij.reference.assumptions import assumed
from khanij.reference.decisions.agreement_record import AgreementCase, between
from khanij.simulate.loss.loss_model import LossModel
from khanij.simulate.risk import averted as valuation
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.supply.networks import REST

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PartnerOffer:
    """A contract with one partner on one mineral, USD and t a year.

    stages    stage -> t that it names      averted, error  by the contract delivered whole, standard error
    exposure  rise of the loss of a year in which the partner stops
    """

    partner: str
    material: str
    stages: dict[str, float]
    averted: float
    error: float
    exposure: float


@dataclass(frozen=True, slots=True)
class PartnerRank:
    """One partner and all that it could sell.

    chance    that a contract comes to tonnes      sanctions  chance a year that third parties stop it
    signed    instruments between the two, from either side      record  what became of instruments of the two
    """

    partner: str
    offers: tuple[PartnerOffer, ...]
    chance: Conversion
    sanctions: float
    signed: tuple[Agreement, ...]
    record: tuple[AgreementCase, ...] = ()

    @property
    def averted(self) -> float:
        """Return what all contracts avert a year, delivered whole."""
        return sum(one.averted for one in self.offers)

    @property
    def error(self) -> float:
        """Return its standard error."""
        return float(np.sqrt(sum(one.error**2 for one in self.offers)))

    @property
    def exposure(self) -> float:
        """Return the rise of the loss of a year in which the partner stops, of all minerals."""
        return sum(one.exposure for one in self.offers)

    @property
    def value(self) -> float:
        """Return what is to be expected of it a year: P · averted - P · chance · exposure."""
        return self.chance.chance.best * (self.averted - self.sanctions * max(self.exposure, 0.0))


def rank_partners(base: Baseline, most: int, say: Say = lambda _: None) -> tuple[PartnerRank, ...]:
    """Return every partner that sells what the focus buys, the most valuable first.

    most  partners that are valued for each mineral, those that could sell most by value
    """
    offers: dict[str, list[PartnerOffer]] = {}
    for material in base.materials:
        say(f"partners for {material}")
        for partner in _sellers(base, material)[:most]:
            levers = offtake_contracts(base, partner, [material])
            if levers:
                offers.setdefault(partner, []).append(_offer(base, partner, material, levers))
    sanctions = assumed("sanctions_chance", base.case)
    found = [
        PartnerRank(
            partner,
            tuple(sorted(listed, key=lambda one: -one.averted)),
            conversion(COMMERCIAL, base.focus, partner, base.case),
            sanctions,
            (*agreements.agreements(base.focus, partner), *agreements.agreements(partner, base.focus)),
            between(base.focus, partner),
        )
        for partner, listed in offers.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.value, one.partner)))


def _sellers(base: Baseline, material: str) -> list[str]:
    """Return who could sell a mineral to the focus, those that could sell most by value first."""
    network = base.networks[material]
    worth: dict[str, float] = {}
    for k, stage in enumerate(network.stages):
        if network.imports(stage) <= 0:
            continue
        price = float(np.nan_to_num(network.value[k], nan=0.0))
        for node in network.nodes:
            if node not in (REST, base.focus):
                worth[node] = worth.get(node, 0.0) + price * min(network.exports(node, stage), network.imports(stage))
    return [node for node, value in sorted(worth.items(), key=lambda item: (-item[1], item[0])) if value > 0]


def _offer(base: Baseline, partner: str, material: str, levers: Iterable[Lever]) -> PartnerOffer:
    """Return one contract, valued delivered whole."""
    whole = [_delivered(lever) for lever in levers]
    changed = apply(base.case, whole).case
    found = valuation.averted_loss(base, changed, [material])
    estimate = valuation.estimate(base, found)
    before = valuation.changed_model(base, base.case, [material])
    after = valuation.changed_model(base, changed, [material])
    return PartnerOffer(
        partner,
        material,
        {lever.stage: lever.volume.best for lever in whole if lever.volume is not None},  # type: ignore[union-attr]
        estimate.expected,
        estimate.error,
        _stopped(after, material, partner) - _stopped(before, material, partner),
    )


def _delivered(lever: Lever) -> AgreementLever:
    """Return a contract that is delivered whole: its chance is told apart."""
    assert isinstance(lever, AgreementLever)
    given = {"id": lever.id, "material": lever.material, "stage": lever.stage, "focus": lever.focus}
    return AgreementLever(**given, partner=lever.partner, strength="contract", volume=lever.volume, weight=1.0)


def _stopped(model: LossModel, material: str, partner: str) -> float:
    """Return what it costs, USD, if the partner sells nothing of a material for a year; 0 where it sells none."""
    network = model.networks[material]
    scenario = tuple((partner, stage, 1.0) for stage in network.stages if network.exports(partner, stage) > 0)
    loss = float(model(material, [scenario])[0][0]) if scenario else 0.0
    return loss if loss == loss else 0.0
