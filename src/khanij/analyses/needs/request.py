"""What can be asked of needs: which products hold a mineral, or which minerals a product holds."""

from __future__ import annotations

from typing import Self

from pydantic import Field, field_validator, model_validator

from khanij.analyses.fields import Focus, Materials, Stage, Year
from khanij.analyses.question import CLI, Request, Scope
from khanij.core.errors import StudyError
from khanij.reference.industry.critical_inputs import find_product


class NeedsRequest(Request):
    """Who needs a mineral, of how much of whose output, for how long they can do without; or what a product hangs on.

    >>> NeedsRequest.of({"focus": "IND", "material": "rare-earths", "stage": "component"}).command()
    'khanij needs IND --material rare-earths --stage component'
    """

    focus: Focus = Field(json_schema_extra={CLI: "argument"})
    material: Materials = ()
    stage: Stage = Field("", description="of the mineral; every one that some product holds if not given")
    product: str = Field("", description="id or name of a product, such as car: every good that it holds")
    year: Year = 2024

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        """Refuse a question without either side."""
        if bool(self.material) == bool(self.product):
            raise StudyError("name minerals or a product", where="--material", hint="--material NAME, or --product ID")
        return self

    @field_validator("product")
    @classmethod
    def _known(cls, text: str) -> str:
        """Return the id of a product that is named by id or name."""
        return find_product(text) if text else ""

    def scope(self) -> Scope:
        """Return the focus, year and minerals."""
        return Scope((self.focus,), (self.year,), self.material)
