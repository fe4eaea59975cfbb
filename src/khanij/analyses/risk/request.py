"""What can be asked of the simulated years."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from khanij.analyses.fields import File, Focus, Materials, Seed, Simulated, Year
from khanij.analyses.question import CLI, Request, Scope, Strict
from khanij.core.errors import StudyError


class Chance(Strict):
    """An expert's yearly chance that a seller restricts a good, in place of the record's or where it has none."""

    country: str
    material: str
    stage: str = ""
    probability: float = Field(ge=0, le=1)
    weight: float = Field(1.0, ge=0, le=1)
    kind: str = "expert"
    cut: float | None = Field(None, gt=0, le=1)
    because: str


class RiskRequest(Request):
    """Simulate years of disruption: expected annual loss, loss curve, CVaR, N-1, N-2, and what the answer leans on.

    >>> RiskRequest.of({"focus": "India", "years": 500, "material": "cobalt,potash", "assumed": False}).command()
    'khanij risk IND --years 500 --material cobalt,potash --recorded'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    year: Year = 2024
    years: Simulated = 10_000
    seed: Seed = 0
    material: Materials = Field((), description="ids or names, comma-separated; default the official list")
    priors: File | None = Field(
        None, description="CSV of expert chances: country,material,stage,probability,weight,kind,cut"
    )
    tornado: int = Field(0, ge=0, le=1_000_000, description="years for each end of each assumption; 0 = none")
    assumed: bool = Field(
        True,
        description="goods with too short a record get a stated chance, or none",
        json_schema_extra={CLI: "--assumed/--recorded"},
    )
    pairs: bool = Field(True, description="all pairs of sellers (N-2)")

    @model_validator(mode="after")
    def _within(self) -> Self:
        """Refuse a tornado of more years than there are."""
        if self.tornado > self.years:
            raise StudyError(f"{self.tornado} years for the tornado", where="--tornado", hint=f"from 0 to {self.years}")
        return self

    def scope(self) -> Scope:
        """Return the Case of the focus in the base year; its chances lean on the record of every material."""
        return Scope((self.focus,), (self.year,))
