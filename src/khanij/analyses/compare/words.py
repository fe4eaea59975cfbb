"""How far methods and official lists agree in sentences: the pairs, who names what alone, who is named by most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from khanij.core.table import Table
from khanij.present import text

NAMED = 6  # minerals named in a sentence


def findings(grid: Table) -> list[str]:
    """Return how far two sides agree, who names what alone; of many pairs, which agree most and least."""
    rows = [row for row in grid.rows() if row["kappa"] is not None]
    if not rows:
        return [
            f"Agreement beyond chance is not defined for {text.count(len(grid), 'pair')}: one side names all or none."
        ]
    if len(grid) > 1:
        best, worst = rows[0], rows[-1]
        ends = text.joined(f"{row['first']} and {row['second']} {_kappa(row)}" for row in (best, worst))
        return [f"Of {len(grid)} pairs the most and the least agreement beyond chance: {ends}."]
    (row,) = rows
    alone = [
        f"{row[f'{side}_only']} on {row[side]} alone ({text.joined(row[f'only_{side}'].split(', '), NAMED)})"
        for side in ("first", "second")
        if row[f"{side}_only"]
    ]
    both = row["both"] + row["neither"]
    said = f"{row['first']} and {row['second']} agree on {both} of {row['universe']} minerals"
    return [f"{said} ({text.percent(row['agreement'])}), {_kappa(row)}{'; ' if alone else ''}{text.joined(alone)}."]


def _kappa(row: Mapping[str, Any]) -> str:
    """Return "kappa 0.42 (0.19–0.64)"."""
    return f"kappa {text.ranged(row['kappa'], row['kappa_low'], row['kappa_high'], 'index')}"


def named(grid: Table) -> list[str]:
    """Return which minerals most of the sides name, and which one alone does."""
    counts = {row["material"]: row["sides_yes"] for row in grid.rows()}
    most = max(counts.values(), default=0)
    if not most:
        return []
    first = text.joined((m for m, count in counts.items() if count == most), NAMED)
    return [f"Most agree on {first}: critical by {most} of {grid.cells[0][2]} lists and methods."]
