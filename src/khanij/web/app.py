"""The server: pages, twins, the API and runs; it answers its own machine alone unless it is told otherwise."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.concurrency import run_in_threadpool

from khanij.core.errors import KhanijError, StudyError
from khanij.core.registry import package_version
from khanij.web.composed.site import WebSite, status_of

LOCAL = ("127.0.0.1", "localhost", "[::1]", "::1")
LARGEST = 256 * 1024  # bytes of a body that is taken
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
COOKIE = "khanij"


def create(state: Path | None = None, hosts: tuple[str, ...] = (), token: str = "", runs: str = "") -> FastAPI:
    """Return the application.

    state  folder of finished runs; None = they are kept in memory
    runs   address of a PostgreSQL database that keeps them instead
    hosts  names under which it may be called besides this machine's own
    token  what a caller must show; "" for a server that only its own machine reaches; it is held as a hash
    """
    site = WebSite(state, runs)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        site.worker.start()
        yield
        await run_in_threadpool(site.worker.stop)
        site.ledger.close()

    app = FastAPI(
        title="khanij",
        version=package_version(),
        description="Critical-mineral dependence, disruption and remedies, from sourced facts.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=lifespan,
    )
    app.state.site = site
    app.add_middleware(Guard, hosts=(*LOCAL, *hosts), token=hashlib.sha256(token.encode()).digest() if token else b"")
    _tell_errors(app, site)
    from khanij.web import api, routes

    api.add(app, site)
    routes.add(app, site)
    return app


def _tell_errors(app: FastAPI, site: WebSite) -> None:
    """Tell every error in its three parts, to people as a page and to programs as JSON."""

    @app.exception_handler(KhanijError)
    async def refuse(request: Request, wrong: KhanijError) -> Response:
        return told(site, request, wrong, status_of(wrong))

    @app.exception_handler(404)
    async def absent(request: Request, _: Exception) -> Response:
        wrong = StudyError("no such page", where=request.url.path[:100], hint="/ is the first page, /api/v1 the API")
        return told(site, request, wrong, 404)

    @app.exception_handler(405)
    async def unfit(request: Request, _: Exception) -> Response:
        wrong = StudyError(
            f"{request.method} is not for this", where=request.url.path[:100], hint="GET, or POST to run"
        )
        return told(site, request, wrong, 405)

    @app.exception_handler(Exception)
    async def broken(request: Request, failure: Exception) -> Response:
        wrong = StudyError(
            f"khanij failed, which it should not: {type(failure).__name__}",
            where=request.url.path[:100],
            hint="please report this with the address",
        )
        return told(site, request, wrong, 500)


def told(site: WebSite, request: Request, wrong: KhanijError, status: int) -> Response:
    """Return an error as JSON to a program and as a page to a person."""
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"error": {"what": wrong.what, "where": wrong.where, "hint": wrong.hint}}, status)
    return HTMLResponse(site.render("error.html.j2", title=f"{status}", problem=wrong), status)


class Guard:
    """Stands before everything: who may call, under which name, with how large a body, and what a browser may do."""

    def __init__(self, app: Any, hosts: tuple[str, ...], token: bytes) -> None:
        """Keep the names of this server and the hash of its token, b"" for none."""
        self.app, self.hosts, self.token = app, hosts, token

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Refuse, or go on with a limited body and the headers of safety."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        seen = 0

        async def limited() -> Any:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > LARGEST:
                raise StudyError("the body is too large", where="request", hint=f"at most {LARGEST // 1024} KiB")
            return message

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                more = ((n.lower().encode(), v.encode()) for n, v in HEADERS.items())
                message["headers"] += [(name, value) for name, value in more if name not in there]
            await send(message)

        await self.app(scope, limited, guarded)

    def _refusal(self, scope: Any, headers: dict[str, str]) -> Response | None:
        """Return why a call is not answered, None if it is."""
        host = headers.get("host", "")
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if name not in self.hosts:  # another name that leads here would let a foreign page read from this machine
            return _refused(421, f"not a name of this server: {name[:60]!r}", "--host NAME")
        if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            origin = headers.get("origin", "")
            foreign = headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
            if foreign or (origin and origin.split("://")[-1] != host):
                return _refused(403, "a page of another site may not run anything here", "open this server itself")
        length = headers.get("content-length") or "0"
        if not length.isdecimal() or len(length) > 12 or int(length) > LARGEST:
            return _refused(413, "the body is too large", f"at most {LARGEST // 1024} KiB")
        return self._stranger(scope, headers) if self.token else None

    def _stranger(self, scope: Any, headers: dict[str, str]) -> Response | None:
        """Return a refusal to whoever shows no token; one that is shown in the address becomes a cookie."""
        shown = headers.get("authorization", "").removeprefix("Bearer ")
        shown = shown or _cookie(headers.get("cookie", ""))
        given = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1"))).get("token", "")
        if given and self._is_token(given):
            response = Response(status_code=303, headers={"Location": "/", "Cache-Control": "no-store"})
            response.set_cookie(COOKIE, given, httponly=True, samesite="strict")
            return response
        return None if self._is_token(shown) else _refused(401, "no token was shown", "Authorization: Bearer TOKEN")

    def _is_token(self, text: str) -> bool:
        """Return whether this is the token."""
        return hmac.compare_digest(hashlib.sha256(text.encode()).digest(), self.token)


def _cookie(text: str) -> str:
    """Return the token in a cookie."""
    held = dict(part.strip().partition("=")[::2] for part in text.split(";"))
    return held.get(COOKIE, "")


def _refused(status: int, what: str, hint: str) -> Response:
    """Return a refusal in three parts."""
    return JSONResponse({"error": {"what": what, "where": "request", "hint": hint}}, status)
