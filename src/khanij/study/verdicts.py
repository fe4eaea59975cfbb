"""Who calls a mineral critical: official lists, the EU's published scores, and methods that answer yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from khanij import reference
from khanij.core.errors import KhanijError
from khanij.core.result import Result
from khanij.present.document import Mark, Number
from khanij.study import queries
from khanij.study.cases import case
from khanij.study.numbers import place
from khanij.study.runner import run

BASE = tuple(range(2016, 2021))  # years of governance in the assessment of 2023
ASSESSMENT, EDITION = "eu-criticality", "eu-2023"
OF_UNION = "the EU's view, from its own sourcing: it says nothing of the focal country's"


@dataclass(frozen=True, slots=True)
class Roll:
    """One official list: id, whose, when, and material -> label."""

    id: str
    jurisdiction: str
    date: str
    materials: Mapping[str, str]


def rolls() -> tuple[Roll, ...]:
    """Return the broadest list of the newest date of each jurisdiction, by jurisdiction."""
    held: dict[str, dict[str, str]] = {}
    about: dict[str, tuple[str, str]] = {}
    for row in reference.lists():
        if not row.list.endswith("-screened") and row.material:
            held.setdefault(row.list, {})[row.material] = row.label
            about[row.list] = (row.jurisdiction, row.date)
    best: dict[str, str] = {}
    for id, (area, date) in about.items():
        rank = (date[:4], len(held[id]))
        if area not in best or rank > (about[best[area]][1][:4], len(held[best[area]])):
            best[area] = id
    broad = {
        area: max((i for i, (a, _) in about.items() if a == area), key=lambda i: (len(held[i]), about[i][1]))
        for area in best
    }
    chosen = [broad[area] if len(held[broad[area]]) > len(held[id]) else id for area, id in best.items()]
    return tuple(Roll(id, *about[id], held[id]) for id in sorted(chosen))


def family(material: str) -> tuple[str, ...]:
    """Return a material, the groups it belongs to, and its members."""
    known = reference.materials()
    above: list[str] = []
    parent = known[material].parent
    while parent:
        above.append(parent)
        parent = known[parent].parent
    return (material, *above, *(m.id for m in known.values() if m.parent == material))


def on(roll: Roll, material: str) -> Mark:
    """Return whether a list names a material, its group or one of its members."""
    for code in family(material):
        if code in roll.materials:
            label = roll.materials[code]
            near = "" if code == material else f", as {label}"
            return Mark(True, "●", f"on the list {roll.id} of {roll.date}{near}")
    return Mark(False, "", f"not on the list {roll.id} of {roll.date}")


class Union:
    """The European Union's assessment: scores as published in 2023, and as recomputed by the registered method."""

    def __init__(self) -> None:
        """Run the method on the years of the study."""
        self.failure = ""
        self.result: Result | None = None
        try:
            self.result = run(ASSESSMENT, case("EU27", BASE))
        except KhanijError as problem:  # a rebuilt store may lack the study
            self.failure = str(problem)

    @cached_property
    def published(self) -> Mapping[tuple[str, str], Number]:
        """Return (quantity, material) -> published score of the material as a whole."""
        found: dict[tuple[str, str], Number] = {}
        for quantity in ("supply_risk", "economic_importance"):
            for row in queries.facts(2000, quantity=quantity, item=EDITION).rows():
                if row["value"] is not None and (row["stage"] is None or (quantity, row["material"]) not in found):
                    source = f"{row['source']}@{row['edition']}"
                    found[quantity, row["material"]] = Number(row["value"], "score", (source,))
        return found

    def own(self, material: str) -> Mark:
        """Return the recomputed verdict with both scores."""
        if self.result is None:
            return Mark(None, "?", self.failure)
        cubes = [self.result.measure(name) for name in ("critical", "supply_risk", "economic_importance")]
        axis = cubes[0].axis("material")
        if material not in axis:
            return Mark(None, "?", "not among the materials")
        verdict, risk, weight = (float(cube.values[axis.at(material)]) for cube in cubes)
        told = ", ".join(
            f"{name} {value:.1f}" for name, value in (("SR", risk), ("EI", weight)) if not np.isnan(value)
        )
        hint = f"recomputed: {told or 'no score'}; critical from SR 1.0 and EI 2.8; {OF_UNION}"
        sources = self.result.trace.sources
        if np.isnan(verdict):
            return Mark(None, "?", hint, sources)
        return Mark(verdict > 0, "" if np.isnan(risk) else f"{risk:.1f}", hint, sources)

    def stated(self, material: str) -> Mark:
        """Return the published verdict with both scores."""
        risk, weight = (self.published.get((q, material)) for q in ("supply_risk", "economic_importance"))
        if risk is None or risk.value is None:
            return Mark(None, "?", "no score published for it as a whole")
        told = f"SR {risk.value:.1f}" + (f", EI {weight.value:.1f}" if weight and weight.value is not None else "")
        state = None if weight is None or weight.value is None else risk.value >= 1.0 and weight.value >= 2.8
        state = False if risk.value < 1.0 else state
        sources = tuple(sorted({*risk.sources, *(weight.sources if weight else ())}))
        return Mark(state, f"{risk.value:.1f}", f"as published in 2023: {told}; {OF_UNION}", sources)


def benchmark(result: Result, material: str, stages: tuple[str, ...] = ()) -> Mark:
    """Return whether more than the Act's share of supply comes from one third country."""
    cube = result.measure("third_country")
    at = tuple(
        axis.at(material) if axis.name == "material" else len(axis) - 1 if axis.name == "year" else 0
        for axis in cube.axes
    )
    value = float(cube.values[at])
    if np.isnan(value):
        return Mark(None, "?", "no imports in tonnes to take a share of", result.trace.sources)
    hint = f"{value:.0%} of supply at the worst stage from one third country; the benchmark is at most 65 %"
    return Mark(value > 0.65, f"{value:.0%}".replace("%", " %"), hint, result.trace.sources)


def jurisdiction(roll: Roll) -> str:
    """Return whose list it is and of which year."""
    return f"{place(roll.jurisdiction)} {roll.date[:4]}"
