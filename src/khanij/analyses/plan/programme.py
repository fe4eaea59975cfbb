"""The money of a plan: that of a country's own programme on record, or a sum that a reader states."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from khanij import reference
from khanij.analyses.inputs import facts as queries
from khanij.core.errors import StudyError
from khanij.reference import money
from khanij.reference.names import country_name

SPAN = re.compile(r"FY(\d{4})-\d{2} to FY(\d{4})-\d{2}")
STATE = 'state one: --budget "1 billion USD" --from 2026 --to 2032'


@dataclass(frozen=True, slots=True)
class Money:
    """What a plan may spend: an amount of a unit ("crore INR") from a first to a last year, and whose it is.

    programme  id and name of the country's programme, "" for a sum that was stated
    ceilings   component -> money      notes  what must be said      sources  of the facts behind it
    """

    amount: float
    unit: str
    since: int
    to: int
    programme: str = ""
    name: str = ""
    ceilings: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the sum as `khanij plan` takes it."""
        return f"{self.amount:.12g} {self.unit}"


def on_record(country: str) -> Money | None:
    """Return the money of a country's programme over the years that its facts name.

    It is the outlay on record, else the sum of the components.
    A fiscal year is named by the year in which it ends. None where no programme is on record.
    """
    rows = [row for row in reference.rows("programme_components") if row["country"] == country]
    if not rows:
        return None
    items = {item for row in rows for item in row["items"].split(";")}
    every = list(queries.facts(500, quantity="budget", country=country).rows())
    facts = [row for row in every if row["item"] in items]
    units = {fact["unit"] for fact in facts}
    years = [(int(a) + 1, int(b) + 1) for fact in facts for a, b in SPAN.findall(fact["note"] or "")]
    if len(units) != 1 or not years:
        what = f"the facts of {rows[0]['programme']} name no years, or more than one currency"
        raise StudyError(what, where="programme_components.csv", hint=STATE)
    unit = units.pop()
    programme, limits, notes = ceilings(country, unit)
    since, to = min(a for a, _ in years), max(b for _, b in years)
    parts = sum(limits.values())
    stated = [float(row["value"]) for row in every if row["item"].startswith(f"{programme} | total |")]
    amount = stated[0] if stated else parts
    said = f"the components on record add up to {parts:,.6g} {unit}" + (f" of {amount:,.6g}" if amount != parts else "")
    return Money(
        amount=amount,
        unit=unit,
        since=since,
        to=to,
        programme=programme,
        name=_name(country, programme),
        ceilings=limits,
        notes=(f"{said}; fiscal years go by the year they end in", *notes),
        sources=tuple(dict.fromkeys(f"{fact['source']}@{fact['edition']}" for fact in facts)),
    )


def _name(country: str, programme: str) -> str:
    """Return the full name of a programme where the table of targets has one."""
    for row in reference.rows("programme_targets"):
        if row["focal"] == country and row["target"].startswith(f"{programme} | "):
            return row["programme"]
    return programme


def asked(
    country: str,
    budget: str | None = None,
    since: int | None = None,
    to: int | None = None,
    *,
    plan: bool = False,
    optional: bool = False,
) -> Money | None:
    """Return the money of the plan that a brief is asked for, None where it is asked for none.

    budget     a stated sum; its years are those of the programme on record where they are not stated too
    plan       the country's own programme      optional  the same, and no plan where none is on record
    Raises StudyError without a programme on record, without years, or for a group.
    """
    if budget is None and not plan and not optional:
        if since is not None or to is not None:
            raise StudyError("years of a plan without a plan", where="--from, --to", hint="--plan, or --budget SUM")
        return None
    if country not in reference.countries():
        if optional and not plan and budget is None:
            return None
        raise StudyError(
            f"{country} is no country", where="--plan", hint="a plan is one of a country: its measures stand there"
        )
    own = on_record(country)
    if budget is None:
        if own is None and not plan:
            return None
        if own is None:
            raise StudyError(f"no programme of {country_name(country)} is on record", where="--plan", hint=STATE)
        return _checked(replace(own, since=own.since if since is None else since, to=own.to if to is None else to))
    amount, unit = money.read(budget)
    first = since if since is not None or own is None else own.since
    last = to if to is not None or own is None else own.to
    if first is None or last is None:
        raise StudyError("a budget without years", where="--budget", hint="--from 2026 --to 2032")
    return _checked(Money(amount, unit.name, first, last))


def _checked(found: Money) -> Money:
    """Return the money; raises StudyError for years that run backwards."""
    if found.to < found.since:
        raise StudyError(f"from {found.since} to {found.to}", where="--to", hint="not before --from")
    return found


def with_ceilings(asked: Money, country: str) -> Money:
    """Return the money of a plan held to the components of the country's programme, where one is on record in it."""
    programme, limits, notes = ceilings(country, asked.unit)
    name = _name(country, programme) if programme else ""
    return replace(asked, programme=programme, name=name, ceilings=limits, notes=notes)


def ceilings(country: str, currency_name: str) -> tuple[str, dict[str, float], tuple[str, ...]]:
    """Return a country's programme, component -> money, and notes; "" and nothing where none is on record.

    Raises StudyError where a component names a fact that the store does not hold.
    """
    rows = [row for row in reference.rows("programme_components") if row["country"] == country]
    if not rows:
        return "", {}, (f"no programme of {country} is on record: no ceilings by component",)
    facts = {row["item"]: row for row in queries.facts(500, quantity="budget", country=country).rows()}
    found: dict[str, float] = {}
    notes = []
    for row in rows:
        items = row["items"].split(";")
        for item in items:
            if item not in facts:
                raise StudyError(f"no budget {item!r}", where="programme_components.csv", hint="`khanij data show`")
            if facts[item]["unit"] != currency_name:
                return "", {}, (f"ceilings of {row['programme']} are in {facts[item]['unit']}: not used",)
        found[row["component"]] = sum(float(facts[item]["value"]) for item in items)
        if row["note"]:
            notes.append(f"{row['component']}: {row['note']} (confidence {row['confidence']})")
    return rows[0]["programme"], found, tuple(notes)
