"""How likely an exporter is to lose much of its place in a market next year, learnt from the trade record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from khanij.core.case import Case
from khanij.core.cube import Floats, Positions
from khanij.core.errors import CoverageError, StudyError
from khanij.core.registry import MethodOutput, Variable, method
from khanij.kernels.chances import exportfalls, logistic
from khanij.reference.assumptions import assumed

LARGE = 0.1  # share of world exports of a large exporter
MEASURES = {"repaired": "code_trade", "recorded": "code_trade_recorded", "value": ""}
SHARED = "the trade code holds other materials too"
SEVERAL = "trade codes joined, weighted by export value"
PRIOR = "expert prior blended in, probability"
Features = Callable[[Positions], Floats]
"""features(rows (3, n)) -> what was known of each case at the end of its year (n, features)"""
WIDE = 1.645  # standard errors of a 90 % interval
NEEDS = ("code_trade", "code_trade_recorded", "code_trade_value", "code_price", "code_companion", "territory_break")
HISTORY = ("governance_history", "ideal_point_history")


@dataclass(frozen=True, slots=True)
class Record:
    """Every case on record.

    rows   (3, n) positions on code, country, history        x  (n, features)
    fell   (n,) 1 = the exports fell        year  (n,) the year in which they did or did not
    group  (n,) exporter in a code: its cases depend on one another
    codes, years  labels of the axes code and history
    """

    panel: exportfalls.Panel
    rows: Positions
    x: Floats
    fell: Floats
    year: NDArray[np.intp]
    group: Positions
    codes: tuple[str, ...]
    years: tuple[str, ...]

    def features(self, case: Case, rows: Positions) -> Floats:
        """Return the features of other rows of the same panel."""
        return exportfalls.features(self.panel, rows, *_known(case))


@dataclass(frozen=True, slots=True)
class LikelihoodFit:
    """A fitted model with the scale of its features, both from the same cases.

    kept   positions of the features used
    usual  share of the cases that fell
    """

    model: logistic.Logistic
    mean: Floats
    spread: Floats
    kept: Positions
    usual: float
    cases: int

    def scaled(self, x: Floats) -> Floats:
        """Return features as the model takes them."""
        return np.asarray((x[:, self.kept] - self.mean) / self.spread)

    def probability(self, x: Floats) -> Floats:
        """Return probabilities (n,)."""
        return self.model.probability(self.scaled(x))

    def interval(self, x: Floats) -> tuple[Floats, Floats]:
        """Return the ends of the 90 % interval of the probabilities."""
        return self.model.interval(self.scaled(x), WIDE)


@dataclass(frozen=True, slots=True)
class Scores:
    """A forecast beside the base rate of the years that it was fitted to."""

    cases: int
    events: float
    brier: float
    brier_base: float
    log_score: float
    log_score_base: float
    auc: float


def _known(case: Case) -> tuple[Floats, Floats, Floats]:
    """Return governance (C, Y), price (K, Y) and companion share (K,)."""
    dimensions = case.cube("governance_history").values
    count = (~np.isnan(dimensions)).sum(axis=0)
    mean = np.where(count > 0, np.nansum(dimensions, axis=0) / np.maximum(count, 1), np.nan)
    return mean, case.cube("code_price").values, case.cube("code_companion").values


def record(case: Case, measure: str = "repaired") -> Record:
    """Return every case on record.

    measure  "repaired" = tonnes, unknown and suspect ones from value; "recorded" = tonnes as they stand; "value"
    Raises CoverageError where the Case holds no flows.
    """
    cube = case.cube(MEASURES[measure] or "code_trade")
    value = case.cube("code_trade_value").values
    at = cube.at
    if at is None or not at.shape[1]:
        raise CoverageError("no flows on record", where="code_trade", hint="khanij data build --raw DIR")
    tonnes = cube.values if MEASURES[measure] else np.full(len(value), np.nan)
    sizes = (len(cube.axes[0]), len(cube.axes[1]), len(cube.axes[3]))
    ended, ideal = (case.cube(name).values for name in ("territory_break", "ideal_point_history"))
    seen = exportfalls.panel(at, tonnes, value, sizes, ended, ideal)
    rows = np.stack(np.nonzero(seen.case))
    years = cube.axes[3].codes
    return Record(
        panel=seen,
        rows=rows,
        x=exportfalls.features(seen, rows, *_known(case)),
        fell=seen.fell[tuple(rows)].astype(np.float64),
        year=np.array([int(year) for year in years], dtype=np.intp)[rows[2]] + 1,
        group=rows[0] * sizes[1] + rows[1],
        codes=cube.axes[0].codes,
        years=years,
    )


def fit(
    found: Record,
    chosen: NDArray[np.bool_],
    names: tuple[str, ...] = exportfalls.FEATURES,
    ridge: float | None = None,
) -> LikelihoodFit:
    """Return the model fitted to the chosen cases; mean and spread of the features are theirs too.

    ridge  penalty; None = assumption chance_ridge
    """
    if not chosen.any():
        raise CoverageError("no cases to fit", where="likelihood", hint="the record needs earlier years")
    kept = np.array([exportfalls.FEATURES.index(name) for name in names], dtype=np.intp)
    x, y = found.x[chosen][:, kept], found.fell[chosen]
    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    model = logistic.fit(
        (x - mean) / spread, y, assumed("chance_ridge") if ridge is None else ridge, found.group[chosen]
    )
    return LikelihoodFit(model, mean, spread, kept, float(y.mean()), len(y))


def scores(found: Record, fitted: LikelihoodFit, chosen: NDArray[np.bool_]) -> Scores:
    """Return how well the model forecasts the chosen cases."""
    y, chance = found.fell[chosen], fitted.probability(found.x[chosen])
    base = np.full(len(y), fitted.usual)
    return Scores(
        cases=len(y),
        events=float(y.mean()),
        brier=logistic.brier(y, chance),
        brier_base=logistic.brier(y, base),
        log_score=logistic.log_score(y, chance),
        log_score_base=logistic.log_score(y, base),
        auc=logistic.auc(y, chance),
    )


def large(found: Record) -> NDArray[np.bool_]:
    """Return which cases are exporters of at least LARGE of the world's exports."""
    return np.asarray(found.panel.before[tuple(found.rows)] >= LARGE)


@method(
    "export-fall",
    kind="disruption",
    needs=(*NEEDS, "code_material", *HISTORY),
    variables=(
        Variable(
            "probability",
            "1",
            ("material", "stage", "country"),
            (0.0, 1.0),
            "chance that exports fall by 40 % or more against the world's in the year after the newest on record",
        ),
        Variable("share", "1", ("material", "stage", "country"), (0.0, 1.0), "share of world exports, by value"),
    ),
    reference="Hosmer and Lemeshow 2000, Applied logistic regression; BACI: Gaulier and Zignago 2010",
    choices={"measure": tuple(MEASURES)},
)
def export_fall(case: Case, measure: str = "repaired", priors: str = "", trust: float = 0.5) -> MethodOutput:
    """Yearly chance that an exporter loses two fifths of its place in the world market.

    p = 1/(1 + exp(-(b0 + x·b))), event: share of world exports in y+1 <= 0.6 × share in y, exporters of 1 % or more

    measure  "repaired" = tonnes, unknown or suspect ones from value; "recorded" = tonnes as recorded; "value"
    priors   expert priors "ISO3:material=probability,…", blended into the model's figure
    trust    weight of an expert prior, 0..1: (1 - trust) × model + trust × prior
    Fitted to every year on record, with a 90 % interval of the fit (clustered by exporter and code). The fall may have
    any cause: policy, accident, prices, an emptied mine, or a change in reporting. Codes of one material and stage are
    joined with export values as weights. Out-of-time scores: docs/likelihood.md.
    Returns probability and share (material, stage, country) 1, in 0..1; nan for smaller exporters and other stages.
    Oracle: tests/simulate/test_likelihood.py; tests/kernels/test_logistic.py.
    """
    if not 0 <= trust <= 1:
        raise StudyError(f"trust is {trust:g}", where="export-fall.trust", hint="a number from 0 to 1")
    found = record(case, measure)
    fitted = fit(found, np.ones(len(found.fell), dtype=bool), ridge=assumed("chance_ridge", case))
    newest = len(found.years) - 1
    now = np.stack(np.nonzero(found.panel.share[:, :, newest] >= exportfalls.SHARE))
    rows = np.vstack([now, np.full((1, now.shape[1]), newest)])
    x = found.features(case, rows)
    chances = (fitted.probability(x), *fitted.interval(x))
    values, masks, details = by_material(case, found, rows, chances)
    given = _blend(case, values, priors, trust)
    notes = (
        f"forecast for {int(found.years[newest]) + 1} from trade of {found.years[newest]}, fitted to {fitted.cases} "
        f"exporters and years, of which {fitted.usual:.1%} fell",
        "a fall of exports has many causes; the model cannot tell an export ban from an emptied mine",
    )
    if not fitted.model.converged:
        notes = (*notes, "the fit has not converged: do not use it")
    low, high = {"probability": values.pop("low")}, {"probability": values.pop("high")}
    masks[PRIOR], details[PRIOR] = ~np.isnan(given), given
    return MethodOutput(values, masks, details, notes, low, high)


def by_material(
    case: Case, found: Record, rows: Positions, chances: tuple[Floats, ...]
) -> tuple[dict[str, Floats], dict[str, NDArray[np.bool_]], dict[str, NDArray[np.float64]]]:
    """Return probability, low, high and share on (material, stage, country), and what to remark."""
    cube = case.cube("code_material")
    assert cube.at is not None
    at, alone = cube.at, cube.values
    materials, stages = (cube.axes[k].positions(case.axis(cube.axes[k].name).codes) for k in (1, 2))
    sizes = (len(cube.axes[1]), len(cube.axes[2]), len(case.axis("country")))
    worth = found.panel.value[rows[0], rows[1], rows[2]]
    total = found.panel.value[:, :, rows[2][0]].sum(axis=1) if rows.shape[1] else np.zeros(len(found.codes))
    sums = {name: np.zeros(sizes) for name in ("probability", "low", "high", "weight", "codes", "shared", "whole")}
    for code, material, stage, own in zip(*at, alone, strict=True):
        mine = rows[0] == code
        cell = (material, stage, rows[1][mine])
        for name, chance in zip(("probability", "low", "high"), chances, strict=True):
            sums[name][cell] += chance[mine] * worth[mine]
        sums["weight"][cell] += worth[mine]
        sums["codes"][cell] += 1
        sums["shared"][cell] += 1 - own
        sums["whole"][material, stage] += total[code]
    with np.errstate(invalid="ignore", divide="ignore"):
        values = {name: sums[name] / sums["weight"] for name in ("probability", "low", "high")}
        values["share"] = np.where(sums["weight"] > 0, sums["weight"] / sums["whole"], np.nan)
    pick = np.ix_(materials, stages, np.arange(sizes[2]))
    values = {name: array[pick] for name, array in values.items()}
    several = sums["codes"][pick]
    return values, {SHARED: sums["shared"][pick] > 0, SEVERAL: several > 1}, {SEVERAL: several}


def _blend(case: Case, values: dict[str, Floats], priors: str, trust: float) -> Floats:
    """Blend expert priors into the probabilities in place and return them on the cells that they touched."""
    given = np.full(values["probability"].shape, np.nan)
    for text in filter(None, (part.strip() for part in priors.split(","))):
        where, _, number = text.partition("=")
        country, _, material = where.partition(":")
        place = f"export-fall.priors {text!r}"
        try:
            chance = float(number)
        except ValueError:
            chance = -1.0
        if not 0 <= chance <= 1:
            raise StudyError("no probability", where=place, hint="ISO3:material=0.2")
        for axis, code in (("country", country), ("material", material)):
            if code not in case.axis(axis):
                raise StudyError(f"unknown {axis} {code!r}", where=place, hint="ISO3:material=0.2")
        given[case.axis("material").at(material), :, case.axis("country").at(country)] = chance
    given = np.where(np.isnan(values["probability"]), np.nan, given)
    for name in ("probability", "low", "high"):
        values[name] = np.where(np.isnan(given), values[name], (1 - trust) * values[name] + trust * given)
    return given
