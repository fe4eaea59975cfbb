"""One documented event month by month for a focus: as it went, and as it would have gone had it not let up."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.reference.assumptions import assumed
from khanij.reference.chronicle import events
from khanij.reference.chronicle.events import Event
from khanij.simulate.supply import parameters, physical
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import Network

ENDS = ("low", "best", "high")
MONTHS = 12


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


def event_timeline(
    network: Network, event: Event, stage: str, months: int = MONTHS, case: Case | None = None
) -> EventTimeline | None:
    """Return the months of one event for one good; None where its trade or the focus's use is not recorded.

    network  of a material that the event names, which knows its focus and names the event's country
    case     asked with other assumptions, perhaps
    """
    if stage not in network.stages or event.country not in network.nodes or network.consumption(stage) <= 0:
        return None
    flow = np.array(events.path(event, 0, months - 1))
    lost = np.clip(1.0 - flow, 0.0, 1.0)
    destinations = event.affected(event.start.year)
    happened = Disruption("exports", (network.material,), event.country, (stage,), destinations, course=tuple(lost))
    lasting = replace(happened, course=(float(lost[0]), *([float(lost.max())] * (months - 1))))
    went, stock = _unmet(network, happened, stage, months, case)
    lasted, _ = _unmet(network, lasting, stage, months, case)
    use, share = network.consumption(stage), network.share(event.country, stage)
    return EventTimeline(event, network, stage, tuple(range(1, months + 1)), flow, went, lasted, stock, share, use)


def _unmet(
    network: Network, disruption: Disruption, stage: str, months: int, case: Case | None
) -> tuple[Floats, Floats]:
    """Return the part of wanted use not met (3, M), most stocks last, and stocks at best as months of use (M,)."""
    k, at = network.stages.index(stage), list(network.at)
    days = np.stack([parameters.usual_cover(network.material, network.stages, network.nodes, end) for end in ENDS])
    idle = [parameters.best(network.material, network.stages, spare=end).spare[0] for end in ENDS]
    course = physical.course(
        network,
        [disruption],
        months=months,
        days=days,
        spare=np.stack(idle).reshape(len(ENDS), len(network.stages)),
        rerouting=assumed("rerouting", case),
        refill=assumed("refill", case),
    )
    weight = network.use[k][at]
    loss = np.nan_to_num(course.use_loss[:, :, k][:, :, at]) @ weight / weight.sum()
    held = np.nan_to_num(course.stock[1, :, k][:, at]).sum(axis=1) / (weight.sum() / 12.0)
    return loss, held
