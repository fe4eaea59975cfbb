"""Levers: pure functions Case -> Case. What a policy changes in who makes, sells and keeps how many tonnes.

A kind of lever is one class: its fields say what scales and which way is good; the class says what its tonnes count as,
which purpose of a programme pays for it, and what the catalogue's measures of its kind are sized by. Nothing else names
kinds.
"""

# ruff: noqa: RUF009 - amount() and named() return dataclass fields
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from hashlib import sha256
from typing import Any, ClassVar, Self, TypeVar

import numpy as np

from khanij.core import rng
from khanij.core.axis import sample
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import KhanijError, StudyError
from khanij.core.range import Range
from khanij.plan.levers.declarations import Amount, amount, check, named, probability_below, quantile
from khanij.plan.levers.ledger import Ledger
from khanij.reference.measures import CatalogueMeasure

MARK = "lever "  # how the note of a lever begins in a Case's notes
SHOWN = 4  # countries that a sentence names
SIZED_BY = ("", "imports", "use", "scrap")


@dataclass(frozen=True, slots=True)
class SupplyClass:
    """What the tonnes of a kind of lever are to the country that it serves.

    name     for people      at_home  made at home; else they come from abroad and are secured alone
    """

    name: str
    at_home: bool


NEW_OUTPUT = SupplyClass("new plants and mines", at_home=True)
RECYCLED = SupplyClass("recycled", at_home=True)
STAKES = SupplyClass("stakes abroad", at_home=False)
CONTRACTS = SupplyClass("contracts abroad", at_home=False)


@dataclass(frozen=True, slots=True)
class Site:
    """Where the catalogue's measure of a good is to stand, and what it is sized by.

    focus    the country that it serves                    material, stage  the good
    size     low, best, high of what the measure scales with, in the unit of its field
    stages   of the material's network                     sellers  of the good abroad, largest first
    """

    focus: str
    material: str
    stage: str
    size: Range
    stages: tuple[str, ...] = ()
    sellers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """Parameters of a lever at a site, and what was assumed for them in words."""

    parameters: Mapping[str, Any]
    assumed: tuple[str, ...] = ()


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
        value: Range | None = getattr(lever, name)
        if value is None:
            return np.zeros(3)
        if self.seed is None:
            return np.array([value.best, value.low, value.high])
        return np.full(3, quantile(value, self._even(lever, name, 0)))

    def chance(self, lever: Lever, name: str) -> Floats:
        """Return the probability (best, low, high) that an event comes, or in a draw whether it comes, 1 or 0."""
        found = self.amount(lever, name)
        if self.seed is None:
            return found
        return np.full(3, 1.0 if self._even(lever, name, 1) < found[0] else 0.0)

    def built(self, lever: Lever) -> Floats:
        """Return the probability (best, low, high) that the lever works by now, or in a draw whether it does."""
        value: Range = lever.lead  # type: ignore[assignment]
        if self.elapsed is None:
            return np.ones(3)
        if self.seed is not None:
            return np.full(3, float(quantile(value, self._even(lever, "lead", 0)) <= self.elapsed))
        sure, might = value.high <= self.elapsed, value.low <= self.elapsed
        return np.array([probability_below(value, self.elapsed), float(sure), float(might)])

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

    kind         its name in the registry          changes  quantities of the Case that it may change, and no others
    counts_as    what its tonnes are to the country served; None = they are no supply
    holds_stock  it holds what is used once, in days of use
    purpose      of a programme that pays for it, as in programme_components.csv
    sized_by     what the catalogue's measures of this kind are sized by: imports, use, scrap; "" = none is proposed
    """

    id: str = named("text", "name of this measure, unique in a study")
    material: str = named("material", "id of the material")
    stage: str = named("stage", "stage of the chain")
    # A plan counts years by the measure's own lead time, so that neither end of this one is good for its tonnes.
    lead: Amount = amount("years from the decision until it works", "yr", "neither", 0.0)

    kind: ClassVar[str] = ""
    changes: ClassVar[tuple[str, ...]] = ()
    counts_as: ClassVar[SupplyClass | None] = None
    holds_stock: ClassVar[bool] = False
    purpose: ClassVar[str] = ""
    sized_by: ClassVar[str] = ""

    def __post_init__(self) -> None:
        """Check every parameter; raises StudyError or CoverageError that names it."""
        self._validate(f"lever {self.id!r}" if self.id else "lever")

    def __call__(self, case: Case) -> Case:
        """Return the Case with this lever, everything built and at expected values."""
        return apply(case, [self]).case

    @classmethod
    def place(cls, entry: CatalogueMeasure, site: Site) -> Placement | None:
        """Return the parameters of a measure of the catalogue at a site; None where it has no way in.

        Whoever it serves is the focus, and the first figure that scales is the site's size.
        """
        given = {e.name: site.focus for e in fields(cls) if e.metadata["role"] == "country" and e.default is MISSING}
        sized = next(e.name for e in fields(cls) if e.metadata.get("scales"))
        return Placement(given | {sized: site.size})

    def feed_taken(self, made: float, stages: Sequence[str]) -> tuple[str, float]:
        """Return the stage of the same material that this takes feed from, and t of it for `made` t; "" = none.

        stages  of the material's network, in order
        """
        return "", 0.0

    def at_end(self, end: str) -> Self:
        """Return the lever at the "low" or "high" end of what it gives: amounts at that end, drawbacks at the other."""
        other = {"low": "high", "high": "low"}[end]
        moved = {
            e.name: getattr(self, e.name).at(end if e.metadata["good"] == "more" else other) for e in self._moving()
        }
        return replace(self, **moved)

    def resize(self, part: float) -> Self:
        """Return the lever at `part` of its size; a part or share of something stays at most 1, as its field has it."""
        moved = {}
        for entry in fields(self):
            value = getattr(self, entry.name)
            if entry.metadata.get("scales") and isinstance(value, Range):
                most = entry.metadata["limits"][1]
                moved[entry.name] = Range(*(min(end * part, most) for end in value))
        return replace(self, **moved)

    def ranged(self) -> tuple[str, ...]:
        """Return the parameters with a range that at_end() moves."""
        return tuple(e.name for e in self._moving() if getattr(self, e.name).low < getattr(self, e.name).high)

    def _moving(self) -> list[Field[Any]]:
        """Return the figures that are given and have a good end."""
        listed = [e for e in fields(self) if e.metadata.get("good", "neither") != "neither"]
        return [e for e in listed if getattr(self, e.name) is not None]

    def materials(self) -> tuple[str, ...]:
        """Return the materials that the lever changes, substitutes included."""
        named = (getattr(self, e.name) for e in fields(self) if e.metadata["role"] == "material")
        return tuple(dict.fromkeys(filter(None, named)))

    def _validate(self, where: str) -> None:
        """Turn parameters into what they mean."""
        for entry in fields(self):
            found = check(entry, getattr(self, entry.name), f"{where}.{entry.name}")
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
Kind = TypeVar("Kind", bound=Lever)


def lever(
    kind: str,
    *,
    changes: tuple[str, ...],
    purpose: str,
    counts_as: SupplyClass | None = None,
    holds_stock: bool = False,
    sized_by: str = "",
) -> Callable[[type[Kind]], type[Kind]]:
    """Register a kind of lever; see Lever for what is said of it."""
    if sized_by not in SIZED_BY:
        raise StudyError(f"{kind}: sized by {sized_by!r}", where=kind, hint=", ".join(SIZED_BY))

    def keep(found: type[Kind]) -> type[Kind]:
        if kind in LEVERS:
            raise StudyError(f"lever {kind!r} is registered twice", where=kind)
        found.kind, found.changes, found.purpose = kind, changes, purpose
        found.counts_as, found.holds_stock, found.sized_by = counts_as, holds_stock, sized_by
        LEVERS[kind] = found
        return found

    return keep


def supply_classes() -> tuple[SupplyClass, ...]:
    """Return what the tonnes of some kind of lever count as, those made at home first."""
    found = dict.fromkeys(kind.counts_as for kind in LEVERS.values() if kind.counts_as is not None)
    return tuple(sorted(found, key=lambda one: not one.at_home))


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
        check(known[name], value, f"{where}.{name}")
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
