"""run"""

from __future__ import annotations

from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.scorecard import leads as ladder
from khanij.analyses.scorecard import outlook as outlooks
from khanij.analyses.scorecard import secured
from khanij.analyses.scorecard import targets as scorecards
from khanij.analyses.scorecard.words import (
    HEADING,
    LEADS,
    OUTLOOK,
    SUPPLY,
    TARGETS,
    _lead,
    _outlook,
    _supply,
    _target,
    advantage,
    figure,
    programme,
    supplied,
)
from khanij.core.table import Table
from khanij.present.document import Chapter


def chapter(r: CountryProfile) -> Chapter:
    """Return the chapter on programme, secured supply and advantage."""
    goals = scorecards.targets(r.focal)
    now = secured.supply(r)
    later = outlooks.outlook(r, now=now)
    led = ladder.leads(r)
    notes = ("a missing part is missing and is no zero", secured.ORE)
    grids = [
        Table("targets", "Targets of the programme", TARGETS, tuple(map(_target, goals)), long=True),
        Table("secured", f"Secured supply, {r.year}", SUPPLY, tuple(map(_supply, now)), notes, long=True),
        Table("outlook", f"Need and own supply, {outlooks.HORIZON}", OUTLOOK, tuple(map(_outlook, later)), long=True),
        Table("leads", "Where it could lead", LEADS, tuple(map(_lead, led)), long=True),
    ]
    lead = tuple(p for p in (programme(r, goals), supplied(r, now, later), advantage(r, led)) if p)
    drawn = figure(r, led)
    return Chapter("scorecard", HEADING, lead, (drawn,) if drawn else (), tuple(grid for grid in grids if grid.cells))
