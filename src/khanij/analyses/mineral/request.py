"""What can be asked of one mineral."""

from __future__ import annotations

from pydantic import Field

from khanij.analyses.fields import Focus, Material, Year
from khanij.analyses.profile.request import newest
from khanij.analyses.question import CLI, Request, Scope


class MineralRequest(Request):
    """One mineral on one page: chain, suppliers, controls, who needs it, coming need, who could replace the first.

    >>> MineralRequest.of({"focus": "India", "material": "Cobalt"}).command()
    'khanij mineral IND cobalt'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    material: Material = Field(json_schema_extra={CLI: "argument"})
    year: Year | None = Field(None, description="calendar year; default the newest with trade in tonnes and output")

    def scope(self) -> Scope:
        """Return the country in the year, with every mineral."""
        return Scope((self.focus,), (self.year or newest(self.focus),))
