"""request"""

from __future__ import annotations

from pydantic import Field

from khanij.analyses.question import Strict


class Chance(Strict):
    """An expert's yearly chance that a seller restricts a good, in place of the record's or where it has none."""

    country: str
    material: str
    stage: str = ""
    probability: float = Field(ge=0, le=1)
    weight: float = Field(1.0, ge=0, le=1)
    kind: str = "expert"
    cut: float | None = Field(None, gt=0, le=1)
    because: str
