"""A shock to one country's output, passed on through trade: the cascade of Marchand et al. on a Case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats, Positions
from khanij.core.errors import CoverageError, StudyError
from khanij.core.registry import MethodOutput, Variable, method
from khanij.kernels.markets import cascade as kernel

AXES = ("material", "stage", "country", "year")
BLOCK = 64  # networks solved at once, so that memory stays small
MONTHS = 12.0
UNFINISHED = "not converged, t of the shock not placed"
IMPLIED = "own output not known: the least that recorded trade implies"
RAISED = "own output raised to what recorded exports need"


@dataclass(frozen=True, slots=True)
class CascadeNetwork:
    """Networks with trade, one a (material, stage, year).

    cells       (3, N) positions on material, stage, year
    trade       (N, n, n) t, exporter to importer        production  (N, n) t
    implied, raised  (N, n) where output is not known, or was lower than recorded exports need
    """

    cells: Positions
    trade: Floats
    production: Floats
    implied: np.ndarray
    raised: np.ndarray


def networks(case: Case, material: str, stage: str) -> list[CascadeNetwork]:
    """Return the networks of the chosen cells ("" = all) that have trade, in blocks."""
    for name, code in (("material", material), ("stage", stage)):
        if code and code not in case.axis(name):
            raise StudyError(f"unknown {name} {code!r}", where=f"cascade.{name}", hint=", ".join(case.axis(name).codes))
    at, amount = case.entries("trade", "material", "stage", "country:exporter", "country:importer", "year")
    output = case.array("production", *AXES)
    sizes = tuple(len(case.axis(name)) for name in ("material", "stage", "year"))
    keep = amount > 0
    for row, (name, code) in enumerate((("material", material), ("stage", stage))):
        if code:
            keep &= at[row] == case.axis(name).at(code)
    at, amount = at[:, keep], amount[keep]
    flat = np.ravel_multi_index((at[0], at[1], at[4]), sizes)
    found, index = np.unique(flat, return_inverse=True)
    n, blocks = len(case.axis("country")), []
    for start in range(0, len(found), BLOCK):
        chosen = (index >= start) & (index < start + BLOCK)
        some = found[start : start + BLOCK]
        trade = np.zeros((len(some), n, n))
        np.add.at(trade, (index[chosen] - start, at[2][chosen], at[3][chosen]), amount[chosen])
        cells = np.stack(np.unravel_index(some, sizes))
        known = output[cells[0], cells[1], :, cells[2]]
        least = np.maximum(trade.sum(axis=2) - trade.sum(axis=1), 0.0)
        implied = np.isnan(known)
        own = np.maximum(np.where(implied, 0.0, known), least)
        blocks.append(CascadeNetwork(cells, trade, own, implied & (least > 0), ~implied & (own > known)))
    return blocks


@method(
    "cascade",
    kind="disruption",
    needs=("production", "trade"),
    variables=(
        Variable("use_loss", "1", AXES, (0.0, float("inf")), "use given up, as a share of use before the shock"),
        Variable("use_change", "t", AXES, (float("-inf"), 0.0), "change of use"),
        Variable("reserve_change", "t", AXES, (float("-inf"), 0.0), "change of reserves"),
        Variable("import_change", "t", AXES, meaning="change of imports"),
        Variable("export_change", "t", AXES, meaning="change of exports"),
    ),
    reference="Marchand et al. 2016, Reserves and trade jointly determine exposure to food supply shocks, "
    "Environmental Research Letters 11:095009, doi 10.1088/1748-9326/11/9/095009",
    choices={"mode": ("asymmetric", "symmetric")},
)
def cascade(
    case: Case,
    country: str = "",
    cut: float = 1.0,
    material: str = "",
    stage: str = "",
    months: float = 1.0,
    saved: float = 0.0,
    mode: str = "asymmetric",
    rounds: int = 50,
) -> MethodOutput:
    """Loss of use in every country when one country's output is cut and nobody's output replaces it.

    loss = -ΔC/S, ΣΔR + ΣΔC = ΣΔP; reserves first, then trade with neighbours in proportion, then use

    country   whose output is cut (ISO 3166 alpha-3; several with commas)
    cut       share of its output that is lost, above 0 to 1
    material  one of the Case's, or "" for all that have trade
    stage     the same
    months    reserves of every country, in months of its own use
    saved     part of a deficit that use gives up before trade is asked
    mode      "asymmetric" = a country in deficit raises its exports no more; "symmetric" need not converge
    rounds    rounds of the cascade at most; what is not placed then is reported
    A year's tonnes and no prices: the first response of trade, with nobody producing more. Own output below recorded
    exports less imports is raised to that, and remarked.
    Returns use_loss (material, stage, country, year) 1; use_change, reserve_change, import_change, export_change t.
    Oracle: tests/kernels/test_cascade.py; tests/simulate/test_cascade.py.
    """
    shock = cut * _affected(case, country, cut, months, saved, rounds)
    sizes = tuple(len(case.axis(name)) for name in AXES)
    names = ("use_loss", "use_change", "reserve_change", "import_change", "export_change")
    values = {name: np.full(sizes, np.nan) for name in names}
    masks = {name: np.zeros(sizes, dtype=bool) for name in (UNFINISHED, IMPLIED, RAISED)}
    left = np.full(sizes, np.nan)
    unfinished, slowest = 0, 0
    for block in networks(case, material, stage):
        use = np.maximum(block.production + block.trade.sum(axis=1) - block.trade.sum(axis=2), 0.0)
        ended = kernel.cascade(
            block.trade,
            block.production,
            use * months / MONTHS,
            -shock * block.production,
            saved=saved,
            symmetric=mode == "symmetric",
            rounds=rounds,
        )
        m, s, y = block.cells
        where = (m, s, slice(None), y)
        for name, change in _changes(ended, use).items():
            values[name][where] = change
        masks[UNFINISHED][where] = ~ended.converged[:, None] & (use > 0)
        left[where] = ended.unplaced.sum(axis=1, keepdims=True) + 0.0 * use
        masks[IMPLIED][where], masks[RAISED][where] = block.implied, block.raised
        unfinished += int((~ended.converged).sum())
        slowest = max(slowest, int(ended.rounds.max(initial=0)))
    notes = [f"cascade: {slowest} rounds at most; reserves of {months:g} months of use are an assumption"]
    if unfinished:
        notes.append(f"{unfinished} networks have not converged in {rounds} rounds: part of the shock is not placed")
    return MethodOutput(values, masks, {UNFINISHED: left}, tuple(notes))


def _changes(ended: kernel.Cascade, use: Floats) -> dict[str, Floats]:
    """Return variable -> (N, n) after the cascade; use and reserves never rise."""
    lost = np.divide(-ended.use, use, out=np.full(use.shape, np.nan), where=use > 0) + 0.0
    return {
        "use_loss": np.maximum(lost, 0.0),
        "use_change": np.minimum(ended.use, 0.0),
        "reserve_change": np.minimum(ended.reserves, 0.0),
        "import_change": ended.imports,
        "export_change": ended.exports,
    }


def _affected(case: Case, country: str, cut: float, months: float, saved: float, rounds: int) -> Floats:
    """Return (n,) 1 for the countries whose output is cut; refuse parameters that make no shock."""
    codes = [code.strip() for code in country.split(",") if code.strip()]
    if not codes:
        raise StudyError("nobody's output is cut", where="cascade.country", hint="an ISO alpha-3 code")
    for code in codes:
        if code not in case.axis("country"):
            raise CoverageError(f"unknown country {code!r}", where="cascade.country", hint="an ISO alpha-3 code")
    checks = {
        "cut": (0 < cut <= 1, "above 0, at most 1"),
        "months": (0 <= months < float("inf"), "0 or more"),
        "saved": (0 <= saved <= 1, "0 to 1"),
        "rounds": (rounds >= 1, "1 or more"),
    }
    for name, (fine, hint) in checks.items():
        if not fine:
            raise StudyError(f"{name} is out of range", where=f"cascade.{name}", hint=hint)
    affected = np.zeros(len(case.axis("country")))
    affected[case.axis("country").positions(codes)] = 1.0
    return affected
