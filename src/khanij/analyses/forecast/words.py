"""Forecasts of restrictions in words."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.present import names, text
from khanij.reference.names import country_name
from khanij.simulate.forecast.hindcast import FIRST, FITTED, Hindcast, Wave
from khanij.simulate.forecast.hub import FileScore, ForecastRow

TOLD = 5


def made(rows: Sequence[ForecastRow], seal: str) -> tuple[str, ...]:
    """Return the likeliest cells, what is expected, and the hash."""
    whole = [row for row in rows if row.destination == "all"]
    first = sorted(whole, key=lambda row: (-row.value, row.country, row.material))[:TOLD]
    told = text.joined(
        f"{country_name(r.country)} on {names.mineral(r.material).lower()} ({text.percent(r.value)})" for r in first
    )
    count = sum(row.value for row in whole)
    return (
        f"In the twelve months after {rows[0].origin_date} {count:.1f} of {len(whole)} sellers' materials are expected"
        f" to meet a new restriction on their exports, likeliest {told}.",
        f"SHA-256 of the {len(rows)} rows: {seal}.",
    )


def absent(materials: Sequence[str]) -> tuple[str, ...]:
    """Return of which minerals nothing is forecast, which is not that nothing will come."""
    if not materials:
        return ()
    listed = text.joined(names.mineral(material).lower() for material in materials)
    return (f"Nothing is forecast of {listed}: no country is on record with a large part of its output or exports.",)


def scored(found: Sequence[FileScore], seal: str) -> tuple[str, ...]:
    """Return how the file did."""
    first = found[0]
    better = text.percent(abs(first.skill))
    side = "better" if first.skill >= 0 else "worse"
    return (
        f"From {first.origin} to {first.destination} {first.events} of {first.cells} cells were struck,"
        f" {first.expected:.1f} were expected; the log score is {better} {side} than the base rate's.",
        f"SHA-256 of the rows: {seal}.",
    )


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
