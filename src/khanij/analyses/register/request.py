"""What can be asked of the register of instruments."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from khanij.analyses.fields import Focus, Materials
from khanij.analyses.question import CLI, Request


class RegisterRequest(Request):
    """Bans, licences, quotas, taxes and the like on minerals since 2005: who, on what, against whom, in which state.

    >>> RegisterRequest.of({"country": "CHN", "material": "gallium", "on": "2025-01-01"}).command()
    'khanij register --country CHN --material gallium --on 2025-01-01'
    """

    country: Focus | None = Field(None, description="of the country or union that acts; all if not given")
    material: Materials = ()
    against: Focus | None = Field(None, description="only what hits this country", json_schema_extra={CLI: "--against"})
    on: date | None = Field(
        None, description="the state of each on this day, YYYY-MM-DD; default the last that the register knows"
    )
    every: bool = Field(False, description="those that have ended too, and those that are only announced")
