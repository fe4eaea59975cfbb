"""What can be asked of the origin of what a country uses."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from khanij.analyses import runner
from khanij.analyses.fields import Focus, Materials, Settings, Stage, Year
from khanij.analyses.question import CLI, Request, Scope


class OriginRequest(Request):
    """Who really made what a country uses: origins with bounds, exposure on the way, re-export hubs, unknown.

    >>> OriginRequest.of({"focus": "IND", "material": "copper", "by": "refiner"}).command()
    'khanij origin IND --material copper --by refiner'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    material: Materials = Field(min_length=1)
    stage: Stage = Field("", description="stage at which the focus uses it; every one with trade if not given")
    year: Year = 2024
    by: Literal["mine", "refiner"] = Field("mine", description="count origin at the mine or at the refiner")
    top: int = Field(10, ge=1, le=1_000, description="origins listed of each stage")
    set: Settings = Field((), json_schema_extra={CLI: "repeat"})

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse settings that the method has not."""
        runner.settings(runner.find("origin"), self.set)
        return self

    def scope(self) -> Scope:
        """Return the focus, year and minerals."""
        return Scope((self.focus,), (self.year,), self.material)
