"""What the records say, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from khanij.core.number import Number
from khanij.core.table import Table
from khanij.present import text
from khanij.reference.names import country_name

NAMED = 3  # suppliers, codes or checks named in a sentence
GROSS = "mass is gross product weight; value is thousand current US dollars free on board; n/k = not known, not zero"


def trade(flows: Table, focus: str, exports: bool) -> list[str]:
    """Return how much was traded, with whom first, and for what part of the value no tonnage is known."""
    rows = list(flows.rows())
    years = sorted({row["year"] for row in rows})
    verb, way = ("sold", "to") if exports else ("bought", "from")
    whole = _sum(row["trade_value"] for row in rows)
    by_partner: dict[str, float] = {}
    for row in rows:
        by_partner[row["partner"]] = by_partner.get(row["partner"], 0.0) + (row["trade_value"].value or 0.0)
    first = sorted(by_partner.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{country_name(iso)} {text.percent(value / whole)}" for iso, value in first[:NAMED] if whole]
    rest = len(first) - len(parts)
    named = text.joined([*parts, *([text.count(rest, "other")] if rest else [])])
    weight = _sum(row["trade_mass"] for row in rows)
    unweighed = _sum(row["trade_value"] for row in rows if row["trade_mass"].value is None)
    mass = f"; {text.tonnes(weight)} gross" if weight else ""
    if unweighed and whole:
        mass += f", no tonnage known for {text.percent(unweighed / whole)} of the value"
    sources = text.joined(sorted(set(flows.cited())))
    return [
        f"{country_name(focus)} {verb} {goods(rows)} for {text.dollars(whole)} in {_span(years)}, {way} {named}{mass}"
        f" ({sources}).",
        *_doubted(rows, whole),
        *_course(rows, years),
    ]


def _doubted(rows: Sequence[Mapping[str, Any]], whole: float) -> list[str]:
    """Return which flows are likely no trade in what the code names, the largest first."""
    told = sorted((row for row in rows if row["doubt"]), key=lambda row: -(row["trade_value"].value or 0.0))
    if not told:
        return []
    part = sum(row["trade_value"].value or 0.0 for row in told) / whole if whole else 0.0
    first = told[0]
    said = f"{country_name(first['partner'])}, {first['year']}: {first['doubt']}"
    rest = f"; {text.count(len(told) - 1, 'other')} marked in the table" if len(told) > 1 else ""
    return [f"{text.percent(part)} of the value is doubtful ({said}{rest})."]


def goods(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what was traded: the codes with what they hold, or how many there are."""
    codes = {row["hs"]: row["traded_goods"] for row in rows}
    if len(codes) > NAMED:
        return f"goods of {len(codes)} trade codes"
    return text.joined(f"{code} ({what})" if what else code for code, what in codes.items())


def imputed(rows: Iterable[Mapping[str, Any]], published: Mapping[tuple[Any, ...], float]) -> list[str]:
    """Return one note on masses that are not the publisher's, with the published figures.

    rows       of data.lookup.query.trade      published  (item, country, partner, year) -> the publisher's tonnes
    """
    told = []
    for row in rows:
        if row["mass_status"] == "imputed":
            key = (f"{row['revision']}:{row['hs']}", row["exporter"], row["importer"], row["year"])
            own = f", published {published[key]:,.0f} t" if key in published else ""
            reason = (row["mass_note"] or "").partition(": ")[2]
            told.append(f"{key[1]} to {key[2]} {row['hs']} {key[3]}: {row['mass']:,.0f} t{own} ({reason})")
    if not told:
        return []
    more = f"; {len(told) - NAMED} more" if len(told) > NAMED else ""
    return [f"masses that are not the publisher's: {'; '.join(told[:NAMED])}{more}"]


def none(absent: Sequence[str], flow: str, limit: int = 6) -> list[str]:
    """Return one note on what was asked and is not recorded."""
    if not absent:
        return []
    more = f" and {len(absent) - limit} more" if len(absent) > limit else ""
    return [f"no {flow} recorded, which is no measured zero: {'; '.join(absent[:limit])}{more}"]


def checks(overview: Table) -> list[str]:
    """Return how many gaps between the facts nothing explains, and where most of them stand."""
    rows = sorted((row for row in overview.rows() if row["unexplained"]), key=lambda row: -row["unexplained"])
    whole = sum(row["unexplained"] for row in rows)
    where = text.joined(f"{row['check']} {row['unexplained']}" for row in rows[:NAMED])
    return [f"{text.capital(text.count(len(overview), 'check'))}; the facts leave {whole} gaps unexplained: {where}."]


def _sum(numbers: Iterable[Number]) -> float:
    """Return the sum of what is known."""
    return sum(n.value for n in numbers if n.value is not None)


def _span(years: Sequence[int]) -> str:
    """Return "2023" or "2018 to 2024"."""
    return str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"


def _course(rows: Sequence[Mapping[str, Any]], years: Sequence[int]) -> list[str]:
    """Return how the value went from the first year to the last."""
    if len(years) < 2:
        return []
    sums = {year: _sum(row["trade_value"] for row in rows if row["year"] == year) for year in (years[0], years[-1])}
    first, last = (f"{text.dollars(sums[year])} in {year}" for year in (years[0], years[-1]))
    return [f"From {first} to {last}."]


def template(quantity: str, needed: Sequence[str], unit: str) -> tuple[str, ...]:
    """Return how a file of one's own facts is filled in."""
    return (
        f"A line a fact of {quantity.replace('_', ' ')}: {', '.join(needed)} must be there, in {unit} or a unit of it.",
        "--format csv --out FILE.csv writes a file to fill in; any question takes it with --own FILE.csv.",
    )
