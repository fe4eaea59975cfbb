"""The country tables fit together, cover every label and code of the raw files, and date memberships rightly.

The raw files live beside the repository in ``shared/``; the coverage tests skip where they are absent.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "src" / "khanij" / "reference"
DATA = ROOT.parent / "shared" / "data"
FACTS = ROOT.parent / "shared" / "facts"
CASES = ROOT.parent / "shared" / "cases"
OUTLINES_LIMIT = 350_000  # bytes

needs_shared = pytest.mark.skipif(not DATA.is_dir(), reason="raw files (shared/) are not here")

HEADERS = {
    "countries": "iso3,iso2,numeric,name,valid_from,valid_to,successor,region,source,confidence",
    "country_names": "iso3,name,valid_from,valid_to,source,confidence",
    "country_codes": "scheme,code,iso3,valid_from,valid_to,note,source,confidence",
    "country_aliases": "label,iso3,note,source,confidence",
    "country_label_exclusions": "label,kind,note,source,confidence",
    "groups": "group,name,iso3,valid_from,valid_to,source,confidence",
}


def table(name: str) -> list[dict[str, str]]:
    """Rows of one reference table."""
    with (REFERENCE / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def raw_rows(path: Path, encoding: str = "utf-8-sig", delimiter: str = ",") -> list[dict[str, str]]:
    """Rows of a publisher's CSV, gzipped or not."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(data.decode(encoding)), delimiter=delimiter))


def codes(scheme: str) -> dict[str, str]:
    """Code -> iso3 of one scheme."""
    return {row["code"]: row["iso3"] for row in table("country_codes") if row["scheme"] == scheme}


def members(group: str, day: str) -> set[str]:
    """Members of a group on a day; both dates of a row are inclusive, an empty date is open."""
    return {
        row["iso3"]
        for row in table("groups")
        if row["group"] == group
        and (not row["valid_from"] or row["valid_from"] <= day)
        and (not row["valid_to"] or day <= row["valid_to"])
    }


def assert_known(labels: set[str], where: str) -> None:
    """Every label is either an alias or an exclusion; the message prints the rows to add."""
    known = {row["label"] for row in table("country_aliases")} | {
        row["label"] for row in table("country_label_exclusions")
    }
    missing = sorted(labels - known)
    assert not missing, f"{where}: add to country_aliases.csv: " + "; ".join(f"{label!r},ISO3" for label in missing)


# ---------------------------------------------------------------- the tables themselves


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_header_order_and_duplicates(name: str) -> None:
    text = (REFERENCE / "tables" / f"{name}.csv").read_bytes().decode("utf-8")
    assert "\r" not in text
    rows = table(name)
    assert ",".join(rows[0]) == HEADERS[name]
    assert all(None not in row and None not in row.values() for row in rows)
    assert len({tuple(row.values()) for row in rows}) == len(rows)
    first = next(iter(rows[0]))
    assert [row[first] for row in rows] == sorted(row[first] for row in rows)


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_source_and_confidence(name: str) -> None:
    ids = {row["id"] for row in table("bibliography")}
    for row in table(name):
        assert row["confidence"] in {"high", "medium", "low"}, row
        assert set(row["source"].split(";")) <= ids, row
        if row["source"] == "general-knowledge":
            assert row["confidence"] == "low", row


@pytest.mark.parametrize("name", ["country_names", "country_codes", "country_aliases", "groups"])
def test_every_iso3_is_known(name: str) -> None:
    known = {row["iso3"] for row in table("countries")}
    assert {row["iso3"] for row in table(name)} <= known


def test_countries_are_keyed_once_and_successors_exist() -> None:
    rows = table("countries")
    known = {row["iso3"] for row in rows}
    assert len(known) == len(rows)
    for column in ("iso2", "numeric"):
        counts = Counter(row[column] for row in rows if row[column] and row["iso2"] != "CS")
        assert max(counts.values()) == 1, column
    for row in rows:
        assert set(filter(None, row["successor"].split(";"))) <= known - {row["iso3"]}
        assert not row["numeric"] or len(row["numeric"]) == 3
        assert not row["successor"] or row["valid_to"], "a state with successors has ended"


@pytest.mark.parametrize("name", ["countries", "country_names", "country_codes", "groups"])
def test_dates_are_dates_in_order(name: str) -> None:
    for row in table(name):
        dates = [date.fromisoformat(row[column]) for column in ("valid_from", "valid_to") if row[column]]
        assert dates == sorted(dates), row


def test_names_of_a_country_do_not_overlap() -> None:
    spans: dict[str, list[tuple[str, str]]] = {}
    for row in table("country_names"):
        spans.setdefault(row["iso3"], []).append((row["valid_from"] or "0000", row["valid_to"] or "9999"))
    assert set(spans) == {row["iso3"] for row in table("countries")}
    for iso3, dated in spans.items():
        dated.sort()
        assert all(before[1] < after[0] for before, after in pairwise(dated)), iso3


def test_no_label_and_no_code_is_mapped_twice() -> None:
    aliases = [row["label"] for row in table("country_aliases")]
    excluded = [row["label"] for row in table("country_label_exclusions")]
    assert len(set(aliases + excluded)) == len(aliases) + len(excluded)
    keys = [(row["scheme"], row["code"]) for row in table("country_codes")]
    assert len(set(keys)) == len(keys)


def test_exclusions_have_a_kind_and_a_reason() -> None:
    known = {row["iso3"] for row in table("countries")}
    for row in table("country_label_exclusions"):
        assert row["kind"] in {"world", "rest", "aggregate", "excluded"}, row
        assert row["note"], row
        if row["note"].startswith("members: "):
            assert set(row["note"][len("members: ") :].split(" (")[0].split("; ")[0].split(";")) <= known, row


SPOT_CODES = """
    worldbank:ZAR:COD worldbank:ROM:ROU worldbank:TMP:TLS worldbank:WBG:PSE worldbank:ADO:AND
    worldbank:KSV:XKX baci:699:IND baci:490:TWN baci:842:USA baci:251:FRA baci:579:NOR baci:757:CHE
    baci:58:BEL baci:711:ZA1 baci:736:SDN baci:891:SCG baci:280:DEU baci:697:R20 wmd:697:XKX wmd:S19:TWN
    bgs:ZAR:COD natural-earth:KOS:XKX natural-earth:SOL:SOM natural-earth:CYN:CYP iso2:XK:XKX m49:356:IND
"""


@pytest.mark.parametrize("spot", SPOT_CODES.split())
def test_spot_codes(spot: str) -> None:
    scheme, code, iso3 = spot.split(":")
    assert codes(scheme)[code] == iso3


SPOT_LABELS = """Congo (Kinshasa)=COD;Congo (Brazzaville)=COG;Congo=COG;Burma=MMR;Korea, Republic of=KOR;\
Korea, North=PRK;French Guiana=GUF;Other Asia, nes=TWN;Russia =RUS;SouthKorea=KOR;\
Zaire=COD;Niger=NER;Nigeria=NGA;Guinea=GIN;Dominica=DMA"""


@pytest.mark.parametrize("spot", SPOT_LABELS.split(";"))
def test_spot_labels(spot: str) -> None:
    label, iso3 = spot.split("=")
    assert {row["label"]: row["iso3"] for row in table("country_aliases")}[label] == iso3


GROUP_SIZES = """
    EU:1990-01-01:12 EU:1996-01-01:15 EU:2005-01-01:25 EU:2010-01-01:27 EU:2015-01-01:28 EU:2020-01-31:28
    EU:2020-02-01:27 EU27:2023-01-01:27 EU27:1995-01-01:27 EU28:2015-01-01:28 BRICS:2009-12-31:4
    BRICS:2015-01-01:5 BRICS:2024-06-30:9 BRICS:2025-06-30:10 MSP:2022-12-31:10 MSP:2025-01-01:14
    MSP:2026-03-01:0 FORGE:2026-03-01:14 PAX-SILICA:2025-12-31:7 PAX-SILICA:2026-02-28:11 QUAD:2025-07-01:4
    G7:2024-01-01:7 G20:2024-01-01:19 OECD:2012-01-01:34 OECD:2024-01-01:38 EAEU:2016-01-01:5
    ASEAN:2024-01-01:10 ASEAN:2026-01-01:11 SCO:2016-01-01:6 SCO:2025-01-01:10 NATO:2022-01-01:30
    NATO:2025-01-01:32 FIVE-EYES:2025-01-01:5
"""


@pytest.mark.parametrize("spot", GROUP_SIZES.split())
def test_group_sizes(spot: str) -> None:
    group, day, size = spot.split(":")
    assert len(members(group, day)) == int(size)


def test_group_members_by_date() -> None:
    assert "GBR" in members("EU", "2020-01-31")
    assert "GBR" not in members("EU", "2020-02-01")
    assert "HRV" not in members("EU", "2013-06-30")
    assert "HRV" in members("EU", "2013-07-01")
    assert members("EU27", "2023-01-01") == members("EU", "2023-01-01")
    assert members("BRICS", "2025-06-30") - members("BRICS", "2023-12-31") == {"ARE", "EGY", "ETH", "IRN", "IDN"}
    assert "IND" in members("MSP", "2023-07-01")
    assert "IND" not in members("MSP", "2023-01-01")


# ---------------------------------------------------------------- outlines


def outlines() -> list[dict[str, Any]]:
    collection = json.loads((REFERENCE / "outlines" / "world.geojson").read_text("utf-8"))
    return list(collection["features"])


def polygons(feature: dict[str, Any]) -> list[list[list[list[float]]]]:
    geometry = feature["geometry"]
    return [geometry["coordinates"]] if geometry["type"] == "Polygon" else list(geometry["coordinates"])


def doubled_area(ring: list[list[float]]) -> float:
    """Twice the signed area of a closed ring; positive = clockwise."""
    return sum((x1 - x0) * (y1 + y0) for (x0, y0), (x1, y1) in pairwise(ring))


def test_outlines_are_small_and_keyed() -> None:
    path = REFERENCE / "outlines" / "world.geojson"
    assert path.stat().st_size <= OUTLINES_LIMIT
    known = {row["iso3"]: row["name"] for row in table("countries")}
    features = outlines()
    assert len({feature["id"] for feature in features}) == len(features)
    for feature in features:
        properties = feature["properties"]
        assert set(properties) == {"iso3", "name", "centroid"}
        assert feature["id"] == properties["iso3"]
        assert known[properties["iso3"]] == properties["name"]
        lon, lat = properties["centroid"]
        assert -180 <= lon <= 180
        assert -90 <= lat <= 90


def test_outline_rings_are_closed_rounded_and_wound_for_d3() -> None:
    for feature in outlines():
        for polygon in polygons(feature):
            for index, ring in enumerate(polygon):
                assert len(ring) >= 4, feature["id"]
                assert ring[0] == ring[-1], feature["id"]
                assert all(round(value, 2) == value for point in ring for value in point), feature["id"]
                assert (doubled_area(ring) > 0) == (index == 0), feature["id"]


@pytest.mark.parametrize("iso3", ["IND", "SGP", "MLT", "HKG", "TWN", "XKX", "GUF", "NCL", "MUS", "BHR", "ESH", "PSE"])
def test_small_and_special_outlines_are_there(iso3: str) -> None:
    assert iso3 in {feature["id"] for feature in outlines()}


# ---------------------------------------------------------------- oracles and raw files


@needs_shared
def test_iso_codes_agree_with_the_un_file() -> None:
    ours = {row["iso3"]: row for row in table("countries")}
    un = raw_rows(DATA / "country_reference" / "country-codes.csv")
    assert len(un) == 249
    for row in un:
        mine = ours[row["ISO3166-1-Alpha-3"]]
        assert mine["iso2"] == row["ISO3166-1-Alpha-2"]
        assert int(mine["numeric"]) == int(row["ISO3166-1-numeric"])


def test_iso_codes_agree_with_pycountry() -> None:
    pycountry = pytest.importorskip("pycountry")
    ours = {row["iso3"]: row for row in table("countries")}
    for country in pycountry.countries:
        assert ours[country.alpha_3]["iso2"] == country.alpha_2
        assert ours[country.alpha_3]["numeric"] == country.numeric


def label_files() -> Iterator[tuple[str, set[str]]]:
    """(file, its country labels) of every raw table with a label column."""
    inputs = DATA / "geopolrisk_inputs"
    yield "world mining data", {r["country"] for r in raw_rows(inputs / "world_mining_data_2018_2024.csv")}
    for name in ("estimate", "normalized", "stderr"):
        rows = raw_rows(inputs / f"wgi_political_stability_{name}.csv")
        yield f"geopolrisk wgi {name}", {r["Country/Territory"] for r in rows}
    yield "geopolrisk sample", {r["country_name"] for r in raw_rows(CASES / "geopolrisk_sample.csv")}
    mcs = DATA / "usgs_mcs"
    yield "usgs 2025", {r["COUNTRY"] for r in raw_rows(mcs / "MCS2025_World_Data.csv")}
    yield "usgs 2026", {r["Country"] for r in raw_rows(mcs / "MCS2026_Commodities_Data.csv.gz", "latin-1")}
    for path in sorted((DATA / "eu_crm").glob("fact_*SupplyShares&t.csv")):
        yield path.name, {r["Country"] for r in raw_rows(path, "latin-1")}
    for path in sorted((DATA / "bgs_wms").glob("*.csv.gz")):
        yield path.name, {r["country_trans"] for r in raw_rows(path)}
    for path in sorted(DATA.glob("baci_*/country_codes_*.csv")):
        yield path.name, {r["country_name"] for r in raw_rows(path)}
    yield "gdp", {r["Country Name"] for r in raw_rows(DATA / "country_reference" / "gdp.csv")}
    for path in sorted((DATA / "owid_capacity").glob("*.csv")):
        yield path.name, {r["Entity"] for r in raw_rows(path)}
    jasansky = DATA / "jasansky_mine_production" / "country_ids.csv"
    yield "jasansky", {r["country"] for r in raw_rows(jasansky, "latin-1", ";")}
    for name, column in (("partnerships", "partner"), ("project_pipeline", "country"), ("world_supply", "country")):
        yield f"facts {name}", {r[column] for r in raw_rows(FACTS / f"{name}.csv")}
    iea = json.loads((DATA / "iea_critical_minerals" / "iea_cm_2025edition.json").read_text("utf-8"))["supply"]
    # two footnotes of the sheet became keys of the JSON conversion
    yield (
        "iea json",
        {
            label
            for stages in iea.values()
            for stage in stages.values()
            for label in stage["countries"]
            if not label.startswith(("Notes:", "“"))
        },
    )
    earth = json.loads((DATA / "natural_earth" / "ne_110m_admin_0_countries.json").read_text("utf-8"))
    yield "natural earth 110m", {f["properties"][k] for f in earth["features"] for k in ("NAME", "NAME_LONG", "ADMIN")}


@needs_shared
def test_every_label_of_the_raw_files_is_known() -> None:
    for where, labels in label_files():
        assert_known(labels, where)


@needs_shared
def test_every_label_of_the_workbooks_is_known() -> None:
    calamine = pytest.importorskip("python_calamine")
    wgi = calamine.CalamineWorkbook.from_path(DATA / "wgi_2024" / "wgidataset_2024edition.xlsx")
    rows = wgi.get_sheet_by_index(0).to_python()
    code, name = rows[0].index("code"), rows[0].index("countryname")
    assert_known({row[name] for row in rows[1:]}, "wgi")
    assert {row[code] for row in rows[1:]} <= set(codes("worldbank"))
    book = calamine.CalamineWorkbook.from_path(DATA / "iea_critical_minerals" / "CM_Data_Explorer_2025-05.xlsx")
    cells = {cell for row in book.get_sheet_by_name("2 Total supply for key minerals").to_python() for cell in row}
    # titles of blocks ("Copper - Mining"), headings of columns and footnotes share the sheet with the countries
    headings = {
        "",
        "Base case",
        "Total clean technologies",
        "Total supply for key energy transition minerals, base case (kt)",
    }
    labels = {
        cell
        for cell in cells
        if isinstance(cell, str) and cell not in headings and " - " not in cell and not cell.startswith(("Notes:", "“"))
    }
    assert_known(labels, "iea workbook")


@needs_shared
def test_every_trade_code_is_known() -> None:
    baci = codes("baci")
    for path in sorted(DATA.glob("baci_*/country_codes_*.csv")):
        for row in raw_rows(path):
            assert row["country_code"] in baci, row
            assert row["country_iso3"] in codes("baci-iso3"), row
    flows = set()
    for path in sorted((DATA / "baci_flows_value_2002_2024").glob("flows_*.json.gz")):
        for links in json.loads(gzip.decompress(path.read_bytes()))["materials"].values():
            flows |= {link["from"] for link in links} | {link["to"] for link in links}
    assert flows <= set(codes("iso2"))


@needs_shared
def test_every_code_of_the_trade_parquets_is_known() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.read_parquet(DATA / "baci_hs92_1995_2024" / "baci_hs92.parquet", columns=["i", "j"])
    seen = set(frame["i"].unique()) | set(frame["j"].unique())
    assert {str(code) for code in seen} <= set(codes("baci"))
    frame = polars.read_parquet(DATA / "baci_hs17_critical_2024" / "trade.parquet", columns=["exporter", "importer"])
    assert set(frame["exporter"].unique()) | set(frame["importer"].unique()) <= set(codes("baci-iso3"))


@needs_shared
def test_every_code_of_the_production_files_is_known() -> None:
    wmd = codes("wmd")
    for row in raw_rows(DATA / "geopolrisk_inputs" / "world_mining_data_2018_2024.csv"):
        if row["country_code"] != "DELETE":  # the publisher's own mark of rows of totals
            assert {row["country_code"], row["country_iso3"]} <= set(wmd), row
    bgs = codes("bgs")
    for path in sorted((DATA / "bgs_wms").glob("*.csv.gz")):
        assert {r["country_iso3_code"] for r in raw_rows(path)} - {""} <= set(bgs), path.name
    geopolrisk = codes("geopolrisk")
    for row in raw_rows(DATA / "geopolrisk_inputs" / "wgi_political_stability_estimate.csv"):
        assert row["Code"] in geopolrisk, row["Code"]


@needs_shared
def test_code_and_label_agree_where_the_publisher_is_right() -> None:
    """In World Mining Data both lead to one country, but for the row the publisher coded wrongly."""
    wmd, aliases = codes("wmd"), {row["label"]: row["iso3"] for row in table("country_aliases")}
    wrong = {
        row["country"]
        for row in raw_rows(DATA / "geopolrisk_inputs" / "world_mining_data_2018_2024.csv")
        if row["country_code"] != "DELETE" and wmd[row["country_code"]] != aliases[row["country"]]
    }
    assert wrong == {"French Guiana"}
