"""What can be asked of a mineral's chain."""

from __future__ import annotations

from pydantic import Field

from khanij.analyses.fields import Focus, Materials, Seed, Stage, Year
from khanij.analyses.question import CLI, Request, Scope


class ChainRequest(Request):
    """A mineral stage by stage: world output, who makes it, what a country makes, buys, uses and passes on.

    >>> ChainRequest.of({"material": "rare-earths", "focus": "IND"}).command()
    'khanij chain rare-earths --focus IND'
    """

    material: Materials = Field(min_length=1, json_schema_extra={CLI: "argument"})
    focus: Focus = Field(description="country or group whose part is told", json_schema_extra={CLI: "--focus"})
    year: Year = 2024
    stage: Stage = Field("", description="stage whose flows the map shows; the one bought most if not given")
    draws: int = Field(12, ge=0, le=200, description="draws of the flows behind low and high, 0 = none")
    seed: Seed = 0
    makers: int = Field(5, ge=1, le=50, description="makers listed a stage")

    def scope(self) -> Scope:
        """Return the focus, year and minerals."""
        return Scope((self.focus,), (self.year,), self.material)
