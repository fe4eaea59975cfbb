"""What a country uses, and which part of it comes from abroad. No figures on stocks are in these balances."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Balance = Callable[[Floats, Floats, Floats], Floats]


def apparent_consumption(production: Floats, imports: Floats, exports: Floats) -> Floats:
    """Return apparent consumption without stocks: A = P + I - E.

    production P, imports I, exports E  (...) t/yr, one stage      returns (...) t/yr, negative where records disagree
    Reference: USGS, Mineral Commodity Summaries 2025, doi 10.3133/mcs2025 (apparent consumption).
    """
    return production + imports - exports


def import_reliance(production: Floats, imports: Floats, exports: Floats) -> Floats:
    """Return net import reliance, the part of apparent consumption met from abroad: r = (I - E) / (P + I - E).

    production P, imports I, exports E  (...) t/yr, one stage
    returns (...) 1, at most 1; negative = net exporter; nan where apparent consumption is not above 0
    Reference: USGS, Mineral Commodity Summaries 2025, doi 10.3133/mcs2025 (net import reliance), no stock change.
    """
    return _part(imports - exports, apparent_consumption(production, imports, exports))


def self_sufficiency(production: Floats, imports: Floats, exports: Floats) -> Floats:
    """Return own output over apparent consumption: z = P / (P + I - E) = 1 - r.

    production P, imports I, exports E  (...) t/yr, one stage
    returns (...) 1, at least 0; above 1 = net exporter; nan where apparent consumption is not above 0
    Reference: complement of import_reliance, USGS, Mineral Commodity Summaries 2025, doi 10.3133/mcs2025.
    """
    return _part(production, apparent_consumption(production, imports, exports))


def bounds(
    measure: Balance,
    production: tuple[Floats, ...],
    imports: tuple[Floats, ...],
    exports: tuple[Floats, ...],
) -> tuple[Floats, Floats]:
    """Return the least and greatest value of a balance over the corners of its inputs' ranges.

    One content factor belongs to a trade code whichever way it crosses the border, so imports and exports are taken at
    their low ends together and at their high ends together; own output varies apart. Where the content of each flow is
    told by its own unit value, what comes in may lie high in the range and what goes out low: with their best values
    as a third pair the range holds the best value too.
    production  (low, high), imports, exports  (low, high) or (best, low, high), each (...) t/yr
    returns low, high (...) in the unit of the measure; nan only where every corner is nan
    """
    corners = [measure(p, i, e) for p in production for i, e in zip(imports, exports, strict=True)]
    low, high = corners[0], corners[0]
    for corner in corners[1:]:
        low, high = np.fmin(low, corner), np.fmax(high, corner)
    return low, high


def _part(part: Floats, whole: Floats) -> Floats:
    """Return part / whole where the whole is above 0, else nan."""
    positive = whole > 0
    return np.where(positive, part / np.where(positive, whole, 1.0), np.nan)
