"""Losses of a focus month by month: what reaches it, which products stand still, who goes short or unsold in turn.

The one engine of losses: shock, risk, single stops, plans and back-tests of losses stand on it. Rule and symbols are
those of kernels/markets/monthly_loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from khanij.core.cube import Floats, Positions
from khanij.kernels.markets import market, monthly_loss, monthly_second_order
from khanij.kernels.markets.monthly_loss import InputNeeds
from khanij.kernels.markets.monthly_second_order import SupplierLinks
from khanij.simulate.loss.industries import Economy
from khanij.simulate.loss.product_needs import ProductNeeds
from khanij.simulate.supply import responses
from khanij.simulate.supply.networks import Network

YEAR = 12.0  # months
LINK = 1e-3  # part of output, or of sales, from which one industry is a customer or supplier of another
ROUNDS = 4  # of the second order: what is left of it after these is a thousandth


@dataclass(frozen=True, slots=True)
class MonthlySupply:
    """What reaches a focus in B scenarios and M months, K stages; multiples of the base year's month.

    delivered  (B, M, K) bought for use, of base use      price   (B, M, K) at which sellers who are free deliver, >= 1
    output     (B, M, K) of own makers                    earned  (B, M, K) price that they get
    length     months that the disruption lasts; M is that, rounded up
    """

    delivered: Floats
    price: Floats
    output: Floats
    earned: Floats
    length: float


@dataclass(frozen=True, slots=True)
class Habits:
    """How users and buyers live with a shortage; see the assumptions of the same names."""

    thrift: float
    thrift_counted: float
    thrift_months: float
    redesigned: float
    redesign_start: float
    made_up: float
    patience: float
    substitute: float
    reach: float
    by_worth: float
    uneven: float
    uneven_plain: float

    def kinds(self, ordered: NDArray[np.bool_]) -> Floats:
        """Return what is lost of goods on some kinds wholly, (...): of those made to order, and of the others."""
        return np.where(ordered, self.uneven, self.uneven_plain)

    def saved(self, counted: NDArray[np.bool_]) -> Floats:
        """Return what users can save of goods without another design, (...): of those counted in pieces, of others."""
        return np.where(counted, self.thrift_counted, self.thrift)


@dataclass(frozen=True, slots=True)
class MonthlyLosses:
    """What is left of output, month by month, and what is paid; USD of the base year.

    short     (B, P) months until a pair is first short, inf where it never is
    products  (B, M, J) left of each product, what is made up later in it
    first, downstream, final  (B, M, n) left of each industry's output after each order
    paid_more (B, M, K) what users pay above base
    """

    short: Floats
    products: Floats
    first: Floats
    downstream: Floats
    final: Floats
    paid_more: Floats
    converged: NDArray[np.bool_]


def supply(
    network: Network, parts: Sequence[tuple[float, market.Outcome]], members: Sequence[str], choke: float
) -> MonthlySupply:
    """Return what reaches a focus, from markets that clear for a while each.

    parts    (months from the start until which it holds, what markets are like meanwhile), in the order of time; months
             that a part holds by a fraction are weighed, and after the last one all is as in the base year
    choke    price at which users count as left, where nobody may sell to them
    """
    length = parts[-1][0]
    months = int(np.ceil(length - 1e-9))
    begins = np.array([0.0, *(end for end, _ in parts)])
    grid = np.arange(months + 1.0)
    held = [np.clip(np.minimum(grid[1:], b) - np.maximum(grid[:-1], a), 0.0, 1.0)
            for a, b in pairwise(begins)]  # fmt: skip
    rest = 1.0 - np.sum(held, axis=0)
    rows = [_steady(network, outcome, members, choke) for _, outcome in parts]
    mixed = [
        rest[None, :, None] + sum(w[None, :, None] * row[name][:, None] for w, row in zip(held, rows, strict=True))
        for name in range(4)
    ]
    return MonthlySupply(*(np.asarray(array) for array in mixed), length)


def _steady(network: Network, outcome: market.Outcome, members: Sequence[str], choke: float) -> tuple[Floats, ...]:
    """Return delivered, price, output and earned (B, K) while a market stays as it is."""
    found = responses.effect(network, outcome, members)
    one = np.ones_like(found.use)
    delivered = np.divide(found.use - found.drawn, found.base, out=one.copy(), where=found.base > 0)
    output = np.divide(found.output, found.base_output, out=one.copy(), where=found.base_output > 0)
    earned = np.where(np.isfinite(found.earned), found.earned, 1.0)
    return np.clip(delivered, 0.0, 1.0), free_price(network, outcome, members, choke), output, np.minimum(earned, choke)


def free_price(network: Network, outcome: market.Outcome, members: Sequence[str], choke: float) -> Floats:
    """Return the mean price (B, K) of sellers whom nothing but price limits, by what the focus bought of them.

    A seller that may sell no more whatever the price sets none: what its buyers lack they look for elsewhere. Where
    nobody is free the price is that at which users leave. At least 1: a cheaper good costs nobody anything.
    """
    at = [network.nodes.index(code) for code in members if code in network.nodes]
    base = network.flow[None, :, :, at]
    limited = outcome.restricted[..., at] & (outcome.rent[..., None] > 1.0 + 1e-9)
    price = (outcome.price[..., None] * outcome.wedge)[..., at]
    free = np.where(~limited & np.isfinite(price) & (outcome.trade[..., at] > 0), base, 0.0)
    whole = free.sum(axis=(2, 3))
    paid = (free * np.where(free > 0, np.minimum(np.nan_to_num(price), choke), 0.0)).sum(axis=(2, 3))
    mean = np.divide(paid, whole, out=np.full_like(whole, choke), where=whole > 0)
    bought = network.flow[:, :, at].sum(axis=(1, 2))
    return np.asarray(np.where(bought > 0, np.maximum(mean, 1.0), 1.0))


def losses_by_month(
    economy: Economy,
    needs: ProductNeeds | None,
    spending: Floats,
    share: Floats,
    exposed: Floats,
    reserve: Floats,
    cover: float,
    given: MonthlySupply,
    habits: Habits,
    position: float,
    ordered: NDArray[np.bool_] | None = None,
) -> MonthlyLosses:
    """Return what a shortage costs the industries of an economy.

    spending  (K,) USD a year of users, nan unknown      reserve (K,) months of use in stock beside that of makers
    share, exposed  (K, n) use by industry, and the part of its output that needs the good, for stages that no product
              of the table needs: the rule of cost      cover  months in stock there
    position  in the ranges of who cannot do without: 0 least loss, 0.5 best, 1 most
    ordered   (K,) goods made to order, of kinds that do not stand in for each other; None = all
    """
    batch, months, stages = given.delivered.shape
    n = len(economy.codes)
    by_product = np.zeros(stages, dtype=bool)
    if needs is not None:
        by_product[needs.stage] = True
    money = np.nan_to_num(spending) / YEAR
    kinds = habits.kinds(np.ones(stages, dtype=bool) if ordered is None else ordered)
    rise = given.price - 1.0
    paid = np.zeros((batch, months, stages))
    first = np.ones((batch, months, n))
    products, short = np.ones((batch, months, 0)), np.zeros((batch, 0))
    added = np.maximum(economy.value_added, 0.0) / YEAR
    if needs is not None and len(needs.stage):
        products, short, spent, left = _of_products(economy, needs, money, reserve, given, habits, position, kinds)
        first, paid = left, paid + spent
    rule = [k for k in range(stages) if not by_product[k]]
    if rule and n:
        left, spent = _of_industries(added, money, share, exposed, reserve, cover, rule, given, habits, kinds)
        first, paid = first * left, paid + spent
    unspread = np.where(by_product, 0.0, 1.0 - np.minimum(share.sum(axis=1), 1.0) if n else 1.0)
    paid = paid + money * unspread * np.minimum(rise, habits.substitute - 1.0)
    paid = paid * np.maximum(1.0 - reserve / given.length, 0.0)  # what a reserve sells was bought at base prices
    end = monthly_second_order.second_order(first, supplier_links(economy, habits.reach), rounds=ROUNDS)
    return MonthlyLosses(short, products, first, end.downstream, end.final, paid, np.ones(batch, dtype=bool))


def _of_products(
    economy: Economy,
    needs: ProductNeeds,
    money: Floats,
    reserve: Floats,
    given: MonthlySupply,
    habits: Habits,
    position: float,
    kinds: Floats,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return products left (B, M, J), months until pairs are short (B, P), paid more (B, M, K), industries left."""
    _, months, stages = given.delivered.shape
    weight, held, over, cover, part = (
        at_position(ends, position) for ends in (needs.weight, needs.exposed, needs.redesign, needs.cover, needs.part)
    )
    over = np.maximum(over, 1e-6)
    less, still = need_paths(months, over, habits, needs.counted)
    need = less * still
    cover = cover + reserve[needs.stage]
    worth = part @ (np.maximum(economy.value_added, 0.0) / YEAR)
    count = len(over)
    pairs = InputNeeds(np.arange(count), needs.product, np.minimum(held, 1.0), weight, cover)
    stakes = pairs.exposed * weight * worth[needs.product]
    reached = shared(given.delivered, needs.stage, needs.spent, stakes, habits.by_worth)
    got = monthly_loss.run(pairs, reached, len(needs.products), need=less, still=still, uneven=kinds[needs.stage])
    left = monthly_loss.make_up(got.output, habits.patience, habits.made_up)
    rise = given.price - 1.0
    asked = money[needs.stage] * needs.spent * need
    firm = asked * weight * rise[..., needs.stage]
    whole = _sum_by(firm, needs.product, len(needs.products))
    more = np.divide(whole, worth, out=np.where(whole > 0, np.inf, 0.0), where=worth > 0)
    floor = 1.0 - _most_by(np.minimum(held, 1.0) * weight, needs.product, len(needs.products))
    paid = monthly_loss.dearer(left, floor, more) * worth
    scale = np.divide(paid, whole, out=np.zeros_like(whole), where=whole > 0)
    loose = asked * (1.0 - weight) * np.minimum(rise, habits.substitute - 1.0)[..., needs.stage]
    by_stage = _sum_by(firm * scale[..., needs.product] + loose, needs.stage, stages)
    product, industry = np.nonzero(part)
    first = _industries(left, part, product, industry)
    return left, _first_short(pairs, reached, need, kinds[needs.stage]), by_stage, first


def shared(delivered: Floats, stage: Positions, spent: Floats, stakes: Floats, by_worth: float) -> Floats:
    """Return what reaches each pair (B, M, P) of its need: in part alike, in part who loses most by a tonne first.

    delivered (B, M, K)      spent (P,) part of the stage's use      stakes (P,) what its maker loses without any
    Pairs that lose as much by a tonne share alike.
    """
    alike = delivered[..., stage]
    if by_worth <= 0:
        return alike
    before, group = np.zeros(len(stage)), np.zeros(len(stage))
    dear = np.divide(stakes, spent, out=np.full_like(stakes, np.inf), where=spent > 0)
    for k in np.unique(stage):
        mine = np.flatnonzero(stage == k)
        _, rank = np.unique([-float(f"{value:.9g}") for value in dear[mine]], return_inverse=True)
        taken = np.bincount(rank, spent[mine])
        before[mine], group[mine] = (np.cumsum(taken) - taken)[rank], taken[rank]
    left = np.maximum(alike - before, 0.0)
    first = np.where(spent > 0, np.minimum(np.divide(left, group, out=np.ones_like(left), where=group > 0), 1.0), 1.0)
    first = np.where(alike >= 1.0, 1.0, first)
    return np.asarray((1.0 - by_worth) * alike + by_worth * first)


def need_paths(
    months: int, over: Floats, habits: Habits, counted: NDArray[np.bool_], steps: int = 1
) -> tuple[Floats, Floats]:
    """Return what makers need a month after thrift, and the part that no redesign carries yet, each (1, M, P).

    over  (P,) steps until a redesign carries most      counted  (P,) goods told in pieces      steps  in a month
    """
    none, one = np.zeros(len(over)), np.ones(len(over))
    run_in = habits.thrift_months * steps * one
    less = monthly_loss.need_path(months, habits.saved(counted), run_in, none, none, one)
    still = monthly_loss.need_path(
        months, none, one, habits.redesigned * one, habits.redesign_start * over, np.maximum(over, 1e-6)
    )
    return less[None], still[None]


def _industries(left: Floats, part: Floats, product: Positions, industry: Positions) -> Floats:
    """Return what is left of industries (B, M, n) whose products lost output."""
    if not len(product):
        return np.ones((*left.shape[:2], part.shape[1]))
    weights = part / np.maximum(part.sum(axis=0), 1.0)
    return monthly_second_order.combine(left[..., product], industry, weights[product, industry], part.shape[1])


def _first_short(pairs: InputNeeds, shared: Floats, need: Floats, uneven: Floats) -> Floats:
    """Return months (B, P) until a pair is first short, all of its use counted; inf where it never is.

    uneven  (P,) above 0 some kinds of the good are missing wholly: short is who has spent the stock of these
    """
    lacks = shared < need - 1e-6
    start = np.where(lacks.any(axis=1), lacks.argmax(axis=1).astype(np.float64), np.inf) + pairs.cover
    start = np.where(start < shared.shape[1], start, np.inf)
    stock = np.broadcast_to(pairs.cover, (len(shared), len(pairs.cover))).copy()
    found = np.full(stock.shape, np.inf)
    for month in range(shared.shape[1]):
        q, k = shared[:, month], need[:, month]
        gap = np.maximum(k - q, 0.0)
        runs = np.isinf(found) & (gap > stock + 1e-9)
        found = np.where(runs, month + np.divide(stock, gap, out=np.zeros_like(gap), where=gap > 0), found)
        stock = np.maximum(stock + q - k, 0.0)
    return np.where(uneven > 0, start, found)


def _of_industries(
    added: Floats,
    money: Floats,
    share: Floats,
    exposed: Floats,
    reserve: Floats,
    cover: float,
    rule: Sequence[int],
    given: MonthlySupply,
    habits: Habits,
    kinds: Floats,
) -> tuple[Floats, Floats]:
    """Return industries left (B, M, n) and paid more (B, M, K) of stages by the rule of cost."""
    batch, months, stages = given.delivered.shape
    stage, user = np.nonzero(share[rule] > 0)
    stage = np.asarray(rule, dtype=np.intp)[stage]
    count = len(stage)
    if not count:
        return np.ones((batch, months, len(added))), np.zeros((batch, months, stages))
    pairs = InputNeeds(stage, user, np.minimum(exposed[stage, user], 1.0), np.ones(count), cover + reserve[stage])
    need = monthly_loss.need_path(
        months, np.full(count, habits.thrift), np.full(count, habits.thrift_months),
        np.zeros(count), np.zeros(count), np.ones(count),
    )[None]  # fmt: skip
    got = monthly_loss.run(pairs, given.delivered, len(added), need=need, uneven=kinds[stage])
    left = monthly_loss.make_up(got.output, habits.patience, habits.made_up)
    wanted = money[stage] * share[stage, user] * (given.price[..., stage] - 1.0)
    whole = _sum_by(wanted, user, len(added))
    more = np.divide(whole, added, out=np.where(whole > 0, np.inf, 0.0), where=added > 0)
    floor = 1.0 - _most_by(pairs.exposed, user, len(added))
    paid = monthly_loss.dearer(left, floor, more) * added
    scale = np.divide(paid, whole, out=np.zeros_like(whole), where=whole > 0)
    return left, _sum_by(wanted * scale[..., user], stage, stages)


def _sum_by(values: Floats, group: Positions, count: int) -> Floats:
    """Return sums (..., count) of values (..., P) by group."""
    onto = np.zeros((len(group), count))
    onto[np.arange(len(group)), group] = 1.0
    return np.asarray(values @ onto)


def _most_by(values: Floats, group: Positions, count: int) -> Floats:
    """Return the largest value (P,) of each group (count,), 0 of none."""
    found = np.zeros(count)
    np.maximum.at(found, group, values)
    return found


def at_position(ends: Floats, position: float) -> Floats:
    """Return (ENDS, ...) at a position: 0 least, 0.5 best, 1 most, straight between."""
    low = min(int(position * 2), 1)
    part = position * 2 - low
    if not part:
        return np.asarray(ends[low])
    return np.asarray(ends[low + 1] if part == 1 else ends[low] * (1.0 - part) + ends[low + 1] * part)


def pick(given: MonthlySupply, rows: Positions) -> MonthlySupply:
    """Return some scenarios."""
    return MonthlySupply(given.delivered[rows], given.price[rows], given.output[rows], given.earned[rows], given.length)


def supplier_links(economy: Economy, reach: float) -> SupplierLinks:
    """Return which industries need which, and who sells how much to whom.

    reach  part of an industry's output that needs an input, as a multiple of that input's part of its cost
    """
    per = np.divide(1.0, economy.output, out=np.zeros_like(economy.output), where=economy.output > 0)
    need = np.minimum(economy.total * per * reach, 1.0)
    sold = economy.domestic * per[:, None]
    sold = sold / np.maximum(sold.sum(axis=1, keepdims=True), 1.0)
    bought = economy.total.sum(axis=1)
    home = np.divide(economy.domestic.sum(axis=1), bought, out=np.zeros_like(bought), where=bought > 0)
    held = ((need * home[:, None] > LINK) | (sold > LINK)) & ~np.eye(len(per), dtype=bool)
    supplier, user = np.nonzero(held)
    count = len(supplier)
    return SupplierLinks(supplier, user, np.minimum(home[supplier], 1.0), need[supplier, user], np.ones(count),
                         np.zeros(count), sold[supplier, user])  # fmt: skip
