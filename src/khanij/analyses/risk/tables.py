"""The risk of a focus as tables: figures, curve, who and what makes it, full stops, and the tornado."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from khanij.analyses import commands
from khanij.analyses.inputs import cases
from khanij.analyses.profile.forms import form, mineral
from khanij.analyses.profile.readings import CountryProfile, country_name
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError
from khanij.core.number import Cell, Number
from khanij.core.table import Column, Table
from khanij.kernels import exceedance
from khanij.simulate.loss.industries import Economy
from khanij.simulate.loss.losses import PARTIAL
from khanij.simulate.risk import single_stops as stress
from khanij.simulate.risk.dependence import FACTORS
from khanij.simulate.risk.single_stops import SupplierStop
from khanij.simulate.risk.years import YearLosses, by_label

if TYPE_CHECKING:
    from khanij.simulate.risk.assessment import Risk

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
    struck = len(np.unique(found.base.drawn.year)) / found.base.years
    solved = np.concatenate([answer.solved for answer in found.base.answers.values()])
    rounds = np.concatenate([answer.iterations for answer in found.base.answers.values()])
    rows += [
        _figure("years simulated", found.base.years, None, "1"),
        _figure("events in a year", len(found.base.drawn.year) / found.base.years, None, "1"),
        _figure("share of years with an event", struck, None, "1"),
        _figure("share of years solved", float(whole.mean()), None, "1"),
        _figure("unlike scenarios", len(solved), None, "1"),
        _figure("share of scenarios solved", float(solved.mean()) if len(solved) else 1.0, None, "1"),
        _figure("iterations of the solver, median", float(np.median(rounds)) if len(rounds) else 0.0, None, "1"),
        _figure("iterations of the solver, most", float(rounds.max(initial=0)), None, "1"),
    ]
    notes = [
        f"{found.base.focus}, {found.base.years} years, seed {found.base.seed}; "
        "losses in USD of the base year, gains negative"
    ]
    if not whole.all():
        ends = [exceedance.expected(array.sum(axis=1) / MILLION)[0] for array in (losses.least, losses.most)]
        notes.append(
            f"figures rest on the years that were solved; unsolved scenarios at 0: {float(ends[0]):,.1f}, at the "
            f"dearest solved one of their material: {float(ends[1]):,.1f} {UNIT} expected a year"
        )
    return Table.of(f"risk of {found.base.focus}", rows, notes=(*notes, *found.base.hazards.notes))


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
    label = np.array([place[m] for m in found.base.hazards.material], dtype=np.intp)[found.base.drawn.hazard]
    made = _parts("material", found.losses.materials, found.losses.material, _struck(found, label), found, whole)
    if not len(made):
        return made
    lacking = [", ".join(found.base.partial.get(material, ())) for material in made.column("material")]
    note = (f'"{WITHOUT}": of these stages the loss is {PARTIAL}',) if any(lacking) else ()
    cells = tuple((*row, one) for row, one in zip(made.cells, lacking, strict=True))
    return replace(
        made, columns=(*made.columns, Column(WITHOUT, WITHOUT, "text")), cells=cells, notes=(*made.notes, *note)
    )


def by_country(found: Risk, whole: np.ndarray) -> Table:
    """Return what each seller adds."""
    names = found.base.hazards.countries
    label = np.array([names.index(c) for c in found.base.hazards.country], dtype=np.intp)[found.base.drawn.hazard]
    amounts = by_label(found.base.drawn, found.losses.event, label, len(names))
    return _parts("country", names, amounts, _struck(found, label), found, whole)


def by_kind(found: Risk, whole: np.ndarray) -> Table:
    """Return what each kind of event adds, told apart by the sort of luck that pushed it most."""
    kinds = tuple(dict.fromkeys(sorted(found.base.hazards.kind)))
    names = tuple(f"{kind}, {LUCK[factor]}" for kind in kinds for factor in FACTORS)
    kind = np.array([kinds.index(k) for k in found.base.hazards.kind], dtype=np.intp)[found.base.drawn.hazard]
    label = kind * len(FACTORS) + found.base.drawn.factor
    amounts = by_label(found.base.drawn, found.losses.event, label, len(names))
    return _parts("kind", names, amounts, _struck(found, label), found, whole)


def _struck(found: Risk, label: np.ndarray) -> dict[int, float]:
    """Return label -> share of years with an event of it."""
    pairs = np.unique(np.stack([found.base.drawn.year, label]), axis=1)
    numbers, counts = np.unique(pairs[1], return_counts=True)
    return dict(zip(numbers.tolist(), (counts / found.base.years).tolist(), strict=True))


def _parts(
    name: str, labels: Sequence[str], amounts: Floats, struck: dict[int, float], found: Risk, whole: np.ndarray
) -> Table:
    """Return one row a label, dearest first."""
    known = amounts[whole] / MILLION
    if not len(known):
        return Table.of(f"risk of {found.base.focus} by {name}", [])
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
    return Table.of(f"risk of {found.base.focus} by {name}", rows, units=units, notes=(SHARED,))


def single_stops(found: Risk) -> Table:
    """Return the loss of the focus if one seller stops selling everything for a year."""
    rows = []
    for country in found.base.hazards.countries:
        losses = {m: loss for (c, m), loss in found.stops.single.items() if c == country}
        rows.append({"country": country, **_stop(losses)})
    rows.sort(key=lambda row: (-row["loss"], row["country"]))
    note = "exports of every good of which it is a hazard stop for a year; probability plays no part"
    return Table.of(f"one seller stops (N-1), {found.base.focus}", rows, units={"loss": UNIT}, notes=(note,))


def double_stops(found: Risk) -> Table:
    """Return the loss if two sellers stop together, all pairs."""
    single, pairs, rows = found.stops.single, found.stops.pairs, []
    if not pairs:
        return Table.of("two sellers stop (N-2)", [])
    sold: dict[str, dict[str, float]] = {}
    for (country, material), loss in single.items():
        sold.setdefault(country, {})[material] = loss
    for one, other in combinations(found.base.hazards.countries, 2):
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
    return Table.of(f"two sellers stop (N-2), {found.base.focus}", rows, units=units)


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
    if found.usual is None:
        return Table.of("tornado", [])
    rows = []
    for name in dict.fromkeys(swing.assumption for swing in found.swings):
        ends = {swing.end: swing for swing in found.swings if swing.assumption == name}
        row: dict[str, Any] = {"assumption": name, "meaning": ends["low"].meaning}
        for end, swing in ends.items():
            row[f"expected loss, {end}"], row[f"CVaR, {end}"], row[f"years solved, {end}"] = _pair(swing.losses)
        rows.append(row)
    usual, tail, solved = _pair(found.usual)
    rows.sort(key=lambda row: -_width(row, "expected loss"))
    money = (f"{what}, {end}" for what in ("expected loss", "CVaR") for end in ("low", "high"))
    note = (
        f"at the usual assumptions: expected annual loss {_said(usual)}, CVaR {TAIL:.0%} {_said(tail)} {UNIT} over the "
        f"same {len(found.usual.total)} years, {solved:.1%} of them solved; low and high are ends of each range, alone"
    )
    return Table.of(
        f"what the risk of {found.base.focus} hangs on", rows, units=dict.fromkeys(money, UNIT), notes=(note,)
    )


def _pair(losses: YearLosses) -> tuple[float | None, float | None, float]:
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
            "both fell": bond.both,
            "expected by chance": bond.expected,
            "correlation": _some(bond.correlation),
            "low": _some(bond.low),
            "high": _some(bond.high),
        }
        for bond in found.base.hazards.dependence.pairs
    ]
    d = found.base.hazards.dependence
    parts = ", ".join(f"{name} {getattr(d, name):.3f}" for name in FACTORS)
    note = f"parts of a hazard's luck: {parts}"
    return Table.of("how far falls of exports strike together in the record", rows, notes=(note,))


def _some(value: float) -> float | None:
    """Return a number, None where there is none."""
    return float(value) if np.isfinite(value) else None


def _part(part: float, whole: float) -> float | None:
    """Return part/whole where the whole is a loss."""
    return float(part / whole) if whole > 0 else None


SHOWN = 10

YEARS, SEED = 300, 0  # `khanij risk` simulates more; a brief has seconds

KUSD = 1e3

METHODS = (
    "Behaviour of buyers and sellers comes from published ranges of elasticities, fitted to two events; what stands"
    " still without a material rests on low-confidence ranges of substitution (docs: backtest, methods/market)."
)

COLUMNS = (
    Column("seller", "If this country stops", "text"),
    Column("good", "all exports of", "text"),
    Column("share", "Share of use", meaning="part of the focal country's use that it makes, re-exports traced back"),
    Column("shortage", "Goes without", meaning="part of a year's use not met once prices have cleared"),
    Column("price", "Price", meaning="what users pay a tonne, base year = 1"),
    Column("loss", "Cost", meaning="loss of gross domestic product in the year, with the range of what is least known"),
)


def _row(r: CountryProfile, stop: SupplierStop, sources: tuple[str, ...]) -> tuple[Cell, ...]:
    """Return one stop as a row."""
    how = commands.line("shock", r.focal, ban=f"{stop.country}:{stop.material}:{stop.stage}", year=r.year)
    good = f"{mineral(stop.material)}, {form((stop.material, stop.stage))}"
    note = stop.partial or "range: substitution and the part of output that needs the material"

    def number(value: float, unit: str, **more: object) -> Number:
        return Number(value, unit, sources, confidence="low", how=how, **more)  # type: ignore[arg-type]

    return (
        country_name(stop.country),
        good,
        number(stop.share, "1"),
        number(stop.shortage, "1"),
        number(stop.price, "index"),
        number(stop.loss / KUSD, "kUSD", low=stop.low / KUSD, high=stop.high / KUSD, note=note),
    )


def _stops(r: CountryProfile) -> tuple[list[SupplierStop], tuple[str, ...], Economy | None]:
    """Return the dearest stops of listed minerals, the sources behind them, and the economy that they strike."""
    try:
        found, solver = stress.stops(cases.case(r.focal, r.year), r.year, tuple(r.listed))
    except CoverageError:
        return [], (), None
    economy = next(iter(solver.exposures.values())).economy if solver.exposures else None
    sources = (*r.case.cube("trade").sources, *r.case.cube("production").sources, *(economy.sources if economy else ()))
    kept = [stop for stop in found if stop.solved and stop.loss > 0]
    return stress.ranged(kept[:SHOWN], solver), tuple(dict.fromkeys(sources)), economy


def table(found: list[SupplierStop], most: int = 10) -> Table:
    """Return the dearest stops, million USD."""
    rows = [
        {
            "seller": s.country,
            "material": s.material,
            "stage": s.stage,
            "share of use": s.share,
            "shortage": s.shortage,
            "price": s.price,
            "loss": s.loss / MILLION,
            "loss low": s.low / MILLION,
            "loss high": s.high / MILLION,
            WITHOUT: bool(s.partial),
        }
        for s in found[:most]
    ]
    unsolved = sum(not s.solved for s in found)
    notes = (f"{unsolved} stops that the market engine has not solved stand last, without a loss",) if unsolved else ()
    return Table.of("dearest single stops", rows, units={"loss": "million USD a year"}, notes=notes)
