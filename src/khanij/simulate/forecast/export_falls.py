"""Which large exporters will fall next year, in the hub layout: the model of large falls, fitted to what was known.

A cell is an exporter of at least LARGE of the world's exports of a trade code in the origin's year; it falls where it
sells 40 % or more less against the world in the next (kernels.chances.exportfalls). The column material holds the code,
as "HS92:260500". Trade is as revised today, and not as it was published at the origin.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np

from khanij.core.cube import Floats, Positions
from khanij.kernels.chances import logistic
from khanij.reference.chronicle.instruments import EVERYBODY
from khanij.simulate.forecast.hub import LEAST, TYPE, YEAR, YES, FileScore, ForecastRow
from khanij.simulate.forecast.policy import eve
from khanij.simulate.risk.by_record import likelihood
from khanij.simulate.risk.by_record.likelihood import LARGE, Features, Record

TARGET = "export-fall"


def make(found: Record, countries: tuple[str, ...], features: Features, origin: int) -> tuple[ForecastRow, ...]:
    """Return the chance that each large exporter falls in the year after the origin, by a fit to outcomes up to it.

    features  rows of the panel -> what was known of each at the end of its year
    """
    fitted = likelihood.fit(found, found.year <= origin)
    at = _cells(found, origin)
    values = np.round(fitted.probability(features(at)), 6).tolist()
    label = (eve(origin).isoformat(), TARGET, YEAR)
    return tuple(
        ForecastRow(*label, countries[c], found.codes[k], EVERYBODY, TYPE, YES, value)
        for k, c, value in zip(at[0].tolist(), at[1].tolist(), values, strict=True)
    )


def _cells(found: Record, origin: int) -> Positions:
    """Return (3, n) positions of the large exporters of the origin's year on code, country and year."""
    year = found.years.index(str(origin)) if str(origin) in found.years else -1
    at = np.stack(np.nonzero(found.panel.share[:, :, year] >= LARGE)) if year >= 0 else np.zeros((2, 0), dtype=np.intp)
    return np.vstack([at, np.full((1, at.shape[1]), year)])


def score(rows: Iterable[ForecastRow], found: Record, countries: tuple[str, ...]) -> tuple[FileScore, ...]:
    """Return the score of each origin whose next year is on record, by those cells of the file that are cases.

    The base is the part of large exporters that fell up to the origin.
    """
    seen: dict[tuple[int, str, str], float] = {}
    for (k, c, y), fell in zip(found.rows.T.tolist(), found.fell.tolist(), strict=True):
        seen[int(found.years[y]), found.codes[k], countries[c]] = fell
    told: dict[str, list[ForecastRow]] = {}
    for row in rows:
        if (row.target, row.output_type, row.horizon, row.destination) == (TARGET, TYPE, YEAR, EVERYBODY):
            told.setdefault(row.origin_date, []).append(row)
    large, out = likelihood.large(found), []
    for origin, listed in sorted(told.items()):
        on = date.fromisoformat(origin)
        kept = [(row.value, seen[key]) for row in listed if (key := (on.year, row.material, row.country)) in seen]
        before = found.fell[large & (found.year <= on.year)]
        if kept and len(before):
            chance, fell = np.array(kept).T
            out.append(_scored(on, np.clip(chance, LEAST, 1.0 - LEAST), fell, float(before.mean())))
    return tuple(out)


def _scored(on: date, chance: Floats, fell: Floats, rate: float) -> FileScore:
    """Return the score of one origin."""
    place = (np.argsort(np.argsort(chance, kind="stable")) + 0.5) / len(chance)
    flat = np.full(len(fell), rate)
    return FileScore(
        on,
        EVERYBODY,
        len(fell),
        int(fell.sum()),
        float(chance.sum()),
        logistic.log_score(fell, chance),
        logistic.log_score(fell, flat),
        logistic.brier(fell, chance),
        logistic.brier(fell, flat),
        rate,
        float(place[fell > 0].mean()) if fell.any() else float("nan"),
        TARGET,
    )
