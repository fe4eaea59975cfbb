"""What can be asked of forecasts of restrictions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from khanij.analyses import fields
from khanij.analyses.fields import Foci, Materials, Seed
from khanij.analyses.question import CLI, Request, Scope

LISTED = range(2018, 2026)  # years of which output by country is held
DESTINATIONS = ("IND", "USA", "DEU", "JPN", "EU27")


class DatedRequest(Request):
    """A question on forecasts. Its Case holds every trade code of all years, and output of those that list it."""

    def scope(self) -> Scope:
        """Return any focus, in every year of which output is held."""
        return Scope(("IND",), tuple(LISTED))


class ForecastMakeRequest(DatedRequest):
    """Write the frozen forecast of restrictions on exports in the twelve months after a year's end, in the hub layout.

    >>> ForecastMakeRequest.of({"origin": 2022, "to": "USA", "material": "gallium"}).command()
    'khanij forecast make --origin 2022 --to USA --material gallium'
    """

    origin: int = Field(
        2024, ge=2009, le=2025, description="year at whose end the forecast is made, with what was known"
    )
    to: Foci = Field(DESTINATIONS, description="destinations beside all, comma-separated")
    material: Materials = ()


class ForecastScoreRequest(DatedRequest):
    """Score a file of forecasts in the hub layout, ours or a stranger's, against the register.

    >>> ForecastScoreRequest.of({"file": "CHANGELOG.md"}).command()
    'khanij forecast score CHANGELOG.md'
    """

    file: Annotated[Path, AfterValidator(fields.file)] = Field(
        description="CSV with the columns that forecast make writes", json_schema_extra={CLI: "argument"}
    )


class ForecastHindcastRequest(DatedRequest):
    """Test the process of restrictions on the years after its fit, and the chance it gave China's wave of 2023 to 2025.

    >>> ForecastHindcastRequest.of({"draws": 5000}).command()
    'khanij forecast hindcast --draws 5000'
    """

    draws: int = Field(20_000, ge=100, le=1_000_000, description="simulated futures behind the chance of the wave")
    seed: Seed = 0
