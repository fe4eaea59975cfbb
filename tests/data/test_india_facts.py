"""India's fact tables: figures, bounds, fiscal years, recalled cells, words restated; the full tables."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.india_facts import figures
from khanij.data.sources.india_facts.parse import parse

FIXTURES = Path(__file__).parent / "fixtures" / "india_facts"
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="india-facts", id="test", citation="", files=())
COLUMNS = (
    "row", "quantity", "material", "stage", "country", "year", "value", "low", "high", "unit", "basis", "status",
    "confidence",
)  # fmt: skip

# fmt: off
EXPECTED: dict[str, list[tuple[object, ...]]] = {
    "india_minerals.csv": [
        (2, "production", "cobalt", "mined", "IND", 2024, 0.0, None, None, "t", "Co", "reported", "medium"),
        (2, "import_reliance", "cobalt", "mined", "IND", None, 1.0, None, None, "1", None, "reported", "medium"),
        (2, "resources", "cobalt", "mined", "IND", None, 44900000.0, None, None, "t", "ore", "reported", "low"),
        (3, "production", "vanadium", "mined", "IND", 2024, 0.0, None, None, "t", "V", "reported", "low"),
        (3, "import_reliance", "vanadium", "mined", "IND", None, 1.0, None, None, "1", None, "reported", "medium"),
        (3, "resources", "vanadium", "mined", "IND", 2010, 24720000.0, None, None, "t", "ore", "reported", "medium"),
        (3, "resources", "vanadium", "mined", "IND", 2010, 36348.050671, None, None, "t", "V", "reported", "medium"),
        (3, "reserves", "vanadium", "mined", "IND", 2010, 410000.0, None, None, "t", "ore", "reported", "medium"),
        (3, "reserves", "vanadium", "mined", "IND", 2010, 897.959918, None, None, "t", "V", "reported", "medium"),
        (4, "production", "potash", "mined", "IND", 2024, 0.0, None, None, "t", "K2O", "reported", "medium"),
        (4, "import_reliance", "potash", "mined", "IND", 2022, 1.0, None, None, "1", None, "reported", "medium"),
        (4, "imports_mass", "potash", "mined", "IND",
         2022, None, 2400000.0, 4700000.0, "t", "gross", "bound", "medium"),
        (4, "resources", "potash", "mined", "IND", None, 830000000.0, None, None, "t", "ore", "reported", "low"),
        (4, "resources", "potash", "mined", "IND", None, 23091000000.0, None, None, "t", "gross", "reported", "low"),
        (4, "demand", "potash", "mined", "IND", None, None, 4000000.0, 5000000.0, "t", "gross", "bound", "medium"),
        (5, "import_reliance", "tin", "refined", "IND", 2023, 1.0, None, None, "1", None, "estimated", "low"),
        (5, "imports_mass", "tin", "refined", "IND", 2023, 11000.0, None, None, "t", "gross", "estimated", "low"),
        (6, "production", "rare-earths", "mined", "IND", 2025, 2900.0, None, None, "t", "REO", "estimated", "high"),
        (7, "import_reliance", "titanium", "mined", "IND", None, None, None, 0.01, "1", None, "bound", "low"),
        (7, "resources", "titanium", "mined", "IND",
         2013, 593500000.0, None, None, "t", "ilmenite", "reported", "medium"),
        (7, "reserves", "titanium", "mined", "IND", 2024, 16000000.0, None, None, "t", "gross", "reported", "medium"),
        (8, "production", "selenium", "refined", "IND", None, None, None, None, "t", None, "unquantified", "low"),
        (8, "import_reliance", "selenium", "refined", "IND",
         None, None, None, None, "1", None, "unquantified", "low"),
        (9, "import_reliance", "antimony", "refined", "IND", None, 1.0, None, None, "1", None, "estimated", "low"),
        (9, "import_share", "antimony", "refined", "IND", 2024, 0.22, None, None, "1", None, "reported", "medium"),
        (10, "imports_mass", "copper", None, "IND", 2024, 1200000.0, None, None, "t", "gross", "reported", "high"),
        (10, "imports_value_inr", "copper", None, "IND",
         2024, 25951.0, None, None, "crore INR", None, "reported", "high"),
        (10, "demand", "copper", None, "IND", 2030, None, 3000000.0, 3300000.0, "t", "Cu", "bound", "high"),
        (10, "demand", "copper", None, "IND", 2047, None, 8900000.0, 9800000.0, "t", "Cu", "bound", "high"),
    ],
    "costs.csv": [
        (2, "lead_time", None, None, "WLD", 2023, 15.7, 6.0, 32.0, "yr", None, "estimated", "high"),
        (3, "lead_time", None, None, "WLD", 2019, None, 16.0, None, "yr", None, "bound", "high"),
        (4, "lead_time", None, None, "WLD", 2025, 2.5, 2.0, 4.0, "yr", None, "estimated", "low"),
        (5, "subsidy", "rare-earths", None, "WLD",
         2025, 25400.0, None, None, "USD/t", "magnet", "estimated", "medium"),
        (6, "capital_intensity", "copper", None, "WLD",
         2022, None, None, 44000.0, "USD/t", "gross", "bound", "medium"),
        (7, "exploration_cost", None, None, "IND", 2025, 5.83, None, None, "crore INR", None, "estimated", "medium"),
        (8, "stock_cover", None, None, "WLD", 2024, None, 60.0, 100.0, "d", None, "bound", "high"),
        (9, "operating_cost", "titanium", None, "WLD",
         None, 9000.0, 7000.0, 13000.0, "USD/t", "gross", "estimated", "low"),
    ],
    "process_chains.csv": [
        (2, "mass_ratio", "copper", "mined", "WLD", None, 41.0, None, None, "1", None, "estimated", "medium"),
        (2, "recovery", "copper", "mined", "WLD", None, 0.9, None, None, "1", None, "estimated", "medium"),
        (2, "energy_intensity", "copper", "mined", "WLD", None, 5.0, None, None, "GJ/t", None, "estimated", "low"),
        (2, "waste_intensity", "copper", "mined", "WLD", None, 40.0, None, None, "t/t", None, "estimated", "medium"),
        (3, "mass_ratio", "titanium", "product", "WLD", None, None, 5.0, 10.0, "1", None, "bound", "low"),
        (3, "recovery", "titanium", "product", "WLD", None, None, 0.1, 0.2, "1", None, "bound", "low"),
        (4, "energy_intensity", "tin", None, "WLD", None, 321.0, None, None, "GJ/t", None, "estimated", "low"),
        (4, "carbon_intensity", "tin", None, "WLD", None, 17.1, None, None, "t/t", None, "estimated", "low"),
    ],
    "mission_components.csv": [
        (2, "budget", None, None, "IND", 2024, 16300.0, None, None, "crore INR", None, "reported", "high"),
        (3, "target", None, None, "IND", 2030, None, 100.0, None, "1", None, "bound", "high"),
        (4, "target", None, None, "IND", 2030, 400000.0, None, None, "t", "gross", "reported", "high"),
        (5, "target", None, None, "IND", 2030, 1000.0, None, None, "1", None, "reported", "low"),
        (7, "budget", "rare-earths", "component", "IND",
         None, 80.0, None, None, "crore INR", None, "derived", "medium"),
        (8, "policy_rule", None, None, "IND", 2030, 0.4, None, None, "1", None, "reported", "high"),
        (8, "policy_rule", None, None, "IND", 2030, 0.6, None, None, "1", None, "reported", "high"),
        (9, "progress", None, None, "IND", 2026, 58.0, None, None, "1", None, "reported", "high"),
        (10, "progress", None, None, "IND", 2020, 59.0, None, None, "1", None, "reported", "high"),
        (11, "progress", None, None, "IND", 2025, 90.0, None, None, "1", None, "estimated", "high"),
    ],
    "project_pipeline.csv": [
        (2, "project_cost", "copper", "refined", "IND", None, 1200.0, None, None, "MUSD", None, "reported", "high"),
        (2, "project_capacity", "copper", "refined", "IND",
         None, 500000.0, None, None, "t", "Cu", "reported", "high"),
        (2, "project_cost", "copper", "refined", "IND",
         None, 8373.0, None, None, "crore INR", None, "reported", "high"),
        (3, "project_cost", None, "mined", "ZMB", None, 2.1, None, None, "MUSD", None, "reported", "high"),
        (3, "project_area", None, "mined", "ZMB", None, 9000.0, None, None, "km2", None, "reported", "high"),
        (3, "project_cost", None, "mined", "ZMB", None, None, 15.0, 20.0, "crore INR", None, "bound", "high"),
        (4, "project_capacity", "copper", "refined", "IND",
         None, 500000.0, None, None, "t", "Cu", "reported", "high"),
        (4, "project_capacity", "copper", "refined", "IND", None, 413000.0, None, None, "t", "Cu", "reported", "low"),
    ],
}
# fmt: on


def rows(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    """Return facts as tuples, figures rounded to six digits."""
    return frame.with_columns(pl.col("value", "low", "high").round(6)).select(COLUMNS).rows()


@pytest.mark.parametrize("name", EXPECTED)
def test_each_table_gives_the_expected_facts(name: str) -> None:
    frame = parse([FIXTURES / name], EDITION)
    assert rows(frame) == EXPECTED[name]
    facts.check(frame, "test")


def test_notes_and_items_say_what_the_figure_is() -> None:
    minerals = parse([FIXTURES / "india_minerals.csv"], EDITION)
    share = minerals.filter(quantity="import_share")
    assert share.select("country", "partner", "item").row(0) == (
        "IND", "USA", "refined: unwrought antimony / oxide | unwrought antimony, mean 2021-2024",
    )  # fmt: skip
    assert minerals.filter(row=5, quantity="imports_mass")["note"].item() == (
        "recalled; no range given; fiscal year April 2023 - March 2024"
    )
    assert minerals.filter(row=3, basis="V")["note"].to_list() == [
        "recalled; no range given", "published as V2O5", "published as V2O5",
    ]  # fmt: skip
    assert minerals.filter(row=8, quantity="production")["note"].item() == "by-product of copper refineries"
    mission = parse([FIXTURES / "mission_components.csv"], EDITION)
    assert mission.filter(row=9).select("month", "note").row(0) == (4, "period: 2026-04-29; counts companies")
    assert mission.filter(row=10)["note"].item() == "field season 2020-21; counts projects"
    assert mission.filter(row=8)["item"].to_list()[0].endswith("opex subsidy paid in year 2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("27404", (27404.0, None, None, "reported")),
        ("2,400,000-4,700,000", (None, 2.4e6, 4.7e6, "bound")),
        ("~10,000-15,000", (None, 10000.0, 15000.0, "bound")),
        ("~11,000", (11000.0, None, None, "estimated")),
        ("<1", (None, None, 1.0, "bound")),
        (">16", (None, 16.0, None, "bound")),
    ],
)
def test_figures_as_written(text: str, expected: tuple[object, ...]) -> None:
    found = figures.figure(text)
    assert found is not None
    assert (found.value, found.low, found.high, found.status) == expected


@pytest.mark.parametrize("text", ["", "high", "small captive (NFC)", "55 / 34", "12 Mt"])
def test_words_are_no_figures(text: str) -> None:
    assert figures.figure(text) is None


@pytest.mark.parametrize(
    ("text", "first", "year"),
    [("FY2023-24", False, 2023), ("FY2024-25 to FY2030-31", True, 2024), ("FY2024-25 to FY2030-31", False, 2030),
     ("2025e", False, 2025), ("2015-early 2025", False, 2025), ("2023-Sep 2025", False, 2025),
     ("7 years", False, None)],
)  # fmt: skip
def test_years_follow_the_stated_rule(text: str, first: bool, year: int | None) -> None:
    assert figures.fiscal(text, first)[0] == year


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("india_minerals.csv", "cobalt ores", "cobalt ore", "aliases_forms.csv"),
        ("india_minerals.csv", "44.9 Mt ore resource", "45 Mt ore resource", "no longer says '44.9 Mt"),
        ("india_minerals.csv", "unwrought tin,,,,,", "unwrought tin,,,,5 Mt ore,", "no restatement of india_reserve"),
        ("costs.csv", "lead_time", "leadtime", "topics.csv: leadtime,years"),
        ("costs.csv", "USD per kg sold", "INR per kg sold", "units.csv: INR per kg sold"),
        ("costs.csv", "Korea target,days of demand,60,", "Korea target,days of demand,60", "truncated"),
        ("process_chains.csv", "forging, rolling", "forging and rolling", "aliases_chains.csv"),
        ("process_chains.csv", ",321,", ",much,", "energy_gj_per_t_output is 'much'"),
        ("mission_components.csv", "remainder,80", "remainder,80 / 90", "mission_rules.csv"),
        ("mission_components.csv", "40 / 60", "40", "is no pair"),
        ("mission_components.csv", ",progress,,made", ",state,,made", "unknown kind 'state'"),
        ("project_pipeline.csv", "NLC India lithium", "NLC lithium", "aliases_projects.csv"),
        ("project_pipeline.csv", "9,000 sq km", "9,500 sq km", "no longer says '9,000 sq km'"),
        ("project_pipeline.csv", "expected_output", "output", "no column expected_output"),
    ],
)
def test_a_changed_table_is_refused(tmp_path: Path, name: str, old: str, new: str, message: str) -> None:
    text = (FIXTURES / name).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ParseError, match=message):
        parse([tmp_path / name], EDITION)


def test_tables_that_are_no_facts_are_left_out_by_name(tmp_path: Path) -> None:
    for name in ("world_supply.csv", "partnerships.csv", "prices.csv"):
        with pytest.raises(ParseError, match="left out"):
            parse([tmp_path / name], EDITION)
    with pytest.raises(ParseError, match="no reader"):
        parse([tmp_path / "news.csv"], EDITION)
    (tmp_path / "costs.csv").write_bytes(b"")
    with pytest.raises((SourceError, ParseError)):
        parse([tmp_path / "costs.csv"], EDITION)


def statements(table: str) -> list[dict[str, str]]:
    """Return the restatements of one table."""
    path = record.FOLDER / "india_facts" / f"statements_{table}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


UNIT_WORDS = {"Gt": "Bt", "km2": "sq km", "crore INR": "INR", "MUSD": "USD"}


@pytest.mark.parametrize("table", ["minerals", "projects"])
def test_each_restated_figure_stands_in_its_phrase(table: str) -> None:
    for said in statements(table):
        if not said["quantity"]:
            assert said["reason"], said
            continue
        numbers = {float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", said["phrase"])}
        for figure in (said["value"], said["low"], said["high"]):
            if figure and said["phrase"] not in (
                "15,703 ha",
                "3,000 kg/yr (recalled)",
                "USD 1 billion pledge (recalled)",
            ):
                assert float(figure) in numbers, said
        if said["unit"] in ("kt", "Mt", "Gt", "km2", "crore INR", "MUSD", "%") and "ha" not in said["phrase"]:
            assert UNIT_WORDS.get(said["unit"], said["unit"]) in said["phrase"], said


@pytest.fixture(scope="module")
def full() -> pl.DataFrame:
    """Return the facts of the recorded edition."""
    if not SHARED.is_dir():
        pytest.skip("the fact tables are not here")
    return store.parse_source(record.find("india-facts"), SHARED / "data")


def test_figures_of_the_full_tables(full: pl.DataFrame) -> None:
    def value(**where: object) -> float:
        return full.filter(**where)["value"].item()

    assert value(quantity="production", material="copper", stage="mined") == 27404
    assert value(quantity="imports_mass", material="copper", stage="mined") == 1178920
    assert value(quantity="import_reliance", material="copper", stage="mined", year=2022) == pytest.approx(0.93)
    assert value(quantity="budget", item="NCMM | total | mission outlay") == 34300
    assert value(quantity="resources", material="tungsten", basis="W") == pytest.approx(142094 * 0.79299, rel=1e-4)
    ore = full.filter(quantity="resources", material="lithium")
    assert ore["basis"].unique().to_list() == ["ore"]  # 5.9 Mt in Reasi is ore, not lithium


def test_recalled_figures_are_of_low_confidence(full: pl.DataFrame) -> None:
    remarked = full.filter(pl.col("note").str.contains("recalled; no range given", literal=True))
    assert remarked["confidence"].unique().to_list() == ["low"]
    bare = pl.all_horizontal(pl.col("low", "high").is_null()) & pl.col("value").is_not_null()
    low = full.filter(bare, pl.col("confidence") == "low")
    assert low.filter(~pl.col("note").str.contains("recalled").fill_null(False)).is_empty()


def test_the_budget_adds_up_as_its_note_says(full: pl.DataFrame) -> None:
    budget = dict(full.filter(quantity="budget").select("item", "value").iter_rows())
    parts = [value for item, value in budget.items() if re.search(r"Survey|Trust total|ANRF|additional", item)]
    assert sum(parts) == budget["NCMM | government | expenditure"] == 16300
