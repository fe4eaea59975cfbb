"""Output facts as the checks read them: one basis an item, one figure a country."""

from __future__ import annotations

import math
import re

import polars as pl

from khanij import reference
from khanij.core.errors import UnitError
from khanij.data.cubes.selection import KEY
from khanij.data.facts import store
from khanij.data.facts.schema import SCHEMA
from khanij.data.parsing import stoichiometry

LIMIT = 0.05  # a relative gap above this is flagged
SILENT = ("withheld", "unavailable", "unquantified")  # a producer is there, its figure is not
TOTAL = "total | "  # items that the parsers mark as the sum of the other items of a chapter
PUBLISHED_AS = re.compile(r"published as (\w+)")
LEFT_OUT = re.compile(r"excludes (?:the )?([^;|]+)")
AT_CONTENT = re.compile(r"derived from gross weight of [\w ]+? at (0\.\d+)")


def annual(quantity: str = "production") -> pl.DataFrame:
    """Return the stored yearly facts of a quantity that name a stage, with `key` = source@edition."""
    sources = store.providers(quantity)
    if not sources:
        return pl.DataFrame(schema={**SCHEMA, "key": pl.String})
    frame = store.scan(*sources).filter(
        pl.col("quantity") == quantity,
        pl.col("month").is_null(),
        pl.col("stage").is_not_null(),
        pl.col("year").is_not_null(),
    )
    return store.collect(frame.with_columns(KEY))


def in_published_basis(frame: pl.DataFrame) -> pl.DataFrame:
    """Return one basis of each (key, material, stage, item, year): the published one before one that was derived.

    The basis is chosen for the item as a whole, so that a sum never mixes two.
    """
    block = ["key", "material", "stage", "item", "year"]
    derived = (pl.col("status") == "derived").mean().alias("derived")
    best = (
        frame.group_by(*block, "basis")
        .agg(derived)
        .sort(*block, "derived", "basis")
        .group_by(block, maintain_order=True)
        .agg(pl.col("basis").first())
    )
    return frame.join(best, on=[*block, "basis"], how="semi", nulls_equal=True)


def published(value: float, basis: str | None, note: str | None) -> float:
    """Return the figure as it was printed: a derived one divided by the content that its note names."""
    formula = PUBLISHED_AS.search(note or "")
    if formula and basis and formula[1] != basis:
        try:
            return value / stoichiometry.fraction(formula[1], basis)
        except UnitError:
            return value
    content = AT_CONTENT.search(note or "")
    return value / float(content[1]) if content else value


def half_unit(value: float, basis: str | None, note: str | None) -> float:
    """Return half of the last digit that is not a zero, in tonnes of the fact: how far a rounded figure may be off.

    1,300,000 was rounded to 100,000 at the coarsest: 50,000.
    """
    if not value:
        return 0.0
    shown = published(value, basis, note)
    last = 10.0 ** (math.floor(math.log10(abs(shown))) + 1 - significant(value, basis, note))
    return last / 2 * value / shown


def significant(value: float, basis: str | None, note: str | None) -> int:
    """Return the number of digits of the printed figure without trailing zeros.

    Nine digits are read; five of a derived figure, whose content factor has six.
    """
    shown = published(value, basis, note)
    digits = f"{shown:.8e}" if shown == value else f"{shown:.4e}"
    return len(digits.split("e")[0].replace(".", "").rstrip("0"))


def left_out(note: str | None) -> str | None:
    """Return the country that a total does not hold, by the remark beside it; None if there is none."""
    said = LEFT_OUT.search(note or "")
    return reference.country_aliases().get(said[1].strip()) if said else None


def own_basis() -> dict[str, str]:
    """Return material -> the basis in which it is counted."""
    return {id: m.basis for id, m in reference.materials().items()}
