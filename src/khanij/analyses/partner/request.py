"""What may be asked of a partnership."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from khanij.analyses.question import Strict


class ScenarioEntry(Strict):
    """A named scenario of a partnership."""

    name: str
    meaning: str
    assumed: str
    levers: list[dict[str, Any]] = Field(min_length=1)


class Partner(Strict):
    """With and without what is signed with a partner, and named scenarios of it."""

    country: str
    materials: list[str] = Field(default_factory=list)
    usual: bool = True
    scenarios: list[ScenarioEntry] = Field(default_factory=list)
