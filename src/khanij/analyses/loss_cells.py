"""A loss as cells of a table: the sum where every channel is known, else why it is not and what of it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite

from khanij.core.number import Number
from khanij.present import names
from khanij.reference.names import country_name
from khanij.simulate.loss.coverage import UnknownChannel, is_lower_bound
from khanij.simulate.risk.by_cause.stories import Story

UNIT = "million USD"
MILLION = 1e6
KUSD = 1e3
TRIFLING = 1_000.0  # USD a year that are not worth a word
LOSS = ("loss", "lower_bound", "known_part")
UNSOLVED = "the market has not cleared"
Unknown = Mapping[str, Sequence[UnknownChannel]]
"""material -> channels of its goods of which nothing is known"""


def money(
    usd: float | None,
    sources: tuple[str, ...],
    low: float | None = None,
    high: float | None = None,
    note: str = "",
    how: str = "",
) -> Number:
    """Return an amount given in USD as a Number of million USD, of low confidence; not known where it is not finite."""
    value, least, most = (None if v is None or not isfinite(v) else v / MILLION + 0.0 for v in (usd, low, high))
    return Number(value, UNIT, sources, least, most, "low", note, how=how)


def cells(
    usd: float | None,
    unknown: Unknown,
    sources: tuple[str, ...],
    low: float | None = None,
    high: float | None = None,
    how: str = "",
    reason: str = "",
) -> dict[str, Number | None]:
    """Return the cells of LOSS for what is known of a loss, USD; `reason` says shorter than why() what lacks.

    loss         the sum; not known, with the reason, where a channel of a good lacks
    lower_bound  what is known of it where what lacks can only add to it      known_part  the same where it may not
    """
    if usd is None or not isfinite(usd):
        return {"loss": Number(None, UNIT, note=UNSOLVED), "lower_bound": None, "known_part": None}
    listed = [channel for channels in unknown.values() for channel in channels]
    if not listed:
        return {"loss": money(usd, sources, low, high, how=how), "lower_bound": None, "known_part": None}
    reason = reason or why(unknown)
    known = money(usd, sources, low, high, f"without what is not priced: {reason}", how)
    bound = is_lower_bound(listed)
    return {
        "loss": Number(None, UNIT, note=f"not priced: {reason}"),
        "lower_bound": known if bound else None,
        "known_part": None if bound else known,
    }


def goods(unknown: Unknown) -> dict[str, list[tuple[str, str]]]:
    """Return reason -> goods (material, stage) of which a channel is not known for it, each once."""
    found: dict[str, dict[tuple[str, str], None]] = {}
    for material, channels in unknown.items():
        for channel in channels:
            found.setdefault(channel.reason, {})[material, channel.stage] = None
    return {reason: list(keys) for reason, keys in found.items()}


def why(unknown: Unknown) -> str:
    """Return "no record tells who uses it: graphite (mined), nickel (refined)", reason by reason."""
    parts = []
    for reason, listed in goods(unknown).items():
        parts.append(f"{reason}: {', '.join(f'{material} ({stage})' for material, stage in listed)}")
    return "; ".join(parts)


def only(unknown: Unknown, materials: Iterable[str]) -> Unknown:
    """Return what is not known of some materials."""
    return {material: unknown[material] for material in materials if unknown.get(material)}


def story_rows(told: Iterable[Story]) -> list[dict[str, object]]:
    """Return simulated years event by event, one row an event."""
    return [
        {
            "simulated_year": story.year,
            "country_name": country_name(event.country),
            "mineral": names.mineral(event.material),
            "form": names.form(event.material, event.stage),
            "hazard_kind": event.cause,
            "from_month": event.begins,
            "lasts": event.months or None,
            "export_loss": event.lost,
            "priced_loss": event.loss / MILLION if isfinite(event.loss) else None,
        }
        for story in told
        for event in story.events
    ]
