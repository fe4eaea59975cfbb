"""A supplier through the years, two countries side by side, and who could fill a gap, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from khanij.analyses.exposure.exposures import CountryExposure
from khanij.analyses.exposure.tables import told as controls_told
from khanij.analyses.profile.forms import form, label
from khanij.core.number import Key, Number, Trend
from khanij.core.table import Table
from khanij.methods.trade.partner_parts import PartnerSeries
from khanij.present.names import mineral
from khanij.reference import columns
from khanij.reference.names import country_name
from khanij.simulate.supply.gaps import SupplyGap

SUPPLIER = (
    *("mineral", "form", "imports_value", "sent_then", "sent_now", "sent_line", "tonnes_then", "tonnes_now"),
    *("bought_since", "bought_until", "material", "stage"),
)
YEARS = ("year", "imports_value", "sent_value", "sent_now", "forms_bought", "forms_over_half")
VERSUS = (*("goods_named", "imports_value", "held", "other_value", "other_held", "same_first", "material", "stage"),)
REPLACE = (
    *("country_name", "makes", "makes_share", "sold_value", "sold_mass", "gap_part", "sent_now", "price_by_gap"),
    *("is_maker", "controls", "country"),
)


def supplier(rows: Iterable[PartnerSeries], years: Sequence[int], title: str, notes: Iterable[str]) -> Table:
    """Return one row a form: the supplier's part in the first and last year with imports, by value and by tonnes."""
    told = []
    for row in rows:
        part, tonnes = row.part, row.mass_part
        known = [k for k, value in enumerate(part) if value == value]
        weighed = [k for k, value in enumerate(tonnes) if value == value]
        line = Trend(tuple(years), tuple(None if v != v else float(v) for v in part), "1", row.sources)
        told.append(
            {
                "mineral": mineral(row.key[0]),
                "form": form(row.key),
                "imports_value": Number(float(row.whole[known[-1]]), "kUSD", row.sources),
                "sent_then": Number(float(part[known[0]]), "1", row.sources),
                "sent_now": Number(float(part[known[-1]]), "1", row.sources),
                "sent_line": line,
                "tonnes_then": float(tonnes[weighed[0]]) if weighed else None,
                "tonnes_now": float(tonnes[weighed[-1]]) if weighed else None,
                "bought_since": years[known[0]],
                "bought_until": years[known[-1]],
                "material": row.key[0],
                "stage": row.key[1],
            }
        )
    shown = ("mineral", "form", "imports_value", "sent_then", "sent_now", "tonnes_then", "tonnes_now")
    return columns.table("supplier", title, told, SUPPLIER, notes=notes, main=shown)


def by_year(rows: Iterable[Mapping[str, Any]], title: str) -> Table:
    """Return one row a year: the bill, what of it the supplier sent, and of how many forms over half."""
    return columns.table("years", title, rows, YEARS)


def versus(
    sides: tuple[Mapping[Key, CountryExposure], Mapping[Key, CountryExposure]], names: tuple[str, str], year: int
) -> Table:
    """Return one row a form that either country buys, the larger bill of the first country first."""
    keys = sorted({*sides[0], *sides[1]}, key=lambda key: (-_spent(sides[0].get(key)), -_spent(sides[1].get(key)), key))
    rows = []
    for key in keys:
        one, two = (side.get(key) for side in sides)
        rows.append(
            {
                "goods_named": label(key),
                "imports_value": None if one is None else one.spent,
                "held": _held(one),
                "other_value": None if two is None else two.spent,
                "other_held": _held(two),
                "same_first": None if one is None or two is None else one.country == two.country,
                "material": key[0],
                "stage": key[1],
            }
        )
    note = (
        f"imports and held are of {names[0]}, the others of {names[1]}; empty: its list has not this form, or no data"
    )
    shown = ("goods_named", "imports_value", "held", "other_value", "other_held")
    return columns.table("versus", f"{names[0]} and {names[1]}, {year}", rows, VERSUS, notes=(note,), main=shown)


def _spent(row: CountryExposure | None) -> float:
    """Return the bill of a form, 0 without one, to sort by."""
    return 0.0 if row is None else row.spent.value or 0.0


def _held(row: CountryExposure | None) -> Number | None:
    """Return the first sender's share, named."""
    if row is None:
        return None
    return Number(
        row.held.value, "1", row.held.sources, row.held.low, row.held.high, row.held.confidence,
        label=country_name(row.country),
    )  # fmt: skip


def replace(gap: SupplyGap, world: float | None, title: str, notes: Iterable[str]) -> Table:
    """Return one row a country that sells the form: makers that nothing stops first, by what they sell."""
    rows = []
    for seller in gap.sellers:
        made = None if seller.output is None else seller.output.value
        by_mass = gap.mass > 0 and seller.sold_mass > 0
        own = seller.own_mass if by_mass else seller.own_value
        needed = (gap.mass if by_mass else gap.value) / own if own > 0 else None
        dearer = seller.price / gap.price if by_mass else None
        rows.append(
            {
                "country_name": country_name(seller.country),
                "makes": seller.output,
                "makes_share": made / world if made and world else None,
                "sold_value": Number(seller.sold, "kUSD", gap.sources),
                "sold_mass": seller.sold_mass or None,
                "gap_part": needed,
                "sent_now": seller.sent,
                "price_by_gap": dearer,
                "is_maker": seller.maker,
                "controls": controls_told(seller.controls),
                "country": seller.country,
            }
        )
    shown = ("country_name", "makes", "sold_value", "gap_part", "sent_now", "price_by_gap", "controls")
    return columns.table("replace", title, rows, REPLACE, notes=notes, main=shown)
