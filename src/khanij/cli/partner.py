"""The command on two countries: what is signed, with and without, and which dependence it adds."""

from __future__ import annotations

from typing import Annotated

import typer

from khanij.cli.measures import Focus, Out, Shape, say
from khanij.cli.output import Format, emit_tables


def partner(
    focus: Focus,
    other: Annotated[
        str | None, typer.Argument(metavar="[PARTNER]", help="the other country; without it, all agreements compared")
    ] = None,
    year: Annotated[int, typer.Option("--year", help="base year of trade and output")] = 2024,
    years: Annotated[int, typer.Option("--years", min=2, help="years to simulate")] = 2_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="same seed, same numbers")] = 0,
    material: Annotated[
        str | None, typer.Option("--material", help="minerals besides those that are named in what is signed")
    ] = None,
    currency: Annotated[str, typer.Option("--currency", help='such as "crore INR"')] = "million USD",
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Show what a partnership averts as published and in named scenarios, and the dependence that it adds."""
    from khanij import reference
    from khanij.analyses import fields
    from khanij.analyses.partner import run
    from khanij.analyses.partner import run as partner_run
    from khanij.reference import money

    _, unit = money.read(f"1 {currency}")
    if other is None:
        tables = partner_run.report_agreements(reference.focus(focus), unit, year, years, seed, say)
    else:
        named = tuple(reference.material(name) for name in fields.names(material) or ())
        pair = run.prepare(focus, other, year, years, seed, named)
        tables = run.report(pair, unit, say)
    emit_tables(list(tables), format, out)


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(partner)
