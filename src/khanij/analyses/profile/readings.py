"""What a profile reads: a country's figures of one year, each a Number with sources, range, confidence and reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from khanij import reference
from khanij.analyses import commands
from khanij.analyses.inputs import facts as queries
from khanij.analyses.inputs.surges import Surge, surges, without
from khanij.analyses.inputs.trade_codes import Codes, codes_of
from khanij.analyses.runner import find, run
from khanij.core import registry
from khanij.core.case import Case
from khanij.core.errors import CoverageError, SourceError, StudyError
from khanij.core.number import Key, Number, cell, graded, largest, share, total
from khanij.core.result import Result
from khanij.core.table import Table
from khanij.present.document import Citation
from khanij.reference import official_lists as official
from khanij.reference.names import country_name

__all__ = ["CountryProfile", "Key", "citations", "country_name", "largest", "share", "total"]
AMOUNTS = {"production": "production", "imports": "trade", "exports": "trade"}


def of_case(case: Case) -> CountryProfile:
    """Return the profile of a Case; that of the last Case is kept, since several questions are asked of one.

    Raises StudyError for a Case of several countries or years.
    """
    if not _last or _last[0].given is not case:
        _last[:] = [CountryProfile(case)]
    return _last[0]


_last: list[CountryProfile] = []


class CountryProfile:
    """Figures of a Case's first focus in its last year, read once from Results and cubes."""

    def __init__(self, case: Case) -> None:
        """Keep the Case, which is of one focus and year; methods run when first asked for. Raises StudyError."""
        if len(case.axis("focus")) != 1 or len(case.axis("year")) != 1:
            raise StudyError("a profile is of one country or group in one year", where="case", hint="name one of each")
        self.given = case
        self.focal, self.year = case.axis("focus").codes[0], int(case.axis("year").codes[-1])
        self.name = country_name(self.focal)
        self.members = queries.members(self.focal, (self.year,))
        self.results: dict[str, Result] = {}
        self._cache: dict[str, dict[tuple[str, ...], Number]] = {}

    @cached_property
    def set_aside(self) -> tuple[Surge, ...]:
        """Return the flows into the focus that are left out of every figure, since they rose many times in a year."""
        return surges(self.given)

    @cached_property
    def case(self) -> Case:
        """Return the Case without the flows that are set aside."""
        return without(self.given, self.set_aside)

    @property
    def is_group(self) -> bool:
        """Return whether the focus is a group of countries."""
        return self.focal not in reference.countries()

    def result(self, method: str) -> Result:
        """Return the Result of a method, run once."""
        if method not in self.results:
            self.results[method] = run(method, self.case, **find(method).defaults.settings)
        return self.results[method]

    def values(self, method: str, variable: str | None = None) -> Mapping[tuple[str, ...], Number]:
        """Return (material, stage[, partner]) -> Number of a method's variable; an unknown one carries its reason.

        Nothing is returned of a method or variable whose inputs the Case does not hold.
        """
        key = f"{method}/{variable or ''}"
        if key not in self._cache:
            table = self._table(method, variable)
            if table is None:
                return {}
            names = [
                name for name in ("material", "stage", "partner") if any(v is not None for v in table.column(name))
            ]
            labels = zip(*(table.column(name) for name in names), strict=True)
            numbers = (self._number(method, row, variable) for row in table.rows())
            self._cache[key] = dict(zip(labels, numbers, strict=True))
        return self._cache[key]

    def _table(self, method: str, variable: str | None) -> Table | None:
        """Return the rows of a method's variable, None where the Case does not hold what it needs."""
        try:
            result = self.result(method)
        except CoverageError:
            return None
        declared = [one.name for one in find(method).variables]
        absent = variable in declared and variable not in result.variables
        return None if absent else result.table(variable)

    def _number(self, method: str, row: Mapping[str, Any], variable: str | None) -> Number:
        """Return a row of a Result as a Number; amounts name only the sources that hold such amounts."""
        sources = tuple(part for part in (row["sources"] or "").split("; ") if part)
        if variable in AMOUNTS:
            sources = tuple(s for s in sources if s in self.case.cube(AMOUNTS[variable]).sources) or sources
        low, high = (None, None) if row["low"] == row["high"] else (row["low"], row["high"])
        unit = "index" if registry.find(method).defaults.index else row["unit"]
        note, supplier = remarked(row["notes"] or "", row["value"] is not None)
        confidence = "high"
        if variable in ("imports", "exports"):
            confidence = doubted(
                self.content_confidence.get((row["material"], row["stage"]), "high"), row["value"], low, high
            )
        how = commands.explain(method, self.focal, row, self.year, registry.find(method).defaults.settings, variable)
        return graded(Number(row["value"], unit, sources, low, high, note=note, label=supplier, how=how), confidence)

    @cached_property
    def content_confidence(self) -> Mapping[Key, str]:
        """Return (material, stage) -> confidence in its own trade codes' contents; medium where they differ."""
        found: dict[Key, set[str]] = {}
        for code in reference.hs_codes():
            if not code.shared and code.content:
                found.setdefault((code.material, code.stage), set()).add(code.confidence)
        return {key: next(iter(levels)) if len(levels) == 1 else "medium" for key, levels in found.items()}

    @cached_property
    def official(self) -> tuple[str, tuple[str, ...]]:
        """Return the id of the official list that counts for the country and its materials, as the list names them."""
        return official.chosen(self.focal, self.year)

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """Return the materials that get a row, of those in the Case, by id.

        A listed group is told apart where only its members have trade codes; a listed element without a trade code of
        its own stands with the group that has one, since its trade and the goods made of it are recorded there.
        """
        return listed_of(self.focal, self.year, self.case.axis("material").codes)

    @cached_property
    def published_reliance(self) -> Mapping[Key, Number]:
        """Return (material, stage) -> import reliance as published for the country; none without a store."""
        try:
            return queries.stated_reliance(self.focal, self.year)
        except SourceError:
            return {}

    @cached_property
    def output(self) -> Mapping[Key, Mapping[str, Number]]:
        """Return (material, stage) -> country -> output of the year, of countries with a known one above 0."""
        if "production" not in self.case.cubes:
            return {}
        cube = self.case.cube("production")
        values = cube.on(*(self.case.axis(n) for n in ("material", "stage", "country", "year")))[..., 0]
        table: dict[Key, dict[str, Number]] = {}
        for m, s, c in zip(*np.nonzero(values > 0), strict=True):
            key = (self.case.axis("material").codes[m], self.case.axis("stage").codes[s])
            iso = self.case.axis("country").codes[c]
            how = commands.facts("production", self.year, material=key[0], stage=key[1], country=iso)
            table.setdefault(key, {})[iso] = replace(cell(cube, (m, s, c, 0)), how=how)
        return table

    def own_output(self, key: Key) -> Number | None:
        """Return own output of a material and stage, None where none above 0 is known."""
        parts = [n for iso, n in self.output.get(key, {}).items() if iso in self.members]
        return (parts[0] if len(parts) == 1 else total(parts)) if parts else None

    def own_reserves(self, material: str) -> Number | None:
        """Return own reserves of a material, None where none are known."""
        parts = [n for iso, n in self.reserves.get(material, {}).items() if iso in self.members]
        return (parts[0] if len(parts) == 1 else total(parts)) if parts else None

    @cached_property
    def world(self) -> Mapping[Key, Number]:
        """Return (material, stage) -> world output of the year."""
        if "world_production" not in self.case.cubes:
            return {}
        cube = self.case.cube("world_production")
        axes = (self.case.axis("material").codes, self.case.axis("stage").codes)
        at = np.nonzero(cube.values[..., 0] > 0)
        return {(axes[0][m], axes[1][s]): cell(cube, (m, s, 0)) for m, s in zip(*at, strict=True)}

    @cached_property
    def reserves(self) -> Mapping[str, Mapping[str, Number]]:
        """Return material -> country -> reserves."""
        if "reserves" not in self.case.cubes:
            return {}
        cube = self.case.cube("reserves")
        names = self.case.axis("material").codes, self.case.axis("country").codes
        table: dict[str, dict[str, Number]] = {}
        for m, c in zip(*np.nonzero(~np.isnan(cube.values)), strict=True):
            table.setdefault(names[0][m], {})[names[1][c]] = cell(cube, (m, c))
        return table

    def whole_reserves(self, material: str) -> Number:
        """Return the world's reserves: the publisher's total, or without one the sum of the listed countries."""
        cube, axis = self.case.cubes.get("world_reserves"), self.case.axis("material")
        if cube is not None and material in axis and cube.values[axis.at(material)] > 0:
            return cell(self.case.cube("world_reserves"), (axis.at(material),))
        return replace(total(self.reserves.get(material, {}).values()), note="sum of the listed countries, at least")

    @cached_property
    def import_commands(self) -> Mapping[Key, str]:
        """Return (material, stage) -> the command that lists the recorded imports."""
        return self._commands()

    @cached_property
    def export_commands(self) -> Mapping[Key, str]:
        """Return (material, stage) -> the command that lists the recorded exports."""
        return self._commands(exports=True)

    def _commands(self, exports: bool = False) -> Mapping[Key, str]:
        """Return (material, stage) -> the command that lists what is recorded under its trade codes."""
        codes: dict[Key, set[str]] = {}
        for code in reference.hs_codes():
            codes.setdefault((code.material, code.stage), set()).add(code.code)
        held = self.codes.held
        return {key: commands.trade(self.focal, sorted(own & held), self.year, exports) for key, own in codes.items()}

    @cached_property
    def import_values(self) -> Mapping[Key, Mapping[str, Number]]:
        """Return (material, stage) -> exporter -> value of imports, kUSD, under codes of its own.

        Where a code that holds other materials too has data beside those of its own, these alone are read by code.
        """
        alone = {*self.dedicated, *self.codes.declared}
        found = dict(flows(self.case, "trade_value", "importer", alone, None, self.import_commands))
        beside = [key for key in self.codes.own if key not in alone and self.case.manifest]
        for key in beside:
            aside = {surge.exporter for surge in self.set_aside if (surge.material, surge.stage) == key}
            held = sorted(set(self.codes.own[key]) & self.codes.held) if key[0] in self.case.axis("material") else []
            parts = queries.by_code(self.focal, self.year, held) if held else {}
            found[key] = {i: replace(n, how=self.import_commands[key]) for i, n in parts.items() if i not in aside}
        return {key: parts for key, parts in found.items() if parts}

    @cached_property
    def export_values(self) -> Mapping[Key, Mapping[str, Number]]:
        """Return (material, stage) -> importer -> value of exports, kUSD, under codes of its own."""
        return flows(self.case, "trade_value", "exporter", set(self.dedicated), None, self.export_commands)

    @cached_property
    def unlisted(self) -> Mapping[Key, float]:
        """Return (material, stage) -> the most of its imports, kUSD, that a source of large flows alone may leave out.

        A flow that is not listed is smaller than the smallest listed one, f, and comes from one of the n exporters that
        are listed for other buyers: U <= n f.
        """
        cut, cube = queries.truncated_sources(), self.case.cube("trade_value")
        assert cube.at is not None
        found = {}
        for key, parts in self.import_values.items():
            if not any(s.partition("@")[0] in cut for n in parts.values() for s in n.sources):
                continue
            at = [self.case.axis(name).at(code) for name, code in zip(("material", "stage"), key, strict=True)]
            flows = (cube.at[0] == at[0]) & (cube.at[1] == at[1]) & (cube.values > 0)
            others = len(set(cube.at[2, flows])) - len(parts)
            found[key] = max(others, 0) * float(cube.values[flows].min())
        return found

    @cached_property
    def shared_code_imports(self) -> Mapping[Key, Mapping[str, Number]]:
        """Return (material, stage) -> exporter -> value of imports under codes that hold other materials too, kUSD."""
        keys = set(self.shared) - set(self.dedicated) - self.codes.declared
        return flows(self.case, "trade_value", "importer", keys, None, self.import_commands)

    @cached_property
    def import_tonnes(self) -> Mapping[Key, Mapping[str, Number]]:
        """Return (material, stage) -> exporter -> contained tonnes imported."""
        return flows(self.case, "trade", "importer", None, self.content_confidence, self.import_commands)

    @cached_property
    def export_tonnes(self) -> Mapping[Key, Mapping[str, Number]]:
        """Return (material, stage) -> importer -> contained tonnes exported."""
        return flows(self.case, "trade", "exporter", None, self.content_confidence, self.export_commands)

    @cached_property
    def codes(self) -> Codes:
        """Return the trade codes of the year."""
        return codes_of(self.case)

    @property
    def dedicated(self) -> Mapping[Key, tuple[reference.Code, ...]]:
        """Return (material, stage) -> trade codes that hold nothing else."""
        return self.codes.dedicated

    @property
    def shared(self) -> Mapping[Key, tuple[reference.Code, ...]]:
        """Return (material, stage) -> trade codes that hold other materials too."""
        return self.codes.shared


def listed_of(focal: str, year: int, held: Collection[str]) -> tuple[str, ...]:
    """Return the materials of the official list that counts for a country, of those held; see CountryProfile.listed."""
    return tuple(material for material in official.minerals(focal, year) if material in held)


def citations(ids: Iterable[str]) -> dict[str, Citation]:
    """Return id -> the entry for the numbered list of sources: of the store ("id@edition") or of the bibliography."""
    wanted = tuple(dict.fromkeys(ids))
    held = tuple(id for id in wanted if "@" in id)
    entries = {
        row["source"]: Citation(
            row["source"],
            f"{row['citation']}.".replace("..", "."),
            row["licence"] or "",
            row["landing"] or "",
            note=row["note"] or "",
        )
        for row in (queries.citations(held).rows() if held else ())
    }
    for id in wanted:
        if id in reference.bibliography():
            work = reference.bibliography()[id]
            entries[id] = Citation(id, f"{work.citation}.", work.licence, work.url, note=work.note)
    return entries


DETAIL = re.compile(
    r"(?:, (?:number|thousand USD))?: [-\d.,e+]+$"
)  # the figure that ends a remark and differs from row to row

LARGEST, MASSLESS, MOVED = "largest foreign supplier: ", "imports without recorded tonnage", "score moved by "

NARROW = 0.1  # a content range narrower than this part of the value does not make a tonnage weak


def remarked(notes: str, known: bool) -> tuple[str, str]:
    """Return the remarks on a value that a reader of the brief needs, and the name of its largest supplier.

    Figures inside remarks and the steps of a score are left to the bundle, so that equal remarks share one footnote.
    """
    parts = [part for part in notes.split("; ") if part]
    supplier = next((country_name(part.removeprefix(LARGEST)) for part in parts if part.startswith(LARGEST)), "")
    kept = [DETAIL.sub("", part) for part in parts if not part.startswith((LARGEST, MOVED))]
    if not known and len(kept) > 1:
        kept = [part for part in kept if not part.startswith(MASSLESS)]
    return "; ".join(dict.fromkeys(kept)) or ("" if known else "no data"), supplier if known else ""


def doubted(confidence: str, value: float | None, low: float | None, high: float | None) -> str:
    """Return the confidence of a tonnage: doubt about a content factor weighs only where its range is not narrow."""
    if confidence == "low" and value and low is not None and high is not None and high - low < NARROW * abs(value):
        return "medium"
    return confidence


def flows(
    case: Case,
    quantity: str,
    own: str,
    keys: Collection[Key] | None = None,
    doubt: Mapping[Key, str] | None = None,
    how: Mapping[Key, str] | None = None,
) -> Mapping[Key, Mapping[str, Number]]:
    """Return (material, stage) -> partner -> Number of the flows of the Case's only focus, those inside it left out.

    own    which side the focus stands on: "importer" or "exporter"
    keys   pairs that are kept; all if None
    doubt  (material, stage) -> confidence of the number; high if absent
    how    (material, stage) -> the command that lists the rows
    """
    cube = case.cube(quantity)
    assert cube.at is not None
    names = [axis.name for axis in cube.axes]
    country = case.axis("country").codes
    member = case.array("membership", "focus", "country", "year")[0, :, 0] > 0
    other = "exporter" if own == "importer" else "importer"
    ours, theirs = (member[cube.at[names.index(side)]] for side in (own, other))
    table: dict[Key, dict[str, list[Number]]] = {}
    for e in np.nonzero(ours & ~theirs)[0]:
        key = tuple(cube.axes[names.index(n)].codes[cube.at[names.index(n), e]] for n in ("material", "stage"))
        if keys is not None and key not in keys:
            continue
        number = cell(cube, (e,))
        number = graded(number, doubted((doubt or {}).get(key, "high"), number.value, number.low, number.high))
        number = replace(number, how=(how or {}).get(key, ""))
        partner = country[cube.at[names.index(other), e]]
        table.setdefault(key, {}).setdefault(partner, []).append(number)
    return {
        key: {iso: parts[0] if len(parts) == 1 else total(parts) for iso, parts in partners.items()}
        for key, partners in table.items()
    }
