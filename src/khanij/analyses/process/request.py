"""What can be asked of process chains."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from khanij import reference
from khanij.analyses.fields import Countries, Draws, Seed, require_memory
from khanij.analyses.question import CLI, Request, Scope
from khanij.core.errors import CoverageError
from khanij.reference.industry import processes

Burden = Literal["carbon", "energy", "water", "waste", "operating_cost", "capital"]


ROUTE = 24_500  # bytes of one draw of one route, measured at 100,000 draws (benchmarks/limits.py)


class ProcessRequest(Request):
    """What a tonne takes by route: energy, carbon, water, waste, cost, with ranges, gaps and confidence.

    >>> ProcessRequest.of({"material": "Titanium", "route": "titanium-sponge", "place": "IND,NOR"}).command()
    'khanij process titanium --route titanium-sponge --place IND,NOR'
    """

    material: Annotated[str, AfterValidator(lambda text: text if text == "all" else reference.material(text))] = Field(
        description="id or name, or all", json_schema_extra={CLI: "argument"}
    )
    route: str = Field("", description="one route: its steps, and what moves its total")
    place: Countries = Field((), description="countries of the plants, comma-separated, whose electricity counts")
    burden: Burden = Field("carbon", description="whose inputs are ranked")
    draws: Draws = Field(200, description="draws behind low and high; 0 = none")
    seed: Seed = 0

    @model_validator(mode="after")
    def _known(self) -> Self:
        """Refuse a material without a route and a route that is none of its own."""
        routes = processes.routes().values()
        own = [one.id for one in routes if self.material in ("all", one.material)]
        if not own:
            every = ", ".join(sorted({one.material for one in routes}))
            raise CoverageError(f"no route of {self.material} is on record", where="MATERIAL", hint=every)
        if self.route and self.route not in own:
            raise CoverageError(f"no route {self.route!r} of {self.material}", where="--route", hint=", ".join(own))
        require_memory(self.draws, ROUTE * (1 if self.route else len(own)))
        return self

    def scope(self) -> Scope:
        """Return the process chains of the material."""
        return Scope((), (), () if self.material == "all" else (self.material,), "processes")
