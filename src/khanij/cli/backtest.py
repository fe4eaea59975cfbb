"""The command that sets the engine beside what really happened. Heavy imports happen inside it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from khanij.cli.output import Format, emit_tables


class Role(StrEnum):
    """Which events are taken."""

    test = "test"
    fit = "fit"
    control = "negative-control"
    all = "all"


class Behaviour(StrEnum):
    """How buyers and sellers answer."""

    fitted = "fitted"
    published = "published"
    drawn = "drawn"


def backtest(
    event: Annotated[str | None, typer.Option("--event", metavar="ID", help="one event; default all")] = None,
    role: Annotated[Role, typer.Option("--role", help="events of one role")] = Role.all,
    behaviour: Annotated[
        Behaviour | None, typer.Option("--behaviour", help="every score of one; default all three side by side")
    ] = None,
    fit: Annotated[
        bool, typer.Option("--fit", help="the best rows of the grid that the fitted places come from")
    ] = False,
    format: Annotated[Format, typer.Option("--format", help="table, csv, json or parquet")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", help="folder for one file a table; with --fit, a file")] = None,
) -> None:
    """Show the engine beside documented events: trade, prices, baselines, noise, and what cannot be tested."""
    from khanij.analyses.backtest import fit_tables, run

    if fit:
        emit_tables([fit_tables.table()], format, out)
    else:
        chosen = None if behaviour is None else behaviour.value
        emit_tables(run.tables(event, role.value, chosen), format, out)


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(backtest)
