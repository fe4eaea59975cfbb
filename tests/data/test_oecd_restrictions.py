"""The inventory's reader on hand-made files (no row of the publisher's), and the join with the register."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.errors import ParseError, SourceError
from khanij.data.own import oecd_restrictions as oecd
from khanij.reference.chronicle import instruments

HEADER = ["Country", "HS2017 code", "Product name", "Measure", "Value", "Unit", "Introduction date", "Removal date"]
ROWS = [
    ["Indonesia", "2604.00", "Nickel ores", "Export prohibition", "", "", "01/01/2020", ""],
    ["Indonesia", "2620.99", "Ash", "Export prohibition", "", "", "01/01/2020", ""],
    ["Indonesia", "2606.00", "Bauxite", "Export tax", "10", "Percent", "2017-02-01", "2019-12-31"],
    ["India", "7204.10", "Scrap", "Export tax", "15", "ad valorem", "2008-06", "2009"],
    ["India", "7204.21", "Scrap", "Export tax", "15", "ad valorem", "2008-06", "2009"],
    ["South Africa", "7404.00", "Copper scrap", "Licensing requirement", "120", "ZAR per tonne", "2013-09-16", ""],
    ["Gabon", "4403.11", "Logs", "Export prohibition", "", "", "2010-05-15", ""],
]


def written(tmp_path, rows, header=HEADER, above=(), name="inventory.csv", separator=","):
    path = tmp_path / name
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, delimiter=separator).writerows([*above, header, *rows])
    return path


@pytest.fixture
def inventory(tmp_path):
    return oecd.read(written(tmp_path, ROWS))


def by(inventory, country, kind):
    return [i for i in inventory.instruments if (i.country, i.kind) == (country, kind)]


def test_rows_that_differ_by_code_alone_are_one_instrument(inventory):
    (tax,) = by(inventory, "IND", "export-tax")
    assert tax.codes == ("720410", "720421")
    assert (tax.materials, tax.stages) == (("iron",), ("scrap",))
    assert (tax.size, tax.unit, tax.terms) == (15, "%", "15 ad valorem")
    assert (tax.in_force.text, tax.ended.text) == ("2008-06", "2009")
    assert tax.state(date(2009, 12, 31)) == "in-force"
    assert tax.state(date(2010, 1, 1)) == "ended"


def test_days_units_and_materials_are_ours(inventory):
    bans = by(inventory, "IDN", "export-ban")
    assert [b.in_force.text for b in bans] == ["2020-01-01"]
    assert "nickel" in bans[0].materials
    (permit,) = by(inventory, "ZAF", "licence")
    assert (permit.size, permit.unit, permit.terms) == (None, "", "120 ZAR per tonne")  # a unit that we do not know
    assert all(i.source == oecd.SOURCE and i.act == oecd.UNNAMED for i in inventory.instruments)


def test_goods_that_are_no_materials_are_counted_not_dropped_in_silence(inventory):
    assert inventory.left_out["440311"] == 1
    kept = sum(len(i.codes) for i in inventory.instruments)
    assert kept + sum(inventory.left_out.values()) == len(ROWS)


def test_a_workbook_and_other_separators_give_the_same(tmp_path, inventory):
    path = tmp_path / "inventory.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("About").write(0, 0, "made by hand")
    sheet = book.add_worksheet("Data")
    for at, line in enumerate([["Inventory"], [], HEADER, *ROWS]):
        for column, cell in enumerate(line):
            sheet.write(at, column, float(cell) if column == 4 and cell.isdecimal() else cell)
    book.close()
    assert oecd.read(path) == inventory
    semicolons = written(tmp_path, ROWS, name="other.csv", separator=";")
    assert oecd.read(semicolons) == inventory
    late = written(tmp_path, ROWS, above=[["Inventory"], ["of restrictions"]], name="late.csv")
    assert oecd.read(late) == inventory


def test_columns_that_are_not_read_are_named(tmp_path):
    header = [*HEADER, "Stated purpose", "HS2012 code"]
    path = written(tmp_path, [[*row, "beneficiation", "260400"] for row in ROWS], header)
    assert oecd.read(path).unread == ("Stated purpose", "HS2012 code")


def test_rows_of_years_become_spells(tmp_path):
    header = ["Country", "HS6", "Measure", "Year", "Value", "Unit"]
    tax = [["Zambia", "260300", "Export tax", str(year), "10", "%"] for year in (2009, 2010, 2011, 2014, 2015)]
    rise = [["Zambia", "260300", "Export tax", "2016", "15%", ""], ["Zambia", "260300", "Export quota", "2012", "", ""]]
    found = oecd.read(written(tmp_path, [*tax, *rise], header)).instruments
    days = sorted((i.in_force.text, i.ended.text if i.ended else None, i.size) for i in found if i.kind == "export-tax")
    assert days == [("2009", "2011", 10), ("2014", "2015", 10), ("2016", None, 15)]  # 2016 is the file's last year
    assert [bool(i.note) for i in sorted(found, key=lambda i: i.in_force.text)] == [True, False, False, False]


@pytest.mark.parametrize(
    ("column", "cell", "what", "line"),
    [
        ("Country", "Atlantis", "unknown label 'Atlantis'", ""),
        ("Country", "World", "no single country: World", ""),
        ("Measure", "Moral appeal", "unknown measure 'Moral appeal'", ", line 2"),
        ("HS2017 code", "ore", "code 'ore' is none", ", line 2"),
        ("HS2017 code", "260", "code '260' is none", ", line 2"),
        ("Introduction date", "soon", "'soon' is no date", ", line 2: in_force"),
        ("Introduction date", "", "neither announced nor in force", ", line 2: announced"),
        ("Removal date", "2019", "ended 2019 lies before in_force 2020-01-01", ", line 2: ended"),
    ],
)
def test_unknown_labels_are_refused_with_their_line(tmp_path, column, cell, what, line):
    row = list(ROWS[0])
    row[HEADER.index(column)] = cell
    with pytest.raises(ParseError) as refused:
        oecd.read(written(tmp_path, [row, *ROWS[2:]]))
    assert refused.value.what.startswith(what)
    assert refused.value.where == f"oecd-restrictions: inventory.csv{line}"
    assert refused.value.hint


@pytest.mark.parametrize(
    ("header", "what"),
    [
        (["Country", "Product name", "Measure", "Introduction date"], "no header with country, code, measure"),
        (["Country", "HS6", "Measure", "Value"], "no column of days or years"),
    ],
)
def test_a_file_of_another_layout_is_refused_with_the_known_headings(tmp_path, header, what):
    with pytest.raises(ParseError, match=what) as refused:
        oecd.read(written(tmp_path, [["Gabon", "260200", "Export ban", "2029"]], header))
    assert "oecd_labels.csv" in refused.value.hint


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(SourceError):
        oecd.read(tmp_path / "absent.csv")
    (tmp_path / "broken.xlsx").write_bytes(b"no workbook")
    with pytest.raises(SourceError):
        oecd.read(tmp_path / "broken.xlsx")
    with pytest.raises(ParseError, match="no rows"):
        oecd.read(written(tmp_path, []))


def test_the_same_thing_is_one_and_ours_are_told_apart(inventory):
    joined = {r.instrument.id: r for r in oecd.join(instruments.register(), inventory.instruments)}
    ore = joined["idn-nickel-export-ban-2020"]
    assert ore.origin == "both"
    assert oecd.SOURCE in ore.instrument.source.split(";")
    assert joined["idn-nickel-export-tax-2017"].origin == "both"  # our month holds their day
    assert joined["idn-nickel-export-ban-2014"].origin == "khanij"
    theirs = [r.instrument for r in joined.values() if r.origin == "oecd"]
    assert {(i.country, i.kind) for i in theirs} >= {("IND", "export-tax"), ("ZAF", "licence")}
    assert len(joined) == len(instruments.register()) + len(theirs)


def test_an_end_that_ours_lacks_is_taken_and_ours_is_kept_otherwise(inventory):
    (tax,) = by(inventory, "IDN", "export-tax")
    open_ended = replace(tax, id="ours", ended=None, source="general-knowledge", confidence="low", codes=("2606",))
    ((one,)) = oecd.join([open_ended], [tax])
    assert one.origin == "both"
    assert one.instrument.ended == tax.ended
    assert (one.instrument.confidence, one.instrument.codes) == ("low", ("2606",))
    later = replace(open_ended, in_force=instruments.PartialDate.read("2021"))
    assert [r.origin for r in oecd.join([later], [tax])] == ["oecd", "khanij"]


CODED = [i for i in instruments.register() if i.codes]


@given(st.sets(st.sampled_from(CODED), max_size=12))
def test_joining_with_itself_adds_nothing_and_joining_with_nothing_changes_nothing(chosen):
    ours = sorted(chosen, key=lambda i: i.id)
    assert [r.instrument for r in oecd.join(ours, [])] == ours
    assert [r.instrument for r in oecd.join([], ours)] == ours
    twice = oecd.join(ours, ours)
    assert [r.instrument.id for r in twice] == [i.id for i in ours]
    assert {r.origin for r in twice} <= {"both"}


def test_what_has_no_code_stays_beside_its_like():
    bare = replace(CODED[0], codes=())
    assert [r.origin for r in oecd.join([CODED[0]], [bare])] == ["khanij", "oecd"]
