"""The commands. Heavy imports happen inside them, so that --help stays quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from khanij.cli import backtest, measures, partner, plan, risk, scorecard, shock
from khanij.cli.groups import group
from khanij.cli.output import Format, emit_tables
from khanij.core.errors import KhanijError, StudyError
from khanij.core.table import Table

UsageError = typer.BadParameter.__mro__[1]  # the base of every wrong use; typer carries it without naming it

app = typer.Typer(
    cls=group(),
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
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
app.add_typer(events, name="events")

Focus = Annotated[str, typer.Argument(metavar="COUNTRY", help="ISO alpha-3, country name, or a group such as EU27")]
Year = Annotated[str, typer.Option("--year", help="2023, 2018-2024 or 2018,2020-2022")]
Material = Annotated[str | None, typer.Option("--material", help="ids or names, comma-separated; default all")]
Shape = Annotated[Format, typer.Option("--format", help="table, csv, json or parquet")]
Out = Annotated[Path | None, typer.Option("--out", help="write to this file instead of the terminal")]


def launch(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        return int(app(arguments, standalone_mode=False) or 0)
    except KhanijError as problem:
        return _refuse(problem)
    except UsageError as wrong:
        context = getattr(wrong, "ctx", None)
        command = context.command_path if context else "khanij"
        if type(wrong).__name__ == "NoArgsIsHelpError":
            print(wrong.format_message())
            return 0
        return _refuse(StudyError(wrong.format_message(), where=command, hint=f"{command} --help"))
    except (typer.Abort, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _refuse(problem: KhanijError) -> int:
    """Print the three lines and return 2."""
    for line in problem.lines():
        print(" ".join(line.split("\n")), file=sys.stderr)
    return 2


@app.callback()
def start(context: typer.Context) -> None:
    """From sourced facts to supply-security decisions: critical-mineral dependence of any country."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def brief(
    country: Focus,
    year: Annotated[
        int | None, typer.Option("--year", help="calendar year; default the newest with trade and output")
    ] = None,
    partner: Annotated[
        str | None, typer.Option("--partner", help="add chapters on this country, and what a partnership is worth")
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="add a chapter on what the country's own programme on record could buy")
    ] = False,
    plan_if_any: Annotated[
        bool, typer.Option("--plan-if-any", help="the same, and no such chapter where no programme is on record")
    ] = False,
    budget: Annotated[
        str | None, typer.Option("--budget", help='a plan of this sum, such as "1 billion USD", for any country')
    ] = None,
    since: Annotated[int | None, typer.Option("--from", help="first year of the plan's spending")] = None,
    to: Annotated[int | None, typer.Option("--to", help="last year of the plan's spending")] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=0, help="processes beside this one; the numbers do not depend on it")
    ] = 1,
    out: Annotated[Path, typer.Option("--out", help="folder for the brief")] = Path("brief"),
    format: Shape = Format.table,
) -> None:
    """Write a country's critical-minerals brief: one HTML page that works offline, XLSX tables, and the bundle."""
    from khanij import reference
    from khanij.analyses.plan import programme as programmes
    from khanij.brief import compose as study

    own = reference.focus(country)
    money = programmes.asked(own, budget, since, to, plan=plan, optional=plan_if_any)
    paths = study.write(country, out, year or study.YEAR, partner, money, workers)
    emit_tables(
        [Table.by_column("brief", {"kind": list(paths), "path": [str(path) for path in paths.values()]})], format, None
    )


@data.command()
def build(
    raw: Annotated[Path, typer.Option("--raw", help="folder with the publishers' files")],
    only: Annotated[str | None, typer.Option("--only", help="sources, comma-separated; default all")] = None,
    format: Shape = Format.table,
) -> None:
    """Rebuild the store from publishers' files; the same files give the same bytes."""
    from khanij.analyses import fields
    from khanij.analyses.records import run

    emit_tables([run.rebuild(raw, fields.names(only) or (), lambda line: print(line, file=sys.stderr))], format, None)


app.command()(shock.shock)
risk.register(app)
backtest.register(app)
scorecard.register(app)
measures.register(app)
partner.register(app)
plan.register(app)
