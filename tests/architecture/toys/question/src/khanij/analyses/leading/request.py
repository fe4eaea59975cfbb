"""What may be asked of the leading maker."""

from __future__ import annotations

from pydantic import Field

from khanij.analyses.fields import Focus, Materials, Stage, Year
from khanij.analyses.question import CLI, Request, Scope


class LeadingRequest(Request):
    """Who makes most of a mineral.

    >>> LeadingRequest.of({"focus": "IND", "year": 2023, "stage": "refined"}).command()
    'khanij leading IND --year 2023 --stage refined'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    year: Year = 2024
    material: Materials = ()
    stage: Stage = "mined"

    def scope(self) -> Scope:
        """Return the Case that it stands on."""
        return Scope((self.focus,), (self.year,), self.material)
