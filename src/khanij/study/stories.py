"""One documented event month by month for a focus: as it went, and as it would have gone had it not let up."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from khanij.core.cube import Floats
from khanij.simulate import parameters, physical
from khanij.simulate.disruption import Disruption
from khanij.simulate.networks import Network, networks
from khanij.study import cases, events, scenarios
from khanij.study.events import Event

ENDS = ("low", "best", "high")
REROUTING, REFILL = 0.3, 3.0  # as in the method physical-shock: assumptions


@dataclass(frozen=True, slots=True)
class Story:
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


def story(focus: str, event: Event, material: str, stage: str, year: int, months: int = 12) -> Story | None:
    """Return the months of one event for one good, or None where its trade or the focus's use is not recorded.

    year  base year of trade
    """
    case = cases.case(focus, year)
    found = networks(case, [material], str(year), named=(event.country,))
    if not found or stage not in found[0].stages:
        return None
    network = found[0]
    code, k = case.axis("focus").codes[0], network.stages.index(stage)
    y, f = case.axis("year").at(str(year)), case.axis("focus").at(code)
    belongs = case.array("membership", "focus", "country", "year")[f, :, y] > 0
    at = [network.nodes.index(c) for c, yes in zip(case.axis("country").codes, belongs, strict=True) if yes]
    use = float(network.use[k][at].sum())
    if use <= 0 or event.country not in network.nodes:
        return None
    flow = np.array(events.path(event, 0, months - 1))
    lost = np.clip(1.0 - flow, 0.0, 1.0)
    struck = Disruption(
        "exports", (material,), event.country, (stage,), event.struck(event.start.year), course=tuple(lost)
    )
    worst = float(lost.max())
    going = replace(struck, course=(float(lost[0]), *([worst] * (months - 1))))
    went, stock = _felt(network, struck, k, at, months)
    lasted, _ = _felt(network, going, k, at, months)
    seller = network.nodes.index(event.country)
    return Story(
        event,
        network,
        stage,
        tuple(range(1, months + 1)),
        flow,
        went,
        lasted,
        stock,
        float(network.flow[k][seller, at].sum()) / use,
        use,
    )


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


def latest(focus: str, year: int, materials: tuple[str, ...]) -> Story | None:
    """Return the story of the newest documented event on one of the materials that the focus's use leans on most.

    Of the events since three years before the base year whose size is known, the one whose seller stands behind the
    largest part of the focus's use, times the part that was cut; only cuts of exports in force for at least a month.
    """
    best: tuple[float, Story] | None = None
    for event in events.catalogue().values():
        if event.start.year < year - 2 or event.size.cut is None or event.size.of != "exports":
            continue
        if scenarios.lost(event, event.start.year) <= 0:
            continue
        for material in (m for m in event.materials if m in materials):
            for stage in event.stages:
                found = story(focus, event, material, stage, year)
                if found is None:
                    continue
                weight = found.share * float(np.clip(1.0 - found.flow, 0, 1).max()) * found.use * _value(found)
                if np.isfinite(weight) and weight > 0 and (best is None or weight > best[0]):
                    best = (weight, found)
    return best[1] if best else None


def _value(found: Story) -> float:
    """Return USD/t of the good; what has no value weighs nothing."""
    return float(np.nan_to_num(found.network.value[found.network.stages.index(found.stage)]))
