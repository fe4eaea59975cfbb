"""Elasticity of demand for goods from those who need them: market and losses tell one story of the same users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from khanij.core import rng
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.kernels.markets.derived_demand import demand_elasticity
from khanij.reference.assumptions import assumed, assumed_range
from khanij.reference.industry.critical_inputs import ALL, CriticalInput
from khanij.reference.industry.product_output import products
from khanij.simulate.loss.critical_uses import (
    USUAL_COST,
    Good,
    family_part,
    fine_output,
    goods_of,
    industry_part_of,
    rows_of,
)
from khanij.simulate.supply import parameters
from khanij.simulate.supply.networks import Network
from khanij.simulate.supply.responses import Behaviour

DRAWN = ("psi", "thrift_demand")
MONTHS = 12.0  # the horizon of the market engine


def derived_demand(
    case: Case, network: Network, psi: ArrayLike | None = None, thrift: ArrayLike | None = None
) -> Floats:
    """Return the elasticity of demand (B, K) of the stages of a network within a year; nan where no product holds one.

    epsilon = sum_p w[p] * ((1 - c) psi + c (theta psi + (1 - theta) (a eta + tau))):  w part of the good's use by
    value, c what of the product stops without it, theta part of the year in which a redesign carries it, a share of
    cost, eta elasticity of demand for products, tau what makers who cannot do without save at higher prices. It is one
    for all the world, so that a price hangs on no focus: uses are those of the finest input-output table.

    psi, thrift  () or (B,), thrift being tau; None = as assumed. Raises nothing beyond what the table does.
    """
    given, saved = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(assumed(name, case) if value is None else value, dtype=np.float64))
          for name, value in (("psi", psi), ("thrift_demand", thrift)))
    )  # fmt: skip
    eta = assumed("product_demand", case)
    found = np.full((len(given), len(network.stages)), np.nan)
    for k, stage in enumerate(network.stages):
        rows, share = users_by_value(case, goods_of(stage, network.stages, network.material), ALL)
        if not rows or not share.sum() > 0:
            continue
        cost = np.array([USUAL_COST if row.cost_share is None else row.cost_share.best for row in rows])
        over = np.array([np.inf if row.redesign is None else row.redesign.best for row in rows])
        count = len(rows)
        found[:, k] = demand_elasticity(
            np.zeros(count, dtype=np.intp),
            share,
            np.array([row.weight.best for row in rows]),
            np.broadcast_to(given[:, None], (len(given), count)),
            np.clip(1.0 - over / MONTHS, 0.0, 1.0),
            np.minimum(cost, 1.0),
            np.full(count, eta),
            1,
            np.broadcast_to(saved[:, None], (len(given), count)),
        )[:, 0]
    return found


def users_by_value(case: Case, goods: Iterable[Good], place: str) -> tuple[list[CriticalInput], Floats]:
    """Return who needs goods (of one stage) in a place and the part (P,) of their use, by value, that each takes.

    The parts are those of the finest input-output table; all 0 where the Case holds none.
    """
    rows, made = rows_of(goods, place), fine_output(case)
    cost = np.array([USUAL_COST if row.cost_share is None else row.cost_share.best for row in rows])
    worth = np.array([_output(row.product, made) * row.adoption.best for row in rows]) * cost
    whole = worth.sum()
    return rows, worth / whole if whole > 0 else np.zeros(len(rows))


@dataclass(frozen=True, slots=True)
class UserDraws:
    """How users answer a shortage in worlds that may be, the usual one first: (1 + D,) each.

    psi       elasticity of substitution of those who can do without      thrift  what the others save at higher prices
    position  in the ranges of who cannot do without: 0 least loss, 0.5 best, 1 most
    pooled    in the ranges of what one world market hands out
    """

    psi: Floats
    thrift: Floats
    position: Floats
    pooled: Floats


def drawn_users(case: Case, draws: int, seed: int, key: int) -> UserDraws:
    """Return the usual users and draws of them, one a world and the same for every good; medians are as assumed.

    Positions weigh the ends of a range as its 5 % and 95 % (extended Pearson-Tukey: Keefer and Bodily 1983, doi
    10.1287/mnsc.29.5.595). key  of the stream of random numbers
    """
    stream = rng.stream(seed, key)
    drawn = (parameters.quantile(assumed_range(name, case), stream.uniform(size=draws)) for name in DRAWN)
    psi, thrift = (np.concatenate([[assumed(n, case)], x]) for n, x in zip(DRAWN, drawn, strict=True))
    position, pooled = (
        np.concatenate([[assumed(n, case)], stream.choice([0.0, 0.5, 1.0], draws, p=(0.185, 0.63, 0.185))])
        for n in ("dependent_position", "pooled_position")
    )
    return UserDraws(psi, thrift, position, pooled)


def with_derived_demand(
    case: Case,
    network: Network,
    behaviour: Behaviour,
    psi: ArrayLike | None = None,
    thrift: ArrayLike | None = None,
) -> Behaviour:
    """Return behaviour in which goods that products hold have the demand of these products' makers.

    psi, thrift  one value a row of the behaviour, or one for all; None = as assumed
    """
    derived = derived_demand(case, network, psi, thrift)
    usual = np.atleast_2d(behaviour.demand)
    demand = np.where(np.isnan(derived), usual, derived)
    sigma = np.maximum(np.atleast_2d(behaviour.sigma), demand)
    return replace(behaviour, demand=demand, sigma=sigma)


def without_own_stock(network: Network, behaviour: Behaviour, members: Sequence[str]) -> Behaviour:
    """Return behaviour of markets in which others draw on their stocks as prices rise, and the focus on none.

    What users of the focus hold is spent month by month by the engine of losses, and only there.
    """
    stock = np.broadcast_to(behaviour.stock, (*behaviour.stock.shape[:-1], len(network.nodes))).copy()
    stock[..., [network.nodes.index(code) for code in members if code in network.nodes]] = 0.0
    return replace(behaviour, stock=stock)


def _output(id: str, made: dict[str, float]) -> float:
    """Return the output of a product in the country of the finest table, in its money."""
    product = products()[id]
    head = products()[product.family] if product.family else product
    return made.get(head.industry, 0.0) * industry_part_of(head.id) * family_part(product, ALL)
