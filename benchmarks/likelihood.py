"""Forecast of export falls, out of time: scores beside the base rate and the floor, and docs/likelihood.md.

    python benchmarks/likelihood.py [--last 2013] [--write]

Fits on outcomes up to --last, forecasts every later year, and prints the page; --write puts it into docs/likelihood.md.
Exits 1 when the forecast misses the floor. Features were chosen on outcomes of 2009-2013 alone, with a fit to
2008 (--last 2008 --until 2013 repeats that view); the penalty was set beforehand.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

import khanij
from khanij.core.rng import stream
from khanij.kernels.chances import exportfalls, logistic
from khanij.simulate.risk.by_record import likelihood

PAGE = Path(__file__).resolve().parents[1] / "docs" / "likelihood.md"
FLOOR = {"1 %": (0.735, 0.142, 0.166), "10 %": (0.769, 0.108, 0.135)}
TREES = {"1 %": 0.759, "10 %": 0.798}
DRAWS = 200
WORDS = {
    "repaired": "tonnes, unknown and suspect ones from value",
    "recorded": "tonnes as recorded",
    "value": "value",
}


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--last", type=int, default=2013, help="last year of outcomes that the fit may see")
    parser.add_argument("--until", type=int, default=9999, help="last year of outcomes that are forecast")
    parser.add_argument("--write", action="store_true", help="write docs/likelihood.md")
    return parser.parse_args()


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def split(found: likelihood.Record, options: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    """Return which cases are fitted and which are forecast."""
    return found.year <= options.last, (found.year > options.last) & (found.year <= options.until)


def spread(found: likelihood.Record, fitted: likelihood.LikelihoodFit, chosen: np.ndarray) -> tuple[str, str]:
    """Return the 90 % ranges of Brier skill and AUC over resampled exporters-in-a-code."""
    y, chance, group = found.fell[chosen], fitted.probability(found.x[chosen]), found.group[chosen]
    _, index = np.unique(group, return_inverse=True)
    members = [np.nonzero(index == g)[0] for g in range(index.max() + 1)]
    skill, area = [], []
    for draw in range(DRAWS):
        taken = stream(20140101, draw).integers(0, len(members), len(members))
        rows = np.concatenate([members[g] for g in taken])
        base = logistic.brier(y[rows], np.full(len(rows), fitted.usual))
        skill.append(1 - logistic.brier(y[rows], chance[rows]) / base)
        area.append(logistic.auc(y[rows], chance[rows]))
    ends = [np.quantile(values, (0.05, 0.95)) for values in (skill, area)]
    return f"{ends[0][0]:.1%} to {ends[0][1]:.1%}", f"{ends[1][0]:.3f} to {ends[1][1]:.3f}"


def compare(found: likelihood.Record, options: argparse.Namespace, name: str) -> list[list[str]]:
    """Return one row for each model and size of exporter."""
    past, later = split(found, options)
    big, rows = likelihood.large(found), []
    for model, names in (("six features", likelihood.SIX), ("full model", exportfalls.FEATURES)):
        fitted = likelihood.fit(found, past, names)
        for size, keep in (("1 %", later), ("10 %", later & big)):
            base = fitted if size == "1 %" else likelihood.fit(found, past & big, names[:1])
            got = likelihood.scores(found, fitted, keep)
            rate = logistic.brier(found.fell[keep], np.full(got.cases, base.usual))
            figures = [f"{got.cases:,}", f"{got.events:.1%}", f"{got.auc:.3f}", f"{got.brier:.4f}", f"{rate:.4f}"]
            rows.append([WORDS[name], model, size, *figures, f"{1 - got.brier / rate:.1%}", f"{got.log_score:.4f}"])
    return rows


def reliability(found: likelihood.Record, fitted: likelihood.LikelihoodFit, chosen: np.ndarray) -> str:
    """Return the calibration table of ten equal groups."""
    cells = logistic.calibration(found.fell[chosen], fitted.probability(found.x[chosen]))
    rows = [
        [f"{n:.0f}", f"{mean:.3f}", f"{seen:.3f}", f"{error:.3f}", "█" * round(seen * 40)]
        for n, mean, seen, error in cells
    ]
    return table(["cases", "forecast", "observed", "standard error", "observed, drawn"], rows)


def yearly(found: likelihood.Record, fitted: likelihood.LikelihoodFit, chosen: np.ndarray) -> str:
    """Return the scores of each year."""
    rows = []
    for year in np.unique(found.year[chosen]):
        got = likelihood.scores(found, fitted, chosen & (found.year == year))
        figures = [f"{got.events:.1%}", f"{got.brier:.4f}", f"{got.brier_base:.4f}", f"{got.auc:.3f}"]
        rows.append([str(year), f"{got.cases}", *figures])
    return table(["year", "cases", "fell", "Brier", "Brier of the base rate", "AUC"], rows)


def weights(fitted: likelihood.LikelihoodFit) -> str:
    """Return the weights, largest first, with their errors."""
    errors = np.sqrt(np.diag(fitted.model.covariance))[1:]
    order = np.argsort(-np.abs(fitted.model.weights[1:]))
    rows = [
        [exportfalls.FEATURES[fitted.kept[k]], f"{fitted.model.weights[1 + k]:+.3f}", f"{errors[k]:.3f}"] for k in order
    ]
    return table(["feature (one standard deviation up)", "change of log-odds", "standard error"], rows)


def ablation(found: likelihood.Record, options: argparse.Namespace) -> str:
    """Return the scores without each group of features."""
    past, later = split(found, options)
    groups = {
        "all": (),
        "without governance": ("governance",),
        "without political distance": ("political",),
        "without prices": ("price",),
        "without by-product status": ("by-product",),
        "without earlier falls": ("earlier falls",),
        "without own changes and volatility": ("rise", "fall of", "volatility", "its five years", "no earlier"),
        "without destinations and re-export": ("destinations", "re-export"),
        "without cheap tonnes": ("cheap",),
    }
    rows = []
    for name, words in groups.items():
        names = tuple(f for f in exportfalls.FEATURES if not any(word in f for word in words))
        got = likelihood.scores(found, likelihood.fit(found, past, names), later)
        rows.append([name, str(len(names)), f"{got.auc:.4f}", f"{got.brier:.5f}"])
    return table(["features", "number", "AUC", "Brier"], rows)


def page(options: argparse.Namespace) -> tuple[str, bool]:
    """Return the page and whether the floor is beaten."""
    case = khanij.case("all", 2024)
    head = ["measure", "model", "share from", "cases", "fell", "AUC", "Brier", "base rate", "better by", "log score"]
    rows = []
    for name in WORDS:
        rows += compare(likelihood.record(case, name), options, name)
    found = likelihood.record(case)
    past, later = split(found, options)
    fitted = likelihood.fit(found, past)
    skill, area = spread(found, fitted, later)
    floor = [
        [
            "floor of the issue, six features",
            size,
            f"{auc:.3f}",
            f"{score:.3f}",
            f"{base:.3f}",
            f"{1 - score / base:.1%}",
        ]
        for size, (auc, score, base) in FLOOR.items()
    ]
    beaten = all(
        float(row[5]) > FLOOR[row[2]][0] and float(row[8].rstrip("%")) / 100 > 1 - FLOOR[row[2]][1] / FLOOR[row[2]][2]
        for row in rows
        if row[1] == "full model" and row[0] == WORDS["recorded"]
    )
    last = int(found.year[later].max())
    text = TEXT.format(
        last=options.last,
        first=options.last + 1,
        newest=last,
        cases=len(found.fell),
        usual=f"{found.fell.mean():.1%}",
        scores=table(head, rows),
        floor=table(["", "share from", "AUC", "Brier", "base rate", "better by"], floor),
        trees=" and ".join(f"{auc:.3f} ({size})" for size, auc in TREES.items()),
        verdict="The full model is above the floor" if beaten else "The full model does not reach the floor",
        skill=skill,
        area=area,
        reliability=reliability(found, fitted, later),
        large=reliability(found, fitted, later & likelihood.large(found)),
        yearly=yearly(found, fitted, later),
        weights=weights(fitted),
        ablation=ablation(found, options),
    )
    return text, beaten


TEXT = """# How likely is a large fall of exports?

Written by `python benchmarks/likelihood.py --write`; the method is `export-fall` (`khanij run export-fall`).

**Question.** An exporter with at least 1 % of the world's exports of a trade code: will its exports fall by 40 % or
more *against the world's* next year? With s the share of world exports, the event is s[y+1] ≤ 0.6 s[y]. {cases:,} cases
from BACI HS92 1995 to 2024, of which {usual} fell. Both years of a pair are in one measure: tonnes, or value where the
code has no tonnes in one of them. Tonnages that are unknown, or that cannot be right for their value, are replaced by
value over the code's median value per tonne. Pairs across a change of territory (a customs union taken apart, a
secession) are left out, and so are codes that have died.

**Model.** Logistic regression with a small ridge penalty, fitted to outcomes up to {last}, tested on {first} to
{newest}. Features use the year before and earlier years only; their scale comes from the fitted years. Features
were chosen with a fit to 2008 on outcomes of 2009 to 2013, the penalty was set beforehand; the scores of the test years
were looked at afterwards, and nothing was changed then.

## Scores, {first} to {newest}

{scores}

"better by" is the Brier score's gain on the base rate of the fitted years (of large exporters, in the rows of 10 %).

{floor}

Boosted trees of the issue: AUC {trees}. {verdict}, on tonnes as recorded, which is the floor's sample as near as its
published counts tell. On the main measure the 90 % range over resampled exporters is {skill} of the base rate's Brier
score and {area} of AUC.

## Calibration

Ten groups of equal size by forecast, exporters from 1 %:

{reliability}

Exporters from 10 %:

{large}

## Year by year

{yearly}

## What the model weighs

{weights}

Neighbouring features share their weight: read the groups below, not single lines.

{ablation}

## What it cannot do

- A fall has many causes: a ban, an emptied mine, a strike, a new smelter at home, a customs office that reports late.
  The model gives the chance of any of them. It does not see announcements.
- Most of what it knows is that small, erratic, one-customer exports do not last. Governance and political distance add
  little once that is known.
- Trade of a past year is taken as revised today, and by-product status and the newest governance estimates were not all
  published at the time; so the test is a hindcast, not a record of forecasts made.
- Codes that hold several materials count as one: a fall of gallium inside a mixed code stays unseen.
- The intervals of `export-fall` are those of the fit, not of the outcome.
"""


def main() -> int:
    """Print or write the page."""
    options = arguments()
    text, beaten = page(options)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    print(text)
    return 0 if beaten else 1


if __name__ == "__main__":
    sys.exit(main())
