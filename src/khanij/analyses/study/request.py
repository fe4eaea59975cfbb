"""A study: a YAML file that asks several questions with common defaults, checked key by key before it runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml
from pydantic import Field, PrivateAttr, ValidationError, computed_field

from khanij.analyses.fields import File
from khanij.analyses.question import CLI, Answer, Request, Strict, find, request_of
from khanij.core.errors import KhanijError, StudyError
from khanij.reference import yaml_files


class StudyFile(Strict):
    """What a study's file holds.

    defaults  field -> value, for every request that has the field      ask  one mapping a request: question -> fields
    """

    title: str = Field(min_length=1)
    question: str = ""
    defaults: dict[str, Any] = Field(default_factory=dict)
    ask: tuple[dict[str, Any], ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Study:
    """Several requests under one title.

    question  what they are to answer, in words
    """

    title: str
    question: str
    requests: tuple[Request, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Return a label a request: its question, numbered where it is asked more than once."""
        asked = [one.question.replace(" ", "-") for one in self.requests]
        return tuple(
            name if asked.count(name) == 1 else f"{name}-{asked[:at].count(name) + 1}" for at, name in enumerate(asked)
        )


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """The answer to one request of a study, under its label."""

    label: str
    answer: Answer


def read(path: Path) -> Study:
    """Return a study from a YAML file; raises StudyError with the key path for whatever is wrong."""
    try:
        entered = yaml_files.load(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as wrong:
        what = " ".join(str(wrong).split())
        raise StudyError(f"cannot read: {what}", where=path.name, hint="a YAML file") from None
    return parse(entered, path.name)


def parse(entered: Any, where: str = "study") -> Study:
    """Return a study from plain values; raises KhanijError with the key path of what is wrong."""
    try:
        held = StudyFile.model_validate(entered)
    except ValidationError as wrong:
        raise _refused(wrong, where, StudyFile, "") from None
    requests = tuple(_request(entry, n, held.defaults) for n, entry in enumerate(held.ask))
    known = {name for one in requests for name in _names(type(one))}
    for name in held.defaults:
        if name not in known:
            hint = "a default is a field of at least one request"
            raise StudyError(f"no request has {name!r}", where=f"defaults.{name}", hint=hint)
    return Study(held.title, held.question, requests)


def _request(entry: Mapping[str, Any], n: int, defaults: Mapping[str, Any]) -> Request:
    """Return one request of a study."""
    if len(entry) != 1:
        raise StudyError(f"{len(entry)} questions at once", where=f"ask.{n}", hint="one a line: `- plan: {...}`")
    ((name, fields),) = entry.items()
    where = f"ask.{n}.{name}"
    try:
        kind = request_of(find(name))
    except StudyError as unknown:
        raise StudyError(unknown.what, where=where, hint=unknown.hint) from None
    if name == StudyRequest.question or not isinstance(fields, Mapping | None):
        raise StudyError("no fields of a question", where=where, hint="field: value")
    own = dict(fields or {})
    clear = {alias for pair in _pairs(kind) if own.keys() & set(pair) for alias in pair}
    given = {key: value for key, value in defaults.items() if key in _names(kind) and key not in clear} | own
    try:
        return kind.model_validate(given)
    except ValidationError as wrong:
        raise _refused(wrong, where, kind, f"{where}.") from None
    except KhanijError as wrong:
        raise type(wrong)(wrong.what, where=f"{where} {wrong.where}".strip(), hint=wrong.hint) from None


def _pairs(kind: type[Request]) -> tuple[tuple[str, ...], ...]:
    """Return the names of each field: its own, and its other one where it has one."""
    return tuple((name, about.alias) if about.alias else (name,) for name, about in kind.model_fields.items())


def _names(kind: type[Request]) -> set[str]:
    """Return all names of the fields of a request."""
    return {name for pair in _pairs(kind) for name in pair}


def _refused(wrong: ValidationError, where: str, kind: type[Strict], prefix: str) -> StudyError:
    """Return the first mistake of a file with its key path."""
    first = wrong.errors()[0]
    path = ".".join(str(part) for part in first["loc"])
    key = f"{prefix}{path}" if path else where
    return StudyError(
        f"{first['msg'].lower()} ({len(wrong.errors())} in all)", where=key, hint=", ".join(kind.model_fields)
    )


class StudyRequest(Request):
    """Several questions from a YAML file: each is answered as its own command would, and told together.

    >>> StudyRequest.of({"file": "studies/ncmm.yaml"}).command()
    'khanij study run studies/ncmm.yaml'
    """

    file: File = Field(description="YAML file of a study", json_schema_extra={CLI: "argument"})
    passes_on: ClassVar[bool] = True
    page: Path | None = Field(None, description="folder for one HTML page and one XLSX workbook of everything")
    _study: Study = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Read the file: a request whose file cannot be read is none."""
        self._study = read(self.file)

    @property
    def study(self) -> Study:
        """Return what the file asks."""
        return self._study

    @computed_field(description="hash of what the file asks")  # type: ignore[prop-decorator]
    @property
    def digest(self) -> str:
        """Return a hash of all that is asked, so that two files of one name are two requests."""
        asked = [(one.question, one.model_dump_json()) for one in self._study.requests]
        return hashlib.sha256(repr((self._study.title, self._study.question, asked)).encode()).hexdigest()[:16]

    def given(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults; what the file asks is in it and in record()."""
        return {name: value for name, value in super().given().items() if name in type(self).model_fields}

    def record(self) -> dict[str, Any]:
        """Return the whole study as plain data: the name of a file is no input that lasts."""
        ask = [{one.question: one.given()} for one in self._study.requests]
        asked = {"title": self._study.title, "question": self._study.question, "ask": ask}
        return {name: value for name, value in super().record().items() if name != "page"} | {"study": asked}
