"""What can be asked of the registry: its methods, and one of them run."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from khanij.analyses import runner
from khanij.analyses.fields import File, Foci, Materials, Method, Settings, Variable, Years
from khanij.analyses.question import CLI, Request, Scope
from khanij.core.errors import StudyError
from khanij.core.registry import KINDS


class MethodsRequest(Request):
    """The methods: what each computes, from what, and after whom.

    >>> MethodsRequest.of({"kind": "demand"}).command()
    'khanij methods --kind demand'
    """

    kind: Literal["", *KINDS] = Field("", description="only methods of this kind")  # type: ignore[valid-type]


class RunRequest(Request):
    """One method of the registry: one row a value, with range, unit, notes and sources.

    >>> RunRequest.of({"method": "n-1-loss", "focus": "ind", "material": "lithium,cobalt"}).command()
    'khanij run n-1-loss --focus IND --material lithium,cobalt'
    """

    method: Method = Field(json_schema_extra={CLI: "argument"})
    focus: Foci = ("all",)
    year: Years = (2024,)
    material: Materials = ()
    set: Settings = Field((), json_schema_extra={CLI: "repeat"})
    variable: Variable = ""
    purchases: File | None = Field(None, description="a firm's purchases, CSV or XLSX, in place of a country's imports")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse settings and variables that the method has not, and a firm beside a country."""
        runner.settings(runner.find(self.method), self.set)
        runner.variable(self.method, self.variable)
        if self.purchases is not None and self.focus != ("all",):
            hint = "leave --focus out beside --purchases"
            raise StudyError("a firm and a country at once", where="--focus", hint=hint)
        return self

    def scope(self) -> Scope:
        """Return the countries, years and minerals that were asked; a firm where purchases were given."""
        if self.purchases is not None:
            return Scope((), self.year, self.material, "firm", self.purchases)
        chosen = runner.variable(self.method, self.variable)
        undated = "year" not in chosen.axes and "year" not in self.model_fields_set
        return Scope(self.focus, runner.ASSESSED if undated else self.year, self.material)
