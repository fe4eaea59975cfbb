"""The command that spends a budget: which measures, how much of each and when."""

from __future__ import annotations

from typing import Annotated

import typer

from khanij.cli.measures import Focus, Out, Shape, say
from khanij.cli.output import Format, emit_all


def plan(
    focus: Focus,
    budget: Annotated[str, typer.Option("--budget", help='such as "34300 crore INR" or "2 billion USD"')],
    since: Annotated[int, typer.Option("--from", help="first year of spending")] = 2025,
    to: Annotated[int, typer.Option("--to", help="last year of spending")] = 2031,
    year: Annotated[int, typer.Option("--year", help="base year of trade and output")] = 2024,
    years: Annotated[int, typer.Option("--years", min=2, help="years to simulate")] = 2_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="same seed, same numbers")] = 0,
    material: Annotated[
        str | None, typer.Option("--material", help="ids or names, comma-separated; default the official list")
    ] = None,
    scenarios: Annotated[int, typer.Option("--scenarios", min=2, help="scenarios the plan is made for")] = 200,
    tail: Annotated[float, typer.Option("--tail", min=0, help="weight of CVaR 95% beside the expected loss")] = 0.0,
    ceilings: Annotated[
        bool, typer.Option("--ceilings/--one-purse", help="hold the programme's components to their money")
    ] = True,
    beyond: Annotated[int, typer.Option("--beyond", min=0, help="years after the last that count")] = 10,
    gap: Annotated[float, typer.Option("--gap", min=0, help="relative gap at which the search may stop")] = 0.01,
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="time of one search")] = 120.0,
    deep: Annotated[bool, typer.Option("--deep/--quick", help="frontier, split, regret and moved inputs too")] = True,
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Show what to build, how much and when under a budget, checked on years that the plan was not made for."""
    from khanij.study import studies

    entered = {
        "title": f"plan of {focus}",
        "focus": focus,
        "year": year,
        "years": years,
        "seed": seed,
        "materials": [name.strip() for name in (material or "").split(",") if name.strip()],
        "plan": {"budget": budget, "from": since, "to": to, "ceilings": ceilings, "tail": tail, "beyond": beyond}
        | {"scenarios": scenarios, "gap": gap, "seconds": seconds, "deep": deep},
    }
    found = studies.run(studies.parse(entered, "plan"), say)
    emit_all(list(found.tables.values()), format, out)


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(plan)
