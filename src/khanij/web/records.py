"""Answers, runs and errors as programs and assistants get them, with the schema of each."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from khanij.analyses import question as questions
from khanij.core.errors import StudyError
from khanij.jobs.ledger import RunEntry

BASE = "/api/v1"
PAGING = ("_offset", "_limit", "_table")
MOST = 10_000  # rows of a table in one response


class ColumnRecord(BaseModel):
    """A column of a table."""

    key: str
    name: str
    kind: str
    unit: str
    meaning: str


class TableRecord(BaseModel):
    """A table: what its columns mean, a mapping a row; truncated  there are more rows, from next_offset on."""

    key: str
    title: str
    columns: list[ColumnRecord]
    notes: list[str]
    rows: list[dict[str, Any]]
    total: int
    truncated: bool
    next_offset: int | None = None


class AnswerRecord(BaseModel):
    """An answer: the line that asks it again, findings, tables, sources, the hash of the facts, and its own."""

    command: str
    findings: list[str]
    tables: list[TableRecord]
    sources: list[str]
    facts: str
    hash: str


class JobRecord(BaseModel):
    """A long run: its state, how much of it is done, what it says, and where its answer will be."""

    job: str
    question: str
    command: str
    state: str
    part: float | None
    said: str
    url: str
    answer: str


class ErrorRecord(BaseModel):
    """What is wrong, where, and what to try."""

    error: dict[str, str]


def job(work: RunEntry) -> dict[str, Any]:
    """Return a run as plain data."""
    slug = questions.find(work.question).slug
    return JobRecord(
        job=work.key,
        question=work.question,
        command=work.command,
        state=work.state,
        part=work.part,
        said=work.said,
        url=f"/jobs/{work.key}.json",
        answer=f"{BASE}/{slug}?{work.query}",
    ).model_dump()


def record(answer: questions.Answer, offset: int = 0, limit: int = MOST, only: str = "") -> dict[str, Any]:
    """Return an answer as plain data, of each table the rows from an offset on."""
    tables = [answer.table(only)] if only else list(answer.tables)
    held = answer.record(tables)
    for table in held["tables"]:
        total = len(table["rows"])
        table["rows"] = table["rows"][offset : offset + limit]
        end = offset + len(table["rows"])
        more = end < total
        table |= {"total": total, "truncated": more, "next_offset": end if more else None}
    return held


def whole(given: dict[str, Any], name: str, usual: int) -> int:
    """Return a whole number of the paging; raises StudyError for what is none."""
    value = given.get(name)
    if value in (None, ""):
        return usual
    if isinstance(value, bool) or not str(value).isdecimal() or len(str(value)) > 9:
        raise StudyError(f"{str(value)[:40]!r} is no whole number from 0", where=name, hint="for instance 100")
    return int(str(value))
