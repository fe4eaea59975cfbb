"""The matrix and the overview: one point and one row a mineral."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

import numpy as np

from khanij.present import figures, text
from khanij.present.document import Cell, Chapter, Column, Figure, Grid, Number, Sentence
from khanij.study.chapters.common import RAW, covered, form, import_value, main_stage, mineral, stages, why_no_main
from khanij.study.readings import Key, Readings, first, place, share, total

RISKY = 0.5  # a first supplier above this share is marked


def weakness(r: Readings) -> dict[str, float]:
    """Return country -> weight of weak governance, (2.5 - mean estimate) / 5, 0 strong to 1 weak."""
    values = r.case.array("governance", "dimension", "country", "year")[..., 0]
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    mean = np.where(known, values, 0).sum(axis=0) / np.maximum(count, 1)
    weak = np.clip((2.5 - mean) / 5, 0, 1)
    return {iso: float(weak[k]) for k, iso in enumerate(r.case.axis("country").codes) if count[k]}


def supplier_risk(r: Readings, key: Key, weights: dict[str, float]) -> Number:
    """Return Σ share² · weakness of governance over the suppliers of one material and stage.

    Shares are of import value. A supplier without a score counts one half; the range takes it at 0 and at 1.
    """
    parts = r.bought.get(key, {})
    whole = total(parts.values())
    if not whole.value:
        return Number(None, "index", note=why_no_main(r, key[0]))
    best = low = high = 0.0
    for iso, number in parts.items():
        square = ((number.value or 0.0) / whole.value) ** 2
        best += square * weights.get(iso, 0.5)
        low += square * weights.get(iso, 0.0)
        high += square * weights.get(iso, 1.0)
    sources = (*whole.sources, *r.case.cube("governance").sources)
    spread = high - low > 1e-4
    return Number(best, "index", sources, low if spread else None, high if spread else None)


def points(r: Readings) -> tuple[list[figures.Point], tuple[str, ...], list[str]]:
    """Return the points of the matrix, their sources, and the names of minerals that have none."""
    weights = weakness(r)
    drawn, sources, lacking = [], set(), []
    for material in r.listed[1]:
        stage = main_stage(r, material)
        if stage is None:
            lacking.append(mineral(material))
            continue
        key = (material, stage)
        spent = total(import_value(r, (material, s)) for s in RAW)
        risk = supplier_risk(r, key, weights)
        top = first(r.bought[key], 3)
        whole = total(r.bought[key].values())
        listed = text.joined(f"{place(iso)} {text.percent(share(n, whole).value)}" for iso, n in top)
        hover = (
            f"Imports of the material itself: {text.dollars(spent.value)}",
            f"Supplier risk, {form(key)}: {text.index(risk.value)}",
            f"From {listed}",
            f"Source: {'; '.join(sorted({*spent.sources, *risk.sources}))}",
        )
        marked = (share(top[0][1], whole).value or 0) > RISKY
        drawn.append(
            figures.Point(mineral(material), spent.value or 0, risk.value or 0, hover, risk.low, risk.high, marked)
        )
        sources |= {*spent.sources, *risk.sources}
    return drawn, tuple(sorted(sources)), lacking


def matrix(r: Readings) -> Figure | None:
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
        caption += f" Not shown, because no import of their own is recorded: {text.joined(lacking)}."
    top = sorted(drawn, key=lambda p: -p.y)[:3]
    alt = (
        f"Scatter of {text.count(len(drawn), 'mineral')}; highest supplier risk:"
        f" {text.joined(f'{p.label} {p.y:.2f}' for p in top)}."
    )
    return Figure("matrix", figure, caption, alt, sources)


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


def unseen(r: Readings, material: str) -> str:
    """Return the stages from mine to metal whose trade is not covered."""
    return ", ".join(s for s in stages(material) if s in RAW and not covered(r, (material, s)))


def overview(r: Readings) -> Grid:
    """Return one row a listed mineral: how it is bought, from whom, how concentrated."""
    weights = weakness(r)
    rows: list[tuple[Cell, ...]] = []
    for material in r.listed[1]:
        stage = main_stage(r, material)
        if stage is None:
            reason = why_no_main(r, material)
            unknown = [Number(None, unit, note=reason) for unit in ("kUSD", "1", "1", "index", "index", "1")]
            rows.append((mineral(material), "", unseen(r, material), *unknown))
            continue
        key = (material, stage)
        whole = import_value(r, key)
        iso, most = first(r.bought[key])[0]
        part = share(most, whole)
        rows.append(
            (
                mineral(material),
                form(key),
                unseen(r, material),
                whole,
                r.values("import-reliance").get(key, Number(None, "1", note="tonnage of its trade is not recorded")),
                replace(part, label=place(iso)),
                r.values("import-hhi", by="value").get(key, Number(None, "index", note="no imports recorded")),
                supplier_risk(r, key, weights),
                r.values("n-1-loss").get(key, Number(None, "1", note="tonnage of its trade is not recorded")),
            )
        )
    return Grid("overview", "Every listed mineral at a glance", COLUMNS, tuple(rows), long=len(rows) > 20)


def chapter(r: Readings, list_name: str) -> Chapter:
    """Return the first chapter."""
    drawn = matrix(r)
    lead = Sentence(
        f"The minerals are those of {list_name}. Shares, concentration and supplier risk are of import value, so that"
        " forms of different metal content add up; reliance and N-1 loss are in tonnes of contained material and"
        " need a source on output."
    )
    return Chapter("glance", "At a glance", ((lead,),), (drawn,) if drawn else (), (overview(r),))
