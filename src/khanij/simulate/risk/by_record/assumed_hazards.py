"""Hazards of goods whose trade record is too short for a chance: sellers as the network has them, a stated chance."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np

from khanij.simulate.risk.by_record.hazards import EXPORT_FALL, Hazards
from khanij.simulate.supply.networks import REST, Network

KIND = "assumed"


def with_assumed_hazards(
    given: Hazards, networks: Iterable[Network], members: Collection[str], min_share: float
) -> Hazards:
    """Return the hazards with those of goods that the focus buys and that have none by the record.

    What an expert states of a seller stays; the good's other sellers are filled in.

    A seller of at least `min_share` of a good's world exports is affected with the median chance of the record's
    hazards (lower to upper quartile), and loses what the record's sellers lose. Confidence low.
    members  countries of the focus: their own sales are no hazard
    """
    goods = zip(given.material, given.stage, given.kind, strict=True)
    known = {(material, stage) for material, stage, kind in goods if kind == EXPORT_FALL}
    there = set(zip(given.country, given.material, given.stage, strict=True))
    rows: list[tuple[str, str, str, float]] = []
    for network in networks:
        inside = np.array([node in members for node in network.nodes])
        for k, stage in enumerate(network.stages):
            abroad = network.trade[k]
            exports = abroad.sum(axis=1)
            if (network.material, stage) in known or not exports.sum() or not abroad[:, inside].sum():
                continue
            share = exports / exports.sum()
            large = [
                i for i, node in enumerate(network.nodes) if share[i] >= min_share and node != REST and not inside[i]
            ]
            found = [(network.nodes[i], network.material, stage, float(share[i])) for i in large]
            rows += [row for row in found if row[:3] not in there]
    if not rows or not len(given):
        return given
    return _joined(given, rows)


def _joined(given: Hazards, rows: list[tuple[str, str, str, float]]) -> Hazards:
    """Return hazards with these sellers (country, material, stage, share) behind those of the record."""
    low, chance, high = (float(np.quantile(given.probability, q)) for q in (0.25, 0.5, 0.75))
    count = len(rows)
    parts = np.tile(given.severity.mean(axis=0), (count, 1))
    goods = ", ".join(sorted({f"{material} ({stage})" for _, material, stage, _ in rows}))
    note = (
        f"assumed, confidence low: {count} sellers of goods whose record is too short for a chance are struck with "
        f"{chance:.1%} a year, the median of the record's hazards ({low:.1%} to {high:.1%}): {goods}"
    )
    columns = {
        "country": (*given.country, *(row[0] for row in rows)),
        "material": (*given.material, *(row[1] for row in rows)),
        "stage": (*given.stage, *(row[2] for row in rows)),
        "kind": (*given.kind, *([KIND] * count)),
    }
    numbers = {"probability": chance, "low": low, "high": high, "model": np.nan, "prior": chance}
    return replace(
        given,
        **columns,
        **{name: np.append(getattr(given, name), [value] * count) for name, value in numbers.items()},
        share=np.append(given.share, [row[3] for row in rows]),
        severity=np.vstack([given.severity, parts]),
        notes=(*given.notes, note),
    )
