"""What can be asked of a country's own programme."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from khanij.analyses.fields import Focus, Scenario, Year
from khanij.analyses.profile.request import newest
from khanij.analyses.question import CLI, Request, Scope
from khanij.reference.industry.technologies import default_scenario


class ScorecardRequest(Request):
    """How far a country is with its own programme, what of its need is secured, and where it could lead.

    >>> ScorecardRequest.of({"focus": "India", "part": "targets"}).command()
    'khanij scorecard IND --part targets'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    part: Literal["all", "targets", "supply", "outlook", "leads"] = Field("all", description="one part alone")
    year: Year | None = Field(None, description="year of trade and output; default the newest with both")
    horizon: int = Field(2030, ge=2026, le=2050, description="year of the coming need")
    scenario: Scenario = Field("", description="scenario of the coming need, as in `khanij demand`")

    @property
    def followed(self) -> str:
        """Return the scenario that is followed."""
        return self.scenario or default_scenario(self.focus)

    def scope(self) -> Scope | None:
        """Return the country in the year; targets alone need no Case."""
        return None if self.part == "targets" else Scope((self.focus,), (self.year or newest(self.focus),))
