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
    Question(
        "brief",
        "A country's critical-minerals brief: two pages that print, and a dossier behind them.",
        "khanij.brief.request:BriefRequest",
        "khanij.brief.run:answer",
    ),
    _in(
        "exposure",
        "exposure",
        "ExposureRequest",
        "On whom a country depends, how sure that is, and what is in force against it.",
    ),
    _in(
        "profile",
        "profile",
        "ProfileRequest",
        "A country in figures: what it buys and sells, from whom, and what cannot be told.",
    ),
    _in(
        "scorecard",
        "scorecard",
        "ScorecardRequest",
        "How far a country is with its own programme, what is secured, and where it could lead.",
    ),
    _in(
        "records",
        "trade",
        "TradeRequest",
        "Recorded trade: value and mass by partner, trade code and year.",
        "answer_trade",
    ),
)
