"""Forecasts on facts in the store: the page says what the command says, and a file that was made can be scored."""

from __future__ import annotations

from pathlib import Path

import pytest

from khanij.analyses.question import ask, find, request_of
from khanij.core.errors import StudyError
from khanij.simulate.forecast import hub

PAGE = Path(__file__).parents[2] / "docs" / "forecasts.md"


def test_the_page_says_what_the_command_says():
    answer = ask(request_of(find("forecast hindcast")).of({}))
    page = PAGE.read_text(encoding="utf-8")
    assert " ".join(map(str, answer.findings)) in page
    for row in answer.table("test_years").rows():
        assert (
            f"| {row['year']} | {row['cells_scored']} | {row['events_seen']} | {row['events_expected']:.4g} |" in page
        )
    for row in answer.table("price-events").rows():
        assert f"| {row['price_set']} | {row['price_horizon']} | {row['tests']} | {row['price_error']:.4g} |" in page


def test_a_forecast_that_was_made_is_scored(tmp_path):
    made = ask(request_of(find("forecast make")).of({"origin": 2022, "to": "USA"}))
    rows = [hub.ForecastRow(**row) for row in made.table("forecast").rows()]
    assert hub.seal(rows) in str(made.findings[-1])
    path = tmp_path / "mine.csv"
    path.write_text(hub.text(rows), encoding="utf-8")
    scored = ask(request_of(find("forecast score")).of({"file": str(path)})).table("scores")
    kinds = list(zip(scored.column("target"), scored.column("destination"), strict=True))
    assert kinds == [("restriction", "USA"), ("restriction", "all"), ("export-fall", "all")]
    fell = next(row for row in scored.rows() if row["target"] == "export-fall")
    seal = hub.seal([row for row in rows if row.target == "export-fall"])[:16]
    place = f"{fell['cells_scored']} | {fell['events_seen']} | {fell['events_expected']:.1f} | {fell['log_skill']:.1%}"
    assert (
        f"| 2022 | {place} | {1 - fell['brier'] / fell['base_brier']:.1%} | {fell['mean_place']:.2f} | `{seal}…` |"
        in (PAGE.read_text(encoding="utf-8"))
    )
    assert all(row["log_score"] < row["base_log_score"] for row in scored.rows())


def test_ranges_of_prices_that_were_made_are_scored(tmp_path):
    made = ask(request_of(find("forecast make")).of({"origin": 2022, "target": "price"}))
    rows = [hub.ForecastRow(**row) for row in made.table("forecast").rows()]
    assert {row.target for row in rows} == {"price"}
    path = tmp_path / "prices.csv"
    path.write_text(hub.text(rows), encoding="utf-8")
    (scored,) = ask(request_of(find("forecast score")).of({"file": str(path)})).table("price-years").rows()
    held = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| 2022-12-31 |")]
    assert held == [
        f"| {scored['origin_date']} | {scored['goods_scored']} | {scored['range_skill']:.4g} |"
        f" {scored['covered_80']:.4g} | {scored['covered_90']:.4g} | {scored['price_error']:.4g} |"
        f" {scored['price_error_no_change']:.4g} |"
    ]


def test_a_wave_beyond_the_register_is_refused():
    with pytest.raises(StudyError, match="last whole year"):
        ask(request_of(find("forecast hindcast")).of({"origin": 2024, "span": 3}))
