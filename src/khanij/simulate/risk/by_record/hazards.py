"""Yearly hazards of a Case: who may lose how much of which export next year, how likely, and how far together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError, StudyError
from khanij.kernels.chances import exportfalls
from khanij.reference.assumptions import assumed
from khanij.simulate.risk.by_record import likelihood
from khanij.simulate.risk.by_record.dependence import VarianceShares, pair_dependence, shared

EXPORT_FALL = "export-fall"  # kind of a hazard that rests on the record alone: a fall of any cause


@dataclass(frozen=True, slots=True)
class Prior:
    """What an expert gives: a yearly chance, how far it replaces the model's, and of what kind the event is.

    stage   "" = every stage at which the country is a hazard
    weight  0..1: chance = (1 - weight) × model + weight × prior; where the model has none the prior stands alone
    export_loss  part of exports lost; None = as the record has it
    """

    country: str
    material: str
    stage: str
    probability: float
    weight: float = 1.0
    kind: str = "expert"
    export_loss: float | None = None


@dataclass(frozen=True, slots=True)
class Hazards:
    """H hazards: one a country, material and stage.

    country, material, stage, kind  (H,) text
    probability, low, high          (H,) yearly chance with the 90 % range of the fit
    share                           (H,) of world exports by value, nan where a prior stands alone
    model, prior                    (H,) what the chance was blended from, nan = none
    levels, severity                (S,) parts of exports lost and (H, S) how likely each is, rows add up to 1
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
    levels: Floats
    severity: Floats
    dependence: VarianceShares
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

    @property
    def streams(self) -> tuple[str, ...]:
        """Return the name of each hazard's own random stream: seller and good, and the cause where it is not the only.

        The first hazard of a seller and good has no cause in its name, so that more causes move none of its numbers.
        """
        names, seen = [], set()
        for country, material, stage, kind in zip(self.country, self.material, self.stage, self.kind, strict=True):
            name = f"hazard {country}:{material}:{stage}"
            names.append(f"{name}:{kind}" if name in seen else name)
            seen.add(name)
        return tuple(names)

    def of(self, material: str) -> tuple[int, ...]:
        """Return the positions of a material's hazards."""
        return tuple(h for h, own in enumerate(self.material) if own == material)

    def rows(self) -> list[dict[str, Any]]:
        """Return one mapping a hazard, for tables."""
        mean = self.severity @ self.levels
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
    min_share: float | None = None,
    priors: Sequence[Prior] = (),
    measure: str = "repaired",
    seed: int = 0,
) -> Hazards:
    """Return the hazards of a Case's materials in the year after the newest on record.

    min_share  least share of world exports by value, 0..1, None = as assumed; smaller sellers are no hazards unless an
            expert names them
    priors  expert figures, blended in and kept beside the model's
    measure as in simulate.likelihood      seed  of the resampled years behind the range of the dependence
    Chance: the model of export-fall, fitted to every year on record. Severity: parts lost in the record's falls of
    sellers above that share, split between neighbours on the grid so that the mean is kept. Dependence: of pairs.
    Raises CoverageError where nothing is left, StudyError for an impossible prior.
    """
    min_share = assumed("min_share", case) if min_share is None else min_share
    if not 0 < min_share < 1:
        raise StudyError(
            f"min_share is {min_share:g}", where="hazards.min_share", hint="a share of world exports inside 0..1"
        )
    found = likelihood.record(case, measure)
    fitted = likelihood.fit(found, np.ones(len(found.fell), dtype=bool), ridge=assumed("chance_ridge", case))
    chances = _chances(case, found, fitted)
    rows = _listed(case, chances, min_share)
    rows = _with_priors(case, rows, chances, priors)
    if not rows:
        raise CoverageError("no hazard is known", where="hazards", hint="a lower share, other materials, or a prior")
    levels = severity_levels(case)
    parts = severity(found, min_share, levels)
    spread = np.tile(parts, (len(rows), 1))
    for at, row in enumerate(rows):
        if row["export_loss"] is not None:
            spread[at] = on_levels(np.array([row["export_loss"]]), levels)
    notes = [
        f"chances fitted for {len(rows)} hazards: sellers of at least {min_share:.0%} of world exports by value, for "
        f"{int(found.years[-1]) + 1} from the record to {found.years[-1]}",
        f"parts lost: {', '.join(f'{c:.0%} in {p:.0%}' for c, p in zip(levels, parts, strict=True))} of the falls",
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
        levels=levels,
        severity=spread,
        dependence=shared(pair_dependence(found, fitted, min_share, seed)),
        notes=tuple(notes),
    )


def _chances(case: Case, found: likelihood.Record, fitted: likelihood.LikelihoodFit) -> Mapping[str, Floats]:
    """Return probability, low, high and share (material, stage, country) in the newest year on record."""
    newest = len(found.years) - 1
    now = np.stack(np.nonzero(found.panel.share[:, :, newest] >= exportfalls.SHARE))
    rows = np.vstack([now, np.full((1, now.shape[1]), newest)])
    x = found.features(case, rows)
    return likelihood.by_material(case, found, rows, (fitted.probability(x), *fitted.interval(x)))[0]


def _listed(case: Case, chances: Mapping[str, Floats], min_share: float) -> list[dict[str, Any]]:
    """Return one row a seller of at least that share whose chance is known, in the order of the axes."""
    kept = (chances["share"] >= min_share) & ~np.isnan(chances["probability"])
    return [_row(case, chances, place) for place in zip(*np.nonzero(kept), strict=True)]


def _row(case: Case, chances: Mapping[str, Floats], place: tuple[int, int, int]) -> dict[str, Any]:
    """Return one hazard of the model; nan where the model has none."""
    axes = (case.axis(name) for name in ("material", "stage", "country"))
    labels = {axis.name: axis.codes[at] for axis, at in zip(axes, place, strict=True)}
    numbers = {name: float(chances[name][place]) for name in ("probability", "low", "high", "share")}
    return (
        labels | numbers | {"model": numbers["probability"], "prior": np.nan, "kind": EXPORT_FALL, "export_loss": None}
    )


def _with_priors(
    case: Case,
    rows: list[dict[str, Any]],
    chances: Mapping[str, Floats],
    priors: Sequence[Prior],
) -> list[dict[str, Any]]:
    """Return the hazards with expert figures blended in; an expert may name a smaller seller."""
    at = {(row["country"], row["material"], row["stage"]): row for row in rows}
    for number, prior in enumerate(priors):
        where = f"priors.{number}"
        check(case, prior, where)
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
            blend(at[key], prior)
    order = {name: case.axis(name) for name in ("material", "stage", "country")}
    return sorted(at.values(), key=lambda row: tuple(axis.at(row[name]) for name, axis in order.items()))


def blend(row: dict[str, Any], prior: Prior) -> None:
    """Blend one expert figure into a hazard."""
    weight = 1.0 if np.isnan(row["model"]) else prior.weight
    for name in ("probability", "low", "high"):
        known = 0.0 if np.isnan(row[name]) else row[name]
        row[name] = (1.0 - weight) * known + weight * prior.probability
    row |= {"prior": prior.probability, "kind": prior.kind, "export_loss": prior.export_loss}


def check(case: Case, prior: Prior, where: str) -> None:
    """Refuse a prior that cannot be."""
    for name in ("probability", "weight"):
        if not 0 <= getattr(prior, name) <= 1:
            raise StudyError(f"{name} is {getattr(prior, name):g}", where=f"{where}.{name}", hint="from 0 to 1")
    if prior.export_loss is not None and not 0 < prior.export_loss <= 1:
        raise StudyError(f"cut is {prior.export_loss:g}", where=f"{where}.cut", hint="above 0, at most 1")
    for name in ("country", "material"):
        if getattr(prior, name) not in case.axis(name):
            raise StudyError(f"unknown {name} {getattr(prior, name)!r}", where=f"{where}.{name}", hint="ISO3, id")
    if prior.stage and (prior.material, prior.stage) not in reference.stage_names():
        raise StudyError(f"{prior.material} has no stage {prior.stage!r}", where=f"{where}.stage", hint='or "" for all')


def severity_levels(case: Case | None = None) -> Floats:
    """Return the parts of exports lost that are told apart (S,), rising to all."""
    return np.round(np.linspace(assumed("least_severity", case), 1.0, round(assumed("severity_levels", case))), 12)


def severity(found: likelihood.Record, min_share: float, levels: Floats) -> Floats:
    """Return how likely each level is, (S,), from the falls on record of sellers of at least that share."""
    fallen = (found.panel.before[tuple(found.rows)] >= min_share) & (found.fell > 0)
    if not fallen.any():
        raise CoverageError("no fall on record", where="hazards.min_share", hint="a lower share")
    return on_levels(1.0 - np.exp(found.panel.change[tuple(found.rows)][fallen]), levels)


def on_levels(lost: Floats, levels: Floats) -> Floats:
    """Return (S,) weights on levels: each part is split between its neighbours so that its mean is kept."""
    inside = np.clip(lost, levels[0], levels[-1])
    upper = np.clip(np.searchsorted(levels, inside, side="left"), 1, len(levels) - 1)
    part = (inside - levels[upper - 1]) / (levels[upper] - levels[upper - 1])
    weights = np.bincount(upper, part, len(levels)) + np.bincount(upper - 1, 1.0 - part, len(levels))
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


def named(given: Hazards, nodes: Mapping[str, Collection[str]]) -> Hazards:
    """Return the hazards of sellers that networks name: nodes  material -> countries; raises as select() does."""
    keep = [country in nodes.get(m, ()) for country, m in zip(given.country, given.material, strict=True)]
    return _kept(given, keep, "")


def select(given: Hazards, materials: Collection[str]) -> Hazards:
    """Return the hazards of some materials; raises CoverageError where none is left."""
    return _kept(given, [material in materials for material in given.material], "")


def _kept(given: Hazards, keep: Sequence[bool], note: str) -> Hazards:
    """Return some of the hazards, with a note."""
    kept = [h for h, yes in enumerate(keep) if yes]
    if not kept:
        raise CoverageError("no hazard is left", where="hazards", hint="other materials, or a lower share")
    labels = {name: tuple(getattr(given, name)[h] for h in kept) for name in ("country", "material", "stage", "kind")}
    numbers = ("probability", "low", "high", "share", "model", "prior", "severity")
    return replace(
        given,
        **labels,
        **{name: getattr(given, name)[kept] for name in numbers},
        notes=(*given.notes, note) if note else given.notes,
    )
