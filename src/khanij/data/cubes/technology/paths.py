"""How much of each technology stands or is sold: history from the store, the rest from scenarios.

A point is a figure of one year; what lies between points is left to the model. Vehicles follow the IEA's stated
policies to 2030 in every scenario that says nothing else of their class.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.cube import Cube, Floats
from khanij.data.cubes.evidence import Builder, unfollowed
from khanij.data.cubes.selection import Selection
from khanij.data.cubes.technology import base_use
from khanij.data.cubes.technology import technologies as technology
from khanij.data.facts import store

WORLD = "WLD"
DRIVES = ("BEV", "PHEV", "FCEV")
CLASSES = ("car", "van", "bus", "truck", "two-wheeler")
CAPACITY = ("solar", "wind")
RECENT = 3  # years whose additions of capacity give a country's part of the world's
# sector of the IEA's demand -> what a country's part of the world is measured by
PARTS = {
    "Solar PV": "solar",
    "Wind": "wind",
    "Electric vehicles": "vehicles",
    "Grid battery storage": "gdp",
    "Electricity networks": "gdp",
    "Hydrogen technologies": "gdp",
    "Other low emissions power generation": "gdp",
    "Low emissions power generation": "gdp",
    "Other uses": "gdp",
}
Points = dict[int, float]
Ahead = dict[int, tuple[float, float, float]]  # value, low, high


@cache
def _facts(fingerprint: str) -> pl.DataFrame:
    """Return every fact of capacity and vehicles: quantity, item, country, year, value, source."""
    quantities = ("installed_capacity", "ev_sales", "ev_sales_share", "battery_demand", "gdp")
    sources = {source for quantity in quantities for source in store.providers(quantity)}
    columns = ["quantity", "item", "country", "year", "value", "source", "edition"]
    if not sources:
        return pl.DataFrame(schema={name: pl.String for name in columns})
    frame = store.scan(*sorted(sources)).filter(pl.col("quantity").is_in(quantities), pl.col("value").is_not_null())
    return store.collect(frame.select(columns))


def _keys(*without: str) -> tuple[str, ...]:
    """Return the sources and editions of these facts, those of some quantities left out."""
    kept = _facts(store.fingerprint()).filter(~pl.col("quantity").is_in(without))
    named = kept.select("source", "edition").unique().sort("source", "edition")
    return tuple(f"{source}@{edition}" for source, edition in named.iter_rows())


def points(quantity: str, item: str, focus: str) -> Points:
    """Return year -> figure of a country, of a group the publisher adds up, or of the world; a group of ours is added.

    item  how the fact's item begins, in full or before a further part
    """
    frame = _facts(store.fingerprint()).filter(pl.col("quantity") == quantity)
    own = frame.filter(pl.col("country") == focus, (pl.col("item") == item))
    if own.is_empty():
        own = frame.filter(pl.col("item") == f"{item} | {focus}")
    if own.is_empty() and focus in reference.groups() and quantity == "installed_capacity":
        span = [int(year) for year in frame["year"].unique()]
        members = [(iso, year) for year in span for iso in reference.members(focus, year)]
        table = pl.DataFrame(members, schema={"country": pl.String, "year": pl.Int16}, orient="row")
        own = frame.filter(pl.col("item") == item).join(table, on=["country", "year"], how="semi")
        own = own.group_by("year").agg(pl.col("value").sum())
    return {int(year): float(value) for year, value in own.select("year", "value").sort("year").iter_rows()}


def _capacity_item(name: str) -> str:
    """Return the item of a technology's capacity."""
    return f"{name} | {name.capitalize()} capacity (total) (GW)"


def _vehicles(quantity: str, name: str, focus: str) -> tuple[Points, Points]:
    """Return history and the IEA's projection of a class, drives added up."""
    drives = DRIVES if quantity == "ev_sales" else ("EV",)
    found: tuple[Points, Points] = ({}, {})
    for k, suffix in enumerate(("", " | STEPS")):
        for drive in drives:
            for year, value in points(quantity, f"{name} | {drive}{suffix}", focus).items():
                found[k][year] = found[k].get(year, 0.0) + value
    return found


def path(selection: Selection, name: str, measure: str) -> Cube:
    """Return points of stock or of inflow by focus, scenario, technology and year, in the technology's own unit."""
    axes = (selection.axes["focus"], technology.scenarios(), technology.axis(), technology.horizon())
    parts: Floats = np.full((3, *map(len, axes)), np.nan)
    for f, focus in enumerate(axes[0].codes):
        history = _history(focus, measure)
        for s, scenario in enumerate(axes[1].codes):
            rows = technology.chosen(focus, scenario, (measure,))
            for id, known in history.items():
                if measure == "inflow" or (id, measure) in rows:
                    found = {year: (v, v, v) for year, v in known.items()}
                    _put(parts, (f, s), axes, id, _of_modules(focus, scenario, id, found))
            for (id, _), stated in rows.items():
                found = {row.year: technology.figures(row) for row in stated if row.year is not None}
                _put(parts, (f, s), axes, id, _of_modules(focus, scenario, id, found))
            if measure == "inflow":
                ahead = {id: found for name_ in CLASSES for id, found in _sales(focus, scenario, name_).items()}
                for id, found in ahead.items():
                    _put(parts, (f, s), axes, id, found)
    return Cube(
        name,
        "1",
        axes,
        parts[0],
        low=parts[1],
        high=parts[2],
        sources=_keys("gdp"),
        notes=(technology.cited("demand_scenarios"),),
    )


def _of_modules(focus: str, scenario: str, id: str, found: Ahead) -> Ahead:
    """Return what is counted at the grid as what is built: capacity of modules by that of their alternating current."""
    rows = technology.chosen(focus, scenario, ("module-ratio",)).get((id, "module-ratio"), [])
    best, low, high = technology.figures(rows[0]) if rows else (1.0, 1.0, 1.0)
    return {year: (ends[0] * best, ends[1] * low, ends[2] * high) for year, ends in found.items()}


def _history(focus: str, measure: str) -> dict[str, Points]:
    """Return technology -> recorded points of stock, or of inflow."""
    if measure == "stock":
        return {name: points("installed_capacity", _capacity_item(name), focus) for name in CAPACITY}
    found = {}
    for name in CLASSES:
        found[f"ev-{name}"] = _vehicles("battery_demand", name, focus)[0]
        found[f"motor-{name}"] = _vehicles("ev_sales", name, focus)[0]
    return found


def _sales(focus: str, scenario: str, name: str) -> dict[str, Ahead]:
    """Return points ahead of a class's batteries and motors: the IEA's, and stated shares of the class's sales.

    vehicles = share × all sales of the class, GWh = vehicles × GWh a vehicle. All sales are those of the newest year
    for which the IEA gives the electric share, growing from there as the scenario says (not at all if it says
    nothing); GWh a vehicle are those of the newest year.
    """
    recorded, counts = _vehicles("ev_sales", name, focus)
    stored, energy = _vehicles("battery_demand", name, focus)
    motors: Ahead = {year: (value, value, value) for year, value in counts.items()}
    packs: Ahead = {year: (value, value, value) for year, value in energy.items()}
    rows = technology.chosen(focus, scenario, ("sales-share", "market-growth"))
    stated, faster = (rows.get((f"ev-{name}", measure), []) for measure in ("sales-share", "market-growth"))
    shares = {year: v for found in _vehicles("ev_sales_share", name, focus) for year, v in found.items() if v > 0}
    counts, energy = recorded | counts, stored | energy
    based = sorted(year for year in set(counts) & set(shares) if counts[year] > 0)
    filled = sorted(year for year in set(counts) & set(energy) if counts[year] > 0)
    if not stated or not based or not filled:
        return {f"motor-{name}": motors, f"ev-{name}": packs}
    market, pack = counts[based[-1]] / shares[based[-1]], energy[filled[-1]] / counts[filled[-1]]
    growth = technology.figures(faster[0]) if faster else (0.0, 0.0, 0.0)
    for row in stated:
        year, part = row.year or based[-1], technology.figures(row)
        later = year - based[-1]
        sold = [part[k] * market * (1 + growth[k]) ** later for k in range(3)]
        motors[year] = (sold[0], sold[1], sold[2])
        packs[year] = (sold[0] * pack, sold[1] * pack, sold[2] * pack)
    return {f"motor-{name}": motors, f"ev-{name}": packs}


def _put(
    parts: Floats,
    place: tuple[int, int],
    axes: tuple[Axis, ...],
    id: str,
    found: dict[int, tuple[float, float, float]],
) -> None:
    """Write value, low and high of the years on the horizon."""
    for year, ends in found.items():
        if str(year) in axes[3]:
            parts[:, *place, axes[2].at(id), axes[3].at(str(year))] = ends


def sectors() -> Axis:
    """Return the axis "use": the sectors into which the IEA parts demand."""
    return Axis("use", tuple(PARTS))


def world_demand(selection: Selection) -> Cube:
    """Return the IEA's demand of the world by case, use, material and year, tonnes; the base year holds in each case.

    Figures of one stage (battery grade) are part of the whole and left out.
    """
    axes = (Axis("case", ("STEPS", "APS", "NZE")), sectors(), selection.axes["material"], technology.horizon())
    values = np.full(tuple(map(len, axes)), np.nan)
    sources = selection.stated("demand")[:1]
    if not sources:
        return Cube("iea_demand", "t", axes, values)
    own = {id: material.basis for id, material in reference.materials().items()}
    frame = store.collect(
        store.scan(*sources).filter(
            pl.col("quantity") == "demand",
            pl.col("country") == WORLD,
            pl.col("stage").is_null(),
            pl.col("material").is_in(selection.materials),
        )
    )
    for row in frame.select("item", "material", "year", "value", "basis").iter_rows(named=True):
        case, _, use = row["item"].partition(" | ")
        if use in axes[1] and row["basis"] == own[row["material"]] and str(row["year"]) in axes[3]:
            at = (axes[1].at(use), axes[2].at(row["material"]), axes[3].at(str(row["year"])))
            for k, name in enumerate(axes[0].codes):
                if case in (name, "base"):
                    values[(k, *at)] = row["value"]
    edition = store.manifest()["sources"][sources[0]]["editions"][-1]
    return Cube("iea_demand", "t", axes, values, sources=(f"{sources[0]}@{edition}",))


def world_part(selection: Selection) -> Cube:
    """Return a focus's part of the world by use and year: additions of capacity, batteries of vehicles, output."""
    axes = (selection.axes["focus"], sectors(), technology.horizon())
    values = np.full(tuple(map(len, axes)), np.nan)
    for f, focus in enumerate(axes[0].codes):
        measured: dict[str, Points] = {name: _additions(focus, name) for name in CAPACITY}
        measured["vehicles"] = _batteries(focus)
        measured["gdp"] = _gaining(focus, _output(focus))
        for u, use in enumerate(axes[1].codes):
            for year, part in measured[PARTS[use]].items():
                if str(year) in axes[2]:
                    values[f, u, axes[2].at(str(year))] = part
    note = (
        f"part of the world: additions of solar and wind over {RECENT} years, batteries of vehicles sold (electric "
        "cars where batteries are not counted), held at its last value; else gross domestic product in current USD, "
        "growing by what the economy is stated to outgrow the world, held where that is not stated"
    )
    return Cube("world_part", "1", axes, values, sources=_keys(), notes=(note,))


def _additions(focus: str, name: str) -> Points:
    """Return the focus's part of the world's additions of capacity over the last years on record."""
    own, world = (points("installed_capacity", _capacity_item(name), place) for place in (focus, WORLD))
    last = max(set(own) & set(world), default=None)
    if last is None or last - RECENT not in own or last - RECENT not in world:
        return {}
    return {last: max(own[last] - own[last - RECENT], 0.0) / (world[last] - world[last - RECENT])}


def _batteries(focus: str) -> Points:
    """Return the focus's part of the world's batteries of vehicles sold, newest year on record and projection."""
    found: Points = {}
    for k in range(2):
        own: Points = {}
        world: Points = {}
        for place, total in ((focus, own), (WORLD, world)):
            for name in CLASSES:
                for year, value in _vehicles("battery_demand", name, place)[k].items():
                    total[year] = total.get(year, 0.0) + value
        years = sorted(set(own) & set(world))
        found |= {year: own[year] / world[year] for year in years[-1:] if world[year]}
    if not found:  # countries whose batteries the IEA does not count: their part of the electric cars sold
        cars, all_cars = (_vehicles("ev_sales", "car", place)[0] for place in (focus, WORLD))
        years = sorted(set(cars) & set(all_cars))
        found = {year: cars[year] / all_cars[year] for year in years[-1:] if all_cars[year]}
    return found


def _gaining(focus: str, known: Points) -> Points:
    """Return the focus's part of the world's output in every year ahead: its growth by that of the world, where stated.

    p[t] = p[t-1] · (1 + g[t]) / (1 + g_world[t])
    """
    own, world = (_growth_path(place) for place in (focus, WORLD))
    if not known or not own or not world:
        return known
    found = dict(known)
    for year in range(max(known) + 1, technology.HORIZON[-1] + 1):
        found[year] = min(found[year - 1] * (1 + own[year]) / (1 + world[year]), 1.0)
    return found


def _growth_path(focus: str) -> Points:
    """Return the stated growth of an economy in every year, linear between those stated and held beyond them."""
    rows = technology.chosen(focus, technology.ANY, ("gdp-growth",)).get((technology.ECONOMY, "gdp-growth"), [])
    stated = {row.year: row.range.best for row in rows if row.year is not None}
    if not stated:
        return {}
    years = sorted(stated)
    told = np.interp(technology.HORIZON, years, [stated[year] for year in years])
    return dict(zip(technology.HORIZON, map(float, told), strict=True))


def _output(focus: str) -> Points:
    """Return the focus's part of the world's gross domestic product in the newest year."""
    own, world = (points("gdp", "current USD", place) for place in (focus, WORLD))
    if not own and focus in reference.groups():
        last = max(world, default=0)
        each = [points("gdp", "current USD", iso).get(last) for iso in reference.members(focus, last)]
        own = {last: sum(value for value in each if value is not None)} if each else {}
    years = sorted(set(own) & set(world))
    return {years[-1]: own[years[-1]] / world[years[-1]]} if years else {}


BUILDERS: dict[str, Builder] = {
    "technology_stock": Builder(partial(path, name="technology_stock", measure="stock"), unfollowed),
    "technology_inflow": Builder(partial(path, name="technology_inflow", measure="inflow"), unfollowed),
    "technology_share": Builder(technology.share, unfollowed),
    "technology_parent": Builder(technology.parents, unfollowed),
    "technology_lifetime": Builder(technology.lifetime, unfollowed),
    "technology_lifetime_shape": Builder(partial(technology.lifetime, part="shape"), unfollowed),
    "technology_intensity": Builder(technology.intensity, unfollowed),
    "recovery_rate": Builder(technology.recovery, unfollowed),
    "economy_growth": Builder(technology.growth, unfollowed),
    "income_elasticity": Builder(technology.elasticity, unfollowed),
    "scrap_part": Builder(partial(technology.part_of_use, name="scrap_part", measure="home-scrap"), unfollowed),
    "refined_part": Builder(partial(technology.part_of_use, name="refined_part", measure="refined-part"), unfollowed),
    "base_use": Builder(base_use.base_use, unfollowed),
    "outside_use": Builder(base_use.outside_use, unfollowed),
    "iea_demand": Builder(world_demand, unfollowed),
    "world_part": Builder(world_part, unfollowed),
}
