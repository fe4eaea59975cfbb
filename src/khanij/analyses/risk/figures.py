"""The loss-exceedance curve, drawn."""

from __future__ import annotations

from khanij.analyses import commands
from khanij.analyses.loss_cells import LOSS
from khanij.analyses.risk.numbers import RiskNumbers
from khanij.core.number import Number
from khanij.core.table import Table
from khanij.present import figures, text
from khanij.present.document import Figure
from khanij.reference.names import country_name

MILLION = 1e6
OWN = "the simulation's own uncertainty, not that of its assumptions"
BAND = "10 % to 90 % of draws of parameters, structure and years"


def curve(found: RiskNumbers, table: Table) -> Figure | None:
    """Return the loss that is exceeded once in so many years, None without any.

    table  of the same curve, whose cells are drawn: the loss, or what is known of it
    """
    known = [
        next(n for key in LOSS if isinstance(n := row[key], Number) and n.value is not None) for row in _told(table)
    ]
    if not known:
        return None
    periods = [row["return_period"] for row in _told(table)]
    ends = [[None if v is None else v * MILLION for v in column] for column in _columns(known)]
    what = "what is priced of the loss" if found.unknown else "loss"
    drawn = figures.exceedance(periods, *ends, f"{what} in a year, USD")
    base, name = found.base, country_name(found.base.focus)
    subject = (
        "What is priced of the loss of gross domestic product" if found.unknown else "Loss of gross domestic product"
    )
    caption = (
        f"{subject} of {name} from falls of other countries' exports: how large a year's loss is exceeded how rarely;"
        f" {base.years:,} years, seed {base.seed}. The band is {BAND if found.band is not None else OWN};"
        f" `{commands.line('risk', base.focus, year=int(base.year))}` runs more years."
    )
    said = ", ".join(
        f"once in {period:g} years {text.dollars((number.value or 0.0) * 1e3)}"
        for period, number in list(zip(periods, known, strict=True))[:6:2]
    )
    return Figure(
        "loss-curve", drawn, caption, f"Line rising with rarity: {said}.", tuple(dict.fromkeys(table.cited())), 480
    )


def _told(table: Table) -> list[dict[str, object]]:
    """Return the rows of a curve of which a loss, or a part of it, is known."""
    return [
        row for row in table.rows() if any(isinstance(row[key], Number) and row[key].value is not None for key in LOSS)
    ]


def _columns(known: list[Number]) -> tuple[list[float | None], list[float | None], list[float | None]]:
    """Return values, low and high ends."""
    return [n.value for n in known], [n.low for n in known], [n.high for n in known]
