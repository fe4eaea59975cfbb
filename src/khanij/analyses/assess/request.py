"""What can be asked of the indicators of a country."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from khanij.analyses import runner
from khanij.analyses.fields import Draws, Focus, Listed, Materials, Methods, Seed, Years
from khanij.analyses.question import CLI, Request, Scope
from khanij.core.errors import StudyError
from khanij.methods.uncertainty import indicators
from khanij.methods.uncertainty.spreads import INPUTS

OWN = 200  # draws behind a range that nobody asked to be finer


class AssessRequest(Request):
    """The indicators of a country side by side, or with --draws how sure each is and what decides it.

    >>> AssessRequest.of({"focus": "IND", "method": "eu-supply-risk", "draws": 1000, "seed": 1}).command()
    'khanij assess IND --method eu-supply-risk --draws 1000 --seed 1'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    year: Years = (2024,)
    material: Materials = ()
    method: Methods = Field((), description="indicators, comma-separated; default the usual, with --draws the EU's")
    draws: Draws = Field(0, description="how sure the scores are: draws of their inputs; 0 = none")
    seed: Seed = 0
    inputs: Listed = Field((), description="uncertain inputs to draw, or all; default all but method")
    sensitivity: bool = Field(False, description="with --draws: which input makes how much of the scatter")

    @model_validator(mode="after")
    def _drawn(self) -> Self:
        """Refuse what only draws can answer where none are made, and inputs that are none."""
        unknown = [name for name in self.inputs if name not in (*INPUTS, "all")]
        if unknown:
            hint = f"some of {', '.join(INPUTS)}, or all"
            raise StudyError(f"no uncertain input {unknown[0]!r}", where="--inputs", hint=hint)
        if not self.draws and (self.inputs or self.sensitivity):
            raise StudyError("no number of draws", where="--draws", hint="for instance --draws 1000")
        for method in self.method if self.drawn else ():
            indicators.find(method)
        return self

    @property
    def drawn(self) -> int:
        """Return how many draws are made: those asked, or OWN where a method of the EU is asked for another focus.

        Without draws such a method gives the EU's figure; with them, where it can be drawn, that of the focus.
        """
        if self.draws or not self.method:
            return self.draws
        asked = [runner.find(id) for id in self.method]
        return OWN if all(runner.of_the_eu(one, self.focus) and one.uncertain is not None for one in asked) else 0

    def scope(self) -> Scope:
        """Return the country and years; with draws every mineral, since ranks are among all of them.

        What is missing for one mineral is drawn from what is published for the others.
        """
        return Scope((self.focus,), self.year, () if self.drawn else self.material)
