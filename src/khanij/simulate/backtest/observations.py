"""What was recorded around real events: networks by year, how much of a trade was weighed, prices and their noise."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.kernels import forecasts
from khanij.reference import events
from khanij.reference.events import Event
from khanij.simulate.supply.networks import Network, networks

FIRST, LAST = 2004, 2024  # years of trade: back to the first quiet year of the first event, on to the newest
NOISE = 5  # changes from year to year before an event from which its code's ordinary change is taken
NODES = 60
UNWEIGHED = 0.1  # part of a trade's value without a usable tonnage from which tonnes of that year say nothing


class Record:
    """What a Case of all years holds around real events; what is read once is kept.

    case  of every year from FIRST to the one after LAST, with every material that an event touches: see materials()
    """

    def __init__(self, case: Case) -> None:
        """Read the Case; nothing is computed yet."""
        self.case = case
        self._networks: dict[tuple[str, int, tuple[str, ...], int], Network | None] = {}
        self._values: tuple[Floats, Floats] | None = None

    def network(self, material: str, year: int, named: tuple[str, ...], nodes: int = NODES) -> Network | None:
        """Return the network of one material and year as customs record it; None without trade by mass.

        named  countries that it has to tell apart, besides the largest `nodes`
        """
        key = (material, year, named, nodes)
        if key not in self._networks:
            found = networks(self.case, [material], str(year), nodes=nodes, named=named, customs=True)
            self._networks[key] = found[0] if found else None
        return self._networks[key]

    def unweighed(self, material: str, stage: str, year: int) -> float:
        """Return the part of a year's trade value on pairs without a usable tonnage; nan without any trade."""
        whole, lacking = self._weighed()
        axes = (("material", material), ("stage", stage), ("year", str(year)))
        at = tuple(self.case.axis(name).at(code) for name, code in axes)
        return float(lacking[at] / whole[at]) if whole[at] > 0 else float("nan")

    def _pairs(flows: Sequence[Floats | None]) -> list[tuple[Floats, Floats]]:
    """Return neighbours of which neither is missing."""
    return [(one, other) for one, other in pairwise(flows) if one is not None and other is not None]


def _median(values: Sequence[float]) -> float:
    """Return the median; nan of nothing."""
    return float(np.median(values)) if values else float("nan")


def paid(price: Floats, trade: Floats, buyers: np.ndarray) -> float:
    """Return what some buyers pay, weighted by tonnes; nan where they buy nothing.

    price (n, n) base prices      trade (n, n) t, seller to buyer      buyers (n,)
    """
    bought = trade[:, buyers]
    return float(np.nansum(price[:, buyers] * bought) / bought.sum()) if bought.sum() > 0 else float("nan")


def measured(event: Event, material: str) -> float | None:
    """Return the first price of a material after an event over the one before, same thing and unit; None without."""
    prices = [f for f in event.measured if f.what == "price" and f.material == material]
    for before in (f for f in prices if f.side == "before"):
        for after in (f for f in prices if f.side == "after"):
            if (before.of, before.unit) == (after.of, after.unit):
                return after.value / before.value
    return None
