"""Agreements and projects on critical minerals that a country has, restated from reports, with thin readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from khanij.reference import records
from khanij.reference.records import column

# How binding an instrument is, from the least to the most.
STRENGTHS = ("none", "draft", "negotiated", "political", "declaration", "mou", "allotment", "contract")
SCOPES = ("exploration", "offtake", "processing", "research", "recycling", "finance")


def _scopes(row: Mapping[str, str]) -> tuple[str, ...]:
    """Return which of SCOPES a row marks."""
    return tuple(scope for scope in SCOPES if row[scope] == "1")


@dataclass(frozen=True, slots=True)
class Agreement:
    """One instrument between the focal country and partners.

    partners    ISO alpha-3 codes; of a group's instrument the members named in its report
    group       id of groups.csv where the instrument is a group's, else ""
    date        ISO date, "2025-04" or "2025", "" if it is not signed
    strength    one of STRENGTHS
    general     whether it covers critical minerals as a whole, beside the materials it names
    scopes      which of SCOPES it covers
    row         line of the compiled table that it restates
    """

    id: str
    focal: str
    partners: tuple[str, ...]
    group: str
    instrument: str
    date: str
    strength: str
    general: bool = column("critical_minerals")
    materials: tuple[str, ...]
    scopes: tuple[str, ...] = column(made=_scopes)
    parties: str
    status: str
    note: str
    url: str
    row: int
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Project:
    """One project that the focal country or its firms own or plan; its figures are facts with the item `item`."""

    id: str
    focal: str
    name: str
    country: str
    owners: tuple[str, ...]
    materials: tuple[str, ...]
    stage: str
    kind: str
    start: str
    end: str
    status: str
    note: str
    url: str
    row: int
    item: str
    source: str
    confidence: str


@cache
def _agreements() -> tuple[Agreement, ...]:
    """Return the whole table of agreements."""
    return records.read(Agreement, "agreements")


@cache
def _projects() -> tuple[Project, ...]:
    """Return the whole table of projects."""
    return records.read(Project, "projects")


def agreements(focal: str, partner: str | None = None, material: str | None = None) -> tuple[Agreement, ...]:
    """Return the agreements of a country.

    focal      ISO alpha-3 of the country whose agreements these are
    partner    only those with this country (all if None)
    material   only those that name this material or cover critical minerals as a whole (all if None)
    """
    return tuple(
        a
        for a in _agreements()
        if a.focal == focal
        and (partner is None or partner in a.partners)
        and (material is None or a.general or material in a.materials)
    )


def projects(focal: str, country: str | None = None, material: str | None = None) -> tuple[Project, ...]:
    """Return the projects of a country.

    focal      ISO alpha-3 of the country whose projects these are
    country    only those that stand there (all if None)
    material   only those that yield this material (all if None)
    """
    return tuple(
        p
        for p in _projects()
        if p.focal == focal
        and (country is None or p.country == country)
        and (material is None or material in p.materials)
    )
