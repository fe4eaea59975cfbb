import io

from python_calamine import load_workbook

from khanij.core.table import Table
from khanij.present import workbook


def cells(data: bytes, sheet: str) -> list[list]:
    return load_workbook(io.BytesIO(data)).get_sheet_by_name(sheet).to_python()


def test_sheets_equal_the_tables(toy):
    brief = toy.brief()
    data = workbook.of_brief(brief)
    assert load_workbook(io.BytesIO(data)).sheet_names == ["Findings", "minerals", "Sources"]
    table = brief.grids()[0].plain()
    shown = cells(data, "minerals")
    assert shown[1][: len(table.columns)] == list(table.keys)
    for k, column in enumerate(zip(*table.cells)):
        assert [row[k] for row in shown[2 : 2 + len(table)]] == ["" if v is None else v for v in column]
    assert cells(data, "Sources")[2][1:3] == [toy.MINE, "World mines 1."]


def test_same_tables_same_bytes(toy):
    assert workbook.of_brief(toy.brief()) == workbook.of_brief(toy.brief())


def test_text_never_becomes_a_formula_or_link():
    table = Table.by_column("T", {"a": ["=1+1", "http://example.org", "007"], "n": [1.0, None, float("nan")]})
    assert [row[0] for row in cells(workbook.write([table]), "T")[2:5]] == ["=1+1", "http://example.org", "007"]


def test_sheet_names_are_legal_and_unique():
    taken: set[str] = set()
    names = [workbook.sheet_name(title, taken) for title in ("a/b:c", "A b c", "x" * 40, "x" * 41, "", "History")]
    assert names[0] == "a b c"
    assert len({name.casefold() for name in names}) == 6
    assert all(0 < len(name) <= 31 for name in names)
