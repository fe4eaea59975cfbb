"""Money as people write it ("34300 crore INR") and what a currency is worth in dollars, with its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from khanij.core.errors import StudyError
from khanij.reference import numerals, records

SCALES = {"": 1.0, "lakh": 1e5, "million": 1e6, "crore": 1e7, "billion": 1e9, "trillion": 1e12}
FORM = re.compile(r"\s*([0-9][0-9,. ]*?)\s*([a-z]*)\s*([A-Z]{3})\s*", re.ASCII)
MILLION = 1e6
MOST = 1e18  # of any currency: many times what the world makes in a year


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of currencies.csv: units of a currency for a US dollar; `row` is where its source has it."""

    currency: str
    per_usd: float
    low: float
    high: float
    year: str
    source: str
    row: str
    confidence: str
    note: str


@cache
def rates() -> dict[str, Rate]:
    """Return currency -> rate."""
    return records.keyed(Rate, "currencies", "currency")


@dataclass(frozen=True, slots=True)
class Currency:
    """Currency units for a US dollar with range; `scale` and `name` are what figures are shown in ("crore INR")."""

    code: str
    name: str
    scale: float
    per_usd: float
    low: float
    high: float
    source: str
    confidence: str

    def of(self, usd: float) -> float:
        """Return dollars in units shown."""
        return usd * self.per_usd / self.scale

    def usd(self, amount: float) -> float:
        """Return an amount in units shown in dollars."""
        return amount * self.scale / self.per_usd

    @property
    def note(self) -> str:
        """Return the rate in words."""
        if self.low == self.high:
            return f"money in {self.name}"
        return (
            f"money in {self.name} at {self.per_usd:g} {self.code} a dollar ({self.low:g} to {self.high:g}, "
            f"confidence {self.confidence}; {self.source})"
        )


def currency(code: str, scale: str = "million") -> Currency:
    """Return a currency in which figures are shown; raises StudyError for one without a rate, or an unknown scale."""
    rows = rates()
    if code not in rows:
        raise StudyError(f"no rate for {code!r}", where="currency", hint=f"one of {', '.join(rows)}")
    if scale not in SCALES:
        raise StudyError(f"unknown scale {scale!r}", where="currency", hint=f"one of {', '.join(filter(None, SCALES))}")
    row = rows[code]
    source = ", ".join(part for part in (row.source, row.row) if part)
    name = f"{scale} {code}".strip()
    return Currency(code, name, SCALES[scale], row.per_usd, row.low, row.high, source, row.confidence)


def read(text: str, where: str = "budget") -> tuple[float, Currency]:
    """Return (amount, currency) of "34,300 crore INR" or "1.5 billion USD"; raises StudyError.

    Commas part groups of digits, Western or Indian; a point is the decimal one, and one before three digits alone may
    part a group, so it is refused as anything else is. where  the field that it stands in, for what is refused
    """
    match = FORM.fullmatch(text)
    scales = ", ".join(filter(None, SCALES))
    hint = f"NUMBER [{scales}] CURRENCY, as in 34,300 crore INR or 1.5 billion USD"
    if match is None or match[2] not in SCALES:
        raise StudyError(f"{text[:60]!r} is no sum of money", where=where, hint=hint)
    try:
        amount = numerals.read(match[1], grouped=True)
    except ValueError as wrong:
        raise StudyError(f"{text[:60]!r} is no sum of money: {wrong}", where=where, hint=hint) from None
    if amount * SCALES[match[2]] > MOST:
        raise StudyError(f"{text[:60]!r} is more than any sum of money", where=where, hint=hint)
    return amount, currency(match[3], match[2])
