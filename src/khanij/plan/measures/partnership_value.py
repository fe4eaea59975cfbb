"""partnership_value"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from khanij.plan.measures.partnerships import _abroad
from khanij.simulate.loss.changed import Changed
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.supply.networks import REST, Network

ENDS = ("at low volumes", "at high volumes")


def _expected(base: Baseline, materials: Iterable[str]) -> float:
    """Return the expected yearly loss of some materials, USD."""
    return float(sum(np.nanmean(base.loss(m)) for m in materials if m in base.batches))


def _share(network: Network, stage: str, partner: str, focus: str) -> float:
    """Return the partner's part in the use of the focus."""
    k, j = network.stages.index(stage), network.at(focus)
    use = float(network.use[k, j])
    if partner not in network.nodes or use <= 0:
        return 0.0
    return float(network.flow[k, network.nodes.index(partner), j]) / use


def _first(network: Network, stage: str, focus: str, partner: str) -> str:
    """Return the largest seller to the focus besides a partner, and its share, in words."""
    k, j = network.stages.index(stage), network.at(focus)
    bought = network.flow[k, :, j].copy()
    bought[j] = 0.0
    for left in (REST, partner):
        if left in network.nodes:
            bought[network.nodes.index(left)] = 0.0
    i = int(bought.argmax())
    return f"{network.nodes[i]} {bought[i] / network.use[k, j]:.0%}" if bought[i] > 0 else "none"


def _stop(found: Changed, material: str, partner: str) -> float:
    """Return what it costs, USD, if the partner sells nothing of a material for a year; nan if it does not clear."""
    network = found.solver.networks[material]
    if partner not in network.nodes:
        return 0.0
    scenario = tuple(
        (partner, stage, 1.0) for k, stage in enumerate(network.stages) if _abroad(network, k, partner) > 0
    )
    return float(found(material, [scenario])[0][0]) if scenario else 0.0
