"""What each agreement of a country adds among all of them: Shapley shares of the losses that they avert together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from khanij.core import rng
from khanij.core.cube import Floats
from khanij.core.table import Table
from khanij.kernels import shapley
from khanij.plan.levers import Lever, apply
from khanij.plan.measures import partnerships as partners
from khanij.plan.measures import valued as measures
from khanij.reference import agreements, money
from khanij.simulate.risk import baseline as valuation
from khanij.simulate.risk.baseline import Ground

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


def games(base: Ground, say: Callable[[str], None] | None = None) -> tuple[Game, ...]:
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


def _game(base: Ground, material: str, players: Mapping[str, tuple[Lever, ...]]) -> Game:
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


def _averted(base: Ground, material: str, players: Mapping[str, tuple[Lever, ...]], flags: np.ndarray) -> Floats:
    """Return what a coalition averts in each simulated year (Y,), USD; a year that was not solved counts as nothing."""
    levers = [lever for yes, own in zip(flags.tolist(), players.values(), strict=True) if yes for lever in own]
    if not levers:
        return np.zeros(base.years)
    found = valuation.averted_by(base, apply(base.case, levers).case, [material])
    return np.nan_to_num(found.years[material])


def table(base: Ground, found: tuple[Game, ...], currency: money.Currency) -> Table:
    """Return one row an agreement: nothing as published, and its share in the scenario that all become contracts.

    Instruments with the same partner on the same mineral share what the partner brings evenly.
    """
    every = agreements.agreements(base.focus)
    rows: list[dict[str, Any]] = []
    for one in every:
        share, luck, orders, minerals = 0.0, 0.0, 0.0, []
        for game in found:
            for n, partner in enumerate(game.partners):
                if partner in one.partners and game.material in one.materials:
                    like = sum(partner in a.partners and game.material in a.materials for a in every)
                    share += float(game.share[n]) / like
                    luck += (float(np.nan_to_num(game.luck[n])) / like) ** 2
                    orders += (float(game.orders[n]) / like) ** 2
                    minerals.append(f"{game.material} {currency.of(float(game.share[n]) / like):+,.3g}")
        rows.append(
            {
                "agreement": one.id,
                "partners": ", ".join(one.partners) or "none named",
                "strength": one.strength,
                "as published": 0.0,
                "as a contract": currency.of(share),
                "error of years": currency.of(luck**0.5),
                "error of orders": currency.of(orders**0.5),
                "by mineral": ", ".join(dict.fromkeys(minerals)) or _why(base, one),
            }
        )
    rows.sort(key=lambda row: (-row["as a contract"], row["agreement"]))
    unit = currency.name
    units = dict.fromkeys(("as published", "as a contract", "error of years", "error of orders"), unit)
    low, best, high = partners.OFFTAKE
    notes = (
        "Shapley shares of yearly loss averted; negative: it adds losses, as it makes the country depend on one seller",
        "as published: no agreement names a tonne, so each is worth nothing to supply, whatever it prepares",
        f"as a contract: a scenario; {best:.0%} of imports of each good of a named mineral that the partner sells come "
        f"from it (assumed, {low:.0%} to {high:.0%}, confidence low; nobody has negotiated it)",
        f"counted out up to {shapley.EXACT} partners a mineral, else sampled; "
        + ", ".join(f"{g.material}: {len(g.partners)} partners, {g.asked} coalitions" for g in found),
        currency.note,
        *base.notes,
    )
    return Table.of(f"agreements of {base.focus}: what each adds", rows, units=units, notes=notes)


def _why(base: Ground, one: agreements.Agreement) -> str:
    """Return why an agreement has no share."""
    if not one.materials:
        return "names no mineral"
    counted = [m for m in one.materials if m in base.batches]
    return "its partners sell none that the country buys" if counted else "its minerals are not counted"


def report(
    focus: str,
    currency: money.Currency,
    year: int = 2024,
    years: int = 500,
    seed: int = 0,
    say: Callable[[str], None] | None = None,
) -> tuple[Table, ...]:
    """Return the table of all agreements of a country, and of minerals that are not counted."""
    named = partners.named(agreements.agreements(focus))
    sellers = tuple(dict.fromkeys(p for one in agreements.agreements(focus) for p in one.partners if one.materials))
    base = valuation.prepare(focus, year, years, seed, materials=named, partners=sellers)
    return (table(base, games(base, say), currency), *measures.left_out(base))
