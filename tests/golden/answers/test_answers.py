"""Numbers do not move: frozen answers are found again, and a number that moved is not."""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import answers  # noqa: E402
import compare as told  # noqa: E402
from answers import Answer, Table  # noqa: E402
from matching import Difference, compare, excuse  # noqa: E402

NAN = math.nan
LOSSES = Table(
    "losses",
    4,
    {"mean": (3.25, 1.125, 0.0, NAN), "low": (3.25, 0.5, 0.0, NAN), "year": (2023.0,) * 4, "grade": (NAN,) * 4},
    {"material": ("copper", "lithium", "cobalt", "tin"), "met": ("yes", "no", None, None)},
    {"notes": (34300.0,)},
)
PRICES = Table("prices", 2, {"price": (9.5, 12.25)}, {"material": ("copper", "lithium")})
WORLD = Answer(0, "", (LOSSES, PRICES))


def of(table, **columns):
    """Return a table with other numbers, or without those that are None."""
    numbers = {name: values for name, values in {**table.numbers, **columns}.items() if values is not None}
    return replace(table, numbers=numbers)


def shuffled(answer, seed=0, rename=True):
    """Return the same answer in another order of tables, columns and rows, under other titles and headings."""
    draw = random.Random(seed)
    tables = []
    for at, table in enumerate(answer.tables):
        order = draw.sample(range(table.rows), table.rows)
        name = (lambda kind, k, old, at=at: f"{kind}{k} of {at}") if rename else (lambda kind, k, old: old)
        numbers = [
            (name("number", k, old), tuple(v[i] for i in order)) for k, (old, v) in enumerate(table.numbers.items())
        ]
        texts = [(name("text", k, old), tuple(v[i] for i in order)) for k, (old, v) in enumerate(table.texts.items())]
        draw.shuffle(numbers)
        title = f"table {at}" if rename else table.title
        tables.append(Table(title, table.rows, dict(numbers), dict(texts), table.told))
    draw.shuffle(tables)
    return replace(answer, tables=tuple(tables))


def kinds(new, old=WORLD):
    """Return what was found different, by column."""
    return {one.what: one.kind for one in compare("x", old, new)[0]}


# ------------------------------------------------------------------------------------------- what is no difference


@pytest.mark.parametrize("rename", [True, False])
def test_headings_titles_and_order_are_no_difference(rename):
    assert compare("x", WORLD, shuffled(WORLD, 3, rename)) == ([], [])


def test_the_last_digits_are_no_difference():
    near = of(LOSSES, mean=(3.25 * (1 + 1e-12), 1.125, 1e-17, NAN))
    assert kinds(Answer(0, "", (near, PRICES))) == {}
    assert {one.what for one in compare("x", WORLD, Answer(0, "", (near, PRICES)), 0)[0]} == {"losses / mean"}


def test_merged_tables_are_no_difference():
    merged = Table(
        "all",
        4,
        {**LOSSES.numbers, "price": (9.5, 12.25, NAN, NAN)},
        LOSSES.texts,
        LOSSES.told,
    )
    assert kinds(Answer(0, "", (merged,))) == {}


def test_a_table_in_a_longer_one_is_no_difference():
    longer = Table("every price", 3, {"usd": (7.0, 12.25, 9.5)}, {"what": ("tin", "lithium", "copper")})
    assert kinds(Answer(0, "", (LOSSES, longer))) == {}


def test_composed_cells_and_numbers_in_text_are_read():
    cells = [{"mineral": "copper", "loss": {"value": 3.25, "low": 3.0, "sources": ["a", "b"]}, "share": "0.5"}]
    (found,) = answers.read({"answer": {"losses": {"rows": cells, "notes": ["34,300 crore"]}}})
    assert found.title == "losses"
    assert found.numbers == {"loss.value": (3.25,), "loss.low": (3.0,), "share": (0.5,)}
    assert found.texts == {"mineral": ("copper",), "loss.sources": ("a; b",)}
    assert found.told == {"notes": (34300.0,)}
    (same,) = answers.read({"title": "t", "columns": [{"key": "a"}, {"key": "b"}], "rows": [[1, "x"], [None, ""]]})
    assert same.texts == {"b": ("x", None)}
    assert same.numbers["a"][0] == 1.0
    assert math.isnan(same.numbers["a"][1])


# ---------------------------------------------------------------------------------------------- what is a difference

MOVED = {
    "a value": (of(LOSSES, mean=(3.25 * (1 + 1e-6), 1.125, 0.0, NAN)), {"losses / mean": "changed"}),
    "a copy of a value": (of(LOSSES, low=(3.25, 0.5 + 1e-6, 0.0, NAN)), {"losses / low": "changed"}),
    "two values, each in the other's row": (
        of(LOSSES, mean=(1.125, 3.25, 0.0, NAN)),
        {"losses / mean": "regrouped"},
    ),
    "nothing known, told as zero": (of(LOSSES, mean=(3.25, 1.125, 0.0, 0.0)), {"losses / mean": "changed"}),
    "zero, told as nothing known": (of(LOSSES, mean=(3.25, 1.125, NAN, NAN)), {"losses / mean": "changed"}),
    "never known, known now": (of(LOSSES, grade=(NAN, NAN, 0.25, NAN)), {"losses / grade": "changed"}),
    "a column gone": (of(LOSSES, low=None), {"losses / low": "changed"}),
    "an answer in letters": (
        replace(LOSSES, texts={**LOSSES.texts, "met": ("no", "no", None, None)}),
        {"losses / met": "text"},
    ),
}


@pytest.mark.parametrize(("table", "expected"), MOVED.values(), ids=MOVED)
def test_what_moved_is_found(table, expected):
    assert kinds(Answer(0, "", (table, PRICES))) == expected


@pytest.mark.parametrize("name", [name for name in MOVED if name not in ("never known, known now", "a column gone")])
def test_what_moved_is_found_under_other_headings(name):
    assert kinds(shuffled(Answer(0, "", (MOVED[name][0], PRICES)))) != {}


def test_a_row_lost_or_added_is_found():
    less = Table("prices", 1, {"price": (9.5,)}, {"material": ("copper",)})
    more = Table("prices", 3, {"price": (9.5, 12.25, 12.25)}, {"material": ("copper", "lithium", "lithium")})
    assert kinds(Answer(0, "", (LOSSES, less)))["prices / rows"] == "rows"
    assert kinds(Answer(0, "", (LOSSES, less)))["prices / price"] == "changed"
    assert kinds(Answer(0, "", (LOSSES, more))) == {"prices / rows": "rows"}


def test_a_moved_number_is_told_with_its_row():
    (one,) = compare("x", WORLD, Answer(0, "", (MOVED["a copy of a value"][0], PRICES)))[0]
    assert one.size == pytest.approx(2e-6, rel=1e-3)
    assert one.lines == ("lithium no: 0.5 -> 0.500001",)


def test_another_unit_is_told_as_a_factor():
    (one,) = compare("x", Answer(0, "", (PRICES,)), Answer(0, "", (of(PRICES, price=(9500.0, 12250.0)),)))[0]
    assert "1000 times" in one.lines[-1]


def test_refusals_are_compared():
    refused = Answer(2, "error: unknown country 'INX'")
    assert kinds(refused, refused) == {}
    assert kinds(Answer(2, "error: No such option '--year'."), refused) == {"refusal": "refusal"}
    assert kinds(refused) == {"exit": "exit"}


# ------------------------------------------------------------------------------------------------ known differences

MEAN = Difference("risk IND", "losses / mean", "changed", 1e-3)


@pytest.mark.parametrize(
    ("entry", "left", "wrong"),
    [
        ({"command": "risk *", "what": "losses / *", "reason": "a fix"}, 0, 0),
        ({"command": "risk IND", "what": "losses / mean", "reason": "a fix", "at_most": 1e-2}, 0, 0),
        ({"command": "risk IND", "what": "losses / mean", "reason": "a fix", "at_most": 1e-4}, 1, 1),
        ({"command": "risk IND", "what": "losses / mean", "reason": ""}, 0, 1),
        ({"command": "risk IND", "what": "losses / low", "reason": "a fix"}, 1, 1),
        ({"command": "plan IND", "what": "losses / low", "reason": "not asked"}, 1, 0),
    ],
)
def test_a_difference_needs_a_reason_and_a_reason_a_difference(entry, left, wrong):
    rest, faults = excuse([MEAN], [entry], lambda pattern: pattern.startswith("risk"))
    assert (len(rest), len(faults)) == (left, wrong)


# --------------------------------------------------------------------------------------------------- frozen answers


@pytest.fixture(scope="module")
def frozen():
    return answers.load()


def test_every_command_is_frozen_as_it_was_asked(frozen):
    assert {one.id: one.old for one in answers.commands()} == {id: one.argv for id, one in frozen.items()}
    assert len({one.commit for one in frozen.values()}) == 1


SOME = (
    "risk DEU tornado",
    "partner IND RUS",
    "plan DEU quick",
    "assess DEU 2024",
    "scorecard IND",
    "study germany-chile",
)


@pytest.mark.parametrize("id", SOME)
def test_a_real_answer_is_found_in_another_order_and_a_moved_number_is_not(id, frozen):
    old = frozen[id].answer
    assert compare(id, old, shuffled(old)) == ([], [])
    draw = random.Random(id)
    cells = [
        (at, name, row)
        for at, table in enumerate(old.tables)
        for name, column in table.numbers.items()
        for row, value in enumerate(column)
        if math.isfinite(value) and abs(value) > 1e-5 * max(abs(v) for v in column if math.isfinite(v))
    ]
    for at, name, row in draw.sample(cells, 12):
        column = list(old.tables[at].numbers[name])
        column[row] *= 1 + 1e-6
        tables = list(old.tables)
        tables[at] = of(tables[at], **{name: tuple(column)})
        what = {one.what for one in compare(id, old, replace(old, tables=tuple(tables)))[0]}
        assert f"{tables[at].title} / {name}" in what


def test_the_script_fails_on_a_moved_number(monkeypatch, capsys, frozen):
    old = frozen["run early-warning criticality"].answer
    (table,) = old.tables
    name = next(name for name, column in table.numbers.items() if name == "value")
    moved = of(table, **{name: tuple(v * 1.001 for v in table.numbers[name])})
    given = {False: old, True: replace(old, tables=(moved,))}
    for change, code in ((False, 0), (True, 1)):
        monkeypatch.setattr(answers, "timed", lambda command, change=change: (given[change], 0.0))
        assert told.main(["--only", "run early-warning criticality"]) == code
    assert "value: changed, at most 0.001" in capsys.readouterr().out


def test_numbers_have_not_moved():
    """A fast part each time; all of it, about four minutes of processor time, where KHANIJ_ANSWERS is `all`."""
    part = [] if os.environ.get("KHANIJ_ANSWERS") == "all" else ["--fast"]
    paths = [str(HERE.parents[2] / "src"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    asked = subprocess.run(
        [sys.executable, str(HERE / "compare.py"), *part],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stdout + asked.stderr
