"""What enters the Commission's two scores, each with its draws: supply shares, own sourcing, rates, uses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from khanij.kernels.chances import sampling
from khanij.kernels.indicators import criticality as kernel
from khanij.kernels.indicators import reliance
from khanij.kernels.indicators.concentration import total
from khanij.methods.uncertainty.draws import Draws, Floats, Positions, Ragged
from khanij.methods.uncertainty.inputs import ProductionInput, TradeInput


@dataclass(frozen=True, slots=True)
class SupplyShares:
    """Published supply shares: entries of rows with their spread of rounding and of the statistics behind them.

    share, half, trade, sigma  (E,) 1      inside (E,) true for members of the focus      statistic  the input that
    scatters them      part  number of the random stream
    """

    rows: Ragged
    country: Positions
    share: Floats
    half: Floats
    trade: Floats
    sigma: Floats
    inside: np.ndarray
    statistic: str
    part: int

    def draw(self, source: Draws) -> Floats:
        """Return (E, D) shares; the sum of a row stays as published."""
        drawn = source.still(self.share)
        if source.drawn("shares"):
            drawn = source.take(
                "shares", self.part, lambda s: sampling.rounded(s, self.share, self.half, 0.0, 1.0, source.size)
            )
        if source.drawn(self.statistic):
            z = source.normal(self.statistic, len(self.share), self.part)
            drawn = drawn * sampling.lognormal(z, self.sigma)
            before, after = self.rows.sums(source.still(self.share)), self.rows.sums(drawn)
            scale = before / np.where(after > 0, after, 1.0)
            drawn = drawn * np.where(np.abs(scale - 1.0) < 1e-14, 1.0, scale)[self.rows.row]
        return drawn

    def concentration(self, source: Draws, governance: Floats) -> Floats:
        """Return (R, D) the weighted concentration of each row."""
        return _concentration(self.rows, self.draw(source), governance[self.country], self.trade, source.size)

    def foreign(self, source: Draws) -> Floats:
        """Return (R, D) the part of a row's supply from outside the focus, nan where no share is known."""
        drawn = self.draw(source)
        whole = self.rows.sums(drawn)
        inside = self.rows.sums(drawn * self.inside[:, None])
        return np.where(whole > 0, 1.0 - inside / np.where(whole > 0, whole, 1.0), np.nan)


def _concentration(rows: Ragged, share: Floats, weight: Floats, trade: Floats, draws: int) -> Floats:
    """Return (R, D) Σ s²·g·t."""
    return rows.apply(lambda *given: kernel.supply_concentration(*given)[0], draws, share, weight, trade)


def _linked(values: Floats, link: Positions) -> Floats:
    """Return (R, D) the values that the rows are linked to; nan of a year without any trade."""
    return values[link] if len(values) else np.full((len(link), values.shape[1]), np.nan)


@dataclass(frozen=True, slots=True)
class Sourcing:
    """What a focus other than the EU buys and makes at the stage of each row.

    rows     of the entries; entry (E,) position among the imports, or after them among own producers
    country, trade (E,)      link (R,) row of trade and output, -1 = none      absent (R,) true = no own output
    """

    rows: Ragged
    entry: Positions
    country: Positions
    trade: Floats
    link: Positions
    absent: np.ndarray
    flows: TradeInput
    output: ProductionInput

    def draw(self, source: Draws, governance: Floats) -> tuple[Floats, Floats]:
        """Return (R, D) concentration of the focus's sourcing and its import reliance, nan where not known."""
        imports, made = self.flows.draw(source), self.output.draw(source)[self.output.mine]
        amounts = np.concatenate([imports, made])[self.entry]
        share = amounts / np.maximum(self.rows.sums(amounts), 1e-300)[self.rows.row]
        found = _concentration(self.rows, share, governance[self.country], self.trade, source.size)
        own = _linked(self.output.ours(source), self.link)
        own = np.where(np.isnan(own) & self.absent[:, None], 0.0, own)
        bought, sold = (_linked(one, self.link) for one in (self.flows.rows.sums(imports), self.flows.sold(source)))
        part = reliance.import_reliance(own, bought, sold)
        return found, np.where((self.link < 0)[:, None], np.nan, part)


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates of the rows that may be missing: a missing one is drawn from those published for other materials.

    value (R,) nan = missing      otherwise  what the method takes then      known (N,) published rates
    owner (R,) number of the material, so that its stages share a draw      name  input      half  rounding
    """

    value: Floats
    otherwise: float
    known: Floats
    owner: Positions
    name: str
    half: float

    def draw(self, source: Draws, part: int = 0) -> Floats:
        """Return (R, D)."""
        missing = np.isnan(self.value)
        base = source.still(np.where(missing, self.otherwise, self.value))
        if not source.drawn(self.name):
            return base
        u = source.take(self.name, part, lambda s: s.uniform(size=(2, int(self.owner.max(initial=0)) + 1, source.size)))
        own = u[:, self.owner]
        shift = np.clip(base + self.half * (2.0 * own[0] - 1.0), 0.0, np.maximum(1.0, base))
        if not len(self.known):
            return np.where(missing[:, None], base, shift)
        return np.where(missing[:, None], self.known[(own[1] * len(self.known)).astype(np.intp)], shift)


@dataclass(frozen=True, slots=True)
class Importance:
    """Economic importance of the cells: scaled use (N, K), value added (K,), index of substitution, last study's value.

    inside  (K,) true for sectors with value added
    """

    use: Floats
    value_added: Floats
    index: Rates
    before: Floats
    usable: np.ndarray
    half: float

    def draw(self, source: Draws) -> Floats:
        """Return (N, D) the score of each cell that has uses."""
        known = ~np.isnan(self.value_added)
        use = self.use[:, known]
        drawn = source.still(use)
        if source.drawn("shares"):
            at = np.nonzero(use > 0)
            half = np.full(len(at[0]), self.half)
            drawn[at] = source.take("shares", 9, lambda s: sampling.rounded(s, use[at], half, 0.0, 1.0, source.size))
        whole = total(drawn, axis=1)
        scaled = drawn / np.where(whole > 0, whole, 1.0)[:, None]
        turned = np.moveaxis(scaled, -1, 0)
        full = kernel.economic_importance(turned, self.value_added[known], np.ones(turned.shape[:2])).T
        return np.where(self.usable[:, None], full * self.index.draw(source, 1), np.nan)
