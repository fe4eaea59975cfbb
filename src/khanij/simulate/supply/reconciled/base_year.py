"""The reconciled base year of a material: output, trade and use of every stage that fit each other.

What is recorded are measurements with spreads; the flows that fit all balances and lie nearest to them are estimated
(kernels.balances.reconciliation). Large countries are told apart; the rest are one place, whose members are moved
alike, so that the flows do not hang on who asks. docs/methods/base-year.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from khanij.core import rng
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.kernels.balances.balance_conflict import conflict
from khanij.kernels.balances.chain_balances import ChainItems, chain_balances
from khanij.kernels.balances.linear_balances import LinearBalances
from khanij.kernels.balances.reconciliation import Reconciled, reconcile, reconcile_draws
from khanij.reference.assumptions import assumed, assumed_range
from khanij.simulate.supply.reconciled.records import StageRecords

LARGE = 40  # countries told apart; the others are one
SPREADS = (
    "trade_spread",
    "flow_spread",
    "output_spread",
    "seller_spread",
    "world_spread",
    "stock_spread",
    "unlisted_output",
)
FLOORS = (1e-4, 1e-5, 1e-3)  # parts of a stage's size below which no spread falls; the next where steps are used up


@dataclass(frozen=True, slots=True)
class FlowSpreads:
    """The spreads, relative to what is measured, and the yields (least, most) of a stage; see assumptions.csv."""

    trade_spread: float
    flow_spread: float
    output_spread: float
    seller_spread: float
    world_spread: float
    stock_spread: float
    unlisted_output: float
    other_feed: float
    yield_low: float
    yield_high: float


@dataclass(frozen=True, slots=True)
class Measurements:
    """What is known of a chain: K stages, n places of which the last may be the rest.

    parent  (K,) stage that each is made from, or -1      trade  (K, n, n) t, nothing on the diagonal
    output  (K, n) t, nan = not known      sigma  (K, n) t of output
    share, share_sigma  (K, n) part of world output and its spread, nan where output is known otherwise
    world   (K,) t, nan = not told      free  (K,) trade is not recorded: how one market would have it
    """

    parent: tuple[int, ...]
    trade: Floats
    output: Floats
    sigma: Floats
    share: Floats
    share_sigma: Floats
    world: Floats
    free: tuple[bool, ...]

    def digest(self) -> str:
        """Return a hash of all of it."""
        parts = [self.trade, self.output, self.sigma, self.share, self.share_sigma, self.world]
        text = hashlib.sha256(repr((self.parent, self.free, self.trade.shape)).encode())
        for part in parts:
            text.update(np.ascontiguousarray(part).tobytes())
        return text.hexdigest()


@dataclass(frozen=True, slots=True)
class BaseYear:
    """What fits: K stages, n places.

    balances, items, value, sigma  the problem      found  what fits, and by how much measurements were moved
    stage, seller, buyer  (E,) of the trade flows
    """

    measured: Measurements
    balances: LinearBalances
    items: ChainItems
    value: Floats
    sigma: Floats
    found: Reconciled
    stage: NDArray[np.intp]
    seller: NDArray[np.intp]
    buyer: NDArray[np.intp]

    def output(self, x: Floats | None = None) -> Floats:
        """Return output (..., K, n) t of the estimate, or of items (..., N) that are given."""
        return np.asarray((self.found.estimate if x is None else x)[..., self.items.output])

    def trade(self, x: Floats | None = None) -> Floats:
        """Return trade (..., K, n, n) t of the estimate, or of items (..., N) that are given."""
        x = self.found.estimate if x is None else x
        flows = np.zeros((*x.shape[:-1], *self.measured.trade.shape))
        flows[..., self.stage, self.seller, self.buyer] = x[..., self.items.trade]
        return flows

    def conflicts(self) -> tuple[tuple[str, int, int], ...]:
        """Return (kind of row, stage, place) of a smallest set of rows that contradict each other; () if none."""
        if self.found.converged:
            return ()
        kinds = {"balance": self.items.balance, "yield": self.items.yields[0], "share": self.items.shares}
        kinds["yield, most"] = self.items.yields[1]
        found = []
        for row in conflict(self.balances).rows:
            for kind, table in kinds.items():
                found += [(kind, int(k), int(c)) for k, c in np.argwhere(table == row)]
        return tuple(found)


def flow_spreads(case: Case | None) -> FlowSpreads:
    """Return the spreads that a Case assumes."""
    span = assumed_range("stage_yield", case)
    spreads = {name: assumed(name, case) for name in (*SPREADS, "other_feed")}
    return FlowSpreads(**spreads, yield_low=span.low, yield_high=span.high)


def base_year(measured: Measurements, spreads: FlowSpreads) -> BaseYear:
    """Return the flows that fit. The same measurements give the same flows, solved once a process."""
    return _solved(measured.digest(), _Held(measured, spreads), spreads)


@dataclass(frozen=True, slots=True)
class _Held:
    """Measurements beside their hash, which is what the cache looks at."""

    measured: Measurements
    spreads: FlowSpreads

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)


@lru_cache(maxsize=256)
def _solved(digest: str, held: _Held, spreads: FlowSpreads) -> BaseYear:
    """Return the flows that fit; the hash stands for the measurements."""
    first = None
    for floor in FLOORS:
        found = _fit(held.measured, spreads, floor)
        first = found if first is None else first
        if found.found.converged:
            return found
    assert first is not None
    return first


def _fit(m: Measurements, spreads: FlowSpreads, least: float) -> BaseYear:
    """Return the flows that fit, no spread being below a part of its stage's size."""
    stage, seller, buyer = np.nonzero(m.trade)
    stages = len(m.output)
    ends = np.full(stages, spreads.yield_low), np.full(stages, spreads.yield_high)
    told = ~np.isnan(m.share)
    balances, items = chain_balances(m.parent, (stage, seller, buyer), ends, m.share)
    value, sigma = np.full(len(balances.least), np.nan), np.ones(len(balances.least))
    size = _sizes(m)
    floor = least * size[:, None]

    free = np.array(m.free)[stage]
    value[items.trade] = m.trade[stage, seller, buyer]
    part = np.where(free, spreads.seller_spread, spreads.trade_spread)
    whole = m.trade.sum(axis=2)[stage, seller]  # what a seller cannot have sold is taken from all its buyers alike
    shared = np.minimum(part * np.sqrt(whole / value[items.trade]), np.maximum(spreads.flow_spread, part))
    sigma[items.trade] = np.maximum(shared * value[items.trade], floor[stage, 0])

    alone = ~told & ~np.isnan(m.output)
    value[items.output[alone]] = m.output[alone]
    sigma[items.output[alone]] = np.maximum(m.sigma, floor)[alone]
    value[items.share_error[told]] = 0.0
    sigma[items.share_error[told]] = np.maximum(m.share_sigma * size[:, None], floor)[told]
    for k in np.flatnonzero(items.world >= 0).tolist():
        known = np.isfinite(m.world[k])
        value[items.world[k]] = m.world[k] if known else np.nan
        sigma[items.world[k]] = max(spreads.world_spread * m.world[k], floor[k, 0]) if known else 1.0

    supply = np.nan_to_num(m.output) + m.trade.sum(axis=1)
    value[items.stock_change] = 0.0
    sigma[items.stock_change] = np.maximum(spreads.stock_spread * supply, floor)
    fed = items.other_feed >= 0
    made = np.nan_to_num(m.output)
    middle = made / (0.5 * (spreads.yield_low + spreads.yield_high))  # no measurement, but somewhere to stand
    value[items.input[fed]] = middle[fed]
    sigma[items.input[fed]] = np.maximum(spreads.seller_spread * middle, floor)[fed]
    found = reconcile(balances, value, sigma)
    return BaseYear(m, balances, items, value, sigma, found, stage, seller, buyer)


def _sizes(m: Measurements) -> Floats:
    """Return the size of each stage (K,), t: world output, or trade where that is more; above 0."""
    made = np.where(np.isfinite(m.world), m.world, np.nansum(m.output, axis=1))
    size = np.maximum(made, m.trade.sum(axis=(1, 2)))
    return np.asarray(np.where(size > 0, size, 1.0))


@lru_cache(maxsize=64)
def _drawn(digest: str, held: _Held, spreads: FlowSpreads, draws: int, seed: int, name: str) -> Floats:
    """Return items (D, N) of draws of the flows; a draw that does not fit is the estimate."""
    base = _solved(digest, held, spreads)
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    normal = _even_normal(rng.stream(seed, key), draws, len(base.value))
    found = reconcile_draws(base.balances, base.value, base.sigma, normal, base=base.found)
    return np.where(found.converged[:, None], found.estimate, base.found.estimate)


def _even_normal(stream: np.random.Generator, draws: int, count: int) -> Floats:
    """Return standard normal numbers (D, N) of which each column has one from every D-th part, in an order of its own.

    Latin hypercube (McKay and others 1979, doi 10.1080/00401706.1979.10489755), the middle of each part, scaled to a
    variance of 1: few draws of many items leave less to chance than free ones do.
    """
    if draws < 2:
        return stream.standard_normal((draws, count))
    middle = np.array([NormalDist().inv_cdf((part + 0.5) / draws) for part in range(draws)])
    middle /= np.sqrt((middle * middle).mean())
    return np.asarray(stream.permuted(np.tile(middle[:, None], (1, count)), axis=0))


def flow_draws(measured: Measurements, spreads: FlowSpreads, draws: int, seed: int, name: str) -> Floats:
    """Return the items (D, N) of so many draws of the flows: each fits all balances. Same seed, same bytes.

    name  of the chain, which tells its draws from those of others; the last digit of what is measured does not
    """
    return _drawn(measured.digest(), _Held(measured, spreads), spreads, draws, seed, name)


def measurements(
    records: StageRecords,
    linked: Sequence[int],
    parent: Sequence[int],
    worlds: Mapping[int, float],
    free: Sequence[bool],
    group: NDArray[np.intp],
    spreads: FlowSpreads,
) -> Measurements:
    """Return the measurements of a chain on places: large countries, and the rest as one."""
    table = onto(group)
    places = table.shape[1]
    shape = (len(linked), places)
    output, sigma, share, error = (np.full(shape, np.nan) for _ in range(4))
    trade, world = np.zeros((*shape, places)), np.full(len(linked), np.nan)
    for k, s in enumerate(linked):
        flows = table.T @ records.trade[s] @ table
        np.fill_diagonal(flows, 0.0)
        trade[k] = flows
        made = np.nan_to_num(records.output[s])
        size = max(float(made.sum()), 1e-300)
        withheld = np.isnan(records.output[s])
        spread = np.where(np.isnan(records.spread[s]), spreads.output_spread, records.spread[s])
        alone = np.where(made > 0, spread * made, spreads.unlisted_output * size)
        if s in worlds:
            world[k] = worlds[s]
            told = ~np.isnan(records.share[s])
            members = np.bincount(group, told, places)
            named = members == np.bincount(group, minlength=places)
            share[k] = np.where(named, table.T @ np.nan_to_num(records.share[s]), np.nan)
            error[k] = np.sqrt(table.T @ np.nan_to_num(records.share_spread[s]) ** 2)
            alone = np.where(made > 0, spreads.seller_spread * made, spreads.unlisted_output * size)
        elif not made.any():
            net = np.maximum(flows.sum(axis=1) - flows.sum(axis=0), 0.0)
            output[k], sigma[k] = net, np.maximum(net, spreads.unlisted_output * max(float(net.sum()), 1e-300))
            continue
        known = np.bincount(group, ~withheld, places) > 0
        output[k] = np.where(known, table.T @ made, np.nan)
        sigma[k] = np.sqrt(table.T @ np.where(withheld, 0.0, alone) ** 2)
    return Measurements(tuple(parent), trade, output, sigma, share, error, world, tuple(free))


def large(records: StageRecords, linked: Sequence[int]) -> NDArray[np.intp]:
    """Return the group (n,) of each country: large ones by themselves, the rest the last group, if there are any."""
    at = list(linked)
    exports, imports = records.trade[at].sum(axis=2), records.trade[at].sum(axis=1)
    made = np.nan_to_num(records.output[at])
    parts = [part / np.maximum(part.sum(axis=1, keepdims=True), 1e-300) for part in (made, exports, imports)]
    weight = np.max([part.max(axis=0) for part in parts], axis=0)
    order = np.argsort(-weight, kind="stable")[:LARGE]
    chosen = np.sort(order[weight[order] > 0])
    group = np.full(len(weight), len(chosen), dtype=np.intp)
    group[chosen] = np.arange(len(chosen))
    return group


def onto(group: NDArray[np.intp]) -> Floats:
    """Return the matrix (n, places) that sums countries into places."""
    table = np.zeros((len(group), int(group.max()) + 1))
    table[np.arange(len(group)), group] = 1.0
    return table


def spread_back(
    records: StageRecords, linked: Sequence[int], group: NDArray[np.intp], found: BaseYear, x: Floats | None = None
) -> StageRecords:
    """Return the records with output and trade that fit: what the rest's members make and trade is moved alike.

    x  items (N,) of a draw; None = the estimate
    """
    output, trade = records.output.copy(), records.trade.copy()
    fitted, flows = found.output(x), found.trade(x)
    table = onto(group)
    for k, s in enumerate(linked):
        was = table.T @ records.trade[s] @ table
        np.fill_diagonal(was, 0.0)
        ratio = np.divide(flows[k], was, out=np.ones_like(was), where=was > 0)
        trade[s] = records.trade[s] * ratio[np.ix_(group, group)]
        before = np.nan_to_num(records.output[s])
        total = table.T @ before
        scale = np.divide(fitted[k], total, out=np.zeros_like(total), where=total > 0)
        new = np.where((total <= 0)[group], _weights(trade[s], group), 0.0)
        output[s] = before * scale[group] + fitted[k][group] * new
    return replace(records, output=output, trade=trade)


def _weights(trade: Floats, group: NDArray[np.intp]) -> Floats:
    """Return each country's part of a place of which no output is on record: by exports beyond imports, else evenly."""
    net = np.maximum(trade.sum(axis=1) - trade.sum(axis=0), 0.0)
    total, count = np.bincount(group, net)[group], np.bincount(group)[group]
    by_net = np.divide(net, total, out=np.zeros_like(net), where=total > 0)
    return np.asarray(np.where(total > 0, by_net, 1.0 / count))
