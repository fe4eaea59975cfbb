"""The commands. Heavy imports happen inside them, so that --help stays quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from khanij.cli import analysis, demand, disruption, measures, partner, plan, process, scorecard
from khanij.cli.groups import group
from khanij.cli.output import Format, emit_tables
from khanij.core.errors import KhanijError, StudyError
from khanij.core.table import Table

UsageError = typer.BadParameter.__mro__[1]  # the base of every wrong use; typer carries it without naming it

app = typer.Typer(
    cls=group(),
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
data = typer.Typer(
    cls=group("data"),
    help="The facts: what is held, from whom, and whether it agrees.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(data, name="data")
app.add_typer(disruption.events, name="events")

Focus = Annotated[str, typer.Argument(metavar="COUNTRY", help="ISO alpha-3, country name, or a group such as EU27")]
Year = Annotated[str, typer.Option("--year", help="2023, 2018-2024 or 2018,2020-2022")]
Material = Annotated[str | None, typer.Option("--material", help="ids or names, comma-separated; default all")]
Shape = Annotated[Format, typer.Option("--format", help="table, csv, json or parquet")]
Out = Annotated[Path | None, typer.Option("--out", help="write to this file instead of the terminal")]


def launch(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        return int(app(arguments, standalone_mode=False) or 0)
    except KhanijError as problem:
        return _refuse(problem)
    except UsageError as wrong:
        context = getattr(wrong, "ctx", None)
        command = context.command_path if context else "khanij"
        if type(wrong).__name__ == "NoArgsIsHelpError":
            print(wrong.format_message())
            return 0
        return _refuse(StudyError(wrong.format_message(), where=command, hint=f"{command} --help"))
    except (typer.Abort, KeyboardInterrupt) as stop:
        said = str(stop.__cause__ or stop)  # typer turns an interrupt, which may say what is kept, into an abort
        print(f"stopped{f': {said}' if said else ''}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _refuse(problem: KhanijError) -> int:
    """Print the three lines and return 2."""
    for line in problem.lines():
        print(" ".join(line.split("\n")), file=sys.stderr)
    return 2


@app.callback()
def start(context: typer.Context) -> None:
    """From sourced facts to supply-security decisions: critical-mineral dependence of any country."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def assess(
    country: Focus,
    year: Year = "2024",
    material: Material = None,
    method: Annotated[str | None, typer.Option("--method", help="indicators, comma-separated")] = None,
    draws: Annotated[int, typer.Option("--draws", min=0, help="how sure the scores are: draws of their inputs")] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="the same seed gives the same numbers")] = 0,
    inputs: Annotated[
        str | None, typer.Option("--inputs", help="uncertain inputs to draw, or all; default: all but method")
    ] = None,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="with --draws: which input makes how much of the scatter")
    ] = False,
    workers: Annotated[int, typer.Option("--workers", min=1, help="threads; the numbers do not depend on it")] = 1,
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Show the indicators of a country side by side, or with --draws how sure each is and what decides it."""
    from khanij.analyses import fields
    from khanij.analyses.assess import run as assessment
    from khanij.analyses.assess import tables as assess_tables
    from khanij.analyses.inputs import cases

    if draws or sensitivity or inputs:
        asked = fields.names(method) or ("eu-supply-risk",)
        tables = assess_tables.tables(country, year, material, asked, inputs, draws, seed, sensitivity, workers)
        emit_tables([tables[0]], format, out) if len(tables) == 1 else emit_tables(tables, format, out)
        return
    case = cases.case(country, fields.years(year), fields.names(material))
    emit_tables([assessment.assess(case, fields.names(method))], format, out)


@app.command()
def run(
    method: Annotated[str, typer.Argument(metavar="METHOD", help="id of a method; `khanij methods` lists them")],
    focus: Annotated[str, typer.Option("--focus", help="countries or groups, comma-separated, or all")] = "all",
    year: Year = "2024",
    material: Material = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="a parameter of the method")
    ] = None,
    measure: Annotated[str | None, typer.Option("--variable", help="another variable than the primary one")] = None,
    bought: Annotated[
        Path | None,
        typer.Option("--purchases", help="a firm's purchases, CSV or XLSX, in place of a country's imports"),
    ] = None,
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Run one method of the registry: one row a value, with range, unit, notes and sources."""
    from khanij.analyses import fields, runner
    from khanij.analyses.inputs import cases

    chosen = runner.find(method)
    foci = fields.names(focus) or ("all",)
    if bought is not None and foci != ("all",):
        raise StudyError("a firm and a country at once", where="--focus", hint="leave --focus out beside --purchases")
    if bought is not None:
        case = cases.company(bought, fields.years(year), fields.names(material))
    else:
        case = cases.case(foci, fields.years(year), fields.names(material))
    result = runner.run(method, case, **runner.settings(chosen, setting or []))
    emit_tables([result.table(measure)], format, out)


@app.command()
def methods(format: Shape = Format.table, out: Out = None) -> None:
    """List the methods: what each computes, from what, and after whom."""
    from khanij.analyses import runner

    emit_tables([runner.listing()], format, out)


@app.command()
def brief(
    country: Focus,
    year: Annotated[
        int | None, typer.Option("--year", help="calendar year; default the newest with trade and output")
    ] = None,
    partner: Annotated[
        str | None, typer.Option("--partner", help="add chapters on this country, and what a partnership is worth")
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="add a chapter on what the country's own programme on record could buy")
    ] = False,
    plan_if_any: Annotated[
        bool, typer.Option("--plan-if-any", help="the same, and no such chapter where no programme is on record")
    ] = False,
    budget: Annotated[
        str | None, typer.Option("--budget", help='a plan of this sum, such as "1 billion USD", for any country')
    ] = None,
    since: Annotated[int | None, typer.Option("--from", help="first year of the plan's spending")] = None,
    to: Annotated[int | None, typer.Option("--to", help="last year of the plan's spending")] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=0, help="processes beside this one; the numbers do not depend on it")
    ] = 1,
    out: Annotated[Path, typer.Option("--out", help="folder for the brief")] = Path("brief"),
    format: Shape = Format.table,
) -> None:
    """Write a country's critical-minerals brief: one HTML page that works offline, XLSX tables, and the bundle."""
    from khanij import reference
    from khanij.analyses.plan import programme as programmes
    from khanij.brief import compose as study

    own = reference.focus(country)
    money = programmes.asked(own, budget, since, to, plan=plan, optional=plan_if_any)
    paths = study.write(country, out, year or study.YEAR, partner, money, workers)
    emit_tables(
        [Table.by_column("brief", {"kind": list(paths), "path": [str(path) for path in paths.values()]})], format, None
    )


@data.command("list")
def list_(
    what: Annotated[
        str, typer.Argument(help="sources, quantities, materials, countries, groups, codes, lists, stages")
    ] = "sources",
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """List sources, or a reference table."""
    from khanij.analyses.inputs import facts as queries

    emit_tables([queries.listing(what)], format, out)


@data.command()
def show(
    source: Annotated[str | None, typer.Argument(help="a source's record; without it, facts by the options")] = None,
    quantity: Annotated[str | None, typer.Option("--quantity")] = None,
    material: Annotated[str | None, typer.Option("--material")] = None,
    stage: Annotated[str | None, typer.Option("--stage")] = None,
    country: Annotated[str | None, typer.Option("--country", help="of the fact; the exporter of a flow")] = None,
    partner: Annotated[str | None, typer.Option("--partner", help="importer of a flow")] = None,
    item: Annotated[str | None, typer.Option("--item", help='for instance "HS92:260300"')] = None,
    year: Annotated[str | None, typer.Option("--year")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="at most so many facts")] = 50,
    format: Shape = Format.table,
    out: Out = None,
) -> None:
    """Show a source's record, or stored facts with source, edition, status and row."""
    from khanij.analyses.inputs import facts as queries

    where: dict[str, Any] = {"quantity": quantity, "material": material, "stage": stage, "item": item}
    where |= {"country": country, "partner": partner, "year": year}
    if source is not None and not any(where.values()):
        emit_tables([queries.show(source)], format, out)
    else:
        emit_tables([queries.facts(limit, source=source, **where)], format, out)


@data.command()
def check(
    raw: Annotated[Path | None, typer.Option("--raw", help="also compare publishers' files below this folder")] = None,
    format: Shape = Format.table,
    out: Annotated[Path | None, typer.Option("--out", help="folder for one file a table")] = None,
) -> None:
    """Reconcile the facts: countries against world totals, source against source, trade against output."""
    from khanij.analyses.records import run

    emit_tables(run.check(raw), format, out)


@data.command()
def build(
    raw: Annotated[Path, typer.Option("--raw", help="folder with the publishers' files")],
    only: Annotated[str | None, typer.Option("--only", help="sources, comma-separated; default all")] = None,
    format: Shape = Format.table,
) -> None:
    """Rebuild the store from publishers' files; the same files give the same bytes."""
    from khanij.analyses import fields
    from khanij.analyses.records import run

    emit_tables([run.rebuild(raw, fields.names(only) or (), lambda line: print(line, file=sys.stderr))], format, None)


analysis.register(app)
demand.register(app)
scorecard.register(app)
measures.register(app)
partner.register(app)
plan.register(app)
process.register(app)
