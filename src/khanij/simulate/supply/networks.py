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
from khanij.simulate.supply.chain_records import (
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
from khanij.simulate.supply.records import (
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
REST = "rest"  # the countries that no network names one by one
DUST = 1e-7  # part of what a country has at hand that is no use of it but the rounding of the fit
COVERED = 0.995  # part of supply and use that named countries are to hold
RAISED = "recorded exports need more than recorded output and imports: output raised to that"


@dataclass(frozen=True, slots=True)
class Network:
    """One material in one year: K stages, n countries, the last one perhaps the rest of the world.

    flow    (K, n, n) t of content, maker to user, home on the diagonal: rows sum to output, columns to use
    share_processed    (K, n) part of use that becomes the next stage at home; last row 0
    input_coverage     (K, n) part of output that the recorded use of the stage before can have fed; first row 0
    cost    (K, n) share of that input in the cost of making a stage; first row 0
    value   (K,) USD/t of content in trade, nan where no value is known
    known   (K,) a source covers output      traded  (K,) trade is recorded by mass
    notes   what had to be assumed
    import_unit_value  (K, n) USD/t of content that each country's own imports cost by customs, within a band around the
            world's (assumption import_value_band), nan where none is known
    output_basis, trade_basis  (K,) how output and trade are known: MEASURED, estimated from what, or UNKNOWN
    members  countries of the focus: what imports(), exports(), share(), home() and consumption() speak of
    """

    material: str
    year: str
    stages: tuple[str, ...]
    nodes: tuple[str, ...]
    flow: Floats
    share_processed: Floats
    input_coverage: Floats
    cost: Floats
    value: Floats
    known: tuple[bool, ...]
    traded: tuple[bool, ...]
    notes: tuple[str, ...]
    import_unit_value: Floats | None = None
    members: tuple[str, ...] = ()
    output_basis: tuple[str, ...] = ()
    trade_basis: tuple[str, ...] = ()

    @property
    def output(self) -> Floats:
        """Return output (K, n) t."""
        return np.asarray(self.flow.sum(axis=2))

    @property
    def use(self) -> Floats:
        """Return use (K, n) t."""
        return np.asarray(self.flow.sum(axis=1))

    @property
    def trade(self) -> Floats:
        """Return what is sold abroad (K, n, n) t: the flow without what stays at home."""
        return np.asarray(np.where(np.eye(len(self.nodes), dtype=bool), 0.0, self.flow))

    @property
    def unit_value(self) -> Floats:
        """Return what a tonne of use costs (K, n) USD/t: what is home-made as the world trades it, imports as paid.

        nan where no value is known.
        """
        world = np.broadcast_to(self.value[:, None], self.share_processed.shape)
        if self.import_unit_value is None:
            return world
        own = np.where(np.isfinite(self.import_unit_value), self.import_unit_value, world)
        use = self.use
        home = np.divide(np.einsum("kii->ki", self.flow), use, out=np.zeros_like(use), where=use > 0)
        return np.asarray(home * world + (1.0 - home) * own)

    def place(self, country: str) -> int:
        """Return the place of a country among the nodes: its own, or that of the rest."""
        return self.nodes.index(country) if country in self.nodes else self.nodes.index(REST)

    def for_focus(self, members: Iterable[str]) -> Network:
        """Return the network that answers for these countries together; what they trade among each other is home."""
        return replace(self, members=tuple(members))

    @property
    def at(self) -> tuple[int, ...]:
        """Return the places of the members of the focus that are told apart."""
        return tuple(self.nodes.index(code) for code in self.members if code in self.nodes)

    def consumption(self, stage: str) -> float:
        """Return what the focus uses of a stage, t; 0 where the chain has no such stage, as in what follows."""
        return float(self._bought(stage).sum())

    def home(self, stage: str) -> float:
        """Return what the focus uses of its own output of a stage, t."""
        return float(self._bought(stage)[list(self.at)].sum())

    def imports(self, stage: str) -> float:
        """Return what the focus buys of others at a stage, t."""
        return self.consumption(stage) - self.home(stage)

    def made(self, stage: str) -> float:
        """Return what the focus makes of a stage, t."""
        if stage not in self.stages:
            return 0.0
        return float(self.flow[self.stages.index(stage), list(self.at)].sum())

    def exports(self, country: str, stage: str) -> float:
        """Return what a country sells abroad of a stage, t; 0 for one that is not told apart."""
        if stage not in self.stages or country not in self.nodes:
            return 0.0
        k, i = self.stages.index(stage), self.nodes.index(country)
        return float(self.flow[k, i].sum() - self.flow[k, i, i])

    def share(self, seller: str, stage: str) -> float:
        """Return the part of what the focus uses that a seller made, 0..1; 0 where nothing is used."""
        use = self.consumption(stage)
        if seller not in self.nodes or use <= 0:
            return 0.0
        return float(self._bought(stage)[self.nodes.index(seller)].sum()) / use

    def sellers(self, stage: str) -> dict[str, float]:
        """Return seller abroad -> t of a stage that the focus buys of it, the largest first; the rest is no seller."""
        sold = self._bought(stage).sum(axis=1).tolist()
        own = {REST, *self.members}
        listed = [(node, part) for node, part in zip(self.nodes, sold, strict=True) if node not in own and part > 0]
        return dict(sorted(listed, key=lambda item: -item[1]))

    def _bought(self, stage: str) -> Floats:
        """Return what each member of the focus has of each maker (n, members) t."""
        if stage not in self.stages:
            return np.zeros((len(self.nodes), 0))
        return np.asarray(self.flow[self.stages.index(stage)][:, list(self.at)])


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
    nodes: int = 24,
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
