"""Commands made from the list of questions: a field of a request is an argument or an option, with its help."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import typer

from khanij.analyses.question import Job, Request, ask, is_repeated, request_of, spelled
from khanij.analyses.questions import Question
from khanij.cli import output
from khanij.cli.output import Format
from khanij.jobs import executors

SIMPLE = (int, float, bool, str, Path)
FACE = (
    ("format", Format, "--format", "how tables are written", Format.table),
    ("out", Path | None, "--out", "file of one table, folder of several or of a document", None),
    ("table", list[str] | None, "--table", "one table of the answer by its key; may be repeated", None),
    ("full", bool, "--full", "every column, row and table", False),
    ("quiet", bool, "--quiet", "no progress", False),
    (
        "bundle",
        Path | None,
        "--bundle",
        "folder for tables, traces and the request; a long run goes on from there",
        None,
    ),
    ("workers", int, "--workers", "processes; no number depends on it", 1),
    ("executor", str | None, "--executor", "serial, processes, dask, or the address of a dask scheduler", None),
)


def command(question: Question) -> Callable[..., None]:
    """Return the function that typer turns into the question's command."""
    request = request_of(question)

    def run(**given: Any) -> None:
        face = {name: given.pop(name) for name, *_ in FACE}
        asked = request.of({name: value for name, value in given.items() if value not in (None, [])})
        executors.check(face["workers"], face["executor"])
        output.check(face["out"], face["bundle"])
        try:
            with output.progress(face["quiet"]) as job:
                job = Job(job.say, job.progress, face["workers"], face["executor"], output.parts(face["bundle"]))
                answer = ask(asked, job=job)
        except KeyboardInterrupt as stop:  # a long run says what of it is kept
            print(f"stopped{f': {stop}' if str(stop) else ''}", file=sys.stderr)
            raise typer.Exit(130) from None
        output.emit(answer, face["format"], face["out"], tuple(face["table"] or ()), face["full"])
        folder = face["bundle"] or (output.home(answer, face["out"]) / "bundle" if answer.files else None)
        if folder is not None:
            output.bundle(answer, folder)

    run.__doc__ = inspect.getdoc(request).split("\n\n>>>")[0]  # type: ignore[union-attr]  # every request has one
    run.__signature__ = inspect.Signature([*_fields(request), *_face()])  # type: ignore[attr-defined]
    return run


def _fields(request: type[Request]) -> list[inspect.Parameter]:
    """Return a parameter a field, arguments first; None = not given."""
    own = [*(n for n in request.model_fields if n not in Request.model_fields), *Request.model_fields]
    made = []
    for name in own:
        about = request.model_fields[name]
        how, kind = spelled(name, about), _kind(about)
        text = f"{about.description or ''}{_bounds(about)}"
        if how == "argument":
            shown = name.upper() if about.is_required() else f"[{name.upper()}]"
            mark = typer.Argument(metavar=shown, help=text, show_default=_default(about))
        else:
            mark = typer.Option(how, help=text, show_default=_default(about))
        needed = about.is_required()
        annotation = Annotated[kind if needed else kind | None, mark]
        default = inspect.Parameter.empty if needed else None
        made.append(
            (
                how != "argument",
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation),
            )
        )
    return [parameter for _, parameter in sorted(made, key=lambda item: item[0])]


def _kind(about: Any) -> Any:
    """Return the type that the command line reads; whatever is not simple comes in as text."""
    kind = about.annotation
    if is_repeated(about):
        return list[str]
    kinds = [one for one in get_args(kind) if one is not type(None)] if type(None) in get_args(kind) else [kind]
    if len(kinds) == 1 and (kinds[0] in SIMPLE or get_origin(kinds[0]) is Literal):
        return kinds[0]
    return str


def _bounds(about: Any) -> str:
    """Return the bounds of a number in words."""
    low = next((m.ge for m in about.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in about.metadata if hasattr(m, "le")), None)
    if low is None or (high is None and low == 0):
        return ""
    return (
        f"; from {low:,}" + (f" to {high:,}" if high is not None and high < 1e9 else "")
        if not isinstance(low, int) or low < 1900
        else f"; {low} to {high}"
    )


def _default(about: Any) -> str | bool:
    """Return the default as people read it, or False where there is none worth a word."""
    value = about.default
    if about.is_required() or value in (None, "", (), False):
        return False
    return (
        ",".join(map(str, value)) if isinstance(value, tuple) else str(value).lower() if value is True else str(value)
    )


def _face() -> list[inspect.Parameter]:
    """Return the options that every command has."""
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=default,
            annotation=Annotated[kind, typer.Option(option, help=text)],
        )
        for name, kind, option, text, default in FACE
    ]
