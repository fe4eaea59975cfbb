"""The matrix and the overview: one point and one row a mineral."""

from __future__ import annotations

from dataclasses import replace

from khanij.analyses.profile.forms import (
    RAW,
    absent_form,
    caveat,
    covered,
    form,
    goods,
    goods_name,
    import_value,
    main_stage,
    mineral,
    stages,
    why_no_main,
)
from khanij.analyses.profile.readings import CountryProfile, Key, country_name, largest, share, total
from khanij.core.number import Cell, Number, median
from khanij.core.table import Column, Table
from khanij.present import figures, text
from khanij.present.document import Chapter, Figure, Sentence

RISKY = 0.5  # a first supplier above this share is marked


def risk_of(r: CountryProfile, key: Key) -> Number:
    """Return the concentration of imports weighted by weak governance, or why it is not known."""
    return r.values("import-hhi-wgi").get(key, Number(None, "index", note=why_no_main(r, key[0])))


def points(r: CountryProfile) -> tuple[list[figures.Point], tuple[str, ...], list[str]]:
    """Return the points of the matrix, their sources, and the names of minerals that have none."""
    drawn, sources, lacking = [], set(), []
    for material in r.listed:
        stage = main_stage(r, material)
        if stage is None:
            lacking.append(mineral(material))
            continue
        key = (material, stage)
        outlay = total(import_value(r, (material, s)) for s in RAW)
        risk = risk_of(r, key)
        top = largest(r.bought[key], 3)
        whole = total(r.bought[key].values())
        listed = text.joined(f"{country_name(iso)} {text.percent(share(n, whole).value)}" for iso, n in top)
        hover = (
            f"Imports of the material itself: {text.dollars(outlay.value)}",
            f"Supplier risk, {form(key)}: {text.index(risk.value)}",
            f"From {listed}",
            f"Source: {'; '.join(sorted({*outlay.sources, *risk.sources}))}",
        )
        marked = (share(top[0][1], whole).value or 0) > RISKY
        drawn.append(
            figures.Point(mineral(material), outlay.value or 0, risk.value or 0, hover, risk.low, risk.high, marked)
        )
        sources |= {*outlay.sources, *risk.sources}
    return drawn, tuple(sorted(sources)), lacking


def matrix(r: CountryProfile) -> Figure | None:
    """Return the criticality matrix, or None where no mineral has recorded imports."""
    drawn, sources, lacking = points(r)
    if not drawn:
        return None
    figure = figures.matrix(
        drawn,
        "Imports of ore, intermediates and metal, thousand USD (logarithmic)",
        "Supplier risk",
        median(p.x for p in drawn),
        median(p.y for p in drawn),
        x_log=True,
    )
    caption = (
        f"What {r.name} spends abroad on each listed mineral against how risky its suppliers are, {r.year}. Supplier"
        " risk is the sum over suppliers of share squared times weakness of governance (the mean of the six WGI"
        " estimates turned to 0 strong, 1 weak), at the stage on which most is spent: 0 many well-governed"
        " suppliers, 1 one badly governed. Import value stands for economic weight: it misses what a cheap mineral"
        " would cost if it failed. Dashed lines are medians of the minerals shown and judge nothing. In the warm"
        " colour: one supplier gives over half. Suppliers are places of shipment, not of origin; stages without"
        " trade data are missing from the sum."
    )
    if lacking:
        caption += (
            " Not shown, because imports of their main form are not recorded under a code of their own:"
            f" {text.joined(lacking)}."
        )
    top = sorted(drawn, key=lambda p: -p.y)[:3]
    alt = (
        f"Scatter of {text.count(len(drawn), 'mineral')}; highest supplier risk:"
        f" {text.joined(f'{p.label} {p.y:.2f}' for p in top)}."
    )
    return Figure("matrix", figure, caption, alt, sources, 680)


COLUMNS = (
    Column("mineral", "Mineral", "text"),
    Column("form", "Bought mostly as", "text", "the stage of the material itself on which most is spent abroad"),
    Column(
        "unseen", "Not covered", "text", "stages from mine to metal whose trade no code of this mineral alone shows"
    ),
    Column("imports", "Imports", meaning="value of imports in this form, codes of this mineral alone"),
    Column(
        "reliance",
        "Net import reliance",
        meaning="(imports - exports) / (output + imports - exports), in tonnes, at this stage",
    ),
    Column("supplier", "First supplier", meaning="by value of imports"),
    Column("hhi", "Import HHI", meaning="concentration of import value by supplier: 0 many, 1 one"),
    Column("risk", "Supplier risk", meaning="share squared times weakness of governance, summed over suppliers"),
    Column(
        "loss",
        "N-1 loss",
        meaning="share of supply (output and imports, in tonnes) that goes if the largest foreign supplier stops",
    ),
)


def unseen(r: CountryProfile, material: str) -> str:
    """Return the stages from mine to metal whose trade is not covered."""
    return ", ".join(s for s in stages(material) if s in RAW and not covered(r, (material, s)))


def reliance(r: CountryProfile, material: str, stage: str | None) -> Number:
    """Return net import reliance of a mineral's main form; where it cannot be computed, as it is published."""
    lacking = "tonnage of its trade is not recorded" if stage else why_no_main(r, material)
    computed = r.values("import-reliance").get((material, stage or ""), Number(None, "1", note=lacking))
    if computed.value is not None:
        return replace(computed, label="net exporter") if computed.value < 0 else computed
    published = [r.stated.get((material, s)) for s in (stage or "", "refined", "processed", "mined", "")]
    return next((number for number in published if number), computed)


def overview(r: CountryProfile) -> Table:
    """Return one row a listed mineral: how it is bought, from whom, how concentrated."""
    rows: list[tuple[Cell, ...]] = []
    for material in r.listed:
        stage = main_stage(r, material)
        if stage is None:
            reason = why_no_main(r, material)
            value, part, hhi, risk, loss = (
                Number(None, unit, note=reason) for unit in ("kUSD", "1", "index", "index", "1")
            )
            shown = "main form not in the data" if absent_form(r, material) else ""
            known = reliance(r, material, None)
            rows.append((mineral(material), shown, unseen(r, material), value, known, part, hhi, risk, loss))
            continue
        key = (material, stage)
        whole = import_value(r, key)
        iso, most = largest(r.bought[key])[0]
        rows.append(
            (
                mineral(material),
                form(key),
                unseen(r, material),
                whole,
                reliance(r, material, stage),
                replace(share(most, whole), label=country_name(iso)),
                r.values("import-hhi").get(key, Number(None, "index", note="no imports recorded")),
                risk_of(r, key),
                r.values("n-1-loss").get(key, Number(None, "1", note="tonnage of its trade is not recorded")),
            )
        )
    return Table("overview", "Every listed mineral at a glance", COLUMNS, tuple(rows), long=len(rows) > 20)


MADE = (
    Column("goods", "Goods", "text"),
    Column("mineral", "Made of", "text"),
    Column("imports", "Imports", meaning="value of imports under codes of these goods"),
    Column("first", "First supplier", meaning="by value of imports"),
    Column("second", "Second supplier", meaning="by value of imports"),
    Column("hhi", "Import HHI", meaning="concentration of import value by supplier: 0 many, 1 one"),
    Column("risk", "Supplier risk", meaning="share squared times weakness of governance, summed over suppliers"),
)


def made(r: CountryProfile) -> Table | None:
    """Return one row for each of the goods made from listed minerals that the country buys, None without any."""
    rows: list[tuple[Cell, ...]] = []
    for key in goods(r):
        parts = r.bought[key]
        whole = replace(total(parts.values()), note=caveat(r, key))
        named: list[Cell] = [replace(share(n, whole), label=country_name(iso), note="") for iso, n in largest(parts, 2)]
        named += [None] * (2 - len(named))
        indices = [r.values(method).get(key) for method in ("import-hhi", "import-hhi-wgi")]
        rows.append((text.capital(goods_name(r, key)), mineral(key[0]), whole, *named, *indices))
    note = "Trade codes of goods hold more than the mineral that makes them critical; the letters say what else."
    return Table("goods", "Goods made from listed minerals", MADE, tuple(rows), (note,)) if rows else None


def chapter(r: CountryProfile, list_name: str) -> Chapter:
    """Return the first chapter."""
    figure, other = matrix(r), made(r)
    lead = Sentence(
        f"The minerals are those of {list_name}"
        + (", groups without a trade code of their own told apart by element" if r.listed != r.official[1] else "")
        + ". Shares, concentration and supplier risk are of import value, so that forms of different metal content add"
        " up; reliance and N-1 loss are in tonnes of contained material and need a source on output."
    )
    grids = (overview(r), *((other,) if other else ()))
    return Chapter("glance", "At a glance", ((lead,),), (figure,) if figure else (), grids)
