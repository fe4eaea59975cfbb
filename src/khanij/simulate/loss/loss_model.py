"""The loss of a focus in any scenario of one material, with measures or without: ready to be sent to a worker.

What levers add to a Case beside flows is read here: output (`added_output`), days of stock (`stock_cover`) and parts of
sellers' restrictions that spare the focus (`exemption`). A Case without these cubes is one without measures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.kernels.markets import market as kernel
from khanij.simulate.loss import industries, losses
from khanij.simulate.loss.derived_demand import with_derived_demand, without_own_stock
from khanij.simulate.loss.industries import Economy
from khanij.simulate.loss.losses import Exposure, LossParameters
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply.disruption import Disruption, Scenario
from khanij.simulate.supply.networks import NODES, REST, Network, members, networks
from khanij.simulate.supply.reconciled.statements import speaking
from khanij.simulate.supply.responses import Behaviour

ITERATIONS = 80  # of the market engine, after which a scenario counts as not solved: where a quota leaves exactly what
# a seller makes whatever the price (cut 0.4, by-product 0.6) its price has no floor but the last, a factor e a step

Exemption = Mapping[tuple[str, str], float]
"""(stage, seller) -> part of its restrictions that spares the focus, 0..1"""


@dataclass(frozen=True, slots=True)
class LossModel:
    """Losses in USD of gross domestic product; a focus gains where they are below 0.

    networks, behaviours, exposures, exemptions  by material      parameters  how losses answer a shortage
    Where a seller's restrictions may spare the focus, the loss is the mean of "spared" and "not spared", weighed by
    that part (of several affected sellers, its mean).
    """

    networks: Mapping[str, Network]
    behaviours: Mapping[str, Behaviour]
    exposures: Mapping[str, Exposure]
    exemptions: Mapping[str, Exemption] = field(default_factory=dict)
    parameters: LossParameters = field(default_factory=losses.parameters)

    @property
    def goods(self) -> set[tuple[str, str]]:
        """Return every (material, stage) that has a market."""
        return {(material, stage) for material, network in self.networks.items() for stage in network.stages}

    def with_case(self, case: Case) -> LossModel:
        """Return the model on the same networks with what another Case says of behaviour, stocks and assumptions."""
        economies = {material: exposure.economy for material, exposure in self.exposures.items()}
        focus = case.axis("focus").codes[0]
        return replace(
            self,
            behaviours={material: _behaviour(network, case) for material, network in self.networks.items()},
            exposures={m: losses.exposure(case, focus, network, economies[m]) for m, network in self.networks.items()},
            parameters=losses.parameters(case),
        )

    def __call__(
        self, material: str, scenarios: Sequence[Scenario]
    ) -> tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]:
        """Return losses (S,), whether each market cleared (S,) and iterations (S,) of one material's scenarios.

        scenarios  each a set of (country, stage, part of its exports lost for the year)
        A market is looked for from where the scenario's events by themselves lead, their prices and rents multiplied:
        half the iterations. One that is not found from there is looked for from the base year.
        """
        network, behaviour = self.networks[material].pooled(self.parameters.pooled), self.behaviours[material]
        affected = _disruptions(material, scenarios)
        start = responses.product_of_single(network, affected, behaviour, ITERATIONS)
        loss, solved, iterations = self._cleared(material, affected, start)
        at = np.nonzero(~solved)[0]
        if len(at):
            loss[at], solved[at], more = self._cleared(material, [affected[i] for i in at.tolist()])
            iterations[at] += more
        exemption = self.exemptions.get(material, {})
        part = np.array([_exempt_part(scenario, exemption) for scenario in scenarios])
        at = np.nonzero(part > 0)[0]
        if len(at):
            spared, cleared = self._spared(material, [scenarios[i] for i in at.tolist()], exemption)
            loss[at] = (1.0 - part[at]) * loss[at] + part[at] * spared
            solved[at] &= cleared
        return np.where(solved, loss, np.nan), solved, iterations

    def _cleared(
        self, material: str, affected: Sequence[Sequence[Disruption]], start: tuple[Floats, Floats] | None = None
    ) -> tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]:
        """Return losses, whether each market cleared, and iterations, from a start or from the base year."""
        network = self.networks[material].pooled(self.parameters.pooled)
        outcome = responses.respond(network, affected, self.behaviours[material], ITERATIONS, start)
        loss = losses.gdp_loss(self.exposures[material], network, outcome, self.parameters)
        return loss, outcome.converged, outcome.iterations

    def _spared(
        self, material: str, scenarios: Sequence[Scenario], exemption: Exemption
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """Return losses and whether each market cleared where restrictions of these sellers spare the focus."""
        network = self.networks[material].pooled(self.parameters.pooled)
        behaviour, exposure = self.behaviours[material], self.exposures[material]
        shock = responses.shock(network, _disruptions(material, scenarios), behaviour)
        banned, limited, quota = shock.banned.copy(), shock.restricted.copy(), shock.quota.copy()
        here = [network.nodes.index(code) for code in exposure.members if code in network.nodes]
        for row, scenario in enumerate(scenarios):
            for country, stage, export_loss in scenario:
                if (stage, country) not in exemption or stage not in network.stages:
                    continue
                k, i = network.stages.index(stage), network.nodes.index(country)
                held = network.flow[k, i, here][limited[row, k, i, here]].sum() * (1.0 - export_loss)
                # The others share what is left once the focus is out of the quota: nothing where it was the only buyer.
                quota[row, k, i] = max(quota[row, k, i] - held, 0.0)
                banned[row, k, i, here] = limited[row, k, i, here] = False
        opened = replace(shock, banned=banned, restricted=limited, quota=quota)
        chain, response = responses.chain(network), responses.response(network, behaviour)
        outcome = kernel.solve(chain, response, opened, most=ITERATIONS)
        return losses.gdp_loss(exposure, network, outcome, self.parameters), outcome.converged


def loss_model(
    case: Case,
    focus: str,
    year: str,
    named: Mapping[str, Iterable[str]],
    *,
    known: Iterable[Network] = (),
    economy: Economy | None = None,
    nodes: int = NODES,
) -> LossModel:
    """Return the loss model of a focus for the materials whose network is known.

    named    material -> countries that its network tells apart: sellers that may be affected, partners
    known    networks that are there already and name their countries; the others are built
    economy  of the focus; None = read from the Case
    nodes    other countries named one by one, at most; 0 = nobody but those named
    """
    economy = industries.economy(case, focus, year) if economy is None else economy
    inside = members(case, focus, year)
    there = {network.material: [network] for network in known}
    built = {}
    for material, countries in named.items():
        recorded = there.get(material) or networks(case, [material], year, nodes=nodes, named=countries)
        for network in recorded or speaking(case, inside, [material], year):
            built[material] = with_added_output(network.for_focus(inside), case)
    return LossModel(
        built,
        {material: _behaviour(network, case) for material, network in built.items()},
        {material: losses.exposure(case, focus, network, economy) for material, network in built.items()},
        _exemptions(case, focus, built),
        losses.parameters(case),
    )


def with_added_output(network: Network, case: Case) -> Network:
    """Return the network with output that levers add beside what is fed on record (added_output), used at home.

    The recorded use of the stage before feeds none of it: c' = c x / (x + added), and its share of cost likewise.
    """
    if "added_output" not in case.cubes:
        return network
    at = (case.axis("material").at(network.material), case.axis("year").at(network.year))
    added = _on_nodes(network, case, case.array("added_output", "material", "year", "stage", "country")[at])
    whole = network.output + added
    fed = np.divide(network.output, whole, out=np.ones_like(whole), where=whole > 0)
    return replace(
        network,
        flow=network.flow + np.eye(len(network.nodes)) * added[:, None, :],
        input_coverage=network.input_coverage * fed,
        cost=network.cost * fed,
    )


def _behaviour(network: Network, case: Case) -> Behaviour:
    """Return fitted behaviour with users' own demand; own stocks are spent month by month."""
    usual = with_derived_demand(case, network, behaviours.fitted(network, case))
    return without_own_stock(network, usual, network.members)


def _on_nodes(network: Network, case: Case, table: Floats) -> Floats:
    """Return values (stage, country) of a Case on the stages and nodes of a network (K, n), 0 for the rest."""
    values = np.zeros((len(network.stages), len(network.nodes)))
    here = [j for j, node in enumerate(network.nodes) if node != REST]
    countries = case.axis("country").positions([network.nodes[j] for j in here])
    values[:, here] = table[np.ix_(case.axis("stage").positions(network.stages), countries)]
    return values


def _exemptions(case: Case, focus: str, built: Mapping[str, Network]) -> dict[str, Exemption]:
    """Return the part of each seller's restrictions that spares the focus, by material."""
    if "exemption" not in case.cubes:
        return {}
    at, values = case.entries("exemption", "material", "stage", "country:exporter", "country:importer")
    belongs = case.array("membership", "focus", "country", "year")[case.axis("focus").at(focus), :, -1] > 0
    codes = [case.axis(name).codes for name in ("material", "stage", "country")]
    parts: dict[str, dict[tuple[str, str], float]] = {}
    for (m, s, seller, buyer), part in zip(at.T.tolist(), values.tolist(), strict=True):
        if belongs[buyer] and part > 0 and codes[0][m] in built:
            parts.setdefault(codes[0][m], {})[codes[1][s], codes[2][seller]] = part
    return dict(parts)


def _disruptions(material: str, scenarios: Sequence[Scenario]) -> list[list[Disruption]]:
    """Return scenarios in the terms of the market engine."""
    events = dict.fromkeys(event for row in scenarios for event in row)
    known = {event: Disruption("exports", (material,), event[0], (event[1],), (), event[2]) for event in events}
    return [[known[event] for event in row] for row in scenarios]


def _exempt_part(scenario: Scenario, exemption: Exemption) -> float:
    """Return the mean part that spares the focus over the sellers of a scenario; 0 where none spares it."""
    parts = [exemption[stage, country] for country, stage, _ in scenario if (stage, country) in exemption]
    return float(np.mean(parts)) if parts else 0.0
