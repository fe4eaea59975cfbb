"""What was known on a day: the register without what came later, and sellers' weights by the record to the year before.

Nothing that happened after the day is read: rows that begin later are left out, later dates of earlier rows are blank.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Floats, Positions
from khanij.reference.chronicle.instruments import KINDS, RECALLED, Instrument, kin
from khanij.reference.chronicle.partial_dates import PartialDate

LATER = ("in_force", "suspended", "resumed", "ended")
SCOPES = ("goods", "end-use")  # what keeps goods from civil or military buyers; not technology, firms, equipment
NO_LIMIT = ("price-floor",)  # acts on exports that hold no tonnes back


def as_known(register: Iterable[Instrument], on: date) -> tuple[Instrument, ...]:
    """Return the register as it could be read on a day.

    A row that begins later is left out. A date that lies after the day is blank: a planned end too, for the register
    does not tell plans of that time from what came of them.
    """
    out = []
    for one in register:
        if one.begins <= on:
            later = {name: None for name in LATER if _after(getattr(one, name), on)}
            out.append(replace(one, **later) if later else one)  # type: ignore[arg-type]
    return tuple(out)


def _after(day: PartialDate | None, on: date) -> bool:
    """Return whether a date is not over by a day."""
    return day is not None and day.first > on


def reaches(register: Iterable[Instrument]) -> date:
    """Return the day to which a register reaches: the newest beginning of a row that somebody read."""
    return max((one.begins for one in register if not is_recalled(one)), default=date.min)


def is_recalled(one: Instrument) -> bool:
    """Return whether a row is from memory alone."""
    return one.source == RECALLED


def restricts(one: Instrument) -> bool:
    """Return whether an instrument keeps goods from buyers abroad and is a decision of its own, not a renewal."""
    return KINDS[one.kind] == "exports" and one.scope in SCOPES and one.kind not in NO_LIMIT and not one.renews


@dataclass(frozen=True, slots=True)
class Decision:
    """One instrument on the cells of a panel: positions of the countries that act and of the materials it is on."""

    instrument: Instrument
    countries: Positions
    materials: Positions

    @property
    def begins(self) -> date:
        """Return the day from which it is known of."""
        return self.instrument.begins


@cache
def _kin(materials: tuple[str, ...]) -> frozenset[str]:
    """Return the materials with their groups and parts."""
    return frozenset().union(*(kin(material) for material in materials))


def decisions(
    register: Iterable[Instrument], countries: Sequence[str], materials: Sequence[str]
) -> tuple[Decision, ...]:
    """Return the restricting decisions of a register on cells (country, material), those that touch none left out."""
    place = {code: n for n, code in enumerate(countries)}
    out = []
    for one in register:
        if not restricts(one):
            continue
        acting = (
            reference.members(one.country, one.begins.year) if one.country in reference.groups() else (one.country,)
        )
        at = np.array([place[code] for code in acting if code in place], dtype=np.intp)
        hit = _kin(one.materials)
        of = np.array([n for n, material in enumerate(materials) if material in hit], dtype=np.intp)
        if len(at) and len(of):
            out.append(Decision(one, at, of))
    return tuple(out)


@dataclass(frozen=True, slots=True)
class SellerRecord:
    """Part of the world that each country has of each material, by year: the largest of its stages.

    exports  (T, C, M) of world exports by value, nan = no trade code of it in that year
    output   (U, C, M) of world output, nan = nobody lists it in that year
    trade_years, output_years  of the first axes
    """

    countries: tuple[str, ...]
    materials: tuple[str, ...]
    exports: Floats
    trade_years: tuple[int, ...]
    output: Floats
    output_years: tuple[int, ...]

    def weight(self, known: int) -> Floats:
        """Return (C, M) the larger of both parts in the newest years up to `known`, 0 where neither is on record."""
        parts = [np.zeros((len(self.countries), len(self.materials)))]
        for values, years in ((self.exports, self.trade_years), (self.output, self.output_years)):
            read = [n for n, year in enumerate(years) if year <= known]
            if read:
                parts.append(np.nan_to_num(_newest(values[read])))
        return np.asarray(np.max(parts, axis=0))


def _newest(values: Floats) -> Floats:
    """Return (C, M) of the newest year in which a material is known at all, of (T, C, M)."""
    there: NDArray[np.bool_] = np.isfinite(values).any(axis=1)  # (T, M)
    newest = len(values) - 1 - there[::-1].argmax(axis=0)
    out = values[newest, :, np.arange(values.shape[2])].T
    return np.where(there.any(axis=0)[None, :], out, np.nan)


def seller_record(case: Case) -> SellerRecord:
    """Return the record of sellers of a Case: its trade codes of all years, and output in the Case's own years."""
    countries, materials = case.axis("country").codes, case.axis("material").codes
    exports, trade_years = _exports(case)
    output, output_years = _output(case)
    used = np.asarray(np.isfinite(exports).any(axis=(0, 1)) | np.isfinite(output).any(axis=(0, 1)))
    kept = tuple(material for material, there in zip(materials, used.tolist(), strict=True) if there)
    return SellerRecord(countries, kept, exports[:, :, used], trade_years, output[:, :, used], output_years)


def _exports(case: Case) -> tuple[Floats, tuple[int, ...]]:
    """Return (T, C, M) parts of world exports by value and their years; several codes of a stage are added up."""
    cube, link = case.cube("code_trade_value"), case.cube("code_material")
    at, flows, axes = cube.at, cube.values, cube.axes
    assert at is not None
    assert link.at is not None
    codes, countries, years = len(axes[0]), len(axes[1]), axes[3].codes
    flat = np.ravel_multi_index((at[0], at[1], at[3]), (codes, countries, len(years)))
    sold = np.bincount(flat, weights=flows, minlength=codes * countries * len(years)).reshape(codes, countries, -1)
    materials = case.axis("material").codes
    out = np.full((len(years), countries, len(materials)), np.nan)
    goods: dict[tuple[int, int], list[int]] = {}
    for code, material, stage in link.at.T.tolist():
        goods.setdefault((material, stage), []).append(code)
    held = {code: n for n, code in enumerate(link.axes[1].codes)}
    place = {held[code]: n for n, code in enumerate(materials) if code in held}
    for (material, _), listed in goods.items():
        if material in place:
            whole = sold[listed].sum(axis=0)
            total = whole.sum(axis=0)
            share = np.divide(whole, total, out=np.full(whole.shape, np.nan), where=total > 0)
            out[:, :, place[material]] = np.fmax(out[:, :, place[material]], share.T)
    return out, tuple(map(int, years))


def _output(case: Case) -> tuple[Floats, tuple[int, ...]]:
    """Return (U, C, M) parts of world output and their years."""
    years = case.axis("year").codes
    if "production" not in case.cubes:
        return np.full((0, len(case.axis("country")), len(case.axis("material"))), np.nan), ()
    made = case.array("production", "material", "stage", "country", "year")
    total = np.nansum(made, axis=2, keepdims=True)
    share = np.divide(made, total, out=np.full(made.shape, np.nan), where=total > 0)
    best = np.fmax.reduce(share, axis=1)  # (M, C, U)
    return np.asarray(best.transpose(2, 1, 0)), tuple(map(int, years))
