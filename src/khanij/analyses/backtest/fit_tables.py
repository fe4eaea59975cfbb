"""The grid behind the fitted positions as a table, and the rows of fitted_places.csv that it gives."""

from __future__ import annotations

from datetime import date
from functools import cache

from khanij.analyses.backtest.run import record
from khanij.core.table import Table
from khanij.simulate.backtest.fits import PLACES, GridFit, fit, used
from khanij.simulate.supply import behaviours


@cache
def _fit() -> GridFit:
    """Return the whole grid, solved once."""
    return fit(record())


def table(top: int = 20) -> Table:
    """Return the best combinations of the grid with their errors."""
    found = _fit()
    trade, price = used(record())
    names = behaviours.PLACED
    rows = [
        {
            **dict(zip(names, map(float, found.places[g]), strict=True)),
            "objective": float(found.objective[g]),
            "importers": float(found.importers[g]),
            "pairs": float(found.pairs[g]),
            "price": float(found.price[g]),
            "cleared": bool(found.cleared[g]),
        }
        for g in range(min(top, len(found.objective)))
    ]
    near = int((found.objective <= 1.1 * found.objective[0]).sum())
    notes = (
        f"{len(found.objective)} combinations of {', '.join(f'{p:g}' for p in PLACES)}; 0 = low end, 1 = high end",
        f"importers, pairs: {trade.id}; price: {price.id}, measured {found.measured:.2f} base prices",
        f"{near} combinations lie within 10 % of the best; {int((~found.cleared).sum())} did not clear",
    )
    return Table.of("fit: the best places in the published ranges", rows, notes=notes)


def best(found: GridFit | None = None) -> list[dict[str, str]]:
    """Return the rows of fitted_places.csv that the grid gives."""
    found = _fit() if found is None else found
    return [
        {
            "parameter": name,
            "place": f"{place:g}",
            "objective": f"{found.objective[0]:.4f}",
            "fitted_on": ";".join(event.id for event in used(record())),
            "date": date.today().isoformat(),
        }
        for name, place in zip(behaviours.PLACED, found.places[0], strict=True)
    ]
