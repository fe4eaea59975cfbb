"""Suppliers of a focus: shares, concentration, the loss of one."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.core.errors import CoverageError, StudyError
from khanij.core.registry import run
from khanij.methods.trade import flows, suppliers

AXES = {
    "material": ["copper", "gallium"],
    "stage": ["mined"],
    "country": ["AAA", "BBB", "CCC", "DDD"],
    "year": ["2021", "2022"],
    "focus": ["AAA", "AB", "DDD"],
}
MEMBERS = [
    *([f, c, y, 1] for y in AXES["year"] for f, c in (("AAA", "AAA"), ("AB", "AAA"), ("DDD", "DDD"))),
    ["AB", "BBB", "2022", 1],
]
TRADE = [
    ["copper", "mined", "CCC", "AAA", "2022", 60.0],
    ["copper", "mined", "BBB", "AAA", "2022", 30.0],
    ["copper", "mined", "DDD", "AAA", "2022", 10.0],
    ["copper", "mined", "CCC", "BBB", "2022", 20.0],
    ["copper", "mined", "BBB", "AAA", "2021", 5.0],
]
VALUE = [*([*row[:5], row[5] * 2] for row in TRADE), ["gallium", "mined", "CCC", "AAA", "2022", 3.0]]
OUTPUT = [["copper", "mined", c, y, 100.0] for c in AXES["country"] for y in AXES["year"]]


@pytest.fixture
def case(make):
    return make(AXES, production=OUTPUT, trade=TRADE, trade_value=VALUE, membership=MEMBERS)


def test_concentration_of_imports(case, at) -> None:
    result = run("import-hhi", case)
    assert at(result, "hhi", "copper", "mined", "AAA", "2022") == pytest.approx(0.36 + 0.09 + 0.01)


def test_trade_inside_a_group_is_left_out_in_the_years_of_membership(case, at) -> None:
    result = run("import-hhi", case)
    assert at(result, "hhi", "copper", "mined", "AB", "2022") == pytest.approx((80**2 + 10**2) / 90**2)
    assert at(result, "hhi", "copper", "mined", "AB", "2021") == pytest.approx(1.0)


def test_no_imports_recorded_is_missing_and_never_zero(case, at) -> None:
    result = run("import-hhi", case)
    assert np.isnan(at(result, "hhi", "copper", "mined", "DDD", "2022"))
    assert result.remarks[flows.NO_IMPORTS][0, 0, 2].tolist() == [True, True]
    row = next(r for r in result.table().rows() if r["focus"] == "DDD")
    assert (row["value"], row["notes"]) == (None, flows.NO_IMPORTS)


def test_a_material_of_a_shared_code_alone_is_told_apart(case) -> None:
    result = run("import-hhi", case)
    assert result.remarks[flows.NO_MASS_CODE][1, 0, 0, 1]
    by_value = run("import-hhi", case, by="value")
    assert by_value.variable("hhi").values[1, 0, 0, 1] == 1.0


def test_shares_sum_to_one_and_carry_the_partner(case) -> None:
    result = run("supplier-shares", case)
    rows = list(result.table().rows())
    cells: dict[tuple[str, int], float] = {}
    for row in rows:
        cells[row["focus"], row["year"]] = cells.get((row["focus"], row["year"]), 0.0) + row["value"]
    assert all(total == pytest.approx(1.0) for total in cells.values())
    assert {r["partner"]: r["value"] for r in rows if r["focus"] == "AAA" and r["year"] == 2022} == pytest.approx(
        {"CCC": 0.6, "BBB": 0.3, "DDD": 0.1}
    )
    assert "BBB" not in {r["partner"] for r in rows if r["focus"] == "AB" and r["year"] == 2022}
    assert any(flows.NO_IMPORTS in note for note in result.trace.notes)


def test_shares_by_value(case) -> None:
    rows = list(run("supplier-shares", case, by="value").table().rows())
    assert [r["value"] for r in rows if r["material"] == "gallium"] == [1.0, 1.0]
    with pytest.raises(StudyError):
        run("supplier-shares", case, by="weight")


def test_the_largest_loss_is_named(case, at) -> None:
    result = run("n-1-loss", case)
    assert at(result, "loss", "copper", "mined", "AAA", "2022") == pytest.approx(60 / 200)
    assert at(result, "loss", "copper", "mined", "AB", "2022") == pytest.approx(80 / 290)
    row = next(r for r in result.table().rows() if r["focus"] == "AAA" and r["year"] == 2022)
    assert f"{suppliers.LARGEST}: CCC" in row["notes"]


def test_the_loss_is_the_largest_exposure(case) -> None:
    result = run("n-1-loss", case)
    rows = list(result.table("exposure").rows())
    for row in result.table().rows():
        if row["value"] is not None:
            mine = [r["value"] for r in rows if (r["focus"], r["year"]) == (row["focus"], row["year"])]
            assert max(mine) == pytest.approx(row["value"])


def test_no_loss_where_own_output_is_not_known(make, at) -> None:
    output = [row for row in OUTPUT if row[2] != "AAA"]
    result = run("n-1-loss", make(AXES, production=output, trade=TRADE, membership=MEMBERS))
    assert np.isnan(at(result, "loss", "copper", "mined", "AAA", "2022"))
    assert result.remarks[flows.WITHHELD][0, 0, 0, 1]


def test_a_case_without_any_flow_gives_nothing_and_no_error(make) -> None:
    case = make(AXES, production=OUTPUT, trade=[], trade_value=[], membership=MEMBERS)
    for name in ("import-hhi", "supplier-shares", "n-1-loss", "import-reliance"):
        assert run(name, case).trace.coverage[next(iter(run(name, case).variables))][0] == 0


def test_a_case_without_trade_says_so(make) -> None:
    with pytest.raises(CoverageError):
        run("import-hhi", make(AXES, membership=MEMBERS))
