"""Indicators as functions of their uncertain inputs: the registry's equations, called with draws on a leading axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from khanij.core.errors import StudyError
from khanij.core.registry import UNCERTAIN, uncertain
from khanij.kernels.chances.sampling import categorical
from khanij.kernels.indicators import geopolrisk, reliance
from khanij.kernels.indicators.concentration import fill_weights, hhi, ratio
from khanij.methods.screening.geopolrisk import output_stage
from khanij.methods.trade import flows
from khanij.methods.uncertainty.draws import Draws, Floats, Positions
from khanij.methods.uncertainty.inputs import Governance, ProductionInput, TradeInput, View

UNSCORED = 0.5  # weight of a supplier without a governance score, as GeoPolRisk's authors set it


class Model(Protocol):
    """One indicator of one focus and year.

    cells    labels of the results: (material, stage), or (material, None) where a stage is chosen by the method
    inputs   the inputs that can move it
    notes    what was assumed
    """

    @property
    def cells(self) -> tuple[tuple[str, str | None], ...]:
        """Return the labels."""
        ...

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the names."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Return the sentences."""
        ...

    def evaluate(self, source: Draws) -> dict[str, Floats]:
        """Return output name -> (cells, D); the first is the indicator itself."""
        ...


@dataclass(frozen=True, slots=True)
class Concentration:
    """production-hhi and hhi-wgi: world output by country, weighted by weak governance or not."""

    cells: tuple[tuple[str, str | None], ...]
    output: ProductionInput
    governance: Governance | None
    notes: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the inputs that can move it."""
        return ("production",) if self.governance is None else ("production", "governance", "method")

    def evaluate(self, source: Draws) -> dict[str, Floats]:
        """Return the index of each row."""
        weights = None if self.governance is None else geopolrisk.instability(self.governance.draw(source))
        return {"score": world_index(source, self.output, weights)}


def world_index(source: Draws, output: ProductionInput, weights: Floats | None = None) -> Floats:
    """Return (R, D) the concentration of world output; of the rest, one hidden producer may hold a part.

    weights  (C + 1, D) 1, nan = none: takes the mean of the others by amount; None = all 1
    """
    amounts = output.draw(source)
    hidden = output.hidden(source)
    thin = output.rest[:, None] - hidden
    if weights is None:
        return output.rows.apply(_with_hidden, source.size, amounts, by_row=(hidden, thin))
    return output.rows.apply(_with_hidden, source.size, amounts, weights[output.country], by_row=(hidden, thin))


def _with_hidden(amounts: Floats, *rest: Floats) -> Floats:
    """Return the index of named producers (D, R, K), weighted or not, one hidden producer and the rest spread thin."""
    *weights, hidden, thin = rest
    every = np.concatenate([amounts, hidden[..., None]], axis=-1)
    if not weights:
        return hhi(every, thin)
    filled, _ = fill_weights(every, np.concatenate([weights[0], np.full_like(hidden, np.nan)[..., None]], axis=-1))
    return hhi(every, thin, filled)


@dataclass(frozen=True, slots=True)
class Imports:
    """import-hhi, n-1-loss and import-reliance: the focus's balance and suppliers."""

    cells: tuple[tuple[str, str | None], ...]
    trade: TradeInput
    output: ProductionInput | None
    equation: str
    notes: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the inputs that can move it."""
        return ("trade", "content") if self.output is None else ("production", "trade", "content")

    def evaluate(self, source: Draws) -> dict[str, Floats]:
        """Return the indicator of each row."""
        imports = self.trade.draw(source)
        if self.output is None:
            return {"score": self.trade.rows.apply(hhi, source.size, imports)}
        own, bought = self.output.ours(source), self.trade.rows.sums(imports)
        if self.equation == "import-reliance":
            return {"score": reliance.import_reliance(own, bought, self.trade.sold(source))}
        return {"score": self.trade.rows.apply(_largest_part, source.size, imports, by_row=(own + bought,))}


def _largest_part(amounts: Floats, supply: Floats) -> Floats:
    """Return the largest supplier's part of supply."""
    return np.fmax.reduce(ratio(amounts, supply[..., None]), axis=-1)


@dataclass(frozen=True, slots=True)
class GeoPolRisk:
    """geopolrisk, corrected: concentration of world output times the instability that enters with imports.

    link  (R,) row of output of each row of trade: the stage itself or the nearest before it
    """

    cells: tuple[tuple[str, str | None], ...]
    trade: TradeInput
    output: ProductionInput
    link: Positions
    governance: Governance
    notes: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the inputs that can move it."""
        return ("production", "trade", "content", "governance", "method")

    def evaluate(self, source: Draws) -> dict[str, Floats]:
        """Return the score of each row."""
        size, draws = self.trade.rows.rows, source.size
        imports = self.trade.draw(source)
        weight = geopolrisk.instability(self.governance.draw(source))[self.trade.partner]
        group = (self.trade.rows.row[:, None] * draws + np.arange(draws)).ravel()
        sums = geopolrisk.weighted_imports(group, imports.ravel(), weight.ravel(), size * draws, None)
        weighted, bought, unknown = (each.reshape(size, draws) for each in sums)
        if source.drawn("method"):
            fixed = source.take("method", 1, lambda s: 1.0 * categorical(s, np.ones(2), draws)) > 0
            part = geopolrisk.weighted_imports(group, imports.ravel(), weight.ravel(), size * draws, UNSCORED)[0]
            weighted = np.where(fixed & (unknown > 0), part.reshape(size, draws), weighted)
        risk = geopolrisk.import_risk(weighted, bought, self.output.ours(source)[self.link])
        return {"score": geopolrisk.score(world_index(source, self.output)[self.link], risk)}


Builder = Callable[[View], Model]


def _cells(view: View) -> tuple[tuple[str, str | None], ...]:
    """Return the labels of the view's rows."""
    stages = view.case.axis("stage").codes
    materials = view.case.axis("material").codes
    return tuple((materials[row // len(stages)], stages[row % len(stages)]) for row in view.rows)


def _listed(view: View) -> np.ndarray:
    """Return (rows,) true where output of the stage is known for some country."""
    production = view.case.array("production", "material", "stage", "country", "year")[..., view.year]
    return (~np.isnan(production)).any(axis=2).reshape(-1)[view.rows]


def _produced(view: View) -> View:
    """Return the view on the rows with world output."""
    return view.of(view.rows[_listed(view)])


def _traded(view: View, own: bool, bought: bool) -> View:
    """Return the view on rows whose trade is covered, with known own output and with imports if these are asked."""
    case = view.case
    keep = view.plane(np.broadcast_to(flows.covered(case, "trade"), flows.shape(case))).astype(bool)
    if own:
        keep &= ~np.isnan(view.plane(flows.own_output(case).best))
    if bought:
        keep &= view.plane(flows.totals(case, flows.flows(case, "trade").foreign())[0]) > 0
    return view.of(view.rows[keep])


@uncertain("production-hhi", "hhi-wgi")
def concentration(method: str, given: View) -> Model:
    """Return the model of a world index, weighted by governance or not."""
    view = _produced(given)
    names = ("mean", "va", "pv", "ge", "rq", "rl", "cc")
    weighted = method == "hhi-wgi"
    scores = Governance.of(view.case, [view.year], names, view.spreads.governance) if weighted else None
    return Concentration(_cells(view), ProductionInput.of(view), scores)


@uncertain("import-hhi", "import-reliance", "n-1-loss")
def imports(method: str, given: View) -> Model:
    """Return the model of a balance of the focus."""
    own = method != "import-hhi"
    view = _traded(given, own, bought=method != "import-reliance")
    return Imports(_cells(view), TradeInput.of(view), ProductionInput.of(view) if own else None, method)


@uncertain("geopolrisk")
def geopolrisk_score(given: View) -> Model:
    """Return the model of the corrected score, with output of the nearest stage where none is known of its own."""
    view = _traded(given, own=False, bought=True)
    case, stages = view.case, len(view.case.axis("stage"))
    nearest = view.plane(output_stage(case, nearest=True)).astype(np.intp)
    flat = view.rows // stages * stages + np.maximum(nearest, 0)
    own = flows.own_output(case).best[:, :, view.focus, view.year].reshape(-1)[flat]
    keep = (nearest >= 0) & ~np.isnan(own)
    view, flat = view.of(view.rows[keep]), flat[keep]
    world = view.of(np.unique(flat))
    scores = Governance.of(case, [view.year], ("pv", "mean"), view.spreads.governance)
    return GeoPolRisk(_cells(view), TradeInput.of(view), ProductionInput.of(world), world.at(flat), scores)


def every_row(view_case: View) -> Positions:
    """Return all flat (material, stage) positions."""
    case = view_case.case
    return np.arange(len(case.axis("material")) * len(case.axis("stage")))


def find(method: str) -> Builder:
    """Return the builder of a method; raises StudyError with those that can be drawn."""
    if method not in UNCERTAIN:
        raise StudyError(
            f"{method} has no uncertain form", where="--draws", hint=f"one of {', '.join(sorted(UNCERTAIN))}"
        )
    return UNCERTAIN[method]
