"""What can be asked of the simulated years."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from khanij.analyses.fields import Simulated
from khanij.analyses.question import CLI
from khanij.analyses.simulated import SimulatedRequest
from khanij.core.errors import StudyError


class RiskRequest(SimulatedRequest):
    """Simulate years of disruption: expected annual loss, loss curve, CVaR, N-1, N-2, and what the answer leans on.

    >>> RiskRequest.of({"focus": "IND", "years": 500, "material": "cobalt,potash", "assumed": False}).command()
    'khanij risk IND --years 500 --material cobalt,potash --recorded'
    """

    years: Simulated = 10_000
    tornado: int = Field(0, ge=0, le=1_000_000, description="years for each end of each assumption; 0 = none")
    assumed: bool = Field(
        True,
        description="goods with too short a record get a stated chance, or none",
        json_schema_extra={CLI: "--assumed/--recorded"},
    )
    hazards: Literal["falls", "causes"] = Field(
        "falls",
        description="falls of exports on record, of any cause; or by cause: restrictions, those in force, stops",
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
        """Refuse a tornado of more years than there are."""
        if self.tornado > self.years:
            raise StudyError(f"{self.tornado} years for the tornado", where="--tornado", hint=f"from 0 to {self.years}")
        return self
