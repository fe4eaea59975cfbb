"""What can be asked of the back-test."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from khanij.analyses.question import Request, Scope
from khanij.core.errors import CoverageError, StudyError
from khanij.reference.chronicle import events
from khanij.simulate.backtest.observations import FIRST, LAST, materials

ALL = "all"


class BacktestRequest(Request):
    """Show the engine beside documented events: trade, prices, baselines, noise, and what cannot be tested.

    >>> BacktestRequest.of({"event": "indonesia-nickel-ore-2020", "behaviour": "published"}).command()
    'khanij backtest --event indonesia-nickel-ore-2020 --behaviour published'
    """

    event: str = Field("", description="id of one event; default all", max_length=200)
    role: Literal["test", "fit", "negative-control", "all"] = Field(ALL, description="events of one role")
    behaviour: Literal["fitted", "published", "drawn"] | None = Field(
        None, description="every score of one; default all three side by side"
    )
    mass: bool = Field(False, description="every large fall of exports since 1996, forecast given its size")
    fit: bool = Field(False, description="the best rows of the grid that the fitted places come from")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        """Refuse an unknown event, a role that it has not, and a fit of what is not fitted."""
        if self.event:
            role = events.find(self.event).role
            if self.role not in (ALL, role):
                raise CoverageError(f"{self.event} has the role {role!r}", where="--role", hint=f"--role {role}")
        if self.mass and (self.event or self.role != ALL or self.behaviour or self.fit):
            raise StudyError("falls of the record are no documented events", where="--mass", hint="--mass alone")
        if self.fit and (self.event or self.role != ALL or self.behaviour):
            raise StudyError(
                "the fit is of its own events and of every behaviour", where="--fit", hint="--fit without other options"
            )
        return self

    def scope(self) -> Scope:
        """Return the Case of all years and all materials that an event touches; the focus only has to be somebody.

        The record of trade codes, which `mass` reads, reaches over all years whatever the Case's own.
        """
        somebody = next(iter(events.catalogue().values())).country
        if self.mass:
            return Scope((somebody,), (LAST,))
        return Scope((somebody,), tuple(range(FIRST, LAST + 2)), tuple(materials()))
