"""Levers: pure functions Case -> Case. What a policy changes in who makes, sells and keeps how many tonnes."""

# ruff: noqa: RUF009 - amount() and named() return dataclass fields
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from hashlib import sha256
from math import inf, isfinite, sqrt
from typing import Any, ClassVar

import numpy as np

from khanij import reference
from khanij.core import rng
from khanij.core.axis import sample
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError, KhanijError, StudyError
from khanij.plan.levers.ledger import Ledger

MARK = "lever "  # how the note of a lever begins in a Case's notes
SHOWN = 4  # countries that a sentence names


@dataclass(frozen=True, slots=True)
class Years:
    """A figure with its range, low <= best <= high."""

    low: float
    best: float
    high: float

    def at(self, u: float) -> float:
        """Return the value below which a part u of draws lies: triangular between low and high, its mode at best."""
        width = self.high - self.low
        if width <= 0:
            return self.best
        turn = (self.best - self.low) / width
        if u < turn:
            return self.low + sqrt(u * width * (self.best - self.low))
        return self.high - sqrt((1.0 - u) * width * (self.high - self.best))

    def below(self, value: float) -> float:
        """Return the part of draws that lie at or below a value."""
        if value >= self.high:
            return 1.0
        if value < self.low:
            return 0.0
        width = self.high - self.low
        if value < self.best:
            return (value - self.low) ** 2 / (width * (self.best - self.low))
        return 1.0 - (self.high - value) ** 2 / (width * (self.high - self.best))


Amount = Years | float | int | Sequence[float] | Mapping[str, float]


def span(value: Amount, where: str, least: float = 0.0, most: float = inf) -> Years:
    """Return a Years of a number, (low, best, high) or a mapping of these; raises StudyError with the key path."""
    if isinstance(value, Years):
        parts: Sequence[Any] = (value.low, value.best, value.high)
    elif isinstance(value, Mapping):
        if set(value) != {"low", "best", "high"}:
            raise StudyError(f"a range has low, best and high, not {sorted(value)}", where=where)
        parts = [value["low"], value["best"], value["high"]]
    elif isinstance(value, (list, tuple)):
        parts = value if len(value) == 3 else ()
    else:
        parts = (value, value, value)
    if len(parts) != 3 or any(isinstance(p, bool) or not isinstance(p, (int, float)) for p in parts):
        raise StudyError(f"{value!r} is no figure", where=where, hint="a number, or low, best and high")
    low, best, high = (float(part) for part in parts)
    if not (least <= low <= best <= high <= most and isfinite(high)):
        limits = f"{least:g} to {most:g}" if isfinite(most) else f"{least:g} or more"
        raise StudyError(f"{low:g}, {best:g}, {high:g} is out of range or order", where=where, hint=limits)
    return Years(low, best, high)


def amount(meaning: str, unit: str, default: Any = MISSING, least: float = 0.0, most: float = inf) -> Any:
    """Declare a figure of a lever; without a default it must be given, with None it may be missing."""
    return field(
        default=default, metadata={"role": "amount", "meaning": meaning, "unit": unit, "limits": (least, most)}
    )


def named(role: str, meaning: str, default: Any = MISSING, choices: Sequence[str] = ()) -> Any:
    """Declare a name: role country, countries, material, stage, text, or choice with what there is to choose."""
    return field(default=default, metadata={"role": role, "meaning": meaning, "choices": tuple(choices)})


@dataclass(frozen=True)
class Settle:
    """How what is uncertain is settled: expected values, or one draw of a seed.

    elapsed  years since the decision; None = everything is built      seed  None = expected values
    draw     number of the draw, from 0
    """

    elapsed: float | None = None
    seed: int | None = None
    draw: int = 0

    def amount(self, lever: Lever, name: str) -> Floats:
        """Return a figure as (best, low, high), or the drawn one three times; 0 where it is not given."""
        value: Years | None = getattr(lever, name)
        if value is None:
            return np.zeros(3)
        if self.seed is None:
            return np.array([value.best, value.low, value.high])
        return np.full(3, value.at(self._even(lever, name, 0)))

    def chance(self, lever: Lever, name: str) -> Floats:
        """Return the probability (best, low, high) that an event comes, or in a draw whether it comes, 1 or 0."""
        found = self.amount(lever, name)
        if self.seed is None:
            return found
        return np.full(3, 1.0 if self._even(lever, name, 1) < found[0] else 0.0)

    def built(self, lever: Lever) -> Floats:
        """Return the probability (best, low, high) that the lever works by now, or in a draw whether it does."""
        value: Years = lever.lead  # type: ignore[assignment]
        if self.elapsed is None:
            return np.ones(3)
        if self.seed is not None:
            return np.full(3, float(value.at(self._even(lever, "lead", 0)) <= self.elapsed))
        sure, might = value.high <= self.elapsed, value.low <= self.elapsed
        return np.array([value.below(self.elapsed), float(sure), float(might)])

    def _even(self, lever: Lever, name: str, purpose: int) -> float:
        """Return an even number from 0 to 1 of the stream that bears this name: no other lever moves it."""
        digest = sha256(f"{lever.id}|{name}".encode()).digest()
        words = (int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:8], "big"), purpose)
        assert self.seed is not None
        return float(rng.stream(self.seed, self.draw, *words).uniform())


@dataclass(frozen=True)
class LeverEffect:
    """What one lever did in one year.

    asked, done  (best, low, high): what it was to give, after probabilities and lead time; what it could
    unit         t, or d of use for a stock
    sellers      country -> t that it no longer sells to the country that the lever serves
    losers       (stage, country) -> t less to use      made_less  country -> t of output lost with its input
    dependence   partner -> its part in the supply of the country served, before and after
    """

    lever: str
    kind: str
    year: str
    material: str
    stage: str
    country: str
    asked: tuple[float, float, float]
    done: tuple[float, float, float]
    unit: str = "t"
    sellers: Mapping[str, float] = field(default_factory=dict)
    losers: Mapping[tuple[str, str], float] = field(default_factory=dict)
    made_less: Mapping[str, float] = field(default_factory=dict)
    dependence: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """Return what was done and who pays for it, in one line."""
        if not self.done[0] and self.notes:
            return f"{self.year}: nothing changes; {'; '.join(self.notes)}"
        parts = [
            f"{self.year}: {self.done[0]:,.4g} {self.unit} of {self.asked[0]:,.4g} ({self.material}, {self.stage})"
        ]
        for words, what in (
            ("sell it less", self.sellers),
            ("make less", self.made_less),
            ("use less", {f"{country} ({stage})": tons for (stage, country), tons in self.losers.items()}),
        ):
            if what:
                top = sorted(what.items(), key=lambda pair: (-pair[1], pair[0]))
                parts.append(f"{words}: {sample([f'{name} {tons:,.4g} t' for name, tons in top], SHOWN)}")
        return "; ".join((*parts, *self.notes))


@dataclass(frozen=True, kw_only=True)
class Lever:
    """A measure on one material at one stage. Every figure is a number or (low, best, high).

    kind      its name in the registry          changes  quantities of the Case that it may change, and no others
    """

    id: str = named("text", "name of this measure, unique in a study")
    material: str = named("material", "id of the material")
    stage: str = named("stage", "stage of the chain")
    lead: Amount = amount("years from the decision until it works", "yr", 0.0)

    kind: ClassVar[str] = ""
    changes: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        """Check every parameter; raises StudyError or CoverageError that names it."""
        self._validate(f"lever {self.id!r}" if self.id else "lever")

    def __call__(self, case: Case) -> Case:
        """Return the Case with this lever, everything built and at expected values."""
        return apply(case, [self]).case

    def _validate(self, where: str) -> None:
        """Turn parameters into what they mean."""
        for entry in fields(self):
            found = _checked(entry, getattr(self, entry.name), f"{where}.{entry.name}")
            object.__setattr__(self, entry.name, found)

    def countries(self) -> tuple[str, ...]:
        """Return the countries that the lever names."""
        found: list[str] = []
        for entry in fields(self):
            value = getattr(self, entry.name)
            if entry.metadata["role"] == "country" and value:
                found.append(value)
            elif entry.metadata["role"] == "countries":
                found += value
        return tuple(found)

    def act(self, ledger: Ledger, settle: Settle, year: str) -> LeverEffect:
        """Write in the books what the lever does in one year."""
        raise NotImplementedError


LEVERS: dict[str, type[Lever]] = {}


def lever(kind: str, *, changes: tuple[str, ...]) -> Callable[[type[Lever]], type[Lever]]:
    """Register a kind of lever and the quantities that it may change."""

    def keep(found: type[Lever]) -> type[Lever]:
        if kind in LEVERS:
            raise StudyError(f"lever {kind!r} is registered twice", where=kind)
        found.kind, found.changes = kind, changes
        LEVERS[kind] = found
        return found

    return keep


@dataclass(frozen=True)
class Applied:
    """A Case with levers, and what each did in each year."""

    case: Case
    effects: tuple[LeverEffect, ...]


def apply(
    case: Case,
    levers: Iterable[Lever],
    *,
    years: Sequence[str] = (),
    elapsed: float | None = None,
    seed: int | None = None,
    draw: int = 0,
) -> Applied:
    """Return the Case with all these levers; in whichever order they are given, the answer is the same.

    years    codes of the Case's years in which they act; all if none is named
    elapsed  years since the decision: what is not built by then counts by its probability; None = all is built
    seed     None = expected values, else a whole number from 0: one draw of every figure and event
    draw     number of the draw
    Raises StudyError for a lever that is there twice, CoverageError for codes that the Case does not hold.
    """
    chosen = sorted(levers, key=lambda found: (found.kind, found.id))
    _refuse_repeats(case, chosen)
    ledger = Ledger(case, {code for found in chosen for code in found.countries()}, years)
    settle = Settle(elapsed, seed, draw)
    effects = [found.act(ledger, settle, year) for found in chosen for year in ledger.years]
    cubes = ledger.close()
    for e in effects:
        case = case.with_cubes(f"{MARK}{e.lever} ({e.kind}): {e.sentence}", **cubes)
        cubes = {}
    return Applied(case, tuple(effects))


def read(given: Mapping[str, Any], where: str = "lever") -> Lever:
    """Return a lever from plain values, such as an entry of a study: `kind` and its parameters.

    Raises StudyError that names the key path for an unknown kind or key, a missing or a wrong value.
    """
    values = dict(given)
    kind = values.pop("kind", None)
    if kind not in LEVERS:
        raise StudyError(f"unknown kind {kind!r}", where=f"{where}.kind", hint=f"one of {', '.join(sorted(LEVERS))}")
    known = {entry.name: entry for entry in fields(LEVERS[kind])}
    if strange := sorted(set(values) - set(known)):
        raise StudyError(
            f"{kind} has no {sample(strange)}", where=f"{where}.{strange[0]}", hint=f"it has {', '.join(known)}"
        )
    if lacking := sorted(name for name, e in known.items() if name not in values and e.default is MISSING):
        raise StudyError(f"{kind} needs {sample(lacking)}", where=f"{where}.{lacking[0]}")
    for name, value in values.items():
        _checked(known[name], value, f"{where}.{name}")
    try:
        return LEVERS[kind](**values)
    except KhanijError as error:
        path = error.where.replace(f"lever {values['id']!r}", where)
        raise type(error)(error.what, where=path, hint=error.hint) from None


def _refuse_repeats(case: Case, levers: Sequence[Lever]) -> None:
    """Raise StudyError if a lever is there twice: two of a kind must bear two names, then they add up."""
    marks = {note.split(" ", 2)[1] for note in case.notes if note.startswith(MARK)}
    for found in levers:
        if found.id in marks:
            raise StudyError(f"lever {found.id!r} is there twice", where=f"lever {found.id!r}", hint="another id")
        marks.add(found.id)


def _checked(entry: Field[Any], value: Any, where: str) -> Any:
    """Return a parameter as it is kept; raises StudyError or CoverageError with the key path."""
    about = entry.metadata
    if value is None and entry.default is None:
        return None
    if about["role"] == "amount":
        return span(value, where, *about["limits"])
    if about["role"] == "countries":
        return tuple(_known("country", code, where) for code in ([value] if isinstance(value, str) else value))
    if not isinstance(value, str):
        raise StudyError(f"{value!r} is no text", where=where)
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
