"""Facts about countries and their neighbours to cubes: output, votes, trade with each other, mutual defence."""

from __future__ import annotations

from functools import partial
from itertools import permutations

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.cube import Cube
from khanij.data.cubes.evidence import CARRIED, Builder, matched
from khanij.data.cubes.selection import KEY, Selection
from khanij.data.facts import overlay, store
from khanij.data.facts.schema import PSEUDO

DEFENCE = ("NATO", "CSTO")  # groups whose members have promised to defend one another


def yearly(selection: Selection, quantity: str, unit: str) -> Cube:
    """Return a figure by country and year; a year after the last figure carries it, at most CARRIED years."""
    axes = (selection.axes["country"], selection.axes["year"])
    sources = store.providers(quantity)
    values, origin = np.full(tuple(map(len, axes)), np.nan), np.full(tuple(map(len, axes)), -1, dtype=np.int16)
    if not sources:
        return Cube(quantity, unit, axes, values)
    years = selection.years
    frame = store.collect(
        store.scan(*sources)
        .filter(
            pl.col("quantity") == quantity,
            ~pl.col("country").is_in(PSEUDO),
            pl.col("year").is_between(min(years) - CARRIED, max(years)),
            pl.col("value").is_not_null(),
        )
        .select("country", "year", "value", KEY)
    )
    keys = tuple(frame["key"].unique().sort().to_list())
    notes = []
    published = frame.filter(~overlay.own("key"))
    for column, year in enumerate(years):
        for back in range(CARRIED + 1):
            found = published.filter(pl.col("year") == year - back)
            if found.height:
                at = selection.positions(found, country="country")[0]
                values[at, column] = found["value"].to_numpy()
                origin[at, column] = found["key"].replace_strict(keys, range(len(keys))).to_numpy()
                notes += [f"{quantity} of {year} carried from {year - back}"] if back else []
                break
    mine = frame.filter(overlay.own("key"), pl.col("year").is_in(years))
    at = tuple(selection.positions(mine, country="country", year="year"))
    values[at] = mine["value"].to_numpy()
    origin[at] = mine["key"].replace_strict(keys, range(len(keys))).to_numpy() if mine.height else -1
    return Cube(quantity, unit, axes, values, None, None, None, keys, origin if keys else None, tuple(notes))


def bilateral_trade(selection: Selection) -> Cube:
    """Return the recorded trade of each two countries in thousand USD: all mineral codes of the store, each once."""
    axes = tuple(Axis(name, selection.axes["country"].codes) for name in ("exporter", "importer"))
    ties = selection.stated("code_trade")[:1]  # every partner, in one code edition
    if not ties:
        return Cube("bilateral_trade", "kUSD", (*axes, selection.axes["year"]), np.empty(0), np.empty((3, 0), int))
    wanted = store.scan(*ties).filter(
        pl.col("quantity") == "trade_value",
        pl.col("year").is_in(selection.years),
        pl.col("country") != pl.col("partner"),
        pl.col("value").is_not_null(),
    )
    rows = wanted.select("country", "partner", "year", "item", "value", KEY)
    frame = store.collect(rows.sort("country", "partner", "year", "item", "key"))
    each = selection.positions(frame, country="country", partner="country", year="year")
    shape = (len(axes[0]), len(axes[1]), len(selection.axes["year"]))
    # added one after the other, not in the order in which threads finish: same facts, same bytes
    cells, cell = np.unique(np.ravel_multi_index(tuple(each), shape), return_inverse=True)
    values = np.bincount(cell, weights=frame["value"].to_numpy(), minlength=len(cells))
    at = np.stack(np.unravel_index(cells, shape))
    sources = tuple(frame["key"].unique().sort().to_list())
    note = f"trade ties: value of the mineral trade codes of {ties[0]}, energy included; other goods are not covered"
    named = (*axes, selection.axes["year"])
    return Cube("bilateral_trade", "kUSD", named, values, at, sources=sources, notes=(note,))


def defence_pact(selection: Selection) -> Cube:
    """Return 1 for every two countries that belong to one group of mutual defence in a year."""
    index = {code: at for at, code in enumerate(selection.axes["country"].codes)}
    found = sorted(
        {
            (index[one], index[other], column)
            for column, year in enumerate(selection.years)
            for group in DEFENCE
            if group in reference.groups()
            for one, other in permutations(reference.members(group, year), 2)
        }
    )
    at = np.array(found, dtype=np.intp).reshape(-1, 3).T
    axes = (selection.axes["country"], selection.axes["partner"], selection.axes["year"])
    note = f"defence pacts: common membership of {' or '.join(DEFENCE)}; pacts of two countries are not covered"
    return Cube("defence_pact", "1", axes, np.ones(at.shape[1]), at, notes=(note,))


BUILDERS: dict[str, Builder] = {
    "gdp": Builder(partial(yearly, quantity="gdp", unit="USD"), matched("gdp")),
    "ideal_point": Builder(partial(yearly, quantity="ideal_point", unit="score"), matched("ideal_point")),
    "bilateral_trade": Builder(
        bilateral_trade,
        "sum of every mineral trade code held of two countries: khanij trade lists its flows",
    ),
    "defence_pact": Builder(defence_pact, "common membership of a group of mutual defence: reference table groups"),
}
"""Cubes by name, each with its lineage."""
