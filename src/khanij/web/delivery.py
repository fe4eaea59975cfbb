"""How a body reaches a caller: made once, compressed, with its mark; and the fields of an address."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from urllib.parse import parse_qsl

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from khanij.core.errors import StudyError
from khanij.present.page import with_lakhs
from khanij.web.composed.site import HTML, Body, WebSite

DIGITS, INDIAN = "digits", "indian"  # the cookie that says how numbers are written, and what it holds

FILE_POLICY = (
    "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
)


def pairs(request: Request) -> list[tuple[str, str]]:
    """Return the fields of the address; raises StudyError for too many."""
    try:
        return parse_qsl(request.url.query, keep_blank_values=True, max_num_fields=60)
    except ValueError:
        raise StudyError("too many fields", where="address", hint="60 at most") from None


async def deliver(request: Request, site: WebSite, key: str, make: Callable[[], Body]) -> Response:
    """Return a body: one that is finished at once, else made beside; 304 where the caller has it."""
    body = site.known(key) or await run_in_threadpool(site.body, key, make)
    return respond(request, body)


def respond(request: Request, body: Body) -> Response:
    """Return a body as a response, compressed where the caller takes that."""
    if body.type == HTML and not body.name and request.cookies.get(DIGITS) == INDIAN:
        body = Body.of(with_lakhs(gzip.decompress(body.zipped).decode()), body.type, body.kept, body.status)
    varies = "Accept-Encoding, Cookie" if body.type == HTML else "Accept-Encoding"
    headers = {"ETag": body.mark, "Cache-Control": "no-cache" if body.kept else "no-store", "Vary": varies}
    if body.kept and body.mark in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    data = body.zipped
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        data = gzip.decompress(data)
    if body.name:
        headers["Content-Disposition"] = f'attachment; filename="{body.name}"'
    return Response(data, body.status, headers, body.type)
