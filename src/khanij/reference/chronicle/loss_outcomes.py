"""What shortages did to the makers downstream: losses measured, and losses feared that did not come.

A wave is what one cause did, everywhere; it is wholly for fits or wholly for tests. The split was written down before
any model of losses was run. For fits: waves before 2020, and since then those of power, fertiliser use and routes. For
tests: waves since 2020 of minerals, magnets, chips and polysilicon, the war of 2022 and the closure of 2026 among them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from math import inf

from khanij.core.range import Range
from khanij.reference.industry.checked_rows import (
    WORLD,
    check_code,
    read_interval,
    read_number,
    read_place,
    read_source,
    read_table,
    wrong,
)

SPLITS = ("fit", "test")
ROLES = ("event", "control")
REGIONS = ("EUR", "NAM")  # Europe and North America as analysts of car output count them


@dataclass(frozen=True, slots=True)
class LossOutcome:
    """One product of one wave.

    role        "control": a shortage was feared and output did not fall for it; `change` is then the part due to it
    start       first day (ISO); `months` how long the period is
    change      change of output over the period, 1 = all of it, against what `against` says; the lowest is the worst
    units       the same in `unit`
    lost        part of the input that users went without at the gate, before stocks
    stock       weeks of normal use that users and dealers held at the start
    recovery    months from the start of the shortage to normal output
    recaptured  what is known of lost output made later
    recalled    which of these figures are from memory; None stands where nothing was found
    """

    id: str
    wave: str
    split: str
    role: str
    place: str
    good: str
    industry: str
    product: str
    start: str
    months: float
    change: Range | None
    units: Range | None
    lost: Range | None
    stock: Range | None
    recovery: Range | None
    unit: str
    against: str
    recaptured: str
    recalled: tuple[str, ...]
    source: str
    kind: str
    confidence: str
    note: str


def parse_outcome(row: dict[str, str], where: str) -> LossOutcome:
    """Return one row of loss_outcomes.csv; raises ParseError."""
    months = read_number(row["months"], where)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", row["start"]) or not months:
        raise wrong(
            f"start {row['start']!r}, {months} months", where, "a day as 2025-04-01, and how long the period is"
        )
    units = read_interval(row, "units", where, least=-inf)
    if units is not None and not row["unit"]:
        raise wrong("a change of units without unit", where, 'what is counted, such as "vehicles"')
    plain = ("id", "wave", "good", "industry", "product", "start", "unit", "against", "recaptured")
    return LossOutcome(
        **{name: row[name] for name in plain},
        split=check_code(row, "split", SPLITS, where),
        role=check_code(row, "role", ROLES, where),
        place=read_place(row, where, WORLD, *REGIONS),
        months=months,
        change=read_interval(row, "change", where, least=-1.0),
        units=units,
        lost=read_interval(row, "lost", where, 1.0),
        stock=read_interval(row, "stock", where),
        recovery=read_interval(row, "recovery", where),
        recalled=tuple(name for name in row["recalled"].split(";") if name),
        **read_source(row, where),
    )


@dataclass(frozen=True, slots=True)
class LossTest:
    """How one outcome is put to the engine of losses, written down before the engine was run on any.

    product, material, stage  pair of the table of critical inputs      cut_start  ISO day of the first shortage
    lost_from  id of the outcome whose part lost is taken: its own, or the nearest of its wave that gives one
    share      part of the good that came from the sellers struck, where the part lost is that of theirs, else 1
    own        what was lost is made for this product alone, so that no other user's part can make up for it
    """

    outcome: LossOutcome
    product: str
    material: str
    stage: str
    cut_start: str
    lost_from: LossOutcome
    share: float
    own: bool
    note: str


def parse_test(row: dict[str, str], where: str) -> LossTest:
    """Return one row of loss_tests.csv; raises ParseError."""
    known = {one.id: one for one in _outcomes()}
    for name in ("outcome", "lost_from"):
        check_code({name: row[name] or row["outcome"]}, name, known, where)
    given = known[row["lost_from"] or row["outcome"]]
    if given.lost is None or given.wave != known[row["outcome"]].wave:
        raise wrong(f"{given.id} gives no part lost of this wave", where, "an outcome of the wave that gives one")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", row["cut_start"]):
        raise wrong(f"cut_start {row['cut_start']!r}", where, "a day as 2025-04-04")
    share = 1.0 if (told := read_number(row["share"], where)) is None else told
    if not 0.0 < share <= 1.0:
        raise wrong(f"share {share:g}", where, "part of the good that came from the sellers struck, 0..1")
    plain = (row[name] for name in ("product", "material", "stage", "cut_start"))
    return LossTest(known[row["outcome"]], *plain, given, share, row["own"] == "yes", row["note"])


@cache
def loss_tests() -> tuple[LossTest, ...]:
    """Return the outcomes that the engine can be asked, and how."""
    return read_table("loss_tests", parse_test, lambda row: row.outcome.id)


@cache
def _outcomes() -> tuple[LossOutcome, ...]:
    """Return the whole table; raises ParseError where a wave is on both sides of the split."""
    found = read_table("loss_outcomes", parse_outcome, lambda row: row.id)
    for line, row in enumerate(found, 2):
        if any(other.split != row.split for other in found if other.wave == row.wave):
            where = f"loss_outcomes.csv line {line}"
            raise wrong(f"wave {row.wave} is for fits and for tests", where, "one side for the whole wave")
    return found


def loss_outcomes(split: str | None = None) -> tuple[LossOutcome, ...]:
    """Return the outcomes of one side of the split, "fit" or "test" (both if None)."""
    return tuple(row for row in _outcomes() if split in (None, row.split))
