"""Input-output tables: whose they are, which countries each serves, and how their industries are called."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from khanij.core.errors import CoverageError
from khanij.reference import records

EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class EconomyTable:
    """One input-output table.

    table      id, as the axis "table" of the cubes has it      facts  the source of its facts
    countries  whom it serves: ISO alpha-3 codes, or "*" for everybody whom it holds
    mapping    reference table NACE Rev. 2 division -> its industries
    whole      whether it serves a group only if it holds every member of it
    """

    table: str
    facts: str
    countries: tuple[str, ...]
    mapping: str
    whole: bool
    note: str

    def gives(self, key: str) -> bool:
        """Return whether a key of facts, source@edition, is of this table."""
        return key.partition("@")[0] == self.facts


@dataclass(frozen=True, slots=True)
class Industry:
    """One industry of a table."""

    table: str
    code: str
    name: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Division:
    """The part of a NACE Rev. 2 division that an industry of a table holds."""

    nace: str
    industry: str
    share: float
    source: str
    confidence: str
    note: str


@cache
def tables() -> dict[str, EconomyTable]:
    """Return every table by id, those that are to be preferred first."""
    return records.keyed(EconomyTable, "economy_tables", "table")


def table(id: str) -> EconomyTable:
    """Return one table; raises CoverageError with the known ids."""
    if id not in tables():
        raise CoverageError(f"no input-output table {id!r}", where="table", hint=f"one of {', '.join(tables())}")
    return tables()[id]


def serving(countries: tuple[str, ...]) -> tuple[EconomyTable, ...]:
    """Return the tables that may serve these countries together, the preferred one first.

    countries  ISO alpha-3; the members of a group
    """
    return tuple(
        row
        for row in tables().values()
        if EVERYBODY in row.countries
        or (set(countries) <= set(row.countries) if row.whole else set(countries) & set(row.countries))
    )


@cache
def industries(table: str) -> dict[str, str]:
    """Return code -> name of the industries of a table, in its order."""
    return {row.code: row.name for row in records.read(Industry, "industries") if row.table == table}


@cache
def divisions(table_id: str) -> dict[str, tuple[Division, ...]]:
    """Return NACE Rev. 2 division -> its industries in a table, with the part of each."""
    found: dict[str, tuple[Division, ...]] = {}
    for row in records.read(Division, table(table_id).mapping):
        found[row.nace] = (*found.get(row.nace, ()), row)
    return found
