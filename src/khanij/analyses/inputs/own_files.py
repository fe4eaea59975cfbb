"""Files that a person brings: facts that are laid over the store, and tables of entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from khanij.data.facts import overlay
from khanij.data.own import facts, sheets


@contextmanager
def laid(paths: Sequence[Path]) -> Iterator[None]:
    """Lay the facts of these files over the store; afterwards it is as it was.

    Raises StudyError for a file that cannot be taken, see data.own.facts.read, or where two state the same.
    """
    with overlay.lay([facts.read(path) for path in paths] if paths else overlay.laid()):
        yield


def entries(path: Path) -> list[dict[str, str | float]]:
    """Return heading -> cell of each line of a CSV or XLSX table; see data.own.sheets.entries."""
    return [row for _, row in sheets.entries(path)]
