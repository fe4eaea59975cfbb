"""The command that disrupts: a ban, an outage, a tariff or a documented event, and what it does to a country."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from khanij.cli.output import Format, emit_tables

Shape = Annotated[Format, typer.Option("--format", help="table, csv, json or parquet")]
Out = Annotated[Path | None, typer.Option("--out", help="write the tables into this folder")]


def shock(
    focus: Annotated[str, typer.Argument(metavar="COUNTRY", help="ISO alpha-3, country name, or a group such as EU27")],
    event: Annotated[
        str | None, typer.Argument(metavar="[EVENT]", help="YAML file, or id of a documented event")
    ] = None,
    ban: Annotated[str, typer.Option("--ban", help="CHN:graphite, or IDN:nickel:mined>JPN=0.5@6; several with ;")] = "",
    outage: Annotated[str, typer.Option("--outage", help="output cut, the same form")] = "",
    tariff: Annotated[str, typer.Option("--tariff", help="duty on exports, the same form; =0.25 is 25 %")] = "",
    year: Annotated[int, typer.Option("--year", help="base year")] = 2024,
    draws: Annotated[int, typer.Option("--draws", min=0, help="of uncertain behaviour")] = 96,
    seed: Annotated[int, typer.Option("--seed", min=0, help="of the draws")] = 20260101,
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Disrupt supply and show what it does: shortage, price, cost to the economy, and who else goes without."""
    from khanij.analyses.shock import run

    name, struck = run.struck_by(event, ban, outage, tariff, year)
    found = run.shock(focus, struck, year, name=name, draws=draws, seed=seed)
    emit_tables(run.tables(found), format, out)
