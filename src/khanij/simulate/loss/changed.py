"""The loss model of a Case that levers changed: what they add in stocks, output and exemptions is heard here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from khanij.core.case import Case
from khanij.core.cube import Floats, Positions
from khanij.kernels import market as kernel
from khanij.simulate.loss import losses
from khanij.simulate.loss.industries import Economy
from khanij.simulate.loss.loss_model import ITERATIONS, LossModel
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply.disruption import Disruption, Scenario
from khanij.simulate.supply.networks import REST, Network, networks
from khanij.simulate.supply.responses import Behaviour

Spared = Mapping[tuple[str, str], float]  # (stage, seller) -> part of its restrictions that spares the focus


@dataclass(frozen=True, slots=True)
class Changed:
    """A solver whose focus may be spared: material -> (stage, seller) -> part of restrictions that spares it.

    Losses are the mean of "spared" and "not spared", weighed by that part (of several sellers struck, its mean).
    """

    solver: LossModel
    spared: Mapping[str, Spared] = field(default_factory=dict)

    def __call__(
        self, material: str, scenarios: Sequence[Scenario]
    ) -> tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]:
        """Return losses (S,), solved (S,) and iterations (S,); see simulate.solver.Solver."""
        plain, solved, rounds = self.solver(material, scenarios)
        spared = self.spared.get(material, {})
        part = np.array([_part(scenario, spared) for scenario in scenarios])
        at = np.nonzero(part > 0)[0]
        if not len(at):
            return plain, solved, rounds
        other, fine = self._open(material, [scenarios[i] for i in at.tolist()], spared)
        plain, solved = plain.copy(), solved.copy()
        plain[at] = (1.0 - part[at]) * plain[at] + part[at] * other
        solved[at] &= fine
        return np.where(solved, plain, np.nan), solved, rounds

    def _open(self, material: str, scenarios: Sequence[Scenario], spared: Spared) -> tuple[Floats, NDArray[np.bool_]]:
        """Return losses and whether each market cleared where restrictions of these sellers spare the focus."""
        own = self.solver
        network, behaviour, stake = own.networks[material], own.behaviours[material], own.stakes[material]
        struck = [[Disruption("exports", (material,), c, (s,), (), cut) for c, s, cut in row] for row in scenarios]
        shock = responses.shock(network, struck, behaviour)
        banned, limited, quota = shock.banned.copy(), shock.restricted.copy(), shock.quota.copy()
        here = [network.nodes.index(code) for code in stake.members if code in network.nodes]
        for row, scenario in enumerate(scenarios):
            for country, stage, cut in scenario:
                if (stage, country) not in spared or stage not in network.stages:
                    continue
                k, i = network.stages.index(stage), network.nodes.index(country)
                held = network.flow[k, i, here][limited[row, k, i, here]].sum() * (1.0 - cut)
                quota[row, k, i] -= held  # the others share what is left once the focus is out of the quota
                banned[row, k, i, here] = limited[row, k, i, here] = False
        opened = replace(shock, banned=banned, restricted=limited, quota=quota)
        chain, response = responses.chain(network), responses.response(network, behaviour)
        outcome = kernel.solve(chain, response, opened, most=ITERATIONS)
        return losses.gdp_loss(stake, network, outcome, own.psi, own.exposed), outcome.converged


def solver(
    case: Case,
    focus: str,
    year: str,
    named: Mapping[str, Sequence[str]],
    economy: Economy,
    known: Mapping[str, Network] | None = None,
) -> Changed:
    """Return the loss model on networks that name exactly these countries, so that with and without are alike.

    named  material -> countries; its network tells no others apart
    known  networks of this Case that are there already; None = all are built
    """
    found, stake, behaviour = {}, {}, {}
    for material, countries in named.items():
        there = [known[material]] if known else networks(case, [material], year, nodes=0, named=countries)
        for plain in there:
            network = grown(plain, case)
            found[material] = network
            stake[material] = losses.exposure(case, focus, network, economy)
            usual = behaviours.fitted(network, behaviours.companion(case, material))
            behaviour[material] = covered(usual, network, case)
    return Changed(LossModel(found, behaviour, stake), _spared(case, focus, year, found))


def grown(network: Network, case: Case) -> Network:
    """Return the network with output that levers add where no source covers output (added_output), used at home."""
    if "added_output" not in case.cubes:
        return network
    at = (case.axis("material").at(network.material), case.axis("year").at(network.year))
    extra = case.array("added_output", "material", "year", "stage", "country")[at]
    flow = network.flow.copy()
    for k, stage in enumerate(network.stages):
        for j, node in enumerate(network.nodes):
            if node != REST:
                flow[k, j, j] += extra[case.axis("stage").at(stage), case.axis("country").at(node)]
    return replace(network, flow=flow)


def covered(usual: Behaviour, network: Network, case: Case) -> Behaviour:
    """Return the behaviour with the days of cover that levers add (stock_cover) to those in its ranges."""
    if "stock_cover" not in case.cubes:
        return usual
    days = case.array("stock_cover", "material", "stage", "country")[case.axis("material").at(network.material)]
    more = np.zeros((len(network.stages), len(network.nodes)))
    for k, stage in enumerate(network.stages):
        for j, node in enumerate(network.nodes):
            if node != REST:
                more[k, j] = np.nan_to_num(days[case.axis("stage").at(stage), case.axis("country").at(node)])
    return replace(usual, stock=np.clip(usual.stock + more / behaviours.DAYS, 0.0, 1.0))


def _spared(case: Case, focus: str, year: str, found: Mapping[str, Network]) -> dict[str, Spared]:
    """Return the part of each seller's restrictions that spares the focus, by material."""
    if "exemption" not in case.cubes:
        return {}
    at, values = case.entries("exemption", "material", "stage", "country:exporter", "country:importer")
    belongs = case.array("membership", "focus", "country", "year")[case.axis("focus").at(focus), :, -1] > 0
    out: dict[str, dict[tuple[str, str], float]] = {}
    for (m, s, seller, buyer), part in zip(_columns(at), values.tolist(), strict=True):
        material = case.axis("material").codes[m]
        if belongs[buyer] and part > 0 and material in found:
            out.setdefault(material, {})[case.axis("stage").codes[s], case.axis("country").codes[seller]] = part
    return {material: parts for material, parts in out.items()}


def _columns(at: Positions) -> list[tuple[int, ...]]:
    """Return positions entry by entry."""
    return [tuple(column) for column in at.T.tolist()]


def _part(scenario: Scenario, spared: Spared) -> float:
    """Return the mean part that spares the focus over the sellers struck in a scenario; 0 where none spares it."""
    parts = [spared[stage, country] for country, stage, _ in scenario if (stage, country) in spared]
    return float(np.mean(parts)) if parts else 0.0
