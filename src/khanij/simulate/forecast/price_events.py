"""What a cut does to a price: a line over the priced events, goods drawn to one another, and ordinary noise.

  middle    m = a + b·(-ln(1 - lost)) + v[g], by horizon; least absolute errors with a ridge
  v[g]      mean error of a good's events, times n·t²/(n·t² + w²): t² between goods, w² within
  spread    √(k² + s[g]²), s the ordinary log change of the good's price a year, drawn to that of all goods
  quantile  m + spread·e[τ], e from errors of each wave forecast without it
Fitted to events of split fit alone; those of split test are forecast once. Prices inside the country that restricts are
left out: nothing was lost there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.kernels.chances import intervals
from khanij.reference.assumptions import assumed
from khanij.reference.chronicle.priced_events import PricedEvent

HORIZONS = ("peak", "after")  # highest price found, price a year on
LEVELS = 39
RIDGE = 0.05
INSIDE = "inside-market"
OURS, STILL, USUAL = "model", "no change", "usual event"
COVER = (0.5, 0.8, 0.9)
SETS: dict[str, Callable[[PricedEvent], bool]] = {
    "all": lambda event: True,
    "events": lambda event: event.role == "event",
    "controls": lambda event: event.role == "control",
    "no other main cause": lambda event: event.other_causes != "main",
}


@dataclass(frozen=True, slots=True)
class PriceNoise:
    """Ordinary yearly log changes: sum of squares and count of each good up to each year, and of all goods.

    squares, counts  (M, T) of changes up to the year of the column      usual  root mean square of all
    """

    materials: tuple[str, ...]
    years: tuple[int, ...]
    squares: Floats
    counts: Floats
    prior: float

    def of(self, material: str, year: int) -> float:
        """Return the ordinary change of a good before a year: √((Σ d² + n₀·s²)/(n + n₀)), s that of all goods then."""
        t = max(int(np.searchsorted(self.years, year)) - 1, 0)
        whole = float(np.sqrt(self.squares[:, t].sum() / max(self.counts[:, t].sum(), 1.0)))
        if material not in self.materials:
            return whole
        m = self.materials.index(material)
        return float(np.sqrt((self.squares[m, t] + self.prior * whole**2) / (self.counts[m, t] + self.prior)))


def noise(case: Case) -> PriceNoise:
    """Return the ordinary changes of yearly prices on record; assumption price_noise_prior draws short series."""
    cube = case.cube("price_series")
    with np.errstate(invalid="ignore", divide="ignore"):
        steps = np.diff(np.log(cube.values), axis=1, prepend=np.nan)
    known = np.isfinite(steps)
    squares = np.where(known, steps, 0.0) ** 2
    return PriceNoise(
        cube.axes[0].codes,
        tuple(int(year) for year in cube.axes[1].codes),
        squares.cumsum(axis=1),
        known.astype(np.float64).cumsum(axis=1),
        assumed("price_noise_prior", case),
    )


@dataclass(frozen=True, slots=True)
class EventRows:
    """Priced events as arrays: what was lost (n, 1), the ordinary change (n,) and the log rise (n,) at one horizon."""

    events: tuple[PricedEvent, ...]
    horizon: str
    x: Floats
    noise: Floats
    rise: Floats

    def pick(self, rows: NDArray[np.bool_]) -> EventRows:
        """Return some rows."""
        kept = tuple(event for event, keep in zip(self.events, rows.tolist(), strict=True) if keep)
        return EventRows(kept, self.horizon, self.x[rows], self.noise[rows], self.rise[rows])


def rows(events: Iterable[PricedEvent], held: PriceNoise, horizon: str) -> EventRows:
    """Return the events that have a price at a horizon."""
    kept = [e for e in events if e.role != INSIDE and np.isfinite(getattr(e, horizon)[1])]
    lost = np.array([min(max(e.lost[1], 0.0), 0.99) for e in kept])
    ordinary = np.array([held.of(e.material, e.start.first.year) for e in kept])
    rise = np.array([np.log(getattr(e, horizon)[1] / e.before[1]) for e in kept])
    return EventRows(tuple(kept), horizon, -np.log1p(-lost)[:, None], ordinary, rise)


@dataclass(frozen=True, slots=True)
class PriceFit:
    """What a fit has learnt of one horizon: line, effects of goods, spread beyond noise, quantiles of errors (39,)."""

    line: Floats
    goods: Mapping[str, float]
    spread: float
    errors: Floats
    usual: float

    def middle(self, found: EventRows) -> Floats:
        """Return the log rise (n,)."""
        effect = np.array([self.goods.get(event.material, 0.0) for event in found.events])
        return np.asarray(self.line[0] + found.x @ self.line[1:] + effect)

    def quantiles(self, found: EventRows) -> Floats:
        """Return quantiles (n, 39) of the log rise."""
        unit = np.sqrt(self.spread**2 + found.noise**2)
        return np.asarray(self.middle(found)[:, None] + unit[:, None] * self.errors[None, :])


def fit(found: EventRows) -> PriceFit:
    """Return the fit of one horizon; its quantiles are of errors of each wave forecast without it."""
    waves = np.array([event.wave for event in found.events])
    errors = np.empty(len(waves))
    for wave in np.unique(waves):
        out = waves == wave
        line, goods = _line(found.pick(~out))
        left = found.pick(out)
        effect = np.array([goods.get(event.material, 0.0) for event in left.events])
        errors[out] = left.rise - line[0] - left.x @ line[1:] - effect
    line, goods = _line(found)
    beyond = float(np.sqrt(max((errors**2).mean() - (found.noise**2).mean(), 0.0)))
    scaled = errors / np.sqrt(beyond**2 + found.noise**2)
    n = len(scaled)
    tau = np.clip(intervals.levels(LEVELS) * (1 + 1 / n) - 0.5 / n, 0.0, 1.0)
    return PriceFit(line, goods, beyond, np.quantile(scaled, tau), float(np.median(found.rise)))


def _line(found: EventRows) -> tuple[Floats, dict[str, float]]:
    """Return the line and the effects of goods."""
    line = intervals.line(found.x, found.rise, np.ones(len(found.rise)), RIDGE)
    left = found.rise - line[0] - found.x @ line[1:]
    of: dict[str, list[float]] = {}
    for event, error in zip(found.events, left.tolist(), strict=True):
        of.setdefault(event.material, []).append(error)
    several = [errors for errors in of.values() if len(errors) > 1]
    within = float(np.mean([np.var(errors, ddof=1) for errors in several])) if several else float(left.var())
    between = max(float(np.var([np.mean(errors) for errors in of.values()])) - within / (len(left) / len(of)), 0.0)
    shrunk = {
        good: float(np.mean(errors)) * len(errors) * between / (len(errors) * between + within)
        for good, errors in of.items()
        if between > 0
    }
    return line, shrunk


@dataclass(frozen=True, slots=True)
class PriceScore:
    """Errors of some events at one horizon: mean |log error| by name, CRPS, and what intervals hold."""

    horizon: str
    events: int
    error: dict[str, float]
    crps: float
    crps_still: float
    covered: tuple[float, ...]


def score(found: EventRows, fitted: PriceFit, chosen: Sequence[bool] | NDArray[np.bool_]) -> PriceScore | None:
    """Return the score of chosen events; None without any. No change has the ordinary noise as its interval."""
    some = found.pick(np.asarray(chosen, dtype=bool))
    if not some.events:
        return None
    q, z = fitted.quantiles(some), some.rise
    normal = np.array([NormalDist().inv_cdf(level) for level in intervals.levels(LEVELS).tolist()])
    still = some.noise[:, None] * normal[None, :]
    told = {OURS: q[:, LEVELS // 2], STILL: np.zeros(len(z)), USUAL: np.full(len(z), fitted.usual)}
    return PriceScore(
        found.horizon,
        len(z),
        {name: float(np.abs(z - m).mean()) for name, m in told.items()},
        float(intervals.crps(q, z).mean()),
        float(intervals.crps(still, z).mean()),
        tuple(float(intervals.covered(q, z, part).mean()) for part in COVER),
    )


def by_good(found: EventRows) -> list[tuple[str, PriceScore]]:
    """Return the score of each good: its events forecast by the waves of split fit that none of them belongs to."""
    waves = np.array([event.wave for event in found.events])
    goods = np.array([event.material for event in found.events])
    taught = np.array([event.split == "fit" for event in found.events])
    out = []
    for good in sorted(set(goods.tolist())):
        mine = goods == good
        one = score(found, fit(found.pick(taught & ~np.isin(waves, waves[mine]))), mine)
        out += [(good, one)] if one else []
    return out
