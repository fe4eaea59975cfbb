"""What a shock does in numbers: each good of the focus, each channel of the loss, and who else goes without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from khanij import reference
from khanij.core.cube import Floats
from khanij.core.range import Range
from khanij.reference.assumptions import assumed
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

    use        t a year      share  of it that comes from those affected
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
class ShockEffects:
    """A shock and what it does.

    losses   by channel and material      totals  material -> loss over its channels
    unused   goods (material, stage) that are affected and of which the focus uses none on record
    absent   goods that would be affected and stand in no chain, for their trade is not known in tonnes
    """

    result: ShockResult
    goods: tuple[GoodEffect, ...]
    losses: tuple[ChannelEffect, ...]
    totals: tuple[ChannelEffect, ...]
    buyers: tuple[BuyerEffect, ...]
    unused: tuple[tuple[str, str], ...]
    absent: tuple[tuple[str, str], ...]

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
        unused=tuple(
            (answer.network.material, stage)
            for answer in found.answers
            for k, stage in enumerate(answer.network.stages)
            if _affected(found, answer.network.material, stage) and not answer.effect.base[0, k] > 0
        ),
        absent=tuple(
            (answer.network.material, stage)
            for answer in found.answers
            for stage in reference.STAGES
            if stage not in (*OUTSIDE, *answer.network.stages)
            and (answer.network.material, stage) in reference.stage_names()
            and _affected(found, answer.network.material, stage)
        ),
    )


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
        sellers = {d.country for d in found.disruptions if d.affects(network.material, stage)}
        yield GoodEffect(
            material=network.material,
            stage=stage,
            use=base,
            share=sum(network.share(seller, stage) for seller in sorted(sellers)),
            shortage=_range(np.where(effect.shortage[:, k] < ROUNDING, 0.0, effect.shortage[:, k]), cleared),
            price=_range(effect.price[:, k], cleared),
            stock=float(effect.drawn[0, k]) / base if cleared[0] else float("nan"),
            cleared=float(cleared[1:].mean()) if cleared.size > 1 else float("nan"),
            affected=bool(sellers),
            beyond=bool(cleared[0] and (answer.outcome.index[0, k, at] > assumed("choke_price")).any()),
        )


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
        lost = base - outcome.use[0, k]
        short = np.divide(lost, base, out=np.zeros_like(base), where=base > 0)
        for i in sorted(range(len(base)), key=lambda i: (-lost[i], network.nodes[i])):
            price = float(outcome.average[0, k, i])
            if base[i] > 0 and short[i] > TRIFLE and not price < 1.0:
                yield BuyerEffect(
                    network.material,
                    stage,
                    network.nodes[i],
                    float(base[i]),
                    float(lost[i]),
                    float(short[i]),
                    price,
                )
