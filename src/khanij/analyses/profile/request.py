"""What can be asked of a country as a whole."""

from __future__ import annotations

from pydantic import Field

from khanij.analyses.fields import Focus, Year
from khanij.analyses.question import CLI, Request, Scope


class ProfileRequest(Request):
    """A country in figures: what it buys and sells of its critical minerals, from whom, and what cannot be told.

    >>> ProfileRequest.of({"focus": "India", "year": 2024}).command()
    'khanij profile IND --year 2024'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    year: Year | None = Field(None, description="calendar year; default the newest with trade in tonnes and output")

    def scope(self) -> Scope:
        """Return the country in the year."""
        return Scope((self.focus,), (self.year or newest(self.focus),))


def newest(focus: str) -> int:
    """Return the newest year with trade in tonnes and output of a focus."""
    from khanij.analyses.inputs import coverage  # the store is read when a question is asked, not when it is written

    return coverage.newest(focus)
