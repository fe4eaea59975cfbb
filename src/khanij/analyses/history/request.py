"""What can be asked of an indicator through the years."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from khanij.analyses import runner
from khanij.analyses.fields import Focus, Materials, Method, Settings, Stage, Variable, Years
from khanij.analyses.question import CLI, Request, Scope
from khanij.core.errors import StudyError


class HistoryRequest(Request):
    """An indicator through the years with every break of the data, or what moved it between two years.

    >>> HistoryRequest.of({"focus": "IND", "method": "import-hhi", "material": "tin", "year": "2005-2024"}).command()
    'khanij history IND --method import-hhi --year 2005-2024 --material tin'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    method: Method = Field(description="an indicator with years")
    year: Years = tuple(range(1996, 2025))
    material: Materials = ()
    stage: Stage = ""
    decompose: bool = Field(False, description="what moved it between the first and the last year")
    variable: Variable = ""
    set: Settings = Field((), json_schema_extra={CLI: "repeat"})

    @model_validator(mode="after")
    def _yearly(self) -> Self:
        """Refuse a variable without years, or with partners, which has no single line to follow."""
        runner.settings(runner.find(self.method), self.set)
        chosen = runner.variable(self.method, self.variable)
        if "year" not in chosen.axes or "partner" in chosen.axes:
            reason = "does not change with the year" if "year" not in chosen.axes else "has one value a partner"
            what = f"{chosen.name} of {self.method} {reason}"
            raise StudyError(what, where="--method", hint="khanij methods lists axes")
        if self.decompose and len(self.year) < 2:
            raise StudyError("a change needs two years", where="--year", hint="for instance 2015-2024")
        return self

    def scope(self) -> Scope:
        """Return the country, the minerals and every year from the first to the last, for breaks between them."""
        whole = tuple(range(self.year[0], self.year[-1] + 1))
        return Scope((self.focus,), whole if self.decompose else self.year, self.material)
