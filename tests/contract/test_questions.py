"""Walk the list of questions: each field says what it is, each request is its own command line, each key is known."""

from __future__ import annotations

import ast
import contextlib
import doctest
import importlib
import inspect
import re
import shlex
from typing import get_args, get_origin

import pytest

from khanij.analyses.question import Request, request_of, spelled
from khanij.analyses.questions import QUESTIONS
from khanij.cli import commands
from khanij.cli.app import launch
from khanij.core.errors import StudyError
from khanij.core.table import KINDS
from khanij.reference.columns import columns

each = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)


def examples(question):
    """Return (example, request) of every request in the docstring of a request: there is at least one."""
    request = request_of(question)
    names = {**vars(importlib.import_module(request.__module__)), request.__name__: request}
    found = [
        (example, eval(example.source.strip().removesuffix(".command()"), names))
        for example in doctest.DocTestParser().get_examples(inspect.getdoc(request) or "")
        if example.source.startswith(f"{request.__name__}.of(")
    ]
    assert found, "an example: >>> XRequest.of({...}).command()"
    return found


def test_the_list_is_in_order_and_names_each_once():
    names = [question.name for question in QUESTIONS]
    assert names == sorted(set(names))


@each
def test_it_is_a_room_with_a_request_and_an_answer(question):
    assert question.line.endswith(".")
    assert len(question.line) <= 110
    module, _, name = question.run.partition(":")
    run = getattr(importlib.import_module(module), name)
    assert list(inspect.signature(run).parameters) == ["request", "case", "job"]
    assert issubclass(request_of(question), Request)
    assert request_of(question).question == question.name


@each
def test_every_field_is_described_and_every_number_bounded(question):
    for name, about in request_of(question).model_fields.items():
        if name in Request.model_fields:  # of every question, with a check of their own
            continue
        assert about.description, name
        assert not about.description.endswith("."), name
        kinds = {about.annotation, *(get_args(about.annotation) if get_origin(about.annotation) is not tuple else ())}
        if kinds & {int, float}:
            bounds = {key for part in about.metadata for key in ("ge", "gt", "le", "lt") if hasattr(part, key)}
            assert bounds & {"ge", "gt"}, f"{name} may fall without end"


@each
def test_its_schema_describes_every_key(question):
    schema = request_of(question).model_json_schema()
    assert schema["additionalProperties"] is False
    assert all(part.get("description") or "$ref" in str(part) for part in schema["properties"].values())


@each
def test_its_examples_run(question):
    for example, request in examples(question):
        assert sorted(shlex.split(request.command())) == sorted(shlex.split(ast.literal_eval(example.want)))


@each
def test_its_command_line_asks_the_same_question(question, monkeypatch, capsys):
    heard = []

    def ask(request, case=None, job=None):
        heard.append(request)
        raise StudyError("heard", where="test", hint="none")

    monkeypatch.setattr(commands, "ask", ask)
    for _, request in examples(question):
        launch(shlex.split(request.command())[1:])
        assert heard, capsys.readouterr().err
        assert heard.pop() == request
        assert type(request).of(request.given()) == request


@each
def test_its_help_tells_every_option_with_its_meaning(question, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    with contextlib.suppress(SystemExit):
        assert launch([*question.name.split(), "--help"]) == 0
    said = re.sub(r"\s+", " ", capsys.readouterr().out)
    for name, about in request_of(question).model_fields.items():
        how = spelled(name, about)
        assert (name.upper() if how == "argument" else how.split("/")[0]) in said
        assert re.sub(r"\s+", " ", about.description) in said, name


@pytest.mark.parametrize("key", columns())
def test_every_column_has_key_name_kind_and_meaning(key):
    column = columns()[key]
    assert re.fullmatch(r"[a-z][a-z0-9_]*", key)
    assert column.name
    assert column.kind in KINDS
    assert column.meaning
    assert not column.meaning.endswith(".")
