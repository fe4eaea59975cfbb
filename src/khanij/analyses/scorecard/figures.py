"""Drawings of the scorecard."""

from __future__ import annotations

from khanij.analyses.profile.forms import form
from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.scorecard.advantage import LEADS, Advantage
from khanij.present import figures, text
from khanij.present.document import Figure
from khanij.present.names import mineral

SHOWN = 15  # bars


def advantage(profile: CountryProfile, led: tuple[Advantage, ...]) -> Figure | None:
    """Return bars of the advantage by mineral and stage, those that lead marked."""
    shown = [lead for lead in led if lead.advantage.value][:SHOWN]
    if not shown:
        return None
    rows = [
        (
            f"{mineral(x.material)}, {form((x.material, x.stage))}",
            x.advantage.value or 0.0,
            f"{text.index(x.advantage.value)}; {text.percent(x.world_share.value)} of world exports; {x.verdict}",
        )
        for x in shown
    ]
    marked = [row[0] for row, x in zip(rows, shown, strict=True) if x.verdict == LEADS]
    caption = (
        f"Revealed advantage of {profile.name} in {profile.year} among minerals traded under codes of their own,"
        " energy and gold"
        " left out. 1 = as much as its part in the world's exports of minerals; marked where it sells more than it buys"
        " and the whole range is above 1."
    )
    top = text.joined(f"{row[0]} {text.index(row[1])}" for row in rows[:3])
    drawn = figures.ranked(rows, "advantage (1 = the world's mean)", ".1f", marked)
    sources = tuple(dict.fromkeys(s for x in shown for s in x.advantage.sources))
    return Figure("advantage", drawn, caption, f"Bars of revealed advantage. Highest: {top}.", sources)
