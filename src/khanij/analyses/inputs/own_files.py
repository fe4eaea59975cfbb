"""Files that a person brings: what of them questions read."""

from __future__ import annotations

from pathlib import Path

from khanij.data.own import sheets


def entries(path: Path) -> list[dict[str, str | float]]:
    """Return heading -> cell of each line of a CSV or XLSX table; see data.own.sheets.entries."""
    return [row for _, row in sheets.entries(path)]
