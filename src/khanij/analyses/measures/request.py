"""What can be asked of measures, and how a request describes its own."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from khanij.analyses.question import CLI, Strict
from khanij.analyses.simulated import Currency, Entries, Home, SimulatedRequest
from khanij.core.errors import StudyError


class OwnMeasure(Strict):
    """A measure of one's own: levers (plan.levers), cost once and by year in money as people write it."""

    id: str
    name: str
    component: str = ""
    levers: tuple[dict[str, Any], ...] = Field(min_length=1)
    cost: dict[str, str] = Field(default_factory=dict)
    running: dict[str, str] = Field(default_factory=dict)
    lead: int = Field(0, ge=0)
    lump: float = Field(1.0, ge=0, le=1)
    needs: str = ""
    size: float | None = None
    unit: str = ""
    source: str
    confidence: str = Field("low", pattern="^(low|medium|high)$")
    assumed: tuple[str, ...] = ()


OwnMeasures = Annotated[
    tuple[OwnMeasure, ...],
    Entries,
    Field(description="measures of one's own: a YAML file, or one as JSON (id, name, levers, cost, source and others)"),
]


def require_measures(catalogue: bool, own: tuple[OwnMeasure, ...]) -> None:
    """Raise StudyError where there are neither the catalogue's measures nor one's own."""
    if not catalogue and not own:
        raise StudyError("no measures", where="--own-only", hint="--own-measures FILE")


class MeasuresRequest(SimulatedRequest):
    """What each measure of the catalogue averts by itself, with and without, and by what it costs.

    >>> MeasuresRequest.of({"focus": "IND", "years": 500, "material": "cobalt, copper"}).command()
    'khanij measures IND --years 500 --material cobalt,copper'
    """

    focus: Home = Field(json_schema_extra={CLI: "argument"})
    currency: Currency = "million USD"
    catalogue: bool = Field(
        True,
        description="the catalogue's measures; else one's own alone",
        json_schema_extra={CLI: "--catalogue/--own-only"},
    )
    own_measures: OwnMeasures = Field((), json_schema_extra={CLI: "repeat"})

    @model_validator(mode="after")
    def _some(self) -> Self:
        """Refuse a question about no measure."""
        require_measures(self.catalogue, self.own_measures)
        return self
