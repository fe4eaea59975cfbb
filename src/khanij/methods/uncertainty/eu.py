"""The Commission's two scores with uncertain inputs: for the EU as published, for others on their own sourcing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.registry import uncertain
from khanij.kernels.chances import sampling
from khanij.kernels.indicators import criticality as kernel
from khanij.methods.screening import criticality as method
from khanij.methods.trade import flows
from khanij.methods.uncertainty.draws import Draws, Floats, Positions, Ragged
from khanij.methods.uncertainty.eu_terms import Importance, Rates, Sourcing, SupplyShares
from khanij.methods.uncertainty.inputs import HALF_UNIT, Governance, ProductionInput, TradeInput, View

DIMENSIONS = ("mean", "va", "pv", "ge", "rq", "rl", "cc")
DOMESTIC = (
    0.0  # trade parameter of own output: no import risk (the study's 0.8 is of members that trade with each other)
)
BELOW_ONE = 0.005  # middle of "less than 1 %", which the study prints for small producers
SWAP = {"processed": "refined", "refined": "processed"}  # the study has one processing stage, trade codes have two
OWN_SOURCING = (
    "supply shares of the focus: its imports and own output at the stage, in contained tonnes; import reliance "
    "(I - E)/(P + I - E); world shares, recycling rates, substitution indices and uses are those of the EU study"
)
BORROWED = "a material without a trade code takes the suppliers of the other processing stage or of its group"


@dataclass(frozen=True, slots=True)
class Criticality:
    """Supply risk of each material, worst stage or mean of stages, group means, and economic importance beside it.

    own (C, R) true = the row is a stage of the cell      member (C, C) true = the column belongs to the group
    poor (R,) true = too little of the sourcing is described      ratio  published reliance over the foreign part
    """

    cells: tuple[tuple[str, str | None], ...]
    governance: Governance
    world: SupplyShares
    sourcing: SupplyShares | Sourcing
    poor: np.ndarray
    ratio: Rates
    recycling: Rates
    substitution: Rates
    order: Positions
    start: Positions
    member: np.ndarray
    importance: Importance
    notes: tuple[str, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the inputs that can move it."""
        more = ("content",) if isinstance(self.sourcing, Sourcing) else ()
        last = ("governance", "shares", "reliance", "substitution", "recycling", "method")
        return ("production", "trade", *more, *last)

    def evaluate(self, source: Draws) -> dict[str, Floats]:
        """Return supply risk, economic importance, and 1 where both reach their thresholds."""
        scaled = kernel.scaled_governance(self.governance.draw(source))
        world = self.world.concentration(source, scaled)
        if isinstance(self.sourcing, SupplyShares):
            sourcing = self.sourcing.concentration(source, scaled)
            part = self.sourcing.foreign(source) * self.ratio.draw(source)
        else:
            sourcing, part = self.sourcing.draw(source, scaled)
            if source.drawn("reliance"):
                u = source.take("reliance", 0, lambda s: s.uniform(size=part.shape))
                part = np.where(np.isnan(part), u, part)
        part = np.where(np.isnan(part), 1.0, part)
        sourcing = np.where(self.poor[:, None], np.nan, sourcing)
        staged = kernel.supply_risk(world, sourcing, part, self.recycling.draw(source), self.substitution.draw(source))
        risk = self._of_cells(source, staged)
        importance = self._grouped(self.importance.draw(source))
        stand_in = np.where(np.isnan(importance), self.importance.before[:, None], importance)
        both = kernel.over_both(risk, stand_in, method.RISKY, method.IMPORTANT)
        return {"score": risk, "importance": importance, "critical": both}

    def _of_cells(self, source: Draws, staged: Floats) -> Floats:
        """Return (C, D): the worst stage of each cell, or the mean of its stages where that rule is drawn."""
        ranked = staged[self.order]
        worst = np.fmax.reduceat(ranked, self.start, axis=0)
        if source.drawn("method"):
            mean_rule = source.take("method", 1, lambda s: 1.0 * sampling.categorical(s, np.ones(2), source.size)) > 0
            known = np.add.reduceat((~np.isnan(ranked)).astype(np.float64), self.start, axis=0)
            summed = np.add.reduceat(np.where(np.isnan(ranked), 0.0, ranked), self.start, axis=0)
            worst = np.where(mean_rule & (known > 0), summed / np.maximum(known, 1.0), worst)
        full = np.full((len(self.cells), source.size), np.nan)
        full[: len(worst)] = worst
        return self._grouped(full)

    def _grouped(self, values: Floats) -> Floats:
        """Return (C, D) with the mean of its members for every group that has one."""
        groups = np.nonzero(self.member.any(axis=1))[0]
        mean = kernel.group_mean(np.ascontiguousarray(values.T), self.member[groups]).T
        out = values.copy()
        out[groups] = np.where(np.isnan(mean), values[groups], mean)
        return out


@uncertain("eu-supply-risk")
def build(view: View, wgi_year: str = "2016-2020") -> Criticality:
    """Return the model of the view's focus: the EU's published sourcing for the EU, own sourcing for any other."""
    case = view.case
    home = case.axis("focus").codes[view.focus] == method.HOME
    world_share = _flat(case.array("global_supply_share", "material", "stage", "country"))
    eu_share = _flat(case.array("eu_supply_share", "material", "stage", "country"))
    known = ~np.isnan(world_share).all(axis=1)
    view = view.of(np.nonzero(known | (home & ~np.isnan(eu_share).all(axis=1)))[0])
    years, note = method.years_of(case, wgi_year) if home else ([view.year], "")
    notes: tuple[str, ...] = (note,) if note else ()
    governance = Governance.of(case, years, DIMENSIONS, view.spreads.governance)
    world = _shares(view, "global", home)
    poor = np.zeros(len(view.rows), dtype=bool)
    sourcing: SupplyShares | Sourcing
    if home:
        sourcing = _shares(view, "eu", home)
        whole = sourcing.rows.sums(sourcing.share[:, None])[:, 0]
        poor = (whole > 0) & (whole < method.POOR) & known[view.rows]
    else:
        sourcing, notes = _own_sourcing(view, world_share), (OWN_SOURCING, BORROWED)
    stages = len(case.axis("stage"))
    owner = view.rows // stages
    half = HALF_UNIT * view.spreads.rounding
    recycling = method.by_stage(case, "recycling_by_stage", "recycling_input_rate")
    index = method.by_stage(case, "substitution_sr_by_stage", "substitution_sr")
    cells, order, start, pairs = _layout(view)
    return Criticality(
        cells,
        governance,
        world,
        sourcing,
        poor,
        _ratio(view, sourcing, owner),
        Rates(recycling.reshape(-1)[view.rows], 0.0, _published(recycling), owner, "recycling", half),
        Rates(index.reshape(-1)[view.rows], method.TYPICAL_SR, _published(index), owner, "substitution", half),
        order,
        start,
        _membership(cells),
        _importance(case, pairs, half),
        notes,
    )


def _flat(values: Floats) -> Floats:
    """Return (M·S, C)."""
    return values.reshape(-1, values.shape[-1])


def _published(values: Floats) -> Floats:
    """Return the known rates, one a material: the first of its stages that has one."""
    first = [row[~np.isnan(row)][:1] for row in values]
    return np.concatenate(first) if first else np.empty(0)


def _shares(view: View, side: str, home: bool) -> SupplyShares:
    """Return the published shares of the view's rows ("global" or "eu")."""
    case = view.case
    dims = ("material", "stage", "country")
    share = _flat(case.array(f"{side}_supply_share", *dims))[view.rows]
    name = f"{side}_trade_restriction"
    trade = _flat(case.array(name, *dims))[view.rows] if name in case.cubes else np.full(share.shape, np.nan)
    row, country = np.nonzero(~np.isnan(share))
    values, restriction = share[row, country], trade[row, country]
    if home:
        inside = np.isin(case.axis("country").codes, reference.members(method.HOME, 2020))[country]
    else:
        inside = view.members()[country]
        restriction = np.where(inside, DOMESTIC, np.fmax(restriction, 1.0))
    fine = (np.abs(values * 100 - np.round(values * 100)) > 1e-6) & (np.abs(values - BELOW_ONE) > 1e-9)
    half = np.where(fine, HALF_UNIT / 10.0, HALF_UNIT) * view.spreads.rounding
    output = view.share_spread()[row] * view.spreads.production
    sigma = np.full(len(row), view.spreads.trade) if side == "eu" else output
    ragged = Ragged.of(row, len(view.rows))
    statistic, part = ("trade", 5) if side == "eu" else ("production", 4)
    return SupplyShares(ragged, country, values, half, restriction, sigma, inside, statistic, part)


def _ratio(view: View, sourcing: SupplyShares | Sourcing, owner: Positions) -> Rates:
    """Return published import reliance over the foreign part of sourcing, which comes before exports: 0 to 1."""
    if isinstance(sourcing, Sourcing):
        return Rates(np.full(len(owner), np.nan), 1.0, np.empty(0), owner, "reliance", 0.0)
    foreign = sourcing.foreign(Draws(0, 0, 2, frozenset()))[:, 0]
    said = method.by_material(view.case, "eu_import_reliance")[owner]
    ratio = np.clip(said / np.where(foreign > 0, foreign, np.nan), 0.0, 1.0)
    return Rates(np.full(len(owner), np.nan), 1.0, ratio[~np.isnan(ratio)], owner, "reliance", 0.0)


def _layout(
    view: View,
) -> tuple[tuple[tuple[str, str | None], ...], Positions, Positions, list[tuple[int, int | None]]]:
    """Return the cells (materials, then stages assessed apart, then groups alone), rows in their order, and starts."""
    case = view.case
    stages, materials = case.axis("stage").codes, case.axis("material").codes
    apart = method.assessed_apart(case).reshape(-1)[view.rows]
    owner, stage = view.rows // len(stages), view.rows % len(stages)
    own = {m: np.nonzero((owner == m) & ~apart)[0] for m in np.unique(owner[~apart])}
    alone = [(int(owner[r]), int(stage[r]), r) for r in np.nonzero(apart)[0]]
    order = np.concatenate([*own.values(), *(np.array([r]) for *_, r in alone)]).astype(np.intp)
    sizes = [len(rows) for rows in own.values()] + [1] * len(alone)
    start = np.cumsum([0, *sizes[:-1]])
    pairs: list[tuple[int, int | None]] = [*((int(m), None) for m in own), *((m, s) for m, s, _ in alone)]
    known = reference.materials()
    have = {materials[m] for m, s in pairs if s is None}
    above = {group for code in have for group in _above(code)}
    pairs += [(m, None) for m, code in enumerate(materials) if code in above - have and known[code].kind == "group"]
    return tuple((materials[m], None if s is None else stages[s]) for m, s in pairs), order, start, pairs


def _above(code: str) -> Iterator[str]:
    """Yield the groups that a material belongs to, nearest first."""
    known = reference.materials()
    while code in known and known[code].parent:
        code = known[code].parent
        yield code


def _membership(cells: tuple[tuple[str, str | None], ...]) -> np.ndarray:
    """Return (C, C) true where the column is a material, no group, that belongs to the group of the row."""
    known = reference.materials()
    group = np.array([stage is None and code in known and known[code].kind == "group" for code, stage in cells])
    over = [set(_above(code)) if stage is None else set() for code, stage in cells]
    member = np.array([[code in above for above in over] for code, _ in cells])
    return member & group[:, None] & ~group


def _importance(case: Case, pairs: list[tuple[int, int | None]], half: float) -> Importance:
    """Return the uses of each cell; a material's are those of its first stage that has any."""
    added = case.array("value_added", "sector")
    if "use_share_by_stage" in case.cubes:
        use = case.array("use_share_by_stage", "material", "stage", "sector")
    else:
        use = np.repeat(case.array("use_share", "material", "sector")[:, None, :], len(case.axis("stage")), axis=1)
    apart = method.assessed_apart(case)
    index = method.by_material(case, "substitution_ei")
    before = method.by_stage(case, "importance_before")
    some = ~np.isnan(use).all(axis=2)
    ours = some & ~apart
    chosen = [s if s is not None else int(np.argmax(ours[m])) for m, s in pairs]
    rows = np.array([m for m, _ in pairs])
    has = np.array([some[m, s] if s is not None else ours[m].any() for m, s in pairs], dtype=bool)
    used = np.where(np.isnan(use), 0.0, use)[rows, chosen] * has[:, None]
    earlier = np.fmax.reduce(np.where(apart, np.nan, before), axis=1)
    stand_in = np.array([earlier[m] if s is None else before[m, s] for m, s in pairs])
    inside = used[:, ~np.isnan(added)].sum(axis=1)
    usable = (inside > 0) & (used.sum(axis=1) - inside <= 0.5)
    known = index[~np.isnan(index)]
    rates = Rates(index[rows], method.TYPICAL_EI, known, rows, "substitution", half)
    return Importance(used, added, rates, stand_in, usable, half)


def _own_sourcing(view: View, world: Floats) -> Sourcing:
    """Return the sourcing of a focus from its own output and trade."""
    case = view.case
    link_flat = _trade_rows(view)
    rows = np.unique(link_flat[link_flat >= 0])
    inner = view.of(rows)
    trade, output = TradeInput.of(inner), ProductionInput.of(inner)
    link = np.where(link_flat >= 0, inner.at(np.maximum(link_flat, 0)), -1)
    own_row, own_country = output.rows.row[output.mine], output.country[output.mine]
    source_row = np.concatenate([trade.rows.row, own_row])
    country = np.concatenate([trade.partner, own_country])
    outer, entry = np.nonzero(link[:, None] == source_row)
    restriction = "global_trade_restriction"
    given = np.full(world.shape, np.nan)
    if restriction in case.cubes:
        given = _flat(case.array(restriction, "material", "stage", "country"))
    parameter = np.fmax(given[view.rows][outer, country[entry]], 1.0)
    parameter = np.where(entry >= len(trade.partner), DOMESTIC, parameter)
    absent = ~(np.nan_to_num(world[view.rows][:, view.members()]) > 0).any(axis=1)
    ragged = Ragged.of(outer, len(view.rows))
    return Sourcing(ragged, entry, country[entry], parameter, link, absent, trade, output)


def _trade_rows(view: View) -> Positions:
    """Return the flat (material, stage) whose trade stands for each row, -1 where none does.

    That is the row itself, else the other processing stage, else the same of the groups that the material belongs to.
    """
    case = view.case
    stages, materials = case.axis("stage"), case.axis("material")
    covered = np.broadcast_to(flows.covered(case, "trade"), flows.shape(case))[:, :, view.focus, view.year]
    bought = flows.totals(case, flows.flows(case, "trade").foreign())[0][:, :, view.focus, view.year]
    usable = (covered & (bought > 0)).reshape(-1)
    found = np.full(len(view.rows), -1, dtype=np.intp)
    for k, row in enumerate(view.rows):
        material, stage = materials.codes[row // len(stages)], stages.codes[row % len(stages)]
        for code in (material, *_above(material)):
            for name in (stage, SWAP.get(stage, stage)):
                flat = materials.at(code) * len(stages) + stages.at(name) if code in materials else -1
                if flat >= 0 and usable[flat] and found[k] < 0:
                    found[k] = flat
    return found
