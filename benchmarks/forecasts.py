"""Forecasts of restrictions against what came: docs/forecasts.md, and how long it takes.

    python benchmarks/forecasts.py [--write]

Prints the page; --write puts it into docs/forecasts.md. Exits 1 when a figure misses what was asked of it.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "forecasts.md"
ORIGINS = range(2010, 2025)
GOODS = (
    "price_set",
    "price_horizon",
    "tests",
    "price_error",
    "price_error_no_change",
    "price_error_usual",
    "covered_80",
)


def markdown(table, keys=None) -> str:
    """Return a table in Markdown."""
    keys = keys or table.keys
    rows = [["" if row[key] is None else _cell(row[key]) for key in keys] for row in table.rows()]
    head = [key.replace("_", " ") for key in keys]
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ["---"] * len(keys), *rows])


def _cell(value) -> str:
    """Return a cell as text."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _falls(made, score) -> str:
    """Return the score of the falls of every origin, with the hash of each file."""
    from khanij.simulate.forecast import hub

    lines = [
        "| origin | exporters | fell | expected | log score better by | Brier score better by | mean place "
        "| SHA-256 of the rows |",
        "|---" * 8 + "|",
    ]
    for rows in made:
        for one in score(rows):
            better = (f"{one.skill:.1%}", f"{1 - one.brier / one.base_brier:.1%}")
            told = (one.origin.year, one.cells, one.events, f"{one.expected:.1f}", *better, f"{one.rank:.2f}")
            lines.append("| " + " | ".join(map(str, (*told, f"`{hub.seal(rows)[:16]}…`"))) + " |")
    return "\n".join(lines)


def origins(falls: bool = False) -> str:
    """Return the score of the forecasts of every origin, to all destinations, with the hash of each file."""
    from khanij.analyses.forecast.request import LISTED
    from khanij.analyses.inputs import cases
    from khanij.reference.chronicle import instruments
    from khanij.simulate.forecast import export_falls, hub, known, policy
    from khanij.simulate.risk.by_record import likelihood

    case, register = cases.case("IND", list(LISTED)), instruments.register()
    countries, record = case.axis("country").codes, likelihood.record(case)
    if falls:
        return _falls(
            (export_falls.make(record, countries, partial(record.features, case), year) for year in ORIGINS),
            lambda rows: export_falls.score(rows, record, countries),
        )
    sellers, held = known.seller_record(case), policy.memory(case)
    lines = [
        "| origin | cells | struck | expected | log score better by | mean place | SHA-256 of the rows |",
        "|---" * 7 + "|",
    ]
    for year in ORIGINS:
        rows = hub.make(register, sellers, policy.eve(year), held)
        (found,) = hub.score(rows, register, sellers, known.reaches(register), held)
        place = f"{found.rank:.2f}" if found.events else "none struck"
        told = (year, found.cells, found.events, f"{found.expected:.1f}", f"{found.skill:.1%}", place)
        lines.append("| " + " | ".join(map(str, (*told, f"`{hub.seal(rows)[:16]}…`"))) + " |")
    return "\n".join(lines)


def page() -> tuple[str, bool]:
    """Return the page, and whether every figure is as was asked."""
    from khanij.analyses.question import ask, find, request_of

    answer = ask(request_of(find("forecast hindcast")).of({}))
    summary = answer.table("test_summary")
    said = " ".join(map(str, answer.findings))
    held = all(row["as_asked"] != "no" for row in summary.rows())
    return (
        f"""# Forecasts of restrictions and prices, on the record

Written by `python benchmarks/forecasts.py --write`. `khanij forecast make --origin 2024` writes the forecast of an
origin, `khanij forecast score FILE` scores a file of that layout, ours or a stranger's; `khanij forecast
hindcast` gives the tables below, but for that of the origins. `khanij risk COUNTRY` and
`khanij reverse` stand on the same process.

{said}

## What the process is judged by
{markdown(summary)}

## Year by year
A fit to outcomes up to 2016, each year forecast on its eve: register rows that begin later, later dates of earlier
rows, and trade and output of the origin's own year are not read (tests/simulate/test_forecast.py proves it by deleting
and by shifting them). Rows from memory alone are no outcomes. A cell is a country with at least 5 % of the world's
exports or output of a material; output by country is held from 2018 on, so the number of cells rises in 2020.

{markdown(answer.table("test_years"))}

## Every origin, fitted to what was known then
The hash is that of `khanij forecast make --origin YEAR --target restriction`.

{origins()}

## Falls of large exporters
An exporter of a tenth or more of the world's exports of a trade code: does it sell 40 % or more less of it against the
world in the year after the origin? The model is that of [large falls](likelihood.md), fitted anew to outcomes up to
each origin; its features were chosen on outcomes to 2013, so that the origins from 2013 on are its test. The base is
the part of large exporters that fell up to the origin. Trade is as revised today. The hash is that of
`khanij forecast make --origin YEAR --target export-fall`.

{origins(falls=True)}

## Weights
{markdown(answer.table("weights"))}

## Prices of events: protocol
Written down before a price of split *test* was forecast. 98 prices of 78 events (`priced_events.csv`); what is known
of each is the part of a year's supply that was lost. Prices inside the country that restricts are left out. Two
horizons: the highest price found, and the price a year on, as logs of the price before. The model is a line over the
part lost with goods drawn to one another (`simulate/forecast/price_events.py`); its spread holds the ordinary noise
of the good's price and errors of waves (events of one cause) forecast without themselves. It is fitted to the 34
waves of split *fit*; the 24 of split *test* are forecast once. Beside it stand no change, with the ordinary noise as
its interval, and the *usual event*: the median rise of the fitted events, whatever was lost. Events are in the table
because a price moved; 16 controls, most of them in the test, are there since none did.

Tried on the fitted waves, each forecast without itself: the constant alone (mean error of the logs 0.51 at the peak,
0.50 a year on; no change 0.84 and 0.63), the part lost (0.52, 0.51), its root, the noise of the price as a second
term: none told events apart. The line on the part lost was kept because the question is what a cut does.

## Prices of events: result
{markdown(answer.table("price-events"))}

- At the peak the median misses by less than no change (0.49 against 0.62), a year on by more (0.63 against 0.56):
  of a price that has risen the model expects too much to stay. Controls, where nothing moved, it misses by far: a
  fit to events that became famous expects every cut to be one. The intervals hold what they say over all, and far
  too little for controls at the peak.
- **The part lost hardly tells how far a price goes.** The line's slope is next to nought at the peak; the usual
  event does as well. Trade says the same: over 792 falls of large sellers up to 2016 others' value per tonne rose
  by 0.14 ± 0.14 (in logs) by the log of the part of the trade lost. A slope near 1, which an earlier look at the
  same record gave, was not found again.
- So nothing in losses, markets or plans reads this model. It is a forecast, and no better than its table.

By good, each forecast by fitted waves that it is not in:

{markdown(answer.table("price-goods"), GOODS)}

## Ranges of next year's prices
Of every good with a yearly price: the mean of the year after the origin over that of the origin's own year, from
the good's ordinary changes up to then (`simulate/forecast/price_ranges.py`). The base is one range for all goods.
Nothing was tuned, so every origin is a test; prices are taken as revised today. Ranges by good are worth a few per
cent; in 2022 prices moved together, and too many lay outside.

{markdown(answer.table("price-years"))}

## What changed after the first sight of the test years
Nothing in prices: both tests were run once, on 2026-12-01. Nothing in the process of restrictions: terms,
half-lives, exponent and pseudo-events were set on outcomes of 2013 to 2016 (seven events), written down as
assumptions, and the test years were looked at once, on 2026-12-01. The chance of the Chinese wave missed what was
asked. First figures: mean place 0.8736, better by 0.2510, wave 0.0393; what moved since
follows from facts of output that other work changed the same day (523 cells of 2025 became 527). Afterwards the wave
was given the doubt in the weights and in the common factor, which this page had named as missing: 0.0404 for 0.0393.

## What was tried and failed
- Without pseudo-events the terms "always" and "world" were fitted to nought: a first decision of a quiet country then
  has no chance at all. Log score of 2013 to 2016: 17 % better than the base rate, with pseudo-events 28 %.
- A state in force and a slow memory of the country made the score of 2013 to 2016 worse (25 % in place of 28 %); they
  were kept, as a state known today has to count, and on seven events the difference says little.
- Exponent 1 of the seller's part of the world: 17 to 20 % in place of 25 to 28 %.

## What it cannot do
- The register is thicker after 2020 and for China; part of the rise is in the register and not in the world. Against
  the rate of the test years themselves, which nobody knew beforehand, the log score gains less (first table).
- Ends of instruments are its weakest column; a planned end is blank before it comes, as the register does not tell
  plans from what came of them.
- The wave is simulated with other countries and the world held as they were, which would widen it a little.
""",
        held,
    )


def main() -> int:
    """Print or write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write docs/forecasts.md")
    asked, start = parser.parse_args(), time.perf_counter()
    text, held = page()
    if asked.write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)
    print(f"{time.perf_counter() - start:.1f} s", file=sys.stderr)
    return int(not held)


if __name__ == "__main__":
    sys.exit(main())
