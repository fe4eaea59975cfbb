"""When an exporter loses much of its place in a market, and what could be seen of that the year before.

Notation: q[k, c, y] exports of code k by country c in year y, Q[k, y] of the world, s = q/Q. An exporter falls where
s[y+1] <= (1 - FALL)*s[y]: its exports shrink by FALL against the world's. Shares of one pair of years are in one
measure: tonnes if the code has any in both years, else value. Features of a year use that year and earlier ones only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Positions = NDArray[np.intp]

FALL = 0.4  # part lost against the world
SHARE = 0.01  # share of world exports from which an exporter is a case
MEMORY = 0.9  # weight of a year's record relative to the next one
USUAL = 0.2  # share of cases that fall, towards which short records are drawn
FEATURES = (
    "share",
    "concentration of the code",
    "world trade of the code",
    "no earlier change",
    "rise of the last year",
    "fall of the last year",
    "fall of the year before",
    "above its five years",
    "below its five years",
    "volatility",
    "rise x volatility",
    "earlier falls, own",
    "earlier falls, code",
    "earlier falls, country",
    "destinations",
    "concentration of destinations",
    "re-export",
    "governance",
    "change of governance",
    "governance unknown",
    "political distance",
    "political distance unknown",
    "price growth",
    "price growth unknown",
    "by-product",
    "by-product unknown",
    "cheap tonnes",
)


@dataclass(frozen=True, slots=True)
class Panel:
    """Exports by code, country and year, and how each share changed.

    tonnes, value  (K, C, Y) exports          bought  (K, C, Y) imports, value
    share          (K, C, Y) of world exports, by tonnes where the code has them that year, else by value
    before         (K, C, Y) share in y, in the measure of the pair (y, y+1); nan in the last year
    change         (K, C, Y) log of s[y+1]/s[y], at least -4 and at most 4; nan without a pair
    case, fell     (K, C, Y) exporters of at least SHARE with a pair; those that fell
    destinations, narrow, distance  (K, C, Y) number of importers, their concentration, mean political distance
    """

    tonnes: Floats
    value: Floats
    bought: Floats
    share: Floats
    before: Floats
    change: Floats
    case: Flags
    fell: Flags
    destinations: Floats
    narrow: Floats
    distance: Floats


def panel(
    at: Positions, tonnes: Floats, value: Floats, sizes: tuple[int, int, int], ended: Floats, ideal: Floats
) -> Panel:
    """Return the panel of bilateral flows.

    at             (4, E) positions on code, exporter, importer, year
    tonnes, value  (E,) tonnes (nan = not known) and value
    sizes          numbers of codes, countries and years
    ended          (C, Y) 1 = the next year's record stands for another territory: no pair
    ideal          (C, Y) position in a political space, nan = not known
    """
    code, exporter, importer, year = at
    out, home = (code, exporter, year), (code, importer, year)
    mass: Floats = np.nan_to_num(tonnes, nan=0.0)
    shipped, sold, bought = _sum(out, mass, sizes), _sum(out, value, sizes), _sum(home, value, sizes)
    apart: Floats = np.abs(ideal[exporter, year] - ideal[importer, year])
    known = ~np.isnan(apart)
    far = _sum((code[known], exporter[known], year[known]), (apart * value)[known], sizes)
    share, before, after = _shares(shipped, sold)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.clip(np.log(after / before), -4.0, 4.0)
    usable = (before > 0) & ~np.isnan(after) & (ended[None] == 0)
    case = usable & (before >= SHARE)
    return Panel(
        tonnes=shipped,
        value=sold,
        bought=bought,
        share=share,
        before=before,
        change=np.where(usable, change, np.nan),
        case=case,
        fell=case & (after <= (1 - FALL) * before),
        destinations=_sum(out, (value > 0).astype(np.float64), sizes),
        narrow=_over(_sum(out, value**2, sizes), sold**2),
        distance=_over(far, _sum((code[known], exporter[known], year[known]), value[known], sizes)),
    )


def features(seen: Panel, rows: Positions, governance: Floats, price: Floats, companion: Floats) -> Floats:
    """Return what was known of each case at the end of its year, (n, len(FEATURES)), missing figures as 0 and a flag.

    rows        (3, n) positions on code, country, year
    governance  (C, Y) mean score, nan = not known
    price       (K, Y) price of the code's material, nan = not known
    companion   (K,) share that comes as a by-product, nan = not known
    """
    code, country, year = rows
    mine = (code, country, year)
    share = np.where(np.isnan(seen.share), 0.0, seen.share)
    world = seen.value.sum(axis=1)
    last, earlier = _back(seen.change, 1)[mine], _back(seen.change, 2)[mine]
    steps = np.stack([_back(seen.change, n)[mine] for n in range(1, 6)])
    count = (~np.isnan(steps)).sum(axis=0)
    spread = 0.5 * np.log((np.nansum(steps**2, axis=0) + 3 * 0.36) / (count + 3))
    five = _mean(np.stack([_back(seen.share, n)[mine] for n in range(1, 6)]))
    usual = _log(share[mine]) - _log(five)
    usual = np.where(np.isnan(usual), 0.0, np.clip(usual, -3.0, 3.0))
    rise = _zero(np.maximum(last, 0.0))
    own, of_code, of_country = _records(seen)
    level = governance[country, year]
    moved = level - governance[country, np.maximum(year - 3, 0)]
    dearer = np.clip(_log(price) - _log(_back(price, 1)), -1.0, 1.0)[code, year]
    apart, side = seen.distance[mine], companion[code]
    columns = (
        _log(share[mine]),
        _log((share**2).sum(axis=1)[code, year]),
        np.log(np.maximum(world[code, year], 1.0)),
        np.isnan(last),
        rise,
        _zero(np.minimum(last, 0.0)),
        _zero(np.minimum(earlier, 0.0)),
        np.maximum(usual, 0.0),
        np.minimum(usual, 0.0),
        spread,
        rise * spread,
        own[mine],
        of_code[code, year],
        of_country[country, year],
        np.log(np.maximum(seen.destinations[mine], 1.0)),
        _zero(seen.narrow[mine]),
        np.clip(np.log((seen.bought[mine] + 1.0) / (seen.value[mine] + 1.0)), -6.0, 2.0),
        _zero(level),
        _zero(moved),
        np.isnan(level),
        _zero(apart),
        np.isnan(apart),
        _zero(dearer),
        np.isnan(dearer),
        _zero(side),
        np.isnan(side),
        _cheap(seen, rows),
    )
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def _shares(shipped: Floats, sold: Floats) -> tuple[Floats, Floats, Floats]:
    """Return share of the year, and share in this and the next year in the measure that both years have."""
    heavy, worth = shipped.sum(axis=1, keepdims=True), sold.sum(axis=1, keepdims=True)
    by_mass, by_value = _over(shipped, np.broadcast_to(heavy, shipped.shape)), _over(sold, worth + 0.0 * sold)
    here = np.where(heavy > 0, by_mass, by_value)
    both = (heavy > 0) & (_ahead(heavy) > 0)
    before = np.where(both, by_mass, by_value)
    after = np.where(both, _ahead(by_mass), _ahead(by_value))
    return here, np.where(np.isnan(after), np.nan, before), after


def _records(seen: Panel) -> tuple[Floats, Floats, Floats]:
    """Return log of the share of earlier cases that fell: of the exporter in the code, of the code, of the country."""
    cases, falls = seen.case.astype(np.float64), seen.fell.astype(np.float64)
    return (
        _record(falls, cases, 4.0),
        _record(falls.sum(axis=1), cases.sum(axis=1), 10.0),
        _record(falls.sum(axis=0), cases.sum(axis=0), 10.0),
    )


def _record(falls: Floats, cases: Floats, prior: float) -> Floats:
    """Return the log share of falls in pairs that ended by each year, fading by MEMORY, drawn towards USUAL."""
    out = np.empty_like(falls)
    hit, all_ = np.zeros(falls.shape[:-1]), np.zeros(falls.shape[:-1])
    for year in range(falls.shape[-1]):
        out[..., year] = np.log((hit + USUAL * prior) / (all_ + prior))
        hit, all_ = MEMORY * hit + falls[..., year], MEMORY * all_ + cases[..., year]
    return out


def _cheap(seen: Panel, rows: Positions) -> Floats:
    """Return by how much (log) an exporter's value per tonne lies below the code's: such tonnages seldom last."""
    mine = (rows[0], rows[1], rows[2])
    heavy, worth = seen.tonnes.sum(axis=1), seen.value.sum(axis=1)
    usual = _over(worth, heavy)[rows[0], rows[2]]
    own = np.maximum(seen.value[mine], 1e-3) / np.maximum(seen.tonnes[mine], 1e-3)
    gap = np.where(np.isnan(usual), 0.0, np.log(own / np.where(np.isnan(usual), 1.0, usual)))
    return np.asarray(-np.minimum(np.clip(gap, -4.0, 4.0), 0.0))


def _sum(at: tuple[Positions, Positions, Positions], amounts: Floats, sizes: tuple[int, int, int]) -> Floats:
    """Return amounts added up at (code, country, year)."""
    flat = np.ravel_multi_index(at, sizes)
    summed: Floats = np.bincount(flat, weights=amounts, minlength=int(np.prod(sizes))).astype(np.float64, copy=False)
    return summed.reshape(sizes)


def _over(part: Floats, whole: Floats) -> Floats:
    """Return part/whole, nan where the whole is 0."""
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))


def _log(values: Floats) -> Floats:
    """Return the log, of at least 1e-6; nan stays nan."""
    return np.log(np.maximum(values, 1e-6))


def _zero(values: Floats) -> Floats:
    """Return the values with nan as 0."""
    return np.where(np.isnan(values), 0.0, values)


def _mean(stack: Floats) -> Floats:
    """Return the mean of the known values over the first axis, nan where there are none."""
    count = (~np.isnan(stack)).sum(axis=0)
    return np.where(count > 0, np.nansum(stack, axis=0) / np.maximum(count, 1), np.nan)


def _back(values: Floats, years: int) -> Floats:
    """Return the values of `years` years before, nan where the record has not begun."""
    out = np.full(values.shape, np.nan)
    out[..., years:] = values[..., : values.shape[-1] - years]
    return out


def _ahead(values: Floats) -> Floats:
    """Return the values of the next year, nan in the last one."""
    out = np.full(values.shape, np.nan)
    out[..., :-1] = values[..., 1:]
    return out
