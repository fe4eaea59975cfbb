"""Where next year's price will lie: the ordinary changes of a good's yearly price, as quantiles in the hub layout.

  q[g, τ] = exp(s[g]·e[τ]), the yearly mean after the origin over that of the origin's own year
with s[g] the ordinary log change of the good up to then, drawn to that of all goods, and e quantiles of all goods'
changes in units of what was ordinary before them. Restrictions are in it as far as they moved prices before: a chance
of one does not widen the range of its good.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from khanij.core.cube import Cube, Floats
from khanij.reference.chronicle.instruments import EVERYBODY
from khanij.simulate.forecast.hub import YEAR, ForecastRow
from khanij.simulate.forecast.policy import eve
from khanij.simulate.forecast.price_events import PriceNoise

TARGET, TYPE, WORLD = "price", "quantile", "WLD"
LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
SHORT = 3  # changes before a year without which no change of that year is put in units


def units(series: Cube, held: PriceNoise, until: int) -> Floats:
    """Return every change of a yearly price up to a year over what was ordinary for its good before it (n,)."""
    found = []
    for m, material in enumerate(held.materials):
        changes = np.diff(np.log(series.values[m]))
        for t in np.nonzero(np.isfinite(changes))[0].tolist():
            year = held.years[t + 1]
            if year <= until and held.counts[m, t] >= SHORT:
                found.append(changes[t] / held.of(material, year))
    return np.array(found)


def make(series: Cube, held: PriceNoise, origin: int) -> tuple[ForecastRow, ...]:
    """Return quantiles of next year's price over that of the origin's year, of every good with a price in it.

    series  yearly prices (material, history)      held  their ordinary changes
    """
    shape = np.quantile(units(series, held, origin), LEVELS)
    column = series.axes[1].at(str(origin))
    rows = []
    for m, material in enumerate(held.materials):
        if np.isfinite(series.values[m, column]):
            wide = held.of(material, origin + 1)
            for level, e in zip(LEVELS, shape.tolist(), strict=True):
                value = round(float(np.exp(wide * e)), 6)
                label = (WORLD, material, EVERYBODY, TYPE, f"{level:g}")
                rows.append(ForecastRow(eve(origin).isoformat(), TARGET, YEAR, *label, value))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class PriceFileScore:
    """Price ranges of one origin against what came, in logs; the base has one range for all goods.

    loss, base_loss  twice the mean pinball loss over goods and levels      covered  part in the 80 and 90 % ranges
    error   mean |log error| of the median      still  that of no change
    """

    origin: date
    goods: int
    loss: float
    base_loss: float
    covered: tuple[float, float]
    error: float
    still: float

    @property
    def skill(self) -> float:
        """Return by how much the loss is less than that of one range for all goods."""
        return 1.0 - self.loss / self.base_loss


def score(rows: Iterable[ForecastRow], series: Cube, held: PriceNoise) -> tuple[PriceFileScore, ...]:
    """Return the score of each origin whose next year's prices are on record, ours or a stranger's.

    A good is scored where the file has all of LEVELS of it and both years have a price.
    """
    told: dict[str, dict[str, dict[str, float]]] = {}
    for row in rows:
        if (row.target, row.output_type, row.horizon) == (TARGET, TYPE, YEAR):
            told.setdefault(row.origin_date, {}).setdefault(row.material, {})[row.output_type_id] = row.value
    found = (_scored(date.fromisoformat(origin), of, series, held) for origin, of in sorted(told.items()))
    return tuple(one for one in found if one is not None)


def _scored(origin: date, told: dict[str, dict[str, float]], series: Cube, held: PriceNoise) -> PriceFileScore | None:
    """Return the score of one origin; None where nothing has come due."""
    years, names = series.axes[1], [f"{level:g}" for level in LEVELS]
    if str(origin.year) not in years or str(origin.year + 1) not in years:
        return None
    now, then = years.at(str(origin.year)), years.at(str(origin.year + 1))
    kept = [m for m, of in sorted(told.items()) if m in held.materials and set(names) <= set(of)]
    seen = {m: series.values[held.materials.index(m)][[now, then]] for m in kept}
    kept = [m for m in kept if np.isfinite(seen[m]).all()]
    if not kept:
        return None
    z = np.array([np.log(seen[m][1] / seen[m][0]) for m in kept])
    q = np.log(np.array([[max(told[m][name], 1e-9) for name in names] for m in kept]))
    shape = np.quantile(units(series, held, origin.year), LEVELS)
    base = np.tile(held.of("", origin.year + 1) * shape, (len(kept), 1))
    inside = tuple(float(((z >= q[:, low]) & (z <= q[:, -1 - low])).mean()) for low in (1, 0))
    middle = names.index("0.5")
    return PriceFileScore(
        origin,
        len(kept),
        _pinball(q, z, LEVELS),
        _pinball(base, z, LEVELS),
        (inside[0], inside[1]),
        float(np.abs(z - q[:, middle]).mean()),
        float(np.abs(z).mean()),
    )


def _pinball(quantiles: Floats, observed: Floats, tau: Sequence[float]) -> float:
    """Return twice the mean pinball loss over observations and levels."""
    gap = quantiles - observed[:, None]
    return float(2.0 * (((gap > 0) - np.array(tau)) * gap).mean())
