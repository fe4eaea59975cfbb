"""Flows that are likely no trade in what their code names: far cheaper than others', or grown many times in a year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from khanij.analyses.inputs import cases
from khanij.analyses.inputs.surges import surges
from khanij.core.errors import KhanijError
from khanij.present import text
from khanij.reference.assumptions import assumed

FEWEST = 3  # partners with tonnes and value from which their median is a price of the code
Key = tuple[str, str, str, int]


def key(row: Mapping[str, Any]) -> Key:
    """Return exporter, importer, code and year of a row of data.lookup.query.trade."""
    return row["exporter"], row["importer"], row["hs"], row["year"]


def cheap(rows: Iterable[Mapping[str, Any]]) -> dict[Key, str]:
    """Return flow -> why its price is doubted: value by tonnes below price_doubt of the median dollar of the code.

    rows  of data.lookup.query.trade, every partner of the country
    """
    prices: dict[tuple[str, int], dict[Key, tuple[float, float]]] = {}
    for row in rows:
        if row["value"] and row["mass"] and row.get("mass_status") != "imputed":
            prices.setdefault((row["hs"], row["year"]), {})[key(row)] = row["value"] / row["mass"], row["value"]
    found = {}
    for flows in prices.values():
        middle = _median(flows.values())
        for flow, (price, _) in flows.items():
            if len(flows) >= FEWEST and price < assumed("price_doubt") * middle:
                said = f"{text.dollars(price)}/t where the median is {text.dollars(middle)}/t"
                found[flow] = f"{said}: another grade, or other goods"
    return found


def _median(flows: Iterable[tuple[float, float]]) -> float:
    """Return the price at which half of the value was traded: flows as (price, value)."""
    ordered = sorted(flows)
    half, sum_ = sum(value for _, value in ordered) / 2, 0.0
    for price, value in ordered:
        sum_ += value
        if sum_ >= half:
            return price
    return float("nan")


def leapt(rows: Sequence[Mapping[str, Any]], focus: str) -> dict[Key, str]:
    """Return flow into one focus -> why it is set aside from every ranking: see inputs.surges.

    Only years with a flow of at least surge_value are looked at; a code of no listed mineral has no surge.
    """
    found = {}
    for year in sorted({row["year"] for row in rows if (row["value"] or 0.0) >= 1000.0 * assumed("surge_value")}):
        of = [row for row in rows if row["year"] == year]
        named = sorted({material for row in of for material in row["material"].split("; ") if material})
        try:
            aside = surges(cases.case(focus, year, named)) if named else ()
        except KhanijError:  # a year without what a Case needs tells of no surge
            continue
        for row in of:
            same = [
                one for one in aside if one.exporter == row["exporter"] and one.material in row["material"].split("; ")
            ]
            if same:
                rose = (
                    f"{text.dollars(sum(one.before for one in same))} to {text.dollars(sum(one.value for one in same))}"
                )
                found[key(row)] = f"{same[0].material} rose from {rose}, by no known maker: left out of every ranking"
    return found
