"""The industries of an economy and which of them use a material, read from a Case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube, Floats
from khanij.reference.industry import economies
from khanij.reference.industry.economies import EconomyTable
from khanij.simulate.loss import critical_uses

MILLION = 1e6
ORIGINS = ("domestic", "imported")
CUBES = ("economy_flow", "economy_output", "economy_value_added", "economy_year")
LEAST = 1e-6  # part of a good's use that an industry has at least where it is known to need it
MAKERS = {"mined": "B07", "processed": "C24", "refined": "C24", "component": "C25", "product": "C26"}
OLD = 5  # years from which on a table is called old
PRICES = "only what users pay more, less what home producers receive more: no input-output table of {} is in the store"
NO_TABLE = (
    f"counted is {PRICES}; output that users lose, how far that spreads, and what home producers gain or lose on the"
    " tonnes they make are missing, which is not the same as none"
)


@dataclass(frozen=True, slots=True)
class Economy:
    """Industries of one focus: USD of `year`, in the proportions of the table's own year.

    A focus that no table holds has none (n = 0, `known` is false): its output and value added are not known.
    table        id in economy_tables.csv, and so which mapping of sectors; "" for none
    codes, names (n,)
    output, value_added  (n,) USD
    domestic     (n, n) home-made product of row i bought by industry j, USD    total  the same with imports
    factor       what the table's figures were multiplied by    notes  how old it is, what was added or left out
    """

    focus: str
    table: str
    year: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    output: Floats
    value_added: Floats
    domestic: Floats
    total: Floats
    factor: float
    notes: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def known(self) -> bool:
        """Return whether a table holds the focus."""
        return bool(self.codes)

    def margin(self, stage: str) -> float:
        """Return value added in a dollar of sales of the industries that make a stage; nan where there are none."""
        if not self.known:
            return float("nan")
        makers = [row.industry for row in economies.divisions(self.table).get(MAKERS.get(stage, "C24"), ())]
        at = [self.codes.index(code) for code in makers if code in self.codes]
        sold = self.output[at].sum()
        return float(self.value_added[at].sum() / sold) if sold > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class Uses:
    """Which industries use a material.

    share    (M, n) part of a good's use by industry; rows add up to 1 or less, to 0 where no uses are known
    exposed  (3, M, n) part of the industry's output that needs the material: low, best, high; nan = not known
    sources  (M,) where the shares were read, "" for none    notes  what was assumed
    cost     (3, M) a good's part in the cost of what is made of it: at least, best, most loss; nan or None = not known
    users    (M,) product -> part of the value added that needs the good; {} where the table of critical inputs has none
    """

    share: Floats
    exposed: Floats
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    cost: Floats | None = None
    users: tuple[Mapping[str, float], ...] = ()


def economy(case: Case, focus: str, year: str) -> Economy:
    """Return the economy of a focus, scaled so that its value added is the focus's gross domestic product of the year.

    The finest table that holds the focus is used; the tables of a group's members are added up. Where no table holds
    it, the economy has no industries, and a note says what can then not be counted.
    """
    y, f = case.axis("year").at(year), case.axis("focus").at(focus)
    belongs = case.array("membership", "focus", "country", "year")[f, :, y] > 0
    inside = [code for code, yes in zip(case.axis("country").codes, belongs, strict=True) if yes]
    table, held = _serving(case, inside)
    if table is None:
        none, flows = np.zeros(0), np.zeros((0, 0))
        return Economy(focus, "", year, (), (), none, none, flows, flows, 1.0, (NO_TABLE.format(focus),), ())
    read = _economy_table(case, table.table, held)
    value = read.value_added.sum(axis=0) * MILLION
    factor, scaled = _factor(case, year, held, float(value.sum()), read.year)
    notes = [note for cube in read.cubes for note in _own_notes(cube, table)]
    home, bought = (read.flow[:, origin].sum(axis=0) * MILLION for origin in range(len(ORIGINS)))
    called = economies.industries(table.table)
    return Economy(
        focus=focus,
        table=table.table,
        year=year,
        codes=read.codes,
        names=tuple(called.get(code, code) for code in read.codes),
        output=read.output.sum(axis=0) * MILLION * factor,
        value_added=value * factor,
        domestic=home * factor,
        total=(home + bought) * factor,
        factor=factor,
        notes=tuple(dict.fromkeys((*notes, *scaled, *_lacking(inside, held)))),
        sources=tuple(dict.fromkeys(key for cube in read.cubes for key in cube.sources if table.gives(key))),
    )


def _serving(case: Case, inside: Sequence[str]) -> tuple[EconomyTable | None, list[str]]:
    """Return the finest table that serves these countries, and those of them that it holds; None where none does."""
    if all(name in case.cubes for name in CUBES):
        for table in economies.serving(tuple(inside)):
            held = [code for code in inside if code in _regions(case, table.table)]
            if held and (not table.whole or len(held) == len(inside)):
                return table, held
    return None, []


def _lacking(inside: Sequence[str], held: Sequence[str]) -> list[str]:
    """Return what a sum of members' tables leaves out."""
    lacking = [code for code in inside if code not in held]
    said = [f"no input-output table of {', '.join(lacking)}: left out"] if lacking else []
    return [*said, *(["trade among the members counts as imports"] if len(held) > 1 else [])]


@dataclass(frozen=True, slots=True)
class _TableRows:
    """The rows of some regions in one table, million USD: flow (R, 2, n, n) home-made and imported; others (R, n)."""

    year: str
    codes: tuple[str, ...]
    flow: Floats
    output: Floats
    value_added: Floats
    cubes: tuple[Cube, ...]


def _regions(case: Case, table: str) -> tuple[str, ...]:
    """Return the regions that a table holds."""
    made = case.cube("economy_output")
    if table not in made.axis("table"):
        return ()
    there = ~np.isnan(made.values[made.axis("table").at(table)]).all(axis=1)
    return tuple(code for code, yes in zip(made.axis("region").codes, there, strict=True) if yes)


def _economy_table(case: Case, table: str, held: Sequence[str]) -> _TableRows:
    """Return the rows of regions in one table, on its own industries."""
    flow, made, added, years = (case.cube(name) for name in CUBES)
    own = Axis("table", (table,))
    there = ~np.isnan(made.on(own, made.axis("region"), made.axis("industry"), drop=True)).all(axis=(0, 1))
    codes = tuple(code for code, yes in zip(made.axis("industry").codes, there, strict=True) if yes)
    region, industry, supplier = Axis("region", tuple(held)), Axis("industry", codes), Axis("supplier", codes)
    at, bought = flow.entries(own, region, Axis("origin", ORIGINS), supplier, industry, drop=True)
    flows = np.zeros((len(region), len(ORIGINS), len(codes), len(codes)))
    flows[tuple(at[1:])] = bought
    output, value = (cube.on(own, region, industry, drop=True)[0] for cube in (made, added))
    year = f"{years.on(own, drop=True)[0]:.0f}"
    return _TableRows(year, codes, flows, output, value, (flow, made, added))


def _own_notes(cube: Cube, table: EconomyTable) -> list[str]:
    """Return what a cube of several tables notes of one of them."""
    mark = f"{table.table}: "
    return [note.removeprefix(mark) for note in cube.notes if note.startswith(mark)]


def _factor(case: Case, year: str, held: list[str], value: float, old: str) -> tuple[float, list[str]]:
    """Return what a table is multiplied by to stand for the year, and the sentences that say so."""
    product = case.array("gdp", "country", "year") if "gdp" in case.cubes else None
    if product is None or not value > 0:
        return 1.0, [f"input-output table of {old}, not scaled: no gross domestic product"]
    at = [case.axis("country").at(code) for code in held]
    today = product[at, case.axis("year").at(year)]
    if np.isnan(today).any():
        without = [code for code, figure in zip(held, today, strict=True) if np.isnan(figure)]
        return 1.0, [
            f"input-output table of {old}, not scaled: no gross domestic product of {', '.join(without)} in {year}"
        ]
    age = int(year) - int(old)
    word = "an old input-output table" if age >= OLD else "input-output table"
    said = f"{word} ({old}) in the proportions of its year, scaled to the gross domestic product of {year}"
    return float(today.sum() / value), [said]


def uses(case: Case, economy: Economy, goods: Sequence[tuple[str, str]]) -> Uses:
    """Return which industries use each good (material, stage).

    First what is published, see published_uses(); then the table of critical inputs: who needs a good where nothing
    published says so, and who cannot do without it. An economy without industries has no uses.
    """
    found = published_uses(case, economy, goods)
    if not economy.known:
        return found
    share, exposed = found.share.copy(), found.exposed.copy()
    sources, notes, users = list(found.sources), list(found.notes), []
    for m, (material, stage) in enumerate(goods):
        needed = _critical(case, economy, material, stage, [s for name, s in goods if name == material])
        users.append({} if needed is None else needed.users)
        if needed is None:
            continue
        if share[m].sum() <= 0:
            share[m] = needed.share
            sources[m] = ";".join(needed.sources)
            notes.append("users are those of the table of critical inputs; see `khanij needs`")
        told = ~np.isnan(needed.exposed[1]) & np.isnan(exposed[1, m])
        share[m] = _with_users(share[m], needed.share, told)
        exposed[:, m, told] = needed.exposed[:, told]
    return Uses(share, exposed, tuple(sources), tuple(dict.fromkeys(notes)), found.cost, tuple(users))


def published_uses(case: Case, economy: Economy, goods: Sequence[tuple[str, str]]) -> Uses:
    """Return which industries use each good (material, stage) by statistics of use alone.

    First the rows of use_industries.csv for the focus; then the shares by NACE division of the EU study, which
    describe the EU and stand in for others; then rows for the world. Use in a division is spread over its industries
    by output. What the study gives for one stage of a material (phosphate rock) is no use of another (phosphorus).
    An economy without industries has no uses.
    """
    share = np.zeros((len(goods), len(economy.codes)))
    exposed = np.full((3, *share.shape), np.nan)
    if not economy.known:
        return Uses(share, exposed, ("",) * len(goods), ())
    sources, notes = [], []
    for m, (material, stage) in enumerate(goods):
        own, world = (_rows(material, area) for area in (economy.focus, "WLD"))
        study = _studied(case, material, stage)
        if own or (world and study is None):
            rows = own or world
            for row in rows:
                share[m] += float(row["share"]) * _spread(economy, row["industry"], row["nace"])
                if row["exposed"] and row["industry"] in economy.codes:
                    parts = [float(row[name]) for name in ("exposed_low", "exposed", "exposed_high")]
                    exposed[:, m, economy.codes.index(row["industry"])] = parts
            sources.append(rows[0]["source"])
            if not own:
                notes.append(f"{material}: uses of the world, {rows[0]['year']}")
        elif study is not None:
            for code, part in zip(case.axis("sector").codes, study / max(1.0, study.sum()), strict=True):
                share[m] += part * _spread(economy, "", code)
            sources.append("eu-crm")
            notes.append("uses by sector are those of the EU (study of 2023)")
        else:
            sources.append("")
    return Uses(share, exposed, tuple(sources), tuple(dict.fromkeys(notes)), _costs(goods))


def _critical(
    case: Case, economy: Economy, material: str, stage: str, among: Sequence[str]
) -> critical_uses.CriticalUses | None:
    """Return who needs a good by the table of critical inputs; None where it says nothing."""
    wanted = critical_uses.goods_of(stage, among, material)
    made, added = economy.output, economy.value_added
    return critical_uses.critical_uses(case, economy.focus, economy.table, economy.codes, made, added, wanted)


def _with_users(share: Floats, needed: Floats, told: np.ndarray) -> Floats:
    """Return the shares of use, with a trace for industries that need the good and that the shares leave out.

    What the table of critical inputs tells is spending, not tonnes: of published tonnes such an industry takes no more
    than they leave untold, or LEAST.
    """
    missing = told & (share <= 0)
    if not missing.any():
        return share
    untold = max(1.0 - float(share.sum()), 0.0)
    trace = np.where(missing, np.maximum(needed * untold, LEAST), 0.0)
    return np.asarray((share + trace) / max(float(share.sum() + trace.sum()), 1.0))


def _costs(goods: Sequence[tuple[str, str]]) -> Floats:
    """Return the rows of cost_shares.csv (3, M), nan where it has none."""
    known = {
        (row["material"], row["stage"]): [float(row[name]) for name in ("least_loss", "best", "most_loss")]
        for row in reference.rows("cost_shares")
    }
    return np.array([known.get(good, [np.nan] * 3) for good in goods]).reshape(-1, 3).T


def _studied(case: Case, material: str, stage: str) -> Floats | None:
    """Return the share of each sector in the use of a good, as the EU study gives it; None where it gives none."""
    m = case.axis("material").at(material)
    if "use_share_by_stage" in case.cubes:
        table = case.array("use_share_by_stage", "material", "stage", "sector")[m, case.axis("stage").at(stage)]
    elif "use_share" in case.cubes:
        table = case.array("use_share", "material", "sector")[m]
    else:
        return None
    return None if np.isnan(table).all() else np.nan_to_num(table)


def _rows(material: str, area: str) -> list[dict[str, str]]:
    """Return the rows of use_industries.csv of a material in an area."""
    return [row for row in reference.rows("use_industries") if row["material"] == material and row["area"] == area]


def _spread(economy: Economy, industry: str, nace: str) -> Floats:
    """Return (n,) 1 spread over the industries of a use: the one named, if this table has it, else its division's."""
    out = np.zeros(len(economy.codes))
    if industry in economy.codes:
        out[economy.codes.index(industry)] = 1.0
        return out
    for row in economies.divisions(economy.table).get(nace, ()):
        if row.industry in economy.codes:
            at = economy.codes.index(row.industry)
            out[at] = row.share * economy.output[at]
    whole = out.sum()
    return np.asarray(out / whole) if whole > 0 else out
