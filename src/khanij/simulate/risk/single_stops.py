"""Single events, one after the other: what each seller's full stop of each good for a year would cost a focus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from khanij.core.case import Case
from khanij.reference.assumptions import assumed
from khanij.simulate.loss import coverage, losses
from khanij.simulate.loss.coverage import UnknownChannel
from khanij.simulate.loss.loss_model import LossModel, loss_model
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import REST, Network, members, networks
from khanij.simulate.supply.reconciled.statements import speaking

MILLION = 1e6
INTERVAL = (0.1, 0.9)
DRAWS, SEED = 16, 0  # of behaviour, for the range of a loss that rests on prices alone


@dataclass(frozen=True, slots=True)
class SupplierStop:
    """One seller stops all exports of one good for a year.

    share     of the focus's use that comes from the seller      spending  of the focus on the good, USD; nan = no value
    use       of the focus, t      shortage, price  of the focus at that stage; nan = it uses none
    loss      net, USD of gross domestic product: of what is counted, where `unknown` names channels that are not
    low, high  10 % and 90 % of the losses that low, best and high ends of who cannot do without make of it; without an
               input-output table these play no part: nan until ranged() asks behaviour instead
    partial   what alone the loss counts where it lacks what users who stand still would cost (losses.counted), else ""
    unknown   channels of goods that the stop moves of which nothing is known: then no sum of them is the loss
    moved     stages of the material that the stop moves
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
    use: float = float("nan")
    unknown: tuple[UnknownChannel, ...] = ()
    moved: tuple[str, ...] = ()


def stops(case: Case, year: int, materials: tuple[str, ...] | None = None) -> tuple[list[SupplierStop], LossModel]:
    """Return every stop that is worth a look, the dearest first, and the loss model that priced them.

    case       of one focus, with that year      materials  ids; None = all with trade by mass
    """
    code = case.axis("focus").codes[0]
    found = networks(case, materials, str(year))
    left = set(case.axis("material").codes if materials is None else materials) - {n.material for n in found}
    inside = members(case, code, str(year))
    found += [one.for_focus(inside) for one in speaking(case, inside, sorted(left), str(year))]
    sellers = {n.material: {country for _, country in _sellers(n, assumed("min_share", case))} for n in found}
    answer = loss_model(case, code, str(year), sellers, known=found)
    return of_model(case, answer), answer


def of_model(case: Case, model: LossModel) -> list[SupplierStop]:
    """Return every stop that is worth a look on the networks of a loss model, the dearest first."""
    rows = [stop for network in model.networks.values() for stop in _stops(network, model, case)]
    return sorted(rows, key=lambda s: (-(s.loss if np.isfinite(s.loss) else -np.inf), s.material, s.country, s.stage))


def _sellers(network: Network, min_share: float) -> list[tuple[int, str]]:
    """Return (stage, country) of sellers abroad with that share of the world's trade or of the focus's use."""
    rows = []
    for k, stage in enumerate(network.stages):
        world = network.trade[k].sum()
        if not world > 0:
            continue
        for node in network.nodes:
            large = network.exports(node, stage) >= min_share * world or network.share(node, stage) >= min_share
            if large and node != REST and node not in network.members:
                rows.append((k, node))
    return rows


def _stops(network: Network, answer: LossModel, case: Case) -> list[SupplierStop]:
    """Return the stops of one network, priced together."""
    exposure, given = answer.exposures[network.material], answer.parameters
    sellers = _sellers(network, assumed("min_share", case))
    if not sellers or not (network.use[:, list(network.at)] > 0).any():
        return []
    stopped = [[Disruption("exports", (network.material,), country, (network.stages[k],))] for k, country in sellers]
    market = network.pooled(given.pooled)
    outcome = responses.respond(market, stopped, answer.behaviours[network.material])
    effect = responses.effect(market, outcome, exposure.members)
    central = losses.gdp_loss(exposure, market, outcome, given)
    every = [
        central
        if position == given.dependent
        else losses.gdp_loss(exposure, market, outcome, replace(given, dependent=position))
        for position in (0.0, 0.5, 1.0)
    ]
    low, high = np.quantile(np.stack(every), INTERVAL, axis=0)
    if not exposure.economy.known:
        low = high = np.full(len(stopped), np.nan)
    moves, hurts = coverage.moved(effect), coverage.hurt(effect)
    rows = []
    for row, (k, country) in enumerate(sellers):
        solved = bool(outcome.converged[row])
        spending = float(exposure.spending[k] + exposure.feed[k])
        rows.append(
            SupplierStop(
                network.material,
                network.stages[k],
                country,
                network.share(country, network.stages[k]),
                spending,
                float(effect.shortage[row, k]),
                float(effect.price[row, k]),
                float(central[row]) if solved else float("nan"),
                float(np.minimum(low[row], central[row])) if solved else float("nan"),
                float(np.maximum(high[row], central[row])) if solved else float("nan"),
                losses.counted(exposure, k),
                solved,
                float(effect.base[row, k]),
                coverage.unknown_channels(exposure, network.stages, *((moves[row], hurts[row]) if solved else ())),
                tuple(stage for stage, yes in zip(network.stages, moves[row], strict=True) if yes and solved),
            )
        )
    return rows


def ranged(found: list[SupplierStop], answer: LossModel) -> list[SupplierStop]:
    """Return stops with the range that drawn behaviour of buyers and sellers makes of a loss that has none yet."""
    return [stop if np.isfinite(stop.low) or not stop.solved else _ranged(stop, answer) for stop in found]


def _ranged(stop: SupplierStop, answer: LossModel) -> SupplierStop:
    """Return one stop with 10 % and 90 % of its loss over draws of behaviour, wider where its value lies outside."""
    network, exposure = answer.networks[stop.material], answer.exposures[stop.material]
    network = network.pooled(answer.parameters.pooled)
    usual = answer.behaviours[stop.material]
    drawn = behaviours.drawn(network, DRAWS, SEED, places=behaviours.calibrated_positions())
    rule = replace(drawn, byproduct=np.repeat(usual.byproduct, DRAWS, axis=0), choke=usual.choke, shut=usual.shut)
    stopped = [Disruption("exports", (stop.material,), stop.country, (stop.stage,))]
    outcome = responses.respond(network, [stopped] * DRAWS, rule)
    lost = losses.gdp_loss(exposure, network, outcome, answer.parameters)[outcome.converged]
    if not len(lost):
        return stop
    low, high = np.quantile(lost, INTERVAL)
    return replace(stop, low=float(min(low, stop.loss)), high=float(max(high, stop.loss)))


def unknown_by_material(model: LossModel, found: Iterable[SupplierStop]) -> dict[str, tuple[UnknownChannel, ...]]:
    """Return material -> channels of its goods of which nothing is known, of those goods that a stop of a seller moves.

    found  every stop on the model's networks; a material without any counts with all of its goods
    """
    moves: dict[str, set[str]] = {}
    for stop in found:
        moves.setdefault(stop.material, set()).update(
            stop.moved if stop.solved else model.networks[stop.material].stages
        )
    out = {}
    for material, network in model.networks.items():
        mine = moves.get(material, set(network.stages))
        moved = np.array([stage in mine for stage in network.stages])
        out[material] = coverage.unknown_channels(model.exposures[material], network.stages, moved)
    return out
