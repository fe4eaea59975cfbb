"""Concentration of a focus's imports, each supplier weighted by how weak its governance is."""

from __future__ import annotations

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.registry import Defaults, MethodOutput, Variable, method
from khanij.kernels.indicators.suppliers import add, weighted_squares
from khanij.methods.concentration import DIMENSIONS, governance
from khanij.methods.trade import flows
from khanij.methods.trade.flows import CELL
from khanij.methods.trade.suppliers import BY, NEEDS, OPTIONAL, imports

UNSCORED = "share of imports from suppliers without a governance score"


def completed(group: np.ndarray, amount: Floats, weight: Floats, size: int) -> tuple[Floats, Floats]:
    """Return weights whose gaps hold the mean of the group's others by amount, and each group's share without one.

    group, amount (t or thousand USD), weight (1, nan = none)  (K,)      size = number of groups
    returns (K,) 1, nan where a group has no weight at all; (size,) 1, nan for a group without imports
    """
    gap = np.isnan(weight)
    seen = np.where(gap, 0.0, amount)
    known, whole = add(group, seen, size), add(group, amount, size)
    summed = add(group, seen * np.where(gap, 0.0, weight), size)
    mean = np.divide(summed, known, out=np.full(size, np.nan), where=known > 0)
    lacking = np.divide(whole - known, whole, out=np.full(size, np.nan), where=whole > 0)
    return np.where(gap, mean[group], weight), lacking


@method(
    "import-hhi-wgi",
    kind="indicator",
    needs=(*NEEDS, "governance"),
    optional=OPTIONAL,
    variables=(
        Variable("hhi_wgi", "1", CELL, (0.0, 1.0), "concentration of imports weighted by weak governance of suppliers"),
        Variable("unscored_share", "1", CELL, (0.0, 1.0), "share of imports from suppliers without a governance score"),
    ),
    reference="Graedel et al. 2012, doi 10.1021/es203534z; World Bank, Worldwide Governance Indicators 2024",
    choices={**BY, "dimension": DIMENSIONS},
    defaults=Defaults(index=True, settings={"by": "value"}),
)
def import_hhi_wgi(
    case: Case, by: str = "value", dimension: str = "mean", missing: str | float = "mean"
) -> MethodOutput:
    """Concentration of a focus's imports by partner, each partner weighted by how weak its governance is.

    H = Σ_i s_i²·g_i, s_i = q_i / Σ q, g_i = (2.5 - x_i) / 5 clipped to 0..1, q_i = imports from partner i

    by         "value" = thousand USD, shared codes included; "mass" = contained tonnes, codes of this material alone
    dimension  x: mean of the governance dimensions that a partner has, or one of va pv ge rq rl cc (score)
    missing    weight of a partner without a score: "mean" = the others' mean by imports, or a number in 0..1; the
               range takes it at 0 and at 1
    Trade inside a group is left out. No imports recorded is nan with a remark, never 0.
    Returns hhi_wgi (material, stage, focus, year) 1, in 0..1, and unscored_share 1; nan without imports or scores.
    Oracle: brute-force sum and identity with import-hhi in tests/methods/test_import_governance.py.
    """
    links, _, said = imports(case, by)
    size, sizes = flows.cells(case), flows.shape(case)
    weak = np.clip((2.5 - governance(case, dimension)) / 5.0, 0.0, 1.0)[links.partner, links.year]
    filled, lacking = completed(links.group, links.amount, weak, size)
    gap = np.isnan(weak)
    best = filled if missing == "mean" else np.where(gap, float(missing), weak)
    ends = [np.where(np.isnan(filled), np.nan, np.where(gap, end, weak)) for end in (0.0, 1.0)]
    value, low, high = (
        weighted_squares(links.group, links.amount, weights, size).reshape(sizes) for weights in (best, *ends)
    )
    share = lacking.reshape(sizes)
    remarks = {**said.remarks, UNSCORED: share > 0}
    return MethodOutput(
        {"hhi_wgi": value, "unscored_share": share},
        remarks,
        {**said.details, UNSCORED: share},
        said.notes,
        {"hhi_wgi": np.fmin(low, value)},
        {"hhi_wgi": np.fmax(high, value)},
    )
