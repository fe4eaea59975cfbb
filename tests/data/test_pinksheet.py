"""Pink Sheet: taken and left series, units, iron ore's two meanings, gaps; and the full workbooks."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.pinksheet.parse import ALIASES, parse_annual, parse_monthly

FOLDER = Path(__file__).parent / "fixtures"
ANNUAL, MONTHLY = FOLDER / "pinksheet_annual.xlsx", FOLDER / "pinksheet_monthly.xlsx"
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="pinksheet", id="test", citation="", files=())
OUNCE = 31.1034768e-6


def rows(frame: pl.DataFrame, code: str) -> list[tuple[object, ...]]:
    done = facts.complete(frame, source=EDITION.source, edition=EDITION.id)
    facts.check(done, "test")
    chosen = done.filter(pl.col("item").str.starts_with(f"{code} |"))
    return chosen.select("year", "month", "value", "unit", "basis", "status", "row").rows()


def test_annual() -> None:
    frame = parse_annual([ANNUAL], EDITION)
    assert rows(frame, "COPPER")[-1] == (2024, None, 9142.14, "USD/t", "Cu", "reported", 13)
    assert rows(frame, "GOLD")[-1][2] == pytest.approx(2387.7 / OUNCE)
    assert rows(frame, "CRUDE_PETRO")[0][3] == "USD/bbl"
    assert rows(frame, "NGAS_EUR")[0][3:5] == ("USD/MMBtu", None)
    assert [(r[0], r[2], r[4]) for r in rows(frame, "IRON_ORE")] == [
        (1960, 11.42, "Fe"),
        (2005, 65.0, "Fe"),
        (2008, 155.99333333333, "gross"),
        (2024, 109.4, "gross"),
        (2008, 155.99333333333 / 0.635, "Fe"),
        (2024, pytest.approx(109.4 / 0.62), "Fe"),
    ]
    assert [r[0] for r in rows(frame, "COAL_SAFRICA")] == [2005, 2008, 2024]  # not begun in 1960
    assert frame["item"].n_unique() == 23
    for left in ("COCOA", "PLYWOOD", "RUBBER_TSR20", "UREA_EE_BULK", "iNATGAS"):
        assert rows(frame, left) == []


def test_monthly() -> None:
    frame = parse_monthly([MONTHLY], EDITION)
    assert (2022, 3, 33924.18, "USD/t", "Ni", "reported", 12) in rows(frame, "NICKEL")
    assert (2025, 11, 10812.03, "USD/t", "Cu", "reported", 14) in rows(frame, "COPPER")
    assert (2023, 11, None, "USD/t", "gross", "unavailable", 13) in rows(frame, "PHOSROCK")
    iron = frame.filter(pl.col("item").str.starts_with("IRON_ORE"))
    columns = iron.select("year", "month", "note", "basis").rows()
    grades = [(year, month, "62 %" in note, basis) for year, month, note, basis in columns]
    assert grades[:4] == [
        (2005, 12, False, "Fe"),
        (2006, 1, False, "gross"),
        (2008, 11, False, "gross"),
        (2008, 12, True, "gross"),
    ]


def test_defects_are_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ParseError, match="no sheet"):
        parse_annual([MONTHLY], EDITION)
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(ANNUAL.read_bytes()[:3000])
    with pytest.raises(SourceError):
        parse_annual([broken], EDITION)
    module = "khanij.data.sources.pinksheet.parse"
    short = tmp_path / "aliases.csv"
    lines = ALIASES.read_text(encoding="utf-8").splitlines(keepends=True)
    short.write_text("".join(line for line in lines if not line.startswith("COCOA")), encoding="utf-8")
    monkeypatch.setattr(f"{module}.ALIASES", short)
    with pytest.raises(ParseError, match="COCOA"):
        parse_annual([ANNUAL], EDITION)
    monkeypatch.setattr(f"{module}.ALIASES", ALIASES)
    monkeypatch.setattr(f"{module}.UNITS", {"($/bbl)": ("USD/bbl", "USD/bbl")})
    with pytest.raises(ParseError, match="unknown unit"):
        parse_annual([ANNUAL], EDITION)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared folder")
def test_full_files() -> None:
    frame = store.parse_source(record.find("pinksheet"), SHARED / "data")
    copper = frame.filter((pl.col("item") == "COPPER | Copper") & pl.col("month").is_null() & (pl.col("year") == 2024))
    assert [round(value) for value in copper["value"]] == [9142]
    nickel = frame.filter((pl.col("material") == "nickel") & (pl.col("year") == 2022) & (pl.col("month") == 3))
    assert [round(value) for value in nickel["value"]] == [33924]
    assert frame.filter(pl.col("month").is_not_null())["year"].max() == 2025
    assert frame.filter(pl.col("status") == "unavailable").height == 1
