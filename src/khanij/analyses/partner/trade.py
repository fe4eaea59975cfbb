"""One partner: what it produces, holds and exports, what the focal country buys from it and could."""

from __future__ import annotations

from collections.abc import Mapping

from khanij import reference
from khanij.analyses.inputs import facts as queries
from khanij.analyses.partner.tables import instruments
from khanij.analyses.profile.forms import RAW, form
from khanij.analyses.profile.readings import CountryProfile, country_name, largest, share, total
from khanij.core.number import Cell, Number, smaller
from khanij.core.table import Column, Table
from khanij.present import figures, text
from khanij.present.document import Chapter, Figure, Sentence
from khanij.present.names import mineral

Flows = Mapping[str, Mapping[str, tuple[Number, Number]]]  # code -> other country -> value, tonnes


class BilateralTrade:
    """Recorded flows by trade code between, into and out of two countries."""

    def __init__(self, focal: str, year: int, partner: str) -> None:
        """Ask the store for the imports of the one and the exports of the other."""
        imports, exports = queries.flows(focal, year), queries.flows(partner, year, "exports")
        self.described = {
            row["hs"]: (row["description"], row["material"]) for table in (imports, exports) for row in table.rows()
        }
        self.imports, self.exports = collected(imports, "exporter"), collected(exports, "importer")

    def name(self, code: str) -> str:
        """Return what a trade code holds."""
        return self.described[code][0] or code

    def materials(self, code: str) -> tuple[str, ...]:
        """Return the materials of a trade code."""
        return tuple(filter(None, self.described[code][1].split("; ")))


def collected(table: Table, other: str) -> Flows:
    """Return code -> other country -> (value, tonnes) of recorded flows."""
    found: dict[str, dict[str, tuple[Number, Number]]] = {}
    for row in table.rows():
        sources = (f"{row['source']}@{row['edition']}",)
        mass = Number(row["mass"], "t", sources, note="" if row["mass"] is not None else "tonnage not recorded")
        pair = (Number(row["value"], "kUSD", sources), mass)
        known = found.setdefault(row["hs"], {})
        before = known.get(row[other])  # a group has one row a member
        known[row[other]] = pair if before is None else (total((before[0], pair[0])), total((before[1], pair[1])))
    return found


BOUGHT = (
    Column("code", "Code", "text"),
    Column("goods", "Goods", "text"),
    Column("value", "Value"),
    Column("mass", "Tonnes, gross"),
    Column(
        "part", "of all imports", meaning="share of the partner in the focal country's imports of this code, by value"
    ),
    Column("rank", "Rank", "year", "place of the partner among the suppliers of this code"),
)


def bought(r: CountryProfile, trade: BilateralTrade, partner: str) -> Table:
    """Return what the focal country buys from the partner, by code, largest first; context commodities included."""
    rows = []
    for code, flows in trade.imports.items():
        if partner not in flows:
            continue
        value, mass = flows[partner]
        order = [iso for iso, _ in largest({iso: v for iso, (v, _) in flows.items()}, 300)]
        rank = order.index(partner) + 1 if partner in order else None
        rows.append(
            (
                value.value or 0.0,
                (code, trade.name(code), value, mass, share(value, total(v for v, _ in flows.values())), rank),
            )
        )
    ordered = tuple(row for _, row in sorted(rows, key=lambda item: -item[0]))
    title = f"What {r.name} buys from {country_name(partner)}, {r.year}"
    return Table(
        "bought",
        title,
        BOUGHT,
        ordered,
        ("Fuels and other commodities on no critical list are shown too.",),
        long=len(ordered) > 20,
    )


COULD = (
    Column("code", "Code", "text"),
    Column("goods", "Goods", "text"),
    Column("now", "Bought now"),
    Column("elsewhere", "Bought from others"),
    Column("sold", "Partner sells to others"),
    Column("ceiling", "Ceiling", meaning="the smaller of the two columns before"),
    Column("shift", "of all imports", meaning="ceiling as a share of the focal country's imports of this code"),
)


def could(r: CountryProfile, trade: BilateralTrade, partner: str) -> Table:
    """Return, for codes of listed minerals, the most that re-routed trade of the year could have covered."""
    wanted = set(r.listed)
    rows = []
    for code, sold in trade.exports.items():
        if not wanted & set(trade.materials(code)) or code not in trade.imports:
            continue
        flows = trade.imports[code]
        silent = Number(None, "kUSD", note="no flow recorded, which is no measured zero")
        now = flows[partner][0] if partner in flows else silent
        others = total(v for iso, (v, _) in flows.items() if iso != partner and iso not in r.members)
        away = total(v for iso, (v, _) in sold.items() if iso != partner and iso not in r.members)
        if not others.value or not away.value:
            continue
        most = smaller(others, away)
        whole = total(v for v, _ in flows.values())
        rows.append((most.value or 0.0, (code, trade.name(code), now, others, away, most, share(most, whole))))
    ordered = tuple(row for _, row in sorted(rows, key=lambda item: -item[0]))
    note = (
        "The ceiling is arithmetic, not a forecast: the smaller of what the one buys from others and the other sells"
        " to others under the same code in the same year. It knows nothing of contracts, grades, freight, sanctions"
        " or price."
    )
    return Table(
        "could",
        f"What {r.name} could have bought from {country_name(partner)}, {r.year}",
        COULD,
        ordered,
        (note,),
        long=len(ordered) > 20,
    )


def holds(r: CountryProfile, partner: str) -> Table:
    """Return what the partner makes and holds of every mineral on any official list or on the focal country's."""
    columns = (
        Column("mineral", "Mineral", "text"),
        Column("form", "Form", "text"),
        Column("output", "Output"),
        Column("part", "of the world's", meaning="share of world output"),
        Column("rank", "Rank", "year", "place among the world's producers"),
        Column("home", f"Output of {r.name}"),
        Column("reserves", "Reserves", meaning="as the publisher defines them"),
        Column("reserve_part", "of the world's", meaning="share of the publisher's world total"),
    )
    known = dict.fromkeys((*r.listed, *sorted({row.material for row in reference.lists() if row.material})))
    rows: list[tuple[Cell, ...]] = []
    for material in known:
        held = r.reserves.get(material, {})
        lacking = "the source gives no reserves for the country" if held else "no source on reserves by country"
        stock = held.get(partner, Number(None, "t", note=lacking))
        keys = [(material, s) for s in RAW if partner in r.output.get((material, s), {})]
        for k, key in enumerate(keys or ([(material, "")] if stock.value else [])):
            output = r.output.get(key, {}).get(partner, Number(None, "t", note="no output listed"))
            whole = r.world.get(key) or total(r.output.get(key, {}).values())
            order = [iso for iso, _ in largest(r.output.get(key, {}), 300)]
            home = r.own_output(key) or Number(None, "t", note="not listed as a producer")
            mine: tuple[Cell, Cell] = (None, None)
            if k == 0:
                mine = (stock, share(stock, r.whole_reserves(material)))
            rank = order.index(partner) + 1 if partner in order else None
            part = share(output, whole) if output.value else Number(None, "1", note="no output listed")
            rows.append((mineral(material), form(key) if key[1] else "", output, part, rank, home, *mine))
    return Table(
        "holds", f"What {country_name(partner)} produces and holds, {r.year}", columns, tuple(rows), long=len(rows) > 20
    )


def drawn(grid: Table, partner: str) -> Figure | None:
    """Return bars of the partner's share in world output, or None where it has none."""
    rows = []
    for row in grid.cells:
        output, part = row[2], row[3]
        if isinstance(output, Number) and isinstance(part, Number) and part.value:
            rows.append((part.value, f"{row[0]}, {row[1]}", output.value, part.sources))
    rows.sort(key=lambda item: (-item[0], item[1]))
    top = [
        (name, value, f"<b>{name}</b><br>{text.percent(value)} of world output, {text.tonnes(output)}")
        for value, name, output, _ in rows[:20]
    ]
    if not top:
        return None
    sources = tuple(sorted({s for *_, used in rows for s in used}))
    caption = f"Share of {country_name(partner)} in world output, the twenty largest."
    alt = f"Bars: {text.joined(f'{name} {text.percent(value)}' for name, value, _ in top[:5])}."
    return Figure("partner-output", figures.ranked(top, "Share of world output", ".0%"), caption, alt, sources)


def lead(r: CountryProfile, trade: BilateralTrade, partner: str) -> tuple[Sentence, ...]:
    """Return what to know first about the partner."""
    parts = {code: flows[partner][0] for code, flows in trade.imports.items() if partner in flows}
    listed = set(r.listed)
    mine = {code: n for code, n in parts.items() if listed & set(trade.materials(code))}
    whole, critical = total(parts.values()), total(mine.values())
    if not whole.value:
        said = (
            f"Under the trade codes in the store no import of {r.name} from {country_name(partner)} is recorded in"
            f" {r.year}."
        )
        return (Sentence(said, r.case.cube("trade_value").sources),)
    top = largest(parts, 1)[0]
    _, mass = trade.imports[top[0]][partner]
    sentences = [
        Sentence(
            f"In {r.year} {r.name} bought goods of the codes followed here for {text.dollars(whole.value)} from"
            f" {country_name(partner)}; the largest was {trade.name(top[0])} ({top[0]}), {text.dollars(top[1].value)}"
            + (f" and {text.tonnes(mass.value)}." if mass.value else "."),
            whole.sources,
        )
    ]
    if critical.value:
        best = text.joined(f"{trade.name(code)} ({text.dollars(n.value)})" for code, n in largest(mine, 3))
        sentences.append(
            Sentence(
                f"Codes that hold listed minerals made up {text.dollars(critical.value)} of it, first {best}.",
                critical.sources,
            )
        )
    else:
        sentences.append(Sentence("None of it was under a code that holds a listed mineral.", whole.sources))
    return tuple(sentences)


def chapter(r: CountryProfile, partner: str) -> Chapter:
    """Return the chapter on one partner."""
    trade = BilateralTrade(r.focal, r.year, partner)
    made = holds(r, partner)
    figure = drawn(made, partner)
    grids = [bought(r, trade, partner), could(r, trade, partner), made, instruments(r.focal, partner)]
    return Chapter(
        "partner",
        f"{r.name} and {country_name(partner)}",
        (lead(r, trade, partner),),
        (figure,) if figure else (),
        tuple(grids),
    )
