"""The risk of a focus from facts in the store: simulated years, full stops, tornado, and their bundle."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from khanij import reference
from khanij.analyses import bundle as bundles
from khanij.analyses.inputs import baseline, cases
from khanij.analyses.risk.tables import (
    MONEY,
    bonds,
    by_country,
    by_kind,
    by_material,
    curve,
    double_stops,
    left_out,
    single_stops,
    summary,
    tornado,
)
from khanij.core.errors import StudyError
from khanij.core.table import Table
from khanij.jobs import executors
from khanij.simulate.risk import hazards as hazard_rates
from khanij.simulate.risk.assessment import Risk, assess
from khanij.simulate.risk.ensemble import Execution
from khanij.simulate.risk.hazards import Prior


def tables(found: Risk) -> dict[str, Table]:
    """Return every table of a risk by name; those without rows are left out."""
    whole = np.isfinite(found.losses.total)
    made = {
        "summary": summary(found),
        "curve": curve(found, whole),
        "materials": by_material(found, whole),
        "countries": by_country(found, whole),
        "kinds": by_kind(found, whole),
        "n-1": single_stops(found),
        "n-2": double_stops(found),
        "tornado": tornado(found),
        "hazards": Table.of("hazards", found.base.hazards.rows(), notes=found.base.hazards.notes),
        "dependence": bonds(found),
    }
    made |= {name: replace(made[name], notes=(*found.base.caveats, *made[name].notes)) for name in MONEY}
    return {name: table for name, table in made.items() if len(table)} | left_out(found.base.focus, found.base.missing)


def risk(
    focus: str,
    year: int = 2023,
    years: int = 10_000,
    seed: int = 0,
    workers: int = 1,
    executor: Any = None,
    bundle: Path | None = None,
    *,
    materials: Iterable[str] | None = None,
    min_share: float | None = None,
    priors: Sequence[Prior] = (),
    fill: bool = True,
    pairs: bool = True,
    tornado: int = 0,
    progress: Callable[[executors.Progress], None] | None = None,
) -> Risk:
    """Return the risk of a focus from facts in the store.

    year      base year of trade and output          years, seed  simulated years and their seed
    workers, executor  see jobs.executors.run        bundle       folder for tables; NAME.part keeps chunks meanwhile
    materials ids or names; all if None              min_share, priors, fill  see simulate.risk.baseline.prepare
    pairs     solve every pair of full stops too     tornado      years for each end of each assumption; 0 = none
    Raises CoverageError where no material has both a hazard and a market model, StudyError for impossible settings.
    """
    asked = None if materials is None else [reference.material(m) for m in materials]
    base = baseline.unsolved(focus, year, years, seed, materials=asked, min_share=min_share, priors=priors, fill=fill)
    part = bundle.with_name(f"{bundle.name}.part") if bundle is not None else None
    settings = {"focus": base.focus, "year": year, "min_share": base.min_share, "fill": fill}
    settings["manifest"] = cases.case(focus, year).manifest
    execution = Execution(workers, executor, part, progress, settings)
    found = assess(base, pairs=pairs, tornado=tornado, execution=execution)
    if bundle is not None and part is not None:
        bundles.write(bundle, {}, tables(found), {"command": "risk", **found.record})
        shutil.rmtree(part)
    return found


def read_priors(path: Path) -> tuple[Prior, ...]:
    """Return expert priors from a CSV file with columns country, material, stage, probability, weight, kind, cut.

    Raises StudyError where the file is absent, a column lacks, or a row is no prior.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return hazard_rates.read_priors(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as refused:
        raise StudyError(f"cannot read: {refused}", where=path.name, hint="a CSV file of priors") from None
