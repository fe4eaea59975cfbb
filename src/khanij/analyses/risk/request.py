"""What can be asked of the simulated years."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from khanij.analyses.fields import Focus, Materials, Seed, Simulated, Year
from khanij.analyses.question import CLI, Request, Scope
from khanij.analyses.simulated import SimulatedRequest
from khanij.core.errors import StudyError


class RiskRequest(SimulatedRequest):
    """Simulate years of disruption: expected annual loss, loss curve, CVaR, N-1, N-2, and what the answer leans on.

    >>> RiskRequest.of({"focus": "IND", "years": 500, "material": "cobalt,potash", "hazards": "falls"}).command()
    'khanij risk IND --years 500 --material cobalt,potash --hazards falls'
    """

    years: Simulated = 10_000
    tornado: int = Field(0, ge=0, le=1_000_000, description="years for each end of each assumption; 0 = none")
    assumed: bool = Field(
        True,
        description="with falls: goods with too short a record get a stated chance, or none",
        json_schema_extra={CLI: "--assumed/--recorded"},
    )
    stories: int = Field(0, ge=0, le=1_000, description="so many of the dearest years told event by event")
    pairs: bool = Field(True, description="all pairs of sellers (N-2)")
    ranking: int = Field(
        48, ge=0, le=10_000, description="draws for how sure the order of goods by loss is; 0 = no such table"
    )
    flows: int = Field(
        0, ge=0, le=100, description="with --ranking: draws of the base year's flows that these stand on, a second each"
    )

    @model_validator(mode="after")
    def _within(self) -> Self:
        """Refuse a tornado of more years than there are, and a record of falls where no falls are asked for."""
        if self.tornado > self.years:
            raise StudyError(f"{self.tornado} years for the tornado", where="--tornado", hint=f"from 0 to {self.years}")
        if not self.assumed and self.hazards != "falls":
            what = "--recorded is about falls of exports, and hazards are asked by cause"
            raise StudyError(what, where="--recorded", hint="add --hazards falls")
        return self


class StopsRequest(Request):
    """A year without each seller, good by good (N-1): what goes short, what it costs, how sure the order is.

    >>> StopsRequest.of({"focus": "IND", "ranking": 0}).command()
    'khanij stops IND --ranking 0'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    year: Year = Field(2024, description="base year of trade and output")
    material: Materials = Field((), description="ids or names, comma-separated; default the official list that counts")
    ranking: int = Field(48, ge=0, le=10_000, description="draws for how sure the order of goods is; 0 = no such table")
    seed: Seed = 0

    def scope(self) -> Scope:
        """Return the focus in its base year, with all minerals."""
        return Scope((self.focus,), (self.year,))
