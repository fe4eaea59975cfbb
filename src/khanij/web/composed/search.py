"""Search over countries, minerals, products, methods, sources, questions and pages, by name and alias."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from khanij import reference
from khanij.analyses import asked, runner
from khanij.analyses.question import find as question_of
from khanij.analyses.questions import QUESTIONS
from khanij.analyses.wording import request_of_words
from khanij.core.errors import KhanijError
from khanij.reference.names import country_name, group_names
from khanij.web.composed import forms
from khanij.web.composed.listed import PAGES

MOST = 40  # results shown


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that can be found: what it is called, what it is, where it is, by which other name it was found."""

    name: str
    kind: str
    address: str
    also: str = ""


def fold(text: str) -> str:
    """Return a text without differences of case, accents and white space; marks of other scripts stay."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in parts if not "\u0300" <= c <= "\u036f")
    return " ".join(unicodedata.normalize("NFC", bare).replace("-", " ").split())


@cache
def index() -> tuple[tuple[str, str, Found], ...]:
    """Return (folded name, the name as it is written, what it names) of everything."""
    made: list[tuple[str, Found]] = []
    codes = (*reference.current_countries(), *group_names())
    countries = {code: Found(country_name(code), "country", f"/country?focus={code}") for code in codes}
    minerals = {id: Found(m.name, "mineral", f"/mineral?material={id}") for id, m in reference.materials().items()}
    made += [(code, found) for code, found in countries.items()]
    made += [(found.name, found) for found in (*countries.values(), *minerals.values())]
    made += [(label, countries[code]) for label, code in reference.country_aliases().items() if code in countries]
    made += [
        (label, minerals[a.material]) for label, a in reference.material_aliases().items() if a.material in minerals
    ]
    made += [(m.symbol, minerals[id]) for id, m in reference.materials().items() if m.symbol]
    for row in reference.rows("hindi_names"):
        held = countries if row["kind"] == "country" else minerals
        if row["id"] in held:
            made.append((row["name"], held[row["id"]]))
    for id, name in forms.names("products"):
        made += [(text, Found(name, "product", f"/product?product={id}")) for text in (name, id)]
    for id, method in runner.methods().items():
        made += [(text, Found(method.title, "method", f"/method?id={id}")) for text in (method.title, id)]
    for id, name in forms.names("sources"):
        made += [(text, Found(name, "source", f"/data?{urlencode({'source': id})}")) for text in (name, id)]
    made += [(text, Found(q.name, "question", f"/q/{q.slug}", q.line)) for q in QUESTIONS for text in (q.name, q.line)]
    made += [(text, Found(p.title, "page", f"/{p.slug}", p.line)) for p in PAGES for text in (p.title, p.line)]
    return tuple((fold(text), text, found) for text, found in made)


def find(words: str) -> list[Found]:
    """Return what is called so, the closest first: the whole name, its beginning, the beginning of a word, a part."""
    wanted = fold(words)[:100]
    if not wanted:
        return []
    best: dict[Found, tuple[int, int, str]] = {}
    for folded, text, found in index():
        rank = _rank(wanted, folded)
        if rank is None:
            continue
        mark = (rank, len(folded), "" if fold(found.name) == folded else text)
        if found not in best or mark < best[found]:
            best[found] = mark
    ordered = sorted(best.items(), key=lambda item: (item[1][:2], item[0].name))[:MOST]
    return [Found(f.name, f.kind, f.address, f.also or mark[2][:120]) for f, mark in ordered]


def meant(words: str) -> Found | None:
    """Return the question that several plain words ask for, None where they ask for none."""
    if len(words.split()) < 2:
        return None
    try:
        request = request_of_words(words)
    except KhanijError:
        return None
    question = question_of(request.question)
    return Found(question.line, "question", f"/q/{question.slug}?{asked.query(request)}", request.command())


def _rank(wanted: str, folded: str) -> int | None:
    """Return how close a name is: 0 the same, 1 begins so, 2 a word begins so, 3 holds all words; None = not at all."""
    if folded == wanted:
        return 0
    if folded.startswith(wanted):
        return 1
    if f" {wanted}" in folded:
        return 2
    return 3 if len(wanted) > 2 and all(word in folded for word in wanted.split()) else None
