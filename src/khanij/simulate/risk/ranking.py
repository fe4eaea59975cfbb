"""Which goods cost a focus most if their largest seller stops for a year, and how sure that order is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from khanij.core import rng
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.reference.assumptions import assumed_range
from khanij.simulate.loss import losses
from khanij.simulate.loss.derived_demand import with_derived_demand, without_own_stock
from khanij.simulate.loss.loss_model import LossModel
from khanij.simulate.supply import behaviours, parameters, responses
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import REST, Network

FIRST, KEY = 5, 9


@dataclass(frozen=True, slots=True)
class RankedGood:
    """One good whose largest seller stops for a year.

    best    loss at the usual behaviour, USD      low, high  10 % and 90 % of the draws
    first   part of the draws in which it is among the first five      place  median place, 1 = the dearest
    """

    material: str
    stage: str
    seller: str
    best: float
    low: float
    high: float
    first: float
    place: float


def ranking(model: LossModel, case: Case, draws: int = 24, seed: int = 20260101) -> tuple[RankedGood, ...]:
    """Return every good that the focus buys abroad, the dearest first, with how often it is among the first five.

    Drawn are elasticities and stocks of every market, substitution, and the ends of who cannot do without; one draw is
    one world, the same for all goods. Goods whose loss is not priced are left out: they have no rank.
    """
    worlds = _Worlds.of(case, draws, seed)
    found = [
        (key, lost) for m, network in model.networks.items() for key, lost in _stops(model, m, network, case, worlds)
    ]
    if not found:
        return ()
    table = np.stack([lost for _, lost in found])  # goods x (1 + draws)
    order = np.argsort(np.argsort(-np.where(np.isfinite(table), table, -np.inf), axis=0, kind="stable"), axis=0) + 1
    rows = []
    for (material, stage, seller), lost, rank in zip((key for key, _ in found), table, order, strict=True):
        known = lost[1:][np.isfinite(lost[1:])]
        low, high = np.quantile(known, (0.1, 0.9)) if known.size else (np.nan, np.nan)
        first, place = float((rank[1:] <= FIRST).mean()), float(np.median(rank[1:]))
        rows.append(RankedGood(material, stage, seller, float(lost[0]), float(low), float(high), first, place))
    return tuple(sorted(rows, key=lambda row: (-row.best, row.material, row.stage)))


@dataclass(frozen=True, slots=True)
class _Worlds:
    """Substitution and end of who cannot do without, the usual ones first, then one a draw."""

    psi: Floats
    end: Floats
    seed: int

    @classmethod
    def of(cls, case: Case, draws: int, seed: int) -> _Worlds:
        stream = rng.stream(seed, KEY)
        usual = losses.parameters(case)
        psi = parameters.quantile(assumed_range("psi", case), stream.uniform(size=draws))
        end = stream.choice([0.0, 0.5, 1.0], draws)
        return cls(np.array([float(np.asarray(usual.psi)), *psi]), np.array([usual.dependent, *end]), seed)


def _stops(
    model: LossModel, material: str, network: Network, case: Case, worlds: _Worlds
) -> list[tuple[tuple[str, str, str], Floats]]:
    """Return (material, stage, seller) and its loss in each world (1 + D,), for the goods of one network."""
    exposure, given, draws = model.exposures[material], model.parameters, len(worlds.psi) - 1
    rule = behaviours.stacked(behaviours.fitted(network, case), behaviours.drawn(network, draws, worlds.seed, case))
    rule = without_own_stock(network, with_derived_demand(case, network, rule, worlds.psi), exposure.members)
    out = []
    for stage in network.stages:
        shares: Mapping[str, float] = {
            node: network.share(node, stage)
            for node in network.nodes
            if node not in (REST, *exposure.members) and network.consumption(stage) > 0
        }
        seller = max(shares, key=lambda node: (shares[node], node), default="")
        if not seller or not shares[seller] > 0:
            continue
        struck = [Disruption("exports", (material,), seller, (stage,))]
        outcome = responses.respond(network, [struck] * (1 + draws), rule)
        lost = np.full(1 + draws, np.nan)
        for end in np.unique(worlds.end):
            rows = worlds.end == end
            lost[rows] = losses.gdp_loss(exposure, network, outcome, replace(given, dependent=float(end)))[rows]
        out.append(((material, stage, seller), np.where(outcome.converged, lost, np.nan)))
    return out
