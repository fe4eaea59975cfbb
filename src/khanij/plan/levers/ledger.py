"""The books of a Case that levers write in: opened once, closed into the cubes that changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from khanij.core.axis import Axis, sample
from khanij.core.case import Case
from khanij.core.cube import Cube, Floats
from khanij.core.errors import AlignmentError, CoverageError
from khanij.plan.levers.block import StageBlock

FLOW = ("material", "stage", "exporter", "importer", "year")
MADE = ("material", "stage", "country", "year")
STOCK = ("material", "stage", "country")
PAIR = ("material", "stage", "exporter", "importer")
Place = tuple[int, int, int]


class Ledger:
    """What levers change in a Case: blocks of tonnes by (material, stage, year), days of stock, exemptions."""

    def __init__(self, case: Case, named: Iterable[str], years: Sequence[str] = ()) -> None:
        """Open the books.

        named  countries that levers name      years  codes of the years in which they act; all if none are named
        Raises AlignmentError for a Case whose cubes do not stand on its own countries, or that has draws.
        """
        self.case = case
        self.years = tuple(years) or case.axis("year").codes
        case.axis("year").positions(self.years)
        self._named = [case.axis("country").at(code) for code in sorted(set(named))]
        self._flows = {name: _Flows(case, name) for name in ("trade", "trade_value") if name in case.cubes}
        self._blocks: dict[Place, tuple[np.ndarray, StageBlock]] = {}
        self._opening: dict[Place, Floats] = {}
        self._days: dict[tuple[int, int, int], tuple[float, float]] = {}
        self._exempt: dict[tuple[int, int, int, int], float] = {}
        if "production" not in case.cubes:
            raise CoverageError("the case has no production", where="case", hint="levers move production and trade")

    def block(self, material: str, stage: str, year: str) -> StageBlock:
        """Return the tonnes of a material, stage and year; the same object until the books are closed."""
        axes = self.case.axis
        place = (axes("material").at(material), axes("stage").at(stage), axes("year").at(year))
        if place not in self._blocks:
            self._blocks[place] = self._open(place)
            self._opening[place] = self._blocks[place][1].output.copy()
        return self._blocks[place][1]

    def feeds(self, material: str, stage: str, year: str) -> str:
        """Return the nearest stage before this one of which the Case has tonnes, or ""."""
        axis = self.case.axis("stage")
        for code in reversed(axis.codes[: axis.at(stage)]):
            block = self.block(material, code, year)
            if block.known or block.traded:
                return code
        return ""

    def stock(self, material: str, stage: str, country: str, days: float, rate: float) -> None:
        """Add days of cover that a country holds, and the part of it that can be released in a month."""
        axes = self.case.axis
        place = (axes("material").at(material), axes("stage").at(stage), axes("country").at(country))
        held, pace = self._days.get(place, (0.0, 0.0))
        self._days[place] = (held + days, (held * pace + days * rate) / (held + days) if held + days > 0 else rate)

    def exempt(self, material: str, stage: str, seller: str, buyer: str, part: float) -> None:
        """Exempt a buyer from a part of a seller's restrictions; of two, what both leave is struck."""
        axes = self.case.axis
        country = axes("country")
        place = (axes("material").at(material), axes("stage").at(stage), country.at(seller), country.at(buyer))
        self._exempt[place] = 1.0 - (1.0 - self._exempt.get(place, 0.0)) * (1.0 - part)

    def close(self) -> dict[str, Cube]:
        """Return the cubes that changed."""
        cubes: dict[str, Cube] = {}
        blocks = {place: found for place, found in self._blocks.items()}
        for name, flows in self._flows.items():
            changed = {
                place: (at, part)
                for place, (at, block) in blocks.items()
                if (part := _changed(block, name, flows.read(place, at))) is not None
            }
            if changed:
                cubes[name] = flows.write(changed)
        cubes |= self._outputs(blocks)
        cubes |= self._stocks()
        return cubes

    def _open(self, place: Place) -> tuple[np.ndarray, StageBlock]:
        """Return the countries of a block and the block."""
        m, s, y = place
        own = self.case.cube("production")
        some = np.zeros(len(self.case.axis("country")), dtype=bool)
        some[self._named] = True
        for flows in self._flows.values():
            some |= flows.active(place)
        at = np.nonzero(some)[0]
        whole = np.stack([_view(own, MADE, array)[m, s, :, y] for array in _channels(own)])
        trade, seen = self._flow("trade", place, at)
        worth, priced = self._flow("trade_value", place, at)
        none = np.zeros((1, len(at), len(at)))
        block = StageBlock(
            codes=tuple(self.case.axis("country").codes[i] for i in at),
            trade=none if trade is None else trade,
            seen=seen,
            worth=worth,
            known_worth=priced,
            output=whole[:, at].copy(),
            added=np.zeros((len(whole), len(at))),
            known=bool(np.nan_to_num(whole[0]).any()),
            traded=bool(seen.any()),
            bound=np.zeros((len(at), len(at))),
        )
        return at, block

    def _flow(self, name: str, place: Place, at: np.ndarray) -> tuple[Floats | None, np.ndarray]:
        """Return the channels of a flow on some countries, and where it is recorded."""
        if name not in self._flows:
            return None, np.zeros((len(at), len(at)), dtype=bool)
        return self._flows[name].read(place, at)

    def _outputs(self, blocks: dict[Place, tuple[np.ndarray, StageBlock]]) -> dict[str, Cube]:
        """Return production, world_production and added_output where they changed."""
        own = self.case.cube("production")
        fresh = [array.copy() for array in _channels(own)]
        extra: dict[Place, tuple[np.ndarray, Floats]] = {}
        moved: dict[Place, Floats] = {}
        for (m, s, y), (at, block) in blocks.items():
            before = self._opening[m, s, y]
            if not np.array_equal(before, block.output, equal_nan=True):
                for array, values in zip(fresh, block.output, strict=True):
                    _view(own, MADE, array)[m, s, at, y] = values
                moved[m, s, y] = np.nansum(np.nan_to_num(block.output) - np.nan_to_num(before), axis=1)
            if block.added.any():
                extra[m, s, y] = (at, block.added[0])
        cubes = {"production": _with(own, fresh)} if moved else {}
        if moved and "world_production" in self.case.cubes:
            world = self.case.cube("world_production")
            totals = [array.copy() for array in _channels(world)]
            for (m, s, y), change in moved.items():
                for array, step in zip(totals, change, strict=False):
                    _view(world, ("material", "stage", "year"), array)[m, s, y] += step
            cubes["world_production"] = _with(world, totals)
        if extra:
            cubes["added_output"] = self._added(extra)
        return cubes

    def _added(self, extra: dict[Place, tuple[np.ndarray, Floats]]) -> Cube:
        """Return the cube of output that levers add where no source covers output or no stage before feeds it."""
        axes = tuple(self.case.axis(name) for name in MADE)
        before = self.case.cubes.get("added_output")
        values = np.zeros(tuple(map(len, axes))) if before is None else before.on(*axes).copy()
        for (m, s, y), (at, tons) in extra.items():
            values[m, s, at, y] += tons
        return Cube("added_output", "t", axes, values, notes=("output that levers add beside what is fed on record",))

    def _stocks(self) -> dict[str, Cube]:
        """Return stock_cover, stock_release and exemption where levers set them."""
        cubes: dict[str, Cube] = {}
        if self._days:
            axes = tuple(self.case.axis(name) for name in STOCK)
            days, pace = (self._kept(name, axes) for name in ("stock_cover", "stock_release"))
            for place, (more, rate) in self._days.items():
                both = days[place] + more
                pace[place] = (days[place] * pace[place] + more * rate) / both if both > 0 else rate
                days[place] = both
            cubes["stock_cover"] = Cube("stock_cover", "d", axes, days)
            cubes["stock_release"] = Cube("stock_release", "1", axes, pace)
        if self._exempt:
            country = self.case.axis("country").codes
            flow = (*(self.case.axis(n) for n in STOCK[:2]), Axis("exporter", country), Axis("importer", country))
            cells = dict(self._exempt)
            if "exemption" in self.case.cubes:
                at, values = self.case.cube("exemption").entries(*flow)
                for place, part in zip(map(tuple, at.T.tolist()), values, strict=True):
                    cells[place] = 1.0 - (1.0 - cells.get(place, 0.0)) * (1.0 - part)
            order = sorted(cells)
            spots = np.array(order, dtype=np.intp).T
            cubes["exemption"] = Cube("exemption", "1", flow, np.array([cells[place] for place in order]), spots)
        return cubes

    def _kept(self, name: str, axes: tuple[Axis, ...]) -> Floats:
        """Return a cube of the Case on these axes, or zeros."""
        if name in self.case.cubes:
            return np.nan_to_num(self.case.cube(name).on(*axes)).copy()
        return np.zeros(tuple(map(len, axes)))


class _Flows:
    """A cube of trade, read and written by (material, stage, year)."""

    def __init__(self, case: Case, name: str) -> None:
        """List its entries once."""
        cube = case.cube(name)
        self.cube, self.size = cube, len(case.axis("country"))
        for axis in cube.axes:
            own = case.axis("country" if axis.name in ("exporter", "importer") else axis.name)
            if axis.codes != own.codes:
                what = f"axis {axis.name!r} has {sample(axis.codes)}, the case {sample(own.codes)}"
                raise AlignmentError(what, where=f"cube {name!r}", hint="levers need the axes of the case")
        if sorted(axis.name for axis in cube.axes) != sorted(FLOW) or (cube.at is not None and len(cube.at) != 5):
            raise AlignmentError("trade has other axes than levers know", where=f"cube {name!r}", hint=", ".join(FLOW))
        self.order = [[axis.name for axis in cube.axes].index(name) for name in FLOW]
        if cube.at is not None:
            self.at, self.values = cube.at[self.order], np.stack(_channels(cube))
            self.origin = cube.origin
        else:
            at = np.stack(np.nonzero(~np.isnan(cube.values)))
            self.at, self.values = at[self.order], np.stack([array[tuple(at)] for array in _channels(cube)])
            self.origin = None if cube.origin is None else cube.origin[tuple(at)]
        self.places: dict[Place, np.ndarray] = {}
        keys = np.ravel_multi_index((self.at[0], self.at[1], self.at[4]), self._shape()) if self.at.size else self.at[0]
        rank = np.argsort(keys, kind="stable")
        cuts = np.nonzero(np.diff(keys[rank]))[0] + 1
        for group in np.split(rank, cuts) if rank.size else []:
            m, s, _, _, y = (int(part) for part in self.at[:, group[0]])
            self.places[m, s, y] = group

    def _shape(self) -> tuple[int, int, int]:
        """Return how many materials, stages and years there are."""
        sizes = {axis.name: len(axis) for axis in self.cube.axes}
        return sizes["material"], sizes["stage"], sizes["year"]

    def active(self, place: Place) -> np.ndarray:
        """Return which countries trade (n,)."""
        found = np.zeros(self.size, dtype=bool)
        group = self.places.get(place)
        if group is not None:
            found[self.at[2, group]] = found[self.at[3, group]] = True
        return found

    def read(self, place: Place, at: np.ndarray) -> tuple[Floats, np.ndarray]:
        """Return channels (c, k, k) on some countries, 0 where nothing is recorded, and where it is."""
        spot = np.full(self.size, -1)
        spot[at] = np.arange(len(at))
        found, seen = np.zeros((len(self.values), len(at), len(at))), np.zeros((len(at), len(at)), dtype=bool)
        group = self.places.get(place)
        if group is not None:
            row, column = spot[self.at[2, group]], spot[self.at[3, group]]
            found[:, row, column] = self.values[:, group]
            seen[row, column] = True
        return found, seen

    def write(self, changed: dict[Place, tuple[np.ndarray, tuple[Floats, np.ndarray]]]) -> Cube:
        """Return the cube with some places rewritten: k countries each, channels (c, k, k) and where to list them."""
        gone = np.zeros(self.at.shape[1], dtype=bool)
        spots, values = [], []
        for (m, s, y), (at, (flows, listed)) in changed.items():
            group = self.places.get((m, s, y))
            if group is not None:
                gone[group] = True
            row, column = np.nonzero(listed)
            one = np.ones(len(row), dtype=np.intp)
            spots.append(np.stack([m * one, s * one, at[row], at[column], y * one]))
            values.append(flows[:, row, column])
        at5 = np.concatenate([self.at[:, ~gone], *spots], axis=1)
        every = np.concatenate([self.values[:, ~gone], *values], axis=1)
        origin = self._origins(at5, gone)
        order = np.lexsort(at5[::-1])
        return self._cube(at5[:, order], every[:, order], None if origin is None else origin[order])

    def _origins(self, at: np.ndarray, gone: np.ndarray) -> np.ndarray | None:
        """Return the origin of every entry: as before where there was one, -1 where a lever opened the flow."""
        if self.origin is None:
            return None
        sizes = (*self._shape(), self.size, self.size)
        flat = [np.ravel_multi_index((a[0], a[1], a[4], a[2], a[3]), sizes) for a in (self.at, at)]
        order = np.argsort(flat[0], kind="stable")
        near = np.minimum(np.searchsorted(flat[0][order], flat[1]), max(len(order) - 1, 0))
        if not len(order):
            return np.full(at.shape[1], -1, dtype=np.int16)
        same = flat[0][order][near] == flat[1]
        return np.where(same, self.origin[order][near], -1).astype(np.int16)

    def _cube(self, at: np.ndarray, values: Floats, origin: np.ndarray | None) -> Cube:
        """Return entries as a cube of the form that it had."""
        low, high = (values[1], values[2]) if len(values) > 1 else (None, None)
        own = np.empty_like(at)
        own[self.order] = at
        if self.cube.sparse:
            return replace(self.cube, values=values[0], at=own, low=low, high=high, origin=origin)
        dense = []
        for channel in values:
            array = np.full(self.cube.values.shape, np.nan)
            array[tuple(own)] = channel
            dense.append(array)
        low, high = (dense[1], dense[2]) if len(dense) > 1 else (None, None)
        return replace(self.cube, values=dense[0], low=low, high=high, origin=None)


def _changed(block: StageBlock, name: str, before: tuple[Floats, np.ndarray]) -> tuple[Floats, np.ndarray] | None:
    """Return the flows of a block and where to list them, or None where they are as before."""
    flows = block.trade if name == "trade" else block.worth
    seen = block.seen if name == "trade" else block.known_worth
    if flows is None or np.array_equal(flows, before[0], equal_nan=True):
        return None
    return flows, seen | (np.nan_to_num(flows[0]) > 0)


def _channels(cube: Cube) -> list[Floats]:
    """Return best, low and high of a cube; the best alone where it has no range."""
    if cube.low is None or cube.high is None:
        return [cube.values]
    return [cube.values, cube.low, cube.high]


def _view(cube: Cube, names: tuple[str, ...], array: Floats) -> Floats:
    """Return an array of a cube with its axes in the order named, sharing memory."""
    have = [axis.name for axis in cube.axes]
    if sorted(have) != sorted(names):
        raise AlignmentError(f"it has axes {have}", where=f"cube {cube.quantity!r}", hint=f"levers need {names}")
    return np.transpose(array, [have.index(name) for name in names])


def _with(cube: Cube, channels: list[Floats]) -> Cube:
    """Return a cube with other values."""
    if len(channels) > 1:
        return replace(cube, values=channels[0], low=channels[1], high=channels[2])
    return replace(cube, values=channels[0])
