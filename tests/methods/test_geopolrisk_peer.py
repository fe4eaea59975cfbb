"""Oracle: 1,000 values of geopolrisk-py 2.0.1, met by the exact variant; skips where the shared folder is absent."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import khanij
from khanij import reference

SHARED = Path(__file__).parents[2].parent / "shared"
SAMPLE = SHARED / "cases" / "geopolrisk_sample.csv"
COLUMNS = {
    "score": "score",
    "cf": "characterisation_factor",
    "hhi": "hhi",
    "import_risk": "import_risk",
    "price": "price",
}
pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason="needs the shared folder")


@pytest.fixture(scope="module")
def sample() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    codes = reference.country_codes("baci")
    cells = {r["label"]: (r["material"], r["stage"]) for r in reference.rows("geopolrisk_codes")}
    for row in rows:
        row["focus"] = codes[row["iso_numeric"]] if row["iso_numeric"] else "EU27"
        row["material"], row["stage"] = cells[row["raw_material"]]
    return rows


@pytest.fixture(scope="module")
def case(sample):
    return khanij.case(focus=sorted({row["focus"] for row in sample}), years=range(2018, 2025))


def test_every_value_of_the_sample(sample, case) -> None:
    result = khanij.run("geopolrisk", case, variant="exact")
    for column, measure in COLUMNS.items():
        cube = result.variable(measure)
        labels = [[row[axis.name] for row in sample] for axis in cube.axes]
        found = cube.values[tuple(axis.positions(codes) for axis, codes in zip(cube.axes, labels, strict=True))]
        wanted = np.array([float(row[column]) for row in sample])
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=0, err_msg=column)


def test_the_number_of_values_is_that_of_the_package(case) -> None:
    assert khanij.run("geopolrisk", case, variant="exact").trace.coverage["score"][0] == 53 * 52 * 7


def test_trade_inside_the_union_hides_half_of_the_risk_of_tungsten(case) -> None:
    at = tuple(
        case.axis(a).at(c)
        for a, c in (("material", "tungsten"), ("stage", "mined"), ("focus", "EU27"), ("year", "2022"))
    )
    result = khanij.run("geopolrisk", case, corrections="intra-group")
    assert result.variable("exact").values[at] == pytest.approx(0.070, abs=5e-4)
    assert result.variable("score").values[at] == pytest.approx(0.152, abs=5e-4)


def test_the_corrected_variant_never_calls_a_cell_without_imports_safe(case) -> None:
    result = khanij.run("geopolrisk", case)
    exact, score = result.variable("exact").values, result.variable("score").values
    assert not ((exact == 0) & (score == 0)).any()
    assert (np.nan_to_num(score, nan=0.5) >= 0).all()
