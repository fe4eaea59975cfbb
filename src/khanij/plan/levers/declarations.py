"""How a lever declares its parameters: figures with a unit, a range, and which way is good; names with a vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, field
from math import inf, isfinite, sqrt
from typing import Any

from khanij import reference
from khanij.core.errors import CoverageError, StudyError
from khanij.core.range import ENDS, Range

Amount = Range | float | int | Sequence[float] | Mapping[str, float]
LARGEST = 1e15  # of anything: no tonnage, sum of money or year comes near, and sums of such stay finite
GOOD = ("more", "less", "neither")


def quantile(value: Range, u: float) -> float:
    """Return the value below which a part u of draws lies: triangular between low and high, its mode at best."""
    width = value.high - value.low
    if width <= 0:
        return value.best
    turn = (value.best - value.low) / width
    if u < turn:
        return value.low + sqrt(u * width * (value.best - value.low))
    return value.high - sqrt((1.0 - u) * width * (value.high - value.best))


def probability_below(value: Range, x: float) -> float:
    """Return the part of triangular draws that lie at or below x: the inverse of quantile()."""
    if x >= value.high:
        return 1.0
    if x < value.low:
        return 0.0
    width = value.high - value.low
    if x < value.best:
        return (x - value.low) ** 2 / (width * (value.best - value.low))
    return 1.0 - (value.high - x) ** 2 / (width * (value.high - value.best))


def as_range(value: Amount, where: str, least: float = 0.0, most: float = inf) -> Range:
    """Return the Range of a number, (low, best, high) or a mapping of these; raises StudyError with the key path."""
    if isinstance(value, Range):
        parts: Sequence[Any] = tuple(value)
    elif isinstance(value, Mapping):
        if set(value) != set(ENDS):
            raise StudyError(f"a range has low, best and high, not {sorted(value)}", where=where)
        parts = [value[end] for end in ENDS]
    elif isinstance(value, (list, tuple)):
        parts = value if len(value) == 3 else ()
    else:
        parts = (value, value, value)
    if len(parts) != 3 or any(isinstance(p, bool) or not isinstance(p, (int, float)) for p in parts):
        raise StudyError(f"{value!r} is no figure", where=where, hint="a number, or low, best and high")
    low, best, high = (float(part) for part in parts)
    if not (least <= low <= best <= high <= min(most, LARGEST)):
        limits = f"{least:g} to {most:g}" if isfinite(most) else f"{least:g} or more"
        raise StudyError(f"{low:g}, {best:g}, {high:g} is out of range or order", where=where, hint=limits)
    return Range(low, best, high)


def amount(
    meaning: str,
    unit: str,
    good: str,
    default: Any = MISSING,
    least: float = 0.0,
    most: float = inf,
    *,
    scales: bool = False,
) -> Any:
    """Declare a figure of a lever; without a default it must be given, with None it may be missing.

    good    "more", "less" or "neither": which end of its range a measure is better at; "neither" is never moved
    scales  twice the measure has twice of it
    """
    if good not in GOOD:
        raise StudyError(f"{good!r} says not which way is good", where=meaning, hint=", ".join(GOOD))
    about = {"role": "amount", "meaning": meaning, "unit": unit, "limits": (least, most), "good": good}
    return field(default=default, metadata=about | {"scales": scales})


def named(role: str, meaning: str, default: Any = MISSING, choices: Sequence[str] = ()) -> Any:
    """Declare a name: role country, countries, material, stage, text, or choice with what there is to choose."""
    return field(default=default, metadata={"role": role, "meaning": meaning, "choices": tuple(choices)})


def check(entry: Field[Any], value: Any, where: str) -> Any:
    """Return a parameter as it is kept; raises StudyError or CoverageError with the key path."""
    about = entry.metadata
    if value is None and entry.default is None:
        return None
    if about["role"] == "amount":
        return as_range(value, where, *about["limits"])
    if about["role"] == "countries":
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list | tuple) or not all(isinstance(code, str) for code in listed):
            raise StudyError(f"{value!r} is no list of countries", where=where, hint="such as [CHN, RUS]")
        return tuple(_known("country", code, where) for code in listed)
    if not isinstance(value, str):
        raise StudyError(f"{str(value)[:60]!r} is no text", where=where, hint="a name")
    if value == "" and entry.default == "":
        return value
    return _known(about["role"], value, where, about.get("choices", ()))


def _known(role: str, value: str, where: str, choices: Sequence[str] = ()) -> str:
    """Return a name that is in its vocabulary."""
    tables: dict[str, Iterable[str]] = {
        "country": reference.countries(),
        "material": reference.materials(),
        "stage": reference.STAGES,
        "choice": choices,
    }
    if role in tables and value not in tables[role]:
        hint = {
            "country": "ISO alpha-3: a group has no plants, name its members",
            "material": "`khanij data list materials`",
        }
        raise CoverageError(
            f"unknown {role} {value!r}", where=where, hint=hint.get(role, f"one of {', '.join(tables[role])}")
        )
    if not value or (role == "text" and any(mark in value for mark in (" ", "|"))):
        raise StudyError(f"{value!r} is no name", where=where, hint="without blanks and bars")
    return value
