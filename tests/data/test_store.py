"""The store: byte-identical, atomic, and plain about what is broken."""

import hashlib
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import CoverageError, ParseError, SourceError
from khanij.data.facts import corrections, record, store
from khanij.data.facts import schema as facts
from khanij.data.lookup import query
from khanij.data.parsing import labels


def fact(**values):
    row = {
        "quantity": "production",
        "material": "copper",
        "stage": "mined",
        "country": "CHL",
        "year": 2023,
        "value": 5.0,
    }
    row |= {
        "unit": "t",
        "basis": "Cu",
        "status": "reported",
        "confidence": "high",
        "source": "x",
        "edition": "1",
        "row": 2,
    }
    return facts.complete(pl.DataFrame([{**row, **values}]))


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A source of one CSV file, found as if it lay in the sources folder, and an empty store."""
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "toy.csv").write_text("country,year,value\nCHL,2023,5\nPER,2023,3\n")
    digest = hashlib.sha256((raw / "toy.csv").read_bytes()).hexdigest()
    file = record.RawFile(path="toy.csv", sha256=digest, bytes=10)

    class Toy(record.SourceRecord):
        def parse(self, edition, raw):
            table = pl.read_csv(edition.files[0].locate(raw, edition.key))
            return table.with_columns(
                quantity=pl.lit("production"), material=pl.lit("copper"), stage=pl.lit("mined"), unit=pl.lit("t"),
                status=pl.lit("reported"), confidence=pl.lit("high"), basis=pl.lit("Cu"),
                value=pl.col("value").cast(pl.Float64),
            )  # fmt: skip

    edition = record.Edition(source="toy", id="1", published=date(2026, 1, 1), citation="", files=(file,))
    source = Toy(
        id="toy", producer="nobody", title="a toy", licence="CC0-1.0", redistribute=True, provides=("production",),
        editions=(edition,), folder=tmp_path,
    )  # fmt: skip
    monkeypatch.setattr(record, "sources", lambda: {"toy": source})
    monkeypatch.setenv("KHANIJ_STORE", str(tmp_path / "store"))
    return raw


def test_the_same_files_give_the_same_bytes(toy, tmp_path):
    first = store.rebuild(toy)
    files = {path.name: path.read_bytes() for path in (tmp_path / "store").iterdir()}
    assert store.rebuild(toy) == first
    assert {path.name: path.read_bytes() for path in (tmp_path / "store").iterdir()} == files


def test_a_changed_file_is_refused_and_the_old_store_stays(toy):
    before = store.rebuild(toy)
    (toy / "toy.csv").write_text("country,year,value\nCHL,2023,6\n")
    with pytest.raises(SourceError, match="not the recorded file"):
        store.rebuild(toy)
    assert store.manifest() == before
    assert store.collect(store.scan("toy")).height == 2


def test_killed_before_the_manifest_the_old_store_is_whole(toy, monkeypatch):
    before = store.rebuild(toy)
    replace = store.os.replace

    def killed(source, target):
        if Path(target).name == store.MANIFEST:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(store.os, "replace", killed)
    monkeypatch.setattr(record, "sources", record.sources)
    with pytest.raises(KeyboardInterrupt):
        store.rebuild(toy)
    assert store.manifest() == before
    assert store.collect(store.scan("toy")).height == 2
    assert not list(store.folder().glob(".build-*"))


def test_an_absent_folder_store_or_source_says_so(toy, tmp_path):
    with pytest.raises(SourceError, match="no folder"):
        store.rebuild(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="store is empty"):
        store.manifest()
    store.rebuild(toy)
    with pytest.raises(SourceError, match="no facts of 'moon'"):
        store.scan("moon")


def test_a_damaged_store_says_so(toy):
    entry = store.rebuild(toy)["sources"]["toy"]
    path = store.folder() / entry["file"]
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(SourceError, match="cannot be read"):
        store.collect(store.scan("toy"))
    path.unlink()
    with pytest.raises(SourceError, match="lacks"):
        store.scan("toy")
    (store.folder() / store.MANIFEST).write_text("{")
    with pytest.raises(SourceError, match="broken manifest"):
        store.manifest()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"quantity": "magic"}, "unknown quantity"),
        ({"material": "unobtainium"}, "unknown material"),
        ({"stage": "smelled"}, "unknown stage"),
        ({"country": "ATL"}, "unknown country"),
        ({"status": "guessed"}, "unknown status"),
        ({"confidence": "sure"}, "unknown confidence"),
        ({"unit": "kt"}, "kept in t"),
        ({"unit": None}, "without unit"),
        ({"source": None}, "without source"),
        ({"edition": None}, "without edition"),
        ({"value": -1.0}, "negative amount"),
        ({"value": float("inf")}, "not a number"),
        ({"value": None}, "without a figure"),
        ({"status": "withheld"}, "withheld or unknown figure with a value"),
        ({"low": 9.0, "high": 1.0}, "low above high"),
    ],
)
def test_a_fact_that_breaks_a_promise_is_refused(change, what):
    with pytest.raises(ParseError, match=what):
        facts.check(fact(**change), "test")


def test_good_facts_pass():
    facts.check(fact(), "test")
    facts.check(fact(value=None, status="withheld"), "test")
    facts.check(fact(value=None, low=1.0, high=2.0, status="bound"), "test")


def corrected(tmp_path, text):
    path = tmp_path / "corrections.toml"
    path.write_text(text)
    return corrections.apply(fact(), path)


WHERE = '[[correction]]\nwhere = { country = "CHL", year = 2023 }\nreason = "misprint"\n'


def test_corrections_change_the_value_and_say_so(tmp_path):
    row = corrected(tmp_path, WHERE + 'action = "scale"\nfactor = 10\nexpect = 5.0\n').row(0, named=True)
    assert row["value"] == 50
    assert row["status"] == "imputed"
    assert "misprint" in row["note"]
    assert corrected(tmp_path, WHERE + 'action = "drop"\nexpect = 5.0\n').is_empty()
    assert corrected(tmp_path, WHERE + 'action = "override"\nvalue = 7.0\n')["value"][0] == 7
    bound = corrected(tmp_path, WHERE + 'action = "bound"\nexpect = 5.0\n').row(0, named=True)
    assert (bound["value"], bound["high"], bound["status"]) == (None, 5.0, "bound")
    flagged = corrected(tmp_path, WHERE + 'action = "flag"\n').row(0, named=True)
    assert (flagged["value"], flagged["status"]) == (5.0, "reported")
    assert "misprint" in flagged["note"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (WHERE + 'action = "drop"\nexpect = 6.0\n', "expected 6.0"),
        (WHERE.replace("CHL", "PER") + 'action = "drop"\n', "meets no row"),
        (WHERE + 'action = "pray"\n', "unknown action"),
    ],
)
def test_a_correction_that_no_longer_fits_fails(tmp_path, text, what):
    with pytest.raises(ParseError, match=what):
        corrected(tmp_path, text)


def test_an_unknown_label_prints_the_row_to_add():
    with pytest.raises(ParseError) as caught:
        labels.countries(pl.Series(["Chile", "Ruritania"]), "toy.csv")
    assert '"Ruritania",<code>' in caught.value.hint
    assert "country_aliases.csv" in caught.value.hint


def test_the_manifest_matches_the_files_of_the_embedded_store():
    held = store.manifest()["sources"]
    total = 0
    for entry in held.values():
        data = (store.folder() / entry["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
        total += len(data)
    assert total <= 25e6
    assert {path.name for path in store.folder().glob("*.parquet")} == {entry["file"] for entry in held.values()}
    assert json.loads((store.folder() / store.MANIFEST).read_text())["sources"] == held


def test_trade_inside_a_group_is_left_out_and_one_source_stands_for_a_code_and_year():
    table = query.trade(("DEU", "FRA"), None, ("283691",), (2024,))
    assert not {"DEU", "FRA"} & set(table.column("exporter"))
    assert set(table.column("source")) == {"baci-hs92"}


def test_codes_and_years_that_nobody_holds_are_refused():
    with pytest.raises(CoverageError, match="no source holds trade code"):
        query.trade(("IND",), None, ("999999",), (2024,))
    with pytest.raises(CoverageError, match="not covered in 1994"):
        query.trade(("IND",), None, ("270900",), (1994,))


def test_the_published_figures_of_corrected_rows_are_kept(tmp_path):
    path = tmp_path / "corrections.toml"
    path.write_text(
        '[[correction]]\nwhere = { quantity = "a", item = "x" }\naction = "override"\nexpect = 3.0\nvalue = 9.0\n'
        'reason = "r"\n[[correction]]\nwhere = { quantity = "a", item = "y" }\naction = "flag"\nexpect = 1.0\n'
        'reason = "r"\n',
        encoding="utf-8",
    )
    assert corrections.published(path, "quantity", "item") == [{"quantity": "a", "item": "x", "value": 3.0}]
    assert corrections.published(tmp_path / "none.toml", "item") == []
