"""The commands on measures: what each averts by itself, what agreements add among all, studies from a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from khanij.cli.output import Format, emit_tables

study = typer.Typer(
    help="Studies: a YAML file is the whole input of a run.", no_args_is_help=True, rich_markup_mode=None
)
Focus = Annotated[str, typer.Argument(metavar="COUNTRY", help="ISO alpha-3 or country name")]
Shape = Annotated[Format, typer.Option("--format", help="table, csv, json or parquet")]
Out = Annotated[Path | None, typer.Option("--out", help="write the tables into this folder")]


def say(line: str) -> None:
    """Tell on standard error what is being done."""
    print(line, file=sys.stderr)


def measures(
    focus: Focus,
    year: Annotated[int, typer.Option("--year", help="base year of trade and output")] = 2024,
    years: Annotated[int, typer.Option("--years", min=2, help="years to simulate")] = 2_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="same seed, same numbers")] = 0,
    material: Annotated[
        str | None, typer.Option("--material", help="ids or names, comma-separated; default the official list")
    ] = None,
    currency: Annotated[str, typer.Option("--currency", help='such as "crore INR"')] = "million USD",
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Show what each measure of the catalogue averts by itself, with and without, and by what it costs."""
    from khanij.analyses import fields
    from khanij.analyses.measures import run
    from khanij.reference import money
    from khanij.reference import official_lists as official

    _, unit = money.read(f"1 {currency}")
    chosen = fields.names(material) or official.minerals(focus, year)
    tables = run.report(focus, year, years, seed, materials=chosen, currency=unit)
    emit_tables(list(tables), format, out)


@study.command("run")
def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML file of a study")],
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="folder for the results, the study and hashes")
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", help="folder for one HTML page and one XLSX workbook of everything")
    ] = None,
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Run a study and show its tables, what was found in words first."""
    from khanij.analyses.study import page as pages
    from khanij.analyses.study import run as studies

    found = studies.run(studies.read(file), say, bundle)
    if page is not None:
        for path in pages.write(found, page, file.stem).values():
            say(f"written: {path}")
        return
    emit_tables(list(found.tables.values()), format, out)


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(measures)
    app.add_typer(study, name="study")
