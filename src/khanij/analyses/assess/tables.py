"""Indicators side by side, and how sure each of them is."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import Any

import numpy as np

from khanij.analyses.methods.tables import quantity
from khanij.core.case import Case
from khanij.core.registry import Method
from khanij.core.result import Result
from khanij.core.table import Column, Table
from khanij.reference import columns

LABELS = ("material", "stage", "focus", "year")
QUANTILES = ("q05", "q25", "q50", "q75", "q95")
SPREAD = (
    *LABELS,
    *("value", "q05", "q95", "rank", "rank_q05", "rank_q95", "over", "mean", "deviation", "q25", "q50", "q75"),
    *("rank_q50", "known", "importance", "importance_q05", "importance_q50", "importance_q95", "critical"),
    *("input_most", "notes"),
)
EFFECTS = {"first_order": "first", "total": "total"}  # variable -> beginning of the keys of its columns
TABLES = {
    "assess": {
        "indicators": (*LABELS, "notes"),  # and one column an indicator, whose key is the indicator's id
        "draws-METHOD": SPREAD,  # and with sensitivity first_INPUT and total_INPUT for each input
    }
}
SHOWN = ("material", "stage", "value", "q05", "q95", "rank", "rank_q05", "rank_q95", "over", "input_most")


def rows(results: Mapping[str, Result], case: Case) -> list[dict[str, Any]]:
    """Return one row a material, stage, focus and year: the value of each method, and why one is not there.

    A world indicator holds for every focus; one of a material as a whole stands in a row without a stage; a row without
    any value is left out.
    """
    cells: dict[tuple[str, str | None, str, str], dict[str, float]] = {}
    why: dict[tuple[str, str | None, str, str], list[str]] = {}
    for id, result in results.items():
        for row in result.table().rows():
            years = case.axis("year").codes if row["year"] is None else (str(row["year"]),)
            foci = case.axis("focus").codes if row["focus"] is None else (row["focus"],)
            for key in ((row["material"], row["stage"], focus, year) for focus in foci for year in years):
                if row["value"] is not None:
                    cells.setdefault(key, {})[id] = row["value"]
                elif row["notes"]:
                    why.setdefault(key, []).append(f"{id}: {row['notes']}")
    place = case.axis("stage").at
    order = sorted(cells, key=lambda k: (k[2], k[0], -1 if k[1] is None else place(k[1]), k[3]))
    return [
        {
            **dict(zip(LABELS, (*key[:3], int(key[3])), strict=True)),
            **{id: cells[key].get(id) for id in results},
            "notes": "; ".join(why.get(key, ())),
        }
        for key in order
    ]


def indicators(methods: Sequence[Method], rows: Sequence[Mapping[str, Any]], remarks: Sequence[str] = ()) -> Table:
    """Return the indicators side by side."""
    more = [
        quantity(method.variables[0], method.id, re.sub(r"(?<=[a-z])-(?=[a-z])", " ", method.id)) for method in methods
    ]
    keys = (*LABELS, *(method.id for method in methods), "notes")
    notes = [*(f"{method.id}: {method.title}" for method in methods), *remarks]
    shown = ["material", "stage", *(column.key for column in more)]
    shown += [key for key in ("focus", "year") if len({row[key] for row in rows} - {None}) > 1]
    return columns.table("indicators", "indicators", rows, keys, more=more, notes=notes, main=shown)


def scatter_rows(result: Result, shown: Container[str] = ()) -> list[dict[str, Any]]:
    """Return one row a material, stage, focus and year: every variable, and the effects of each input.

    shown  materials to keep; all if none is named
    """
    value = result.value
    inputs = result.variables["total"].axes[0].codes if "total" in result.variables else ()
    plain = [name for name in result.variables if name not in EFFECTS]
    found = []
    for at in zip(*np.nonzero(~np.isnan(value.values)), strict=True):
        labels = {axis.name: axis.codes[k] for axis, k in zip(value.axes, at, strict=True)}
        if shown and labels["material"] not in shown:
            continue
        row: dict[str, Any] = {**labels, "year": int(labels["year"])}
        row |= {name: _number(result.variables[name].values[at]) for name in plain}
        if inputs:
            effects = {name: result.variables[name].values[(slice(None), *at)] for name in EFFECTS}
            best = effects["total"]
            row["input_most"] = None if np.isnan(best).all() else inputs[int(np.nanargmax(best))]
            for name, label in EFFECTS.items():
                row |= {f"{label}_{i}": _number(v) for i, v in zip(inputs, effects[name], strict=True)}
        found.append({**row, "notes": ""})
    return sorted(found, key=lambda row: (row["focus"], row["year"], row["rank"], row["material"]))


def scatter(method: Method, result: Result, rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return the distribution of a method's score and rank, one row a material, stage, focus and year."""
    settings = result.trace.parameters
    title = f"{method.id}: {settings['draws']} draws, seed {result.trace.seed}"
    here = rows[0]
    effects = [key for key in here if key.startswith(tuple(f"{label}_" for label in EFFECTS.values()))]
    keys = [*(key for key in SPREAD[:-1] if key in here), *effects, "notes"]
    variable = method.variables[0]
    more = [quantity(variable, key) for key in ("value", *QUANTILES, "mean", "deviation")]
    more += [_effect(key) for key in effects]
    shown = list(SHOWN)
    shown += [key for key in ("focus", "year") if len({row[key] for row in rows} - {None}) > 1]
    return columns.table(f"draws-{method.id}", title, rows, keys, more=more, notes=result.trace.notes, main=shown)


def _effect(key: str) -> Column:
    """Return the column of an input's effect on the scatter."""
    label, _, name = key.partition("_")
    if label == "first":
        return Column(
            key, f"First-order effect of {name}", "share", f"part of the variance that knowing {name} takes away"
        )
    meaning = f"part of the variance that is left where all inputs but {name} are known"
    return Column(key, f"Total effect of {name}", "share", meaning)


def _number(value: Any) -> float | None:
    """Return a number, None for nan."""
    return None if np.isnan(value) else float(value)
