"""What the reconciled base year moved most: measurements that the balances do not bear out, material by material."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from khanij.core.case import Case
from khanij.simulate.supply.reconciled.chain_records import ChainRecords, chain_records, stages
from khanij.simulate.supply.reconciled.records import active, stage_records, trade_tables

LEAST = 0.5  # spreads by which a measurement is moved before it counts as corrected
OTHERS = "others"  # the countries that the fit does not tell apart


@dataclass(frozen=True, slots=True)
class FlowCorrection:
    """One measurement and what became of it.

    what      "output", "world output" or "trade"; a conflict: which rows contradict each other
    country   who makes or sells; partner: who buys, "" for output
    recorded, fitted  t of content      spreads  (fitted - recorded) / σ; nan for a conflict
    part      of the stage's world output or trade, by which it was moved
    """

    material: str
    stage: str
    what: str
    country: str
    partner: str
    recorded: float
    fitted: float
    spreads: float
    part: float


def flow_corrections(case: Case, year: str, materials: Iterable[str] | None = None) -> list[FlowCorrection]:
    """Return every measurement of a year that was moved by LEAST spreads, the largest part of its stage first.

    materials  ids; None = all of the Case. Records that contradict each other come before all else.
    """
    y = case.axis("year").at(year)
    tables = trade_tables(case, y)
    codes, nobody = case.axis("stage").codes, np.zeros(len(case.axis("country")), dtype=bool)
    found: list[FlowCorrection] = []
    for material in case.axis("material").codes if materials is None else materials:
        records = stage_records(case, tables, case.axis("material").at(material), y)
        linked = stages(records, codes)
        if not linked:
            continue
        records, countries, _ = active(case, records, nobody)
        chain = chain_records(case, material, records, linked)
        if chain is not None:
            found += _of_chain(chain, material, codes, countries)
    return sorted(found, key=lambda one: (np.isfinite(one.spreads), -one.part, one.material, one.stage, one.country))


def _of_chain(
    chain: ChainRecords, material: str, codes: Sequence[str], countries: Sequence[str]
) -> Iterator[FlowCorrection]:
    """Yield the corrections of one chain, or the records that contradict each other."""
    base, nan = chain.base, float("nan")
    for row in chain.conflicts(codes, countries):
        yield FlowCorrection(material, "", row, "", "", nan, nan, nan, nan)
    if not base.found.converged:
        return
    places = [_name(chain, countries, place) for place in range(base.measured.output.shape[1])]
    size = np.maximum(base.output().sum(axis=1), base.trade().sum(axis=(1, 2)))
    moved, fitted = base.found.correction, base.found.estimate
    for k, s in enumerate(chain.linked):
        at = [(base.items.output[k, c], "output", places[c], "") for c in range(len(places))]
        at += [(base.items.world[k], "world output", "WLD", "")] if base.items.world[k] >= 0 else []
        if chain.traded[k]:
            flows = np.flatnonzero(base.stage == k).tolist()
            at += [(base.items.trade[e], "trade", places[base.seller[e]], places[base.buyer[e]]) for e in flows]
        for item, what, country, partner in at:
            if abs(moved[item]) >= LEAST:
                recorded, new = float(base.value[item]), float(fitted[item])
                part = abs(new - recorded) / float(size[k])
                spreads = float(moved[item])
                yield FlowCorrection(material, codes[s], what, country, partner, recorded, new, spreads, part)


def _name(chain: ChainRecords, countries: Sequence[str], place: int) -> str:
    """Return who stands at a place of the fit: a country, or all others."""
    members = [country for country, at in zip(countries, chain.group, strict=True) if at == place]
    return members[0] if len(members) == 1 else OTHERS
