import json

import numpy as np

from khanij.core.number import Number
from khanij.core.table import Column, Table
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


def wide(**more):
    columns = (
        Column("event", "Event", "text", "id", main=True),
        Column("why", "Why", "text", "reason"),
        Column("focus", "Focus", "text", "country"),
        Column("share", "Share", "share", "part"),
        Column("value", "Value", "number", "amount", "kUSD", main=True),
    )
    rows = [
        {
            "event": "a-long-id-without-a-space-in-it",
            "why": "word " * 60,
            "focus": "IND",
            "share": 0.0001,
            "value": 1.5,
        },
        {"event": "b", "why": "short", "focus": "IND", "share": 0.9999, "value": 48639765.1},
    ]
    return Table.of("Wide", rows, columns=columns, **more)


def test_columns_are_left_out_before_a_key_is_folded():
    lines = drawing.terminal(wide(), width=50).splitlines()
    assert max(map(len, lines)) <= 50
    assert any("a-long-id-without-a-space-in-it" in line for line in lines)
    assert any("48,639,765" in line for line in lines)
    assert "in every row: Focus IND" in lines
    assert any(line.startswith("… with --full also:") and "Why" in line for line in lines)
    full = drawing.terminal(wide(), width=50, full=True)
    assert "word " * 59 + "word" in full
    assert "Focus" in full.splitlines()[1]


def test_a_share_is_told_as_per_cent_and_never_rounded_to_none_or_all():
    text = drawing.terminal(wide(), width=100)
    assert "<0.1 %" in text
    assert ">99 %" in text
    assert drawing._figure(0.32, True) == "32 %"
    assert drawing._figure(0.0321, True) == "3.2 %"
    assert drawing._figure(0.0, True) == "0 %"
    assert drawing._figure(1.0, True) == "100 %"


def test_a_text_beside_the_key_is_cut_at_three_lines_and_many_notes_are_counted():
    columns = (Column("id", "Id", "text", "id", main=True), Column("why", "Why", "text", "reason"))
    rows = [{"id": str(k), "why": "short"} for k in range(20)] + [{"id": "x", "why": "word " * 60}]
    table = Table.of("Cut", rows, columns=columns, notes=[f"note {k}" for k in range(12)])
    lines = drawing.terminal(table, width=60).splitlines()
    assert sum(line.lstrip().startswith(("x", "word")) for line in lines) == 3
    assert any(line.endswith(" …") for line in lines)
    assert "… 6 more notes: --full" in lines
    assert "note: note 11" in drawing.terminal(table, width=60, full=True).splitlines()


def test_low_confidence_is_marked_and_the_mark_explained():
    cells = [{"value": Number(3.0, "t", ("s@1",), confidence="low")}, {"value": Number(4.0, "t", ("s@1",))}]
    text = drawing.terminal(Table.of("Doubt", cells, columns=(Column("value", "Value", unit="t"),)))
    assert "3†" in text
    assert "note: † low confidence" in text
