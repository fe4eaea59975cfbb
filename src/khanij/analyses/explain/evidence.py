"""The fact rows behind headline numbers, for a reader who wants to see them without leaving the page."""

from __future__ import annotations

from khanij.analyses import commands
from khanij.analyses.inputs import lineage
from khanij.analyses.profile.readings import CountryProfile
from khanij.core.number import Cell, Key, Number, largest, share, total
from khanij.core.table import Column, Table
from khanij.reference.names import country_name

MOST = 6

COLUMNS = (
    Column("country", "Country", "text"),
    Column("item", "Code or series", "text"),
    Column("value", "As published"),
    Column("entered", "As counted", meaning="after the content factor or the conversion of units"),
    Column("part", "Share", meaning="share of what is counted here"),
    Column("status", "Status", "text"),
    Column("row", "Row", "text", "row of the publisher's file, as the store numbers it"),
)


def rows(r: CountryProfile, quantity: str, key: Key, title: str, id: str) -> Table | None:
    """Return the largest facts of a quantity at one material and stage: what the focus buys, or who produces."""
    cell = lineage.Cell((key[0],), (key[1],), r.year, tuple(sorted(r.members)))
    facts = list(lineage.facts(r.case, quantity, cell).rows())
    if quantity != "production":
        facts = [row for row in facts if row["partner"] in r.members and row["country"] not in r.members]
    facts = [row for row in facts if row["entered"]]
    if not facts:
        return None
    numbers = {
        str(k): Number(row["entered"], r.case.cube(quantity).unit, (f"{row['source']}@{row['edition']}",))
        for k, row in enumerate(facts)
    }
    whole = total(numbers.values())
    shown: list[tuple[Cell, ...]] = []
    for k, number in largest(numbers, MOST):
        row = facts[int(k)]
        published = Number(row["value"], row["unit"], number.sources, row["low"], row["high"])
        name = country_name(row["country"])
        shown.append((name, row["item"] or "", published, number, share(number, whole), row["status"], str(row["row"])))
    rest = len(facts) - len(shown)
    more = f"{rest} smaller rows are not shown; " if rest else ""
    return Table(id, title, COLUMNS, tuple(shown), (f"{more}all of them: {command(r, quantity, key)}",))


def command(r: CountryProfile, quantity: str, key: Key) -> str:
    """Return the command that lists every row."""
    if quantity == "production":
        return commands.facts("production", r.year, material=key[0], stage=key[1])
    return r.import_commands.get(key, "")


def headline(r: CountryProfile, keys: tuple[tuple[str, Key, str], ...]) -> tuple[Table, ...]:
    """Return the rows behind headline numbers.

    keys  (quantity, (material, stage), title); the same rows are shown once
    """
    found: dict[tuple[str, Key], Table] = {}
    for quantity, key, title in keys:
        if (quantity, key) not in found:
            grid = rows(r, quantity, key, title, f"rows-{len(found) + 1}")
            if grid:
                found[quantity, key] = grid
    return tuple(found.values())
