"""The back-test as tables: trade, prices, what cannot be tested and why, negative controls, and the count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, log
from typing import Any

from khanij.core.table import Table
from khanij.simulate.backtest.observations import LAST, UNWEIGHED
from khanij.simulate.backtest.prices import CONTROL, Control, PriceTest
from khanij.simulate.backtest.trade import BEHAVIOURS, DRAWS, Gap, Test

ROLES = ("fit", "test", CONTROL)
ALL = "all"
STILL, CUT = "no change", "proportional"
NOTES = (
    "errors: tonnes forecast wrongly as a part of the tonnes traded, Σ|f - o| / Σo, over importers and over pairs",
    "noise: the importers' error of no change between the five years before, median; shock: cut times the seller's "
    "part of the trade",
    f"drawn: median of {DRAWS} draws from the published ranges",
)


def verdict(test: Test, behaviour: str) -> str:
    """Return what a test says of a behaviour, by the error over importers."""
    if not test.scored:
        return f"not scored: {test.bare:.0%} of the value has no tonnage"
    if not test.testable:
        return "can test nothing: no change is within noise"
    mine = test.answers[behaviour].score.importers
    better = [name for name, score in test.baselines.items() if mine < score.importers]
    text = {0: "worse than both", 1: f"beats {better[0] if better else ''}", 2: "beats both"}[len(better)]
    return text if test.loud else f"{text}; the shock is below noise"


def trade(tests: Sequence[Test]) -> Table:
    """Return one row a test: the three behaviours beside the baselines and the noise."""
    rows = []
    for t in tests:
        still, cut = t.baselines[STILL], t.baselines[CUT]
        drawn = t.answers["drawn"]
        rows.append(
            _head(t)
            | {name: t.answers[name].score.importers for name in BEHAVIOURS}
            | {
                "drawn low": _known(drawn.spread[0]),
                "drawn high": _known(drawn.spread[1]),
                STILL: still.importers,
                CUT: cut.importers,
                "noise": _known(t.noise),
                "cut low": t.ends[0],
                "cut high": t.ends[1],
                "pairs fitted": t.answers["fitted"].score.pairs,
                f"pairs {STILL}": still.pairs,
                f"pairs {CUT}": cut.pairs,
                "covered": _known(drawn.coverage),
                "verdict": verdict(t, "fitted"),
            }
        )
    more = (
        "drawn low, high: 80 % of the draws; covered: large importers whose imports lie in the draws' 80 % interval",
        "cut low, high: fitted behaviour with either end of the cut's range; verdict: fitted behaviour",
    )
    return Table.of("back-test: trade by importer", rows, notes=NOTES + more)


def detail(tests: Sequence[Test], behaviour: str) -> Table:
    """Return one row a test with every score of one behaviour."""
    rows = []
    for t in tests:
        answer, still, cut = t.answers[behaviour], t.baselines[STILL], t.baselines[CUT]
        row = _head(t)
        for name in ("importers", "pairs", "log"):
            row |= {name: getattr(answer.score, name), f"{name} {STILL}": getattr(still, name)}
            row |= {f"{name} {CUT}": getattr(cut, name)}
        row |= {"noise": _known(t.noise), "homes": _known(answer.score.homes), "rank": _known(answer.score.rank)}
        rows.append(row | {"cleared": answer.cleared, "verdict": verdict(t, behaviour)})
    more = (
        "homes: part of displaced tonnes that found the supplier forecast; rank: Spearman, changes of importers",
        "log: weighted mean |ln f/o| over pairs",
    )
    return Table.of(f"back-test: every score, {behaviour}", rows, notes=NOTES + more)


def markets(tests: Sequence[Test], behaviour: str) -> Table:
    """Return one row a test: imports, shortage and price of one behaviour beside what was seen."""
    rows = []
    for t in tests:
        answer = t.answers[behaviour]
        row = {name: _head(t)[name] for name in ("event", "material", "stage", "role", "years")}
        row |= {"imports": answer.imports, "imports seen": t.imports if t.scored else None}
        row |= {
            "shortage": answer.shortage,
            "price abroad": _known(answer.price),
            "price inside": _known(answer.inside),
        }
        row |= {"drawn low": _known(t.answers["drawn"].prices[0]), "drawn high": _known(t.answers["drawn"].prices[1])}
        row |= {"benchmark": _known(t.seen), "usual": _known(t.usual), "value seen": _known(t.value)}
        rows.append(row | {"direction": direction(answer.price, t.seen, t.usual)})
    notes = (
        f"{behaviour} behaviour; prices in those of the base year; drawn low, high: price abroad in 80 % of the draws",
        "imports: change of what all but the seller import; shortage: part of their use, home supply included, not met",
        "benchmark: yearly price of the material, mostly of metal; usual: standard deviation of its yearly log change; "
        "value seen: USD per tonne of the stage's whole trade",
    )
    return Table.of("back-test: imports, shortage and prices", rows, notes=notes)


def direction(told: float, seen: float, usual: float) -> str:
    """Return whether a forecast price moved the way that the seen one did."""
    if not isfinite(seen):
        return "no price seen"
    if not isfinite(usual) or abs(log(seen)) <= usual:
        return "seen change is no larger than usual" if isfinite(usual) else "too few prices before"
    return "right" if (told > 1.0) == (seen > 1.0) else "wrong"


def later(found: Sequence[PriceTest]) -> Table:
    """Return one row a material for the year that only prices are known of."""
    rows = [
        {
            "events": ", ".join(event.id for event in p.events),
            "material": p.material,
            "stage": p.stage,
            "role": p.role,
            "years": f"{p.base}-{p.year}",
            "cut": p.cut,
            **{name: _known(value) for name, value in p.abroad.items()},
            "drawn low": _known(p.spread[0]),
            "drawn high": _known(p.spread[1]),
            "inside": _known(p.inside),
            "benchmark": _known(p.seen),
            "usual": _known(p.usual),
            "measured": _known(p.measured),
            "direction": direction(p.abroad["fitted"], p.seen, p.usual),
        }
        for p in found
    ]
    notes = (
        "price abroad in that of the year before; benchmark: yearly price; measured: first price after over one before",
        "what a seller lost in the base year already is not taken again; events of one seller count by the largest",
    )
    return Table.of(f"back-test: prices after {LAST}", rows, notes=notes)


def controls(found: Sequence[Control]) -> Table:
    """Return one row a negative control."""
    rows = [
        {
            "event": c.event.id,
            "material": c.material,
            "stage": c.stage,
            "years": f"{c.base}-{c.year}",
            "moved": c.moved,
            "importers": _known(c.importers),
            "noise": _known(c.noise),
            "benchmark": _known(c.seen),
            "usual": _known(c.usual),
            "verdict": _controlled(c),
        }
        for c in found
    ]
    notes = (
        "moved: the largest change of a flow or a price that any behaviour or draw forecasts; it has to be 0",
        "importers: the error of that forecast, which is no change, in the year that followed",
    )
    return Table.of("back-test: negative controls", rows, notes=notes)


def _controlled(control: Control) -> str:
    """Return what a control says."""
    if control.moved > 1e-9:
        return "failed: the engine moves without a cut"
    if not isfinite(control.importers):
        return "held: no change, exactly"
    return "held; trade within noise" if control.importers <= control.noise else "held; trade moved for other reasons"


def untested(gaps: Sequence[Gap]) -> Table:
    """Return one row a reason, with the materials of each event that it holds for."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for gap in gaps:
        grouped.setdefault((gap.event.id, gap.event.role, gap.reason), []).append(gap.material)
    rows = [
        {"event": id, "role": role, "materials": ", ".join(materials), "reason": reason}
        for (id, role, reason), materials in grouped.items()
    ]
    return Table.of("back-test: events that trade cannot test", rows)


def counts(tests: Sequence[Test]) -> Table:
    """Return one row a behaviour and set of tests: how many, and how many beat what."""
    sets: dict[str, Callable[[Test], bool]] = {
        "scored": lambda t: t.scored,
        "testable: no change is missed by more than noise": lambda t: t.testable,
        "the shock itself exceeds noise": lambda t: t.testable and t.loud,
    }
    rows: list[dict[str, Any]] = []
    for name, belongs in sets.items():
        chosen = [t for t in tests if belongs(t)]
        for behaviour in BEHAVIOURS:
            row: dict[str, Any] = {"set": name, "behaviour": behaviour, "tests": len(chosen)}
            for score in ("importers", "pairs"):
                for base in (STILL, CUT):
                    row[f"{score}: beats {base}"] = sum(
                        getattr(t.answers[behaviour].score, score) < getattr(t.baselines[base], score) for t in chosen
                    )
            rows.append(row)
    notes = (
        "stages of events of role test; a tie counts as not beaten",
        f"{sum(not t.scored for t in tests)} not scored: over {UNWEIGHED:.0%} of the trade's value in one of the two "
        "years has no usable tonnage",
    )
    return Table.of("back-test: count", rows if tests else [], notes=notes)


def _head(t: Test) -> dict[str, Any]:
    """Return the columns that name a test and its size."""
    return {
        "event": t.event.id,
        "material": t.material,
        "stage": t.stage,
        "role": t.event.role,
        "years": f"{t.base}-{t.year}",
        "cut": t.cut,
        "shock": t.cut * t.weight,
    }


def _known(value: float) -> float | None:
    """Return the value, or None where there is none."""
    return float(value) if isfinite(value) else None
