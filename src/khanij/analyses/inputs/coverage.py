"""For which years and trade codes the store holds figures."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

import numpy as np

from khanij import reference
from khanij.analyses.inputs.cases import case
from khanij.core.errors import CoverageError
from khanij.data.facts import store
from khanij.data.lookup import query


@cache
def _rows(facts: str) -> tuple[dict[str, Any], ...]:
    """Return one row a trade code and quantity: item, quantity, first and last year. facts: hash of the store."""
    return tuple(query.coverage().iter_rows(named=True))


def held(year: int) -> frozenset[str]:
    """Return the six-digit trade codes for which the store may have data in a year."""
    rows = _rows(store.fingerprint())
    return frozenset(row["item"].partition(":")[2] for row in rows if row["first"] <= year <= row["last"])


def weighs(materials: Collection[str], stages: Collection[str], year: int) -> bool:
    """Tell whether the store has tonnes in a year under a trade code of one of the materials, and of no other.

    stages  that count; every one if empty
    """
    codes = {
        f"{code.revision}:{code.code}"
        for code in reference.hs_codes()
        if code.material in materials and not code.shared and (not stages or code.stage in stages)
    }
    rows = _rows(store.fingerprint())
    return any(r["quantity"] == "trade_mass" and r["first"] <= year <= r["last"] and r["item"] in codes for r in rows)


def newest(focus: str) -> int:
    """Return the newest year with both trade in tonnes and output in the store; raises CoverageError if none has."""
    return _newest(focus, store.fingerprint())


@cache
def _newest(focus: str, facts: str) -> int:
    """Return the same, found once. facts: hash of the store."""
    weighed = [row for row in _rows(facts) if row["quantity"] == "trade_mass"]
    if not weighed:
        raise CoverageError("no trade in tonnes in the store", where="--year", hint="khanij data list sources")
    first, last = min(row["first"] for row in weighed), max(row["last"] for row in weighed)
    for year in range(last, first - 1, -1):
        if not np.isnan(case(focus, year).cube("production").values).all():
            return year
    raise CoverageError("no year has both trade and output", where="--year", hint=f"trade: {first} to {last}")
