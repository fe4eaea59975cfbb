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
    _in("backtest", "backtest", "BacktestRequest", "The engine beside documented events: trade, prices, noise."),
    _in("risk", "risk", "RiskRequest", "Thousands of simulated years: expected loss, loss curve, who is behind it."),
    _in(
        "shock", "shock", "ShockRequest", "Disrupt supply: shortage, price, cost to the economy, and who goes without."
    ),
    _in(
        "records",
        "trade",
        "TradeRequest",
        "Recorded trade: value and mass by partner, trade code and year.",
        "answer_trade",
    ),
)
