"""What can be asked of forecasts of restrictions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from khanij import reference
from khanij.analyses import fields
from khanij.analyses.fields import Country, Foci, Materials, Seed
from khanij.analyses.question import CLI, Request, Scope

LISTED = range(2018, 2026)  # years of which output by country is held


class DatedRequest(Request):
    """A question on forecasts. Its Case holds every trade code of all years, and output of those that list it."""

    def scope(self) -> Scope:
        """Return any focus, in every year of which output is held."""
        return Scope((reference.current_countries()[0],), tuple(LISTED))


class ForecastMakeRequest(DatedRequest):
    """Write the frozen forecast of restrictions, falls and prices in the year after a year's end, in the hub layout.

    >>> ForecastMakeRequest.of({"origin": 2022, "to": "USA", "material": "gallium"}).command()
    'khanij forecast make --origin 2022 --to USA --material gallium'
    """

    origin: int = Field(
        2024, ge=2009, le=2025, description="year at whose end the forecast is made, with what was known"
    )
    to: Foci = Field((), description="countries or groups that restrictions may strike, beside all, comma-separated")
    material: Materials = ()
    target: Literal["restriction", "export-fall", "price", "all"] = Field(
        "all", description="chances of restrictions, of falls of large exporters, ranges of prices, or all"
    )


class ForecastScoreRequest(DatedRequest):
    """Score a file of forecasts in the hub layout, ours or a stranger's, against the register and prices.

    >>> ForecastScoreRequest.of({"file": "CHANGELOG.md"}).command()
    'khanij forecast score CHANGELOG.md'
    """

    file: Annotated[Path, AfterValidator(fields.file)] = Field(
        description="CSV with the columns that forecast make writes", json_schema_extra={CLI: "argument"}
    )


class ForecastHindcastRequest(DatedRequest):
    """Test restrictions on the years after the fit, the chance given to a country's wave of them, and prices.

    >>> ForecastHindcastRequest.of({"country": "IDN", "draws": 5000}).command()
    'khanij forecast hindcast --country IDN --draws 5000'
    """

    country: Country | None = Field(None, description="whose wave; the one with most decisions on record if not given")
    origin: int = Field(2022, ge=2009, le=2024, description="year at whose end the wave is forecast")
    span: int = Field(3, ge=1, le=10, description="years of the wave")

    draws: int = Field(20_000, ge=100, le=1_000_000, description="simulated futures behind the chance of the wave")
    seed: Seed = 0
