"""Measures that a country could take on its minerals: levers with a size, a cost, a lead time and their sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from math import ceil, isnan, nan
from typing import Any

from khanij import reference
from khanij.core.errors import StudyError
from khanij.plan import levers as kinds
from khanij.plan.levers import Lever, Years, catalogue
from khanij.reference import measures as figures
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.supply.networks import REST, Network

Range = tuple[float, float, float]  # low, best, high; nan = not known
UNKNOWN: Range = (nan, nan, nan)
SHARE = (0.25, 0.5, 0.75)  # part of imports that a plant, mine or stake is to replace: ours, confidence low
LEAST = 1.0  # t a year of imports below which nothing is proposed
GENERATED = ("plant", "exploration", "equity", "recycling")
FIRST, FURTHER = 60.0, 120.0  # days of a first stockpile (the catalogue's), and of one on top of it
SIZED = ("volume", "output", "days", "scrap", "capacity", "share", "part")  # what twice a measure has twice of
WEIGHTY = ("low", "medium", "high")
MORE = ("volume", "output", "days", "scrap", "part", "after", "stake", "probability", "weight", "capacity", "share")
MORE += ("recovery", "collection", "prospect", "resource", "reserve", "mine")
LESS = ("political_risk", "sanctions", "before")


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of a size, whole or not at all unless `lump` is smaller than 1.

    levers   what it does to a Case                    cost, running  USD once, and USD a year
    lead     whole years until it works                component  of the programme that pays for it
    needs    id of a measure that must be there too    size, unit  what it gives, for people
    assumed  what was assumed about it                 confidence  of its cost
    arising  (year, part of its size that can work by then), rising; () = all of it, and more as need grows
    """

    id: str
    name: str
    kind: str
    component: str
    materials: tuple[str, ...]
    levers: tuple[Lever, ...]
    size: float
    unit: str
    cost: Range
    running: Range
    lead: int
    lump: float = 1.0
    needs: str = ""
    source: str = ""
    confidence: str = "low"
    assumed: tuple[str, ...] = ()
    arising: tuple[tuple[int, float], ...] = ()

    def at(self, end: str) -> Measure:
        """Return the option with its levers at the "low" or "high" end of what they give."""
        return replace(self, levers=tuple(at_end(lever, end) for lever in self.levers))


def at_end(lever: Lever, end: str) -> Lever:
    """Return a lever at the "low" or "high" end of what it gives: amounts at that end, drawbacks at the other."""
    other = {"low": "high", "high": "low"}[end]
    moved = {}
    for entry in fields(lever):
        value = getattr(lever, entry.name)
        if isinstance(value, Years) and entry.name in (*MORE, *LESS):
            moved[entry.name] = getattr(value, end if entry.name in MORE else other)
    return replace(lever, **moved)


def sized(option: Measure, part: float) -> tuple[Lever, ...]:
    """Return the levers of an option of another size: `part` of it, or more than all of it where that can be.

    A part or share of something stays at most 1, as the lever has it; none where `part` is 0.
    """
    found = []
    for lever in option.levers if part > 0 else ():
        moved = {}
        for entry in fields(lever):
            value = getattr(lever, entry.name)
            if entry.name in SIZED and isinstance(value, Years):
                most = entry.metadata["limits"][1]
                moved[entry.name] = Years(*(min(end * part, most) for end in (value.low, value.best, value.high)))
        found.append(replace(lever, **moved))
    return tuple(found)


def moving(option: Measure) -> tuple[str, ...]:
    """Return the parameters of an option's levers that have a range which at() moves."""
    found = []
    for lever in option.levers:
        for entry in fields(lever):
            value = getattr(lever, entry.name)
            if entry.name in (*MORE, *LESS) and isinstance(value, Years) and value.low < value.high:
                found.append(entry.name)
    return tuple(dict.fromkeys(found))


def component(kind: str, programme: str = "") -> str:
    """Return the component of a programme that pays for a kind of measure; the kind itself where none does."""
    for row in reference.rows("programme_components"):
        if row["programme"] == programme and kind in row["kinds"].split(";"):
            return row["component"]
    return kind


def generated(
    base: Baseline, programme: str = "", materials: Iterable[str] | None = None, scrap: Scrap | None = None
) -> tuple[Measure, ...]:
    """Return what the catalogue has for the minerals of a focus, each sized by what the focus imports.

    Plants, mines and stakes replace SHARE of imports; stockpiles hold FIRST days and FURTHER days more.
    scrap  what arises, for plants that recycle it; None = no such plants
    Raises StudyError for a focus that is no country: a group has no plants.
    """
    if base.focus not in reference.countries():
        raise StudyError(f"{base.focus} is no country", where="focus", hint="measures stand in a country")
    found: list[Measure] = []
    wanted = base.materials if materials is None else tuple(materials)
    for material in wanted:
        network = base.networks.get(material)
        if network is not None and material in base.batches:
            found += _of(base, network, programme)
    return (*found, *(_recycled(base, scrap, programme) if scrap is not None else ()))


def _recycled(base: Baseline, scrap: Scrap, programme: str) -> list[Measure]:
    """Return plants that recycle all scrap of the materials that they give, by recycling_outputs.csv."""
    outputs: dict[str, list[dict[str, str]]] = {}
    for row in reference.rows("recycling_outputs"):
        network = base.networks.get(row["material"])
        if network is not None and row["stage"] in network.stages and row["material"] in scrap.tonnes:
            outputs.setdefault(row["measure"], []).append(row)
    found = []
    for id, rows in outputs.items():
        measure = figures.measure(id)
        parts = {row["material"]: scrap.tonnes[row["material"]] for row in rows}
        size = sum(best for _, best, _ in parts.values())
        levers = tuple(
            kinds.RecyclingPlant(
                id=f"{base.focus}:{id}:{row['material']}",
                material=row["material"],
                stage=row["stage"],
                country=base.focus,
                scrap=Years(*parts[row["material"]]),
                collection=Years(1.0, 1.0, 1.0),  # the rates are in what could be recovered
                recovery=Years(1.0, 1.0, 1.0),
            )
            for row in rows
        )
        found.append(
            Measure(
                id=id,
                name=measure.name,
                kind="recycling",
                component=component("recycling", programme),
                materials=tuple(parts),
                levers=levers,
                size=size,
                unit="t/yr",
                cost=_per_tonne(measure, ("capital",), size),
                running=(0.0, 0.0, 0.0),
                lead=_lead(measure),
                lump=0.25,
                source=_source(measure, ("capital",)),
                confidence=_sure(measure, ("capital", "lead")),
                assumed=(
                    f"all scrap that could be recovered in {scrap.year}, scenario {scrap.scenario}: "
                    + ", ".join(f"{m} {low:,.0f} to {high:,.0f} t" for m, (low, _, high) in parts.items()),
                    "sales pay the running cost",
                ),
                # What is least far along of its metals limits the plant.
                arising=min((scrap.before[m] for m in parts), key=lambda path: sum(part for _, part in path)),
            )
        )
    return found


def _of(base: Baseline, network: Network, programme: str) -> list[Measure]:
    """Return the options of one material."""
    found: list[Measure] = []
    for k, stage in enumerate(network.stages):
        bought = network.imports(stage)
        if bought < LEAST * (network.value[k] < 1e6):  # grams of platinum matter, kilograms of copper do not
            continue
        for id, measure in catalogue.listed().items():
            if measure.kind in GENERATED and (measure.material, measure.stage) == (network.material, stage):
                option = _made(base, network, id, bought, programme)
                found += [option] if option is not None else []
        found += _stocks(base, network, k, programme)
    return found


def _made(base: Baseline, network: Network, id: str, bought: float, programme: str) -> Measure | None:
    """Return a plant, mine or stake of the catalogue at a part of imports; None where it has no way in."""
    measure = figures.measure(id)
    size = Years(*(part * bought for part in SHARE))
    own: dict[str, Any] = {"output": size}
    assumed = [f"size: {SHARE[1]:.0%} of imports ({SHARE[0]:.0%} to {SHARE[2]:.0%})"]
    if measure.kind == "recycling":
        return None  # sized by scrap and not by imports: see _recycled
    if measure.kind == "equity":
        largest = max(
            (node for node in network.nodes if node not in (base.focus, REST)),
            key=lambda node: network.exports(node, measure.stage),
        )
        own |= {"focus": base.focus, "partner": largest, "stake": 1.0}
        assumed.append(f"the stake is in the largest seller, {largest}")
    else:
        own["country"] = base.focus
    if measure.kind == "plant" and measure.feed_stage in network.stages:
        own["feed_stage"] = measure.feed_stage
    lever = catalogue.from_catalogue(id, id=f"{base.focus}:{id}", **own)
    cost = _per_tonne(measure, ("capital", "acquisition"), size.best)
    return Measure(
        id=id,
        name=measure.name,
        kind=measure.kind,
        component=component(measure.kind, programme),
        materials=(network.material,),
        levers=(lever,),
        size=size.best,
        unit="t/yr",
        cost=cost,
        running=(0.0, 0.0, 0.0),
        lead=_lead(measure),
        lump=0.25,
        source=_source(measure, ("capital", "acquisition")),
        confidence=_sure(measure, ("capital", "acquisition", "lead")),
        assumed=(*assumed, "cost a tonne as on record, whatever the size", "sales pay the running cost"),
    )


def _stocks(base: Baseline, network: Network, k: int, programme: str) -> list[Measure]:
    """Return two stockpiles, the second on top of the first."""
    stage, material, j = network.stages[k], network.material, network.place(base.focus)
    used = float(network.use[k, j])
    worth = used * float(network.unit_value[k, j])
    if isnan(worth) or worth <= 0:
        return []
    carrying = figures.measure("stockpile").figures["carrying"]
    out: list[Measure] = []
    for days, name in ((FIRST, "first"), (FURTHER, "further")):
        id = f"stock-{name}:{material}:{stage}"
        lever = kinds.Stockpile(id=id, material=material, stage=stage, country=base.focus, days=days)
        value = days / 365.0 * worth
        out.append(
            Measure(
                id=id,
                name=f"Stockpile of {days:g} days" + (" more" if out else ""),
                kind="stockpile",
                component=component("stockpile", programme),
                materials=(material,),
                levers=(lever,),
                size=days / 365.0 * used,
                unit="t",
                cost=(0.8 * value, value, 1.25 * value),
                running=(carrying.low * value, carrying.best * value, carrying.high * value),
                lead=0 if not out else 1,
                lump=0.25,
                needs=out[0].id if out else "",
                source=f"value of trade {network.year}; {carrying.source}",
                confidence="low",
                assumed=("bought at the value of trade, range 0.8 to 1.25 of it", "what is drawn is bought again"),
            )
        )
    return out


def _per_tonne(measure: figures.CatalogueMeasure, names: Iterable[str], tonnes: float) -> Range:
    """Return the cost of a size (low, best, high) USD; an end that is not known is the best; nan where none is."""
    for name in names:
        if name in measure.figures:
            low, best, high = catalogue.ends(measure.figures[name])
            return low * tonnes, best * tonnes, high * tonnes
    return UNKNOWN


def _lead(measure: figures.CatalogueMeasure) -> int:
    """Return whole years until it works; 0 where no lead time is known."""
    return ceil(catalogue.ends(measure.figures["lead"])[1] - 1e-9) if "lead" in measure.figures else 0


def _source(measure: figures.CatalogueMeasure, names: Iterable[str]) -> str:
    """Return the sources of some figures with the facts that they restate."""
    rows = [measure.figures[name] for name in names if name in measure.figures]
    return "; ".join(dict.fromkeys(f"{row.source}: {row.item}" if row.item else row.source for row in rows))


def _sure(measure: figures.CatalogueMeasure, names: Iterable[str]) -> str:
    """Return the least confidence of some figures."""
    rows = [measure.figures[name].confidence for name in names if name in measure.figures]
    return min(rows, key=WEIGHTY.index) if rows else "low"


def given(entry: Mapping[str, Any], where: str, programme: str = "") -> Measure:
    """Return the option that an entry of a study describes; see study.studies for its keys."""
    levers = tuple(kinds.read(dict(one), f"{where}.levers.{n}") for n, one in enumerate(entry["levers"]))
    kind = levers[0].kind
    return Measure(
        id=entry["id"],
        name=entry["name"],
        kind=kind,
        component=entry["component"] or component(kind, programme),
        materials=tuple(dict.fromkeys(lever.material for lever in levers if lever.material)),
        levers=levers,
        size=entry["size"],
        unit=entry["unit"],
        cost=entry["cost"],
        running=entry["running"],
        lead=entry["lead"],
        lump=entry["lump"],
        needs=entry["needs"],
        source=entry["source"],
        confidence=entry["confidence"],
        assumed=tuple(entry["assumed"]),
    )


@dataclass(frozen=True, slots=True)
class Scrap:
    """Tonnes a year that could be recovered (low, best, high) by material, in the last year that the model knows.

    before  (year, part of that year's tonnes of a material that arise by then) of each material, up to that year
    """

    tonnes: dict[str, tuple[float, float, float]]
    before: dict[str, tuple[tuple[int, float], ...]]
    year: int
    scenario: str
    sources: tuple[str, ...]
