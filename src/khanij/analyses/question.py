"""One question, one answer: a Request is frozen and checked, `ask` gives the Answer, which repeats itself."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from khanij.analyses.questions import QUESTIONS, Question
from khanij.core.case import Case
from khanij.core.errors import CoverageError, KhanijError, StudyError
from khanij.core.registry import package_version
from khanij.core.result import Result
from khanij.core.table import Table
from khanij.reference import assumptions

UNTEXT = re.compile(r"[\x00\ud800-\udfff]")  # what no name holds and no file takes
FIRST, LAST = 1990, 2060  # years that a question may name at all; its own bounds are narrower
DAY = r"\d{4}-\d\d-\d\d"
CLI = "cli"  # key of what the command line must know of a field: argument, repeat, or how its option is spelled


class Strict(BaseModel):
    """A part of a request: frozen, and a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True)
class Scope:
    """What Case a request stands on.

    foci       codes of countries or groups, or ("all",)      years  calendar years
    materials  ids; () = all
    kind       what Case it is: of countries; of a firm, whose purchases are in `file`; of process chains
    """

    foci: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    materials: tuple[str, ...] = ()
    kind: Literal["countries", "firm", "processes"] = "countries"
    file: Path | None = None


class Request(Strict):
    """One question. Each field has a type that checks it, a bound and a description; subclasses add theirs."""

    question: ClassVar[str] = ""  # the name in questions.QUESTIONS
    passes_on: ClassVar[bool] = False  # what is assumed goes to other questions, that stand on Cases
    assume: tuple[str, ...] = Field(
        (), description="set an assumption otherwise, ID=NUMBER", json_schema_extra={CLI: "repeat"}
    )
    own: tuple[Path, ...] = Field(
        (), description="facts of one's own, laid over the store", json_schema_extra={CLI: "repeat"}
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **more: Any) -> None:
        """Give a request the name under which the list has it, whoever makes one."""
        path = f"{cls.__module__}:{cls.__qualname__}"
        cls.question = next((question.name for question in QUESTIONS if question.request == path), "")

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        """Refuse what would be taken for something else: blank text for all, yes for 1, seconds for a day."""
        for name, value in given.items() if isinstance(given, Mapping) else ():
            about = cls.model_fields.get(name) or next((f for f in cls.model_fields.values() if f.alias == name), None)
            if about is not None:
                _refuse_doubtful(str(name), about, value)
        return given

    @model_validator(mode="after")
    def _assumed(self) -> Self:
        """Refuse an assumption that is none, and one that nothing reads."""
        if assumptions.read(self.assume) and not self.reads_assumptions():
            hint = "leave --assume away: the question stands on no Case"
            raise StudyError("no assumption moves this answer", where="--assume", hint=hint)
        return self

    @classmethod
    def reads_assumptions(cls) -> bool:
        """Return whether an assumption can move the answer: it stands on a Case, or asks what does."""
        return cls.passes_on or cls.scope is not Request.scope

    def scope(self) -> Scope | None:
        """Return what Case the question stands on; None for one that needs none."""
        return None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return the request of field -> value; raises KhanijError in three lines for the first that is wrong."""
        try:
            return cls.model_validate(dict(values))
        except ValidationError as wrong:
            raise told(cls, wrong) from None

    def given(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults, as plain data."""
        return dict(self.model_dump(mode="json", by_alias=True, exclude_defaults=True))

    def record(self) -> dict[str, Any]:
        """Return the whole input as plain data, as a bundle keeps it."""
        return {"question": self.question, **self.given()}

    def command(self) -> str:
        """Return the line that asks this question again."""
        words = ["khanij", *self.question.split()]
        tail: list[str] = []
        values = self.model_dump(mode="json", by_alias=False, exclude_defaults=True)
        for name, about in type(self).model_fields.items():
            if name not in values:
                continue
            value, how = values[name], spelled(name, about)
            if how == "argument":
                words.append(_text(value))
            elif isinstance(value, bool):
                tail.append(how.split("/")[0 if value else -1])
            elif is_repeated(about):
                tail += [part for one in value for part in (how, _text(one))]
            else:
                tail += [how, _text(value)]
        return shlex.join([*words, *tail])


def spelled(name: str, about: Any) -> str:
    """Return "argument", or the option of a field: --name, or what it says itself ("--ceilings/--single-budget")."""
    how = (about.json_schema_extra or {}).get(CLI, "")
    if how == "argument" or how.startswith("--"):
        return str(how)
    option = "--" + (about.alias or name).replace("_", "-")
    return f"{option}/--no-{option[2:]}" if about.annotation is bool and about.default is True else option


def _refuse_doubtful(name: str, about: Any, value: Any) -> None:
    """Raise StudyError for a value that a field would take for another than the one that stands there."""
    kinds = {about.annotation, *get_args(about.annotation)}
    listed = value if isinstance(value, list | tuple) else (value,)
    how = spelled(name, about).split("/")[0]
    where = name.upper() if how == "argument" else how
    blank = " \t\r\n" if Path in kinds else " \t\r\n,"  # a comma may name a file
    if any(isinstance(one, str | Path) and not str(one).strip(blank) for one in listed):
        raise StudyError("nothing is named", where=where, hint=f"leave it away, or: {about.description}")
    if Path in kinds and any(isinstance(one, str | Path) and len(str(one)) > 4096 for one in listed):
        raise StudyError("too long for the name of a file", where=where, hint=f"{about.description}")
    if any(isinstance(one, str | Path) and UNTEXT.search(str(one)) for one in listed):
        raise StudyError("signs that no text has", where=where, hint=f"{about.description}")
    if bool not in kinds and any(isinstance(one, bool) for one in listed):
        raise StudyError(f"{str(listed[0]).lower()} is no value of it", where=where, hint=f"{about.description}")
    if date in kinds and not (type(value) is date or value is None or re.fullmatch(DAY, str(value), re.ASCII)):
        raise StudyError(f"{str(value)[:60]!r} is no day", where=where, hint="YYYY-MM-DD, such as 2026-01-31")
    if date in kinds and value is not None and not FIRST <= int(str(value)[:4]) <= LAST:
        raise StudyError(f"nothing is known of {value}", where=where, hint=f"a day from {FIRST} to {LAST}")


def is_repeated(about: Any) -> bool:
    """Return whether a field's option is given once a value."""
    return (about.json_schema_extra or {}).get(CLI) == "repeat"


def _text(value: Any) -> str:
    """Return a value as a person types it; runs of years are told by their ends, an entry of several parts as JSON."""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, list):
        return str(value)
    if len(value) > 1 and all(isinstance(v, int) for v in value) and value == list(range(value[0], value[-1] + 1)):
        return f"{value[0]}-{value[-1]}"
    return ",".join(map(str, value))


def told(request: type[Request], wrong: ValidationError) -> KhanijError:
    """Return the first mistake of a request in three lines: what, which option or key, what would be right."""
    first = wrong.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    fields = request.model_fields
    about = fields.get(name) or next((f for f in fields.values() if f.alias == name), None)
    where = spelled(name, about).split("/")[0] if about is not None else ".".join(map(str, first["loc"]))
    where = name.upper() if where == "argument" else where
    inside = ".".join(map(str, first["loc"][1:]))  # of an entry of several parts
    if first["type"] == "extra_forbidden":
        where, hint = (where, "") if inside else (request.question, f"one of {', '.join(fields)}")
        return StudyError(f"no such key {inside or name!r}", where=where, hint=hint)
    if first["type"] == "missing":
        where = where if inside else request.question
        return StudyError(f"{inside or name} is missing", where=where, hint=f"khanij {request.question} --help")
    where = f"{where} {inside}".strip()
    shown = "" if first["input"] is None else f"{str(first['input'])[:60]!r}: "
    hint = (about.description if about is not None else "") or f"khanij {request.question} --help"
    said = first["msg"].removeprefix("Value error, ")
    return StudyError(f"{shown}{said[:1].lower()}{said[1:]}", where=where, hint=hint)


@dataclass(frozen=True, slots=True)
class Job:
    """How a question is worked on; no number depends on it.

    say      told what is being done         progress  told how far a long run is
    workers  processes                       executor  serial, processes, dask, or the address of a scheduler
    folder   where finished parts of a long run are kept, so that it goes on after a stop
    """

    say: Callable[[str], None] = lambda _: None
    progress: Callable[[Any], None] | None = None
    workers: int = 1
    executor: str | None = None
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked and what came of it.

    findings  sentences, the first of them the answer in one; text, or present.document.Sentence with its sources
    tables    by key, in the order in which they are read
    figures   drawings for pages and notebooks (present.document.Figure)
    results   name -> Result behind the tables, for a bundle
    sources   ids of the sources cited; if none are named, those of the tables, or else of the Results
    manifest  hash of the facts that it stands on
    words     part -> sentences that a document prints beside its tables (present.document.Sentence)
    files     name -> content of the files that a document consists of; a face writes them
    """

    request: Request
    tables: tuple[Table, ...]
    findings: tuple[Any, ...] = ()
    figures: tuple[Any, ...] = ()
    results: Mapping[str, Result] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    manifest: str = ""
    words: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Freeze results, words and files; without sources of its own it cites those of its tables or Results."""
        if not self.sources:
            cited = [source for table in self.tables for source in table.cited()]
            cited = cited or [source for result in self.results.values() for source in result.trace.sources]
            object.__setattr__(self, "sources", tuple(dict.fromkeys(cited)))
        for name in ("results", "words", "files"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def table(self, key: str) -> Table:
        """Return a table by key; raises StudyError where the answer has none of it."""
        for table in self.tables:
            if table.key == key:
                return table
        known = ", ".join(table.key for table in self.tables)
        raise StudyError(f"no table {key!r}", where=self.request.question, hint=f"one of {known}")

    def record(self, only: Sequence[Table] | None = None) -> dict[str, Any]:
        """Return the answer as plain data; only  tables that are wanted, all if none are given."""
        from khanij.present import table as drawing

        return {
            "command": self.request.command(),
            "findings": [str(sentence) for sentence in self.findings],
            "tables": [drawing.record(table) for table in (self.tables if only is None else only)],
            "sources": list(self.sources),
            "facts": self.manifest,
            "hash": self.hash,
        }

    def plot(self, id: str = "") -> Any:
        """Return a figure by id, the first if none is named, as plotly draws it; raises StudyError for none such."""
        from khanij.present import answers

        for figure in self.figures:
            if id in ("", figure.id):
                return answers.plot(figure)
        known = ", ".join(figure.id for figure in self.figures) or "none"
        raise StudyError(f"no figure {id!r}", where=self.request.question, hint=f"one of {known}")

    def _repr_html_(self) -> str:
        """Return the answer as a notebook shows it."""
        from khanij.present import answers

        return answers.html(self)

    @property
    def hash(self) -> str:
        """Return what tells it from every other answer: version, facts and request."""
        asked = {"question": self.request.question, **self.request.model_dump(mode="json")}
        text = json.dumps([package_version(), self.manifest, asked], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def find(name: str) -> Question:
    """Return a question by name; raises StudyError with the known ones."""
    for question in QUESTIONS:
        if question.name == name:
            return question
    known = ", ".join(question.name for question in QUESTIONS)
    raise StudyError(f"no question {name!r}", where="question", hint=f"one of {known}")


def request_of(question: Question) -> type[Request]:
    """Return the class of a question's requests."""
    found: type[Request] = _named(question.request)
    found.question = question.name
    return found


def request(name: str, /, **values: Any) -> Request:
    """Return the request of a question by its name and `values` of its fields; raises KhanijError for a wrong one.

    >>> request("trade", focus="IND", partner="RUS", hs="270900", year=2023).command()
    'khanij trade IND --from RUS --hs 270900 --year 2023'
    """
    return request_of(find(name)).of(values)


def ask(request: Request, case: Case | None = None, job: Job | None = None) -> Answer:
    """Return the answer to a request.

    case  the Case that it stands on; None = made from the facts in the store as `request.scope()` says
    job   how it is worked on
    Facts of one's own lie over the store until it is answered; what is assumed otherwise reaches the Case either way.
    Raises KhanijError for what has no answer: an answer without a row and without a file is none.

    >>> ask(request("methods")).tables[0].key
    'methods'
    """
    if request.own and case is not None:
        what = "facts of one's own are laid over the store, and the Case was handed in"
        raise StudyError(what, where="--own", hint="put them into the Case")
    if request.own:  # whatever reads the store while the question is answered finds them there
        with _named("khanij.analyses.inputs.own_files:laid")(request.own):
            return _answered(request, None, job)
    return _answered(request, case, job)


def _answered(request: Request, case: Case | None, job: Job | None) -> Answer:
    """Return the answer to a request over whose store nothing is left to lay."""
    question = next(q for q in QUESTIONS if q.name == request.question)
    if case is None and (scope := request.scope()) is not None:
        case = _named("khanij.analyses.inputs.cases:of_scope")(scope)
    if case is not None:
        case = assumptions.with_assumptions(case, assumptions.read(request.assume))
    answered: Answer = _named(question.run)(request, case, job or Job())
    if answered.tables and not any(map(len, answered.tables)) and not answered.files:
        reasons = (*answered.findings, *(note for table in answered.tables for note in table.notes))
        what = f"no answer: {reasons[0]}" if reasons else "no answer"
        raise CoverageError(what, where=request.question, hint="khanij data check shows what is held")
    return answered


def _named(path: str) -> Any:
    """Return what "package.module:name" names."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
