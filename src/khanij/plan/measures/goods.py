"""What a country buys, sells, makes and uses of a good, read off the network of its material."""

from __future__ import annotations

import numpy as np

from khanij.simulate.supply.networks import REST, Network


def consumption(network: Network, focus: str, stage: str) -> float:
    """Return what the focus uses of a stage, t a year."""
    return float(network.use[network.stages.index(stage), network.at(focus)])


def home(network: Network, focus: str, stage: str) -> float:
    """Return what the focus makes and uses itself, t a year."""
    j = network.at(focus)
    return float(network.flow[network.stages.index(stage), j, j])


def output(network: Network, focus: str, stage: str) -> float:
    """Return what the focus makes of a stage, t a year."""
    return float(network.output[network.stages.index(stage), network.at(focus)])


def imports(network: Network, focus: str, stage: str) -> float:
    """Return what the focus buys abroad, t a year."""
    k, j = network.stages.index(stage), network.at(focus)
    return float(network.flow[k, :, j].sum() - network.flow[k, j, j])


def exports(network: Network, country: str, stage: str) -> float:
    """Return what a country sells abroad, t a year; 0 where the network does not name it."""
    if country not in network.nodes:
        return 0.0
    k, i = network.stages.index(stage), network.nodes.index(country)
    return float(network.flow[k, i].sum() - network.flow[k, i, i])


def share(network: Network, seller: str, focus: str, stage: str) -> float:
    """Return a seller's part in what the focus uses, 0..1."""
    use = consumption(network, focus, stage)
    if seller not in network.nodes or use <= 0:
        return 0.0
    k, i = network.stages.index(stage), network.nodes.index(seller)
    return float(network.flow[k, i, network.at(focus)]) / use


def exporters(network: Network, focus: str, stage: str) -> tuple[str, ...]:
    """Return who sells the good abroad, largest first, without the focus and the rest of the world."""
    k = network.stages.index(stage)
    sold = network.flow[k].sum(axis=1) - network.flow[k].diagonal()
    order = [network.nodes[n] for n in sold.argsort()[::-1].tolist()]
    return tuple(name for name in order if name not in (focus, REST))


def largest_other(network: Network, focus: str, stage: str, partner: str) -> tuple[str, float] | None:
    """Return the largest seller to the focus besides a partner, and its part in use; None where nobody else sells."""
    k, j = network.stages.index(stage), network.at(focus)
    bought = network.flow[k, :, j].copy()
    bought[j] = 0.0
    for left in (REST, partner):
        if left in network.nodes:
            bought[network.nodes.index(left)] = 0.0
    i = int(bought.argmax())
    return (network.nodes[i], float(bought[i] / network.use[k, j])) if bought[i] > 0 else None


def unit_value(network: Network, focus: str, stage: str) -> float:
    """Return what a tonne of use of the focus is worth, USD/t; nan where no value is known."""
    return float(network.worth[network.stages.index(stage), network.at(focus)])


def world_value(network: Network, stage: str) -> float:
    """Return the value of a tonne in the world's trade, USD/t; nan where none is known."""
    return float(np.asarray(network.value)[network.stages.index(stage)])
