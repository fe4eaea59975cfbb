"""What may be asked of measures, and how a study describes its own."""

from __future__ import annotations

from math import nan
from typing import Any

from pydantic import Field

from khanij.analyses.question import Strict


class CostEntry(Strict):
    """A figure with its range."""

    low: float
    best: float
    high: float


class OwnMeasure(Strict):
    """A measure of this study: levers (plan.levers), cost once and by year in money as people write it."""

    id: str
    name: str
    component: str = ""
    levers: list[dict[str, Any]] = Field(min_length=1)
    cost: dict[str, str] = Field(default_factory=dict)
    running: dict[str, str] = Field(default_factory=dict)
    lead: int = Field(0, ge=0)
    lump: float = Field(1.0, ge=0, le=1)
    needs: str = ""
    size: float = nan
    unit: str = ""
    source: str
    confidence: str = Field("low", pattern="^(low|medium|high)$")
    assumed: list[str] = Field(default_factory=list)


class Measures(Strict):
    """The value of measures one by one: those of the catalogue, and the study's own."""

    catalogue: bool = True
    own: list[OwnMeasure] = Field(default_factory=list)
