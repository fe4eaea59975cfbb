"""The commands by which a reader follows a number of the brief down to its rows and sources."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any


def line(*words: str, **options: Any) -> str:
    """Return "khanij WORDS --option value", options without a value left out."""
    parts = ["khanij", *words]
    for name, value in options.items():
        if value is True:
            parts.append(f"--{name}")
        elif value:
            parts += [f"--{name}", str(value)]
    return shlex.join(parts)


def explain(
    method: str, focal: str, row: Mapping[str, Any], year: int, settings: Mapping[str, Any], variable: str | None = None
) -> str:
    """Return the command that explains one value of a method; one of several by partner is listed with the others."""
    if row.get("partner"):
        chosen = line("run", method, focus=focal, material=row["material"], year=year, variable=variable)
    else:
        where = {"material": row["material"], "stage": row["stage"], "year": year, "variable": variable}
        chosen = line("explain", method, focus=focal, **where)
    return chosen + "".join(f" --set {name}={value}" for name, value in settings.items())


def trade(focal: str, codes: Sequence[str], year: int, exports: bool = False) -> str:
    """Return the command that lists the recorded flows of a focus under trade codes; "" without codes."""
    return line("trade", focal, hs=",".join(codes), year=year, exports=exports) if codes else ""


def facts(quantity: str, year: int | None, **where: str) -> str:
    """Return the command that lists stored facts."""
    return line("data", "show", quantity=quantity, **where, year=year)
