"""A brief: questions asked once, the two pages and the dossier made of their answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from khanij import reference
from khanij.analyses.explain import evidence
from khanij.analyses.exposure import run as exposure
from khanij.analyses.exposure.request import ExposureRequest
from khanij.analyses.partner import chapter as partnership
from khanij.analyses.plan import chapter as plan
from khanij.analyses.plan import programme as programmes
from khanij.analyses.plan.programme import Money
from khanij.analyses.profile import run as profiles
from khanij.analyses.profile import words
from khanij.analyses.profile.readings import CountryProfile, citations, country_name
from khanij.analyses.profile.request import ProfileRequest
from khanij.analyses.question import Answer, Job
from khanij.analyses.scorecard import run as scorecard
from khanij.analyses.scorecard.request import ScorecardRequest
from khanij.brief import disruption, fitting, pages
from khanij.brief.advice import advice
from khanij.brief.contents import AskedAnswers, chapters
from khanij.brief.request import BriefRequest
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.core.registry import package_version
from khanij.jobs import background
from khanij.present import page, sheets, text, workbook
from khanij.present.document import Brief, Chapter, Dossier, Sentence

PAGES, DOSSIER, BOOK = "brief.html", "dossier.html", "brief.xlsx"
LONG = "every-supplier"  # a table that is left to the workbook and to data


def answer(request: BriefRequest, case: Case, job: Job) -> Answer:
    """Return the brief of a country or group: its findings and tables, and the files that it consists of.

    Raises StudyError for a plan that cannot be, CoverageError for a partner that is the country itself or a member.
    """
    money = programmes.asked(
        request.focus,
        request.budget or None,
        request.since,
        request.to,
        plan=request.plan,
        optional=request.plan_if_any,
    )
    profile = CountryProfile(case)
    if request.partner in profile.members:
        raise CoverageError("the partner is the country itself", where="--partner", hint="name another country")
    with background.beside(_long(request, profile, money), job.workers - 1) as valued:
        asked = _ask(request, profile, valued, money)
        job.say("writing the dossier")
        listed = chapters(asked)
        return _answer(request, asked, listed, money)


def _long(
    request: BriefRequest, profile: CountryProfile, money: Money | None
) -> dict[str, Callable[[], Chapter | None]]:
    """Return what takes long and was asked for: name -> task, for other processes where there are any."""
    tasks: dict[str, Callable[[], Chapter | None]] = {}
    if money is not None:
        tasks["plan"] = partial(plan.chapter, profile.focal, profile.year, money)
    if request.partner is not None:
        tasks["partnership"] = partial(partnership.chapter, profile.focal, profile.year, request.partner)
    if request.losses:
        tasks["disruption"] = partial(disruption.made, profile.focal, profile.year)
    return tasks


def _ask(
    request: BriefRequest, profile: CountryProfile, valued: Callable[[str], Chapter | None], money: Money | None
) -> AskedAnswers:
    """Return the answers that the document is made of; each question is asked of the same readings."""
    focus, year = request.focus, profile.year
    asked = {
        "profile": profiles.of_profile(ProfileRequest.of({"focus": focus, "year": year}), profile),
        "exposure": exposure.of_profile(ExposureRequest.of({"focus": focus, "year": year, "on": request.on}), profile),
        "scorecard": scorecard.of_profile(ScorecardRequest.of({"focus": focus, "year": year}), profile),
    }
    names = [name for name in _long(request, profile, money)]
    return AskedAnswers(asked, profile, request.partner or "", {name: partial(valued, name) for name in names})


def _answer(request: BriefRequest, asked: AskedAnswers, listed: tuple[Chapter, ...], money: Money | None) -> Answer:
    """Return the answer with its files."""
    brief, dossier = _brief(asked, listed, money), _dossier(asked, listed, money)
    sections = [section for part in brief.pages for section in part]
    said = (brief.title, *(finding.sentence for section in sections for finding in section.findings))
    more = tuple(table for table in asked.answers["profile"].tables if table.key == LONG)
    tables = (pages.findings_table(sections), *dossier.grids(), *more)
    return Answer(
        request,
        tuple(table for table in tables if len(table)),
        said,
        tuple(figure for chapter in listed for figure in chapter.figures),
        asked.profile.results,
        dossier.cited(),
        asked.profile.case.manifest,
        files={
            PAGES: sheets.render(brief).encode(),
            DOSSIER: page.render(dossier).encode(),
            BOOK: workbook.of_dossier(dossier, more),
        },
    )


def _more(listed: tuple[Chapter, ...]) -> tuple[Sentence, ...]:
    """Return what a plan and a partnership that were asked for say first."""
    held = {chapter.id: chapter for chapter in listed}
    said: tuple[Sentence, ...] = ()
    if "plan" in held and held["plan"].lead:
        said += held["plan"].lead[0][:1]
    if "partnership" in held:
        said += partnership.finding(held["partnership"])
    return said


def _brief(asked: AskedAnswers, listed: tuple[Chapter, ...], money: Money | None) -> Brief:
    """Return the two pages."""
    profile = asked.profile
    count = text.count(len(profile.official[1]), "mineral")
    listed_advice = advice(asked)
    first = (pages.stop(asked), pages.depend(asked), pages.unseen(asked))
    second = (pages.force(asked), pages.programme(asked, _more(listed)))
    brief = Brief(
        kind=f"Critical-minerals brief · {profile.name} · {profile.year}",
        title=asked.answers["exposure"].findings[0],
        subtitle=f"{text.capital(count)} of {words.list_name(profile)}.",
        meta=_meta(asked, money),
        tiles=pages.tiles(asked),
        pages=(fitting.fitted(first, fitting.FIRST - fitting.HEAD, ("depend", "stop", "unseen")), second),
        advice=listed_advice,
        dossier=DOSSIER,
    )
    room = fitting.SECOND - fitting.tail(listed_advice, len(brief.cited()))
    brief = replace(brief, pages=(brief.pages[0], fitting.fitted(second, room, ("programme", "force"))))
    return replace(brief, sources=citations(brief.cited()))


def _dossier(asked: AskedAnswers, listed: tuple[Chapter, ...], money: Money | None) -> Dossier:
    """Return the long document."""
    profile = asked.profile
    more = _more(listed)
    document = Dossier(
        title=f"{profile.name}: dependence on critical minerals",
        subtitle=f"Every table behind the brief: on whom it depends, for what, and how sure that is, {profile.year}",
        meta=_meta(asked, money),
        findings=(*asked.answers["exposure"].findings, *more),
        chapters=listed,
        evidence=evidence.headline(profile, _headlines(asked)),
        kind="Dossier of the critical-minerals brief",
    )
    return replace(document, sources=citations(document.cited()))


def _headlines(asked: AskedAnswers) -> tuple[tuple[str, tuple[str, str], str], ...]:
    """Return (quantity, material and stage, title) of the numbers whose rows a reader may unfold."""
    found = []
    for row in pages.weighty(asked)[: pages.FOUND]:
        key = (row["material"], row["stage"])
        title = f"Rows behind the imports of {text.small(pages.name_of(row))}, {asked.profile.year}"
        found.append(("trade_value", key, title))
    return tuple(found)


def _meta(asked: AskedAnswers, money: Money | None) -> dict[str, str]:
    """Return the small print."""
    profile = asked.profile
    chosen, named = profile.official
    quantities = [name for name in ("trade_value", "production") if name in profile.case.cubes]
    editions = dict.fromkeys(source for name in quantities for source in profile.case.cube(name).sources)
    return {
        "Country" if profile.focal in reference.countries() else "Group": f"{profile.name} ({profile.focal})",
        "Year": str(profile.year),
        "Minerals": f"{len(named)}, {'all lists' if chosen == 'all' else chosen}",
        **({"Partner": f"{country_name(asked.partner)} ({asked.partner})"} if asked.partner else {}),
        **({"Plan": f"{money.amount:,.6g} {money.unit}, {money.since} to {money.to}"} if money else {}),
        "Editions": ", ".join(editions),
        "Facts": f"store {profile.case.manifest}",
        "Made by": f"khanij {package_version()}",
    }
