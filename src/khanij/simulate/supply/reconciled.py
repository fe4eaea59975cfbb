"""Records of a material as measurements with spreads, and the records that fit each other.

Large countries are told apart; the rest are one place, whose members are moved alike: so the flows do not hang on who
asks, and every country keeps its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from khanij.core.cube import Floats
from khanij.simulate.supply.base_year import BaseYear, FlowSpreads, Measurements
from khanij.simulate.supply.records import StageRecords

LARGE = 40  # countries told apart; the others are one


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
