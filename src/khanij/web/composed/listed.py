"""The composed pages, read from pages.toml: which questions each asks, of what, and what of the answers it shows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from khanij.web.composed.pages import ComposedPage, Entry, Part
from khanij.web.composed.sections import Shown

HELD: dict[str, Any] = tomllib.loads(Path(__file__).with_name("pages.toml").read_text(encoding="utf-8"))
SHOWN = ("heading", "tables", "figures", "findings", "remarks", "full")


def _fixed(held: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain data with its lists as tuples, as the classes of pages hold them."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in held.items()}


def entry(held: str | Mapping[str, Any]) -> Entry:
    """Return an entry of a page: one of those that several pages have, by its name, or its own."""
    if isinstance(held, str):
        return Entry(held, **_fixed(HELD["entries"][held]))
    return Entry(**_fixed(held))


def _given(listed: list[str]) -> dict[str, str]:
    """Return field -> text in which {name} is an entry; a name alone is the entry of that name."""
    pairs = (text.partition("=") for text in listed)
    return {field: text if equals else f"{{{field}}}" for field, equals, text in pairs}


def _part(held: Mapping[str, Any]) -> Part:
    """Return a part of a page."""
    fixed = _fixed(held)
    shown = Shown(**{key: fixed[key] for key in SHOWN if key in fixed})
    return Part(held["ask"], _given(held.get("with", [])), shown, fixed.get("needs", ()), fixed.get("without", ()))


def _page(held: Mapping[str, Any]) -> ComposedPage:
    """Return a composed page."""
    entries = tuple(map(entry, held["entries"]))
    parts = tuple(map(_part, held["parts"]))
    return ComposedPage(held["slug"], held["title"], held["line"], entries, parts, held.get("side", False))


FOCUS, YEAR = entry("focus"), entry("year")
TASKS: tuple[tuple[str, str], ...] = tuple((words, address) for words, address in HELD["tasks"])  # of the first page
PAGES = tuple(map(_page, HELD["page"]))


def by_slug(slug: str) -> ComposedPage | None:
    """Return a page by its name in the address."""
    return next((page for page in PAGES if page.slug == slug), None)
