"""The tables of backtest.md, made by running the back-test: `python docs/backtest.py` rewrites them in place.

Every table stands between two marks, `<!-- table: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from khanij.analyses.backtest import fit_tables
from khanij.analyses.backtest import tables as backtest_tables
from khanij.analyses.backtest.run import record
from khanij.core.table import Table
from khanij.simulate.backtest import prices as backtest_prices
from khanij.simulate.backtest.trade import Gap, Test, backtest

PAGE = Path(__file__).with_name("backtest.md")
MARKS = re.compile(r"(<!-- table: ([a-z]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
TRADE = ("event", "stage", "role", "years", "cut", "shock", "published", "fitted", "drawn", "drawn low", "drawn high")
TRADE += ("no change", "proportional", "noise", "covered", "verdict")
PAIRS = ("event", "stage", "pairs fitted", "pairs no change", "pairs proportional", "cut low", "cut high")


def cell(value: Any) -> str:
    """Return a value as text with three digits; a missing one as a dash."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.0e}" if value and (abs(value) >= 1e5 or abs(value) < 1e-4) else f"{value:.3g}"
    return str(value).replace("|", "\\|")


def markdown(table: Table, columns: Sequence[str] = ()) -> str:
    """Return some columns of a table, or all, in Markdown."""
    names = tuple(columns) or tuple(table.keys)
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    lines += [f"| {' | '.join(cell(row[name]) for name in names)} |" for row in table.rows()]
    return "\n".join(lines)


def trade_blocks(tests: Sequence[Test]) -> dict[str, str]:
    """Return the tables that come from tests of trade."""
    trade = backtest_tables.trade(tests)
    scores = backtest_tables.detail(tests, "fitted")
    markets = backtest_tables.markets(tests, "fitted")
    chosen = ("event", "stage", "homes", "rank", "log", "log no change", "log proportional", "cleared")
    return {
        "trade": markdown(trade, TRADE),
        "pairs": markdown(trade, PAIRS),
        "scores": markdown(scores, chosen),
        "markets": markdown(markets, tuple(name for name in markets.keys if name not in ("material", "role"))),
    }


def blocks() -> dict[str, str]:
    """Return every table of the page by name."""
    found: tuple[list[Test], list[Gap]] = backtest(record(), ("fit", "test"))
    tests, gaps = found
    return {
        **trade_blocks(tests),
        "later": markdown(backtest_tables.later(backtest_prices.prices(record()))),
        "controls": markdown(backtest_tables.controls(backtest_prices.controls(record()))),
        "untested": markdown(backtest_tables.untested(gaps)),
        "counts": markdown(backtest_tables.counts([t for t in tests if t.event.role == "test"])),
        "fit": markdown(fit_tables.table()),
    }


def renewed(text: str, made: Mapping[str, str]) -> str:
    """Return a page with these tables in the place of the old ones; those that are not given stay."""
    kept = {name: f"{table}\n" for name, table in made.items()}
    return MARKS.sub(lambda mark: mark[1] + kept.get(mark[2], mark[3]) + mark[4], text)


def held(text: str, name: str) -> list[str]:
    """Return the lines of one table of the page."""
    found = {mark[2]: mark[0] for mark in MARKS.finditer(text)}
    return found[name].splitlines()[1:-1]


if __name__ == "__main__":
    page = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    page.write_text(renewed(page.read_text(encoding="utf-8"), blocks()), encoding="utf-8")
