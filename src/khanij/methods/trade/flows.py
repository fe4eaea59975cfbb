"""What methods on a focus read from a Case: its trade with others, its own output, and which cells are covered."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube, Floats, Positions
from khanij.kernels.indicators.suppliers import add, collect, expand

CELL = ("material", "stage", "focus", "year")
MASSES = {"mass": "trade", "value": "trade_value"}

NO_IMPORTS = "no imports recorded"
NO_MASS_CODE = "no tonnage recorded for this material alone: by value only"
NO_PRODUCTION = "no source on world output of this stage"
WITHHELD = "own output withheld or unknown"
PARTLY_WITHHELD = "output of a member withheld or unknown: left out"
MASSLESS = "imports without recorded tonnage left out, thousand USD"


@dataclass(frozen=True, slots=True)
class PartnerFlows:
    """Trade of the foci with their partners, one entry a flow.

    group    (E,) flat position on the cells (material, stage, focus, year)
    partner  (E,) position on the country axis
    year     (E,) position on the year axis
    amount, low, high  (E,) t or thousand USD
    inside   (E,) true = the partner belongs to the focus itself
    """

    group: Positions
    partner: Positions
    year: Positions
    amount: Floats
    low: Floats
    high: Floats
    inside: np.ndarray

    def pick(self, keep: np.ndarray) -> PartnerFlows:
        """Return the entries for which the mask holds."""
        names = ("group", "partner", "year", "amount", "low", "high", "inside")
        if keep.all():
            return self
        picked = {name: getattr(self, name)[keep] for name in names}
        for name in ("low", "high"):
            if getattr(self, name) is self.amount:
                picked[name] = picked["amount"]
        return PartnerFlows(**picked)

    def foreign(self) -> PartnerFlows:
        """Return the entries whose partner does not belong to the focus."""
        return self.pick(~self.inside)


def shape(case: Case) -> tuple[int, ...]:
    """Return the sizes of the cells (material, stage, focus, year)."""
    return tuple(len(case.axis(name)) for name in CELL)


def cells(case: Case) -> int:
    """Return the number of cells."""
    return int(np.prod(shape(case)))


def membership(case: Case) -> Floats:
    """Return (focus, country, year) 1 where the country belongs to the focus."""
    return case.array("membership", "focus", "country", "year")


def flows(case: Case, quantity: str, side: str = "importer", bounded: bool = False) -> PartnerFlows:
    """Return the entries of a trade quantity in which a focus is on the given side ("importer" or "exporter").

    bounded  read the range of the entries too; otherwise low and high are the amount itself
    """
    dims = ("material", "stage", "country:exporter", "country:importer", "year")
    cube = case.cube(quantity)
    at, amount = case.entries(quantity, *dims)
    ends = [amount, amount]
    for k, bound in enumerate((cube.low, cube.high)):
        if bounded and bound is not None:
            axes = tuple(Axis(d.rpartition(":")[2], case.axis(d.partition(":")[0]).codes) for d in dims)
            ends[k] = replace(cube, values=bound, low=None, high=None, origin=None).entries(*axes)[1]
    material, stage, exporter, importer, year = at
    home, away = (importer, exporter) if side == "importer" else (exporter, importer)
    member = membership(case)
    entry, focus = expand(home, year, member)
    group = np.ravel_multi_index((material[entry], stage[entry], focus, year[entry]), shape(case))
    partner, when, best = away[entry], year[entry], amount[entry]
    low, high = (best if end is amount else end[entry] for end in ends)
    inside = member[focus, partner, when] > 0
    return PartnerFlows(group, partner, when, best, low, high, inside)


def by_partner(case: Case, given: PartnerFlows) -> PartnerFlows:
    """Return the entries added up by cell and partner, sorted by cell, then partner."""
    years = len(case.axis("year"))
    group, partner, (amount, low, high) = collect(
        given.group, given.partner, len(case.axis("country")), given.amount, given.low, given.high
    )
    return PartnerFlows(group, partner, group % years, amount, low, high, np.zeros(len(group), dtype=bool))


def totals(case: Case, given: PartnerFlows) -> tuple[Floats, Floats, Floats]:
    """Return the sums of each cell: best, low, high, each on (material, stage, focus, year)."""
    size, sizes = cells(case), shape(case)
    best = add(given.group, given.amount, size).reshape(sizes)
    low, high = (
        best if values is given.amount else add(given.group, values, size).reshape(sizes)
        for values in (given.low, given.high)
    )
    return best, low, high


def covered(case: Case, quantity: str) -> np.ndarray:
    """Return (material, stage, 1, year) true where the trade quantity has data at all, whoever trades."""
    if f"{quantity}_covered" in case.cubes:
        return (case.array(f"{quantity}_covered", "material", "stage", "year") > 0)[:, :, None, :]
    at, _ = case.entries(quantity, "material", "stage", "country:exporter", "country:importer", "year")
    mask = np.zeros(tuple(len(case.axis(name)) for name in ("material", "stage", "year")), dtype=bool)
    mask[at[0], at[1], at[4]] = True
    return mask[:, :, None, :]


@dataclass(frozen=True, slots=True)
class OwnOutput:
    """Output of the foci themselves: best, low, high (material, stage, focus, year) t, and where it is not whole.

    missing  no member's output is known though world output is;  partial  that of some members is not known
    """

    best: Floats
    low: Floats
    high: Floats
    missing: np.ndarray
    partial: np.ndarray
    listed: np.ndarray


def own_output(case: Case) -> OwnOutput:
    """Return the output of each focus: the sum of its members with a known figure.

    Countries that a source does not list share one remainder, so that a group's high end counts it once.
    """
    dims = ("material", "stage", "country", "year")
    cube = case.cube("production")
    best = case.array("production", *dims)
    axes = tuple(case.axis(name) for name in dims)
    low, high = (
        best if b is None else replace(cube, values=b, low=None, high=None, origin=None).on(*axes)
        for b in (cube.low, cube.high)
    )
    unknown = np.isnan(best)
    unlisted = (best == 0) & (high > 0)
    remainder = np.where(unlisted, high, 0.0).max(axis=2)[:, :, None, :]
    top = np.where(unlisted, 0.0, high)
    count = members(case, unknown.astype(np.float64))
    size = membership(case).sum(axis=1)
    listed = (~unknown).any(axis=2)[:, :, None, :]
    none = count >= size
    summed = np.where(none, np.nan, members(case, np.where(unknown, 0.0, best)))
    least = np.where(none, np.nan, members(case, np.where(np.isnan(low), 0.0, low)))
    most = members(case, np.where(np.isnan(top), 0.0, top)) + np.where(members(case, unlisted * 1.0) > 0, remainder, 0)
    most = np.where(none | (members(case, np.isnan(high) * 1.0) > 0), np.nan, most)
    return OwnOutput(summed, least, most, listed & none, (count > 0) & ~none, listed)


def members(case: Case, values: Floats) -> Floats:
    """Return (material, stage, country, year) summed over the members of each focus."""
    member = membership(case)
    alone = member.argmax(axis=1)
    if (member.sum(axis=1) == 1).all() and (alone == alone[:, :1]).all():  # single countries: nothing to add up
        return np.take(values, alone[:, 0], axis=2)
    out = np.zeros((*values.shape[:2], len(member), values.shape[3]))
    some = values.any(axis=(2, 3))  # most (material, stage) have no output figures at all
    turned = np.matmul(np.transpose(values[some], (2, 0, 1)), np.transpose(member, (2, 1, 0)))
    out[some] = np.transpose(turned, (1, 2, 0))
    return out


def massless(case: Case) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return the remark, and its detail, on imports whose tonnage was never recorded."""
    if "trade_massless" not in case.cubes:
        return {}, {}
    value = totals(case, flows(case, "trade_massless").foreign())[0]
    return {MASSLESS: value > 0}, {MASSLESS: value}


def partners(case: Case) -> Axis:
    """Return the country axis under the name that it has for suppliers."""
    return Axis("partner", case.axis("country").codes)


def sparse(case: Case, given: PartnerFlows, values: Floats, name: str, unit: str = "1") -> Cube:
    """Return a cube on (material, stage, focus, partner, year) with one entry a (cell, partner)."""
    material, stage, focus, year = np.unravel_index(given.group, shape(case))
    axes = (*(case.axis(axis) for axis in CELL[:3]), partners(case), case.axis("year"))
    return Cube(name, unit, axes, values, np.stack([material, stage, focus, given.partner, year]))
