"""What can be asked of coming need."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from khanij.analyses.fields import Draws, Focus, Materials, Scenario, Seed
from khanij.analyses.question import CLI, Request, Scope
from khanij.core.errors import StudyError
from khanij.reference.industry.technologies import default_scenario

BASE = 2024  # the year whose facts the demand of coming years starts from


class DemandRequest(Request):
    """How much of each material a country will need: technologies, base demand, scrap, with ranges and gaps.

    >>> DemandRequest.of({"focus": "IND", "scenario": "net-zero", "to": 2040, "material": "lithium"}).command()
    'khanij demand IND --scenario net-zero --to 2040 --material lithium'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    scenario: Scenario = Field(
        "",
        description="--scenarios lists them; default the state's own where it has one, else the IEA's stated policies",
    )
    since: int = Field(2025, ge=2000, le=2050, description="first year", json_schema_extra={CLI: "--from"})
    to: int = Field(2047, ge=2000, le=2050, description="last year")
    every: int = Field(5, ge=1, le=50, description="show every so many years, and the first and last")
    material: Materials = ()
    technology: bool = Field(
        False, description="one row a material and technology", json_schema_extra={CLI: "--by-technology"}
    )
    scenarios: bool = Field(False, description="list what the scenarios state, with sources")
    draws: Draws = Field(200, description="draws behind low and high; 0 = none")
    seed: Seed = 0
    intensity: Literal["published", "frozen"] = Field(
        "published", description="material intensities as published for later years, or frozen"
    )
    recycling: Literal["current", "conservative", "neutral", "optimistic"] = Field(
        "neutral", description="case of recovery at the end of life"
    )
    growth: float | None = Field(
        None, ge=-0.5, le=0.5, description="of the economy a year, 0.05 = 5 %; default as stated"
    )
    world: Literal["STEPS", "APS", "NZE"] = Field("STEPS", description="the IEA's scenario for the comparison")

    @model_validator(mode="after")
    def _forward(self) -> Self:
        """Refuse years that run backwards."""
        if self.to < self.since:
            raise StudyError(f"from {self.since} to {self.to}", where="--from, --to", hint="the first year first")
        if self.scenarios and (more := sorted(self.model_fields_set - {"focus", "scenarios", "own", "assume"})):
            hint = "--scenarios without other options"
            raise StudyError(f"the list of scenarios has no {more[0]}", where="--scenarios", hint=hint)
        return self

    @property
    def followed(self) -> str:
        """Return the scenario that is followed."""
        return self.scenario or default_scenario(self.focus)

    def scope(self) -> Scope | None:
        """Return the focus and minerals; None where only the stated figures are listed."""
        return None if self.scenarios else Scope((self.focus,), (BASE,), self.material)
