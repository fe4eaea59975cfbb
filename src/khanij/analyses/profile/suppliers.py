"""Which countries supply: the map, and a row for each country that matters."""

from __future__ import annotations

from khanij.analyses.profile.forms import RAW, main_stage, mineral
from khanij.analyses.profile.readings import CountryProfile, country_name, largest, share, total
from khanij.core.number import Cell, Number
from khanij.core.table import Column, Table
from khanij.present import figures, text
from khanij.present.document import Chapter, Figure, Sentence

SHOWN = 25

COLUMNS = (
    Column("country", "Country", "text"),
    Column("value", "Imports from it", meaning="value over all listed minerals: ores, intermediates and metal"),
    Column("part", "of all", meaning="share of the focal country's imports of listed minerals"),
    Column(
        "first", "First supplier of", "text", "minerals of which no country sends more, by value, at the main stage"
    ),
    Column("also", "20 % or more of", "text", "minerals of which it sends at least a fifth without being first"),
)


def by_country(r: CountryProfile) -> dict[str, Number]:
    """Return supplier -> value of imports of all listed minerals, ores to metal."""
    parts: dict[str, list[Number]] = {}
    for material in r.listed:
        for stage in RAW:
            for iso, number in r.bought.get((material, stage), {}).items():
                parts.setdefault(iso, []).append(number)
    return {iso: total(numbers) for iso, numbers in parts.items()}


def roles(r: CountryProfile) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return supplier -> minerals of which it is first, and supplier -> others of which it gives a fifth or more."""
    leads: dict[str, list[str]] = {}
    large: dict[str, list[str]] = {}
    for material in r.listed:
        stage = main_stage(r, material)
        if stage is None:
            continue
        parts = r.bought[material, stage]
        whole = total(parts.values())
        for k, (iso, number) in enumerate(largest(parts, 5)):
            if k == 0:
                leads.setdefault(iso, []).append(mineral(material))
            elif (share(number, whole).value or 0) >= 0.2:
                large.setdefault(iso, []).append(mineral(material))
    return leads, large


def chapter(r: CountryProfile) -> Chapter:
    """Return the chapter on supplying countries."""
    values = by_country(r)
    whole = total(values.values())
    leads, large = roles(r)
    rows: list[tuple[Cell, ...]] = [
        (country_name(iso), number, share(number, whole), ", ".join(leads.get(iso, [])), ", ".join(large.get(iso, [])))
        for iso, number in largest(values, SHOWN)
    ]
    grid = Table("countries", "Supplying countries", COLUMNS, tuple(rows), long=True)
    if not rows:
        lead = Sentence(f"No import of a listed mineral is recorded for {r.name} in {r.year}.")
        return Chapter("map", "Who supplies", ((lead,),), (), (grid,))
    hover = {
        iso: (
            f"<b>{country_name(iso)}</b><br>{text.dollars(n.value)}, {text.percent(share(n, whole).value)} of imports of"
            " listed minerals" + (f"<br>First supplier of {text.joined(leads[iso], 8).lower()}" if iso in leads else "")
        )
        for iso, n in values.items()
    }
    figure = figures.world(
        {iso: n.value or 0.0 for iso, n in values.items()},
        hover,
        "USD thousand",
        dict.fromkeys(r.members, f"<b>{r.name}</b>"),
    )
    top = largest(values, 3)
    said = text.joined(f"{country_name(iso)} ({text.percent(share(n, whole).value)})" for iso, n in top)
    caption = (
        f"Imports of listed minerals by {r.name} in {r.year}, by country of shipment: ores, intermediates and metal,"
        " goods made from them left out. Outlines from Natural Earth; they take no position on any boundary."
    )
    drawn = Figure("map", figure, caption, f"World map. Largest suppliers by value: {said}.", whole.sources)
    lead = Sentence(f"By value the largest suppliers of listed minerals are {said}.", whole.sources)
    if not leads:
        return Chapter("map", "Who supplies", ((lead,),), (drawn,), (grid,))
    widest = max(leads, key=lambda iso: (len(leads[iso]), iso))
    more = Sentence(
        f"{country_name(widest)} is the first supplier of {text.count(len(leads[widest]), 'mineral')}:"
        f" {text.joined(leads[widest]).lower()}.",
        whole.sources,
    )
    return Chapter("map", "Who supplies", ((lead, more),), (drawn,), (grid,))
