"""Import reliance of a country as publishers state it."""

from __future__ import annotations

from khanij import reference
from khanij.analyses import commands
from khanij.analyses.inputs import facts as queries
from khanij.core.number import Key, Number

STATED = ("reported", "bound")  # estimates and words in a source are no official figures


def reliance(focal: str, year: int) -> dict[Key, Number]:
    """Return (material, stage) -> import reliance as a publisher states it for the country, the newest up to the year.

    A fact without a year counts as older than any with one. Estimates are left out.
    """
    table = queries.facts(2000, quantity="import_reliance", country=focal) if focal in reference.countries() else None
    newest: dict[Key, tuple[int, Number]] = {}
    for row in table.rows() if table else ():
        when = row["year"] or 0
        if row["status"] not in STATED or row["value"] is None or not row["material"] or when > year:
            continue
        key = (row["material"], row["stage"] or "")
        how = commands.facts("import_reliance", None, material=key[0], country=focal)
        number = Number(
            row["value"],
            "1",
            (f"{row['source']}@{row['edition']}",),
            row["low"],
            row["high"],
            row["confidence"],
            f"as published{f' for {when}' if when else ', year not stated'}, not computed here",
            how=how,
        )
        if key not in newest or when > newest[key][0]:
            newest[key] = (when, number)
    return {key: number for key, (_, number) in newest.items()}
