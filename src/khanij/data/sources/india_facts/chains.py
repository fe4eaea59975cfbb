"""Steps of process chains: recovery, mass ratio, energy, carbon, water and waste per tonne of output."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from khanij.core.errors import ParseError
from khanij.data.parsing import labels
from khanij.data.parsing.rows import read_rows
from khanij.data.sources.india_facts import figures

HERE = Path(__file__).parent
# column -> quantity, unit, factor; the grades are texts that mix units and bases and are not taken
MEASURES = {
    "t_input_per_t_output": ("mass_ratio", "1", 1.0),
    "recovery_or_yield_pct": ("recovery", "1", 0.01),
    "energy_gj_per_t_output": ("energy_intensity", "GJ/t", 1.0),
    "co2_t_per_t_output": ("carbon_intensity", "t/t", 1.0),
    "water_m3_per_t_output": ("water_intensity", "m3/t", 1.0),
    "waste_t_per_t_output": ("waste_intensity", "t/t", 1.0),
}
COLUMNS = ("chain", "step", "stage", "input", "output", "confidence", *MEASURES)


def read(path: Path, where: str) -> list[dict[str, Any]]:
    """Return the facts of the table of process chains; raises ParseError on an unknown step or a figure in words."""
    rows = read_rows(path, COLUMNS, where)
    aliases = labels.read_aliases(HERE / "aliases_chains.csv")
    keys = [f"{row['chain']}|{row['step']}|{row['stage']}" for row in rows]
    labels.match(pl.Series("step", keys), dict.fromkeys(aliases, ""), "india_facts/aliases_chains.csv", where)
    facts = []
    for row, key in zip(rows, keys, strict=True):
        for column, (quantity, unit, scale) in MEASURES.items():
            if not row[column]:
                continue
            found = figures.figure(row[column])
            if found is None:
                raise ParseError(
                    f"line {row.line}: {column} is {row[column]!r}", where=where, hint="a figure or a range"
                )
            found = found.times(scale)
            guessed = column in figures.recalled("process_chains").get(key, ())
            level, remark = figures.doubt(row["confidence"], guessed, found.low, found.high)
            made = f"per t of {row['output'].removeprefix('1 t ')}" + (f" from {row['input']}" if row["input"] else "")
            facts.append(
                {
                    "quantity": quantity,
                    "material": aliases[key]["material"] or None,
                    "stage": aliases[key]["stage"] or None,
                    "item": key.replace("|", " | "),
                    "country": "WLD",
                    "value": found.value,
                    "low": found.low,
                    "high": found.high,
                    "unit": unit,
                    "status": "estimated" if found.status == "reported" else found.status,
                    "confidence": level,
                    "row": row.line,
                    "note": figures.note(remark, made),
                }
            )
    return facts
