"""The reference tables of materials, their stages, their names and the lists that governments keep of them."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "src" / "khanij" / "reference" / "tables"
SHARED = ROOT.parent / "shared"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the raw files beside the checkout are absent")

STAGES = ("mined", "processed", "refined", "component", "product", "scrap")
KINDS = {"element", "group", "mineral", "context"}
# What each government says it lists.
PUBLISHED_COUNTS = {
    "au-2024": 31, "au-2024-strategic": 5, "ca-2024": 34, "eu-2023-crm": 34, "eu-2023-screened": 87,
    "eu-2023-srm": 17, "in-2023-30": 30, "in-2023-part-d": 24, "in-2026-part-d": 25, "jp-2009": 31,
    "kr-2023": 33, "kr-2023-strategic": 10, "uk-2021": 18, "uk-2024": 34, "us-2022": 50, "us-2025": 60,
}  # fmt: skip
# Labels of the sources that name several materials, or none, and therefore have no alias.
NOT_ONE_MATERIAL = {
    "all metals", "recycling", "india, all minerals", "india, critical blocks", "model default", "india", "all",
    "rare metals", "critical minerals", "fertiliser", "others", "e-waste", "offshore minerals", "copper-cobalt",
    "silicon and ai-era supply chains incl. critical minerals", "-", "all critical", "10 critical minerals",
    "24 critical categories (excl li-ion, cu)", "gallium & indium", "gallium+germanium", "gallium/germanium",
    "ree and raw titanium", "cu+li+co+ni", "nds 2013 base case", "high-risk minerals", "legacy system", "strategic",
    "strategic minerals", "strategic raw materials", "energy aggregate", "metals aggregate",
    "metals/energy aggregate", "key energy minerals", "total ev", "total battery storage",
    "total hydrogen technologies", "total solar pv", "total wind",
}  # fmt: skip


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of one reference table, cells as text."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_raw(path: str, encoding: str = "utf-8") -> list[dict[str, str]]:
    """Rows of one publisher's CSV file beside the checkout."""
    return list(csv.DictReader(io.StringIO((SHARED / path).read_text(encoding=encoding))))


def fold(label: str) -> str:
    """The form in which labels are matched: single blanks, no case."""
    return " ".join(label.split()).casefold()


MATERIALS = read_table("materials")
IDS = {row["id"] for row in MATERIALS}
ALIASES = {fold(row["label"]): row for row in read_table("material_aliases")}


def missing_aliases(labels: set[str]) -> list[str]:
    """Labels without an alias, those left out that name no single material."""
    return sorted(label for label in labels if fold(label) not in ALIASES and fold(label) not in NOT_ONE_MATERIAL)


def test_material_ids_are_unique_and_kebab_case() -> None:
    ids = [row["id"] for row in MATERIALS]
    assert len(ids) == len(set(ids))
    assert all(part.isascii() and part.isalnum() and part.islower() for id_ in ids for part in id_.split("-"))
    assert ids == sorted(ids)


def test_material_rows_are_complete() -> None:
    for row in MATERIALS:
        assert row["kind"] in KINDS, row
        assert row["name"], row
        assert row["basis"], row


def test_parents_exist_are_groups_and_form_no_ring() -> None:
    by_id = {row["id"]: row for row in MATERIALS}
    for row in MATERIALS:
        seen, current = {row["id"]}, row["parent"]
        while current:
            assert by_id[current]["kind"] == "group", row
            assert current not in seen, row
            seen.add(current)
            current = by_id[current]["parent"]


def test_members_share_the_basis_of_rare_earths() -> None:
    """REO of the elements must add up to REO of the group; the oxide of each element is named."""
    for row in MATERIALS:
        if row["parent"] in {"rare-earths", "light-rare-earths", "heavy-rare-earths"}:
            assert row["basis"] == "REO", row
            assert row["basis_per_element"] or row["kind"] == "group", row


@pytest.mark.parametrize("table", ["stages", "lists", "material_aliases"])
def test_rows_refer_to_known_materials(table: str) -> None:
    assert [row for row in read_table(table) if row["material"] not in IDS] == []


@pytest.mark.parametrize("table", ["materials", "stages", "lists", "material_aliases"])
def test_rows_name_a_known_source_and_a_confidence(table: str) -> None:
    known = {row["id"] for row in read_table("bibliography")}
    for row in read_table(table):
        assert set(row["source"].split(";")) <= known, row
        assert row["confidence"] in {"high", "medium", "low"}, row


def test_stage_order_is_monotone_and_every_material_has_one() -> None:
    chains: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in read_table("stages"):
        chains[row["material"]].append((int(row["order"]), row["stage"]))
    groups = {row["id"] for row in MATERIALS if row["kind"] == "group"}
    assert IDS - groups <= set(chains)
    for material, chain in chains.items():
        orders = [order for order, _ in chain]
        assert orders == sorted(set(orders)), material
        assert all(STAGES.index(stage) + 1 == order for order, stage in chain), material


@pytest.mark.parametrize("table", ["lists", "material_aliases"])
def test_stages_named_elsewhere_exist_in_the_chain(table: str) -> None:
    known = {(row["material"], row["stage"]) for row in read_table("stages")}
    assert [r for r in read_table(table) if r["stage"] and (r["material"], r["stage"]) not in known] == []


def test_labels_fold_to_one_alias_each() -> None:
    rows = read_table("material_aliases")
    assert len(ALIASES) == len(rows)
    assert all(row["label"] == " ".join(row["label"].split()) for row in rows)


def test_every_id_name_and_list_label_is_understood() -> None:
    for row in MATERIALS:
        assert ALIASES[fold(row["id"])]["material"] == row["id"]
        assert ALIASES[fold(row["name"])]["material"] == row["id"]
    for row in read_table("lists"):
        if "permanent magnets (" not in row["label"]:  # one label that names seven elements
            assert ALIASES[fold(row["label"])]["material"] == row["material"], row


def test_lists_have_the_published_number_of_labels_or_say_why_not() -> None:
    labels: dict[str, set[str]] = defaultdict(set)
    notes: dict[str, set[str]] = defaultdict(set)
    for row in read_table("lists"):
        labels[row["list"]].add(row["label"])
        notes[row["list"]].add(row["note"])
    assert set(labels) == set(PUBLISHED_COUNTS)
    for name, count in PUBLISHED_COUNTS.items():
        if len(labels[name]) != count:
            assert any(f"against {count} published" in note for note in notes[name]), (name, len(labels[name]))


def test_the_list_of_thirty_has_thirty_labels() -> None:
    rows = [row for row in read_table("lists") if row["list"] == "in-2023-30"]
    assert len(rows) == 30
    assert {row["label"] for row in rows} >= {"PGE", "REE", "Phosphorous", "Potash"}
    assert len({row["material"] for row in rows}) == 30


@needs_shared
def test_world_mining_data_labels_have_aliases() -> None:
    rows = read_raw("data/geopolrisk_inputs/world_mining_data_2018_2024.csv")
    labels = {row["material"] for row in rows}
    assert len(labels) == 65
    assert missing_aliases(labels) == []


@needs_shared
@pytest.mark.parametrize(
    "name",
    [
        "dimension_CRMsOverTime",
        "dimension_ScreenedMatGroupings",
        "fact_EUSupplyShares&t",
        "fact_GlobalSupplyShares&t",
        "fact_MaterialUseShares",
    ],
)
def test_european_labels_have_aliases(name: str) -> None:
    rows = read_raw(f"data/eu_crm/{name}.csv", encoding="latin-1")
    labels = {next(iter(row.values())) for row in rows} - {"", None}
    assert missing_aliases(labels) == []


@needs_shared
def test_iea_labels_have_aliases() -> None:
    text = (SHARED / "data/iea_critical_minerals/iea_cm_2025edition.json").read_text(encoding="utf-8")
    data = json.loads(text)
    labels: set[str] = set()
    for part in ("totalDemand", "supply", "cleantechByTech", "cleantechByMineral"):
        labels |= set(data[part])
    for technology in data["byTechnology"].values():
        labels |= set(technology["minerals"])
    assert missing_aliases(labels) == []


@needs_shared
@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("costs", "mineral"),
        ("india_minerals", "mineral"),
        ("prices", "mineral"),
        ("world_supply", "mineral"),
        ("process_chains", "chain"),
        ("partnerships", "minerals"),
        ("project_pipeline", "minerals"),
    ],
)
def test_labels_of_the_fact_base_have_aliases(name: str, column: str) -> None:
    cells = [row[column] for row in read_raw(f"facts/{name}.csv")]
    labels = {part.strip() for cell in cells for part in (cell.split(";") if column == "minerals" else [cell])}
    assert missing_aliases(labels) == []


@needs_shared
def test_labels_of_published_tables_and_trade_extracts_have_aliases() -> None:
    rows = read_raw("published_tables.csv")
    # the governance table keeps two-letter country codes in this column
    labels = {row["material"] for row in rows if row["table_id"] != "WGI_MEAN6"}
    labels |= {row["raw_material"] for row in read_raw("cases/geopolrisk_sample.csv")}
    codes = json.loads((SHARED / "data/baci_hs17_critical_2024/critical_codes.json").read_text(encoding="utf-8"))
    labels |= {row["material"] for row in codes["codes"]}
    labels |= set(json.loads((SHARED / "data/baci_flows_value_2002_2024/crosswalk.json").read_text(encoding="utf-8")))
    assert missing_aliases(labels) == []
