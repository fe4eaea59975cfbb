"""Why a mineral is in no sum of losses: each its own reason."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from khanij.core.case import Case
from khanij.simulate.risk.by_record.hazards import Hazards
from khanij.simulate.supply.networks import REST, Network, networks

NOT_COVERED = "its trade is not known in tonnes"
NO_SELLER = "no seller abroad has {min_share:.0%} of world exports"
NO_RECORD = "its trade codes have too short a record for a chance"
NOT_BOUGHT = "no imports are recorded in tonnes"
OTHER_FORM = "sellers with a chance on record sell {stages}, whose trade is not known in tonnes"


def reasons(
    case: Case,
    materials: Iterable[str],
    counted: Collection[str],
    given: Hazards,
    year: str,
    min_share: float,
    uncovered: Callable[[str], str] = lambda material: NOT_COVERED,
) -> dict[str, str]:
    """Return material -> why it is not counted, of those that are not.

    case   of one focus      given  hazards of sellers abroad, with a market model or without
    min_share  share of world exports from which a seller is a hazard
    uncovered  material -> why its trade is not known in tonnes
    """
    left = [material for material in materials if material not in counted]
    found = {network.material: network for network in networks(case, left, year)}
    out = {}
    for material in left:
        if material not in found:
            out[material] = uncovered(material)
            continue
        network = found[material]
        stages = sorted({given.stage[h] for h in given.of(material)} - set(network.stages))
        out[material] = OTHER_FORM.format(stages=" and ".join(stages)) if stages else _market(network, min_share)
    return out


def _market(network: Network, min_share: float) -> str:
    """Return why a mineral with a market has no hazard."""
    if not any(network.imports(stage) > 0 for stage in network.stages):
        return NOT_BOUGHT
    abroad = [node for node in network.nodes if node != REST and node not in network.members]
    for stage, world in zip(network.stages, network.trade.sum(axis=(1, 2)), strict=True):
        sold = [network.exports(node, stage) for node in abroad]
        if any(amount > 0 and amount >= min_share * world for amount in sold):
            return NO_RECORD
    return NO_SELLER.format(min_share=min_share)
