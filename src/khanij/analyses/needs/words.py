"""Needs in a sentence or two."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.analyses.needs.request import NeedsRequest
from khanij.analyses.needs.tables import Parts
from khanij.present import names, text
from khanij.reference.industry.critical_inputs import CriticalInput
from khanij.reference.industry.product_output import products
from khanij.reference.names import country_name

MOST = 5  # products or goods named


def findings(rows: Sequence[CriticalInput], request: NeedsRequest, parts: Parts) -> tuple[str, ...]:
    """Return what to know first, and how sure it is."""
    worth = {(row.product, row.good): parts[row.good].get(row.product, (0.0, 0.0, 0.0)) for row in rows}
    ordered = sorted(rows, key=lambda row: -worth[row.product, row.good][1])
    if request.product:
        stops = [
            f"{text.small(names.mineral(row.material))} ({row.stage})" for row in ordered if row.without == "stops"
        ]
        named = text.joined(dict.fromkeys(stops), MOST) or "no good on record"
        count = len(dict.fromkeys(row.good for row in rows))
        product = text.capital(products()[request.product].name)
        first = f"{product} cannot be made without {named} ({count} goods on record)."
    else:
        named = text.joined(dict.fromkeys(products()[row.product].name for row in ordered), MOST)
        whose = country_name(request.focus)
        what = names.minerals(request.material)
        whole = _whole(ordered, worth)
        told = f", whose makers add {whole} of value with it" if whole else ""
        first = f"{what} in {whose}: needed for {named}{told}."
    recalled = sum(row.kind == "recalled" for row in rows)
    return (first, f"{recalled} of {len(rows)} rows are recalled and of low confidence; see the column confidence.")


def _whole(rows: Sequence[CriticalInput], worth: dict[tuple[str, tuple[str, str]], tuple[float, float, float]]) -> str:
    """Return the value added behind all rows with its range, "" where no input-output table holds the country."""
    best = {row.product: worth[row.product, row.good] for row in reversed(rows)}
    low, middle, high = (sum(ends[k] for ends in best.values()) / 1e3 for k in range(3))
    return f"{text.dollars(middle)} ({text.dollars(low)} to {text.dollars(high)})" if middle > 0 else ""
