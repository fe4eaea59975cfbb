"""The early-warning screening of USGS: supply risk, production growth and market dynamics in one score."""

from __future__ import annotations

import numpy as np

from khanij.core.case import Case
from khanij.core.registry import Defaults, MethodOutput, Variable, method
from khanij.kernels.indicators.screening import geometric_mean, growth_share, largest_is_one, saturate
from khanij.methods import markets
from khanij.methods.concentration import DIMENSIONS, weighted
from khanij.methods.markets import CELL, WINDOW

NOTES = (
    "the paper's own scaling was not read: R is the governance-weighted concentration as it stands, in 0..1",
    "scaling 'bounded': G = r/(1+r) with r the ratio of output at the end of the window to its start, M = v/(1+v)",
    "scaling 'largest': R, G and M are each divided by the largest of the materials of the case, same stage and year",
)


@method(
    "early-warning",
    kind="indicator",
    needs=("production", "governance"),
    optional=("world_production", "production_series", "price_monthly", "price_series", "price"),
    variables=(
        Variable("criticality", "1", CELL, (0.0, 1.0), "criticality potential C"),
        Variable("supply_risk", "1", CELL, (0.0, 1.0), "R, governance-weighted concentration of output"),
        Variable("growth", "1", CELL, (0.0, 1.0), "G, growth of world output; 0.5 = unchanged if bounded"),
        Variable("market", "1", CELL, (0.0, 1.0), "M, price volatility"),
    ),
    reference="McCullough and Nassar 2017, Mineral Economics 30, doi 10.1007/s13563-017-0119-6",
    choices={"scaling": ("bounded", "largest"), "dimension": DIMENSIONS},
    defaults=Defaults(compare=6),
)
def early_warning(case: Case, window: int = WINDOW, dimension: str = "mean", scaling: str = "bounded") -> MethodOutput:
    """Early-warning criticality potential: supply risk, production growth and market dynamics.

    C = (R·G·M)^(1/3);  R = Σ_c s_c²·(2.5 - x_c)/5,  G = r/(1 + r) with r = exp(g·(n - 1)),  M = v/(1 + v)

    s_c share of world output, x_c governance (score), g slope of ln output (1/yr), v yearly price volatility, both over
    the window of n years that ends with the year. The scaling is ours (see notes): "bounded" does not depend on which
    materials are asked; "largest" divides R, r and v each by the largest of the case's materials of a stage and year.
    window     n, years, the year itself included
    dimension  x: mean of the governance dimensions, or one of them
    scaling    of R, G and M: "bounded" or "largest"
    Returns criticality, supply_risk R, growth G, market M (material, stage, year) 1, in 0..1; criticality is nan where
    one of the three is. The range of C and R is what the best and the worst governance of producers without x give.
    Golden: tests/golden/early-warning.toml (worked by hand; no score of the paper is open).
    """
    (risk, *ends), _, spoken = weighted(case, dimension)
    rate, said = markets.growth(case, int(window))
    swing, yearly = markets.volatility(case, int(window))
    swing = np.broadcast_to(swing[:, None, :], risk.shape)
    if scaling == "largest":
        ratio = np.exp(rate * (int(window) - 1))
        top = np.max(np.nan_to_num(risk), axis=0, keepdims=True)
        ends = [np.minimum(np.divide(end, top, out=np.full(end.shape, np.nan), where=top > 0), 1.0) for end in ends]
        parts = [largest_is_one(part) for part in (risk, ratio, swing)]
    else:
        parts = [risk, growth_share(rate, int(window) - 1), saturate(swing)]
    here = ~np.isnan(risk)
    remarks = {
        **{text: mask & here for text, mask in spoken.remarks.items()},
        **said.remarks,
        markets.ANNUAL: here & yearly[:, None, :],
        markets.NO_PRICE: here & np.isnan(swing),
    }
    names = ("supply_risk", "growth", "market")
    values = {name: np.where(here, part, np.nan) for name, part in zip(names, parts, strict=True)}
    more = {**spoken.details, **said.details}
    bounds = ({"criticality": geometric_mean(end, *parts[1:]), "supply_risk": end} for end in ends)
    return MethodOutput({"criticality": geometric_mean(*parts), **values}, remarks, more, NOTES, *bounds)
