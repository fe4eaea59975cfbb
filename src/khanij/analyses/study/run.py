"""Studies: a YAML file is the whole input of a run, checked key by key, and the tables that come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from khanij import reference
from khanij.analyses import bundle
from khanij.analyses.inputs import baseline
from khanij.analyses.inputs.growth import growth
from khanij.analyses.inputs.scrap import recoverable
from khanij.analyses.measures import tables as measures_tables
from khanij.analyses.measures.request import OwnMeasure
from khanij.analyses.measures.run import left_out
from khanij.analyses.partner import agreements as partner_agreements
from khanij.analyses.partner import run as partner_run
from khanij.analyses.partner import words as partner_words
from khanij.analyses.partner.request import Partner
from khanij.analyses.plan import programme as plan_programme
from khanij.analyses.plan import run as plan_run
from khanij.analyses.plan import words
from khanij.analyses.plan.request import Budgeted
from khanij.analyses.study.request import Study
from khanij.core.errors import StudyError
from khanij.core.range import Range
from khanij.core.table import Table
from khanij.plan.levers import read as read_lever
from khanij.plan.measures import measure
from khanij.plan.measures.coalitions import coalition_games
from khanij.plan.measures.measure import Measure
from khanij.plan.measures.partnerships import Partnership, PartnershipScenario, partnership
from khanij.plan.measures.sizing import size_measures
from khanij.plan.measures.value import value_measures
from khanij.plan.planner import goals
from khanij.plan.planner.goals import Goal
from khanij.plan.planner.plans import objective_of, plan_country
from khanij.plan.planner.results import PlanResult, SearchSettings
from khanij.plan.planner.terms import terms_for
from khanij.reference import money
from khanij.reference import official_lists as official
from khanij.reference import yaml_files as entries
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.hazards import Prior

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class StudyAnswer:
    """What a study gave: tables by name, the first of them in words; sources of the trade and output behind them."""

    study: Study
    tables: Mapping[str, Table]
    sources: tuple[str, ...] = ()


def read(path: Path) -> Study:
    """Return a study from a YAML file; raises StudyError with the key path for whatever is wrong."""
    return parse(entries.load(path), path.name)


def parse(entered: Any, where: str = "study") -> Study:
    """Return a study from plain values; raises StudyError with the key path."""
    try:
        return Study.model_validate(entered)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or where
        known = ", ".join(Study.model_fields)
        raise StudyError(f"{first['msg'].lower()} ({len(wrong.errors())} in all)", where=key, hint=known) from None


def run(study: Study, say: Say | None = None, folder: Path | None = None) -> StudyAnswer:
    """Return what a study asks for, and leave a bundle in a folder if one is named."""
    say = say or (lambda _: None)
    focus = reference.focus(study.focus)
    amount, scale = money.read(f"1 {study.currency}")
    if amount != 1:
        raise StudyError(f"{study.currency!r} is no currency", where="currency", hint="such as million USD")
    if study.plan is not None:
        money.read(study.plan.budget)
    say("hazards, networks and years")
    base = _ground(study, focus)
    tables: dict[str, Table] = {}
    said: list[str] = []
    if study.partner is not None:
        pair = _pair(study.partner, base)
        for table in partner_run.report(pair, scale, say):
            tables.setdefault(f"partner-{len(tables) + 1}", table)
        said += partner_words.partner(pair, tables, scale)
    if study.agreements:
        tables["agreements"] = partner_agreements.table(base, coalition_games(base, say), scale)
    if study.measures is not None:
        chosen = _own(study.measures.own, "measures")
        if study.measures.catalogue:
            chosen = (*size_measures(base, recoverable(base.focus, base.materials, int(base.year))), *chosen)
        say(f"valuing {len(chosen)} measures")
        tables["measures"] = measures_tables.table(base, value_measures(base, chosen), scale)
    if study.plan is not None:
        done = _plan(study.plan, base, say)
        tables |= {f"plan-{name}": table for name, table in plan_run.tables(done).items()}
        said += words.plan(done)
    for table in left_out(base):
        tables.setdefault("missing", table)
    if said:
        tables = {"in-words": Table.of(study.title, [{"finding": line} for line in said]), **tables}
    tables |= _assumed(study)
    if folder is not None:
        bundle.write(folder, {}, tables, study.model_dump(mode="json", by_alias=True))
    sources = dict.fromkeys((*base.case.cube("trade").sources, *base.case.cube("production").sources))
    return StudyAnswer(study, tables, tuple(sources))


def _ground(study: Study, focus: str) -> Baseline:
    """Return the baseline of all parts of a study."""
    wanted = tuple(study.materials) or official.minerals(focus, study.year)
    priors = [
        Prior(**chance.model_dump(exclude={"because", "cut"}), export_loss=chance.cut) for chance in study.chances
    ]
    others = () if study.partner is None else (reference.country(study.partner.country),)
    return baseline.prepare(
        focus, study.year, study.years, study.seed, materials=wanted, partners=others, priors=priors
    )


def _pair(asked: Partner, base: Baseline) -> Partnership:
    """Return the pair of a study: the usual scenarios and its own."""
    other = reference.country(asked.country)
    own = tuple(
        PartnershipScenario(
            one.name,
            one.meaning,
            tuple(read_lever(dict(e), f"partner.scenarios.{n}.levers.{k}") for k, e in enumerate(one.levers)),
            one.assumed,
        )
        for n, one in enumerate(asked.scenarios)
    )
    return partnership(base, other, asked.materials, own, asked.usual)


def _own(own: list[OwnMeasure], where: str, programme: str = "") -> tuple[Measure, ...]:
    """Return the study's own measures."""
    made = []
    for n, one in enumerate(own):
        entry = one.model_dump() | {"cost": _range(one.cost, f"{where}.own.{n}.cost")}
        entry["running"] = _range(one.running, f"{where}.own.{n}.running") if one.running else measure.NOTHING
        made.append(measure.read(entry, f"{where}.own.{n}", programme))
    return tuple(made)


def _range(given: Mapping[str, str], where: str) -> Range:
    """Return low, best and high in USD of money as people write it; nan for what is not given."""
    if not given:
        return measure.UNKNOWN
    if set(given) - {"low", "best", "high"} or "best" not in given:
        raise StudyError(f"a cost has best, and low and high, not {sorted(given)}", where=where)
    usd = {}
    for name, text in given.items():
        amount, unit = money.read(text)
        usd[name] = unit.usd(amount)
    return Range(usd.get("low", usd["best"]), usd["best"], usd.get("high", usd["best"]))


def _plan(asked: Budgeted, base: Baseline, say: Say) -> PlanResult:
    """Return the plan of a study."""
    amount, unit = money.read(asked.budget)
    programme, ceilings, _ = plan_programme.ceilings(base.focus, unit.name) if asked.ceilings else ("", {}, ())
    for name, text in asked.components.items():
        ceilings[name] = _money(text, unit)
    terms = terms_for(
        base,
        unit,
        amount,
        asked.since,
        asked.to,
        beyond=asked.beyond,
        ceilings=ceilings,
        absorb={name: _money(text, unit) for name, text in asked.absorb.items()},
        growth=None if asked.growth == "none" else growth(base.focus, int(base.year), base.materials, asked.growth),
        need=asked.need,
        goals=tuple(_goal(good, text, base) for good, text in asked.reach.items()),
    )
    return plan_country(
        base,
        terms,
        recoverable(base.focus, base.materials, asked.to) if asked.catalogue else None,
        programme=programme,
        catalogue=asked.catalogue,
        own=_own(asked.own, "plan", programme),
        objective=objective_of(asked.aim, terms.goals, asked.tail),
        settings=SearchSettings(drawn=asked.scenarios, kept=asked.keep, gap=asked.gap, seconds=asked.seconds),
        depth="full" if asked.deep else "plan",
        say=say,
    )


def _money(text: str, unit: money.Currency) -> float:
    """Return money as people write it, in another unit."""
    amount, own = money.read(text)
    return unit.of(own.usd(amount))


def _goal(good: str, text: str, base: Baseline) -> Goal:
    """Return a goal of a plan; raises StudyError for a mineral that is not counted."""
    material = good.partition(":")[0]
    if material in base.missing:
        raise StudyError(f"{material} is not counted: {base.missing[material]}", where="reach", hint="another mineral")
    return goals.read(text, base, good, "reach")


def _assumed(study: Study) -> dict[str, Table]:
    """Return the table of chances that the study states itself."""
    rows = [
        {"country": c.country, "material": c.material, "stage": c.stage, "yearly chance": c.probability}
        | {"weight": c.weight, "kind": c.kind, "part lost": c.cut, "because": c.because, "confidence": "low"}
        for c in study.chances
    ]
    return {"chances": Table.of("chances that the study states", rows)} if rows else {}
