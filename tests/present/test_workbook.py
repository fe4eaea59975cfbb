import io

from python_calamine import load_workbook

from khanij.core.number import Trend
from khanij.core.table import Column, Table
from khanij.present import workbook


def cells(data: bytes, sheet: str) -> list[list]:
    return load_workbook(io.BytesIO(data)).get_sheet_by_name(sheet).to_python()


def test_sheets_equal_the_tables(toy):
    document = toy.dossier()
    data = workbook.of_dossier(document)
    assert load_workbook(io.BytesIO(data)).sheet_names == ["Contents", "Findings", "minerals", "Sources"]
    table = document.grids()[0]
    shown = cells(data, "minerals")
    heads, rows = shown[2], shown[3 : 3 + len(table)]
    assert heads[:3] == ["Mineral", "Year", "Output (t)"]
    output = [row[heads.index("Output (t)")] for row in rows]
    assert output == ["" if n.value is None else n.value for n in table.column("output")]
    assert [row[heads.index("First supplier: who")] for row in rows] == ["Japan", "", ""]
    assert [row[heads.index("First supplier: note")] for row in rows] == ["", "no code </script> of its own", ""]
    assert [row[heads.index("Output: confidence")] for row in rows] == ["high", "low", ""]
    assert not any(head.endswith(": unit") for head in heads)
    assert [row[0] for row in shown[3 + len(table) :] if row[0]] == [
        "A note.",
        f"source of First supplier: {toy.TRADE}",
    ]
    assert [row[:3] for row in cells(data, "Contents")[3:]] == [
        ["Findings", "Land: minerals", 1],
        ["minerals", "Minerals", 3],
        ["Sources", "Sources", 2],
    ]
    assert cells(data, "Sources")[3][1:3] == [toy.MINE, "World mines 1."]


def test_small_lines_become_a_column_a_year():
    line = Trend((2020, 2021), (1.0, None), "t", ("s@1",), ((2021, "other code"),))
    table = Table("T", "T", (Column("a", "A", "text"), Column("line", "Output", "trend")), (("x", line),))
    shown = cells(workbook.write([table]), "T")
    assert shown[2] == ["A", "Output 2020 (t)", "Output 2021 (t)", "Output: breaks"]
    assert shown[3] == ["x", 1.0, "", "2021: other code"]


def test_same_tables_same_bytes(toy):
    assert workbook.of_dossier(toy.dossier()) == workbook.of_dossier(toy.dossier())


def test_text_never_becomes_a_formula_or_link():
    table = Table.by_column("T", {"a": ["=1+1", "http://example.org", "007"], "n": [1.0, None, float("nan")]})
    assert [row[0] for row in cells(workbook.write([table]), "T")[3:6]] == ["=1+1", "http://example.org", "007"]


def test_sheet_names_are_legal_and_unique():
    taken: set[str] = set()
    names = [workbook.sheet_name(title, taken) for title in ("a/b:c", "A b c", "x" * 40, "x" * 41, "", "History")]
    assert names[0] == "a b c"
    assert len({name.casefold() for name in names}) == 6
    assert all(0 < len(name) <= 31 for name in names)
