"""What can be asked of partnerships, and how a request describes its own scenarios."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from khanij import reference
from khanij.analyses.fields import Country, Materials
from khanij.analyses.question import CLI, Strict
from khanij.analyses.simulated import Currency, Entries, Home, SimulatedRequest
from khanij.core.errors import StudyError


class ScenarioEntry(Strict):
    """A named scenario of a partnership: its levers (plan.levers), and what was assumed for them."""

    name: str
    meaning: str
    assumed: str
    levers: tuple[dict[str, Any], ...] = Field(min_length=1)


class PartnerRequest(SimulatedRequest):
    """What a partnership averts as published and in named scenarios, and the dependence that it adds.

    Without a partner: what each agreement of the country adds among all of them; with --rank what every possible
    partner could and would deliver, the most valuable first.

    >>> PartnerRequest.of({"focus": "DEU", "partner": "CHL", "years": 1000}).command()
    'khanij partner DEU CHL --years 1000'
    """

    focus: Home = Field(json_schema_extra={CLI: "argument"})
    partner: Country | None = Field(
        None,
        description="the other country; without it all agreements are compared",
        json_schema_extra={CLI: "argument"},
    )
    material: Materials = Field(
        (), description="minerals besides those that are named in what is signed; default the official list if none is"
    )
    named: bool = Field(
        True,
        description="the minerals that are named in what is signed; else those asked for alone",
        json_schema_extra={CLI: "--named/--asked-only"},
    )
    currency: Currency = "million USD"
    rank: bool = Field(
        False, description="rank all possible partners; without a partner", json_schema_extra={CLI: "--rank"}
    )
    usual: bool = Field(
        True,
        description="the usual scenarios; else one's own alone",
        json_schema_extra={CLI: "--usual/--own-only"},
    )
    own_scenarios: Annotated[tuple[ScenarioEntry, ...], Entries] = Field(
        (),
        description="scenarios of one's own: a YAML file, or one as JSON (name, meaning, assumed, levers)",
        json_schema_extra={CLI: "repeat"},
    )

    @model_validator(mode="after")
    def _two(self) -> Self:
        """Refuse a country as its own partner, and scenarios with nobody."""
        if self.partner == self.focus:
            raise StudyError("the partner is the country itself", where="PARTNER", hint="name another country")
        if self.partner is not None and self.rank:
            raise StudyError("a ranking of one partner", where="--rank", hint="leave the partner out")
        if self.partner is not None:
            reference.require_standing(self.partner, (self.year,), "PARTNER")
        if self.partner is None and self.own_scenarios:
            raise StudyError("scenarios without a partner", where="--own-scenarios", hint="name the other country")
        return self
