"""World input-output table to national tables: sums by hand, defects, and the full archive."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.wiod.parse import parse

SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="wiod", id="test", citation="", files=())


def archive() -> dict[str, np.ndarray]:
    """Three regions by two industries, a country under an old code, a rest of the world, a fall of stocks."""
    purchases = np.array(
        [
            [10, 2, 1, 0, 4, 0],
            [3, 5, 0, 2, 0, 1],
            [0, 6, 20, 1, 0, 0],
            [1, 0, 2, 7, 3, 0],
            [0, 0, 5, 0, 30, 4],
            [2, 0, 0, 0, 1, 9],
        ],
        dtype=np.float32,
    )
    final = np.zeros((6, 6), dtype=np.float32)  # two kinds of final use a region
    final[:, 0::2] = [[20, 1, 0], [9, 0, 2], [0, 30, 0], [1, 12, 0], [2, 0, 50], [0, 0, 8]]
    final[0, 1] = -3
    output = (purchases.sum(axis=1) + final.sum(axis=1)).astype(np.float64)
    output[4] += 1.0  # figures are rounded
    codes = {"countries": np.array(["IND", "ROM", "RoW"]), "industries": np.array(["c1", "c2"])}
    return {"Z": purchases, "F": final, "x": output, **codes}


def written(folder: Path, name: str = "wiot_2011.npz", **changed: np.ndarray) -> Path:
    path = folder / name
    np.savez(path, **{**archive(), **changed})
    return path


def test_facts(tmp_path: Path) -> None:
    frame = facts.complete(parse([written(tmp_path)], EDITION), source=EDITION.source, edition=EDITION.id)
    facts.check(frame, "test")

    def found(country: str, quantity: str) -> dict[str, tuple[float, int | None]]:
        rows = frame.filter(country=country, quantity=quantity).select("item", "value", "row").rows()
        return {item: (value, row) for item, value, row in rows}

    assert found("IND", "intermediate_use") == {
        "domestic | c1 > c1": (10.0, 1),
        "domestic | c1 > c2": (2.0, 1),
        "domestic | c2 > c1": (3.0, 2),
        "domestic | c2 > c2": (5.0, 2),
        "imported | c1 > c2": (6.0, None),
        "imported | c2 > c1": (3.0, None),
    }
    assert found("ROU", "intermediate_use")["imported | c1 > c1"] == (6.0, None)
    assert found("IND", "gross_output") == {"c1": (35.0, 1), "c2": (22.0, 2)}
    assert found("IND", "industry_value_added") == {"c1": (35.0 - 16, None), "c2": (22.0 - 13, None)}
    assert found("IND", "final_demand") == {
        "domestic | c1": (17.0, 1),
        "domestic | c2": (9.0, 2),
        "imported | c1": (2.0, None),
        "imported | c2": (1.0, None),
        "exports | c1": (6.0, None),
        "exports | c2": (5.0, None),
    }
    assert set(frame["country"].unique()) == {"IND", "ROU", "ROW"}
    assert frame["year"].unique().to_list() == [2011]
    assert set(frame.filter(pl.col("row").is_null())["status"].unique()) == {"derived"}


def test_defects_are_errors(tmp_path: Path) -> None:
    base = archive()
    lame = base["x"].copy()
    lame[2] += 1000.0
    cases = {
        "aliases.csv": {"countries": np.array(["IND", "XYZ", "RoW"])},
        "missed by 1,000": {"x": lame},
        "3 regions by 2": {"Z": base["Z"][:5]},
        "F ": {"F": base["F"][:, :5]},
    }
    for says, changed in cases.items():
        with pytest.raises(ParseError, match=says):
            parse([written(tmp_path, **changed)], EDITION)
    with pytest.raises(ParseError, match="year"):
        parse([written(tmp_path, "wiot.npz")], EDITION)
    np.savez(tmp_path / "part_2011.npz", Z=base["Z"])
    with pytest.raises(ParseError, match="no array F"):
        parse([tmp_path / "part_2011.npz"], EDITION)


def test_a_broken_archive_is_a_source_error(tmp_path: Path) -> None:
    whole = written(tmp_path).read_bytes()
    for name, content in (("empty", b""), ("cut", whole[: len(whole) // 2]), ("text", b"a,b\n1,2\n")):
        path = tmp_path / f"{name}_2011.npz"
        path.write_bytes(content)
        with pytest.raises(SourceError):
            parse([path], EDITION)
    with pytest.raises(SourceError):
        parse([tmp_path / "absent_2011.npz"], EDITION)


@pytest.mark.skipif(not SHARED.is_dir(), reason="publishers' files are not here")
def test_the_full_table() -> None:
    frame = store.parse_source(record.find("wiod"), SHARED / "data")
    assert frame["country"].n_unique() == 41
    output = frame.filter(quantity="gross_output")
    assert output["value"].sum() == pytest.approx(141.8e6, rel=1e-3)
    added = frame.filter(quantity="industry_value_added").group_by("country").agg(pl.col("value").sum())
    known = dict(added.rows())
    for country, trillion in {"IND": 1.89, "RUS": 1.70, "CHN": 7.39, "USA": 15.16}.items():
        assert known[country] == pytest.approx(trillion * 1e6, rel=5e-3)
    assert frame.filter(quantity="industry_value_added").filter(pl.col("value") < 0).is_empty()
