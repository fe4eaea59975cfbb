"""Mineral by mineral: the balance by stage, suppliers with shares, world supply and reserves at home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from khanij.analyses.profile.forms import TRADED, form, main_stage, mineral, shown_form, stages
from khanij.analyses.profile.readings import CountryProfile, Key, country_name, largest, share, total
from khanij.core.number import Cell, Number
from khanij.core.table import Column, Table
from khanij.present import figures, text
from khanij.present.document import Chapter, Figure, Sentence

MOST = 4

BALANCE = (
    Column("mineral", "Mineral", "text"),
    Column("form", "Stage", "text"),
    Column("production", "Output", meaning="own output, tonnes of the material's basis"),
    Column("imports", "Imports", meaning="contained tonnes"),
    Column("exports", "Exports", meaning="contained tonnes"),
    Column("use", "Apparent use", meaning="output + imports - exports, without stock changes"),
    Column("reliance", "Import reliance", meaning="(imports - exports) / apparent use"),
)


def balance(r: CountryProfile) -> Table:
    """Return output, imports, exports and use of every listed mineral and stage of which anything is known."""
    measures = [r.values("balance", name) for name in ("production", "imports", "exports", "apparent_consumption")]
    measures += [r.values("import-reliance")]
    units = ("t", "t", "t", "t", "1")
    rows: list[tuple[Cell, ...]] = []
    for material in r.listed:
        for stage in stages(material):
            key = (material, stage)
            found = [measure.get(key) for measure in measures]
            if not any(n is not None and n.value for n in found[:3]):
                continue
            cells = [
                hushed(n) or Number(None, u, note=_gap(r, key, k))
                for k, (n, u) in enumerate(zip(found, units, strict=True))
            ]
            rows.append((mineral(material), f"{stage}: {shown_form(r, key)}", *cells))
    note = (
        "Tonnes of contained material (rare earths as oxides, phosphorus as P2O5, potash as K2O, industrial minerals"
        " gross). Trade becomes content by a factor for each code; its range is shown on hover. The records of output"
        " and trade come from different hands: where apparent use is negative or odd they do not fit, and the figure"
        " is left as it is."
    )
    return Table("balance", "Balance by stage", BALANCE, tuple(rows), (note,), long=True)


def hushed(number: Number | None) -> Number | None:
    """Return the number; an output of 0 that its source merely does not list is no weak figure but one with a note."""
    if number is None or number.value != 0 or not number.high or number.unit != "t":
        return number
    note = "not listed as a producer; at most what the source gives for other countries together"
    return Number(0.0, "t", number.sources, 0.0, number.high, "medium", note)


def _gap(r: CountryProfile, key: Key, column: int) -> str:
    """Return why a column of the balance is not known."""
    if column == 0:
        return "no source on world output of this stage"
    return "tonnage of its trade is not recorded" if key in r.dedicated else "no trade code of its own"


SUPPLIERS = (
    Column("mineral", "Mineral", "text"),
    Column("form", "Form", "text"),
    Column("imports", "Imports", meaning="value of imports"),
    *(
        Column(f"supplier_{k}", name, meaning="share of import value")
        for k, name in enumerate(("First", "Second", "Third", "Fourth"), 1)
    ),
    Column("suppliers", "Suppliers", "year", "how many countries sent any"),
    Column("hhi", "HHI", meaning="concentration of import value: 0 many suppliers, 1 one"),
)


def suppliers(r: CountryProfile) -> Table:
    """Return one row a listed mineral and stage: the suppliers with their shares."""
    index = r.values("import-hhi")
    r.result("supplier-shares")  # for the bundle, which names every supplier
    rows: list[tuple[Cell, ...]] = []
    for material in r.listed:
        for stage in (s for s in TRADED if (material, s) in r.bought):
            key = (material, stage)
            parts = r.bought[key]
            whole = total(parts.values())
            named = [replace(share(n, whole), label=country_name(iso)) for iso, n in largest(parts, MOST)]
            blank: list[Cell] = [None] * (MOST - len(named))
            rows.append((mineral(material), shown_form(r, key), whole, *named, *blank, len(parts), index.get(key)))
    note = "Shares of import value by country of shipment. The bundle holds every supplier (supplier-shares)."
    return Table("suppliers", "Suppliers with shares", SUPPLIERS, tuple(rows), (note,), long=True)


BUYERS = (
    Column("mineral", "Mineral", "text"),
    Column("form", "Form", "text"),
    Column("exports", "Exports", meaning="value of exports"),
    *(
        Column(f"buyer_{k}", name, meaning="share of export value")
        for k, name in enumerate(("First", "Second", "Third"), 1)
    ),
    Column("buyers", "Buyers", "year", "how many countries took any"),
)


def buyers(r: CountryProfile) -> Table:
    """Return one row a listed mineral and stage that the country sells, with the buyers' shares."""
    rows: list[tuple[Cell, ...]] = []
    for material in r.listed:
        for stage in (s for s in TRADED if (material, s) in r.sold):
            parts = r.sold[material, stage]
            whole = total(parts.values())
            named = [replace(share(n, whole), label=country_name(iso)) for iso, n in largest(parts, 3)]
            rows.append(
                (
                    mineral(material),
                    shown_form(r, (material, stage)),
                    whole,
                    *named,
                    *([None] * (3 - len(named))),
                    len(parts),
                )
            )
    note = "Re-exports are in: a country can sell what it never made."
    return Table("buyers", "What it sells, and to whom", BUYERS, tuple(rows), (note,), long=True)


def bars(r: CountryProfile) -> Figure | None:
    """Return stacked bars of suppliers' shares at each mineral's main stage, or None without imports."""
    rows, sources = [], set()
    for material in r.listed:
        stage = main_stage(r, material)
        if stage is None:
            continue
        parts = r.bought[material, stage]
        whole = total(parts.values())
        rows.append(
            (mineral(material), [(country_name(iso), share(n, whole).value or 0.0) for iso, n in largest(parts, 300)])
        )
        sources |= set(whole.sources)
    if not rows:
        return None
    rows.sort(key=lambda row: -max(s for _, s in row[1]))
    caption = (
        f"Who supplies {r.name}: shares of import value at the stage on which most is spent, {r.year}, the most"
        " concentrated first. Grey: all suppliers without a colour of their own; pointing at it names them."
    )
    alt = f"Stacked bars for {text.count(len(rows), 'mineral')}; most concentrated: " + text.joined(
        f"{name} ({max(parts, key=lambda p: p[1])[0]} {text.percent(max(s for _, s in parts))})"
        for name, parts in rows[:3]
    )
    return Figure("suppliers", figures.suppliers(rows), caption, alt + ".", tuple(sorted(sources)))


WORLD = (
    Column("mineral", "Mineral", "text"),
    Column("form", "Form", "text"),
    Column("world", "World output", meaning="reported world total, else the sum of countries"),
    Column("first", "First producer", meaning="share of world output"),
    Column("second", "Second producer", meaning="share of world output"),
    Column("home", "At home", meaning="the country's share of world output"),
    Column("hhi", "World HHI", meaning="concentration of world output: 0 many countries, 1 one"),
    Column("wgi", "weighted by governance", meaning="the same, each producer weighted by how weak its governance is"),
    Column("risk", "GeoPolRisk", meaning="GeoPolRisk supply-risk score of the country, corrected variant"),
)


def world(r: CountryProfile, scores: Mapping[tuple[str, ...], Number]) -> Table:
    """Return who produces each listed mineral in the world and how concentrated that is."""
    rows: list[tuple[Cell, ...]] = []
    for material in r.listed:
        keys = [(material, s) for s in stages(material) if (material, s) in r.output] or [(material, "")]
        rows += [(mineral(material), form(key) if key[1] else "", *_world(r, key, scores)) for key in keys]
    return Table("world", "World supply", WORLD, tuple(rows), long=True)


RESERVES = (
    Column("mineral", "Mineral", "text"),
    Column("home", "At home", meaning="reserves as the publisher defines them"),
    Column("part", "of the world's", meaning="share of the sum of all countries' known reserves"),
    Column("first", "Largest holder", meaning="share of the sum of all countries' known reserves"),
    Column("second", "Second", meaning="share of the sum of all countries' known reserves"),
    Column("world", "All countries", meaning="sum of the reserves that are known by country"),
)


def reserves(r: CountryProfile) -> Table:
    """Return what the country holds of each listed mineral, and who holds most."""
    rows: list[tuple[Cell, ...]] = []
    for material in r.listed:
        held = r.reserves.get(material, {})
        if not held:
            none = [Number(None, unit, note="no source on reserves by country") for unit in ("t", "1", "1", "1", "t")]
            rows.append((mineral(material), *none))
            continue
        mine = r.stock(material) or Number(None, "t", note="the source gives no reserves for the country")
        whole = total(held.values())
        named: list[Cell] = [replace(share(n, whole), label=country_name(iso)) for iso, n in largest(held, 2)]
        rows.append((mineral(material), mine, share(mine, whole), *named, *([None] * (2 - len(named))), whole))
    return Table("reserves", "Reserves at home and in the world", RESERVES, tuple(rows), long=True)


def _world(r: CountryProfile, key: Key, scores: Mapping[tuple[str, ...], Number]) -> list[Cell]:
    """Return the cells on world output of one mineral and stage."""
    parts = r.output.get(key, {})
    if not parts:
        reason = "no source on world output of this mineral in the year"
        return [Number(None, unit, note=reason) for unit in ("t", "1", "1", "1", "index", "index", "index")]
    whole = r.world.get(key) or total(parts.values())
    named: list[Cell] = [replace(share(n, whole), label=country_name(iso)) for iso, n in largest(parts, 2)]
    named += [None] * (2 - len(named))
    own = share(hushed(r.values("balance", "production").get(key)) or Number(None, "t", note="no output listed"), whole)
    indices = [r.values(m).get(key, Number(None, "index", note="no score")) for m in ("production-hhi", "hhi-wgi")]
    return [
        whole,
        *named,
        own,
        *indices,
        scores.get(key, Number(None, "index", note="needs world output and recorded tonnage of imports")),
    ]


def chapter(r: CountryProfile, scores: Mapping[tuple[str, ...], Number]) -> Chapter:
    """Return the chapter on each mineral."""
    drawn = bars(r)
    lead = Sentence(
        "Stages follow the chain: mined, processed, refined, component, product. Each number stands at one stage;"
        " tonnes of different stages must not be added, since the same metal passes through several."
    )
    grids = (suppliers(r), balance(r), world(r, scores), reserves(r), buyers(r))
    return Chapter("minerals", "Mineral by mineral", ((lead,),), (drawn,) if drawn else (), grids)
