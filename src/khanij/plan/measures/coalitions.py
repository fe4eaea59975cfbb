"""What each agreement of a country adds among all of them: Shapley shares of the losses that they avert together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from khanij.core import rng
from khanij.core.cube import Floats
from khanij.kernels import shapley
from khanij.plan.levers import Lever, apply
from khanij.plan.measures import partnerships as partners
from khanij.reference import agreements
from khanij.simulate.risk import averted as valuation
from khanij.simulate.risk.baseline import Baseline

PAIRS = 60  # antithetic pairs of orders where there are more partners than can be counted out


@dataclass(frozen=True, slots=True)
class Game:
    """One mineral: its partners, their shares of what is averted in USD a year, and the errors of these.

    luck      (n,) standard error over simulated years      orders  (n,) of sampled orders, 0 where counted out
    together  what all partners avert at once               asked  coalitions valued
    """

    material: str
    partners: tuple[str, ...]
    share: Floats
    luck: Floats
    orders: Floats
    together: float
    asked: int


def games(base: Baseline, say: Callable[[str], None] | None = None) -> tuple[Game, ...]:
    """Return the game of every mineral that some agreement names, in the scenario that each becomes a contract.

    A player is a partner: it brings a part of what the focus imports (study.partners.OFFTAKE). What one mineral's
    contracts avert does not depend on another's, so that each mineral is a game of its own and shares add up.
    """
    say = say or (lambda _: None)
    found = []
    for material in base.materials:
        with_it = [a for a in agreements.agreements(base.focus) if material in a.materials]
        names = tuple(dict.fromkeys(partner for one in with_it for partner in one.partners))
        players = {name: partners.offtake(base, name, [material]) for name in names}
        players = {name: levers for name, levers in players.items() if levers}
        if players:
            say(f"{material}: {len(players)} partners")
            found.append(_game(base, material, players))
    return tuple(found)


def _game(base: Baseline, material: str, players: Mapping[str, tuple[Lever, ...]]) -> Game:
    """Return the shares of one mineral's partners."""
    names = tuple(players)
    if len(names) <= shapley.EXACT:
        values = np.stack(
            [_averted(base, material, players, flags) for flags in shapley.coalitions(len(names))], axis=1
        )
        share = shapley.exact(values)
        mean, orders, together, asked = share.mean(axis=0), np.zeros(len(names)), values[:, -1].mean(), len(values[0])
        luck = share.std(axis=0, ddof=1) / np.sqrt(len(share))
        return Game(material, names, mean, luck, orders, float(together), asked)
    known: dict[bytes, float] = {}

    def worth(flags: np.ndarray) -> Floats:
        for row in flags:
            if row.tobytes() not in known:
                known[row.tobytes()] = float(_averted(base, material, players, row).mean())
        return np.array([known[row.tobytes()] for row in flags])

    drawn = shapley.sampled(worth, len(names), PAIRS, rng.stream(base.seed, 417))
    return Game(
        material, names, drawn.value, np.full(len(names), np.nan), drawn.error, float(drawn.value.sum()), len(known)
    )


def _averted(base: Baseline, material: str, players: Mapping[str, tuple[Lever, ...]], flags: np.ndarray) -> Floats:
    """Return what a coalition averts in each simulated year (Y,), USD; a year that was not solved counts as nothing."""
    levers = [lever for yes, own in zip(flags.tolist(), players.values(), strict=True) if yes for lever in own]
    if not levers:
        return np.zeros(base.years)
    found = valuation.averted_loss(base, apply(base.case, levers).case, [material])
    return np.nan_to_num(found.years[material])
