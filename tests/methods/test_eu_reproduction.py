"""The study of 2023 recomputed from its public inputs: the hit rates hold, and the page says what is measured."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from khanij import reference
from khanij.data.facts import store
from khanij.methods.screening import criticality

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not store.providers("global_supply_share"), reason="the store lacks the study's shares")


@pytest.fixture(scope="module")
def script() -> dict:
    return runpy.run_path(str(ROOT / "benchmarks" / "eu_reproduction.py"), run_name="reproduction")


@pytest.fixture(scope="module")
def found(script) -> list:
    return script["lines"]()


@pytest.mark.parametrize("score", ["supply risk", "class", "economic importance"])
def test_the_hit_rate_holds(script, found, score) -> None:
    hits, of = script["rates"](found)[score]
    assert hits >= script["TARGETS"][score] * of
    assert of >= 30


def test_every_miss_has_its_reason(script, found) -> None:
    missed = {(line.material, score) for line in found for score in script["TARGETS"] if line.hit(score) is False}
    assert missed == set(script["REASONS"])


def test_two_assessments_of_one_material_stay_apart(found) -> None:
    by_label = {line.label: line for line in found}
    assert by_label["Phosphate rock"].found["supply risk"] == pytest.approx(1.0, abs=0.3)
    assert by_label["Phosphorus"].found["supply risk"] == pytest.approx(3.3, abs=0.5)
    assert by_label["Titanium"].found["supply risk"] == pytest.approx(0.5, abs=0.3)


def test_the_page_is_up_to_date(script, found) -> None:
    assert script["PAGE"].read_text(encoding="utf-8") == script["page"](found)


def test_the_typical_index_is_the_mean_of_the_published_ones() -> None:
    facts = store.scan("published-tables").collect()
    index = facts.filter(quantity="substitution_index")
    for kind, typical in (("sr", criticality.TYPICAL_SR), ("ei", criticality.TYPICAL_EI)):
        own = index.filter(index["item"].str.starts_with(kind))["value"]
        assert len(own) == 58
        assert own.mean() == pytest.approx(typical, abs=0.0006)
        assert own.min() == criticality.LEAST


def test_assessments_name_known_materials_and_stages() -> None:
    for row in reference.rows("eu_assessments"):
        assert row["material"] in reference.materials()
        assert row["stage"] in reference.STAGES
