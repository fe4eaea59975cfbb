"""The base year of a supply chain: who makes what for whom at every stage, with every tonne accounted for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError
from khanij.kernels.balances import origin
from khanij.reference.assumptions import assumed, assumed_range
from khanij.simulate.supply.network import REST, Network
from khanij.simulate.supply.reconciled.chain_records import (
    CONFLICT,
    FREE,
    HOME,
    OUTSIDE,
    SELLERS,
    UNLISTED,
    ChainRecords,
    FlowDraw,
    chain_records,
    markets,
    stages,
)
from khanij.simulate.supply.reconciled.records import (
    NO_OWN_VALUE,
    StageRecords,
    active,
    stage_paid,
    stage_records,
    stage_values,
    trade_tables,
)

__all__ = ["FREE", "HOME", "OUTSIDE", "REST", "SELLERS", "UNLISTED", "FlowDraw", "Network", "members", "networks"]

MEASURED, UNKNOWN = "measured", "unknown"
BY_SHARES, BY_SALES, BY_MARKET = "by shares", "by sales", "one market"  # what an estimate is made from
DUST = 1e-7  # part of what a country has at hand that is no use of it but the rounding of the fit
NODES = 60  # countries named one by one at most, in every question the same: fewer move a loss by up to a half
COVERED = 0.995  # part of supply and use that named countries are to hold
RAISED = "recorded exports need more than recorded output and imports: output raised to that"


@dataclass(frozen=True, slots=True)
class _Reading:
    """How records are read; see networks()."""

    customs: bool
    whole: bool
    draw: FlowDraw | None


def members(case: Case, focus: str, year: str) -> tuple[str, ...]:
    """Return the countries that a focus has in a year, itself if it is one."""
    y, f = case.axis("year").at(year), case.axis("focus").at(focus)
    belongs = case.array("membership", "focus", "country", "year")[f, :, y] > 0
    return tuple(code for code, yes in zip(case.axis("country").codes, belongs, strict=True) if yes)


def networks(
    case: Case,
    materials: Iterable[str] | None = None,
    year: str | None = None,
    *,
    nodes: int = NODES,
    named: Iterable[str] = (),
    customs: bool = False,
    whole: bool = False,
    draw: FlowDraw | None = None,
) -> list[Network]:
    """Return the networks of the materials whose trade is recorded by mass at one stage at least.

    materials  ids; all of the Case if None      year  one of the Case's years; the last if None
    nodes      countries named one by one, at most, besides the members of foci and those in `named`
    customs    flows as customs record them, from the last country, nothing fitted, no published shares; else from the
               maker, re-exports dissolved by mixing
    whole      also stages and materials of which only output is known: nobody recorded who buys, and no market stands
               on them
    draw       one of several draws of the flows, from their ranges, in place of the estimate
    A Case of one focus gives networks that answer for it; see Network.for_focus.
    Raises CoverageError for a material or year that the Case does not hold.
    """
    year = case.axis("year").codes[-1] if year is None else year
    if year not in case.axis("year"):
        raise CoverageError(f"no year {year!r}", where="year", hint=f"one of {', '.join(case.axis('year').codes)}")
    chosen = case.axis("material").codes if materials is None else tuple(materials)
    unknown = [m for m in chosen if m not in case.axis("material")]
    if unknown:
        raise CoverageError(f"unknown material {unknown[0]!r}", where="material", hint="`khanij data list materials`")
    y = case.axis("year").at(year)
    member = case.array("membership", "focus", "country", "year")[:, :, y].max(axis=0) > 0
    foci = case.axis("focus").codes
    inside = members(case, foci[0], year) if len(foci) == 1 else ()
    member[case.axis("country").positions([c for c in named if c in case.axis("country")])] = True
    tables = trade_tables(case, y)
    found = []
    for material in chosen:
        records = stage_records(case, tables, case.axis("material").at(material), y)
        network = _network(case, material, year, records, (nodes, member), _Reading(customs, whole, draw))
        if network is not None:
            found.append(network.for_focus(inside))
    return found


def drawn_networks(case: Case, network: Network, draws: int, seed: int, *, whole: bool = False) -> list[Network]:
    """Return the network on each of so many draws of the flows, the same countries in each; same seed, same bytes."""
    named = [node for node in network.nodes if node != REST]
    found = []
    for which in range(draws):
        draw = FlowDraw(which, draws, seed)
        asked = networks(case, [network.material], network.year, nodes=0, named=named, whole=whole, draw=draw)
        found += [one.for_focus(network.members) for one in asked]
    return found


def _network(
    case: Case, material: str, year: str, records: StageRecords, who: tuple[int, np.ndarray], how: _Reading
) -> Network | None:
    """Return the network of one material, or None where no stage has trade by mass."""
    codes = case.axis("stage").codes
    if how.customs:
        records = replace(records, share=np.full_like(records.share, np.nan))
    traded = np.asarray(records.trade.any(axis=(1, 2)))
    every = stages(records, codes)
    if not every or not (how.whole or traded[list(every)].any()):
        return None
    records, countries, member = active(case, records, who[1])
    chain = chain_records(case, material, records, every, how.draw, filled=not how.customs)
    if chain is None:
        return None
    places = list(range(len(chain.linked))) if how.whole else markets(material, codes, chain.linked, traded)
    if not places:
        return None
    linked, known = [chain.linked[p] for p in places], [chain.known[p] for p in places]
    notes = [f"{codes[s]}: {note}" for s, note in chain.notes if s in linked]
    if rows := chain.conflicts(codes, countries):
        notes.append(CONFLICT.format(rows="; ".join(rows)))
    flows = []
    for s in linked:
        flow, raised = _flow(chain, s, how.customs)
        if raised:
            notes.append(f"{codes[s]}: {RAISED} ({raised})")
        flows.append(flow)
    flow, nodes = _named(countries, np.stack(flows), who[0], member)
    processed, coverage = _links(flow, tuple(known))
    value, derived = stage_values(material, codes, records, linked, assumed("input_cost_share", case))
    notes += [f"{codes[s]}: {NO_OWN_VALUE}" for s, by in zip(linked, derived, strict=True) if by]
    return Network(
        material=material,
        year=year,
        stages=tuple(codes[s] for s in linked),
        nodes=nodes,
        flow=flow,
        share_processed=processed,
        input_coverage=coverage,
        cost=_cost(value, coverage, case),
        value=value,
        known=tuple(known),
        traded=tuple(chain.traded[p] for p in places),
        notes=tuple(notes),
        output_basis=tuple(_output_basis(chain, p) for p in places),
        trade_basis=tuple(_trade_basis(chain, p) for p in places),
        import_unit_value=_import_unit_value(
            stage_paid(material, codes, records, linked, [countries.index(node) for node in nodes if node != REST]),
            value,
            case,
        ),
    )


def _output_basis(chain: ChainRecords, place: int) -> str:
    """Return how output of a stage is known."""
    if chain.shared[place]:
        return BY_SHARES
    return MEASURED if chain.known[place] else BY_SALES


def _trade_basis(chain: ChainRecords, place: int) -> str:
    """Return how trade of a stage is known."""
    if chain.traded[place]:
        return MEASURED
    return BY_MARKET if (chain.linked[place], FREE) in chain.notes else UNKNOWN


def _import_unit_value(paid: Floats, value: Floats, case: Case) -> Floats:
    """Return what imports cost (K, n) USD/t, within a band around the world's value (K,).

    A country that buys better or poorer goods than others pays another value a tonne; beyond the band a tonnage is more
    likely wrong than a price.
    """
    band = assumed("import_value_band", case)
    return np.asarray(np.clip(paid, value[:, None] / band, value[:, None] * band))


def _flow(chain: ChainRecords, s: int, customs: bool) -> tuple[Floats, int]:
    """Return flow (n, n) t with home on the diagonal, and how many outputs were raised to what exports need.

    customs  as recorded, not fitted, from the last country
    """
    place = chain.linked.index(s)
    records = chain.recorded if customs else chain.records
    trade = records.trade[s]
    if customs and not chain.known[place]:
        after = [t for t, before in zip(chain.linked, chain.parent, strict=True) if before == place]
        need = np.nan_to_num(records.output[after]).sum(axis=0)
        first = origin.balance(trade, None, need, net=True)
    else:
        first = origin.balance(trade, records.output[s], net=True)
    own = first.own + first.unknown
    raised = int((first.unknown > 0.01 * first.pool).sum())
    if customs:
        home = np.maximum(own - trade.sum(axis=1), 0.0)
        return trade + np.diag(home), raised
    blend = origin.mix(origin.balance(trade, own))
    flow = np.nan_to_num(blend.shares).T * np.where(first.use > DUST * first.pool, first.use, 0.0)
    made = flow.sum(axis=1)
    lost = np.maximum(own - made, 0.0) * (own > 1e-9 * max(own.sum(), 1e-300))
    return flow + np.diag(np.where(lost > DUST * np.maximum(own, 1e-300), lost, 0.0)), raised


def _named(countries: tuple[str, ...], flow: Floats, most: int, member: np.ndarray) -> tuple[Floats, tuple[str, ...]]:
    """Return flow on the largest countries and the rest, and their codes."""
    output, use = flow.sum(axis=2), flow.sum(axis=1)
    whole = np.maximum(output.sum(axis=1, keepdims=True), 1e-300)
    weight = (np.maximum(output, use) / whole).max(axis=0)
    order = np.argsort(-weight, kind="stable")
    enough = int(np.searchsorted(np.cumsum(weight[order]), COVERED * weight.sum())) + 1
    top = np.sort(order[: min(most, enough)])
    chosen = np.union1d(top[weight[top] > 0], np.nonzero(member)[0])
    group = np.full(len(weight), len(chosen))
    group[chosen] = np.arange(len(chosen))
    onto = np.zeros((len(weight), len(chosen) + 1))
    onto[np.arange(len(weight)), group] = 1.0
    small = np.einsum("kij,ia,jb->kab", flow, onto, onto, optimize=True)
    return small, (*(countries[c] for c in chosen), REST)


def _links(flow: Floats, known: tuple[bool, ...]) -> tuple[Floats, Floats]:
    """Return the part of use that is processed at home, and the part of output that it can have fed, both (K, n)."""
    output, use = flow.sum(axis=2), flow.sum(axis=1)
    processed, coverage = np.zeros_like(use), np.zeros_like(use)
    for k in range(len(flow) - 1):
        if known[k + 1]:
            both = np.minimum(output[k + 1], use[k])
            processed[k] = np.divide(both, use[k], out=np.zeros_like(both), where=use[k] > 0)
            coverage[k + 1] = np.divide(both, output[k + 1], out=np.zeros_like(both), where=output[k + 1] > 0)
    return processed, coverage


def _cost(value: Floats, coverage: Floats, case: Case) -> Floats:
    """Return the share of input in cost (K, n): the ratio of values along the chain, for the part that is fed by it.

    Within what is plausible, and where a value is not known, the best of that: assumption input_cost_share.
    """
    low, best, high = assumed_range("input_cost_share", case)
    cost = np.zeros_like(coverage)
    for k in range(1, len(value)):
        ratio = value[k - 1] / value[k]
        cost[k] = (float(np.clip(ratio, low, high)) if np.isfinite(ratio) else best) * coverage[k]
    return cost
