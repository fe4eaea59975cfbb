"""Walk the list of questions: fields described and bounded, one with the command line, columns that mean something."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import yaml

from khanij.analyses.question import Request, ask, find, request_of, spelled
from khanij.analyses.questions import QUESTIONS, Question
from khanij.cli import app, commands
from khanij.core.table import KINDS
from khanij.reference import columns, rows

sys.path.insert(0, str(Path(__file__).parent))
from hand_made import case

ROOT = Path(__file__).parents[2]
each = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)

SAMPLES: dict[str, Any] = {  # field -> a value that a person may give it, where its type alone does not tell one
    "material": "copper",
    "year": 2023,
    "partner": "CHL",
    "hs": "283691",
    "stage": "refined",
    "country": "CHN",
    "place": "IND,NOR",
    "inputs": "trade,content",
    "method": "import-hhi",
    "set": ["by=value"],
    "variable": "hhi",
    "lists": "in-2023-30,eu-2023-crm",
    "assume": ["offtake=0.2"],
    "quantity": "production",
    "item": "HS92:283691",
    "focus": "EU27",
}


def build() -> Any:
    """Return the module that makes the pages of the documentation."""
    spec = importlib.util.spec_from_file_location("khanij_docs_build", ROOT / "docs" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def example(question: Question) -> tuple[Request, str]:
    """Return the request of the example in a docstring, and the command that it is said to be."""
    kind = request_of(question)
    (found,) = doctest.DocTestParser().get_examples(kind.__doc__ or "")
    made = eval(found.source.rsplit(".command()", 1)[0], {kind.__name__: kind})
    return made, found.want.strip().strip("'\"")


def number(about: Any) -> bool:
    """Tell whether a field is a number; a tuple of numbers is bounded by its own type."""
    kinds = {about.annotation, *get_args(about.annotation)}
    return get_origin(about.annotation) is not tuple and bool(kinds & {int, float})


def other(about: Any) -> Any:
    """Return a value of a field that is not its default, None where its type alone does not tell one."""
    kinds = [kind for kind in (about.annotation, *get_args(about.annotation)) if kind is not type(None)]
    if about.annotation is bool:
        return not about.default
    if any(get_origin(kind) is Literal for kind in kinds):
        choices = [c for kind in kinds if get_origin(kind) is Literal for c in get_args(kind)]
        return next(choice for choice in choices if choice not in ("", about.default))
    if number(about):
        low = next((getattr(m, "ge", None) for m in about.metadata if getattr(m, "ge", None) is not None), 0)
        kind = float if float in kinds else int
        return kind(low + 1) if kind(low + 1) != about.default else kind(low + 2)
    return None


def variants(question: Question) -> list[Request]:
    """Return requests that differ from the example in one field each, as far as they are possible together with it."""
    made, _ = example(question)
    found = [made]
    for name, about in type(made).model_fields.items():
        value = SAMPLES.get(name) if name in SAMPLES else other(about)
        if value is None or name == "own":
            continue
        try:
            found.append(type(made).of({**made.given(), (about.alias or name): value}))
        except Exception:
            continue  # not possible beside the other fields of the example
    assert len(found) > 1 or not type(made).reads_assumptions()  # files and ids alone
    return found


@each
def test_every_field_is_described_and_every_number_bounded(question: Question) -> None:
    for name, about in request_of(question).model_fields.items():
        assert about.description, name
        assert not about.description.endswith("."), name
        if number(about):
            limits = {limit for m in about.metadata for limit in ("ge", "gt", "le", "lt") if hasattr(m, limit)}
            assert limits & {"ge", "gt"}, f"{name} has no lower bound"
            assert limits & {"le", "lt"}, f"{name} has no upper bound"


@each
def test_the_example_in_the_docstring_holds(question: Question) -> None:
    made, command = example(question)
    assert made.command() == command
    assert made.question == question.name


def test_the_example_of_a_request_by_name_holds() -> None:
    from khanij.analyses import question

    found = doctest.testmod(question)
    assert found.attempted
    assert not found.failed


@each
def test_a_request_survives_its_command_line_json_and_yaml(question: Question, monkeypatch: Any) -> None:
    asked: list[Request] = []

    class Stop(BaseException):  # the command line tells of every Exception itself
        pass

    def keep(request: Request, **_: Any) -> None:
        asked.append(request)
        raise Stop

    monkeypatch.setattr(commands, "ask", keep)
    for made in variants(question):
        kind, plain = type(made), made.given()
        assert kind.of(json.loads(json.dumps(plain))) == made
        assert kind.of(yaml.safe_load(yaml.safe_dump(plain))) == made
        with pytest.raises(Stop):
            app.launch(shlex.split(made.command())[1:])
        assert asked.pop() == made, made.command()


@each
def test_the_schema_describes_every_property(question: Question) -> None:
    schema = request_of(question).model_json_schema()
    assert schema["additionalProperties"] is False
    assert all(about.get("description") for about in schema["properties"].values())
    json.dumps(schema)


@each
def test_what_it_does_not_know_is_refused(question: Question) -> None:
    made, _ = example(question)
    with pytest.raises(Exception, match="no such key 'colour'") as refused:
        type(made).of({**made.given(), "colour": "red"})
    assert refused.value.hint


@each
def test_it_has_a_command_a_page_and_a_line(question: Question, capsys: Any) -> None:
    *group, name = question.name.split()
    assert app.launch([*group, "--help"]) == 0
    assert re.search(rf"^\s+{re.escape(name)}\b", capsys.readouterr().out, re.MULTILINE)
    assert app.launch([*question.name.split(), "--help"]) == 0
    helped = capsys.readouterr().out
    for field, about in request_of(question).model_fields.items():
        how = spelled(field, about).split("/")[0]
        assert (field.upper() if how == "argument" else how) in helped, field
    assert question.line.endswith(".")
    page = build().pages()["Questions"][f"questions/{question.name.replace(' ', '-')}.md"]
    assert question.line in page
    assert all(f"`{field}`" in page for field in request_of(question).model_fields)


def test_names_are_sorted_by_nobody_twice() -> None:
    names = [question.name for question in QUESTIONS]
    assert len(set(names)) == len(names)
    for name in names:
        assert find(name).name == name


def test_every_column_has_one_key_a_name_a_kind_and_a_meaning() -> None:
    listed = [row["key"] for row in rows("columns")]
    assert sorted({key for key in listed if listed.count(key) > 1}) == []
    for column in columns.columns().values():
        assert re.fullmatch(r"[a-z][A-Za-z0-9_]*", column.key), column.key
        assert column.name, column.key
        assert column.kind in KINDS, column.key
        assert column.meaning, column.key
        assert not column.meaning.endswith("."), column.key


def tables(question: Question) -> dict[str, tuple[str, ...]]:
    """Return key of a table -> keys of its columns, as the question's room declares them; {} where it does not."""
    module = question.run.partition(":")[0].rpartition(".")[0]
    try:
        room = importlib.import_module(f"{module}.tables")
    except ModuleNotFoundError:
        return {}
    found: dict[str, tuple[str, ...]] = getattr(room, "TABLES", {}).get(question.name, {})
    return found


@each
def test_the_columns_that_a_question_declares_are_known(question: Question) -> None:
    for key, keys in tables(question).items():
        assert set(keys) <= set(columns.columns()), key


CHEAP: dict[str, list[dict[str, Any]]] = {  # question -> requests that are answered on the Case made by hand
    "methods": [{}],
    "run": [
        {"method": "import-hhi", "focus": "IND", "year": "2022-2023", "material": "copper,tin"},
        {"method": "supplier-shares", "focus": "IND", "year": 2022},
    ],
    "assess": [
        {"focus": "IND", "year": 2022, "method": "import-hhi,production-hhi"},
        {"focus": "IND", "year": 2022, "method": "n-1-loss", "draws": 20, "sensitivity": True},
    ],
    "history": [
        {"focus": "IND", "method": "import-hhi", "year": "2022-2023", "material": "copper"},
        {"focus": "IND", "method": "import-hhi", "year": "2022-2023", "decompose": True},
    ],
    "explain": [{"method": "import-hhi", "focus": "IND", "material": "copper", "year": 2022}],
    "origin": [{"focus": "IND", "material": "copper,tin", "year": 2022}],
    "compare": [
        {"focus": "IND", "year": 2023, "method": "production-hhi", "lists": "in-2023-30", "why": True},
        {"lists": "in-2023-30,eu-2023-crm"},
    ],
    "process": [
        {"material": "silicon", "draws": 20},
        {"material": "silicon", "route": "silicon-metal", "place": "IND"},
    ],
    "events list": [{}],
    "events show": [{"event": "china-gallium-2023"}],
    "data list": [{"what": what} for what in ("materials", "countries", "groups", "lists", "stages", "columns")],
    "demand": [{"focus": "IND", "scenarios": True}],
}
ON_CASE = {"run", "assess", "history", "explain", "origin", "compare"}


@pytest.mark.parametrize("name", CHEAP)
def test_an_answer_says_what_it_shows(name: str) -> None:
    for values in CHEAP[name]:
        made = request_of(find(name)).of(values)
        answer = ask(made, case=case() if name in ON_CASE and made.scope() is not None else None)
        assert answer.request == made
        assert str(answer.findings[0]).endswith("."), answer.findings[0]
        keys = [table.key for table in answer.tables]
        assert len(set(keys)) == len(keys)
        declared = {re.sub(r"-METHOD$", "", key): held for key, held in tables(find(name)).items()}
        for table in answer.tables:
            held = next(keys for key, keys in declared.items() if table.key == key or table.key.startswith(f"{key}-"))
            assert len(table) or table.notes, table.key
            assert any(column.main for column in table.columns), table.key
            for column in table.columns:
                assert column.name, column.key
                assert column.meaning, column.key
                known = column.key in held or column.key not in columns.columns()
                assert known, f"{table.key} shows {column.key} and does not declare it"
