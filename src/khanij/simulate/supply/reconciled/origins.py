"""Who made what a focus uses, on the reconciled base year: its flows traced back stage by stage, and their draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from khanij.core.cube import Floats
from khanij.simulate.supply.network import Network

INTERVAL = (0.1, 0.9)


@dataclass(frozen=True, slots=True)
class TracedShares:
    """Parts of what the focus uses of each stage that each country made (K, n): best, low and high.

    nan at stages that the focus does not use or that come before the one at which origin is counted
    """

    best: Floats
    low: Floats
    high: Floats


def origins(network: Network, counted: str) -> Floats:
    """Return the parts (K, n) of the focus's use of each stage that each country made at the stage `counted`.

    o[k] = M[k] S[k] w;  S[k] = F[k] / use by column;  M[k] = M[k-1] S[k-1] diag(c[k]), 1 at the stage counted

    w  the members' parts of the focus's use      c  the part of output that the recorded use before can have fed: the
    rest is of unknown origin, so that the parts of a stage may sum to less than one
    F is maker to user: a trader on the way is no origin. Raises ValueError for a stage that the network has not.
    """
    use = network.use
    share = np.divide(network.flow, use[:, None, :], out=np.zeros_like(network.flow), where=use[:, None, :] > 0)
    first, found = network.stages.index(counted), np.full(use.shape, np.nan)
    at = list(network.at)
    made = np.eye(use.shape[1])
    for k in range(first, len(use)):
        if k > first:
            made = made @ share[k - 1] * network.input_coverage[k]
        whole = use[k, at].sum()
        if whole > 0:
            found[k] = made @ share[k][:, at] @ (use[k, at] / whole)
    return found


def traced(network: Network, counted: str, draws: list[Network]) -> TracedShares:
    """Return the shares of origins() with 10 % and 90 % over draws of the flows, wider where the value lies outside.

    draws  the network on draws of its flows; one that links other stages or countries is left out, () = no range
    """
    best = origins(network, counted)
    alike = [one for one in draws if (one.stages, one.nodes) == (network.stages, network.nodes)]
    if not alike:
        return TracedShares(best, best, best)
    drawn = np.stack([origins(one, counted) for one in alike])
    told = np.isfinite(drawn).any(axis=0)  # of a stage that no draw uses there is no share
    low, high = np.nanquantile(np.where(told, drawn, 0.0), INTERVAL, axis=0)
    low, high = (np.where(told, end, np.nan) for end in (low, high))
    return TracedShares(best, np.fmin(low, best), np.fmax(high, best))
