import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.errors import AlignmentError
from khanij.core.number import Mark, Number, Trend
from khanij.core.table import Column, Table
from khanij.present import figures
from khanij.present.cells import DrawnGrid, References
from khanij.present.document import Chapter, Citation, Dossier
from khanij.present.figures.labels import LETTER, LINE, overlap, shifts
from khanij.present.figures.spark import spark

YEARS = (2020, 2021, 2022, 2023)
COLUMNS = (Column("a", "A", "text"), Column("line", "Line", "trend"), Column("said", "Said", "mark"), Column("n", "N"))
LINE_CELL = Trend(YEARS, (0.2, None, 0.4, 0.5), "index", ("s@1",), ((2023, "other code"),), "khanij run x")


def drawn(*cells):
    grid = Table("g", "G", COLUMNS, (("row", *cells),))
    return grid, table(grid).rows[0]


def table(grid):
    entry = {"s@1": Citation("s@1", "Source one.")}
    return DrawnGrid(grid, References(Dossier("T", "t", {}, (), (Chapter("c", "C", grids=(grid,)),), entry)))


def test_a_line_tells_its_figures_breaks_source_and_command():
    _, row = drawn(LINE_CELL, None, None)
    assert "2020: 0.20 · 2022: 0.40 · 2023: 0.50 · break 2023: other code" in row
    assert "Source: [1] Source one. · How: khanij run x" in row
    assert row.count("<polyline") == 1
    assert row.count('class="break"') == 1


def test_a_line_needs_a_source():
    with pytest.raises(AlignmentError, match="without a source"):
        drawn(Trend(YEARS, (1.0, None, None, None), "t"), None, None)


def test_a_line_becomes_columns_of_years():
    grid, _ = drawn(LINE_CELL, Mark(True, "●"), Number(1.0, "t", ("s@1",), how="khanij x"))
    flat = grid.plain()
    assert flat.column("line") == (0.5,)
    assert flat.column("line_2021") == (None,)
    assert flat.column("line_breaks") == ("2023: other code",)
    assert flat.column("n_how") == ("khanij x",)


@pytest.mark.parametrize(("state", "name", "sign"), [(True, "yes", "●"), (False, "no", ""), (None, "open", "?")])
def test_a_mark_has_a_sign_besides_its_colour(state, name, sign):
    grid, row = drawn(LINE_CELL, Mark(state, hint="why", sources=("s@1",)), None)
    assert f'class="mark {name}"' in row
    assert f">{sign}</td>" in row
    assert "why · Source: [1]" in row
    assert grid.plain().column("said") == ({True: "yes", False: "no", None: None}[state],)


def test_a_share_known_within_wide_limits_is_told_by_them():
    _, row = drawn(LINE_CELL, None, Number(0.9, "1", ("s@1",), 0.05, 1.0, "low"))
    assert "5.0–100" in row
    assert 'title="0.9 ·' in row
    _, named = drawn(LINE_CELL, None, Number(0.9, "1", ("s@1",), 0.05, 1.0, "low", label="A land"))
    assert '<span class="name">A land</span> 90' in named


def test_a_spark_of_one_year_is_a_point():
    assert "<polyline" not in spark((2020, 2021), (None, 3.0))
    assert "<circle" in spark((2020, 2021), (None, 3.0))


POINT = st.tuples(st.floats(0, 590), st.floats(0, 470))


@given(st.lists(POINT, min_size=1, max_size=12, unique=True))
def test_every_name_gets_a_place(spots):
    names = [f"name {k}" for k in range(len(spots))]
    assert len(shifts(spots, names, (590.0, 470.0))) == len(spots)


def test_names_of_near_points_stand_apart():
    spots = [(300.0, 200.0), (305.0, 203.0), (296.0, 206.0), (310.0, 196.0)]
    names = ["Palladium", "Titanium", "Zirconium", "Lithium"]
    boxes = []
    for (x, y), name, (right, down, _) in zip(spots, names, shifts(spots, names, (590.0, 470.0)), strict=True):
        half = len(name) * LETTER / 2
        boxes.append((x + right - half, y + down - LINE / 2, x + right + half, y + down + LINE / 2))
    pairs = [(a, b) for k, a in enumerate(boxes) for b in boxes[k + 1 :]]
    assert sum(overlap(a, b) for a, b in pairs) == 0.0


def test_ranges_both_ways_are_an_ellipse():
    point = figures.Point("A", 3.0, 1.0, y_low=0.5, y_high=1.5, x_low=2.0, x_high=4.0)
    drawing = figures.matrix([point], "x", "y", 2.8, 1.0)
    ring = next(shape for shape in drawing["layout"]["shapes"] if shape["type"] == "circle")
    assert (ring["x0"], ring["x1"], ring["y0"], ring["y1"]) == (2.0, 4.0, 0.5, 1.5)
    assert "error_y" not in drawing["data"][0]


def test_money_is_told_in_millions_and_kept_in_full():
    grid = Table(
        "g", "G", (Column("a", "A", "text"), Column("n", "Imports")), (("row", Number(193_381.54, "kUSD", ("s@1",))),)
    )
    shown = table(grid)
    assert "USD million" in shown.heads[1]
    assert ">193<" in shown.rows[0]
    assert 'data-v="193381.54"' in shown.rows[0]
    assert "193,381.5" in shown.rows[0]


def test_ids_beside_names_and_columns_of_which_nothing_is_known_are_left_out():
    columns = (
        Column("mineral", "Mineral", "text"),
        Column("stock", "Stock"),
        Column("use", "Use"),
        Column("material", "Mineral id", "text"),
    )
    none = Number(None, "t", note="no stock on record")
    shown = table(Table("g", "G", columns, (("Tin", none, Number(1.0, "t", ("s@1",)), "tin"),)))
    assert [head for head in shown.heads if "Stock" in head or "id" in head.split("<button")[1]] == []
    assert shown.blank == ["Stock (no stock on record)"]
    assert "tin<" not in shown.rows[0]
    alone = table(Table("g", "G", columns[2:], ((Number(1.0, "t", ("s@1",)), "tin"),)))
    assert len(alone.heads) == 2  # without a name beside it an id stays


def test_sources_stand_once_below_a_table_and_runs_are_told_by_their_ends():
    ids = [f"s@{k}" for k in range(1, 6)]
    cells = tuple((f"row {k}", Number(float(k), "t", (id,))) for k, id in enumerate(ids))
    grid = Table("g", "G", (Column("a", "A", "text"), Column("n", "N")), cells)
    shown = DrawnGrid(grid, References(Dossier("T", "t", {}, (), (Chapter("c", "C", grids=(grid,)),))))
    assert "<sup" not in "".join(shown.rows)
    assert 'href="#src-1"' in shown.sources
    assert 'href="#src-5"' in shown.sources
    assert 'href="#src-3"' not in shown.sources
