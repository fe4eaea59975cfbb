"""What each agreement of a country adds among all of them: Shapley shares of the losses that they avert together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from khanij.core import rng
from khanij.core.cube import Floats
from khanij.kernels.chances import shapley
from khanij.plan.levers import Lever, apply
from khanij.plan.measures.partners.partnerships import offtake_contracts
from khanij.reference import agreements
from khanij.reference.agreements import Agreement
from khanij.simulate.risk import averted as valuation
from khanij.simulate.risk.baseline import Baseline

PAIRS = 60  # antithetic pairs of orders where there are more partners than can be counted out


@dataclass(frozen=True, slots=True)
class CoalitionGame:
    """One mineral: its partners, their Shapley shares of what is averted in USD a year, and the errors of these.

    error_years   (n,) standard error over simulated years; nan where orders are sampled
    error_orders  (n,) standard error of sampled orders, 0 where all are counted out
    joint         what all partners avert at once      asked  coalitions valued
    """

    material: str
    partners: tuple[str, ...]
    share: Floats
    error_years: Floats
    error_orders: Floats
    joint: float
    asked: int


@dataclass(frozen=True, slots=True)
class AgreementShare:
    """What one agreement adds among all, USD a year, in the scenario that each becomes a contract.

    averted  negative: it adds losses      by_mineral  material and partner -> its part
    """

    agreement: Agreement
    averted: float
    error_years: float
    error_orders: float
    by_mineral: tuple[tuple[str, float], ...]


def coalition_games(base: Baseline, say: Callable[[str], None] | None = None) -> tuple[CoalitionGame, ...]:
    """Return the game of every mineral that some agreement names, in the scenario that each becomes a contract.

    A player is a partner: it brings a part of what the focus imports (the assumption `offtake`). What one mineral's
    contracts avert does not depend on another's, so that each mineral is a game of its own and shares add up.
    """
    say = say or (lambda _: None)
    found = []
    for material in base.materials:
        naming = [a for a in agreements.agreements(base.focus) if material in a.materials]
        names = dict.fromkeys(partner for one in naming for partner in one.partners)
        players = {name: offtake_contracts(base, name, [material]) for name in names}
        players = {name: levers for name, levers in players.items() if levers}
        if players:
            say(f"{material}: {len(players)} partners")
            found.append(_game(base, material, players))
    return tuple(found)


def share_agreements(base: Baseline, games: Iterable[CoalitionGame]) -> tuple[AgreementShare, ...]:
    """Return the share of every agreement of the focus, largest first.

    Instruments with the same partner on the same mineral share what the partner brings evenly.
    """
    every, games = agreements.agreements(base.focus), tuple(games)
    found = []
    for one in every:
        parts: list[tuple[str, float, float, float]] = []
        for game in games:
            for n, partner in enumerate(game.partners):
                if partner in one.partners and game.material in one.materials:
                    like = sum(partner in a.partners and game.material in a.materials for a in every)
                    years, orders = float(np.nan_to_num(game.error_years[n])), float(game.error_orders[n])
                    parts.append((game.material, float(game.share[n]) / like, years / like, orders / like))
        found.append(
            AgreementShare(
                agreement=one,
                averted=sum((part for _, part, _, _ in parts), 0.0),
                error_years=sum(error**2 for _, _, error, _ in parts) ** 0.5,
                error_orders=sum(error**2 for _, _, _, error in parts) ** 0.5,
                by_mineral=tuple((material, part) for material, part, _, _ in parts),
            )
        )
    return tuple(sorted(found, key=lambda share: (-share.averted, share.agreement.id)))


def _game(base: Baseline, material: str, players: Mapping[str, tuple[Lever, ...]]) -> CoalitionGame:
    """Return the shares of one mineral's partners."""
    names = tuple(players)
    if len(names) <= shapley.EXACT:
        values = np.stack(
            [_averted(base, material, players, flags) for flags in shapley.coalitions(len(names))], axis=1
        )
        share = shapley.exact(values)
        mean, orders, joint, asked = share.mean(axis=0), np.zeros(len(names)), values[:, -1].mean(), len(values[0])
        error = share.std(axis=0, ddof=1) / np.sqrt(len(share))
        return CoalitionGame(material, names, mean, error, orders, float(joint), asked)
    known: dict[bytes, float] = {}

    def worth(flags: np.ndarray) -> Floats:
        for row in flags:
            if row.tobytes() not in known:
                known[row.tobytes()] = float(_averted(base, material, players, row).mean())
        return np.array([known[row.tobytes()] for row in flags])

    drawn = shapley.sampled(worth, len(names), PAIRS, rng.stream(base.seed, 417))
    return CoalitionGame(
        material, names, drawn.value, np.full(len(names), np.nan), drawn.error, float(drawn.value.sum()), len(known)
    )


def _averted(base: Baseline, material: str, players: Mapping[str, tuple[Lever, ...]], flags: np.ndarray) -> Floats:
    """Return what a coalition averts in each simulated year (Y,), USD; a year that was not solved counts as nothing."""
    levers = [lever for yes, own in zip(flags.tolist(), players.values(), strict=True) if yes for lever in own]
    if not levers:
        return np.zeros(base.years)
    found = valuation.averted_loss(base, apply(base.case, levers).case, [material])
    return np.nan_to_num(found.years[material])
