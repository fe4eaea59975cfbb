"""A firm's purchases: what is read, what is refused, and the score that comes of them."""

from __future__ import annotations

import io
import struct
import zipfile

import numpy as np
import pytest
import xlsxwriter

from khanij.analyses.runner import methods
from khanij.cli.app import launch
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import StudyError
from khanij.core.registry import run
from khanij.data.own import company as purchases
from khanij.data.own import purchases as file

HEAD = "material,country,tonnes,stage,year,share\n"


def write(folder, text, name="bought.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def sheet(folder, rows, name="bought.xlsx"):
    path = folder / name
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                page.write(r, c, cell)
    return path


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
    rows = [["material", "country", "tonnes", "stage", "year"], ["nickel", "Indonesia", 12.5, "refined", 2022]]
    text = "\n".join(",".join(map(str, row)) for row in rows)
    assert file.read(sheet(tmp_path, rows)) == file.read(write(tmp_path, text))


def test_a_formula_counts_with_its_stored_value(tmp_path) -> None:
    path = tmp_path / "formula.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        for r, row in enumerate([["material", "country", "tonnes"], ["nickel", "Indonesia"]]):
            page.write_row(r, 0, row)
        page.write_formula(1, 2, "=40+2", None, 42)
    assert file.read(path)[0][0].tonnes == 42.0
    with pytest.raises(StudyError, match="no number"):
        file.read(write(tmp_path, "material,country,tonnes\nnickel,Indonesia,=40+2\n"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("\n,,\n", "empty"),
        (HEAD, "no tonnes"),
        ("material,country\nnickel,Chile\n", "no column tonnes"),
        ("material,country,tonnes,tonnes\nnickel,Chile,1,2\n", "twice"),
        (HEAD + "unobtainium,Chile,5\n", "unobtainium"),
        (HEAD + "nickel,Atlantis,5\n", "Atlantis"),
        (HEAD + "nickel,Chile,-5\n", "not an amount"),
        (HEAD + "nickel,Chile,inf\n", "not an amount"),
        (HEAD + "nickel,Chile,nan\n", "not an amount"),
        (HEAD + "nickel,Chile,many\n", "no number"),
        (HEAD + "nickel,Chile\n", "no number"),
        (HEAD + "nickel,Chile,0\n", "no tonnes"),
        (HEAD + "nickel,Chile,5,smelted\n", "unknown stage"),
        (HEAD + "nickel,Chile,5,refined,22\n", "year"),
        (HEAD + "nickel,Chile,5,refined,2022,2\n", "above 1"),
        (HEAD + '"nickel,Chile,5\n', "broken CSV"),
        (b"\xff\xfe\x00material", "cannot be read as text"),
    ],
)
def test_a_bad_file_is_refused_with_place_and_hint(tmp_path, text, says) -> None:
    with pytest.raises(StudyError) as refused:
        file.read(write(tmp_path, text))
    what, where, hint = refused.value.lines()
    assert says in what
    assert "bought.csv" in where
    assert len(hint) > len("hint:  -")


def test_a_file_that_is_not_there(tmp_path) -> None:
    with pytest.raises(StudyError, match="cannot be read"):
        file.read(tmp_path / "none.csv")


def test_a_workbook_that_is_none(tmp_path) -> None:
    for content in (b"", b"PK\x03\x04 broken", b"material,country,tonnes"):
        with pytest.raises(StudyError, match="no readable workbook"):
            file.read(write(tmp_path, content, "bad.xlsx"))
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as parts:
        parts.writestr("hello.txt", "no sheet")
    with pytest.raises(StudyError, match="no readable workbook"):
        file.read(tmp_path / "other.xlsx")


@pytest.mark.parametrize("honest", [True, False])
def test_a_zip_bomb_is_refused_unopened(tmp_path, honest) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", bytes(file.MOST + 1))
    content = memory.getvalue()
    if not honest:  # a directory that gives the part a small size
        content = content.replace(struct.pack("<L", file.MOST + 1), struct.pack("<L", 100))
    with pytest.raises(StudyError, match="50 MB"):
        file.read(write(tmp_path, content, "bomb.xlsx"))


def test_one_far_off_cell_is_refused(tmp_path) -> None:
    path = tmp_path / "wide.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write(0, 0, "material")
        page.write(1_000_000, 10_000, "far")
    with pytest.raises(StudyError, match="1000001 rows"):
        file.read(path)


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
    assert f"lithium,refined,{purchases.COMPANY},,2022," in capsys.readouterr().out
    bad = write(tmp_path, HEAD + "lithium,Chile,-1\n", "bad.csv")
    for wrong in ([*ask, str(bad)], [*ask, str(good), "--focus", "CHL"]):
        assert launch(wrong) == 2
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n")) == ("", 3)
