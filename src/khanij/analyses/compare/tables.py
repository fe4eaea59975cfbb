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
VERDICTS = ("material", "sides_yes", "sides", "said_yes", "said_no")
TABLES = {"compare": {"verdicts": VERDICTS, "agreement": AGREEMENT, "disagreements": DISAGREEMENTS}}
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


def verdicts(rows: Iterable[Mapping[str, Any]], where: str) -> Table:
    """Return one row a mineral: which lists and methods with a cut of their own call it critical, and which do not."""
    told = sorted(rows, key=lambda row: (-row["sides_yes"], row["material"]))
    title = f"who calls it critical, {where}"
    return columns.table("verdicts", title, told, VERDICTS, notes=COUNTED[2:], main=VERDICTS[:4])


def disagreements(rows: Iterable[Mapping[str, Any]], year: int, where: str, rules: Sequence[str]) -> Table:
    """Return one row a pair and mineral on which the two part: both verdicts, and why, with the figures."""
    told = [{**row, "year": year} for row in rows]
    notes = (*COUNTED, *rules) if told else ("they part nowhere", *rules)
    pairs = {(row["first"], row["second"]) for row in told}
    shown = ("material", "first_why", "second_why", *(("first", "second") if len(pairs) > 1 else ()))
    return columns.table("disagreements", f"where they part, {where}", told, DISAGREEMENTS, notes=notes, main=shown)
