"""Forecasts of restrictions in words."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.present import names, text
from khanij.reference.names import country_name
from khanij.simulate.forecast.export_falls import TARGET as FALL
from khanij.simulate.forecast.hindcast import FIRST, FITTED, Hindcast, Wave
from khanij.simulate.forecast.hub import TARGET, FileScore, ForecastRow
from khanij.simulate.forecast.price_events import OURS, STILL, PriceScore
from khanij.simulate.forecast.price_ranges import TARGET as PRICE
from khanij.simulate.forecast.price_ranges import PriceFileScore

TOLD = 5
WHEN = {"peak": "at the peak", "after": "a year on"}


def made(rows: Sequence[ForecastRow], seal: str) -> tuple[str, ...]:
    """Return the likeliest cells, what is expected, the widest range of a price, and the hash."""
    whole = [row for row in rows if row.target == TARGET and row.destination == "all"]
    said = []
    if whole:
        first = sorted(whole, key=lambda row: (-row.value, row.country, row.material))[:TOLD]
        told = text.joined(
            f"{country_name(r.country)} on {names.mineral(r.material).lower()} ({text.percent(r.value)})" for r in first
        )
        count = sum(row.value for row in whole)
        said.append(
            f"In the twelve months after {rows[0].origin_date} {_of(count)} of {len(whole)} sellers' materials are"
            f" expected to meet a new restriction on their exports, likeliest {told}."
        )
    falls = sorted((row for row in rows if row.target == FALL), key=lambda r: (-r.value, r.country, r.material))
    if falls:
        told = text.joined(f"{country_name(r.country)} in {r.material} ({text.percent(r.value)})" for r in falls[:TOLD])
        said.append(
            f"Of {len(falls)} exporters of a tenth or more of a trade code {_of(sum(row.value for row in falls))} are"
            f" expected to sell 40 % or more less of it against the world, likeliest {told}."
        )
    ends = {row.material: row.value for row in rows if row.target == PRICE and row.output_type_id == "0.9"}
    if ends:
        low = {row.material: row.value for row in rows if row.target == PRICE and row.output_type_id == "0.1"}
        widest = max(sorted(ends), key=lambda material: ends[material] / low[material])
        said.append(
            f"Ranges of next year's price of {text.count(len(ends), 'good')}, in eight of ten cases; the widest,"
            f" of {names.mineral(widest).lower()}, is {low[widest]:.2f} to {ends[widest]:.2f} times this year's."
        )
    return (*said, f"SHA-256 of the {len(rows)} rows: {seal}.")


def _of(count: float) -> str:
    """Return an expected number: one of a few hundredths is no 0.0."""
    return f"{count:.1f}" if count >= 0.1 else f"{count:.2g}"


def absent(materials: Sequence[str]) -> tuple[str, ...]:
    """Return of which minerals nothing is forecast, which is not that nothing will come."""
    if not materials:
        return ()
    listed = text.joined(names.mineral(material).lower() for material in materials)
    return (f"Nothing is forecast of {listed}: no country is on record with a large part of its output or exports.",)


def scored(found: Sequence[FileScore], prices: Sequence[PriceFileScore], seal: str) -> tuple[str, ...]:
    """Return how the file did."""
    said = []
    for first in {one.target: one for one in reversed(found)}.values():
        cells = "large exporters fell" if first.target == FALL else "cells were struck"
        said.append(
            f"From {first.origin} to {first.destination} {first.events} of {first.cells} {cells},"
            f" {first.expected:.1f} were expected; the log score is {_better(first.skill)} than the base rate's."
        )
    if prices:
        one = prices[0]
        said.append(
            f"From {one.origin} {text.percent(one.covered[0])} of {text.count(one.goods, 'price')} lay in the range"
            f" that should hold 80 %; the loss is {_better(one.skill)} than that of one range for all goods."
        )
    return (*said, f"SHA-256 of the rows: {seal}.")


def _better(skill: float) -> str:
    """Return "3.2 % better"."""
    return f"{text.percent(abs(skill))} {'better' if skill >= 0 else 'worse'}"


def priced(found: Sequence[tuple[str, PriceScore]]) -> str:
    """Return what the test of prices says, whatever it says."""
    told = text.joined(
        f"{one.error[OURS]:.2f} {WHEN[one.horizon]} (no change {one.error[STILL]:.2f})"
        for name, one in found
        if name == "all"
    )
    return f"Prices of events that were forecast once, given what was lost, miss by a mean log error of {told}."


def hindcast(found: Hindcast, wave: Wave) -> tuple[str, ...]:
    """Return what the test says, whatever it says."""
    events = sum(one.events for one in found.years)
    rare = round(1 / wave.probability) if wave.probability > 0 else 0
    chance = f"1 in {rare}" if rare else f"below 1 in {wave.draws}"
    return (
        f"Of {events} restrictions from {FIRST} to {found.years[-1].year}, forecast by a fit to {FITTED}, the mean"
        f" place by chance is the {100 * found.place:.0f}th of 100; the log score is {text.percent(found.skill)} better"
        " than the base rate's.",
        f"At the end of {wave.origin.year} {country_name(wave.country)} was given {chance} of restricting"
        f" {len(wave.struck)} or more materials in {wave.years} years, as it then did.",
    )
