"""Yearly hazards of a Case: who may lose how much of which export next year, how likely, and what strikes together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError, StudyError
from khanij.kernels import exportfalls
from khanij.simulate.risk import likelihood
from khanij.simulate.risk.dependence import Dependence, bonds, shared

EXPORT_FALL = "export-fall"  # kind of a hazard that rests on the record alone: a fall of any cause
STAKE = 0.05  # share of world exports from which a seller is a hazard
GRID = (0.4, 0.6, 0.8, 1.0)  # parts lost, few so that scenarios repeat


@dataclass(frozen=True, slots=True)
class Prior:
    """What an expert gives: a yearly chance, how far it replaces the model's, and of what kind the event is.

    stage   "" = every stage at which the country is a hazard
    weight  0..1: chance = (1 - weight) × model + weight × prior; where the model has none the prior stands alone
    cut     part lost, of the grid; None = as the record has it
    """

    country: str
    material: str
    stage: str
    probability: float
    weight: float = 1.0
    kind: str = "expert"
    cut: float | None = None


@dataclass(frozen=True, slots=True)
class Hazards:
    """H hazards: one a country, material and stage.

    country, material, stage, kind  (H,) text
    probability, low, high          (H,) yearly chance with the 90 % range of the fit
    share                           (H,) of world exports by value, nan where a prior stands alone
    model, prior                    (H,) what the chance was blended from, nan = none
    cuts, severity                  (S,) parts lost and (H, S) how likely each is, rows add up to 1
    """

    country: tuple[str, ...]
    material: tuple[str, ...]
    stage: tuple[str, ...]
    kind: tuple[str, ...]
    probability: Floats
    low: Floats
    high: Floats
    share: Floats
    model: Floats
    prior: Floats
    cuts: Floats
    severity: Floats
    dependence: Dependence
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of hazards."""
        return len(self.country)

    @property
    def materials(self) -> tuple[str, ...]:
        """Return each material once, in order."""
        return tuple(dict.fromkeys(sorted(self.material)))

    @property
    def countries(self) -> tuple[str, ...]:
        """Return each country once, in order."""
        return tuple(dict.fromkeys(sorted(self.country)))

    def of(self, material: str) -> tuple[int, ...]:
        """Return the positions of a material's hazards."""
        return tuple(h for h, own in enumerate(self.material) if own == material)

    def rows(self) -> list[dict[str, Any]]:
        """Return one mapping a hazard, for tables."""
        mean = self.severity @ self.cuts
        columns = {name: getattr(self, name) for name in ("country", "material", "stage", "kind")}
        numbers = {name: getattr(self, name) for name in ("probability", "low", "high", "share", "model", "prior")}
        return [
            {name: column[h] for name, column in columns.items()}
            | {name: None if np.isnan(column[h]) else float(column[h]) for name, column in numbers.items()}
            | {"mean cut": float(mean[h])}
            for h in range(len(self))
        ]


def hazards(
    case: Case,
    *,
    stake: float = STAKE,
    priors: Sequence[Prior] = (),
    measure: str = "repaired",
    seed: int = 0,
) -> Hazards:
    """Return the hazards of a Case's materials in the year after the newest on record.

    stake   least share of world exports by value, 0..1; smaller sellers are no hazards unless an expert names them
    priors  expert figures, blended in and kept beside the model's
    measure as in simulate.likelihood      seed  of the resampled years behind the range of the dependence
    Chance: the model of export-fall, fitted to every year on record. Severity: parts lost in the record's falls of
    sellers above the stake, split between neighbours on the grid so that the mean is kept. Dependence: bonds().
    Raises CoverageError where nothing is left, StudyError for an impossible prior.
    """
    if not 0 < stake < 1:
        raise StudyError(f"stake is {stake:g}", where="hazards.stake", hint="a share of world exports inside 0..1")
    found = likelihood.record(case, measure)
    fitted = likelihood.fit(found, np.ones(len(found.fell), dtype=bool))
    chances = _chances(case, found, fitted)
    rows = _listed(case, chances, stake)
    rows = _with_priors(case, rows, chances, priors)
    if not rows:
        raise CoverageError("no hazard is known", where="hazards", hint="a lower stake, other materials, or a prior")
    parts = severity(found, stake)
    spread = np.tile(parts, (len(rows), 1))
    for at, row in enumerate(rows):
        if row["cut"] is not None:
            spread[at] = _on_grid(np.array([row["cut"]]))
    notes = [
        f"chances fitted for {len(rows)} hazards: sellers of at least {stake:.0%} of world exports by value, for "
        f"{int(found.years[-1]) + 1} from the record to {found.years[-1]}",
        f"parts lost: {', '.join(f'{c:.0%} in {p:.0%}' for c, p in zip(GRID, parts, strict=True))} of the falls",
    ]
    if not fitted.model.converged:
        notes.append("the model of the chances has not converged: do not use it")
    column = {name: np.array([row[name] for row in rows]) for name in ("probability", "low", "high", "share")}
    label = {name: tuple(str(row[name]) for row in rows) for name in ("country", "material", "stage", "kind")}
    return Hazards(
        **label,
        **column,
        model=np.array([row["model"] for row in rows]),
        prior=np.array([row["prior"] for row in rows]),
        cuts=np.array(GRID),
        severity=spread,
        dependence=shared(bonds(found, fitted, stake, seed)),
        notes=tuple(notes),
    )


def _chances(case: Case, found: likelihood.Record, fitted: likelihood.LikelihoodFit) -> Mapping[str, Floats]:
    """Return probability, low, high and share (material, stage, country) in the newest year on record."""
    newest = len(found.years) - 1
    now = np.stack(np.nonzero(found.panel.share[:, :, newest] >= exportfalls.SHARE))
    rows = np.vstack([now, np.full((1, now.shape[1]), newest)])
    x = found.features(case, rows)
    return likelihood.by_material(case, found, rows, (fitted.probability(x), *fitted.interval(x)))[0]


def _listed(case: Case, chances: Mapping[str, Floats], stake: float) -> list[dict[str, Any]]:
    """Return one row a seller of at least the stake whose chance is known, in the order of the axes."""
    kept = (chances["share"] >= stake) & ~np.isnan(chances["probability"])
    return [_row(case, chances, place) for place in zip(*np.nonzero(kept), strict=True)]


def _row(case: Case, chances: Mapping[str, Floats], place: tuple[int, int, int]) -> dict[str, Any]:
    """Return one hazard of the model; nan where the model has none."""
    axes = (case.axis(name) for name in ("material", "stage", "country"))
    labels = {axis.name: axis.codes[at] for axis, at in zip(axes, place, strict=True)}
    numbers = {name: float(chances[name][place]) for name in ("probability", "low", "high", "share")}
    return labels | numbers | {"model": numbers["probability"], "prior": np.nan, "kind": EXPORT_FALL, "cut": None}


def _with_priors(
    case: Case,
    rows: list[dict[str, Any]],
    chances: Mapping[str, Floats],
    priors: Sequence[Prior],
) -> list[dict[str, Any]]:
    """Return the hazards with expert figures blended in; an expert may name a seller below the stake."""
    at = {(row["country"], row["material"], row["stage"]): row for row in rows}
    for number, prior in enumerate(priors):
        where = f"priors.{number}"
        _check(case, prior, where)
        stages = (
            [s for c, m, s in at if (c, m) == (prior.country, prior.material)] if not prior.stage else [prior.stage]
        )
        if not stages:
            raise StudyError(
                f"{prior.country} is no hazard of {prior.material} by the record", where=where, hint="name the stage"
            )
        for stage in stages:
            key = (prior.country, prior.material, stage)
            if key not in at:
                place = (case.axis("material").at(prior.material), case.axis("stage").at(stage))
                at[key] = _row(case, chances, (*place, case.axis("country").at(prior.country)))
            _blend(at[key], prior)
    order = {name: case.axis(name) for name in ("material", "stage", "country")}
    return sorted(at.values(), key=lambda row: tuple(axis.at(row[name]) for name, axis in order.items()))


def _blend(row: dict[str, Any], prior: Prior) -> None:
    """Blend one expert figure into a hazard."""
    weight = 1.0 if np.isnan(row["model"]) else prior.weight
    for name in ("probability", "low", "high"):
        known = 0.0 if np.isnan(row[name]) else row[name]
        row[name] = (1.0 - weight) * known + weight * prior.probability
    row |= {"prior": prior.probability, "kind": prior.kind, "cut": prior.cut}


def _check(case: Case, prior: Prior, where: str) -> None:
    """Refuse a prior that cannot be."""
    for name in ("probability", "weight"):
        if not 0 <= getattr(prior, name) <= 1:
            raise StudyError(f"{name} is {getattr(prior, name):g}", where=f"{where}.{name}", hint="from 0 to 1")
    if prior.cut is not None and not 0 < prior.cut <= 1:
        raise StudyError(f"cut is {prior.cut:g}", where=f"{where}.cut", hint="above 0, at most 1")
    for name in ("country", "material"):
        if getattr(prior, name) not in case.axis(name):
            raise StudyError(f"unknown {name} {getattr(prior, name)!r}", where=f"{where}.{name}", hint="ISO3, id")
    if prior.stage and (prior.material, prior.stage) not in reference.stage_names():
        raise StudyError(f"{prior.material} has no stage {prior.stage!r}", where=f"{where}.stage", hint='or "" for all')


def severity(found: likelihood.Record, stake: float) -> Floats:
    """Return how likely each part of GRID is, (S,), from the falls on record of sellers of at least the stake."""
    struck = (found.panel.before[tuple(found.rows)] >= stake) & (found.fell > 0)
    if not struck.any():
        raise CoverageError("no fall on record", where="hazards.stake", hint="a lower stake")
    return _on_grid(1.0 - np.exp(found.panel.change[tuple(found.rows)][struck]))


def _on_grid(lost: Floats) -> Floats:
    """Return (S,) weights on GRID: each part is split between its neighbours so that its mean is kept."""
    grid = np.array(GRID)
    inside = np.clip(lost, grid[0], grid[-1])
    upper = np.clip(np.searchsorted(grid, inside, side="left"), 1, len(grid) - 1)
    part = (inside - grid[upper - 1]) / (grid[upper] - grid[upper - 1])
    weights = np.bincount(upper, part, len(grid)) + np.bincount(upper - 1, 1.0 - part, len(grid))
    return np.asarray(weights / weights.sum())


def with_market(given: Hazards, goods: Collection[tuple[str, str]]) -> Hazards:
    """Return the hazards of goods (material, stage) that a loss model knows; a note names the goods left out.

    Raises CoverageError where nothing is left.
    """
    every = list(zip(given.material, given.stage, strict=True))
    gone = ", ".join(f"{m} ({s})" for m, s in sorted(set(every) - set(goods)))
    note = f"hazards without a market model, left out: {gone}" if gone else ""
    return _kept(given, [good in goods for good in every], note)


def drop_members(given: Hazards, members: Collection[str]) -> Hazards:
    """Return the hazards of sellers that are no members of a focus: what it sells less of is no loss of its supply.

    Raises CoverageError where nothing is left.
    """
    own = sum(country in members for country in given.country)
    note = f"{own} hazards of the focus's own sellers left out" if own else ""
    return _kept(given, [country not in members for country in given.country], note)


def select(given: Hazards, materials: Collection[str]) -> Hazards:
    """Return the hazards of some materials; raises CoverageError where none is left."""
    return _kept(given, [material in materials for material in given.material], "")


def _kept(given: Hazards, keep: Sequence[bool], note: str) -> Hazards:
    """Return some of the hazards, with a note."""
    kept = [h for h, yes in enumerate(keep) if yes]
    if not kept:
        raise CoverageError("no hazard is left", where="hazards", hint="other materials, or a lower stake")
    labels = {name: tuple(getattr(given, name)[h] for h in kept) for name in ("country", "material", "stage", "kind")}
    numbers = ("probability", "low", "high", "share", "model", "prior", "severity")
    return replace(
        given,
        **labels,
        **{name: getattr(given, name)[kept] for name in numbers},
        notes=(*given.notes, note) if note else given.notes,
    )


def read_priors(rows: Iterable[Mapping[str, Any]]) -> tuple[Prior, ...]:
    """Return priors from rows of a table (country, material, stage, probability, weight, kind, cut); "" = left out."""
    out = []
    for number, row in enumerate(rows):
        try:
            cut = row.get("cut")
            out.append(
                Prior(
                    country=str(row["country"]),
                    material=str(row["material"]),
                    stage=str(row.get("stage") or ""),
                    probability=float(row["probability"]),
                    weight=float(row["weight"]) if row.get("weight") not in (None, "") else 1.0,
                    kind=str(row.get("kind") or "expert"),
                    cut=float(cut) if cut not in (None, "") else None,
                )
            )
        except (KeyError, ValueError, TypeError) as wrong:
            raise StudyError(
                f"no prior: {wrong}", where=f"priors.{number}", hint="country,material,stage,probability,weight"
            ) from None
    return tuple(out)
