"""The back-test as tables: the count, trade, prices, negative controls, what cannot be tested and why, and the fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from khanij.analyses.backtest.verdicts import CUT, NOTHING, STILL, controlled, direction, tallies, verdict
from khanij.core.table import Table
from khanij.reference import columns
from khanij.simulate.backtest.falls import KINDS
from khanij.simulate.backtest.fits import PLACES, GridFit
from khanij.simulate.backtest.mass import COVER, DRAWN_LEVELS, OURS, RULES, MassScore
from khanij.simulate.backtest.observations import LAST, UNWEIGHED
from khanij.simulate.backtest.prices import NegativeControl, PriceTest
from khanij.simulate.backtest.trade import BEHAVIOURS, DRAWS, Gap, Test
from khanij.simulate.supply.behaviours import PLACED

CRPS = ("no_change", "proportional", "quarter")
TOP = 20  # rows of the grid that are shown
HEAD = ("event", "stage")
SIZE = ("material", "role", "base_year", "year", "export_loss", "shock_size")
COUNTS = ("tests_of", "behaviour", "tests", "beats_no_change", "beats_proportional", "pairs_no_change")
COUNTS += ("pairs_proportional",)
TRADE = (
    *HEAD,
    *("test_verdict", "error_fitted", "error_no_change", "error_proportional", "noise", "above_noise"),
    *("error_published", "error_drawn", "error_drawn_low", "error_drawn_high", "error_cut_low", "error_cut_high"),
    *("pair_error_fitted", "pair_error_no_change", "pair_error_proportional", "covered", "without_tonnage", *SIZE),
)
SCORES = (
    *HEAD,
    *("test_verdict", "error", "error_no_change", "error_proportional", "noise", "above_noise"),
    *("pair_error", "pair_error_no_change", "pair_error_proportional"),
    *(
        "log_error",
        "log_error_no_change",
        "log_error_proportional",
        "homes",
        "rank_correlation",
        "draws_cleared",
        *SIZE,
    ),
)
MARKETS = (
    *HEAD,
    *("direction", "imports_change", "imports_seen", "price_abroad", "benchmark", "shortage"),
    *("price_inside", "price_low", "price_high", "usual_change", "value_seen", *SIZE),
)
PRICES = (
    *("events", "stage", "direction", "price_fitted", "benchmark", "measured_price"),
    *("price_published", "price_drawn", "price_low", "price_high", "price_inside", "usual_change"),
    *("material", "role", "base_year", "year", "export_loss"),
)
CONTROLS = (*HEAD, "test_verdict", "largest_move", "error_no_change", "noise", "benchmark", "usual_change")
CONTROLS += ("material", "base_year", "year")
UNTESTED = ("event", "materials", "why", "role")
SCORED = ("target", "tests", "targets", "skill_no_change", "skill_best", "covered_80", "skill_no_change_low")
SCORED += ("skill_no_change_high", "skill_best_low", "skill_best_high", "covered_50", "covered_90", "crps")
SCORED += ("crps_no_change", "crps_proportional", "crps_quarter")
RELIABILITY = ("forecast_level", "below_importers", "below_pairs", "below_unit_values")
FIT = (*(f"place_{name}" for name in PLACED), "objective", "error", "pair_error", "price_abroad", "cleared")
TABLES = {
    "backtest": {
        **{"counts": COUNTS, "trade": TRADE, "scores": SCORES, "markets": MARKETS, "prices": PRICES},
        **{"controls": CONTROLS, "untested": UNTESTED, "fit": FIT, "mass": ("falls_of", *SCORED)},
        **{"mass-years": ("test_years", *SCORED), "mass-sizes": ("shock_band", *SCORED)},
        **{"mass-goods": ("material", *SCORED), "mass-variants": ("variant", *SCORED), "reliability": RELIABILITY},
    }
}
ERRORS = (
    "error: tonnes forecast wrongly as a part of the tonnes traded, Σ|f - o| / Σo, over importers; pair error: over "
    "pairs of seller and buyer",
    "noise: the importers' error of no change between the five years before, median; where no change is missed by no "
    "more, the year can test nothing",
    "above noise: the event's own size, the cut times the seller's part of the trade, exceeds noise",
)
SCORE_NOTES = (
    "given the part lost; in logs; a fall counts once, its targets by trade",
    "each rule has its own errors of the fitted years as intervals; of values per tonne all three say no change",
    "ranges: 90 % of resampled falls; covered: part of the targets in the interval that should hold as many",
)
DRAWN = f"drawn: median of {DRAWS} draws from the published ranges; low, high: 80 % of them"


def _table(
    key: str,
    title: str,
    rows: Iterable[dict[str, Any]],
    keys: Sequence[str],
    notes: Sequence[str] = (),
) -> Table:
    """Return a table; a narrow terminal need not keep the year and the mineral, which an event's id mostly tells."""
    side = [columns.column(name, main=False) for name in ("material", "year", "role") if name in keys]
    return columns.table(key, title, rows, keys, notes=notes, more=side)


def _known(value: float) -> float | None:
    """Return the value, or None where there is none."""
    return float(value) if isfinite(value) else None


def counts(tests: Sequence[Test]) -> Table:
    """Return one row a set of tests and behaviour: how many, and how many beat what."""
    rows = [
        {
            "tests_of": tally.tests_of,
            "behaviour": tally.behaviour,
            "tests": tally.tests,
            "beats_no_change": tally.importers[0],
            "beats_proportional": tally.importers[1],
            "pairs_no_change": tally.pairs[0],
            "pairs_proportional": tally.pairs[1],
        }
        for tally in tallies(tests)
    ]
    notes = (
        "stages of events of role test; a tie counts as not beaten",
        "testable: no change is missed by more than noise; above noise: the event's own size is larger than noise too",
        f"{sum(not t.scored for t in tests)} not scored: over {UNWEIGHED:.0%} of the trade's value in one of the two "
        "years has no usable tonnage",
    )
    return _table("counts", "Back-test: how often a forecast beats the baselines", rows, COUNTS, notes)


def trade(tests: Sequence[Test]) -> Table:
    """Return one row a test: the three behaviours beside the baselines and the noise."""
    rows = []
    for t in tests:
        still, cut, drawn = t.baselines[STILL], t.baselines[CUT], t.answers["drawn"]
        rows.append(
            _head(t)
            | {f"error_{name}": t.answers[name].score.importers for name in BEHAVIOURS}
            | {
                "error_no_change": still.importers,
                "error_proportional": cut.importers,
                "noise": _known(t.noise),
                "test_verdict": verdict(t, "fitted"),
                "above_noise": t.loud,
                "error_drawn_low": _known(drawn.spread[0]),
                "error_drawn_high": _known(drawn.spread[1]),
                "error_cut_low": t.ends[0],
                "error_cut_high": t.ends[1],
                "pair_error_fitted": t.answers["fitted"].score.pairs,
                "pair_error_no_change": still.pairs,
                "pair_error_proportional": cut.pairs,
                "covered": _known(drawn.coverage),
                "without_tonnage": _known(t.bare),
            }
        )
    notes = (*ERRORS, DRAWN, "verdict: of the fitted behaviour")
    return _table("trade", "Back-test: errors of forecasts of trade", rows, TRADE, notes)


def scores(tests: Sequence[Test], behaviour: str) -> Table:
    """Return one row a test with every score of one behaviour."""
    rows = []
    for t in tests:
        answer, still, cut = t.answers[behaviour], t.baselines[STILL], t.baselines[CUT]
        row = _head(t)
        for key, name in (("error", "importers"), ("pair_error", "pairs"), ("log_error", "log")):
            row |= {key: getattr(answer.score, name), f"{key}_no_change": getattr(still, name)}
            row |= {f"{key}_proportional": getattr(cut, name)}
        row |= {"noise": _known(t.noise), "homes": _known(answer.score.homes)}
        row |= {"rank_correlation": _known(answer.score.rank), "draws_cleared": answer.cleared}
        rows.append(row | {"test_verdict": verdict(t, behaviour), "above_noise": t.loud})
    return _table("scores", f"Back-test: every score of {behaviour} behaviour", rows, SCORES, (*ERRORS, DRAWN))


def markets(tests: Sequence[Test], behaviour: str) -> Table:
    """Return one row a test: imports, shortage and price of one behaviour beside what was seen."""
    rows = []
    for t in tests:
        answer, drawn = t.answers[behaviour], t.answers["drawn"]
        rows.append(
            _head(t)
            | {
                "imports_change": answer.imports,
                "imports_seen": t.imports if t.scored else None,
                "shortage": answer.shortage,
                "price_abroad": _known(answer.price),
                "price_inside": _known(answer.inside),
                "price_low": _known(drawn.prices[0]),
                "price_high": _known(drawn.prices[1]),
                "benchmark": _known(t.seen),
                "usual_change": _known(t.usual),
                "value_seen": _known(t.value),
                "direction": direction(answer.price, t.seen, t.usual),
            }
        )
    notes = (
        f"{behaviour} behaviour; prices in those of the base year; low, high: price abroad in 80 % of the draws",
        "imports of all but the seller; shortage: part of their use, home supply included, that is not met",
    )
    return _table("markets", "Back-test: imports, shortage and prices", rows, MARKETS, notes)


def prices(found: Sequence[PriceTest]) -> Table:
    """Return one row a material for the year that only prices are known of."""
    rows = [
        {
            "events": ", ".join(event.id for event in p.events),
            "material": p.material,
            "stage": p.stage,
            **{f"price_{name}": _known(value) for name, value in p.abroad.items()},
            "price_low": _known(p.spread[0]),
            "price_high": _known(p.spread[1]),
            "price_inside": _known(p.inside),
            "benchmark": _known(p.seen),
            "usual_change": _known(p.usual),
            "measured_price": _known(p.measured),
            "direction": direction(p.abroad["fitted"], p.seen, p.usual),
            "role": p.role,
            "base_year": p.base,
            "year": p.year,
            "export_loss": p.cut,
        }
        for p in found
    ]
    note = (
        "price abroad in that of the year before; what a seller lost in the base year already is not taken again; "
        "events of one seller count by the largest"
    )
    return _table("prices", f"Back-test: prices after {LAST}", rows, PRICES, (note,))


def controls(found: Sequence[NegativeControl]) -> Table:
    """Return one row a negative control."""
    rows = [
        {
            "event": c.event.id,
            "material": c.material,
            "stage": c.stage,
            "largest_move": c.moved if c.moved > NOTHING else 0.0,
            "test_verdict": controlled(c),
            "error_no_change": _known(c.importers),
            "noise": _known(c.noise),
            "benchmark": _known(c.seen),
            "usual_change": _known(c.usual),
            "base_year": c.base,
            "year": c.year,
        }
        for c in found
    ]
    note = "a negative control cuts nothing, so that the engine has to leave every flow and price as it is"
    return _table("controls", "Back-test: negative controls", rows, CONTROLS, (note,))


def untested(gaps: Sequence[Gap]) -> Table:
    """Return one row a reason, with the materials of each event that it holds for."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for gap in gaps:
        grouped.setdefault((gap.event.id, gap.event.role, gap.reason), []).append(gap.material)
    rows = [
        {"event": id, "materials": ", ".join(materials), "why": reason, "role": role}
        for (id, role, reason), materials in grouped.items()
    ]
    return _table("untested", "Back-test: events that trade cannot test", rows, UNTESTED)


def mass(key: str, by: str, title: str, found: Iterable[tuple[str, MassScore]], notes: Sequence[str] = ()) -> Table:
    """Return the scores of one cut through the large falls: what is named by `by`, one row a kind of target."""
    rows = [
        {
            by: name,
            "target": t.kind,
            "tests": t.falls,
            "targets": t.targets,
            "crps": t.crps[OURS],
            **{f"crps_{rule}": t.crps[told] for rule, told in zip(CRPS, RULES, strict=True)},
            **dict(zip(("skill_no_change", "skill_no_change_low", "skill_no_change_high"), t.skill, strict=True)),
            **dict(zip(("skill_best", "skill_best_low", "skill_best_high"), t.best, strict=True)),
            **{f"covered_{part * 100:.0f}": held for part, held in zip(COVER, t.covered, strict=True)},
        }
        for name, t in found
    ]
    return columns.table(key, title, rows, (by, *SCORED), notes=notes)


def reliability(found: Mapping[str, Sequence[float]]) -> Table:
    """Return the part of targets at or below some quantiles of their forecasts."""
    names = ("below_importers", "below_pairs", "below_unit_values")
    rows = [
        {"forecast_level": level, **{name: _known(found[kind][n]) for name, kind in zip(names, KINDS, strict=True)}}
        for n, level in enumerate(DRAWN_LEVELS)
    ]
    return columns.table("reliability", "Large falls: reliability of the quantiles", rows, RELIABILITY)


def fit(found: GridFit, events: tuple[str, str]) -> Table:
    """Return the best combinations of the grid with their errors.

    events  ids of the one fitted by its trade and the one fitted by its price
    """
    rows = [
        {
            **{f"place_{name}": float(place) for name, place in zip(PLACED, found.places[g], strict=True)},
            "objective": float(found.objective[g]),
            "error": float(found.importers[g]),
            "pair_error": float(found.pairs[g]),
            "price_abroad": float(found.price[g]),
            "cleared": bool(found.cleared[g]),
        }
        for g in range(min(TOP, len(found.objective)))
    ]
    near = int((found.objective <= 1.1 * found.objective[0]).sum())
    notes = (
        f"{len(found.objective)} combinations of {', '.join(f'{p:g}' for p in PLACES)}; 0 = low end, 1 = high end of a "
        "published range",
        f"error, pair error: {events[0]}; price: {events[1]}, measured {found.measured:.2f} base prices",
        f"{near} combinations lie within 10 % of the best; {int((~found.cleared).sum())} did not clear",
    )
    return _table("fit", "Fit: the best places in the published ranges", rows, FIT, notes)


def _head(t: Test) -> dict[str, Any]:
    """Return the columns that name a test and its size."""
    return {
        "event": t.event.id,
        "material": t.material,
        "stage": t.stage,
        "role": t.event.role,
        "base_year": t.base,
        "year": t.year,
        "export_loss": t.cut,
        "shock_size": t.cut * t.weight,
    }
