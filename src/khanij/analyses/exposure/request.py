"""What can be asked of a country's dependence."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from khanij.analyses.fields import Focus, Year
from khanij.analyses.profile.request import newest
from khanij.analyses.question import CLI, Request, Scope


class ExposureRequest(Request):
    """On whom a country depends for each critical mineral, how sure that is, and what is in force against it.

    >>> ExposureRequest.of({"focus": "India", "on": "2026-01-31"}).command()
    'khanij exposure IND --on 2026-01-31'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    year: Year | None = Field(None, description="calendar year; default the newest with trade in tonnes and output")
    on: date | None = Field(
        None, description="day on which controls are looked up, 2026-01-31; default the last that the register knows"
    )

    def scope(self) -> Scope:
        """Return the country in the year."""
        return Scope((self.focus,), (self.year or newest(self.focus),))
