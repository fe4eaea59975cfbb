"""What a composed page is: entries that it is asked with, and parts that are questions; it computes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from khanij.web.composed.sections import Shown

CARRIED = ("focus", "material")  # what goes along from page to page


@dataclass(frozen=True, slots=True)
class Entry:
    """What a page is asked with, as its form and address have it.

    kind   text, choice, number or slider      list  which names are offered: countries, minerals, products, methods
    group  entries of one name stand together
    usual  what holds where it is not given    low, high, step  of a slider or number
    home   country -> what is usual where the page is of it
    """

    name: str
    label: str
    kind: str = "text"
    list: str = ""
    usual: str = ""
    needed: bool = False
    low: float | None = None
    high: float | None = None
    step: float = 1
    choices: tuple[str, ...] = ()
    help: str = ""
    long: bool = False
    group: str = ""
    home: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a page: given  field -> text in which {name} is an entry of the page; an empty one is not given.

    needs  entries without which it is not asked      without  entries with which it is not asked
    """

    question: str
    given: Mapping[str, str] = field(default_factory=dict)
    shown: Shown = field(default_factory=Shown)
    needs: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComposedPage:
    """One composed page; side  its parts stand beside one another where there is room."""

    slug: str
    title: str
    line: str
    entries: tuple[Entry, ...]
    parts: tuple[Part, ...]
    side: bool = False

    def address(self, values: Mapping[str, str]) -> str:
        """Return the page's address with those of the values that it is asked with."""
        kept = {e.name: values[e.name] for e in self.entries if values.get(e.name) and e.name in CARRIED}
        return f"/{self.slug}" + (f"?{urlencode(kept)}" if kept else "")


def fields(part: Part, values: Mapping[str, str]) -> dict[str, str] | None:
    """Return the fields of a part's question for what a page is asked with; None where it is not asked."""
    if any(not values.get(name) for name in part.needs) or any(values.get(name) for name in part.without):
        return None
    made = {}
    for name, text in part.given.items():
        entered = [word for word in values if f"{{{word}}}" in text]
        if entered and not all(values[word] for word in entered):
            continue
        if "{" in text and not entered:
            continue
        for word in entered:
            text = text.replace(f"{{{word}}}", values[word])
        made[name] = text
    return made
