"""What a scenario costs a focus in USD, month by month: its users' and makers' side of the market, in six channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.kernels.markets import market as kernel
from khanij.reference.assumptions import assumed, assumed_range
from khanij.reference.industry import elasticities
from khanij.reference.industry.product_needs import product_need
from khanij.simulate.loss import channels as economics
from khanij.simulate.loss import industries, monthly
from khanij.simulate.loss.industries import Economy, Uses
from khanij.simulate.loss.monthly import Habits, MonthlyLosses, MonthlySupply
from khanij.simulate.loss.product_needs import WEEKS, ProductNeeds, product_needs
from khanij.simulate.supply.networks import REST, Network, members

NOTHING = 1e-12  # a part whose logarithm can still be taken
MONTH = 365.0 / 12.0  # days
YEAR = 12.0  # months
LEAST = 1e-9  # an industry that uses none has no part to lose
PARTIAL = "only what users pay more: no record tells who uses it"
ENDS = 3  # low, best and high part of users' output that needs the material: channels.dependent_share


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a focus has at stake in one network, K stages; USD of the base year at values of trade.

    members   countries of the focus     spending  (K,) of users who are not the next stage
    feed      (K,) what its makers of the next stage spend on this one
    sales     (K,) of its makers, where a source covers output: without one nobody gains
    margin    (K,) value added in a dollar of sales     uses  one row a stage
    dependent_share  (ENDS, K, n) part of users' output that needs the material: low, best, high; the rule of cost,
              which counts where no product of `needs` holds a stage
    needs     products that hold the stages; None = by the rule of cost alone
    reserve   (K,) months of use in stock beside that of makers; None = none
    home      (2, K) part of its makers' sales that stays at home, and part of its use that is home-made; None = none
    ordered   (K,) goods made to order, of kinds that do not stand in for each other; None = all
    """

    members: tuple[str, ...]
    economy: Economy
    spending: Floats
    feed: Floats
    sales: Floats
    margin: Floats
    uses: Uses
    dependent_share: Floats
    needs: ProductNeeds | None = None
    reserve: Floats | None = None
    home: Floats | None = None
    ordered: NDArray[np.bool_] | None = None

    def dependent_at(self, position: float) -> Floats:
        """Return the part of users' output that needs the material (K, n) at a position of its range, 0..1."""
        return between(self.dependent_share, position)


@dataclass(frozen=True, slots=True)
class LossParameters:
    """How losses answer a shortage.

    psi        () or (B,) short-run elasticity of substitution between a material and other inputs, of users who can
    dependent  position in the ranges of who cannot do without: 0 least loss, 0.5 best, 1 most
    cover      months in stock at users by the rule of cost      choke  price above which users leave
    habits     see monthly.Habits      pooled  position in the range of what one world market hands out, 0..1
    """

    psi: ArrayLike
    dependent: float
    cover: float
    choke: float
    habits: Habits
    pooled: float


ORDERED = ("component", "product")  # chips and magnets are made for one use; ore, metal and acid are not
HABITS = (
    *("user_thrift", "user_thrift_counted", "thrift_months", "redesigned_part", "redesign_start", "made_up"),
    *("patience", "substitute_price", "second_order_reach", "by_worth", "uneven", "uneven_plain"),
)


def parameters(case: Case | None = None) -> LossParameters:
    """Return the parameters that a Case was asked with, else the usual ones."""
    psi, dependent, cover, choke, pooled = (
        assumed(n, case) for n in ("psi", "dependent_position", "user_cover", "choke_price", "pooled_position")
    )
    habits = Habits(*(assumed(name, case) for name in HABITS))
    return LossParameters(psi, dependent, cover / WEEKS, choke, habits, pooled)


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
    worth = np.broadcast_to(network.value[:, None], use.shape)
    dependent = np.stack([economics.dependent_share(economy, uses, spending, end, cost) for end in range(ENDS)])
    return Exposure(
        members=inside,
        economy=economy,
        spending=spending,
        feed=_money(use * processed, value),
        sales=np.where(network.known, _money(network.output[:, at], worth), 0.0),
        margin=np.array([economy.margin(stage) for stage in network.stages]),
        uses=uses,
        dependent_share=np.clip(dependent, LEAST, 1.0),
        needs=_within_use(case, network, economy, use.sum(axis=1)),
        reserve=_reserve(case, network, at),
        home=home_parts(network, inside),
        ordered=np.array([made_to_order(stage) for stage in network.stages]),
    )


def _within_use(case: Case, network: Network, economy: Economy, use: Floats) -> ProductNeeds:
    """Return the needs of a focus, no more of which hangs on a good than its use can feed: the rest comes in others.

    a' = a · min(1, f · u / d):  a part of a product that holds the good, u use (K,) of the good on record, d least
    need of the products of the focus by what they hold, f how far it may lie above the use (assumption need_over_use)
    """
    needs = product_needs(case, economy, network.material, network.stages)
    over, factor = assumed("need_over_use", case), np.ones(len(network.stages))
    for k, stage in enumerate(network.stages):
        need = product_need(network.material, stage, economy.focus) if (needs.stage == k).any() else None
        if need is not None and need.low > 0:
            factor[k] = min(1.0, over * use[k] / need.low)
    return replace(needs, exposed=needs.exposed * factor[needs.stage])


def made_to_order(stage: str) -> bool:
    """Return whether goods of a stage are of kinds that do not stand in for each other, as tonnes of metal do."""
    return stage in ORDERED


def home_parts(network: Network, inside: Sequence[str]) -> Floats:
    """Return (2, K): part of the output of some countries that stays there, part of their use that is made there."""
    at = [network.nodes.index(code) for code in inside if code in network.nodes]
    kept = network.flow[:, at][:, :, at].sum(axis=(1, 2))
    wholes = (network.output[:, at].sum(axis=1), network.use[:, at].sum(axis=1))
    return np.stack([np.divide(kept, whole, out=np.zeros_like(whole), where=whole > 0) for whole in wholes])


def _reserve(case: Case, network: Network, at: Sequence[int]) -> Floats:
    """Return months of use (K,) beyond what makers hold: in public reserves of the focus, and what levers add."""
    here = [j for j in at if network.nodes[j] != REST]
    days = np.zeros((len(network.stages), len(here)))
    for k, stage in enumerate(network.stages):
        for i, j in enumerate(here):
            row = elasticities.stock_days(network.material, stage, network.nodes[j])
            days[k, i] = row.range.best if row.kind == "policy" else 0.0
    if "stock_cover" in case.cubes:
        table = case.array("stock_cover", "material", "stage", "country")[case.axis("material").at(network.material)]
        countries = case.axis("country").positions([network.nodes[j] for j in here])
        days += np.nan_to_num(table[np.ix_(case.axis("stage").positions(network.stages), countries)])
    use = network.use[:, here]
    whole = use.sum(axis=1)
    return np.asarray(np.divide((days * use).sum(axis=1), whole, out=np.zeros_like(whole), where=whole > 0) / MONTH)


def _money(tonnes: Floats, value: Floats) -> Floats:
    """Return USD (K,) of tonnes (K, n) at values (K, n); nothing is worth nothing where no value is known."""
    return np.asarray(np.where(tonnes > 0, tonnes * value, 0.0).sum(axis=1))


def loss_channels(
    exposure: Exposure, network: Network, outcome: kernel.Outcome, given: LossParameters | None = None
) -> economics.LossChannels:
    """Return the channels of B outcomes that last a year; what makers pay more for input comes off what they get.

    given  None = the usual parameters
    """
    given = parameters() if given is None else given
    reached = monthly.supply(network, [(YEAR, outcome)], exposure.members, given.choke)
    return channels_of(exposure, reached, given)[0]


def channels_of(
    exposure: Exposure, reached: MonthlySupply, given: LossParameters
) -> tuple[economics.LossChannels, MonthlyLosses]:
    """Return the channels of B scenarios over all their months, USD, and the months themselves."""
    economy, batch = exposure.economy, len(reached.delivered)
    found = monthly.losses_by_month(
        economy,
        exposure.needs,
        exposure.spending,
        exposure.uses.share,
        exposure.dependent_at(given.dependent),
        np.zeros(len(exposure.spending)) if exposure.reserve is None else exposure.reserve,
        given.cover,
        reached,
        given.habits,
        given.dependent,
        exposure.ordered,
    )
    added = np.maximum(economy.value_added, 0.0) / YEAR
    tabled = economy.known
    sales = (np.nan_to_num(exposure.sales) if tabled else exposure.sales) / YEAR
    margin = np.nan_to_num(exposure.margin) if tabled else exposure.margin
    with np.errstate(invalid="ignore"):
        more = np.where(sales == 0, 0.0, sales * (reached.output - 1.0) * margin).sum(axis=1)
    dearer = np.nan_to_num(exposure.feed) / YEAR * (reached.delivered * (reached.price - 1.0)).sum(axis=1)
    paid = found.paid_more.sum(axis=1)
    received = (sales * reached.output * (reached.earned - 1.0)).sum(axis=1)
    if exposure.home is not None:  # at home makers get what users pay them and no more: a transfer is no gain
        stays, made = exposure.home
        received = received * (1.0 - stays) + np.minimum(received * stays, (paid + dearer) * made)
    received[:, 1:] -= dearer[:, :-1]
    return (
        economics.LossChannels(
            cut=((1.0 - found.first) * added).sum(axis=1),
            downstream=((found.first - found.downstream) * added).sum(axis=1),
            upstream=((found.downstream - found.final) * added).sum(axis=1),
            paid_more=np.where(np.isnan(exposure.spending), np.nan, paid),
            expanded=more,
            received=received,
            alone=np.full(paid.shape, np.nan),
            left=found.final.mean(axis=1) if found.final.shape[1] else np.ones((batch, len(added))),
            converged=found.converged,
            missing={},
            capped=(),
        ),
        found,
    )


def gdp_loss(
    exposure: Exposure, network: Network, outcome: kernel.Outcome, given: LossParameters | None = None
) -> Floats:
    """Return the net loss of gross domestic product (B,) in USD; below 0 where the focus gains."""
    return np.asarray(-loss_channels(exposure, network, outcome, given).net)


def loss_at(
    exposure: Exposure, network: Network, outcome: kernel.Outcome, given: LossParameters, positions: Floats
) -> Floats:
    """Return the net loss of gross domestic product (B,) in USD of outcomes, each at its own position.

    positions  (B,) in the ranges of who cannot do without, in place of that of `given`
    """
    reached = monthly.supply(network, [(YEAR, outcome)], exposure.members, given.choke)
    lost = np.empty(len(positions))
    for position in np.unique(positions).tolist():
        rows = np.flatnonzero(positions == position)
        lost[rows] = -channels_of(exposure, monthly.pick(reached, rows), replace(given, dependent=position))[0].net
    return lost


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
