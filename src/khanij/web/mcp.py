"""Tools for assistants by the Model Context Protocol: JSON-RPC lines on standard input and output, or one body each.

It is written here, in one module: the protocol's own package brings some twenty others (a server of its own, schemas,
cryptography), and what is needed of it is seven methods. Every question is a tool; look-ups come first in the list.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TextIO

from khanij.analyses import asked
from khanij.analyses.question import Answer, request_of
from khanij.analyses.questions import QUESTIONS, Question
from khanij.core.errors import KhanijError, StudyError
from khanij.core.registry import package_version
from khanij.web import resources
from khanij.web.answers import Answers, is_long
from khanij.web.composed import search
from khanij.web.records import AnswerRecord, JobRecord, job, record, whole

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")  # of the protocol, the newest first
ROWS = 30  # rows of a table in one result, unless more are asked for
WAIT = 45.0  # seconds that a call waits for a long run before it tells how to come back
TELL = (
    "khanij answers questions on dependence on critical minerals from sourced facts. Look names up with `find` first. "
    "Every result has findings, tables, sources and caveats; give the source with a number, and say what is not known: "
    "null is not known, never zero. Where `truncated` is true ask again with `_offset`, or for one table with `_table`."
)
HINTS = {"readOnlyHint": True, "idempotentHint": True, "destructiveHint": False, "openWorldHint": False}
INVALID, UNKNOWN, WRONG = -32600, -32601, -32602


class ProtocolError(Exception):
    """What a message is refused with: a code of JSON-RPC and a sentence."""

    def __init__(self, code: int, message: str) -> None:
        """Keep both."""
        self.code, self.message = code, message
        super().__init__(message)


class Assistant:
    """One server of tools: what it answers to each message."""

    def __init__(self, answers: Answers, wait: float = WAIT) -> None:
        """Answer with these; wait  seconds at most for a long run."""
        self.answers, self.wait = answers, wait
        self.running: dict[Any, str] = {}
        self.methods: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
            "initialize": self._begin,
            "ping": lambda _, __: {},
            "tools/list": lambda _, __: {"tools": tools()},
            "tools/call": self._call,
            "resources/list": lambda _, __: {"resources": resources.listed()},
            "resources/templates/list": lambda _, __: {"resourceTemplates": resources.templates()},
            "resources/read": lambda _, given: {"contents": [resources.read(str(given.get("uri", "")))]},
        }

    def answer(self, message: Any) -> dict[str, Any] | None:
        """Return the reply to a message, None to a notification."""
        if (
            not isinstance(message, dict)
            or message.get("jsonrpc") != "2.0"
            or not isinstance(message.get("method"), str)
        ):
            return _failed(None, INVALID, "no request of JSON-RPC 2.0")
        id, method, given = message.get("id"), message["method"], message.get("params") or {}
        if "id" not in message:
            if method == "notifications/cancelled" and isinstance(given, dict):
                self._cancel(given.get("requestId"))
            return None
        if not isinstance(given, dict):
            return _failed(id, WRONG, "params is no mapping")
        if method not in self.methods:
            return _failed(id, UNKNOWN, f"no method {method[:60]!r}")
        try:
            return {"jsonrpc": "2.0", "id": id, "result": self.methods[method](id, given)}
        except ProtocolError as wrong:
            return _failed(id, wrong.code, wrong.message)
        except KhanijError as wrong:
            return _failed(id, WRONG, "\n".join(wrong.lines()))

    def _begin(self, _: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what this server can do."""
        wanted = given.get("protocolVersion")
        return {
            "protocolVersion": wanted if wanted in VERSIONS else VERSIONS[0],
            "capabilities": {"tools": {"listChanged": False}, "resources": {"listChanged": False, "subscribe": False}},
            "serverInfo": {"name": "khanij", "title": "khanij: critical minerals", "version": package_version()},
            "instructions": TELL,
        }

    def _call(self, id: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a tool gives; a problem that the caller can mend is a result, as the protocol wants it."""
        name, arguments = given.get("name"), given.get("arguments") or {}
        if not isinstance(name, str) or not isinstance(arguments, dict):
            raise ProtocolError(WRONG, "name and arguments of a tool are wanted")
        known = next((q for q in QUESTIONS if q.slug == name), None)
        try:
            if name == "find":
                return _found(str(arguments.get("words", "")))
            if name == "job":
                return self._look(str(arguments.get("job", "")), arguments)
            if known is None:
                raise ProtocolError(WRONG, f"no tool {name[:60]!r}")
            return self._ask(id, known, arguments)
        except KhanijError as wrong:
            told = {"error": {"what": wrong.what, "where": wrong.where, "hint": wrong.hint}}
            return {**_result("\n".join(wrong.lines()), told), "isError": True}

    def _ask(self, id: Any, question: Question, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a question, or how far the run is that makes it."""
        paging = {key: value for key, value in arguments.items() if key.startswith("_")}
        request = asked.read(question, {key: value for key, value in arguments.items() if key not in paging})
        if not is_long(request) or self.answers.kept(request) is not None:
            return _told(self.answers.answer(request), paging)
        work = self.answers.begin(request)
        self.running[id] = work.key
        try:
            return self._look(work.key, paging)
        finally:
            self.running.pop(id, None)

    def _look(self, key: str, paging: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer of a run once it is done, or how far it is."""
        ends = time.monotonic() + self.wait
        work = self.answers.ledger.get(key)
        while work is not None and not work.is_over and time.monotonic() < ends:
            time.sleep(0.1)
            work = self.answers.ledger.get(key)
        if work is None:
            raise StudyError("no such run", where="job", hint="ask the question itself")
        if work.state == "failed":
            raise StudyError(
                work.said.partition("\n")[0].removeprefix("error: "), where=work.question, hint=work.command
            )
        if work.state != "done":
            told = job(work)
            return _result(f"{work.command} is {work.state}: call `job` with {work.key!r} to go on waiting", told)
        request = asked.from_command(work.command)
        return _told(self.answers.answer(request), paging)

    def _cancel(self, id: Any) -> None:
        """Stop the run of a call that is no longer wanted."""
        if isinstance(id, str | int) and (key := self.running.get(id)):
            self.answers.ledger.cancel(key)


def tools() -> list[dict[str, Any]]:
    """Return every tool: looking up first, then one a question."""
    words = {"type": "string", "description": "a name or alias, in English or Hindi", "minLength": 1}
    key = {"type": "string", "description": "the id that a long run was given"}
    made = [
        {
            "name": "find",
            "title": "Look a name up",
            "description": "Countries, minerals, products, methods, sources and questions by name or alias, with ids.",
            "inputSchema": {"type": "object", "properties": {"words": words}, "required": ["words"]},
            "outputSchema": {
                "type": "object",
                "properties": {"found": {"type": "array", "items": {"type": "object"}}},
                "required": ["found"],
            },
            "annotations": HINTS,
        }
    ]
    first = ("data-list", "methods", "events-list", "register")
    listed = sorted(QUESTIONS, key=lambda q: first.index(q.slug) if q.slug in first else len(first))
    made += [tool(question) for question in listed if asked.is_open(request_of(question))]
    made.append(
        {
            "name": "job",
            "title": "Wait for a long run",
            "description": "The answer of a long run once it is done, else how far it is.",
            "inputSchema": {"type": "object", "properties": {"job": key}, "required": ["job"]},
            "annotations": HINTS,
        }
    )
    return made


def tool(question: Question) -> dict[str, Any]:
    """Return a question as a tool."""
    schema = asked.schema(question)
    whole_number = {"type": "integer", "minimum": 0}
    schema["properties"] |= {
        "_table": {"type": "string", "description": "one table of the answer, by its key"},
        "_limit": {**whole_number, "description": f"rows of a table at most; {ROWS} as usual"},
        "_offset": {**whole_number, "description": "rows left out at the start"},
    }
    long = " It takes long: after a while the id of a run comes back, to be asked after with `job`."
    return {
        "name": question.slug,
        "title": question.name,
        "description": question.line + (long if question.long else ""),
        "inputSchema": schema,
        "outputSchema": output(),
        "annotations": HINTS,
    }


def output() -> dict[str, Any]:
    """Return the schema of what a question gives: an answer with caveats, or the record of a run."""
    answer, run = AnswerRecord.model_json_schema(), JobRecord.model_json_schema()
    held = {**answer.pop("$defs", {}), **run.pop("$defs", {})}
    answer["properties"]["caveats"] = {"type": "array", "items": {"type": "string"}}
    answer["properties"]["hint"] = {"type": "string"}
    return {"type": "object", "anyOf": [answer, run], "$defs": held}


def _told(answer: Answer, paging: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer: findings as text, all of it as data, what must be said of it as caveats."""
    offset, limit = whole(dict(paging), "_offset", 0), whole(dict(paging), "_limit", ROWS)
    held = record(answer, offset, limit, str(paging.get("_table") or ""))
    cut = [table["key"] for table in held["tables"] if table["truncated"]]
    notes = [note for table in held["tables"] for note in table["notes"]]
    held["caveats"] = list(dict.fromkeys(notes))[:20]
    held["hint"] = f"more rows of {', '.join(cut)}: _offset={offset + limit}" if cut else ""
    lines = [*held["findings"][:8]]
    listed = ", ".join(f"{table['key']} ({table['total']} rows)" for table in held["tables"])
    lines += [f"Tables: {listed}."] if listed else []
    lines += [f"Sources: {', '.join(held['sources'][:12])}."] if held["sources"] else []
    lines += [f"Asked again by: {held['command']}"]
    return _result("\n".join(lines), held)


def _found(words: str) -> dict[str, Any]:
    """Return what is called so."""
    listed = [
        {"name": one.name, "kind": one.kind, "id": one.address.rpartition("=")[2], "also": one.also}
        for one in search.find(words)
    ]
    text = "\n".join(f"{one['kind']}: {one['name']} ({one['id']})" for one in listed) or "nothing is called so"
    return _result(text, {"found": listed})


def _result(text: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a tool."""
    return {"content": [{"type": "text", "text": text}], "structuredContent": dict(data), "isError": False}


def _failed(id: Any, code: int, message: str) -> dict[str, Any]:
    """Return a failure of JSON-RPC."""
    return {"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}


def serve(assistant: Assistant, source: TextIO = sys.stdin, sink: TextIO = sys.stdout) -> None:
    """Answer line by line until the input ends; calls are worked on beside one another."""
    lock = threading.Lock()

    def write(reply: Any) -> None:
        with lock:
            sink.write(json.dumps(reply, ensure_ascii=False, allow_nan=False) + "\n")
            sink.flush()

    def work(message: Any) -> None:
        try:
            reply = assistant.answer(message)
        except Exception as broken:
            id = message.get("id") if isinstance(message, dict) else None
            reply = _failed(id, -32603, f"khanij failed, which it should not: {type(broken).__name__}")
        if reply is not None:
            write(reply)

    with ThreadPoolExecutor(4) as pool:
        for line in source:
            if not line.strip():
                continue
            try:
                message = asked.loads(line)
            except (ValueError, RecursionError):
                write(_failed(None, -32700, "no JSON"))
                continue
            is_quick = isinstance(message, dict) and message.get("method") != "tools/call"
            work(message) if is_quick else pool.submit(work, message)
