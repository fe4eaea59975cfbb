"""The list of questions as plain data, so that help, documentation and routes need no request to be imported."""

from __future__ import annotations

from dataclasses import dataclass

ROOM = "khanij.analyses"


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    name     as it is asked: "risk", "data check"        line  what it answers, in one line
    request  "module:class" of its Request               run   "module:function" (request, case, job) -> Answer
    """

    name: str
    line: str
    request: str
    run: str


def _in(room: str, name: str, request: str, line: str, run: str = "answer") -> Question:
    """Return a question of a room, whose modules have fixed names."""
    return Question(name, line, f"{ROOM}.{room}.request:{request}", f"{ROOM}.{room}.run:{run}")


QUESTIONS = (
    _in(
        "measures",
        "measures",
        "MeasuresRequest",
        "What each measure of the catalogue averts by itself, and what it costs.",
    ),
    _in(
        "partner",
        "partner",
        "PartnerRequest",
        "What a partnership averts and which dependence it adds; without a partner, what each agreement adds.",
    ),
    _in(
        "plan",
        "plan",
        "PlanRequest",
        "What to build, how much and when under a budget.",
    ),
    _in(
        "study",
        "study run",
        "StudyRequest",
        "Several questions from a YAML file, with one page and one workbook of all of them.",
    ),
    _in(
        "records",
        "trade",
        "TradeRequest",
        "Recorded trade: value and mass by partner, trade code and year.",
        "answer_trade",
    ),
)
