"""One documented event month by month for a focus: as it went, and as it would have gone had it not let up."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from khanij.core.cube import Floats
from khanij.reference import events
from khanij.reference.events import Event
from khanij.simulate.supply import parameters, physical
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import Network

ENDS = ("low", "best", "high")
MONTHS = 12
REROUTING, REFILL = 0.3, 3.0  # as in the method physical-shock: assumptions


@dataclass(frozen=True, slots=True)
class EventTimeline:
    """What the users of a focus go without in each month after the start of an event.

    month        (M,) from the start of the event, 1 = the first
    flow         (M,) part of the seller's usual flow that leaves it, as documented
    went, lasted (3, M) part of wanted use not met with stocks and idle capacity at low, best and high: as the event
                 went, and had its first full month lasted
    stock        (M,) what is left of stocks at best, as part of a month's use
    share        of the focus's use that comes from the country       use  t a year
    """

    event: Event
    network: Network
    stage: str
    month: tuple[int, ...]
    flow: Floats
    went: Floats
    lasted: Floats
    stock: Floats
    share: float
    use: float


@dataclass(frozen=True, slots=True)
class _Stake:
    """What a focus has at stake in one good of one event: its nodes, use t, and share from the country."""

    network: Network
    at: tuple[int, ...]
    use: float
    share: float


def _told(event: Event, stage: str, stake: _Stake, months: int) -> EventTimeline:
    """Return the months of one event."""
    network, k = stake.network, stake.network.stages.index(stage)
    flow = np.array(events.path(event, 0, months - 1))
    lost = np.clip(1.0 - flow, 0.0, 1.0)
    destinations = event.affected(event.start.year)
    struck = Disruption("exports", (network.material,), event.country, (stage,), destinations, course=tuple(lost))
    going = replace(struck, course=(float(lost[0]), *([float(lost.max())] * (months - 1))))
    went, stock = _felt(network, struck, k, list(stake.at), months)
    lasted, _ = _felt(network, going, k, list(stake.at), months)
    months_on = tuple(range(1, months + 1))
    return EventTimeline(event, network, stage, months_on, flow, went, lasted, stock, stake.share, stake.use)


def _felt(network: Network, struck: Disruption, k: int, at: list[int], months: int) -> tuple[Floats, Floats]:
    """Return the part of wanted use not met (3, M), most stocks last, and stocks at best as months of use (M,)."""
    shape = network.passed.shape
    days = np.stack([parameters.usual_cover(network.material, network.stages, network.nodes, end) for end in ENDS])
    idle = [parameters.best(network.material, network.stages, spare=end).spare[0] for end in ENDS]
    spare = np.stack(idle).reshape(len(ENDS), shape[0])
    course = physical.course(
        network, [struck], months=months, days=days, spare=spare, rerouting=REROUTING, refill=REFILL
    )
    weight = network.use[k][at]
    loss = np.nan_to_num(course.use_loss[:, :, k][:, :, at]) @ weight / weight.sum()
    held = np.nan_to_num(course.stock[1, :, k][:, at]).sum(axis=1) / (weight.sum() / 12.0)
    return loss, held
