"""The IEA's electric vehicles: history, the scenario ahead of it, repeats, shares; and the full workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.iea_gevo.parse import parse

FIXTURE = Path(__file__).parent / "fixtures" / "iea_gevo.xlsx"
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="iea-gevo", id="test", citation="", files=())
HEADER = ["region_country", "category", "parameter", "mode", "powertrain", "year", "unit", "value", "Aggregate group"]
PAST, AHEAD = "Historical", "Projection-STEPS"
ROWS: list[list[Any]] = [
    ["India", PAST, "EV sales", "Cars", "BEV", 2024, "Vehicles", 92000, "Other"],
    ["India", AHEAD, "EV sales", "Cars", "BEV", 2024, "Vehicles", 92000, "Other"],  # repeats history
    ["India", AHEAD, "EV sales", "Cars", "BEV", 2030, "Vehicles", 610000, "Other"],
    ["India", AHEAD, "EV sales", "Trucks", "BEV", 2030, "Vehicles", 5400, "Other"],
    ["India", AHEAD, "EV sales", "Trucks", "BEV", 2030, "Vehicles", 5400, "Other"],  # stands twice
    ["India", PAST, "EV stock", "2 and 3 wheelers", "BEV", 2024, "Vehicles", 6600000, "Other"],
    ["India", PAST, "EV sales share", "Cars", "EV", 2024, "percent", 2.1, "Other"],
    ["India", PAST, "EV stock share", "Cars", "EV", 2024, "percent", 0.5, "Other"],
    ["World", PAST, "Battery demand", "Cars", "EV", 2024, "GWh", 840, "_World"],
    ["EU27", AHEAD, "Battery demand", "Vans", "EV", 2030, "GWh", 40, "EU27"],
    ["World", PAST, "EV charging points", "EV", "Publicly available fast", 2024, "charging points", 2000000, "_World"],
    ["World", AHEAD, "Oil displacement Mbd", "Cars", "EV", 2030, "Million barrels per day", 3, "_World"],
]
EXPECTED = [  # quantity, country, item, year, value, unit, status, row
    ("ev_sales", "IND", "car | BEV", 2024, 92000, "1", "reported", 2),
    ("ev_sales", "IND", "car | BEV | STEPS", 2030, 610000, "1", "estimated", 4),
    ("ev_sales", "IND", "truck | BEV | STEPS", 2030, 5400, "1", "estimated", 5),
    ("ev_stock", "IND", "two-wheeler | BEV", 2024, 6600000, "1", "reported", 7),
    ("ev_sales_share", "IND", "car | EV", 2024, 0.021, "1", "reported", 8),
    ("battery_demand", "WLD", "car | EV", 2024, 840, "GWh", "reported", 10),
    ("battery_demand", "AGG", "van | EV | STEPS | EU27", 2030, 40, "GWh", "estimated", 11),
]


def write(path: Path, rows: list[list[Any]], header: list[str] = HEADER, sheet: str = "GEVO_EV_2025") -> Path:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(sheet)
        for line, row in enumerate([header, *rows]):
            page.write_row(line, 0, row)
    return path


def test_facts() -> None:
    frame = facts.complete(parse([FIXTURE], EDITION), source=EDITION.source, edition=EDITION.id)
    facts.check(frame, "test")
    rows = frame.select("quantity", "country", "item", "year", "value", "unit", "status", "row").rows()
    assert [row[:4] + row[5:] for row in rows] == [row[:4] + row[5:] for row in EXPECTED]
    assert [row[4] for row in rows] == pytest.approx([row[4] for row in EXPECTED])


def change(line: int, column: str, cell: Any) -> list[list[Any]]:
    rows = [list(row) for row in ROWS]
    rows[line][HEADER.index(column)] = cell
    return rows


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (change(0, "region_country", "Atlantis"), "unknown label"),
        (change(0, "parameter", "EV dreams"), "unknown label"),
        (change(0, "mode", "Boats"), "unknown label"),
        (change(0, "category", "Projection-APS"), "unknown label"),
        (change(0, "unit", "percent"), "unit 'percent'"),
        (change(0, "value", "many"), "no figure"),
        (change(4, "value", 5500), "two figures"),
    ],
)
def test_defects_are_errors(tmp_path: Path, rows: list[list[Any]], says: str) -> None:
    with pytest.raises(ParseError, match=says):
        parse([write(tmp_path / "defect.xlsx", rows)], EDITION)


def test_a_broken_workbook_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(FIXTURE.read_bytes()[:500])
    with pytest.raises(SourceError):
        parse([path], EDITION)
    with pytest.raises(ParseError, match="no sheet"):
        parse([write(tmp_path / "other.xlsx", ROWS, sheet="Other")], EDITION)
    with pytest.raises(ParseError, match="absent"):
        parse([write(tmp_path / "header.xlsx", ROWS, header=["region", *HEADER[1:]])], EDITION)


@pytest.mark.skipif(not SHARED.is_dir(), reason="publishers' files are not here")
def test_the_full_workbook() -> None:
    frame = store.parse_source(record.find("iea-gevo"), SHARED / "data")
    assert frame.height == 10_963
    world = frame.filter(pl.col("country") == "WLD", pl.col("year") == 2024, pl.col("quantity") == "ev_sales")
    cars = world.filter(pl.col("item").is_in(["car | BEV", "car | PHEV"])).sort("item")["value"].to_list()
    assert cars == [11e6, 6.5e6]
