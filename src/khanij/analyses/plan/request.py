"""What can be asked of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from khanij.analyses.fields import Amount
from khanij.analyses.measures.request import OwnMeasures, require_measures
from khanij.analyses.question import CLI
from khanij.analyses.simulated import Home, SimulatedRequest
from khanij.core.errors import StudyError
from khanij.plan.planner import goals
from khanij.plan.planner.results import DRAWN
from khanij.reference import money


def pairs(value: Any) -> Any:
    """Return "name=text" of a mapping name -> text; a list of such texts stays as it is."""
    if isinstance(value, Mapping):
        return tuple(f"{name}={text}" for name, text in value.items())
    if not isinstance(value, str | list | tuple | None):
        raise ValueError("no name=text, and no mapping of name to text")
    return (value,) if isinstance(value, str) else tuple(value or ())


def split(listed: tuple[str, ...], where: str, hint: str) -> dict[str, str]:
    """Return name -> text of "name=text"; raises StudyError where there is no sign between them, or a name twice."""
    found: dict[str, str] = {}
    for text in listed:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not sign or not name or name in found:
            what = f"{name} is given twice" if name in found else f"{text!r} has no value"
            raise StudyError(what, where=where, hint=hint)
        found[name] = value
    return found


def _goals(listed: tuple[str, ...]) -> tuple[str, ...]:
    """Return goals that can be read; raises StudyError for one that cannot be, such as 120 %."""
    for good, text in split(listed, "--reach", goals.HINT).items():
        goals.parse(text, good)
    return listed


def _sums(listed: tuple[str, ...]) -> tuple[str, ...]:
    """Return sums of components that can be read."""
    for text in split(listed, "--components, --absorb", 'such as "plants=500 crore INR"').values():
        money.read(text)
    return listed


Goals = Annotated[tuple[str, ...], BeforeValidator(pairs), AfterValidator(_goals)]
Sums = Annotated[tuple[str, ...], BeforeValidator(pairs), AfterValidator(_sums)]
Spent = Annotated[int, Field(ge=2000, le=2060)]


class PlanRequest(SimulatedRequest):
    """What to build, how much and when under a budget, checked on years that the plan was not made for.

    >>> PlanRequest.of({"focus": "IND", "budget": "34300 crore INR", "reach": ["copper:refined=60%"]}).command()
    "khanij plan IND --budget '34300 crore INR' --reach copper:refined=60%"
    """

    focus: Home = Field(json_schema_extra={CLI: "argument"})
    budget: Amount
    since: Spent = Field(2025, alias="from", description="first year of spending")
    to: Spent = Field(2031, description="last year of spending")
    reach: Goals = Field(
        (),
        description='goal such as "copper:refined=50%", "=6000 t" or "=30% secured"',
        json_schema_extra={CLI: "repeat"},
    )
    aim: Literal["losses", "least-cost"] | None = Field(
        None, description="what is minimised; default least-cost where goals are given, else losses"
    )
    ceilings: bool = Field(
        True,
        description="hold the programme's components to their money",
        json_schema_extra={CLI: "--ceilings/--single-budget"},
    )
    components: Sums = Field(
        (), description='money of a component in all, such as "plants=500 crore INR"', json_schema_extra={CLI: "repeat"}
    )
    absorb: Sums = Field(
        (),
        description='money that a component can spend in a year, "plants=90 crore INR"',
        json_schema_extra={CLI: "repeat"},
    )
    growth: Literal["STEPS", "APS", "NZE", "none"] = Field("STEPS", description="of need, the IEA's scenario, or none")
    need: Literal["low", "best", "high"] = Field("best", description="end of the range of that growth")
    tail: float = Field(0.0, ge=0, le=1_000, description="weight of CVaR 95% beside the expected loss")
    beyond: int | None = Field(None, ge=0, le=100, description="years after the last that count; default as assumed")
    scenarios: int = Field(DRAWN, ge=2, le=100_000, description="scenarios drawn for the search")
    keep: int = Field(0, ge=0, le=100_000, description="how many of them to keep, with a stated error; 0 = all")
    gap: float = Field(0.01, ge=0, le=1, description="relative gap at which the search may stop")
    seconds: float = Field(120.0, ge=1, le=100_000, description="time of one search")
    deep: bool = Field(
        True,
        description="frontier, split, regrets and moved inputs too; about ten times as long",
        json_schema_extra={CLI: "--deep/--quick"},
    )
    frontier: bool = Field(False, description="beside --quick: what parts of the budget would buy")
    catalogue: bool = Field(
        True,
        description="the catalogue's measures; else one's own alone",
        json_schema_extra={CLI: "--catalogue/--own-only"},
    )
    own_measures: OwnMeasures = Field((), json_schema_extra={CLI: "repeat"})

    @model_validator(mode="after")
    def _forward(self) -> Self:
        """Refuse years that run backwards, and a plan that has nothing to choose from."""
        if self.to < self.since:
            raise StudyError(f"from {self.since} to {self.to}", where="--to", hint="not before --from")
        require_measures(self.catalogue, self.own_measures)
        return self
