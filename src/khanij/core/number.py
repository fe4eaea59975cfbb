"""Finished numbers from cubes and from one another: ranges, sources and doubts go along with every sum and share."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.present.document import Number

Key = tuple[str, str]  # material, stage
WIDE = 2.0  # a range whose ends differ by more than this factor makes a number one of low confidence
DETAIL = re.compile(
    r"(?:, (?:number|thousand USD))?: [-\d.,e+]+$"
)  # the figure that ends a remark and differs from row to row
LARGEST, MASSLESS, MOVED = "largest foreign supplier: ", "imports without recorded tonnage", "score moved by "
NARROW = 0.1  # a content range narrower than this part of the value does not make a tonnage weak
RANKS = {"high": 0, "medium": 1, "low": 2}


def place(code: str) -> str:
    """Return the name of a country or group."""
    return reference.countries().get(code) or group_names().get(code, code)


@cache
def group_names() -> dict[str, str]:
    """Return group -> its name."""
    return {row["group"]: row["name"].partition(",")[0] for row in reference.rows("groups")}


def remarked(notes: str, known: bool) -> tuple[str, str]:
    """Return the remarks on a value that a reader of the brief needs, and the name of its largest supplier.

    Figures inside remarks and the steps of a score are left to the bundle, so that equal remarks share one footnote.
    """
    parts = [part for part in notes.split("; ") if part]
    supplier = next((place(part.removeprefix(LARGEST)) for part in parts if part.startswith(LARGEST)), "")
    kept = [DETAIL.sub("", part) for part in parts if not part.startswith((LARGEST, MOVED))]
    if not known and len(kept) > 1:
        kept = [part for part in kept if not part.startswith(MASSLESS)]
    return "; ".join(dict.fromkeys(kept)) or ("" if known else "no data"), supplier if known else ""


def doubted(confidence: str, value: float | None, low: float | None, high: float | None) -> str:
    """Return the confidence of a tonnage: doubt about a content factor weighs only where its range is not narrow."""
    if confidence == "low" and value and low is not None and high is not None and high - low < NARROW * abs(value):
        return "medium"
    return confidence


def graded(number: Number, confidence: str = "high") -> Number:
    """Return the number with the weaker of the given confidence and that which its range allows."""
    low, high = number.low, number.high
    wide = (
        number.value is not None and low is not None and high is not None and high > WIDE * max(low, 0.0) and high > low
    )
    level = "low" if wide else max(confidence, number.confidence, key=RANKS.__getitem__)
    return replace(number, confidence=level)


def cell(cube: Cube, at: tuple[Any, ...]) -> Number:
    """Return one value of a dense cube with its source and range; a range that adds nothing is left out."""
    value = float(cube.values[at])
    origin = cube.origin[at] if cube.origin is not None else -1
    sources = (cube.sources[origin],) if origin >= 0 else cube.sources
    low, high = (None if b is None or np.isnan(b[at]) else float(b[at]) for b in (cube.low, cube.high))
    if low == high:
        low = high = None
    return graded(Number(None if np.isnan(value) else value, cube.unit, sources, low, high))


def flows(
    case: Case,
    quantity: str,
    own: str,
    keys: Collection[Key] | None = None,
    doubt: Mapping[Key, str] | None = None,
    how: Mapping[Key, str] | None = None,
) -> Mapping[Key, Mapping[str, Number]]:
    """Return (material, stage) -> partner -> Number of the flows of the Case's only focus, those inside it left out.

    own    which side the focus stands on: "importer" or "exporter"
    keys   pairs that are kept; all if None
    doubt  (material, stage) -> confidence of the number; high if absent
    how    (material, stage) -> the command that lists the rows
    """
    cube = case.cube(quantity)
    assert cube.at is not None
    names = [axis.name for axis in cube.axes]
    country = case.axis("country").codes
    member = case.array("membership", "focus", "country", "year")[0, :, 0] > 0
    other = "exporter" if own == "importer" else "importer"
    ours, theirs = (member[cube.at[names.index(side)]] for side in (own, other))
    table: dict[Key, dict[str, list[Number]]] = {}
    for e in np.nonzero(ours & ~theirs)[0]:
        key = tuple(cube.axes[names.index(n)].codes[cube.at[names.index(n), e]] for n in ("material", "stage"))
        if keys is not None and key not in keys:
            continue
        number = cell(cube, (e,))
        number = graded(number, doubted((doubt or {}).get(key, "high"), number.value, number.low, number.high))
        number = replace(number, how=(how or {}).get(key, ""))
        partner = country[cube.at[names.index(other), e]]
        table.setdefault(key, {}).setdefault(partner, []).append(number)
    return {
        key: {iso: parts[0] if len(parts) == 1 else total(parts) for iso, parts in partners.items()}
        for key, partners in table.items()
    }


def total(numbers: Iterable[Number]) -> Number:
    """Return the sum of known numbers of one unit, with the sources of all and the weakest confidence."""
    known = [n for n in numbers if n.value is not None]
    if not known:
        return Number(None)
    ranged = any(n.low is not None or n.high is not None for n in known)
    value = sum(n.value or 0.0 for n in known)
    low = sum((n.value if n.low is None else n.low) or 0.0 for n in known) if ranged else None
    high = sum((n.value if n.high is None else n.high) or 0.0 for n in known) if ranged else None
    sources = tuple(sorted({s for n in known for s in n.sources}))
    ways = {n.how for n in known}
    summed = Number(value, known[0].unit, sources, low, high, how=ways.pop() if len(ways) == 1 else "")
    return graded(summed, max((n.confidence for n in known), key=RANKS.__getitem__))


def share(part: Number, whole: Number) -> Number:
    """Return part / whole as a share with the sources of both; unknown where either is, or the whole is 0."""
    if part.value is None or not whole.value:
        return Number(None, "1", note=part.note or whole.note)
    sources = tuple(sorted({*part.sources, *whole.sources}))
    low, high = (None if end is None else end / whole.value for end in (part.low, part.high))
    level = max(part.confidence, whole.confidence, key=RANKS.__getitem__)
    return Number(part.value / whole.value, "1", sources, low, high, level, part.note, how=part.how)


def first(parts: Mapping[str, Number], most: int = 1) -> list[tuple[str, Number]]:
    """Return the largest known parts, largest first."""
    known = [(name, n) for name, n in parts.items() if n.value]
    return sorted(known, key=lambda item: (-(item[1].value or 0.0), item[0]))[:most]


def least(one: Number, other: Number) -> Number:
    """Return the smaller of two numbers of one unit with the sources of both; unknown where either is."""
    if one.value is None or other.value is None:
        return Number(None, one.unit, note=one.note or other.note)
    return Number(min(one.value, other.value), one.unit, tuple(sorted({*one.sources, *other.sources})))


def middle(values: Iterable[float]) -> float:
    """Return the median."""
    return float(np.median(list(values)))
