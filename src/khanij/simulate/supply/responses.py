"""What a year looks like after disruptions, once prices have cleared: networks answered by the market engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from khanij.core.cube import Floats
from khanij.core.errors import CoverageError
from khanij.kernels.markets import market as kernel
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import REST, Network

FURTHEST = float(np.log(1e6))  # log of the highest price or rent from which a market is looked for
WHOLE = 0.999  # part of a flow that counts as all of it: the links are shut and no quota is left to clear


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a chain's buyers and sellers answer within a year; each (K,) or (B, K), one column a stage, stock (B, K, n).

    sigma      between sources     demand  elasticity of what users ask for, > 0     supply  elasticity of output, >= 0
    spare      output that can be added within the year, as a part of the base year's; inf = no limit
    stock      part of a year's use that users can meet from stock
    byproduct  part of output that is blind to its own price, 0..1
    choke      price above which users leave, in base prices
    shut       part of its cost below which a maker's price makes it stop
    """

    sigma: Floats
    demand: Floats
    supply: Floats
    spare: Floats
    stock: Floats
    byproduct: Floats
    choke: float
    shut: float


@dataclass(frozen=True, slots=True)
class FocusEffect:
    """What B scenarios mean for a focus, (B, K) each.

    use, base   t used, and in the base year     drawn  t taken from stock
    price       what its users pay a tonne, in base prices, weighted by what they buy; nan where they buy nothing
    spending, base_spending   base-price tonnes
    output, base_output       t made and sold at home     earned  price its makers get, in base prices
    converged   (B,)          iterations  (B,)
    """

    use: Floats
    base: Floats
    drawn: Floats
    price: Floats
    spending: Floats
    output: Floats
    base_output: Floats
    earned: Floats
    converged: NDArray[np.bool_]
    iterations: NDArray[np.int64]

    @property
    def shortage(self) -> Floats:
        """Return the part of base use that is not met (B, K), from 0; nan where nothing was used."""
        met = np.divide(self.use, self.base, out=np.full_like(self.use, np.nan), where=self.base > 0)
        return np.maximum(1.0 - met, 0.0)


def chain(network: Network) -> kernel.MarketChain:
    """Return the arrays of a network that the market engine takes."""
    return kernel.MarketChain(network.flow, network.share_processed, network.cost)


def shock(network: Network, scenarios: Sequence[Sequence[Disruption]], behaviour: Behaviour) -> kernel.MarketShock:
    """Return the shocks of B scenarios; a disruption of goods that the network does not hold changes nothing.

    Raises CoverageError for a seller, or destinations none of which the network tells apart from the rest.
    """
    b, (k, n) = len(scenarios), network.share_processed.shape
    lost = np.zeros((b, k, n, n))
    wedge = np.ones((b, k, n, n))
    left = np.ones((b, k, n))
    abroad = ~np.eye(n, dtype=bool)
    at: dict[int, tuple[Disruption, list[int]]] = {}  # by identity: hashes take longer than the rest
    for row, disruptions in enumerate(scenarios):
        for d in disruptions:
            at.setdefault(id(d), (d, []))[1].append(row)
    for d, rows in at.values():
        for stage in (s for s, name in enumerate(network.stages) if d.affects(network.material, name)):
            seller = _place(network, d.country)
            to = _destinations(network, d) & abroad[seller]
            if d.acts == "exports":
                lost[rows, stage, seller] = np.maximum(lost[rows, stage, seller], d.lost * to)
            elif d.acts == "tariff":
                np.multiply.at(wedge[:, stage, seller], rows, np.where(to, 1.0 + d.lost, 1.0))  # twice if named twice
            else:
                left[rows, stage, seller] = np.minimum(left[rows, stage, seller], 1.0 - d.lost)
    restricted = lost > 0
    allowed = (network.flow * (1.0 - lost) * restricted).sum(axis=3)
    open_ = (restricted & (lost < WHOLE)).any(axis=3)
    spare = np.broadcast_to(np.atleast_2d(behaviour.spare), (b, k))[:, :, None]
    return kernel.MarketShock(
        capacity=np.where(left < 1.0, np.where(left > 1.0 - WHOLE, left, 0.0), 1.0 + spare),
        wedge=wedge,
        banned=restricted & (lost >= WHOLE),
        quota=np.where(open_, allowed, np.inf),
        restricted=restricted & (lost < WHOLE),
        stock=np.broadcast_to(behaviour.stock, (b, k, n)),
    )


def _place(network: Network, country: str) -> int:
    """Return the place of a seller; refuse one of the rest, whose flows are not told apart."""
    if country not in network.nodes:
        raise CoverageError(
            f"{country} is one of the rest of the world in the network of {network.material}",
            where="disruption",
            hint="name it when the network is built",
        )
    return network.nodes.index(country)


def _destinations(network: Network, d: Disruption) -> NDArray[np.bool_]:
    """Return which nodes are cut off (n,); everybody where none is named, the rest never."""
    if not d.destinations:
        return np.ones(len(network.nodes), dtype=bool)
    found = np.array([node in d.destinations and node != REST for node in network.nodes])
    if not found.any():
        raise CoverageError(
            f"{', '.join(d.destinations[:5])}: among the rest of the world in the network of {network.material}",
            where="disruption",
            hint="name the destinations when the network is built",
        )
    return found


def response(network: Network, behaviour: Behaviour) -> kernel.Response:
    """Return the elasticities in the shape that the market engine takes."""
    wide = {name: np.atleast_2d(getattr(behaviour, name)) for name in ("demand", "supply", "byproduct")}
    return kernel.Response(
        sigma=np.atleast_2d(behaviour.sigma),
        demand=wide["demand"][:, :, None],
        supply=wide["supply"][:, :, None],
        byproduct=wide["byproduct"][:, :, None],
        choke=np.full((1, 1, 1), behaviour.choke),
        shut=np.full((1, 1, 1), behaviour.shut),
    )


def respond(
    network: Network,
    scenarios: Sequence[Sequence[Disruption]],
    behaviour: Behaviour,
    most: int = 60,
    start: tuple[Floats, Floats] | None = None,
) -> kernel.Outcome:
    """Return the year after each of B scenarios; start: prices and rents (B, K, n) to look from, None = base year."""
    given = shock(network, scenarios, behaviour)
    return kernel.solve(chain(network), response(network, behaviour), given, start=start, most=most)


def product_of_single(
    network: Network, scenarios: Sequence[Sequence[Disruption]], behaviour: Behaviour, most: int = 60
) -> tuple[Floats, Floats]:
    """Return prices and rents (B, K, n) to start from: the products of those of each disruption happening by itself.

    scenarios  that share what is the same disruption      behaviour  one row
    A disruption that is not solved by itself counts as none.
    """
    known = {id(d): d for row in scenarios for d in row}
    place = {one: n for n, one in enumerate(known)}
    which = [[place[id(d)] for d in row] for row in scenarios]
    shape = (len(scenarios), *network.share_processed.shape)
    if not known:
        return np.ones(shape), np.ones(shape)
    alone = respond(network, [[d] for d in known.values()], behaviour, most)
    solved = alone.converged[:, None, None]
    count, size = len(known), network.share_processed.size
    logs = [
        np.log(np.where(solved & np.isfinite(values), values, 1.0)).reshape(count, size)
        for values in (alone.price, alone.rent)
    ]
    happens = np.zeros((len(scenarios), count))
    happens[np.repeat(np.arange(len(which)), [len(row) for row in which]), [n for row in which for n in row]] = 1.0
    price, rent = (np.exp(np.minimum(happens @ each, FURTHEST)).reshape(shape) for each in logs)
    return price, rent


def effect(network: Network, outcome: kernel.Outcome, members: Sequence[str]) -> FocusEffect:
    """Return what the outcome means for the users and makers of some countries together; those unnamed are left out."""
    at = [network.nodes.index(code) for code in members if code in network.nodes]
    base, made = network.use[:, at].sum(axis=1), network.output[:, at].sum(axis=1)
    bought = outcome.trade[:, :, :, at].sum(axis=(2, 3))
    spending = outcome.spending[:, :, at].sum(axis=2)
    sold = outcome.output[:, :, at] - outcome.unsold[:, :, at]
    output = sold.sum(axis=2)
    earned = np.nansum(outcome.price[:, :, at] * sold, axis=2)
    drawn = outcome.drawn[:, :, at].sum(axis=2)
    nothing = np.full_like(bought, np.nan)
    return FocusEffect(
        use=bought + drawn,
        base=np.broadcast_to(base, bought.shape),
        drawn=drawn,
        price=np.divide(spending, bought, out=nothing.copy(), where=bought > 0),
        spending=spending,
        output=output,
        base_output=np.broadcast_to(made, output.shape),
        earned=np.divide(earned, output, out=nothing.copy(), where=output > 0),
        converged=outcome.converged,
        iterations=outcome.iterations,
    )
