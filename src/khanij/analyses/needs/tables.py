"""The table of needs: one row a pair of product and good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from khanij.core.number import Number
from khanij.core.range import Range
from khanij.core.table import Table
from khanij.reference import columns
from khanij.reference.industry.critical_inputs import CriticalInput
from khanij.reference.industry.product_output import ProductOutput, newest_output, products
from khanij.reference.names import country_name

PIECES = "pieces"  # a count of products is no share, which "1" means elsewhere
Parts = Mapping[tuple[str, str], Mapping[str, tuple[float, float, float]]]
NOTES = (
    "adoption: part of the product's output that holds the good; value added: of this country's makers, by the part "
    "of its industry that a product has in the finest input-output table, a low-confidence split",
    "a pair without a row is unknown, not nought; recalled figures are of low confidence",
)


def needs(rows: Sequence[CriticalInput], focus: str, parts: Parts) -> Table:
    """Return the pairs, those with most value added behind them first."""
    ordered = sorted(rows, key=lambda row: (-parts[row.good].get(row.product, (0.0, 0.0, 0.0))[1], row.product))
    return columns.table(
        "needs", f"who needs what, {country_name(focus)}", [_row(row, focus, parts) for row in ordered], notes=NOTES
    )


def _row(row: CriticalInput, focus: str, parts: Parts) -> dict[str, object]:
    """Return one pair."""
    made, risk = newest_output(row.product, focus), parts[row.good].get(row.product)
    return {
        "product": row.product,
        "product_name": products()[row.product].name,
        "material": row.material,
        "stage": row.stage,
        "adoption": _number(row.adoption, "1", row),
        "effect_without": row.without,
        "value_added_needing": None if risk is None else _spread(risk, row),
        "cover_weeks": _number(row.cover, "weeks", row),
        "redesign_months": _number(row.redesign, "months", row),
        "intensity": _number(row.intensity, row.unit, row),
        "cost_share": _number(row.cost_share, "1", row),
        "product_output": None if made is None else _output(made),
        "kind": row.kind,
        "confidence": row.confidence,
        "source": row.source,
        "note": row.note,
    }  # fmt: skip


def _output(made: ProductOutput) -> Number:
    """Return what is made of a product a year, pieces where it is counted."""
    unit = PIECES if made.unit == "1" else made.unit
    return Number(
        made.output.best, unit, tuple(made.source.split(";")), made.output.low, made.output.high, made.confidence
    )


def _number(span: Range | None, unit: str, row: CriticalInput) -> Number | None:
    """Return a range of the table as a number with its source; None where the row has none."""
    if span is None:
        return None
    return Number(span.best, unit, tuple(row.source.split(";")), span.low, span.high, row.confidence or "low")


def _spread(risk: tuple[float, float, float], row: CriticalInput) -> Number:
    """Return value added behind a pair, million USD."""
    low, best, high = (value / 1e6 for value in risk)
    return Number(best, "MUSD", tuple(row.source.split(";")), low, high, "low")
