"""Who calls a mineral critical: official lists, the EU's published scores, and methods that answer yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from khanij import reference
from khanij.analyses import commands
from khanij.analyses.inputs import facts as queries
from khanij.analyses.inputs.cases import case
from khanij.analyses.runner import run
from khanij.core.errors import KhanijError
from khanij.core.number import Mark, Number
from khanij.core.result import Result
from khanij.reference.names import country_name
from khanij.reference.official_lists import UNION

BASE = tuple(range(2016, 2021))  # years of governance in the assessment of 2023
ASSESSMENT, EDITION = "eu-criticality", "eu-2023"
RISKY, IMPORTANT, ONE_COUNTRY = 1.0, 2.8, 0.65  # thresholds of the EU's study and of its Act
OF_UNION = "the EU's view, from its own sourcing: it says nothing of another country's"
SCORES = (("SR", "supply_risk"), ("EI", "economic_importance"))


@dataclass(frozen=True, slots=True)
class OfficialList:
    """One official list: id, whose, when, and material -> label."""

    id: str
    jurisdiction: str
    date: str
    materials: Mapping[str, str]

    @property
    def name(self) -> str:
        """Return whose list it is and of which year."""
        return f"{country_name(self.jurisdiction)} {self.date[:4]}"


def rolls() -> tuple[OfficialList, ...]:
    """Return the broadest list of each jurisdiction, of equal ones the newest, by id."""
    held: dict[str, dict[str, str]] = {}
    about: dict[str, tuple[str, str]] = {}
    for row in reference.lists():
        if not row.list.endswith("-screened") and row.material:
            held.setdefault(row.list, {})[row.material] = row.label
            about[row.list] = (row.jurisdiction, row.date)
    best: dict[str, str] = {}
    for id in sorted(held, key=lambda id: (len(held[id]), about[id][1])):
        best[about[id][0]] = id
    return tuple(OfficialList(id, *about[id], held[id]) for id in sorted(best.values()))


def family(material: str) -> tuple[str, ...]:
    """Return a material, the groups it belongs to, and its members."""
    known = reference.materials()
    above: list[str] = []
    parent = known[material].parent
    while parent:
        above.append(parent)
        parent = known[parent].parent
    return (material, *above, *(m.id for m in known.values() if m.parent == material))


def on(roll: OfficialList, material: str) -> Mark:
    """Return whether a list names a material, its group or one of its members."""
    for code in family(material):
        if code in roll.materials:
            near = "" if code == material else f", as {roll.materials[code]}"
            return Mark(True, "●", f"on the list {roll.id} of {roll.date}{near}")
    return Mark(False, "", f"not on the list {roll.id} of {roll.date}")


class EuAssessment:
    """The European Union's assessment: scores as published in 2023, and as recomputed by the registered method."""

    def __init__(self) -> None:
        """Run the method on the years of the study; a store without the study leaves every answer open."""
        self.failure = ""
        self.result: Result | None = None
        try:
            self.result = run(ASSESSMENT, case(UNION, BASE))
        except KhanijError as problem:
            self.failure = str(problem)

    @cached_property
    def published(self) -> Mapping[tuple[str, str], Number]:
        """Return (quantity, material) -> published score, of the material as a whole where there is one."""
        found: dict[tuple[str, str], Number] = {}
        for _, quantity in SCORES:
            rows = queries.facts(2000, quantity=quantity, item=EDITION).rows()
            for row in sorted(rows, key=lambda row: row["stage"] is not None):
                if row["value"] is not None:
                    number = Number(row["value"], "score", (f"{row['source']}@{row['edition']}",))
                    found.setdefault((quantity, row["material"]), number)
        return found

    def own(self, material: str) -> Mark:
        """Return the recomputed verdict with both scores."""
        if self.result is None:
            return Mark(None, "?", self.failure)
        cubes = [self.result.variable(name) for name in ("critical", *(quantity for _, quantity in SCORES))]
        verdict, *scores = (float(cube.values[cube.axis("material").at(material)]) for cube in cubes)
        told = _scores(None if np.isnan(v) else v for v in scores)
        how = commands.line("explain", ASSESSMENT, focus=UNION, material=material, year=f"{BASE[0]}-{BASE[-1]}")
        hint = f"recomputed: {told}; critical from SR {RISKY:.1f} and EI {IMPORTANT:.1f}; {OF_UNION}"
        sources = self.result.trace.sources
        if np.isnan(verdict):
            return Mark(None, "?", hint, sources)
        return Mark(verdict > 0, "" if np.isnan(scores[0]) else f"{scores[0]:.1f}", hint, sources, how)

    def stated(self, material: str) -> Mark:
        """Return the published verdict with both scores."""
        risk, weight = (self.published.get((quantity, material)) for _, quantity in SCORES)
        if risk is None or risk.value is None:
            return Mark(None, "?", "no score published for it")
        value = weight.value if weight else None
        high = risk.value >= RISKY
        state = high and value >= IMPORTANT if value is not None else (None if high else False)
        sources = tuple(sorted({*risk.sources, *(weight.sources if weight else ())}))
        hint = f"as published in 2023: {_scores((risk.value, value))}; {OF_UNION}"
        return Mark(state, f"{risk.value:.1f}", hint, sources)


def _scores(values: object) -> str:
    """Return "SR 2.8, EI 6.8"."""
    pairs = zip(SCORES, values, strict=True)  # type: ignore[call-overload]
    told = ", ".join(f"{name} {value:.1f}" for (name, _), value in pairs if value is not None)
    return told or "no score"


def benchmark(result: Result, material: str) -> Mark:
    """Return whether more than the Act's share of supply comes from one third country."""
    cube = result.variable("third_country")
    value = float(cube.values[cube.axis("material").at(material), 0, -1])
    if np.isnan(value):
        return Mark(None, "?", "no imports in tonnes to take a share of", result.trace.sources)
    shown = f"{100 * value:.0f} %"
    hint = f"{shown} of supply at the worst stage from one third country; the benchmark is at most 65 %"
    return Mark(value > ONE_COUNTRY, shown, hint, result.trace.sources)
