"""The register of instruments: bans, licences, quotas, taxes and the like on minerals, and what state each is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache, lru_cache

from khanij import reference
from khanij.core import units
from khanij.core.axis import sample
from khanij.core.errors import KhanijError, ParseError
from khanij.reference.chronicle.partial_dates import PartialDate

# What an instrument does -> what it acts upon. On imports the destinations are the origins that are hit.
KINDS = {
    "export-ban": "exports",
    "licence": "exports",
    "quota": "exports",
    "export-tax": "exports",
    "rebate-cut": "exports",
    "price-floor": "exports",
    "state-trading": "exports",
    "exporter-list": "exports",
    "domestic-sale": "exports",
    "dual-price": "exports",
    "customs-point": "exports",
    "other-export": "exports",
    "import-ban": "imports",
    "import-licence": "imports",
    "import-quota": "imports",
    "tariff": "imports",
    "sanction": "imports",
    "nationalisation": "production",
    "investment-rule": "production",
    "output-quota": "production",
    "permit-stop": "production",
    "royalty": "production",
}
# goods as such, or only these: named firms, military uses and users, technology, equipment, goods made abroad with them
SCOPES = ("goods", "firm", "end-use", "technology", "equipment", "foreign-made")
STATES = ("none", "announced", "suspended", "in-force", "ended")
CONFIDENCES = ("high", "medium", "low")
RECALLED = "general-knowledge"
EVERYBODY = "all"
DATES = ("announced", "in_force", "suspended", "resumed", "ended")


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument of one country (or union) on one set of goods.

    country       ISO alpha-3, or id of groups.csv, of who acts
    act           name of the legal act, "" if not known; in part from general knowledge, to look it up by
    codes         HS headings or subheadings, 2, 4 or 6 digits, of no particular revision
    kind, scope   one of KINDS, one of SCOPES
    destinations  countries and groups that are hit (on imports: origins; on production: owners); empty = all
    announced     the day on which it became known; in_force, ended  first and last day in force
    suspended     first day on which it is held; resumed  first day on which it holds again, or is to by the act
    size, unit    rate or volume where there is one figure (of several the highest, first step), else None and ""
    terms         the same in words
    renews        id of the instrument that it carries on: the first of a chain is the decision
    url           page that was read, "" if none
    source        ids of bibliography.csv, joined by semicolons
    A date that is None is not known or has not come: no known end is no proof that it still runs.
    """

    id: str
    country: str
    act: str
    materials: tuple[str, ...]
    stages: tuple[str, ...]
    codes: tuple[str, ...]
    kind: str
    scope: str
    destinations: tuple[str, ...]
    announced: PartialDate | None
    in_force: PartialDate | None
    suspended: PartialDate | None
    resumed: PartialDate | None
    ended: PartialDate | None
    size: float | None
    unit: str
    terms: str
    renews: str
    note: str
    url: str
    source: str
    confidence: str

    @property
    def begins(self) -> date:
        """Return the first day on which it is known of: the announcement, else the first day in force."""
        return next(day.first for day in (self.announced, self.in_force) if day is not None)

    def strikes(self, destination: str, on: date) -> bool:
        """Return whether a country is among the destinations, groups as of the end of that year; never at home."""
        hit = {member for code in self.destinations for member in _members(code, on.year)}
        return destination not in _members(self.country, on.year) and (not hit or destination in hit)

    def state(self, on: date, destination: str | None = None) -> str:
        """Return one of STATES on a day: none (not yet known of, or another destination), announced, ..., ended.

        A beginning known to the month or year counts from its first day (not before the announcement), an end to its
        last day. Without `resumed`, the state never goes back in the order of STATES but from in-force to suspended.
        """
        if destination is not None and not self.strikes(destination, on):
            return "none"
        if on < self.begins:
            return "none"
        if self.ended is not None and on > self.ended.last:
            return "ended"
        held = self.suspended is not None and on >= self.suspended.first
        if held and (self.resumed is None or on < self.resumed.first):
            return "suspended"
        return "in-force" if self.in_force is not None and on >= self.in_force.first else "announced"


def _members(code: str, year: int) -> tuple[str, ...]:
    """Return the countries behind a country or group."""
    return reference.members(code, year) if code in reference.groups() else (code,)


def _listed(text: str) -> tuple[str, ...]:
    """Return the parts of a cell that are joined by semicolons."""
    return tuple(part.strip() for part in text.split(";") if part.strip())


@cache
def headings() -> frozenset[str]:
    """Return every HS heading (four digits) that a material or a row of instrument_headings.csv has."""
    mapped = {code.code[:4] for code in reference.hs_codes()}
    return frozenset(mapped | {row["heading"] for row in reference.rows("instrument_headings")})


def _known_code(code: str) -> bool:
    """Return whether a code is a chapter, heading or subheading of known goods."""
    whole = code.isdecimal() and len(code) in (2, 4, 6)
    return whole and any(heading.startswith(code[:4]) for heading in headings())


def check(row: Mapping[str, str], where: str) -> Instrument:
    """Return the instrument of one row of text.

    row    a cell for each field of Instrument; lists joined by semicolons, destinations "all" or a list
    where  file and row, for the message
    Raises ParseError that names row and field: an absent cell, an unknown country, material, stage, code, kind, scope,
    source or unit, a date that is none or out of order, a recalled row that is not of low confidence.
    """
    absent = [field.name for field in fields(Instrument) if field.name not in row]
    if absent:
        raise ParseError(f"no cell {', '.join(absent)}", where=where, hint="a row has every field of Instrument")
    try:
        dates = {name: _date(row, name, where) for name in DATES}
        size = float(row["size"]) if row["size"] else None
    except ValueError:
        raise ParseError(f"size {row['size']!r} is no number", where=f"{where}: size", hint="a number or ''") from None
    lists = {name: _listed(row[name]) for name in ("materials", "stages", "codes")}
    hit = () if row["destinations"] == EVERYBODY else _listed(row["destinations"])
    plain = ("id", "country", "act", "kind", "scope", "unit", "terms", "renews", "note", "url", "source", "confidence")
    made = Instrument(**{name: row[name] for name in plain}, **lists, **dates, destinations=hit, size=size)
    if row["destinations"] != EVERYBODY and not hit:
        raise ParseError("no destination", where=f"{where}: destinations", hint=f"countries, or {EVERYBODY}")
    _refuse_unknown(made, where)
    _refuse_disorder(made, where)
    _refuse_unsourced(made, where)
    return made


def _date(row: Mapping[str, str], name: str, where: str) -> PartialDate | None:
    """Return the date of a cell, None if it is empty; raises ParseError."""
    try:
        return PartialDate.read(row[name]) if row[name] else None
    except ValueError:
        hint = "2011, 2011-04, 2011-04-30, or nothing"
        raise ParseError(f"{row[name]!r} is no date", where=f"{where}: {name}", hint=hint) from None


def _refuse_unknown(made: Instrument, where: str) -> None:
    """Raise if a label stands in no table of ours."""
    countries, groups = reference.countries(), reference.groups()
    known = {
        "country": ((made.country,), lambda c: c in countries or c in groups, "an ISO alpha-3 code or a group"),
        "destinations": (made.destinations, lambda c: c in countries or c in groups, "ISO alpha-3 codes or groups"),
        "materials": (made.materials, lambda m: m in reference.materials(), "ids of materials.csv"),
        "stages": (made.stages, lambda s: s in reference.STAGES, f"of {', '.join(reference.STAGES)}"),
        "codes": (made.codes, _known_code, "HS codes of 2, 4 or 6 digits; new headings into instrument_headings.csv"),
        "kind": ((made.kind,), lambda k: k in KINDS, f"one of {', '.join(KINDS)}"),
        "scope": ((made.scope,), lambda s: s in SCOPES, f"one of {', '.join(SCOPES)}"),
        "confidence": ((made.confidence,), lambda c: c in CONFIDENCES, f"one of {', '.join(CONFIDENCES)}"),
    }
    for name, (labels, is_known, hint) in known.items():
        if strange := [label for label in labels if not is_known(label)]:
            raise ParseError(f"unknown {name} {sample(map(repr, strange))}", where=f"{where}: {name}", hint=hint)
    chains = reference.stage_names()
    for material in made.materials:
        if not any((material, stage) in chains for stage in made.stages):
            what = f"{material} has none of the stages {', '.join(made.stages) or '(none given)'}"
            raise ParseError(what, where=f"{where}: stages", hint="see stages.csv")
    if not made.materials:
        raise ParseError("no material", where=f"{where}: materials", hint="ids of materials.csv")
    if (made.size is None) != (not made.unit):
        raise ParseError("a size has a unit, and a unit a size", where=f"{where}: unit", hint="both, or neither")
    try:
        units.factor(made.unit or "1", made.unit or "1")
    except KhanijError as wrong:
        raise ParseError(wrong.what, where=f"{where}: unit", hint=wrong.hint) from None


def _refuse_disorder(made: Instrument, where: str) -> None:
    """Raise if dates contradict each other however they are read."""
    if made.announced is None and made.in_force is None:
        raise ParseError("neither announced nor in force", where=f"{where}: announced", hint="give one of the two")
    if made.resumed is not None and made.suspended is None:
        raise ParseError("resumed, but never suspended", where=f"{where}: resumed", hint="give the day of suspension")
    orders = (
        ("announced", "in_force"),
        ("announced", "suspended"),
        ("announced", "ended"),
        ("in_force", "ended"),
        ("suspended", "resumed"),
        ("suspended", "ended"),
    )
    for before, after in orders:
        one, other = getattr(made, before), getattr(made, after)
        if one is not None and other is not None and one.first > other.last:
            what = f"{after} {other.text} lies before {before} {one.text}"
            raise ParseError(what, where=f"{where}: {after}", hint="dates in their order, or leave the unsure one out")


def _refuse_unsourced(made: Instrument, where: str) -> None:
    """Raise if a source resolves to nothing, or a recalled row claims more than low confidence."""
    cited = _listed(made.source)
    strange = [id for id in cited if id not in reference.bibliography()]
    if strange or not cited:
        what = f"unknown source {sample(map(repr, strange or ['']))}"
        raise ParseError(what, where=f"{where}: source", hint="ids of bibliography.csv, joined by semicolons")
    if cited == (RECALLED,) and made.confidence != "low":
        raise ParseError("recalled and not of low confidence", where=f"{where}: confidence", hint="low, or a source")
    if cited != (RECALLED,) and not (made.url or made.act):
        raise ParseError("neither page nor act", where=f"{where}: url", hint="the address read, or the act's name")


@cache
def register() -> tuple[Instrument, ...]:
    """Return every instrument by id; raises ParseError if an id stands twice or renews one that is not there."""
    found = [check(row, f"instruments.csv, {row['id']}") for row in reference.rows("instruments")]
    ids = [instrument.id for instrument in found]
    for instrument in found:
        if ids.count(instrument.id) > 1 or (instrument.renews and instrument.renews not in ids):
            what = f"{instrument.id!r} stands twice, or renews {instrument.renews!r}, which is not there"
            raise ParseError(what, where=f"instruments.csv, {instrument.id}", hint="one id a row")
    return tuple(found)


@cache
def known_to() -> date:
    """Return the last day on which something begins that the register knows of."""
    return max(instrument.begins for instrument in register())


@lru_cache(maxsize=2_000)
def kin(material: str) -> frozenset[str]:
    """Return a material, the groups that hold it, and what it holds itself; raises CoverageError if it is unknown."""
    table = reference.materials()
    up = [reference.material(material)]
    while parent := table[up[-1]].parent:
        up.append(parent)
    down, grown = {up[0]}, True
    while grown:
        below = {id for id, row in table.items() if row.parent in down} - down
        down, grown = down | below, bool(below)
    return frozenset(up) | down


def instruments(country: str | None = None, material: str | None = None) -> tuple[Instrument, ...]:
    """Return the instruments of a country or union on a material, its groups or its parts (all if None)."""
    acting = None if country is None else reference.focus(country)
    goods = None if material is None else kin(material)
    return tuple(
        i
        for i in register()
        if (acting is None or i.country == acting) and (goods is None or not goods.isdisjoint(i.materials))
    )


def in_force(
    on: date, country: str | None = None, material: str | None = None, destination: str | None = None
) -> tuple[Instrument, ...]:
    """Return the instruments that are in force on a day, for one destination or for any.

    An instrument whose end was not found counts as in force.
    """
    return tuple(i for i in instruments(country, material) if i.state(on, destination) == "in-force")
