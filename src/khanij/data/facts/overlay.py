"""Facts of one's own, laid over the store for one question: they take the place of the publishers' for what they name.

They lie there only within `lay`; what is built meanwhile carries their hash, so that nothing of it is taken for an
answer from the store alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import polars as pl

from khanij.core.errors import StudyError
from khanij.jobs import workers

PREFIX = "own:"  # of the source id of such facts

# quantity -> columns by which one's own fact takes the place of the publishers'; without any it stands beside them,
# and the builder of the cube takes it first
INSTEAD: dict[str, tuple[str, ...]] = {
    "production": ("material", "stage", "country", "year"),
    "reserves": ("material", "country", "year"),
    "trade_mass": ("item", "country", "partner", "year"),
    "trade_value": ("item", "country", "partner", "year"),
    "price": (),
    "governance": ("item", "country", "year"),
    "gdp": ("country", "year"),
}
CELL = ("quantity", "material", "stage", "item", "country", "partner", "year", "month")


@dataclass(frozen=True, slots=True)
class Overlay:
    """The facts of one file: source "own:<file name>", edition = the first digits of its hash; what is said of it."""

    source: str
    edition: str
    sha256: str
    frame: pl.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return "own:<file name>@<hash>", as facts and results carry it."""
        return f"{self.source}@{self.edition}"


_laid: ContextVar[tuple[Overlay, ...]] = ContextVar("laid", default=())


def laid() -> tuple[Overlay, ...]:
    """Return what lies over the store."""
    return _laid.get()


@contextmanager
def lay(overlays: Sequence[Overlay]) -> Iterator[None]:
    """Let exactly these facts lie over the store; afterwards it is as before.

    Raises StudyError where two of them state the same.
    """
    _refuse_twice(overlays)
    before = _laid.set(tuple(overlays))
    try:
        yield
    finally:
        _laid.reset(before)


def adopt(overlays: Sequence[Overlay]) -> None:
    """Lay facts over the store of this process for good; for workers, which do one question's work."""
    _laid.set(tuple(overlays))


workers.carry(laid, adopt)


def _refuse_twice(overlays: Sequence[Overlay]) -> None:
    """Raise StudyError where two files state the same fact."""
    named = [overlay.frame.select(*CELL, "source", "row") for overlay in overlays if overlay.frame.height]
    if len(named) < 2:
        return
    twice = pl.concat(named).filter(pl.len().over(CELL) > 1).sort(CELL, nulls_last=True)
    if twice.height:
        first, second = twice.head(2).iter_rows(named=True)
        told = " ".join(str(first[name]) for name in CELL if first[name] is not None)
        raise StudyError(
            f"two statements of one fact: {told}",
            where=f"{first['source']} line {first['row']}, {second['source']} line {second['row']}",
            hint="keep one of them",
        )


def is_own(source: str) -> bool:
    """Return whether a source is a file of one's own."""
    return source.startswith(PREFIX)


def own(column: str = "source") -> pl.Expr:
    """Return whether a row is one's own; column: of a source, or of source@edition."""
    return pl.col(column).str.starts_with(PREFIX)


def entries() -> dict[str, dict[str, Any]]:
    """Return own source -> sha256, rows, editions, provides, like the entries of the store's manifest."""
    return {
        overlay.source: {
            "sha256": overlay.sha256,
            "rows": overlay.frame.height,
            "editions": [overlay.edition],
            "provides": overlay.frame["quantity"].unique().sort().to_list(),
        }
        for overlay in laid()
    }


def facts(*quantities: str) -> pl.DataFrame | None:
    """Return one's own facts of some quantities (all if none is named), None where nothing lies over the store."""
    frames = [overlay.frame for overlay in laid()]
    if not frames:
        return None
    found = pl.concat(frames)
    return found.filter(pl.col("quantity").is_in(quantities)) if quantities else found


def laid_over(published: pl.LazyFrame) -> pl.LazyFrame:
    """Return publishers' facts with one's own laid over them."""
    found = facts()
    if found is None:
        return published
    for quantity in found["quantity"].unique().sort():
        if columns := INSTEAD[quantity]:
            named = found.filter(pl.col("quantity") == quantity).select("quantity", *columns).unique()
            published = published.join(named.lazy(), on=["quantity", *columns], how="anti", nulls_equal=True)
    return pl.concat([published, found.lazy()])


def notes() -> tuple[str, ...]:
    """Return what must be said of a Case over which facts of one's own lie."""
    named = [f"{overlay.key} ({overlay.frame.height} facts)" for overlay in laid()]
    said = (f"facts of one's own, before those of the publishers: {', '.join(named)}",) if named else ()
    return (*said, *(note for overlay in laid() for note in overlay.notes))
