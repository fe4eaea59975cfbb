"""What was recorded around real events: networks by year, how much of a trade was weighed, prices and their noise."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.kernels.chances import forecasts
from khanij.reference.chronicle import events
from khanij.reference.chronicle.events import Event
from khanij.simulate.supply.networks import NODES, Network, networks

FIRST, LAST = 2004, 2024  # years of trade: back to the first quiet year of the first event, on to the newest
NOISE = 5  # changes from year to year before an event from which its code's ordinary change is taken
UNWEIGHED = 0.1  # part of a trade's value without a usable tonnage from which tonnes of that year say nothing


class EventRecord:
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

    def noise(self, material: str, stage: str, base: int, nodes: tuple[str, ...]) -> float:
        """Return the median importers' error of "no change" between the quiet years up to `base`; nan without any.

        Years whose trade is not weighed are left out, and changes into and out of them.
        """
        flows: list[Floats | None] = []
        for year in range(max(base - NOISE, FIRST), base + 1):
            found = self.network(material, year, nodes, 0)
            usable = found is not None and stage in found.stages and self.unweighed(material, stage, year) <= UNWEIGHED
            flows.append(abroad(found.flow[found.stages.index(stage)]).sum(axis=0) if usable and found else None)
        return _median([forecasts.miss(one, other) for one, other in _pairs(flows)])

    def benchmark(self, material: str, base: int, year: int) -> tuple[float, float]:
        """Return the benchmark price of a year over the base year's, and the usual yearly log change before.

        nan where a price, or more than two changes, are missing
        """
        row = self.case.array("price", "material", "year")[self.case.axis("material").at(material)]
        first, last = (self.case.axis("year").at(str(y)) for y in (base, year))
        steps = np.diff(np.log(row[: first + 1]))
        steps = steps[np.isfinite(steps)]
        return float(row[last] / row[first]), float(steps.std()) if steps.size > 2 else float("nan")

    def _weighed(self) -> tuple[Floats, Floats]:
        """Return by (material, stage, year) the value of trade, kUSD, and the part that no tonnage stands beside."""
        if self._values is not None:
            return self._values
        case = self.case
        dims = ("material", "stage", "country:exporter", "country:importer", "year")
        shape = tuple(len(case.axis(dim.partition(":")[0])) for dim in dims)
        at, mass = case.entries("trade", *dims)
        there = np.ravel_multi_index(tuple(at[:, mass > 0]), shape)
        at, value = case.entries("trade_value", *dims)
        bare = ~np.isin(np.ravel_multi_index(tuple(at), shape), there)
        whole, lacking = (np.zeros((shape[0], shape[1], shape[4])) for _ in range(2))
        place = (at[0], at[1], at[4])
        np.add.at(whole, place, value)
        np.add.at(lacking, tuple(axis[bare] for axis in place), value[bare])
        self._values = (whole, lacking)
        return self._values


def materials() -> list[str]:
    """Return every material that a documented event touches."""
    return sorted({m for event in events.catalogue().values() for m in event.materials})


def abroad(flow: Floats) -> Floats:
    """Return the trade of flows (..., n, n): nothing from a country to itself."""
    return np.where(np.eye(flow.shape[-1], dtype=bool), 0.0, flow)


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
