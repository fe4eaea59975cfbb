"""The command that simulates thousands of years: expected loss, loss curve, who and what is behind it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from khanij.cli.output import Format, emit_tables
from khanij.core.errors import StudyError

if TYPE_CHECKING:
    from khanij.jobs.executors import Progress


def risk(
    focus: Annotated[str, typer.Argument(metavar="COUNTRY", help="ISO alpha-3, country name, or a group such as EU27")],
    year: Annotated[int, typer.Option("--year", help="base year of trade and output")] = 2024,
    years: Annotated[int, typer.Option("--years", min=1, help="years to simulate")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="same seed, same bytes")] = 0,
    material: Annotated[
        str | None, typer.Option("--material", help="ids or names, comma-separated; default the official list")
    ] = None,
    priors: Annotated[
        Path | None, typer.Option("--priors", help="CSV of expert chances: country,material,stage,probability,weight")
    ] = None,
    tornado: Annotated[
        int, typer.Option("--tornado", min=0, help="years for each end of each assumption; 0 = none")
    ] = 0,
    assumed: Annotated[
        bool, typer.Option("--assumed/--recorded", help="goods with too short a record get a stated chance, or none")
    ] = True,
    pairs: Annotated[bool, typer.Option("--pairs/--no-pairs", help="all pairs of sellers (N-2)")] = True,
    workers: Annotated[int, typer.Option("--workers", min=1, help="processes")] = 1,
    executor: Annotated[
        str | None, typer.Option("--executor", help="serial, processes, dask, or the address of a dask scheduler")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="folder for results; a run that was stopped goes on from there")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="table, csv, json or parquet")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", help="write the tables into this folder")] = None,
) -> None:
    """Simulate years of disruption: expected annual loss, loss curve, CVaR, N-1, N-2, and what the answer leans on."""
    from khanij.analyses import fields
    from khanij.analyses.risk import run
    from khanij.reference import official_lists as official

    chosen = fields.names(material) or official.minerals(focus, year)
    given = run.read_priors(priors) if priors is not None else ()
    with _Bar() as progress:
        try:
            found = run.risk(
                focus,
                year,
                years,
                seed,
                workers,
                executor,
                bundle,
                materials=chosen,
                priors=given,
                fill=assumed,
                pairs=pairs,
                tornado=tornado,
                progress=progress,
            )
        except KeyboardInterrupt:
            kept = f"what is finished is kept in {bundle}.part" if bundle else "nothing is kept without --bundle"
            raise StudyError(
                f"stopped; {kept}", where="risk", hint="the same command goes on" if bundle else "name a --bundle"
            ) from None
    emit_tables(list(run.tables(found).values()), format, out)


class _Bar:
    """A bar with time left on standard error."""

    def __init__(self) -> None:
        """Start it."""
        from rich.console import Console
        from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Rich

        self._rich = Rich(
            TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=Console(stderr=True)
        )
        self._task: TaskID = self._rich.add_task("years", total=1.0)

    def __enter__(self) -> _Bar:
        """Show it."""
        self._rich.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave it."""
        self._rich.stop()

    def __call__(self, now: Progress) -> None:
        """Move it."""
        self._rich.update(self._task, completed=now.part, description=f"chunk {now.done} of {now.chunks}")


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(risk)
