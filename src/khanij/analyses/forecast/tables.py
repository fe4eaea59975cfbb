"""Forecasts of restrictions as tables: the hub layout, scores of files, and the test by year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from khanij.core.table import Table
from khanij.reference import columns
from khanij.reference.names import country_name
from khanij.simulate.forecast.hindcast import FIRST, FITTED, Hindcast, Wave
from khanij.simulate.forecast.hub import HEAD
from khanij.simulate.forecast.price_events import OURS, STILL, USUAL, PriceScore
from khanij.simulate.forecast.price_ranges import PriceFileScore

NO_LATER = "no row of the register that begins after the origin, and no trade or output of its own year, was read"
HORIZONS = {"peak": "highest found", "after": "a year on"}
RARE = "a cell is a country with at least 5 % of the world's exports or output of a material"


def forecast(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Return the rows of a forecast."""
    return columns.table(
        "forecast",
        "Chances of new restrictions, of large exporters' falls, and ranges of prices, within twelve months",
        rows,
        HEAD,
    )


def scores(found: Iterable[Mapping[str, Any]]) -> Table:
    """Return the scores of a file."""
    rows = [
        {
            "origin_date": row["origin"].isoformat(),
            "target": row["target"],
            "destination": row["destination"],
            "cells_scored": row["cells"],
            "events_seen": row["events"],
            "events_expected": row["expected"],
            "log_score": row["log_score"],
            "base_log_score": row["base_log_score"],
            "log_skill": row["skill"],
            "brier": row["brier"],
            "base_brier": row["base_brier"],
            "mean_place": row["rank"] if isfinite(row["rank"]) else None,
        }
        for row in found
    ]
    notes = (
        f"{RARE}, or an exporter of at least 10 % of a trade code",
        "base: the part of cells struck up to the origin; rows from memory are no outcomes",
    )
    return columns.table("scores", "Scores of the file by origin and destination", rows, notes=notes)


def years(found: Hindcast) -> Table:
    """Return the test year by year."""
    rows = [
        {
            "year": one.year,
            "cells_scored": one.cells,
            "events_seen": one.events,
            "events_expected": one.expected,
            "mean_place": one.place if isfinite(one.place) else None,
            "log_score": one.log_score,
            "base_log_score": one.base_log_score,
        }
        for one in found.years
    ]
    notes = (RARE, NO_LATER, f"fitted to outcomes up to {FITTED}; place 1 = highest chance of all cells of the year")
    return columns.table(
        "test_years", f"Restrictions from {FIRST} on, forecast on the eve of each year", rows, notes=notes
    )


def summary(found: Hindcast, wave: Wave) -> Table:
    """Return the figures that the process is judged by beside what was asked of them."""
    rows = [
        _figure("mean place of the cells struck", found.place, "at least 0.80", found.place >= 0.8),
        _figure("median place", found.median, "", None),
        _figure(
            "log score better than the base rate of the fitted years by",
            found.skill,
            "at least 0.25",
            found.skill >= 0.25,
        ),
        _figure("log score better than the rate of the test years themselves by", found.skill_own, "", None),
        _figure("area under the curve", found.auc, "", None),
        _figure(
            f"chance given at the end of {wave.origin.year} that {country_name(wave.country)} would restrict"
            f" {len(wave.struck)} or more materials in {wave.years} years",
            wave.probability,
            "at least 0.05",
            wave.probability >= 0.05,
        ),
        _figure("materials expected by the same forecast", wave.expected, f"{len(wave.struck)} came", None),
    ]
    return columns.table("test_summary", "What the process is judged by", rows)


def _figure(what: str, value: float, asked: str, held: bool | None) -> dict[str, Any]:
    """Return one figure of the summary."""
    return {"what": what, "value": value, "asked": asked, "as_asked": "" if held is None else "yes" if held else "no"}


def price_events(key: str, title: str, found: Iterable[tuple[str, PriceScore]]) -> Table:
    """Return the errors of prices of events by set or good and horizon."""
    rows = [
        {
            "price_set": name,
            "price_horizon": HORIZONS[one.horizon],
            "tests": one.events,
            "price_error": one.error[OURS],
            "price_error_no_change": one.error[STILL],
            "price_error_usual": one.error[USUAL],
            "crps": one.crps,
            "crps_no_change": one.crps_still,
            "covered_50": one.covered[0],
            "covered_80": one.covered[1],
            "covered_90": one.covered[2],
        }
        for name, one in found
    ]
    notes = ("logs of the price before; no change has the ordinary noise of the good's price as its interval",)
    return columns.table(key, title, rows, notes=notes)


def price_years(found: Iterable[PriceFileScore]) -> Table:
    """Return the scores of ranges of next year's prices, one row an origin."""
    rows = [
        {
            "origin_date": one.origin.isoformat(),
            "goods_scored": one.goods,
            "range_skill": one.skill,
            "covered_80": one.covered[0],
            "covered_90": one.covered[1],
            "price_error": one.error,
            "price_error_no_change": one.still,
        }
        for one in found
    ]
    keys = ("origin_date", "goods_scored", "range_skill", "covered_80", "covered_90", "price_error")
    notes = ("yearly means over those of the origin's own year, in logs; base: one range for all goods",)
    title = "Ranges of next year's prices by origin"
    return columns.table("price-years", title, rows, (*keys, "price_error_no_change"), notes=notes)


def weights(found: Mapping[str, float], test: Hindcast) -> Table:
    """Return the weights of the terms."""
    rows = [{"term": name, "value": weight} for name, weight in found.items()]
    rows.append({"term": "shape of the common factor of a country's year", "value": test.fitted.clustering})
    notes = (f"{test.fitted.events} of {test.fitted.cells} cells and years struck up to {FITTED}",)
    return columns.table("weights", "Weights of the process", rows, notes=notes)
