"""The risk of a focus as tables: figures, curve, who and what makes it, full stops, and the tornado."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from khanij.core.cube import Floats
from khanij.core.table import Table
from khanij.kernels import exceedance
from khanij.simulate.loss.losses import PARTIAL
from khanij.simulate.risk.dependence import FACTORS
from khanij.simulate.risk.years import Losses, by_label

if TYPE_CHECKING:
    from khanij.simulate.risk.ensemble import Risk

LEVELS = (0.9, 0.95, 0.99)
TAIL = 0.95  # level at which contributions to the tail are given
PERIODS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
MILLION = 1e6
UNIT = "MUSD"
MONEY = ("summary", "curve", "materials", "countries", "kinds", "n-1", "n-2", "tornado")  # tables of losses
SHARED = (
    "a year's loss of a material is divided among the sellers struck as the losses of each alone are, gains as 0; "
    "contributions add up to the figures of the whole"
)
WITHOUT = "without users' output"
LUCK = {
    "world": "with the whole world",
    "country": "with its country",
    "market": "with other sellers of its good",
    "own": "by itself",
}


def tables(found: Risk) -> dict[str, Table]:
    """Return every table of a risk by name; those without rows are left out."""
    whole = np.isfinite(found.losses.total)
    made = {
        "summary": summary(found),
        "curve": curve(found, whole),
        "materials": by_material(found, whole),
        "countries": by_country(found, whole),
        "kinds": by_kind(found, whole),
        "n-1": single_stops(found),
        "n-2": double_stops(found),
        "tornado": tornado(found),
        "hazards": Table.of("hazards", found.hazards.rows(), notes=found.hazards.notes),
        "dependence": bonds(found),
    }
    made |= {name: replace(made[name], notes=(*found.said, *made[name].notes)) for name in MONEY}
    return {name: table for name, table in made.items() if len(table)}


def left_out(focus: str, missing: Mapping[str, str]) -> dict[str, Table]:
    """Return the table of materials that are not counted, with the reason; nothing where all are."""
    rows = [{"material": material, "reason": reason} for material, reason in sorted(missing.items())]
    note = "their losses are not known, which is not the same as none"
    return {"missing": Table.of(f"materials not in the risk of {focus}", rows, notes=(note,))} if rows else {}


def summary(found: Risk) -> Table:
    """Return expected loss and tail figures, and how much of the simulation was solved."""
    losses, whole = found.losses, np.isfinite(found.losses.total)
    known = losses.total[whole] / MILLION
    rows = []
    if len(known):
        mean, error = (float(x) for x in exceedance.expected(known))
        rows.append(_figure("expected annual loss", mean, error, UNIT))
        for level in LEVELS:
            rows.append(_figure(f"VaR {level:.0%}", float(exceedance.value_at_risk(known, level)), None, UNIT))
            tail, spread = exceedance.tail_mean(known, level), exceedance.tail_error(known, level)
            rows.append(_figure(f"CVaR {level:.0%}", float(tail), float(spread), UNIT))
    struck = len(np.unique(found.drawn.year)) / found.years
    solved = np.concatenate([answer.solved for answer in found.answers])
    rounds = np.concatenate([answer.iterations for answer in found.answers])
    rows += [
        _figure("years simulated", found.years, None, "1"),
        _figure("events in a year", len(found.drawn.year) / found.years, None, "1"),
        _figure("share of years with an event", struck, None, "1"),
        _figure("share of years solved", float(whole.mean()), None, "1"),
        _figure("unlike scenarios", len(solved), None, "1"),
        _figure("share of scenarios solved", float(solved.mean()) if len(solved) else 1.0, None, "1"),
        _figure("iterations of the solver, median", float(np.median(rounds)) if len(rounds) else 0.0, None, "1"),
        _figure("iterations of the solver, most", float(rounds.max(initial=0)), None, "1"),
    ]
    notes = [f"{found.focus}, {found.years} years, seed {found.seed}; losses in USD of the base year, gains negative"]
    if not whole.all():
        ends = [exceedance.expected(array.sum(axis=1) / MILLION)[0] for array in (losses.least, losses.most)]
        notes.append(
            f"figures rest on the years that were solved; unsolved scenarios at 0: {float(ends[0]):,.1f}, at the "
            f"dearest solved one of their material: {float(ends[1]):,.1f} {UNIT} expected a year"
        )
    return Table.of(f"risk of {found.focus}", rows, notes=(*notes, *found.hazards.notes))


def _figure(name: str, value: float, error: float | None, unit: str) -> dict[str, Any]:
    """Return one row of the summary."""
    return {"figure": name, "value": value, "standard error": error, "unit": unit}


def curve(found: Risk, whole: np.ndarray) -> Table:
    """Return the loss that is exceeded once in so many years."""
    known = found.losses.total[whole] / MILLION
    periods = [period for period in PERIODS if period <= len(known)]
    drawn = exceedance.curve(known, periods) if periods else np.empty((0, 3))
    rows = [
        {"once in years": period, "loss": _some(row[0]), "low": _some(row[1]), "high": _some(row[2])}
        for period, row in zip(periods, drawn, strict=True)
    ]
    note = "low to high: 90 % interval of order statistics, of the simulation alone and not of its assumptions"
    return Table.of("loss-exceedance curve", rows, units={"loss": UNIT, "low": UNIT, "high": UNIT}, notes=(note,))


def by_material(found: Risk, whole: np.ndarray) -> Table:
    """Return what each material adds."""
    place = {material: at for at, material in enumerate(found.losses.materials)}
    label = np.array([place[m] for m in found.hazards.material], dtype=np.intp)[found.drawn.hazard]
    made = _parts("material", found.losses.materials, found.losses.material, _struck(found, label), found, whole)
    if not len(made):
        return made
    lacking = [", ".join(found.partial.get(material, ())) for material in made.columns["material"]]
    note = (f'"{WITHOUT}": of these stages the loss is {PARTIAL}',) if any(lacking) else ()
    return replace(made, columns={**made.columns, WITHOUT: lacking}, notes=(*made.notes, *note))


def by_country(found: Risk, whole: np.ndarray) -> Table:
    """Return what each seller adds."""
    names = found.hazards.countries
    label = np.array([names.index(c) for c in found.hazards.country], dtype=np.intp)[found.drawn.hazard]
    amounts = by_label(found.drawn, found.losses.event, label, len(names))
    return _parts("country", names, amounts, _struck(found, label), found, whole)


def by_kind(found: Risk, whole: np.ndarray) -> Table:
    """Return what each kind of event adds, told apart by the sort of luck that pushed it most."""
    kinds = tuple(dict.fromkeys(sorted(found.hazards.kind)))
    names = tuple(f"{kind}, {LUCK[factor]}" for kind in kinds for factor in FACTORS)
    kind = np.array([kinds.index(k) for k in found.hazards.kind], dtype=np.intp)[found.drawn.hazard]
    label = kind * len(FACTORS) + found.drawn.factor
    amounts = by_label(found.drawn, found.losses.event, label, len(names))
    return _parts("kind", names, amounts, _struck(found, label), found, whole)


def _struck(found: Risk, label: np.ndarray) -> dict[int, float]:
    """Return label -> share of years with an event of it."""
    pairs = np.unique(np.stack([found.drawn.year, label]), axis=1)
    numbers, counts = np.unique(pairs[1], return_counts=True)
    return dict(zip(numbers.tolist(), (counts / found.years).tolist(), strict=True))


def _parts(
    name: str, labels: Sequence[str], amounts: Floats, struck: dict[int, float], found: Risk, whole: np.ndarray
) -> Table:
    """Return one row a label, dearest first."""
    known = amounts[whole] / MILLION
    if not len(known):
        return Table.of(f"risk of {found.focus} by {name}", [])
    mean, error = exceedance.expected(known)
    tail = exceedance.contributions(known, TAIL)[1]
    own = exceedance.tail_mean(known, TAIL)
    rows = [
        {
            name: labels[at],
            "expected annual loss": float(mean[at]),
            "standard error": _some(error[at]),
            "share": _part(mean[at], mean.sum()),
            f"adds to CVaR {TAIL:.0%}": float(tail[at]),
            "share of CVaR": _part(tail[at], tail.sum()),
            f"own CVaR {TAIL:.0%}": float(own[at]),
            "years with an event": struck.get(at, 0.0),
        }
        for at in np.argsort(-mean, kind="stable").tolist()
        if at in struck
    ]
    names = ("expected annual loss", "standard error", f"adds to CVaR {TAIL:.0%}", f"own CVaR {TAIL:.0%}")
    units = dict.fromkeys(names, UNIT) | {"share": "1", "share of CVaR": "1", "years with an event": "1"}
    return Table.of(f"risk of {found.focus} by {name}", rows, units=units, notes=(SHARED,))


def single_stops(found: Risk) -> Table:
    """Return the loss of the focus if one seller stops selling everything for a year."""
    rows = []
    for country in found.hazards.countries:
        losses = {m: loss for (c, m), loss in found.stops.single.items() if c == country}
        rows.append({"country": country, **_stop(losses)})
    rows.sort(key=lambda row: (-row["loss"], row["country"]))
    note = "exports of every good of which it is a hazard stop for a year; probability plays no part"
    return Table.of(f"one seller stops (N-1), {found.focus}", rows, units={"loss": UNIT}, notes=(note,))


def double_stops(found: Risk) -> Table:
    """Return the loss if two sellers stop together, all pairs."""
    single, pairs, rows = found.stops.single, found.stops.pairs, []
    if not pairs:
        return Table.of("two sellers stop (N-2)", [])
    sold: dict[str, dict[str, float]] = {}
    for (country, material), loss in single.items():
        sold.setdefault(country, {})[material] = loss
    for one, other in combinations(found.hazards.countries, 2):
        losses = {**sold[one], **sold[other]}
        losses |= {m: pairs[one, other, m] for m in sold[one] if m in sold[other]}
        both = [m for m in sold[one] if m in sold[other] and np.isfinite(losses[m])]
        apart = [sold[one][m] + sold[other][m] for m in both]
        row = {"country": one, "other": other, **_stop(losses)}
        row["beyond the sum of each alone"] = float(sum(losses[m] for m in both) - sum(apart)) / MILLION
        row["materials of both"] = len([m for m in sold[one] if m in sold[other]])
        rows.append(row)
    rows.sort(key=lambda row: (-row["loss"], row["country"], row["other"]))
    for row in rows:
        beyond = row["beyond the sum of each alone"]
        row["beyond the sum of each alone"] = _some(beyond)
    units = {"loss": UNIT, "beyond the sum of each alone": UNIT}
    return Table.of(f"two sellers stop (N-2), {found.focus}", rows, units=units)


def _stop(losses: dict[str, float]) -> dict[str, Any]:
    """Return the sum over materials, the dearest of them, and those that were not solved."""
    known = {material: loss for material, loss in losses.items() if np.isfinite(loss)}
    worst = sorted(known, key=lambda m: (-known[m], m))[:3]
    return {
        "loss": sum(known.values()) / MILLION,
        "most": ", ".join(f"{m} {known[m] / MILLION:,.1f}" for m in worst if known[m] > 0),
        "materials": len(losses),
        "not solved": ", ".join(sorted(set(losses) - set(known))),
    }


def tornado(found: Risk) -> Table:
    """Return how expected loss and tail move with each assumption, widest first."""
    if found.base is None:
        return Table.of("tornado", [])
    rows = []
    for name in dict.fromkeys(swing.assumption for swing in found.swings):
        ends = {swing.end: swing for swing in found.swings if swing.assumption == name}
        row: dict[str, Any] = {"assumption": name, "meaning": ends["low"].meaning}
        for end, swing in ends.items():
            row[f"expected loss, {end}"], row[f"CVaR, {end}"], row[f"years solved, {end}"] = _pair(swing.losses)
        rows.append(row)
    usual, tail, solved = _pair(found.base)
    rows.sort(key=lambda row: -_width(row, "expected loss"))
    money = (f"{what}, {end}" for what in ("expected loss", "CVaR") for end in ("low", "high"))
    note = (
        f"at the usual assumptions: expected annual loss {_said(usual)}, CVaR {TAIL:.0%} {_said(tail)} {UNIT} over the "
        f"same {len(found.base.total)} years, {solved:.1%} of them solved; low and high are ends of each range, alone"
    )
    return Table.of(f"what the risk of {found.focus} hangs on", rows, units=dict.fromkeys(money, UNIT), notes=(note,))


def _pair(losses: Losses) -> tuple[float | None, float | None, float]:
    """Return expected loss and CVaR of the years that were solved, and their share."""
    whole = np.isfinite(losses.total)
    known = losses.total[whole] / MILLION
    if not len(known):
        return None, None, 0.0
    mean = float(exceedance.expected(known)[0])
    return mean, float(exceedance.tail_mean(known, TAIL)), float(whole.mean())


def _width(row: dict[str, Any], what: str) -> float:
    """Return how far apart the two ends lie."""
    low, high = row[f"{what}, low"], row[f"{what}, high"]
    return abs(high - low) if low is not None and high is not None else 0.0


def _said(value: float | None) -> str:
    """Return a number in words."""
    return "not known" if value is None else f"{value:,.1f}"


def bonds(found: Risk) -> Table:
    """Return what the dependence between hazards rests on."""
    rows = [
        {
            "pairs of one year": bond.sort,
            "pairs": bond.pairs,
            "both fell": bond.struck,
            "expected by chance": bond.expected,
            "correlation": _some(bond.correlation),
            "low": _some(bond.low),
            "high": _some(bond.high),
        }
        for bond in found.hazards.dependence.bonds
    ]
    d = found.hazards.dependence
    parts = ", ".join(f"{name} {getattr(d, name):.3f}" for name in FACTORS)
    note = f"parts of a hazard's luck: {parts}"
    return Table.of("how far falls of exports strike together in the record", rows, notes=(note,))


def _some(value: float) -> float | None:
    """Return a number, None where there is none."""
    return float(value) if np.isfinite(value) else None


def _part(part: float, whole: float) -> float | None:
    """Return part/whole where the whole is a loss."""
    return float(part / whole) if whole > 0 else None
