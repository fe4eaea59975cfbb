"""The benchmarks of the EU's Critical Raw Materials Act, for any country or group: which are met, and which unknown."""

from __future__ import annotations

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.registry import MethodOutput, Variable, method
from khanij.kernels.indicators.concentration import ratio
from khanij.kernels.indicators.reliance import apparent_consumption
from khanij.kernels.indicators.suppliers import largest
from khanij.methods.reliance import NO_STOCKS, read
from khanij.methods.screening.criticality import by_material
from khanij.methods.trade import flows, suppliers

FOCAL = ("material", "focus", "year")
UNION = "EU27"
USES = ("processed", "refined")
BASE = "consumption taken as apparent consumption of the stage"
TOP = "largest third-country supplier and stage"
IMPORTS_ALONE = "own output of that stage is not known: share of imports alone, an upper bound"
STATES = ("met", "not met", "unknown")
NOTES = (
    NO_STOCKS,
    "consumption: the larger of apparent consumption of the processed and the refined stage; of the mined stage only "
    "for a material that has neither",
    "one third country: its part of supply (own output and imports) of a stage, exports taken to leave in the same mix",
    "recycling: the EU's recycling input rate, known for the EU as a whole only; for any other focus it is unknown",
)


def used(case: Case, consumption: Floats) -> tuple[Floats, np.ndarray]:
    """Return the consumption of the chain (material, focus, year), and the position of the stage it is taken from.

    consumption (material, stage, focus, year) t, apparent      the stage is -1 where nothing is known
    """
    stages = case.axis("stage")
    amount = np.full((consumption.shape[0], *consumption.shape[2:]), np.nan)
    stage = np.full(amount.shape, -1, dtype=np.intp)
    for name in USES:
        if name in stages:
            own = consumption[:, stages.at(name)]
            better = (own > 0) & ~(amount >= own)
            amount, stage = np.where(better, own, amount), np.where(better, stages.at(name), stage)
    if "mined" in stages:
        own = consumption[:, stages.at("mined")]
        chain = reference.stage_names()
        raw = [not any((material, name) in chain for name in USES) for material in case.axis("material").codes]
        only = (own > 0) & np.isnan(amount) & np.array(raw)[:, None, None]
        amount, stage = np.where(only, own, amount), np.where(only, stages.at("mined"), stage)
    return amount, stage


def largest_supplier(case: Case, own: flows.OwnOutput) -> tuple[Floats, Floats, np.ndarray]:
    """Return the largest part of supply from one foreign country at any stage (material, focus, year).

    Besides it: the largest at the stages whose own output is known, and supplier and stage as text. A stage without a
    figure on own output gives a share of imports alone, which is an upper bound.
    """
    links, whole, _ = suppliers.imports(case, "mass")
    shape = flows.shape(case)
    supply = np.where(np.isnan(own.best), 0.0, own.best).ravel() + whole
    share = links.amount / supply[links.group]
    top, entry = largest(links.group, share, flows.cells(case))
    staged = np.moveaxis(top.reshape(shape), 1, 0)
    which = np.argmax(np.where(np.isnan(staged), -1.0, staged), axis=0)

    def pick(values: np.ndarray) -> np.ndarray:
        moved = np.moveaxis(values.reshape(shape), 1, 0)
        return np.take_along_axis(moved, which[None], axis=0)[0]

    certain = np.where(np.isnan(own.best), np.nan, top.reshape(shape))
    sure = np.where(np.isnan(certain).all(axis=1), np.nan, np.where(np.isnan(certain), -1.0, certain).max(axis=1))
    codes = np.array([*case.axis("country").codes, ""], dtype=object)
    named = np.full(len(entry), len(codes) - 1)
    named[entry >= 0] = links.partner[entry[entry >= 0]]
    stages = np.array(case.axis("stage").codes, dtype=object)
    text = codes[pick(named)] + " " + stages[which]
    return pick(top), sure, text.astype(str)


def judged(name: str, met: np.ndarray, missed: np.ndarray) -> dict[str, np.ndarray]:
    """Return the remarks "name benchmark met / not met / unknown", unknown where it is neither met nor missed."""
    masks = (met, missed, ~(met | missed))
    return {f"{name} benchmark {state}": mask for state, mask in zip(STATES, masks, strict=True)}


@method(
    "crma-benchmarks",
    kind="indicator",
    needs=("production", "trade", "membership"),
    optional=("trade_covered", "trade_massless", "recycling_input_rate"),
    variables=(
        Variable("extraction", "1", FOCAL, (0.0, float("inf")), "own mined output over consumption; at least 10 %"),
        Variable("processing", "1", FOCAL, (0.0, float("inf")), "own processed output over consumption; at least 40 %"),
        Variable("recycling", "1", FOCAL, (0.0, 1.0), "recycled input over total input; at least 25 %"),
        Variable("third_country", "1", FOCAL, (0.0, 1.0), "supply from one third country at a stage; at most 65 %"),
        Variable("consumption", "t", FOCAL, (0.0, float("inf")), "apparent consumption that the shares are taken of"),
        Variable("met", "1", FOCAL, (0.0, 4.0), "benchmarks met of the four; unknown ones do not count"),
    ),
    reference="Regulation (EU) 2024/1252 (Critical Raw Materials Act), article 5(1)",
    higher="better",
)
def crma_benchmarks(
    case: Case, extraction: float = 0.10, processing: float = 0.40, recycling: float = 0.25, third_country: float = 0.65
) -> MethodOutput:
    """Shares behind the four benchmarks of the Critical Raw Materials Act, and whether each is met, for any focus.

    e = P_mined / A,  p = P_s / A,  u = recycling input rate,  c = max over stages s, partners i of q_i,s/(P_s + Σ q_s)

    A apparent consumption (t/yr) of the processed or the refined stage s, whichever is larger, or of the mined one for
    a material that has neither stage: consumption of ore says nothing of the use of metal. P own output, q imports
    from outside the focus (t/yr). The Act speaks of the Union's capacity and consumption in 2030: here stand the
    output and trade of the year. Where A is of the mined stage, p is unknown.
    extraction     least share
    processing     least share
    recycling      least share
    third_country  largest share
    Returns extraction, processing, recycling, third_country (material, focus, year) 1, consumption t, met 0..4; the
    remarks of a row say met, not met or unknown for each.
    Golden: tests/golden/crma-benchmarks.toml; the published status of the EU in tests/methods/test_benchmarks.py.
    """
    own, imports, exports, here, _ = read(case)
    balance = np.where(here, apparent_consumption(own.best, imports[0], exports[0]), np.nan)
    amount, stage = used(case, balance)
    stages = case.axis("stage")
    mined = own.best[:, stages.at("mined")] if "mined" in stages else np.full(amount.shape, np.nan)
    at_stage = np.take_along_axis(own.best, np.maximum(stage, 0)[:, None], axis=1)[:, 0]
    from_ore = stage == (stages.at("mined") if "mined" in stages else -1)
    shares = {"extraction": ratio(mined, amount), "processing": np.where(from_ore, np.nan, ratio(at_stage, amount))}
    rate = by_material(case, "recycling_input_rate")
    shares["recycling"] = np.where(_is_union(case), rate[:, None, None], np.nan)
    top, sure, text = largest_supplier(case, own)
    reached = dict(zip(shares, (extraction, processing, recycling), strict=True))
    states = {name: (shares[name] >= least, shares[name] < least) for name, least in reached.items()}
    states["third-country"] = (top <= third_country, sure > third_country)
    shares["third_country"] = top
    known = ~np.isnan(amount) | ~np.isnan(top)
    remarks: dict[str, np.ndarray] = {}
    for name, (fine, missed) in states.items():
        remarks |= {sentence: known & mask for sentence, mask in judged(name, fine, missed).items()}
    met = np.stack([fine for fine, _ in states.values()]).sum(axis=0)
    remarks |= {BASE: stage >= 0, TOP: ~np.isnan(top), IMPORTS_ALONE: ~np.isnan(top) & ~(sure >= top)}
    names = np.array([*stages.codes, ""])
    values = {**shares, "consumption": amount, "met": np.where(known, met, np.nan)}
    return MethodOutput(values, remarks, {BASE: names[stage], TOP: text}, NOTES)


def _is_union(case: Case) -> np.ndarray:
    """Return (1, focus, year) true where the focus is the European Union as a whole."""
    member = flows.membership(case) > 0
    axis = case.axis("country")
    union = np.zeros((len(axis), member.shape[2]), dtype=bool)
    if UNION in reference.groups():
        for column, year in enumerate(case.axis("year").codes):
            at = axis.positions(reference.members(UNION, int(year)), missing=-1)
            union[at[at >= 0], column] = True
    return ((member == union[None]).all(axis=1) & union.any(axis=0))[None]
