"""Quartiles over importing countries of the headings that a material and stage is traded under."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from khanij import reference
from khanij.data.sources.broda_weinstein.parse import HEADING

DIGITS = 2
ALL = "*"


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Lower quartile, median and upper quartile of `estimates` values, and the headings they are of."""

    material: str
    stage: str
    low: float
    best: float
    high: float
    estimates: int
    headings: tuple[str, ...]


def quartiles(facts: pl.DataFrame) -> tuple[Quartiles, ...]:
    """Return the quartiles of each (material, stage) of our trade codes, and of all headings of ours under "*".

    facts   of the quantity substitution_elasticity
    Every estimate counts once: a pair traded under two headings has those of both. Quantiles are interpolated linearly.
    """
    under: dict[tuple[str, str], set[str]] = {(ALL, ALL): {code.code[:3] for code in reference.hs_codes()}}
    for code in reference.hs_codes():
        under.setdefault((code.material, code.stage), set()).add(code.code[:3])
    values = {
        str(item).removeprefix(HEADING): found["value"].to_list()
        for (item,), found in facts.group_by("item", maintain_order=True)
    }
    return tuple(_quartiles(*pair, tuple(sorted(under[pair])), values) for pair in sorted(under))


def _quartiles(material: str, stage: str, headings: tuple[str, ...], values: dict[str, list[float]]) -> Quartiles:
    """Return the quartiles of the estimates of these headings together."""
    pooled = pl.Series([value for heading in headings for value in values[heading]], dtype=pl.Float64)
    low, best, high = (round(float(pooled.quantile(q, "linear") or 0.0), DIGITS) for q in (0.25, 0.5, 0.75))
    return Quartiles(material, stage, low, best, high, len(pooled), headings)
