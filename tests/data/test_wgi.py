"""Worldwide Governance Indicators: legacy codes, economies not assessed, exact digits; and the full file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.wgi.parse import parse

FIXTURE = Path(__file__).parent / "fixtures" / "wgi.xlsx"
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="wgi", id="test", citation="", files=())

EXPECTED = [  # country, year, item, estimate, error, row
    ("AFG", 1996, "cc", -1.291704773902893, 0.34050697088241577, 2),
    ("IND", 2023, "pv", -0.6350769400596619, 0.20538008213043213, 4),
    ("RUS", 2023, "pv", -1.134333848953247, 0.2272447943687439, 5),
    ("COD", 2023, "pv", -2.0448620319366455, 0.21178095042705536, 6),
    ("ROU", 2002, "rl", -0.3, 0.2, 7),
    ("TLS", 2002, "va", 0.25, 0.25, 8),
    ("PSE", 2003, "ge", -1.0, 0.3, 9),
    ("AND", 1998, "rq", 1.5, 0.5, 10),
    ("XKX", 2008, "pv", -1.04, 0.4, 11),
]


def test_facts() -> None:
    frame = facts.complete(parse([FIXTURE], EDITION), source=EDITION.source, edition=EDITION.id)
    facts.check(frame, "test")
    got = frame.filter(pl.col("quantity") == "governance").join(
        frame.filter(pl.col("quantity") == "governance_error"), on=["country", "year", "item", "row"], suffix="_error"
    )
    rows = got.select("country", "year", "item", "value", "value_error", "row").sort("row").rows()
    for found, want in zip(rows, EXPECTED, strict=True):
        assert (*found[:3], found[5]) == (*want[:3], want[5])
        assert found[3:5] == pytest.approx(want[3:5], rel=1e-15)
    assert frame.height == 2 * len(EXPECTED)  # the economy that was not assessed gives no fact
    assert set(frame["note"]) >= {"9 data sources", "1 data sources"}


def test_defects_are_errors(tmp_path: Path) -> None:
    import xlsxwriter

    def book(sheet: str, rows: list[list[object]]) -> Path:
        path = tmp_path / "defect.xlsx"
        with xlsxwriter.Workbook(path) as made:
            page = made.add_worksheet(sheet)
            for index, row in enumerate(rows):
                page.write_row(index, 0, row)
        return path

    header = ["codeindyr", "code", "countryname", "year", "indicator", "estimate", "stddev", "nsource"]
    row: list[object] = ["x", "IND", "India", 2023, "pv", -0.6, 0.2, 9]
    for sheet, rows, says in (
        ("Other", [header, row], "no sheet"),
        ("Sheet1", [], "is empty"),
        ("Sheet1", [header], "no rows"),
        ("Sheet1", [header[:5], row[:5]], "estimate"),
        ("Sheet1", [header, [*row[:4], "xx", *row[5:]]], "xx"),
        ("Sheet1", [header, ["x", "QQQ", *row[2:]]], "QQQ"),
        ("Sheet1", [header, [*row[:5], "high", *row[6:]]], "high"),
    ):
        with pytest.raises(ParseError, match=says):
            parse([book(sheet, rows)], EDITION)
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(FIXTURE.read_bytes()[:2000])
    with pytest.raises(SourceError):
        parse([broken], EDITION)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared folder")
def test_full_file() -> None:
    frame = store.parse_source(record.find("wgi"), SHARED / "data")
    assert frame.height == 2 * (32_100 - 1_126)
    pv = frame.filter((pl.col("item") == "pv") & (pl.col("year") == 2023) & (pl.col("quantity") == "governance"))
    found = dict(pv.select("country", "value").iter_rows())
    assert [round(found[iso], 3) for iso in ("IND", "RUS", "CHN")] == [-0.635, -1.134, -0.513]
