"""Largest flow through a network with limited arcs (Dinic 1970), in plain Python on small sparse graphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArcNetwork:
    """Arcs in pairs: arc 2i goes tail -> head, arc 2i + 1 back; `at[v]` lists the arcs that leave v."""

    head: tuple[int, ...]
    at: tuple[tuple[int, ...], ...]


def network(nodes: int, tail: Sequence[int], head: Sequence[int]) -> ArcNetwork:
    """Return the network of these arcs; nodes are 0 .. nodes - 1, parallel arcs are allowed."""
    leaving: list[list[int]] = [[] for _ in range(nodes)]
    heads: list[int] = []
    for arc, (v, w) in enumerate(zip(tail, head, strict=True)):
        leaving[v].append(2 * arc)
        leaving[w].append(2 * arc + 1)
        heads += (w, v)
    return ArcNetwork(tuple(heads), tuple(map(tuple, leaving)))


def maximum_flow(
    graph: ArcNetwork, capacity: Sequence[float], source: int, sink: int, most: float = float("inf")
) -> float:
    """Return the largest flow from source to sink, at most `most`.

    capacity  one number >= 0 an arc, in the order in which network() got the arcs
    Exact up to rounding: what is free counts as full below 1e-12 of `most` or of the sink's arcs, whichever is less.
    """
    free: list[float] = [0.0] * (2 * len(capacity))
    free[::2] = capacity
    small = 1e-12 * min(most, sum(free[arc ^ 1] for arc in graph.at[sink]))
    total = 0.0
    while most - total > small:
        level = _levels(graph, free, source, sink, small)
        if level[source] < 0:
            break
        total += _block(graph, free, level, source, sink, small, most - total)
    return total


def _levels(graph: ArcNetwork, free: list[float], source: int, sink: int, small: float) -> list[int]:
    """Return the number of free arcs from each node to the sink, -1 where there is no way; stops at the source."""
    level = [-1] * len(graph.at)
    level[sink] = 0
    ring, depth = [sink], 0
    head, at = graph.head, graph.at
    while ring and level[source] < 0:
        depth += 1
        wider = []
        for v in ring:
            for arc in at[v]:
                w = head[arc]
                if level[w] < 0 and free[arc ^ 1] > small:
                    level[w] = depth
                    wider.append(w)
        ring = wider
    return level


def _block(
    graph: ArcNetwork, free: list[float], level: list[int], source: int, sink: int, small: float, most: float
) -> float:
    """Push flow along shortest ways until every one of them is blocked; return how much was pushed."""
    head, at = graph.head, graph.at
    turn = [0] * len(at)
    total, path, v = 0.0, list[int](), source
    while True:
        if v == sink:
            push = min(most - total, min(free[arc] for arc in path))
            total += push
            back = len(path)
            for k, arc in enumerate(path):
                free[arc] -= push
                free[arc ^ 1] += push
                if free[arc] <= small and k < back:
                    back = k
            if most - total <= small or back == len(path):
                return total
            v = head[path[back] ^ 1]
            del path[back:]
        arcs, below = at[v], level[v] - 1
        k = turn[v]
        while k < len(arcs) and not (free[arcs[k]] > small and level[head[arcs[k]]] == below):
            k += 1
        turn[v] = k
        if k < len(arcs):
            path.append(arcs[k])
            v = head[arcs[k]]
        elif path:
            v = head[path.pop() ^ 1]
            turn[v] += 1
        else:
            return total
