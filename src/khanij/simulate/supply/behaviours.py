"""How the buyers and sellers of a network answer: published ranges of elasticities, at their best, placed or drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats, Positions
from khanij.core.errors import StudyError
from khanij.reference.assumptions import assumed
from khanij.simulate.supply import parameters
from khanij.simulate.supply.networks import Network, drawn_networks
from khanij.simulate.supply.responses import Behaviour

DAYS = 365.0
NAMES = tuple(field.name for field in fields(parameters.Parameters))
PLACED = (*NAMES, "stock")
ROWS = (*PLACED, "byproduct")  # what a behaviour has a row of for each scenario


def at_quantiles(network: Network, places: Mapping[str, float] | None = None, case: Case | None = None) -> Behaviour:
    """Return behaviour at some place of each range: 0 = low, 0.5 = best, 1 = high.

    places  parameter -> place, 0.5 for those not named; "stock" places the days of cover
    case    tells which part of mined output is a by-product, and which assumptions were asked for; None = none
    Raises StudyError for an unknown parameter or a place outside 0..1.
    """
    at = dict.fromkeys(PLACED, 0.5) | dict(places or {})
    for name, place in at.items():
        if name not in PLACED:
            raise StudyError(f"unknown parameter {name!r}", where="places", hint=f"one of {', '.join(PLACED)}")
        if not 0 <= place <= 1:
            raise StudyError(f"{name} is placed at {place:g}", where="places", hint="0 = low, 0.5 = best, 1 = high")
    values = {name: np.empty((1, len(network.stages))) for name in NAMES}
    for k, stage in enumerate(network.stages):
        good = parameters.ranges(network.material, stage, "year")
        for name, column in values.items():
            column[0, k] = parameters.quantile(getattr(good, name), np.array([at[name]]))[0]
    return _behaviour(network, values, _stock(network, at["stock"])[None], case)


def calibrated_positions(case: Case | None = None) -> dict[str, float]:
    """Return parameter -> place in its range that was fitted to the fit events of the back-test, or that was asked."""
    return {name: assumed(f"{name}_position", case) for name in PLACED}


def fitted(network: Network, case: Case | None = None) -> Behaviour:
    """Return behaviour at the places that were fitted to the fit events of the back-test."""
    return at_quantiles(network, calibrated_positions(case), case)


def published(network: Network, case: Case | None = None) -> Behaviour:
    """Return behaviour at the best value of every published range."""
    return at_quantiles(network, None, case)


def companion(case: Case | None, material: str) -> float:
    """Return the part of a material's mined output that is a by-product; 0 where nothing is published."""
    if case is None or "companion_share" not in case.cubes:
        return 0.0
    share = case.array("companion_share", "material", "stage")[case.axis("material").at(material)]
    return float(np.nanmax(share)) if np.isfinite(share).any() else 0.0


def drawn(
    network: Network,
    draws: int,
    seed: int,
    case: Case | None = None,
    block: int = 0,
    places: Mapping[str, float] | None = None,
) -> Behaviour:
    """Return drawn behaviour, one row a draw; the same draw of a seed is the same in every block of any length.

    draws  how many      seed  from 0      case  as in at_quantiles      block  number of the block, for workers
    places  parameter -> median of its draws as a place of its published range, 0.5 for those not named: what fitted()
            answers is the middle of draws around calibrated_positions()
    """
    at, material = dict(places or {}), network.material
    found = parameters.draw(material, network.stages, draws, seed, horizon="year", block=block, places=at)
    days = parameters.cover(
        material, network.stages, network.nodes, draws, seed, block=block, place=at.get("stock", 0.5)
    )
    values = {name: getattr(found, name) for name in NAMES}
    return _behaviour(network, values, np.clip(days / DAYS, 0.0, 1.0), case)


def stacked(*parts: Behaviour) -> Behaviour:
    """Return behaviours one after the other as rows; the price limits are those of the first."""
    return replace(parts[0], **{name: np.concatenate([getattr(part, name) for part in parts]) for name in ROWS})


def rows(behaviour: Behaviour, at: Positions) -> Behaviour:
    """Return some rows of a behaviour."""
    return replace(behaviour, **{name: getattr(behaviour, name)[at] for name in ROWS})


def on_flows(case: Case, network: Network, draws: int, count: int, seed: int) -> list[tuple[Network, Positions]]:
    """Return networks and the scenarios (of 1 + draws) that stand on each: the estimate first, then draws of its flows.

    count  draws of the flows, over which those of behaviour take turns; 0 = all stand on the estimate. A draw that
           links other stages than the estimate does is left out. The first scenario, the value, is of the estimate
    """
    count = min(count, draws)
    others = drawn_networks(case, network, count, seed) if count else []
    alike = [one for one in others if (one.stages, one.nodes) == (network.stages, network.nodes)]
    whose = np.arange(draws) % len(alike) + 1 if alike else np.zeros(draws, dtype=np.intp)
    whose = np.concatenate([[0], whose])
    return [(one, np.flatnonzero(whose == at)) for at, one in enumerate([network, *alike])]


def by_pool(flows: Iterable[tuple[Network, Positions]], pooled: Floats) -> Iterator[tuple[Network, Network, Positions]]:
    """Yield networks as they are and pooled, and the scenarios that stand on each.

    flows  of on_flows()      pooled  (1 + D,) position of each scenario in the range of what one world market hands out
    """
    for network, at in flows:
        if network.pooled(1.0) is network:
            yield network, network, at
            continue
        for position in np.unique(pooled[at]).tolist():
            yield network, network.pooled(position), at[pooled[at] == position]


def _stock(network: Network, place: float) -> Floats:
    """Return the part of a year's use that stocks can meet (K, n) at a place of the ranges of days of cover."""
    ends = [parameters.usual_cover(network.material, network.stages, network.nodes, end) for end in ("low", "best")]
    if place > 0.5:
        ends = [ends[1], parameters.usual_cover(network.material, network.stages, network.nodes, "high")]
    part = 2.0 * place if place <= 0.5 else 2.0 * place - 1.0
    return np.clip((ends[0] * (1.0 - part) + ends[1] * part) / DAYS, 0.0, 1.0)


def _behaviour(network: Network, values: Mapping[str, Floats], stock: Floats, case: Case | None) -> Behaviour:
    """Return the behaviour; only what mines give can be a by-product."""
    blind = np.zeros(values["sigma"].shape)
    blind[:, 0] = companion(case, network.material) if network.stages[0] == "mined" else 0.0
    sigma = np.clip(values["sigma"], values["demand"], assumed("substitution_limit", case))
    limits = (assumed("choke_price", case), assumed("shutdown_price", case))
    return Behaviour(sigma, values["demand"], values["supply"], values["spare"], stock, blind, *limits)
