"""The command on demand. Heavy imports happen inside it, so that --help stays quick."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from khanij.cli.output import Format, emit_tables

Shape = Annotated[Format, typer.Option("--format", help="table, csv, json or parquet")]
Out = Annotated[Path | None, typer.Option("--out", help="write to this file instead of the terminal")]


class Recycling(StrEnum):
    """Cases of end-of-life recovery."""

    current = "current"
    conservative = "conservative"
    neutral = "neutral"
    optimistic = "optimistic"


class Intensity(StrEnum):
    """How material intensities go on."""

    published = "published"
    frozen = "frozen"


class World(StrEnum):
    """The IEA's scenarios of the world."""

    STEPS = "STEPS"
    APS = "APS"
    NZE = "NZE"


def demand(
    country: Annotated[
        str, typer.Argument(metavar="COUNTRY", help="ISO alpha-3, country name, or a group such as EU27")
    ],
    scenario: Annotated[
        str, typer.Option("--scenario", help="a scenario; `khanij demand COUNTRY --scenarios` lists their figures")
    ] = "steps",
    to: Annotated[int, typer.Option("--to", help="last year, at most 2050")] = 2047,
    since: Annotated[int, typer.Option("--from", help="first year")] = 2025,
    every: Annotated[int, typer.Option("--every", min=1, help="show every so many years, and the first and last")] = 5,
    material: Annotated[
        str | None, typer.Option("--material", help="ids or names, comma-separated; default all")
    ] = None,
    technology: Annotated[bool, typer.Option("--by-technology", help="one row a material and technology")] = False,
    scenarios: Annotated[bool, typer.Option("--scenarios", help="list what the scenarios state, with sources")] = False,
    draws: Annotated[int, typer.Option("--draws", min=0, help="draws behind low and high; 0 = none")] = 200,
    seed: Annotated[int, typer.Option("--seed", min=0, help="the same seed gives the same numbers")] = 0,
    intensity: Annotated[
        Intensity, typer.Option("--intensity", help="as published for later years, or frozen")
    ] = Intensity.published,
    recycling: Annotated[
        Recycling, typer.Option("--recycling", help="case of recovery at the end of life")
    ] = Recycling.neutral,
    growth: Annotated[
        float | None, typer.Option("--growth", help="of the economy a year, 0.05 = 5 %; default as stated")
    ] = None,
    world: Annotated[World, typer.Option("--world", help="the IEA's scenario for the comparison")] = World.STEPS,
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Show how much of each material a country will need: technologies, base demand, scrap, with ranges and gaps."""
    from khanij.analyses import fields
    from khanij.analyses.demand import tables as demands

    if scenarios:
        emit_tables([demands.listing()], format, out)
        return
    made = demands.by_technology if technology else demands.table
    settings = {"draws": draws, "seed": seed, "intensity": intensity.value, "recycling": recycling.value}
    chosen = fields.names(material)
    emit_tables(
        [made(country, scenario, since, to, chosen, every, **settings, growth=growth, world=world.value)], format, out
    )


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(demand)
