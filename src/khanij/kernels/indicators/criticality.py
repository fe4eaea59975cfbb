"""The European Commission's criticality equations: supply risk and economic importance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from khanij.kernels.indicators.concentration import fill_weights, hhi

Floats = NDArray[np.float64]


def scaled_governance(estimate: Floats) -> Floats:
    """Return governance on the Commission's scale: g = (2.5 - x) · 2, 0 = best, 10 = worst.

    estimate (...) score, mean of the six indicators, nan = none      returns (...) 1
    Reference: Blengini et al. 2017, doi 10.2760/73303.
    """
    return (2.5 - estimate) * 2.0


def supply_concentration(
    share: Floats, governance: Floats, trade: Floats, missing: float | None = None
) -> tuple[Floats, Floats]:
    """Return the governance- and trade-weighted concentration Σ s²·g·t, and the share without a governance value.

    share (..., C) 1, nan = none      governance (C,) 0..10, nan = `missing`, or the share-weighted mean of the others
    trade (..., C) trade parameter t, nan = 1
    returns (...) 1, nan where no share is known; share lacking (...) 1
    Reference: Blengini et al. 2017, doi 10.2760/73303, equation of HHI(WGI,t).
    """
    weights, lacking = fill_weights(share, np.broadcast_to(governance, share.shape), missing)
    factor = weights * np.where(np.isnan(trade), 1.0, trade)
    whole = np.where(np.isnan(share), 0.0, share).sum(axis=-1)
    scale = np.where(whole > 0, whole, np.nan)  # hhi() divides by the sum of shares; published shares stand as they are
    return hhi(share, weights=factor) * scale * scale, lacking


def supply_risk(world: Floats, sourcing: Floats, reliance: Floats, recycling: Floats, substitution: Floats) -> Floats:
    """Return the supply risk of a stage: SR = [C_world·IR/2 + C_EU·(1 - IR/2)] · (1 - RIR) · SI.

    world, sourcing  (...) concentration of world supply and of the EU's sourcing; if one is nan the other stands alone
    reliance IR, recycling RIR, substitution SI  (...) 1; a negative reliance counts as 0
    returns (...) 1, 0..10 and above with trade restrictions; nan where both concentrations are
    Reference: Blengini et al. 2017, doi 10.2760/73303.
    """
    half = np.clip(reliance, 0.0, 1.0) / 2.0
    mixed = world * half + sourcing * (1.0 - half)
    base = np.where(np.isnan(world), sourcing, np.where(np.isnan(sourcing), world, mixed))
    return base * (1.0 - recycling) * substitution


def economic_importance(use: Floats, value_added: Floats, substitution: Floats) -> Floats:
    """Return the economic importance: EI = SI · Σ A_s·Q_s with Q_s = 10 · VA_s / max VA.

    use A (..., K) share of a material's use by sector, 1, nan = none
    value_added VA (K,) one currency, nan = none: a use in such a sector adds nothing
    substitution SI (...) 1
    returns (...) 0..10; nan where no use in a sector with value added is known
    Reference: Blengini et al. 2017, doi 10.2760/73303.
    """
    known = ~np.isnan(use)
    top = np.fmax.reduce(value_added, initial=0.0)
    scaled = 10.0 * value_added / top if top > 0 else np.full_like(value_added, np.nan)
    shares = np.where(known, use, 0.0)
    weighted = (shares * np.where(np.isnan(scaled), 0.0, scaled)).sum(axis=-1)
    return np.where((known & ~np.isnan(scaled)).any(axis=-1), weighted * substitution, np.nan)


def over_both(risk: Floats, importance: Floats, least_risk: float, least_importance: float) -> Floats:
    """Return 1 where both scores, rounded to one decimal, reach their thresholds, else 0.

    risk, importance (...) 1, nan = none      least_risk, least_importance  1, the thresholds
    returns (...) 1, nan where a score is missing and the other is not below its threshold
    Reference: European Commission 2023, doi 10.2873/725585.
    """
    ends = ((risk, least_risk), (importance, least_importance))
    reached = [np.floor(score * 10.0 + 0.5 + 1e-9) / 10.0 >= least - 1e-9 for score, least in ends]
    missing = np.isnan(risk) | np.isnan(importance)
    below = (~reached[0] & ~np.isnan(risk)) | (~reached[1] & ~np.isnan(importance))
    return np.where(below, 0.0, np.where(missing, np.nan, 1.0))


def group_mean(values: Floats, member: NDArray[np.bool_]) -> Floats:
    """Return the arithmetic mean of each group's members with a value.

    values (..., M)      member (G, M) true = belongs      returns (..., G), nan where no member has a value
    """
    each = values[..., None, :]
    known = member & ~np.isnan(each)
    count = known.sum(axis=-1)
    summed = np.where(known, each, 0.0).sum(axis=-1)
    return np.where(count > 0, summed / np.maximum(count, 1), np.nan)
