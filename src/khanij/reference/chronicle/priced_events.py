"""What a cut of supply did to a price: one row a price of an event, with its side of the test named beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from math import isfinite, nan

from khanij import reference
from khanij.core.axis import sample
from khanij.core.errors import ParseError
from khanij.reference.chronicle.instruments import CONFIDENCES, RECALLED, kin
from khanij.reference.chronicle.partial_dates import PartialDate

SPLITS = ("fit", "test")
# inside-market: the price in the country that restricts, where nothing was lost; control: no move is expected
ROLES = ("event", "control", "inside-market")
KINDS = (
    "export-ban",
    "licence-regime",
    "quota",
    "tariff",
    "sanctions",
    "war",
    "route",
    "strike",
    "mine-outage",
    "plant-outage",
    "power-curb",
    "weather",
    "environment",
    "producer-cut",
    "demand",
)
SCOPES = ("world", "outside", "inside", "seaborne", "region")
STATUSES = ("read", "derived", "recalled")
CAUSES = ("none", "some", "main")
PRICES = ("before", "peak", "after")
FIT = 12  # of sixteen waves that no event file has assigned, how many are for fitting


@dataclass(frozen=True, slots=True)
class PricedEvent:
    """One price of one event.

    event         id of the event's YAML file where there is one; wave  events of one cause: not independent, one split
    split         fit = parameters may be fitted to it, test = never
    country       ISO alpha-3 of whose supply was struck, "" if no one country
    lost          (low, best, high) part of a year's supply lost in twelve months, before others' answer; of `scope`:
                  world, outside (all but the seller), inside, seaborne, region; below 0: more supply
    lost_status   whether that was read, derived or recalled; basis  how it was found
    before, peak, after  (low, best, high) in `unit` at `place`: last before, highest found, a year on; nan = none
    other_causes  how much of the move was of other causes: none, some, main
    recalled      which of before, peak and after are from memory
    """

    id: str
    event: str
    wave: str
    split: str
    role: str
    kind: str
    material: str
    stage: str
    form: str
    country: str
    start: PartialDate
    end: PartialDate | None
    lost: tuple[float, float, float]
    scope: str
    basis: str
    lost_status: str
    before: tuple[float, float, float]
    peak: tuple[float, float, float]
    after: tuple[float, float, float]
    unit: str
    place: str
    date_before: PartialDate
    date_peak: PartialDate
    date_after: PartialDate | None
    other_causes: str
    recalled: tuple[str, ...]
    note: str
    url: str
    source: str
    confidence: str

    @property
    def rise(self) -> float:
        """Return the peak over the price before (1 = no move)."""
        return self.peak[1] / self.before[1]


def assigned(wave: str) -> str:
    """Return the split of a wave that no event file has assigned: by the first hexadecimal digit of its SHA-256.

    It depends on the name alone, so a new wave moves no other, and no price can choose its side.
    """
    return "fit" if int(sha256(wave.encode()).hexdigest()[0], 16) < FIT else "test"


def _triple(row: Mapping[str, str], name: str, where: str) -> tuple[float, float, float]:
    """Return (low, best, high) of a quantity; a range that was not read is the figure itself, no figure is nan."""
    try:
        best = float(row[name]) if row[name] else nan
        low, high = (float(row[f"{name}_{end}"]) if row[f"{name}_{end}"] else best for end in ("low", "high"))
    except ValueError as wrong:
        raise ParseError(f"no number: {wrong}", where=f"{where}: {name}", hint="digits and one point") from None
    if isfinite(best) and not low <= best <= high:
        raise ParseError("the range does not hold the figure", where=f"{where}: {name}", hint="low, figure, high")
    return low, best, high


def _day(row: Mapping[str, str], name: str, where: str) -> PartialDate | None:
    """Return the date of a cell, None if it is empty."""
    try:
        return PartialDate.read(row[name]) if row[name] else None
    except ValueError as wrong:
        raise ParseError(str(wrong), where=f"{where}: {name}", hint="2011, 2011-Q2, 2011-04 or 2011-04-30") from None


def check(row: Mapping[str, str], where: str) -> PricedEvent:
    """Return the priced event of one row of text; raises ParseError that names row and field.

    where  file and row, for the message
    """
    words = {
        "split": SPLITS,
        "role": ROLES,
        "kind": KINDS,
        "scope": SCOPES,
        "lost_status": STATUSES,
        "other_causes": CAUSES,
        "confidence": CONFIDENCES,
    }
    for name, known in words.items():
        if row[name] not in known:
            what = f"unknown {name} {row[name]!r}"
            raise ParseError(what, where=f"{where}: {name}", hint=f"one of {', '.join(known)}")
    if (row["material"], row["stage"]) not in reference.stage_names():
        what = f"{row['material']} has no stage {row['stage']!r}"
        raise ParseError(what, where=f"{where}: stage", hint="see stages.csv")
    if row["country"] and row["country"] not in reference.countries():
        what = f"unknown country {row['country']!r}"
        raise ParseError(what, where=f"{where}: country", hint="an ISO alpha-3 code, or nothing")
    recalled = tuple(part for part in row["recalled"].split(";") if part)
    if strange := set(recalled) - set(PRICES):
        raise ParseError(f"unknown price {sample(strange)}", where=f"{where}: recalled", hint=f"of {', '.join(PRICES)}")
    days = {name: _day(row, name, where) for name in ("start", "end", "date_before", "date_peak", "date_after")}
    figures = {name: _triple(row, name, where) for name in ("lost", *PRICES)}
    made = PricedEvent(
        **{name: row[name] for name in PricedEvent.__slots__ if name not in {*days, *figures, "recalled"}},
        **days,
        **figures,
        recalled=recalled,
    )
    _refuse_impossible(made, where)
    return made


def _refuse_impossible(made: PricedEvent, where: str) -> None:
    """Raise if figures, days or sources of a row contradict each other."""
    for name in ("start", "date_before", "date_peak"):
        if getattr(made, name) is None:
            raise ParseError("no date", where=f"{where}: {name}", hint="at least the year")
    for name, prices in (("before", made.before), ("peak", made.peak)):
        if not (isfinite(prices[1]) and prices[0] > 0):
            raise ParseError("no price above 0", where=f"{where}: {name}", hint="a price before and a peak are needed")
    if not (isfinite(made.lost[1]) and made.lost[0] >= -1 and made.lost[2] <= 1):
        raise ParseError("no share of supply", where=f"{where}: lost", hint="-1 to 1, 0 if nothing was lost")
    for one, other in (("start", "end"), ("date_before", "date_peak"), ("date_before", "date_after")):
        early, late = getattr(made, one), getattr(made, other)
        if late is not None and early.first > late.last:
            what = f"{other} {late.text} lies before {one} {early.text}"
            raise ParseError(what, where=f"{where}: {other}", hint="dates in their order")
    cited = made.source.split(";")
    if strange := [id for id in cited if id not in reference.bibliography()]:
        what = f"unknown source {sample(map(repr, strange))}"
        raise ParseError(what, where=f"{where}: source", hint="ids of bibliography.csv")
    if made.confidence != "low" and (cited == [RECALLED] or {"before", "peak"} <= set(made.recalled)):
        raise ParseError("recalled and not of low confidence", where=f"{where}: confidence", hint="low, or a source")


@cache
def _table() -> tuple[PricedEvent, ...]:
    """Return the whole table."""
    return tuple(check(row, f"priced_events.csv, {row['id']}") for row in reference.rows("priced_events"))


def priced_events(
    split: str | None = None, role: str | None = None, material: str | None = None
) -> tuple[PricedEvent, ...]:
    """Return the priced events of a split, of a role, of a material with its groups and parts (all if None)."""
    goods = None if material is None else kin(material)
    return tuple(
        e
        for e in _table()
        if (split is None or e.split == split)
        and (role is None or e.role == role)
        and (goods is None or e.material in goods)
    )
