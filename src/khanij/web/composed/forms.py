"""Forms made from what a question or page can be asked, and the names that they offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from khanij import reference
from khanij.analyses import asked, runner
from khanij.analyses.question import Request, spelled
from khanij.reference.chronicle import events
from khanij.reference.names import group_names
from khanij.web.composed.pages import Entry

Names = tuple[tuple[str, str], ...]
Offer = tuple[str, str, str]  # what is written into a field, what is told beside it, the code that it stands for
OFFERED = {
    "focus": "countries",
    "country": "countries",
    "partner": "countries",
    "against": "countries",
    "material": "minerals",
    "method": "methods",
    "event": "events",
    "product": "products",
    "quantity": "quantities",
    "source": "sources",
    "scenario": "scenarios",
}  # field -> which names are offered
NAMED = ("countries", "minerals")  # lists whose names are taken as well as their codes
FIRST = 5  # fields of a question that its form shows at once
RARE = ("seed", "assume", "priors", "set", "variable")


@dataclass(frozen=True, slots=True)
class FormField(Entry):
    """One field of a form as the template writes it: an entry with what it holds."""

    value: str = ""

    @property
    def shown(self) -> str:
        """Return what it holds as people read it: the name of a country or a mineral, else as it is."""
        return named(self.list).get(self.value, self.value)

    @property
    def id(self) -> str:
        """Return its id in the page."""
        return f"f-{self.name}"


def of_question(kind: type[Request], values: Mapping[str, str]) -> tuple[tuple[FormField, ...], tuple[FormField, ...]]:
    """Return the fields of a question's form: those shown at once, and the others."""
    made = [_of_field(name, about, values.get(name, "")) for name, about in asked.open_fields(kind).items()]
    common = [field for field in made if field.name not in RARE]
    first = [field for field in common if field.needed]
    first += [field for field in common if not field.needed][: max(FIRST - len(first), 0)]
    return tuple(first), tuple(field for field in made if field not in first)


def _of_field(name: str, about: Any, value: str) -> FormField:
    """Return the field of a form for a field of a request."""
    low, high = (next((getattr(m, e) for m in about.metadata if hasattr(m, e)), None) for e in ("ge", "le"))
    usual = "" if about.is_required() else _usual(about.default)
    if name in asked.LIMITS:
        high = asked.limit(name, about) if high is None else min(high, asked.limit(name, about))
    label = spelled(name, about).split("/")[0].removeprefix("--") if spelled(name, about) != "argument" else name
    return FormField(
        name,
        label.replace("-", " ").replace("_", " ").capitalize(),
        asked.kind_of(about),
        OFFERED.get(name, ""),
        usual,
        about.is_required(),
        low,
        high,
        value=value,
        choices=tuple(c for c in asked.choices(about) if c),
        help=about.description or "",
    )


def _usual(value: Any) -> str:
    """Return a default as a form shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        years = all(isinstance(v, int) for v in value) and len(value) > 1
        return f"{value[0]}-{value[-1]}" if years else ",".join(map(str, value))
    return "" if value is None else str(value)


def of_page(entries: Iterable[Entry], values: Mapping[str, str]) -> tuple[FormField, ...]:
    """Return the fields of a page's form."""
    shown = [field.name for field in fields(Entry)]
    return tuple(FormField(**{n: getattr(e, n) for n in shown}, value=values.get(e.name, "")) for e in entries)


def offered(fields: Iterable[FormField]) -> dict[str, tuple[Offer, ...]]:
    """Return list -> offers, of the lists that these fields offer."""
    return {field.list: _offers(field.list) for field in fields if field.list}


@cache
def _offers(which: str) -> tuple[Offer, ...]:
    """Return the offers of a list: names where names are taken, else codes."""
    known = named(which)
    return tuple((name, code, code) if code in known else (code, name, "") for code, name in names(which))


@cache
def named(which: str) -> dict[str, str]:
    """Return code -> name of a list of which names are taken as well as codes; groups go by their codes alone."""
    groups = group_names()
    return {code: name for code, name in names(which) if code not in groups} if which in NAMED else {}


@cache
def names(which: str) -> Names:
    """Return what a list offers: (value, name)."""
    match which:
        case "countries":
            held = reference.countries()
            return (*((code, held[code]) for code in reference.current_countries()), *sorted(group_names().items()))
        case "minerals":
            return tuple((id, one.name) for id, one in reference.materials().items())
        case "methods":
            return tuple((id, one.title) for id, one in runner.methods().items())
        case "events":
            return tuple((id, one.name if hasattr(one, "name") else id) for id, one in events.catalogue().items())
        case "products":
            return tuple((row["id"], row["name"]) for row in reference.rows("products"))
        case "quantities":
            return tuple((id, one.name) for id, one in reference.quantities().items())
        case "scenarios":
            return tuple(
                (id, id) for id in dict.fromkeys(row["scenario"] for row in reference.rows("demand_scenarios"))
            )
        case "sources":
            return tuple((str(row["source"]), str(row.get("name") or row["source"])) for row in sources())
    return ()


@cache
def sources() -> tuple[dict[str, Any], ...]:
    """Return the sources that the store holds, a mapping each."""
    from khanij.analyses.question import ask

    return tuple(ask(asked.named("data list")).table("sources").rows())
