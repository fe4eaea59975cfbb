"""EU assessments: every quirk of the compiled files, what is refused, and the full edition."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.eu_crm.parse import parse

FIXTURES = Path(__file__).parent / "fixtures" / "eu_crm"
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="eu-crm", id="test", citation="", files=())
COLUMNS = ("row", "quantity", "material", "stage", "item", "country", "year", "value", "low", "high", "unit", "status")

# fmt: off
EXPECTED: dict[str, list[tuple[object, ...]]] = {
    "fact_GlobalSupplyShares&t.csv": [
        (2, "global_supply_share", "aluminium", "mined", "Aluminium|E", "GIN", 2020, 0.219, None, None, "1",
         "reported"),
        (2, "trade_restriction", "aluminium", "mined", "global", "GIN", 2020, 1.1, None, None, "1", "reported"),
        (3, "global_supply_share", "aluminium", "refined", "Aluminium|P", "AUS", 2020, 0.026, None, None,
         "1", "reported"),
        (3, "trade_restriction", "aluminium", "refined", "global", "AUS", 2020, 1.0, None, None, "1", "reported"),
        (4, "global_supply_share", "cobalt", "mined", "Cobalt|E", "COD", 2020, 0.628, None, None, "1", "reported"),
        (4, "trade_restriction", "cobalt", "mined", "global", "COD", 2020, 1.1, None, None, "1", "reported"),
        (5, "global_supply_share", "cobalt", "refined", "Cobalt|P", "CHN", 2020, 0.596, None, None, "1", "reported"),
        (5, "trade_restriction", "cobalt", "refined", "global", "CHN", 2020, 1.0, None, None, "1", "reported"),
        (6, "global_supply_share", "magnesium", "refined", "Magnesium|P", "TUR", 2020, None, None, 0.001, "1", "bound"),
        (6, "trade_restriction", "magnesium", "refined", "global", "TUR", 2020, 1.0, None, None, "1", "reported"),
        (7, "global_supply_share", "phosphorus", "refined", "Phosphorous|P", "VNM", 2020, 0.171, None, None,
         "1", "reported"),
        (7, "trade_restriction", "phosphorus", "refined", "global", "VNM", 2020, 1.5, None, None, "1", "reported"),
        (8, "global_supply_share", "titanium", "mined", "Titanium|E", "IND", 2020, 0.015, None, None, "1", "reported"),
        (8, "trade_restriction", "titanium", "mined", "global", "IND", 2020, 1.0, None, None, "1", "reported"),
        (10, "global_supply_share", "titanium", "refined", "Titanium metal|P", "JPN", 2020, 0.26, None, None,
         "1", "reported"),
        (10, "trade_restriction", "titanium", "refined", "global", "JPN", 2020, 1.0, None, None, "1", "reported"),
    ],
    "fact_EUSupplyShares&t.csv": [
        (2, "eu_supply_share", "silicon", "processed", "Silicon metal|P", "DEU", 2020, 6.0, None, None, "1",
         "reported"),
        (2, "trade_restriction", "silicon", "processed", "eu", "DEU", 2020, 0.8, None, None, "1", "reported"),
        (3, "eu_supply_share", "titanium", "mined", "Titanium ores|E", "NOR", 2020, 0.23, None, None, "1", "reported"),
        (3, "trade_restriction", "titanium", "mined", "eu", "NOR", 2020, 1.0, None, None, "1", "reported"),
        (4, "eu_supply_share", "niobium", "processed", "Niobium|P", "BRA", 2020, 0.82, None, None, "1", "reported"),
        (4, "trade_restriction", "niobium", "processed", "eu", "BRA", 2020, 1.0, None, None, "1", "reported"),
        (5, "eu_supply_share", "vanadium", "refined", "Vanadium|P", "TUR", 2020, 0.01, None, None, "1", "reported"),
        (5, "trade_restriction", "vanadium", "refined", "eu", "TUR", 2020, 1.0, None, None, "1", "reported"),
    ],
    "fact_MaterialUseShares.csv": [
        (2, "use_share", "cobalt", None, "C30 | Superalloys", "AGG", 2020, 0.36, None, None, "1", "reported"),
        (2, "value_added", None, None, "C30", "AGG", 2020, 55777.0, None, None, "MEUR", "reported"),
        (3, "use_share", "cobalt", None, "no sector | Other", "AGG", 2020, 0.06, None, None, "1", "reported"),
        (4, "use_share", "copper", None, "C32 | Building construction, building plant",
         "AGG", 2020, None, 0.0, None, "1", "bound"),
        (4, "value_added", None, None, "C32", "AGG", 2020, 45912.0, None, None, "MEUR", "reported"),
        (5, "use_share", "manganese", None, "C24 | Metalware", "AGG", 2020, 0.14, None, None, "1", "reported"),
        (5, "value_added", None, None, "C24", "AGG", 2020, 64561.0, None, None, "MEUR", "reported"),
        (7, "use_share", "tin", None, "C29 | Solder", "AGG", 2020, 0.48, None, None, "1", "reported"),
        (7, "value_added", None, None, "C29", "AGG", 2020, 194448.0, None, None, "MEUR", "reported"),
    ],
    "dimension_CRMsOverTime.csv": [
        (2, "supply_risk", "aluminium", "mined", "eu-2011", "AGG", 2011, 0.3, None, None, "score", "reported"),
        (2, "economic_importance", "aluminium", "mined", "eu-2011", "AGG", 2011, 9.5, None, None, "score", "reported"),
        (3, "supply_risk", "aluminium", "mined", "eu-2023", "AGG", 2023, None, None, None, "score", "unavailable"),
        (3, "economic_importance", "aluminium", "mined", "eu-2023", "AGG", 2023, None, None, None, "score",
         "unavailable"),
        (4, "supply_risk", "natural-teak-wood", None, "eu-2017", "AGG", 2017, 0.9, None, None, "score", "reported"),
        (4, "economic_importance", "natural-teak-wood", None, "eu-2017", "AGG", 2017, 2.0, None, None,
         "score", "reported"),
        (6, "supply_risk", "gallium", None, "eu-2023", "AGG", 2023, 3.9, None, None, "score", "reported"),
        (6, "economic_importance", "gallium", None, "eu-2023", "AGG", 2023, 3.7, None, None, "score", "reported"),
    ],
    "eol_rir_substitutability_atlas.json": [
        (5, "recycling_input_rate", "cobalt", None, "eu-2023 | Cobalt oxides",
         "AGG", 2023, 0.22, None, None, "1", "reported"),
        (11, "recycling_input_rate", "phosphorus", "mined", "eu-2023 | Phosphate rock",
         "AGG", 2023, 0.17, None, None, "1", "reported"),
    ],
}
# fmt: on


def rows(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    """Return facts as tuples, shares rounded to nine digits."""
    return frame.with_columns(pl.col("value", "low", "high").round(9)).select(COLUMNS).rows()


@pytest.mark.parametrize("name", EXPECTED)
def test_each_file_gives_the_expected_facts(name: str) -> None:
    frame = parse([FIXTURES / name], EDITION)
    assert rows(frame) == EXPECTED[name]
    misprint = pl.col("value") == 6.0  # of the publisher: the record of corrections takes it out
    facts.check(frame.filter(~misprint.fill_null(value=False)), "test")


def test_a_repaired_sector_says_so_and_is_no_longer_of_high_confidence() -> None:
    frame = parse([FIXTURES / "fact_MaterialUseShares.csv"], EDITION).filter(material="manganese")
    assert "sector repaired" in frame["note"][0]
    assert frame["confidence"][0] == "medium"


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("fact_GlobalSupplyShares&t.csv", "Cobalt,E", "Kobalt,E", r"Kobalt\|E.*aliases_supply"),
        ("fact_GlobalSupplyShares&t.csv", "Guinea", "Gvinea", "Gvinea.*country_aliases"),
        ("fact_GlobalSupplyShares&t.csv", "21.9%", "a fifth", "line 2: share"),
        ("fact_GlobalSupplyShares&t.csv", "17.1%,1.5", "17.1%,high", "line 7: 'high' is not a number"),
        ("fact_GlobalSupplyShares&t.csv", "Share,t", "Share,T", "no column t"),
        ("fact_GlobalSupplyShares&t.csv", "Japan,26.0%,1.0", "Japan", "a truncated file"),
        ("fact_MaterialUseShares.csv", ",64561", ",194448", "remove the row of sector_repairs"),
        ("fact_MaterialUseShares.csv", "C30 - ", "Sector ", "sectors look like"),
        ("fact_MaterialUseShares.csv", 'Solder,48%,"C29', 'Solder,48%,"C30', "value added of C30"),
        ("dimension_CRMsOverTime.csv", "Gallium", "Galium", "aliases.csv"),
        ("eol_rir_substitutability_atlas.json", '"cobalt"', '"kobalt"', "aliases_atlas.csv"),
        ("eol_rir_substitutability_atlas.json", "recycling", "rir", "another layout"),
    ],
)
def test_a_changed_file_is_refused(tmp_path: Path, name: str, old: str, new: str, message: str) -> None:
    text = (FIXTURES / name).read_text(encoding="cp1252")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new), encoding="cp1252")
    with pytest.raises(ParseError, match=message):
        parse([tmp_path / name], EDITION)


@pytest.mark.parametrize("name", EXPECTED)
def test_an_empty_or_broken_file_is_a_source_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises((SourceError, ParseError)):
        parse([tmp_path / name], EDITION)
    with pytest.raises(SourceError):
        parse([tmp_path / f"absent-{name}"], EDITION)


def test_a_file_of_another_name_is_refused() -> None:
    with pytest.raises(ParseError, match="no reader"):
        parse([FIXTURES / "dimension_ScreenedMatGroupings.csv"], EDITION)


@pytest.fixture(scope="module")
def full() -> pl.DataFrame:
    """Return the facts of the recorded edition."""
    if not SHARED.is_dir():
        pytest.skip("the publishers' files are not here")
    return store.parse_source(record.find("eu-crm"), SHARED / "data")


def test_published_scores_and_shares(full: pl.DataFrame) -> None:
    def value(**where: object) -> float:
        return full.filter(**where)["value"].item()

    assert value(quantity="supply_risk", material="gallium", item="eu-2023") == 3.9
    assert value(quantity="economic_importance", material="cobalt", item="eu-2023") == 6.8
    assert value(quantity="supply_risk", material="heavy-rare-earths", item="eu-2023") == 5.1
    assert value(quantity="global_supply_share", material="cobalt", stage="refined", country="CHN") == pytest.approx(
        0.596
    )
    assert value(quantity="eu_supply_share", material="silicon", stage="processed", country="DEU") == pytest.approx(
        0.06
    )
    assert full.filter(quantity="recycling_input_rate").height == 32
    assert full.filter(quantity="value_added").height == 18


def test_each_cell_of_the_share_cubes_has_one_row(full: pl.DataFrame) -> None:
    shares = full.filter(pl.col("quantity").is_in(["global_supply_share", "eu_supply_share", "trade_restriction"]))
    scope = pl.when(pl.col("quantity") == "trade_restriction").then(pl.col("item"))
    keys = ["quantity", "material", "stage", "country", "scope"]
    assert shares.with_columns(scope=scope).group_by(keys).len().filter(pl.col("len") > 1).is_empty()


def test_shares_add_up_to_one_within_rounding(full: pl.DataFrame) -> None:
    shares = full.filter(pl.col("quantity") == "global_supply_share")
    sums = shares.group_by("material", "stage").agg(pl.col("value").sum())
    assert sums.filter(pl.col("value") > 1.05).is_empty()
    assert sums.filter(pl.col("value") < 0.88).is_empty()
    uses = full.filter(pl.col("quantity") == "use_share").group_by("material").agg(pl.col("value").sum())
    assert uses.filter((pl.col("value") - 1).abs() > 0.031)["material"].to_list() == [
        "indium"
    ]  # flagged in corrections


def test_the_rows_left_out_repeat_titanium_ores(full: pl.DataFrame) -> None:
    path = SHARED / "data/eu_crm/fact_GlobalSupplyShares&t.csv"
    with path.open(encoding="cp1252", newline="") as lines:
        table = [tuple(row) for row in csv.reader(lines)]
    left = {row[2:] for row in table if row[:2] == ("Titanium metal", "E")}
    assert left == {row[2:] for row in table if row[:2] == ("Titanium", "E")}
