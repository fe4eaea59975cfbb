"""The chance that a block becomes a mine, and the years until then: the product and the sum of the steps left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from khanij import reference
from khanij.core.number import Number
from khanij.core.range import ENDS, Range
from khanij.reference.agreements import Project

SEARCHED = ("exploration", "study", "resource", "mine")  # kinds that are a block; talks and entities hold none
SOURCE = "khanij-facts-2026"


@dataclass(frozen=True, slots=True)
class Step:
    """One step from a block to a mine: the kinds of project that stand before it, its odds and its years."""

    name: str
    kinds: tuple[str, ...]
    odds: Range
    years: Range


def steps(odds: Mapping[str, Range], years: Mapping[str, Range]) -> tuple[Step, ...]:
    """Return the steps from a block to a mine, in order.

    odds, years  the figures that block_steps.csv names: chance of a step, years of its parts
    """
    return tuple(
        Step(
            row["step"],
            tuple(filter(None, row["kinds"].split(";"))),
            odds[row["odds"]],
            total([years[name] for name in row["years"].split(";")]),
        )
        for row in reference.rows("block_steps")
    )


def total(parts: Sequence[Range]) -> Range:
    """Return a sum of ranges, its ends those of all parts together."""
    return Range(*(sum(part.at(end) for part in parts) for end in ENDS))


def left(project: Project, path: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps that are left to a mine; none for what runs, or holds no block."""
    at = next((k for k, step in enumerate(path) if project.kind in step.kinds), None)
    return () if at is None else tuple(path[at:])


def odds(project: Project, ahead: Sequence[Step]) -> Number:
    """Return the odds that a block becomes a mine: 1 where it is one, unknown where there is none yet."""
    if project.kind == "mine" and project.status == "operating":
        return Number(1.0, "1", (SOURCE,), note="operating")
    if not ahead:
        why = "no block is held yet" if project.kind not in SEARCHED else "its stage is not told"
        return Number(None, "1", note=why)
    ends = []
    for end in ENDS:
        part = 1.0
        for step in ahead:
            part *= step.odds.at(end)
        ends.append(part)
    return Number(ends[1], "1", (SOURCE,), ends[0], ends[2], "low")
