"""What a shortage of materials costs an economy: value added at risk in five channels, each apart.

Users without the material cut output; users pay more for what is left; own producers make more; own producers receive
the higher price; and the cut spreads to the customers and suppliers of those that cut. Equations:
kernels/markets/inputoutput.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from khanij.core.cube import Floats
from khanij.core.range import Range
from khanij.kernels.markets import inputoutput
from khanij.reference.assumptions import assumed, assumed_range
from khanij.simulate.loss.industries import Economy, Uses

NO_USES = "no shares of use by sector: no output at risk is computed, only what users pay more"
NO_TABLE = "no input-output table: no output at risk is computed, only what is paid and received more"
NO_SPENDING = "no price: neither spending nor losses are known"
PART_USES = "part of use stands in no sector: no output at risk of that part"


@dataclass(frozen=True, slots=True)
class LossChannels:
    """What a disruption costs, in USD of a year; losses and gains are both positive in their own channel.

    An economy without industries (n = 0) has no first or second order: these are nan, not 0.
    cut         (B, n) value added lost at users of the short materials: first order
    downstream  (B, n) value added lost because home-made inputs are short
    upstream    (B, n) value added lost because customers buy less
    paid_more   (B, M) what users pay above base for what they still buy (below 0 where the price falls)
    expanded    (B, M) value added of what own producers make above base (below 0 where they make less)
    received    (B, M) what own producers receive above base for what they sell: a transfer from buyers
    alone       (B, M) first-order loss if the material alone were short; with others short, cut is not their sum
    left        (B, n) part of base output that industries still make after all orders
    converged   (B,) the second order reached its fixed point
    missing     reason by place of the material for what is not computed; its figures are nan
    capped      places of (material, industry) whose cost share was cut to all that the industry buys
    """

    cut: Floats
    downstream: Floats
    upstream: Floats
    paid_more: Floats
    expanded: Floats
    received: Floats
    alone: Floats
    left: Floats
    converged: np.ndarray
    missing: Mapping[int, tuple[str, ...]]
    capped: tuple[tuple[int, int], ...]

    @property
    def first_order(self) -> Floats:
        """Return (B,) the value added that users lose; nan without a table."""
        return _whole(self.cut)

    @property
    def second_order(self) -> Floats:
        """Return (B,) the value added that their customers and suppliers lose; nan without a table."""
        return _whole(self.downstream + self.upstream)

    def channels(self) -> dict[str, Floats]:
        """Return channel -> (B,) effect on gross domestic product, losses below 0.

        Of a channel known in part, what is not known is left out; one of which nothing is known is nan.
        """
        return {
            "users cut output": -self.first_order,
            "users pay more": -_counted(self.paid_more),
            "domestic producers expand": self.expanded.sum(axis=1),
            "domestic producers receive a higher price": _counted(self.received),
            "customers cut output": -_whole(self.downstream),
            "suppliers lose sales": -_whole(self.upstream),
        }

    @property
    def net(self) -> Floats:
        """Return (B,) the sum of the channels: the change of gross domestic product, below 0 for a loss.

        Channels of which nothing is known are left out: it is then a part of the change, above or below the whole.
        """
        known = [effect for effect in self.channels().values() if not np.isnan(effect).all()]
        return np.asarray(sum(known)) if known else np.full(len(self.left), np.nan)


def _whole(by_industry: Floats) -> Floats:
    """Return (B,) the sum over industries (B, n); nan where there are none."""
    if not by_industry.shape[1]:
        return np.full(len(by_industry), np.nan)
    return np.asarray(by_industry.sum(axis=1))


def _counted(by_material: Floats) -> Floats:
    """Return (B,) the sum over materials (B, M) of what is known; nan where nothing is."""
    return np.asarray(np.where(np.isnan(by_material).all(axis=1), np.nan, np.nansum(by_material, axis=1)))


def value_added_at_risk(
    economy: Economy,
    uses: Uses,
    spending: Floats,
    left: Floats,
    paid: Floats,
    *,
    psi: ArrayLike | None = None,
    between: ArrayLike | None = None,
    exposed: Floats | None = None,
    sales: Floats | None = None,
    output: ArrayLike = 1.0,
    received: ArrayLike = 1.0,
    margin: ArrayLike = 0.0,
) -> LossChannels:
    """Return what shortages of M materials in B scenarios cost the economy of a focus, channel by channel.

    economy   industries of the focus, of the year in question
    uses      (M, n) part of each material's use by industry, and what is not known of it
    spending  (M,) USD a year that the focus spends on the material at base prices; nan = not known
    left      (B, M) use as a part of base use, >= 0 (from a market response); more than 1 adds nothing
    paid      (B, M) price that users pay as a multiple of the base price, > 0
    psi       () or (B,) short-run elasticity of substitution of the material at its users, 0..1; None = assumption psi
    between   the same of industries' products at their buyers, for the second order; None = psi. Without any
              substitution (0) every buyer of a trace stops in proportion: that bounds nothing that is useful
    exposed   (M, n) part of a user's output that needs the material at all, 0..1; None = dependent_share() at best. A
              whole industry (1) has a small cost share but all its output at risk: an upper bound
    sales     (M,) USD a year of own producers at base prices; None = none
    output    (B, M) their output as a multiple of base    received  (B, M) their price as a multiple of base
    margin    (M,) value added in a dollar of their sales, 0..1: see Economy.margin; nan = not known
    First order: value added of industry j times 1 - x[j]/x0[j], with x[j]/x0[j] the function of constant elasticity of
    all short materials, cost share a = spending * uses / output of j: computed, and decisive.
    Second order: inputoutput.spread. Months: annual figures of a stop of less than a year
    come in through `left`, not by scaling. Raises ValueError on shapes or values that cannot be.
    Reference: channels of USGS Open-File Report 2025-1047, doi 10.3133/ofr20251047 (its code is closed; the equations
    are ours). Tests: tests/simulate/test_economy.py.
    """
    left, paid = _by_scenario(economy, uses, spending, left, paid)
    elasticity = _elasticity(assumed("psi") if psi is None else psi, left)
    cost, capped = _cost(economy, uses, spending)
    part = np.maximum(dependent_share(economy, uses, spending) if exposed is None else exposed, cost)
    first = inputoutput.together(cost, left, elasticity, part)
    passing = elasticity if between is None else _elasticity(between, left)
    end = inputoutput.spread(economy.output, economy.domestic, economy.total, first, passing)
    added = np.maximum(economy.value_added, 0.0)
    single = inputoutput.shortage(cost, left[..., None], elasticity[:, None, None], part)
    expanded, gained = _producers(left.shape, sales, output, received, margin)
    return LossChannels(
        cut=(1.0 - end.first) * added,
        downstream=np.maximum(end.first - end.downstream, 0.0) * added,
        upstream=np.maximum(end.downstream - end.final, 0.0) * added,
        paid_more=_paid_more(spending, left, paid),
        expanded=expanded,
        received=gained,
        alone=np.where(_usable(uses, spending), ((1.0 - single) * added).sum(axis=-1), np.nan),
        left=end.final,
        converged=end.converged,
        missing=_missing(economy, uses, spending),
        capped=capped,
    )


def _by_scenario(economy: Economy, uses: Uses, spending: Floats, left: Floats, paid: Floats) -> tuple[Floats, Floats]:
    """Return use left and prices paid, both (B, M); raises ValueError on shapes or values that cannot be."""
    count = len(spending)
    left, paid = np.atleast_2d(left).astype(np.float64), np.atleast_2d(paid).astype(np.float64)
    if left.shape[1] != count or paid.shape != left.shape or uses.share.shape != (count, len(economy.output)):
        raise ValueError(f"{count} materials, but left {left.shape}, paid {paid.shape}, uses {uses.share.shape}")
    if not ((paid > 0).all() and (left >= 0).all() and np.isfinite(left).all()):
        raise ValueError("left must be finite and not negative, paid above 0")
    return left, paid


def _elasticity(value: ArrayLike, left: Floats) -> Floats:
    """Return one elasticity of substitution a scenario (B,)."""
    return np.broadcast_to(np.asarray(value, dtype=np.float64), left.shape[:1])


def _paid_more(spending: Floats, left: Floats, paid: Floats) -> Floats:
    """Return (B, M) what users pay above base for what they still buy."""
    with np.errstate(invalid="ignore"):
        bought = np.where(left > 0, left * (paid - 1.0), 0.0)  # nobody pays the price of what is not to be had
    return np.asarray(spending * bought)


def _producers(
    shape: tuple[int, ...], sales: Floats | None, output: ArrayLike, received: ArrayLike, margin: ArrayLike
) -> tuple[Floats, Floats]:
    """Return (B, M) the value added of what own producers make above base, and what they receive above base."""
    sold = np.zeros(shape[1]) if sales is None else np.asarray(sales, dtype=np.float64)
    made = np.broadcast_to(np.asarray(output, dtype=np.float64), shape)
    price = np.broadcast_to(np.asarray(received, dtype=np.float64), shape)
    expanded = np.where(sold == 0, 0.0, sold * (made - 1.0) * np.asarray(margin, dtype=np.float64))
    return expanded, sold * made * (price - 1.0)


def _usable(uses: Uses, spending: Floats) -> np.ndarray:
    """Return (M,) whether a first-order loss can be computed."""
    return np.isfinite(spending) & (uses.share.sum(axis=1) > 0)


def dependent_share(
    economy: Economy, uses: Uses, spending: Floats, which: int = 1, usual: Range | None = None
) -> Floats:
    """Return (M, n) the part of each industry's output that needs each material, 0..1.

    Where no source says which part of an industry needs the material, that part is taken as what the industry spends on
    it over what a user who cannot do without it spends on it, both as shares of output, at most all of it.

    which  0 low, 1 best, 2 high: as sourced in `uses`, else by its cost share there, else by the usual one
    usual  cost share of a material in what cannot be made without it; None = assumption dependent_cost
    """
    costs = tuple(usual or assumed_range("dependent_cost"))[::-1]  # the least cost share makes the most output need it
    cost, _ = _cost(economy, uses, spending)
    known = uses.exposed[which]
    per = np.full(len(spending), np.nan) if uses.cost is None else uses.cost[which]
    per = np.where(np.isnan(per), costs[which], per)[:, None]
    return np.maximum(np.where(np.isnan(known), np.minimum(cost / per, 1.0), known), cost)


def _cost(economy: Economy, uses: Uses, spending: Floats) -> tuple[Floats, tuple[tuple[int, int], ...]]:
    """Return the share of each material in the cost of each industry (M, n), and which were cut."""
    amount = np.where(np.isfinite(spending), spending, 0.0)[:, None] * uses.share
    per = np.divide(1.0, economy.output, out=np.zeros_like(economy.output), where=economy.output > 0)
    share = amount * per
    most = np.minimum(economy.total.sum(axis=0) * per, 1.0)
    over = share > most
    return np.minimum(share, most), tuple((int(m), int(j)) for m, j in np.argwhere(over))


def _missing(economy: Economy, uses: Uses, spending: Floats) -> dict[int, tuple[str, ...]]:
    """Return what is not known of each material, by its place."""
    found: dict[int, tuple[str, ...]] = {}
    for m, known in enumerate(uses.share.sum(axis=1)):
        reasons = [] if np.isfinite(spending[m]) else [NO_SPENDING]
        if not economy.known:
            reasons.append(NO_TABLE)
        elif known <= 0:
            reasons.append(NO_USES)
        elif known < 1.0 - 1e-9:
            reasons.append(f"{PART_USES} ({1.0 - known:.0%})")
        if reasons:
            found[m] = tuple(reasons)
    return found


def summary(losses: LossChannels, economy: Economy, most: int = 5) -> list[tuple[str, str, Sequence[float]]]:
    """Return (code, name, (B,) value added lost in USD) of the industries that lose most in the first scenario."""
    lost = losses.cut + losses.downstream + losses.upstream
    order = np.argsort(-lost[0], kind="stable")[:most]
    return [(economy.codes[j], economy.names[j], lost[:, j].tolist()) for j in order if lost[0, j] > 0]
