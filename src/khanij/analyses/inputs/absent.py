"""What was asked and is not there: every material and year that a person named gets a row or a reason.

One rule for every question. A table whose rows are all reasons is no answer, and is refused with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from khanij import reference
from khanij.analyses.inputs.trade_codes import codes
from khanij.core.axis import sample
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import CoverageError
from khanij.core.registry import Method
from khanij.core.result import Result
from khanij.data.own.company import COMPANY as FIRM

NAMES = {"trade": "trade in tonnes", "trade_value": "trade by value", "world_production": "world output"}
OPTIONAL = ("production", "trade", "trade_value")  # named where a method that can do without them has no value
MOST, LONG = 4, 200  # reasons that a sentence names, and characters of each
UNMET = "every input that the method must have is on record, and no value comes of them"


@dataclass(frozen=True, slots=True)
class Absent:
    """Asked and not there: key -> the value that was asked; the years without a row, () where none were asked."""

    labels: Mapping[str, Any]
    years: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        """Return "hafnium, 2023-2024"."""
        return ", ".join([*map(str, self.labels.values()), *([spans(self.years)] if self.years else [])])


def absent(rows: Iterable[Mapping[str, Any]], asked: Mapping[str, Sequence[Any]]) -> tuple[Absent, ...]:
    """Return which of the combinations that were asked no row tells of.

    rows   key -> cell; a row whose year is None holds for every year
    asked  key -> values that a person named; a key without values was not asked
    """
    named = {key: tuple(values) for key, values in asked.items() if key != "year" and values}
    years = tuple(asked.get("year", ()))
    held: dict[tuple[Any, ...], set[Any]] = {}
    for row in rows:
        held.setdefault(tuple(row.get(key) for key in named), set()).add(row.get("year"))
    found = []
    for labels in product(*named.values()):
        told = held.get(labels, set())
        left = () if None in told else tuple(year for year in years if year not in told)
        if left or (not years and not told):
            found.append(Absent(dict(zip(named, labels, strict=True)), left))
    return tuple(found)


def complete(
    rows: Iterable[Mapping[str, Any]],
    asked: Mapping[str, Sequence[Any]],
    why: Callable[[Absent], str],
    *,
    fill: Mapping[str, Any] | None = None,
    what: str = "no value",
    value: str = "value",
    note: str = "notes",
    where: str = "",
    hint: str = "",
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of what was asked and, for whatever was asked and has none, a row of its labels and the reason.

    rows   key -> cell, of what there is; those of materials and years that nobody asked for are left out
    asked  as in `absent`                            why    the reason of one absence, in a few words
    fill   cells that every row has, such as the focus      value  key of the cell that is the answer
    what   is said where there is none at all        note   key of the cell in which the reason stands
    A year stands in its own column where one is absent, in the reason where several are. Raises CoverageError with the
    reasons where no row has a value.
    """
    wanted = {key: {None, *values} for key, values in asked.items() if values}
    kept = [dict(row) for row in rows if all(row.get(key) in values for key, values in wanted.items())]
    missing = absent(kept, asked)
    if all(row.get(value, row) is None for row in kept):
        told = _told(_reasons(kept, missing, why, note))
        raise CoverageError(f"{what}{f': {told}' if told else ''}", where=where, hint=hint or "khanij data check")
    added = []
    for one in missing:
        year = {"year": one.years[0] if len(one.years) == 1 else None} if "year" in kept[0] else {}
        reason = why(one) if len(one.years) < 2 else f"{spans(one.years)}: {why(one)}"
        added.append({**dict.fromkeys(kept[0]), **(fill or {}), **one.labels, **year, note: reason})
    return kept, added


def _reasons(
    rows: Sequence[Mapping[str, Any]], missing: Sequence[Absent], why: Callable[[Absent], str], note: str
) -> dict[str, list[str]]:
    """Return reason -> what has no value for it: what no row tells of, and rows that tell of no value."""
    reasons: dict[str, list[str]] = {}
    for one in missing:
        reasons.setdefault(why(one), []).append(one.words)
    for row in rows:
        place = " ".join(str(row[key]) for key in ("material", "stage", "year") if row.get(key) is not None)
        reasons.setdefault(row.get(note) or "no reason on record", []).append(place)
    return reasons


def _told(reasons: Mapping[str, Sequence[str]]) -> str:
    """Return the first reasons, none of them longer than a line or two, and how many more there are."""
    listed = []
    for reason, places in reasons.items():
        words = reason if len(reason) <= LONG else f"{reason[:LONG].rpartition(' ')[0]} …"
        listed.append(f"{sample(dict.fromkeys(places), 6)}: {words}")
    more = f"; {len(listed) - MOST} more reasons" if len(listed) > MOST else ""
    return "; ".join(listed[:MOST]) + more


def sentences(added: Sequence[Mapping[str, Any]], note: str = "notes") -> list[str]:
    """Return one sentence on the rows that `complete` has added: what has no value, and why."""
    reasons: dict[str, list[str]] = {}
    for row in added:
        year = [str(row["year"])] if row.get("year") is not None else []
        place = ", ".join([*(str(row[key]) for key in ("material", "partner", "hs") if row.get(key)), *year])
        reasons.setdefault(row[note], []).append(place)
    told = [f"{sample(filter(None, places), 6)} ({why})" for why, places in list(reasons.items())[:MOST]]
    more = f"; {len(reasons) - MOST} more reasons in the table" if len(reasons) > MOST else ""
    return [f"No value: {'; '.join(told)}{more}."] if told else []


def spans(years: Sequence[int]) -> str:
    """Return "2018-2020, 2023"."""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def reason(method: Method, case: Case, missing: Absent, result: Result | None = None, stage: str = "") -> str:
    """Return why a method has no value for a material: what it says itself, or which of its inputs the Case lacks.

    result  whose remarks say why a single value is not there      stage  only this one; "" = all
    Where no material was named and nothing has a value, it is that of any.
    For trade that is recorded under no code of the material alone, the codes are named; where the world trades and the
    one focus does not buy, that is said.
    """
    material, years = str(missing.labels.get("material", "")), missing.years
    if said := _remarks(result, material, years, stage):
        return said
    firm = case.axis("focus").codes == (FIRM,) if "focus" in case.axes else False
    lacks = lambda name: name in case.cubes and not has(case.cube(name), material, years, stage)  # noqa: E731
    lacking = [name for name in method.needs if lacks(name)]
    lacking = lacking or [name for name in method.optional if name in OPTIONAL and lacks(name)]
    if firm and "trade" in lacking:
        return "the file has no purchase of it"
    told = []
    for name in lacking:
        words = NAMES.get(name, reference.quantities()[name].name.lower() if name in reference.quantities() else name)
        words = words.replace("_", " ") + (f", {stage}" if stage else "")
        trade = name == "trade" and case.manifest and not stage and material in reference.materials()
        told.append(
            f"{words} ({codes(max(map(int, case.axis('year').codes))).unweighed(material)})" if trade else words
        )
    if told:
        return f"not on record: {', '.join(told)}"
    read = (*method.needs, *method.optional)
    flows = [name for name in read if name in ("trade", "trade_value") and name in case.cubes]
    unbought = [NAMES[name] for name in flows if not _buys(case, case.cube(name), material, years)]
    return f"the focus records no imports of it ({', '.join(unbought)})" if unbought else UNMET


def _remarks(result: Result | None, material: str, years: Sequence[int], stage: str) -> str:
    """Return what a result says of the values of a material that are not there."""
    if result is None:
        return ""
    said = {
        row["notes"]: None
        for row in result.table().rows()
        if material in ("", row["material"])
        and row["value"] is None
        and (not stage or row["stage"] in (None, stage))
        and (not years or row["year"] in (None, *years))
    }
    return "; ".join(filter(None, said))


def _buys(case: Case, cube: Cube, material: str, years: Sequence[int]) -> bool:
    """Tell whether any member of any focus imports a material from outside it in any of the years."""
    if cube.at is None or cube.at.shape[0] != len(cube.axes) or "membership" not in case.cubes:
        return True
    names = [axis.name for axis in cube.axes]
    entry = dict(zip(names, cube.at, strict=True))
    there = entry["material"] == cube.axis("material").at(material) if material else np.ones(cube.at.shape[1], bool)
    if years:
        there &= np.isin(entry["year"], cube.axis("year").positions(map(str, years)))
    member = case.array("membership", "focus", "country", "year") > 0
    importer = case.axis("country").positions(cube.axis("importer").codes)[entry["importer"][there]]
    exporter = case.axis("country").positions(cube.axis("exporter").codes)[entry["exporter"][there]]
    year = case.axis("year").positions(cube.axis("year").codes)[entry["year"][there]]
    return bool((member[:, importer, year] & ~member[:, exporter, year]).any())


def has(cube: Cube, material: str, years: Sequence[int] = (), stage: str = "") -> bool:
    """Tell whether a cube holds any value of a material ("" = any) in any of the years; one without that axis does."""
    names = [axis.name for axis in cube.axes]
    if "material" not in names:
        return True
    asked = {
        "material": [material] if material else [],
        "year": [str(year) for year in years],
        "stage": [stage] if stage else [],
    }
    kept = {name: [code for code in codes if code in cube.axis(name)] for name, codes in asked.items() if name in names}
    if any(asked[name] and not found for name, found in kept.items()):
        return False
    for name, found in kept.items():
        cube = cube.narrowed(name, found) if found else cube
    return bool((~np.isnan(cube.values)).any())
