"""How a country stands against its own programme: each target, what is reached, its pace and the pace it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from khanij import reference
from khanij.analyses.scorecard.facts import Span, as_of, due, facts, number, span
from khanij.core.number import RANKS, Number
from khanij.reference import agreements

REACHED, ON_TRACK, BEHIND, UNSURE = "reached", "on track", "behind", "too close to tell"
PLEDGED, SILENT, UNDATED = "pledged, not built", "no progress on record", "no date set"
PASSED, PACELESS = "date passed, outcome not on record", "no pace on record"
SETTLED = {REACHED: True, ON_TRACK: True, BEHIND: False}  # every other verdict leaves the question open
IN_HAND = ("operating", "operating below capacity", "ramping up", "in progress", "advancing")
WORKING = ("operating", "operating below capacity", "ramping up")
YEARLY = ("pledged", "output")  # figures that do not add up to the goal over the years
YEAR = 365.25  # days
NO_PROGRAMME = "no programme with targets on record"


@dataclass(frozen=True, slots=True)
class Target:
    """One goal of a programme and how far it is.

    item      of the fact that states it
    due       last day, None where no date is set
    target    the goal; a goal of "more than" has only a low end
    done      what is reached, with its range; unknown with the reason
    observed  when that was, in words
    planned   what is planned next, in words
    pace, needed  a year, so far and from the observation to the date
    verdict   one of the words above
    """

    item: str
    programme: str
    measure: str
    due: date | None
    target: Number
    done: Number
    observed: str
    planned: str
    pace: Number
    needed: Number
    verdict: str
    confidence: str
    note: str

    @property
    def on_track(self) -> bool | None:
        """Return yes, no, or None where it cannot be told."""
        return SETTLED.get(self.verdict)


def targets(focal: str) -> tuple[Target, ...]:
    """Return every target that the store holds of a country, those of its largest programme first; none for a group."""
    found = facts("target", focal)
    links = {row["target"]: row for row in reference.rows("programme_targets") if row["focal"] == focal}
    order = {item: at for at, item in enumerate(links)}
    found.sort(key=lambda f: (order.get(f["item"], len(order)), f["item"], f["year"] or 0))
    known = {quantity: facts(quantity, focal) for quantity in ("progress", "production")}
    today = as_of(found)
    return tuple(_target(fact, links.get(fact["item"], {}), known, found, today) for fact in found)


def _target(
    fact: Mapping[str, Any],
    link: Mapping[str, str],
    known: Mapping[str, list[dict[str, Any]]],
    others: list[dict[str, Any]],
    today: date | None,
) -> Target:
    """Return one target with what is known of its progress."""
    goal, day = number(fact), due(fact)
    done = _done(fact, link, known)
    seen = span(link["observed"]) if link.get("observed") and done.value is not None else None
    since = span(link["since"]) if link.get("since") else None
    counted = link.get("reckoned") not in YEARLY
    pace, needed = paces(goal, done, since, seen if counted else None, day)
    verdict = verdict_of(goal, done, pace, needed, day, link.get("reckoned", ""), today)
    parts = [item for item in link.get("planned", "").split(";") if item]
    planned = "; ".join(_worded(f) for item in parts for f in others if f["item"] == item)
    level = max(goal.confidence, done.confidence, link.get("confidence", "high"), key=RANKS.__getitem__)
    return Target(
        fact["item"],
        link.get("programme", fact["item"].partition(" | ")[0]),
        link.get("measure", fact["item"]),
        day,
        goal,
        done,
        link.get("observed", "") if seen else "",
        planned,
        pace,
        needed,
        verdict,
        level,
        link.get("note", ""),
    )


def _worded(fact: Mapping[str, Any]) -> str:
    """Return a planned figure in words: "227 by 2026-03"."""
    day = due(fact)
    return f"{fact['value']:g} by {day:%Y-%m}" if day else f"{fact['value']:g}"


def _done(fact: Mapping[str, Any], link: Mapping[str, str], known: Mapping[str, list[dict[str, Any]]]) -> Number:
    """Return what is reached, as the row of programme_targets.csv says how it is reckoned."""
    goal = number(fact)
    missing = Number(None, goal.unit, note=SILENT)
    way = link.get("reckoned", "")
    if way == "stated":
        return replace(goal, value=float(link["value"]), low=None, high=None, confidence=link["confidence"])
    if way == "projects abroad":
        return abroad(fact["country"], link, goal)
    if not way:
        return missing
    items = link["progress"].split(";")
    parts = [number(f, goal.unit) for f in known[link["quantity"]] if f["item"] in items and f["value"] is not None]
    if len(parts) != len(items):
        return missing
    value = sum(part.value or 0.0 for part in parts)
    level = max((part.confidence for part in parts), key=RANKS.__getitem__)
    return replace(parts[0], value=value, confidence=level, note=link["note"])


def abroad(focal: str, link: Mapping[str, str], goal: Number) -> Number:
    """Return projects abroad in hand since the programme began; low: working mines among them; high: all in hand."""
    there = [p for p in agreements.projects(focal) if p.country != focal and p.status in IN_HAND]
    since = span(link["since"])[0].year
    fresh = [p for p in there if p.start and int(p.start[:4]) >= since]
    mines = [p for p in fresh if p.kind == "mine" and p.status in WORKING]
    named = "; ".join(f"{p.name} ({p.kind})" for p in there)
    return replace(
        goal,
        value=float(len(fresh)),
        low=float(len(mines)),
        high=float(len(there)),
        confidence="low",
        note=f"in hand: {named}" if named else "no project abroad in hand on record",
        how="",
    )


def paces(goal: Number, done: Number, since: Span | None, seen: Span | None, day: date | None) -> tuple[Number, Number]:
    """Return the pace so far and the pace needed, a year, both with the ranges of count and dates.

    goal, done   the target and what is reached
    since, seen  first and last day on which the count may have begun, and on which it was observed
    day          when the target is due
    The pace so far is a straight line from nothing at the start; needed is a straight line to the target.
    """
    unit = f"{goal.unit} a year"
    none = Number(None, unit)
    aim = goal.low if goal.value is None else goal.value
    if done.value is None or seen is None or aim is None:
        return none, none
    low, high = (done.value if end is None else end for end in (done.low, done.high))
    sources = tuple(dict.fromkeys((*goal.sources, *done.sources)))
    pace = needed = none
    if since is not None and seen[0] > since[1]:
        longest, shortest = ((b - a).days / YEAR for a, b in ((since[0], seen[1]), (since[1], seen[0])))
        middle = (longest + shortest) / 2
        pace = _ranged(done.value / middle, low / longest, high / shortest, unit, sources, done.confidence)
    if day is not None and day > seen[1]:
        soonest, latest = ((day - at).days / YEAR for at in (seen[1], seen[0]))
        ends = (max(aim - high, 0.0) / latest, max(aim - low, 0.0) / soonest)
        middle = max(aim - done.value, 0.0) / ((soonest + latest) / 2)
        needed = _ranged(middle, *ends, unit, sources, max(goal.confidence, done.confidence, key=RANKS.__getitem__))
    return pace, needed


def _ranged(value: float, low: float, high: float, unit: str, sources: tuple[str, ...], confidence: str) -> Number:
    """Return a number whose range is left out where it adds less than a tenth."""
    wide = high - low > 0.1 * max(abs(value), 1e-9)
    return Number(value, unit, sources, low if wide else None, high if wide else None, confidence)


def verdict_of(
    goal: Number, done: Number, pace: Number, needed: Number, day: date | None, way: str, today: date | None
) -> str:
    """Return the verdict: on track or behind only where it holds over the whole ranges of both paces."""
    aim = goal.low if goal.value is None else goal.value
    if way == "pledged" and done.value is not None:
        return PLEDGED
    least = done.value if done.low is None else done.low
    if least is not None and aim is not None and least >= aim:
        return REACHED
    if day is not None and today is not None and day < today:
        return PASSED
    if done.value is None:
        return SILENT
    if day is None:
        return UNDATED
    if pace.value is None or needed.value is None:
        return PACELESS
    slow, fast = (pace.value if end is None else end for end in (pace.low, pace.high))
    little, much = (needed.value if end is None else end for end in (needed.low, needed.high))
    if slow >= much:
        return ON_TRACK
    return BEHIND if fast < little else UNSURE
