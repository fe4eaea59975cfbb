"""Goals of a plan: what part of a good's use, or how many tonnes, must be made at home or secured, and by when."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from khanij import reference
from khanij.core.errors import StudyError
from khanij.plan.levers import LEVERS
from khanij.plan.measures.measure import Measure
from khanij.plan.measures.value import MeasureValue
from khanij.simulate.risk.baseline import Baseline

GOAL = re.compile(r"(?P<figure>[0-9][0-9,]*(?:\.[0-9]+)?)\s*(?P<unit>%|t)(?P<secured>\s+secured)?")
HINT = 'such as "copper:refined=50%", "rare-earths:component=6000 t" or "copper:mined=30% secured"'


@dataclass(frozen=True, slots=True)
class Goal:
    """What must be reached of one good in the last year of a plan, and held.

    share    part of use made at home, 0..1, nan where tonnes are asked      tonnes  a year from measures, else nan
    secured  stakes and contracts abroad count as well
    use, home  t a year in the base year, what is made at home without measures
    recorded   own output is on record; else home is 0, use is net imports, and measures must give all that is asked
    """

    material: str
    stage: str
    share: float
    tonnes: float
    secured: bool
    use: float
    home: float
    recorded: bool

    @property
    def words(self) -> str:
        """Return what is asked, for messages and tables."""
        basis = reference.materials()[self.material].basis
        asked = f"{self.share:.0%} of use" if np.isnan(self.tonnes) else f"{self.tonnes:,.0f} t of {basis} a year"
        return f"{self.material} ({self.stage}) {'secured' if self.secured else 'made at home'} for {asked}"

    def counts(self, kind: str) -> bool:
        """Return whether the tonnes of a kind of lever count: made at home, or from abroad too where it is secured."""
        supply = LEVERS[kind].counts_as
        return supply is not None and (supply.at_home or self.secured)

    def is_served_by(self, measure: Measure) -> bool:
        """Return whether a measure can give tonnes toward it."""
        good = (self.material, self.stage)
        return any(self.counts(lever.kind) and (lever.material, lever.stage) == good for lever in measure.levers)

    def tonnes_from(self, value: MeasureValue) -> float:
        """Return tonnes a year that a whole measure gives toward it, feed and chances considered."""
        good = (self.material, self.stage)
        return sum(e.done[0] for e in value.effects if self.counts(e.kind) and (e.material, e.stage) == good)


def records_output(base: Baseline, material: str, stage: str) -> bool:
    """Return whether a source covers output of a stage, of the world or of the focus itself; nothing made counts."""
    network = base.networks[material]
    if network.known[network.stages.index(stage)] or base.focus not in base.case.axis("country"):
        return network.known[network.stages.index(stage)]
    output = base.case.array("production", "material", "stage", "country", "year")
    codes = (("material", material), ("stage", stage), ("country", base.focus), ("year", base.year))
    return bool(np.isfinite(output[tuple(base.case.axis(name).at(code) for name, code in codes)]))


def parse(text: str, good: str, where: str = "--reach") -> tuple[str, str, float, float, bool]:
    """Return material, stage, share, tonnes and whether it may be secured of words such as "50%" for "material:stage".

    Of share and tonnes one is nan. Raises StudyError for an unknown good, no figure, or a part above 1.
    """
    material, _, stage = good.partition(":")
    found = GOAL.fullmatch(text.strip())
    if found is None or not stage:
        raise StudyError(f"{good}={text} is no goal", where=where, hint=HINT)
    if (material, stage) not in reference.stage_names():
        known = sorted(f"{m}:{s}" for m, s in reference.stage_names() if m == material)
        raise StudyError(f"{good!r} is no good", where=where, hint=", ".join(known) or "`khanij data list stages`")
    figure = float(found["figure"].replace(",", ""))
    share, tonnes = (figure / 100, np.nan) if found["unit"] == "%" else (np.nan, figure)
    if share > 1:
        raise StudyError(f"{figure:g}% of use", where=where, hint="at most 100%")
    return material, stage, share, tonnes, bool(found["secured"])


def read(text: str, base: Baseline, good: str, where: str = "--reach") -> Goal:
    """Return a goal from words such as "50%", "6000 t" or "30% secured" for a good "material:stage".

    Raises StudyError for what parse() refuses, and where no use of the good is known.
    """
    material, stage, share, tonnes, secured = parse(text, good, where)
    network = base.networks.get(material)
    if network is None or stage not in network.stages:
        why = f": {base.missing[material]}" if material in base.missing else ": no trade by mass, so no use is known"
        raise StudyError(f"{good} is not counted{why}", where=where, hint="another stage or mineral")
    use, home = network.consumption(stage), network.home(stage)
    return Goal(material, stage, share, tonnes, secured, use, home, records_output(base, material, stage))
