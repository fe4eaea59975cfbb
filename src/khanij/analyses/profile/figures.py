"""Drawings of a country's purchases: spending against risk, the map of suppliers, and their shares."""

from __future__ import annotations

from khanij.analyses.profile import dependence
from khanij.analyses.profile.dependence import HALF
from khanij.analyses.profile.forms import form, import_value, main_forms, main_stage, outlay, ranked
from khanij.analyses.profile.readings import CountryProfile, country_name, largest, share, total
from khanij.core.number import median
from khanij.present import figures, text
from khanij.present.document import Figure
from khanij.present.names import mineral

LINES = 20  # suppliers from which a line is drawn


def points(profile: CountryProfile) -> list[figures.Point]:
    """Return the points of the matrix, one a mineral whose main form is in the data."""
    drawn = []
    for key in main_forms(profile):
        spent, risk = outlay(profile, key[0]), dependence.supplier_risk(profile, key)
        parts = dependence.shares(profile, key, 3)
        listed = text.joined(f"{part.label} {text.percent(part.value)}" for part in parts)
        hover = (
            f"Imports of the material itself: {text.dollars(spent.value)}",
            f"Supplier risk, {form(key)}: {text.index(risk.value)}",
            f"From {listed}",
            f"Source: {'; '.join(dependence.sources_of((spent, risk)))}",
        )
        marked = (parts[0].value or 0) > HALF
        if risk.value is not None:
            name = mineral(key[0])
            drawn.append(
                figures.Point(name, 1000.0 * (spent.value or 0.0), risk.value, hover, risk.low, risk.high, marked)
            )
    return drawn


def matrix(profile: CountryProfile) -> Figure | None:
    """Return spending against supplier risk, or None where no mineral has recorded imports."""
    drawn = points(profile)
    if not drawn:
        return None
    figure = figures.matrix(
        drawn,
        "Imports of ore, intermediates and metal, USD",
        "Supplier risk",
        median(p.x for p in drawn),
        median(p.y for p in drawn),
        x_log=True,
    )
    caption = (
        f"What {profile.name} spends abroad on each listed mineral against how risky its suppliers are, {profile.year}."
        " Supplier risk is the sum over suppliers of share squared times weakness of governance (the mean of the six"
        " WGI estimates turned to 0 strong, 1 weak), at the stage on which most is spent. Import value stands for"
        " weight: it misses what a cheap mineral would cost if it failed. Dashed lines are medians of the minerals"
        " shown and judge nothing. In the warm colour: one supplier gives over half."
    )
    lacking = [mineral(m).lower() for m in ranked(profile) if main_stage(profile, m) is None]
    if lacking:
        caption += f" Not shown, since their imports cannot be told: {text.joined(lacking)}."
    top = sorted(drawn, key=lambda p: -p.y)[:3]
    shown = text.joined(f"{p.label} {p.y:.2f}" for p in top)
    alt = f"Scatter of {text.count(len(drawn), 'mineral')}; highest supplier risk: {shown}."
    keys = main_forms(profile)
    sources = dependence.sources_of(
        [*(import_value(profile, key) for key in keys), *(dependence.supplier_risk(profile, key) for key in keys)]
    )
    return Figure("matrix", figure, caption, alt, sources, 680)


def map_of_suppliers(profile: CountryProfile) -> Figure | None:
    """Return the map of supplying countries, or None where no import is recorded."""
    values = dependence.imports_by_country(profile)
    if not values:
        return None
    whole = total(values.values())
    leads, _ = dependence.roles(profile)
    hover = {}
    for iso, number in values.items():
        part = text.percent(share(number, whole).value)
        first = text.joined((mineral(m).lower() for m in leads.get(iso, ())), 8)
        more = f"<br>First supplier of {first}" if first else ""
        hover[iso] = f"<b>{country_name(iso)}</b><br>{text.dollars(number.value)}, {part} of the bill{more}"
    own = dict.fromkeys(profile.members, f"<b>{profile.name}</b>")
    dollars = {iso: 1000.0 * (n.value or 0.0) for iso, n in values.items()}
    sent = [
        figures.Flow(
            iso,
            profile.focal,
            dollars[iso],
            share(number, whole).value or 0.0,
            hover[iso],
            f"to {profile.name}{', of low confidence' if number.confidence == 'low' else ''}",
            is_estimated=number.confidence == "low",
        )
        for iso, number in largest(values, LINES)
    ]
    figure = figures.world(dollars, hover, "USD", own, flows=sent)
    top = text.joined(f"{country_name(iso)} ({text.percent(share(n, whole).value)})" for iso, n in largest(values, 8))
    caption = (
        f"Imports of listed minerals by {profile.name} in {profile.year}, by country of shipment: ores, intermediates"
        f" and metal, goods made from them left out. Lines: the {len(sent)} largest, as broad as their part of the"
        f" bill, broken where the figure is of low confidence. {figures.OUTLINES}"
    )
    alt = f"World map with lines from suppliers. Largest by value: {top}."
    return Figure("map", figure, caption, alt, whole.sources, 520)


def supplier_bars(profile: CountryProfile) -> Figure | None:
    """Return stacked bars of suppliers' shares at each mineral's main form, or None without imports."""
    keys = main_forms(profile)
    if not keys:
        return None
    parts = {key: dependence.shares(profile, key) for key in keys}
    rows = [(mineral(key[0]), [(n.label, n.value or 0.0) for n in listed]) for key, listed in parts.items()]
    rows.sort(key=lambda row: -row[1][0][1])
    caption = (
        f"Who supplies {profile.name}: shares of import value at the form on which most is spent, {profile.year}, the"
        " most concentrated first. Darkest: the first supplier, whoever it is; grey: all but the first three."
    )
    shown = text.joined(f"{name} ({listed[0][0]} {text.percent(listed[0][1])})" for name, listed in rows[:3])
    alt = f"Stacked bars for {text.count(len(rows), 'mineral')}; most concentrated: {shown}."
    sources = dependence.sources_of(n for listed in parts.values() for n in listed)
    return Figure("suppliers", figures.suppliers(rows), caption, alt, sources, 560)


def drawings(profile: CountryProfile) -> tuple[Figure, ...]:
    """Return every drawing of the profile for which there is enough."""
    drawn = (matrix(profile), map_of_suppliers(profile), supplier_bars(profile))
    return tuple(figure for figure in drawn if figure)
