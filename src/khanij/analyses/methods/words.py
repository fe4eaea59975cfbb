"""What a method gives, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khanij.analyses.methods.tables import SHARES, named
from khanij.core.registry import Method, Variable
from khanij.present import text
from khanij.reference.names import country_name

NAMED = 3
TOLD = ("value", "low", "high", "unit", "notes", "sources")  # cells of a row that are no labels


def listing(methods: Sequence[Method]) -> str:
    """Return how many methods of which kinds there are."""
    kinds: dict[str, int] = {}
    for method in methods:
        kinds[method.kind] = kinds.get(method.kind, 0) + 1
    parts = text.joined(f"{number} {kind}" for kind, number in sorted(kinds.items(), key=lambda item: -item[1]))
    return f"{text.capital(text.count(len(methods), 'method'))}: {parts}."


def values(method: Method, variable: Variable, rows: Sequence[Mapping[str, Any]], own: str = "") -> list[str]:
    """Return the largest values with their places, ranges and sources; the smallest where that is the worse side.

    own  the country that the question is about: where there are values of many, its own are told; "" = none
    """
    known = [row for row in rows if row["value"] is not None]
    known = [row for row in known if row.get("country") == own] or known
    alike = {key: rows[0].get(key) for key in ("focus", "year") if len({row.get(key) for row in rows}) == 1}
    name = ", ".join(filter(None, [named(method, variable, alike.get("focus") or ""), str(alike.get("year") or "")]))
    if not known:
        return [f"{name}: no value is known."]
    better = method.higher == "better"
    ordered = sorted(known, key=lambda row: row["value"] if better else -row["value"])
    lines: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for row in ordered:
        lines.setdefault(_line(row), row)
    ranked = list(lines.values())
    said = dict.fromkeys(alike)  # these are in the name
    told = text.joined(f"{place({**row, **said})} {figure(row, variable)}" for row in ranked[:NAMED])
    cited = sorted({source for row in ranked[:NAMED] for source in (row["sources"] or "").split("; ") if source})
    sources = f" ({text.joined(cited, 4)})" if cited else ""
    if len(known) == 1:
        return [f"{name}: {told}{sources}."]
    materials = len({row["material"] for row in known if row["material"]})
    of = f" of {text.count(materials, 'mineral')}" if materials else ""
    end = "smallest" if better else "largest"
    return [f"{name}: {len(known):,} values{of}; {end}: {told}{sources}."]


def _line(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the labels of a row but its time: of one line over time a single value is told."""
    return tuple(value for key, value in row.items() if key not in ("year", "month", *TOLD))


def place(row: Mapping[str, Any]) -> str:
    """Return mineral and stage, of which partner, for which focus and year, of a row's labels."""
    good = " ".join(str(row[key]) for key in ("material", "stage") if row.get(key))
    other = [f"of {country_name(row[key])}" for key in ("partner", "country") if row.get(key)]
    extra = [str(row[key]) for key in ("technology", "end_use", "route", "step", "flow", "sector") if row.get(key)]
    tail = [country_name(row["focus"])] if row.get("focus") else []
    tail += [str(row["year"])] if row.get("year") else []
    tail += [f"month {row['month']}"] if row.get("month") else []
    return ", ".join(filter(None, [" ".join([good, *other, *extra]).strip(), *tail]))


def figure(row: Mapping[str, Any], variable: Variable) -> str:
    """Return "32 % (31–32 %)"; an index or a sum with its unit."""
    unit = variable.unit if variable.unit != "1" else "1" if variable.name in SHARES else "score"
    if unit == "score" and abs(row["value"]) > 1:
        unit = ""
    low, high = (None, None) if row["low"] == row["high"] else (row["low"], row["high"])
    return text.ranged(row["value"], low, high, unit)
