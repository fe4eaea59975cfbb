"""Derived demand: how much less of a good is used as its price rises, from those who use it.

Source of the rule: Marshall's and Hicks' laws of derived demand (Hicks 1932, The theory of wages, appendix): without a
substitute only the product's own demand answers, by the good's share of its cost.
"""

from __future__ import annotations

import numpy as np

from khanij.kernels.markets.monthly_loss import Floats, PairGroups, Positions, check_range


def demand_elasticity(
    good: Positions,
    share: Floats,
    exposed: Floats,
    own: Floats,
    replaceable: Floats,
    cost: Floats,
    product: Floats,
    goods: int,
    thrift: Floats | float = 0.0,
) -> Floats:
    """Return the elasticity of demand of each good (..., G), from those who use it, so that both tell one story.

    epsilon[m] = sum_j w[m, j] * ((1 - e) * psi + e * (theta * psi + (1 - theta) * (a * eta + tau)))

    good     (P,) good of each pair             share        w (..., P) part of the good's use, 1 in all of a good
    exposed  e (..., P), 0..1                   own          psi (..., P) of users who can do without, >= 0
    cost     a (..., P) share of cost, 0..1     replaceable  theta (..., P) part of exposed use that has a substitute
    product  eta (..., P) of demand for the product, >= 0; leading axes are horizons, broadcast
    thrift   tau (..., P) of users who cannot do without: less scrap, thinner coats, poorer grades, >= 0
    nan where a user that has a share is unknown, and for a good without users: nothing is filled in.
    Raises ValueError on values outside their range.
    """
    for name, array, high in (("exposed", exposed, 1.0), ("replaceable", replaceable, 1.0), ("cost", cost, 1.0)):
        check_range(name, array[~np.isnan(array)], 0.0, high)
    for name, array in (("own", own), ("product", product), ("share", share), ("thrift", np.asarray(thrift))):
        check_range(name, array[~np.isnan(array)], 0.0, np.finfo(np.float64).max)
    answer = (1.0 - exposed) * own + exposed * (replaceable * own + (1.0 - replaceable) * (cost * product + thrift))
    part = np.where(share == 0, 0.0, share * answer)
    order = np.argsort(good, kind="stable")
    groups = PairGroups.of(good[order], goods)
    total, whole = (
        groups.total(np.broadcast_to(array, part.shape)[..., order].reshape(-1, len(good))) for array in (part, share)
    )
    if not ((np.abs(whole - 1.0) <= 1e-9) | (whole == 0) | np.isnan(whole)).all():
        raise ValueError("share must add up to 1 over the users of a good")
    return np.where(whole > 0, total, np.nan).reshape(*part.shape[:-1], goods)
