"""The customs-code tables: every code of the raw trade files is mapped, factors are possible, sources resolve."""

import csv
import gzip
import itertools
import json
import re
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest

TABLES = Path(__file__).parents[2] / "src" / "khanij" / "reference" / "tables"
SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="raw data is not beside the repository")

HEADER = [
    "revision",
    "code",
    "description",
    "material",
    "stage",
    "form",
    "shared",
    "content_low",
    "content_best",
    "content_high",
    "basis",
    "kind",
    "source",
    "confidence",
    "note",
]
GEOPOLRISK_HEADER = [
    "label",
    "production_label",
    "material",
    "stage",
    "codes",
    "recycling_input_rate",
    "production_unit",
    "source",
    "confidence",
    "note",
]

# abridged standard atomic weights, IUPAC 2021
WEIGHTS = {
    "H": 1.008, "Li": 6.94, "B": 10.81, "C": 12.011, "N": 14.007, "O": 15.999, "Na": 22.990, "Al": 26.982,
    "Si": 28.085, "P": 30.974, "S": 32.06, "K": 39.098, "Ti": 47.867, "V": 50.942, "Cr": 51.996, "Mn": 54.938,
    "Ni": 58.693, "Sr": 87.62, "Mo": 95.95, "Cd": 112.41, "Sb": 121.76, "W": 183.84,
}  # fmt: skip

# code -> (traded compound, what the basis counts in it); a stoichiometric row must be listed here
COMPOUNDS = {
    "250610": ("SiO2", "Si"), "280470": ("P2", "P2O5"), "280910": ("P2O5", "P2O5"), "281820": ("Al2O3", "Al2"),
    "281830": ("AlO3H3", "Al"), "281910": ("CrO3", "Cr"), "282010": ("MnO2", "Mn"), "282300": ("TiO2", "Ti"),
    "282520": ("LiOHH2O", "Li"), "282530": ("V2O5", "V2"), "282570": ("MoO3", "Mo"), "282580": ("Sb2O3", "Sb2"),
    "283030": ("CdS", "Cd"), "283324": ("NiSO4H12O6", "Ni"), "283691": ("Li2CO3", "Li2"), "283692": ("SrCO3", "Sr"),
    "284011": ("Na2B4O7", "B4"), "284019": ("Na2B4O7H10O5", "B4"), "284180": ("N10H40H2W12O42H8O4", "W12"),
}  # fmt: skip

# heaviest oxide (or P2O5, K2O) per tonne of its element: Sc2O3, P2O5, K2O; every other basis is a part of the product
LARGEST_FACTOR = {"REO": 1.534, "P2O5": 2.2914, "K2O": 1.2046}


def read_table(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def weigh(formula: str) -> float:
    return sum(WEIGHTS[symbol] * int(count or 1) for symbol, count in re.findall(r"([A-Z][a-z]?)(\d*)", formula))


@pytest.fixture(scope="module")
def codes() -> list[dict[str, str]]:
    return read_table("hs_codes.csv")


@pytest.fixture(scope="module")
def geopolrisk() -> list[dict[str, str]]:
    return read_table("geopolrisk_codes.csv")


def test_table_has_the_agreed_header_and_order(codes):
    assert list(codes[0]) == HEADER
    keys = [(row["revision"], row["code"], row["material"]) for row in codes]
    assert keys == sorted(set(keys))


def test_labels_stay_inside_their_vocabularies(codes):
    assert {row["revision"] for row in codes} == {"HS92", "HS02", "HS17", "HS22"}
    assert {row["confidence"] for row in codes} <= {"high", "medium", "low"}
    assert {row["kind"] for row in codes} == {"", "stoichiometric", "specification", "typical", "assumed", "mixed"}
    # a source of whole headings has four digits, every other six
    assert all(re.fullmatch(r"\d{4}" if row["revision"] == "HS22" else r"\d{6}", row["code"]) for row in codes)
    assert all(row["description"] and row["form"] and row["source"] for row in codes)


def test_materials_stages_and_bases_exist(codes, geopolrisk):
    bases = {row["id"]: row["basis"] for row in read_table("materials.csv")}
    stages = {(row["material"], row["stage"]) for row in read_table("stages.csv")}
    assert [row for row in codes if bases.get(row["material"]) != row["basis"]] == []
    assert [row for row in codes + geopolrisk if (row["material"], row["stage"]) not in stages] == []


def test_sources_resolve_in_a_bibliography(codes, geopolrisk):
    known = {row["id"] for row in read_table("bibliography.csv")}
    cited = {source for row in codes + geopolrisk for source in row["source"].split(";")}
    assert cited - known == set()


def test_factors_are_ordered_and_possible(codes):
    for row in codes:
        texts = [row[name] for name in ("content_low", "content_best", "content_high")]
        if "" in texts:
            assert texts == ["", "", ""], row
            assert row["note"], f"an empty factor needs its reason: {row}"
            assert row["kind"] == "", row
            continue
        low, best, high = map(float, texts)
        assert 0 < low <= best <= high <= LARGEST_FACTOR.get(row["basis"], 1), row
        assert row["kind"], row


def test_gross_basis_means_one_unless_the_code_is_shared(codes):
    for row in codes:
        if row["basis"] == "gross":
            expected = "" if row["shared"] else "1"
            assert {row["content_low"], row["content_best"], row["content_high"]} == {expected}, row


def test_stoichiometric_factors_follow_from_atomic_weights(codes):
    rows = [row for row in codes if row["kind"] == "stoichiometric"]
    assert {row["code"] for row in rows} == set(COMPOUNDS)
    for row in rows:
        compound, counted = COMPOUNDS[row["code"]]
        assert float(row["content_best"]) == pytest.approx(weigh(counted) / weigh(compound), abs=1e-3), row
        assert "iupac-2021" in row["source"].split(";"), row


def test_shared_codes_name_each_other(codes):
    groups = defaultdict(set)
    for row in codes:
        groups[row["revision"], row["code"]].add(row["material"])
    for row in codes:
        others = groups[row["revision"], row["code"]] - {row["material"]}
        assert row["shared"] == ";".join(sorted(others)), row


def test_rows_of_one_code_share_its_description(codes):
    for _, group in itertools.groupby(codes, key=lambda row: (row["revision"], row["code"])):
        assert len({row["description"] for row in group}) == 1


def test_a_memory_alone_is_never_more_than_low(codes):
    for row in codes:
        beside = {s for s in row["source"].split(";") if not s.startswith(("cepii-baci", "growth-lab"))}
        if beside == {"general-knowledge"}:
            assert row["confidence"] == "low", row


def mapped(codes, revision):
    return {row["code"] for row in codes if row["revision"] == revision}


@needs_shared
def test_every_code_of_the_hs92_extract_is_mapped(codes):
    path = SHARED / "baci_hs92_1995_2024" / "baci_hs92.parquet"
    raw = set(pl.scan_parquet(path).select(pl.col("k").unique()).collect()["k"])
    assert raw - mapped(codes, "HS92") == set()


@needs_shared
def test_every_code_of_the_hs17_extract_is_mapped(codes):
    folder = SHARED / "baci_hs17_critical_2024"
    raw = set(pl.scan_parquet(folder / "trade.parquet").select(pl.col("hs6").unique()).collect()["hs6"])
    assert len(raw) == 30
    named = {row["hs6"] for row in json.loads((folder / "critical_codes.json").read_text())["codes"]}
    # 811231 (hafnium) belongs to the revision of 2022; in 2017 it is part of 811292
    assert raw | {code.replace("811231", "811292") for code in named} <= mapped(codes, "HS17")


@needs_shared
def test_every_code_of_the_value_series_is_mapped(codes):
    crosswalk = json.loads((SHARED / "baci_flows_value_2002_2024" / "crosswalk.json").read_text())
    titles = {entry["title_code"].replace("811231", "811292") for entry in crosswalk.values()}
    assert titles - mapped(codes, "HS17") == set()
    # 252800 (natural borates) was 252810 and 252890 before 2012
    assert {code.replace("252800", "252890") for code in titles} - mapped(codes, "HS02") == set()


def test_a_heading_is_never_counted_beside_its_own_codes(codes):
    """Every six-digit code inside a mapped heading is listed as the same goods and stands at the same stage."""
    same = {(row["code"], row["same_as"]) for row in read_table("hs_overlaps.csv") if row["revision"] == "HS22"}
    headings = {row["code"]: row for row in codes if len(row["code"]) == 4}
    assert headings
    for row in codes:
        heading = headings.get(row["code"][:4])
        if heading is not None and heading is not row:
            assert (heading["code"], row["code"]) in same, row
            assert (row["material"], row["stage"]) == (heading["material"], heading["stage"]), row


@needs_shared
def test_every_code_exists_in_its_revision(codes):
    path = SHARED / "hs6_taxonomy" / "product_codes_HS17_V202301.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        assert mapped(codes, "HS17") - {row["code"] for row in csv.DictReader(handle)} == set()
    with (SHARED / "baci_hs92_1995_2024" / "product_codes_HS92_V202401b.csv").open(encoding="utf-8") as handle:
        assert mapped(codes, "HS92") == {row["code"] for row in csv.DictReader(handle)}


def test_geopolrisk_table_is_consistent_with_the_codes(codes, geopolrisk):
    assert list(geopolrisk[0]) == GEOPOLRISK_HEADER
    labels = [row["label"] for row in geopolrisk]
    assert labels == sorted(set(labels))
    assert len(labels) == 53
    meaning = defaultdict(set)
    for row in codes:
        if row["revision"] == "HS92":
            meaning[row["code"]].add((row["material"], row["stage"]))
    for row in geopolrisk:
        members = row["codes"].split(";")
        assert all(meaning[code] for code in members), row
        assert (row["material"], row["stage"]) in meaning[members[0]], row
        assert row["production_unit"] in {"t", "kg", "million m3"}, row
        assert 0 <= float(row["recycling_input_rate"]) <= 1, row


@needs_shared
def test_geopolrisk_table_restates_the_published_mapping(geopolrisk):
    folder = SHARED / "geopolrisk_inputs"
    with (folder / "hs_code_map.csv").open(newline="", encoding="utf-8") as handle:
        published = {row["Reference ID"]: row for row in csv.DictReader(handle) if row["HS Code"] != "Not Available"}
    with (folder / "world_mining_data_2018_2024.csv").open(newline="", encoding="utf-8") as handle:
        units = {row["material"]: row["unit"] for row in csv.DictReader(handle)}
    ours = {"metr. t": "t", "kg": "kg", "Mio m3": "million m3"}
    assert {row["label"] for row in geopolrisk} == set(published)
    for row in geopolrisk:
        entry = published[row["label"]]
        assert row["production_label"] == entry["Sheet_name"]
        assert row["codes"].split(";") == [
            entry["HS Code"],
            *filter(None, entry["HS Code - Complementary"].split(";")),
        ]
        assert float(row["recycling_input_rate"]) == float(entry["EoL-RIR (2023)"])
        assert row["production_unit"] == ours[units[row["production_label"]]]
