"""How far two publishers differ on the output of one country: the spread of a figure, measured on the facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import sqrt

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.cube import Cube, Floats
from khanij.data.cubes import production
from khanij.data.cubes.evidence import Builder, unfollowed
from khanij.data.cubes.selection import Selection
from khanij.data.facts import store
from khanij.data.facts.schema import PSEUDO

YEARS = tuple(map(str, range(1995, 2027)))
CELL = ("material", "stage", "country", "year")
UPPER = 1.1503  # the 75 % point of |z| for a standard normal z
WEIGHT = 8  # pairs of figures that the mean over all materials counts for beside a material's own pairs
LARGE = 0.01  # part of world output from which a pair counts: gaps in tiny figures say little of large ones


@dataclass(frozen=True, slots=True)
class SpreadEstimate:
    """What the pairs of figures of two publishers say.

    ratio    (material, stage) 1: how far the pairs of a material and stage lie apart, all pairs being 1
    whole    spread over all pairs      by_status  estimated by either publisher -> spread
    figures  every figure with its status, and its gap if it has one      note  what was measured
    """

    ratio: Floats
    whole: float
    by_status: dict[bool, float]
    figures: pl.DataFrame
    note: str


def _measured(selection: Selection) -> SpreadEstimate | None:
    """Return what two publishers of output tell of its spread; None where there are not two with figures in common.

    Two readings x1, x2 of one amount with the same relative error σ differ by ln(x1/x2) ~ N(0, 2σ²). σ is taken from
    the upper quartile of |ln(x1/x2)|, which a wrong scope in a few pairs does not move: over all pairs of a status
    (estimated by either publisher, or reported by both), scaled by how the pairs of the material and stage compare to
    all, the whole counting as WEIGHT pairs. The publishers are the two that are preferred for production.
    """
    publishers = selection.stated("production")[:2]
    if len(publishers) < 2:
        return None
    pairs, figures = _pairs(publishers, store.fingerprint(publishers))
    large = pairs.filter(pl.col("share") >= LARGE)
    if large.is_empty() or large["estimated"].n_unique() < 2:
        return None
    whole = _sigma(large["gap"].to_numpy())
    by_status = {
        doubtful: _sigma(large.filter(pl.col("estimated") == doubtful)["gap"].to_numpy()) for doubtful in (False, True)
    }
    scale = {
        (material, stage): sqrt((n * (upper / UPPER / sqrt(2.0)) ** 2 + WEIGHT * whole**2) / (n + WEIGHT)) / whole
        for material, stage, n, upper in large.group_by("material", "stage")
        .agg(pl.len(), pl.col("gap").abs().quantile(0.75, "linear"))
        .iter_rows()
    }
    axes = selection.axes
    keys = list(product(axes["material"].codes, axes["stage"].codes))
    ratio = np.array([scale.get(key, 1.0) for key in keys]).reshape(len(axes["material"]), len(axes["stage"]))
    note = (
        f"spread of output figures: {large.height} pairs of {' and '.join(publishers)} above {LARGE:.0%} of world "
        f"output; standard deviation of the logarithm {by_status[False]:.3f} where both report, "
        f"{by_status[True]:.3f} where one estimates"
    )
    return SpreadEstimate(ratio, whole, by_status, figures, note)


def production_spread(selection: Selection) -> Cube:
    """Return the standard deviation of the logarithm of a published output figure; nan where nothing tells of it.

    By the status of the figure; a country with a pair of figures of its own in the year has the mean of that variance
    and of its own ln²(x1/x2)/2.
    """
    named = tuple(selection.axes[name] for name in CELL)
    found = _measured(selection)
    if found is None:
        return Cube("production_spread", "1", named, np.full(tuple(map(len, named)), np.nan))
    ratio, by_status = found.ratio, found.by_status
    cell = np.broadcast_to(ratio[:, :, None, None] * by_status[False], tuple(map(len, named))).copy()
    known = _on(selection.axes, found.figures)
    at = _positions(selection.axes, known)
    estimated = known["estimated"].to_numpy()
    gap = known["gap"].to_numpy()
    sigma = ratio[at[0], at[1]] * np.where(estimated, by_status[True], by_status[False])
    cell[at] = np.where(np.isnan(gap), sigma, np.sqrt((sigma**2 + np.nan_to_num(gap) ** 2 / 2.0) / 2.0))
    return Cube("production_spread", "1", named, cell, notes=(found.note,))


def production_spread_by_stage(selection: Selection) -> Cube:
    """Return the same of a material and stage, whatever the status of a figure."""
    named = tuple(selection.axes[name] for name in CELL[:2])
    found = _measured(selection)
    if found is None:
        return Cube("production_spread_by_stage", "1", named, np.full(tuple(map(len, named)), np.nan))
    return Cube("production_spread_by_stage", "1", named, found.ratio * found.whole, notes=(found.note,))


def _sigma(gaps: Floats) -> float:
    """Return the spread of one reading from the gaps ln(x1/x2) of pairs."""
    return float(np.quantile(np.abs(gaps), 0.75) / UPPER / sqrt(2.0))


def _on(axes: Mapping[str, Axis], frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose labels are on the axes."""
    return frame.filter(*(pl.col(name).cast(pl.String).is_in(list(axes[name].codes)) for name in CELL))


def _positions(axes: Mapping[str, Axis], frame: pl.DataFrame) -> tuple[np.ndarray, ...]:
    """Return the position of each row on the axes."""
    return tuple(axes[name].positions(map(str, frame[name].to_list())) for name in CELL)


@cache
def _pairs(publishers: tuple[str, ...], fingerprint: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the pairs of figures of the two publishers, and every figure with its status and its gap if it has one.

    publishers   two sources      fingerprint  of their facts: what was measured on others is not used again
    """
    materials = tuple(sorted(reference.materials()))
    axes = {"material": Axis("material", materials), "year": Axis("year", YEARS)}
    every, _ = production.usable(Selection(axes))
    frame = every.filter(~pl.col("country").is_in(PSEUDO), pl.col("source").is_in(publishers))
    newest = frame.filter(pl.col("edition") == pl.col("edition").max().over("source", *CELL))
    summed = newest.group_by(*CELL, "source").agg(
        value=pl.when(pl.col("value").is_null().any()).then(None).otherwise(pl.col("value").sum()),
        estimated=(pl.col("status") == "estimated").any(),
    )
    first, second = (summed.filter(pl.col("source") == name).drop("source") for name in publishers)
    joined = first.join(second, on=CELL, how="full", coalesce=True, suffix="_2")
    both = (pl.col("value") > 0) & (pl.col("value_2") > 0)
    figures = joined.with_columns(
        gap=pl.when(both)
        .then((pl.col("value") / pl.col("value_2")).log())
        .otherwise(float("nan"))
        .fill_null(float("nan")),
        estimated=pl.col("estimated").fill_null(value=False) | pl.col("estimated_2").fill_null(value=False),
        share=pl.col("value") / pl.col("value").sum().over("material", "stage", "year"),
    ).sort(CELL)
    return figures.filter(pl.col("gap").is_not_nan()), figures


BUILDERS: dict[str, Builder] = {
    "production_spread": Builder(production_spread, unfollowed),
    "production_spread_by_stage": Builder(production_spread_by_stage, unfollowed),
}
"""Cubes by name; a cell rests on every pair of figures of two publishers."""
