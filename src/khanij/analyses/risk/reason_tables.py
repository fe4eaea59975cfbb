"""Who stands first and why, in a line each, and the dearest years event by event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite

from khanij.analyses.loss_cells import MILLION, story_rows
from khanij.analyses.risk.numbers import RiskNumbers
from khanij.analyses.risk.rows import table
from khanij.core.table import Table
from khanij.present import names, text
from khanij.reference.names import country_name
from khanij.simulate.risk.by_cause.stories import Reason, Story

REASONS = ("country_name", "mineral", "priced_loss", "why", "country", "material")
STORIES = (
    "simulated_year",
    "country_name",
    "mineral",
    "form",
    "hazard_kind",
    "from_month",
    "lasts",
    "export_loss",
    "priced_loss",
)
TABLES = {"reasons": REASONS, "stories": STORIES}


def reasons(
    found: RiskNumbers, listed: Sequence[Reason], state: Mapping[tuple[str, str], str], users: Mapping[str, str]
) -> Table:
    """Return the first sellers and materials by what is priced of their expected loss.

    state  (country, material) -> the instrument in force against the focus      users  material -> who needs it
    """
    rows = [
        {
            "country_name": country_name(one.seller[0]),
            "mineral": names.mineral(one.seller[1]),
            "priced_loss": one.loss / MILLION,
            "why": _why(one, state.get(one.seller, ""), users.get(one.seller[1], "")),
            "country": one.seller[0],
            "material": one.seller[1],
        }
        for one in listed
    ]
    title = f"Who stands behind what disruption costs {country_name(found.base.focus)}, and why"
    note = "by what is priced of the expected loss; chances are of a year, of the likeliest of the seller's goods"
    return table("reasons", title, rows, REASONS, (note,), ("country", "material"))


def _why(one: Reason, state: str, users: str) -> str:
    """Return state, chances, shares and users in a line."""
    chances = ", ".join(f"{cause} {text.percent(p)}" for cause, p in one.chances.items())
    form = names.form(one.seller[1], one.stage)
    share = f"{text.percent(one.exports)} of world exports, " if isfinite(one.exports) else ""
    of = "use" if one.used == one.stage else f"{names.form(one.seller[1], one.used)} used"
    parts = [state, chances, f"{form}: {share}{text.percent(one.reached)} of {of}", users]
    return "; ".join(part for part in parts if part)


def stories(found: RiskNumbers, listed: Iterable[Story]) -> Table:
    """Return years event by event."""
    return table("stories", f"Dearest simulated years of {country_name(found.base.focus)}", story_rows(listed), STORIES)
