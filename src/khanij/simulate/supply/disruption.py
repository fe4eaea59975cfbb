"""A disruption in the terms of a model: what is cut, where, for whom, how much of it and for how long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from khanij import reference
from khanij.core.axis import sample
from khanij.core.errors import CoverageError, StudyError

Acts = Literal["exports", "output", "tariff"]
ACTS: dict[str, Acts] = {
    "export-ban": "exports",
    "licence-regime": "exports",
    "quota": "exports",
    "sanctions": "exports",
    "chokepoint": "exports",
    "tariff": "tariff",
    "mine-outage": "output",
    "refinery-outage": "output",
    "smelter-outage": "output",
    "war": "output",
}
YEAR = 12.0
MOST = 60.0  # months that a text may ask for
SHAPE = re.compile(
    r"^(?P<country>[^:]+):(?P<materials>[^:>=@]+)(:(?P<stages>[a-z,]+))?(>(?P<to>[A-Za-z0-9,]+))?"
    r"(=(?P<cut>[0-9.eE+-]+))?(@(?P<months>[0-9.eE+-]+))?$"
)
FORM = "COUNTRY:material[:stage][>DESTINATION,...][=part cut][@months], such as CHN:graphite or IDN:nickel:mined=0.5@6"


@dataclass(frozen=True, slots=True)
class Disruption:
    """One seller's loss.

    acts          on its exports, on its output, or on the price that destinations pay (a tariff)
    materials, stages   which goods; no stages = all that the chain has
    country       whose      destinations  who is cut off; none named = everybody abroad
    cut           part of the flow that is lost while it lasts, 0..1; a tariff: its rate
    months        how long, 0..60; what lasts beyond a year takes all of that year's flow
    course        part lost in each month from the first, where it is known to vary; the year then goes by `cut`
    """

    acts: Acts
    materials: tuple[str, ...]
    country: str
    stages: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    cut: float = 1.0
    months: float = YEAR
    course: tuple[float, ...] = ()

    @property
    def lost(self) -> float:
        """Return the part of a year's flow that is lost."""
        return self.cut * min(self.months, YEAR) / YEAR

    def affects(self, material: str, stage: str) -> bool:
        """Tell whether a stage of a material is affected."""
        return material in self.materials and (not self.stages or stage in self.stages)


def parse(text: str, acts: Acts = "exports", where: str = "--ban", year: int = 2024) -> Disruption:
    """Return the disruption that a short text describes; see FORM.

    year  of which groups among the destinations are written out
    Raises StudyError for a text of another form or amounts that cannot be, CoverageError for unknown names.
    """
    found = SHAPE.match(text.strip())
    if found is None:
        raise StudyError(f"{text!r} is no disruption", where=where, hint=FORM)
    part = found.groupdict()
    country = reference.country(part["country"])
    reference.require_standing(country, (year,), where)
    materials = tuple(reference.material(name) for name in part["materials"].split(","))
    stages = tuple(part["stages"].split(",")) if part["stages"] else ()
    if bad := [s for s in stages if s not in reference.STAGES]:
        raise CoverageError(f"unknown stage {sample(bad)}", where=where, hint=f"one of {', '.join(reference.STAGES)}")
    if stages and not any((m, s) in reference.stage_names() for m in materials for s in stages):
        raise StudyError(f"{sample(materials)} has none of {', '.join(stages)}", where=where, hint="another stage")
    return Disruption(
        acts=acts,
        materials=materials,
        country=country,
        stages=stages,
        destinations=_destinations(part["to"], country, where, year),
        cut=_amount(part["cut"], "part cut", 1.0, 1.0 if acts != "tariff" else 100.0, where),
        months=_amount(part["months"], "months", YEAR, MOST, where),
    )


def several(ban: str = "", outage: str = "", tariff: str = "", *, where: str, year: int = 2024) -> list[Disruption]:
    """Return the disruptions of three texts, each several with semicolons between; refuse none at all.

    where  what stands before the name of a text in an error: "--" or "market-shock."
    """
    texts: tuple[tuple[str, Acts, str], ...] = (
        (ban, "exports", "ban"),
        (outage, "output", "outage"),
        (tariff, "tariff", "tariff"),
    )
    found = [
        parse(part, acts, f"{where}{name}", year)
        for text, acts, name in texts
        for part in text.split(";")
        if part.strip()
    ]
    if not found:
        raise StudyError("nothing is disrupted", where=f"{where}ban", hint=FORM)
    return found


def _destinations(text: str | None, country: str, where: str, year: int) -> tuple[str, ...]:
    """Return the countries named, groups written out, without the seller itself."""
    codes = text.upper().split(",") if text else []
    unknown = [c for c in codes if c not in reference.countries() and c not in reference.groups()]
    if unknown:
        raise CoverageError(f"unknown country or group {sample(unknown)}", where=where, hint="ISO alpha-3 or a group")
    named = [m for c in codes for m in (reference.members(c, year) if c in reference.groups() else (c,))]
    found = tuple(dict.fromkeys(c for c in named if c != country))
    if codes and not found:
        raise StudyError("nobody but the country itself would be cut off", where=where, hint="name other countries")
    return found


def _amount(text: str | None, name: str, usual: float, most: float, where: str) -> float:
    """Return a number above 0 and at most `most`."""
    if text is None:
        return usual
    try:
        amount = float(text)
    except ValueError:
        raise StudyError(f"{text!r} is no number", where=where, hint=f"{name}: above 0, at most {most:g}") from None
    if not 0 < amount <= most:
        raise StudyError(f"{name} is {amount:g}", where=where, hint=f"above 0, at most {most:g}")
    return amount


def describe(disruptions: Sequence[Disruption]) -> str:
    """Return what is cut, in words."""
    parts = []
    for d in disruptions:
        what = {"exports": "exports", "output": "output", "tariff": "tariff on exports"}[d.acts]
        whom = f" to {', '.join(d.destinations)}" if d.destinations else ""
        stage = f" ({', '.join(d.stages)})" if d.stages else ""
        size = f"{d.cut:.0%}" if d.acts != "tariff" else f"{d.cut:.0%} duty"
        parts.append(f"{d.country}: {what} of {', '.join(d.materials)}{stage}{whom}, {size} for {d.months:g} months")
    return "; ".join(parts)


Scenario = tuple[tuple[str, str, float], ...]
"""Sellers affected in one year: (country, stage, part of its exports lost for the year)"""
