"""Every large fall of exports on record, and what the trade of its year says of importers, pairs and other sellers.

A fall: an exporter of SHARE of the world's tonnes of a trade code sells FALL less of it a year later, in tonnes. Asked,
given that part: what do importers get, who sells to whom, at what value per tonne do others sell. All targets are logs,
z = ln((after + δ)/(before + δ)), δ a thousandth of the code's trade; flags follow rules of the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from khanij.core.case import Case
from khanij.core.cube import Floats, Positions
from khanij.core.errors import CoverageError

SHARE, FALL = 0.1, 0.4
TAUGHT = 0.2  # smaller falls that are learnt from, and never tested
SPIKE = 1.5  # times the median of the three years before: what follows is a rebound
LARGE, SELLER = 0.01, 0.05  # part of the trade from which an importer or a pair, and another seller, is a target
DUST = 1e-3
UNWEIGHED = 0.1  # part of the trade's value without a usable tonnage from which a year says nothing
BACK, CHANGES, FAR = 3, 5, 2.0  # years of an ordinary level, of ordinary changes; largest log deviation taken
USUAL, STRENGTH = 0.4, 3.0  # log change a year that short records are drawn to, and how many years it counts for
KINDS = ("importers", "pairs", "unit values")
NODES = 40  # traders that the engine tells apart
Flags = NDArray[np.bool_]
Base = tuple[Positions, Floats]  # nodes, and flows (nodes + 1, nodes + 1) t between them and the rest


@dataclass(frozen=True, slots=True)
class Falls:
    """N falls; the year is that of the fall, the base year the one before.

    code, seller, year   (N,) positions      cut  (N,) part of its tonnes lost      weight  (N,) its part of the trade
    rebound  (N,) the base year was a spike      slump  (N,) others sold less too, and cheaper: demand fell
    bare     (N,) part of the trade's value without usable tonnage, the worse of both years
    replaced (N,) what others sold more, over the tonnes lost: what is learnt from, never forecast with
    """

    code: Positions
    seller: Positions
    year: Positions
    cut: Floats
    weight: Floats
    rebound: Flags
    slump: Flags
    bare: Floats
    replaced: Floats

    @property
    def tested(self) -> Flags:
        """Return which falls are large enough to be tests (N,)."""
        return np.asarray(self.cut >= FALL)

    @property
    def scored(self) -> Flags:
        """Return which falls have tonnes known well enough in both years (N,)."""
        return np.asarray(self.bare <= UNWEIGHED)


@dataclass(frozen=True, slots=True)
class Targets:
    """What is forecast of the falls, n rows.

    fall (n,) position of the fall      kind (n,) position in KINDS      at (n, 2) seller and importer, -1 = all of them
    z    (n,) what was seen             share (n,) part of the base year's trade
    before, lost, filled, dust  (n,) t, so that "others replace r" says ln((before - lost + r·filled + δ)/(before + δ))
    x      (n, FEATURES) what was known and may move the middle      noise (n, 4) what may widen the spread, in logs
    """

    fall: Positions
    kind: Positions
    at: Positions
    z: Floats
    share: Floats
    before: Floats
    lost: Floats
    filled: Floats
    dust: Floats
    x: Floats
    noise: Floats

    def rule(self, replaced: Floats | float) -> Floats:
        """Return the log change if others replace a part of what is lost, in proportion (n,)."""
        left = self.before - self.lost + replaced * self.filled
        return np.asarray(np.log((left + self.dust) / (self.before + self.dust)))

    def pick(self, rows: Flags | Positions) -> Targets:
        """Return some rows."""
        return Targets(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


FEATURES = (
    "above its usual level",
    "change of the last year",
    "world above its usual level",
    "change of the world",
    "seller above its usual level",
    "importer above its usual level",
    "part of the world's supply lost",
    "part of its own lost",
)


@dataclass(frozen=True, slots=True)
class CodeTrade:
    """One code through T years: flow (T, C, C) t, its sums by seller, importer (C, T) and in all (T,).

    value, weighed  (C, T) kUSD and tonnes of each seller's flows that have a usable tonnage
    """

    flow: Floats
    sold: Floats
    bought: Floats
    whole: Floats
    value: Floats
    weighed: Floats


class TradeHistory:
    """Thirty years of trade by code, one edition, from a Case."""

    def __init__(self, case: Case) -> None:
        """Read the cubes; nothing is computed yet."""
        cube = case.cube("code_trade")
        assert cube.at is not None
        self.codes, self.countries = cube.axes[0].codes, cube.axes[1].codes
        self.years = tuple(int(year) for year in cube.axes[3].codes)
        order = np.argsort(cube.at[0], kind="stable")
        self._at, self._tonnes = cube.at[:, order], np.nan_to_num(cube.values[order])
        self._value = case.cube("code_trade_value").values[order]
        recorded = np.nan_to_num(case.cube("code_trade_recorded").values[order])
        self._usable = (recorded > 0) & (np.abs(recorded - self._tonnes) <= 1e-9 * recorded)
        self._first = np.searchsorted(self._at[0], np.arange(len(self.codes) + 1))
        self.ended = case.cube("territory_break").values > 0

    def trade(self, code: int) -> CodeTrade:
        """Return one code through the years."""
        rows, n, t = slice(self._first[code], self._first[code + 1]), len(self.countries), len(self.years)
        at, whole = self._at[1:, rows], np.where(self._usable[rows], 1.0, 0.0)
        flow = np.bincount(
            np.ravel_multi_index((at[2], at[0], at[1]), (t, n, n)), weights=self._tonnes[rows], minlength=n * n * t
        )
        home, abroad = (np.ravel_multi_index((side, at[2]), (n, t)) for side in (at[0], at[1]))
        mass, value = self._tonnes[rows], self._value[rows]
        columns = ((home, mass), (abroad, mass), (home, value * whole), (home, mass * whole))
        sold, bought, worth, weighed = (
            np.bincount(to, weights=amount, minlength=n * t).reshape(n, t) for to, amount in columns
        )
        return CodeTrade(flow.reshape(t, n, n), sold, bought, sold.sum(axis=0), worth, weighed)

    def bare(self, code: int) -> Floats:
        """Return the part of a code's value without usable tonnage by year (T,); nan without trade."""
        rows = slice(self._first[code], self._first[code + 1])
        year, value = self._at[3, rows], self._value[rows]
        whole, lacking = (
            np.bincount(year, weights=w, minlength=len(self.years)) for w in (value, value * ~self._usable[rows])
        )
        return np.divide(lacking, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def find(history: TradeHistory, codes: Positions | None = None) -> tuple[Falls, Targets, list[Base]]:
    """Return every fall of some codes, None = all, its targets, and the base year's flows of the largest traders.

    Raises CoverageError where there is none.
    """
    falls: list[tuple[float, ...]] = []
    parts: list[Targets] = []
    bases: list[Base] = []
    for code in range(len(history.codes)) if codes is None else codes.tolist():
        seen, bare = history.trade(code), history.bare(code)
        for seller, base in _large(seen, history.ended):
            n = len(falls)
            falls.append((code, seller, base + 1, *_fall(seen, seller, base), max(bare[base], bare[base + 1])))
            parts += list(_targets(seen, n, seller, base))
            bases.append(_joined(seen.flow[base], seller))
    if not falls:
        raise CoverageError("no fall of a large seller on record", where="code_trade", hint="more codes, or more years")
    names = ("code", "seller", "year", "cut", "weight", "rebound", "slump", "replaced", "bare")
    columns = dict(zip(names, np.array(falls).reshape(-1, len(names)).T, strict=True))
    whole = {name: columns[name].astype(np.intp) for name in names[:3]} | {
        name: columns[name] > 0 for name in ("rebound", "slump")
    }
    joined = Targets(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Targets)})
    return Falls(**(columns | whole)), joined, bases


def _joined(flow: Floats, seller: int) -> Base:
    """Return the seller and the NODES - 1 largest other traders, and flows between them and the rest."""
    size = flow.sum(axis=0) + flow.sum(axis=1)
    size[seller] = np.inf
    at = np.argsort(-size, kind="stable")[:NODES]
    inside = flow[np.ix_(at, at)]
    sold, bought = flow[at].sum(axis=1) - inside.sum(axis=1), flow[:, at].sum(axis=0) - inside.sum(axis=0)
    rest = float(flow.sum() - inside.sum() - sold.sum() - bought.sum())
    return at, np.block([[inside, np.maximum(sold, 0.0)[:, None]], [np.maximum(bought, 0.0), max(rest, 0.0)]])


def _large(seen: CodeTrade, ended: Flags) -> list[tuple[int, int]]:
    """Return (seller, base year) of every fall of a code, the year before it on record for a base of comparison."""
    sold, whole = seen.sold, seen.whole
    large = (sold[:, :-1] >= SHARE * whole[:-1]) & (sold[:, :-1] > 0) & (whole[1:] > 0)
    fell = large & (sold[:, 1:] <= (1.0 - TAUGHT) * sold[:, :-1]) & ~ended[:, :-1]
    return [(int(c), int(t)) for c, t in zip(*np.nonzero(fell), strict=True)]


def _fall(seen: CodeTrade, seller: int, base: int) -> tuple[float, ...]:
    """Return cut, weight, rebound, slump and replaced of one fall."""
    sold = seen.sold[seller]
    others = np.arange(len(seen.sold)) != seller
    was, now = (float(seen.sold[others, t].sum()) for t in (base, base + 1))
    worth, mass = seen.value[others].sum(axis=0), seen.weighed[others].sum(axis=0)
    unit = np.divide(worth, mass, out=np.full(len(worth), np.nan), where=mass > 0)
    earlier = sold[max(base - BACK, 0) : base]
    spike = bool(len(earlier)) and bool(sold[base] > SPIKE * np.median(earlier))
    slump = now < was and bool(unit[base + 1] < unit[base])
    cut, weight = 1.0 - sold[base + 1] / sold[base], sold[base] / (was + sold[base])
    return float(cut), float(weight), float(spike), float(slump), (now - was) / float(cut * sold[base])


def _targets(seen: CodeTrade, n: int, seller: int, base: int) -> Iterator[Targets]:
    """Yield the targets of one fall: importers, pairs, other sellers' value per tonne."""
    flow, after = seen.flow[base], seen.flow[base + 1]
    whole, sold, bought = float(seen.whole[base]), seen.sold, seen.bought
    cut = 1.0 - float(sold[seller, base + 1] / sold[seller, base])
    dust = DUST * whole
    others = np.arange(len(flow)) != seller
    gap, rest = cut * flow[seller], flow[others].sum(axis=0)
    about = _About(seen, seller, base, cut, dust, _noise(bought, base, dust))

    at = np.nonzero((bought[:, base] >= LARGE * whole) & others)[0]
    filled = np.where(rest > 0, gap, 0.0)
    place = np.stack([np.full(len(at), -1), at], axis=1)
    masses = (flow.sum(axis=0)[at], gap[at], filled[at], after.sum(axis=0)[at])
    yield about.rows(n, 0, place, masses, bought[at])

    s, i = np.nonzero((flow >= LARGE * whole) & others[None, :])
    own = s == seller
    share = np.divide(flow[s, i], rest[i], out=np.zeros(len(s)), where=rest[i] > 0)
    masses = (flow[s, i], np.where(own, gap[i], 0.0), np.where(own, 0.0, share * gap[i]), after[s, i])
    yield about.rows(n, 1, np.stack([s, i], axis=1), masses, seen.flow[:, s, i].T)

    unit = np.divide(seen.value, seen.weighed, out=np.zeros_like(seen.value), where=seen.weighed > 0)
    s = np.nonzero((sold[:, base] >= SELLER * whole) & others & (unit[:, base] > 0) & (unit[:, base + 1] > 0))[0]
    nothing = np.zeros(len(s))
    place = np.stack([s, np.full(len(s), -1)], axis=1)
    yield about.rows(n, 2, place, (unit[s, base], nothing, nothing, unit[s, base + 1]), unit[s])


@dataclass(frozen=True, slots=True)
class _About:
    """One fall, and what all its targets share."""

    seen: CodeTrade
    seller: int
    base: int
    cut: float
    dust: float
    restless: float

    def rows(self, n: int, kind: int, at: Positions, masses: tuple[Floats, ...], past: Floats) -> Targets:
        """Return targets: masses before, lost, filled and after (m,), and what each was in every year (m, T)."""
        before, lost, filled, after = masses
        seen, t = self.seen, self.base
        dust = np.full(len(at), 0.0 if kind == 2 else self.dust)
        whole = seen.whole
        share = (seen.sold[at[:, 0], t] if kind == 2 else before) / whole[t]
        world = np.divide(
            seen.value.sum(axis=0),
            seen.weighed.sum(axis=0),
            out=np.zeros(len(whole)),
            where=seen.weighed.sum(axis=0) > 0,
        )
        common, soft = (world, 0.0) if kind == 2 else (whole, self.dust)
        sellers = np.where(at[:, 0] >= 0, at[:, 0], self.seller)
        buyers = at[:, 1]
        drawn = _level(seen.sold[sellers], t, self.dust)
        importer = np.where(buyers >= 0, _level(seen.bought[buyers], t, self.dust), 0.0)
        weight = float(seen.sold[self.seller, t] / whole[t])
        columns = (
            _level(past, t, dust),
            _step(past, t, dust),
            _level(common[None], t, soft) + np.zeros(len(at)),
            _step(common[None], t, soft) + np.zeros(len(at)),
            drawn,
            importer,
            np.full(len(at), -np.log1p(-self.cut * min(weight, 0.999))),
            np.divide(lost, before, out=np.zeros(len(at)), where=before > 0),
        )
        wide = np.stack(
            [
                np.log(np.maximum(share, 1e-6)),
                np.log(_swing(past, t, dust)),
                np.full(len(at), np.log(self.restless)),
                columns[7],
            ],
            axis=1,
        )
        with np.errstate(divide="ignore"):
            z = np.log((after + dust) / (before + dust))
        full = np.full(len(at), n)
        return Targets(
            full, np.full(len(at), kind), at, z, share, before, lost, filled, dust, np.stack(columns, 1), wide
        )


def _level(past: Floats, t: int, dust: Floats | float) -> Floats:
    """Return ln of this year's amount over the mean of the BACK years before (m,); 0 where they hold nothing."""
    usual = past[:, max(t - BACK, 0) : t].mean(axis=1) if t else np.zeros(len(past))
    return _ratio(past[:, t], usual, dust)


def _step(past: Floats, t: int, dust: Floats | float) -> Floats:
    """Return ln of this year's amount over the last one's (m,); 0 where that is nothing."""
    return _ratio(past[:, t], past[:, t - 1] if t else np.zeros(len(past)), dust)


def _ratio(now: Floats, then: Floats, dust: Floats | float) -> Floats:
    """Return the log ratio within FAR, 0 where either is nothing."""
    there = (now > 0) & (then > 0)
    found = np.log((np.where(there, now, 1.0) + dust) / (np.where(there, then, 1.0) + dust))
    return np.where(there, np.clip(found, -FAR, FAR), 0.0)


def _swing(past: Floats, t: int, dust: Floats | float) -> Floats:
    """Return the usual log change from year to year (m,), root mean square of CHANGES, drawn to USUAL."""
    steps = (
        np.stack([_step(past, t - n, dust) for n in range(min(CHANGES, t))], axis=1) if t else np.zeros((len(past), 0))
    )
    known = (np.abs(steps) > 0).sum(axis=1)
    return np.sqrt(((steps**2).sum(axis=1) + STRENGTH * USUAL**2) / (known + STRENGTH))


def _noise(bought: Floats, t: int, dust: float) -> float:
    """Return the usual part of the trade that moves between importers from a year to the next: median Σ|ΔM|/ΣM."""
    first = max(t - CHANGES, 0)
    moved = np.abs(np.diff(bought[:, first : t + 1], axis=1)).sum(axis=0)
    whole = bought[:, first : t + 1].sum(axis=0)[1:]
    known = moved[whole > 0] / whole[whole > 0]
    return float(np.clip(np.median(known), 0.05, 2.0)) if len(known) else USUAL
