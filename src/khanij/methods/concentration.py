"""Concentration of world output, plain and weighted by the governance of the producers."""

from __future__ import annotations

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.registry import Defaults, MethodOutput, Threshold, Variable, method
from khanij.kernels.indicators.concentration import fill_weights, hhi, hhi_bounds

DIMS = ("material", "stage", "country", "year")
CELL = ("material", "stage", "year")
DIMENSIONS = ("mean", "va", "pv", "ge", "rq", "rl", "cc")
LEFT_OUT = "producers whose output is withheld or unknown left out, number"
UNNAMED = "share of world output that no listed country accounts for"
UNSCORED = "share of output whose country has no governance score"


def governance(case: Case, dimension: str) -> Floats:
    """Return (country, year) governance estimates: one dimension, or the mean of those that a country has."""
    values = case.array("governance", "dimension", "country", "year")
    if dimension != "mean":
        return values[case.axis("dimension").at(dimension)]
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)


def world_output(case: Case) -> tuple[Floats, Floats, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return output (material, stage, year, country), the unnamed rest (material, stage, year), remarks and details.

    Where the Case has world totals and none for a cell, the output known there is a nation's, not the world's: nan.
    """
    output = np.moveaxis(case.array("production", *DIMS), 2, 3)
    if "world_production" in case.cubes:
        output = np.where(np.isnan(case.array("world_production", *CELL))[..., None], np.nan, output)
    known = ~np.isnan(output)
    listed = known.any(axis=-1)
    summed = np.where(known, output, 0.0).sum(axis=-1)
    rest = np.zeros_like(summed)
    if "world_production" in case.cubes:
        world = case.array("world_production", *CELL)
        rest = np.where(np.isnan(world), 0.0, np.maximum(world - summed, 0.0))
    share = np.divide(rest, rest + summed, out=np.zeros_like(rest), where=rest + summed > 0)
    withheld = (~known).sum(axis=-1)
    remarks = {LEFT_OUT: listed & (withheld > 0), UNNAMED: listed & (share > 1e-3)}
    return output, rest, remarks, {LEFT_OUT: withheld, UNNAMED: share}


@method(
    "production-hhi",
    kind="indicator",
    needs=("production",),
    optional=("world_production",),
    variables=(Variable("hhi", "1", CELL, (0.0, 1.0), "concentration of world output, 1 = one country"),),
    reference="Hirschman 1964, The paternity of an index, American Economic Review 54(5), p. 761",
    threshold=Threshold({"hhi": 0.18}, "US Department of Justice and FTC, Merger Guidelines 2023 (above 1,800)"),
    defaults=Defaults(assess=4, index=True),
)
def production_hhi(case: Case) -> MethodOutput:
    """Concentration of world output by country (Herfindahl-Hirschman index).

    H = Σ_c s_c², s_c = P_c / W;  W = reported world total, at least the sum of the countries (t/yr)

    Output that no listed country accounts for counts in W and is spread thin: that is the low end. The high end takes
    it for one more country. A withheld producer is left out and said to be.
    Returns hhi (material, stage, year) 1, in 0..1; nan where no output is known.
    Oracle: brute-force sum in tests/methods/test_concentration.py; tests/golden/hhi.toml.
    """
    output, rest, remarks, details = world_output(case)
    low, high = hhi_bounds(output, rest)
    return MethodOutput({"hhi": low}, remarks, details, low={"hhi": low}, high={"hhi": np.minimum(high, 1.0)})


@method(
    "hhi-wgi",
    kind="indicator",
    needs=("production", "governance"),
    optional=("world_production",),
    variables=(
        Variable("hhi_wgi", "1", CELL, (0.0, 1.0), "concentration of world output weighted by weak governance"),
        Variable("unscored_share", "1", CELL, (0.0, 1.0), "share of output whose country has no governance score"),
    ),
    reference="Graedel et al. 2012, doi 10.1021/es203534z; World Bank, Worldwide Governance Indicators 2024",
    choices={"dimension": DIMENSIONS},
    defaults=Defaults(assess=5, compare=8, index=True),
)
def hhi_wgi(case: Case, dimension: str = "mean", missing: str | float = "mean") -> MethodOutput:
    """Concentration of world output, each producer weighted by how weak its governance is.

    H = Σ_c s_c²·g_c, g_c = (2.5 - x_c) / 5 clipped to 0..1, s_c = P_c / W (W as in production-hhi)

    dimension  x: mean of the governance dimensions that a country has, or one of va pv ge rq rl cc (score)
    missing    weight of a producer without a score: "mean" = the others' mean weighted by output, or a number in 0..1
    Returns hhi_wgi (material, stage, year) 1, in 0..1, and unscored_share 1; nan where no output or no score is known.
    With "mean", the range is what the best and the worst governance of those without a score would give.
    Oracle: brute-force sum in tests/methods/test_concentration.py; tests/golden/hhi.toml.
    """
    output, rest, remarks, details = world_output(case)
    weight = np.clip((2.5 - governance(case, dimension)) / 5.0, 0.0, 1.0)
    weights = np.broadcast_to(weight.T, output.shape)
    filled, lacking = fill_weights(output, weights, None if missing == "mean" else float(missing))
    value = hhi(output, rest, np.where(output > 0, filled, 0.0))
    remarks = {**remarks, UNSCORED: lacking > 0}
    values = {"hhi_wgi": value, "unscored_share": lacking}
    if missing != "mean":
        return MethodOutput(values, remarks, {**details, UNSCORED: lacking})
    low, high = weight_bounds(output, rest, weights, (lacking > 0) & ~np.isnan(value))
    return MethodOutput(values, remarks, {**details, UNSCORED: lacking}, (), {"hhi_wgi": low}, {"hhi_wgi": high})


def weighted(case: Case, dimension: str) -> tuple[list[Floats], list[Floats], MethodOutput]:
    """Return governance-weighted concentration of world output, the producers' weights, and what is to be said of it.

    Concentration (material, stage, year) and weights (material, stage, year, country) are three each, 1: producers
    without a score as the others' mean, as the best governed, as the worst; one without a score anywhere stays nan.
    """
    output, rest, remarks, details = world_output(case)
    weight = np.clip((2.5 - governance(case, dimension)) / 5.0, 0.0, 1.0)
    raw = np.broadcast_to(weight.T, output.shape)
    mean, lacking = fill_weights(output, raw)
    filled = [mean, *(np.where(np.isnan(mean), np.nan, np.where(np.isnan(raw), end, raw)) for end in (0.0, 1.0))]
    values = [hhi(output, rest, np.where(output > 0, one, 0.0)) for one in filled]
    said = MethodOutput({}, {**remarks, UNSCORED: lacking > 0}, {**details, UNSCORED: lacking})
    return values, filled, said


def weight_bounds(output: Floats, rest: Floats, weights: Floats, where: np.ndarray) -> tuple[Floats, Floats]:
    """Return the least and the greatest weighted index that missing weights of 0..1 allow, nan elsewhere.

    output (..., C) t, rest (...) t, weights (..., C) 1, nan = missing, where (...) bool      returns two (...) 1
    """
    filled = (np.where((output > 0), np.where(np.isnan(weights), end, weights), 0.0) for end in (0.0, 1.0))
    low, high = (np.where(where, hhi(output, rest, weight), np.nan) for weight in filled)
    return low, high
