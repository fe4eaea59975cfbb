"""What is recorded of one material in one year, and what fills the stages that nobody lists country by country."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Floats, Positions
from khanij.reference.assumptions import assumed

SHARED = "output by published shares of {share:.0%} of it, the rest by exports beyond imports; world output {how}"

CHAINED = "as much as the stage before makes, times its usual yield"

WITH_SCRAP = CHAINED + ", and scrap for {part:.0%} of all (recycling input rate)"

STATED = "as published with the shares"

SOLD = "such that those who sell most make what they sell"

EARLIER = "exports beyond what is made and bought are of the stage before, which the same codes hold: {tonnes:,.0f} t"

NO_OWN_VALUE = "no price of it is known: its usual share in the cost of what is made of it"

CELL = ("material", "stage", "country", "year")
MOST_SCRAP = 0.95  # of all input: what is left is ore
RANGE = 3.29  # spreads from low to high of a published range: 90 % of a normal error
LONE = "output of {stage} is on record of some countries alone, not of the world: it is left out here"
UNDER = "its trade codes hold {stage} goods too: output is that of {stage}"


@dataclass(frozen=True, slots=True)
class StageRecords:
    """What is recorded of one material and year on all countries: (S, n, n) trade, (S, n) output, values.

    unlisted       (S,) part of trade that the source knows as a sum alone
    bought, spent  (S, n) t and USD of each importer's flows of which both are known
    share, share_spread  (S, n) published part of world output and its spread      world  (S,) that output, t
    spread         (S, n) relative spread of an output figure; nan = none is measured
    lone           (S,) output is that of some countries, such as one's own facts; no source has the world's
    """

    trade: Floats
    output: Floats
    bought: Floats
    spent: Floats
    worth: Floats
    weighed: Floats
    price: float
    unlisted: Floats
    share: Floats
    world: Floats
    share_spread: Floats
    spread: Floats
    lone: np.ndarray


def trade_tables(case: Case, y: int) -> dict[str, tuple[Positions, Floats]]:
    """Return positions (material, stage, exporter, importer) and values of the trade cubes in one year."""
    dims = ("material", "stage", "country:exporter", "country:importer", "year")
    tables = {}
    for quantity in ("trade", "trade_value"):
        if quantity in case.cubes:
            at, values = case.entries(quantity, *dims)
            keep = (at[4] == y) & (at[2] != at[3]) & (values > 0)
            tables[quantity] = (at[:4, keep], values[keep])
    return tables


def stage_records(case: Case, tables: dict[str, tuple[Positions, Floats]], m: int, y: int) -> StageRecords:
    """Return what is recorded of one material."""
    stages, n = len(case.axis("stage")), len(case.axis("country"))
    dense = {}
    for quantity, (at, values) in tables.items():
        mine = at[0] == m
        dense[quantity] = np.zeros((stages, n, n))
        np.add.at(dense[quantity], tuple(at[1:, mine]), values[mine])
    trade = dense.get("trade", np.zeros((stages, n, n)))
    value = dense.get("trade_value", np.zeros((stages, n, n)))
    bought = np.where(value > 0, trade, 0.0).sum(axis=1)
    spent = np.where(trade > 0, value, 0.0).sum(axis=1) * 1e3
    weighed, worth = bought.sum(axis=1), spent.sum(axis=1)
    output = case.array("production", "material", "stage", "country", "year")[m, :, :, y]
    price = float(case.array("price", "material", "year")[m, y]) if "price" in case.cubes else float("nan")
    unlisted = np.zeros(stages)
    if "trade_unlisted" in case.cubes:
        unlisted = case.array("trade_unlisted", "material", "stage", "year")[m, :, y]
    share, apart, spread = (np.full((stages, n), np.nan) for _ in range(3))
    world = np.full(stages, np.nan)
    if "stage_share" in case.cubes:
        share = case.array("stage_share", *CELL)[m, :, :, y]
        world = case.array("stage_world", "material", "stage", "year")[m, :, y]
        apart = _range(case, "stage_share", m, y) / RANGE
    if "production_spread" in case.cubes:
        spread = case.array("production_spread", *CELL)[m, :, :, y]
    lone = np.zeros(stages, dtype=bool)
    if "world_production" in case.cubes:
        lone = np.isnan(case.array("world_production", "material", "stage", "year")[m, :, y])
    told = (trade, output, bought, spent, worth, weighed, price, unlisted, share, world, apart, spread)
    return StageRecords(*told, lone)


@cache
def _blended() -> frozenset[tuple[str, str]]:
    """Return the (material, stage) whose value of trade holds shared codes too, which its tonnes do not."""
    return frozenset((code.material, code.stage) for code in reference.hs_codes() if code.shared)


def stage_values(
    material: str, codes: Sequence[str], records: StageRecords, linked: Sequence[int], input_share: float
) -> tuple[Floats, list[bool]]:
    """Return USD/t of content (K,) of linked stages, and which are derived from what is made of them.

    v[k] of trade where its own is weighed; else, of the last stage, the material's price; else s v[k + 1], s the share
    of input in cost that markets take as well where no value is known. nan where none of these is.
    """
    value, derived = np.full(len(linked), np.nan), [False] * len(linked)
    for k in reversed(range(len(linked))):
        s = linked[k]
        if records.weighed[s] > 0 and (material, codes[s]) not in _blended():
            value[k] = records.worth[s] / records.weighed[s]
        elif k == len(linked) - 1:
            value[k] = records.price
        else:
            value[k], derived[k] = input_share * value[k + 1], bool(np.isfinite(value[k + 1]))
    return value, derived


def stage_paid(
    material: str, codes: Sequence[str], records: StageRecords, linked: Sequence[int], at: Sequence[int]
) -> Floats:
    """Return USD/t of what each named country imports (K, n); nan for the rest, which comes last, and shared codes."""
    bought, spent = records.bought[list(linked)][:, at], records.spent[list(linked)][:, at]
    alone = np.array([(material, codes[s]) not in _blended() for s in linked])
    found = np.divide(spent, bought, out=np.full_like(spent, np.nan), where=(bought > 0) & alone[:, None])
    return np.append(found, np.full((len(linked), 1), np.nan), axis=1)


def _range(case: Case, quantity: str, m: int, y: int) -> Floats:
    """Return high less low (S, n) of a cube by country; nan where it has none."""
    cube = case.cube(quantity)
    if cube.low is None or cube.high is None:
        return np.full((len(case.axis("stage")), len(case.axis("country"))), np.nan)
    axes = [case.axis(name) for name in CELL]
    low, high = (replace(cube, values=end, low=None, high=None).on(*axes)[m, :, :, y] for end in (cube.low, cube.high))
    return np.asarray(high - low)


def with_unlisted(
    case: Case, records: StageRecords, material: str, linked: Sequence[int], inside: Sequence[int]
) -> tuple[StageRecords, dict[int, str], dict[int, float]]:
    """Return the records with output of linked stages that no source lists by country, how each was found, and totals.

    Totals are those that published shares are of.

    A stage that is traded under the codes of an earlier one gives that one its output; else published shares say who
    makes what part, and what they leave is made by those who sell beyond their imports.
    """
    output, notes, totals = records.output.copy(), {}, {}
    codes = case.axis("stage").codes
    made, share = np.nan_to_num(output), records.share.copy()
    for place, s in enumerate(linked):
        if made[s].any() and not records.lone[s]:
            continue
        later = [t for t in [t for t in inside if t > s][:1] if t not in linked and made[t].any()]
        hidden = [t for t in later if not records.lone[t]]
        if later and not hidden:
            notes[s] = LONE.format(stage=codes[later[0]])
        if hidden and np.isnan(records.share[s]).all():
            output[s], notes[s] = output[hidden[0]], UNDER.format(stage=codes[hidden[0]])
        elif np.nansum(records.share[s]) > 0:
            before = output[linked[place - 1]] if place else None
            fed = None if before is None else float(np.nansum(before))
            ore = place > 0 and codes[linked[place - 1]] == "mined"  # scrap joins where ore is worked up, and once
            total, how = _world(case, records, s, fed, _scrap(case, material) if ore else 0.0)
            output[s], totals[s] = np.where(made[s] > 0, made[s], _by_share(records, s, total)), total
            share[s] = np.where(made[s] > 0, np.nan, share[s])  # a figure of its own stands for its part
            notes[s] = SHARED.format(share=min(1.0, float(np.nansum(records.share[s]))), how=how)
    return replace(records, output=output, share=share), notes, totals


def of_earlier_stage(records: StageRecords, linked: Sequence[int], known: np.ndarray) -> Floats:
    """Return trade (S, n, n) t that moves between stages, below 0 where it leaves and above where it arrives.

    What a country sells beyond what it makes and buys of a stage, and makes of an earlier one, is of the nearest such
    stage: a trade code that holds intermediates and finished forms says no more than their sum (cobalt hydroxide and
    metal under one code). It goes to those of its buyers alone that make the stage: who does not work it up has no
    use for it, and what they buy says that more is made than is on record.
    """
    trade, output = records.trade.copy(), np.nan_to_num(records.output)
    for place, s in enumerate(linked):
        for before in reversed([t for t in linked[:place] if known[t] and known[s]]):
            sold = trade[s].sum(axis=1)
            beyond = np.maximum(sold - output[s] - trade[s].sum(axis=0), 0.0) * ~np.isnan(records.output[s])
            spare = np.maximum(output[before] - trade[before].sum(axis=1), 0.0)
            amount, worked = np.minimum(beyond, spare), trade[s] * (output[s] > 0)
            gone = worked * _part(amount, worked.sum(axis=1))[:, None]
            trade[before] += gone
            trade[s] -= gone
    return trade - records.trade


def _part(amount: Floats, whole: Floats) -> Floats:
    """Return the part (n,) of a whole that an amount is, 0..1; 0 of nothing."""
    return np.asarray(np.clip(np.divide(amount, whole, out=np.zeros_like(whole), where=whole > 0), 0.0, 1.0))


def _scrap(case: Case, material: str) -> float:
    """Return the part of a material's input that comes of old scrap, 0 where nobody publishes one."""
    if "recycling_input_rate" not in case.cubes:
        return 0.0
    rate = float(case.array("recycling_input_rate", "material")[case.axis("material").at(material)])
    return min(rate, MOST_SCRAP) if np.isfinite(rate) else 0.0


def _world(case: Case, records: StageRecords, s: int, before: float | None, scrap: float = 0.0) -> tuple[float, str]:
    """Return world output of a stage, t, and how it is known: the chain's throughput bounds what is published.

    W = min(stated, y·B/(1 - r)):  B output of the stage before, y usual yield, r part of input that is old scrap
    """
    chained = before * assumed("stage_yield", case) / (1.0 - scrap) if before else np.inf
    stated = float(records.world[s]) if np.isfinite(records.world[s]) else np.inf
    if np.isfinite(chained) or np.isfinite(stated):
        fed = WITH_SCRAP.format(part=scrap) if scrap > 0 else CHAINED
        return (chained, fed) if chained <= stated else (stated, STATED)
    trade, share = records.trade[s], np.nan_to_num(records.share[s])
    net = np.where(share > 0, np.maximum(trade.sum(axis=1) - trade.sum(axis=0), 0.0), 0.0)
    sells = net > 0
    return (float(net.sum() / share[sells].sum()) if sells.any() else float(trade.sum())), SOLD


def _by_share(records: StageRecords, s: int, total: float) -> Floats:
    """Return output (n,) t of a world total: named countries by their share, the rest by exports beyond imports."""
    share, trade = records.share[s], records.trade[s]
    named = np.nan_to_num(share)
    named = named / max(1.0, float(named.sum()))
    net = np.where(np.isnan(share), np.maximum(trade.sum(axis=1) - trade.sum(axis=0), 0.0), 0.0)
    rest = max(0.0, 1.0 - float(named.sum())) * total
    others = net * min(1.0, rest / net.sum()) if net.sum() > 0 else net
    return np.asarray(named * total + others)


def active(case: Case, records: StageRecords, member: np.ndarray) -> tuple[StageRecords, tuple[str, ...], np.ndarray]:
    """Return the records on the countries that are named or have any, their codes, and which of them are named."""
    made = np.nan_to_num(records.output).any(axis=0) | (np.nan_to_num(records.share) > 0).any(axis=0)
    some = records.trade.any(axis=(0, 1)) | records.trade.any(axis=(0, 2)) | made
    at = np.nonzero(some | member)[0]
    by_country = ("output", "bought", "spent", "share", "share_spread", "spread")
    mine = {name: getattr(records, name)[:, at] for name in by_country}
    small = replace(records, trade=records.trade[:, at][:, :, at], **mine)
    return small, tuple(case.axis("country").codes[c] for c in at), member[at]
