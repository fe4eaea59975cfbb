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
from khanij.core.cube import Floats
from khanij.data.cubes import production
from khanij.data.cubes.selection import Selection
from khanij.data.facts import store
from khanij.data.facts.schema import PSEUDO

PUBLISHERS = ("world-mining-data", "usgs-mcs")
YEARS = tuple(map(str, range(1995, 2027)))
CELL = ("material", "stage", "country", "year")
UPPER = 1.1503  # the 75 % point of |z| for a standard normal z
WEIGHT = 8  # pairs of figures that the mean over all materials counts for beside a material's own pairs
LARGE = 0.01  # part of world output from which a pair counts: gaps in tiny figures say little of large ones


@dataclass(frozen=True, slots=True)
class ProductionSpread:
    """Standard deviation of the logarithm of a published output figure.

    cell    (material, stage, country, year) 1, by the status of the figure and its own gap between publishers
    staged  (material, stage) 1, whatever the status
    notes   what was measured
    """

    cell: Floats
    staged: Floats
    notes: tuple[str, ...]


def production_doubt(axes: Mapping[str, Axis]) -> ProductionSpread:
    """Return the spread of output figures on the axes material, stage, country and year.

    Two readings x1, x2 of one amount with the same relative error σ differ by ln(x1/x2) ~ N(0, 2σ²). σ is taken from
    the upper quartile of |ln(x1/x2)|, which a wrong scope in a few pairs does not move: over all pairs of a status
    (estimated by either publisher, or reported by both), scaled by how the pairs of the material and stage compare to
    all, the whole counting as WEIGHT pairs. A country with a pair of its own in the year has the mean of that variance
    and of its own ln²(x1/x2)/2.
    """
    pairs, figures = _pairs(store.fingerprint(PUBLISHERS))
    large = pairs.filter(pl.col("share") >= LARGE)
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
    keys = list(product(axes["material"].codes, axes["stage"].codes))
    ratio = np.array([scale.get(key, 1.0) for key in keys]).reshape(len(axes["material"]), len(axes["stage"]))
    cell = np.broadcast_to(ratio[:, :, None, None] * by_status[False], tuple(len(axes[name]) for name in CELL)).copy()
    known = _on(axes, figures)
    at = _positions(axes, known)
    estimated = known["estimated"].to_numpy()
    gap = known["gap"].to_numpy()
    sigma = ratio[at[0], at[1]] * np.where(estimated, by_status[True], by_status[False])
    cell[at] = np.where(np.isnan(gap), sigma, np.sqrt((sigma**2 + np.nan_to_num(gap) ** 2 / 2.0) / 2.0))
    notes = (
        f"spread of output figures: {large.height} pairs of {' and '.join(PUBLISHERS)} above {LARGE:.0%} of world "
        f"output; standard deviation of the logarithm {by_status[False]:.3f} where both report, "
        f"{by_status[True]:.3f} where one estimates",
    )
    return ProductionSpread(cell, ratio * whole, notes)


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
def _pairs(fingerprint: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the pairs of figures of the two publishers, and every figure with its status and its gap if it has one.

    fingerprint  of the store: what was measured on other facts is not used again
    """
    materials = tuple(sorted(reference.materials()))
    axes = {"material": Axis("material", materials), "year": Axis("year", YEARS)}
    every, _ = production.usable(Selection(axes))
    frame = every.filter(~pl.col("country").is_in(PSEUDO), pl.col("source").is_in(PUBLISHERS))
    newest = frame.filter(pl.col("edition") == pl.col("edition").max().over("source", *CELL))
    summed = newest.group_by(*CELL, "source").agg(
        value=pl.when(pl.col("value").is_null().any()).then(None).otherwise(pl.col("value").sum()),
        estimated=(pl.col("status") == "estimated").any(),
    )
    first, second = (summed.filter(pl.col("source") == name).drop("source") for name in PUBLISHERS)
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
