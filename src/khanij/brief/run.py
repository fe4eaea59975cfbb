"""A brief: questions asked once, the two pages and the dossier made of their answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from khanij import reference
from khanij.analyses.plan import programme as programmes
from khanij.analyses.profile import readings, words
from khanij.analyses.profile.readings import citations, country_name
from khanij.analyses.question import Answer, Job
from khanij.brief import dossier, fitting, pages, site, stops
from khanij.brief.advice import advice
from khanij.brief.contents import ADDED, CONTENTS, FIRST_ASKED, Subject
from khanij.brief.request import BriefRequest
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.core.registry import package_version
from khanij.present import answers, page, sheets, text, workbook
from khanij.present.document import Brief, Chapter, Dossier, Sentence

PAGES, DOSSIER, BOOK = "brief.html", "dossier.html", "brief.xlsx"
LONG = {"profile": "every-supplier", "stops": "stops"}  # question -> a table that is left to the workbook and to data


def answer(request: BriefRequest, case: Case, job: Job) -> Answer:
    """Return the brief of a country or group: its findings and tables, and the files that it consists of.

    Raises StudyError for a plan that cannot be, CoverageError for a partner that is the country itself or a member.
    """
    subject = _subject(request, case, job)
    found = dossier.answered(subject, job)
    more = [answers.sentences(one)[0] for id in ADDED if isinstance(one := found.get(id), Answer) and one.findings]
    job.say("writing")
    brief = _brief(subject, more)
    sections = [section for part in brief.pages for section in part]
    said = (brief.title, *(finding.sentence for section in sections for finding in section.findings))
    written = page.with_lakhs if request.digits == "indian" else str
    files = {PAGES: written(sheets.render(brief)).encode()}
    listed = pages.findings_table(sections)
    dear = (stops.table(subject.stops, subject.profile.year),) if subject.stops else ()
    if not request.dossier:
        return Answer(request, (listed, *dear), said, (), {}, brief.cited(), case.manifest, files=files)
    document = _dossier(subject, dossier.chapters(subject, found), more)
    long = [table for name, key in LONG.items() for table in subject.answers[name].tables if table.key == key]
    files |= {DOSSIER: written(page.render(document)).encode(), BOOK: workbook.of_dossier(document, long)}
    files |= site.files(document, (subject.profile.focal, *subject.profile.members), request.digits == "indian")
    return Answer(
        request,
        tuple(table for table in (listed, *document.grids(), *long) if len(table)),
        said,
        tuple(figure for chapter in document.chapters for figure in chapter.figures),
        dossier.results(found),
        document.cited(),
        case.manifest,
        files=files,
    )


def _subject(request: BriefRequest, case: Case, job: Job) -> Subject:
    """Return whom the brief is about, with the answers that the two pages stand on; cheap checks come first."""
    money = programmes.asked(
        request.focus,
        request.budget or None,
        request.since,
        request.to,
        plan=request.plan,
        optional=request.plan_if_any,
    )
    profile = readings.of_case(case)
    if request.partner in profile.members:
        raise CoverageError("the partner is the country itself", where="--partner", hint="name another country")
    subject = Subject(request, profile, money, {})
    first = {line.id: line.fields(subject) or {} for line in CONTENTS if line.id in FIRST_ASKED}
    answers = {name: dossier.asked_of(name, fields, case, request, job) for name, fields in first.items()}
    subject = replace(subject, answers=answers)
    return replace(subject, stops=_stops(subject, case, job))


def _stops(subject: Subject, case: Case, job: Job) -> tuple[stops.Stop, ...]:
    """Return the dearest years without a seller, with the chance that it restricts what it sells."""

    def asked(seller: str, good: str) -> Answer:
        return dossier.asked_of("shock", {"ban": f"{seller}:{good}"}, case, subject.request, job)

    profile = subject.profile
    told = subject.answers["stops"]
    missing = {row["material"]: row["why"] for row in pages.rows(told, "missing")}
    league = pages.rows(told, "stops")
    found = stops.stops(league, pages.weighty(subject), asked, profile.members, profile.focal, missing)
    if not any(stop.size for stop in found):
        return found
    return stops.with_chances(found, dossier.chances(subject, tuple(stop.row["material"] for stop in found), job))


def _brief(asked: Subject, more: Sequence[Sentence]) -> Brief:
    """Return the two pages; more  sentences on a plan and a partnership that were asked for."""
    profile = asked.profile
    count = text.count(len(profile.official[1]), "mineral")
    listed_advice, title = advice(asked), pages.verdict(asked)
    first_held = asked.answers["exposure"].findings[0]
    lead = "" if title == first_held else f"{first_held} "  # on whom it depends stands below what that would cost
    first = (pages.stop(asked), pages.depend(asked), pages.unseen(asked))
    second = (pages.force(asked), pages.programme(asked, more))
    brief = Brief(
        kind=f"Critical-minerals brief · {profile.name} · {profile.year}",
        title=title,
        subtitle=f"{lead}{text.capital(count)} of {words.list_name(profile)}.",
        meta=_meta(asked),
        tiles=pages.tiles(asked),
        pages=(fitting.fitted(first, fitting.FIRST - fitting.HEAD, ("depend", "stop", "unseen")), second),
        advice=listed_advice,
        dossier=DOSSIER if asked.request.dossier else "",
    )
    room = fitting.SECOND - fitting.tail(listed_advice, len(brief.cited()))
    brief = replace(brief, pages=(brief.pages[0], fitting.fitted(second, room, ("programme", "force"))))
    return replace(brief, sources=citations(brief.cited()))


def _dossier(subject: Subject, chapters: tuple[Chapter, ...], more: Sequence[Sentence]) -> Dossier:
    """Return the long document."""
    profile = subject.profile
    document = answers.document(
        f"{profile.name}: dependence on critical minerals",
        chapters,
        subtitle=f"Every table behind the brief: on whom it depends, for what, and how sure that is, {profile.year}",
        meta=_meta(subject),
        findings=(*(answers.sentences(one)[0] for one in subject.answers.values() if one.findings), *more),
        kind="Dossier of the critical-minerals brief",
    )
    return replace(document, sources=citations(document.cited()))


def _meta(asked: Subject) -> dict[str, str]:
    """Return the small print."""
    profile, partner, money = asked.profile, asked.request.partner, asked.money
    chosen, named = profile.official
    quantities = [name for name in ("trade_value", "production") if name in profile.case.cubes]
    editions = dict.fromkeys(source for name in quantities for source in profile.case.cube(name).sources)
    return {
        "Country" if profile.focal in reference.countries() else "Group": f"{profile.name} ({profile.focal})",
        "Year": str(profile.year),
        "Minerals": f"{len(named)}, {'all lists' if chosen == 'all' else chosen}",
        **({"Partner": f"{country_name(partner)} ({partner})"} if partner else {}),
        **({"Plan": f"{money.amount:,.6g} {money.unit}, {money.since} to {money.to}"} if money else {}),
        "Editions": ", ".join(editions),
        "Facts": f"store {profile.case.manifest}",
        "Made by": f"khanij {package_version()}",
    }
