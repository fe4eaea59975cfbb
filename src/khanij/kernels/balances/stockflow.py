"""Stock and flow by cohort: what enters use, how long it lasts, what leaves.

Notation: S stock at the end of a period, I inflow and O outflow within it, all in one unit of mass or count; flows are
amounts per period, not per year, so that on any time grid I - O = ΔS. Of the inflow of period c,
the part L[t, c] is left at the end of period t. S = L I gives the stock of a known inflow; solved forwards, as no later
cohort matters, it gives the inflow that a known stock needs. Time is the last axis, T periods between T + 1 bounds;
leading axes are series and broadcast against those of the lifetimes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import erfc, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
SHARE = {"start": 0.0, "middle": 0.5, "end": 1.0}  # moment of the inflow as a part of its period
NEGATIVE = ("raise", "clip", "allow")
ROUNDING = 1e-12  # part of the largest stock below which a negative inflow counts as rounding
MANY = 8  # series with one lifetime from which a written-out table pays
BLOCK = 32  # periods solved at once
PIECE = 512  # series solved at once, so that they stay in the cache
ALONE = 2**18  # multiplications in one product: BLAS starts no threads for fewer, which costs more than it brings
NODES = 512  # nodes per unit of the table of erfc
FAR = 28.0  # erfc is 0 beyond
TERMS = 6  # terms of the series about a node: the next is below 1e-16


@lru_cache(maxsize=1)
def _nodes() -> tuple[Floats, Floats]:
    """Return erfc and its slope, -2/√π exp(-x²), at the nodes from -6 to FAR."""
    at = np.arange(round(-6 * NODES), round(FAR * NODES) + 1) / NODES
    return np.array([erfc(x) for x in at]), -2 / sqrt(pi) * np.exp(-(at**2))


def error_complement(x: ArrayLike) -> Floats:
    """Return erfc(x), within 1e-15.

    erfc(a + d) = erfc(a) - 2/√π exp(-a²) Σ_n (-1)^n H_n(a) d^(n+1)/(n+1)!, a the nearest node, H_n Hermite polynomials

    x any shape, no unit
    Reference: Abramowitz and Stegun 1964, 7.1.1 and 22.9.17 (generating function of H_n).
    """
    value, slope = _nodes()
    asked = np.asarray(x, dtype=np.float64)
    flat, found = asked.reshape(-1), np.empty(asked.size)
    for start in range(0, flat.size, 2**14):  # pieces that stay in the cache
        bounded = np.minimum(np.maximum(flat[start : start + 2**14], -6.0), FAR)
        node = np.rint(bounded * NODES)
        d = bounded - node / NODES
        across, square = node * d * (-2 / NODES), d * d
        before, term, total = np.zeros_like(d), d, d
        for n in range(1, TERMS):  # term_n = (-1)^n H_n d^(n+1)/(n+1)!, from H_n = 2a H_(n-1) - 2(n-1) H_(n-2)
            before, term = term, (across * term - (2 * (n - 1) / n) * square * before) / (n + 1)
            total = total + term
        at = np.nan_to_num(node).astype(np.intp) + 6 * NODES
        found[start : start + 2**14] = value[at] + slope[at] * total
    return found.reshape(asked.shape)


def normal(age: ArrayLike, mean: ArrayLike, deviation: ArrayLike) -> Floats:
    """Return the part left at an age under a normal lifetime, 1 - Φ((age - mean)/deviation).

    age (A,) years; mean, deviation (...) years, > 0
    returns (..., A), no unit. The part of lives below 0, Φ(-mean/deviation), leaves in the period in which it came.
    """
    middle, width = _positive(mean, "mean"), _positive(deviation, "deviation")
    return 0.5 * error_complement((np.asarray(age, dtype=np.float64) - middle) / (width * sqrt(2)))


def lognormal(age: ArrayLike, mean: ArrayLike, deviation: ArrayLike) -> Floats:
    """Return the part left at an age under a log-normal lifetime, 1 - Φ((ln age - μ)/σ).

    σ² = ln(1 + (deviation/mean)²), μ = ln(mean) - σ²/2: mean and deviation are those of the lifetime, not of its log

    age (A,) years, >= 0; mean, deviation (...) years, > 0
    returns (..., A), no unit; 1 at age 0
    Reference: Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, chapter 14.
    """
    middle, width = _positive(mean, "mean"), _positive(deviation, "deviation")
    square = np.log1p((width / middle) ** 2)
    years = np.asarray(age, dtype=np.float64)
    log = np.log(years, out=np.full_like(years, -np.inf), where=years > 0)
    return 0.5 * error_complement((log - np.log(middle) + square / 2) / np.sqrt(2 * square))


def weibull(age: ArrayLike, shape: ArrayLike, scale: ArrayLike) -> Floats:
    """Return the part left at an age under a Weibull lifetime, exp(-(age/scale)^shape).

    age (A,) years, >= 0; shape (...) no unit, > 0; scale (...) years, > 0
    returns (..., A), no unit
    """
    power, width = _positive(shape, "shape"), _positive(scale, "scale")
    return np.asarray(np.exp(-((np.asarray(age, dtype=np.float64) / width) ** power)))


def fixed(age: ArrayLike, life: ArrayLike) -> Floats:
    """Return the part left at an age under one life for all: 1 while age < life, then 0.

    age (A,) years; life (...) years, > 0
    returns (..., A), no unit
    """
    return np.asarray(np.asarray(age, dtype=np.float64) < _positive(life, "life"), dtype=np.float64)


def _positive(parameter: ArrayLike, name: str) -> Floats:
    """Return a parameter with an axis for age behind it; raises ValueError if any value is not above 0."""
    values = np.asarray(parameter, dtype=np.float64)[..., None]
    if not np.all(values > 0):
        raise ValueError(f"{name} must be above 0 and known everywhere")
    return values


@dataclass(frozen=True, slots=True)
class Survival:
    """What is left of each cohort, checked on entry: within 0 and 1 and never rising with age.

    values (..., T) by lag in periods where `even`, else (..., T, T) left at the end of period t (row) of cohort c
           (column), 0 where c > t; a table may give each cohort its own lifetime
    even   whether the part left depends on the lag t - c alone
    Raises ValueError if a part is unknown, beyond 0 and 1, rises with age, or comes before its cohort.
    """

    values: Floats
    even: bool

    def __post_init__(self) -> None:
        """Check the parts."""
        values = self.values
        if not np.all((values >= 0) & (values <= 1)):
            raise ValueError("a part left must be known and within 0 and 1")
        if self.even:
            rises = bool(np.any(np.diff(values, axis=-1) > 0))
        else:
            if values.shape[-1:] != values.shape[-2:-1] or np.any(np.triu(values, 1) != 0):
                raise ValueError(f"a table of cohorts must be square and 0 above its diagonal, not {values.shape}")
            rises = bool(np.any(np.tril(np.diff(values, axis=-2)) > 0))
        if rises:
            raise ValueError("a part left cannot rise with age")

    @property
    def lead(self) -> tuple[int, ...]:
        """Return the leading axes."""
        return self.values.shape[:-1] if self.even else self.values.shape[:-2]

    @property
    def table(self) -> Floats:
        """Return the part left at the end of period t (row) of cohort c (column), (..., T, T)."""
        return _table(self.values) if self.even else self.values

    @property
    def losses(self) -> Floats:
        """Return the part that leaves, by lag (..., T) or as a table (..., T, T), as the values are."""
        if self.even:
            return -np.diff(self.values, axis=-1, prepend=1.0)
        alive = np.concatenate([np.zeros_like(self.values[..., :1, :]), self.values[..., :-1, :]], axis=-2)
        return np.asarray(alive + np.eye(self.values.shape[-1]) - self.values)


def _table(lags: Floats) -> Floats:
    """Return parts by lag (..., T) as a table (..., T, T) of row minus column, 0 above the diagonal, as a view."""
    count = lags.shape[-1]
    back = np.concatenate([lags[..., ::-1], np.zeros((*lags.shape[:-1], count - 1))], axis=-1)
    return np.lib.stride_tricks.sliding_window_view(back, count, axis=-1)[..., ::-1, :]


def survival(bounds: ArrayLike, curve: Callable[[Floats], Floats], *, at: str = "middle") -> Survival:
    """Return what is left of each cohort at the end of each period.

    L[t, c] = curve(end of t - moment of inflow in c). On an even grid T ages say it all; on any other the curve is
    asked once for each age that occurs.

    bounds (T + 1,) years, rising, any spacing
    curve  ages (A,) in years, rising -> part left (..., A): `lambda age: normal(age, mean, deviation)`
    at     "start", "middle" or "end": moment of its period at which the whole inflow comes
    Raises ValueError for bounds that do not rise, an unknown `at`, or a curve that rises with age.
    """
    edges = np.asarray(bounds, dtype=np.float64)
    length = np.diff(edges)
    if edges.ndim != 1 or not len(length) or not np.all(length > 0):
        raise ValueError("bounds must be at least two moments, each after the one before")
    if at not in SHARE:
        raise ValueError(f"inflow at {at!r} is not one of {', '.join(SHARE)}")
    if even := bool(np.ptp(length) <= 1e-9 * length[0]):
        known = (np.arange(len(length)) + (1 - SHARE[at])) * ((edges[-1] - edges[0]) / len(length))
    else:
        row, column = np.tril_indices(len(length))
        ages = edges[row + 1] - (edges[column] + SHARE[at] * length[column])
        known, place = np.unique(np.maximum(ages, 0.0), return_inverse=True)
    given = curve(known)
    parts = np.minimum.accumulate(given, axis=-1)
    if np.any(given - parts > ROUNDING):
        raise ValueError("a part left cannot rise with age")
    if even:
        return Survival(parts, even=True)
    table = np.zeros((*parts.shape[:-1], len(length), len(length)))
    table[..., row, column] = parts[..., place]
    return Survival(table, even=False)


@dataclass(frozen=True, slots=True)
class StockFlows:
    """Stock and flows of one or many series.

    inflow, outflow  (..., T) amount per period
    stock            (..., T) amount at the end of each period
    before           (...) amount at the start of the first period
    clipped          (..., T) whether a negative inflow was put to 0
    """

    inflow: Floats
    outflow: Floats
    stock: Floats
    before: Floats
    clipped: Flags

    @property
    def imbalance(self) -> Floats:
        """Return inflow - outflow - change of stock, (..., T), unit of the stock: 0 but for rounding."""
        earlier = np.concatenate([self.before[..., None], self.stock[..., :-1]], axis=-1)
        return np.asarray(self.inflow - self.outflow - (self.stock - earlier))

    def check_balance(self, tolerance: float = 1e-9) -> None:
        """Raise ValueError if mass is lost or made by more than a part of the largest amount of a series."""
        largest = np.maximum(np.abs(self.stock).max(axis=-1), np.abs(self.inflow).max(axis=-1))
        off = np.abs(self.imbalance).max(axis=-1) > tolerance * np.maximum(largest, np.abs(self.before))
        if np.any(off):
            where = tuple(int(k) for k in np.argwhere(off)[0])
            raise ValueError(f"mass is not kept in series {where}: {np.abs(self.imbalance[where]).max():.3g} off")


def inflow_driven(inflow: ArrayLike, left: Survival, *, opening: ArrayLike | None = None) -> StockFlows:
    """Return stock and outflow of a known inflow.

    S = L I + opening; O[t] = Σ_c (L[t-1, c] - L[t, c]) I[c], with L[c-1, c] = 1

    inflow  (..., T) amount per period; a series with an unknown inflow is unknown as a whole
    left    what is left of each cohort; leading axes broadcast with those of the inflow
    opening (..., T + 1) what is left of the stock of before: at the start, then at the end of each period; absent = 0
    The model is linear: fed with the content of a material in the inflow, it returns the content of the outflow.
    """
    series, rest = _series(inflow, left, opening)
    unknown = np.isnan((series + rest[..., 1:] + rest[..., :1]).sum(axis=-1, keepdims=True))
    series = np.where(unknown, 0.0, series)
    stock = _apply(left.values, left, series) + rest[..., 1:]
    outflow = _apply(left.losses, left, series) - np.diff(rest, axis=-1)
    into, out, held = (np.where(unknown, np.nan, part) for part in (series, outflow, stock))
    return StockFlows(into, out, held, rest[..., 0], np.zeros(series.shape, dtype=np.bool_))


def stock_driven(
    stock: ArrayLike, left: Survival, *, opening: ArrayLike | None = None, negative: str = "raise"
) -> StockFlows:
    """Return the inflow that keeps up a known stock, and its outflow.

    I[t] = (S[t] - opening[t] - Σ_{c<t} L[t, c] I[c]) / L[t, t]

    stock    (..., T) amount at the end of each period; a series with an unknown stock is unknown as a whole
    left     what is left of each cohort; leading axes broadcast with those of the stock
    opening  (..., T + 1) what is left of the stock of before: at the start, then at the end of each period; absent = 0
    negative a stock that falls faster than it wears out asks for an inflow below 0. "raise": ValueError with the first
             such series and period (below 1e-12 of the largest stock it is rounding, and stays); "clip": the inflow is
             0, what is too much stays until it wears out, and the stock returned is the one that comes of it;
             "allow": stays, to be read as a removal of new goods
    Raises ValueError if the periods differ, if a cohort is gone by the end of its own period, or as above.
    """
    if negative not in NEGATIVE:
        raise ValueError(f"negative inflow {negative!r} is not one of {', '.join(NEGATIVE)}")
    if not np.all(np.diagonal(left.table, axis1=-2, axis2=-1) > 0):
        raise ValueError("a cohort is gone by the end of its own period: take shorter periods or inflow at the end")
    series, rest = _series(stock, left, opening)
    unknown = np.isnan((series + rest[..., 1:] + rest[..., :1]).sum(axis=-1, keepdims=True))
    series = np.where(unknown, 0.0, series)
    wanted = np.where(unknown, 0.0, series - rest[..., 1:])
    inflow = _solve(wanted, left, clip=False)
    clipped = np.zeros(series.shape, dtype=np.bool_)
    if negative == "raise":
        short = inflow < -ROUNDING * np.abs(series).max(axis=-1, keepdims=True)
        if np.any(short):
            *where, period = (int(k) for k in np.argwhere(short)[0])
            need = f"a fall faster than wear needs an inflow of {inflow[(*where, period)]:.6g}"
            raise ValueError(f"series {tuple(where)}, period {period}: {need}; say negative='clip' or 'allow'")
    elif negative == "clip" and np.any(inflow < 0):
        kept = _solve(wanted, left, clip=True)
        held = _apply(left.values, left, kept)
        gone = (inflow < 0).any(axis=-1, keepdims=True)
        inflow = np.where(gone, kept, inflow)
        clipped = gone & (held > wanted) & (kept == 0)
        series = np.where(gone, held + rest[..., 1:], series)
    outflow = _apply(left.losses, left, inflow) - np.diff(rest, axis=-1)
    into, out, held = (np.where(unknown, np.nan, part) for part in (inflow, outflow, series))
    return StockFlows(into, out, held, rest[..., 0], clipped)


def by_cohort(inflow: ArrayLike, left: Survival) -> tuple[Floats, Floats]:
    """Return stock at the end of and outflow in period t (row) of cohort c (column), (..., T, T), unit of inflow."""
    losses = _table(left.losses) if left.even else left.losses
    came = np.asarray(inflow, dtype=np.float64)[..., None, :]
    return np.asarray(left.table * came), np.asarray(losses * came)


def _series(values: ArrayLike, left: Survival, opening: ArrayLike | None) -> tuple[Floats, Floats]:
    """Return the series (..., T) and the rest of earlier stock (..., T + 1), broadcast with the lifetimes."""
    given, count = np.asarray(values, dtype=np.float64), left.values.shape[-1]
    old = np.zeros(count + 1) if opening is None else np.asarray(opening, dtype=np.float64)
    if given.shape[-1:] != (count,) or old.shape[-1:] != (count + 1,):
        raise ValueError(f"lifetimes {count}, series {given.shape[-1:]}, opening {old.shape[-1:]}: not T, T, T + 1")
    lead = np.broadcast_shapes(given.shape[:-1], left.lead, old.shape[:-1])
    return np.broadcast_to(given, (*lead, count)), np.broadcast_to(old, (*lead, count + 1))


def _grouped(series: Floats, left: Survival) -> tuple[Floats, Callable[[Floats], Floats]]:
    """Return series (..., T) as (O, M, T), O lifetimes each shared by M series, and the way back."""
    *lead, count = series.shape
    sizes = (1,) * (len(lead) - len(left.lead)) + left.lead
    own = [k for k, size in enumerate(sizes) if size > 1]
    order = (*own, *(k for k, size in enumerate(sizes) if size == 1), len(lead))
    moved = series.transpose(order)
    lives = int(np.prod([lead[k] for k in own], dtype=np.int64))
    back = np.argsort(order)
    grouped = np.ascontiguousarray(moved).reshape(lives, series.size // max(lives * count, 1), count)
    return grouped, lambda found: np.ascontiguousarray(found.reshape(moved.shape).transpose(back))


def _product(series: Floats, rows: Floats, before: int) -> Floats:
    """Return Σ_{c < before} rows[o, t, c] series[o, m, c], (O, M, B), in products too small for threads."""
    right = rows[:, :, :before].swapaxes(-1, -2)
    found = np.empty((*series.shape[:2], rows.shape[1]))
    step = max(MANY, ALONE // max(right.shape[1] * right.shape[2], 1))
    for start in range(0, series.shape[1], step):
        part = slice(start, start + step)
        np.matmul(series[:, part, :before], right, out=found[:, part])
    return found


def _apply(parts: Floats, left: Survival, series: Floats) -> Floats:
    """Return Σ_c parts[t, c] series[c], (..., T), for parts by lag or as a table, as those of `left` are."""
    given, scatter = _grouped(series, left)
    count = left.values.shape[-1]
    table = (_table(parts) if left.even else parts).reshape(-1, count, count)
    if given.shape[1] >= MANY:
        table, found = np.ascontiguousarray(table), np.empty_like(given)
        for start in range(0, count, BLOCK):
            found[:, :, start : start + BLOCK] = _product(given, table[:, start : start + BLOCK], start + BLOCK)
        return scatter(found)
    found = np.empty_like(given)
    step = max(1, PIECE // max(given.shape[1], 1))
    for start in range(0, len(given), step):
        piece = slice(start, start + step)
        for t in range(count):
            found[piece, :, t] = np.einsum("omt,ot->om", given[piece, :, : t + 1], table[piece, t, : t + 1])
    return scatter(found)


def _solve(wanted: Floats, left: Survival, *, clip: bool) -> Floats:
    """Return the inflow (..., T) of which the stock `wanted` (..., T) is left; with `clip`, none below 0."""
    given, scatter = _grouped(wanted, left)
    count = left.values.shape[-1]
    table = left.table.reshape(-1, count, count)
    if given.shape[1] >= MANY and not clip:
        return scatter(_solve_blocks(given, np.ascontiguousarray(table), even=left.even))
    inflow = np.empty_like(given)
    step = max(1, PIECE // max(given.shape[1], 1))
    for start in range(0, len(given), step):
        piece = slice(start, start + step)
        now, rows = inflow[piece], table[piece]
        for t in range(count):
            needed = given[piece, :, t] - np.einsum("omt,ot->om", now[:, :, :t], rows[:, t, :t])
            now[:, :, t] = (np.maximum(needed, 0.0) if clip else needed) / rows[:, None, t, t]
    return scatter(inflow)


def _solve_blocks(wanted: Floats, table: Floats, *, even: bool) -> Floats:
    """Return the inflow (O, M, T) of stocks (O, M, T) under tables (O, T, T), blocks of periods at once.

    Parts never rise down a column, so its diagonal is its largest: inverting a block swaps no rows and is forward
    substitution. On an even grid the blocks on the diagonal are one and the same.
    """
    inflow = np.empty_like(wanted)
    inverse = np.asarray(np.linalg.inv(table[:, :BLOCK, :BLOCK]), dtype=np.float64)
    for start in range(0, wanted.shape[-1], BLOCK):
        now = slice(start, start + BLOCK)
        if start and not even:
            inverse = np.asarray(np.linalg.inv(table[:, now, now]), dtype=np.float64)
        needed = wanted[:, :, now] - _product(inflow, table[:, now], start)
        inflow[:, :, now] = _product(needed, inverse[:, : needed.shape[-1]], needed.shape[-1])
    return inflow
