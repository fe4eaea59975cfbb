"""What can be asked of one disruption."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from khanij.analyses.fields import Focus, Seed, Year
from khanij.analyses.inputs.coverage import weighs
from khanij.analyses.question import CLI, Request, Scope
from khanij.analyses.shock.disruptions import Disrupted, disruptions
from khanij.simulate.loss.shock import DRAWS, SEED

BASE = 2024  # newest year with trade in tonnes and output


class ShockRequest(Request):
    """Disrupt supply and show what it does: shortage, price, cost to the economy, and who else goes without.

    >>> ShockRequest.of({"focus": "IND", "ban": "CHN:graphite"}).command()
    'khanij shock IND --ban CHN:graphite'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    event: str = Field(
        "", description="YAML file, or id of a documented event", max_length=4096, json_schema_extra={CLI: "argument"}
    )
    ban: str = Field("", description="CHN:graphite, or IDN:nickel:mined>JPN=0.5@6; several with ;", max_length=4096)
    outage: str = Field("", description="output cut, the same form", max_length=4096)
    tariff: str = Field("", description="duty on exports, the same form; =0.25 is 25 %", max_length=4096)
    year: Year | None = Field(None, description="base year; 2024, and of a documented event the year before it")
    draws: int = Field(DRAWS, ge=0, le=5_000, description="of uncertain behaviour, for the ranges")
    seed: Seed = SEED

    @model_validator(mode="after")
    def _disrupts(self) -> Self:
        """Refuse what cannot be disrupted before anything is read."""
        self.disrupted()
        return self

    def disrupted(self) -> Disrupted:
        """Return what is disrupted; raises StudyError."""
        return disruptions(self.event, self.ban, self.outage, self.tariff, self.year or BASE)

    def base_year(self) -> int:
        """Return the year that is disrupted: of an event the year before it, where its goods have tonnes then."""
        event = self.disrupted().event
        if self.year or event is None:
            return self.year or BASE
        before = event.start.year - 1
        return before if before < BASE and weighs(event.materials, event.stages, before) else BASE

    def scope(self) -> Scope:
        """Return the Case of the focus in the base year, every material of it."""
        return Scope((self.focus,), (self.base_year(),))
