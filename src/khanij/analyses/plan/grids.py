"""The tables of a plan in a brief: measures, money, frontier, how sure, what was left and what is not counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any

from khanij.analyses import commands
from khanij.analyses.measures.tables import number
from khanij.analyses.plan import run
from khanij.analyses.plan import supply as plan_supply
from khanij.analyses.plan.programme import Money
from khanij.analyses.profile.readings import country_name
from khanij.core.number import Cell, Number
from khanij.core.table import Column, Table
from khanij.plan.measures.value import MeasureValue
from khanij.plan.planner.results import PlanResult
from khanij.plan.portfolio.choose import Portfolio
from khanij.present import names, text

SMALL = 1e-6
CONFIDENT = 1.96  # standard errors on either side of 95 %
SELLERS = 3  # named in a reason
SILENT = "nobody records what is made at home: need is net imports, at least"
FEW = 3  # measures named in a cell
LEFT = 10  # rows of what was left
COUNTS = ("scenarios of the search",)  # figures of the account that are no shares

MEASURES = (
    Column("measure", "Measure", "text"),
    Column("component", "Component", "text"),
    Column("begun", "Begun", "year"),
    Column("works", "Works from", "year"),
    Column("size", "Size"),
    Column("cost", "Cost once"),
    Column("running", "Cost a year"),
    Column("averts", "Averts a year", meaning="by itself; the range holds 95 % of the luck of years"),
    Column("dropped", "Loss if left out", meaning="rise of the plan's expected loss over all years, discounted"),
    Column("against", "Good against", "text", "whose restrictions it averts losses of, and their part"),
)
ACCOUNT = (
    Column("figure", "Figure", "text"),
    Column("value", "Value", meaning="the range holds 95 % of the luck of scenarios"),
)
REST = (
    Column("measure", "Measure", "text"),
    Column("size", "Size"),
    Column("cost", "Cost once"),
    Column("lead", "Years to build", "year"),
    Column("averts", "Averts a year", meaning="by itself; the range holds 95 % of the luck of years"),
    Column("ratio", "Averted a year for one of cost"),
)
FRONTIER = (
    Column("part", "Part of the budget", "text"),
    Column("spent", "Spent"),
    Column("expected", "Expected loss", meaning="discounted; the range holds 95 % of the luck of scenarios"),
    Column("tail", "Worst 5 %, mean"),
    Column("both", "Cost and loss"),
    Column("measures", "Measures", "year"),
    Column("dropped", "Without", "text", "measures of the whole plan that it leaves out"),
)
SECURED = (
    Column("mineral", "Mineral", "text"),
    Column("form", "Form", "text"),
    Column("need", "Need"),
    Column("home", "Made at home now"),
    Column("plan", "From the plan", meaning="new plants and mines, stakes and contracts abroad that the plan begins"),
    Column("recycled", "Recycled"),
    Column("exposed", "Exposed", meaning="what nothing of these secures"),
    Column("part", "of need"),
    Column("stock", "Stock lasts"),
)
TARGETS = (
    Column("target", "Target", "text"),
    Column("goal", "Goal"),
    Column("verdict", "So far", "text", "by what is observed, without the plan"),
    Column("given", "The plan gives", meaning="of what is in place in the last year of spending"),
    Column("part", "of the goal"),
    Column("counted", "Counted", "text"),
)
MISSING = (Column("what", "Mineral or measure", "text"), Column("why", "Why it is not counted", "text"))


@dataclass(frozen=True)
class PlanCells:
    """A plan, whose money it is, the sources behind it, and the effort that it took."""

    done: PlanResult
    asked: Money
    sources: tuple[str, ...]
    years: int
    drawn: int

    @property
    def unit(self) -> str:
        """Return the unit of money."""
        return self.done.terms.currency.name

    @cached_property
    def known(self) -> Mapping[str, str]:
        """Return id -> name of every measure."""
        measures = [one.measure for one in (*self.done.values, *self.done.unpriced)]
        return {one.id: names.measure(one.id, one.name, one.materials) for one in measures}

    @cached_property
    def by_id(self) -> Mapping[str, MeasureValue]:
        """Return id -> measure with its value."""
        return {one.measure.id: one for one in self.done.values}

    @cached_property
    def how(self) -> str:
        """Return the command that gives the same plan."""
        terms, base = self.done.terms, self.done.base
        options: dict[str, Any] = {"budget": self.asked.text, "from": terms.since, "to": terms.to, "year": base.year}
        options |= {"years": self.years, "scenarios": self.drawn, "one-purse": not terms.ceilings, "quick": True}
        return commands.line("plan", base.focus, **options)

    def money(self, value: float | None, **more: Any) -> Number:
        """Return an amount of money; a range that is no number is left out."""
        for end in ("low", "high"):
            if more.get(end) is not None and not isfinite(more[end]):
                more[end] = None
        return self.number(value, self.unit, **more)

    def number(self, value: float | None, unit: str, **more: Any) -> Number:
        """Return a number of the plan: of low confidence, as costs and chances are."""
        plain = {name: float(more[name]) for name in ("low", "high") if more.get(name) is not None}
        given = {"confidence": "low", "how": self.how} | more | plain
        return Number(None if value is None else float(value), unit, self.sources, **given)


def grids(told: PlanCells) -> tuple[Table, ...]:
    """Return every table of the chapter."""
    return (*(make(told) for make in (chosen, spending, targets, secured, frontier, account, rest, missing)),)


def chosen(told: PlanCells) -> Table:
    """Return what is begun, when, for how much, against whom, and what was assumed."""
    rows: list[tuple[Cell, ...]] = []
    table = run.tables(told.done).get("plan")
    for row in table.rows() if table else ():
        one = told.by_id[row["measure"]]
        measure = one.measure
        part = row["size"] / measure.size if measure.size else 1.0
        rows.append(
            (
                told.known[measure.id],
                text.capital(row["component"]),
                int(row["begun"]),
                int(row["works from"]),
                _size(told, one, part),
                _cost(told, one, part),
                told.money(row["yearly cost"]) if row["yearly cost"] else "",
                _averted(told, one, part),
                told.money(row["loss if left out"]) if row["loss if left out"] is not None else "as above",
                against(one),
            )
        )
    notes = (
        "A number of low confidence carries its range where one is known: of the cost, of the size, of years' luck.",
        "Loss if left out: rise of expected loss over all years, discounted, if this measure alone is dropped.",
    )
    return Table("plan-measures", "What is begun, and when", MEASURES, tuple(rows), notes)


def _size(told: PlanCells, one: MeasureValue, part: float) -> Number:
    """Return what a part of a measure gives, with the range of its lever where it has one, and what was assumed."""
    measure = one.measure
    span = getattr(measure.levers[0], "output", None)
    low, high = getattr(span, "low", None), getattr(span, "high", None)
    ends = {"low": part * low, "high": part * high} if low is not None and high is not None else {}
    assumed = names.countries("; ".join(measure.assumed))
    return told.number(number(part * measure.size), measure.unit, note=assumed or "size not stated", **ends)


def _cost(told: PlanCells, one: MeasureValue, part: float) -> Number:
    """Return what a part of a measure costs once, and where that is from."""
    low, best, high = (part * told.done.terms.currency.of(value) for value in one.measure.cost)
    note = f"cost from {one.measure.source}" if one.measure.source else ""
    return told.money(best, low=low, high=high, confidence=one.measure.confidence, note=note)


def _averted(told: PlanCells, one: MeasureValue, part: float) -> Number:
    """Return what a part of a measure averts a year by itself."""
    of = told.done.terms.currency.of
    mean, spread = part * of(one.estimate.expected), part * of(CONFIDENT * one.estimate.error)
    return told.money(mean, low=mean - spread, high=mean + spread)


def against(one: MeasureValue) -> str:
    """Return in words whose restrictions a measure averts losses of."""
    whole = sum(value for value in one.by_country.values() if value > 0)
    if whole <= 0:
        return "nobody: it averts nothing by itself"
    parts = [(code, value / whole) for code, value in list(one.by_country.items())[:SELLERS]]
    return text.joined(f"{country_name(code)} ({text.percent(part)})" for code, part in parts if part > 0.01)


def spending(told: PlanCells) -> Table:
    """Return money by component and year, with the ceiling and where more would help."""
    table = run.tables(told.done)["money"]
    years = [name for name in table.keys if str(name).isdigit()]
    columns = (
        Column("component", "Component", "text"),
        *(Column(f"y{year}", str(year)) for year in years),
        Column("sum", "Sum"),
        Column("ceiling", "Ceiling", meaning="as the programme has it; none where a sum was stated"),
        Column("worth", "Worth of one more", meaning="fall of cost and loss by one more, if measures came in any part"),
    )
    rows: list[tuple[Cell, ...]] = []
    for row in table.rows():
        if not row["sum"] and row["ceiling"] is None:
            continue
        ceiling = told.money(row["ceiling"], confidence="high") if row["ceiling"] is not None else None
        plain = [told.money(row[year]) if row[year] else "" for year in years]
        name = "All" if row["component"] == "all" else text.capital(row["component"])
        rows.append((name, *plain, told.money(row["sum"]), ceiling, told.number(row["in any part"], "")))
    notes = [note for note in (*told.asked.notes, "The budget is spread evenly over the years, an assumption") if note]
    said = tuple(f"{text.capital(note).rstrip('.')}." for note in notes)
    return Table("plan-money", "Money by component and year", columns, tuple(rows), said)


def targets(told: PlanCells) -> Table:
    """Return the country's own targets toward which measures of the plan count."""
    table = run.tables(told.done).get("targets")
    rows: list[tuple[Cell, ...]] = [
        (
            f"{row['programme']}: {row['target']}",
            told.number(row["goal"], row["unit"], confidence="high"),
            row["verdict"],
            told.number(row["the plan gives"], row["unit"]),
            told.number(row["part of the goal"], "1"),
            row["counted"],
        )
        for row in (table.rows() if table else ())
        if row["the plan gives"] is not None
    ]
    note = "Targets toward which nothing in the catalogue of measures counts are in the chapter on the programme."
    return Table("plan-targets", "Toward its own targets", TARGETS, tuple(rows), (note,))


def secured(told: PlanCells) -> Table:
    """Return need and what is secured of it, by good, in the last year in which money is spent."""
    table, last = run.tables(told.done)["supply"], str(told.done.terms.to)
    rows: list[tuple[Cell, ...]] = []
    for row in table.rows():
        if row["year"] != last:
            continue
        given = sum(row[name] for name in plan_supply.columns() if name != plan_supply.RECYCLED)
        rows.append(
            (
                names.mineral(row["material"]),
                names.form(row["material"], row["stage"]),
                told.number(row["need"] + row["feed of new plants"], "t"),
                told.number(row["made at home now"], "t", note="" if row["made at home now"] is not None else SILENT),
                told.number(given, "t") if given else "",
                told.number(row[plan_supply.RECYCLED], "t") if row[plan_supply.RECYCLED] else "",
                told.number(row["exposed"], "t"),
                told.number(row["exposed part"], "1", note="" if row["exposed part"] is not None else SILENT),
                told.number(row["stock lasts"], "d") if row["stock"] else "",
            )
        )
    rows.sort(key=lambda cells: -(cells[7].value or 0.0) if isinstance(cells[7], Number) else 0.0)
    note = (
        "Need grows as the demand model has it, feed of new plants included; made at home: output on record, held;"
        " a stock is used once and lowers no exposure."
    )
    return Table("plan-secured", f"Secured supply in {last}", SECURED, tuple(rows), (note,), long=True)


def frontier(told: PlanCells) -> Table:
    """Return what parts of the budget would buy."""
    table = run.tables(told.done).get("frontier")
    rows: list[tuple[Cell, ...]] = []
    usual = _begun(told, told.done.plan)
    for one, row in zip(told.done.frontier, table.rows() if table else (), strict=True):
        gone = [told.known[id] for id in usual if id not in _begun(told, one.plan)]
        spread = CONFIDENT * row["standard error"]
        loss = row["expected loss"]
        rows.append(
            (
                f"{100 * float(row['budget, times']):g} %",
                told.money(row["spent"]),
                told.money(loss, low=loss - spread, high=loss + spread),
                told.money(row["CVaR 95%"]),
                told.money(row["cost and loss"]),
                row["measures"],
                text.capital("; ".join(gone[:FEW]) + (f"; {len(gone) - FEW} more" if len(gone) > FEW else "")),
            )
        )
    note = f"Each is judged in the same {len(told.done.out_of_sample.singly.probability)} simulated years that no search saw."
    return Table("plan-frontier", "What parts of the budget would buy", FRONTIER, tuple(rows), (note,))


def _begun(told: PlanCells, plan: Portfolio) -> list[str]:
    """Return the ids of the measures that a plan begins, those first that avert most."""
    sizes = plan.started.sum(axis=1)
    begun = [one for one, size in zip(told.done.values, sizes, strict=True) if size > SMALL]
    return [one.measure.id for one in sorted(begun, key=lambda one: (-one.estimate.expected, one.measure.id))]


def account(told: PlanCells) -> Table:
    """Return the search's own figures: gap, bound, losses in sample and on fresh scenarios, what all avert together."""
    table = run.tables(told.done)["account"]
    rows: list[tuple[Cell, ...]] = []
    for row in table.rows():
        ends = {}
        if row["standard error"] is not None and row["value"] is not None:
            spread = CONFIDENT * row["standard error"]
            ends = {"low": row["value"] - spread, "high": row["value"] + spread}
        unit = "" if row["figure"] in COUNTS else row["unit"]
        rows.append((text.capital(row["figure"]), told.number(row["value"], unit, **ends)))
    notes = tuple(f"{text.capital(names.inside(names.countries(note))).rstrip('.')}." for note in table.notes)
    more = "Splits, regret and inputs at the ends of their ranges are not computed here: `khanij plan` shows them."
    return Table("plan-account", "How sure the plan is", ACCOUNT, tuple(rows), (*notes, more))


def rest(told: PlanCells) -> Table:
    """Return the measures left that avert most by themselves."""
    begun = told.done.plan.started.sum(axis=1) > SMALL
    left = [one for one, yes in zip(told.done.values, begun, strict=True) if not yes and one.estimate.expected > 0]
    left.sort(key=lambda one: (-one.estimate.expected, one.measure.id))
    rows = tuple(
        (
            told.known[one.measure.id],
            _size(told, one, 1.0),
            _cost(told, one, 1.0),
            one.measure.lead,
            _averted(told, one, 1.0),
            told.number(one.ratio.best, "", low=one.ratio.low, high=one.ratio.high),
        )
        for one in left[:LEFT]
    )
    note = "They were left because they cost more than they avert beside what is begun, or because money is tied."
    return Table("plan-left", f"What was left: the {len(rows)} that would avert most", REST, rows, (note,))


def missing(told: PlanCells) -> Table:
    """Return the minerals and measures that the plan does not count, and why."""
    base = told.done.base
    rows: list[tuple[Cell, ...]] = [(names.mineral(m), why) for m, why in sorted(base.missing.items())]
    for one in sorted(told.done.unpriced, key=lambda one: one.measure.id):
        worth = number(told.done.terms.currency.of(one.estimate.expected))
        value = f"by itself it averts {text.digits(worth)} {told.unit} a year" if worth else "its value is not known"
        rows.append((told.known[one.measure.id], f"no cost is known; {value}"))
    note = "What a measure on them averts is not known, which is not the same as nothing."
    return Table("plan-missing", "What the plan does not count", MISSING, tuple(rows), (note,))
