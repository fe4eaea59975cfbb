"""Hazards by cause: restrictions on the register's process, those in force that the base year has not seen, and stops.

One row a cause, seller and good. Chance of a restriction that strikes the focus: the process's chance of a decision on
the material × part of the seller's decisions that strike the focus × part of decisions that name the stage. A decision
that began after the base year and holds, or is only suspended, is carried into the year. Stops of mines, plants, power
and routes: those on record a seller and year, drawn to the rate of all sellers. Ordinary noise of trade is no hazard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError
from khanij.core.range import Range
from khanij.kernels.chances import dependence
from khanij.reference.assumptions import assumed, assumed_range
from khanij.reference.chronicle.instruments import kin, register
from khanij.reference.chronicle.outages import Outage, outages
from khanij.simulate.forecast import hub, known, policy
from khanij.simulate.forecast.known import Decision, SellerRecord
from khanij.simulate.risk.by_record import hazards as rates
from khanij.simulate.risk.by_record.dependence import VarianceShares
from khanij.simulate.risk.by_record.hazards import Hazards, Prior
from khanij.simulate.supply.networks import REST, Network
from khanij.simulate.supply.reconciled.statements import STATED, figures

RESTRICTION, IN_FORCE, STOP = "restriction", "in force", "stop"
CAUSES = (RESTRICTION, IN_FORCE, STOP)
GROUPS = {"export-ban": "ban", "licence": "licence", "quota": "quota"}  # every other kind: tax
SEVERITIES = ("ban", "licence", "quota", "tax", "stop")
EASING = ("licence", "quota", "tax")  # kinds under which exports come back in part after a year; a ban holds
THREE = np.array([0.25, 0.5, 0.25])  # weights of low, best and high of a range of parts lost
FIRST_STOP = 2010  # year from which stops are counted
YEAR_DAYS = 365
DOUBT = 1.645  # standard errors of a 90 % range


@dataclass(frozen=True, slots=True)
class Causes:
    """What chances by cause stand on: the process, the register and stops, as of a day, for one focus."""

    on: date
    focus: str
    base_year: int
    sellers: SellerRecord
    listed: tuple[Decision, ...]
    chance: Mapping[tuple[str, str], float]
    doubt: float
    clustering: float
    usual: float
    striking: Floats
    stops: tuple[Outage, ...]
    at_risk: int
    case: Case | None = None


def causes(case: Case, focus: str, base_year: int) -> Causes:
    """Return what chances by cause stand on: everything up to the day to which the register reaches."""
    on = known.reaches(register())
    held, sellers = policy.memory(case), known.seller_record(case)
    fitted = policy.fit(register(), sellers, policy.eve(on.year - 1), held)
    seen = policy.outlook_of(register(), sellers, on, held)
    listed = known.decisions(known.as_known(register(), on), sellers.countries, sellers.materials)
    chance = policy.chances(fitted, seen)
    cells = [(sellers.countries[c], sellers.materials[m]) for c, m in seen.cells.T.tolist()]
    return Causes(
        on=on,
        focus=focus,
        base_year=base_year,
        sellers=sellers,
        listed=listed,
        chance=dict(zip(cells, chance.tolist(), strict=True)),
        doubt=float(np.exp(DOUBT / np.sqrt(max(fitted.events, 1)))),
        clustering=fitted.clustering,
        usual=fitted.base_rate,
        striking=hub.destination_parts(listed, focus, on, len(sellers.countries)),
        stops=tuple(one for one in outages() if one.begins.first.year >= FIRST_STOP and one.begins.first <= on),
        at_risk=len(cells),
        case=case,
    )


def cause_hazards(
    case: Case,
    networks: Iterable[Network],
    inside: Collection[str],
    base_year: int,
    *,
    min_share: float,
    priors: Sequence[Prior] = (),
) -> Hazards:
    """Return the hazards by cause of the sellers abroad of at least `min_share` of a good's world exports.

    networks  of the base year      inside  countries of the focus
    Raises CoverageError where nothing is left, StudyError for an impossible prior.
    """
    focus = case.axis("focus").codes[0]
    found = causes(case, focus, base_year)
    levels = np.round(np.linspace(assumed("least_lost", case), 1.0, round(assumed("severity_levels", case)) + 1), 12)
    lost = every_part_lost(levels, case)
    rows = [
        row
        for network in networks
        for stage, seller, share in sellers_of(network, inside, min_share)
        for row in _rows(_as_of(found, network, seller), network.material, stage, seller, share, lost)
    ]
    rows = _with_priors(case, rows, priors, levels)
    if not rows:
        raise CoverageError("no hazard is known", where="hazards", hint="a lower share, other materials, or a prior")
    names: dict[str, Any] = {
        name: tuple(str(row[name]) for row in rows) for name in ("country", "material", "stage", "kind")
    }
    numbers = ("probability", "low", "high", "share", "model", "prior")
    note = (
        f"by cause, as of {found.on}: restrictions by a self-exciting process on the register, those in force since"
        f" {base_year + 1} carried on, stops by the record; parts lost by kind are assumptions (lost_ban to lost_stop)"
    )
    columns: dict[str, Any] = {name: np.array([row[name] for row in rows], dtype=np.float64) for name in numbers}
    return Hazards(
        **names,
        **columns,
        levels=levels,
        severity=np.stack([row["severity"] for row in rows]),
        dependence=shared_factor(found),
        notes=(note,),
    )


def sellers_of(network: Network, inside: Collection[str], min_share: float) -> Iterable[tuple[str, str, float]]:
    """Yield (stage, seller, part of world exports) of the large sellers abroad."""
    for k, stage in enumerate(network.stages):
        exports = network.trade[k].sum(axis=1)
        whole = float(exports.sum())
        for node, amount in zip(network.nodes, exports.tolist(), strict=True):
            if whole > 0 and node != REST and node not in inside and amount / whole >= min_share:
                yield stage, node, amount / whole


def every_part_lost(levels: Floats, case: Case | None = None) -> dict[str, Floats]:
    """Return the weights on levels of every kind, and of those that ease also as "licence later"."""
    lost = {name: parts_lost(name, levels, case) for name in SEVERITIES}
    return lost | {f"{name} later": parts_lost(name, levels, case, later=True) for name in EASING}


def parts_lost(name: str, levels: Floats, case: Case | None = None, later: bool = False) -> Floats:
    """Return the weights (S,) on levels of what a kind takes in its first year: a quarter low and high, half best.

    later  in a later year: the part of it that is left then (assumption later_year)
    """
    span, left = assumed_range(f"lost_{name}", case), assumed_range("later_year", case)
    parts = [(getattr(span, end), getattr(left, end) if later else 1.0) for end in ("low", "best", "high")]
    ends = [rates.on_levels(np.array([value * part]), levels) for value, part in parts]
    return np.asarray(THREE @ np.stack(ends))


def _as_of(found: Causes, network: Network, seller: str) -> Causes:
    """Return the causes with the year that a seller's flows are of: that of its figure where statements tell them."""
    told = figures("exports", network.material, found.base_year).get(seller) if STATED in network.trade_basis else None
    return found if told is None else replace(found, base_year=min(found.base_year, told.year))


def _rows(
    found: Causes, material: str, stage: str, seller: str, share: float, lost: Mapping[str, Floats]
) -> Iterable[dict[str, Any]]:
    """Yield the rows of one seller and good."""
    label = {"country": seller, "material": material, "stage": stage, "share": share, "prior": np.nan}
    at = found.sellers.countries.index(seller) if seller in found.sellers.countries else -1
    chance = found.chance.get((seller, material), 0.0)
    if at >= 0 and chance > 0:
        p = chance * float(found.striking[at]) * naming(found.listed, stage)
        severity = sum(part * lost[name] for name, part in kinds(found.listed, at).items())
        yield label | _range(p, found.doubt) | {"kind": RESTRICTION, "severity": severity}
    carried = [(one, p) for one in running(found, material, stage, seller) for p in [holding(one, found)]]
    if carried:
        one, p = max(
            carried,
            key=lambda pair: pair[1] * float(lost[later(pair[0], found)] @ np.arange(1, len(lost["ban"]) + 1)),
        )
        span = held_range(one, found)
        ends = {"low": min(span.low, p), "high": max(span.high, p)}
        yield label | _range(p, 1.0) | ends | {"kind": IN_FORCE, "severity": lost[later(one, found)]}
    p = stop_chance(found, seller, material, stage)
    if p > 0:
        yield label | _range(p, 2.0) | {"kind": STOP, "severity": lost["stop"]}


def _range(p: float, doubt: float) -> dict[str, float]:
    """Return a chance with its range."""
    return {"probability": p, "low": p / doubt, "high": min(p * doubt, 1.0), "model": p}


def group(one: Decision) -> str:
    """Return ban, licence, quota or tax."""
    return GROUPS.get(one.instrument.kind, "tax")


def later(one: Decision, found: Causes) -> str:
    """Return the group of a decision in force, "licence later" where its first year is over and exports come back."""
    name = group(one)
    return f"{name} later" if name in EASING and (found.on - one.begins).days > YEAR_DAYS else name


def kinds(listed: Sequence[Decision], country: int) -> dict[str, float]:
    """Return the part of each group among a country's decisions, drawn by four of them to that of all countries."""
    pooled = Counter(group(one) for one in listed)
    own = Counter(group(one) for one in listed if country in one.countries)
    drawn = assumed("policy_destination")
    whole = sum(pooled.values())
    return {
        name: (own[name] + drawn * pooled[name] / whole) / (own.total() + drawn) for name in SEVERITIES if pooled[name]
    }


def naming(listed: Sequence[Decision], stage: str) -> float:
    """Return the part of decisions on materials that have a stage that name it: (named + 1) / (all + 2)."""
    chains = reference.stage_names()
    able = [one for one in listed if any((m, stage) in chains for m in one.instrument.materials)]
    return (sum(stage in one.instrument.stages for one in able) + 1.0) / (len(able) + 2.0)


def running(found: Causes, material: str, stage: str, seller: str) -> list[Decision]:
    """Return the decisions since the base year of a seller on a good that strike the focus and have not ended.

    One on some end uses alone, as of military users, leaves the rest of the trade open and is left out.
    """
    hit = kin(material)
    return [
        one
        for one in found.listed
        if one.instrument.scope == "goods"
        and one.begins.year > found.base_year
        and seller in {found.sellers.countries[c] for c in one.countries.tolist()}
        and not hit.isdisjoint(one.instrument.materials)
        and stage in one.instrument.stages
        and one.instrument.state(found.on, found.focus) in ("in-force", "suspended", "announced")
    ]


def holding(one: Decision, found: Causes) -> float:
    """Return the chance that a decision holds in the year: in force, or suspended or only announced."""
    return held_range(one, found).best


def held_range(one: Decision, found: Causes) -> Range:
    """Return that chance with its range."""
    state = one.instrument.state(found.on, found.focus)
    return assumed_range("policy_persists" if state == "in-force" else "policy_resumes", found.case)


def stop_chance(found: Causes, seller: str, material: str, stage: str) -> float:
    """Return the yearly chance of a stop: (those on record + a·usual·years) / (years + a·years) as 1 - exp(-rate).

    a = assumption stop_pooling: years of the pooled record that one year of the seller's own weighs
    """
    years = found.on.year - FIRST_STOP + 0.5
    usual = sum(len(one.materials) for one in found.stops) / (years * max(found.at_risk, 1))
    own = sum(seller in _members(one) and material in one.materials and stage in one.stages for one in found.stops)
    pooled = assumed("stop_pooling", found.case)
    return float(-np.expm1(-(own + pooled * usual) / (years + pooled)))


def _members(one: Outage) -> tuple[str, ...]:
    """Return the countries in which a stop happened."""
    return (
        reference.members(one.country, one.begins.first.year) if one.country in reference.groups() else (one.country,)
    )


def shared_factor(found: Causes) -> VarianceShares:
    """Return the part of a hazard's latent factor that a country's hazards share.

    That correlation of a Gaussian copula at which two of a country's cells are struck together as often as the common
    gamma factor of the process has it: p²·(1 + 1/κ) at the usual chance p.
    """
    p = found.usual
    both = p * p * (1.0 + 1.0 / found.clustering)
    terms = dependence.series(np.array([p]))[:, 0] ** 2
    return VarianceShares(country=max(float(dependence.correlation(both, terms)), 0.0))


def _with_priors(
    case: Case, rows: list[dict[str, Any]], priors: Sequence[Prior], levels: Floats
) -> list[dict[str, Any]]:
    """Return the rows with an expert's figures blended into restrictions; one who names no row adds it."""
    for number, prior in enumerate(priors):
        rates.check(case, prior, f"priors.{number}")
        mine = [
            row
            for row in rows
            if (row["country"], row["material"], row["kind"]) == (prior.country, prior.material, RESTRICTION)
            and prior.stage in ("", row["stage"])
        ]
        if not mine and prior.stage:
            label = {"country": prior.country, "material": prior.material, "stage": prior.stage, "share": np.nan}
            mine = [label | {name: np.nan for name in ("probability", "low", "high", "model")}]
            rows.append(mine[0])
        for row in mine:
            rates.blend(row, prior)
            part = np.array([prior.export_loss if prior.export_loss is not None else 1.0])
            if "severity" not in row or prior.export_loss is not None:
                row["severity"] = rates.on_levels(part, levels)
    return rows
