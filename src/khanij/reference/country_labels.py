"""Countries as people name them: codes of ISO 3166 and M49, official and usual names; the ambiguous are told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from khanij.core.axis import sample
from khanij.core.errors import CoverageError
from khanij.reference.records import rows

WHERE = "country"
KNOWN = "ISO alpha-3, alpha-2 or M49 code, or name; `khanij data list countries` shows them"
ABBREVIATED = {
    "st": "saint",
    "is": "islands",
    "isl": "islands",
    "isds": "islands",
    "rep": "republic",
    "dem": "democratic",
    "fed": "federation",
    "peoples": "people s",
    "and": "",
    "of": "",
    "the": "",
}
# What a state calls itself before its name; a name that is ambiguous without it stays so.
FORM = re.compile(
    r"^(?:(?:democratic|socialist|federal|federative|federated|islamic|arab|united|independent|oriental|plurinational|"
    r"bolivarian|cooperative|co operative|hashemite|people s|grand|french|swiss|hellenic|italian|portuguese)\s+)*"
    r"(?:republic|kingdom|state|states|commonwealth|duchy|principality|sultanate|federation|union)\s+"
)


@cache
def names() -> Mapping[str, str]:
    """Return ISO alpha-3 -> name of every country, present and past."""
    return {r["iso3"]: r["name"] for r in rows("countries")}


@lru_cache(maxsize=4_096)
def read(text: str) -> str:
    """Return the ISO alpha-3 of a code or name that a person typed.

    text  alpha-3, alpha-2 or M49 code ("IND", "in", "356"), or a name: case, accents, punctuation, articles and the
          order of "Iran, Islamic Republic of" do not matter
    Raises CoverageError for what is unknown, is an aggregate, or may be several countries; it names those that are one
    or two letters away, and no others.
    """
    typed = " ".join(text.split())
    key = normal(typed)
    for code in (typed.upper(), key.upper().replace(" ", "")):  # "IND", "in", "356", "U.S."
        if code in names():
            return code
        if code in _codes():
            return _codes()[code]
    if key in _ambiguous():
        either = [f"{iso} ({names()[iso]})" for iso in _ambiguous()[key]]
        raise CoverageError(f"{typed!r} may be {' or '.join(either)}", where=WHERE, hint="write the code of the one")
    turned = normal(" ".join(reversed(typed.split(",", 1))))  # "Sudan, South"
    ways = (key, turned, FORM.sub("", key), FORM.sub("", turned))
    found = _exact().get(typed.casefold()) or next((_named()[way] for way in ways if way in _named()), None)
    if found is not None:
        return found
    if key in _aggregates():
        raise CoverageError(f"{typed!r} is no single country", where=WHERE, hint="name the countries, or leave it out")
    near = _near(key)
    hint = f"did you mean {sample(f'{iso} ({names()[iso]})' for iso in near)}?" if near else KNOWN
    raise CoverageError(f"unknown country {typed[:60]!r}", where=WHERE, hint=hint)


@cache
def _ends() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Return ISO alpha-3 -> last day and successors."""
    listed = rows("countries")
    return {r["iso3"]: (r["valid_to"], tuple(filter(None, r["successor"].split(";")))) for r in listed}


def ended(iso3: str) -> tuple[str, tuple[str, ...]]:
    """Return the last day of a country that is no more and its successors; ("", ()) for one of today."""
    return _ends().get(iso3, ("", ()))


@dataclass(frozen=True, slots=True)
class Union:
    """Countries whose trade stood under one code until a year: that of one of them, or of the union."""

    code: str
    members: tuple[str, ...]
    last: int

    @property
    def words(self) -> str:
        """Return "until 1998 the records of BEL are those of Belgium and Luxembourg together"."""
        named = [names()[iso] for iso in self.members]
        whole = f"{', '.join(named[:-1])} and {named[-1]} together"
        return f"until {self.last} the records of {self.code} are those of {whole}"


@cache
def unions() -> tuple[Union, ...]:
    """Return the unions of records of trade: trade_unions.csv."""
    return tuple(Union(r["code"], tuple(r["members"].split(";")), int(r["last"])) for r in rows("trade_unions"))


def united(iso3: Iterable[str], years: Iterable[int]) -> tuple[Union, ...]:
    """Return the unions under whose code the records of countries stand in any of the years."""
    asked, first = set(iso3), min(years, default=9999)
    return tuple(one for one in unions() if first <= one.last and asked & {one.code, *one.members})


def normal(text: str) -> str:
    """Return a name without what people write in many ways: accents, case, punctuation, articles, inversions."""
    head, comma, tail = text.partition(",")
    if "(" in head:
        head, bracket, rest = text.partition("(")
        tail = rest.partition(")")[0] if bracket else tail
        comma = bracket
    turned = f"{tail} {head}" if comma and re.search(r"(?i)\b(?:of|the|rep|dem)\b\.?", tail) else f"{head} {tail}"
    turned = re.sub(r"\b([A-Za-z])\.(?=[A-Za-z]\b|\s|$)", r"\1", turned)  # "U.S.", "D.R. Congo"
    plain = unicodedata.normalize("NFKD", turned.replace("&", " and ")).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", " ", re.sub(r"'s\b", " s", plain.casefold())).split()
    return " ".join(word for word in (ABBREVIATED.get(word, word) for word in words) if word)


@cache
def _codes() -> Mapping[str, str]:
    """Return alpha-2 and M49 codes of the countries of today -> ISO alpha-3."""
    today = [r for r in rows("countries") if not r["valid_to"]]
    found = {r["iso2"]: r["iso3"] for r in today if r["iso2"]}
    for r in today:
        if r["numeric"]:
            found |= {r["numeric"]: r["iso3"], str(int(r["numeric"])): r["iso3"]}
    return found


def _labelled() -> Iterable[tuple[str, str]]:
    """Yield every label and the country that it names."""
    for r in rows("country_aliases"):
        if r["iso3"] in names():
            yield r["label"], r["iso3"]
    for r in rows("country_names"):
        yield r["name"], r["iso3"]
    yield from ((name, iso3) for iso3, name in names().items())


@cache
def _exact() -> Mapping[str, str]:
    """Return labels, case aside -> ISO alpha-3."""
    return {" ".join(label.split()).casefold(): iso3 for label, iso3 in _labelled()}


@cache
def _named() -> Mapping[str, str]:
    """Return normal forms -> ISO alpha-3; one that two countries share is left out."""
    found: dict[str, set[str]] = {}
    for label, iso3 in _labelled():
        found.setdefault(normal(label), set()).add(iso3)
    return {key: next(iter(those)) for key, those in found.items() if len(those) == 1 and key}


@cache
def _ambiguous() -> Mapping[str, tuple[str, ...]]:
    """Return normal forms of names that may be one of several countries -> those."""
    return {normal(r["label"]): tuple(r["iso3"].split(";")) for r in rows("country_ambiguities")}


@cache
def _aggregates() -> frozenset[str]:
    """Return normal forms of labels that stand for several countries or none."""
    return frozenset(normal(r["label"]) for r in rows("country_label_exclusions"))


def _near(key: str) -> list[str]:
    """Return the countries whose name begins alike and is one letter away, two for a long one; and the next like it."""
    most = 0 if len(key) < 4 else 1 if len(key) < 10 else 2
    if not most:
        return []
    apart = {name: _distance(key, name, most + 1) for name in _named() if name[0] == key[0]}
    least = min(apart.values(), default=most + 1)
    if least > most:
        return []
    return sorted({_named()[name] for name, distance in apart.items() if distance <= least + 1})


def _distance(one: str, other: str, most: int) -> int:
    """Return how many letters are put in, left out, changed, or swapped with the next; above `most` any number."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        now = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, now[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return most + 1
        before, last = last, now
    return last[-1]
