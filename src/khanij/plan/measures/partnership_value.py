"""What a partnership changes for a focus in numbers: losses, the partner's share, and what its stop would cost."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from khanij.simulate.loss.loss_model import LossModel
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.supply.networks import Network

ENDS = ("at low volumes", "at high volumes")


def _expected(base: Baseline, materials: Iterable[str]) -> float:
    """Return the expected yearly loss of some materials, USD."""
    return float(sum(np.nanmean(base.loss(m)) for m in materials if m in base.batches))


def _share(network: Network, stage: str, partner: str) -> float:
    """Return the partner's part in the use of the focus."""
    return network.share(partner, stage)


def _first(network: Network, stage: str, partner: str) -> str:
    """Return the largest seller to the focus besides a partner, and its share, in words."""
    for seller in network.sellers(stage):
        if seller != partner:
            return f"{seller} {network.share(seller, stage):.0%}"
    return "none"


def _stop(model: LossModel, material: str, partner: str) -> float:
    """Return what it costs, USD, if the partner sells nothing of a material for a year; nan if it does not clear."""
    network = model.networks[material]
    if partner not in network.nodes:
        return 0.0
    scenario = tuple((partner, stage, 1.0) for stage in network.stages if network.exports(partner, stage) > 0)
    return float(model(material, [scenario])[0][0]) if scenario else 0.0
