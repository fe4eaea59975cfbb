"""What a loss counts: which channels of which goods are not known, and whether what is known bounds the whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from khanij.core.cube import Floats
from khanij.simulate.loss.losses import Exposure
from khanij.simulate.supply.responses import FocusEffect

USERS = ("users cut output", "customers cut output", "suppliers lose sales")
PAID = "users pay more"
MADE = "domestic producers expand"
RECEIVED = "domestic producers receive a higher price"
GAINS = (MADE, RECEIVED)
CHANNELS = (USERS[0], PAID, MADE, RECEIVED, *USERS[1:])  # as loss_channels() names them, in its order

NO_USERS = "no record tells who uses it"
NO_PRICE = "no price of it is known"
NO_TABLE = "no input-output table of {} is in the store"
STILL = 1e-6  # part by which use, output or a price may differ from the base year and count as unmoved


@dataclass(frozen=True, slots=True)
class UnknownChannel:
    """A channel of which nothing is known for one good, so that a sum over channels and goods is not known.

    reason  why      gain  what is missing may lower the loss: then what is known is no lower bound
    """

    stage: str
    channel: str
    reason: str
    gain: bool


def unknown_channels(
    exposure: Exposure,
    stages: Sequence[str],
    moved: NDArray[np.bool_] | None = None,
    hurt: NDArray[np.bool_] | None = None,
) -> tuple[UnknownChannel, ...]:
    """Return what a loss of a focus in one network lacks, stage by stage.

    exposure  what the focus has at stake, K stages, of these names
    moved     (K,) whether anything changes at a stage; None = at every one: a good that stays as it is costs nothing,
              whoever uses it
    hurt      (K,) whether users of a stage go short or pay more; None = at every one: users who get all that they use
              and pay no more lose nothing, known or not
    A good that the focus neither buys for use nor makes lacks nothing.
    """
    economy = exposure.economy
    no_table = NO_TABLE.format(economy.focus)
    found: list[UnknownChannel] = []
    for k, stage in enumerate(stages):
        if moved is not None and not moved[k]:
            continue
        users = hurt is None or bool(hurt[k])
        spending, feed, sales = (float(x[k]) for x in (exposure.spending, exposure.feed, exposure.sales))
        used = exposure.uses.share[k].sum() > 0
        reason = NO_PRICE if np.isnan(spending) else NO_USERS if economy.known else no_table
        if users and spending != 0 and (np.isnan(spending) or not economy.known or not used):
            found += [UnknownChannel(stage, channel, reason, False) for channel in USERS]
        if users and np.isnan(spending):
            found.append(UnknownChannel(stage, PAID, NO_PRICE, False))
        if np.isnan(sales):
            found += [UnknownChannel(stage, channel, NO_PRICE, True) for channel in GAINS]
        elif sales != 0 and np.isnan(exposure.margin[k]):
            found.append(UnknownChannel(stage, MADE, no_table, True))
        if np.isnan(feed):  # what makers pay more for their input comes off what they receive: a loss is missing
            found.append(UnknownChannel(stage, RECEIVED, NO_PRICE, False))
    return tuple(found)


def is_lower_bound(unknown: Iterable[UnknownChannel]) -> bool:
    """Return whether what is known of a loss is at most the whole: no gain is among what is missing."""
    return not any(channel.gain for channel in unknown)


def hurt(effect: FocusEffect) -> NDArray[np.bool_]:
    """Return (B, K) whether users of a stage go short or pay more than in the base year."""
    met = effect.use >= effect.base - STILL * np.maximum(effect.base, STILL)  # not so where either is unknown
    return np.asarray(~met | (effect.price > 1 + STILL))


def moved(effect: FocusEffect) -> NDArray[np.bool_]:
    """Return (B, K) whether use, price, output or what makers get differs from the base year at a stage."""

    def differs(value: Floats, base: Floats) -> NDArray[np.bool_]:
        return np.asarray(np.abs(np.where(np.isnan(value), base, value) - base) > STILL * np.maximum(base, STILL))

    one = np.ones_like(effect.price)
    return np.asarray(
        differs(effect.use, effect.base)
        | differs(effect.price, one)
        | differs(effect.output, effect.base_output)
        | differs(effect.earned, one)
    )
