"""Commands on disruption. Heavy imports happen inside them, so that --help stays quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from khanij.cli.output import Format, emit_tables

events = typer.Typer(help="Documented disruptions since 2009, with what was measured.", rich_markup_mode=None)
Shape = Annotated[Format, typer.Option("--format", help="table, csv, json or parquet")]
Out = Annotated[Path | None, typer.Option("--out", help="write to this file instead of the terminal")]


@events.callback(invoke_without_command=True)
def start(context: typer.Context) -> None:
    """List documented disruptions, or show one."""
    if context.invoked_subcommand is None:
        list_()


@events.command("list")
def list_(format: Shape = Format.table, out: Out = None) -> None:
    """List every documented event: kind, country, materials, dates, and its part in testing models."""
    from khanij.analyses.shock import events as event_tables

    emit_tables([event_tables.listing()], format, out)


@events.command()
def show(
    event: Annotated[str, typer.Argument(metavar="ID", help="id of an event; `khanij events list` gives them")],
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Show one event: its size over time and every figure with source and confidence."""
    from khanij.analyses.shock import events as event_tables

    emit_tables([event_tables.details(event)], format, out)
