"""A number followed down: the facts shown are those that made it, and adding them up again gives its inputs."""

import numpy as np
import pytest

from khanij.analyses.inputs.cases import case
from khanij.analyses.question import ask, request
from khanij.analyses.runner import run
from khanij.core.errors import CoverageError, StudyError


def explain(method, focus, material, year=None, top=0, **more):
    """Return the answer about one number with every row."""
    return ask(request("explain", method=method, focus=focus, material=material, year=year, top=top, **more))


def fields(found):
    number = found.table("number")
    return dict(zip(number.column("field"), number.column("text"), strict=True))


def entered(found, quantity, **labels):
    rows = (r for r in found.table("facts").rows() if r["quantity"] == quantity and r["entered"] is not None)
    return sum(r["entered"] for r in rows if all(r[name] in allowed for name, allowed in labels.items()))


@pytest.mark.parametrize(("focus", "members"), [("IND", {"IND"}), ("CHL", {"CHL"})])
def test_facts_add_up_to_the_balance_and_to_the_number(focus, members):
    """Import reliance of mined copper from nothing but the fact rows that are shown."""
    found = explain("import-reliance", focus, "copper", 2023, stage="mined")
    balance = run("balance", case(focus, 2023, "copper"))
    at = (0, balance.value.axis("stage").at("mined"), 0, 0)
    made = entered(found, "production", country=members)
    abroad = {r["country"] for r in found.table("facts").rows()} | {r["partner"] for r in found.table("facts").rows()}
    bought = entered(found, "trade", partner=members, country=abroad - members)
    sold = entered(found, "trade", country=members, partner=abroad - members)
    assert made == pytest.approx(balance.variable("production").values[at], rel=1e-12)
    assert bought == pytest.approx(balance.variable("imports").values[at], rel=1e-9)
    assert sold == pytest.approx(balance.variable("exports").values[at], rel=1e-9)
    value = float(fields(found)["value"])
    assert value == pytest.approx((bought - sold) / (made + bought - sold), rel=1e-5)


def test_concentration_from_the_facts_alone():
    found = explain("production-hhi", "IND", "nickel", 2022, stage="mined")
    rows = [r for r in found.table("facts").rows() if r["quantity"] == "production" and r["entered"] is not None]
    made = {}
    for row in rows:
        made[row["country"]] = made.get(row["country"], 0.0) + row["entered"]
    whole = max(entered(found, "world_production"), sum(made.values()))
    value = sum((x / whole) ** 2 for x in made.values())
    assert float(fields(found)["value"]) == pytest.approx(value, rel=1e-5)


def test_every_table_has_what_a_reader_needs():
    found = explain("hhi-wgi", "IND", "cobalt", 2024)
    asked = fields(found)
    assert asked["method"] == "hhi-wgi"
    assert asked["equation"].startswith("H = Σ_c s_c²·g_c")
    assert asked["reference"]
    assert asked["parameter dimension"] == "mean"
    assert "other stages" in asked
    assert [table.key for table in found.tables] == ["number", "entered", "facts", "reference_rows", "sources"]
    sources = set(found.table("sources").column("source"))
    assert {f"{r['source']}@{r['edition']}" for r in found.table("facts").rows()} == sources
    assert all(found.table("sources").column("citation"))
    first = next(found.table("entered").rows())
    assert (first["quantity"], first["country"]) == ("production", "COD")
    assert {"production", "governance", "world_production"} <= set(found.table("entered").column("quantity"))
    assert "material_aliases" in found.table("reference_rows").column("table")


def test_what_entered_is_what_the_facts_give():
    found = explain("n-1-loss", "DEU", "copper", 2024, stage="refined")
    values = {}
    for row in found.table("entered").rows():
        if row["quantity"] == "trade":
            values[row["exporter"], row["importer"]] = row["value"]
    facts = {}
    for row in found.table("facts").rows():
        if row["quantity"] == "trade":
            key = row["country"], row["partner"]
            facts[key] = facts.get(key, 0.0) + row["entered"]
    assert set(values) == set(facts)
    np.testing.assert_allclose([facts[key] for key in values], list(values.values()), rtol=1e-9)


def test_own_output_stands_first_and_a_cut_is_said():
    found = explain("import-reliance", "IND", "copper", 2023, stage="mined", top=3)
    first = next(found.table("facts").rows())
    assert first["country"] == "IND"
    assert sum(r["quantity"] == "production" for r in found.table("facts").rows()) == 3
    assert "the largest 3 of each are shown" in found.table("facts").notes[0]


def test_a_group_names_its_members():
    found = explain("import-hhi", "EU27", "copper", 2023, stage="mined")
    members = [
        key
        for table, key in zip(
            found.table("reference_rows").column("table"), found.table("reference_rows").column("key"), strict=True
        )
        if table == "groups"
    ]
    assert len(members) == 27


def test_a_measure_without_years_looks_at_all_of_them():
    found = explain("eu-supply-risk", "EU27", "cobalt", range(2016, 2021))
    years = {r["year"] for r in found.table("facts").rows() if r["quantity"] == "governance"}
    assert years == set(range(2016, 2021))
    assert {"global_supply_share", "substitution_sr"} <= {r["quantity"] for r in found.table("facts").rows()}


def test_mistakes():
    with pytest.raises(StudyError, match="no single number"):
        explain("supplier-shares", "IND", "copper", 2023)
    with pytest.raises(StudyError, match="one year"):
        explain("import-hhi", "IND", "copper", [2022, 2023])
    with pytest.raises(CoverageError, match="no stage"):
        explain("import-hhi", "IND", "copper", 2023, stage="molten")
    with pytest.raises(StudyError, match="no stages"):
        explain("eu-supply-risk", "IND", "copper", [2020], stage="mined")
    with pytest.raises(CoverageError, match="no value") as refused:
        explain("import-hhi", "IND", "copper", 2023, stage="scrap")
    assert "it has a value at" in refused.value.hint
