"""The command on a country's own programme: targets, secured supply, coming need, advantage."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from khanij.cli.output import Format, emit_tables
from khanij.core.table import Table


class Part(StrEnum):
    """Parts of the scorecard."""

    all = "all"
    targets = "targets"
    supply = "supply"
    outlook = "outlook"
    leads = "leads"


def scorecard(
    country: Annotated[
        str, typer.Argument(metavar="COUNTRY", help="ISO alpha-3, country name, or a group such as EU27")
    ],
    part: Annotated[Part, typer.Option("--part", help="one part alone")] = Part.all,
    year: Annotated[int | None, typer.Option("--year", help="of trade and output; default the newest")] = None,
    horizon: Annotated[int, typer.Option("--horizon", min=2026, max=2050, help="year of the coming need")] = 2030,
    scenario: Annotated[str, typer.Option("--scenario", help="of the coming need, as in `khanij demand`")] = "steps",
    format: Annotated[Format, typer.Option("--format", help="table, csv, json or parquet")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", help="file of one part, folder of all")] = None,
) -> None:
    """Show how far a country is with its own programme, what of its need is secured, and where it could lead."""
    from khanij import reference
    from khanij.analyses.inputs import coverage
    from khanij.analyses.profile.readings import CountryProfile
    from khanij.analyses.scorecard import leads, outlook, secured
    from khanij.analyses.scorecard import targets as scorecards

    focal = reference.focus(country)
    if part is Part.targets:
        emit_tables([scorecards.table(focal)], format, out)
        return
    r = CountryProfile(focal, year or coverage.newest(focal))
    makers: dict[Part, Callable[[], Table]] = {
        Part.targets: lambda: scorecards.table(focal),
        Part.supply: lambda: secured.table(r),
        Part.outlook: lambda: outlook.table(r, horizon, scenario),
        Part.leads: lambda: leads.table(r),
    }
    if part is Part.all:
        emit_tables([make() for make in makers.values()], format, out)
    else:
        emit_tables([makers[part]()], format, out)


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(scorecard)
