"""What may be asked of a plan."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from khanij.analyses.measures.request import OwnMeasure
from khanij.analyses.question import Strict
from khanij.plan.planner.results import DRAWN
from khanij.reference.assumptions import assumed


class Budgeted(Strict):
    """A plan under a budget."""

    budget: str
    since: int = Field(alias="from")
    to: int
    ceilings: bool = True
    components: dict[str, str] = Field(default_factory=dict)
    absorb: dict[str, str] = Field(default_factory=dict)
    tail: float = Field(0.0, ge=0)
    beyond: int = Field(default_factory=lambda: int(assumed("years_beyond")), ge=0)
    growth: Literal["STEPS", "APS", "NZE", "none"] = "STEPS"
    need: Literal["low", "best", "high"] = "best"
    reach: dict[str, str] = Field(default_factory=dict)
    aim: Literal["", "losses", "least-cost"] = ""
    scenarios: int = Field(DRAWN, ge=2)
    keep: int = Field(0, ge=0)
    gap: float = Field(0.01, ge=0)
    seconds: float = Field(120.0, gt=0)
    deep: bool = True
    catalogue: bool = True
    own: list[OwnMeasure] = Field(default_factory=list)
