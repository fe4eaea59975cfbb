"""Flows of one's own among those of the publishers: each in place of what it names, no goods counted twice."""

from __future__ import annotations

import polars as pl

from khanij import reference
from khanij.data.cubes.selection import KEY, Selection
from khanij.data.facts import overlay

CARRIED = ["source", "edition", "item", "country", "partner", "year", "value"]
PAIR = ["country", "partner", "year"]
GOOD = {"material": pl.String, "stage": pl.String, "year": pl.Int16}
WHOLE = {"c_low": 1.0, "c_best": 1.0, "c_high": 1.0, "shared": False, "mixed": False}


def last(there: pl.DataFrame) -> pl.DataFrame:
    """Return codes with figures, those of one's own only where no publisher holds the code in the year.

    there  source, item, year, quantity
    """
    coded = there.with_columns(digits=pl.col("item").str.slice(5))
    held = coded.filter(~overlay.own())
    alone = coded.filter(overlay.own()).join(held, on=["digits", "year", "quantity"], how="anti")
    return pl.concat([held, alone]).drop("digits")


def laid_over(selection: Selection, quantity: str, found: pl.DataFrame, codes: pl.DataFrame) -> pl.DataFrame:
    """Return the flows of publishers with those of one's own in place of the ones that they name.

    found  flows of publishers, with code, material and stage      codes  the codes that enter: flows.chosen()
    A flow of a trade code stands for that code under whatever edition it is taken; one of a material and stage, in
    tonnes of its basis, for all codes of the good.
    """
    facts = overlay.facts(quantity)
    if facts is None or facts.is_empty():
        return found
    own = facts.filter(pl.col("year").is_in(selection.years), pl.col("country") != pl.col("partner"))
    goods = codes.drop("source", "item").unique(["code", "material", "stage", "year"], maintain_order=True)
    by_code = own.filter(pl.col("material").is_null()).with_columns(code=pl.col("item").str.slice(5))
    coded = by_code.select(*CARRIED, "code").join(goods, on=["code", "year"])
    named = own.filter(pl.col("material").is_in(selection.materials), pl.col("stage").is_not_null())
    named = named.select(*CARRIED, "material", "stage").with_columns(
        **{name: pl.lit(value) for name, value in WHOLE.items()}, code=pl.lit(""), revision=pl.lit("")
    )
    found = found.join(coded, on=["code", "material", "stage", *PAIR], how="anti")
    found, coded = (frame.join(named, on=["material", "stage", *PAIR], how="anti") for frame in (found, coded))
    return pl.concat([found, *(frame.with_columns(KEY).select(found.columns) for frame in (coded, named))])


def cells(selection: Selection, quantity: str) -> pl.DataFrame:
    """Return the goods and years of one's own flows in which every focus of the selection buys or sells.

    They are covered, though no trade code of their own is: the flows of the focus are what it says they are. Those of
    others are not known, and a focus among them has no flow that could be taken for nothing.
    """
    facts = overlay.facts(quantity)
    if facts is None or facts.is_empty():
        return pl.DataFrame(schema=GOOD)
    named = facts.filter(pl.col("material").is_in(selection.materials), pl.col("year").is_in(selection.years))
    foci = selection.axes["focus"].codes if "focus" in selection.axes else ()
    kept = []
    for (material, stage, year), rows in named.group_by("material", "stage", "year", maintain_order=True):
        traders = {*rows["country"], *rows["partner"]}
        members = [reference.members(f, int(str(year))) if f in reference.groups() else (f,) for f in foci]
        if all(traders & set(those) for those in members):
            kept.append((material, stage, year))
    return pl.DataFrame(kept, schema=GOOD, orient="row")
