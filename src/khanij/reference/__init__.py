"""Slow truth, shipped as tables with a source on every row, and thin readers that hand it out."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from math import inf
from typing import Any

from khanij.core.errors import CoverageError
from khanij.reference import country_labels, records
from khanij.reference.records import FOLDER, column, rows

PLURAL = {"country": "countries", "material": "materials"}
__all__ = ["FOLDER", "STAGES", "rows"]
STAGES = ("mined", "processed", "refined", "component", "product", "scrap")


@dataclass(frozen=True, slots=True)
class Quantity:
    """One row of quantities.toml; `range` is the least and the most that a figure can be."""

    id: str
    name: str
    units: tuple[str, ...]
    description: str
    signed: bool
    range: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Material:
    """One row of materials.csv; `basis` says what a tonne of it means."""

    id: str
    name: str
    symbol: str
    kind: str
    parent: str
    basis: str


@dataclass(frozen=True, slots=True)
class Alias:
    """A publisher's label of a material, with the stage that the label implies, if any."""

    material: str
    stage: str


def _content(row: Mapping[str, str]) -> tuple[float, float, float] | None:
    """Return low, best and high of a content factor; an end that is not given is the best, None without any."""
    best = row["content_best"]
    return (float(row["content_low"] or best), float(best), float(row["content_high"] or best)) if best else None


@dataclass(frozen=True, slots=True)
class Code:
    """One row of hs_codes.csv: what a trade code holds, and how much of the material is in a gross tonne."""

    revision: str
    code: str
    description: str
    material: str
    stage: str
    form: str
    shared: str
    content: tuple[float, float, float] | None = column(made=_content)
    basis: str
    kind: str
    source: str
    confidence: str
    note: str

    @property
    def item(self) -> str:
        """Return "HS92:260300", as facts name the code."""
        return f"{self.revision}:{self.code}"


@dataclass(frozen=True, slots=True)
class NationalCode:
    """One row of national_codes.csv: a code of eight digits that holds one material of a six-digit code of several.

    within  the six-digit code as trade records have it, whose flows into the countries that report by this one it parts
    """

    system: str
    code: str
    within: str
    description: str
    material: str = column(among=lambda: materials())
    stage: str = column(among=lambda: STAGES)
    source: str
    confidence: str
    note: str

    @property
    def item(self) -> str:
        """Return "CN22:81129289", as facts name the code."""
        return f"{self.system}:{self.code}"


@dataclass(frozen=True, slots=True)
class GasDensity:
    """One row of gas_densities.csv: kg in a cubic metre of a gas."""

    material: str
    low: float = column("kg_per_m3_low")
    best: float = column("kg_per_m3")
    high: float = column("kg_per_m3_high")
    source: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One label of an official list of critical minerals."""

    list: str
    jurisdiction: str
    date: str
    label: str
    material: str
    stage: str
    confidence: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """One row of bibliography.csv: what a `source` id of a reference table stands for."""

    id: str
    citation: str
    url: str
    licence: str
    note: str


@cache
def quantities() -> dict[str, Quantity]:
    """Return every quantity by id."""
    text = tomllib.loads((FOLDER / "quantities.toml").read_text(encoding="utf-8"))
    return {
        id: Quantity(id, row["name"], tuple(row["units"]), row["description"], row.get("signed", False), _range(row))
        for id, row in text.items()
    }


def _range(row: Mapping[str, Any]) -> tuple[float, float]:
    """Return the range of a quantity: as its row states it, else from 0, or anything if it is signed."""
    low, high = row.get("range", (-inf if row.get("signed") else 0.0, inf))
    return float(low), float(high)


@cache
def materials() -> dict[str, Material]:
    """Return every material by id."""
    return records.keyed(Material, "materials", "id")


def fold(label: str) -> str:
    """Return a label without differences of case and white space, the only looseness that labels are allowed."""
    return " ".join(label.split()).casefold()


@cache
def material_aliases() -> dict[str, Alias]:
    """Return folded publishers' labels -> material and stage."""
    return {fold(r["label"]): Alias(r["material"], r["stage"]) for r in rows("material_aliases")}


@cache
def countries() -> dict[str, str]:
    """Return ISO alpha-3 -> name of every country, present and past."""
    return {r["iso3"]: r["name"] for r in rows("countries")}


@cache
def current_countries() -> tuple[str, ...]:
    """Return the ISO alpha-3 codes of the countries of today."""
    return tuple(sorted(r["iso3"] for r in rows("countries") if not r["valid_to"]))


def require_standing(code: str, years: Iterable[int], where: str = "COUNTRY") -> None:
    """Raise CoverageError for a country that there was not in any of these years; groups pass."""
    span = sorted(years)
    row = _lives().get(code)
    if not span or row is None:
        return
    first, last = row["valid_from"], row["valid_to"]
    if last and int(last[:4]) < span[0]:
        heirs = ", ".join(part for part in row["successor"].split(";") if part)
        hint = f"its successors: {heirs}" if heirs else "name a country of those years"
        raise CoverageError(f"{row['name']} ended on {last}: there was none in {span[0]}", where=where, hint=hint)
    if first and int(first[:4]) > span[-1]:
        what = f"{row['name']} began on {first}: there was none in {span[-1]}"
        raise CoverageError(what, where=where, hint="a later year, or the country that it belonged to")


@cache
def _lives() -> dict[str, dict[str, str]]:
    """Return the rows of countries that began or ended, by code."""
    return {r["iso3"]: r for r in rows("countries") if r["valid_from"] or r["valid_to"]}


@cache
def fingerprint() -> str:
    """Return one hash of every reference table."""
    digest = hashlib.sha256((FOLDER / "quantities.toml").read_bytes())
    for path in sorted((FOLDER / "tables").glob("*.csv")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


@cache
def country_aliases() -> dict[str, str]:
    """Return publishers' exact country labels -> ISO alpha-3, WLD (world), ROW (rest) or AGG (named aggregate)."""
    pseudo = {"world": "WLD", "rest": "ROW"}
    excluded = {r["label"]: pseudo.get(r["kind"], "AGG") for r in rows("country_label_exclusions")}
    return {**excluded, **{r["label"]: r["iso3"] for r in rows("country_aliases")}}


@cache
def country_codes(scheme: str) -> dict[str, str]:
    """Return code -> ISO alpha-3 in a publisher's scheme ("baci", "worldbank")."""
    return {r["code"]: r["iso3"] for r in rows("country_codes") if r["scheme"] == scheme}


@cache
def hs_codes() -> tuple[Code, ...]:
    """Return every mapped trade code; a shared code has one row a material."""
    return records.read(Code, "hs_codes")


@cache
def national_codes() -> tuple[NationalCode, ...]:
    """Return every national code that parts a shared six-digit code."""
    return records.read(NationalCode, "national_codes")


@cache
def gas_densities() -> dict[str, GasDensity]:
    """Return material -> density."""
    return records.keyed(GasDensity, "gas_densities", "material")


@cache
def lists() -> tuple[Listing, ...]:
    """Return every label of every official list."""
    return records.read(Listing, "lists")


@cache
def bibliography() -> dict[str, Work]:
    """Return every work that a reference table cites, by id."""
    return records.keyed(Work, "bibliography", "id")


def works(cited: str) -> tuple[Work, ...]:
    """Return the works of a `source` cell, which joins ids by semicolons; one that has no entry keeps its bare id."""
    ids = [id.strip() for id in cited.split(";") if id.strip()]
    return tuple(bibliography().get(id, Work(id, "", "", "", "")) for id in ids)


@cache
def stage_names() -> dict[tuple[str, str], str]:
    """Return (material, stage) -> what the stage is for that material."""
    return {(r["material"], r["stage"]): r["name"] for r in rows("stages")}


@cache
def groups() -> dict[str, tuple[tuple[str, str, str], ...]]:
    """Return group -> (ISO alpha-3, valid from, valid to) of each membership."""
    table: dict[str, list[tuple[str, str, str]]] = {}
    for r in rows("groups"):
        table.setdefault(r["group"], []).append((r["iso3"], r["valid_from"], r["valid_to"]))
    return {group: tuple(members) for group, members in table.items()}


def members(group: str, year: int) -> tuple[str, ...]:
    """Return who belonged to the group at the end of the year; raises CoverageError if the group is unknown.

    A membership that ended within the year does not count; one that began within it does.
    """
    if group not in groups():
        raise CoverageError(f"unknown group {group!r}", where="focus", hint=f"one of {', '.join(sorted(groups()))}")
    day = f"{year}-12-31"
    return tuple(sorted(iso for iso, start, end in groups()[group] if start <= day and (not end or end >= day)))


def country(text: str) -> str:
    """Return the ISO alpha-3 of a code or name a person typed; see country_labels.read."""
    return country_labels.read(text)


def material(text: str) -> str:
    """Return the material id of an id, name, symbol or label a person typed; raises CoverageError with near ones."""
    return _named(text, _material_names(), "material")


@cache
def _material_names() -> dict[str, str]:
    """Return folded name or label -> material id."""
    table = {label: alias.material for label, alias in material_aliases().items()}
    table |= {m.name: m.id for m in materials().values()} | {id: id for id in materials()}
    return {fold(label): id for label, id in table.items()}


def focus(text: str) -> str:
    """Return the group id or ISO alpha-3 of what a person typed as focal entity; raises CoverageError."""
    code = text.strip().upper()
    return code if code in groups() else country(text)


def _named(text: str, folded: dict[str, str], what: str) -> str:
    """Return the code of a label, letter case and white space aside; exact otherwise."""
    key = fold(text)
    if key in folded:
        return folded[key]
    near = [f"{folded[label]} ({label})" for label in get_close_matches(key, folded, n=4, cutoff=0.6)]
    hint = f"did you mean {', '.join(near)}?" if near else f"khanij data list {PLURAL[what]} shows the known ones"
    raise CoverageError(f"unknown {what} {text!r}", where=what, hint=hint)
