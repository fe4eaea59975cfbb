"""Published tables: bounds, ranges, fiscal years, words in notes, and that every table is taken or skipped by name."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.published_tables.parse import parse

FIXTURE = Path(__file__).parent / "fixtures" / "published_tables.csv"
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="published-tables", id="test", citation="", files=())
COLUMNS = (
    "row", "quantity", "material", "stage", "item", "country", "year", "value", "low", "high", "unit", "status",
    "confidence",
)  # fmt: skip

# fmt: off
EXPECTED: list[tuple[object, ...]] = [
    (3, "supply_risk", "aluminium", "mined", "eu-2017", "AGG", 2017, 2.0, None, None, "score", "reported", "high"),
    (4, "import_reliance", "aluminium", "mined", "eu-2017", "AGG", 2017, 0.85, None, None, "1", "reported", "high"),
    (5, "substitution_index", "aluminium", "mined", "sr | eu-2017", "AGG", 2017, 0.9, None, None, "1",
     "reported", "high"),
    (6, "weighted_concentration", "aluminium", "mined", "eu | eu-2017",
     "AGG", 2017, 1.9, None, None, "score", "reported", "high"),
    (9, "supply_risk", "helium", None, "global supply only | eu-2017",
     "AGG", 2017, 1.6, None, None, "score", "reported", "high"),
    (10, "companion_share", "gallium", None, "expert class", "WLD", 2026, 1.0, None, None, "1", "estimated", "medium"),
    (11, "policy_benchmark", None, None, "one third country over EU consumption at any stage, at most",
     "AGG", 2030, 0.65, None, None, "1", "reported", "high"),
    (12, "threshold", None, None, "supply risk | usgs-2021", "USA", 2021, 0.4, None, None, "1", "reported", "low"),
    (13, "gdp_change", "gallium", None, "probability-weighted | usgs-2025",
     "USA", 2025, None, None, -1000.0, "MUSD", "bound", "medium"),
    (14, "gdp_change", None, None, "probability-weighted, lowest of all commodities | usgs-2025",
     "USA", 2025, -4500.0, None, None, "MUSD", "reported", "high"),
    (15, "gdp_change", None, None, "full Chinese export ban | usgs-2024 | Gallium+Germanium",
     "USA", 2024, -3400.0, -9000.0, -1700.0, "MUSD", "reported", "high"),
    (16, "price_change", "gallium", None, "full Chinese export ban | usgs-2024",
     "USA", 2024, None, 1.5, None, "1", "bound", "high"),
    (17, "risk_rank", "baryte", None, "order of the draft list | usgs-2025",
     "USA", 2025, 20.0, None, None, "1", "reported", "medium"),
    (19, "imports_mass", "coking-coal", None, "coking coal", "IND", 2024, 57.58e6, None, None, "t", "reported", "high"),
    (21, "imports_value_inr", "aluminium", "mined", "bauxite",
     "IND", 2023, 4397.0, None, None, "crore INR", "reported", "high"),
    (22, "demand", "nickel", None, "green technologies | CSEP 2021",
     "IND", 2047, 18599.0, None, None, "t", "estimated", "medium"),
]
# fmt: on


def rows(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    """Return facts as tuples, figures rounded to six digits."""
    return frame.with_columns(pl.col("value", "low", "high").round(6)).select(COLUMNS).rows()


def test_every_rule_gives_the_expected_facts() -> None:
    frame = parse([FIXTURE], EDITION)
    assert rows(frame) == EXPECTED
    facts.check(frame, "test")


def test_notes_hold_words_periods_and_the_study() -> None:
    notes = dict(parse([FIXTURE], EDITION).select("row", "note").iter_rows())
    assert notes[3] == "bottleneck stage: Extraction; supply used: GS + EUS; Deloitte for EC 2017"
    assert notes[12] == "recalled; no range given; memory"
    assert notes[13] == "USGS OFR 2025-1047"
    assert notes[19] == "fiscal year April 2024 - March 2025; PIB"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("EU_CRM_RESULTS", "EU_CRM_RESULT", "tables.csv"),
        ("SR_global_supply_only", "SR_world_only", "indicators.csv: EU2017_SR_BY_BASIS,SR_world_only"),
        ("Helium", "Hellium", "aliases.csv"),
        ("Coking coal", "Coking coals", "aliases.csv"),
        ("FY2025", "FY25", "years look like"),
        ("57.58", "57,58x", "is not a number|cells"),
        ("material,indicator", "material,indicators", "no column indicator"),
        ("CSEP,medium,", "CSEP", "truncated"),
    ],
)
def test_a_changed_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = FIXTURE.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "x.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ParseError, match=message):
        parse([tmp_path / "x.csv"], EDITION)


def test_an_empty_file_is_a_source_error(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError):
        parse([tmp_path / "x.csv"], EDITION)


@pytest.fixture(scope="module")
def full() -> pl.DataFrame:
    """Return the facts of the recorded edition."""
    if not SHARED.is_dir():
        pytest.skip("the publishers' files are not here")
    return store.parse_source(record.find("published-tables"), SHARED / "data")


def test_published_figures(full: pl.DataFrame) -> None:
    def value(**where: object) -> float:
        return full.filter(**where)["value"].item()

    assert value(quantity="supply_risk", item="eu-2017", material="antimony") == 4.3
    assert value(quantity="risk_rank", material="samarium") == 1
    assert value(quantity="companion_share", material="cobalt") == pytest.approx(0.9)
    assert full.filter(quantity="supply_risk", item="eu-2017").height == 58


def test_inputs_of_2017_give_the_scores_of_2017(full: pl.DataFrame) -> None:
    """SR = (HHI_GS * IR/2 + HHI_EU * (1 - IR/2)) * (1 - RIR) * SI, the EU's method of 2017, on the printed inputs."""
    part = {
        name: full.filter(quantity=quantity, item=item).select("material", "stage", "note", pl.col("value").alias(name))
        for name, quantity, item in (
            ("sr", "supply_risk", "eu-2017"),
            ("ir", "import_reliance", "eu-2017"),
            ("rir", "recycling_input_rate", "eu-2017"),
            ("si", "substitution_index", "sr | eu-2017"),
            ("gs", "weighted_concentration", "global | eu-2017"),
            ("eu", "weighted_concentration", "eu | eu-2017"),
        )
    }
    table = part.pop("sr").filter(pl.col("note").str.contains("GS + EUS", literal=True))
    for other in part.values():
        table = table.join(other.drop("note"), on=["material", "stage"], nulls_equal=True)
    half = pl.col("ir").clip(0) / 2
    score = (pl.col("gs") * half + pl.col("eu") * (1 - half)) * (1 - pl.col("rir")) * pl.col("si")
    gaps = table.select(gap=(score - pl.col("sr")).abs())["gap"]
    assert len(gaps) > 30
    assert (gaps <= 0.15).mean() > 0.9  # type: ignore[operator]


def test_skipped_tables_are_held_by_eu_crm(full: pl.DataFrame) -> None:
    with (SHARED / "published_tables.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    eu = store.parse_source(record.find("eu-crm"), SHARED / "data")
    added = {r["indicator"].split("=")[1]: float(r["value"]) for r in rows if r["table_id"] == "EU2023_VALUE_ADDED"}
    assert added == dict(eu.filter(quantity="value_added").select("item", "value").iter_rows())
    results = [r for r in rows if r["table_id"] == "EU_CRM_RESULTS"]
    known = eu.filter(pl.col("quantity").is_in(["supply_risk", "economic_importance"]), pl.col("value").is_not_null())
    assert known.height >= len(results)
