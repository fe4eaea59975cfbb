"""How often agreements come to tonnes, by the record of what became of others, and after how many years.

p_kind = (k_kind + a p) / (n_kind + a)          p = k / n over all kinds;  k came to tonnes, n are not too early to tell
p      = (k_pair + a p_kind) / (n_pair + a)     what the two parties themselves have on record, leaning on the kind
sd     = sqrt(p (1 - p) / (n_kind + n_pair + a + 1));  range p -+ 1.645 sd, within 0 to 1
Of what is too early nothing is counted: neither for nor against. The record was made with famous deals and known
failures in view, so that its parts are of that list and not of all deals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from khanij.core.case import Case
from khanij.core.range import Range
from khanij.reference.agreements import Agreement
from khanij.reference.assumptions import assumed
from khanij.reference.decisions.agreement_record import AgreementCase, agreement_cases

PAPER, TREATY, CONCESSION, COMMERCIAL = "paper", "treaty", "concession", "commercial"
GROUPS = {
    "declaration": PAPER,
    "mou": PAPER,
    "framework": PAPER,
    "stockpile-swap": PAPER,
    "treaty": TREATY,
    "concession": CONCESSION,
    "joint-venture": COMMERCIAL,
    "equity": COMMERCIAL,
    "loan": COMMERCIAL,
    "offtake": COMMERCIAL,
}
NINETY = 1.645  # standard errors on either side that hold 90 %


@dataclass(frozen=True, slots=True)
class Conversion:
    """The chance that an instrument of a kind between two parties comes to tonnes, and when.

    group    paper, treaty, concession or commercial      chance  with the ends that hold 90 %
    came, known       of its kind on record: came to tonnes, and not too early to tell
    pair_came, pair_known  of the two parties themselves
    years    from signature to first tonnes, quartiles; nan where none of its kind has both dates
    """

    group: str
    chance: Range
    came: int
    known: int
    pair_came: int
    pair_known: int
    years: Range


def group_of(one: Agreement) -> str:
    """Return which kind of the record an instrument of agreements.csv is: a contract on research is a paper."""
    if one.strength == "allotment":
        return CONCESSION
    if one.strength == "contract":
        return COMMERCIAL if "offtake" in one.scopes else CONCESSION if "exploration" in one.scopes else PAPER
    return TREATY if one.strength == "negotiated" else PAPER


def conversion(group: str, focal: str, partner: str, case: Case) -> Conversion:
    """Return how often an instrument of a group between two parties comes to tonnes."""
    closed = [row for row in agreement_cases() if row.single and not row.open]
    whole = _part(closed)
    lean = assumed("record_prior", case)
    alike = [row for row in closed if GROUPS[row.kind] == group]
    pair = [row for row in closed if {row.focal, *row.partners} >= {focal, partner} and partner]
    came, own = sum(row.shipped for row in alike), sum(row.shipped for row in pair)
    of_kind = (came + lean * whole) / (len(alike) + lean)
    best = (own + lean * of_kind) / (len(pair) + lean)
    spread = NINETY * float(np.sqrt(best * (1 - best) / (len(alike) + len(pair) + lean + 1)))
    chance = Range(max(best - spread, 0.0), best, min(best + spread, 1.0))
    return Conversion(group, chance, came, len(alike), own, len(pair), _years(alike))


def _part(rows: list[AgreementCase]) -> float:
    """Return the part of rows that came to tonnes."""
    return sum(row.shipped for row in rows) / len(rows)


def _years(rows: Iterable[AgreementCase]) -> Range:
    """Return quartiles of the years to first tonnes."""
    known = [row.years_to_tonnes for row in rows if row.years_to_tonnes == row.years_to_tonnes]
    if not known:
        return Range(float("nan"), float("nan"), float("nan"))
    low, best, high = (max(float(value), 0.0) for value in np.quantile(known, (0.25, 0.5, 0.75)))
    return Range(low, best, high)
