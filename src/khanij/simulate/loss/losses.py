"""What a scenario costs a focus in USD: its users' and makers' side of the market, through the five channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.kernels import market as kernel
from khanij.simulate.loss import channels as economics
from khanij.simulate.loss import industries
from khanij.simulate.loss.channels import PSI
from khanij.simulate.loss.industries import Economy, Uses
from khanij.simulate.supply import responses
from khanij.simulate.supply.networks import Network, members

SPREAD = 0.1
"""Least elasticity of substitution between industries' products for the second order: without any, one small input
would stop the whole economy. Best of PSI."""
LEAST = 1e-9  # an industry that uses none has no part to lose
PARTIAL = "only what users pay more: nobody publishes who uses it"
EXPOSED = 3  # low, best and high part of users' output that needs the material: economy.exposure


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a focus has at stake in one network, K stages; USD of the base year at values of trade.

    members   countries of the focus     spending  (K,) of users who are not the next stage
    feed      (K,) what its makers of the next stage spend on this one     sales  (K,) of its makers
    margin    (K,) value added in a dollar of sales     uses  one row a stage
    exposed   (EXPOSED, K, n) part of users' output that needs the material
    """

    members: tuple[str, ...]
    economy: Economy
    spending: Floats
    feed: Floats
    sales: Floats
    margin: Floats
    uses: Uses
    exposed: Floats


def exposure(case: Case, focus: str, network: Network, economy: Economy) -> Exposure:
    """Return what a focus has at stake in a network."""
    inside = members(case, focus, network.year)
    at = [network.nodes.index(code) for code in inside if code in network.nodes]
    use, passed = network.use[:, at], network.passed[:, at]
    worth = network.worth[:, at]
    spending = _worth(use * (1.0 - passed), worth)
    uses = industries.uses(case, economy, [(network.material, stage) for stage in network.stages])
    exposed = np.stack([economics.exposure(economy, uses, spending, end) for end in range(EXPOSED)])
    return Exposure(
        members=inside,
        economy=economy,
        spending=spending,
        feed=_worth(use * passed, worth),
        sales=_worth(network.output[:, at], np.broadcast_to(network.value[:, None], use.shape)),
        margin=np.array([economy.margin(stage) for stage in network.stages]),
        uses=uses,
        exposed=np.clip(exposed, LEAST, 1.0),
    )


def _worth(tonnes: Floats, value: Floats) -> Floats:
    """Return USD (K,) of tonnes (K, n) at values (K, n); nothing is worth nothing where no value is known."""
    return np.asarray(np.where(tonnes > 0, tonnes * value, 0.0).sum(axis=1))


def loss_channels(
    stake: Exposure, network: Network, outcome: kernel.Outcome, *, psi: ArrayLike = PSI[1], exposed: int = 1
) -> economics.LossChannels:
    """Return the channels of B outcomes for a focus; what makers pay more for their input is taken off what they get.

    What users take from stock was bought at base prices, so nobody pays more for it.

    psi      () or (B,) short-run elasticity of substitution      exposed  0 low, 1 best, 2 high
    """
    found = responses.effect(network, outcome, stake.members)
    left = np.divide(found.use, found.base, out=np.ones_like(found.use), where=found.base > 0)
    paid = np.divide(
        found.spending + found.drawn, found.use, out=np.ones_like(found.use), where=(found.use > 0) & (found.base > 0)
    )
    more = np.divide(found.output, found.base_output, out=np.ones_like(found.output), where=found.base_output > 0)
    tabled = stake.economy.known
    earned = np.where(np.isfinite(found.earned), found.earned, 1.0)
    result = economics.value_added_at_risk(
        stake.economy,
        stake.uses,
        stake.spending,
        left,
        paid,
        psi=psi,
        exposed=stake.exposed[exposed],
        between=np.maximum(psi, SPREAD),
        sales=np.nan_to_num(stake.sales) if tabled else stake.sales,
        output=more,
        received=earned,
        margin=np.nan_to_num(stake.margin) if tabled else stake.margin,
    )
    dearer = np.nan_to_num(stake.feed) * left * (paid - 1.0)
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
    stake: Exposure, network: Network, outcome: kernel.Outcome, psi: float = PSI[1], exposed: int = 1
) -> Floats:
    """Return the net loss of gross domestic product (B,) in USD; below 0 where the focus gains."""
    return np.asarray(-loss_channels(stake, network, outcome, psi=psi, exposed=exposed).net)


def counted(stake: Exposure, k: int) -> str:
    """Return in words what alone is counted where the loss of a stage is not whole; "" where it is."""
    if not stake.economy.known:
        return industries.PRICES.format(stake.economy.focus)
    return PARTIAL if stake.uses.share[k].sum() <= 0 or np.isnan(stake.spending[k] + stake.feed[k]) else ""


def partial(stake: Exposure, stages: Sequence[str]) -> tuple[str, ...]:
    """Return the stages bought for use of which a loss lacks what users who stand still would cost: see PARTIAL."""
    lacking = (stake.uses.share.sum(axis=1) <= 0) | np.isnan(stake.spending + stake.feed)
    bought = (stake.spending > 0) | np.isnan(stake.spending)
    return tuple(stage for k, stage in enumerate(stages) if lacking[k] and bought[k])


def reasons(stake: Exposure, stages: Sequence[str]) -> list[str]:
    """Return what is not counted of each stage, in words; what is not counted of any for want of a table: Economy."""
    found = []
    for k, stage in enumerate(stages):
        if not np.isfinite(stake.spending[k]):
            found.append(f"{stage}: {economics.NO_SPENDING}")
        elif stake.economy.known and stake.spending[k] > 0 and stake.uses.share[k].sum() <= 0:
            found.append(f"{stage}: {economics.NO_USES}")
    return found
