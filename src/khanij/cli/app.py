"""The commands. Heavy imports happen inside them, so that --help stays quick."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from khanij.cli.groups import group
from khanij.cli.output import Format, emit_tables, hush, told
from khanij.core.errors import KhanijError, StudyError

LOOPBACK = "127.0.0.1"  # who serves on another address shows a token
RENAMED = {"--one-purse": "--single-budget"}  # options that had another name, and still work
UsageError = typer.BadParameter.__mro__[1]  # the base of every wrong use; typer carries it without naming it

app = typer.Typer(
    cls=group(),
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
)
data = typer.Typer(
    cls=group("data"),
    help="The facts: what is held, from whom, and whether it agrees.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
events = typer.Typer(
    cls=group("events", "list"),
    help="Documented disruptions since 2009, with what was measured.",
    rich_markup_mode=None,
)
events.callback()(lambda: None)
app.add_typer(data, name="data")
study = typer.Typer(
    cls=group("study"),
    help="Studies: a YAML file is the whole input of a run.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(study, name="study")
forecast = typer.Typer(
    cls=group("forecast"),
    help="Forecasts of restrictions: made, frozen, scored.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(forecast, name="forecast")
app.add_typer(events, name="events")

Focus = Annotated[str, typer.Argument(metavar="COUNTRY", help="ISO alpha-3, country name, or a group such as EU27")]
Year = Annotated[str, typer.Option("--year", help="2023, 2018-2024 or 2018,2020-2022")]
Material = Annotated[str | None, typer.Option("--material", help="ids or names, comma-separated; default all")]
Shape = Annotated[Format, typer.Option("--format", help="table, csv, json or parquet")]
Out = Annotated[Path | None, typer.Option("--out", help="write to this file instead of the terminal")]


def launch(arguments: list[str]) -> int:
    """Run one command and return its exit code; whatever goes wrong is told in three lines."""
    try:
        code = _run(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except KhanijError as problem:
        return _refuse(problem)
    except (typer.Abort, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
        return 130
    except (BrokenPipeError, SystemExit):  # the reader has gone: it has what it wanted
        hush(sys.stdout)
        return 0
    except Exception as broken:
        if os.environ.get("KHANIJ_DEBUG"):
            raise
        hush(sys.stdout) if isinstance(broken, OSError) else None
        return _refuse(told(broken))


def _run(arguments: list[str]) -> int:
    """Run one command; wrong use of it becomes a StudyError."""
    _refuse_twice(arguments)
    try:
        return int(app([RENAMED.get(word, word) for word in arguments], standalone_mode=False) or 0)
    except UsageError as wrong:
        context = getattr(wrong, "ctx", None)
        command = context.command_path if context else "khanij"
        if type(wrong).__name__ == "NoArgsIsHelpError":
            print(wrong.format_message())
            return 0
        raise StudyError(
            wrong.format_message().replace("Value error, ", ""), where=command, hint=f"{command} --help"
        ) from None


def _refuse_twice(arguments: list[str]) -> None:
    """Raise StudyError for an option that stands twice and takes one value: the last of two would win unsaid."""
    named = [word.partition("=")[0] for word in arguments if word.startswith("--") and len(word) > 2]
    twice = [word for word in dict.fromkeys(named) if named.count(word) > 1]
    if not twice:
        return
    from khanij.analyses.question import is_repeated, request_of, spelled
    from khanij.analyses.questions import QUESTIONS

    said = " ".join(arguments)
    asked = [question for question in QUESTIONS if said.startswith(f"{question.name} ")]
    fields = request_of(asked[0]).model_fields if asked else {}
    often = {"--table", *(spelled(name, about) for name, about in fields.items() if is_repeated(about))}
    for option in twice:
        if option not in often:
            raise StudyError("given twice", where=option, hint="once: the last of two would win without a word")


def _refuse(problem: KhanijError) -> int:
    """Print the three lines and return 2."""
    for line in problem.lines():
        print(" ".join(line.split("\n")), file=sys.stderr)
    return 2


@app.callback()
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="show which version this is")] = False,
) -> None:
    """From sourced facts to supply-security decisions: critical-mineral dependence of any country."""
    if version:
        from khanij.core.registry import package_version

        print(f"khanij {package_version()}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="address; any but this machine's own needs a token")] = LOOPBACK,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="port; 0 = any that is free")] = 8000,
    state: Annotated[Path | None, typer.Option("--state", help="folder of finished runs; default in memory")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="folder of a store of your own")] = None,
) -> None:
    """Serve every question as pages, with data twins, an API and long runs; nothing leaves this machine."""
    from khanij.cli.serve import serve as run

    run(host, port, state, data)


@app.command()
def ask(
    words: Annotated[
        list[str], typer.Argument(metavar="WORDS", help="a question in plain words, English or Hindi names")
    ],
    show: Annotated[bool, typer.Option("--show", help="only the command that it comes to")] = False,
    format: Shape = Format.table,
) -> None:
    """Ask in plain words: names, aliases and a table of words make a command of them, which is shown and run."""
    import shlex

    from khanij.analyses.wording import request_of_words

    command = request_of_words(" ".join(words)).command()
    print(command, file=sys.stdout if show else sys.stderr)
    if not show and (code := _run([*shlex.split(command)[1:], "--format", format.value])):
        raise typer.Exit(code)


@app.command()
def doctor() -> None:
    """Say what is installed, which facts are held, and what does not work; each fault in three lines."""
    from khanij.cli.doctor import examine

    if examine():
        raise typer.Exit(1)


@app.command()
def mcp(
    state: Annotated[Path | None, typer.Option("--state", help="folder of finished runs; default in memory")] = None,
) -> None:
    """Serve every question as a tool for assistants (Model Context Protocol), on standard input and output."""
    from khanij.cli.serve import mcp as run

    run(state)


@data.command()
def build(
    raw: Annotated[Path, typer.Option("--raw", help="folder with the publishers' files")],
    only: Annotated[str | None, typer.Option("--only", help="sources, comma-separated; default all")] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="take facts that break with those held of the same source")
    ] = False,
    format: Shape = Format.table,
) -> None:
    """Rebuild the store from publishers' files; the same files give the same bytes."""
    from khanij.analyses import fields
    from khanij.analyses.records import run

    say = partial(print, file=sys.stderr)
    emit_tables([run.rebuild(raw, fields.names(only) or (), say, accept)], format, None)
