"""Recorded trade, facts, and checks of the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from khanij.analyses.inputs.facts import members
from khanij.analyses.question import Answer, Job
from khanij.analyses.records.request import TradeRequest
from khanij.core.case import Case
from khanij.core.table import Table
from khanij.data.facts import store
from khanij.data.lookup import catalogue, query


def answer_trade(request: TradeRequest, case: Case | None, job: Job) -> Answer:
    """Return recorded trade of a country or group; see data.lookup.query.trade."""
    span = request.year
    others = tuple(iso for text in request.partner for iso in members(text, span)) or None
    flow = "exports" if request.exports else "imports"
    table = query.trade(members(request.focus, span), others, request.hs or None, span, flow)
    return Answer(request, (table,), manifest=store.fingerprint())


def check(raw: Path | None = None) -> list[Table]:
    """Return the store's reconciliation; with a raw folder also whether the publishers' files are the recorded ones."""
    from khanij.data import reconcile  # the checks are many modules that no other query needs

    return reconcile.report(raw)


def rebuild(raw: Path, only: Sequence[str], say: Callable[[str], None]) -> Table:
    """Rebuild the store and return the list of sources."""
    store.rebuild(raw, only, say)
    return catalogue.sources()
