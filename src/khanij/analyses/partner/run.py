"""Partnerships: what one is worth, and what each agreement of a country adds among all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from khanij import reference
from khanij.analyses.inputs import baseline
from khanij.analyses.measures.run import left_out
from khanij.analyses.partner import tables
from khanij.analyses.partner.agreements import table
from khanij.core.table import Table
from khanij.plan.measures.coalitions import coalition_games
from khanij.plan.measures.partnership_value import value_partnership
from khanij.plan.measures.partnerships import Partnership, instruments, materials_named, partnership
from khanij.reference import agreements, money
from khanij.reference import official_lists as official


def prepare(
    focus: str,
    partner: str,
    year: int = 2024,
    years: int = 2_000,
    seed: int = 0,
    materials: Sequence[str] = (),
    **settings: Any,
) -> Partnership:
    """Return a pair on common ground, on the minerals that their instruments name and those asked for.

    Where there are none of either, on those of the official list that counts for the focus.
    Raises CoverageError where no mineral has a market model and a hazard.
    """
    home, other = reference.focus(focus), reference.country(partner)
    found = materials_named(instruments(home, other))
    wanted = tuple(dict.fromkeys((*found, *materials))) or official.minerals(home, year)
    base = baseline.prepare(home, year, years, seed, materials=wanted, partners=(other,), **settings)
    return partnership(base, other, wanted)


def report(
    pair: Partnership, currency: money.Currency, progress: Callable[[str], None] | None = None
) -> tuple[Table, ...]:
    """Return the tables of a pair: what is signed, with and without, dependence, minerals that are not counted."""
    found = value_partnership(pair, progress)
    made = (tables.instruments(pair), tables.value(found, currency), tables.dependence(found, currency))
    return (*(table for table in made if len(table)), *left_out(pair.base))


def report_agreements(
    focus: str,
    currency: money.Currency,
    year: int = 2024,
    years: int = 500,
    seed: int = 0,
    say: Callable[[str], None] | None = None,
) -> tuple[Table, ...]:
    """Return the table of all agreements of a country, and of minerals that are not counted."""
    minerals = materials_named(agreements.agreements(focus))
    sellers = tuple(dict.fromkeys(p for one in agreements.agreements(focus) for p in one.partners if one.materials))
    base = baseline.prepare(focus, year, years, seed, materials=minerals, partners=sellers)
    return (table(base, coalition_games(base, say), currency), *left_out(base))
