"""What the indicators say of a country, and how sure that is, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khanij.analyses.methods.words import figure, place
from khanij.core.registry import Method
from khanij.core.result import Result
from khanij.present import text

NAMED = 3  # indicators and minerals named in a sentence


def indicators(methods: Sequence[Method], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the worst mineral by each of the first indicators, and for how many forms one has no value."""
    told = []
    for method in methods[:NAMED]:
        known = [row for row in rows if row[method.id] is not None]
        if known:
            sign = -1.0 if method.higher == "better" else 1.0
            worst = max(known, key=lambda row: sign * row[method.id])
            value = {"value": worst[method.id], "low": None, "high": None}
            told.append(f"{method.id} {_good(worst)} {figure(value, method.variables[0])}")
    whole, what = len(rows), "form" if any(row["stage"] is not None for row in rows) else "figure"
    gaps = [f"{method.id} {n}" for method in methods if (n := sum(row[method.id] is None for row in rows))]
    minerals = text.count(len({row["material"] for row in rows}), "mineral")
    where = place({"focus": rows[0]["focus"], "year": rows[0]["year"]})
    said = f"{where}: {text.count(whole, what)} of {minerals}; worst by {text.joined(told)}."
    return [said, *([f"Without a value: {text.joined(gaps)} of {whole}."] if gaps else [])]


def _good(row: Mapping[str, Any]) -> str:
    """Return the material and, where the figure is of one, the stage."""
    return " ".join(filter(None, (row["material"], row["stage"])))


def scatter(method: Method, result: Result, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the first minerals by rank with the range of score and rank, and what decides it."""
    settings = result.trace.parameters
    told = []
    for row in rows[:NAMED]:
        ends = {"value": row["value"], "low": row["q05"], "high": row["q95"]}
        over = f", over the threshold in {text.percent(row['over'])}" if row["over"] is not None else ""
        most = f", most by {row['input_most']}" if row.get("input_most") else ""
        rank = f"rank {row['rank']:.0f} ({row['rank_q05']:.0f}–{row['rank_q95']:.0f})"
        told.append(f"{_good(row)} {figure(ends, method.variables[0])}, {rank}{over}{most}")
    draws = f"{settings['draws']:,} draws, seed {result.trace.seed}"
    return [f"{method.id}, nine of ten of {draws}: {'; '.join(told)}."]
