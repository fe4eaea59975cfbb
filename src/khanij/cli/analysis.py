"""The commands that look into numbers: concordance, history, explanation, origin."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from khanij.cli.output import Format, emit_tables

Focus = Annotated[str, typer.Argument(metavar="COUNTRY", help="ISO alpha-3, country name, or a group such as EU27")]
Material = Annotated[str | None, typer.Option("--material", help="ids or names, comma-separated; default all")]
Stage = Annotated[str | None, typer.Option("--stage", help="mined, processed, refined, component, product or scrap")]
Measure = Annotated[str | None, typer.Option("--measure", help="another measure than the primary one")]
Setting = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="a parameter of the method")]
Shape = Annotated[Format, typer.Option("--format", help="table, csv, json or parquet")]
Out = Annotated[Path | None, typer.Option("--out", help="write to this file instead of the terminal")]


class By(StrEnum):
    """Where origin is counted."""

    mine = "mine"
    refiner = "refiner"


def compare(
    country: Annotated[
        str | None, typer.Argument(metavar="[COUNTRY]", help="country or group; without it, methods of the world only")
    ] = None,
    year: Annotated[int, typer.Option("--year", help="calendar year")] = 2024,
    method: Annotated[
        str | None, typer.Option("--method", help="indicators, comma-separated; default the usual")
    ] = None,
    lists: Annotated[str | None, typer.Option("--list", help="official lists, comma-separated; default all")] = None,
    why: Annotated[bool, typer.Option("--why", help="one row a mineral on which two part, with the reason")] = False,
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Compare methods with each other and with official lists: agreement, kappa, and with --why where they part."""
    from khanij.analyses import fields
    from khanij.analyses.compare import run

    chosen = (fields.names(method), fields.names(lists))
    if lists is None and method is not None and len(chosen[0] or ()) > 1:
        chosen = (chosen[0], ())
    if method is None and lists is not None and len(chosen[1] or ()) > 1:
        chosen = ((), chosen[1])
    emit_tables([(run.parted if why else run.compare)(country, year, *chosen)], format, out)


def history(
    country: Focus,
    method: Annotated[str, typer.Option("--method", help="an indicator with years")],
    year: Annotated[str, typer.Option("--year", help="2005-2024")] = "1996-2024",
    material: Material = None,
    stage: Stage = None,
    decompose: Annotated[
        bool, typer.Option("--decompose", help="what moved it between the first and the last year")
    ] = False,
    measure: Measure = None,
    setting: Setting = None,
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Show an indicator through the years with every break of the data, or what moved it between two years."""
    from khanij.analyses import fields, runner
    from khanij.analyses.history import run as history_run

    years, chosen = fields.years(year), fields.names(material)
    parameters = runner.settings(runner.find(method), setting or [])
    if decompose:
        table = history_run.decompose(country, method, years[0], years[-1], chosen, stage, measure, **parameters)
    else:
        table = history_run.series(country, method, years, chosen, stage, measure, **parameters)
    emit_tables([table], format, out)


def explain(
    method: Annotated[str, typer.Argument(metavar="METHOD", help="id of a method; `khanij methods` lists them")],
    focus: Annotated[str, typer.Option("--focus", help="country or group")],
    material: Annotated[str, typer.Option("--material", help="id or name")],
    year: Annotated[
        str | None, typer.Option("--year", help="2024 if not given; several for a measure without years")
    ] = None,
    stage: Stage = None,
    measure: Measure = None,
    top: Annotated[int, typer.Option("--top", min=0, help="values and facts a quantity at most; 0 = all")] = 12,
    setting: Setting = None,
    format: Shape = Format.table,
    out: Annotated[Path | None, typer.Option("--out", help="folder for one file a table")] = None,
) -> None:
    """Follow one number down: equation, parameters, what entered, the fact rows behind it, and whom they cite."""
    from khanij.analyses import fields, runner
    from khanij.analyses.explain import run as explain_run

    parameters = runner.settings(runner.find(method), setting or [])
    years = None if year is None else fields.years(year)
    found = explain_run.explain(method, focus, material, years, stage, measure, top or None, **parameters)
    emit_tables(found.all(), format, out)


def origin(
    country: Focus,
    material: Annotated[str, typer.Option("--material", help="ids or names, comma-separated")],
    stage: Stage = None,
    year: Annotated[int, typer.Option("--year", help="calendar year")] = 2024,
    by: Annotated[By, typer.Option("--by", help="count origin at the mine or at the refiner")] = By.mine,
    top: Annotated[int, typer.Option("--top", help="origins listed of each stage")] = 10,
    setting: Setting = None,
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Show who really made what a country uses: origins with bounds, exposure on the way, re-export hubs, unknown."""
    from khanij.analyses import fields, runner
    from khanij.analyses.origin import run as origin_run

    parameters = runner.settings(runner.find("origin"), setting or [])
    chosen = fields.names(material) or ()
    emit_tables([origin_run.origins(country, chosen or None, year, stage, by.value, top, **parameters)], format, out)


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (compare, history, explain, origin):
        app.command()(command)
