"""True origin of what a focus uses, and what has passed through a country on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats, Positions
from khanij.core.registry import MethodOutput, Variable, method
from khanij.kernels.balances import bounds, origin
from khanij.methods import chains
from khanij.methods.chains import LINKS, Caveats, Rows, StageBalances
from khanij.methods.trade import flows

CELL = flows.CELL
COUNTED = "counted at stage"
EXPORTER = "no source on output of this stage: exporters taken as origin, output for own use left out"
UNBOUNDED = "range not computed: not among the largest, or nothing stays here"
NEEDS = ("production", "trade", "membership")
SOURCES = "Duchin and Levine 2013; Kastner et al. 2011, doi 10.1016/j.ecolecon.2011.01.012"
Estimate = Callable[[list[origin.Balance], list[origin.Mix], int], Floats]
Ranges = Callable[[bounds.Layers, Positions], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class OriginSettings:
    """The parameters that both methods share: where origin is counted, how many ranges, what gaps mean."""

    at: str
    bounded: int
    unrecorded: str
    unsourced: str


def _walk(
    case: Case, asked: OriginSettings, estimate: Estimate, ranges: Ranges, inside: bool
) -> tuple[Rows, Floats, Caveats]:
    """Return entries, their sum a cell (nan without any) and what was met, for every stage with recorded trade.

    inside  whether members of the focus itself are listed as partners
    """
    rows, said = Rows(), Caveats()
    totals = np.full(flows.shape(case), np.nan)
    member = flows.membership(case) > 0
    for chain in chains.read(case, said, asked.unrecorded, asked.unsourced):
        for use, (stages, mixes) in enumerate(chain.questions()):
            stage = stages[use]
            start = chains.start(case, chain, use, asked.at)
            cells = (chain.material, chain.stages[use])
            shares = None if start is None or not stage.traded else np.nan_to_num(estimate(stages, mixes, start))
            for focus, code in enumerate(case.axis("focus").codes):
                members = member[focus, chain.countries, chain.year]
                where = chains.label(case, *cells, code, chain.year)
                weight = chains.weights(stage, members)
                reason = said.no_data if weight is None else said.no_stage if start is None else said.no_trade
                if weight is None or shares is None or start is None:
                    reason.append(where)
                    continue
                share = weight @ shares
                totals[(*cells, focus, chain.year)] = share.sum()
                share = share if inside else np.where(members, 0.0, share)
                layer = bounds.layers(stages, start, use, members) if asked.bounded else None
                if layer is not None and layer.used <= 0:
                    said.no_use.append(where)
                _add(rows, case, chain, (use, start, focus), share, _range(layer, share, asked.bounded, ranges))
    return rows, totals, said


def _range(layer: bounds.Layers | None, share: Floats, bounded: int, ranges: Ranges) -> tuple[Floats, Floats]:
    """Return the range of the largest shares, each (n,), nan for the others; always around the estimate."""
    low, high = np.full_like(share, np.nan), np.full_like(share, np.nan)
    if layer is not None and layer.used > 0:
        top = chains.ranked(share, bounded)
        least, most = ranges(layer, top)
        low[top], high[top] = np.minimum(least, share[top]), np.maximum(most, share[top])  # rounding of 1e-9
    return low, high


def _add(
    rows: Rows,
    case: Case,
    chain: StageBalances,
    where: tuple[int, int, int],
    share: Floats,
    span: tuple[Floats, Floats],
) -> None:
    """Add the positive shares of one cell with the stage at which they are counted and what must be said of them."""
    use, start, focus = where
    kept = np.nonzero(share > 0)[0]
    stage = chain.ends[use]
    name = case.axis("stage").codes[chain.stages[start]]
    cell = (chain.material, chain.stages[use], focus, chain.year)
    parts = (share[kept], span[0][kept], span[1][kept])
    rows.add(cell, chain.countries[kept], parts, stage=name, known="" if stage.known else "no")


def _output(case: Case, rows: Rows, name: str, bounded: int, said: Caveats) -> MethodOutput:
    """Return the sparse variable with its remarks; they are said of each entry."""
    cube = rows.cube(case, name)
    assert cube.low is not None
    open_ = np.isnan(cube.low)
    remarks = {
        COUNTED: np.ones(len(cube.values), dtype=bool),
        EXPORTER: (rows.text("known") == "no").astype(bool),
    }
    if bounded:
        remarks[UNBOUNDED] = open_
    notes = (chains.MIXING, chains.STAGE_LINK, *said.notes())
    return MethodOutput({name: cube}, remarks, {COUNTED: rows.text("stage")}, notes)


@method(
    "origin",
    kind="origin",
    needs=NEEDS,
    optional=("trade_covered", "world_production"),
    variables=(
        Variable("share", "1", LINKS, (0.0, 1.0), "share of what a focus uses at a stage that the partner made"),
        Variable("unknown", "1", CELL, (0.0, 1.0), "share of what a focus uses whose origin the records do not show"),
    ),
    reference=SOURCES,
    higher="neutral",
    choices={"at": chains.FROM, "unsourced": chains.UNSOURCED, "unrecorded": chains.UNRECORDED},
)
def true_origin(
    case: Case, at: str = "first", bounded: int = 15, unsourced: str = "exporter", unrecorded: str = "unknown"
) -> MethodOutput:
    """Origin of what a focus uses: who made it, traced back through trade and through the stages.

    B[d, c] = T[c, d] / pool[d], pool = P + M;  O = (I - B)^-1 diag(P / pool);  output of a stage draws from the pool of
    the stage before in the same country: O_k..0 = O_k F_k O_(k-1) ... O_0, F = part of output that supply can feed

    at          where origin is counted: "first" = the earliest stage with data (mostly mines), "same" = the stage
                itself (its refiners), or the name of a stage
    bounded     number of largest origins a cell that get a range (maximum flows, a few ms each); 0 = none
    unsourced   a stage on whose output there is no source: whoever exports made it ("exporter"), or only what a country
                sells and needs beyond its imports was made there ("net"). Output for own use is not known, so shares
                are those of imports; on the way to a later stage, what a country mines and keeps is worked up there
    unrecorded  an earlier stage whose trade nobody recorded by mass: "unknown" = a country's own output feeds its next
                stage, the rest is unknown; "market" = the rest is drawn from one world market, an assumption
    The stage is that at which the focus uses the material. Low and high are the least and the most that the same
    balances allow; errors of the records are not in them. Exports above supply, output above its feed and rings without
    a source are unknown origin. A group is the sum of its members' use. A focus without supply has no entries, a note.
    Returns share (material, stage, focus, partner, year) 1, sparse, adding up to 1 with unknown (material, stage,
    focus, year) 1.
    Oracle: linear programs and networkx in tests/kernels/test_origin.py; hand-made chains in
    tests/methods/test_origin.py.
    """
    chains.check({"bounded": bounded})

    def estimate(stages: list[origin.Balance], mixes: list[origin.Mix], start: int) -> Floats:
        return origin.trace(stages, mixes, len(stages) - 1, start)

    def ranges(layer: bounds.Layers, top: Positions) -> tuple[Floats, Floats]:
        return bounds.origin_bounds(layer, top.tolist())

    rows, totals, said = _walk(case, OriginSettings(at, bounded, unrecorded, unsourced), estimate, ranges, inside=True)
    found = _output(case, rows, "share", bounded, said)
    unknown = np.clip(1.0 - totals, 0.0, 1.0)
    values = {**found.values, "unknown": np.where(unknown < 1e-9, 0.0, unknown)}
    return MethodOutput(values, found.remarks, found.details, found.notes)


@method(
    "pass-through",
    kind="origin",
    needs=NEEDS,
    optional=("trade_covered", "world_production"),
    variables=(
        Variable("exposure", "1", LINKS, (0.0, 1.0), "share of what a focus uses that has been in the partner"),
    ),
    reference=f"{SOURCES}; Cheng et al. 2024, doi 10.1038/s41467-024-46418-1",
    choices={"at": ("any", *chains.FROM), "unsourced": chains.UNSOURCED, "unrecorded": chains.UNRECORDED},
)
def pass_through(
    case: Case, at: str = "any", bounded: int = 15, unsourced: str = "exporter", unrecorded: str = "unknown"
) -> MethodOutput:
    """Exposure to a country as origin, refiner or place of transit: the share of use that has been there.

    e_h = 1 - O without h = N[d, h] / N[h, h], N = (I - B)^-1 (absorbing Markov chain, backwards from use)

    at          "any" = at any stage up to the one used, "same" = the stage itself (as refiner or transit), "first", or
                the name of a stage
    bounded     number of most exposed partners a cell that get a range (maximum flows); 0 = none
    unsourced   as in `origin`
    unrecorded  as in `origin`
    Shares of different partners overlap and do not add up to 1. Members of the focus are not listed. Balances, unknown
    origin and ranges as in `origin`; supply of unknown origin is taken to have been nowhere, but may raise the high
    end.
    Returns exposure (material, stage, focus, partner, year) 1, sparse.
    Oracle: network without the country, and linear programs, in tests/kernels/test_origin.py.
    """
    chains.check({"bounded": bounded})
    ever = at == "any"

    def estimate(stages: list[origin.Balance], mixes: list[origin.Mix], start: int) -> Floats:
        use = len(stages) - 1
        return origin.visited_ever(stages, mixes, use) if ever else origin.visited(stages, mixes, use, start)

    def ranges(layer: bounds.Layers, top: Positions) -> tuple[Floats, Floats]:
        return bounds.passage_bounds(layer, top.tolist(), ever)

    rows, _, said = _walk(
        case, OriginSettings("first" if ever else at, bounded, unrecorded, unsourced), estimate, ranges, inside=False
    )
    return _output(case, rows, "exposure", bounded, said)
