"""Substitution elasticities of Broda, Greenfield and Weinstein: the Stata file, labels, headings; and the full file."""

from __future__ import annotations

import struct
from pathlib import Path

import polars as pl
import pytest

from khanij import reference
from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.broda_weinstein import parse as module
from khanij.data.sources.broda_weinstein import stata, summary
from khanij.data.sources.broda_weinstein.parse import parse

FIXTURE = Path(__file__).parent / "fixtures" / "broda_weinstein.dta"
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="broda-weinstein", id="test", citation="", files=())

ROWS = [  # importer as the file writes it, heading, sigma: real rows; 010 and 840 are no headings of ours
    ("Australia", 10.0, 25.031897),
    ("Australia", 260.0, 2.6791577),
    ("India", 260.0, 98.128265),
    ("India", 750.0, 4.3010697),
    ("Korea", 750.0, 1.8784809),
    ("NewZealand", 750.0, 7.395826),
    ("USA", 840.0, 2.9462302),
    ("USA", 283.0, 1.4905525),
]
EXPECTED = [  # country, item, value, row
    ("AUS", "HS three-digit 260", 2.6791577, 2),
    ("IND", "HS three-digit 260", 98.128265, 3),
    ("IND", "HS three-digit 750", 4.3010697, 4),
    ("KOR", "HS three-digit 750", 1.8784809, 5),
    ("NZL", "HS three-digit 750", 7.395826, 6),
    ("USA", "HS three-digit 283", 1.4905525, 8),
]


def written(rows=ROWS, version=113, order="<", sigma="sigma", notes=b"") -> bytes:
    """Return a Stata file in the publisher's layout: byte code, text of 32, two floats."""
    width = {113: 12, 114: 49, 115: 49}[version]
    head = struct.pack(f"{order}BBBBHI", version, 1 if order == ">" else 2, 1, 0, 4, len(rows))
    head += b"made for a test".ljust(81, b"\0") + b"22 Nov 2026 18:00".ljust(18, b"\0")
    head += bytes((251, 32, 254, 254))
    head += b"".join(name.encode().ljust(33, b"\0") for name in ("ccode", "cname", "hs_3digit", sigma))
    head += bytes(2 * 5) + bytes(4 * width) + bytes(4 * 33) + bytes(4 * 81) + notes + bytes(5)
    cells = b""
    for place, (name, heading, value) in enumerate(rows, 1):
        text = (name.encode("latin-1") + b"\0left over from a longer name")[:32].ljust(32, b"\0")
        cells += struct.pack(f"{order}b32sff", place, text, heading, value)
    return head + cells


def saved(folder: Path, data: bytes) -> Path:
    """Return the path of a file with this content."""
    path = folder / "made.dta"
    path.write_bytes(data)
    return path


def test_facts() -> None:
    assert FIXTURE.read_bytes() == written()
    frame = facts.complete(parse([FIXTURE], EDITION), source=EDITION.source, edition=EDITION.id)
    facts.check(frame, "test")
    assert frame.select("country", "item", "value", "row").rows() == EXPECTED
    assert frame.select("quantity", "unit", "year", "status").unique().rows() == [
        ("substitution_elasticity", "1", 2003, "estimated")
    ]


@pytest.mark.parametrize("version", [113, 114, 115])
@pytest.mark.parametrize("order", ["<", ">"])
def test_formats_and_byte_orders_say_the_same(tmp_path: Path, version: int, order: str) -> None:
    note = struct.pack(f"{order}BI", 1, 7) + b"a note\0"
    found = stata.read(saved(tmp_path, written(version=version, order=order, notes=note)), module.COLUMNS, "test")
    assert found.columns == ["row", "ccode", "cname", "hs_3digit", "sigma"]
    assert found.select("cname", "hs_3digit", "sigma").rows() == ROWS
    assert found["ccode"].to_list() == list(range(1, len(ROWS) + 1))


def test_a_missing_figure_is_null_and_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, written([("India", 260.0, 2.0**127)]))
    assert stata.read(path, module.COLUMNS, "test")["sigma"].to_list() == [None]
    with pytest.raises(ParseError, match="above 1"):
        parse([path], EDITION)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"not a Stata file at all", "no Stata file"),
        (written()[:300], "within its header"),
        (written()[:-1], "holds fewer"),
        (written(rows=[]), "no rows"),
        (written(sigma="elasticity"), "absent"),
        (written([("Bharat", 260.0, 3.0)]), "unknown label"),
        (written([("India", 26.5, 3.0)]), "three-digit"),
        (written([("India", 260.0, 0.9)]), "above 1"),
        (written([("India", 260.0, 3.0)] * 2), "stands twice"),
    ],
)
def test_defects_are_errors(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(ParseError, match=says):
        parse([saved(tmp_path, data)], EDITION)


def test_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        parse([tmp_path / "absent.dta"], EDITION)


@pytest.fixture(scope="module")
def full() -> pl.DataFrame:
    """The facts of the publisher's file."""
    if not SHARED.is_dir():
        pytest.skip("publishers' files are not here")
    return store.parse_source(record.find("broda-weinstein"), SHARED / "data")


def test_the_full_file(full: pl.DataFrame) -> None:
    assert full["country"].n_unique() == 73
    assert set(full["item"].str.slice(-3)) == set(module.headings())
    whole = stata.read(SHARED / "data" / record.find("broda-weinstein").editions[0].files[0].path, ("sigma",), "test")
    assert whole.height == 11_293
    assert whole["sigma"].min() == pytest.approx(1.058318, abs=1e-6)
    assert whole["sigma"].max() == pytest.approx(16_808.041, abs=1e-3)
    assert whole["sigma"].median() == pytest.approx(3.386, abs=1e-3)


def test_the_reference_table_holds_the_quartiles(full: pl.DataFrame) -> None:
    found = {(q.material, q.stage): (q.low, q.best, q.high) for q in summary.quartiles(full)}
    table = {
        (r["material"], r["stage"]): (float(r["low"]), float(r["best"]), float(r["high"]))
        for r in reference.rows("elasticities")
        if r["parameter"] == "sigma"
    }
    assert table == found, "a trade code was added: renew the rows of sigma in elasticities.csv"
