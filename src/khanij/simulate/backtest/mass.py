"""Every large fall forecast given its cut, as quantiles: the market engine, what others replaced before, and noise.

  middle   m = b0 + b·(engine, rule(r[g]), what was known), least absolute errors on the fitted years
  r[g]     part of the lost tonnes that others replaced, by good, drawn to all goods' by its own spread
  spread   ln u = c0 + c·(ordinary change of the series, of the code, its size, part lost), fitted to ln|z - m|
  quantile q[τ] = m + u·e[τ], e of the fitted years, moved by conformal calibration on the years between
Three rules stand beside it with their own errors of the same years for quantiles, moved in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats, Positions
from khanij.core.rng import stream
from khanij.kernels.chances import intervals
from khanij.kernels.markets import market
from khanij.reference.assumptions import assumed
from khanij.reference.industry.elasticities import elasticity
from khanij.simulate.backtest import falls
from khanij.simulate.backtest.falls import KINDS, Falls, Flags, Targets, TradeHistory
from khanij.simulate.supply import parameters

RULES = {"no change": None, "proportional": 0.0, "others replace a quarter": 0.25}
OURS, STILL = "model", "no change"
SIZES = (0.03, 0.1)  # parts of the trade that cut small, middle and large targets apart
BLOCK = 64  # falls whose markets are cleared at once
LEVELS = 39
RIDGE, TRIM = 5.0, (-1.0, 2.0)
SMALL = 0.02  # log error below which a hit counts as this near
DRAWS, SEED, INSIDE = 500, 0, (0.05, 0.95)  # resampled falls behind the interval of a skill
COVER = (0.5, 0.8, 0.9)
DRAWN_LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)  # of the reliability diagram
WITHOUT = {OURS: (), "without the engine": (0,), "without what others replaced": (1,), "without both": (0, 1)}


@dataclass(frozen=True, slots=True)
class Split:
    """Years of falls: fitted up to `early`, intervals moved by those up to `between`, tested up to `last`."""

    early: int
    between: int
    last: int

    def __str__(self) -> str:
        """Return "2017 to 2024"."""
        return f"{self.between + 1} to {self.last}"


MAIN = Split(2012, 2016, 2024)
EARLIER = (Split(2008, 2012, 2016), Split(2004, 2008, 2012), Split(2000, 2004, 2008))


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a split has learnt, by kind of target.

    middle, spread  weights, intercept first      errors  (39,) quantiles of (z - m)/u      move  (39,) in units of u
    rules           name -> (sizes, 39) quantiles of z - rule, moved already
    """

    middle: Floats
    spread: Floats
    errors: Floats
    move: Floats
    rules: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Quantiles (n, 39) of the log change of n targets, by name: the model's and each rule's."""

    targets: Targets
    quantiles: dict[str, Floats]

    def crps(self, name: str) -> Floats:
        """Return the continuous ranked probability score of each target (n,)."""
        return intervals.crps(self.quantiles[name], self.targets.z)


@dataclass(frozen=True, slots=True)
class MassTest:
    """Everything that is told: forecasts of the tested years by split, the falls, and what each good is called.

    forecasts   of the targets of tested, scored falls      replaced  (N,) part that others were taken to replace
    variants    the main split with parts of the model left out
    """

    falls: Falls
    named: tuple[tuple[str, str], ...]
    years: tuple[int, ...]
    forecasts: dict[Split, Forecasts]
    variants: dict[str, Forecasts]


@dataclass(frozen=True, slots=True)
class MassScore:
    """Scores of one kind of target over some falls; CRPS is the mean over falls of that weighted by trade.

    crps     by name      skill, best  over no change and over the best rule, each with 90 % of resampled falls
    covered  part of the targets in the central intervals of COVER
    """

    kind: str
    falls: int
    targets: int
    crps: dict[str, float]
    skill: tuple[float, float, float]
    best: tuple[float, float, float]
    covered: tuple[float, ...]


SETS: dict[str, Callable[[Falls], Flags]] = {
    "all": lambda f: np.ones(len(f.cut), dtype=bool),
    "no rebound": lambda f: ~f.rebound,
    "no rebound, not demand-led": lambda f: ~f.rebound & ~f.slump,
}
COUNTED = "no rebound"  # the set that what was asked is held against
BANDS: dict[str, Callable[[Falls], Flags]] = {
    "below 10 % of the trade": lambda f: f.cut * f.weight < 0.1,
    "10 to 25 %": lambda f: (f.cut * f.weight >= 0.1) & (f.cut * f.weight < 0.25),
    "25 % and more": lambda f: f.cut * f.weight >= 0.25,
}


def together(parts: Sequence[Forecasts]) -> Forecasts:
    """Return forecasts of several splits as one."""
    columns = {f.name: np.concatenate([getattr(p.targets, f.name) for p in parts]) for f in fields(Targets)}
    return Forecasts(
        Targets(**columns), {name: np.concatenate([p.quantiles[name] for p in parts]) for name in (OURS, *RULES)}
    )


def reliability(found: Forecasts, chosen: Flags) -> dict[str, Floats]:
    """Return by kind the part of chosen targets at or below the quantile of each of DRAWN_LEVELS."""
    out = {}
    for kind, name in enumerate(KINDS):
        rows = chosen & (found.targets.kind == kind)
        q, z = found.quantiles[OURS][rows], found.targets.z[rows]
        out[name] = np.array([intervals.below(q, z, level).mean() if rows.any() else np.nan for level in DRAWN_LEVELS])
    return out


def mass(case: Case, codes: Positions | None = None, splits: Sequence[Split] = (MAIN, *EARLIER)) -> MassTest:
    """Return the back-test on every large fall of some codes, None = all of them."""
    history = TradeHistory(case)
    found, targets, bases = falls.find(history, codes)
    named = goods(history, case)
    materials = sorted({material for material, _ in named})
    good = np.array([materials.index(named[code][0]) for code in found.code])
    told, year = engine(found, targets, bases, named), np.array(history.years)[found.year]
    forecasts, variants = {}, {}
    for split in splits:
        early = found.scored & (year <= split.early)
        part, _ = replaced(found, good, early)
        x = design(targets, told, part[good][targets.fall])
        usable = (found.scored & found.tested)[targets.fall]
        when = year[targets.fall]
        learnt, between = early[targets.fall], usable & (when > split.early) & (when <= split.between)
        later = usable & (when > split.between) & (when <= split.last)
        for name, out in WITHOUT.items() if split == MAIN else ((OURS, ()),):
            kept = np.delete(x, out, axis=1)
            made = forecast(targets.pick(later), kept[later], fit(targets, kept, learnt, between, usable))
            variants |= {name: made} if split == MAIN else {}
            forecasts |= {split: made} if name == OURS else {}
    return MassTest(found, named, history.years, forecasts, variants)


@dataclass(frozen=True, slots=True)
class PoolingErrors:
    """Mean |error| in logs of what importers got after falls, each counted once: by part pooled, and of no change."""

    falls: int
    by_part: tuple[float, ...]
    still: float


def pooling_errors(case: Case, parts: Sequence[float]) -> dict[str, PoolingErrors]:
    """Return by kind of good how far importers' trade lay from what they would lose with a part w of it pooled.

    z = ln((before - lost + δ) / (before + δ)), lost = (1 - w) what the seller sold them less + w its part of the whole
    trade; over scored falls that are tests and no rebound. Nobody replaces anything: who loses is asked, not how much.
    """
    history = TradeHistory(case)
    found, targets, _ = falls.find(history)
    named = goods(history, case)
    pooled = np.array([elasticity("pooled", *named[code]).range.best > 0 for code in found.code])
    out = {}
    for name, kind in (("of a world market", pooled), ("others", ~pooled)):
        chosen = (kind & found.scored & found.tested & ~found.rebound)[targets.fall]
        rows = targets.pick(chosen & (targets.kind == KINDS.index("importers")))
        alike = (found.cut * found.weight)[rows.fall] * rows.before
        _, at = np.unique(rows.fall, return_inverse=True)
        mass = np.bincount(at, rows.share)
        mixed = [replace(rows, lost=(1.0 - part) * rows.lost + part * alike) for part in parts]
        gaps = [np.abs(rows.z), *(np.abs(rows.z - one.rule(0.0)) for one in mixed)]
        still, *errors = ((np.bincount(at, rows.share * gap) / mass).mean().item() for gap in gaps)
        out[name] = PoolingErrors(len(mass), tuple(errors), still)
    return out


def score(found: Forecasts, chosen: Flags) -> tuple[MassScore, ...]:
    """Return the scores of each kind of target over chosen targets (n,); none where there are no targets."""
    out = []
    for kind, name in enumerate(KINDS):
        rows = chosen & (found.targets.kind == kind)
        if not rows.any():
            continue
        falls_of, at = np.unique(found.targets.fall[rows], return_inverse=True)
        weight = found.targets.share[rows]
        mass_of = np.bincount(at, weight)
        crps = {rule: np.bincount(at, weight * found.crps(rule)[rows]) / mass_of for rule in (OURS, *RULES)}
        mean = {rule: float(values.mean()) for rule, values in crps.items()}
        best = min(RULES, key=lambda rule: mean[rule])
        drawn = stream(SEED, kind).integers(0, len(falls_of), (DRAWS, len(falls_of)))
        skills = [
            (1.0 - mean[OURS] / mean[rule], *np.quantile(1.0 - again[0] / again[1], INSIDE).tolist())
            for rule in (STILL, best)
            for again in [[crps[which][drawn].mean(axis=1) for which in (OURS, rule)]]
        ]
        q, z = found.quantiles[OURS][rows], found.targets.z[rows]
        covered = tuple(float(intervals.covered(q, z, part).mean()) for part in COVER)
        out.append(MassScore(name, len(falls_of), int(rows.sum()), mean, skills[0], skills[1], covered))
    return tuple(out)


def replaced(found: Falls, goods: Positions, known: Flags) -> tuple[Floats, float]:
    """Return the part that others replaced by good (G,), and of all goods.

    Means of known falls, weighted by tonnes at stake as a part of the trade, drawn to the mean of all by the variance
    within goods over that between them (DerSimonian and Laird 1986, by moments).
    """
    y, w = np.clip(found.replaced, *TRIM)[known], (found.cut * found.weight)[known]
    g, count = goods[known], int(goods.max()) + 1
    whole = float((w * y).sum() / w.sum())
    mass, n = np.bincount(g, w, count), np.bincount(g, minlength=count)
    mean = np.divide(np.bincount(g, w * y, count), mass, out=np.full(count, whole), where=mass > 0)
    within = float((w * (y - mean[g]) ** 2).sum() / w.sum())
    size = np.maximum(n, 1)
    between = max(float((n * ((mean - whole) ** 2 - within / size)).sum() / n.sum()), 1e-3)
    return np.clip(whole + (mean - whole) * n * between / (n * between + within), 0.0, 1.0), whole


def goods(history: TradeHistory, case: Case) -> tuple[tuple[str, str], ...]:
    """Return (material, stage) of every code: the first that the code table names."""
    cube = case.cube("code_material")
    assert cube.at is not None
    found: dict[int, tuple[str, str]] = {}
    for code, material, stage in cube.at.T.tolist():
        found.setdefault(code, (cube.axes[1].codes[material], cube.axes[2].codes[stage]))
    return tuple(found[code] for code in range(len(history.codes)))


def engine(
    found: Falls, targets: Targets, bases: Sequence[tuple[Positions, Floats]], named: Sequence[tuple[str, str]]
) -> Floats:
    """Return the market engine's log change of every target (n,); the "quarter" rule's where it does not clear.

    One stage, the largest traders and the rest; the seller's links share what it still sells; published values.
    bases  nodes, the seller first, and flows between them and the rest      named  (material, stage) by code
    """
    out = targets.rule(0.25)
    first = np.searchsorted(targets.fall, np.arange(len(found.cut) + 1))
    for start in range(0, len(found.cut), BLOCK):
        rows = range(start, min(start + BLOCK, len(found.cut)))
        flow = np.stack([bases[n][1] for n in rows])
        told = _cleared(flow, found.cut[rows.start : rows.stop], [named[found.code[n]] for n in rows])
        for b, n in enumerate(rows):
            if told.converged[b]:
                span = np.arange(first[n], first[n + 1])
                out[span] = _told(targets.pick(span), flow[b], bases[n][0], told, b)
    return out


def _cleared(flow: Floats, cut: Floats, named: Sequence[tuple[str, str]]) -> market.Outcome:
    """Return the markets (B, 1, n, n) after the first node sells `cut` less abroad."""
    best = [parameters.best(material, (stage,)) for material, stage in named]
    of = {name: np.concatenate([getattr(b, name) for b in best]) for name in ("sigma", "demand", "supply", "spare")}
    b, n = flow.shape[:2]
    restricted = np.zeros((b, 1, n, n), dtype=bool)
    restricted[:, 0, 0, 1:] = True
    quota = np.full((b, 1, n), np.inf)
    quota[:, 0, 0] = (1.0 - cut) * flow[:, 0].sum(axis=1)
    nothing = np.zeros((b, 1, n))
    return market.solve(
        market.MarketChain(flow[:, None], nothing, nothing),
        market.Response(
            sigma=np.clip(of["sigma"], of["demand"], assumed("substitution_limit")),
            demand=of["demand"][:, :, None],
            supply=of["supply"][:, :, None],
            choke=np.full((1, 1, 1), assumed("choke_price")),
            shut=np.full((1, 1, 1), assumed("shutdown_price")),
        ),
        market.MarketShock(
            capacity=np.broadcast_to(1.0 + of["spare"][:, :, None], (b, 1, n)),
            banned=restricted & (quota <= 0)[..., None],
            quota=np.where(quota > 0, quota, np.inf),
            restricted=restricted & (quota > 0)[..., None],
        ),
    )


def _told(rows: Targets, flow: Floats, at: Positions, told: market.Outcome, b: int) -> Floats:
    """Return the engine's log changes of the targets of one fall."""
    place = np.full(max(int(at.max()), int(rows.at.max())) + 1, len(at))
    place[at] = np.arange(len(at))
    s, i = place[np.maximum(rows.at[:, 0], 0)], place[np.maximum(rows.at[:, 1], 0)]
    after, price = told.trade[b, 0], told.price[b, 0]
    whole = rows.kind == 0
    was = np.where(whole, flow.sum(axis=0)[i], flow[s, i])
    now = np.where(whole, after.sum(axis=0)[i], after[s, i])
    with np.errstate(divide="ignore", invalid="ignore"):
        tonnes = np.log((now + rows.dust) / (was + rows.dust))
    dearer = np.log(np.where(price > 0, price, 1.0))
    return np.where(rows.kind == 2, dearer[s], tonnes)


def design(targets: Targets, told: Floats, part: Floats) -> Floats:
    """Return what the middle is fitted to (n, J): the engine, the rule with the replaced part of its good, and x."""
    return np.column_stack([told, targets.rule(part), targets.x])


def fit(targets: Targets, x: Floats, early: Flags, between: Flags, tested: Flags) -> dict[int, Fitted]:
    """Return by kind what is learnt: fitted to the early years, its intervals moved by the years between.

    x  (n, J) of design()      early, between  (n,) which targets      tested  (n,) those of falls as large as a test's
    """
    out = {}
    for kind in range(len(KINDS)):
        now, then = early & (targets.kind == kind), between & (targets.kind == kind)
        mean, sd = x[now].mean(axis=0), x[now].std(axis=0)
        sd = np.where(sd > 0, sd, 1.0)
        weight = targets.share[now] / targets.share[now].mean()
        b = intervals.line((x[now] - mean) / sd, targets.z[now], weight, RIDGE)
        middle = np.concatenate([[b[0] - (b[1:] * mean / sd).sum()], b[1:] / sd])
        gap = np.abs(targets.z - _on(middle, x))
        rows = np.column_stack([np.ones(int(now.sum())), targets.noise[now]])
        spread = np.linalg.lstsq(rows, np.log(gap[now] + SMALL), rcond=None)[0]
        unit = np.exp(_on(spread, targets.noise))
        tau = intervals.levels(LEVELS)
        errors = np.quantile((targets.z - _on(middle, x))[now] / unit[now], tau)
        raw = (_on(middle, x))[:, None] + unit[:, None] * errors[None, :]
        move = intervals.conformal(raw[then], targets.z[then], unit[then])
        out[kind] = Fitted(middle, spread, errors, move, _rules(targets, now & tested, then))
    return out


def _rules(targets: Targets, now: Flags, then: Flags) -> dict[str, Floats]:
    """Return each rule's own errors (sizes, 39) in the early years, moved by the years between."""
    out, size, tau = {}, sizes(targets), intervals.levels(LEVELS)
    for name, part in RULES.items():
        gap = targets.z - point(targets, part)
        some = [now & (size == s) if (now & (size == s)).any() else now for s in range(len(SIZES) + 1)]
        table = np.stack([np.quantile(gap[rows], tau) for rows in some])
        one = np.ones(int(then.sum()))
        move = intervals.conformal(table[size[then]], gap[then], one)
        out[name] = np.sort(table + move, axis=1)
    return out


def point(targets: Targets, part: float | None) -> Floats:
    """Return a rule's log change (n,); None = no change."""
    return np.zeros(len(targets.z)) if part is None else targets.rule(part)


def sizes(targets: Targets) -> Positions:
    """Return 0, 1, 2 for small, middle and large targets (n,)."""
    return np.searchsorted(SIZES, targets.share, side="right")


def forecast(targets: Targets, x: Floats, found: dict[int, Fitted]) -> Forecasts:
    """Return quantiles of every target under the model and under each rule."""
    quantiles = {name: np.empty((len(targets.z), LEVELS)) for name in (OURS, *RULES)}
    for kind, fitted in found.items():
        at = targets.kind == kind
        unit = np.exp(_on(fitted.spread, targets.noise[at]))
        raw = _on(fitted.middle, x[at])[:, None] + unit[:, None] * fitted.errors[None, :]
        quantiles[OURS][at] = intervals.moved(raw, fitted.move, unit)
        for name, part in RULES.items():
            own = targets.pick(at)
            quantiles[name][at] = point(own, part)[:, None] + fitted.rules[name][sizes(own)]
    return Forecasts(targets, quantiles)


def _on(weights: Floats, x: Floats) -> Floats:
    """Return the line (n,) of weights, intercept first."""
    return np.asarray(weights[0] + x @ weights[1:])
