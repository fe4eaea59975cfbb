"""Plain words to a request: by names, aliases and the words that ask for a question; no model, no network."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from khanij import reference
from khanij.analyses import asked
from khanij.analyses.question import Request, find
from khanij.analyses.runner import methods
from khanij.core.errors import StudyError
from khanij.reference.names import group_names

OTHER = ("from", "with", "by", "on", "if")  # before a country that is not the one asked for
HOME = ("for", "of", "in", "to", "does", "should", "will", "could", "would", "can", "is")  # before the one asked for
AGAINST = "against"  # before the one whom a control meets
STOPPING = frozenset(  # after who does it
    "export controls restricts restricted stop stops stopped stopping ban bans banned cuts blocks withholds"
    " निर्यात प्रतिबंध रोक बंद".split()
)
PASSAGES = frozenset("strait straits of canal the cape good gulf".split())
DEVANAGARI = re.compile(r"[\u0900-\u097f]")
MEANING = re.compile(
    r"(?:what is|what are|what does|define|explain|meaning of) (?:the |an |a )?(?P<name>.+?)(?: mean)?"
)
POSSESSIVE = ("'s", "के", "का", "की")
MONEY = re.compile(
    r"(\d[\d,.]*)\s*((?:thousand|million|billion|lakh|crore)(?: crore)?)?\s*(usd|inr|eur|dollars?|rupees?|euros?)?"
)
CURRENCIES = {"dollar": "USD", "rupee": "INR", "euro": "EUR", "lakh": "INR", "crore": "INR"}
LONGEST = 6  # words of a name


@dataclass(frozen=True, slots=True)
class Named:
    """What was named: kind -> value, and the words that are left."""

    values: Mapping[str, str]
    words: tuple[str, ...]


def request_of_words(text: str) -> Request:
    """Return the request that plain words ask for; raises StudyError where no question, or a part of it, is in them."""
    if defined := _defined(text):
        raise StudyError(
            f"{defined} is a method",
            where=text[:80],
            hint=f"khanij run {defined} --focus IND asks it: {_title(defined)}",
        )
    heard = read(text)
    ranked = sorted(held()["question"], key=lambda one: -_score(one, heard))
    best = ranked[0]
    if _score(best, heard) <= 0:
        best = _usual(heard, text)
    values = dict(heard.values)
    if best.get("world") or (DEVANAGARI.search(text) and "focus" in best.get("need", ())):
        values.setdefault("focus", held()["home"])
    lacking = [name for name in best.get("need", ()) if name not in values]
    if lacking:
        told = {"focus": "a country that it is asked for", "other": "the other country", "money": "a sum of money"}
        more = {"focus": "for India", "other": "from China", "money": "with 1 billion USD"}
        what = f"{best['name']} it is, but {told.get(lacking[0], 'a mineral')} is not named"
        hint = f"add who or what is meant, such as {more.get(lacking[0], 'of lithium')!r}; khanij {best['name']} --help"
        raise StudyError(what, where=text[:80], hint=hint)
    spare = [name for name in best.get("either", ()) if name in values][1:]
    return asked.read(find(best["name"]), _filled(best["fill"], {k: v for k, v in values.items() if k not in spare}))


@cache
def held() -> dict[str, Any]:
    """Return the table of words."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _defined(text: str) -> str:
    """Return the id of the method that a text asks the meaning of, "" for none."""
    said = MEANING.fullmatch(_small(text.replace("?", " ")))
    if said is None:
        return ""
    name = said["name"]
    return str(held()["terms"].get(name, name.replace(" ", "-") if name.replace(" ", "-") in methods() else ""))


def _title(method: str) -> str:
    """Return what a method computes, in a line."""
    return methods()[method].title.rstrip(".")


def _usual(heard: Named, text: str) -> Mapping[str, Any]:
    """Return the question for what was named where no word asks for one; raises StudyError for nothing named."""
    values = heard.values
    said = f" {_small(text)} "
    if strait := next((row["name"] for row in reference.rows("chokepoints") if _called(row["name"], said)), ""):
        what = f"{strait} is a passage, and no country that can stop"
        hint = 'ask of who ships through it, such as "what if Qatar stops helium for India"; /map shows the straits'
        raise StudyError(what, where=text[:80], hint=hint)
    if not values.keys() & {"focus", "material", "product"}:
        known = ", ".join(one["name"] for one in held()["question"][:12])
        raise StudyError(
            "no question in it", where=" ".join(heard.words)[:80], hint=f"name one of {known}; {held()['example']}"
        )
    kinds = (("product", "needs"), ("other", "versus"), ("material", "chain"), ("focus", "exposure"))
    name = next(question for kind, question in kinds if kind in values)
    return next(one for one in held()["question"] if one["name"] == name)


def _called(name: str, said: str) -> bool:
    """Return whether a text names a strait or canal: by the word that is not what it is."""
    own = [word for word in _small(name).split() if word not in PASSAGES]
    return bool(own) and f" {' '.join(own)} " in said


def _score(question: Mapping[str, Any], heard: Named) -> float:
    """Return how well a question fits: words of its longest phrases, less what it needs and is not named."""
    said = f" {' '.join(heard.words)} "
    words = max(
        (len(phrase.split()) + len(phrase) / 100 for phrase in question["words"] if f" {phrase} " in said), default=0
    )
    if not words:
        return 0
    lacking = sum(name not in heard.values for name in question.get("need", ()))
    either = question.get("either", ())
    return words + 0.5 - 0.8 * lacking - (0.8 if either and not any(name in heard.values for name in either) else 0)


def _filled(fill: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a question of which everything was named."""
    made = {}
    for field, text in fill.items():
        wanted = re.findall(r"\{(\w+)\}", text)
        if all(name in values for name in wanted):
            made[field] = text.format(**values)
    return made


def read(text: str) -> Named:
    """Return what a text names: countries with their parts, a mineral with its stage, product, year, months, money."""
    spaced = re.sub(r"[’']s\b", " 's", text.replace("-", " "))
    written = re.findall(r"[^\s,;:.?!()\"“”]+(?:[.,]\d+)*", spaced)
    plain, tokens = spaced.casefold(), [one.casefold() for one in written]
    values: dict[str, str] = {}
    places, rest, at = [], [], 0
    while at < len(tokens):
        size, kind, value = _name(tokens, at)
        if code := capitals().get(written[at]):  # in capitals: small letters are a word before they are a code
            size, kind, value = 1, "country", code
        if kind == "country":
            ahead = at - 1 - (at > 1 and tokens[at - 1] == "the")
            places.append((value, tokens[ahead] if at else "", tokens[at + size : at + size + 2]))
        elif kind == "material" and kind not in values:
            values["material"], _, values["stage"] = value.partition("|")
        elif kind and kind not in values:
            values[kind] = value
        if kind:  # a name leaves no word, but a place that other words stand beside
            rest.append("")
            at += size
            continue
        rest.append(tokens[at])
        at += 1
    values |= _countries(places)
    values |= _amounts(plain)
    if "material" in values:
        values["good"] = values["material"] + (f":{values['stage']}" if values["stage"] else "")
    return Named(values, tuple(word for word in rest if word))


def _name(tokens: list[str], at: int) -> tuple[int, str, str]:
    """Return how many words from here are the longest name, what it names, and its code; (1, "", "") for none."""
    for size in range(min(LONGEST, len(tokens) - at), 0, -1):
        kind, code = names().get(" ".join(tokens[at : at + size]), ("", ""))
        if kind:
            return size, kind, code
    return 1, "", ""


@cache
def names() -> dict[str, tuple[str, str]]:
    """Return name in small letters -> (what it is, its code): of countries, minerals, products; Hindi names too."""
    made: dict[str, tuple[str, str]] = {}
    for row in reference.rows("products"):
        made |= {_small(text): ("product", row["id"]) for text in (row["id"], row["name"])}
    for label, alias in reference.material_aliases().items():
        if len(label) > 2:  # symbols of two letters are words of the language
            made[_small(label)] = ("material", f"{alias.material}|{alias.stage}")
    for id, one in reference.materials().items():
        made |= {_small(text): ("material", f"{id}|") for text in (id, one.name)}
    for label, code in reference.country_aliases().items():
        if code in current() and len(label) > 3:
            made[_small(label)] = ("country", code)
    made |= {_small(name): ("country", code) for code, name in reference.countries().items() if code in current()}
    made |= {word: ("country", code) for word, code in held()["people"].items()}
    made |= {word: ("product", id) for word, id in held()["products"].items()}
    made |= {word: ("material", good) for word, good in held()["goods"].items()}
    for row in reference.rows("hindi_names"):
        kind = "country" if row["kind"] == "country" else "material"
        made[_small(row["name"])] = (kind, row["id"] if kind == "country" else f"{row['id']}|")
    return made


@cache
def capitals() -> dict[str, str]:
    """Return what names a country in capitals alone -> its code."""
    named: dict[str, str] = {**reference.country_aliases(), **held()["capitals"], **{code: code for code in current()}}
    return {label: code for label, code in named.items() if label.isupper() and code in current()}


@cache
def current() -> frozenset[str]:
    """Return the codes of countries of today and of groups."""
    return frozenset((*reference.current_countries(), *group_names()))


def _small(text: str) -> str:
    """Return a name as tokens have it."""
    return " ".join(re.sub(r"[-_,;.()/']", " ", text.casefold()).split())


def _countries(places: list[tuple[str, str, list[str]]]) -> dict[str, str]:
    """Return who is asked for and who is the other one, by the words beside their names and else by their order."""
    met = [code for code, before, _ in places if before == AGAINST]
    found = {"focus": met[0]} if met else {}
    for code, before, after in places:
        if code in found.values():
            continue
        if after[:1] == ["replace"]:  # who could fill the gap is part of the answer
            continue
        does = (
            after[1:] if after and (after[0] in POSSESSIVE or names().get(after[0], ("",))[0] == "material") else after
        )
        acts = before in OTHER or before == "replace" or "से" in after[:1] or (does and does[0] in STOPPING)
        acts = acts or after[:1] == ["ने"] or after[:2] == ["के", "साथ"]
        role = "other" if acts else "focus" if before in HOME or after[:1] in (["'s"], ["को"]) else ""
        if role and role not in found:
            found[role] = code
    for role in ("focus", "other"):
        left = [code for code, _, after in places if code not in found.values() and after[:1] != ["replace"]]
        if role not in found and left:
            found[role] = left[0]
    return found


def _amounts(text: str) -> dict[str, str]:
    """Return the year, the months of a stop and the sum of money that a text names."""
    made = {"months": str(held()["months"])}
    count = rf"(\d+|{'|'.join(held()['numbers'])}|a)"
    if time := re.search(rf"\b{count} (month|year|week)s?\b", text):
        number = float(held()["numbers"].get(time[1], 1 if time[1] == "a" else 0) or time[1])
        months = number * {"month": 1.0, "year": 12.0, "week": 12 / 52}[time[2]]
        made["months"] = f"{months:g}"
    if year := re.search(r"\b(?:19|20)\d\d\b", text):
        made["year"] = year[0]
    for found in MONEY.finditer(re.sub(r"\ba (?=thousand|million|billion)", "1 ", text)):
        amount, size, unit = found[1].replace(",", ""), found[2] or "", found[3] or ""
        if size or unit:
            spoken = unit.rstrip("s") or (size.split() or [""])[-1]
            made["money"] = " ".join(f"{amount} {size} {CURRENCIES.get(spoken, unit.upper() or 'USD')}".split())
            break
    if share := re.search(r"(\d[\d.]*)\s*(?:%|per ?cent)(?: of)? gdp", text):
        made["money"] = f"{share[1]}% gdp"
    return made
