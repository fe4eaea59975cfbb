"""Cascade of a production shock through a trade network: reserves first, then use, then trade with neighbours.

Notation: E[i, j] exports of i to j, P output, R reserves within reach, S = P + imports - exports; any one unit of mass.
A country in deficit draws down reserves, cuts use, and passes the rest on by cutting its exports and asking its
suppliers for more, in proportion to the trade that can still react. Leading axes are scenarios, and each runs on its
own. After Marchand et al. 2016, Environmental Research Letters 11:095009.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
LEAST = 1e-5  # part of supply below which a deficit is not passed on
TOLERANCE = 1e-12  # part of the shock that may be left unplaced in a cascade that has converged


@dataclass(frozen=True, slots=True)
class Cascade:
    """Where a shock ended.

    reserves, use  (..., n) change of reserves and of use, <= 0 for a loss of output
    trade          (..., n, n) change of exports from row to column
    supply         (..., n) supply before the shock, S
    unplaced       (..., n) change of supply that no country has absorbed yet; 0 where the cascade converged
    converged      (...) whether every tonne of the shock was absorbed within the rounds allowed
    rounds         (...) rounds run
    """

    reserves: Floats
    use: Floats
    trade: Floats
    supply: Floats
    unplaced: Floats
    converged: Flags
    rounds: NDArray[np.intp]

    @property
    def imports(self) -> Floats:
        """Return the change of imports, (..., n)."""
        return np.asarray(self.trade.sum(axis=-2))

    @property
    def exports(self) -> Floats:
        """Return the change of exports, (..., n)."""
        return np.asarray(self.trade.sum(axis=-1))


def cascade(
    trade: Floats,
    production: Floats,
    reserves: Floats,
    shock: Floats,
    *,
    saved: float = 0.0,
    least: float = LEAST,
    symmetric: bool = False,
    rounds: int = 50,
) -> Cascade:
    """Return how a change of output spreads over reserves, use and trade.

    trade       (..., n, n) exports from row to column, >= 0; the diagonal is left out
    production  (..., n) >= 0
    reserves    (..., n) >= 0, what a country may draw on
    shock       (..., n) change of output, between -production and 0
    saved       part of a deficit beyond reserves that use gives up before trade is asked, 0..1
    least       a deficit below this part of supply is borne by use
    symmetric   True: a country that passes a deficit on stays open to its customers' requests, and the cascade need
                not converge; False: it raises exports no more
    Arguments are broadcast over their leading axes. Each round, with dS the change of supply to place:
      dR = max(dS, -R);  res = dS - dR;  dC = saved*res;  res = (1 - saved)*res
      V[i] = sum_j E[i,j] + sum_{j not shocked} E[j,i];  dT = 0 if |res| < least*S else max(res, -V);  dC += res - dT
      p = dT/V;  dE[i,j] = (p[i] - [i not shocked]*p[j])*E[i,j];  dS' = sum_i dE[i,:] - sum_j dE[:,j] + dT
    Always sum(dR) + sum(dC) + sum(unplaced) = sum(shock). Raises ValueError on values outside their range.
    """
    _check(trade, production, reserves, shock, saved)
    n = production.shape[-1]
    lead = np.broadcast_shapes(trade.shape[:-2], *(a.shape[:-1] for a in (production, reserves, shock)))
    count = int(np.prod(lead))
    links = np.broadcast_to(trade, (*lead, n, n)).reshape(count, n, n) * ~np.eye(n, dtype=bool)
    own, left, change = (
        np.broadcast_to(a, (*lead, n)).reshape(count, n).astype(np.float64) for a in (production, reserves, shock)
    )
    supply = own + links.sum(axis=1) - links.sum(axis=2)
    state = _CascadeState(links.copy(), left.copy(), supply.copy(), change, np.zeros((count, n), dtype=bool))
    used, taken, ran = np.zeros((count, n)), np.zeros(count, dtype=np.intp), np.arange(count)
    limit = TOLERANCE * np.abs(change).sum(axis=1)
    for number in range(1, rounds + 1):
        ran = ran[np.abs(state.change[ran]).max(axis=1, initial=0.0) > limit[ran]]
        if not len(ran):
            break
        used[ran] += _round(state, ran, saved, least, symmetric)
        taken[ran] = number
    done = np.abs(state.change).max(axis=1, initial=0.0) <= limit
    shaped = (*lead, n)
    return Cascade(
        reserves=(state.reserves - left).reshape(shaped),
        use=used.reshape(shaped),
        trade=(state.trade - links).reshape(*lead, n, n),
        supply=supply.reshape(shaped),
        unplaced=np.where(done[:, None], 0.0, state.change).reshape(shaped),
        converged=done.reshape(lead),
        rounds=taken.reshape(lead),
    )


@dataclass(slots=True)
class _CascadeState:
    """What changes from round to round, one row a scenario: E, R, S, dS, and who has passed a deficit on."""

    trade: Floats
    reserves: Floats
    supply: Floats
    change: Floats
    shocked: Flags


def _round(state: _CascadeState, ran: NDArray[np.intp], saved: float, least: float, symmetric: bool) -> Floats:
    """Run one round of the scenarios `ran` in place and return the change of use (len(ran), n)."""
    trade, supply, change = state.trade[ran], state.supply[ran], state.change[ran]
    drawn = np.maximum(change, -state.reserves[ran])
    rest = change - drawn
    if not symmetric:
        state.shocked[ran] |= rest < 0
    open_ = ~state.shocked[ran]
    used = saved * rest
    rest = rest - used
    volume = trade.sum(axis=2) + np.einsum("bji,bj->bi", trade, open_.astype(np.float64))
    passed = np.where(np.abs(rest) < least * supply, 0.0, np.maximum(rest, -volume))
    used = used + (rest - passed)
    part = np.divide(passed, volume, out=np.zeros_like(passed), where=volume > 0)
    moved = (part[:, :, None] - open_[:, :, None] * part[:, None, :]) * trade
    state.reserves[ran] += drawn
    state.trade[ran] = np.maximum(trade + moved, 0.0)  # a cut of everything may end at -1e-17
    state.supply[ran] = supply + drawn + used
    state.change[ran] = moved.sum(axis=1) - moved.sum(axis=2) + passed
    return np.asarray(used)


def _check(trade: Floats, production: Floats, reserves: Floats, shock: Floats, saved: float) -> None:
    """Raise ValueError where an argument lies outside its range or is not finite."""
    for name, array in (("trade", trade), ("production", production), ("reserves", reserves)):
        if not (np.isfinite(array).all() and (array >= 0).all()):
            raise ValueError(f"{name} must be finite and not negative")
    if not (np.isfinite(shock).all() and (shock <= 0).all() and (shock >= -production).all()):
        raise ValueError("shock must lie between -production and 0")
    if not 0 <= saved <= 1:
        raise ValueError("saved must lie between 0 and 1")
