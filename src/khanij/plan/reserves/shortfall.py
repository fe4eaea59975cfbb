"""An emergency in draws: need and supply of a good by month, and what of the need is not met.

d draw, t month, i seller abroad; u use and h home output a month, s_i what seller i sells to the focus a month
need_dt    = u (1 + civil_d + defence_d)                                   while t <= months_d, else u
supply_dt  = h + Σ_i s_i part_di,   part = 1 - stopped_d, allied_d or other_d by whom it is
gap_dt     = (1 - ρ_d) max(need_dt - supply_dt, 0)      ρ: part of orders not met that others fill within a month
unmet_dt   = max(Σ_{τ<=t} gap_dτ - cover_d u, 0) - max(Σ_{τ<t} gap_dτ - cover_d u, 0)       what firms hold goes first
requirement at level q = the q-quantile over draws of Σ_t unmet_dt
A reserve R meets all of a draw where R >= Σ_t unmet_dt, and the part min(R, Σ) / Σ of it else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from khanij.core import rng
from khanij.core.cube import Floats
from khanij.core.range import Range
from khanij.reference.decisions.emergencies import LARGEST, Emergency
from khanij.simulate.supply.networks import Network

MONTHS = 12.0
LONGEST = 60  # months looked at: an emergency is no longer
DAYS = 365.0


@dataclass(frozen=True, slots=True)
class GoodInEmergency:
    """One good of a focus under an emergency.

    use, home   t a month      sellers  seller abroad -> t a month      stopped  sellers that stop
    need, supply, unmet (D, T)  t a month      cover (D,)  months of use that firms hold
    """

    material: str
    stage: str
    use: float
    home: float
    sellers: dict[str, float]
    stopped: tuple[str, ...]
    need: Floats
    supply: Floats
    unmet: Floats
    cover: Floats

    @property
    def total(self) -> Floats:
        """Return what is not met over the whole emergency (D,) t."""
        return np.asarray(self.unmet.sum(axis=1))

    def required(self, level: float) -> float:
        """Return the reserve that meets all of this part of the draws, t."""
        return float(np.quantile(self.total, level))

    def days(self, tonnes: float) -> float:
        """Return how many days of usual use some tonnes are."""
        return tonnes / (self.use * MONTHS) * DAYS if self.use > 0 else float("nan")

    def met(self, tonnes: float) -> tuple[float, float]:
        """Return the part of draws that a reserve meets wholly, and the mean part of what is not met that it gives."""
        total = self.total
        part = np.divide(np.minimum(tonnes, total), total, out=np.ones_like(total), where=total > 0)
        return float((total <= tonnes * (1 + 1e-9)).mean()), float(part.mean())


def draw_good(
    network: Network, stage: str, found: Emergency, cover: Range, reroute: Range, draws: int, seed: int, key: int = 0
) -> GoodInEmergency:
    """Return a good of the network's focus in draws of an emergency.

    cover    days of use that firms hold      reroute  part of orders not met that others fill within a month
    key      of the stream of random numbers: the same key strikes alike, whoever the focus is
    """
    use = network.consumption(stage) / MONTHS
    sellers = {code: tonnes / MONTHS for code, tonnes in network.sellers(stage).items()}
    stopped = found.stopped if found.stopped != (LARGEST,) else tuple(list(sellers)[:1])
    home = network.home(stage) / MONTHS
    rest = max(use - home - sum(sellers.values()), 0.0)  # of countries that the network does not name
    drawn = _drawn(found, cover, reroute, draws, seed, key)
    lasting = np.arange(LONGEST)[None, :] < drawn["months"][:, None]
    lost = sum(tonnes for code, tonnes in sellers.items() if code in stopped)
    allied = sum(tonnes for code, tonnes in sellers.items() if code in found.allies and code not in stopped)
    other = sum(sellers.values()) - lost - allied + rest
    during = home + lost * (1.0 - drawn["stopped"]) + allied * drawn["allied"] + other * drawn["others"]
    need = use * np.where(lasting, 1.0 + (drawn["civil"] + drawn["defence"])[:, None], 1.0)
    supply = np.where(lasting, during[:, None], use)
    gap = (1.0 - drawn["reroute"])[:, None] * np.maximum(need - supply, 0.0)
    beyond = np.maximum(np.cumsum(gap, axis=1) - (drawn["cover"] * use)[:, None], 0.0)
    unmet = np.diff(beyond, axis=1, prepend=0.0)
    return GoodInEmergency(network.material, stage, use, home, sellers, stopped, need, supply, unmet, drawn["cover"])


def _drawn(found: Emergency, cover: Range, reroute: Range, draws: int, seed: int, key: int) -> dict[str, Floats]:
    """Return what is drawn of an emergency (D,), triangular between the ends of each range."""
    ranges = {
        "months": found.months,
        "stopped": found.stopped_part,
        "allied": found.allied_part,
        "others": found.other_part,
        "civil": found.civil,
        "defence": found.defence,
        "reroute": reroute,
        "cover": cover.map(lambda days: days / DAYS * MONTHS),
    }
    stream = rng.stream(seed, 716, key)
    return {name: _triangular(span, stream.uniform(size=draws)) for name, span in ranges.items()}


def _triangular(span: Range, even: Floats) -> Floats:
    """Return the values below which parts `even` (D,) of triangular draws lie."""
    low, best, high = span
    width = high - low
    if width <= 0:
        return np.full(even.shape, best)
    turn = (best - low) / width
    rising = low + np.sqrt(even * width * (best - low))
    falling = high - np.sqrt((1.0 - even) * width * (high - best))
    return np.where(even < turn, rising, falling)


@dataclass(frozen=True, slots=True)
class JointReserve:
    """One good, several countries: what each needs alone, and all together, t.

    alone    country -> requirement      together  requirement of the sum, if strikes are alike or apart
    """

    material: str
    stage: str
    alone: dict[str, float]
    alike: float
    apart: float

    @property
    def saved(self) -> float:
        """Return the part of the separate reserves that a joint one saves if emergencies strike apart."""
        whole = sum(self.alone.values())
        return 1.0 - self.apart / whole if whole > 0 else float("nan")


def joint_reserve(goods: Sequence[tuple[str, GoodInEmergency]], level: float, chance: float, seed: int) -> JointReserve:
    """Return the reserve of several countries for one good.

    goods   country and its good, drawn alike      chance  that an emergency strikes a country, where they strike apart
    Alike: one emergency hits all at once. Apart: each is hit by itself; a country alone still holds for its own.
    """
    first = goods[0][1]
    alone = {code: good.required(level) for code, good in goods}
    alike = float(np.quantile(sum(good.total for _, good in goods), level))
    stream = rng.stream(seed, 717)
    parts = []
    for _, good in goods:
        order = stream.permutation(len(good.total))
        parts.append(good.total[order] * (stream.uniform(size=len(order)) < chance))
    struck = np.sum(parts, axis=0)
    some = struck[np.any([part > 0 for part in parts], axis=0)]
    apart = float(np.quantile(some, level)) if len(some) else 0.0
    return JointReserve(first.material, first.stage, alone, alike, apart)
