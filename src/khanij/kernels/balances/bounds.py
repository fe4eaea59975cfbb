"""The least and the most of a country's use that can come from, or pass through, another: what balances alone allow.

Mixing is an assumption; these bounds need none. Take the observed balances as a flow network: one node a (country,
stage); arcs = trade T, and from (c, s-1) to (c, s) the part of c's output of stage s that its own supply of stage s-1
can have fed; sources = own output P at the stage where origin is counted, and supply of unknown origin; sinks = use.

Origin is a split of the flows into one part an origin, each part conserved at every node, the parts adding up to the
observed flows on every arc.

Most. Any part of origin c that ends in the use of d is a flow <= T from P_c to use_d, so it is at most the maximum
flow. Conversely take a maximum flow g. What is left, T - g, is not negative and still conserved everywhere, with
sources P less what g took and sinks likewise, so it splits into paths from sources to sinks and circulations; giving
each path to the source it starts from (and circulations to anybody) completes g to a split. So the bound is reached.
Least. The parts of all origins add up to use_d; the most that all others can bring together is, by the same argument
with their sources joined, a maximum flow; so least = use_d - that.
Passing through h. Most: let g be a maximum flow from node h, fed without limit but sending no more than its pool, to
use_d. In T - g node h takes in v more than it sends, v = value of g, so v of T - g's paths end in h; each joined to a
path of g is a way from a source through h to d, and arcs are not used twice. Least: use_d less the maximum flow from
all sources with node h taken out.
Supply of unknown origin may be anybody's: it helps in every "most" and in none of the "least".
Several sinks (a group of countries) are joined. A stage whose trade is not recorded gets a free market (a hub that
takes in what each country makes and gives to whoever needs it), so its bounds are wide.
The linear programs of Cheng et al. 2024 (doi 10.1038/s41467-024-46418-1) are this flow problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from khanij.kernels.balances.maxflow import ArcNetwork, maximum_flow, network
from khanij.kernels.balances.origin import Balance, Flags, Floats, feed


@dataclass(frozen=True, slots=True)
class Layers:
    """The flow network of one question: which stages, whose use.

    capacity  base capacities, entry arcs (the start of "through h") closed
    own       own[c] = arc of c's output at the first stage, or -1
    entry     entry[s][c] = arc from the source into node (c, stage s), or -1; opened with pool[s][c]
    leaving   leaving[s][c] = arcs that leave node (c, stage s)
    used      t, use of all sinks together
    """

    graph: ArcNetwork
    capacity: list[float]
    own: list[int]
    entry: list[list[int]]
    pool: list[Floats]
    leaving: list[dict[int, list[int]]]
    source: int
    sink: int
    used: float


@dataclass(slots=True)
class _Arcs:
    """Arcs while they are being listed."""

    tail: list[int] = field(default_factory=list)
    head: list[int] = field(default_factory=list)
    capacity: list[float] = field(default_factory=list)

    def add(self, tail: int, head: int, capacity: float) -> int:
        """Add an arc and return its number."""
        self.tail.append(tail)
        self.head.append(head)
        self.capacity.append(float(capacity))
        return len(self.tail) - 1


def layers(chain: Sequence[Balance], at: int, use: int, sinks: Flags) -> Layers:
    """Return the network from origins at stage `at` to the use of stage `use` in the countries where `sinks` holds.

    chain  stages on n countries, without leading axes      sinks  (n,) true = its use counts
    """
    n = len(sinks)
    depth = use - at + 1
    source, sink, hubs = n * depth, n * depth + 1, n * depth + 2
    arcs = _Arcs()
    entry: list[list[int]] = []
    leaving: list[dict[int, list[int]]] = []
    own = [-1] * n
    for s, stage in enumerate(chain[at : use + 1]):
        first = n * s
        out: dict[int, list[int]] = {}
        for c in np.nonzero(stage.unknown > 0)[0].tolist():
            arcs.add(source, first + c, stage.unknown[c])
        for c in np.nonzero(stage.own > 0)[0].tolist():
            if s == 0:
                own[c] = arcs.add(source, c, stage.own[c])
        if s:
            _join(arcs, chain[at + s - 1], stage, n * (s - 1), first, source, leaving[-1])
        if not stage.traded:
            _market(arcs, stage.own, first, hubs + s, out)
        for c, d in np.argwhere(stage.trade > 0).tolist():
            if s < depth - 1 or not (sinks[c] and sinks.sum() == 1):  # what the only sink sends on never comes back
                out.setdefault(c, []).append(arcs.add(first + c, first + d, stage.trade[c, d]))
        active = stage.pool > 0
        entry.append([arcs.add(source, first + c, 0.0) if active[c] else -1 for c in range(n)])
        leaving.append(out)
    last = chain[use]
    for d in np.nonzero(sinks & (last.use > 0))[0].tolist():
        leaving[-1].setdefault(d, []).append(arcs.add(n * (depth - 1) + d, sink, last.use[d]))
    graph = network(hubs + depth, arcs.tail, arcs.head)
    pools = [stage.pool for stage in chain[at : use + 1]]
    return Layers(graph, arcs.capacity, own, entry, pools, leaving, source, sink, float(last.use[sinks].sum()))


def _join(
    arcs: _Arcs, before: Balance, stage: Balance, lower: int, upper: int, source: int, out: dict[int, list[int]]
) -> None:
    """Add the arcs from one stage to the next, and the unknown feed of output that the earlier stage cannot explain."""
    fed = feed(before, stage)
    for c in np.nonzero(stage.own > 0)[0].tolist():
        most = stage.own[c] if not before.traded else stage.own[c] * fed[c]
        if most > 0:
            out.setdefault(c, []).append(arcs.add(lower + c, upper + c, most))
        if fed[c] < 1:
            arcs.add(source, upper + c, stage.own[c] * (1.0 - fed[c]))


def _market(arcs: _Arcs, own: Floats, first: int, hub: int, out: dict[int, list[int]]) -> None:
    """Add a free market: every producer may sell all it makes, every country may buy."""
    whole = float(own.sum())
    for c in range(len(own)):
        if own[c] > 0:
            out.setdefault(c, []).append(arcs.add(first + c, hub, own[c]))
        arcs.add(hub, first + c, whole)


def origin_bounds(question: Layers, countries: Iterable[int]) -> tuple[Floats, Floats]:
    """Return the least and the most share of the use that can come from each of these countries, each (k,).

    Origin is own output at the first stage of the network. nan where nothing is used.
    """
    lows, highs = [], []
    arcs = [arc for arc in question.own if arc >= 0]
    for c in countries:
        arc = question.own[c]
        limit = list(question.capacity)
        if arc >= 0:
            limit[arc] = 0.0
        lows.append(_flow(question, limit))
        limit = list(question.capacity)
        for other in arcs:
            if other != arc:
                limit[other] = 0.0
        highs.append(_flow(question, limit))
    return _share(question, lows, highs)


def passage_bounds(question: Layers, countries: Iterable[int], ever: bool = False) -> tuple[Floats, Floats]:
    """Return the least and the most share of the use that can have been in each of these countries, each (k,).

    ever  at any stage of the network; otherwise at its first stage
    """
    lows, highs = [], []
    stages = range(len(question.entry) if ever else 1)
    for c in countries:
        limit = list(question.capacity)
        for s in stages:
            for arc in question.leaving[s].get(c, ()):
                limit[arc] = 0.0
        lows.append(_flow(question, limit))
        limit = list(question.capacity)
        for arc in question.own:
            if arc >= 0:
                limit[arc] = 0.0
        for s in stages:
            if question.entry[s][c] >= 0:
                limit[question.entry[s][c]] = float(question.pool[s][c])
        highs.append(_flow(question, limit))
    return _share(question, lows, highs)


def _flow(question: Layers, capacity: list[float]) -> float:
    """Return the maximum flow into the sinks under these capacities."""
    return maximum_flow(question.graph, capacity, question.source, question.sink, question.used)


def _share(question: Layers, without: list[float], alone: list[float]) -> tuple[Floats, Floats]:
    """Return the low and high share from the flow without a country and the flow of it alone."""
    if question.used <= 0:
        return np.full(len(without), np.nan), np.full(len(alone), np.nan)
    low = 1.0 - np.array(without) / question.used
    return np.clip(low, 0.0, 1.0), np.clip(np.array(alone) / question.used, 0.0, 1.0)
