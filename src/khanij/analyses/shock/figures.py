"""A documented event month by month, drawn."""

from __future__ import annotations

from khanij.core.table import Table
from khanij.present import figures, names, text
from khanij.present.document import Figure
from khanij.reference.names import country_name
from khanij.simulate.supply.timeline import EventTimeline


def timeline(told: EventTimeline, focus: str, table: Table) -> Figure:
    """Return the use that is not met in each month, as the event went and had it lasted.

    table  of the same months, whose cells are drawn
    """
    lines = [("had the deepest month lasted", "unmet_if_lasting"), ("as it went", "unmet")]
    drawn = figures.months(
        list(told.month),
        [
            (name, *([getattr(n, end) or 0.0 for n in table.column(key)] for end in ("low", "value", "high")))
            for name, key in lines
        ],
        "use not met",
    )
    good = f"{names.mineral(told.network.material).lower()}, {names.form(told.network.material, told.stage)}"
    caption = (
        f"{told.event.name}: part of {country_name(focus)}'s use of {good} that is not met in each month, stocks and"
        " idle capacity at their best (line) and from low to high (band). Flows before prices answer: monthly, stocks"
        " first, rationing in proportion, orders that move on."
        f" `khanij events show {told.event.id}` lists what was documented."
    )
    worst, went = (text.percent(float(part[1].max())) for part in (told.lasted, told.went))
    alt = f"Two lines over {len(told.month)} months. Had it lasted, use not met reaches {worst}; as it went, {went}."
    return Figure("event-months", drawn, caption, alt, tuple(dict.fromkeys(table.cited())), 480)
