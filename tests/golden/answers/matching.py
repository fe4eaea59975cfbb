"""Two answers to one question, compared through other headings, titles, orders of rows and merged tables.

Every column of an old table is sought among the columns of the new ones: the same values, in rows that belong
together. A new table may have more rows (it was merged), never fewer. What has no match is a Difference.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from answers import NOTHING, TOLERANCE, Answer, Table

NEGLIGIBLE = 1e-12  # of a column's largest value: noise where a difference of two numbers is nothing
SHOWN = 5  # largest differing values that are named


@dataclass(frozen=True, slots=True)
class Difference:
    """What an old answer has and the new one has not.

    command  id of the command          what  "title of the table / column"
    kind     exit | refusal | changed | regrouped | elsewhere | rows | text
    size     largest relative difference, inf where there is no counterpart
    lines    the largest, in words
    """

    command: str
    what: str
    kind: str
    size: float = math.inf
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the table it is in (by position), its name, and its values as an array of numbers or of texts."""

    table: int
    name: str
    values: Any
    number: bool

    @property
    def known(self) -> Any:
        """Return the values that are there."""
        return self.values[np.isfinite(self.values)] if self.number else self.values[self.values != ""]


def columns(answer: Answer) -> list[list[Column]]:
    """Return the columns of each table."""
    found = []
    for at, one in enumerate(answer.tables):
        numbers = [Column(at, name, np.array(values, float), True) for name, values in one.numbers.items()]
        texts = [
            Column(at, f"{name}, text" if name in one.numbers else name, np.array([v or "" for v in values]), False)
            for name, values in one.texts.items()
        ]
        found.append([column for column in (*numbers, *texts) if len(column.values)])
    return found


def compare(command: str, old: Answer, new: Answer, tolerance: float = TOLERANCE) -> tuple[list[Difference], list[str]]:
    """Return what has no match, and notes on words: labels and numbers in sentences that are there no more.

    command    its id
    old, new   the two answers
    tolerance  relative difference that is none
    """
    if old.code != new.code:
        return [Difference(command, "exit", "exit", lines=(f"{old.code} -> {new.code} {new.refusal}",))], []
    if old.refusal != new.refusal:
        return [Difference(command, "refusal", "refusal", lines=(f"{old.refusal!r} -> {new.refusal!r}",))], []
    there = columns(new)
    every = [column for table in there for column in table]
    differences: list[Difference] = []
    notes: list[str] = []
    for at, mine in enumerate(columns(old)):
        title = old.tables[at].title
        order = sorted(range(len(there)), key=lambda k: _unlike(old.tables[at], new.tables[k]))
        titled = [k for k in order if new.tables[k].title == title]
        home = {c.name: {k for k in titled if any(_of_one_name(c, o) for o in there[k])} for c in mine}
        found, rows = place(mine, [there[k] for k in order], home, tolerance)
        if titled and new.tables[titled[0]].rows != old.tables[at].rows:
            line = f"{old.tables[at].rows} -> {new.tables[titled[0]].rows} rows"
            differences.append(Difference(command, f"{title} / rows", "rows", lines=(line,)))
        for column in mine:
            what = f"{title} / {column.name}"
            if column.name in found:
                continue
            if column.number and not len(column.known):
                differences += _filled(command, what, column, [new.tables[k] for k in titled[:1]])
            elif not column.number and not codes(column):
                notes += [f"{what}: {', '.join(sorted(set(column.known.tolist()) - _texts(every)))[:200]}"]
            else:
                kept = [o for k in home[column.name] for o in there[k] if _of_one_name(column, o)]
                differences.append(_difference(command, what, column, kept or every, rows, tolerance))
        notes += _untold(old.tables[at], new)
    return differences, [f"{command}: {note}" for note in notes]


def _unlike(old: Table, new: Table) -> tuple[bool, int]:
    """Return a key by which likelier counterparts come first: the same title, then about as many rows."""
    return old.title != new.title, abs(old.rows - new.rows)


def codes(column: Column) -> bool:
    """Tell whether a column holds ids (of countries, materials, stages, answers) and no words."""
    return not any(" " in value for value in column.known.tolist())


def _texts(every: Iterable[Column]) -> set[str]:
    """Return all short texts of an answer."""
    return {value for column in every if not column.number for value in column.known.tolist()}


def _filled(command: str, what: str, column: Column, titled: Sequence[Table]) -> list[Difference]:
    """Return the difference of a column that was missing throughout and has numbers now."""
    values = [value for table in titled for value in table.numbers.get(column.name, ()) if math.isfinite(value)]
    return [Difference(command, what, "changed", lines=(f"missing -> {values[:SHOWN]}",))] if values else []


def _untold(old: Table, new: Answer) -> list[str]:
    """Return the numbers in sentences that stand in no sentence, and in no column, of the new answer."""
    told = {round(v, 12) for table in new.tables for column in table.told.values() for v in column}
    told |= {round(v, 12) for table in new.tables for column in table.numbers.values() for v in column}
    lost = {name: [v for v in column if round(v, 12) not in told] for name, column in old.told.items()}
    return [f"{old.title} / {name}: {values} in sentences" for name, values in lost.items() if values]


# ---------------------------------------------------------------------------------------------- where columns are


@dataclass(frozen=True, slots=True)
class Rows:
    """The new table in which most columns of an old one were found.

    columns  of the new table           old, new  one number a row: equal where the rows found so far are the same
    """

    columns: Sequence[Column]
    old: Any
    new: Any


def place(
    mine: Sequence[Column], there: Sequence[Sequence[Column]], home: Mapping[str, set[int]], tolerance: float
) -> tuple[set[str], Rows | None]:
    """Return which columns of one old table were found, and the rows of the best new table.

    mine       columns of the old table         there  columns of each new table, the likeliest first
    home       column -> tables with the same title and heading: where there is one, it is sought nowhere else
    tolerance  relative difference that is none
    """
    found: set[str] = set()
    used: set[int] = set()
    main: Rows | None = None
    wanted = {column.name for column in mine if len(column.known)}
    while wanted - found:
        best: tuple[set[str], Rows] | None = None
        for theirs in (table for table in there if table and table[0].table not in used):
            got = _fit(mine, theirs, home, found, tolerance)
            if got is not None and (best is None or len(got[0] - found) > len(best[0] - found)):
                best = got
            if best is not None and best[0] >= wanted - found:
                break
        if best is None or not best[0] - found:
            break
        main = main or best[1]
        used.add(best[1].columns[0].table)
        found |= best[0]
    return found, main


def _fit(
    mine: Sequence[Column], theirs: Sequence[Column], home: Mapping[str, set[int]], found: set[str], tolerance: float
) -> tuple[set[str], Rows] | None:
    """Return which columns of an old table are in a new one, row by row, and the rows; None if there is none.

    found  columns that are elsewhere already: here they only help to tell which row is which
    """
    if not mine or len(theirs[0].values) < len(mine[0].values):
        return None
    able: dict[str, list[Column]] = {}
    for column in mine:
        free = column.name in found or not home[column.name]
        at_home = theirs[0].table in home[column.name]
        alike = [
            o for o in theirs if (free or (at_home and _of_one_name(column, o))) and _may_hold(column, o, tolerance)
        ]
        able[column.name] = sorted(alike, key=lambda other: other.name != column.name)
    order = sorted(mine, key=lambda c: (c.number, len(able[c.name]) > 1, -len(np.unique(c.values))))
    old, new = np.zeros(len(mine[0].values), int), np.zeros(len(theirs[0].values), int)
    taken: dict[str, str] = {}
    for column in order:
        for other in able[column.name]:
            a, b = _same(column, other, tolerance)
            joint = np.unique(np.concatenate([old * (1 << 31) + a, new * (1 << 31) + b]), return_inverse=True)[1]
            if other.name not in taken.values() and _held(joint[: len(old)], joint[len(old) :]):
                old, new = joint[: len(old)], joint[len(old) :]
                taken[column.name] = other.name
                break
    return (set(taken), Rows(theirs, old, new)) if taken else None


def _of_one_name(column: Column, other: Column) -> bool:
    """Tell whether two columns have one heading and are of one kind."""
    return column.name == other.name and column.number == other.number


def _may_hold(column: Column, other: Column, tolerance: float) -> bool:
    """Tell quickly whether the other column can hold this one."""
    if column.number != other.number:
        return False
    if not column.number:
        return set(column.known.tolist()) <= set(other.known.tolist())
    mine, theirs = column.known, other.known
    if not len(mine) or len(theirs) < len(mine):
        return False
    slack = tolerance * float(np.abs(mine).max()) * 2 + NOTHING
    if mine.min() < theirs.min() - slack or mine.max() > theirs.max() + slack:
        return False
    return len(column.values) < len(other.values) or (
        len(mine) == len(theirs) and mine.max() >= theirs.max() - slack and mine.min() >= theirs.min() - slack
    )


def _same(column: Column, other: Column, tolerance: float) -> tuple[Any, Any]:
    """Return a number for each value of both columns: the same number where the values are the same."""
    both = np.concatenate([column.values, other.values])
    if not column.number:
        ids = np.unique(both, return_inverse=True)[1]
        return ids[: len(column.values)], ids[len(column.values) :]
    order = np.argsort(both)  # nan last
    values = both[order]
    near = np.maximum(np.abs(values[1:]), np.abs(values[:-1])) * tolerance + _floor(column, tolerance)
    with np.errstate(invalid="ignore"):
        apart = ~(np.abs(np.diff(values)) <= near)
    apart &= ~(np.isnan(values[1:]) & np.isnan(values[:-1]))
    ids = np.empty(len(both), int)
    ids[order] = np.concatenate([[0], np.cumsum(apart)])
    return ids[: len(column.values)], ids[len(column.values) :]


def _floor(column: Column, tolerance: float) -> float:
    """Return the absolute difference that is none."""
    return max(NOTHING, NEGLIGIBLE * float(np.abs(column.known).max(initial=0.0))) if tolerance else 0.0


def _held(old: Any, new: Any) -> bool:
    """Tell whether every old row is among the new ones, as often."""
    size = int(max(old.max(initial=0), new.max(initial=0))) + 1
    return bool((np.bincount(old, minlength=size) <= np.bincount(new, minlength=size)).all())


# ---------------------------------------------------------------------------------------- what is told of the rest


def _difference(
    command: str, what: str, column: Column, among: Sequence[Column], rows: Rows | None, tolerance: float
) -> Difference:
    """Return the difference of a column that was not found, with the values that differ most.

    among  where it was sought: the columns of its title and heading if there are such, else all of the new answer
    rows   the new table in which most columns of the old one were found
    """
    every = [other for other in among if other.number == column.number]
    if not column.number:
        lost = sorted(set(column.known.tolist()) - _texts(every))
        return Difference(command, what, "text", lines=(", ".join(lost)[:300] or "the same texts, in other rows",))
    for other in every:
        if len(other.values) == len(column.values) and _held(*_same(column, other, tolerance)):
            told = _told(command, what, column, other, rows, _floor(column, tolerance))
            line = f"the values of {other.name}, in other rows"
            return replace(told, kind="regrouped", size=math.inf, lines=(line, *told.lines))
    pool = np.unique(np.concatenate([[], *(other.known for other in every)]))
    lost = column.known[~_among(column.known, pool, tolerance)]
    other = _nearest(column, rows, every)
    if len(lost) and other is None:
        line = f"{len(lost)} of {len(column.known)} values are nowhere: {_few(lost)}"
        return Difference(command, what, "changed", lines=(line,))
    if other is None or (not len(lost) and other.name != column.name):
        line = f"all {len(column.known)} values are in other columns or tables, but not as one column"
        return Difference(command, what, "elsewhere", lines=(line,))
    return _told(command, what, column, other, rows, _floor(column, tolerance))


def _among(values: Any, pool: Any, tolerance: float) -> Any:
    """Tell for each value whether it is in the sorted pool."""
    if not len(pool):
        return np.zeros(len(values), bool)
    at = np.searchsorted(pool, values)
    near = [pool[np.clip(at - 1, 0, len(pool) - 1)], pool[np.clip(at, 0, len(pool) - 1)]]
    return np.any([np.abs(values - n) <= tolerance * np.abs(values) for n in near], axis=0)


def _nearest(column: Column, rows: Rows | None, every: Sequence[Column]) -> Column | None:
    """Return the column to set beside one that was not found: of the best table, by name, else by shared values."""
    first = [other for other in rows.columns if other.number] if rows is not None else []
    for group in (first, every):
        for other in group:
            if other.name == column.name and len(other.values) == len(column.values):
                return other
    alike = [other for other in first if len(other.values) == len(column.values)]
    shared = [len(np.intersect1d(other.known, column.known)) for other in alike]
    return alike[int(np.argmax(shared))] if alike and max(shared) else None


def _told(command: str, what: str, column: Column, other: Column, rows: Rows | None, floor: float) -> Difference:
    """Return the difference between two columns of equal length, row by row where the rows are known."""
    paired = rows is not None and other.table == rows.columns[0].table and len(rows.old) == len(rows.new)
    mine, theirs = np.argsort(column.values), np.argsort(other.values)
    if paired and rows is not None:
        mine, theirs = np.argsort(rows.old, kind="stable"), np.argsort(rows.new, kind="stable")
    a, b = column.values[mine], other.values[theirs]
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))
    size = np.where(np.isnan(a) | np.isnan(b), np.inf, np.where(np.abs(a - b) <= floor, 0.0, size))
    size = np.where(np.isnan(a) & np.isnan(b), 0.0, size)
    lines = []
    for k in np.argsort(-size, kind="stable")[:SHOWN]:
        if size[k] > 0:
            key = _key(rows.columns, int(theirs[k])) if paired and rows is not None else "sorted"
            lines.append(f"{key}: {_word(a[k])} -> {_word(b[k])}")
    if int((size > 0).sum()) > SHOWN:
        lines.append(f"… {int((size > 0).sum())} of {len(size)} differ")
    ratio = (b / np.where(a == 0, np.nan, a))[np.isfinite(a) & np.isfinite(b) & (a != 0)]
    if len(ratio) > 1 and np.ptp(ratio) <= TOLERANCE * abs(ratio[0]) < abs(ratio[0] - 1):
        lines.append(f"every new value is {ratio[0]:.6g} times the old one")
    return Difference(command, what, "changed", float(size.max(initial=0.0)), tuple(lines))


def _key(columns: Sequence[Column], row: int) -> str:
    """Return what names a row: its short texts, at most four."""
    texts = [str(column.values[row]) for column in columns if not column.number and column.values[row] != ""]
    return " ".join(dict.fromkeys(texts[:6])) or f"row {row + 1}"


def _word(value: float) -> str:
    """Return a value as it is told."""
    return "missing" if math.isnan(value) else f"{value:.10g}"


def _few(values: Any) -> str:
    """Return the largest of some values."""
    chosen = values[np.argsort(-np.abs(values))][:SHOWN]
    return ", ".join(map(_word, chosen)) + (" …" if len(values) > SHOWN else "")


# ------------------------------------------------------------------------------------------------ known differences


def excuse(
    differences: Iterable[Difference], known: Sequence[Mapping[str, Any]], asked: Callable[[str], bool]
) -> tuple[list[Difference], list[str]]:
    """Return the differences that are on no list, and what is wrong with the list.

    known  entries of differences.toml: command, what (both may have *), reason, and at_most: the largest relative
           difference that the reason is good for
    asked  whether all commands of an entry were asked: one that excuses nothing is wrong only if they were
    """
    used = [0] * len(known)
    rest = []
    for one in differences:
        for k, entry in enumerate(known):
            fits = fnmatchcase(one.command, entry["command"]) and fnmatchcase(one.what, entry["what"])
            if fits and one.size <= entry.get("at_most", math.inf):
                used[k] += 1
                break
        else:
            rest.append(one)
    wrong = [f"{e['command']} | {e['what']}: no reason" for e in known if not str(e.get("reason", "")).strip()]
    wrong += [
        f"{entry['command']} | {entry['what']}: excuses nothing, strike it"
        for k, entry in enumerate(known)
        if not used[k] and asked(entry["command"])
    ]
    return rest, wrong
