"""What a reserve costs: to buy, to hold, to rotate; and which form of a material is held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from khanij.core.case import Case
from khanij.core.range import Range
from khanij.plan.levers import catalogue
from khanij.reference.assumptions import assumed, assumed_range
from khanij.reference.decisions.emergencies import StorageForm, storage_form
from khanij.simulate.supply.networks import Network


@dataclass(frozen=True, slots=True)
class ReserveCost:
    """USD: once to buy, and a year to hold and to rotate."""

    buy: Range
    hold: Range
    rotate: Range

    @property
    def yearly(self) -> Range:
        """Return what it takes a year."""
        return Range(*(one + other for one, other in zip(self.hold, self.rotate, strict=True)))


def value_of(network: Network, stage: str, focus: str) -> float:
    """Return what a tonne costs the focus, USD; that of the world for a group, nan where none is known."""
    k = network.stages.index(stage)
    if focus in network.nodes:
        return float(network.unit_value[k, network.place(focus)])
    return float(network.value[k])


def reserve_cost(tonnes: float, value: float, form: StorageForm, case: Case) -> ReserveCost:
    """Return what some tonnes cost, value USD a tonne by trade, over the ranges of price, carrying and rotation."""
    worth = assumed_range("stock_price", case).map(lambda part: part * value * tonnes)
    rate = catalogue.ends(catalogue.measures.measure("stockpile").figures["carrying"])
    hold = Range(rate.low * worth.low, rate.best * worth.best, rate.high * worth.high)
    turn = form.rotation
    rotate = Range(turn.low * worth.low, turn.best * worth.best, turn.high * worth.high)
    return ReserveCost(worth, hold, rotate)


def form_to_hold(network: Network, stage: str, case: Case) -> tuple[str, str]:
    """Return the stage at which a good is best held, and why.

    The stage that users buy, where it keeps for `storage_years`; else the nearest before it that keeps and that is
    worked up at home.
    """
    least = assumed("storage_years", case)
    if storage_form(network.material, stage).keeps.best >= least:
        return stage, "what users buy, and it keeps"
    before: Sequence[str] = network.stages[: network.stages.index(stage)]
    for earlier in reversed(before):
        if storage_form(network.material, earlier).keeps.best >= least and network.made(stage) > 0:
            return earlier, "it keeps, and is worked up at home; what users buy does not keep"
    return stage, "what users buy; it does not keep, so that it must be turned over"
