"""request"""

from __future__ import annotations

from pydantic import Field

from khanij.analyses.measures.request import Measures
from khanij.analyses.partner.request import Partner
from khanij.analyses.plan.request import Budgeted
from khanij.analyses.question import Strict
from khanij.analyses.risk.request import Chance


class Study(Strict):
    """The whole input of a run."""

    title: str
    question: str = ""
    focus: str
    year: int = 2024
    years: int = Field(2_000, ge=2)
    seed: int = Field(0, ge=0)
    materials: list[str] = Field(default_factory=list)
    currency: str = "million USD"
    chances: list[Chance] = Field(default_factory=list)
    agreements: bool = False
    partner: Partner | None = None
    measures: Measures | None = None
    plan: Budgeted | None = None
