"""Ways to lose an amount as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from khanij.analyses.loss_cells import MILLION, story_rows
from khanij.core.table import Table
from khanij.present import names, text
from khanij.reference import columns
from khanij.reference.names import country_name
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.by_cause.stories import PART, Seller, Story, Way


def sellers(found: Iterable[Seller]) -> str:
    """Return sellers and minerals, joined by commas."""
    return ", ".join(f"{country_name(country)}: {names.mineral(material).lower()}" for country, material in found)


def ways(found: Sequence[Way], usd: float, base: Baseline) -> Table:
    """Return the ways, likeliest first."""
    rows = [
        {
            "way": sellers(way.sellers) or "many sellers, none of them with a part worth naming",
            "years_that_way": way.years,
            "yearly_chance": way.chance,
            "priced_loss": way.loss / MILLION,
        }
        for way in found
    ]
    notes = (
        f"years of {base.years:,} whose priced loss is at least {text.dollars(usd / 1e3)}; a seller is named where its"
        f" events make up {text.percent(PART)} of the year's loss; seed {base.seed}",
        *base.notes,
    )
    return columns.table("ways", f"Ways in which {country_name(base.focus)} loses that much", rows, notes=notes)


def dearest(found: Iterable[Story], base: Baseline) -> Table:
    """Return the events of years that are told as stories."""
    note = "each event is one seller's loss of exports of one good in that simulated year; probability plays no part"
    return columns.table(
        "stories", f"Dearest simulated years of {country_name(base.focus)}", story_rows(found), notes=(note,)
    )
