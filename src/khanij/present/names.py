"""Names for people in place of ids and codes: minerals, countries, measures."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from khanij import reference
from khanij.reference.names import country_name

ISO = re.compile(r"\b[A-Z]{3}\b")


ARTICLE = frozenset(
    "ARE BHS CAF COD COG COM CZE DOM GBR GMB MDV MHL NLD PHL SLB SYC USA EU27 QUAD".split()
)  # countries and groups whose names take "the" in a sentence


def in_sentence(code: str) -> str:
    """Return the name of a country or group as it stands in a sentence, with its article if it has one."""
    return f"the {country_name(code)}" if code in ARTICLE else country_name(code)


def possessive(code: str) -> str:
    """Return the name of a country or group as an owner: with 's, or with ' after an s."""
    name = in_sentence(code)
    return f"{name}'" if name.endswith("s") else f"{name}'s"


@cache
def _countries() -> frozenset[str]:
    """Return the codes that stand for countries."""
    return frozenset(reference.countries())


def countries(text: str) -> str:
    """Return a text with the codes of countries in it replaced by their names."""
    return ISO.sub(lambda found: country_name(found[0]) if found[0] in _countries() else found[0], text)


def mineral(id: str) -> str:
    """Return the name of a material, the id itself where it is none."""
    known = reference.materials()
    return known[id].name if id in known else id


def form(material: str, stage: str) -> str:
    """Return what a stage is for a material in words."""
    return reference.stage_names().get((material, stage), stage)


def minerals(ids: str | Iterable[str]) -> str:
    """Return the names of materials, "Copper, rare earths", from "copper, rare-earths"."""
    listed = [part.strip() for part in ids.split(",")] if isinstance(ids, str) else list(ids)
    named = [mineral(id) for id in listed if id]
    return ", ".join([*named[:1], *(name[:1].lower() + name[1:] for name in named[1:])])


def inside(text: str) -> str:
    """Return a text with the ids of materials in it replaced by their names in small letters."""
    known = reference.materials()
    return re.sub(r"\b[a-z]+(?:-[a-z]+)*\b", lambda m: known[m[0]].name.lower() if m[0] in known else m[0], text)


def measure(id: str, name: str, materials: str | Iterable[str]) -> str:
    """Return "Phosphorus (white phosphorus): stockpile of 60 days" for a measure of the catalogue or of a study.

    id  of a stockpile it tells the stage, which its name does not
    """
    parts = id.split(":")
    form = reference.stage_names().get((parts[1], parts[2]), "") if len(parts) == 3 else ""
    head = minerals(materials) + (f" ({form})" if form else "")
    small = name if name[1:2].isupper() else name[:1].lower() + name[1:]
    return f"{head}: {small}" if head else name
