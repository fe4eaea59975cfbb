"""The brief of a country or group: from CountryProfile to one page, one workbook and a bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from khanij import reference
from khanij.analyses import bundle
from khanij.analyses.compare import words as verdicts
from khanij.analyses.explain import evidence
from khanij.analyses.history import words as history
from khanij.analyses.inputs import coverage
from khanij.analyses.origin import words as origin
from khanij.analyses.partner import chapter as partnership
from khanij.analyses.partner import trade as bilateral
from khanij.analyses.plan import chapter as plan
from khanij.analyses.plan.programme import Money
from khanij.analyses.profile import chains, gaps, minerals, suppliers
from khanij.analyses.profile import overview as glance
from khanij.analyses.profile.readings import CountryProfile, citations, country_name
from khanij.analyses.scorecard import run
from khanij.brief import disruption, notes
from khanij.brief.findings import findings, headlines
from khanij.core.errors import CoverageError
from khanij.core.registry import package_version
from khanij.core.table import Table
from khanij.data.cubes.trade import exports
from khanij.jobs import background as aside
from khanij.present import page, text, workbook
from khanij.present.document import Brief, Chapter, Citation, Sentence

STOPS = 6  # place of the chapter on disruption among the others
YEAR: int | None = None  # the newest year with trade in tonnes and output


def list_name(id: str, focal: str) -> str:
    """Return an official list in words."""
    if id == "all":
        own = f"{country_name(focal)} has published no list of critical minerals known to the store"
        return f"all official lists together, because {own}"
    row = next(row for row in reference.lists() if row.list == id)
    return f"the official list of {country_name(row.jurisdiction)} of {row.date} ({id})"


def compose(
    country: str,
    year: int | None = None,
    partner: str | None = None,
    money: Money | None = None,
    workers: int = 0,
) -> tuple[Brief, CountryProfile]:
    """Return the brief of a country or group, and the readings that it was made from.

    country, partner  ISO alpha-3 codes or names; the country may be a group
    year              the newest with trade and output if None
    money             of a plan, which gets a chapter (programmes.asked); None for a brief without one
    workers           processes in which a plan, a partnership, then disruption are valued meanwhile; 0 = in this one,
                      same result
    Raises CoverageError for an unknown country or year, or a partner that is the country itself or a member.
    """
    focal = reference.focus(country)
    other = reference.country(partner) if partner else None
    r = CountryProfile(focal, year or coverage.newest(focal))
    if other in r.members:
        raise CoverageError("the partner is the country itself", where="--partner", hint="name another country")
    tasks: dict[str, aside.Task] = {}
    if money is not None:
        tasks["plan"] = partial(plan.chapter, focal, r.year, money)
    if other is not None:
        tasks["partnership"] = partial(partnership.chapter, focal, r.year, other)
    tasks["disruption"] = partial(disruption.made, focal, r.year)
    if (
        len(tasks) > workers
    ):  # the loss curve is drawn here: its record is read while the chapters before it are written
        Thread(target=exports.prepare, daemon=True).start()
    with aside.beside(tasks, workers) as valued:
        parts, more = _chapters(r, other, money, valued)
    brief = Brief(
        title=f"{r.name}: dependence on critical minerals",
        subtitle=f"Whom the {'country' if focal in reference.countries() else 'group'} depends on, for what, and how"
        f" sure that is, {r.year}" + _with(other, money),
        meta=_meta(r, other, money),
        findings=findings(r, more),
        chapters=parts,
        evidence=evidence.headline(r, headlines(r)),
    )
    return replace(brief, sources=_sources(brief)), r


def _chapters(
    r: CountryProfile, other: str | None, money: Money | None, valued: Callable[[str], Chapter]
) -> tuple[tuple[Chapter, ...], tuple[Sentence, ...]]:
    """Return the chapters in order, and what partner and plan add to the findings.

    valued  "partnership", "plan" and "disruption" -> its chapter, once it is there
    """
    chosen, _ = r.official
    scores = dict(r.values("geopolrisk"))
    about = bilateral.chapter(r, other) if other else None
    parts = [
        glance.chapter(r, list_name(chosen, r.focal)),
        suppliers.chapter(r),
        minerals.chapter(r, scores),
        history.chapter(r),
        chains.chapter(r),
        origin.chapter(r),
        None,
        verdicts.chapter(r),
        run.chapter(r),
        about,
    ]
    ends = [gaps.chapter(r), notes.chapter(r)]
    worth = valued("partnership") if other else None
    bought = valued("plan") if money else None
    parts[STOPS] = valued("disruption")
    more = about.lead[0] if about else ()
    more = (*more, *(partnership.finding(worth) if worth else ()), *(bought.lead[0][:1] if bought else ()))
    return tuple(part for part in (*parts, worth, bought, *ends) if part), more


def _with(other: str | None, money: Money | None) -> str:
    """Return what the brief has besides, for its subtitle."""
    named = [country_name(other)] if other else []
    named += [f"what {money.name or 'a budget'} could buy"] if money else []
    return f"; with chapters on {text.joined(named)}" if named else ""


def _meta(r: CountryProfile, other: str | None, money: Money | None) -> dict[str, str]:
    """Return the title block."""
    chosen, named = r.official
    return {
        "Country" if r.focal in reference.countries() else "Group": f"{r.name} ({r.focal})",
        "Year": str(r.year),
        "Minerals": f"{len(named)}, {'all lists' if chosen == 'all' else chosen}",
        **({"Partner": f"{country_name(other)} ({other})"} if other else {}),
        **({"Plan": f"{money.amount:,.6g} {money.unit}, {money.since} to {money.to}"} if money else {}),
        "Editions": ", ".join((*r.case.cube("trade").sources, *r.case.cube("production").sources)),
        "Facts": f"store {r.case.manifest}",
        "Made by": f"khanij {package_version()}",
    }


def _sources(brief: Brief) -> dict[str, Citation]:
    """Return the entries of all sources that the brief cites."""
    return citations(brief.cited())


def write(
    country: str,
    folder: Path,
    year: int | None = None,
    partner: str | None = None,
    money: Money | None = None,
    workers: int = 0,
) -> dict[str, Path]:
    """Write a brief as HTML, XLSX and bundle below `folder`; return what was written by kind. See compose()."""
    brief, r = compose(country, year, partner, money, workers)
    other = reference.country(partner) if partner else None
    stem = f"brief-{r.focal}-{r.year}" + (f"-{other}" if other else "")
    folder.mkdir(parents=True, exist_ok=True)
    paths = {"html": folder / f"{stem}.html", "xlsx": folder / f"{stem}.xlsx", "bundle": folder / stem}
    tables: dict[str, Table] = {f"table-{grid.key}": grid for grid in brief.grids()}
    paths["html"].write_text(page.render(brief), encoding="utf-8", newline="\n")
    paths["xlsx"].write_bytes(workbook.of_brief(brief))
    study: dict[str, Any] = {
        "study": "brief",
        "country": r.focal,
        "year": r.year,
        "partner": other,
        "plan": _asked(money),
        "version": package_version(),
    }
    bundle.write(paths["bundle"], r.results, tables, study)
    return paths


def _asked(money: Money | None) -> dict[str, Any] | None:
    """Return the money of a plan as a study holds it."""
    return None if money is None else {**asdict(money), "notes": list(money.notes), "sources": list(money.sources)}


def summary(brief: Brief) -> str:
    """Return the findings as plain text, for a terminal."""
    lines = [f"{k}. {' '.join(filter(None, (s.emphasis, s.text)))}" for k, s in enumerate(brief.findings, 1)]
    return "\n".join([brief.title, *lines]).replace(text.THIN, " ") + "\n"
