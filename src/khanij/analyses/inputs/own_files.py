"""Files that a person brings: facts that are laid over the store, and tables of entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from khanij.data.facts import overlay
from khanij.data.own import facts, sheets


@contextmanager
def laid(paths: Sequence[Path]) -> Iterator[None]:
    """Lay the facts of these files over the store, and over what lies there; afterwards it is as it was.

    Raises StudyError for a file that cannot be taken, see data.own.facts.read, or where two state the same.
    """
    there = overlay.laid()
    held = {one.key for one in there}
    with overlay.lay((*there, *(one for path in paths if (one := facts.read(path)).key not in held))):
        yield


def entries(path: Path) -> list[dict[str, str | float]]:
    """Return heading -> cell of each line of a CSV or XLSX table; see data.own.sheets.entries."""
    return [row for _, row in sheets.entries(path)]
