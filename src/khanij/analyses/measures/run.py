"""What the catalogue of measures has for a country, and what each averts by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from khanij.analyses.inputs import baseline
from khanij.analyses.inputs.scrap import recoverable
from khanij.analyses.measures.tables import bills, table
from khanij.core.table import Table
from khanij.plan.measures.sizing import size_measures
from khanij.plan.measures.value import value_measures
from khanij.reference import money
from khanij.simulate.risk.baseline import Baseline


def report(
    focus: str,
    year: int,
    years: int,
    seed: int,
    *,
    materials: Sequence[str],
    currency: money.Currency,
    programme: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Table, ...]:
    """Return the table of what the catalogue has for a focus, and of minerals that are not counted."""
    base = baseline.prepare(focus, year, years, seed, materials=materials)
    scrap = recoverable(base.focus, base.materials, int(base.year))
    found = value_measures(base, size_measures(base, scrap, programme), progress)
    return (table(base, found, currency), bills(found, currency), *left_out(base))


def left_out(base: Baseline) -> tuple[Table, ...]:
    """Return the table of minerals that are not counted, with the reason."""
    rows = [{"material": material, "reason": why} for material, why in sorted(base.missing.items())]
    note = "what a measure on them averts is not known, which is not the same as nothing"
    return (Table.of("minerals that are not counted", rows, notes=(note,)),) if rows else ()
