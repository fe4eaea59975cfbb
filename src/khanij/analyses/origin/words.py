"""Who really stands behind the imports: mines, makers and the countries passed on the way, with ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from khanij.analyses.origin.traced import EARLIEST, OWN, Provenance, Traced
from khanij.analyses.profile.forms import mineral, shown_form
from khanij.analyses.profile.readings import CountryProfile, country_name, largest
from khanij.core.number import Cell, Key, Number
from khanij.core.table import Column, Table
from khanij.present import figures, text
from khanij.present.document import Chapter, Figure, Sentence
from khanij.present.figures import Node, Stream

TRACED = ("copper", "titanium", "lithium", "rare-earths", "nickel", "cobalt")
MOST = 6
MOSTLY = 0.9  # above this unknown share no diagram is drawn
VAGUE = 0.4


def findings(rows: Sequence[Mapping[str, Any]], focus: str, by: str, year: int) -> list[str]:
    """Return for each mineral and stage the first origins with their ranges, what is unknown, and the hubs passed."""
    cells: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        cells.setdefault((row["material"], row["stage"]), []).append(row)
    said = []
    for (material, stage), lines in list(cells.items())[:MOST]:
        made = [row for row in lines if row["country"] and row["share"] is not None][:3]
        first = text.joined(f"{row['name']} {_share(row)}" for row in made)
        unknown = sum(row["share"] or 0.0 for row in lines if row["country"] is None and row["notes"])
        hubs = [
            f"{row['name']} {text.percent(row['exposure'])}" for row in lines if row["hub_ratio"] and row["exposure"]
        ]
        what = f"{text.capital(material)} ({stage}) that {country_name(focus)} uses, {year}, counted at the {by}"
        more = f"; the records do not show the origin of {text.percent(unknown)}" if unknown else ""
        more += f"; through hubs: {text.joined(hubs[:3])}" if hubs else ""
        said.append(f"{what}: {first or 'no origin known'}{more}.")
    return said


def _share(row: Mapping[str, Any]) -> str:
    """Return "43 % (40–50 %)"."""
    band = text.span(row["low"], row["high"], "1")
    return text.percent(row["share"]) + (f" ({band})" if band else "")


def shown(p: Provenance, material: str) -> Key | None:
    """Return the latest stage of a material whose use was traced back to another stage, else the latest traced."""
    keys = [(material, stage) for stage in p.stages(material)]
    traced = [(key, found) for key in keys if (found := p.traced(key))]
    deep = [key for key, found in traced if found.counted not in ("", key[1])]
    return deep[-1] if deep else (traced[-1][0] if traced else None)


def span(number: Number) -> str:
    """Return "34 % (20–51 %)"."""
    band = text.span(number.low, number.high, "1")
    return f"{text.percent(number.value)}" + (f" ({band})" if band else "")


def column(found: Traced, x: float, hub: str, mark: str) -> tuple[list[Node], list[Stream]]:
    """Return the boxes of one column of countries and their streams into a hub."""
    nodes, links = [], []
    named = largest(found.shares, MOST)
    for iso, number in named:
        name = f"{country_name(iso)} {span(number)}{mark}"
        nodes.append(Node(name, "supplier", x))
        links.append(Stream(name, hub, number.value or 0.0, f"{country_name(iso)}: {span(number)}"))
    rest = len(found.shares) - len(named)
    others = 1.0 - (found.unknown.value or 0.0) - sum(n.value or 0.0 for _, n in named)
    if rest and others > 0.005:
        name = f"{text.count(rest, 'other')} {text.percent(others)}{mark}"
        nodes.append(Node(name, "supplier", x))
        links.append(Stream(name, hub, others, name.strip()))
    if (found.unknown.value or 0.0) > 0.005:
        name = f"Not shown by the records {text.percent(found.unknown.value)}{mark}"
        nodes.append(Node(name, "unknown", x))
        links.append(
            Stream(name, hub, found.unknown.value or 0.0, "imports or feed whose origin no record shows", True)
        )
    return nodes, links


def drawn(r: CountryProfile, p: Provenance, key: Key) -> Figure | None:
    """Return mines, makers and use of one material and stage as a diagram of shares, or None."""
    mines, makers = p.traced(key), p.traced(key, OWN)
    if mines is None or (mines.unknown.value or 0.0) > MOSTLY:
        return None
    use = Node(f"Use in {r.name}", "home", 1.0)
    if makers is None or mines.counted == key[1]:
        nodes, links = column(mines, 0.0, use.name, "")
        nodes.append(use)
    else:
        hub = Node(f"As {mines.counted}", "stage", 0.33)
        nodes, links = column(mines, 0.0, hub.name, "")
        more, into = column(makers, 0.66, use.name, " ")
        whole = sum(link.value for link in into)
        links += [replace_source(link, hub, whole) for link in into] + into
        nodes += [hub, *more, use]
    sources = tuple(sorted({s for n in (*mines.shares.values(), mines.unknown) for s in n.sources}))
    top = largest(mines.shares, 3)
    made_by = largest(makers.shares, 3) if makers else []
    caption = (
        f"{mineral(key[0])}: what {r.name} uses as {shown_form(r, key)}, {r.year}. Left: where it was mined or first"
        " recorded; right: who made it at this stage. Which mine fed which maker is not drawn: only the sums are"
        " known."
        " In brackets the least and the most that the same balances of trade and output allow, where computed."
    )
    alt = f"Sankey diagram. Mined by {text.joined(f'{country_name(i)} {span(n)}' for i, n in top)}" + (
        f"; made by {text.joined(f'{country_name(i)} {text.percent(n.value)}' for i, n in made_by)}."
        if made_by
        else "."
    )
    height = min(400, 120 + 28 * max(len(nodes) - 3, 4))
    return Figure(f"origin-{key[0]}", figures.sankey(nodes, links, "", height), caption, alt, sources, 640)


def replace_source(link: Stream, hub: Node, whole: float) -> Stream:
    """Return the stream from the hub into the box where the given one starts."""
    return Stream(hub.name, link.source, link.value, f"{link.hover}, share of use", uncertain=True)


COLUMNS = (
    Column("mineral", "Mineral", "text"),
    Column("form", "Used as", "text"),
    Column("mine_1", "First mine", meaning="share of use by where it was mined"),
    Column("mine_2", "Second mine", meaning="share of use by where it was mined"),
    Column("maker", "First maker", meaning="share of use by who made this stage"),
    Column("passed", "Passed most", meaning="share of use that has been in this country as mine, maker or transit"),
    Column("shipped", "First by shipment", meaning="the first supplier as customs see it, by value"),
    Column("unknown", "Not shown", meaning="share of use whose origin the records do not show"),
)


def table(r: CountryProfile, p: Provenance) -> Table:
    """Return one row a traced material and stage."""
    rows: list[tuple[Cell, ...]] = []
    for material in TRACED:
        for stage in p.stages(material):
            key = (material, stage)
            mines, makers = p.traced(key), p.traced(key, OWN)
            if mines is None:
                continue
            named = [replace(n, label=country_name(iso)) for iso, n in largest(mines.shares, 2)]
            maker = [replace(n, label=country_name(iso)) for iso, n in largest(makers.shares if makers else {})]
            through = [replace(n, label=country_name(iso)) for iso, n in largest(p.passed(key))]
            shipped = [
                replace(n, value=n.value, label=country_name(iso))
                for (m, s, iso), n in r.values("supplier-shares").items()
                if (m, s) == key
            ]
            top = max(shipped, key=lambda n: n.value or 0.0, default=None)
            cells: list[Cell] = [*named, *([None] * (2 - len(named)))]
            cells += [maker[0] if maker else None, through[0] if through else None, top, mines.unknown]
            rows.append((mineral(material), shown_form(r, key), *cells))
    note = (
        "Supply of a stage is taken to be mixed in the country where it is made (an estimate); the range is what the"
        " balances allow if it is not. Shares by mine and maker are of tonnes, the shipment's of value."
    )
    return Table("origins", "Mines, makers and places passed", COLUMNS, tuple(rows), (note,))


def told(r: CountryProfile, p: Provenance, keys: list[Key]) -> list[Sentence]:
    """Return what the tracing changes, and where the records show nothing."""
    said = []
    for key in keys:
        found = p.traced(key)
        top = largest(found.shares)[0] if found and found.shares else None
        shipped = largest(r.import_values.get(key, {}))
        if found and top and shipped and top[0] != shipped[0][0] and (found.unknown.value or 0) < VAGUE:
            away = "home" if top[0] in r.members else country_name(top[0])
            said.append(
                Sentence(
                    f"{mineral(key[0])} as {shown_form(r, key)}: customs see {country_name(shipped[0][0])} first,"
                    f" the mines behind it are first of all in {away}, {span(top[1])}.",
                    top[1].sources,
                )
            )
    for key in keys:
        found = p.traced(key)
        if found and found.shares and (found.unknown.value or 0.0) > VAGUE:
            listed = text.joined(f"{country_name(iso)} {text.percent(n.value)}" for iso, n in largest(found.shares, 3))
            said.append(
                Sentence(
                    f"For {mineral(key[0]).lower()} as {shown_form(r, key)} the records do not show"
                    f" {text.percent(found.unknown.value)} of the origin; what they show comes first from {listed}.",
                    found.unknown.sources,
                )
            )
    return said


def chapter(r: CountryProfile) -> Chapter | None:
    """Return the chapter on true origin, None where nothing could be traced."""
    p = Provenance(r.focal, r.year, TRACED)
    keys = [key for material in TRACED if (key := shown(p, material))]
    if not keys:
        return None
    r.results |= {"origin": p.results[EARLIEST], "pass-through": p.results["passed"]}
    lead = Sentence(
        "Customs name the country of shipment. Traced back through trade and through the stages of each chain, use is"
        " laid to the mines and the makers that stand behind it."
    )
    diagrams = tuple(figure for key in keys if (figure := drawn(r, p, key)))
    return Chapter("origin", "Who really stands behind it", ((lead, *told(r, p, keys)),), diagrams, (table(r, p),))
