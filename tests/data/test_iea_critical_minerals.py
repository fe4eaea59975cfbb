"""IEA workbook: side-by-side supply tables, scenarios, cases, repeats; what is refused; and the full edition."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.iea_critical_minerals.parse import parse

SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="iea-critical-minerals", id="test", citation="", files=())
COLUMNS = ("row", "quantity", "material", "stage", "item", "country", "year", "value", "basis", "note")
HEAD: list[list[Any]] = [
    [],
    ["", "", "", "Stated Policies Scenario", "", "Net Zero Emissions by 2050 Scenario"],
    ["", 2024, "", 2030, "", 2030],
    [],
]
Sheets = dict[str, list[list[Any]]]


def layout() -> Sheets:
    """Return the cells of a small workbook in the publisher's layout; the first line of each sheet is empty."""
    return {
        "Cover": [["a title"]],
        "1 Total demand for key minerals": [
            [], ["Demand (kt)"], *HEAD,
            ["Copper"],
            ["Electric vehicles", 496.689, "", 1597.1, "", 2664.8],
            ["Total demand", 26717.2, "", 31348.2, "", 34416.1],
            ["Share of clean technologies in total demand ", 0.29, "", 0.35, "", 0.44],
            [],
            ["Magnet rare earth elements"],
            ["Wind", 10.5, "", 16.2, "", 30.7],
            ["Notes: what the figures cover"],
        ],
        "2 Total supply for key minerals": [
            [], ["Supply, base case (kt)"], [],
            ["", 2024, 2030, 2035, 2040, "", "", 2024, 2030, 2035, 2040],
            [],
            ["Cobalt - Mining", "", "", "", "", "", "Cobalt - Refining"],
            ["Democratic Republic of Congo", 181.8, 199.4, 145.0, 107.6, "", "China", 196.1, 251.7, 254.5, 254.5],
            ["", "", "", "", "", "", "Canada", 0, 4.1, 7.0, 7.0],
            ["Rest of world", 45.7, 48.3, 39.2, 34.4, "", "Rest of world", 23.6, 33.2, 35.7, 35.3],
            ["Total", 273.3, 320.6, 256.8, 214.3, "", "Total clean technologies", 250.2, 325.2, 333.4, 333.0],
            ["Top 3 share", 0.8, 0.8, 0.8, 0.8, "", "Top 3 share", 0.9, 0.9, 0.9, 0.9],
            ["Notes: a base case - it weighs projects"],
        ],
        "3.2 Cleantech demand by mineral": [
            [], ["Demand (kt)"], *HEAD,
            ["Battery-grade graphite", 1002.5, "", 2962.7, "", 4967.2],
            ["Total", 12283.0, "", 19724.6, "", 30000.0],
        ],
        "4.3 EV": [
            [], ["Demand (kt)"], *HEAD,
            ["Base case"],
            ["Copper", 496.6892, "", 1597.1, "", 2664.8],
            ["Total EV", 1919.6, "", 6100.2, "", 9000.0],
            ["Smaller batteries"],
            ["Copper", 400.0, "", 1200.0, "", 2000.0],
        ],
        "Notice": [["a licence"]],
    }  # fmt: skip


def write(path: Path, sheets: Sheets) -> Path:
    """Write the cells as a workbook."""
    with xlsxwriter.Workbook(str(path)) as book:
        for name, lines in sheets.items():
            sheet = book.add_worksheet(name)
            for number, line in enumerate(lines):
                for column, cell in enumerate(line):
                    if cell != "":
                        sheet.write(number, column, cell)
    return path


# fmt: off
ONE, TWO, EV = "sheet 1 Total demand for key minerals", "sheet 2", "sheet 4.3 EV"
EXPECTED: list[tuple[object, ...]] = [
    (8, "demand", "copper", None, "base | Electric vehicles", "WLD", 2024, 496689.0, "Cu", ONE),
    (8, "demand", "copper", None, "STEPS | Electric vehicles", "WLD", 2030, 1597100.0, "Cu", ONE),
    (8, "demand", "copper", None, "NZE | Electric vehicles", "WLD", 2030, 2664800.0, "Cu", ONE),
    (9, "demand", "copper", None, "base | Total demand", "WLD", 2024, 26717200.0, "Cu", ONE),
    (9, "demand", "copper", None, "STEPS | Total demand", "WLD", 2030, 31348200.0, "Cu", ONE),
    (9, "demand", "copper", None, "NZE | Total demand", "WLD", 2030, 34416100.0, "Cu", ONE),
    (13, "demand", "magnet-rare-earths", None, "base | Wind",
     "WLD", 2024, 10500.0, "gross", f"{ONE}; element or oxide not stated"),
    (13, "demand", "magnet-rare-earths", None, "STEPS | Wind",
     "WLD", 2030, 16200.0, "gross", f"{ONE}; element or oxide not stated"),
    (13, "demand", "magnet-rare-earths", None, "NZE | Wind",
     "WLD", 2030, 30700.0, "gross", f"{ONE}; element or oxide not stated"),
    (7, "production", "cobalt", "mined", "base case", "COD", 2024, 181800.0, "Co", TWO),
    (7, "projected_production", "cobalt", "mined", "base case", "COD", 2030, 199400.0, "Co", TWO),
    (7, "projected_production", "cobalt", "mined", "base case", "COD", 2035, 145000.0, "Co", TWO),
    (7, "projected_production", "cobalt", "mined", "base case", "COD", 2040, 107600.0, "Co", TWO),
    (9, "production", "cobalt", "mined", "base case", "ROW", 2024, 45700.0, "Co", TWO),
    (9, "projected_production", "cobalt", "mined", "base case", "ROW", 2030, 48300.0, "Co", TWO),
    (9, "projected_production", "cobalt", "mined", "base case", "ROW", 2035, 39200.0, "Co", TWO),
    (9, "projected_production", "cobalt", "mined", "base case", "ROW", 2040, 34400.0, "Co", TWO),
    (10, "production", "cobalt", "mined", "base case", "WLD", 2024, 273300.0, "Co", TWO),
    (10, "projected_production", "cobalt", "mined", "base case", "WLD", 2030, 320600.0, "Co", TWO),
    (10, "projected_production", "cobalt", "mined", "base case", "WLD", 2035, 256800.0, "Co", TWO),
    (10, "projected_production", "cobalt", "mined", "base case", "WLD", 2040, 214300.0, "Co", TWO),
    (7, "production", "cobalt", "refined", "base case", "CHN", 2024, 196100.0, "Co", TWO),
    (7, "projected_production", "cobalt", "refined", "base case", "CHN", 2030, 251700.0, "Co", TWO),
    (7, "projected_production", "cobalt", "refined", "base case", "CHN", 2035, 254500.0, "Co", TWO),
    (7, "projected_production", "cobalt", "refined", "base case", "CHN", 2040, 254500.0, "Co", TWO),
    (8, "production", "cobalt", "refined", "base case", "CAN", 2024, 0.0, "Co", TWO),
    (8, "projected_production", "cobalt", "refined", "base case", "CAN", 2030, 4100.0, "Co", TWO),
    (8, "projected_production", "cobalt", "refined", "base case", "CAN", 2035, 7000.0, "Co", TWO),
    (8, "projected_production", "cobalt", "refined", "base case", "CAN", 2040, 7000.0, "Co", TWO),
    (9, "production", "cobalt", "refined", "base case", "ROW", 2024, 23600.0, "Co", TWO),
    (9, "projected_production", "cobalt", "refined", "base case", "ROW", 2030, 33200.0, "Co", TWO),
    (9, "projected_production", "cobalt", "refined", "base case", "ROW", 2035, 35700.0, "Co", TWO),
    (9, "projected_production", "cobalt", "refined", "base case", "ROW", 2040, 35300.0, "Co", TWO),
    (10, "production", "cobalt", "refined", "base case", "WLD", 2024, 250200.0, "Co", TWO),
    (10, "projected_production", "cobalt", "refined", "base case", "WLD", 2030, 325200.0, "Co", TWO),
    (10, "projected_production", "cobalt", "refined", "base case", "WLD", 2035, 333400.0, "Co", TWO),
    (10, "projected_production", "cobalt", "refined", "base case", "WLD", 2040, 333000.0, "Co", TWO),
    (7, "demand", "graphite", "processed", "base | Total clean technologies",
     "WLD", 2024, 1002500.0, "gross", "sheet 3.2 Cleantech demand by mineral; battery grade"),
    (7, "demand", "graphite", "processed", "STEPS | Total clean technologies",
     "WLD", 2030, 2962700.0, "gross", "sheet 3.2 Cleantech demand by mineral; battery grade"),
    (7, "demand", "graphite", "processed", "NZE | Total clean technologies",
     "WLD", 2030, 4967200.0, "gross", "sheet 3.2 Cleantech demand by mineral; battery grade"),
    (11, "demand", "copper", None, "base | Electric vehicles | Smaller batteries", "WLD", 2024, 400000.0, "Cu", EV),
    (11, "demand", "copper", None, "STEPS | Electric vehicles | Smaller batteries", "WLD", 2030, 1200000.0, "Cu", EV),
    (11, "demand", "copper", None, "NZE | Electric vehicles | Smaller batteries", "WLD", 2030, 2000000.0, "Cu", EV),
]
# fmt: on


def test_every_layout_gives_the_expected_facts(tmp_path: Path) -> None:
    frame = parse([write(tmp_path / "x.xlsx", layout())], EDITION)
    assert frame.with_columns(pl.col("value").round(6)).select(COLUMNS).rows() == EXPECTED
    assert frame["status"].unique().to_list() == ["estimated"]
    facts.check(frame, "test")


def _set(sheet: str, line: int, column: int, cell: Any) -> Callable[[Sheets], None]:
    """Return a change of one cell."""

    def change(sheets: Sheets) -> None:
        sheets[sheet][line][column] = cell

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set("1 Total demand for key minerals", 6, 0, "Kopper"), "Kopper.*aliases.csv"),
        (_set("1 Total demand for key minerals", 7, 0, "Cars"), "Cars.*sectors.csv"),
        (_set("1 Total demand for key minerals", 1, 0, "Demand (t)"), "does not say kt"),
        (_set("1 Total demand for key minerals", 3, 3, "Current Policies"), "unknown scenario"),
        (_set("1 Total demand for key minerals", 4, 1, 2025), "no base year"),
        (_set("1 Total demand for key minerals", 7, 3, "n.a."), "no figure for STEPS 2030"),
        (_set("2 Total supply for key minerals", 6, 0, "Kongo"), "Kongo.*country_aliases"),
        (_set("2 Total supply for key minerals", 3, 1, 2023), "other years"),
        (_set("2 Total supply for key minerals", 6, 2, "?"), "lacks a figure"),
        (_set("4.3 EV", 7, 1, 510.0), "the sheets disagree"),
        (_set("4.3 EV", 4, 5, 2035), "NZE has other years than STEPS"),
        (_set("4.3 EV", 3, 5, ""), "has other years"),
        (lambda sheets: sheets.update({"5 New": [["x"]]}), "unknown sheets"),
    ],
)
def test_a_changed_workbook_is_refused(tmp_path: Path, change: Callable[[Sheets], None], message: str) -> None:
    sheets = deepcopy(layout())
    change(sheets)
    with pytest.raises(ParseError, match=message):
        parse([write(tmp_path / "x.xlsx", sheets)], EDITION)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off"])
def test_a_broken_workbook_is_a_source_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.xlsx").write_bytes(content)
    with pytest.raises(SourceError):
        parse([tmp_path / "x.xlsx"], EDITION)


@pytest.fixture(scope="module")
def full() -> pl.DataFrame:
    """Return the facts of the recorded edition."""
    if not SHARED.is_dir():
        pytest.skip("the publishers' files are not here")
    return store.parse_source(record.find("iea-critical-minerals"), SHARED / "data")


def test_published_figures(full: pl.DataFrame) -> None:
    def value(**where: object) -> float:
        return full.filter(**where)["value"].item()

    assert value(quantity="demand", material="lithium", item="base | Total demand") == pytest.approx(205e3)
    assert value(quantity="production", material="copper", stage="mined", country="CHL") == pytest.approx(5476e3)
    assert value(quantity="production", material="copper", stage="mined", country="WLD") == pytest.approx(22794e3)
    assert value(quantity="production", material="cobalt", stage="mined", country="COD") == pytest.approx(
        181.8e3, rel=1e-3
    )
    assert value(quantity="production", material="lithium", stage="processed", country="CHN") == pytest.approx(
        169.7e3, rel=1e-3
    )


def test_countries_add_up_to_the_world_or_the_total_is_flagged(full: pl.DataFrame) -> None:
    made = full.filter(pl.col("quantity").is_in(["production", "projected_production"]))
    keys = ["quantity", "material", "stage", "year"]
    parts = made.filter(pl.col("country") != "WLD").group_by(keys).agg(pl.col("value").sum().alias("parts"))
    gaps = made.filter(pl.col("country") == "WLD").join(parts, on=keys)
    assert gaps.height == 48
    apart = (pl.col("parts") / pl.col("value") - 1).abs() > 1e-3
    assert gaps.filter(apart & ~pl.col("note").str.contains("printed total")).is_empty()
    assert gaps.filter(apart).height == 15


def test_the_json_conversion_says_the_same(full: pl.DataFrame) -> None:
    path = SHARED / "data/iea_critical_minerals/iea_cm_2025edition.json"
    supply = json.loads(path.read_text(encoding="utf-8"))["supply"]["Nickel"]["refining"]["countries"]["Indonesia"]
    facts_of = full.filter(material="nickel", stage="refined", country="IDN").select("year", "value")
    years = {str(year): value / 1e3 for year, value in facts_of.iter_rows()}
    assert {year: supply[year] for year in years} == pytest.approx(years, rel=1e-6)
