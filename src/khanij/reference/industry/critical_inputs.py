"""Who needs which good, how much of it, and what happens without it.

critical_inputs.csv has one row a product, good and place; goods.csv says which industry makes a good; input_ratings.csv
holds the classes that analysts gave to the inputs of industries. `read` names the cells of a row that its source gives;
the others are judged, and their ranges hold two readings. A pair without a row is unknown: it is told as missing, never
as nought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

import numpy as np

from khanij import reference
from khanij.core.axis import sample
from khanij.core.errors import CoverageError
from khanij.core.range import Range
from khanij.reference.industry.checked_rows import (
    ALL,
    WORLD,
    check_code,
    read_good,
    read_interval,
    read_place,
    read_source,
    read_table,
    wrong,
)
from khanij.reference.industry.product_output import ProductOutput, newest_output, products

# Class of an input -> part of output lost with it (Pichler et al. 2022, section 3).
CLASSES = {"non-critical": 0.0, "important": 0.5, "critical": 1.0}
PIECES = ("chips", "modules", "wafer", "wafer-equivalents")
WITHOUT = ("stops", "degrades", "substitutes", "unneeded")  # the last: the product does not hold the good
# What a source can give; the last two are not of the pair: what part of the good goes there, and who sells it.
OF_THE_PAIR = ("adoption", "intensity", "cost_share", "without_it", "user_cover", "months_to_redesign")
CELLS = (*OF_THE_PAIR, "use_share_of_the_good", "dependence")


@dataclass(frozen=True, slots=True)
class CriticalInput:
    """One good that a product needs, in a place or everywhere (place "*").

    adoption    part of the product's output that holds the good, 0 to 1
    intensity   amount a unit of that part, in `unit`; None where nothing is known
    cost_share  cost of the good over the value of the product that holds it: for prices, never for exposure
    without     one of WITHOUT
    redesign    months until another input or design carries most of the output
    cover       weeks of normal use that users and their first suppliers hold
    recovery    months from the good's return to normal output
    criticality class of CLASSES as judged for the pair; `rated` that of analysts for the two industries, "" if none
    inside      "material:stage" of a good of the same product that already holds this one: count one of the two
    read        cells of CELLS that the source gives
    kind        read, second-hand or recalled; the last two are of low confidence
    """

    product: str
    material: str
    stage: str
    place: str
    adoption: Range
    intensity: Range | None
    unit: str
    cost_share: Range | None
    without: str
    redesign: Range | None
    cover: Range | None
    recovery: Range
    criticality: str
    rated: str
    inside: str
    read: tuple[str, ...]
    source: str
    kind: str
    confidence: str
    note: str

    @property
    def good(self) -> tuple[str, str]:
        """Return (material, stage)."""
        return self.material, self.stage

    @property
    def counted(self) -> bool:
        """Return whether the good is told in pieces: one is there or not, and none is made thinner."""
        return self.unit.partition("/")[0].rpartition(" ")[2] in PIECES

    @property
    def weight(self) -> Range:
        """Return the part of output that is lost with the input: best as judged, ends from both readings."""
        own, other = CLASSES[self.criticality], CLASSES[self.rated or self.criticality]
        return Range(min(own, other), own, max(own, other))


@dataclass(frozen=True, slots=True, eq=False)
class InputExposure:
    """Part of each product's output that holds each good, shape (goods, products); nan where nothing is known."""

    goods: tuple[tuple[str, str], ...]
    products: tuple[str, ...]
    low: np.ndarray
    best: np.ndarray
    high: np.ndarray


@cache
def goods() -> dict[tuple[str, str], str]:
    """Return (material, stage) of every good that some product needs -> industry (NACE) that makes it."""
    rows = read_table("goods", lambda row, where: (read_good(row, where), row["nace"]), lambda row: row[0])
    return dict(rows)


@cache
def _ratings() -> dict[tuple[str, str], str]:
    """Return (using industry, supplying industry) -> class, as analysts rated it."""
    names = {"1": "critical", "0.5": "important", "0": "non-critical"}
    return {(row["user"], row["input"]): names[row["rating"]] for row in reference.rows("input_ratings")}


def parse_input(row: dict[str, str], where: str) -> CriticalInput:
    """Return one row of critical_inputs.csv; raises ParseError."""
    product = products()[check_code(row, "product", products(), where)]
    good = read_good(row, where)
    adoption = read_interval(row, "adoption", where, 1.0)
    if adoption is None:
        raise wrong("a pair without adoption", where, "part of the output that holds the good, 0 to 1, with a range")
    intensity = read_interval(row, "intensity", where)
    if (intensity is None) != ("/" not in row["unit"]):
        raise wrong(f"intensity {intensity} in {row['unit']!r}", where, 'a unit a unit of product, such as "kg/MW"')
    read = tuple(cell for cell in row["read"].split(";") if cell)
    if set(read) - set(CELLS) or (row["kind"] == "read") > bool(read):
        raise wrong(f"read {row['read']!r}", where, f"the cells that the source gives: {', '.join(CELLS)}")
    if row["inside"] and tuple(row["inside"].split(":")) not in reference.stage_names():
        raise wrong(f"unknown good {row['inside']!r} around this one", where, 'write "material:stage"')
    return CriticalInput(
        row["product"],
        *good,
        place=read_place(row, where, ALL),
        adoption=adoption,
        intensity=intensity,
        unit=row["unit"],
        cost_share=read_interval(row, "cost_share", where, 1.0),
        without=check_code(row, "without", WITHOUT, where),
        redesign=read_interval(row, "redesign", where),
        cover=read_interval(row, "cover", where),
        recovery=product.recovery,
        criticality=check_code(row, "class", CLASSES, where),
        rated=_ratings().get((product.nace, goods().get(good, "")), ""),
        inside=row["inside"],
        read=read,
        **read_source(row, where),
    )


@cache
def critical_inputs() -> tuple[CriticalInput, ...]:
    """Return every pair of product and good."""
    return read_table("critical_inputs", parse_input, lambda row: (row.product, *row.good, row.place))


@cache
def _pairs(place: str) -> dict[tuple[str, str, str], CriticalInput]:
    """Return (product, material, stage) -> row of the place, else that of everywhere."""
    own = sorted((row for row in critical_inputs() if row.place in (ALL, place)), key=lambda row: row.place != ALL)
    return {(row.product, *row.good): row for row in own}


def inputs_of(product: str, place: str = ALL) -> tuple[CriticalInput, ...]:
    """Return what a product needs in a place, a row of the place before that of everywhere; raises CoverageError."""
    known = find_product(product)
    return tuple(row for key, row in sorted(_pairs(place).items()) if key[0] == known)


def find_product(text: str) -> str:
    """Return the id of a product by id or by name; raises CoverageError with those that are like it."""
    typed = reference.fold(text)
    for id, row in products().items():
        if typed in (id, reference.fold(row.name)):
            return id
    near = get_close_matches(typed, products(), 6, 0.6)
    like = near + [
        id for id, row in products().items() if id not in near and typed in f"{id} {reference.fold(row.name)}"
    ]
    raise CoverageError(f"no product {text!r}", where="product", hint=f"one of {sample(like or products(), 12)}")


def users_of(material: str, stage: str, place: str = ALL) -> tuple[CriticalInput, ...]:
    """Return the products that hold a good; raises CoverageError for a good that stages.csv does not have."""
    if (material, stage) not in reference.stage_names():
        raise CoverageError(f"unknown good {material}:{stage}", where="good", hint="a row of stages.csv")
    rows = (row for key, row in sorted(_pairs(place).items()) if key[1:] == (material, stage))
    return tuple(row for row in rows if row.without != "unneeded")


def _whole(parts: Sequence[CriticalInput], outputs: Sequence[ProductOutput | None]) -> np.ndarray:
    """Return low, best and high adoption of a family: its parts weighted by output, or without it only the ends."""
    bounds = np.array([(row.adoption.low, row.adoption.best, row.adoption.high) for row in parts])
    made = [row for row in outputs if row is not None]
    if len(parts) == 1:
        return np.array(bounds[0])
    weights = np.array([row.output.best for row in made])
    alike = len({(row.unit, row.basis) for row in made}) == 1
    if len(made) < len(parts) or not alike or weights.sum() == 0:
        return np.array([bounds[:, 0].min(), np.nan, bounds[:, 2].max()])
    whole: np.ndarray = (weights / weights.sum()) @ bounds
    return whole


def exposure_matrix(goods: Sequence[tuple[str, str]], products: Sequence[str], place: str = ALL) -> InputExposure:
    """Return e[m, j], the part of product j's output that holds good m, low, best and high.

    e[m, j] = sum_p o[p] a[p, m] / sum_p o[p] over the members p of a family j, a = adoption, o = newest output there.
    Outputs are taken at their best. A family is nan where a member has no row; where a member's output is unknown, its
    best is nan and its ends are those of the members.

    goods      (material, stage), one a row of the matrix
    products   ids of products.csv, one a column
    place      ISO alpha-3; "*": everywhere, weighted by world output
    Raises CoverageError for an unknown product or good.
    """
    found = np.full((3, len(goods), len(products)), np.nan)
    pairs = _pairs(place)
    for good in goods:
        users_of(*good)
    for j, product in enumerate(products):
        members = [product] if inputs_of(product, place) else _members(product)
        outputs = [newest_output(member, WORLD if place == ALL else place) for member in members]
        for m, good in enumerate(goods):
            rows = [pairs[member, *good] for member in members if (member, *good) in pairs]
            if rows and len(rows) == len(members):
                found[:, m, j] = _whole(rows, outputs)
    return InputExposure(tuple(goods), tuple(products), *found)


def _members(family: str) -> list[str]:
    """Return the products of a family."""
    return [id for id, row in products().items() if row.family == family]
