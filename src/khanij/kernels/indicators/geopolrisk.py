"""The GeoPolRisk score and its life-cycle factor, from sums over a focus's suppliers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from khanij.kernels.indicators.suppliers import add

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

COPPER = 0.409412948  # USD/kg: mean factor of copper, OECD countries 2017-2021, as the method's authors set it


def instability(stability: Floats) -> Floats:
    """Return political instability on 0..1 from a governance estimate: g = clip((2.5 - x) / 5, 0, 1).

    stability (...) score, -2.5..2.5, nan = no estimate      returns (...) 1, 1 = worst, nan stays nan
    Reference: Koyamparambath et al. 2024, Resources, Conservation and Recycling 209, 107801.
    """
    return np.clip((2.5 - stability) / 5.0, 0.0, 1.0)


def truncated_hhi(counts: Floats, axis: int = -1) -> Floats:
    """Return the concentration of output counted in whole published units: H = Σ ⌊x⌋² / (Σ ⌊x⌋)².

    counts (..., C) published units, nan = none      axis  that of C      returns (...) 1; nan where nothing is produced
    """
    whole = np.where(np.isnan(counts), 0.0, np.trunc(counts))
    summed = whole.sum(axis=axis)
    some = summed > 0
    return np.where(some, np.square(whole).sum(axis=axis) / np.square(np.where(some, summed, 1.0)), np.nan)


def weighted_imports(
    group: Positions, tonnes: Floats, weight: Floats, size: int, missing: float | None
) -> tuple[Floats, Floats, Floats]:
    """Return imports weighted by their suppliers' instability, imports, and imports from suppliers without a weight.

    group (E,) focus cell of each entry, tonnes (E,) t, weight (E,) 1, nan = none      size = number of cells
    missing  the weight of a supplier without one; None = the mean of the cell's other suppliers, weighted by tonnes
    returns Σ w·q, Σ q, Σ q without weight, (size,) each; the first is nan where no supplier of the cell has a weight
    """
    gap = np.isnan(weight)
    imports = add(group, tonnes, size)
    unknown = add(group[gap], tonnes[gap], size)
    weighted = add(group, tonnes * np.where(gap, 0.0 if missing is None else missing, weight), size)
    if missing is None:
        known = imports - unknown
        some = known > 1e-12 * imports
        scaled = weighted * imports / np.where(some, known, 1.0)
        weighted = np.where(unknown > 0, np.where(some, scaled, np.nan), weighted)
    return weighted, imports, unknown


def import_risk(weighted: Floats, imports: Floats, production: Floats) -> Floats:
    """Return the instability that enters with imports: R = Σ w·q / (Σ q + P).

    weighted Σ w·q, imports Σ q, production P (own output)  (...) t
    returns (...) 1, in 0..1; 0 where nothing is supplied at all
    """
    supply = imports + production
    none = supply == 0
    return np.where(none, 0.0, weighted / np.where(none, 1.0, supply))


def score(hhi: Floats, risk: Floats) -> Floats:
    """Return the GeoPolRisk score: world concentration times import risk, S = H · R.

    hhi, risk (...) 1      returns (...) 1, in 0..1
    Reference: Koyamparambath et al. 2024, Resources, Conservation and Recycling 209, 107801; doi 10.21105/joss.09600.
    """
    return hhi * risk


def characterisation_factor(score: Floats, price: Floats) -> Floats:
    """Return the life-cycle factor relative to copper: CF = S · price / 0.409412948.

    score (...) 1      price (...) USD/kg      returns (...) kg copper-equivalent per kg
    Reference: Koyamparambath et al. 2024, Resources, Conservation and Recycling 209, 107801; doi 10.21105/joss.09600.
    """
    return score * price / COPPER
