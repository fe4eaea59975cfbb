"""What a brief reads: a country's figures of one year, each a Number with sources, range, confidence and reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.result import Result
from khanij.present.document import Number, Source
from khanij.study import queries
from khanij.study.cases import case
from khanij.study.runner import run

Key = tuple[str, str]  # material, stage
WIDE = 2.0  # a range whose ends differ by more than this factor makes a number one of low confidence
AMOUNTS = {"production": "production", "imports": "trade", "exports": "trade"}
INDICES = ("import-hhi", "production-hhi", "hhi-wgi", "geopolrisk")
DETAIL = re.compile(
    r"(?:, (?:number|thousand USD))?: [-\d.,e+]+$"
)  # the figure that ends a remark and differs from row to row
LARGEST, MASSLESS, MOVED = "largest foreign supplier: ", "imports without recorded tonnage", "score moved by "
NARROW = 0.1  # a content range narrower than this part of the value does not make a tonnage weak
RANKS = {"high": 0, "medium": 1, "low": 2}


class Readings:
    """A country's figures of one year, read once from Results and cubes."""

    def __init__(self, focal: str, year: int) -> None:
        """Build the Case; methods run when first asked for."""
        self.focal, self.year = focal, year
        self.name = place(focal)
        self.case: Case = case(focal, year)
        self.results: dict[str, Result] = {}
        self._cache: dict[str, dict[tuple[str, ...], Number]] = {}

    def result(self, method: str, **parameters: Any) -> Result:
        """Return the Result of a method, run once with the first parameters asked for."""
        if method not in self.results:
            self.results[method] = run(method, self.case, **parameters)
        return self.results[method]

    def values(self, method: str, measure: str | None = None, **parameters: Any) -> Mapping[tuple[str, ...], Number]:
        """Return (material, stage[, partner]) -> Number of a method's measure; an unknown one carries its reason."""
        key = f"{method}/{measure or ''}"
        if key not in self._cache:
            table = self.result(method, **parameters).table(measure)
            names = [
                name for name in ("material", "stage", "partner") if any(v is not None for v in table.columns[name])
            ]
            labels = zip(*(table.columns[name] for name in names), strict=True)
            numbers = (self._number(method, row, measure) for row in table.rows())
            self._cache[key] = dict(zip(labels, numbers, strict=True))
        return self._cache[key]

    def _number(self, method: str, row: Mapping[str, Any], measure: str | None) -> Number:
        """Return a row of a Result as a Number; amounts name only the sources that hold such amounts."""
        sources = tuple(part for part in (row["sources"] or "").split("; ") if part)
        if measure in AMOUNTS:
            sources = tuple(s for s in sources if s in self.case.cube(AMOUNTS[measure]).sources) or sources
        low, high = (None, None) if row["low"] == row["high"] else (row["low"], row["high"])
        unit = "index" if method in INDICES else row["unit"]
        note, supplier = remarked(row["notes"] or "", row["value"] is not None)
        confidence = "high"
        if measure in ("imports", "exports"):
            confidence = doubted(self.doubt.get((row["material"], row["stage"]), "high"), row["value"], low, high)
        return graded(Number(row["value"], unit, sources, low, high, note=note, label=supplier), confidence)

    @cached_property
    def doubt(self) -> Mapping[Key, str]:
        """Return (material, stage) -> confidence in its own trade codes' contents; medium where they differ."""
        found: dict[Key, set[str]] = {}
        for code in reference.hs_codes():
            if not code.shared and code.content:
                found.setdefault((code.material, code.stage), set()).add(code.confidence)
        return {key: next(iter(levels)) if len(levels) == 1 else "medium" for key, levels in found.items()}

    @cached_property
    def listed(self) -> tuple[str, tuple[str, ...]]:
        """Return the id of the official list that counts for the country and its materials."""
        return official_list(self.focal, self.year)

    @cached_property
    def output(self) -> Mapping[Key, Mapping[str, Number]]:
        """Return (material, stage) -> country -> output of the year, of countries with a known one above 0."""
        cube = self.case.cube("production")
        values = cube.on(*(self.case.axis(n) for n in ("material", "stage", "country", "year")))[..., 0]
        table: dict[Key, dict[str, Number]] = {}
        for m, s, c in zip(*np.nonzero(values > 0), strict=True):
            key = (self.case.axis("material").codes[m], self.case.axis("stage").codes[s])
            table.setdefault(key, {})[self.case.axis("country").codes[c]] = cell(cube, (m, s, c, 0))
        return table

    @cached_property
    def world(self) -> Mapping[Key, Number]:
        """Return (material, stage) -> world output of the year."""
        cube = self.case.cube("world_production")
        axes = (self.case.axis("material").codes, self.case.axis("stage").codes)
        at = np.nonzero(cube.values[..., 0] > 0)
        return {(axes[0][m], axes[1][s]): cell(cube, (m, s, 0)) for m, s in zip(*at, strict=True)}

    @cached_property
    def reserves(self) -> Mapping[str, Mapping[str, Number]]:
        """Return material -> country -> reserves."""
        cube = self.case.cube("reserves")
        names = self.case.axis("material").codes, self.case.axis("country").codes
        table: dict[str, dict[str, Number]] = {}
        for m, c in zip(*np.nonzero(~np.isnan(cube.values)), strict=True):
            table.setdefault(names[0][m], {})[names[1][c]] = cell(cube, (m, c))
        return table

    @cached_property
    def bought(self) -> Mapping[Key, Mapping[str, Number]]:
        """Return (material, stage) -> exporter -> value of imports, kUSD, under codes of its own."""
        return self._side("importer", "exporter")

    @cached_property
    def sold(self) -> Mapping[Key, Mapping[str, Number]]:
        """Return (material, stage) -> importer -> value of exports, kUSD, under codes of its own."""
        return self._side("exporter", "importer")

    @cached_property
    def mixed(self) -> Mapping[Key, Mapping[str, Number]]:
        """Return (material, stage) -> exporter -> value of imports under codes that hold other materials too, kUSD."""
        return flows(
            self.case, "trade_value", self.focal, "importer", "exporter", set(self.shared) - set(self.dedicated)
        )

    def _side(self, own: str, other: str) -> Mapping[Key, Mapping[str, Number]]:
        """Return the value of the focal country's flows on one side, shared codes left out."""
        return flows(self.case, "trade_value", self.focal, own, other, set(self.dedicated))

    @cached_property
    def tonnes_bought(self) -> Mapping[Key, Mapping[str, Number]]:
        """Return (material, stage) -> exporter -> contained tonnes imported."""
        return flows(self.case, "trade", self.focal, "importer", "exporter", None, self.doubt)

    @cached_property
    def tonnes_sold(self) -> Mapping[Key, Mapping[str, Number]]:
        """Return (material, stage) -> importer -> contained tonnes exported."""
        return flows(self.case, "trade", self.focal, "exporter", "importer", None, self.doubt)

    @cached_property
    def dedicated(self) -> Mapping[Key, tuple[reference.Code, ...]]:
        """Return (material, stage) -> trade codes that hold nothing else; a pair with a shared code too is left out."""
        own: dict[Key, list[reference.Code]] = {}
        mixed: set[Key] = set()
        for code in reference.hs_codes():
            if code.shared:
                mixed.add((code.material, code.stage))
            else:
                own.setdefault((code.material, code.stage), []).append(code)
        return {key: tuple(codes) for key, codes in own.items() if key not in mixed}

    @cached_property
    def shared(self) -> Mapping[Key, tuple[reference.Code, ...]]:
        """Return (material, stage) -> trade codes that hold other materials too."""
        table: dict[Key, list[reference.Code]] = {}
        for code in reference.hs_codes():
            if code.shared:
                table.setdefault((code.material, code.stage), []).append(code)
        return {key: tuple(codes) for key, codes in table.items()}


def place(iso: str) -> str:
    """Return the name of a country."""
    return reference.countries().get(iso, iso)


def remarked(notes: str, known: bool) -> tuple[str, str]:
    """Return the remarks on a value that a reader of the brief needs, and the name of its largest supplier.

    Figures inside remarks and the steps of a score are left to the bundle, so that equal remarks share one footnote.
    """
    parts = [part for part in notes.split("; ") if part]
    supplier = next((place(part.removeprefix(LARGEST)) for part in parts if part.startswith(LARGEST)), "")
    kept = [DETAIL.sub("", part) for part in parts if not part.startswith((LARGEST, MOVED))]
    if not known and len(kept) > 1:
        kept = [part for part in kept if not part.startswith(MASSLESS)]
    return "; ".join(dict.fromkeys(kept)) or ("" if known else "no data"), supplier if known else ""


def doubted(confidence: str, value: float | None, low: float | None, high: float | None) -> str:
    """Return the confidence of a tonnage: doubt about a content factor weighs only where its range is not narrow."""
    if confidence == "low" and value and low is not None and high is not None and high - low < NARROW * abs(value):
        return "medium"
    return confidence


def graded(number: Number, confidence: str = "high") -> Number:
    """Return the number with the weaker of the given confidence and that which its range allows."""
    low, high = number.low, number.high
    wide = (
        number.value is not None and low is not None and high is not None and high > WIDE * max(low, 0.0) and high > low
    )
    level = "low" if wide else max(confidence, number.confidence, key=RANKS.__getitem__)
    return Number(number.value, number.unit, number.sources, low, high, level, number.note, number.label)


def cell(cube: Cube, at: tuple[Any, ...]) -> Number:
    """Return one value of a dense cube with its source and range; a range that adds nothing is left out."""
    value = float(cube.values[at])
    origin = cube.origin[at] if cube.origin is not None else -1
    sources = (cube.sources[origin],) if origin >= 0 else cube.sources
    low, high = (None if b is None or np.isnan(b[at]) else float(b[at]) for b in (cube.low, cube.high))
    if low == high:
        low = high = None
    return graded(Number(None if np.isnan(value) else value, cube.unit, sources, low, high))


def flows(
    case: Case,
    quantity: str,
    focal: str,
    own: str,
    other: str,
    keys: set[Key] | None,
    doubt: Mapping[Key, str] | None = None,
) -> Mapping[Key, Mapping[str, Number]]:
    """Return (material, stage) -> partner -> Number of one country's flows.

    own, other  which side the country stands on: "importer", "exporter" or the reverse
    keys        pairs that are kept; all if None
    doubt       (material, stage) -> confidence of the number; high if absent
    """
    cube = case.cube(quantity)
    assert cube.at is not None
    names = [axis.name for axis in cube.axes]
    country = case.axis("country").codes
    mine = np.nonzero(cube.at[names.index(own)] == case.axis("country").at(focal))[0]
    table: dict[Key, dict[str, Number]] = {}
    for e in mine:
        key = tuple(cube.axes[names.index(n)].codes[cube.at[names.index(n), e]] for n in ("material", "stage"))
        if keys is not None and key not in keys:
            continue
        number = cell(cube, (e,))
        number = graded(number, doubted((doubt or {}).get(key, "high"), number.value, number.low, number.high))
        table.setdefault(key, {})[country[cube.at[names.index(other), e]]] = number
    return table


def total(numbers: Iterable[Number]) -> Number:
    """Return the sum of known numbers of one unit, with the sources of all and the weakest confidence."""
    known = [n for n in numbers if n.value is not None]
    if not known:
        return Number(None)
    ranged = any(n.low is not None or n.high is not None for n in known)
    value = sum(n.value or 0.0 for n in known)
    low = sum((n.value if n.low is None else n.low) or 0.0 for n in known) if ranged else None
    high = sum((n.value if n.high is None else n.high) or 0.0 for n in known) if ranged else None
    sources = tuple(sorted({s for n in known for s in n.sources}))
    return graded(
        Number(value, known[0].unit, sources, low, high), max((n.confidence for n in known), key=RANKS.__getitem__)
    )


def share(part: Number, whole: Number) -> Number:
    """Return part / whole as a share with the sources of both; unknown where either is, or the whole is 0."""
    if part.value is None or not whole.value:
        return Number(None, "1", note=part.note or whole.note)
    sources = tuple(sorted({*part.sources, *whole.sources}))
    low, high = (None if end is None else end / whole.value for end in (part.low, part.high))
    level = max(part.confidence, whole.confidence, key=RANKS.__getitem__)
    return Number(part.value / whole.value, "1", sources, low, high, level, part.note)


def first(parts: Mapping[str, Number], most: int = 1) -> list[tuple[str, Number]]:
    """Return the largest known parts, largest first."""
    known = [(name, n) for name, n in parts.items() if n.value]
    return sorted(known, key=lambda item: (-(item[1].value or 0.0), item[0]))[:most]


def official_list(focal: str, year: int) -> tuple[str, tuple[str, ...]]:
    """Return the id and the materials of the official list that counts for a country.

    Its own if it has one (of several the broadest, then the newest), else that of the European Union for a member,
    else "all" with every material of any list. Lists of what was merely screened do not count.
    """
    lists: dict[str, dict[str, None]] = {}
    about: dict[str, tuple[str, str]] = {}
    for row in reference.lists():
        if row.list.endswith("-screened") or not row.material:
            continue
        lists.setdefault(row.list, {})[row.material] = None
        about[row.list] = (row.jurisdiction, row.date)
    areas = [focal, *(group for group in ("EU27",) if focal in reference.members(group, year))]
    for area in areas:
        own = [id for id, (jurisdiction, _) in about.items() if jurisdiction == area]
        if own:
            chosen = max(own, key=lambda id: (len(lists[id]), about[id][1]))
            return chosen, tuple(sorted(lists[chosen]))
    return "all", tuple(sorted({material for materials in lists.values() for material in materials}))


def citations(ids: Iterable[str]) -> dict[str, Source]:
    """Return id -> the entry for the numbered list of sources."""
    wanted = tuple(id for id in dict.fromkeys(ids) if "@" in id)
    return {
        row["source"]: Source(
            row["source"],
            f"{row['citation']}.".replace("..", "."),
            row["licence"] or "",
            row["landing"] or "",
            note=row["note"] or "",
        )
        for row in queries.citations(wanted).rows()
    }
