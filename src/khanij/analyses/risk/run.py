"""run"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from khanij import reference
from khanij.analyses import bundle as bundles
from khanij.analyses.inputs import cases
from khanij.analyses.inputs.trade_codes import codes
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
from khanij.core.errors import CoverageError, StudyError
from khanij.core.table import Table
from khanij.jobs import executors
from khanij.reference import official_lists as official
from khanij.simulate.loss import losses
from khanij.simulate.loss.loss_model import loss_model
from khanij.simulate.risk import assumed_hazards as unrecorded
from khanij.simulate.risk import hazards as threats
from khanij.simulate.risk import not_modelled as uncounted
from khanij.simulate.risk.ensemble import ASSUMED, assess, variant
from khanij.simulate.risk.hazards import Prior
from khanij.simulate.supply.networks import networks

if TYPE_CHECKING:
    from khanij.simulate.risk.ensemble import Risk


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
        "hazards": Table.of("hazards", found.hazards.rows(), notes=found.hazards.notes),
        "dependence": bonds(found),
    }
    made |= {name: replace(made[name], notes=(*found.said, *made[name].notes)) for name in MONEY}
    return {name: table for name, table in made.items() if len(table)} | left_out(found.focus, found.missing)


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
    stake: float = threats.STAKE,
    priors: Sequence[Prior] = (),
    fill: bool = True,
    pairs: bool = True,
    tornado: int = 0,
    progress: Callable[[executors.Progress], None] | None = None,
) -> Risk:
    """Return the risk of a focus from facts in the store.

    year      base year of trade and output          years, seed  simulated years and their seed
    workers, executor  see study.executors.run       bundle       folder for tables; NAME.part keeps chunks meanwhile
    materials ids or names; all if None              stake, priors  see simulate.hazards.hazards
    fill      goods with too short a record get a stated chance (study.unrecorded); else they count as safe
    pairs     solve every pair of full stops too     tornado      years for each end of each assumption; 0 = none
    Raises CoverageError where no material has both a hazard and a market model, StudyError for impossible settings.
    """
    case = cases.case(focus, year)
    asked = case.axis("material").codes if materials is None else tuple(reference.material(m) for m in materials)
    named = case.axis("focus").codes[0]
    member = case.array("membership", "focus", "country", "year")[0, :, -1] > 0
    own = {code for code, yes in zip(case.axis("country").codes, member, strict=True) if yes}
    every = threats.hazards(case, stake=stake, priors=priors, seed=seed)
    if fill:  # the usual chance is that of the country's own list, as in study.valuation, whatever is asked
        every = threats.select(every, {*official.minerals(focus, year), *asked})
        every = unrecorded.with_assumed_hazards(every, networks(case, asked, str(year)), own, stake)
    every = threats.drop_members(every, own)
    sellers = {m: tuple(dict.fromkeys(every.country[h] for h in every.of(m))) for m in every.materials if m in asked}
    usual = loss_model(case, named, str(year), sellers)
    if not usual.networks:
        raise CoverageError("no material with a hazard has a market model", where="risk", hint="other materials")
    economics = next(iter(usual.stakes.values())).economy
    goods = {(material, stage) for material, network in usual.networks.items() for stage in network.stages}
    kept = threats.with_market(every, goods)
    part = bundle.with_name(f"{bundle.name}.part") if bundle is not None else None
    found = assess(
        named,
        kept,
        lambda ends: variant(case, usual, ends),
        ASSUMED,
        years=years,
        seed=seed,
        workers=workers,
        executor=executor,
        folder=part,
        pairs=pairs,
        tornado=tornado,
        progress=progress,
        partial={m: losses.partial(usual.stakes[m], network.stages) for m, network in usual.networks.items()}
        if economics.known
        else {},
        missing=uncounted.reasons(case, asked, kept.materials, every, str(year), stake, codes(year).unweighed),
        said=() if economics.known else economics.notes,
        study={"focus": named, "year": year, "stake": stake, "fill": fill, "manifest": case.manifest},
    )
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
            return threats.read_priors(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as refused:
        raise StudyError(f"cannot read: {refused}", where=path.name, hint="a CSV file of priors") from None
