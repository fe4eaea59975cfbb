"""Every fact of the embedded store keeps the promises of a fact. All rows are walked, none is sampled."""

import hashlib

import polars as pl
import pytest

from khanij import reference
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts

SILENT = ("withheld", "unavailable", "unquantified")
FIGURE = pl.any_horizontal(pl.col("value", "low", "high").is_not_null())
PROMISED = {
    "a quantity, unit, status, source and edition": pl.all_horizontal(
        pl.col("quantity", "unit", "status", "source", "edition").is_not_null()
    ),
    "no empty text": pl.all_horizontal(pl.col(pl.String).fill_null("-").str.strip_chars() != ""),
    "a status of the vocabulary": pl.col("status").is_in(facts.STATUSES),
    "a figure, unless the status says why there is none": FIGURE | pl.col("status").is_in(SILENT),
    "no value where the publisher gives none": pl.col("value").is_null() | ~pl.col("status").is_in(SILENT),
    "a value, a bound, or a reason": pl.col("value").is_not_null() | pl.col("status").is_in((*SILENT, "bound")),
    "a finite figure": pl.all_horizontal(pl.col("value", "low", "high").is_finite().fill_null(True)),
    "low <= value <= high": pl.all_horizontal(
        (pl.col("low") <= pl.col("value")).fill_null(True),
        (pl.col("value") <= pl.col("high")).fill_null(True),
        (pl.col("low") <= pl.col("high")).fill_null(True),
    ),
    "a confidence of the vocabulary": pl.col("confidence").is_in(("high", "medium", "low")),
    "a year of this world, a month of the year": pl.col("year").is_between(1850, 2100).fill_null(True)
    & pl.col("month").is_between(1, 12).fill_null(True),
}


@pytest.fixture(scope="module")
def rows():
    """Every fact of the embedded store."""
    return store.collect(store.scan())


def shown(frame):
    """Return the first rows that break a promise, for the message."""
    return [{name: value for name, value in row.items() if value is not None} for row in frame.head(3).to_dicts()]


def test_every_row_has_the_one_schema(rows):
    assert dict(rows.schema) == facts.SCHEMA
    assert rows.height == sum(entry["rows"] for entry in store.manifest()["sources"].values())
    assert rows.height > 0


@pytest.mark.parametrize("promise", PROMISED)
def test_every_row_has(rows, promise):
    broken = rows.filter(~PROMISED[promise].fill_null(False))
    assert broken.height == 0, f"{broken.height:,} rows without {promise}: {shown(broken)}"


SOUND = {
    "quantity": "production",
    "unit": "t",
    "status": "reported",
    "confidence": "high",
    "source": "s",
    "edition": "1",
}
BREACHES = {
    "a quantity, unit, status, source and edition": {"source": None},
    "no empty text": {"edition": " "},
    "a status of the vocabulary": {"status": "guessed"},
    "a figure, unless the status says why there is none": {"value": None},
    "no value where the publisher gives none": {"status": "withheld"},
    "a value, a bound, or a reason": {"value": None, "high": 5.0},
    "a finite figure": {"value": float("nan")},
    "low <= value <= high": {"low": 2.0},
    "a confidence of the vocabulary": {"confidence": None},
    "a year of this world, a month of the year": {"month": 13},
}


@pytest.mark.parametrize("promise", PROMISED)
def test_a_broken_promise_is_seen(promise):
    sound = {**SOUND, "value": 1.0, "year": 2024}
    walked = pl.DataFrame([sound, sound | BREACHES[promise]], schema=facts.SCHEMA)
    assert walked.select(PROMISED[promise].fill_null(False)).to_series().to_list() == [True, False]


def test_no_fact_is_without_a_source_record(rows):
    known = {(source.id, edition.id) for source in record.sources().values() for edition in source.editions}
    found = set(rows.select("source", "edition").unique().iter_rows())
    assert found <= known
    counted = rows.group_by("source", "edition").len()
    orphans = sum(n for source, edition, n in counted.iter_rows() if (source, edition) not in known)
    assert orphans == 0


def test_every_unit_is_one_of_its_quantity(rows):
    known = {(quantity.id, unit) for quantity in reference.quantities().values() for unit in quantity.units}
    assert set(rows.select("quantity", "unit").unique().iter_rows()) <= known


def test_every_code_is_in_the_reference_tables(rows):
    places = {*reference.countries(), *facts.PSEUDO, None}
    assert set(rows["country"].unique()) <= places
    assert set(rows["partner"].unique()) <= places
    assert set(rows["material"].unique()) <= {*reference.materials(), None}
    assert set(rows["stage"].unique()) <= {*reference.STAGES, None}


def test_every_fact_says_what_it_is_about(rows):
    mute = rows.filter(pl.all_horizontal(pl.col("material", "item", "country").is_null()))
    assert mute.height == 0, shown(mute)


def test_what_is_embedded_may_be_redistributed():
    held = store.manifest()["sources"]
    assert {id for id in held if not record.find(id).redistribute} == set()
    assert {id for id in held if not record.find(id).licence} == set()
    assert {id for id in held if not all(e.citation for e in record.find(id).editions)} == set()


def test_the_store_is_what_its_manifest_says():
    folder, held = store.folder(), store.manifest()["sources"]
    digests = {id: hashlib.sha256((folder / entry["file"]).read_bytes()).hexdigest() for id, entry in held.items()}
    assert digests == {id: entry["sha256"] for id, entry in held.items()}
    assert {path.name for path in folder.glob("*.parquet")} == {entry["file"] for entry in held.values()}


def test_the_store_stays_small():
    assert sum(entry["bytes"] for entry in store.manifest()["sources"].values()) <= 25e6
