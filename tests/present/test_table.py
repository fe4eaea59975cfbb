import json

import numpy as np

from khanij.core.table import Table
from khanij.present import table as drawing

TABLE = Table.by_column(
    "Trade",
    {
        "country": ["=cmd()", "+1", "-x", "@a", "\tb", "\rc", "Chile", "O'Neill"],
        "year": [2023] * 8,
        "value": [1.5, float("nan"), None, np.float64(2.0), -3.0, 48639765.1, 0.0, 12345.678],
        "empty": [None] * 8,
    },
    units={"value": "kUSD"},
    notes=("A note.",),
)


def test_csv_keeps_numbers_and_guards_text():
    lines = drawing.csv(TABLE).splitlines()
    assert lines[0] == "country,year,value,empty"
    assert lines[1] == "'=cmd(),2023,1.5,"
    assert lines[2] == "'+1,2023,,"
    assert lines[3].startswith("'-x")
    assert lines[4] == "'@a,2023,2.0,"
    assert lines[5] == "'\tb,2023,-3.0,"
    assert "48639765.1" in drawing.csv(TABLE)


def test_json_is_strict_and_missing_is_null():
    data = json.loads(drawing.json(TABLE))
    assert data["rows"][1]["value"] is None
    assert data["rows"][5] == {"country": "\rc", "year": 2023, "value": 48639765.1, "empty": None}
    assert {c["key"]: c["unit"] for c in data["columns"]}["value"] == "kUSD"


def test_terminal_shows_unknown_units_notes_and_plain_years():
    plain = drawing.terminal(TABLE)
    assert "value (kUSD)" in plain
    assert "n/k" in plain
    assert "2,023" not in plain
    assert "empty" not in plain
    assert plain.endswith("note: A note.\n")
    assert "48,639,765" in drawing.terminal(TABLE, width=60)


def test_empty_table():
    empty = Table.by_column("Nothing", {"a": [], "b": []})
    assert "(no rows)" in drawing.terminal(empty)
    assert drawing.csv(empty) == "a,b\n"
