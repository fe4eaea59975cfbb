"""What a shock does in numbers: each good of the focus, each channel of the loss, and who else goes without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from khanij import reference
from khanij.core.cube import Floats
from khanij.core.range import Range
from khanij.reference.assumptions import assumed
from khanij.reference.industry.product_output import largest_share
from khanij.simulate.loss.coverage import CHANNELS, UnknownChannel
from khanij.simulate.loss.shock import INTERVAL, NetworkAnswer, ShockResult
from khanij.simulate.supply.networks import OUTSIDE

TRIFLE = 1e-4  # part of use whose loss is not worth a row
ROUNDING = 1e-9  # part of use that the solver may leave open
CENT = 0.01  # USD below which a sum of large amounts that cancel is nothing
NOT_KNOWN = Range(*[float("nan")] * 3)


@dataclass(frozen=True, slots=True)
class GoodEffect:
    """What the focus goes without of one good; ranges hold the value and 10 to 90 % of the draws that cleared.

    use        t a year      share  of it that those affected made, or that was made of what they made
    shortage   part of use not met      price  in base prices      stock  part of use drawn from stock
    cleared    share of the draws whose market cleared, nan without draws      affected  it is cut itself
    beyond     its users' price lies above the dearest on record
    """

    material: str
    stage: str
    use: float
    share: float
    shortage: Range
    price: Range
    stock: float
    cleared: float
    affected: bool
    beyond: bool
    months: float = 12.0

    @property
    def tonnes(self) -> float:
        """Return what is used while the disruption lasts, t."""
        return self.use * self.months / 12.0


@dataclass(frozen=True, slots=True)
class ChannelEffect:
    """The loss of one material in one channel, USD; gains are below 0. What is not known of it stands in `unknown`."""

    material: str
    channel: str
    loss: Range
    unknown: tuple[UnknownChannel, ...]


@dataclass(frozen=True, slots=True)
class BuyerEffect:
    """What a country goes without of one good: t a year used and not met, part of use, price in base prices."""

    material: str
    stage: str
    country: str
    use: float
    lost: float
    shortage: float
    price: float


@dataclass(frozen=True, slots=True)
class ProductEffect:
    """What makers of a product in the focus lose for want of one material; ranges as in GoodEffect.

    after    months until they are short, of those draws in which they are      output  months of usual output lost
    units    not made, in `unit`; None = output there is not on record      loss  value added, USD
    """

    material: str
    product: str
    after: Range
    output: Range
    units: Range | None
    unit: str
    loss: Range


@dataclass(frozen=True, slots=True)
class SectorEffect:
    """Value added that an industry loses, USD: as user, as customer of users, as their supplier."""

    material: str
    name: str
    user: Range
    customer: float
    supplier: float


@dataclass(frozen=True, slots=True)
class MonthEffect:
    """One month: part of the usual deliveries of the good that is shortest, and loss, USD."""

    material: str
    stage: str
    month: int
    delivered: Range
    loss: Range


@dataclass(frozen=True, slots=True)
class AbsentGood:
    """A good that is cut itself and stands in no chain.

    made  the largest part of its world output that one of those who cut it makes, nan where no makers are on record
    """

    material: str
    stage: str
    made: float

    @property
    def matters(self) -> bool:
        """Return whether the cut may be felt by it: its makers are not known, or who cuts makes a part that counts."""
        return not self.made < assumed("min_share")


@dataclass(frozen=True, slots=True)
class ShockEffects:
    """A shock and what it does.

    losses   by channel and material      totals  material -> loss over its channels
    products, sectors  those who lose most first, of each material      months  of each material that is short
    unused   goods (material, stage) that are affected and of which the focus uses none on record
    absent   goods that would be affected and stand in no chain, for their trade is not known in tonnes
    """

    result: ShockResult
    goods: tuple[GoodEffect, ...]
    losses: tuple[ChannelEffect, ...]
    totals: tuple[ChannelEffect, ...]
    buyers: tuple[BuyerEffect, ...]
    products: tuple[ProductEffect, ...]
    sectors: tuple[SectorEffect, ...]
    months: tuple[MonthEffect, ...]
    unused: tuple[tuple[str, str], ...]
    absent: tuple[AbsentGood, ...]

    @property
    def cleared(self) -> bool:
        """Return whether every market cleared at the fitted behaviour."""
        return all(bool(answer.effect.converged[0]) for answer in self.result.answers)


def effects(found: ShockResult) -> ShockEffects:
    """Return what a shock does in numbers."""
    return ShockEffects(
        result=found,
        goods=tuple(good for answer in found.answers for good in _goods(answer, found)),
        losses=tuple(loss for answer in found.answers for loss in _losses(answer)),
        totals=tuple(_total(answer) for answer in found.answers),
        buyers=tuple(buyer for answer in found.answers for buyer in _buyers(answer, found)),
        products=tuple(product for answer in found.answers for product in _products(answer)),
        sectors=tuple(sector for answer in found.answers for sector in _sectors(answer)),
        months=tuple(month for answer in found.answers for month in _months(answer)),
        unused=tuple(
            (answer.network.material, stage)
            for answer in found.answers
            for k, stage in enumerate(answer.network.stages)
            if _affected(found, answer.network.material, stage) and not answer.effect.base[0, k] > 0
        ),
        absent=tuple(
            AbsentGood(
                material := answer.network.material,
                stage,
                largest_share(material, stage, _cutting(found, material, stage)),
            )
            for answer in found.answers
            for stage in reference.STAGES
            if stage not in (*OUTSIDE, *answer.network.stages)
            and (answer.network.material, stage) in reference.stage_names()
            and _cutting(found, answer.network.material, stage)
        ),
    )


def _cutting(found: ShockResult, material: str, stage: str) -> frozenset[str]:
    """Return the countries whose exports or output of a good are cut."""
    return frozenset(d.country for d in found.disruptions if d.affects(material, stage))


def _affected(found: ShockResult, material: str, stage: str) -> bool:
    """Return whether a good is cut itself."""
    return any(d.affects(material, stage) for d in found.disruptions)


def _goods(answer: NetworkAnswer, found: ShockResult) -> Iterator[GoodEffect]:
    """Yield the goods of one network that the focus uses."""
    network, effect = answer.network, answer.effect
    cleared, at = effect.converged, list(network.at)
    for k, stage in enumerate(network.stages):
        base = float(effect.base[0, k])
        if base <= 0:
            continue
        cut = partial(_cutting, found, network.material)
        yield GoodEffect(
            material=network.material,
            stage=stage,
            use=base,
            share=network.touched(cut, stage),
            shortage=_range(np.where(effect.shortage[:, k] < ROUNDING, 0.0, effect.shortage[:, k]), cleared),
            price=_range(effect.price[:, k], cleared),
            stock=_from_stock(answer, k) if cleared[0] else float("nan"),
            cleared=float(cleared[1:].mean()) if cleared.size > 1 else float("nan"),
            affected=bool(cut(stage)),
            beyond=bool(cleared[0] and (answer.outcome.index[0, k, at] > assumed("choke_price")).any()),
            months=answer.course.reached.length,
        )


def _from_stock(answer: NetworkAnswer, k: int) -> float:
    """Return the part of a year's use of a stage that makers' own stock stands in for at the fitted behaviour."""
    needs, short = answer.course.exposure.needs, 1.0 - answer.course.reached.delivered[0, :, k]
    if needs is None or not (needs.stage == k).any():
        return float("nan")
    mine = needs.stage == k
    held = np.minimum(needs.cover[1, mine], short.sum())
    return float((held * needs.spent[mine]).sum() / 12.0)


def _range(values: Floats, cleared: np.ndarray) -> Range:
    """Return the first value with the interval of the draws that cleared, which is widened to hold the value."""
    if not (cleared[0] and np.isfinite(values[0])):
        return NOT_KNOWN
    best = float(values[0])
    drawn = values[1:][cleared[1:] & np.isfinite(values[1:])]
    if not drawn.size:
        return Range(float("nan"), best, float("nan"))
    low, high = (float(np.quantile(drawn, q)) for q in INTERVAL)
    return Range(min(low, best), best, max(high, best))


def _losses(answer: NetworkAnswer) -> Iterator[ChannelEffect]:
    """Yield the channels of one network."""
    for channel in CHANNELS:
        unknown = tuple(gap for gap in answer.unknown if gap.channel == channel)
        loss = _range(_loss(answer.channels[channel]), answer.effect.converged)
        yield ChannelEffect(answer.network.material, channel, loss, unknown)


def _products(answer: NetworkAnswer) -> Iterator[ProductEffect]:
    """Yield the products whose makers lose output, those who lose most first."""
    course, needs, cleared = answer.course, answer.course.exposure.needs, answer.effect.converged
    if needs is None:
        return
    for j in np.argsort(-course.stopped[0], kind="stable") if needs.products else ():
        if not course.products[0, j] > TRIFLE:
            continue
        made, output = needs.units[j], _range(course.products[:, j], cleared)
        units = None if made is None else Range(*sorted(end * made[1] / 12.0 for end in output))
        yield ProductEffect(
            answer.network.material,
            needs.products[j],
            _range(course.begins[:, j], cleared),
            output,
            units,
            "" if made is None else made[3],
            _range(course.stopped[:, j], cleared),
        )


def _sectors(answer: NetworkAnswer) -> Iterator[SectorEffect]:
    """Yield the industries that lose value added, those who lose most first."""
    lost, economy = answer.course.sectors, answer.course.exposure.economy
    for j in np.argsort(-lost[0].sum(axis=0), kind="stable"):
        if not lost[0, :, j].sum() > CENT:
            continue
        yield SectorEffect(
            answer.network.material,
            economy.names[j],
            _range(lost[:, 0, j], answer.effect.converged),
            float(lost[0, 1, j]),
            float(lost[0, 2, j]),
        )


def _months(answer: NetworkAnswer) -> Iterator[MonthEffect]:
    """Yield the months of a material of which anything is short or dearer."""
    course, cleared = answer.course, answer.effect.converged
    if not course.lost[0].sum() > CENT:
        return
    k = int(np.argmin(np.where(answer.effect.base[0] > 0, course.reached.delivered[0].min(axis=0), 2.0)))
    for m in range(course.lost.shape[1]):
        yield MonthEffect(
            answer.network.material,
            answer.network.stages[k],
            m + 1,
            _range(course.reached.delivered[:, m, k], cleared),
            _range(course.lost[:, m], cleared),
        )


def _loss(change: Floats) -> Floats:
    """Return what a change of gross domestic product loses, USD."""
    return np.where(np.abs(change) < CENT, 0.0, -change)


def _total(answer: NetworkAnswer) -> ChannelEffect:
    """Return what is known of one network's loss over all channels, and what is not."""
    known = [values for values in answer.channels.values() if not np.isnan(values).all()]
    whole = _loss(np.nansum(known, axis=0)) if known else np.full(answer.effect.converged.shape, np.nan)
    return ChannelEffect(answer.network.material, "", _range(whole, answer.effect.converged), answer.unknown)


def _buyers(answer: NetworkAnswer, found: ShockResult) -> Iterator[BuyerEffect]:
    """Yield the users who go without, by stage that is cut, those who lose most first.

    Makers who pay less than before have lost their own buyers: they go without nothing.
    """
    network, outcome = answer.network, answer.outcome
    for k, stage in enumerate(network.stages if outcome.converged[0] else ()):
        if not _affected(found, network.material, stage):
            continue
        base = network.use[k]
        lost = base - (outcome.use[0, k] - outcome.drawn[0, k])
        part = answer.course.reached.length / 12.0
        short = np.divide(lost, base, out=np.zeros_like(base), where=base > 0)
        for i in sorted(range(len(base)), key=lambda i: (-lost[i], network.nodes[i])):
            price = float(outcome.average[0, k, i])
            if base[i] > 0 and short[i] > TRIFLE and not price < 1.0:
                yield BuyerEffect(
                    network.material,
                    stage,
                    network.nodes[i],
                    float(base[i]),
                    float(lost[i]) * part,
                    float(short[i]),
                    price,
                )
