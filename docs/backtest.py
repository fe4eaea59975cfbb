"""The tables of backtest.md, made by running the back-test: `python docs/backtest.py` rewrites them in place.

Every table stands between two marks, `<!-- table: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from khanij.analyses.backtest import tables
from khanij.analyses.question import ask, find, request_of
from khanij.core.number import Number
from khanij.core.table import Table
from khanij.simulate.backtest.trade import Test

PAGE = Path(__file__).with_name("backtest.md")
MARKS = re.compile(r"(<!-- table: ([a-z]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
TRADE = ("event", "stage", "role", "base_year", "year", "export_loss", "shock_size", "error_published", "error_fitted")
TRADE += ("error_drawn", "error_drawn_low", "error_drawn_high", "error_no_change", "error_proportional", "noise")
TRADE += ("covered", "test_verdict", "above_noise")
PAIRS = ("event", "stage", "pair_error_fitted", "pair_error_no_change", "pair_error_proportional", "error_cut_low")
PAIRS += ("error_cut_high",)
SCORES = ("event", "stage", "homes", "rank_correlation", "log_error", "log_error_no_change", "log_error_proportional")
SCORES += ("draws_cleared",)
MASS = ("target", "tests", "targets", "skill_no_change", "skill_no_change_low", "skill_no_change_high", "skill_best")
MASS += ("skill_best_low", "skill_best_high", "covered_50", "covered_80", "covered_90", "crps", "crps_no_change")
MASS += ("crps_proportional", "crps_quarter")
SHORT = ("target", "tests", "targets", "skill_no_change", "skill_best", "covered_50", "covered_80", "covered_90")
FEW = 8  # falls of a good from which the page shows it
SIDE = ("material", "role", "export_loss", "shock_size")  # of the markets, told in the table of trade


def cell(value: Any) -> str:
    """Return a value as text with three digits; a missing one as a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Number):
        return cell(value.value)
    if isinstance(value, float):
        return f"{value:.0e}" if value and (abs(value) >= 1e5 or abs(value) < 1e-4) else f"{value:.3g}"
    return str(value).replace("|", "\\|")


def markdown(table: Table, columns: Sequence[str] = (), least: int = 0) -> str:
    """Return some columns of a table, or all, in Markdown; rows of fewer than `least` tests are left out."""
    names = tuple(columns) or tuple(table.keys)
    called = {column.key: column.name for column in table.columns}
    lines = [f"| {' | '.join(called[name] for name in names)} |", f"|{' --- |' * len(names)}"]
    kept = [row for row in table.rows() if not least or row["tests"] >= least]
    lines += [f"| {' | '.join(cell(row[name]) for name in names)} |" for row in kept]
    return "\n".join(lines)


def trade_blocks(tests: Sequence[Test]) -> dict[str, str]:
    """Return the tables that come from tests of trade."""
    trade, markets = tables.trade(tests), tables.markets(tests, "fitted")
    return {
        "trade": markdown(trade, TRADE),
        "pairs": markdown(trade, PAIRS),
        "scores": markdown(tables.scores(tests, "fitted"), SCORES),
        "markets": markdown(markets, tuple(name for name in markets.keys if name not in SIDE)),
    }


def mass_blocks() -> dict[str, str]:
    """Return the tables of the large falls."""
    answer = ask(request_of(find("backtest")).of({"mass": True}))
    of = {name: answer.table(f"mass-{name}") for name in ("years", "sizes", "goods", "variants")}
    return {
        "falls": markdown(answer.table("mass"), ("falls_of", *MASS)),
        **{name: markdown(table, (table.keys[0], *SHORT), FEW * (name == "goods")) for name, table in of.items()},
        "reliability": markdown(answer.table("reliability")),
    }


def blocks() -> dict[str, str]:
    """Return every table of the page by name."""
    request = request_of(find("backtest"))
    answer, scores = ask(request.of({})), ask(request.of({"behaviour": "fitted"}))
    trade, markets = answer.table("trade"), answer.table("markets")
    return mass_blocks() | {
        "trade": markdown(trade, TRADE),
        "pairs": markdown(trade, PAIRS),
        "scores": markdown(scores.table("scores"), SCORES),
        "markets": markdown(markets, tuple(name for name in markets.keys if name not in SIDE)),
        "later": markdown(answer.table("prices")),
        "controls": markdown(answer.table("controls")),
        "untested": markdown(answer.table("untested")),
        "counts": markdown(answer.table("counts")),
        "fit": markdown(ask(request.of({"fit": True})).table("fit")),
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
