"""What became of agreements: instruments of several countries from signature to tonnes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from khanij.reference import records
from khanij.reference.records import CONFIDENCES, column

KINDS = ("declaration", "mou", "framework", "treaty", "concession", "joint-venture", "equity", "loan", "offtake")
KINDS_KNOWN = (*KINDS, "stockpile-swap")
OUTCOMES = ("delivered", "partly", "stalled", "cancelled", "too-early")
STAGES_REACHED = ("none-public", "studies", "contract", "construction", "production", "shipped")
SHIPPED = ("production", "shipped")


@dataclass(frozen=True, slots=True)
class AgreementCase:
    """One row of agreement_record.csv.

    single     one deal, not a portfolio of many      signed  year, month or day; "" where it is not known
    contracted t a year, of `contracted_kind` (contracted, planned, nameplate)
    delivered  t a year, of `delivered_kind` (to partner, project output, capacity, guidance, none)
    read       read, second-hand or recalled          recalled  columns that are memory
    """

    id: str
    focal: str
    partners: tuple[str, ...]
    parties: str
    signed: str
    kind: str = column(among=lambda: KINDS_KNOWN)
    minerals: str
    stage_reached: str = column(among=lambda: STAGES_REACHED)
    first_tonnes: str
    contracted: float
    contracted_kind: str
    delivered: float
    delivered_kind: str
    money: float
    currency: str
    outcome: str = column(among=lambda: OUTCOMES)
    single: bool
    as_of: str
    read: str
    recalled: tuple[str, ...]
    why: str
    url: str
    source: str
    confidence: str = column(among=lambda: CONFIDENCES)

    @property
    def shipped(self) -> bool:
        """Return whether tonnes came of it."""
        return self.stage_reached in SHIPPED

    @property
    def open(self) -> bool:
        """Return whether it is too early to say."""
        return self.outcome == "too-early"

    @property
    def years_to_tonnes(self) -> float:
        """Return years from signature to first tonnes, by year; nan where either is not known."""
        if not self.signed or not self.first_tonnes:
            return float("nan")
        return float(int(self.first_tonnes[:4]) - int(self.signed[:4]))


@cache
def agreement_cases() -> tuple[AgreementCase, ...]:
    """Return every row; raises ParseError on a broken one."""
    return tuple(records.keyed(AgreementCase, "agreement_record", "id").values())


def between(focus: str, partner: str) -> tuple[AgreementCase, ...]:
    """Return the instruments on record that both are parties of, from either side, those that came furthest first."""
    both = [row for row in agreement_cases() if {row.focal, *row.partners} >= {focus, partner}]
    return tuple(sorted(both, key=lambda row: (-STAGES_REACHED.index(row.stage_reached), row.signed, row.id)))
