"""Yale's supply risk of 2012: geology and technology, and geopolitics; the social component cannot be computed."""

from __future__ import annotations

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.registry import Defaults, MethodOutput, Variable, method
from khanij.kernels.indicators import screening
from khanij.kernels.indicators.concentration import fill_weights, hhi, ratio
from khanij.methods import markets
from khanij.methods.concentration import UNSCORED, governance, world_output
from khanij.methods.markets import CELL

ONE_OF_TWO = "geological component rests on one of its two indicators"
NO_GEOLOGY = "no depletion time and no companion share: geopolitical component alone"
BEST = 2.5  # end of the scale of governance scores, as its publisher states it
NOTES = (
    "social and regulatory component (policy potential, human development) left out: its indices are not open; the "
    "range is what the score would be were that component 0 or 100",
    "transforms to 0..100 as remembered from the paper: confidence low",
    "depletion time is static (reserves over output of the year), not the paper's, which counts recycling and losses",
)


def stability(output: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """Return the output-weighted mean score of the producers, and the share of output without a score.

    output (..., C) t, nan = not known      scores (..., C) score      returns two (...)
    """
    filled, lacking = fill_weights(output, scores)
    seen = np.where(np.isnan(output), 0.0, output)
    mean = ratio((seen * np.where(seen > 0, filled, 0.0)).sum(axis=-1), seen.sum(axis=-1))
    return mean, lacking


@method(
    "yale-supply-risk",
    kind="indicator",
    needs=("production", "world_production", "governance"),
    optional=("world_reserves", "companion_share"),
    variables=(
        Variable("supply_risk", "1", CELL, (0.0, 100.0), "mean of the components that can be computed, 100 = worst"),
        Variable("geological", "1", CELL, (0.0, 100.0), "mean of depletion time and companion share"),
        Variable("geopolitical", "1", CELL, (0.0, 100.0), "mean of stability and concentration"),
        Variable("depletion", "1", markets.MARKET, (0.0, 100.0), "depletion time, transformed"),
        Variable("companion", "1", CELL[:2], (0.0, 100.0), "companion share, percent"),
        Variable("instability", "1", CELL, (0.0, 100.0), "producers' political stability, transformed"),
        Variable("concentration", "1", CELL, (0.0, 100.0), "concentration of world output, transformed"),
    ),
    reference=f"{screening.YALE}; transforms from memory (confidence low)",
    defaults=Defaults(compare=7),
)
def yale_supply_risk(case: Case) -> MethodOutput:
    """Supply risk after Graedel et al. 2012 (Yale), medium term, of the components that open data allow.

    SR = mean(GTE, SRR, GP);  GTE = mean(DT, CF),  GP = mean(PV, GSC),  SRR = mean(policy potential, HDI): left out

    DT = 100 - 0.2·t - 0.008·t², 0 from t = 100 yr, t = world reserves / mined output; CF companion share in percent;
    PV = 20·(2.5 - Σ s_c·x_c), x_c political stability (score), s_c share of world output;
    GSC = 17.5·ln(H) - 61.18, H = 10,000·Σ s_c², cut to 0..100. A missing indicator leaves the other of its pair.
    Returns supply_risk with the range that an unknown component and producers without x_c allow, geological,
    geopolitical, instability, concentration (material, stage, year), depletion (material, year), companion
    (material, stage) 1, in 0..100.
    Golden: tests/golden/yale-supply-risk.toml (anchors of the transforms; no score of the paper is open).
    """
    output, rest, remarks, details = world_output(case)
    scores = np.broadcast_to(governance(case, "pv").T, output.shape)
    mean, lacking = stability(output, scores)
    concentrated = screening.concentration_score(hhi(output, rest))
    means = (mean, *(stability(output, np.where(np.isnan(scores), end, scores))[0] for end in (BEST, -BEST)))
    shaky = [np.where(np.isnan(mean), np.nan, screening.governance_score(one)) for one in means]
    politics = [screening.mean_known(np.stack([one, concentrated]) / 100.0, least=2)[0] * 100.0 for one in shaky]
    geopolitical = politics[0]
    depleted = np.full((output.shape[0], output.shape[2]), np.nan)
    if "world_reserves" in case.cubes:
        reserves, _, mined = markets.reserves_and_output(case)
        depleted = screening.depletion_score(screening.depletion_time(reserves[:, None], mined))
    companion = np.full(output.shape[:2], np.nan)
    if "companion_share" in case.cubes:
        companion = 100.0 * case.array("companion_share", "material", "stage")
    pair = np.stack(
        [np.broadcast_to(part, geopolitical.shape) for part in (depleted[:, None, :], companion[:, :, None])]
    )
    geological = np.where(np.isnan(geopolitical), np.nan, screening.mean_known(pair / 100.0)[0] * 100.0)
    nothing = np.full(geological.shape, np.nan)
    score, low, high = (
        np.where(np.isnan(one), np.nan, 100.0 * screening.mean_known(np.stack([geological, nothing, one]) / 100.0)[k])
        for k, one in enumerate(politics)
    )
    here = ~np.isnan(geopolitical)
    remarks = {
        **{text: here & mask for text, mask in remarks.items()},
        UNSCORED: here & (lacking > 0),
        ONE_OF_TWO: here & (np.isnan(pair).sum(axis=0) == 1),
        NO_GEOLOGY: here & np.isnan(pair).all(axis=0),
    }
    values = {"supply_risk": score, "geological": geological, "geopolitical": geopolitical, "depletion": depleted}
    values |= {"companion": companion, "instability": shaky[0], "concentration": concentrated}
    bounds = (
        {"supply_risk": end, "geopolitical": politics[k], "instability": shaky[k]} for k, end in ((1, low), (2, high))
    )
    return MethodOutput(values, remarks, {**details, UNSCORED: lacking}, NOTES, *bounds)
