"""What can be asked of one number."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from khanij.analyses import runner
from khanij.analyses.fields import AnyYears, Focus, Material, Method, Settings, Stage, Variable
from khanij.analyses.question import CLI, Request, Scope
from khanij.core.errors import StudyError

NEWEST = 2024  # the latest year for which trade in tonnes and output are both in the store
LABELS = {"material", "stage", "focus", "year"}


class ExplainRequest(Request):
    """One number followed down: equation, parameters, what entered, the fact rows behind it, and whom they cite.

    >>> ExplainRequest.of({"method": "hhi-wgi", "focus": "IND", "material": "cobalt", "year": 2023}).command()
    'khanij explain hhi-wgi --focus IND --material cobalt --year 2023'
    """

    method: Method = Field(json_schema_extra={CLI: "argument"})
    focus: Focus
    material: Material
    year: AnyYears = Field(
        (), description="the newest with trade and output if not given; several for a variable without years"
    )
    stage: Stage = Field("", description="the worst stage with a value if not given")
    variable: Variable = ""
    top: int = Field(12, ge=0, le=1_000_000, description="values and facts a quantity at most; 0 = all")
    set: Settings = Field((), json_schema_extra={CLI: "repeat"})

    @model_validator(mode="after")
    def _single(self) -> Self:
        """Refuse a variable that has no single value at a material, stage, focus and year."""
        method = runner.find(self.method)
        runner.settings(method, self.set)
        chosen = runner.variable(self.method, self.variable)
        if not set(chosen.axes) <= LABELS or "material" not in chosen.axes:
            what = f"{chosen.name} of {self.method} is on {', '.join(chosen.axes)}: no single number"
            raise StudyError(what, where="--method", hint=f"khanij run {self.method} gives its rows")
        if "year" in chosen.axes and len(self.year) > 1:
            raise StudyError("one number has one year", where="--year", hint=f"for instance {self.year[-1]}")
        if self.stage and "stage" not in chosen.axes:
            raise StudyError(f"{chosen.name} has no stages", where="--stage", hint="leave --stage away")
        return self

    def years(self) -> tuple[int, ...]:
        """Return the year of the number; the years that a variable without years looks at."""
        if self.year:
            return self.year
        return (NEWEST,) if "year" in runner.variable(self.method, self.variable).axes else runner.ASSESSED

    def scope(self) -> Scope:
        """Return the focus and years with every mineral: a rank is one among all."""
        return Scope((self.focus,), self.years())
