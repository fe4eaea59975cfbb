"""The command that spends a budget: which measures, how much of each and when."""

from __future__ import annotations

from typing import Annotated

import typer

from khanij.cli.measures import Focus, Out, Shape, say
from khanij.cli.output import Format, emit_tables


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
    reach: Annotated[
        list[str] | None,
        typer.Option(
            "--reach", metavar="GOOD=GOAL", help='such as "copper:refined=50%" or "=6000 t" or "=30% secured"'
        ),
    ] = None,
    aim: Annotated[
        str, typer.Option("--aim", help="losses, or least-cost; default least-cost where goals are given, else losses")
    ] = "",
    growth: Annotated[
        str, typer.Option("--growth", help="of need, the IEA's scenario: STEPS, APS, NZE, or none")
    ] = "STEPS",
    scenarios: Annotated[int, typer.Option("--scenarios", min=2, help="scenarios drawn for the search")] = 400,
    keep: Annotated[
        int, typer.Option("--keep", min=0, help="how many of them to keep, with a stated error; 0 = all")
    ] = 0,
    tail: Annotated[float, typer.Option("--tail", min=0, help="weight of CVaR 95% beside the expected loss")] = 0.0,
    ceilings: Annotated[
        bool, typer.Option("--ceilings/--one-purse", help="hold the programme's components to their money")
    ] = True,
    beyond: Annotated[int, typer.Option("--beyond", min=0, help="years after the last that count")] = 10,
    gap: Annotated[float, typer.Option("--gap", min=0, help="relative gap at which the search may stop")] = 0.01,
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="time of one search")] = 120.0,
    deep: Annotated[bool, typer.Option("--deep/--quick", help="frontier, split, regrets and moved inputs too")] = True,
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Show what to build, how much and when under a budget, checked on years that the plan was not made for."""
    from khanij.analyses.study import run as studies

    entered = {
        "title": f"plan of {focus}",
        "focus": focus,
        "year": year,
        "years": years,
        "seed": seed,
        "materials": [name.strip() for name in (material or "").split(",") if name.strip()],
        "plan": {"budget": budget, "from": since, "to": to, "ceilings": ceilings, "tail": tail, "beyond": beyond}
        | {"scenarios": scenarios, "keep": keep, "gap": gap, "seconds": seconds, "deep": deep}
        | {"growth": growth, "aim": aim, "reach": _goals(reach or [])},
    }
    found = studies.run(studies.parse(entered, "plan"), say)
    emit_tables(list(found.tables.values()), format, out)


def _goals(given: list[str]) -> dict[str, str]:
    """Return good -> goal of "good=goal"; raises StudyError where there is no sign between them."""
    from khanij.core.errors import StudyError

    found = {}
    for text in given:
        good, sign, goal = text.partition("=")
        if not sign:
            raise StudyError(f"{text!r} is no goal", where="--reach", hint='such as "copper:refined=50%"')
        found[good.strip()] = goal.strip()
    return found


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(plan)
