"""What a brief can be asked for."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from khanij.analyses.fields import Amount, Country, Focus, Year
from khanij.analyses.profile.request import newest
from khanij.analyses.question import CLI, Request, Scope


class BriefRequest(Request):
    """Write a country's critical-minerals brief: two pages that print, and a dossier with every table behind them.

    >>> BriefRequest.of({"focus": "India", "partner": "Russia", "plan": True}).command()
    'khanij brief IND --partner RUS --plan'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    year: Year | None = Field(None, description="calendar year; default the newest with trade in tonnes and output")
    on: date | None = Field(
        None, description="day on which controls are looked up, 2026-01-31; default the last that the register knows"
    )
    partner: Country | None = Field(None, description="add chapters on this country, and what a partnership is worth")
    plan: bool = Field(False, description="add what the country's own programme on record could buy")
    plan_if_any: bool = Field(False, description="the same, and nothing where no programme is on record")
    budget: Amount = Field("", description='a plan of this sum, such as "1 billion USD", for any country')
    since: int | None = Field(
        None, ge=2020, le=2060, description="first year of the plan's spending", json_schema_extra={CLI: "--from"}
    )
    to: int | None = Field(None, ge=2020, le=2060, description="last year of the plan's spending")
    losses: bool = Field(
        False, description="add what single stops and simulated years cost, of the goods whose users are on record"
    )

    digits: Literal["western", "indian"] = Field(
        "western", description="how pages write numbers: 1,234,567 and billion, or 12,34,567 and crore"
    )
    dossier: bool = Field(
        True,
        description="the dossier and the workbook behind the pages",
        json_schema_extra={CLI: "--dossier/--pages-only"},
    )

    def scope(self) -> Scope:
        """Return the country in the year."""
        return Scope((self.focus,), (self.year or newest(self.focus),))
