"""What can be asked of the records: trade, facts, checks."""

from __future__ import annotations

from pydantic import Field

from khanij.analyses.fields import Codes, Focus, Names, Years
from khanij.analyses.question import CLI, Request


class TradeRequest(Request):
    """Recorded trade of a country or group: value and mass by partner, trade code and year.

    >>> TradeRequest.of({"focus": "IND", "partner": "RUS", "hs": "270900", "year": 2023}).command()
    'khanij trade IND --from RUS --hs 270900 --year 2023'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    year: Years = (2024,)
    partner: Names = Field((), description="partners, comma-separated; default all", json_schema_extra={CLI: "--from"})
    hs: Codes = Field((), description="six-digit trade codes or headings of four, comma-separated; default all held")
    exports: bool = Field(False, description="what the country sells instead of what it buys")
