"""Which source goes before which is said in source.toml alone: no builder knows a publisher."""

import ast
import hashlib
import shutil

import numpy as np
import pytest

from khanij import reference
from khanij.core.errors import SourceError
from khanij.data import sources
from khanij.data.cubes import build
from khanij.data.facts import manifest, record, store

PARSER = """
import polars as pl


def parse(paths, edition):
    table = pl.read_csv(paths[0], schema_overrides={"value": pl.Float64})
    return table.with_columns(status=pl.lit("reported"), confidence=pl.lit("medium"))
"""
RECORD = """
id = "{id}"
producer = "nobody"
title = "a toy"
licence = "CC0-1.0"
redistribute = true
provides = ["{quantity}"]
preference = {{ {quantity} = {place} }}

[[edition]]
id = "1"
citation = "nobody, a toy"

[[edition.file]]
path = "{id}.csv"
sha256 = "{digest}"
bytes = {size}
"""


def literals(path):
    """Yield every text of a module that is no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def named(text, ids):
    """Return the ids in a text, each as a word of its own."""
    words = text.replace("@", " ").replace(",", " ").split()
    return [id for id in ids if id in words or (id.endswith("-") and text.startswith(id))]


def test_no_builder_names_a_source():
    folder = record.FOLDER.parent
    paths = [
        path for room in ("cubes", "lookup", "facts", "reconcile", "own") for path in (folder / room).rglob("*.py")
    ]
    assert len(paths) > 20
    found = {path.name: hit for path in paths for text in literals(path) if (hit := named(text, record.sources()))}
    assert found == {}


def test_the_search_sees_what_it_forbids(tmp_path):
    path = tmp_path / "planted.py"
    path.write_text('"""wgi"""\nfacts = store.scan("wgi")\n')
    assert [named(text, ["wgi"]) for text in literals(path)] == [["wgi"]]


def test_every_place_is_of_something_that_the_source_gives_or_that_a_cube_asks_for():
    families = {"trade", *build.BUILDERS, "peer_trade"}
    for source in record.sources().values():
        assert set(source.preference) <= {*source.provides, *families}, source.id
        assert not source.scheme or reference.country_codes(source.scheme)


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Return a function that adds a source folder to the package's own, and its facts to a copy of the store."""
    folder, held = tmp_path / "sources", tmp_path / "store"
    folder.mkdir()
    for source in record.sources().values():
        (folder / source.folder.name).symlink_to(source.folder)
    shutil.copytree(store.FOLDER, held)
    monkeypatch.setattr(record, "FOLDER", folder)
    monkeypatch.setattr(sources, "__path__", [*sources.__path__, str(folder)])
    monkeypatch.setenv("KHANIJ_STORE", str(held))
    record.sources.cache_clear()

    def add(id, quantity, place, text):
        (folder / id).mkdir()
        (tmp_path / f"{id}.csv").write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        said = RECORD.format(id=id, quantity=quantity, place=place, digest=digest, size=len(text))
        (folder / id / "source.toml").write_text(said)
        (folder / id / "parse.py").write_text(PARSER)
        record.sources.cache_clear()
        store.rebuild(tmp_path, only=[id])

    yield add
    record.sources.cache_clear()


GOVERNANCE = "quantity,item,country,year,value,unit,row\ngovernance,rl,IND,2022,1.5,score,2\n"


def test_a_second_governance_source_takes_over_by_its_record_alone(tree):
    before = build.build(["IND"], [2022]).array("governance", "dimension", "country", "year")
    tree("toygovernance", "governance", 9, GOVERNANCE)
    case = build.build(["IND"], [2022])
    np.testing.assert_array_equal(case.array("governance", "dimension", "country", "year"), before)
    case = build.build(["IND"], [2022], preferred={"governance": ("toygovernance",)})
    at = case.axis("dimension").at("rl"), case.axis("country").at("IND"), 0
    values = case.array("governance", "dimension", "country", "year")
    assert values[at] == 1.5
    assert np.isfinite(values).sum() == 1
    assert not np.isfinite(case.array("governance_error", "dimension", "country", "year")).any()
    assert case.cube("governance").sources == ("toygovernance@1",)


OUTPUT = "quantity,material,stage,item,country,year,value,unit,basis,row\n" + "".join(
    f"production,copper,mined,toy,{iso},2022,{value},t,Cu,{row}\n"
    for row, (iso, value) in enumerate((("CHL", 5), ("PER", 3), ("WLD", 9)), 2)
)


def test_a_third_source_of_output_takes_over_by_its_record_alone(tree, tmp_path):
    tree("toyoutput", "production", 9, OUTPUT)
    names = ("material", "stage", "country", "year")
    case = build.build(["IND"], [2022], ["copper"])
    at = 0, case.axis("stage").at("mined"), case.axis("country").at("CHL"), 0
    assert case.array("production", *names)[at] > 1e6
    first = tmp_path / "sources" / "toyoutput" / "source.toml"
    first.write_text(first.read_text().replace("production = 9", "production = 1").replace("toyoutput", "a-toyoutput"))
    (tmp_path / "toyoutput.csv").rename(tmp_path / "a-toyoutput.csv")
    record.sources.cache_clear()
    store.rebuild(tmp_path, only=["a-toyoutput"])
    case = build.build(["IND"], [2022], ["copper"])
    assert case.array("production", *names)[at] == 5.0
    assert case.array("world_production", "material", "stage", "year")[at[0], at[1], 0] == 9.0


def test_a_store_without_a_source_that_is_needed_says_so(tmp_path, monkeypatch):
    (tmp_path / manifest.NAME).write_bytes(manifest.write({}))
    monkeypatch.setenv("KHANIJ_STORE", str(tmp_path))
    with pytest.raises(SourceError, match="no source for governance"):
        build.build(["IND"], [2022]).cube("governance")


def test_a_broken_record_tells_the_key(tmp_path):
    (tmp_path / "source.toml").write_text(RECORD.format(id="x", quantity="price", place=0, digest="0" * 64, size=1))
    with pytest.raises(SourceError, match=r"preference\.price"):
        record.read(tmp_path)
