"""run"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from khanij.analyses.inputs.facts import members
from khanij.analyses.question import names, years
from khanij.core.errors import CoverageError
from khanij.core.table import Table
from khanij.data.facts import store
from khanij.data.lookup import catalogue, query


def trade(focus: str, partner: str | None, hs: str | None, year: str, flow: str = "imports") -> Table:
    """Return recorded trade of a country or group; see data.query.trade."""
    span = years(year)
    codes = names(hs)
    for code in codes or ():
        if not re.fullmatch(r"\d{4}(\d{2})?", code):
            raise CoverageError(
                f"{code!r} is no six-digit trade code and no heading of four", where="--hs", hint="for instance 270900"
            )
    partners = names(partner)
    others = None if partners is None else tuple(iso for text in partners for iso in members(text, span))
    return query.trade(members(focus, span), others, codes, span, flow)


def check(raw: Path | None = None) -> list[Table]:
    """Return the store's reconciliation; with a raw folder also whether the publishers' files are the recorded ones."""
    from khanij.data import reconcile  # the checks are many modules that no other query needs

    return reconcile.report(raw)


def rebuild(raw: Path, only: Sequence[str], say: Callable[[str], None]) -> Table:
    """Rebuild the store and return the list of sources."""
    store.rebuild(raw, only, say)
    return catalogue.sources()
