"""Who really stands behind what is used, in sentences: the first origins with ranges, the unknown, the hubs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khanij.present import text
from khanij.reference.names import country_name

MOST = 6  # minerals and stages told in sentences
NOTHING = 0.9  # width of the range of a share from which no number is told


def findings(rows: Sequence[Mapping[str, Any]], focus: str, by: str, year: int) -> list[str]:
    """Return for each mineral and stage the first origins with their ranges, what is unknown, and the hubs passed."""
    cells: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        cells.setdefault((row["material"], row["stage"]), []).append(row)
    said = []
    for (material, stage), lines in list(cells.items())[:MOST]:
        made = [row for row in lines if row["country"] and row["share"] is not None][:3]
        told = [row for row in made if not _says_nothing(row)]
        first = text.joined(f"{row['name']} {text.ranged(row['share'], row['low'], row['high'], '1')}" for row in told)
        vague = text.joined(row["name"] for row in made if _says_nothing(row))
        unknown = sum(row["share"] or 0.0 for row in lines if row["country"] is None and row["notes"])
        hubs = [
            f"{row['name']} {text.percent(row['exposure'])}" for row in lines if row["hub_ratio"] and row["exposure"]
        ]
        what = f"{text.capital(material)} ({stage}) that {country_name(focus)} uses, {year}, counted at the {by}"
        more = f"; the records do not show the origin of {text.percent(unknown)}" if unknown else ""
        more += f"; how much comes from {vague} the records cannot tell" if vague and first else ""
        first = first or (f"the records cannot tell how much comes from {vague}" if vague else "")
        more += f"; through hubs: {text.joined(hubs[:3])}" if hubs else ""
        said.append(f"{what}: {first or 'no origin known'}{more}.")
    return said


def reconciled(rows: Sequence[Mapping[str, Any]], focus: str) -> list[str]:
    """Return for each mineral the first origins of the last stage that is used, on flows that close every balance."""
    last = {row["material"]: row["stage"] for row in rows}
    said = []
    for material, stage in list(last.items())[:MOST]:
        made = [row for row in rows if (row["material"], row["stage"]) == (material, stage)]
        first = [f"{row['name']} {text.ranged(row['share'], row['low'], row['high'], '1')}" for row in made[:3]]
        what = f"{text.capital(material)} ({stage}) that {country_name(focus)} uses was {made[0]['counted_at']} in"
        said.append(f"{what} {text.joined(first)}, on flows that close every balance.")
    return said


def _says_nothing(row: Mapping[str, Any]) -> bool:
    """Return whether the range of a share is so wide that no number is told."""
    low, high = row["low"], row["high"]
    return low is not None and high is not None and high - low >= NOTHING
