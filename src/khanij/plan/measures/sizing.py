"""What the catalogue has for a country: each measure sized by what its kind says, imports, use or scrap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from math import ceil, isnan
from operator import mul
from types import MappingProxyType

from khanij import reference
from khanij.core.errors import StudyError
from khanij.core.range import Range
from khanij.plan.levers import LEVERS, Site, catalogue
from khanij.plan.levers.supply import Equity, Exploration
from khanij.plan.measures import building, stages
from khanij.plan.measures.building import Building
from khanij.plan.measures.measure import NOTHING, UNKNOWN, Measure, component
from khanij.plan.measures.scrap import RecoverableScrap
from khanij.reference.assumptions import assumed, assumed_range
from khanij.reference.measures import CatalogueMeasure
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.supply.networks import REST, Network

CONFIDENCES = ("low", "medium", "high")
COSTS = ("capital", "acquisition")
PAID_BY_SALES = "sales pay the running cost"
NO_TARGETS: Mapping[str, float] = MappingProxyType({})


def size_measures(
    base: Baseline,
    scrap: RecoverableScrap | None,
    programme: str = "",
    materials: Iterable[str] | None = None,
    targets: Mapping[str, float] = NO_TARGETS,
) -> tuple[Measure, ...]:
    """Return what the catalogue has for the minerals of a focus, each sized for it.

    scrap      what arises, for plants that recycle it; None = the demand model has none, so that there are none
    programme  whose components pay for them     materials  all that are counted if None
    targets    measure of the catalogue -> t a year that the country aims at
    Plants, mines and stakes replace `measure_import_part` of imports, further plants what is left of them, and others
    what the country's own target asks beyond; stockpiles hold `stock_first` days of use and `stock_further` days
    more; recycling takes all scrap that could be recovered. What is searched or looked into first comes in two stages.
    Raises StudyError for a focus that is no country: a group has no plants.
    """
    if base.focus not in reference.countries():
        raise StudyError(f"{base.focus} is no country", where="focus", hint="measures stand in a country")
    found: list[Measure] = []
    for material in base.materials if materials is None else tuple(materials):
        network = base.networks.get(material)
        if network is not None and material in base.batches:
            found += _of_material(base, network, programme, targets)
    return (*found, *(_by_scrap(base, scrap, programme) if scrap is not None else ()))


def entries(sized_by: str) -> Iterator[CatalogueMeasure]:
    """Yield the measures of the catalogue whose kind is sized by imports, use or scrap."""
    yield from (entry for entry in catalogue.listed().values() if LEVERS[entry.kind].sized_by == sized_by)


def _of_material(base: Baseline, network: Network, programme: str, targets: Mapping[str, float]) -> list[Measure]:
    """Return the measures of one material, stage by stage."""
    least, exempt = assumed("measure_least_imports", base.case), assumed("measure_least_value", base.case)
    found: list[Measure] = []
    for stage in network.stages:
        bought = network.imports(stage)
        if bought < least * (network.value[network.stages.index(stage)] < exempt):
            continue
        for entry in entries("imports"):
            if (entry.material, entry.stage) == (network.material, stage):
                found += _by_imports(base, network, entry, bought, programme, targets.get(entry.id, 0.0))
        for entry in entries("use"):
            found += _by_use(base, network, stage, entry, programme)
    return found


def _by_imports(
    base: Baseline, network: Network, entry: CatalogueMeasure, bought: float, programme: str, target: float
) -> list[Measure]:
    """Return the measures of the catalogue that replace imports of a good: first, further, and the stages before.

    target  t a year that the country aims at by its own scheme, 0 if none
    """
    part = assumed_range("measure_import_part", base.case)
    first = part.map(lambda end: end * bought)
    said = f"size: {part.best:.0%} of imports ({part.low:.0%} to {part.high:.0%})"
    one = _replacing(base, network, entry, first, programme, said)
    if one is None:
        return []
    if one.kind in (Exploration.kind, Equity.kind):
        return list(stages.in_two_stages(one, entry, base))
    # What imports leave to replace, and what a target asks beyond them, are two measures: of the latter users have no
    # need yet, so that a tonne of it averts far less.
    found = [one]
    for name, rest, why in (
        ("further", bought - first.best, "what is left of imports"),
        ("to the target", target - max(bought, first.best), f"the target of {target:,.0f} t a year beyond imports"),
    ):
        more = None
        if rest > 0:
            more = _replacing(base, network, entry, Range(rest, rest, rest), programme, f"size: {why}")
        if more is not None:
            id = name.rsplit(" ", 1)[-1]
            lever = replace(more.levers[0], id=f"{base.focus}:{entry.id}:{id}")
            more = replace(more, id=f"{entry.id}-{id}", name=f"{entry.name}, {name}", levers=(lever,), entry=entry.id)
            found.append(replace(more, needs=found[-1].id, on_top=True))
    return found


def _replacing(
    base: Baseline, network: Network, entry: CatalogueMeasure, size: Range, programme: str, said: str
) -> Measure | None:
    """Return a measure of the catalogue of a size, t a year; None where it has no way in or costs too little."""
    sellers = exporters(network, base.focus, entry.stage)
    placed = LEVERS[entry.kind].place(
        entry, Site(base.focus, network.material, entry.stage, size, network.stages, sellers)
    )
    if placed is None:
        return None
    cost = _cost(entry, COSTS, size.best)
    if cost.best < 1e6 * assumed("measure_least_cost", base.case):
        return None
    lever = catalogue.from_catalogue(entry.id, id=f"{base.focus}:{entry.id}", **placed.parameters)
    lump = assumed("measure_lump", base.case)
    built = _built(entry, size.best, lump, base)
    years = building.build_years(entry, base.case) if entry.kind not in (Exploration.kind, Equity.kind) else None
    return Measure(
        id=entry.id,
        name=entry.name,
        kind=entry.kind,
        component=component(entry.kind, programme),
        materials=(network.material,),
        levers=(lever,),
        size=size.best,
        unit="t/yr",
        cost=cost,
        running=NOTHING,
        lead=_lead(entry) if years is None else ceil(years.best - 1e-9),
        lump=lump,
        source=_source(entry, COSTS),
        confidence=_least_confidence(entry, (*COSTS, "lead")),
        assumed=(said, *placed.assumed, *built.assumed, "cost a tonne as on record, whatever the size", PAID_BY_SALES),
        building=built,
    )


def _built(entry: CatalogueMeasure, tonnes: float, lump: float, base: Baseline) -> Building:
    """Return how a plant, mine or stake comes to stand, and what it burdens."""
    if entry.kind == Equity.kind:
        support = building.support_of_stake(base.case)
        return Building(support, assumed=support.assumed)
    support = building.support_of_plant(entry, base.focus, base.case)
    carbon, water = building.burdens(entry, tonnes, base.case)
    many, why = building.pace(entry, tonnes, lump, base.case)
    chance = building.built_chance(entry, base.case)
    said = (*support.assumed, f"stands and runs with a chance of {chance.best:.0%}", *((why,) if why else ()))
    return Building(support, chance, many, carbon, water, said)


def exporters(network: Network, focus: str, stage: str) -> tuple[str, ...]:
    """Return who sells a good abroad, largest first, without the focus and the rest of the world."""
    sold = {node: network.exports(node, stage) for node in network.nodes if node not in (focus, REST)}
    return tuple(sorted((node for node, tonnes in sold.items() if tonnes > 0), key=lambda node: -sold[node]))


def _by_use(base: Baseline, network: Network, stage: str, entry: CatalogueMeasure, programme: str) -> list[Measure]:
    """Return two stockpiles, the second on top of the first; none where their value is not known, or a trifle."""
    material, used = network.material, network.consumption(stage)
    worth = used * float(network.unit_value[network.stages.index(stage), network.place(base.focus)])
    whole = sum(assumed(held, base.case) for held in ("stock_first", "stock_further")) / 365.0 * worth
    if isnan(worth) or worth <= 0 or whole < 1e6 * assumed("measure_least_cost", base.case):
        return []
    carrying, price = entry.figures["carrying"], assumed_range("stock_price", base.case)
    found: list[Measure] = []
    for name, held in (("first", "stock_first"), ("further", "stock_further")):
        days = assumed(held, base.case)
        placed = LEVERS[entry.kind].place(entry, Site(base.focus, material, stage, Range(days, days, days)))
        if placed is None:
            continue
        id = f"stock-{name}:{material}:{stage}"
        lever = LEVERS[entry.kind](id=id, material=material, stage=stage, **placed.parameters)
        value = days / 365.0 * worth
        found.append(
            Measure(
                id=id,
                name=f"Stockpile of {days:g} days" + (" more" if found else ""),
                kind=entry.kind,
                component=component(entry.kind, programme),
                materials=(material,),
                levers=(lever,),
                size=days / 365.0 * used,
                unit="t",
                cost=price.map(partial(mul, value)),
                running=catalogue.ends(carrying).map(partial(mul, value)),
                lead=0 if not found else 1,
                lump=assumed("measure_lump", base.case),
                needs=found[0].id if found else "",
                on_top=bool(found),
                building=Building(building.support_of_stock(base.case)),
                source=f"value of trade {network.year}; {carrying.source}",
                assumed=(
                    f"bought at the value of trade, range {price.low:g} to {price.high:g} of it",
                    "what is drawn is bought again, all of it after a year in which any is",
                ),
            )
        )
    return found


def _by_scrap(base: Baseline, scrap: RecoverableScrap, programme: str) -> list[Measure]:
    """Return plants that recycle all scrap of the materials that they give, by recycling_outputs.csv."""
    outputs: dict[str, list[dict[str, str]]] = {}
    for row in reference.rows("recycling_outputs"):
        network = base.networks.get(row["material"])
        if network is not None and row["stage"] in network.stages and row["material"] in scrap.tonnes:
            outputs.setdefault(row["measure"], []).append(row)
    return [
        _plant_for_scrap(base, scrap, entry, outputs[entry.id], programme)
        for entry in entries("scrap")
        if entry.id in outputs
    ]


def _plant_for_scrap(
    base: Baseline, scrap: RecoverableScrap, entry: CatalogueMeasure, rows: list[dict[str, str]], programme: str
) -> Measure:
    """Return one plant for the scrap of several materials."""
    parts = {row["material"]: scrap.tonnes[row["material"]] for row in rows}
    size = sum(part.best for part in parts.values())
    levers = []
    for row in rows:
        site = Site(base.focus, row["material"], row["stage"], parts[row["material"]])
        placed = LEVERS[entry.kind].place(entry, site)
        assert placed is not None  # scrap is there, so there is a way in
        id = f"{base.focus}:{entry.id}:{site.material}"
        levers.append(LEVERS[entry.kind](id=id, material=site.material, stage=site.stage, **placed.parameters))
    lump = assumed("measure_lump", base.case)
    built = _built(entry, size, lump, base)
    years = building.build_years(entry, base.case)
    tonnes = ", ".join(f"{material} {part.low:,.0f} to {part.high:,.0f} t" for material, part in parts.items())
    return Measure(
        id=entry.id,
        name=entry.name,
        kind=entry.kind,
        component=component(entry.kind, programme),
        materials=tuple(parts),
        levers=tuple(levers),
        size=size,
        unit="t/yr",
        cost=_cost(entry, ("capital",), size),
        running=NOTHING,
        lead=_lead(entry) if years is None else ceil(years.best - 1e-9),
        lump=lump,
        source=_source(entry, ("capital",)),
        confidence=_least_confidence(entry, ("capital", "lead")),
        assumed=(
            f"all scrap that could be recovered in {scrap.year}, scenario {scrap.scenario}: {tonnes}",
            *built.assumed,
            PAID_BY_SALES,
        ),
        building=built,
        # What is least far along of its metals limits the plant.
        arising=min((scrap.before[m] for m in parts), key=lambda path: sum(part for _, part in path)),
    )


def _cost(entry: CatalogueMeasure, names: Iterable[str], tonnes: float) -> Range:
    """Return the cost of a size, USD, by the first figure there is; an end that is not known is the best."""
    for name in names:
        if name in entry.figures:
            return catalogue.ends(entry.figures[name]).map(lambda end: end * tonnes)
    return UNKNOWN


def _lead(entry: CatalogueMeasure) -> int:
    """Return whole years until it works; 0 where no lead time is known."""
    return ceil(catalogue.ends(entry.figures["lead"]).best - 1e-9) if "lead" in entry.figures else 0


def _source(entry: CatalogueMeasure, names: Iterable[str]) -> str:
    """Return the sources of some figures with the facts that they restate."""
    rows = [entry.figures[name] for name in names if name in entry.figures]
    return "; ".join(dict.fromkeys(f"{row.source}: {row.item}" if row.item else row.source for row in rows))


def _least_confidence(entry: CatalogueMeasure, names: Iterable[str]) -> str:
    """Return the least confidence of some figures."""
    rows = [entry.figures[name].confidence for name in names if name in entry.figures]
    return min(rows, key=CONFIDENCES.index) if rows else "low"
