"""What can be asked of measures, and how a request describes its own."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from khanij.analyses.question import CLI, Strict
from khanij.analyses.simulated import Currency, Entries, Home, SimulatedRequest


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


class MeasuresRequest(SimulatedRequest):
    """What each measure of the catalogue averts by itself, with and without, and by what it costs.

    >>> MeasuresRequest.of({"focus": "India", "materials": "cobalt, copper", "currency": "crore INR"}).command()
    'khanij measures IND --material cobalt,copper --currency 'crore INR''
    """

    focus: Home = Field(json_schema_extra={CLI: "argument"})
    currency: Currency = "million USD"
    catalogue: bool = Field(
        True,
        description="the catalogue's measures; else one's own alone",
        json_schema_extra={CLI: "--catalogue/--own-only"},
    )
    own_measures: OwnMeasures = Field((), json_schema_extra={CLI: "repeat"})
