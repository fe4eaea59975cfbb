"""run"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from khanij.analyses import runner
from khanij.analyses.inputs import cases
from khanij.core.result import Result


def results(
    focus: str, scenario: str, since: int, to: int, materials: Iterable[str] | None, **settings: Any
) -> dict[str, Result]:
    """Return the Results of demand, scrap, base demand and the part of the world's demand of one focus.

    focus     ISO alpha-3, country name or group      scenario  name of a scenario      since, to  years
    materials ids or names; all if None               settings  draws, seed, intensity, recycling, growth, world;
              compared=False leaves the part of the world's demand out
    """
    case = cases.case(focus, 2024, materials)
    span = {"since": since, "to": to}
    drawn: dict[str, Any] = {name: settings[name] for name in ("draws", "seed") if name in settings}
    named: dict[str, Any] = {"scenario": scenario, **span, **drawn}
    made = {name: settings[name] for name in ("intensity",) if name in settings}
    back = {name: settings[name] for name in ("recycling",) if name in settings}
    grown = {name: settings[name] for name in ("growth",) if settings.get(name) is not None}
    world = {name: settings[name] for name in ("world",) if name in settings}
    found = {
        "demand": runner.run("material-demand", case, **named, **made),
        "scrap": runner.run("scrap-supply", case, **named, **made, **back),
        "base": runner.run("base-demand", case, **named, **grown),
    }
    if settings.get("compared", True):
        found["world"] = runner.run("demand-as-part-of-world", case, **span, **world)
    return found


def milestones(since: int, to: int, every: int) -> tuple[int, ...]:
    """Return the first and last year and every year between that `every` divides."""
    return tuple(year for year in range(since, to + 1) if year in (since, to) or year % every == 0)
