"""A source's facts beside those held of it: a publisher's slip shows as a break with his own earlier figures."""

from __future__ import annotations

import polars as pl

from khanij.core.axis import sample
from khanij.core.errors import ParseError

SAME = ("quantity", "item", "material", "stage", "country", "partner", "year", "month", "unit")
LABELS = ("quantity", "material", "stage", "country", "year", "item")
JUMP = 10.0  # times by which no publisher moves a figure of a year that is over
MOVED = 0.01  # part by which a figure counts as moved
OFTEN = 0.25  # part of the figures of a quantity and year that a revision moves
FEW = 8  # figures of a quantity and year from which that part says something
HINT = "look into the file; where the publisher means it: data build --accept"


def check(held: pl.DataFrame, new: pl.DataFrame, where: str) -> None:
    """Raise ParseError where new facts of a source break with those that are held of it.

    What was held and is gone (a quantity, mineral, stage, country, year or item), a figure that moved by JUMP times or
    more or changed its sign, and a quantity and year of which more than OFTEN of the figures moved: swapped columns, a
    scale that changed, a year left out and a renamed label all show as one of these. Whoever has looked may accept.
    """
    for name in LABELS:
        gone = sorted(map(str, set(held[name].drop_nulls()) - set(new[name].drop_nulls())))
        if gone:
            raise ParseError(f"no {name} {sample(gone)} any more, which is held", where=where, hint=HINT)
    both = _beside(held, new)
    pairs = pl.concat(_changed(held, new, column) for column in ("value", "low", "high"))
    leapt = (
        pl.concat([both, pairs])
        .unique(maintain_order=True)
        .filter(
            ((pl.col("times") >= JUMP) | (pl.col("times") <= 1 / JUMP)) & (pl.max_horizontal("was", "is").abs() > 0)
        )
    )
    if leapt.height:
        worst = leapt.sort((pl.col("times").abs().log()).abs(), descending=True, nulls_last=True).row(0, named=True)
        raise ParseError(
            f"{leapt.height} figures moved by {JUMP:g} times or more: {_named(worst)} was {worst['was']:g}, "
            f"is {worst['is']:g}",
            where=where,
            hint=HINT,
        )
    moved = (pl.col("is") - pl.col("was")).abs() > MOVED * pl.max_horizontal(pl.col("is").abs(), pl.col("was").abs())
    years = (
        both.group_by("quantity", "year").agg(pl.len().alias("n"), moved.mean().alias("part")).sort("quantity", "year")
    )
    torn = years.filter((pl.col("part") > OFTEN) & (pl.col("n") >= FEW))
    if torn.height:
        first = torn.row(0, named=True)
        what = f"{first['part']:.0%} of {first['n']} figures of {first['quantity']} in {first['year']} moved"
        raise ParseError(what, where=where, hint=HINT)
    lost = _lost(held, new)
    if lost is not None:
        raise ParseError(lost, where=where, hint=HINT)


def _figures(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return one figure a place: the sum of those that stand at one, as of several rows of a trade code."""
    known = frame.filter(pl.col("value").is_not_null())
    return known.group_by(SAME).agg(pl.col("value").sum().alias(name))


def _beside(held: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Return the figures that both have: was, is, and how many times the first the second is."""
    return _times(_figures(held, "was").join(_figures(new, "is"), on=SAME, nulls_equal=True))


def _changed(held: pl.DataFrame, new: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return the figures or bounds of a place that are not the same, of several rows in order of size: was, is.

    A place of which another number of rows changed is left out: which of them became which is not known.
    """
    place = [*SAME, column]
    sides = []
    for frame, other in ((held, new), (new, held)):
        rows = [
            one.filter(pl.col(column).is_not_null()).select(place).with_columns(time=pl.int_range(pl.len()).over(place))
            for one in (frame, other)
        ]
        left = rows[0].join(rows[1], on=[*place, "time"], how="anti", nulls_equal=True).sort(place, nulls_last=True)
        sides.append(left.select(*place, rank=pl.int_range(pl.len()).over(SAME), rows=pl.len().over(SAME)))
    was, new_ones = (side.rename({column: name}) for side, name in zip(sides, ("was", "is"), strict=True))
    both = was.join(new_ones, on=[*SAME, "rank", "rows"], nulls_equal=True)
    return _times(both.select(*SAME, "was", "is"))


def _times(both: pl.DataFrame) -> pl.DataFrame:
    """Add how many times the first the second is."""
    return both.with_columns(times=pl.when(pl.col("was") != 0).then(pl.col("is") / pl.col("was")).otherwise(None))


def _lost(held: pl.DataFrame, new: pl.DataFrame) -> str | None:
    """Return what tells of a quantity, mineral and year of whose figures more than OFTEN are gone; None of none."""
    group = ["quantity", "material", "year"]
    there = _figures(held, "was")
    gone = there.join(_figures(new, "is"), on=SAME, how="anti", nulls_equal=True)
    parts = there.group_by(group).agg(pl.len().alias("n"))
    parts = parts.join(gone.group_by(group).agg(pl.len().alias("gone")), on=group, nulls_equal=True)
    torn = parts.filter((pl.col("gone") > OFTEN * pl.col("n")) & (pl.col("n") >= FEW)).sort(group, nulls_last=True)
    if not torn.height:
        return None
    first = torn.row(0, named=True)
    named = " ".join(str(first[name]) for name in group if first[name] is not None)
    return f"{first['gone']} of {first['n']} figures of {named} are gone, which are held"


def _named(row: dict[str, object]) -> str:
    """Return what tells a figure, in words."""
    return " ".join(str(row[name]) for name in SAME if row[name] is not None)
