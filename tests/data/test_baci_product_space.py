"""The product space: countries, mineral goods and their proximity; nothing else; the full files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from khanij import reference
from khanij.core.errors import ParseError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.baci_product_space.parse import parse

SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="baci-product-space", id="test", citation="", files=())
FILES = {
    "eci_2022.csv": "iso2,eci\nIN,0.9\nnan,-0.4\n",
    "pci_hs6_2022.csv": "hs6,pci\n010121,0.1\n740311,-1.2\n",
    "proximity_mineral_codes_2022.csv": (
        "mineral_hs6,hs6,proximity\n740311,010121,0.2\n740311,260200,0.3\n260200,740311,0.3\n740311,740311,1.0\n"
    ),
}
EXPECTED = [  # quantity, country, item, value, row
    ("economic_complexity", "IND", "all goods", 0.9, 2),
    ("economic_complexity", "NAM", "all goods", -0.4, 3),
    ("product_complexity", "WLD", "HS17:740311", -1.2, 3),
    ("product_proximity", "WLD", "HS17:260200 and HS17:740311", 0.3, 3),
]


def written(folder: Path, **other: str) -> list[Path]:
    """Return the three files, written; `other` in place of the figures of one of them."""
    found = []
    for name, content in FILES.items():
        path = folder / name
        path.write_text(other.get(name.split("_")[0], content), encoding="utf-8")
        found.append(path)
    return found


def test_facts(tmp_path: Path) -> None:
    frame = facts.complete(parse(written(tmp_path), EDITION), source=EDITION.source, edition=EDITION.id)
    facts.check(frame, "test")
    assert frame.select("quantity", "country", "item", "value", "row").rows() == EXPECTED


@pytest.mark.parametrize(
    ("kind", "content", "says"),
    [
        ("eci", "iso2,eci\nXQ,0.9\n", "unknown label"),
        ("pci", "hs6,pci\n740311,high\n", "not a figure"),
        ("proximity", "mineral_hs6,near\n740311,0.2\n", "absent"),
        ("proximity", "mineral_hs6,hs6,proximity\n740311,260200,0.3\n260200,740311,0.4\n", "both ways"),
    ],
)
def test_defects_are_errors(tmp_path: Path, kind: str, content: str, says: str) -> None:
    with pytest.raises(ParseError, match=says):
        parse(written(tmp_path, **{kind: content}), EDITION)


@pytest.mark.skipif(not SHARED.is_dir(), reason="publishers' files are not here")
def test_the_full_files() -> None:
    frame = store.parse_source(record.find("baci-product-space"), SHARED / "data")
    many = dict(frame.group_by("quantity").len().rows())
    assert many["economic_complexity"] == 213
    assert many["product_complexity"] >= 187  # as many goods as hs_codes.csv holds of those that are traded
    assert many["product_proximity"] >= 3800
    held = {f"HS17:{code.code}" for code in reference.hs_codes()}
    goods = frame.filter(pl.col("quantity") != "economic_complexity")["item"].str.split(" and ").explode()
    assert set(goods.to_list()) <= held
    assert frame.filter(pl.col("quantity") == "product_proximity")["value"].is_between(0, 1).all()
