"""The uncertain inputs of one focus and year: governance, world output, trade; each gives its draws from a Draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.kernels.chances import sampling
from khanij.kernels.indicators.concentration import ratio
from khanij.kernels.indicators.suppliers import add, collect
from khanij.methods import concentration
from khanij.methods.trade import flows
from khanij.methods.uncertainty.draws import Draws, Floats, Positions, Ragged, grouped_sum
from khanij.methods.uncertainty.spreads import Spreads

HALF_UNIT = 0.005  # half of the last digit of shares and rates printed to two decimals


@dataclass(frozen=True, slots=True)
class View:
    """One focus and year of a Case, the rows (material, stage) that a model needs, and the spreads.

    rows  (R,) flat positions on (material, stage), sorted
    """

    case: Case
    focus: int
    year: int
    rows: Positions
    spreads: Spreads

    def of(self, rows: Positions) -> View:
        """Return the same view on other rows."""
        return replace(self, rows=rows)

    def at(self, flat: Positions) -> Positions:
        """Return the row of each flat (material, stage), -1 where there is none."""
        place = np.full(len(self.case.axis("material")) * len(self.case.axis("stage")), -1, dtype=np.intp)
        place[self.rows] = np.arange(len(self.rows))
        return place[flat]

    def plane(self, values: Floats) -> Floats:
        """Return (R,) of an array (material, stage, focus or 1, year): the values of the rows."""
        focus = self.focus if values.shape[2] > 1 else 0
        return np.asarray(values[:, :, focus, self.year].reshape(-1)[self.rows])

    def output_spread(self) -> Floats:
        """Return (R, C) σ of each output figure: as publishers differ, the stated one where a Case cannot tell."""
        if "production_spread" not in self.case.cubes:
            return np.full((len(self.rows), len(self.case.axis("country"))), self.spreads.reported)
        measured = _rows(self, self.case.array("production_spread", "material", "stage", "country", "year"))
        return np.where(np.isnan(measured), self.spreads.reported, measured)

    def share_spread(self) -> Floats:
        """Return (R,) σ of a share of world output, whatever the status of the figures, in the same way."""
        if "production_spread_by_stage" not in self.case.cubes:
            return np.full(len(self.rows), self.spreads.reported)
        measured = self.case.array("production_spread_by_stage", "material", "stage").reshape(-1)[self.rows]
        return np.where(np.isnan(measured), self.spreads.reported, measured)

    def members(self) -> np.ndarray:
        """Return (country,) true for the members of the focus."""
        return np.asarray(flows.membership(self.case)[self.focus, :, self.year] > 0)


@dataclass(frozen=True, slots=True)
class Governance:
    """Estimates of each candidate (K, C) score, the first being the method's own, and their standard errors (K, C)."""

    estimate: Floats
    error: Floats

    @classmethod
    def of(cls, case: Case, years: Sequence[int], dimensions: Sequence[str], multiple: float) -> Governance:
        """Return the candidates; several years are averaged over those that a country has."""
        estimate = [_mean(concentration.governance(case, name)[:, list(years)], 1) for name in dimensions]
        if "governance_error" not in case.cubes:
            return cls(np.stack(estimate), np.zeros((len(dimensions), len(estimate[0]))))
        errors = case.array("governance_error", "dimension", "country", "year")[:, :, list(years)]
        axis = case.axis("dimension")
        wanted = [errors if name == "mean" else errors[[axis.at(name)]] for name in dimensions]
        error = np.stack([_mean(np.moveaxis(each, 1, 0).reshape(each.shape[1], -1), 1) for each in wanted])
        return cls(np.stack(estimate), multiple * np.where(np.isnan(error), 0.0, error))

    def draw(self, source: Draws) -> Floats:
        """Return (C + 1, D) score; the last row is nan, for entries without a country."""
        choice = np.zeros(source.size, dtype=np.intp)
        if source.drawn("method") and len(self.estimate) > 1:
            weights = np.ones(len(self.estimate))
            choice = source.take("method", 0, lambda s: 1.0 * sampling.categorical(s, weights, source.size)).astype(int)
        best = self.estimate[choice].T
        value = best
        if source.drawn("governance"):
            z = source.normal("governance", self.estimate.shape[1])
            value = np.clip(best + self.error[choice].T * z, np.minimum(-2.5, best), np.maximum(2.5, best))
        return np.concatenate([value, np.full((1, source.size), np.nan)])


def _mean(values: Floats, axis: int) -> Floats:
    """Return the mean of the known values, nan where none is known."""
    known = ~np.isnan(values)
    count = known.sum(axis=axis)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=axis) / np.maximum(count, 1), np.nan)


@dataclass(frozen=True, slots=True)
class ProductionInput:
    """World output of the rows by country, t, and what the focus itself makes.

    value, sigma, down, up  (E,) t and σ of each producer's figure; down = up = 0 where its source gives no range
    rest       (R,) t that no listed country accounts for
    own        (R,) t of the focus, nan = not known      mine (E,) true for its members
    remainder, claimed, claimants  (R,) t that unlisted countries share, how many members and how many countries do
    """

    rows: Ragged
    country: Positions
    value: Floats
    sigma: Floats
    down: Floats
    up: Floats
    rest: Floats
    own: Floats
    mine: np.ndarray
    remainder: Floats
    claimed: Floats
    claimants: Floats

    @classmethod
    def of(cls, view: View) -> ProductionInput:
        """Return the output of the view's rows, as the methods read it."""
        case, y = view.case, view.year
        dims = ("material", "stage", "country", "year")
        best, low, high = (_rows(view, values) for values in _range(case, "production", dims))
        world = concentration.world_output(case)[1][:, :, y].reshape(-1)[view.rows]
        row, country = np.nonzero(best > 0)
        value, bottom, top = (each[row, country] for each in (best, low, high))
        sigma = view.output_spread()[row, country]
        down, up = sampling.sides(value, np.nan_to_num(bottom, nan=0.0), top)
        member = view.members()
        unlisted = (best == 0) & (high > 0)
        remainder = np.where(unlisted, high, 0.0).max(axis=1, initial=0.0)
        own = view.plane(flows.own_output(case).best)
        claimed = (unlisted & member).sum(axis=1)
        return cls(
            Ragged.of(row, len(view.rows)),
            country,
            value,
            sigma * view.spreads.production,
            down * view.spreads.production,
            up * view.spreads.production,
            world,
            own,
            member[country],
            remainder,
            claimed.astype(np.float64),
            unlisted.sum(axis=1).astype(np.float64),
        )

    def draw(self, source: Draws) -> Floats:
        """Return (E, D) t of each producer."""
        if not source.drawn("production"):
            return source.still(self.value)
        return source.take("production", 0, lambda _: self._factors(source) * self.value[:, None])

    def _factors(self, source: Draws) -> Floats:
        """Return (E, D): log-normal with mean 1, or with median 1 between the ends of a published range."""
        z = source.normal("production", len(self.value), part=1)
        factor = sampling.lognormal(z, self.sigma)
        ranged = (self.down > 0) | (self.up > 0)
        if ranged.any():
            sides = (np.hypot(side[ranged], self.sigma[ranged]) for side in (self.down, self.up))
            factor[ranged] = sampling.split_lognormal(z[ranged], *sides)
        return factor

    def hidden(self, source: Draws) -> Floats:
        """Return (R, D) t of the largest producer inside the rest: anything between nothing and all of it."""
        if not source.drawn("production"):
            return np.zeros((len(self.rest), source.size))
        top = self.rest * min(1.0, self._scale())
        return source.take("production", 2, lambda s: sampling.uniform(s, np.zeros(len(top)), top, source.size))

    def ours(self, source: Draws) -> Floats:
        """Return (R, D) t of the focus, nan where not known."""
        amounts = self.draw(source)
        summed = grouped_sum(self.rows.row[self.mine], amounts[self.mine], self.rows.rows)
        if source.drawn("production"):
            summed = summed + source.take("production", 3, lambda s: self._claims(s, source.size))
        return np.where(np.isnan(self.own)[:, None], np.nan, summed)

    def _claims(self, stream: np.random.Generator, draws: int) -> Floats:
        """Return (R, D) t that unlisted members of the focus have in the remainder."""
        part = sampling.part_of_rest(stream, self.claimed, np.maximum(self.claimants, 1.0), draws)
        return part * (self.remainder * min(1.0, self._scale()))[:, None]

    def _scale(self) -> float:
        """Return 0 if every spread of output is 0, so that nothing is drawn at all; else 1."""
        return float((self.sigma > 0).any())


@dataclass(frozen=True, slots=True)
class TradeInput:
    """Imports of the focus by partner and its exports, t, over the rows.

    partner, value, low, high, sigma  (E,) one entry a (row, partner)
    exports, exports_low, exports_high, exports_sigma  (R,)
    covered  (R,) true where a trade code of the material and stage alone has data
    content  multiple of the content factor's half-ranges
    """

    rows: Ragged
    partner: Positions
    value: Floats
    low: Floats
    high: Floats
    sigma: Floats
    exports: Floats
    exports_low: Floats
    exports_high: Floats
    exports_sigma: Floats
    covered: np.ndarray
    content: float

    @classmethod
    def of(cls, view: View) -> TradeInput:
        """Return the trade of the view's rows; a group's flows from one partner are one entry."""
        case, count = view.case, len(view.case.axis("country"))
        row, partner, (value, low, high, square) = _flows(view, "importer", count)
        out_row, _, (sold, sold_low, sold_high, sold_square) = _flows(view, "exporter", 1)
        size = len(view.rows)
        totals = [add(out_row, amount, size) for amount in (sold, sold_low, sold_high, sold_square)]
        covered = view.plane(np.broadcast_to(flows.covered(case, "trade"), flows.shape(case)))
        return cls(
            Ragged.of(row, size),
            partner,
            value,
            low,
            high,
            _summed_sigma(view.spreads.trade, value, square),
            totals[0],
            totals[1],
            totals[2],
            _summed_sigma(view.spreads.trade, totals[0], totals[3]),
            covered,
            view.spreads.content,
        )

    def _position(self, source: Draws) -> Floats:
        """Return (R, D) where the content factor lies: -1 at the low ends, 0 at the best, 1 at the high ends."""
        ends = (np.full(self.rows.rows, -1.0), np.zeros(self.rows.rows), np.ones(self.rows.rows))
        drawn = source.take("content", 0, lambda s: sampling.pert(s, *ends, source.size))
        return drawn * self.content

    def draw(self, source: Draws) -> Floats:
        """Return (E, D) t of the imports from each partner."""
        amounts = source.still(self.value)
        if source.drawn("content"):
            position = self._position(source)[self.rows.row]
            amounts = sampling.between(position, self.low, self.value, self.high)
        if source.drawn("trade"):
            z = source.normal("trade", len(self.value))
            amounts = amounts * source.take("trade", 1, lambda _: sampling.lognormal(z, self.sigma))
        return amounts

    def sold(self, source: Draws) -> Floats:
        """Return (R, D) t of exports: the sum of independent flows has the spread of one that varies as they do."""
        amounts = source.still(self.exports)
        if source.drawn("content"):
            amounts = sampling.between(self._position(source), self.exports_low, self.exports, self.exports_high)
        if source.drawn("trade"):
            amounts = amounts * sampling.lognormal(source.normal("trade", len(self.exports), 2), self.exports_sigma)
        return amounts


def _flows(view: View, side: str, partners: int) -> tuple[Positions, Positions, list[Floats]]:
    """Return row, partner and amounts (best, low, high, Σ of squares) of the focus's trade with others, sorted."""
    case = view.case
    given = flows.flows(case, "trade", side, bounded=True).foreign()
    material, stage, focus, year = np.unravel_index(given.group, flows.shape(case))
    row = view.at(material * len(case.axis("stage")) + stage)
    given = given.pick((row >= 0) & (focus == view.focus) & (year == view.year) & (given.amount > 0))
    material, stage, _, _ = np.unravel_index(given.group, flows.shape(case))
    row = view.at(material * len(case.axis("stage")) + stage)
    partner = given.partner if partners > 1 else np.zeros(len(row), dtype=np.intp)
    amounts = (given.amount, given.low, given.high, given.amount**2)
    return collect(row, partner, partners, *amounts)


def _summed_sigma(sigma: float, value: Floats, square: Floats) -> Floats:
    """Return σ of a sum of independent log-normal flows, each of spread sigma: ln(1 + (e^σ² - 1)·Σx²/(Σx)²) = σ²."""
    part = np.nan_to_num(ratio(square, value * value), nan=1.0)
    return np.where(np.abs(part - 1.0) < 1e-12, sigma, np.sqrt(np.log1p(np.expm1(sigma**2) * part)))


def _range(case: Case, quantity: str, dims: tuple[str, ...]) -> tuple[Floats, Floats, Floats]:
    """Return best, low and high of a dense quantity; without a range all three are the best."""
    cube: Cube = case.cube(quantity)
    best = case.array(quantity, *dims)
    axes = tuple(case.axis(name) for name in dims)
    ends = [
        best if bound is None else replace(cube, values=bound, low=None, high=None, origin=None).on(*axes)
        for bound in (cube.low, cube.high)
    ]
    return best, ends[0], ends[1]


def _rows(view: View, values: Floats) -> Floats:
    """Return (R, C) of an array (material, stage, country, year)."""
    return np.asarray(values[:, :, :, view.year].reshape(-1, values.shape[2])[view.rows])
