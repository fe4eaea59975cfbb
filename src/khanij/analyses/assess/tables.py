"""tables"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

import numpy as np

from khanij import reference
from khanij.analyses import fields
from khanij.analyses.inputs import cases
from khanij.core.errors import StudyError
from khanij.core.result import Result
from khanij.core.table import Table
from khanij.methods.uncertainty.assess import assess
from khanij.methods.uncertainty.spreads import INPUTS


def tables(
    focus: str,
    year: str,
    material: str | None,
    asked: Sequence[str],
    inputs: str | None = None,
    draws: int = 1000,
    seed: int = 0,
    sensitivity: bool = False,
    workers: int = 1,
) -> list[Table]:
    """Return the table of each method for a focus, as the command line asks for it.

    The Case always holds all materials: ranks are among all of them, and what is missing for one is drawn from what is
    published for the others; `material` only chooses the rows that are shown. inputs: names, "all", or None = USUAL.
    """
    if draws < 1:
        raise StudyError("no number of draws", where="--draws", hint="for instance --draws 1000")
    case = cases.case(focus, fields.years(year))
    wanted = None if inputs is None else fields.names(inputs) or tuple(INPUTS)
    names = fields.names(material)
    shown = None if names is None else {reference.material(name) for name in names}
    results = (assess(case, method, draws, seed, wanted, sensitivity, workers=workers) for method in asked)
    return [table(result, shown=shown) for result in results]


def table(result: Result, title: str | None = None, shown: Container[str] | None = None) -> Table:
    """Return one row a material, stage, focus and year: every measure, and the effects of each input.

    shown  materials to keep; None = all
    """
    value = result.value
    rows = []
    inputs = result.measures["total"].axes[0].codes if "total" in result.measures else ()
    plain = [name for name in result.measures if name not in ("first_order", "total")]
    for at in zip(*np.nonzero(~np.isnan(value.values)), strict=True):
        labels = {axis.name: axis.codes[k] for axis, k in zip(value.axes, at, strict=True)}
        if shown is not None and labels["material"] not in shown:
            continue
        row: dict[str, Any] = {**labels, "year": int(labels["year"])}
        row |= {name: _number(result.measures[name].values[at]) for name in plain}
        if inputs:
            effects = {name: result.measures[name].values[(slice(None), *at)] for name in ("first_order", "total")}
            best = effects["total"]
            row["most"] = None if np.isnan(best).all() else inputs[int(np.nanargmax(best))]
            for name, label in (("first_order", "first"), ("total", "total")):
                row |= {f"{label}_{i}": _number(v) for i, v in zip(inputs, effects[name], strict=True)}
        rows.append(row)
    rows.sort(key=lambda row: (row["focus"], row["year"], row["rank"], row["material"]))
    settings = result.trace.parameters
    seen = f"{result.trace.method}: {settings['draws']} draws, seed {result.trace.seed}"
    units = {name: result.measures[name].unit for name in plain}
    return Table.of(title or seen, rows, units=units, notes=result.trace.notes)


def _number(value: Any) -> float | None:
    """Return a number, None for nan."""
    return None if np.isnan(value) else float(value)
