"""Which goods cost a focus most if their largest seller stops for a year, and how sure that order is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.simulate.loss import losses
from khanij.simulate.loss.derived_demand import UserDraws, drawn_users, with_derived_demand, without_own_stock
from khanij.simulate.loss.loss_model import LossModel
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import Network

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


def ranking(
    model: LossModel, case: Case, draws: int = 24, seed: int = 20260101, flows: int = 0
) -> tuple[RankedGood, ...]:
    """Return every good that the focus buys abroad, the dearest first, with how often it is among the first five.

    Drawn are elasticities and stocks of every market, substitution, and the ends of who cannot do without; one draw is
    one world, the same for all goods. Goods whose loss is not priced are left out: they have no rank.

    flows  draws of the flows of the base year, over which the others take turns; 0 = all stand on the estimate
    """
    return by_cost(stop_draws(model, case, draws, seed, flows))


def stop_draws(
    model: LossModel, case: Case, draws: int, seed: int, flows: int = 0
) -> dict[tuple[str, str, str], Floats]:
    """Return (material, stage, largest seller) -> loss of its stop (1 + D,) USD, the usual one first; see ranking()."""
    worlds = drawn_users(case, draws, seed, KEY)
    return {
        key: lost
        for m, network in model.networks.items()
        for key, lost in _stops(model, m, network, case, worlds, seed, flows)
    }


def by_cost(found: Mapping[tuple[str, str, str], Floats]) -> tuple[RankedGood, ...]:
    """Return the goods of stop_draws(), the dearest first."""
    if not found:
        return ()
    table = np.stack(list(found.values()))  # goods x (1 + draws)
    order = np.argsort(np.argsort(-np.where(np.isfinite(table), table, -np.inf), axis=0, kind="stable"), axis=0) + 1
    rows = []
    for (material, stage, seller), lost, rank in zip(found, table, order, strict=True):
        known = lost[1:][np.isfinite(lost[1:])]
        low, high = np.quantile(known, (0.1, 0.9)) if known.size else (np.nan, np.nan)
        first, place = float((rank[1:] <= FIRST).mean()), float(np.median(rank[1:]))
        rows.append(RankedGood(material, stage, seller, float(lost[0]), float(low), float(high), first, place))
    return tuple(sorted(rows, key=lambda row: (-row.best, row.material, row.stage)))


def _stops(
    model: LossModel, material: str, network: Network, case: Case, worlds: UserDraws, seed: int, flows: int = 0
) -> list[tuple[tuple[str, str, str], Floats]]:
    """Return (material, stage, seller) and its loss in each world (1 + D,), for the goods of one network."""
    draws = len(worlds.psi) - 1
    drawn = behaviours.drawn(network, draws, seed, case, places=behaviours.calibrated_positions(case))
    rule = behaviours.stacked(behaviours.fitted(network, case), drawn)
    rule = with_derived_demand(case, network, rule, worlds.psi, worlds.thrift)
    sellers = {stage: seller for stage in network.stages if (seller := next(iter(network.sellers(stage)), ""))}
    lost = {stage: np.full(1 + draws, np.nan) for stage in sellers}
    for one, market, rows in behaviours.by_pool(behaviours.on_flows(case, network, draws, flows, seed), worlds.pooled):
        exposure = model.exposures[material]
        if one is not network:
            exposure = losses.exposure(case, case.axis("focus").codes[0], one, exposure.economy)
        here = without_own_stock(one, behaviours.rows(rule, rows), exposure.members)
        for stage, seller in sellers.items():
            struck = [Disruption("exports", (material,), seller, (stage,))]
            outcome = responses.respond(market, [struck] * len(rows), here)
            found = losses.loss_at(exposure, market, outcome, model.parameters, worlds.position[rows])
            lost[stage][rows] = np.where(outcome.converged, found, np.nan)
    return [((material, stage, seller), lost[stage]) for stage, seller in sellers.items()]
