"""Groups of commands: those made from the list of questions are built when they are asked for."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from khanij.analyses.questions import QUESTIONS, Question


def group(prefix: str = "", default: str = "") -> type[TyperGroup]:
    """Return a group that knows the questions whose name is `prefix` and one word more.

    default  the one that is asked where none is named, with whatever options are given
    Help reads one line a question from the list; the request of a question is imported when its command runs.
    """
    start = f"{prefix} " if prefix else ""
    own = {q.name.removeprefix(start): q for q in QUESTIONS if q.name.startswith(start)}
    known = {name: question for name, question in own.items() if " " not in name}

    class Questions(TyperGroup):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            if default and not (args and (args[0] == "--help" or not args[0].startswith("-"))):
                args = [default, *args]
            return list(super().parse_args(ctx, args))

        def list_commands(self, ctx: Any) -> list[str]:
            return sorted({*super().list_commands(ctx), *known})

        def get_command(self, ctx: Any, name: str) -> Any:
            return _built(known[name]) if name in known else super().get_command(ctx, name)

        def format_commands(self, ctx: Any, formatter: Any) -> None:
            rows = []
            for name in self.list_commands(ctx):
                made = None if name in known else super().get_command(ctx, name)
                line = known[name].line if made is None else made.get_short_help_str(200)
                rows.append((name, line))
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    return Questions


def _built(question: Question) -> Any:
    """Return the command of a question."""
    from khanij.cli.commands import command

    single = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
    single.command(question.name.split()[-1])(command(question))
    return typer.main.get_command(single)
