"""What a plan may spend and when, what counts after it, and how need grows meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from khanij.core.cube import Floats
from khanij.core.errors import StudyError
from khanij.core.range import Range
from khanij.plan.planner.goals import Goal
from khanij.plan.planner.growth import Growth
from khanij.reference.assumptions import assumed
from khanij.reference.measures import catalogued
from khanij.reference.money import Currency
from khanij.simulate.risk.baseline import Baseline


def discount_range() -> Range:
    """Return the real discount rate a year of the catalogue."""
    found = catalogued("finance", "discount")
    return Range(found.low, found.best, found.high, found.source, found.confidence, found.note)


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What a plan may spend, and when.

    budget     money of a whole plan, in the currency       since, to  first and last year in which it is spent
    ceilings   component -> money over all years            discount  yearly rate, of the catalogue
    beyond     years after the last that count, as assumed  carry      what a year leaves goes to later years
    absorb     component -> money that it can spend in a year
    growth     of need; None = held at the base year's      need       "low", "best" or "high" of it
    goals      what must be made at home or secured     goal_width  times its size to which one may build a measure
    public_funds  cost to the economy of a unit of public money      replan  years after the first of a new look
    """

    currency: Currency
    budget: float
    since: int
    to: int
    ceilings: Mapping[str, float] = field(default_factory=dict)
    discount: float = field(default_factory=lambda: discount_range().best)
    beyond: int = field(default_factory=lambda: int(assumed("years_beyond")))
    carry: bool = True
    absorb: Mapping[str, float] = field(default_factory=dict)
    growth: Growth | None = None
    need: str = "best"
    goals: tuple[Goal, ...] = ()
    goal_width: float = field(default_factory=lambda: assumed("goal_width"))
    public_funds: float = field(default_factory=lambda: assumed("public_funds"))
    replan: int = field(default_factory=lambda: int(assumed("replan_year")))

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.to < self.since:
            raise StudyError(f"from {self.since} to {self.to}", where="--to", hint="not before --from")
        if self.budget < 0 or self.beyond < 0 or not 0 <= self.discount < 1:
            raise StudyError("a budget, years or rate below 0", where="plan", hint="from 0")

    @property
    def years(self) -> tuple[str, ...]:
        """Return the labels of the years: those of the plan, and one for what lies beyond."""
        named = tuple(str(year) for year in range(self.since, self.to + 1))
        return (*named, f"{self.to + 1}-{self.to + self.beyond}") if self.beyond else named

    @property
    def count(self) -> int:
        """Return the years in which money is spent."""
        return self.to - self.since + 1

    @property
    def singly(self) -> Floats:
        """Return the weight of each year's money in that of the first, those beyond one by one."""
        return np.asarray((1.0 + self.discount) ** -np.arange(self.count + self.beyond, dtype=np.float64))

    @property
    def weights(self) -> Floats:
        """Return the weight of a year's money in that of the first year; the years beyond are one, at their sum."""
        factor = self.singly
        return np.append(factor[: self.count], factor[self.count :].sum()) if self.beyond else factor

    def grown(self, materials: Sequence[str]) -> Floats:
        """Return need of each year (M, years of the plan and beyond, one by one) by that of the base year."""
        years = range(self.since, self.to + self.beyond + 1)
        if self.growth is None:
            return np.ones((len(materials), len(years)))
        return self.growth.of(materials, years, self.need)


def terms_for(
    base: Baseline, currency: Currency, budget: float, since: int, to: int, *, beyond: int | None = None, **more: Any
) -> PlanTerms:
    """Return the terms of a plan on a baseline; what its Case was asked with otherwise counts.

    beyond  years after the last that count; as assumed if None      more  further terms, see PlanTerms
    """
    years = int(assumed("years_beyond", base.case)) if beyond is None else beyond
    given = {name: assumed(name, base.case) for name in ("goal_width", "public_funds")}
    given["replan"] = int(assumed("replan_year", base.case))
    return PlanTerms(currency, budget, since, to, beyond=years, **given, **more)
