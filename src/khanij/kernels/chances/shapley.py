"""Shapley shares: what each of n players adds, on average over every order in which they can come.

φ_i = Σ_{S without i} |S|! (n - |S| - 1)! / n! · (v(S with i) - v(S))

A coalition is a bit mask: player i is in coalition s where bit i of s is set, so the values of all coalitions are one
array (..., 2^n) in the order of the masks, v[0] that of nobody. The shares add up to v(all) - v(nobody); players that
add the same get the same; one that adds nothing gets nothing; the shares of a sum of games are the sums of the shares.
Reference: Shapley 1953, Annals of Mathematics Studies 28:307-317; antithetic orders: Mitchell et al. 2022, JMLR 23(43).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
EXACT = 12  # players up to which all 2^n coalitions are asked for


@dataclass(frozen=True)
class ShapleyShares:
    """Shares (..., n) in the unit of the value, their standard errors (..., n), 0 where exact, and coalitions asked."""

    value: Floats
    error: Floats
    asked: int


def coalitions(players: int) -> Flags:
    """Return who is in every coalition (2^n, n), row s the players whose bit is set in s."""
    return (np.arange(2**players)[:, None] >> np.arange(players) & 1).astype(bool)


def exact(values: ArrayLike) -> Floats:
    """Return the Shapley shares of a game whose every coalition is valued.

    values (..., 2^n) any unit, by bit mask
    returns (..., n), same unit. Raises ValueError where the last axis is no power of 2.
    """
    game = np.asarray(values, dtype=np.float64)
    players = game.shape[-1].bit_length() - 1
    if game.shape[-1] != 2**players:
        raise ValueError(f"values of all coalitions are a power of 2, not {game.shape[-1]}")
    size = np.bitwise_count(np.arange(2**players)).astype(np.int64)
    weight = np.array([factorial(k) * factorial(players - 1 - k) / factorial(players) for k in range(players)])
    share = np.empty((*game.shape[:-1], players))
    for player in range(players):
        # Splitting the axis at the player's bit pairs each coalition without it with the same one joined by it.
        split = game.reshape(*game.shape[:-1], -1, 2, 2**player)
        without = size.reshape(-1, 2, 2**player)[:, 0, :]
        added = split[..., 1, :] - split[..., 0, :]
        share[..., player] = np.einsum("...ab,ab->...", added, weight[without])
    return share


def sampled(
    value: Callable[[Flags], ArrayLike], players: int, pairs: int, stream: np.random.Generator, batch: int = 256
) -> ShapleyShares:
    """Return Shapley shares averaged over random orders, each taken forwards and backwards.

    value   the worth of coalitions: (B, n) flags -> (B,)
    pairs   orders drawn, at least 2; each costs 2 n - 2 coalitions beside everybody and nobody
    stream  seeded generator;  batch  pairs valued in one call
    returns shares (n,), with standard errors over pairs: a pair is one draw, so what it averages out is not counted.
    The shares add up to v(all) - v(nobody) exactly. Raises ValueError on fewer than 2 pairs or players below 1.
    """
    if pairs < 2 or players < 1:
        raise ValueError("sampling needs two pairs of orders and a player")
    nobody, everybody = np.asarray(value(np.array([[False] * players, [True] * players])), dtype=np.float64)
    total, square, asked = np.zeros(players), np.zeros(players), 2
    for start in range(0, pairs, batch):
        drawn = min(batch, pairs - start)
        order = stream.permuted(np.tile(np.arange(players), (drawn, 1)), axis=1)
        place = np.argsort(order, axis=1)
        # Row k of an order holds its first k players; the rows backwards are the complements of these.
        inside = place[:, None, :] < np.arange(1, players)[None, :, None]
        both = np.stack([inside, ~inside])
        worth = np.asarray(value(both.reshape(-1, players)), dtype=np.float64).reshape(2, drawn, players - 1)
        asked += worth.size
        edge = np.full((drawn, 1), nobody), np.full((drawn, 1), everybody)
        forth = np.diff(np.concatenate([edge[0], worth[0], edge[1]], axis=1), axis=1)
        back = -np.diff(np.concatenate([edge[1], worth[1], edge[0]], axis=1), axis=1)
        added = np.take_along_axis((forth + back) / 2, place, axis=1)
        total += added.sum(axis=0)
        square += (added**2).sum(axis=0)
    mean = total / pairs
    spread = np.maximum(square - pairs * mean**2, 0.0) / (pairs - 1)
    return ShapleyShares(mean, np.sqrt(spread / pairs), asked)


def shares(
    value: Callable[[Flags], ArrayLike], players: int, stream: np.random.Generator | None = None, pairs: int = 1000
) -> ShapleyShares:
    """Return Shapley shares: exact up to EXACT players, sampled with standard errors beyond.

    value   the worth of coalitions: (B, n) flags -> (B,);  stream, pairs  as in `sampled`, needed beyond EXACT only
    """
    if players <= EXACT:
        share = exact(np.asarray(value(coalitions(players)), dtype=np.float64))
        return ShapleyShares(share, np.zeros(players), 2**players)
    if stream is None:
        raise ValueError(f"more than {EXACT} players are sampled, which needs a seeded stream")
    return sampled(value, players, pairs, stream)
