"""The loss of a focus in any scenario of one material: network, behaviour and stakes, ready to be sent to a worker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.simulate.loss import channels as economy
from khanij.simulate.loss import industries, losses
from khanij.simulate.loss.losses import Exposure
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import Network, networks
from khanij.simulate.supply.responses import Behaviour

ITERATIONS = 40  # of the market engine, after which a scenario counts as not solved


@dataclass(frozen=True, slots=True)
class LossModel:
    """Losses in USD of gross domestic product; a focus gains where they are below 0.

    networks, behaviours, stakes  by material      psi, exposed  see losses.losses
    """

    networks: Mapping[str, Network]
    behaviours: Mapping[str, Behaviour]
    stakes: Mapping[str, Exposure]
    psi: float = economy.PSI[1]
    exposed: int = 1

    def __call__(
        self, material: str, scenarios: Sequence[Sequence[tuple[str, str, float]]]
    ) -> tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]:
        """Return losses (S,), whether each market cleared (S,) and iterations (S,) of one material's scenarios.

        scenarios  each a set of (country, stage, part of its exports lost for the year)
        """
        network = self.networks[material]
        struck = [
            [Disruption("exports", (material,), country, (stage,), (), cut) for country, stage, cut in scenario]
            for scenario in scenarios
        ]
        outcome = responses.respond(network, struck, self.behaviours[material], ITERATIONS)
        found = losses.gdp_loss(self.stakes[material], network, outcome, self.psi, self.exposed)
        return np.where(outcome.converged, found, np.nan), outcome.converged, outcome.iterations


def loss_model(
    case: Case,
    focus: str,
    year: str,
    sellers: Mapping[str, Iterable[str]],
    *,
    known: Iterable[Network] = (),
    places: Mapping[str, float] | None = None,
    psi: float = economy.PSI[1],
    exposed: int = 1,
    nodes: int = 16,
) -> LossModel:
    """Return the solver of a focus for the materials whose network is known.

    sellers  material -> countries that may be struck, which the networks then name
    known    networks that are there already and name their sellers; the others are built
    places   of the behaviour in its published ranges; None = as fitted (behaviours.fitted)
    nodes    other countries named one by one, at most
    """
    economics = industries.economy(case, focus, year)
    found, stake, behaviour = {}, {}, {}
    there = {network.material: [network] for network in known}
    for material, countries in sellers.items():
        for network in there.get(material) or networks(case, [material], year, nodes=nodes, named=countries):
            found[material] = network
            stake[material] = losses.exposure(case, focus, network, economics)
            part = behaviours.companion(case, material)
            behaviour[material] = (
                behaviours.fitted(network, part) if places is None else behaviours.at_quantiles(network, places, part)
            )
    return LossModel(found, behaviour, stake, psi, exposed)
