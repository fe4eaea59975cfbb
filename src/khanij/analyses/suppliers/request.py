"""What can be asked of suppliers."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from khanij import reference
from khanij.analyses.fields import Country, Focus, Year, Years
from khanij.analyses.profile.request import newest
from khanij.analyses.question import CLI, Request, Scope
from khanij.core.errors import StudyError

DECADE = tuple(range(2015, 2025))


class SupplierRequest(Request):
    """One country's part of what another buys of its critical minerals through the years, by value and by tonnes.

    >>> SupplierRequest.of({"focus": "India", "partner": "China", "year": "2020-2024"}).command()
    'khanij supplier IND CHN --year 2020-2024'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    partner: Country = Field(description="the supplier", json_schema_extra={CLI: "argument"})
    year: Years = DECADE

    @model_validator(mode="after")
    def _apart(self) -> Self:
        """Refuse a supplier that is the buyer, or belonged to it in all of the years."""
        group = self.focus in reference.groups()
        if all(self.partner in (reference.members(self.focus, y) if group else (self.focus,)) for y in self.year):
            what = (
                f"{self.partner} is {f'a member of {self.focus}' if group else 'the buyer'}, which is no supplier of it"
            )
            raise StudyError(what, where="PARTNER", hint="name a country outside")
        return self

    def scope(self) -> Scope:
        """Return the focus in the years."""
        return Scope((self.focus,), self.year)


class VersusRequest(Request):
    """Two countries side by side: bills, first suppliers, what both hang on, and where they part.

    >>> VersusRequest.of({"focus": "India", "other": "Japan"}).command()
    'khanij versus IND JPN'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    other: Focus = Field(description="country or group beside it", json_schema_extra={CLI: "argument"})
    year: Year | None = Field(None, description="calendar year; default the newest with trade in tonnes and output")

    @model_validator(mode="after")
    def _two(self) -> Self:
        """Refuse a country beside itself."""
        if self.focus == self.other:
            raise StudyError(f"{self.focus} beside itself", where="OTHER", hint="name another country")
        return self

    def scope(self) -> Scope:
        """Return the first of the two in the year."""
        return Scope((self.focus,), (self.year or newest(self.focus),))


class ReplaceRequest(Request):
    """Who could fill the gap if one supplier stopped: makers, what they sell, at what price, under which controls.

    >>> ReplaceRequest.of({"focus": "India", "gap": "CHN:graphite"}).command()
    'khanij replace IND CHN:graphite'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    gap: str = Field(
        description="who stops and what, CHN:graphite or CHN:rare-earths:component", json_schema_extra={CLI: "argument"}
    )
    year: Year | None = Field(None, description="calendar year; default the newest with trade in tonnes and output")

    @model_validator(mode="after")
    def _named(self) -> Self:
        """Refuse a gap that is not of a country and a mineral."""
        self.parts()
        return self

    def parts(self) -> tuple[str, str, str]:
        """Return country, mineral and stage of the gap, stage "" where none is named; raises StudyError."""
        named = [part.strip() for part in self.gap.split(":")]
        if len(named) not in (2, 3) or (len(named) == 3 and named[2] not in reference.STAGES):
            hint = f"COUNTRY:MINERAL or COUNTRY:MINERAL:STAGE, a stage of {', '.join(reference.STAGES)}"
            raise StudyError(f"{self.gap!r} is no gap", where="GAP", hint=hint)
        return reference.country(named[0]), reference.material(named[1]), named[2] if len(named) == 3 else ""

    def scope(self) -> Scope:
        """Return the focus in the year, with every mineral."""
        return Scope((self.focus,), (self.year or newest(self.focus),))
