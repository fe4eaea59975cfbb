"""Methods and lists against each other as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from khanij.core.table import Table
from khanij.reference import columns

AGREEMENT = (
    *("first", "second", "agreement", "kappa", "kappa_low", "kappa_high", "universe", "both", "first_only"),
    *("second_only", "neither", "spearman", "kendall", "only_first", "only_second", "rule", "year"),
)
DISAGREEMENTS = ("material", "first", "first_says", "second", "second_says", "first_why", "second_why", "year")
TABLES = {"compare": {"agreement": AGREEMENT, "disagreements": DISAGREEMENTS}}
COUNTED = (
    "universe: what both cover; members of a group that neither side tells apart count once, as the group",
    "kappa: agreement beyond chance, 1 = full, 0 = that of chance; its range is 95 % of a large random sample",
    "a material that a list does not name is a no",
)


def agreement(rows: Iterable[Mapping[str, Any]], year: int, where: str, rules: Sequence[str]) -> Table:
    """Return one row a pair, those that agree most beyond chance first: what both cover and how far they agree."""
    told = [{**row, "year": year} for row in rows]
    told.sort(key=lambda row: (row["kappa"] is None, -(row["kappa"] or 0.0)))
    shown = ["first", "second", "agreement", "kappa", "kappa_low", "kappa_high", "universe"]
    return columns.table("agreement", f"concordance, {where}", told, AGREEMENT, notes=(*COUNTED, *rules), main=shown)


def disagreements(rows: Iterable[Mapping[str, Any]], year: int, where: str, rules: Sequence[str]) -> Table:
    """Return one row a pair and mineral on which the two part: both verdicts, and why, with the figures."""
    told = [{**row, "year": year} for row in rows]
    notes = (*COUNTED, *rules) if told else ("they part nowhere", *rules)
    pairs = {(row["first"], row["second"]) for row in told}
    shown = ("material", "first_why", "second_why", *(("first", "second") if len(pairs) > 1 else ()))
    return columns.table("disagreements", f"where they part, {where}", told, DISAGREEMENTS, notes=notes, main=shown)
