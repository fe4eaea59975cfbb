"""What was asked and is absent gets a row or a reason; notes and doubts reach every format: over all questions."""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any, get_origin
from xml.sax.saxutils import unescape

import pytest

from khanij import reference
from khanij.analyses import bundle
from khanij.analyses.question import Answer, Request, ask, find, request_of
from khanij.analyses.questions import QUESTIONS, Question
from khanij.cli import output
from khanij.core.errors import KhanijError
from khanij.core.number import Number
from khanij.present import table as drawing
from khanij.present import workbook

sys.path.insert(0, str(Path(__file__).parent))
from hand_made import case
from test_questions import CHEAP, ON_CASE, example

RARE = "hafnium"  # a mineral of which hardly anything is on record
SMALL = {"years": 20, "draws": 20, "scenarios": 4, "deep": False, "seconds": 2.0}
SEVERAL = [
    q for q in QUESTIONS if get_origin(getattr(request_of(q).model_fields.get("material"), "annotation", None)) is tuple
]


def small(question: Question, **more: Any) -> Request:
    """Return the example of a question at a size that is soon answered."""
    made, _ = example(question)
    sizes = {name: size for name, size in SMALL.items() if name in type(made).model_fields}
    return type(made).of(made.given() | sizes | more)


def answers(name: str) -> list[Answer]:
    """Return the answers of a question on what is made by hand."""
    kind = request_of(find(name))
    asked = [kind.of(values) for values in CHEAP[name]]
    return [ask(one, case=case() if name in ON_CASE and one.scope() is not None else None) for one in asked]


def told(answer: Answer) -> str:
    """Return all that an answer says: sentences, notes, cells."""
    tables = [drawing.record(table) for table in answer.tables]
    return json.dumps([[str(s) for s in answer.findings], tables], ensure_ascii=False).casefold()


@pytest.mark.parametrize("question", SEVERAL, ids=lambda q: q.name)
def test_a_mineral_that_was_asked_and_is_absent_is_told(question: Question) -> None:
    made, _ = example(question)
    others = [m for m in getattr(made, "material", ()) if m != RARE] or ["copper"]
    extra = {"product": ""} if "product" in type(made).model_fields else {}
    given = {name: value for name, value in made.given().items() if name not in (*extra, "hs", "stage")}
    sizes = {name: size for name, size in SMALL.items() if name in type(made).model_fields}
    try:
        answer = ask(type(made).of(given | sizes | {"material": [*others, RARE]}))
    except KhanijError:
        return  # refused with the reason: nothing was told without it
    name = reference.materials()[RARE].name.casefold()
    assert RARE in told(answer) or name in told(answer)


@pytest.mark.parametrize("name", CHEAP)
def test_every_note_reaches_every_format(name: str, capsysbinary: Any, tmp_path: Path) -> None:
    for number, answer in enumerate(answers(name)):
        notes = {note for table in answer.tables for note in table.notes}
        output.emit(answer, output.Format.json)
        record = json.loads(capsysbinary.readouterr().out)
        assert notes == {note for table in record["tables"] for note in table["notes"]}
        for format in (output.Format.csv, output.Format.parquet):
            output.emit(answer, format, tmp_path / f"{format.value}-{number}")
            said = capsysbinary.readouterr().err.decode()
            assert all(f"note: {note}" in said for note in notes), format
        with zipfile.ZipFile(io.BytesIO(workbook.write(answer.tables))) as book:
            cells = unescape("".join(book.read(part).decode() for part in book.namelist() if part.endswith(".xml")))
        assert all(note in cells.replace("&quot;", '"') for note in notes)
        bundle.write(
            tmp_path / f"bundle-{number}", answer.results, {t.key: t for t in answer.tables}, answer.request.record()
        )
        kept = "".join(path.read_text(errors="replace") for path in (tmp_path / f"bundle-{number}").rglob("*.*"))
        plain = (
            re.sub(r"\\u[0-9a-f]{4}", lambda sign: chr(int(sign[0][2:], 16)), kept)
            .replace('\\"', '"')
            .replace('""', '"')
        )
        assert all(note in plain for note in notes)


@pytest.mark.parametrize("name", CHEAP)
def test_every_doubt_of_a_number_stands_in_json_and_csv(name: str) -> None:
    for answer in answers(name):
        for table in answer.tables:
            doubtful = [c for row in table.cells for c in row if isinstance(c, Number) and c.confidence == "low"]
            if doubtful:
                assert "low" in drawing.csv(table), table.key
                assert '"low"' in drawing.json(table), table.key
