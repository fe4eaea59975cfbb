"""Two countries: what is signed between them, and named scenarios of what it could become."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite, nan

from khanij.plan.levers import AgreementLever, Lever, Plant, RecoveryLift, levers_of
from khanij.plan.measures.measure import UNKNOWN, Measure
from khanij.reference import agreements
from khanij.reference import measures as catalogue
from khanij.reference.agreements import Agreement
from khanij.reference.assumptions import assumed, assumed_range
from khanij.simulate.risk.baseline import Baseline

PUBLISHED = "as-published"  # the scenario of what is signed, as it was published
NEGLIGIBLE = 1e-9  # part of the world's use below which a flow is what rounding leaves
UNSIGNED = "no instrument between the two names a mineral: scenarios are of those asked for, else of all listed"


@dataclass(frozen=True, slots=True)
class PartnershipScenario:
    """A named course of a partnership: levers with ranges, and what was assumed for them in words."""

    name: str
    meaning: str
    levers: tuple[Lever, ...]
    assumed: str

    @property
    def measure(self) -> Measure:
        """Return it as a measure without a cost."""
        return Measure(
            id=self.name,
            name=self.meaning,
            kind=AgreementLever.kind,
            component="",
            materials=tuple(dict.fromkeys(lever.material for lever in self.levers if lever.material)),
            levers=self.levers,
            size=nan,
            unit="",
            cost=UNKNOWN,
            running=UNKNOWN,
            lead=0,
            assumed=(self.assumed,),
        )


@dataclass(frozen=True, slots=True)
class Partnership:
    """A focus and a partner on one baseline: what is signed between them, and the scenarios."""

    base: Baseline
    partner: str
    signed: tuple[Agreement, ...]
    scenarios: tuple[PartnershipScenario, ...] = ()


def partnership(
    base: Baseline,
    partner: str,
    materials: Sequence[str] = (),
    own: Sequence[PartnershipScenario] = (),
    usual: bool = True,
) -> Partnership:
    """Return a focus and a partner with the usual scenarios of what is signed, and one's own.

    materials  asked for where nothing that is signed names a mineral; all that are counted if none
    """
    signed = instruments(base.focus, partner)
    listed = scenarios(base, partner, signed, materials or base.materials) if usual else ()
    return Partnership(base, partner, signed, (*listed, *own))


def instruments(focus: str, partner: str) -> tuple[Agreement, ...]:
    """Return the instruments between a focus and a partner, groups of which the partner is one included."""
    return tuple(sorted(agreements.agreements(focus, partner), key=lambda one: (one.date, one.id)))


def materials_named(signed: Iterable[Agreement]) -> tuple[str, ...]:
    """Return the materials that instruments name."""
    return tuple(sorted({material for one in signed for material in one.materials}))


def scenarios(
    base: Baseline, partner: str, signed: Sequence[Agreement], materials: Sequence[str]
) -> tuple[PartnershipScenario, ...]:
    """Return the usual scenarios; where nothing that is signed names a mineral, those of the minerals asked for."""
    if materials_named(signed):
        return _of_signed(base, partner, signed)
    listed = [m for m in materials if m in base.batches]
    contract, plant = (assumed_range(id, base.case) for id in ("offtake", "joint_plant"))
    found = (
        PartnershipScenario(
            "offtake",
            "offtake",
            offtake_contracts(base, partner, listed),
            f"{contract.best:.0%} of imports of each good",
        ),
        PartnershipScenario(
            "plants", "plants", _joint_plants(base, partner, listed), f"{plant.best:.0%} of use made at home"
        ),
    )
    return tuple(one for one in found if one.levers)


def _of_signed(base: Baseline, partner: str, signed: Sequence[Agreement]) -> tuple[PartnershipScenario, ...]:
    """Return the scenarios of what is signed: as published, research, offtake, joint plants, the last two at once."""
    materials = [m for m in materials_named(signed) if m in base.batches]
    contracts, plants = offtake_contracts(base, partner, materials), _joint_plants(base, partner, materials)
    contract, plant, lift = (assumed_range(id, base.case) for id in ("offtake", "joint_plant", "recovery_lift"))
    before = assumed("recovery_before", base.case)
    listed = [
        PartnershipScenario(
            PUBLISHED,
            "what is signed, as it was published",
            tuple(lever for one in signed for lever in levers_of(one) if partner in lever.countries()),
            "nothing: no volume is published",
        ),
        PartnershipScenario(
            "research",
            "joint research lifts recovery at home",
            _joint_research(base, materials),
            f"recovery from {before:.0%} by {lift.best:.0%} points ({lift.low:.0%} to {lift.high:.0%}) of all home "
            "output",
        ),
        PartnershipScenario(
            "offtake",
            "the declarations become contracts on tonnes",
            contracts,
            f"{contract.best:.0%} of imports ({contract.low:.0%} to {contract.high:.0%}) of each good that the partner "
            "sells, delivered as contracts are",
        ),
        PartnershipScenario(
            "plants",
            "joint plants at home, fed by the partner where it sells the feed",
            plants,
            f"{plant.best:.0%} of use made at home ({plant.low:.0%} to {plant.high:.0%})",
        ),
    ]
    if contracts and plants:
        both = (*contracts, *plants)
        listed.append(PartnershipScenario("offtake-and-plants", "contracts and plants together", both, "as in both"))
    return tuple(one for one in listed if one.levers)


def offtake_contracts(base: Baseline, partner: str, materials: Iterable[str]) -> tuple[Lever, ...]:
    """Return contracts on a part of what the focus buys of each good that the partner sells, at most what it sells."""
    part = assumed_range("offtake", base.case)
    found: list[Lever] = []
    for material in materials:
        network = base.networks[material]
        for k, stage in enumerate(network.stages):
            most, sold = network.imports(stage), network.exports(partner, stage)
            if min(most, sold) > NEGLIGIBLE * max(float(network.use[k].sum()), 1e-300):
                found.append(
                    AgreementLever(
                        id=f"offtake:{partner}:{material}:{stage}",
                        material=material,
                        stage=stage,
                        focus=base.focus,
                        partner=partner,
                        strength="contract",
                        volume=tuple(min(end * most, sold) for end in part),
                    )
                )
    return tuple(found)


def _joint_plants(base: Baseline, partner: str, materials: Iterable[str]) -> tuple[Lever, ...]:
    """Return a plant at home for the last stage of each material that has one in the catalogue."""
    part = assumed_range("joint_plant", base.case)
    found: list[Lever] = []
    for material in materials:
        network = base.networks[material]
        for k, stage in list(enumerate(network.stages))[:0:-1]:
            good = (Plant.kind, material, stage)
            known = [one for one in catalogue.measures().values() if (one.kind, one.material, one.stage) == good]
            use = network.consumption(stage)
            if not known or use <= 0 or network.imports(stage) <= 0:
                continue
            before = known[0].feed_stage if known[0].feed_stage in network.stages else network.stages[k - 1]
            sells = network.exports(partner, before) > 0
            recovery = known[0].figures.get("recovery")
            stated = recovery is not None and isfinite(recovery.best)
            found.append(
                Plant(
                    id=f"plant:{partner}:{material}:{stage}",
                    material=material,
                    stage=stage,
                    country=base.focus,
                    output=tuple(end * use for end in part),
                    recovery=recovery.best if recovery and stated else assumed("recovery_before", base.case),
                    feed="partner" if sells else "market",
                    partner=partner if sells else "",
                    feed_stage=before,
                )
            )
            break
    return tuple(found)


def _joint_research(base: Baseline, materials: Iterable[str]) -> tuple[Lever, ...]:
    """Return a lift of recovery at every stage of these materials that the focus makes."""
    before, lift = assumed("recovery_before", base.case), assumed_range("recovery_lift", base.case)
    return tuple(
        RecoveryLift(
            id=f"research:{material}:{stage}",
            material=material,
            stage=stage,
            country=base.focus,
            before=before,
            after=tuple(before + end for end in lift),
        )
        for material in materials
        for stage, known in zip(base.networks[material].stages, base.networks[material].known, strict=True)
        if known and base.networks[material].made(stage) > 0
    )
