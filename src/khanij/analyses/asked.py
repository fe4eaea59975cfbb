"""A question that a stranger asks: by address, form, JSON or a line of text; no field of it names a file."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from urllib.parse import urlencode

from khanij.analyses import fields
from khanij.analyses.question import Request, find, is_repeated, request_of, spelled
from khanij.analyses.questions import QUESTIONS, Question
from khanij.core.errors import StudyError

LIMITS = {"years": 20_000, "draws": 2_000, "tornado": 1_000, "scenarios": 4_000, "seconds": 300.0, "limit": 10_000}
LENGTH = 4_000  # characters of one field


def loads(text: str | bytes) -> Any:
    """Return what JSON holds; raises ValueError for a key that stands twice and for nan and inf, which JSON has not."""
    return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a mapping; raises ValueError for a key that stands twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(name: str) -> float:
    """Raise ValueError."""
    raise ValueError(f"{name} is no number")


def by_slug(slug: str) -> Question:
    """Return a question by its name in an address ("data-check"); raises StudyError with the known ones."""
    for question in QUESTIONS:
        if question.slug == slug:
            return question
    known = ", ".join(question.slug for question in QUESTIONS)
    raise StudyError(f"no question {slug!r}", where="question", hint=f"one of {known}")


def open_fields(kind: type[Request]) -> dict[str, Any]:
    """Return name -> field of those that a stranger may fill: all but files, the question's own ones first."""
    names = [*(n for n in kind.model_fields if n not in Request.model_fields), *Request.model_fields]
    return {name: about for name in names if not _is_file(about := kind.model_fields[name])}


def is_open(kind: type[Request]) -> bool:
    """Return whether a stranger can ask the question at all: not one that needs a file."""
    return not any(about.is_required() and _is_file(about) for about in kind.model_fields.values())


def _is_file(about: Any) -> bool:
    """Return whether a field holds a path."""
    waiting = [about.annotation]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, Path):
            return True
        waiting += get_args(one)
    return False


def limit(name: str, about: Any) -> float:
    """Return the most that a field of LIMITS may be when it is asked from outside: what is usual is always allowed."""
    usual = about.default if isinstance(about.default, int | float) else 0
    return max(LIMITS[name], usual)


def kind_of(about: Any) -> str:
    """Return how a form asks for a field: choice, flag, number or text."""
    kinds = [one for one in (about.annotation, *get_args(about.annotation)) if one is not type(None)]
    if any(get_origin(one) is Literal for one in kinds):
        return "choice"
    if about.annotation is bool:
        return "flag"
    return "number" if get_origin(about.annotation) is not tuple and {int, float} & set(kinds) else "text"


def choices(about: Any) -> tuple[str, ...]:
    """Return what may be chosen in a field of choices."""
    kinds = (about.annotation, *get_args(about.annotation))
    return tuple(str(one) for kind in kinds if get_origin(kind) is Literal for one in get_args(kind))


def read(question: Question, values: Mapping[str, Any]) -> Request:
    """Return the request of these fields; empty ones count as not given, and a file is refused.

    Raises StudyError in three lines for what is wrong, for a question that needs a file, and for a run that is larger
    than one asked from outside may be.
    """
    kind = request_of(question)
    if not is_open(kind):
        raise StudyError("it needs a file of your own", where=question.name, hint=f"khanij {question.name} --help")
    given = {}
    held = open_fields(kind)
    known = {other: name for name, about in held.items() for other in (name, about.alias) if other}
    for key, value in values.items():
        if value in (None, "", [], [""]):
            continue
        if key not in known:
            raise StudyError(f"no such field {key[:60]!r}", where=question.name, hint=f"one of {', '.join(held)}")
        if len(str(value)) > LENGTH:
            raise StudyError("too long", where=key, hint=f"at most {LENGTH} characters")
        given[key] = value
    with fields.without_files():
        try:
            request = kind.of(given)
        except (TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as unread:
            what = f"cannot be read: {type(unread).__name__}"  # a value of a kind that no field expects
            raise StudyError(what, where=question.name, hint=f"fields are {', '.join(held)}") from None
    for name in LIMITS.keys() & held.keys():
        value, most = getattr(request, name), limit(name, held[name])
        if isinstance(value, int | float) and value > most:
            raise StudyError(f"{value:,} is more than is worked on here", where=name, hint=f"at most {most:,}")
    return request


def from_pairs(question: Question, pairs: Sequence[tuple[str, str]]) -> Request:
    """Return the request of an address: a field that is named several times is a list."""
    kind = request_of(question)
    many: dict[str, list[str]] = {}
    for key, value in pairs:
        if value.strip():
            many.setdefault(key, []).append(value.strip())
    held = kind.model_fields
    repeated = {other for name, f in held.items() if is_repeated(f) for other in (name, f.alias) if other}
    return read(question, {k: v if k in repeated else v[0] if len(v) == 1 else ",".join(v) for k, v in many.items()})


def to_pairs(request: Request) -> list[tuple[str, str]]:
    """Return the fields of a request as an address has them: only those that are not as usual."""
    pairs: list[tuple[str, str]] = []
    for name, value in request.model_dump(mode="json", by_alias=False, exclude_defaults=True).items():
        about = type(request).model_fields.get(name)
        if about is None:
            continue
        if isinstance(value, list) and is_repeated(about):
            pairs += [(name, _written(one)) for one in value]
        elif isinstance(value, list) and len(value) > 1 and _is_run(value):
            pairs.append((name, f"{value[0]}-{value[-1]}"))
        else:
            pairs.append((name, _written(value)))
    return pairs


def query(request: Request) -> str:
    """Return a request as the query of an address."""
    return urlencode(to_pairs(request), safe=",:;>@")


def _is_run(value: Sequence[Any]) -> bool:
    """Return whether these are years one after the other."""
    return all(isinstance(v, int) for v in value) and list(value) == list(range(value[0], value[-1] + 1))


def _written(value: Any) -> str:
    """Return a value as an address has it."""
    import json

    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def from_command(text: str) -> Request:
    """Return the request of a line such as "khanij explain hhi --focus IND"; raises StudyError for one that is none."""
    try:
        words = shlex.split(text)
    except ValueError as wrong:
        raise StudyError(f"no command: {wrong}", where="command", hint="khanij QUESTION …") from None
    words = words[1:] if words[:1] == ["khanij"] else words
    found = [q for q in QUESTIONS if words[: len(q.name.split())] == q.name.split()]
    if not found:
        raise StudyError("no question in it", where=text[:60], hint="khanij QUESTION …")
    question = max(found, key=lambda q: len(q.name))
    return from_pairs(question, _pairs(question, words[len(question.name.split()) :]))


def _pairs(question: Question, words: Sequence[str]) -> list[tuple[str, str]]:
    """Return field and value of each argument and option of a command."""
    held = request_of(question).model_fields
    options: dict[str, tuple[str, str | None]] = {}
    for name, about in held.items():
        spellings = spelled(name, about).split("/")
        for at, spelling in enumerate(spellings):
            options[spelling] = (name, None if about.annotation is not bool else "false" if at else "true")
    arguments = [name for name, about in held.items() if spelled(name, about) == "argument"]
    pairs, rest = [], list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            if not arguments:
                raise StudyError(f"{word!r} is one word too many", where=question.name, hint="name an option")
            pairs.append((arguments.pop(0), word))
            continue
        if word not in options:
            raise StudyError(f"no option {word}", where=question.name, hint=", ".join(options))
        name, fixed = options[word]
        if fixed is None and not rest:
            raise StudyError(f"{word} is without a value", where=question.name, hint=f"{word} VALUE")
        pairs.append((name, rest.pop(0) if fixed is None else fixed))
    return pairs


def schema(question: Question) -> dict[str, Any]:
    """Return the JSON Schema of what a stranger may ask; numbers have the limits of a run asked from outside."""
    kind = request_of(question)
    whole = kind.model_json_schema(by_alias=False)
    held = open_fields(kind)
    properties = {name: dict(part) for name, part in whole["properties"].items() if name in held}
    for name, part in properties.items():
        part.pop("cli", None)
        if name in LIMITS:
            part["maximum"] = min(part.get("maximum", limit(name, held[name])), limit(name, held[name]))
    made = {"type": "object", "title": kind.__name__, "description": question.line, "properties": properties}
    made["required"] = [name for name in whole.get("required", ()) if name in properties]
    made["additionalProperties"] = False
    return made | ({"$defs": whole["$defs"]} if "$defs" in whole else {})


def named(name: str, /, **values: Any) -> Request:
    """Return the request of a question by its name and fields, as a stranger may ask it."""
    return read(find(name), values)
