"""What the pages of a server share: its answers, finished bodies, menu, and how a page is put together."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from khanij.analyses import asked
from khanij.analyses.question import Request, find, request_of
from khanij.core.errors import KhanijError
from khanij.core.registry import package_version
from khanij.jobs.ledger import RunLedger
from khanij.present import page as documents
from khanij.web.answers import Answers, Worker, is_long
from khanij.web.composed import forms, listed, pages, sections
from khanij.web.composed.pages import ComposedPage, Part
from khanij.web.composed.sections import Shown

BODIES = 64 * 2**20  # bytes of finished bodies that are kept
LEVEL = 5  # of compression
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Body:
    """A finished body: compressed, its type and mark; kept  it is the same as long as facts and version are."""

    zipped: bytes
    type: str
    mark: str
    kept: bool = True
    status: int = 200
    name: str = ""

    @classmethod
    def of(cls, data: bytes | str, type: str = HTML, kept: bool = True, status: int = 200, name: str = "") -> Body:
        """Return the body of data; name  of the file that a browser saves."""
        raw = data.encode() if isinstance(data, str) else data
        mark = f'"{hashlib.sha256(raw).hexdigest()[:20]}"'
        return cls(gzip.compress(raw, LEVEL, mtime=0), type, mark, kept, status, name)


class WebSite:
    """One server: answers, bodies, worker."""

    def __init__(self, state: Path | None = None, runs: str = "") -> None:
        """Open the ledger in a folder, or in the PostgreSQL database at an address; neither = in memory alone."""
        self.ledger = RunLedger(runs or (None if state is None else state / "runs.sqlite"))
        self.answers = Answers(self.ledger, None if state is None else state / "parts")
        self.worker = Worker(self.answers)
        self.bodies: OrderedDict[str, Body] = OrderedDict()
        self.size = 0
        self.lock = threading.Lock()
        self.version = hashlib.sha256((package_version() + self.answers.facts + _static()).encode()).hexdigest()[:10]

    def known(self, key: str) -> Body | None:
        """Return a finished body."""
        with self.lock:
            if key in self.bodies:
                self.bodies.move_to_end(key)
            return self.bodies.get(key)

    def body(self, key: str, make: Callable[[], Body]) -> Body:
        """Return a finished body, made now if it is not there."""
        found = self.known(key)
        if found is not None:
            return found
        made = make()
        if made.kept and made.status == 200:
            with self.lock:
                if key not in self.bodies:
                    self.bodies[key] = made
                    self.size += len(made.zipped)
                while self.size > BODIES:
                    _, old = self.bodies.popitem(last=False)
                    self.size -= len(old.zipped)
        return made

    def render(self, template: str, carried: Mapping[str, str] | None = None, **context: Any) -> str:
        """Return a page in the frame of all pages."""
        frame = {
            "menu": listed.PAGES,
            "carried": carried or {},
            "version": self.version,
            "release": package_version(),
            "facts": self.answers.facts,
            "here": "",
            "words": "",
            "problem": None,
        }
        return sections.environment().get_template(template).render(**{**frame, **context})

    def part(self, request: Request, id: str, shown: Shown, address: str) -> tuple[Markup, bool]:
        """Return an answer as HTML, or how far the run is that makes it; and whether that is final."""
        answer = self.answers.kept(request)
        if answer is None and is_long(request):
            return self.run(request, id, shown.heading, address), False
        return sections.render(answer or self.answers.answer(request), id, shown), True

    def run(self, request: Request, id: str, heading: str, address: str) -> Markup:
        """Return how far a long run is, with what starts or stops it."""
        work = self.ledger.get(self.answers.key(request))
        context = {"id": id, "heading": heading or find(request.question).line.rstrip("."), "address": address}
        template = sections.environment().get_template("run.html.j2")
        return Markup(template.render(**context, work=work, command=request.command()))

    def question(self, slug: str, pairs: list[tuple[str, str]], full: bool) -> Body:
        """Return the page of a question: its form, and the answer where it is asked."""
        question = asked.by_slug(slug)
        kind, problem, part, final, status = request_of(question), None, Markup(""), True, 200
        given = {key: value for key, value in pairs if value.strip()}
        ready = all(given.get(n) for n, about in asked.open_fields(kind).items() if about.is_required())
        is_open = asked.is_open(kind)
        if is_open and (ready or given):
            try:
                request = asked.from_pairs(question, pairs)
                address = f"/q/{slug}?{asked.query(request)}"
                part, final = self.part(request, "answer", Shown(full=full), address)
            except KhanijError as wrong:
                problem, status = wrong, status_of(wrong)
        first, more = forms.of_question(kind, given)
        html = self.render(
            "question.html.j2",
            given,
            title=question.name,
            here="questions",
            question=question,
            is_open=is_open,
            first=first,
            more=more,
            lists=forms.offered((*first, *more)),
            problem=problem,
            part=part,
        )
        return Body.of(html, kept=final, status=status)

    def page(self, page: ComposedPage, values: Mapping[str, str], whole: bool = False) -> Body:
        """Return a composed page: parts that are there, and places for those that come later."""
        told = _with_usual(page, values)
        parts, final = [], True
        for at, part in enumerate(page.parts):
            if pages.fields(part, told) is None:
                continue
            html, is_final = self._place(page, at, part, told, whole)
            parts.append(html)
            final = final and is_final
        entries = forms.of_page(page.entries, told)
        title = _title(page, told)
        more = {"page": page, "fields": entries, "lists": forms.offered(entries), "parts": parts}
        return Body.of(self.render("page.html.j2", told, title=title, here=page.slug, **more), kept=final)

    def there(self, page: ComposedPage, values: Mapping[str, str]) -> str:
        """Return a mark a part: whether its answer is there, so that a finished body is one of a state."""
        told = _with_usual(page, values)
        marks = []
        for part in page.parts:
            try:
                is_asked = pages.fields(part, told) is not None
                marks.append("1" if is_asked and self.answers.kept(self._request(part, told)) else "0")
            except KhanijError:
                marks.append("x")
        return "".join(marks)

    def _place(
        self, page: ComposedPage, at: int, part: Part, told: Mapping[str, str], whole: bool
    ) -> tuple[Markup, bool]:
        """Return a part of a page if its answer is there or is wanted at once, else the place where it will stand."""
        query = urlencode({k: v for k, v in told.items() if v})
        try:
            request = self._request(part, told)
            if whole or self.answers.kept(request) is not None:
                return self.part(request, f"part-{at}", part.shown, f"/{page.slug}?{query}")
        except KhanijError as wrong:
            return problem(wrong, part.shown.heading), True
        template = sections.environment().get_template("later.html.j2")
        address = f"/q/{find(part.question).slug}?{asked.query(request)}"
        fragment = f"/part/{page.slug}/{at}?{query}"
        return Markup(template.render(fragment=fragment, address=address, heading=part.shown.heading)), not is_long(
            request
        )

    def _request(self, part: Part, told: Mapping[str, str]) -> Request:
        """Return the request of a part."""
        return asked.from_pairs(find(part.question), list((pages.fields(part, told) or {}).items()))

    def fragment(self, page: ComposedPage, at: int, values: Mapping[str, str]) -> Body:
        """Return a part of a page by itself."""
        told = {e.name: values.get(e.name, "").strip() for e in page.entries}
        part = page.parts[at]
        try:
            query = urlencode({k: v for k, v in told.items() if v})
            html, final = self.part(self._request(part, told), f"part-{at}", part.shown, f"/{page.slug}?{query}")
        except KhanijError as wrong:
            html, final = problem(wrong, part.shown.heading), True
        return Body.of(html, kept=final)


def _with_usual(page: ComposedPage, values: Mapping[str, str]) -> dict[str, str]:
    """Return entry -> what it is asked with; a slider, and a choice that names its usual, always stand somewhere."""
    told = {entry.name: values.get(entry.name, "").strip() for entry in page.entries}
    for entry in page.entries:
        if entry.kind == "slider" or entry.usual in entry.choices:
            told[entry.name] = told[entry.name] or entry.home.get(_code(told.get("focus", "")), entry.usual)
    return told


def _code(focus: str) -> str:
    """Return the code of a country or group that was written as a name; what was written where there is none such."""
    from khanij import reference

    try:
        return reference.focus(focus)
    except KhanijError:
        return focus


def problem(wrong: KhanijError, heading: str) -> Markup:
    """Return what is wrong with a part of a page."""
    template = sections.environment().get_template("problem.html.j2")
    return Markup("<section><h2>{}</h2>{}</section>").format(heading, Markup(template.render(problem=wrong)))


def status_of(wrong: KhanijError) -> int:
    """Return the status of an error: nothing on record 404, wrongly asked 422, too much asked 429, no store 503."""
    from khanij.core.errors import CoverageError, SourceError

    if isinstance(wrong, SourceError):
        return 503
    if wrong.where == "jobs":
        return 429
    return 404 if isinstance(wrong, CoverageError) else 422


def _title(page: ComposedPage, told: Mapping[str, str]) -> str:
    """Return the title of a page with whom or what it is about."""
    from khanij import reference
    from khanij.present import names
    from khanij.reference.names import country_name

    about = []
    for name, value in told.items():
        try:
            if name in ("focus", "partner") and value:
                about.append(country_name(reference.focus(value)))
            elif name == "material" and value:
                about.append(names.mineral(reference.material(value)))
            elif name == "product" and value:
                about.append(dict(forms.names("products")).get(value, value))
        except KhanijError:
            continue
    return f"{page.title}: {', '.join(about)}" if about else page.title


def _static() -> str:
    """Return the files that a browser keeps, so that a change of them is another address."""
    own = (path.read_text(encoding="utf-8") for path in sorted((sections.FOLDER / "static").iterdir()))
    return "".join((documents.shared("css"), documents.shared("js"), *own))
