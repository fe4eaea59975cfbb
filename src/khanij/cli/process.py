"""The command on process chains: what a tonne costs and leaves behind, by route, step and place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from khanij.cli.output import Format, emit_tables

Shape = Annotated[Format, typer.Option("--format", help="table, csv, json or parquet")]
Out = Annotated[Path | None, typer.Option("--out", help="write the tables into this folder")]


def process(
    material: Annotated[str, typer.Argument(metavar="MATERIAL", help="id or name, or all")],
    route: Annotated[str | None, typer.Option("--route", help="one route: its steps, and what moves its total")] = None,
    place: Annotated[
        str | None, typer.Option("--place", help="countries of the plants, comma-separated, whose electricity counts")
    ] = None,
    burden: Annotated[
        str,
        typer.Option(
            "--burden", help="carbon, energy, water, waste, operating_cost or capital: whose inputs are ranked"
        ),
    ] = "carbon",
    draws: Annotated[int, typer.Option("--draws", min=0, help="draws behind low and high; 0 = none")] = 200,
    seed: Annotated[int, typer.Option("--seed", min=0, help="the same seed gives the same numbers")] = 0,
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Show what a tonne takes by route: energy, carbon, water, waste, cost, with ranges, gaps and confidence."""
    from khanij.analyses import fields
    from khanij.analyses.process import run

    emit_tables(run.report(material, route, fields.names(place) or (), burden, draws, seed), format, out)


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(process)
