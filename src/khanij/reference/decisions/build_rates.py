"""Plants and mines that were begun: years, capital, public money, and how they ended."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import isfinite

from khanij.reference import records
from khanij.reference.records import CONFIDENCES, column

STATUSES = ("operating", "ramping", "construction", "plan", "idled", "closed", "cancelled")
RUNNING, ENDED = ("operating", "ramping"), ("idled", "closed", "cancelled")
INSTRUMENTS = ("grant", "price-support", "loan", "equity")


@dataclass(frozen=True, slots=True)
class BuildRate:
    """One row of build_rates.csv: a plant or mine.

    plant      what it makes          measures  ids of the catalogue that are of its kind
    capacity   in `unit` a year       content   t of the measure's basis in one unit
    capital_first, capital  first and last figure, million of the currency
    public_share  public money by capital, whatever the instrument      instruments  by which it came
    years_to_build  decision or start of work to first product           kind  read, second-hand or recalled
    """

    id: str
    plant: str
    measures: tuple[str, ...]
    project: str
    country: str
    announced: str
    started: str
    first_product: str
    capacity: float
    unit: str
    content: float
    capital_first: float
    capital: float
    currency: str
    capital_year: str
    public_money: float
    public_currency: str
    public_share: float
    instruments: tuple[str, ...] = column(among=lambda: INSTRUMENTS)
    years_to_build: float
    status: str = column(among=lambda: STATUSES)
    kind: str
    recalled: tuple[str, ...]
    note: str
    url: str
    source: str
    confidence: str = column(among=lambda: CONFIDENCES)

    @property
    def tonnes(self) -> float:
        """Return what it makes a year, t of the measure's basis; nan where that is not known."""
        return self.capacity * self.content

    @property
    def ended(self) -> bool | None:
        """Return whether it came to nothing or was given up, None while that is open."""
        return None if self.status in ("construction", "plan") else self.status in ENDED


@cache
def build_rates() -> tuple[BuildRate, ...]:
    """Return every row; raises ParseError on a broken one."""
    return tuple(records.keyed(BuildRate, "build_rates", "id").values())


def built_like(measure: str) -> tuple[BuildRate, ...]:
    """Return the plants of the kind of a measure of the catalogue."""
    return tuple(row for row in build_rates() if measure in row.measures)


def with_years() -> tuple[BuildRate, ...]:
    """Return those that came to a first product after a known number of years."""
    return tuple(row for row in build_rates() if isfinite(row.years_to_build))


@dataclass(frozen=True, slots=True)
class SupportScheme:
    """One row of support_schemes.csv: what a country's own scheme pays by unit of capital of a kind of plant."""

    country: str
    measure: str
    scheme: str
    instruments: tuple[str, ...] = column(among=lambda: INSTRUMENTS)
    low: float
    best: float
    high: float
    source: str
    confidence: str = column(among=lambda: CONFIDENCES)
    note: str


@cache
def support_schemes() -> dict[tuple[str, str], SupportScheme]:
    """Return (country, measure) -> its scheme; raises ParseError on a broken row."""
    return records.keyed(SupportScheme, "support_schemes", "country", "measure")
