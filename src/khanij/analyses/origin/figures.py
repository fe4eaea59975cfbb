"""Origins drawn: whose mines or makers stand behind each mineral and stage, and how much the records do not show."""

from __future__ import annotations

from khanij.core.table import Table
from khanij.present import figures, names, text
from khanij.present.document import Figure
from khanij.reference.names import country_name

UNKNOWN = "not shown by the records"


def origins(table: Table, focus: str, by: str, year: int, sources: tuple[str, ...]) -> Figure | None:
    """Return one bar a mineral and stage, cut into its largest origins; None where nothing has a share.

    table  of the question: see origin.tables
    """
    bars: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for row in table.rows():
        if row["share"]:
            who = UNKNOWN if row["name"] == "unknown" else row["name"]
            bars.setdefault((row["material"], row["stage"]), []).append((who, row["share"]))
    if not bars:
        return None
    rows = [(f"{names.mineral(m)}, {names.form(m, s)}", parts) for (m, s), parts in bars.items()]
    first = [(label, max(parts, key=lambda part: part[1])) for label, parts in rows]
    alt = f"Stacked bars. {text.joined(f'{label}: {who} {text.percent(part)}' for label, (who, part) in first)}."
    caption = (
        f"Origin of what {country_name(focus)} uses, counted at the {by}, {year}: shares of tonnes, estimated by mixing"
        " what each country makes and buys. The table has the range that the same balances allow."
    )
    return Figure(f"origins-{by}", figures.suppliers(rows, "Share of use"), caption, alt, sources, 560)
