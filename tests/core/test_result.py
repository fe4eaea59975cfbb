import json

import numpy as np
import pytest

from khanij.core.axis import Axis
from khanij.core.cube import Cube
from khanij.core.errors import AlignmentError, StudyError
from khanij.core.result import Result, Trace
from khanij.core.table import Table

MATERIAL, YEAR = Axis("material", ("cobalt", "nickel")), Axis("year", ("2023", "2024"))
COLUMNS = [
    "method",
    "focus",
    "material",
    "stage",
    "partner",
    "year",
    "value",
    "low",
    "high",
    "unit",
    "notes",
    "sources",
]


def trace(**more):
    settings = {"parameters": {}, "seed": None, "sources": (), "manifest": ""} | more
    return Trace("hhi", "0.1", "by hand", **settings)


def cube(values, **more):
    return Cube("hhi", "1", (MATERIAL, YEAR), np.array(values), **more)


def rows(result, **more):
    return list(result.table(**more).rows())


def test_one_row_a_value_with_the_columns_of_every_face():
    result = Result({"hhi": cube([[0.1, 0.2], [0.3, 0.4]], low=np.full((2, 2), 0.05))}, trace())
    table = result.table()
    assert list(table.keys) == COLUMNS
    assert rows(result)[2] == {
        "method": "hhi", "focus": None, "material": "nickel", "stage": None, "partner": None, "year": 2023,
        "value": 0.3, "low": 0.05, "high": None, "unit": "1", "notes": "", "sources": "",
    }  # fmt: skip


def test_a_missing_value_is_left_out_unless_a_remark_says_why():
    values = [[0.1, np.nan], [np.nan, 0.4]]
    mask = np.array([[True, True], [False, False]])
    found = rows(Result({"hhi": cube(values)}, trace(), {"production withheld": mask}))
    assert [(r["material"], r["year"], r["value"], r["notes"]) for r in found] == [
        ("cobalt", 2023, 0.1, "production withheld"),
        ("cobalt", 2024, None, "production withheld"),
        ("nickel", 2024, 0.4, ""),
    ]


def test_details_complete_a_remark_and_remarks_are_joined():
    mask = np.array([[True, False], [False, False]])
    result = Result(
        {"hhi": cube([[0.1, 0.2], [0.3, 0.4]])},
        trace(),
        {"negative use": mask, "one source only": mask},
        details={"negative use": np.full((2, 2), -12.34)},
    )
    assert rows(result)[0]["notes"] == "negative use: -12.3; one source only"


def test_sources_are_those_of_the_facts_used():
    origin = np.array([[0, 1], [-1, 1]], dtype=np.int16)
    used = Cube("production", "t", (MATERIAL, YEAR), np.ones((2, 2)), sources=("a@1", "b@1"), origin=origin)
    found = rows(Result({"hhi": cube([[0.1, 0.2], [0.3, 0.4]])}, trace(), used={"production": used}))
    assert [r["sources"] for r in found] == ["a@1", "b@1", "", "b@1"]


def test_sources_of_a_sparse_cube_are_narrowed_the_same_way():
    used = Cube(
        "trade", "t", (MATERIAL, YEAR), np.ones(2), np.array([[0, 1], [0, 1]]),
        sources=("a@1", "b@1"), origin=np.array([0, 1], dtype=np.int16),
    )  # fmt: skip
    found = rows(Result({"hhi": cube([[0.1, 0.2], [0.3, 0.4]])}, trace(), used={"trade": used}))
    assert [r["sources"] for r in found] == ["a@1", "", "", "b@1"]


def test_a_cube_without_origins_gives_all_its_sources():
    used = Cube("wgi", "score", (YEAR,), np.ones(2), sources=("w@1",))
    found = rows(Result({"hhi": cube([[0.1, 0.2], [0.3, 0.4]])}, trace(), used={"wgi": used}))
    assert {r["sources"] for r in found} == {"w@1"}


def test_sparse_measures_are_listed_by_entry():
    sparse = Cube("hhi", "1", (MATERIAL, YEAR), np.array([0.7]), np.array([[1], [0]]))
    assert [(r["material"], r["year"], r["value"]) for r in rows(Result({"hhi": sparse}, trace()))] == [
        ("nickel", 2023, 0.7)
    ]


def test_the_first_measure_is_the_primary_one():
    one, two = cube([[0.1, 0.2], [0.3, 0.4]]), cube([[1.0, 2.0], [3.0, 4.0]])
    result = Result({"hhi": one, "other": two}, trace())
    assert result.value is one
    assert result.variable("other") is two
    with pytest.raises(StudyError, match="no variable 'third'") as caught:
        result.variable("third")
    assert "hhi, other" in caught.value.hint


def test_results_are_frozen():
    result = Result({"hhi": cube([[0.1, 0.2], [0.3, 0.4]])}, trace())
    with pytest.raises(TypeError):
        result.variables["other"] = result.value
    with pytest.raises(AttributeError):
        result.trace = trace()


def test_a_trace_can_be_written_down():
    record = trace(parameters={"power": 2}, seed=7, sources=("a@1",), notes=("n",), coverage={"hhi": (3, 4)}).record()
    assert json.loads(json.dumps(record)) == record
    assert record["coverage"] == {"hhi": {"given": 3, "asked": 4}}


def test_tables_are_frozen_and_even():
    table = Table.of("t", [{"a": 1, "b": None}, {"a": 2, "b": "x"}], notes=("n",))
    assert len(table) == 2
    assert list(table.rows()) == [{"a": 1, "b": None}, {"a": 2, "b": "x"}]
    assert len(Table.of("empty", [])) == 0
    with pytest.raises(AlignmentError, match="no column 'c'"):
        table.column("c")
    with pytest.raises(AlignmentError, match="unequal length"):
        Table.by_column("t", {"a": [1], "b": [1, 2]})


def test_what_completes_a_remark_travels_as_a_value_row_by_row():
    mask = np.array([[True, False], [True, True]])
    detail = np.array([["mined", ""], ["refined", "refined"]])
    plain = np.array([[False, False], [False, True]])
    result = Result(
        {"hhi": cube([[0.1, 0.2], [0.3, np.nan]])},
        trace(),
        {"counted at stage": mask, "withheld": plain},
        details={"counted at stage": detail},
    )
    assert result.remarked() == [
        {"counted at stage": "mined"},
        {},
        {"counted at stage": "refined"},
        {"counted at stage": "refined", "withheld": None},
    ]
    assert len(result.remarked()) == len(rows(result))
