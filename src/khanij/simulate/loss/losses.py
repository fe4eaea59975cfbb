"""What a scenario costs a focus in USD: its users' and makers' side of the market, through the five channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.kernels.markets import market as kernel
from khanij.reference.assumptions import assumed, assumed_range
from khanij.simulate.loss import channels as economics
from khanij.simulate.loss import industries
from khanij.simulate.loss.industries import Economy, Uses
from khanij.simulate.supply import responses
from khanij.simulate.supply.networks import Network, members

NOTHING = 1e-12  # a part whose logarithm can still be taken
LEAST = 1e-9  # an industry that uses none has no part to lose
PARTIAL = "only what users pay more: nobody publishes who uses it"
ENDS = 3  # low, best and high part of users' output that needs the material: channels.dependent_share


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a focus has at stake in one network, K stages; USD of the base year at values of trade.

    members   countries of the focus     spending  (K,) of users who are not the next stage
    feed      (K,) what its makers of the next stage spend on this one     sales  (K,) of its makers
    margin    (K,) value added in a dollar of sales     uses  one row a stage
    dependent_share  (ENDS, K, n) part of users' output that needs the material: low, best, high
    """

    members: tuple[str, ...]
    economy: Economy
    spending: Floats
    feed: Floats
    sales: Floats
    margin: Floats
    uses: Uses
    dependent_share: Floats

    def dependent_at(self, position: float) -> Floats:
        """Return the part of users' output that needs the material (K, n) at a position of its range, 0..1."""
        return between(self.dependent_share, position)


@dataclass(frozen=True, slots=True)
class LossParameters:
    """How losses answer a shortage.

    psi        () or (B,) short-run elasticity of substitution between a material and other inputs
    products   least elasticity of substitution between industries' products, for the second order: without any, one
               small input would stop the whole economy
    dependent  position in the range of the part of users' output that needs the material: 0 low, 0.5 best, 1 high
    """

    psi: ArrayLike
    products: float
    dependent: float

    @property
    def between(self) -> Floats:
        """Return the elasticity of substitution between industries' products, never below that of the material."""
        return np.maximum(self.psi, self.products)


def parameters(case: Case | None = None) -> LossParameters:
    """Return the parameters that a Case was asked with, else the usual ones."""
    return LossParameters(*(assumed(name, case) for name in ("psi", "product_substitution", "dependent_position")))


def between(ends: Floats, position: float) -> Floats:
    """Return values at a position of ranges (3, ...) from 0: 0 low, 0.5 best, 1 high, even in logs between."""
    exact = {0.0: 0, 0.5: 1, 1.0: 2}
    if position in exact:
        return np.asarray(ends[exact[position]])
    low, best, high = np.log(np.maximum(ends, NOTHING))
    logs = low + (best - low) * 2 * position if position < 0.5 else best + (high - best) * (2 * position - 1)
    return np.asarray(np.exp(logs))


def exposure(case: Case, focus: str, network: Network, economy: Economy) -> Exposure:
    """Return what a focus has at stake in a network, at the values that the Case was asked with."""
    inside = members(case, focus, network.year)
    at = [network.nodes.index(code) for code in inside if code in network.nodes]
    use, processed = network.use[:, at], network.share_processed[:, at]
    value = network.unit_value[:, at]
    spending = _money(use * (1.0 - processed), value)
    uses = industries.uses(case, economy, [(network.material, stage) for stage in network.stages])
    cost = assumed_range("dependent_cost", case)
    dependent = np.stack([economics.dependent_share(economy, uses, spending, end, cost) for end in range(ENDS)])
    return Exposure(
        members=inside,
        economy=economy,
        spending=spending,
        feed=_money(use * processed, value),
        sales=_money(network.output[:, at], np.broadcast_to(network.value[:, None], use.shape)),
        margin=np.array([economy.margin(stage) for stage in network.stages]),
        uses=uses,
        dependent_share=np.clip(dependent, LEAST, 1.0),
    )


def _money(tonnes: Floats, value: Floats) -> Floats:
    """Return USD (K,) of tonnes (K, n) at values (K, n); nothing is worth nothing where no value is known."""
    return np.asarray(np.where(tonnes > 0, tonnes * value, 0.0).sum(axis=1))


def loss_channels(
    exposure: Exposure, network: Network, outcome: kernel.Outcome, given: LossParameters | None = None
) -> economics.LossChannels:
    """Return the channels of B outcomes for a focus; what makers pay more for their input is taken off what they get.

    What users take from stock was bought at base prices, so nobody pays more for it.

    given  None = the usual parameters
    """
    given = parameters() if given is None else given
    found = responses.effect(network, outcome, exposure.members)
    left = np.divide(found.use, found.base, out=np.ones_like(found.use), where=found.base > 0)
    paid = np.divide(
        found.spending + found.drawn, found.use, out=np.ones_like(found.use), where=(found.use > 0) & (found.base > 0)
    )
    more = np.divide(found.output, found.base_output, out=np.ones_like(found.output), where=found.base_output > 0)
    tabled = exposure.economy.known
    earned = np.where(np.isfinite(found.earned), found.earned, 1.0)
    result = economics.value_added_at_risk(
        exposure.economy,
        exposure.uses,
        exposure.spending,
        left,
        paid,
        psi=given.psi,
        exposed=exposure.dependent_at(given.dependent),
        between=given.between,
        sales=np.nan_to_num(exposure.sales) if tabled else exposure.sales,
        output=more,
        received=earned,
        margin=np.nan_to_num(exposure.margin) if tabled else exposure.margin,
    )
    dearer = np.nan_to_num(exposure.feed) * left * (paid - 1.0)
    return _net(result, dearer)


def _net(result: economics.LossChannels, dearer: Floats) -> economics.LossChannels:
    """Return the losses with the dearer input of a stage taken from what the makers of the next receive."""
    received = result.received.copy()
    received[:, 1:] -= dearer[:, :-1]
    return economics.LossChannels(
        **{name: getattr(result, name) for name in economics.LossChannels.__dataclass_fields__ if name != "received"},
        received=received,
    )


def gdp_loss(
    exposure: Exposure, network: Network, outcome: kernel.Outcome, given: LossParameters | None = None
) -> Floats:
    """Return the net loss of gross domestic product (B,) in USD; below 0 where the focus gains."""
    return np.asarray(-loss_channels(exposure, network, outcome, given).net)


def counted(exposure: Exposure, k: int) -> str:
    """Return in words what alone is counted where the loss of a stage is not whole; "" where it is."""
    if not exposure.economy.known:
        return industries.PRICES.format(exposure.economy.focus)
    return PARTIAL if exposure.uses.share[k].sum() <= 0 or np.isnan(exposure.spending[k] + exposure.feed[k]) else ""


def partial(exposure: Exposure, stages: Sequence[str]) -> tuple[str, ...]:
    """Return the stages bought for use of which a loss lacks what users who stand still would cost: see PARTIAL."""
    lacking = (exposure.uses.share.sum(axis=1) <= 0) | np.isnan(exposure.spending + exposure.feed)
    bought = (exposure.spending > 0) | np.isnan(exposure.spending)
    return tuple(stage for k, stage in enumerate(stages) if lacking[k] and bought[k])
