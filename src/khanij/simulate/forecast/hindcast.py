"""The process against years that its fit has not seen, and the chance that it gave a wave of decisions beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from khanij.core import rng
from khanij.core.cube import Floats
from khanij.kernels.chances import logistic
from khanij.reference.chronicle.instruments import Instrument
from khanij.simulate.forecast import policy
from khanij.simulate.forecast.known import SellerRecord, decisions, is_recalled
from khanij.simulate.forecast.policy import Memory, PolicyFit

FITTED, FIRST = 2016, 2017  # last year of outcomes that the tested fit may see; first year of the test
DRAWS = 20_000


@dataclass(frozen=True, slots=True)
class TestYear:
    """One year of the test: cells, those struck, those expected, and their mean place by forecast (1 = highest)."""

    year: int
    cells: int
    events: int
    expected: float
    place: float
    log_score: float
    base_log_score: float


@dataclass(frozen=True, slots=True)
class Hindcast:
    """All test years together; skill: by how much of the log score of a constant rate the forecast is better.

    skill  over the rate of the fitted years      skill_own  over the rate of the test years themselves, which nobody
           knew beforehand      median  of the places of the cells struck
    """

    years: tuple[TestYear, ...]
    fitted: PolicyFit
    place: float
    median: float
    skill: float
    skill_own: float
    auc: float


@dataclass(frozen=True, slots=True)
class Wave:
    """How likely a country was said to restrict as many materials within some years as it then did."""

    country: str
    origin: date
    years: int
    cells: int
    struck: tuple[str, ...]
    expected: float
    probability: float
    draws: int


def hindcast(register: Sequence[Instrument], sellers: SellerRecord, last: int, held: Memory) -> Hindcast:
    """Return the test of a fit up to FITTED on the years FIRST to `last`, each from what was known on its eve."""
    fitted = policy.fit(register, sellers, policy.eve(FITTED), held)
    years, chances, struck, places = [], [], [], []
    for year in range(FIRST, last + 1):
        chance, hit = _year(register, sellers, fitted, year, held)
        place = _places(chance)[hit]
        base = np.full(len(hit), fitted.base_rate)
        mean = float(place.mean()) if hit.any() else float("nan")
        y = hit.astype(np.float64)
        scores = logistic.log_score(y, chance), logistic.log_score(y, base)
        years.append(TestYear(year, len(hit), int(hit.sum()), float(chance.sum()), mean, *scores))
        chances.append(chance)
        struck.append(y)
        places.append(place)
    p, y, at = np.concatenate(chances), np.concatenate(struck), np.concatenate(places)
    score = logistic.log_score(y, p)
    rates = (fitted.base_rate, float(y.mean()))
    skill, own = (1.0 - score / logistic.log_score(y, np.full(len(y), rate)) for rate in rates)
    return Hindcast(tuple(years), fitted, float(at.mean()), float(np.median(at)), skill, own, logistic.auc(y, p))


def _year(
    register: Sequence[Instrument], sellers: SellerRecord, fitted: PolicyFit, year: int, held: Memory
) -> tuple[Floats, policy.Flags]:
    """Return chance and outcome of the cells that are scored in one year."""
    seen = policy.outlook_of(register, sellers, policy.eve(year - 1), held)
    listed = decisions(register, sellers.countries, sellers.materials)
    hit, scored = policy.outcomes(listed, seen, policy.eve(year))
    return policy.chances(fitted, seen)[scored], hit[scored]


def _places(chance: Floats) -> Floats:
    """Return the place of each chance among all, middle of ties, near 1 = highest."""
    ordered = np.sort(chance)
    below, upto = (np.searchsorted(ordered, chance, side) for side in ("left", "right"))
    return np.asarray((below + upto) / (2.0 * len(chance)))


def wave(
    register: Sequence[Instrument],
    sellers: SellerRecord,
    country: str,
    origin: date,
    years: int,
    held: Memory,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Wave:
    """Return the chance, by the fit up to the origin, of at least as many materials struck as then were."""
    fitted = policy.fit(register, sellers, origin, held)
    seen = policy.outlook_of(register, sellers, origin, held)
    at = sellers.countries.index(country)
    materials = seen.cells[1][seen.cells[0] == at]
    end = policy.eve(origin.year + years)
    hit: set[int] = set()
    for one in decisions(register, sellers.countries, sellers.materials):
        if at in one.countries and origin < one.begins <= end and not is_recalled(one.instrument):
            hit |= set(one.materials.tolist())
    struck = tuple(sellers.materials[m] for m in materials.tolist() if m in hit)
    drawn = policy.wave(fitted, seen, at, years, draws, held, rng.stream(seed, at))
    counts = drawn.any(axis=1).sum(axis=1)
    likely = float((counts >= len(struck)).mean())
    return Wave(country, origin, years, len(materials), struck, float(counts.mean()), likely, draws)
