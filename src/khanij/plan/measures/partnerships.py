"""Two countries: what is signed, what it is worth as published and in named scenarios, and what dependence it adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from khanij import reference
from khanij.core.table import Table
from khanij.plan.levers import Agreement as AgreementLever
from khanij.plan.levers import Lever, Plant, Recovery, apply, restated
from khanij.plan.measures import valued as measures
from khanij.plan.measures.options import Option
from khanij.reference import agreements, money
from khanij.reference import measures as catalogue
from khanij.reference import official_lists as official
from khanij.reference.agreements import Agreement
from khanij.simulate.loss.changed import Changed
from khanij.simulate.risk import baseline as valuation
from khanij.simulate.risk.baseline import Ground
from khanij.simulate.supply.networks import REST, Network

OFFTAKE = (0.05, 0.10, 0.20)  # part of what the focus buys abroad that a contract names: ours, confidence low
LIFT = (0.0, 0.01, 0.03)  # recovery that joint research may add, in parts of content: ours, confidence low
BEFORE = 0.90  # recovery before, where the focus makes a stage: ours, confidence low
PLANT = (0.10, 0.25, 0.50)  # part of the focus's use that a joint plant makes: ours, confidence low
UNSIGNED = "no instrument between the two names a mineral: scenarios are of those asked for, else of all listed"
ENDS = ("at low volumes", "at high volumes")
MONEY = ("loss without", "loss with", "averted", "standard error", "of it gains", *ENDS, "CVaR 95% falls by")
SCRAPS = 1e-9  # part of use below which a flow is dust


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named course of a partnership: levers with ranges, and what was assumed for them in words."""

    name: str
    meaning: str
    levers: tuple[Lever, ...]
    assumed: str

    @property
    def option(self) -> Option:
        """Return it as a measure without a cost."""
        nan = float("nan")
        return Option(
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
class Pair:
    """A focus and a partner on common ground: what is signed between them and the scenarios."""

    base: Ground
    partner: str
    signed: tuple[Agreement, ...]
    scenarios: tuple[Scenario, ...] = field(default_factory=tuple)


def signed(focus: str, partner: str) -> tuple[Agreement, ...]:
    """Return the instruments between a focus and a partner, groups of which the partner is one included."""
    found = agreements.agreements(focus, partner)
    return tuple(sorted(found, key=lambda a: (a.date, a.id)))


def named(found: Iterable[Agreement]) -> tuple[str, ...]:
    """Return the materials that instruments name."""
    return tuple(sorted({material for one in found for material in one.materials}))


def scenarios(base: Ground, partner: str, found: Sequence[Agreement]) -> tuple[Scenario, ...]:
    """Return the named scenarios of what is signed: as published, research, offtake, joint plants, all of these."""
    published = tuple(lever for one in found for lever in restated(one) if partner in lever.countries())
    materials = [m for m in named(found) if m in base.batches]
    lift = _research(base, materials)
    buy = offtake(base, partner, materials)
    build = _plants(base, partner, materials)
    listed = [
        Scenario("as-published", "what is signed, as it was published", published, "nothing: no volume is published"),
        Scenario(
            "research",
            "joint research lifts recovery at home",
            lift,
            f"recovery from {BEFORE:.0%} by {LIFT[1]:.0%} points ({LIFT[0]:.0%} to {LIFT[2]:.0%}) of all home output",
        ),
        Scenario(
            "offtake",
            "the declarations become contracts on tonnes",
            buy,
            f"{OFFTAKE[1]:.0%} of imports ({OFFTAKE[0]:.0%} to {OFFTAKE[2]:.0%}) of each good that the partner sells, "
            "delivered as contracts are",
        ),
        Scenario(
            "plants",
            "joint plants at home, fed by the partner where it sells the feed",
            build,
            f"{PLANT[1]:.0%} of use made at home ({PLANT[0]:.0%} to {PLANT[2]:.0%})",
        ),
    ]
    if buy and build:
        listed.append(Scenario("offtake-and-plants", "contracts and plants together", (*buy, *build), "as in both"))
    return tuple(one for one in listed if one.levers)


def _abroad(network: Network, k: int, country: str) -> float:
    """Return what a country sells abroad at a stage, t."""
    if country not in network.nodes:
        return 0.0
    i = network.nodes.index(country)
    return float(network.flow[k, i].sum() - network.flow[k, i, i])


def _bought(network: Network, k: int, country: str) -> float:
    """Return what a country buys abroad at a stage, t."""
    j = network.at(country)
    return float(network.flow[k, :, j].sum() - network.flow[k, j, j])


def offtake(base: Ground, partner: str, materials: Iterable[str]) -> tuple[Lever, ...]:
    """Return contracts on a part of what the focus buys of each good that the partner sells, at most what it sells."""
    out: list[Lever] = []
    for material in materials:
        network = base.networks[material]
        for k, stage in enumerate(network.stages):
            most, sold = _bought(network, k, base.focus), _abroad(network, k, partner)
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


def _plants(base: Ground, partner: str, materials: Iterable[str]) -> tuple[Lever, ...]:
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
            use = float(network.use[k, network.at(base.focus)])
            if not known or use <= 0 or _bought(network, k, base.focus) <= 0:
                continue
            before = known[0].feed_stage if known[0].feed_stage in network.stages else network.stages[k - 1]
            sells = _abroad(network, network.stages.index(before), partner) > 0
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


def _research(base: Ground, materials: Iterable[str]) -> tuple[Lever, ...]:
    """Return a lift of recovery at every stage of these materials that the focus makes."""
    out: list[Lever] = []
    for material in materials:
        network = base.networks[material]
        for k, stage in enumerate(network.stages):
            if network.known[k] and network.output[k, network.at(base.focus)] > 0:
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


def value(pair: Pair, currency: money.Currency) -> Table:
    """Return with and without for every scenario: loss, averted with its standard error, and the range of volumes."""
    rows = []
    for one in pair.scenarios:
        usual = measures.value(pair.base, one.option)
        # What has no range is not valued again.
        moved = [one.option.at(end) for end in ("low", "high")]
        ends = [
            (usual if end.levers == one.levers else measures.value(pair.base, end)).figure.expected for end in moved
        ]
        without = _expected(pair.base, one.option.materials)
        figure = usual.figure
        rows.append(
            {
                "scenario": one.name,
                "meaning": one.meaning,
                "tonnes": measures.number(sum(e.done[0] for e in usual.effects if e.unit == "t")),
                "loss without": currency.of(without),
                "loss with": currency.of(without - figure.expected),
                "averted": currency.of(figure.expected),
                "standard error": currency.of(figure.error),
                "of it gains": currency.of(valuation.gained(pair.base, usual.averted)),
                "at low volumes": currency.of(ends[0]),
                "at high volumes": currency.of(ends[1]),
                "CVaR 95% falls by": currency.of(figure.tail),
                "by mineral": ", ".join(_by_mineral(usual, currency)),
                "averts": measures.reason(usual, currency),
                "assumed": one.assumed,
                "confidence": "high" if one.name == "as-published" else "low",
            }
        )
    units = dict.fromkeys(MONEY, currency.name) | {"tonnes": "t"}
    notes = (
        "a year, of the minerals that the scenario touches; negative averted: the scenario adds losses",
        "of it gains: what own makers earn beyond the loss in years in which others go without; it is no loss averted",
        "volumes of scenarios are assumed and not negotiated by anybody; none is published",
        *((UNSIGNED,) if not named(pair.signed) else ()),
        currency.note,
        *pair.base.notes,
    )
    title = f"{pair.base.focus} and {pair.partner}: with and without"
    return Table.of(title, rows, units=units, notes=notes)


def _by_mineral(one: measures.Valued, currency: money.Currency) -> list[str]:
    """Return what is averted of each mineral in words, most first."""
    parts = {material: currency.of(float(np.nanmean(years))) for material, years in one.averted.years.items()}
    return [f"{name} {part:+,.3g}" for name, part in sorted(parts.items(), key=lambda item: -abs(item[1])) if part]


def _expected(base: Ground, materials: Iterable[str]) -> float:
    """Return the expected yearly loss of some materials, USD."""
    return float(sum(np.nanmean(base.loss(m)) for m in materials if m in base.batches))


def dependence(pair: Pair, currency: money.Currency) -> Table:
    """Return by scenario and good the partner's share in use, before and after, and what its full stop would cost."""
    base, rows = pair.base, []
    for one in pair.scenarios:
        materials = [m for m in one.option.materials if m in base.batches]
        cases = (base.case, apply(base.case, one.levers).case)
        models = [valuation.solver(base, case, materials) for case in cases]
        for material in materials:
            stops = [_stop(found, material, pair.partner) for found in models]
            networks = [found.solver.networks[material] for found in models]
            for stage in base.networks[material].stages:
                shares = [_share(network, stage, pair.partner, base.focus) for network in networks]
                tops = [_first(network, stage, base.focus, pair.partner) for network in networks]
                if max(shares) <= SCRAPS:
                    continue
                rows.append(
                    {
                        "scenario": one.name,
                        "material": material,
                        "stage": stage,
                        "share before": shares[0],
                        "share after": shares[1],
                        "largest other before": tops[0],
                        "largest other after": tops[1],
                        "stop of the partner costs, before": measures.number(currency.of(stops[0])),
                        "stop of the partner costs, after": measures.number(currency.of(stops[1])),
                    }
                )
    units = dict.fromkeys((f"stop of the partner costs, {when}" for when in ("before", "after")), currency.name)
    units |= dict.fromkeys(("share before", "share after"), "1")
    notes = (
        f"share: part of what {base.focus} uses that {pair.partner} made; the stop: it sells nothing of the mineral at "
        "any stage for a year, as sanctions on payment or transport would do; its chance plays no part here",
    )
    return Table.of(f"{base.focus} and {pair.partner}: dependence added", rows, units=units, notes=notes)


def _share(network: Network, stage: str, partner: str, focus: str) -> float:
    """Return the partner's part in the use of the focus."""
    k, j = network.stages.index(stage), network.at(focus)
    use = float(network.use[k, j])
    if partner not in network.nodes or use <= 0:
        return 0.0
    return float(network.flow[k, network.nodes.index(partner), j]) / use


def _first(network: Network, stage: str, focus: str, partner: str) -> str:
    """Return the largest seller to the focus besides a partner, and its share, in words."""
    k, j = network.stages.index(stage), network.at(focus)
    bought = network.flow[k, :, j].copy()
    bought[j] = 0.0
    for left in (REST, partner):
        if left in network.nodes:
            bought[network.nodes.index(left)] = 0.0
    i = int(bought.argmax())
    return f"{network.nodes[i]} {bought[i] / network.use[k, j]:.0%}" if bought[i] > 0 else "none"


def _stop(found: Changed, material: str, partner: str) -> float:
    """Return what it costs, USD, if the partner sells nothing of a material for a year; nan if it does not clear."""
    network = found.solver.networks[material]
    if partner not in network.nodes:
        return 0.0
    scenario = tuple(
        (partner, stage, 1.0) for k, stage in enumerate(network.stages) if _abroad(network, k, partner) > 0
    )
    return float(found(material, [scenario])[0][0]) if scenario else 0.0


def instruments(pair: Pair) -> Table:
    """Return what is signed, with its tonnes as published: none."""
    rows = [
        {
            "instrument": one.id,
            "what": one.instrument,
            "date": one.date,
            "strength": one.strength,
            "minerals": ", ".join(one.materials) or "none named",
            "covers": ", ".join(one.scopes),
            "tonnes": None,
            "status": one.status,
            "url": one.url,
            "confidence": one.confidence,
        }
        for one in pair.signed
    ]
    note = "no instrument publishes a volume: as published each averts nothing, and says so"
    return Table.of(f"{pair.base.focus} and {pair.partner}: what is signed", rows, notes=(note,))


def prepare(
    focus: str,
    partner: str,
    year: int = 2024,
    years: int = 2_000,
    seed: int = 0,
    materials: Sequence[str] = (),
    **settings: Any,
) -> Pair:
    """Return a pair on common ground, on the minerals that their instruments name and those asked for.

    Where there are none of either, on those of the official list that counts for the focus.
    Raises CoverageError where no mineral has a market model and a hazard.
    """
    home, other = reference.focus(focus), reference.country(partner)
    found = signed(home, other)
    wanted = tuple(dict.fromkeys((*named(found), *materials))) or official.minerals(home, year)
    base = valuation.prepare(home, year, years, seed, materials=wanted, partners=(other,), **settings)
    return Pair(base, other, found, scenarios_of(base, other, found, wanted))


def scenarios_of(
    base: Ground, partner: str, found: Sequence[Agreement], materials: Sequence[str]
) -> tuple[Scenario, ...]:
    """Return the named scenarios; where nothing that is signed names a mineral, those of the minerals asked for."""
    if named(found):
        return scenarios(base, partner, found)
    listed = [m for m in materials if m in base.batches]
    made: Mapping[str, tuple[tuple[Lever, ...], str]] = {
        "offtake": (offtake(base, partner, listed), f"{OFFTAKE[1]:.0%} of imports of each good"),
        "plants": (_plants(base, partner, listed), f"{PLANT[1]:.0%} of use made at home"),
    }
    return tuple(Scenario(name, name, levers, said) for name, (levers, said) in made.items() if levers)


def report(pair: Pair, currency: money.Currency, progress: Callable[[str], None] | None = None) -> tuple[Table, ...]:
    """Return the tables of a pair: what is signed, with and without, dependence, minerals that are not counted."""
    say = progress or (lambda _: None)
    say("with and without")
    made = [instruments(pair), value(pair, currency)]
    say("dependence")
    made.append(dependence(pair, currency))
    return (*(table for table in made if len(table)), *measures.left_out(pair.base))
