"""The stages of a material that records tell of, what each is made from, and the flows of them that fit each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.kernels.balances import origin
from khanij.simulate.supply.reconciled import base_year
from khanij.simulate.supply.reconciled.base_year import BaseYear
from khanij.simulate.supply.reconciled.records import EARLIER, StageRecords, of_earlier_stage, with_unlisted

OUTSIDE = ("scrap",)  # stages that no chain runs through
FREE = "trade of this stage is not recorded by mass: as one world market would have it, an assumption"
HOME = "neither trade of this stage nor output of the next is on record: what is made is taken to stay at home"
SELLERS = "no source on output: only what a country sells beyond its imports, or its next stage needs, is made there"
UNLISTED = "of recorded trade lies in flows that the source does not list: small buyers and sellers are missing"
CONFLICT = "the records contradict each other and stand as they are: {rows}"


@dataclass(frozen=True, slots=True)
class FlowDraw:
    """One of several draws of the flows, from their ranges: which (from 0), of how many, and the seed."""

    which: int
    of: int
    seed: int


@dataclass(frozen=True, slots=True)
class ChainRecords:
    """The stages that are linked, in order: K stages, n countries.

    linked, parent  (K,) place of the stage on the Case's axis, and of what it is made from in `linked`, or -1
    known, traded   (K,) a source covers output; trade is recorded by mass
    recorded        what is on record, with output of shares      records  what fits; as recorded where nothing does
    base, group     how it was fitted, and the place of each country in it
    shared          (K,) output is that of published shares
    notes           what had to be assumed, by stage
    """

    linked: tuple[int, ...]
    parent: tuple[int, ...]
    known: tuple[bool, ...]
    traded: tuple[bool, ...]
    recorded: StageRecords
    records: StageRecords
    base: BaseYear
    group: NDArray[np.intp]
    shared: tuple[bool, ...]
    notes: tuple[tuple[int, str], ...]

    def conflicts(self, codes: Sequence[str], countries: Sequence[str]) -> tuple[str, ...]:
        """Return the records that contradict each other, as "yield of refined, IND"; () where everything fits."""
        found = []
        for kind, k, place in self.base.conflicts():
            members = [country for country, at in zip(countries, self.group, strict=True) if at == place]
            who = members[0] if len(members) == 1 else "all others"
            found.append(f"{kind} of {codes[self.linked[k]]}, {who}")
        return tuple(found)


@cache
def branches() -> Mapping[tuple[str, str], str]:
    """Return (material, stage) -> the stage that it is made from, where that is not the one before it."""
    return {(row["material"], row["stage"]): row["made_from"] for row in reference.rows("stage_branches")}


def _any(table: Floats, axis: int | tuple[int, ...]) -> NDArray[np.bool_]:
    """Return where a table has anything but zero and nan along axes."""
    return np.asarray((np.nan_to_num(table) != 0).any(axis=axis))


def stages(records: StageRecords, codes: Sequence[str]) -> tuple[int, ...]:
    """Return the stages of which trade by mass, output or shares of it are on record.

    A stage without trade stands in the one before it where that has trade and no output: its codes hold both.
    """
    traded = _any(records.trade, (1, 2))
    listed = _any(records.output, 1)
    made = listed | _any(records.share, 1)
    found: list[int] = []
    for s, code in enumerate(codes):
        if code in OUTSIDE or not (traded[s] or made[s]):
            continue
        before = found[-1] if found else None
        if listed[s] and not traded[s] and before is not None and traded[before] and not made[before]:
            continue
        found.append(s)
    return tuple(found)


def markets(material: str, codes: Sequence[str], linked: Sequence[int], traded: np.ndarray) -> list[int]:
    """Return the places in `linked` of the stages that markets stand on: traded by mass, or made for a traded one.

    Not branches, which nothing traded is made from.
    """
    last = max((p for p, s in enumerate(linked) if traded[s]), default=-1)
    return [p for p, s in enumerate(linked) if traded[s] or (p < last and (material, codes[s]) not in branches())]


def parents(material: str, names: Sequence[str]) -> tuple[int, ...]:
    """Return for each stage the place of what it is made from; -1 for the first.

    The stage before, but for those that stage_branches.csv says are made from another; of those nothing else is made.
    """
    found: list[int] = []
    for place, name in enumerate(names):
        made_from = branches().get((material, name))
        before = [p for p in range(place) if (material, names[p]) not in branches()]
        if made_from in names:
            found.append(names.index(made_from))
        else:
            found.append(before[-1] if before else -1)
    return tuple(found)


def chain_records(
    case: Case,
    material: str,
    records: StageRecords,
    linked: Sequence[int],
    draw: FlowDraw | None = None,
    *,
    filled: bool = True,
) -> ChainRecords | None:
    """Return the linked stages with flows that fit; None where no tonne of any is known.

    records  on the countries that have any      draw  one of several draws of the flows in place of the estimate
    filled   stages whose output nobody lists take it from published shares, or from the stage whose goods they hold
    """
    codes = case.axis("stage").codes
    inside = [s for s, code in enumerate(codes) if code not in OUTSIDE]
    traded = _any(records.trade, (1, 2))
    told: dict[int, str] = {}
    worlds: dict[int, float] = {}
    if filled:
        records, told, worlds = with_unlisted(case, records, material, linked, inside)
    known = _any(records.output, 1)
    linked = [s for s in linked if traded[s] or known[s]]  # shares of a stage whose tonnes nobody tells say no tonnes
    if not linked:
        return None
    parent = parents(material, [codes[s] for s in linked])
    moved = of_earlier_stage(records, linked, known)
    recorded, records = records, replace(records, trade=records.trade + moved)
    assumed, notes = _one_market(records, linked, parent, (known, traded))
    recorded, records = (replace(part, trade=part.trade + assumed) for part in (recorded, records))
    said = [(s, note) for s, note in told.items()]
    said += [(s, EARLIER.format(tonnes=-moved[s].sum())) for s in linked if moved[s].sum() < 0]
    spreads = base_year.flow_spreads(case)
    group = base_year.large(records, linked)
    free = [not traded[s] for s in linked]
    measured = base_year.measurements(records, linked, parent, worlds, free, group, spreads)
    base = base_year.base_year(measured, spreads)
    fitted = records
    if base.found.converged:
        items = None
        if draw is not None:
            items = base_year.flow_draws(measured, spreads, draw.of, draw.seed, material)[draw.which]
        fitted = base_year.spread_back(records, linked, group, base, items)
    return ChainRecords(
        linked=tuple(linked),
        parent=parent,
        known=tuple(bool(known[s]) for s in linked),
        traded=tuple(bool(traded[s]) for s in linked),
        recorded=recorded,
        records=fitted,
        base=base,
        group=group,
        shared=tuple(s in worlds for s in linked),
        notes=(*said, *notes),
    )


def _needs(
    records: StageRecords, linked: Sequence[int], parent: Sequence[int], known: np.ndarray
) -> list[Floats | None]:
    """Return what the stages made from each linked stage put out (n,) t; None where none of them is known."""
    found: list[Floats | None] = []
    for place in range(len(linked)):
        fed = [t for t, before in zip(linked, parent, strict=True) if before == place and known[t]]
        found.append(np.sum([np.nan_to_num(records.output[t]) for t in fed], axis=0) if fed else None)
    return found


def _one_market(
    records: StageRecords,
    linked: Sequence[int],
    parent: Sequence[int],
    there: tuple[NDArray[np.bool_], NDArray[np.bool_]],
) -> tuple[Floats, list[tuple[int, str]]]:
    """Return trade (S, n, n) t that nobody recorded, as one world market would have it, and what is assumed by stage.

    there  (S,) output is known; trade is recorded
    Where contents do not agree, the need of the next stage takes the whole output.
    """
    known, traded = there
    found, notes = np.zeros_like(records.trade), []
    for s, need in zip(linked, _needs(records, linked, parent, known), strict=True):
        if not known[s]:
            notes.append((s, SELLERS))
        if not traded[s]:
            notes.append((s, HOME if need is None else FREE))
        if records.unlisted[s] > 0:
            notes.append((s, f"{records.unlisted[s]:.0%} {UNLISTED}"))
        if traded[s] or need is None:  # net exports of the next stage are no measure of it: home use is not in them
            continue
        made, trade = np.nan_to_num(records.output[s]), records.trade[s]
        scale = float(made.sum() / need.sum()) if need.sum() > 0 else 1.0
        left = np.maximum(made - trade.sum(axis=1), 0.0)
        found[s] = origin.free_market(left, np.maximum(need * scale - trade.sum(axis=0), 0.0))
    return found, notes
