"""Another method for the loss of a year: the physical engine, in which what is short is rationed and no price moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from khanij.core.cube import Floats
from khanij.kernels.markets import physical as kernel
from khanij.kernels.markets.physical_base import Shut
from khanij.reference.assumptions import assumed
from khanij.simulate.loss import losses
from khanij.simulate.loss.loss_model import LossModel
from khanij.simulate.loss.monthly import MonthlySupply
from khanij.simulate.supply import physical
from khanij.simulate.supply.networks import REST, Network

MONTHS = 12
DAYS = 365.0


@dataclass(frozen=True, slots=True)
class Rationed:
    """Losses in USD of gross domestic product where goods are rationed month by month and prices stay.

    model  networks, behaviours (of which stocks and idle capacity are read), exposures and parameters
    rerouting, refill  as in the method physical-shock
    """

    model: LossModel
    rerouting: float = field(default_factory=lambda: assumed("rerouting"))
    refill: float = field(default_factory=lambda: assumed("refill"))

    def __call__(
        self, material: str, scenarios: Sequence[Sequence[tuple[str, str, float]]]
    ) -> tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]:
        """Return losses (S,), solved (S,) and months (S,) of one material's scenarios.

        scenarios  each a set of (country, stage, part of its exports lost for the year)
        The year's use is that of its twelve months; users pay base prices and own makers get them. Without a table of
        industries nothing of this is known: no scenario counts as solved.
        """
        network, behaviour = self.model.networks[material], self.model.behaviours[material]
        exposure, given = self.model.exposures[material], self.model.parameters
        count = len(scenarios)
        if not count or not exposure.economy.known:
            return np.full(count, np.nan), np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.int64)
        spare = np.minimum(np.broadcast_to(behaviour.spare, (1, len(network.stages)))[0], 1.0)
        able = np.broadcast_to(1.0 + spare[:, None], (count, MONTHS, *network.share_processed.shape))
        stock = np.broadcast_to(behaviour.stock, (1, *network.share_processed.shape))[0] * network.use
        got = kernel.run(
            physical.base(network),
            able,
            _shut(network, scenarios),
            stock=stock,
            rerouting=self.rerouting,
            refill=self.refill,
        )
        here = [network.nodes.index(code) for code in exposure.members if code in network.nodes]
        flows = got.use[:, :, :, here].sum(axis=3), got.output[:, :, :, here].sum(axis=3)
        base = network.use[:, here].sum(axis=1) / MONTHS, network.output[:, here].sum(axis=1) / MONTHS
        left, more = (
            np.divide(flow, whole, out=np.ones_like(flow), where=whole > 0)
            for flow, whole in zip(flows, base, strict=True)
        )
        still = np.ones_like(left)
        reached = MonthlySupply(np.clip(left, 0.0, 1.0), still, more, still, float(MONTHS))
        found, _ = losses.channels_of(exposure, reached, given)
        return -found.net, np.ones(count, dtype=np.bool_), np.full(count, MONTHS)


def _shut(network: Network, scenarios: Sequence[Sequence[tuple[str, str, float]]]) -> Shut | None:
    """Return the pairs that any scenario cuts, and by how much each does (S, 1, X)."""
    pairs: dict[tuple[int, int, int], int] = {}
    cuts: list[tuple[int, int, float]] = []
    for row, scenario in enumerate(scenarios):
        for country, stage, cut in scenario:
            if stage not in network.stages or country not in network.nodes or country == REST:
                continue
            k, seller = network.stages.index(stage), network.nodes.index(country)
            buyers = (buyer for buyer in range(len(network.nodes)) if buyer != seller)
            cuts.extend((row, pairs.setdefault((k, seller, buyer), len(pairs)), cut) for buyer in buyers)
    if not pairs:
        return None
    part = np.zeros((len(scenarios), 1, len(pairs)))
    for row, place, cut in cuts:
        part[row, 0, place] = max(part[row, 0, place], cut)
    good, seller, buyer = (np.array(column, dtype=np.intp) for column in zip(*pairs, strict=True))
    return Shut(good, seller, buyer, part)
