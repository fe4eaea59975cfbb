"""The addresses that people open: pages, questions, twins, search, runs, and the files that a browser needs."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from khanij import reference
from khanij.analyses import asked, runner
from khanij.analyses.question import find
from khanij.analyses.questions import QUESTIONS
from khanij.core.errors import CoverageError, StudyError
from khanij.present import page as documents
from khanij.present.equations import equations
from khanij.present.figures.worldmap import outlines
from khanij.reference.names import country_name
from khanij.web import api, mcp, twins
from khanij.web.composed import forms, listed, search, sections
from khanij.web.composed.listed import FOCUS, TASKS, YEAR
from khanij.web.composed.pages import ComposedPage, Entry
from khanij.web.composed.sections import Shown
from khanij.web.composed.site import Body, WebSite
from khanij.web.delivery import DIGITS, FILE_POLICY, INDIAN, deliver, pairs, respond

SCRIPT = "text/javascript; charset=utf-8"
FOREVER = "public, max-age=31536000, immutable"


def add(app: FastAPI, site: WebSite) -> None:
    """Add the addresses, the general ones last."""
    _add_files(app, site)
    _add_runs(app, site)
    _add_tools(app, site)
    _add_questions(app, site)
    _add_method(app, site)
    _add_pages(app, site)


def _add_files(app: FastAPI, site: WebSite) -> None:
    """Add the script, the styles and the drawing library."""

    def held(name: str) -> Body:
        match name:
            case "plotly.js":
                return Body.of(documents.plotly_script(), SCRIPT)
            case "outlines.js":
                return Body.of(outlines_script(), SCRIPT)
            case "khanij.js" | "khanij.css":
                kind = name.rpartition(".")[2]
                text = documents.shared(kind) + (sections.FOLDER / "static" / name).read_text(encoding="utf-8")
                return Body.of(text, SCRIPT if name.endswith("js") else "text/css; charset=utf-8")
        raise StudyError("no such file", where=name[:60], hint="/")

    @app.get("/static/{name}", include_in_schema=False)
    async def static(request: Request, name: str) -> Response:
        response = await deliver(request, site, f"static {name}", lambda: held(name))
        response.headers["Cache-Control"] = FOREVER
        return response


def outlines_script() -> str:
    """Return the script that gives the drawing library our outlines: it would fetch its own from elsewhere."""
    layers = ("coastlines", "land", "ocean", "lakes", "rivers", "countries", "subunits")
    empty = ",".join(f'"{layer}":{{"type":"GeometryCollection","geometries":[]}}' for layer in layers)
    none = f'{{"type":"Topology","objects":{{{empty}}},"arcs":[]}}'
    return f'window.PlotlyGeoAssets={{"topojson":{{"world_110m":{none},"world_50m":{none}}},"world":{outlines()}}};\n'


def _add_runs(app: FastAPI, site: WebSite) -> None:
    """Add what begins, follows and stops a long run."""

    @app.get("/jobs", include_in_schema=False)
    def listed() -> HTMLResponse:
        html = site.render("jobs.html.j2", title="Runs", here="jobs", listed=site.ledger.newest())
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    @app.post("/jobs", summary="Begin a long run", response_model=api.JobRecord, status_code=202)
    async def begin(request: Request) -> Response:
        given = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        made = await run_in_threadpool(asked.from_command, given.get("command", ""))
        work = await run_in_threadpool(site.answers.begin, made)
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"/q/{find(work.question).slug}?{work.query}", 303)
        return JSONResponse(api.job(work), 202)

    @app.get("/jobs/{key}.json", summary="How far a run is", response_model=api.JobRecord)
    def follow(key: str) -> Response:
        work = site.ledger.get(key)
        if work is None:
            raise CoverageError("no such run", where=key[:40], hint="/jobs lists them")
        return JSONResponse(api.job(work), headers={"Cache-Control": "no-store"})

    @app.post("/jobs/{key}/cancel", summary="Stop a run", response_model=api.JobRecord)
    def cancel(request: Request, key: str) -> Response:
        site.ledger.cancel(key)
        work = site.ledger.get(key)
        if work is None:
            raise CoverageError("no such run", where=key[:40], hint="/jobs lists them")
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"/q/{find(work.question).slug}?{work.query}", 303)
        return JSONResponse(api.job(work))


def _add_tools(app: FastAPI, site: WebSite) -> None:
    """Add the tools for assistants over the network: one message a body, one reply."""
    assistant = mcp.Assistant(site.answers)

    @app.post("/mcp", include_in_schema=False)
    async def message(request: Request) -> Response:
        try:
            given = asked.loads(await request.body())
        except (ValueError, RecursionError) as wrong:
            raise StudyError(
                f"the body is no JSON: {str(wrong)[:80]}", where="request", hint="one message of JSON-RPC 2.0"
            ) from None
        reply = await run_in_threadpool(assistant.answer, given)
        return Response(status_code=202) if reply is None else JSONResponse(reply)


def _add_questions(app: FastAPI, site: WebSite) -> None:
    """Add every question's page, its twins, its files, and the way from a command to its page."""

    @app.get("/questions", include_in_schema=False)
    @app.get(f"{api.BASE}/docs", include_in_schema=False)
    async def listed(request: Request) -> Response:
        def make() -> Body:
            return Body.of(site.render("questions.html.j2", title="Questions", here="questions", questions=QUESTIONS))

        return await deliver(request, site, "questions", make)

    @app.get("/go", include_in_schema=False)
    def go(command: str = "") -> RedirectResponse:
        made = asked.from_command(command[:4000])
        return RedirectResponse(f"/q/{find(made.question).slug}?{asked.query(made)}", 303)

    @app.get("/q/{slug}/file/{name:path}", include_in_schema=False)
    async def file(request: Request, slug: str, name: str) -> Response:
        made = asked.from_pairs(asked.by_slug(slug), pairs(request))
        answer = await run_in_threadpool(site.answers.answer, made)
        if name not in answer.files:
            raise StudyError("no such file", where=name[:60], hint=", ".join(answer.files) or "it has none")
        shown = name.endswith(".html")
        kind = "text/html; charset=utf-8" if shown else "application/octet-stream"
        response = respond(request, Body.of(answer.files[name], kind, name="" if shown else name))
        response.headers["Content-Security-Policy"] = FILE_POLICY
        return response

    @app.get("/q/{slug}/figure/{name}.{kind}", include_in_schema=False)
    async def figure(request: Request, slug: str, name: str, kind: str) -> Response:
        return await _twin(site, request, slug, kind, figure=name)

    @app.get("/q/{slug}/{key}.{kind}", include_in_schema=False)
    async def table(request: Request, slug: str, key: str, kind: str) -> Response:
        return await _twin(site, request, slug, kind, key)

    @app.get("/q/{slug}.{kind}", include_in_schema=False)
    async def whole(request: Request, slug: str, kind: str) -> Response:
        return await _twin(site, request, slug, kind)

    @app.get("/q/{slug}", include_in_schema=False)
    async def question(request: Request, slug: str) -> Response:
        given = pairs(request)
        full = ("full", "1") in given
        rest = [(key, value) for key, value in given if key != "full"]
        key = f"q {slug} {urlencode(sorted(rest))} {full}"
        return await deliver(request, site, key, lambda: site.question(slug, rest, full))


async def _twin(site: WebSite, request: Request, slug: str, kind: str, key: str = "", figure: str = "") -> Response:
    """Return a twin of a table, a figure or a whole answer."""
    if kind not in twins.TYPES:
        raise StudyError(f"nothing is written as {kind[:20]!r}", where="address", hint=", ".join(twins.TYPES))
    made = asked.from_pairs(asked.by_slug(slug), [(k, v) for k, v in pairs(request) if k != "full"])

    def make() -> Body:
        data = twins.write(site.answers.answer(made), kind, key, figure)
        name = f"{twins.safe('-'.join(filter(None, (slug, key or figure))))}.{kind}"
        return Body.of(data, twins.TYPES[kind], name="" if kind in ("json", "svg", "png") else name)

    return await deliver(request, site, f"twin {site.answers.key(made)} {key} {figure} {kind}", make)


def _add_method(app: FastAPI, site: WebSite) -> None:
    """Add the page of a method: what it computes, after whom, and its values."""

    def make(given: dict[str, str]) -> Body:
        method = runner.find(given.get("id", ""))
        entries = (Entry("id", "Method", list="methods", needed=True), FOCUS, YEAR)
        values = {"method": method.id, "focus": given.get("focus", ""), "year": given.get("year", "")}
        fields = forms.of_page(entries, {**values, "id": method.id})
        part, final = "", True
        if values["focus"]:
            made = asked.from_pairs(find("run"), list(values.items()))
            part, final = site.part(made, "values", Shown(), f"/method?{urlencode(given)}")
        import inspect

        _, stated, *rest = (inspect.getdoc(method.function) or "").split("\n\n")
        context = {"method": method, "equations": equations(stated), "stated": stated, "text": "\n\n".join(rest)}
        context |= {"fields": fields, "part": part}
        html = site.render("method.html.j2", title=method.title, here="methods", lists=forms.offered(fields), **context)
        return Body.of(html, kept=final)

    @app.get("/method", include_in_schema=False)
    async def method(request: Request) -> Response:
        given = dict(pairs(request))
        return await deliver(request, site, f"method {urlencode(sorted(given.items()))}", lambda: make(given))


def _add_pages(app: FastAPI, site: WebSite) -> None:
    """Add the first page, search and the composed pages."""

    def first() -> Body:
        fields = forms.of_page((FOCUS,), {})
        programmes = [
            (code, country_name(code))
            for code in dict.fromkeys(r["focal"] for r in reference.rows("programme_targets"))
        ]
        listed = dict.fromkeys(one.material for one in reference.lists() if one.material)
        minerals = sorted((id, reference.materials()[id].name) for id in listed if id in reference.materials())
        context = {"fields": fields, "lists": forms.offered(fields), "programmes": programmes, "minerals": minerals}
        context["tasks"] = TASKS
        return Body.of(site.render("home.html.j2", title="First page", **context))

    @app.get("/", include_in_schema=False)
    async def home(request: Request) -> Response:
        return await deliver(request, site, "home", first)

    @app.get("/digits", include_in_schema=False)
    def digits(request: Request, how: str = "western") -> Response:
        """Keep how numbers are written, and go back to the page that was open here."""
        before = urlsplit(request.headers.get("referer", ""))
        back = f"{before.path}?{before.query}" if before.netloc == request.headers.get("host") and before.path else "/"
        response = RedirectResponse(f"/{back.lstrip('/')}", 303, {"Cache-Control": "no-store"})
        response.set_cookie(DIGITS, INDIAN if how == INDIAN else "western", max_age=31_536_000, samesite="strict")
        return response

    @app.get("/search", include_in_schema=False)
    async def found(request: Request, q: str = "") -> Response:
        words = q.strip()[:100]

        def make() -> Body:
            found = {"results": search.find(words), "meant": search.meant(words)}
            return Body.of(site.render("search.html.j2", title="Search", words=words, **found))

        return await deliver(request, site, f"search {words}", make)

    @app.get("/part/{slug}/{at}", include_in_schema=False)
    async def part(request: Request, slug: str, at: int) -> Response:
        page = _page(slug)
        if not 0 <= at < len(page.parts):
            raise StudyError("the page has no such part", where=slug[:40], hint=f"0 to {len(page.parts) - 1}")
        given = _known(page, pairs(request))
        key = f"part {slug} {at} {urlencode(sorted(given.items()))}"
        return await deliver(request, site, key, lambda: site.fragment(page, at, given))

    @app.get("/{slug}", include_in_schema=False)
    async def page(request: Request, slug: str) -> Response:
        page, given = _page(slug), dict(pairs(request))
        whole = given.pop("whole", "") == "1"
        known = _known(page, list(given.items()))
        there = await run_in_threadpool(site.there, page, known)
        key = f"page {slug} {urlencode(sorted(known.items()))} {there} {whole}"
        return await deliver(request, site, key, lambda: site.page(page, known, whole))


def _page(slug: str) -> ComposedPage:
    """Return a composed page; raises CoverageError for none."""
    page = listed.by_slug(slug)
    if page is None:
        raise CoverageError("no such page", where=slug[:60], hint=", ".join(p.slug for p in listed.PAGES))
    return page


def _known(page: ComposedPage, given: list[tuple[str, str]]) -> dict[str, str]:
    """Return what a page is asked with; raises StudyError for a field that it has not, or one that is too long."""
    names = [entry.name for entry in page.entries]
    for key, value in given:
        if key not in names:
            raise StudyError(f"the page has no field {key[:40]!r}", where=page.slug, hint=f"one of {', '.join(names)}")
        if len(value.strip()) > asked.LENGTH:
            raise StudyError("too long", where=f"{page.slug}: {key}", hint=f"at most {asked.LENGTH} characters")
    return {key: value.strip() for key, value in given if value.strip()}
