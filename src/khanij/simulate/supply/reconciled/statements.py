"""Networks of materials that no trade code tells apart, from national statements on imports, use and suppliers.

Nodes: the countries that publish a statement, their named suppliers, the makers, and the rest of the world, which is
also the market on which everybody else buys and sells. One stage: every form counts by its content. What a supplier
sells beyond what it is known to make is blended from that market, so that re-exports go back to the maker.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError
from khanij.kernels.balances import origin
from khanij.simulate.supply.networks import REST, Network

Origin = Literal["mixed", "own", "recorded", "source"]
STAGES = ("refined", "processed", "mined")  # where output is looked for, the last stage first
NEAR = 3  # years by which a published export may be older or younger than the network
KNOWN = 0.5  # part of the output abroad whose exports must be published: of the rest nobody knows what stays at home
STATED = "by national statements"
LOST = 0.1  # part of output by which sales may exceed it before statement and output are held not to be of one thing
NONE = "no published exports: all of its output counts as offered abroad"
AS_IMPORTED = "use above net imports and own output taken to come as imports do (stated reliance on imports)"


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """A published figure of a maker, or of the world: value is nan where only a range, or no amount, is given."""

    value: float
    low: float
    high: float
    year: int


@dataclass(slots=True)
class _World:
    """What the network is built from, on the nodes: trade (n, n) and own output (n,) t, and what was assumed."""

    nodes: tuple[str, ...]
    trade: Floats
    own: Floats
    notes: list[str] = field(default_factory=list)

    def at(self, code: str) -> int:
        """Return the place of a node."""
        return self.nodes.index(code)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one country says: t of content, all forms together, and the part of imports by supplier."""

    country: str
    imports: float
    exports: float
    use: float
    reliance: float
    shares: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Record:
    """What is on record of one material in one year of a Case."""

    case: Case
    material: str
    year: str

    def figures(self, quantity: str) -> dict[str, StatedFigure]:
        """Return country -> published figure, of the year or the nearest one."""
        return figures(quantity, self.material, int(self.year))

    def at(self) -> tuple[int, int]:
        """Return the places of material and year."""
        return self.case.axis("material").at(self.material), self.case.axis("year").at(self.year)


def figures(quantity: str, material: str, year: int) -> dict[str, StatedFigure]:
    """Return country -> published figure of reported_exports.csv: that of the year, or the nearest one within NEAR.

    quantity  "exports" t, "output" t or "recycled" (part of use)
    """
    found: dict[str, StatedFigure] = {}
    for row in reference.rows("reported_exports"):
        when = int(row["year"])
        if (row["quantity"], row["material"]) != (quantity, material):
            continue
        if quantity == "exports" and abs(when - year) > NEAR:
            continue
        old = found.get(row["country"])
        if old is None or abs(when - year) < abs(old.year - year):
            value, low, high = (float(row[name]) if row[name] else float("nan") for name in ("value", "low", "high"))
            found[row["country"]] = StatedFigure(value, low, high, when)
    return found


def statement_networks(
    case: Case,
    materials: Iterable[str] | None = None,
    year: str | None = None,
    *,
    traced: Origin = "mixed",
    recycled: float | None = None,
    closed: bool = False,
) -> list[Network]:
    """Return the networks of the materials for which a country states imports, suppliers and use.

    materials  ids; those of the Case without trade by mass in the year if None      year  the Case's last if None
    traced     where the sales of a supplier come from that sells more than it is known to make: "mixed", all from the
               world market, to which its own output goes; "own", from itself as far as that reaches, then from the
               market; "recorded", all from itself; "source", all from the makers whose exports are published
    recycled   part of use outside those makers that comes from scrap; None = as published, 0 where it is not
    closed     use that the statement does not explain is met at home, not as imports are
    No network where exports are published of less than KNOWN of the output abroad (see reported_exports.csv): the
    home use of makers would count as sold abroad; nor where sales exceed output by more than LOST.
    Raises CoverageError for a year or material that the Case does not hold.
    """
    year = case.axis("year").codes[-1] if year is None else year
    if year not in case.axis("year"):
        raise CoverageError(f"no year {year!r}", where="year", hint=f"one of {', '.join(case.axis('year').codes)}")
    chosen = _unweighed(case, year) if materials is None else tuple(materials)
    for material in chosen:
        if material not in case.axis("material"):
            raise CoverageError(f"unknown material {material!r}", where="material", hint="khanij data list materials")
    found = [_stated_network(_Record(case, material, year), traced, recycled, closed) for material in chosen]
    return [network for network in found if network is not None]


def _stated_network(
    record: _Record, traced: Origin = "mixed", recycled: float | None = None, closed: bool = False
) -> Network | None:
    """Return the network of one material, None where too little is stated; the rest as of statement_networks."""
    said = _statements(record)
    stage, output = _output(record)
    if not said or stage is None or not _known(record, output, said):
        return None
    world = _makers(record, said, (stage, output))
    _sell(record, world, said, traced, closed)
    _scrap(world, _recycled(record) if recycled is None else recycled, said)
    return _network(record, world, said)


def speaking(case: Case, countries: Collection[str], materials: Iterable[str], year: str) -> list[Network]:
    """Return the networks made of national statements in which one of some countries speaks; other users are untold."""
    records = [_Record(case, material, year) for material in materials if material in case.axis("material")]
    found = [_stated_network(record) for record in records]
    return [n for n in found if n is not None and set(countries) & set(n.nodes)]


def speakers(case: Case, material: str, year: str) -> set[str]:
    """Return the countries that state what they import of a material, from whom, and what they use."""
    return {said.country for said in _statements(_Record(case, material, year))}


def _known(record: _Record, output: dict[str, float], said: list[Statement]) -> bool:
    """Tell whether the exports of enough makers are published to say what is sold abroad."""
    abroad = {code: value for code, value in output.items() if code not in {s.country for s in said}}
    exporting = record.figures("exports")
    told = sum(value for code, value in abroad.items() if code in exporting)
    return told > 0 and told >= KNOWN * sum(abroad.values())


def _statements(record: _Record) -> list[Statement]:
    """Return the statements on a material: of countries that give imports, shares of suppliers and use."""
    case = record.case
    if "import_source_share" not in case.cubes or "reported_imports" not in case.cubes:
        return []
    m, y = record.at()
    at, given = case.entries("import_source_share", "material", "stage", "country", "partner", "year")
    mine = (at[0] == m) & (at[4] == y)
    share = np.zeros(tuple(len(case.axis(name)) for name in ("stage", "country", "partner")))
    share[tuple(at[1:4, mine])] = given[mine]
    tonnes = {
        name: case.array(f"reported_{name}", "material", "stage", "country", "year")[m, :, :, y]
        for name in ("imports", "exports", "use")
    }
    stated = case.array("reported_reliance", "material", "country", "year")[m, :, y]
    codes = case.axis("country").codes
    inside = [s for s, stage in enumerate(case.axis("stage").codes) if stage in STAGES]
    found = []
    for c in np.nonzero(share[inside].any(axis=(0, 1)))[0]:
        came = tonnes["imports"][inside, c]
        used = tonnes["use"][inside, c]
        if not (np.nan_to_num(came) > 0).any():
            continue
        whole = float(np.nansum(came))
        by = np.nansum(share[inside, :, c] * np.nan_to_num(came)[:, None], axis=0) / whole
        exports = float(np.nansum(tonnes["exports"][inside, c]))
        use = float(np.nansum(used)) if np.isfinite(used).any() else float("nan")
        suppliers = {codes[k]: float(by[k]) for k in np.nonzero(by)[0]}
        found.append(Statement(codes[c], whole, exports, use, float(stated[c]), suppliers))
    return found


def _unweighed(case: Case, year: str) -> tuple[str, ...]:
    """Return the materials without trade by mass at any stage of a chain in a year."""
    dims = ("material", "stage", "country:exporter", "country:importer", "year")
    at, values = case.entries("trade", *dims)
    stages = [case.axis("stage").at(stage) for stage in (*STAGES, "component") if stage in case.axis("stage")]
    keep = (at[4] == case.axis("year").at(year)) & (values > 0) & np.isin(at[1], stages)
    weighed = set(np.unique(at[0, keep]))
    return tuple(code for m, code in enumerate(case.axis("material").codes) if m not in weighed)


def _output(record: _Record) -> tuple[str | None, dict[str, float]]:
    """Return the last stage whose output a source covers, and output by country, of those that the source lists.

    A country that the source does not list (its value is a filled 0) may still be a maker.
    """
    (m, y), case = record.at(), record.case
    cube = case.cube("production")
    made = case.array("production", "material", "stage", "country", "year")[m, :, :, y]
    codes = case.axis("country").codes
    for stage in (stage for stage in STAGES if stage in case.axis("stage")):
        row = np.nan_to_num(made[case.axis("stage").at(stage)])
        if not row.any():
            continue
        listed = {code for code, value in zip(codes, row, strict=True) if value > 0}
        if cube.origin is not None:
            place = (cube.axis("material").at(record.material), cube.axis("stage").at(stage), slice(None))
            told = cube.origin[(*place, cube.axis("year").at(record.year))] >= 0
            listed |= {code for code, yes in zip(cube.axis("country").codes, told, strict=True) if yes}
        return stage, {code: float(row[c]) for c, code in enumerate(codes) if code in listed}  # a set has no order
    return None, {}


def _makers(record: _Record, said: list[Statement], made: tuple[str, dict[str, float]]) -> _World:
    """Return the nodes with what each makes: as recorded, by an assessment's share, or at least what it sells."""
    stage, output = made
    own = {code: value for code, value in output.items() if value > 0}
    notes = [f"output of {stage} {record.material}, all forms by content"]
    for code, value in _assessed(record, output).items():
        own[code] = value
        notes.append(f"{code}: output {value:.3g} t from its share of world supply in an assessment")
    speaking = {s.country for s in said}
    for code, figure in record.figures("output").items():
        if code not in own and code not in speaking:
            sold = sum(s.shares.get(code, 0.0) * s.imports for s in said)
            own[code] = sold if np.isnan(figure.value) else figure.value
            notes.append(f"{code}: makes it, no amount published; at least what it sells, {own[code]:.3g} t")
    named = {code for s in said for code in s.shares}
    nodes = (*sorted(set(own) | named | speaking), REST)
    world = _World(nodes, np.zeros((len(nodes), len(nodes))), np.zeros(len(nodes)), notes)
    for code, value in own.items():
        world.own[world.at(code)] = value
    return world


def _assessed(record: _Record, output: dict[str, float]) -> dict[str, float]:
    """Return output of countries that the source does not list but an assessment gives a share of world supply."""
    case = record.case
    if "global_supply_share" not in case.cubes:
        return {}
    m, _ = record.at()
    table = np.nan_to_num(case.array("global_supply_share", "material", "stage", "country")[m])
    for stage in (stage for stage in STAGES if stage in case.axis("stage")):
        share = table[case.axis("stage").at(stage)]
        if not share.any():
            continue
        by = {code: float(value) for code, value in zip(case.axis("country").codes, share, strict=True) if value > 0}
        both = sum(by.get(code, 0.0) for code in output)
        whole = sum(output.values())
        return {code: whole * part / both for code, part in by.items() if code not in output and both > 0}
    return {}


def _sell(record: _Record, world: _World, said: list[Statement], traced: Origin, closed: bool) -> None:
    """Fill in trade: imports of those who state them, exports of makers, and what suppliers must have bought."""
    rest = world.at(REST)
    for s in said:
        _state(world, s, closed)
    speaking = [world.at(s.country) for s in said]
    away = {
        code: figure
        for code, figure in record.figures("exports").items()
        if code in world.nodes and world.at(code) not in speaking and np.isfinite(figure.value)
    }
    for code, figure in away.items():
        if figure.year != int(record.year):
            world.notes.append(f"{code}: exports of {figure.year}")
    for code in world.nodes[:-1]:
        k = world.at(code)
        if k in speaking:
            continue
        sold = float(world.trade[k].sum())
        if code in away:
            world.own[k] = max(world.own[k], away[code].value)
            world.trade[k, rest] = max(away[code].value - sold, 0.0)
        elif traced == "recorded":
            world.own[k] = max(world.own[k], sold)
            world.trade[k, rest] = world.own[k] - sold
        else:
            own = world.own[k] if traced == "own" or world.own[k] >= sold else 0.0  # part of its sales that it makes
            world.trade[k, rest] = max(world.own[k] - min(own, sold), 0.0)
            _buy(world, k, max(sold - own, 0.0), list(away) if traced == "source" else [])
            if world.own[k] > 0:
                world.notes.append(f"{code}: {NONE}")


def _buy(world: _World, k: int, lack: float, sources: list[str]) -> None:
    """Let a supplier buy what it sells and does not make: from these makers by what they export, else on the market."""
    rest = world.at(REST)
    places = [world.at(code) for code in sources]
    offered = world.trade[places, rest]
    whole = float(offered.sum())
    direct = min(lack, whole)
    if direct > 0:
        world.trade[places, k] += direct * offered / whole
        world.trade[places, rest] -= direct * offered / whole
    world.trade[rest, k] += lack - direct


def _state(world: _World, s: Statement, closed: bool) -> None:
    """Enter what a country states: who sells to it, what it makes itself, what it sells on."""
    f, rest = world.at(s.country), world.at(REST)
    use = s.use if np.isfinite(s.use) else max(s.imports - s.exports, 0.0) + world.own[f]
    lack = max(use + s.exports - s.imports - world.own[f], 0.0)
    imports = s.imports
    if np.isfinite(s.reliance) and not closed:
        made = max((1.0 - s.reliance) * use, world.own[f])
        if lack > 0:
            world.notes.append(f"{s.country}: {AS_IMPORTED}, {use + s.exports - made - imports:.3g} t")
        imports, world.own[f] = max(use + s.exports - made, 0.0), made
    else:
        world.own[f] += lack
        if lack > 0:
            world.notes.append(f"{s.country}: use above net imports met at home, {lack:.3g} t, as of scrap")
    for code, part in s.shares.items():
        world.trade[world.at(code), f] += part * imports
    world.trade[rest, f] += max(1.0 - sum(s.shares.values()), 0.0) * imports
    world.trade[f, rest] += s.exports


def _recycled(record: _Record) -> float:
    """Return the published part of the world's use that comes from scrap; 0 where no best value is published."""
    figure = record.figures("recycled").get("WLD")
    return 0.0 if figure is None or np.isnan(figure.value) else figure.value


def _scrap(world: _World, part: float, said: list[Statement]) -> None:
    """Add what the market gets from scrap: a part of use outside the makers whose exports are published."""
    if not 0.0 <= part < 1.0:
        raise ValueError(f"recycled is a part of use, from 0 and below 1, not {part:g}")
    rest = world.at(REST)
    offered = float(world.trade[:, rest].sum() - world.trade[rest].sum())
    for s in said:
        offered += float(world.trade[:, world.at(s.country)].sum() - world.trade[world.at(s.country)].sum())
    if part > 0:
        world.own[rest] = part / (1.0 - part) * max(offered, 0.0)
        world.notes.append(f"scrap: {part:.0%} of use outside the exporting makers, {world.own[rest]:.3g} t")


def _network(record: _Record, world: _World, said: list[Statement]) -> Network | None:
    """Return the network: flows from maker to user, what only passes through dissolved by mixing; None if unsound."""
    stage = origin.balance(world.trade, world.own)
    blend = origin.mix(stage)
    flow = np.nan_to_num(blend.shares).T * stage.use
    raised = float(stage.unknown.sum())
    if raised > LOST * world.own.sum():
        return None
    if raised > 0.01 * world.own.sum():
        world.notes.append(f"sales above recorded output and purchases raise output by {raised:.3g} t")
    last = next(name for name in STAGES if (record.material, name) in reference.stage_names())
    value = _value(record, said)
    shape = (1, len(world.nodes))
    return Network(
        material=record.material,
        year=record.year,
        stages=(last,),
        nodes=world.nodes,
        flow=flow[None],
        share_processed=np.zeros(shape),
        input_coverage=np.zeros(shape),
        cost=np.zeros(shape),
        value=np.array([value]),
        known=(True,),
        traded=(False,),
        notes=tuple(world.notes),
        trade_basis=(STATED,),
    )


def _value(record: _Record, said: list[Statement]) -> float:
    """Return USD/t: the price of the material, else the mean unit value that the statements give for imports."""
    (m, y), case = record.at(), record.case
    price = float(case.array("price", "material", "year")[m, y]) if "price" in case.cubes else float("nan")
    if np.isfinite(price) or "import_unit_value" not in case.cubes:
        return price
    at = case.axis("country").positions([s.country for s in said])
    values = case.array("import_unit_value", "material", "stage", "country", "year")[m, :, at, y]
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
