"""The register of instruments, read for one country, mineral, destination and day."""

from __future__ import annotations

from datetime import date

from khanij import reference
from khanij.analyses.question import Answer, Job
from khanij.analyses.register.request import RegisterRequest
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.present import names, text
from khanij.reference import columns
from khanij.reference.chronicle.instruments import Instrument, in_force, instruments, kin, known_to, register
from khanij.reference.chronicle.partial_dates import PartialDate
from khanij.reference.names import country_name

NOTES = (
    "an instrument whose end was not found counts as in force; its end is the weakest column",
    "a date known to the month or the year counts from its first day",
)


def answer(request: RegisterRequest, case: Case | None, job: Job) -> Answer:
    """Return the instruments, the newest first, those of its union too; raises CoverageError where there are none."""
    on = request.on or known_to()
    acting = _acting(request.country, on)
    listed = [i for m in request.material or (None,) for who in acting for i in instruments(who, m)]
    known = list({i.id: i for i in listed}.values())
    states = {i.id: i.state(on, request.against) for i in known}
    shown = [
        i for i in known if states[i.id] != "none" and (request.every or states[i.id] in ("in-force", "suspended"))
    ]
    if not shown:
        what = f"no instrument is in force on {on}" if known else "no instrument on record"
        raise CoverageError(what, where="register", hint=_elsewhere(request, on))
    shown.sort(key=lambda i: (i.begins, i.id), reverse=True)
    silent = [m for m in request.material if not any(set(i.materials) & kin(m) for i in shown)]
    none = tuple(f"no instrument on {names.mineral(m)} is on record for what was asked" for m in silent)
    rows = [_row(i, states[i.id]) for i in shown]
    table = columns.table("register", f"instruments on {on}", rows, notes=(*none, *NOTES))
    said = (_said(shown, states, on, request), *(f"{text.capital(one)}." for one in none))
    return Answer(request, (table,), said, sources=_sources(shown))


def _acting(country: str | None, on: date) -> tuple[str | None, ...]:
    """Return a country and the unions that act for it on a day; None = everybody."""
    if country is None:
        return (None,)
    acting = {i.country for i in register()} & set(reference.groups()) - {country}
    return (country, *sorted(group for group in acting if country in reference.members(group, on.year)))


def _elsewhere(request: RegisterRequest, on: date) -> str:
    """Return where to look instead, with how many of others strike a country that has none."""
    hint = "--every, another day, country or mineral"
    if request.country is None or request.against is not None:
        return hint
    struck = [
        i
        for m in request.material or (None,)
        for i in in_force(on, material=m, destination=request.country)
        if i.country != request.country
    ]
    many = text.count(len({i.id for i in struck}), "instrument")
    return f"{hint}; {many} of others in force may strike it: --against {request.country}"


def _row(one: Instrument, state: str) -> dict[str, object]:
    """Return one instrument."""
    return {
        "country": one.country,
        "instrument_kind": one.kind,
        "instrument_materials": ", ".join(one.materials),
        "instrument_state": state,
        "in_force": _day(one.in_force),
        "announced_on": _day(one.announced),
        "suspended": _day(one.suspended),
        "ended": _day(one.ended),
        "hits": ", ".join(one.destinations) or "all",
        "instrument_scope": one.scope,
        "codes": ", ".join(one.codes),
        "control_size": one.size,
        "unit": one.unit,
        "terms": one.terms,
        "confidence": one.confidence,
        "source": one.source,
        "instrument": one.id,
    }


def _day(day: PartialDate | None) -> str:
    """Return a date as far as it is known."""
    return "" if day is None else day.text


def _said(shown: list[Instrument], states: dict[str, str], on: date, request: RegisterRequest) -> str:
    """Return how many hold, of whom, on what."""
    force = [i for i in shown if states[i.id] == "in-force"]
    others = len(shown) - len(force)
    if not force:
        return f"No instrument is in force on {on}; {others} suspended, ended or announced."
    whose = [country_name(code) for code in dict.fromkeys(i.country for i in force)]
    goods = dict.fromkeys(m for i in force for m in i.materials)
    against = f" against {country_name(request.against)}" if request.against else ""
    held = sum(states[i.id] == "suspended" for i in shown)
    more = f"; {text.count(held, 'more', 'more')} suspended" if held else ""
    more += f"; {text.count(others - held, 'more', 'more')} ended or announced" if others > held else ""
    on_what = text.small(names.minerals(list(goods)[:6])) + (f" and {len(goods) - 6} more" if len(goods) > 6 else "")
    by = text.joined(whose, 4)
    is_ = "is" if len(force) == 1 else "are"
    many = text.capital(text.count(len(force), "instrument"))
    more += f"; what came after {known_to()} is not on record" if on > known_to() else ""
    return f"{many} of {by} on {on_what}{against} {is_} in force on {on}{more}."


def _sources(shown: list[Instrument]) -> tuple[str, ...]:
    """Return the sources of all."""
    return tuple(dict.fromkeys(id for i in shown for id in i.source.split(";")))
