"""What can be asked of methods and official lists against each other."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from khanij.analyses import runner
from khanij.analyses.compare import sides
from khanij.analyses.fields import Focus, Methods, Names, Year
from khanij.analyses.question import CLI, Request, Scope
from khanij.core.errors import StudyError
from khanij.reference.official_lists import UNION

GOVERNANCE_YEARS = range(2016, 2021)  # the years of the scores that the EU methods take by default


class CompareRequest(Request):
    """Methods against each other and against official lists: agreement, kappa, and with --why where they part.

    >>> CompareRequest.of({"focus": "IND", "method": "eu-criticality", "lists": "eu-2023-crm", "why": True}).command()
    'khanij compare IND --method eu-criticality --list eu-2023-crm --why'
    """

    focus: Focus | None = Field(
        None,
        description="country or group; without it, methods of the world only",
        json_schema_extra={CLI: "argument"},
    )
    year: Year = 2024
    method: Methods = Field((), description="indicators, comma-separated; default the usual")
    lists: Names = Field(
        (), description="official lists, comma-separated; default all", json_schema_extra={CLI: "--list"}
    )
    why: bool = Field(False, description="one row a mineral on which two part, with the reason")

    @model_validator(mode="after")
    def _known(self) -> Self:
        """Refuse what is no list, ranks nothing or has no country; one side named alone is compared with all others."""
        for id in self.lists:
            sides.known(id)
        for id in self.method:
            sides.ranking(id)
            if self.focus is None and "focus" in runner.find(id).variables[0].axes:
                hint = "khanij compare COUNTRY --method …"
                raise StudyError(f"{id} needs a country", where="FOCUS", hint=hint)
        return self

    def methods(self) -> tuple[str, ...]:
        """Return the methods that are compared: those named; else the usual, unless several lists are named alone."""
        if self.method or len(self.lists) > 1:
            return self.method
        usual = runner.default("compare")
        return tuple(id for id in usual if self.focus or "focus" not in runner.find(id).variables[0].axes)

    def official(self) -> tuple[str, ...]:
        """Return the lists that are compared: those named; else all, unless several methods are named alone."""
        return self.lists if self.lists or len(self.method) > 1 else sides.names()

    def scope(self) -> Scope | None:
        """Return the country and the years whose governance counts; None where lists alone are compared."""
        years = tuple(sorted({self.year, *GOVERNANCE_YEARS}))
        return Scope((self.focus or UNION,), years) if self.methods() else None
