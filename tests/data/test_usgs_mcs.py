"""Mineral Commodity Summaries: both layouts with their quirks, what is refused, and the full releases."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.usgs_mcs import parse

FIXTURES = Path(__file__).parent / "fixtures"
SHARED = Path(__file__).parents[2].parent / "shared"
COLUMNS = (
    "row", "quantity", "material", "stage", "item", "country", "year", "value", "low", "high", "unit", "basis",
    "status",
)  # fmt: skip
Expected = list[tuple[object, ...]]

# fmt: off
EXPECTED_2025: Expected = [
    (2, "production", "copper", "mined", "mine production, recoverable copper",
     "IND", 2023, 27000.0, None, None, "t", "Cu", "reported"),
    (2, "production", "copper", "mined", "mine production, recoverable copper",
     "IND", 2024, 30000.0, None, None, "t", "Cu", "estimated"),
    (2, "reserves", "copper", "mined", "reserves", "IND", 2024, 2200000.0, None, None, "t", "Cu", "reported"),
    (3, "production", "copper", "refined", "refinery production",
     "IND", 2023, 509000.0, None, None, "t", "Cu", "reported"),
    (3, "production", "copper", "refined", "refinery production",
     "IND", 2024, 510000.0, None, None, "t", "Cu", "estimated"),
    (4, "production", "lithium", "mined", "mine production", "USA", 2023, None, None, None, "t", "Li", "withheld"),
    (4, "production", "lithium", "mined", "mine production", "USA", 2024, None, None, None, "t", "Li", "withheld"),
    (4, "reserves", "lithium", "mined", "reserves", "USA", 2024, 1800000.0, None, None, "t", "Li", "reported"),
    (5, "production", "lithium", "mined", "mine production",
     "WLD", 2023, 204000.0, None, None, "t", "Li", "reported"),
    (5, "production", "lithium", "mined", "mine production",
     "WLD", 2024, 240000.0, None, None, "t", "Li", "estimated"),
    (5, "reserves", "lithium", "mined", "reserves", "WLD", 2024, 30000000.0, None, None, "t", "Li", "reported"),
    (6, "production", "titanium", "mined", "ilmenite", "IND", 2023, 125863.269267, None, None, "t", "Ti", "reported"),
    (6, "production", "titanium", "mined", "ilmenite",
     "IND", 2024, 125863.269267, None, None, "t", "Ti", "estimated"),
    (6, "reserves", "titanium", "mined", "ilmenite reserves",
     "IND", 2024, 8990233.519063, None, None, "t", "Ti", "reported"),
    (9, "production", "iron", "mined", "usable ore", "IND", 2023, 278000000.0, None, None, "t", "ore", "reported"),
    (9, "production", "iron", "mined", "usable ore", "IND", 2024, 270000000.0, None, None, "t", "ore", "estimated"),
    (9, "reserves", "iron", "mined", "reserves, crude ore",
     "IND", 2024, 5500000000.0, None, None, "t", "ore", "reported"),
    (10, "production", "boron", "mined", "boric oxide equivalent",
     "CHN", 2023, 93166.89889, None, None, "t", "B", "reported"),
    (10, "production", "boron", "mined", "boric oxide equivalent",
     "CHN", 2024, 105589.152075, None, None, "t", "B", "estimated"),
    (10, "reserves", "boron", "mined", "boric oxide equivalent",
     "CHN", 2024, 2826062.599652, None, None, "t", "B", "reported"),
    (11, "production", "boron", "mined", "all forms", "WLD", 2023, None, None, None, "t", "gross", "unavailable"),
    (11, "production", "boron", "mined", "all forms", "WLD", 2024, None, None, None, "t", "gross", "unavailable"),
    (11, "reserves", "boron", "mined", "all forms", "WLD", 2024, None, None, None, "t", "gross", "unavailable"),
    (12, "production", "helium", "mined", "helium", "ZAF", 2023, None, None, 500000.0, "m3", "He", "bound"),
    (12, "production", "helium", "mined", "helium", "ZAF", 2024, None, None, 500000.0, "m3", "He", "bound"),
    (12, "reserves", "helium", "mined", "helium reserves", "ZAF", 2024, None, None, None, "m3", "He", "unavailable"),
    (13, "production", "kyanite", "mined", "kyanite and sillimanite",
     "IND", 2023, 3560.0, None, None, "t", "gross", "reported"),
    (13, "production", "kyanite", "mined", "kyanite and sillimanite",
     "IND", 2024, 3600.0, None, None, "t", "gross", "estimated"),
    (13, "reserves", "kyanite", "mined", "reserves, kyanite and sillimanite",
     "IND", 2024, 7200000.0, None, None, "t", "gross", "reported"),
    (14, "production", "mercury", "mined", "mine production",
     "PER", 2023, None, None, None, "t", "Hg", "unavailable"),
    (14, "production", "mercury", "mined", "mine production", "PER", 2024, 30.0, None, None, "t", "Hg", "estimated"),
    (15, "production", "fluorspar", "mined", "mine production",
     "MEX", 2023, 1160000.0, None, None, "t", "gross", "reported"),
    (15, "production", "fluorspar", "mined", "mine production",
     "MEX", 2024, 1200000.0, None, None, "t", "gross", "estimated"),
    (15, "reserves", "fluorspar", "mined", "reserves", "MEX", 2024, 68000000.0, None, None, "t", "gross", "reported"),
    (16, "production", "fluorspar", "mined", "mine production",
     "CHN", 2023, 6000000.0, None, None, "t", "gross", "estimated"),
    (16, "production", "fluorspar", "mined", "mine production",
     "CHN", 2024, 5900000.0, None, None, "t", "gross", "estimated"),
    (16, "reserves", "fluorspar", "mined", "reserves", "CHN", 2024, 86000000.0, None, None, "t", "gross", "reported"),
    (17, "production", "antimony", "mined", "mine production",
     "CHN", 2023, 62300.0, None, None, "t", "Sb", "estimated"),
    (17, "production", "antimony", "mined", "mine production",
     "CHN", 2024, 60000.0, None, None, "t", "Sb", "estimated"),
    (17, "reserves", "antimony", "mined", "reserves", "CHN", 2024, 670000.0, None, None, "t", "Sb", "reported"),
    (18, "production", "antimony", "mined", "mine production",
     "WLD", 2023, 106000.0, None, None, "t", "Sb", "reported"),
    (18, "production", "antimony", "mined", "mine production",
     "WLD", 2024, 100000.0, None, None, "t", "Sb", "estimated"),
    (18, "reserves", "antimony", "mined", "reserves", "WLD", 2024, None, 2000000.0, None, "t", "Sb", "bound"),
    (19, "capacity", "magnesium", "refined", "smelter capacity",
     "USA", 2024, 64000.0, None, None, "t", "Mg", "reported"),
    (20, "capacity", "indium", "refined", "refinery capacity",
     "CHN", 2024, 1100.0, None, None, "t", "In", "reported"),
    (20, "production", "indium", "refined", "refinery production",
     "CHN", 2023, 690.0, None, None, "t", "In", "reported"),
    (20, "production", "indium", "refined", "refinery production",
     "CHN", 2024, 760.0, None, None, "t", "In", "estimated"),
    (21, "capacity", "abrasives", "processed", "fused aluminium oxide",
     "AGG", 2023, 60000.0, None, None, "t", "gross", "reported"),
    (21, "capacity", "abrasives", "processed", "fused aluminium oxide",
     "AGG", 2024, 60000.0, None, None, "t", "gross", "estimated"),
    (22, "production", "asbestos", "mined", "mine production",
     "KAZ", 2023, 255000.0, None, None, "t", "gross", "reported"),
    (22, "production", "asbestos", "mined", "mine production",
     "KAZ", 2024, 210000.0, None, None, "t", "gross", "estimated"),
    (22, "reserves", "asbestos", "mined", "reserves", "KAZ", 2024, None, None, None, "t", "gross", "unquantified"),
]

EXPECTED_2026: Expected = [
    (2, "production", "copper", "mined", "mine production, recoverable copper",
     "CHL", 2025, 5300000.0, None, None, "t", "Cu", "estimated"),
    (3, "production", "copper", "refined", "refinery production",
     "CHL", 2024, 1940000.0, None, None, "t", "Cu", "reported"),
    (4, "reserves", "copper", "mined", "reserves", "ROW", 2025, 140000000.0, None, None, "t", "Cu", "reported"),
    (5, "price", "copper", "refined", "annual average, cents per pound: London Metal Exchange, grade A, cash",
     "WLD", 2024, 9142.570013, None, None, "USD/t", "Cu", "reported"),
    (6, "imports_mass", "copper", "mined", "Ore and concentrate", "USA", 2024, None, None, 500.0, "t", "Cu", "bound"),
    (8, "import_source_share", "copper", "mined", "Copper content of ore and concentrate",
     "CAN", 2024, None, 0.99, None, "1", None, "bound"),
    (9, "reserves", "chromium", "mined", "reserves, Cr2O3 content",
     "IND", 2025, 18473600.063162, None, None, "t", "Cr", "reported"),
    (10, "production", "gallium", "processed", "primary low-purity production",
     "CHN", 2024, 839.0, None, None, "t", "Ga", "reported"),
    (11, "production", "diamond-gem", "mined", "mine production",
     "BWA", 2024, 2.6, None, None, "t", "gross", "reported"),
    (12, "production", "neon", "refined", "neon", "ROW", 2025, 700000.0, None, None, "m3", "Ne", "estimated"),
    (13, "import_reliance", "ferrosilicon", "processed", "apparent consumption: Ferrosilicon, all grades",
     "USA", 2024, None, None, 0.5, "1", None, "bound"),
    (14, "import_reliance", "iron", "mined", "apparent consumption",
     "USA", 2024, None, None, 0.0, "1", None, "bound"),
    (15, "price", "tungsten", "mined",
     "concentrate, average in-warehouse Rotterdam, dollars per dry metric ton unit of tungsten trioxide",
     "AGG", 2024, 25200.0, None, None, "USD/t", "WO3", "reported"),
    (16, "unit_value", "high-purity-quartz", "processed", "range of value, dollars per metric ton",
     "USA", 2021, None, 500.0, 16000.0, "USD/t", "gross", "bound"),
    (17, "imports_mass", "mica", "mined", "scrap and flake | Imports",
     "USA", 2021, 24400.0, None, None, "t", "gross", "reported"),
    (18, "imports_mass", "mica", "mined", "sheet | Imports",
     "USA", 2021, 3990.0, None, None, "t", "gross", "reported"),
    (19, "reserves", "vanadium", "mined", "reserves", "CHN", 2025, 5800000.0, None, None, "t", "V", "reported"),
    (20, "reserves", "graphite", "mined", "reserves", "UKR", 2025, None, None, None, "t", "gross", "unquantified"),
    (22, "domestic_production", "aluminium", "mined", "mine",
     "USA", 2024, None, None, None, "t", "gross", "withheld"),
    (23, "domestic_production", "lead", "refined", "Primary refinery",
     "USA", 2024, 0.0, None, None, "t", "Pb", "reported"),
    (24, "secondary_production", "cobalt", "refined", "Secondary",
     "USA", 2024, 2050.0, None, None, "t", "Co", "reported"),
    (25, "production", "yttrium", "mined", "Y2O3 in rare-earth mineral concentrates",
     "WLD", 2025, None, 10000.0, 15000.0, "t", "REO", "bound"),
    (26, "import_source_share", "rubidium", None, "all", "AGG", 2024, 1.0, None, None, "1", None, "reported"),
]
# fmt: on
PARSERS = {"2025": parse.mcs_2025, "2026": parse.mcs_2026}
EXPECTED = {"2025": EXPECTED_2025, "2026": EXPECTED_2026}
ENCODING = {"2025": "utf-8-sig", "2026": "cp1252"}


def edition(year: str) -> Edition:
    return Edition(source="usgs-mcs", id=year, citation="", files=())


def parsed(year: str, path: Path) -> pl.DataFrame:
    return facts.complete(PARSERS[year]([path], edition(year)), source="usgs-mcs", edition=year)


def fixture(year: str) -> Path:
    return FIXTURES / f"usgs_mcs_{year}.csv"


def changed(year: str, folder: Path, old: str, new: str) -> Path:
    """Return a copy of the fixture with one text replaced."""
    text = fixture(year).read_text(encoding=ENCODING[year])
    assert old in text
    path = folder / "changed.csv"
    path.write_text(text.replace(old, new), encoding=ENCODING[year])
    return path


@pytest.mark.parametrize("year", ["2025", "2026"])
def test_facts_of_the_fixture(year: str) -> None:
    found = parsed(year, fixture(year))
    facts.check(found, "fixture")
    rows = sorted(found.select(COLUMNS).rows(), key=str)
    wanted = sorted(EXPECTED[year], key=str)
    assert [row[:7] + row[10:] for row in rows] == [row[:7] + row[10:] for row in wanted]
    for row, want in zip(rows, wanted, strict=True):
        for got, figure in zip(row[7:10], want[7:10], strict=True):
            assert got == (None if figure is None else pytest.approx(figure, rel=1e-6)), row


def test_notes_say_what_was_changed() -> None:
    notes = dict(
        parsed("2025", fixture("2025")).filter(pl.col("quantity") == "production").select("row", "note").rows()
    )
    assert notes[5] == "excludes the United States"
    assert notes[6].startswith("published as TiO2; the unit column says metric tons")
    assert notes[14] == "exports"
    assert notes[12] == "less than half a unit"


def test_shares_of_imports_go_to_the_importer() -> None:
    shares = parsed("2026", fixture("2026")).filter(pl.col("quantity") == "import_source_share")
    assert shares["partner"].unique().to_list() == ["USA"]


def test_packed_file_reads_like_the_plain_one(tmp_path: Path) -> None:
    packed = tmp_path / "packed.csv.gz"
    packed.write_bytes(gzip.compress(fixture("2026").read_bytes()))
    assert parsed("2026", packed).equals(parsed("2026", fixture("2026")))


@pytest.mark.parametrize(
    ("year", "old", "new", "message"),
    [
        (
            "2026",
            "Mine production,thousand metric tons",
            "Mine output,thousand metric tons",
            "unknown labels in line 2",
        ),
        ("2026", "Production: Secondary,metric tons", "Production: Secondary,pounds", "unknown labels in line 24"),
        ("2026", '"5,300"', "Plenty", "unknown cell 'Plenty' in line 2"),
        ("2026", "Copper,Chile,", "Copper,Atlantis,", "Atlantis"),
        ("2026", "Less than ½ unit.", "A new footnote.", "unknown cell 's' in line 6"),
        ("2025", "W for 23-24", "X for 23-24", "a note beside an empty cell"),
        ("2025", "RESERVE_NOTES", "RESERVES_NOTE", "lacks RESERVE_NOTES"),
    ],
)
def test_what_is_unknown_is_refused(year: str, old: str, new: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ParseError, match=message):
        parsed(year, changed(year, tmp_path, old, new))


@pytest.mark.parametrize("year", ["2025", "2026"])
def test_broken_files_are_refused(year: str, tmp_path: Path) -> None:
    whole = fixture(year).read_bytes()
    packed = gzip.compress(whole)
    header = whole.split(b"\n")[0] + b"\n"
    for name, data in {"empty": b"", "cut": packed[: len(packed) // 2], "header": header}.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(SourceError, match=name):
            parsed(year, path)
    with pytest.raises(SourceError, match="no file"):
        parsed(year, tmp_path / "absent")
    (tmp_path / "lines").write_bytes(whole.replace(b"Chile", b'"Chi\nle"').replace(b"Mexico", b'"Mexi\nco"'))
    with pytest.raises(ParseError, match="spans lines"):
        parsed(year, tmp_path / "lines")


def test_other_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "utf16"
    path.write_bytes(fixture("2025").read_text(encoding="utf-8-sig").encode("utf-16"))
    with pytest.raises(SourceError, match="cannot be read"):
        parsed("2025", path)


@pytest.fixture(scope="module")
def full() -> pl.DataFrame:
    if not SHARED.is_dir():
        pytest.skip("no shared folder")
    return store.parse_source(record.find("usgs-mcs"), SHARED / "data")


SPOTS = [  # edition, quantity, material, stage, item, country, year, value in our unit
    ("2025", "reserves", "copper", "mined", "reserves", "IND", 2024, 2.2e6),
    ("2026", "reserves", "copper", "mined", "reserves", "IND", 2025, 2.2e6),
    ("2026", "reserves", "titanium", "mined", "ilmenite reserves", "IND", 2025, 15e6 * 0.5993),
    ("2026", "production", "titanium", "refined", "sponge metal production", "IND", 2025, 300.0),
    ("2026", "capacity", "titanium", "refined", "sponge metal capacity", "IND", 2025, 500.0),
    ("2025", "production", "cobalt", "mined", "mine production", "COD", 2024, 220e3),
    ("2026", "production", "cobalt", "mined", "mine production", "COD", 2024, 226e3),
    ("2025", "production", "copper", "mined", "mine production, recoverable copper", "CHL", 2024, 5.3e6),
    ("2026", "production", "copper", "refined", "refinery production", "CHN", 2025, None),
    ("2026", "production", "gallium", "processed", "primary low-purity production", "CHN", 2025, 900.0),
    ("2025", "production", "kaolin", "mined", "kaolin", "WLD", 2024, 44e6),
    ("2026", "import_reliance", "cobalt", None, "apparent consumption", "USA", 2024, 0.74),
]


@pytest.mark.parametrize("spot", SPOTS, ids=lambda spot: "-".join(map(str, spot[:3])))
def test_published_numbers(full: pl.DataFrame, spot: tuple[object, ...]) -> None:
    names = ("edition", "quantity", "material", "stage", "item", "country", "year")
    found = full.filter(pl.all_horizontal(pl.col(n).eq_missing(pl.lit(v)) for n, v in zip(names, spot, strict=False)))
    assert found.height == 1
    if spot[7] is not None:
        assert found["value"][0] == pytest.approx(spot[7], rel=1e-3)


def test_every_row_is_a_fact_or_named_as_skipped(full: pl.DataFrame) -> None:
    assert full.group_by("edition", "quantity", "row", "year").len()["len"].max() == 1
    lines = full.filter(pl.col("edition") == "2026")["row"].n_unique()
    assert lines == 8886 - 495 - 6 - 3  # skipped.csv, totals of forms, United States rutile counted as ilmenite


def test_countries_add_up_to_the_world(full: pl.DataFrame) -> None:
    keys = ["edition", "quantity", "material", "stage", "item", "year", "basis"]
    output = full.filter(pl.col("quantity").is_in(["production", "capacity"]))
    parts = output.filter(pl.col("country") != "WLD").group_by(keys).agg(pl.col("value").sum().alias("sum"))
    world = output.filter(pl.col("country") == "WLD", pl.col("value") > 0).select(*keys, world="value")
    both = parts.join(world, on=keys)
    assert both.height > 300
    wrong = both.filter((pl.col("sum") / pl.col("world") - 1).abs() > 0.05)
    assert wrong.is_empty(), wrong.rows()


def test_no_reserve_changes_a_hundredfold_between_editions(full: pl.DataFrame) -> None:
    keys = ["material", "item", "country", "basis"]
    reserves = full.filter(pl.col("quantity") == "reserves", pl.col("value") > 0)
    summed = reserves.group_by("edition", *keys).agg(pl.col("value").sum())
    old, new = (summed.filter(pl.col("edition") == e).drop("edition") for e in ("2025", "2026"))
    both = old.join(new, on=keys)
    ratio = both["value_right"] / both["value"]
    assert both.height > 400
    assert ratio.max() < 20  # type: ignore[operator]
    assert ratio.min() > 0.05  # type: ignore[operator]
