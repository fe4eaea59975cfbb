"""Days known as closely as they were read: to the year, half-year, quarter, month or day."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

PATTERN = re.compile(r"(\d{4})(?:-(?:H([12])|Q([1-4])|(\d{2})(?:-(\d{2}))?))?")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date of reduced precision ("2011", "2011-H1", "2011-Q2", "2011-04", "2011-04-30") and the days it may be.

    Source: ISO 8601 for year, month and day; halves and quarters as publishers write them.
    """

    text: str
    first: date
    last: date

    @classmethod
    def read(cls, text: str) -> PartialDate:
        """Return the date of a text; raises ValueError if it is none."""
        found = PATTERN.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no date")
        year, half, quarter, month, day = (int(part or 0) for part in found.groups())
        length = 6 if half else 3 if quarter else 12 if found[4] is None else 1
        begin = month if found[4] is not None else ((half or quarter or 1) - 1) * length + 1
        end = begin + length - 1
        try:
            first = date(year, begin, day if found[5] is not None else 1)
            last = first if found[5] is not None else date(year, end, monthrange(year, end)[1])
        except ValueError:
            raise ValueError(f"{text!r} is no date") from None
        return cls(text, first, last)
