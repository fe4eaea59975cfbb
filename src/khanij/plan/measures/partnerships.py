"""Two countries: what is signed, what it is worth as published and in named scenarios, and what dependence it adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from khanij.plan.levers import AgreementLever as AgreementLever
from khanij.plan.levers import Lever, Plant, Recovery, restated
from khanij.plan.measures.options import Measure
from khanij.reference import agreements
from khanij.reference import measures as catalogue
from khanij.reference.agreements import Agreement
from khanij.simulate.risk.baseline import Baseline

OFFTAKE = (0.05, 0.10, 0.20)  # part of what the focus buys abroad that a contract names: ours, confidence low
LIFT = (0.0, 0.01, 0.03)  # recovery that joint research may add, in parts of content: ours, confidence low
BEFORE = 0.90  # recovery before, where the focus makes a stage: ours, confidence low
PLANT = (0.10, 0.25, 0.50)  # part of the focus's use that a joint plant makes: ours, confidence low
UNSIGNED = "no instrument between the two names a mineral: scenarios are of those asked for, else of all listed"
SCRAPS = 1e-9  # part of use below which a flow is dust


@dataclass(frozen=True, slots=True)
class PartnershipScenario:
    """A named course of a partnership: levers with ranges, and what was assumed for them in words."""

    name: str
    meaning: str
    levers: tuple[Lever, ...]
    assumed: str

    @property
    def option(self) -> Measure:
        """Return it as a measure without a cost."""
        nan = float("nan")
        return Measure(
            id=self.name,
            name=self.meaning,
            kind="agreement",
            component="",
            materials=tuple(dict.fromkeys(lever.material for lever in self.levers if lever.material)),
            levers=self.levers,
            size=nan,
            unit="",
            cost=(nan, nan, nan),
            running=(nan, nan, nan),
            lead=0,
            assumed=(self.assumed,),
        )


@dataclass(frozen=True, slots=True)
class Partnership:
    """A focus and a partner on common ground: what is signed between them and the scenarios."""

    base: Baseline
    partner: str
    signed: tuple[Agreement, ...]
    scenarios: tuple[PartnershipScenario, ...] = field(default_factory=tuple)


def signed(focus: str, partner: str) -> tuple[Agreement, ...]:
    """Return the instruments between a focus and a partner, groups of which the partner is one included."""
    found = agreements.agreements(focus, partner)
    return tuple(sorted(found, key=lambda a: (a.date, a.id)))


def named(found: Iterable[Agreement]) -> tuple[str, ...]:
    """Return the materials that instruments name."""
    return tuple(sorted({material for one in found for material in one.materials}))


def scenarios(base: Baseline, partner: str, found: Sequence[Agreement]) -> tuple[PartnershipScenario, ...]:
    """Return the named scenarios of what is signed: as published, research, offtake, joint plants, all of these."""
    published = tuple(lever for one in found for lever in restated(one) if partner in lever.countries())
    materials = [m for m in named(found) if m in base.batches]
    lift = _research(base, materials)
    buy = offtake(base, partner, materials)
    build = _plants(base, partner, materials)
    listed = [
        PartnershipScenario(
            "as-published", "what is signed, as it was published", published, "nothing: no volume is published"
        ),
        PartnershipScenario(
            "research",
            "joint research lifts recovery at home",
            lift,
            f"recovery from {BEFORE:.0%} by {LIFT[1]:.0%} points ({LIFT[0]:.0%} to {LIFT[2]:.0%}) of all home output",
        ),
        PartnershipScenario(
            "offtake",
            "the declarations become contracts on tonnes",
            buy,
            f"{OFFTAKE[1]:.0%} of imports ({OFFTAKE[0]:.0%} to {OFFTAKE[2]:.0%}) of each good that the partner sells, "
            "delivered as contracts are",
        ),
        PartnershipScenario(
            "plants",
            "joint plants at home, fed by the partner where it sells the feed",
            build,
            f"{PLANT[1]:.0%} of use made at home ({PLANT[0]:.0%} to {PLANT[2]:.0%})",
        ),
    ]
    if buy and build:
        listed.append(
            PartnershipScenario("offtake-and-plants", "contracts and plants together", (*buy, *build), "as in both")
        )
    return tuple(one for one in listed if one.levers)


def offtake(base: Baseline, partner: str, materials: Iterable[str]) -> tuple[Lever, ...]:
    """Return contracts on a part of what the focus buys of each good that the partner sells, at most what it sells."""
    out: list[Lever] = []
    for material in materials:
        network = base.networks[material]
        for k, stage in enumerate(network.stages):
            most, sold = network.imports(stage), network.exports(partner, stage)
            if min(most, sold) > SCRAPS * max(float(network.use[k].sum()), 1e-300):
                volume = tuple(min(part * most, sold) for part in OFFTAKE)
                out.append(
                    AgreementLever(
                        id=f"offtake:{partner}:{material}:{stage}",
                        material=material,
                        stage=stage,
                        focus=base.focus,
                        partner=partner,
                        strength="contract",
                        volume=volume,
                    )
                )
    return tuple(out)


def _plants(base: Baseline, partner: str, materials: Iterable[str]) -> tuple[Lever, ...]:
    """Return a plant at home for the last stage of each material that has one in the catalogue."""
    out: list[Lever] = []
    for material in materials:
        network = base.networks[material]
        for k, stage in list(enumerate(network.stages))[:0:-1]:
            known = [
                one
                for one in catalogue.measures().values()
                if (one.kind, one.material, one.stage) == ("plant", material, stage)
            ]
            use = network.consumption(stage)
            if not known or use <= 0 or network.imports(stage) <= 0:
                continue
            before = known[0].feed_stage if known[0].feed_stage in network.stages else network.stages[k - 1]
            sells = network.exports(partner, before) > 0
            recovery = known[0].figures.get("recovery")
            out.append(
                Plant(
                    id=f"plant:{partner}:{material}:{stage}",
                    material=material,
                    stage=stage,
                    country=base.focus,
                    output=tuple(part * use for part in PLANT),
                    recovery=recovery.best if recovery is not None and np.isfinite(recovery.best) else BEFORE,
                    feed="partner" if sells else "market",
                    partner=partner if sells else "",
                    feed_stage=before,
                )
            )
            break
    return tuple(out)


def _research(base: Baseline, materials: Iterable[str]) -> tuple[Lever, ...]:
    """Return a lift of recovery at every stage of these materials that the focus makes."""
    out: list[Lever] = []
    for material in materials:
        network = base.networks[material]
        for k, stage in enumerate(network.stages):
            if network.known[k] and network.made(stage) > 0:
                out.append(
                    Recovery(
                        id=f"research:{material}:{stage}",
                        material=material,
                        stage=stage,
                        country=base.focus,
                        before=BEFORE,
                        after=tuple(BEFORE + lift for lift in LIFT),
                    )
                )
    return tuple(out)


def scenarios_of(
    base: Baseline, partner: str, found: Sequence[Agreement], materials: Sequence[str]
) -> tuple[PartnershipScenario, ...]:
    """Return the named scenarios; where nothing that is signed names a mineral, those of the minerals asked for."""
    if named(found):
        return scenarios(base, partner, found)
    listed = [m for m in materials if m in base.batches]
    made: Mapping[str, tuple[tuple[Lever, ...], str]] = {
        "offtake": (offtake(base, partner, listed), f"{OFFTAKE[1]:.0%} of imports of each good"),
        "plants": (_plants(base, partner, listed), f"{PLANT[1]:.0%} of use made at home"),
    }
    return tuple(PartnershipScenario(name, name, levers, said) for name, (levers, said) in made.items() if levers)
