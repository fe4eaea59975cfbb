"""A firm's purchases: what is read, what is refused, and the score that comes of them."""

from __future__ import annotations

import datetime
import io
import os
import time
import zipfile

import numpy as np
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from khanij.analyses import question
from khanij.analyses.runner import methods
from khanij.cli.app import launch
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import StudyError
from khanij.core.registry import run
from khanij.data.own import company as purchases
from khanij.data.own import purchases as file
from khanij.data.own import sheets, workbooks

HEAD = "material,country,tonnes,stage,year,share\n"
COLUMNS = ["material", "country", "tonnes", "year"]
FINLAND, CHINA = ["cobalt", "Finland", 1250.5, 2023], ["cobalt", "China", 300, 2023]
BOTH = [("FIN", 1250.5), ("CHN", 300.0)]


def write(folder, text, name="bought.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def book(folder, fill, name="bought.xlsx"):
    """Return a workbook whose first sheet `fill` has written: it is handed the workbook and the sheet."""
    with xlsxwriter.Workbook(folder / name) as made:
        fill(made, made.add_worksheet("Data"))
    return folder / name


def rows(page, *lines, first=0):
    for r, line in enumerate(lines, first):
        for c, cell in enumerate(line):
            if cell is not None:
                page.write(r, c, cell)


def sheet(folder, lines, name="bought.xlsx"):
    return book(folder, lambda _, page: rows(page, *lines), name)


def bought(path):
    return [(p.country, p.tonnes) for p in file.read(path)[0]]


def refused(path):
    with pytest.raises(StudyError) as found:
        file.read(path)
    assert all(len(line) > len("hint:  -") for line in found.value.lines())
    assert path.name in found.value.where
    return " ".join(found.value.lines())


def test_rows_are_read_as_a_person_types_them(tmp_path) -> None:
    text = "\ufeffMaterial; Country ;TONNES;share;supplier\nLi;Chile;100;60%;Salar\n\ncobalt;COD;30;;Mutanda\n"
    found, notes = file.read(write(tmp_path, text))
    assert [(p.material, p.country, p.year, p.tonnes, p.line) for p in found] == [
        ("lithium", "CHL", None, 60.0, 2),
        ("cobalt", "COD", None, 30.0, 4),
    ]
    assert any("supplier" in note for note in notes)
    assert any("cobalt, lithium" in note for note in notes)


def test_a_workbook_gives_the_same_as_text(tmp_path) -> None:
    lines = [["material", "country", "tonnes", "stage", "year"], ["nickel", "Indonesia", 12.5, "refined", 2022]]
    text = "\n".join(",".join(map(str, row)) for row in lines)
    assert file.read(sheet(tmp_path, lines)) == file.read(write(tmp_path, text))


# Units


def test_a_column_of_units_is_honoured(tmp_path) -> None:
    text = "material,country,tonnes,year,unit\ncobalt,Finland,1250500,2023,kg\ncobalt,China,300,2023,t\n"
    assert bought(write(tmp_path, text)) == BOTH
    assert "kg converted to tonnes" in file.read(write(tmp_path, text))[1]


def test_a_unit_in_the_heading_is_honoured(tmp_path) -> None:
    text = (
        "Metal,Country of Origin,Quantity (kg),Value (USD),Year\n"
        'Nickel,Canada,42000,760000,2023\nCobalt,"Congo, the Democratic Republic of the",9500,310000,2023\n'
    )
    found, notes = file.read(write(tmp_path, text))
    assert [(p.material, p.country, p.tonnes) for p in found] == [("nickel", "CAN", 42.0), ("cobalt", "COD", 9.5)]
    assert "columns that were not read: Value (USD)" in notes
    assert bought(write(tmp_path, "material,country,kg\ncobalt,China,300000\n")) == [("CHN", 300.0)]
    assert bought(sheet(tmp_path, [["Material ", "Country", "Tonnes\n(t)"], ["cobalt", "China", 300]])) == [
        ("CHN", 300)
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("material,country,quantity\ncobalt,China,300\n", "unit of the amounts is not told"),
        ("material,country,tonnes,unit\ncobalt,China,300,USD\n", "is no mass"),
        ("material,country,tonnes,unit\ncobalt,China,300,banana\n", "is no mass"),
        ("material,country,tonnes,unit\ncobalt,China,300,tons\n", "may be several"),
        ("material,country,tonnes,unit\ncobalt,China,300,MT\n", "may be several"),
        ("material,country,tonnes,unit\ncobalt,China,300,\n", "unit is blank"),
        ("material,country,tonnes (kg)\ncobalt,China,300\n", "a column of tonnes in 'kg'"),
        ("material,country,quantity (kg),unit\ncobalt,China,300,t\n", "keep one of them"),
        ("material,country,amount (USD)\ncobalt,China,300\n", "is no mass"),
    ],
)
def test_a_unit_that_is_not_told_or_no_mass_is_refused(tmp_path, text, says) -> None:
    assert says in refused(write(tmp_path, text))


# Cells and lines


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("cobalt,Finland,1,250,2023", "'2023' stands under no heading"),
        ("cobalt,Congo, Dem. Rep.,500,2023", "'2023' stands under no heading"),
        ("cobalt,Finland,1250.5,2023,extra,cells", "'extra', 'cells' stands under no heading"),
    ],
)
def test_cells_beyond_the_header_are_refused_with_their_line(tmp_path, line, told) -> None:
    text = f"material,country,tonnes,year\ncobalt,China,300,2023\n{line}\n"
    assert told in refused(write(tmp_path, text))
    assert "line 3" in refused(write(tmp_path, text))


def test_blank_cells_beyond_the_header_and_blank_lines_are_fine(tmp_path) -> None:
    text = "material;country;tonnes;year\r\ncobalt;Finland;1250,5;2023;;\r\n;;;\r\ncobalt;China;300;2023;\r\n;;\r\n"
    assert bought(write(tmp_path, text)) == BOTH


def test_a_cell_under_a_blank_heading_is_refused(tmp_path) -> None:
    assert "no heading" in refused(write(tmp_path, "material,country,,tonnes\ncobalt,China,x,3\n"))


@pytest.mark.parametrize(
    "text",
    [
        "material;country;tonnes;year\ncobalt;Finland;1250,5;2023\ncobalt;China;300;2023\n",
        "sep=;\nmaterial;country;tonnes;year\ncobalt;Finland;1250.5;2023\ncobalt;China;300;2023\n",
        '"sep=,"\nmaterial,country,tonnes,year\ncobalt,Finland,1250.5,2023\ncobalt,China,300,2023\n',
        'material,country,tonnes,year\ncobalt,Finland,"1,250.5",2023\ncobalt,China,300,2023\n',
        'material,country,tonnes,year\ncobalt,Finland,"1250,5",2023\ncobalt,China,300,2023\n',
        "material,country,tonnes,year\ncobalt,Finland,1 250.5,2023\ncobalt,China,300,2023\n",
        "material,country,tonnes,year\ncobalt,Finland,1\u00a0250.5,2023\ncobalt,China,300,2023\n",
        "material,country,tonnes,year\ncobalt,Finland,1.2505e3,2023-06-30\ncobalt,China,300,31/12/2023\n",
        "material\tcountry\ttonnes\tyear\ncobalt\tFinland\t1.250,5\t2023\ncobalt\tChina\t300\t2023\n",
        "Purchases of cobalt\n\nmaterial,country,tonnes,year\ncobalt,Finland,1250.5,2023\ncobalt,China,300,2023\n",
        "# ours\nmaterial,country,tonnes,year\ncobalt,Finland,1250.5,2023\ncobalt,China,300,2023\n",
        "material,country,tonnes,year\rcobalt,Finland,1250.5,2023\rcobalt,China,300,2023\r",
        "\ufeffmaterial,country,tonnes,year\r\ncobalt,Finland,1250.5,2023.0\r\ncobalt,China,300,2023\r\n,,,\r\n",
    ],
)
def test_habits_of_spreadsheets_give_the_same_numbers(tmp_path, text) -> None:
    found, _ = file.read(write(tmp_path, text))
    assert [(p.country, p.tonnes, p.year) for p in found] == [("FIN", 1250.5, 2023), ("CHN", 300.0, 2023)]


def test_text_of_a_spreadsheet_in_utf_16(tmp_path) -> None:
    text = "material\tcountry\ttonnes\tyear\ncobalt\tFinland\t1250.5\t2023\ncobalt\tChina\t300\t2023\n"
    assert bought(write(tmp_path, text.encode("utf-16"))) == BOTH


@pytest.mark.parametrize("number", ["1.250", "1,250"])
def test_a_number_that_may_be_two_is_refused_with_what_to_write(tmp_path, number) -> None:
    said = refused(write(tmp_path, f"material;country;tonnes\ncobalt;China;300\ncobalt;Finland;{number}\n"))
    assert "may be 1250 or 1.25" in said
    assert "line 3" in said
    assert "may be" in refused(sheet(tmp_path, [COLUMNS[:3], ["cobalt", "Finland", number]]))


def test_a_file_that_commas_part_has_a_decimal_point(tmp_path) -> None:
    assert bought(write(tmp_path, "material,country,tonnes\ncobalt,China,1.250\n")) == [("CHN", 1.25)]
    assert "may be" in refused(write(tmp_path, 'material,country,tonnes\ncobalt,China,"1,250"\n'))


@given(
    tonnes=st.lists(st.decimals("0.01", 10**6, places=2), min_size=1, max_size=5),
    mark=st.sampled_from([",", ";", "\t"]),
    decimal=st.sampled_from(".,"),
    group=st.sampled_from(["", " ", "\u00a0", "'"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_of_any_locale_is_read_rightly_or_refused_but_never_otherwise(
    tmp_path, tonnes, mark, decimal, group
) -> None:
    said = [f"{t:,.2f}".replace(",", "#").replace(".", decimal).replace("#", group) for t in tonnes]
    quoted = [f'"{text}"' for text in said]
    lines = [
        mark.join(["copper", iso, text]) for iso, text in zip(("CHL", "PER", "AUS", "ZMB", "CHN"), quoted, strict=False)
    ]
    path = write(tmp_path, "\n".join([mark.join(["material", "country", "tonnes"]), *lines]))
    assert [t for _, t in bought(path)] == [float(t) for t in tonnes]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("\n,,\n", "empty"),
        (HEAD, "no tonnes"),
        ("material,country\nnickel,Chile\n", "no column tonnes; found: material, country"),
        ("metall,land,menge\nnickel,Chile,5\n", "no column material, country, tonnes; found: metall, land, menge"),
        ("material,country,tonnes,tonnes\nnickel,Chile,1,2\n", "twice"),
        (HEAD + "unobtainium,Chile,5\n", "unobtainium"),
        (HEAD + "nickel,Atlantis,5\n", "Atlantis"),
        (HEAD + "nickel,Congo,5\n", "COG (Republic of the Congo) or COD"),
        (HEAD + "nickel,USSR,5,refined,2023\n", "no country any more after 1991"),
        (HEAD + "nickel,USSR,5\n", "no country any more"),
        (HEAD + "nickel,,5\n", "country is blank"),
        (HEAD + ",Chile,5\n", "material is blank"),
        (HEAD + "nickel,Chile,5\nTotal,,5\n", "sum of other lines"),
        (HEAD + "nickel,Chile,-5\n", "not an amount"),
        (HEAD + "nickel,Chile,1e300\n", "not an amount"),
        (HEAD + "nickel,Chile,inf\n", "no number"),
        (HEAD + "nickel,Chile,nan\n", "no number"),
        (HEAD + "nickel,Chile,n/a\n", "no number"),
        (HEAD + "nickel,Chile,1_250\n", "no number"),
        (HEAD + "nickel,Chile,१२\n", "no number"),
        (HEAD + "nickel,Chile,=40+2\n", "no number"),
        (HEAD + "nickel,Chile\n", "tonnes is blank"),
        (HEAD + "nickel,Chile,0\n", "no tonnes"),
        (HEAD + "nickel,Chile,5,smelted\n", "unknown stage"),
        (HEAD + "nickel,Chile,5,refined,22\n", "year"),
        (HEAD + "nickel,Chile,5,refined,2023.5\n", "year"),
        (HEAD + "nickel,Chile,5,refined,2022,2\n", "above 1"),
        (HEAD + "nickel,Chile,5,refined,2022,-1\n", "below 0"),
        (HEAD + 'nickel,Chile,5\nnickel,"Chile,5\nnickel,Peru,1\n', "quote is opened and never closed"),
        (b"\xff\xfe\x00material", "cannot be read as text"),
        (HEAD.encode() + "nickel,Côte d'Ivoire,5\n".encode("latin-1"), "cannot be read as text"),
        (HEAD + "nickel,Chile," + "5" * 200_000 + "\n", "broken CSV"),
    ],
)
def test_a_bad_file_is_refused_with_place_and_hint(tmp_path, text, says) -> None:
    assert says in refused(write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "line"), [('nickel,Chile,5\nnickel,"Chile,5\n', 3), ("nickel,Chile,5\n\nnickel,Chile,x\n", 4)]
)
def test_the_line_is_that_of_the_file(tmp_path, text, line) -> None:
    assert f"line {line}" in refused(write(tmp_path, HEAD + text))
    latin = HEAD.encode() + b"nickel,Chile,5\nnickel,C\xf4te,5\n"
    assert "line 3" in refused(write(tmp_path, latin))


def test_what_is_no_file(tmp_path) -> None:
    assert "is not there" in refused(tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    assert "no plain file" in refused(tmp_path / "folder.csv")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.csv")
        assert "no plain file" in refused(tmp_path / "pipe.csv")


def test_rows_of_nothing_and_equal_rows_are_told(tmp_path) -> None:
    twice = "cobalt,mined,AUS,10,2023\n" * 2
    text = f"material,stage,country,tonnes,year\ncobalt,mined,COD,0,2023\n{twice}"
    found, notes = file.read(write(tmp_path, text))
    assert [(p.country, p.tonnes) for p in found] == [("AUS", 20.0)]
    assert "rows of 0 t, which count for nothing: 1 (line 2)" in notes
    assert "rows that say the same as an earlier one, counted each time: 1" in notes


# Content


def test_the_name_of_a_compound_brings_its_content(tmp_path) -> None:
    head = "material,stage,country,tonnes,year\n"
    text = f"{head}lithium carbonate,processed,CHL,188,2023\nlithium,processed,CHN,35.3,2023\n"
    found, notes = file.read(write(tmp_path, text))
    lithium = 2 * 6.94 / (2 * 6.94 + 12.011 + 3 * 15.999)
    assert found[0].tonnes == pytest.approx(188 * lithium)
    assert found[1].tonnes == 35.3
    assert any("Lithium carbonate (Li2CO3) holds 0.1879 t of Li a tonne" in note for note in notes)
    share = (
        text.replace("year\n", "year,share\n").replace("188,2023", "188,2023,0.2").replace("35.3,2023", "35.3,2023,")
    )
    assert file.read(write(tmp_path, share))[0][0].tonnes == pytest.approx(37.6)


@pytest.mark.parametrize("goods", ["NdFeB", "Ferronickel", "Bauxite", "copper concentrate", "Spodumene"])
def test_a_name_that_tells_no_content_asks_for_a_share(tmp_path, goods) -> None:
    assert "column share" in refused(write(tmp_path, f"material,country,tonnes\n{goods},CHN,5\n"))
    assert bought(write(tmp_path, f"material,country,tonnes,share\n{goods},CHN,5,30%\n")) == [("CHN", 1.5)]


def test_an_oxide_is_the_basis_of_some_and_it_is_told(tmp_path) -> None:
    found, notes = file.read(write(tmp_path, "material,country,tonnes\nNeodymium oxide,CHN,5\nneodymium,CHN,5\n"))
    assert sum(p.tonnes for p in found) == 10.0
    assert any("neodymium in REO" in note for note in notes)


# Workbooks


def test_a_formula_counts_with_its_stored_value_and_one_without_is_refused(tmp_path) -> None:
    def fill(value):
        def put(_, page):
            rows(page, COLUMNS, ["cobalt", "Finland", None, 2023], CHINA)
            page.write_formula(1, 2, "=1000+250.5", None, value)

        return put

    assert bought(book(tmp_path, fill(1250.5))) == BOTH
    for nothing in (0, ""):
        assert "formula without a stored value" in refused(book(tmp_path, fill(nothing)))
    assert "no number" in refused(book(tmp_path, fill("#N/A")))


def test_merged_cells_of_text_hold_for_each_line_and_those_of_numbers_are_refused(tmp_path) -> None:
    def names(_, page):
        rows(page, COLUMNS, [None, *FINLAND[1:]], [None, *CHINA[1:]])
        page.merge_range(1, 0, 2, 0, "cobalt")

    def numbers(_, page):
        rows(page, COLUMNS, ["cobalt", "Finland", None, 2023], ["cobalt", "China", None, 2023])
        page.merge_range(1, 2, 2, 2, 300)

    assert bought(book(tmp_path, names)) == BOTH
    assert "tonnes is merged with a line above" in refused(book(tmp_path, numbers))


def test_titles_other_sheets_hidden_rows_and_dates(tmp_path) -> None:
    def title(_, page):
        rows(page, ["Purchases of cobalt"], [], COLUMNS, FINLAND, CHINA)

    def second(made, page):
        page.write(0, 0, "see the other sheet")
        rows(made.add_worksheet("Real"), COLUMNS, FINLAND, CHINA)

    def hidden(_, page):
        rows(page, COLUMNS, FINLAND, CHINA)
        page.set_row(2, None, None, {"hidden": True})

    def dates(made, page):
        rows(page, COLUMNS, FINLAND[:3], CHINA[:3])
        for r in (1, 2):
            page.write_datetime(r, 3, datetime.datetime(2023, 6, 30), made.add_format({"num_format": "yyyy"}))

    for fill, told in (
        (title, "Purchases of cobalt"),
        (second, "sheet Real was read"),
        (hidden, "hidden"),
        (dates, ""),
    ):
        found, notes = file.read(book(tmp_path, fill))
        assert [(p.country, p.tonnes, p.year) for p in found] == [("FIN", 1250.5, 2023), ("CHN", 300.0, 2023)]
        assert any(told in note for note in notes)


def test_two_sheets_that_both_hold_purchases_are_refused(tmp_path) -> None:
    def fill(made, page):
        rows(page, COLUMNS, FINLAND)
        rows(made.add_worksheet("Mine"), COLUMNS, CHINA)

    assert "several sheets hold such a table: Data, Mine" in refused(book(tmp_path, fill))


def test_cells_of_a_workbook_that_are_no_amounts(tmp_path) -> None:
    for cell in (True, "#REF!", "many"):
        assert "no number" in refused(sheet(tmp_path, [COLUMNS, ["cobalt", "Finland", cell, 2023]]))

    def shares(made, page):
        rows(page, [*COLUMNS, "share"], [*FINLAND, None], [*CHINA, 60])
        page.write(1, 4, 0.6, made.add_format({"num_format": "0%"}))

    assert "above 1" in refused(book(tmp_path, shares))


def test_a_workbook_that_is_none(tmp_path) -> None:
    for content in (b"", b"PK\x03\x04 broken", b"material,country,tonnes", b"\xd0\xcf\x11\xe0 a locked one"):
        assert "no readable workbook" in refused(write(tmp_path, content, "bad.xlsx"))
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as parts:
        parts.writestr("hello.txt", "no sheet")
    assert "no readable workbook" in refused(tmp_path / "other.xlsx")


def parts_of(path, **changed):
    """Return a workbook with some of its parts replaced."""
    memory = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changed.get(name.rpartition("/")[2].replace(".", "_"), old.read(name)))
    return memory.getvalue()


def test_bombs_and_entities_are_refused(tmp_path, monkeypatch) -> None:
    good = sheet(tmp_path, [COLUMNS, FINLAND], "good.xlsx")
    monkeypatch.setattr(workbooks, "MOST", 2**20)
    bomb = parts_of(good, sheet1_xml=b"<worksheet><sheetData>" + b" " * 2**21)
    assert "1 MB unpacked" in refused(write(tmp_path, bomb, "bomb.xlsx"))
    entity = b'<!DOCTYPE x [<!ENTITY a "ha">]><worksheet><sheetData/></worksheet>'
    assert "no readable workbook" in refused(write(tmp_path, parts_of(good, sheet1_xml=entity), "entity.xlsx"))
    strange = b'<?xml version="1.0" encoding="UT-8"?><worksheet/>'
    assert "no readable workbook" in refused(write(tmp_path, parts_of(good, sheet1_xml=strange), "strange.xlsx"))
    outside = b'<Relationships><Relationship Id="rId1" Target="/../../etc/passwd"/></Relationships>'
    assert "no sheet" in refused(write(tmp_path, parts_of(good, workbook_xml_rels=outside), "outside.xlsx"))


@pytest.mark.parametrize(("row", "column"), [(1, 10_000), (1_048_575, 16_383)])
def test_one_far_off_cell_costs_no_memory(tmp_path, row, column) -> None:
    path = book(tmp_path, lambda _, page: (rows(page, COLUMNS, FINLAND), page.write(row, column, "far")))
    assert f"column {column + 1}" in refused(path)


def test_a_cell_far_below_is_a_line_like_any_other(tmp_path) -> None:
    path = book(tmp_path, lambda _, page: rows(page, COLUMNS) or rows(page, FINLAND, first=1_000_000))
    assert file.read(path)[0][0].line == 1_000_001


def test_time_is_linear_and_memory_flat_in_the_number_of_rows(tmp_path) -> None:
    def seconds(count):
        line = "cobalt,Finland,{}.5,2023\ncobalt,China,{},2023\n"
        path = write(
            tmp_path, ",".join(COLUMNS) + "\n" + "".join(line.format(n % 90, n % 70 + 1) for n in range(count))
        )
        start = time.process_time()
        found, _ = file.read(path)
        assert len(found) == 2
        return time.process_time() - start

    seconds(200)
    assert seconds(20_000) < 40 * max(seconds(2_000), 0.004)


def test_only_a_limited_file_is_read(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sheets, "MOST", 100)
    assert "more than" in refused(write(tmp_path, HEAD + "nickel,Chile,5\n" * 20))


# What comes of them


def world() -> Case:
    """A Case of two countries with output of copper, one of them unstable."""
    methods()
    axes = {
        "material": Axis("material", ("copper",)),
        "stage": Axis("stage", ("mined", "refined")),
        "country": Axis("country", ("AUS", "CHL")),
        "partner": Axis("partner", ("AUS", "CHL")),
        "focus": Axis("focus", ("AUS",)),
        "year": Axis("year", ("2021", "2022")),
        "dimension": Axis("dimension", ("pv",)),
    }
    output = np.full((1, 2, 2, 2), np.nan)
    output[:, 0] = [[[30.0, 30.0], [70.0, 70.0]]]
    dims = ("material", "stage", "country", "year")
    made = Cube("production", "t", tuple(axes[d] for d in dims), output, low=output, high=output)
    stable = np.array([[[1.5, 1.5], [-0.5, -0.5]]])
    scores = Cube("governance", "score", tuple(axes[d] for d in ("dimension", "country", "year")), stable)
    return Case(axes, {"production": made, "governance": scores})


def test_the_score_of_a_firm() -> None:
    bought = [
        file.Purchase("copper", "refined", "CHL", None, 60.0, 2),
        file.Purchase("copper", "refined", "AUS", 2022, 40.0, 3),
        file.Purchase("copper", "refined", "AUS", 1999, 40.0, 4),
    ]
    case = purchases.apply(world(), bought, ("a note",))
    result = run("geopolrisk", case)
    risk = {"2021": 0.6, "2022": 0.6 * 0.6 + 0.4 * 0.2}
    for y, year in enumerate(("2021", "2022")):
        assert result.value.values[0, 1, 0, y] == pytest.approx(0.58 * risk[year])
    assert result.value.axis("focus").codes == (purchases.COMPANY,)
    assert {"a note", "purchases of other years or materials left out, number: 1"} <= set(result.trace.notes)
    same = run("geopolrisk", case, stage_rule="same")
    assert np.isnan(same.value.values).all()


def test_a_file_of_other_years_is_refused() -> None:
    with pytest.raises(StudyError, match="no purchase of 2021, 2022"):
        purchases.apply(world(), [file.Purchase("copper", "refined", "CHL", 2019, 60.0, 2)])


def test_the_command_line_takes_purchases_and_refuses_bad_ones_in_three_lines(tmp_path, capsys) -> None:
    good = write(tmp_path, "material,country,tonnes\nlithium carbonate,Chile,60\nlithium carbonate,AUS,40\n")
    ask = ["run", "geopolrisk", "--year", "2022", "--format", "csv", "--purchases"]
    assert launch([*ask, str(good)]) == 0
    # the name of the goods tells their stage
    assert f"lithium,processed,{purchases.COMPANY},,2022," in capsys.readouterr().out
    more = write(tmp_path, "material,country,tonnes\nlithium carbonate,Chile,60\nhafnium,France,2\n", "more.csv")
    found = question.ask(question.request("run", method="geopolrisk", year=2022, purchases=more))
    assert {row["material"] for row in found.table("values").rows()} == {"lithium", "hafnium"}
    assert any("hafnium" in sentence and "no source on world output" in sentence for sentence in found.findings)
    bad = write(tmp_path, HEAD + "lithium,Chile,-1\n", "bad.csv")
    for wrong in ([*ask, str(bad)], [*ask, str(good), "--focus", "CHL"]):
        assert launch(wrong) == 2
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n")) == ("", 3)
