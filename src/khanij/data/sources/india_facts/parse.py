"""The compiled fact tables on India's critical minerals, each read by the reader that its name calls for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.facts.schema import complete
from khanij.data.sources.india_facts import chains, costs, minerals, mission, projects

READERS: dict[str, Callable[[Path, str], list[dict[str, Any]]]] = {
    "india_minerals": minerals.read,
    "costs": costs.read,
    "process_chains": chains.read,
    "mission_components": mission.read,
    "project_pipeline": projects.read,
}
# Tables that are no facts of this source, and why.
LEFT_OUT = {
    "world_supply": "the figures of USGS Mineral Commodity Summaries 2026, which the source usgs-mcs reads itself",
    "partnerships": "words: reference/tables/agreements.csv restates them",
    "prices": "prices have sources of their own",
}


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return the facts of the tables.

    Raises ParseError on a table of another name or anything in it that no rule of this folder covers.
    Source: compilation of press, parliament and ministry figures for khanij, 2026-11-22; confidence is stated by row.
    """
    facts: list[dict[str, Any]] = []
    for path in paths:
        if path.stem in LEFT_OUT:
            what = f"{path.name} is left out: {LEFT_OUT[path.stem]}"
            raise ParseError(what, where=edition.key, hint="take it out of source.toml")
        if path.stem not in READERS:
            raise ParseError(f"no reader for {path.name}", where=edition.key, hint=f"tables are {', '.join(READERS)}")
        facts += READERS[path.stem](path, edition.key)
    return complete(pl.DataFrame(facts, infer_schema_length=None), source=edition.source, edition=edition.id)
