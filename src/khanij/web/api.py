"""The API: one address a question, typed by its schema; errors of one shape; long runs as jobs."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from khanij.analyses import asked
from khanij.analyses import question as questions
from khanij.analyses.question import request_of
from khanij.analyses.questions import QUESTIONS, Question
from khanij.core.errors import StudyError
from khanij.web import twins
from khanij.web.answers import is_long
from khanij.web.composed.site import Body, WebSite
from khanij.web.delivery import deliver, pairs
from khanij.web.records import BASE, MOST, PAGING, AnswerRecord, ErrorRecord, JobRecord, job, record, whole


def add(app: FastAPI, site: WebSite) -> None:
    """Add the addresses of all questions."""

    @app.get(BASE, summary="The questions, and where each is asked")
    def index() -> dict[str, Any]:
        listed = [
            {
                "name": q.name,
                "line": q.line,
                "url": f"{BASE}/{q.slug}",
                "page": f"/q/{q.slug}",
                "schema": f"{BASE}/schemas/{q.slug}",
                "long": q.long,
                "open": asked.is_open(request_of(q)),
            }
            for q in QUESTIONS
        ]
        return {"questions": listed, "openapi": f"{BASE}/openapi.json", "facts": site.answers.facts}

    @app.get(f"{BASE}/schemas/{{slug}}", summary="The JSON Schema of a question")
    def schema(slug: str) -> dict[str, Any]:
        return asked.schema(asked.by_slug(slug))

    for question in QUESTIONS:
        if asked.is_open(request_of(question)):
            _add(app, site, question)


def _add(app: FastAPI, site: WebSite, question: Question) -> None:
    """Add the addresses of one question."""
    path, schema = f"{BASE}/{question.slug}", asked.schema(question)
    described: dict[int | str, dict[str, Any]] = {
        202: {"model": JobRecord, "description": "It takes long: the run that makes it"},
        404: {"model": ErrorRecord, "description": "The facts do not cover it"},
        422: {"model": ErrorRecord, "description": "It is wrongly asked"},
        429: {"model": ErrorRecord, "description": "Too many runs wait"},
    }
    told = {"summary": question.line, "tags": [question.name], "response_model": AnswerRecord, "responses": described}

    @app.get(path, operation_id=f"get-{question.slug}", openapi_extra={"parameters": parameters(question)}, **told)  # type: ignore[arg-type]
    async def get(request: Request) -> Response:
        given = pairs(request)
        made = asked.from_pairs(question, [(k, v) for k, v in given if k not in PAGING])
        return await _answer(site, request, made, dict(given))

    body = {"requestBody": {"required": True, "content": {"application/json": {"schema": _inlined(schema)}}}}

    @app.post(path, operation_id=f"post-{question.slug}", openapi_extra=body, **told)  # type: ignore[arg-type]
    async def post(request: Request) -> Response:
        try:
            given = asked.loads(await request.body() or b"{}")
        except (ValueError, RecursionError) as wrong:
            raise StudyError(
                f"the body is no JSON: {str(wrong)[:80]}", where="request", hint='{"field": value}'
            ) from None
        if not isinstance(given, dict):
            raise StudyError("the body is no mapping", where="request", hint='{"field": value}')
        made = asked.read(question, {k: v for k, v in given.items() if k not in PAGING})
        return await _answer(site, request, made, given)


async def _answer(site: WebSite, request: Request, made: questions.Request, given: dict[str, Any]) -> Response:
    """Return an answer, or the run that makes it."""
    offset, limit = whole(given, "_offset", 0), whole(given, "_limit", MOST)
    only = str(given.get("_table") or "")

    def make() -> Body:
        answer = site.answers.answer(made)
        return Body.of(twins.dumped(record(answer, offset, min(limit, MOST), only)), "application/json")

    if is_long(made) and await run_in_threadpool(site.answers.kept, made) is None:
        work = site.answers.begin(made)
        return JSONResponse(job(work), 202, {"Location": f"/jobs/{work.key}.json", "Retry-After": "2"})
    key = f"api {site.answers.key(made)} {offset} {limit} {only}"
    return await deliver(request, site, key, make)


def parameters(question: Question) -> list[dict[str, Any]]:
    """Return the fields of a question as OpenAPI has parameters of an address."""
    schema = _inlined(asked.schema(question))
    made = []
    for name, part in schema["properties"].items():
        held = {k: v for k, v in part.items() if k not in ("title", "description")}
        text = {"type": "string", "maxLength": asked.LENGTH}
        simple = held.get("type") in ("integer", "number", "boolean", "string") or "enum" in held
        made.append(
            {
                "name": name,
                "in": "query",
                "required": name in schema["required"],
                "description": part.get("description", ""),
                "schema": held if simple else text,
            }
        )
    for name, text in (("_table", "one table by its key"), ("_offset", "rows left out"), ("_limit", "rows at most")):
        kind = {"type": "string"} if name == "_table" else {"type": "integer", "minimum": 0, "maximum": 10**6}
        made.append({"name": name, "in": "query", "required": False, "description": text, "schema": kind})
    return made


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema whose references are written out, so that it stands anywhere in a document."""
    held = schema.get("$defs", {})

    def whole(value: Any) -> Any:
        if isinstance(value, dict):
            if "$ref" in value:
                return whole(held[value["$ref"].rpartition("/")[2]])
            return {k: whole(v) for k, v in value.items() if k != "$defs"}
        return [whole(one) for one in value] if isinstance(value, list) else value

    made: dict[str, Any] = whole(schema)
    return made
