"""The store: byte-identical, atomic, and plain about what is broken."""

import hashlib
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from khanij.core import rng
from khanij.core.errors import CoverageError, ParseError, SourceError
from khanij.data.facts import corrections, record, store
from khanij.data.facts import schema as facts
from khanij.data.lookup import query
from khanij.data.parsing import labels
from khanij.jobs import files


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
    replace = files.os.replace

    def killed(source, target):
        if Path(target).name == store.MANIFEST:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(files.os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        store.rebuild(toy)
    assert store.manifest() == before
    assert store.collect(store.scan("toy")).height == 2
    assert not list(store.folder().glob(".*"))


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
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    with pytest.raises(SourceError, match="spoilt"):
        store.scan("toy")
    path.write_bytes(whole)
    assert store.collect(store.scan("toy")).height == 2
    path.unlink()
    with pytest.raises(SourceError, match="lacks"):
        store.scan("toy")
    (store.folder() / store.MANIFEST).write_text("{")
    with pytest.raises(SourceError, match="broken manifest"):
        store.manifest()


def test_a_flipped_bit_anywhere_is_noticed_also_by_a_process_that_has_the_store_open(toy):
    store.rebuild(toy)
    assert store.collect(store.scan("toy")).height == 2
    draw = rng.stream(3)
    for path in sorted(store.folder().iterdir()):
        whole = path.read_bytes()
        for bit in draw.choice(len(whole) * 8, size=60, replace=False):
            spoilt = bytearray(whole)
            spoilt[bit // 8] ^= 1 << (bit % 8)
            path.write_bytes(spoilt)
            with pytest.raises(SourceError) as refused:
                store.scan("toy")
            assert all(len(line) > len("hint:  -") for line in refused.value.lines())
        path.write_bytes(whole)
    assert store.collect(store.scan("toy")).height == 2


def test_a_figure_that_was_changed_in_the_store_is_noticed(toy):
    entry = store.rebuild(toy)["sources"]["toy"]
    path = store.folder() / entry["file"]
    pl.read_parquet(path).with_columns(pl.col("value") * 1000).write_parquet(path)
    with pytest.raises(SourceError, match="spoilt"):
        store.scan()
    entry["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()  # a manifest that was changed to match
    (store.folder() / store.MANIFEST).write_text(json.dumps({"sources": {"toy": entry}}, indent=1, sort_keys=True))
    with pytest.raises(SourceError, match="not what was written"):
        store.scan()


def test_facts_that_the_manifest_does_not_name_are_refused_but_not_the_rest_of_a_stopped_build(toy):
    store.rebuild(toy)
    data = store.parquet(fact())
    (store.folder() / "note.txt").write_text("no facts")
    (store.folder() / f"toy.{hashlib.sha256(data).hexdigest()[:8]}.parquet").write_bytes(data)
    assert store.collect(store.scan()).height == 2
    (store.folder() / "more.parquet").write_bytes(data)
    with pytest.raises(SourceError, match=r"does not name more\.parquet"):
        store.scan()
    (store.folder() / "more.parquet").unlink()
    store.rebuild(toy)
    assert len(list(store.folder().glob("*.parquet"))) == 1


def test_two_builds_at_once_one_is_turned_away(toy):
    store.rebuild(toy)
    with files.lock(store.folder(), "data build"), pytest.raises(SourceError, match="another process is at work"):
        store.rebuild(toy)
    store.rebuild(toy)


def test_a_build_of_one_source_does_not_keep_a_spoilt_other(toy, monkeypatch):
    entry = store.rebuild(toy)["sources"]["toy"]
    other = record.sources()["toy"].model_copy(update={"id": "other"})
    both = {**record.sources(), "other": other}
    monkeypatch.setattr(record, "sources", lambda: both)
    assert set(store.rebuild(toy, ["other"])["sources"]) == {"other", "toy"}
    path = store.folder() / entry["file"]
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(SourceError, match="spoilt"):
        store.rebuild(toy, ["other"])
    store.rebuild(toy)
    (store.folder() / store.MANIFEST).write_text("[]")
    with pytest.raises(SourceError, match="what to keep"):
        store.rebuild(toy, ["other"])
    assert set(store.rebuild(toy)["sources"]) == {"other", "toy"}


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
        ({"low": -9.0, "high": 1.0}, "negative amount"),
        ({"high": float("inf")}, "a high that is not a number"),
        ({"value": 1e300}, "lies from 0 to 1e"),
        ({"quantity": "governance", "item": "pv", "unit": "score", "value": 61.0}, "lies from -4 to 4"),
        ({"quantity": "recycling_input_rate", "unit": "1", "value": 60.0}, "lies from 0 to 1"),
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
