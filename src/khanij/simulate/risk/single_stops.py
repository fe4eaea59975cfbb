"""Single events, one after the other: what each seller's full stop of each good for a year would cost a focus."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from khanij.core.case import Case
from khanij.simulate.loss import losses
from khanij.simulate.loss.loss_model import LossModel, loss_model
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import REST, Network, members, networks

STAKE = 0.05  # part of the world's trade, or of the focus's use, from which a seller's stop is looked at
MILLION = 1e6
INTERVAL = (0.1, 0.9)
DRAWS, SEED = 16, 0  # of behaviour, for the range of a loss that rests on prices alone


@dataclass(frozen=True, slots=True)
class SupplierStop:
    """One seller stops all exports of one good for a year.

    share     of the focus's use that comes from the seller      spending  of the focus on the good, USD; nan = no value
    shortage, price  of the focus at that stage; nan = it uses none     loss  net, USD of gross domestic product
    low, high  10 % and 90 % of the losses that low, best and high exposure and substitution make of it, all combined;
               without an input-output table neither plays a part: nan until ranged() asks behaviour instead
    partial   what alone the loss counts where it lacks what users who stand still would cost (losses.counted), else ""
    """

    material: str
    stage: str
    country: str
    share: float
    spending: float
    shortage: float
    price: float
    loss: float
    low: float
    high: float
    partial: str
    solved: bool


def stops(case: Case, year: int, materials: tuple[str, ...] | None = None) -> tuple[list[SupplierStop], LossModel]:
    """Return every stop that is worth a look, the dearest first, and the solver that priced them.

    case       of one focus, with that year      materials  ids; None = all with trade by mass
    """
    code = case.axis("focus").codes[0]
    found = networks(case, materials, str(year))
    sellers = {n.material: tuple({country for _, country in _sellers(n, _members(n, case, code))}) for n in found}
    answer = loss_model(case, code, str(year), sellers, known=found)
    rows = [stop for n in answer.networks.values() for stop in _stops(n, answer)]
    return sorted(rows, key=lambda s: (-(s.loss if np.isfinite(s.loss) else -np.inf), s.material, s.country)), answer


def _members(network: Network, case: Case, code: str) -> list[str]:
    """Return the members of the focus among the nodes."""
    inside = set(members(case, code, network.year))
    return [node for node in network.nodes if node in inside]


def _sellers(network: Network, members: list[str]) -> list[tuple[int, str]]:
    """Return (stage, country) of sellers abroad with a stake in the world's trade or in the focus's use."""
    at = [network.nodes.index(c) for c in members]
    rows = []
    for k in range(len(network.stages)):
        if not network.traded[k]:
            continue
        trade = np.where(np.eye(len(network.nodes), dtype=bool), 0.0, network.flow[k])
        world, own = trade.sum(), network.use[k][at].sum()
        for i, node in enumerate(network.nodes):
            part = trade[i, at].sum() / own if own > 0 else 0.0
            if node != REST and i not in at and world > 0 and (trade[i].sum() >= STAKE * world or part >= STAKE):
                rows.append((k, node))
    return rows


def _stops(network: Network, answer: LossModel) -> list[SupplierStop]:
    """Return the stops of one network, priced together."""
    stake = answer.stakes[network.material]
    inside = [c for c in stake.members if c in network.nodes]
    sellers = _sellers(network, inside)
    if not sellers or not np.nansum(stake.spending + stake.feed) > 0:
        return []
    struck = [[Disruption("exports", (network.material,), country, (network.stages[k],))] for k, country in sellers]
    outcome = responses.respond(network, struck, answer.behaviours[network.material])
    felt = responses.effect(network, outcome, stake.members)
    central = losses.gdp_loss(stake, network, outcome, answer.psi, answer.exposed)
    every = [losses.gdp_loss(stake, network, outcome, psi, end) for psi in losses.PSI for end in range(losses.EXPOSED)]
    low, high = np.quantile(np.stack(every), INTERVAL, axis=0)
    if not stake.economy.known:
        low = high = np.full(len(struck), np.nan)
    at = [network.nodes.index(c) for c in inside]
    rows = []
    for row, (k, country) in enumerate(sellers):
        base = network.use[k][at].sum()
        share = network.flow[k][network.nodes.index(country), at].sum() / base if base > 0 else 0.0
        solved = bool(outcome.converged[row])
        spending = float(stake.spending[k] + stake.feed[k])
        rows.append(
            SupplierStop(
                network.material,
                network.stages[k],
                country,
                float(share),
                spending,
                float(felt.shortage[row, k]),
                float(felt.price[row, k]),
                float(central[row]) if solved else float("nan"),
                float(np.minimum(low[row], central[row])) if solved else float("nan"),
                float(np.maximum(high[row], central[row])) if solved else float("nan"),
                losses.counted(stake, k),
                solved,
            )
        )
    return rows


def ranged(found: list[SupplierStop], answer: LossModel) -> list[SupplierStop]:
    """Return stops with the range that drawn behaviour of buyers and sellers makes of a loss that has none yet."""
    return [stop if np.isfinite(stop.low) or not stop.solved else _ranged(stop, answer) for stop in found]


def _ranged(stop: SupplierStop, answer: LossModel) -> SupplierStop:
    """Return one stop with 10 % and 90 % of its loss over draws of behaviour, wider where its value lies outside."""
    network, stake = answer.networks[stop.material], answer.stakes[stop.material]
    usual = answer.behaviours[stop.material]
    rule = behaviours.drawn(network, DRAWS, SEED, float(usual.byproduct[0, 0]))
    struck = [Disruption("exports", (stop.material,), stop.country, (stop.stage,))]
    outcome = responses.respond(network, [struck] * DRAWS, rule)
    lost = losses.gdp_loss(stake, network, outcome, answer.psi, answer.exposed)[outcome.converged]
    if not len(lost):
        return stop
    low, high = np.quantile(lost, INTERVAL)
    return replace(stop, low=float(min(low, stop.loss)), high=float(max(high, stop.loss)))
