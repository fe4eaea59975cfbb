"""What a country uses of a material in all: a publisher's figure, or for magnets what its products hold."""

from __future__ import annotations

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.cube import Cube, Floats
from khanij.data.cubes.selection import Selection
from khanij.data.cubes.technology import technologies as technology
from khanij.data.facts import store
from khanij.data.parsing.intensities import oxide_per_element
from khanij.reference.industry.product_needs import FERRITES, RARE_EARTH_MAGNETS, magnet_content, product_need
from khanij.reference.industry.technologies import technologies

USES = ("demand", "apparent_consumption", "reported_consumption")
WHOLE = r"\| (?:total\b|\d+ % of world use|refined consumption)"


def base_use(selection: Selection) -> Cube:
    """Return what a focus uses of a material in all, the newest year for which a publisher says so, in its basis."""
    axes = (selection.axes["focus"], selection.axes["material"], technology.horizon())
    values = np.full(tuple(map(len, axes)), np.nan)
    return Cube("base_use", "t", axes, values, sources=_published(selection, values))


def outside_use(selection: Selection) -> Cube:
    """Return magnets, and rare earths in them, that a focus's products outside the technologies hold, with range.

    Only where the output of at least half of these products is known; those without one are named in a note.
    """
    axes = (selection.axes["focus"], selection.axes["material"], technology.horizon())
    parts: Floats = np.full((3, *map(len, axes)), np.nan)
    elsewhere = {product for row in technologies().values() for product in row.products}
    notes = []
    for f, focus in enumerate(axes[0].codes):
        for good, contents in _held(selection.materials).items():
            need = product_need(*good, focus, elsewhere)
            if need is None or str(need.year) not in axes[2]:
                continue
            notes.append(_note(good[0], need.counted, need.missing))
            for material, content in contents.items():
                ends = (need.best * content[1], need.low * content[0], need.high * content[2])
                parts[:, f, axes[1].at(material), axes[2].at(str(need.year))] = ends
    return Cube("outside_use", "t", axes, parts[0], low=parts[1], high=parts[2], notes=tuple(notes))


def _note(good: str, counted: tuple[str, ...], missing: tuple[str, ...]) -> str:
    """Return the sentence on which products a need counts."""
    left = f"; not counted, no output on record: {', '.join(missing)}" if missing else ""
    return f"base demand of {good} is what {len(counted)} products hold{left}"


def _held(materials: tuple[str, ...]) -> dict[tuple[str, str], dict[str, tuple[float, float, float]]]:
    """Return kind of magnet -> material of the selection -> tonnes of its basis in a tonne of magnets."""
    found: dict[tuple[str, str], dict[str, tuple[float, float, float]]] = {}
    if FERRITES[0] in materials:
        found[FERRITES] = {FERRITES[0]: (1.0, 1.0, 1.0)}
    elements = {id: ends for id, ends in magnet_content().items() if id in materials}
    if elements:
        oxide = {id: oxide_per_element(id) for id in elements}
        found[RARE_EARTH_MAGNETS] = {
            id: (ends[0] * oxide[id], ends[1] * oxide[id], ends[2] * oxide[id]) for id, ends in elements.items()
        }
    return found


def _published(selection: Selection, values: Floats) -> tuple[str, ...]:
    """Write the newest figure of use in all that a publisher gives; return sources and editions."""
    focus_axis, material_axis, horizon = selection.axes["focus"], selection.axes["material"], technology.horizon()
    sources = sorted({source for quantity in USES for source in store.providers(quantity)})
    if not sources:
        return ()
    own = {id: material.basis for id, material in reference.materials().items()}
    frame = store.collect(
        store.scan(*sources).filter(
            (pl.col("quantity") == "apparent_consumption")
            | ((pl.col("quantity") == "demand") & pl.col("item").str.contains(WHOLE)),
            pl.col("country").is_in(list(focus_axis.codes)),
            pl.col("material").is_in(selection.materials),
            pl.col("value").is_not_null(),
            pl.col("unit") == "t",
        )
    )
    frame = frame.filter(pl.col("basis") == pl.col("material").replace_strict(own, return_dtype=pl.String))
    keys: set[str] = set()
    newest = frame.with_columns(whole=pl.col("item").str.contains("total")).sort("year", "whole", "value")
    for (focus, material), rows in newest.group_by("country", "material", maintain_order=True):
        last = rows.row(-1, named=True)
        at = (focus_axis.at(str(focus)), material_axis.at(str(material)), horizon.at(str(last["year"])))
        values[at] = last["value"]
        keys.add(f"{last['source']}@{last['edition']}")
    return tuple(sorted(keys))
