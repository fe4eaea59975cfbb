"""The European Commission's criticality scores: supply risk and economic importance."""

from __future__ import annotations

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError, StudyError
from khanij.core.registry import Measure, Output, method
from khanij.kernels import criticality as kernel
from khanij.methods.concentration import governance

EC = "Blengini et al. 2017, doi 10.2760/73303; European Commission 2023, doi 10.2873/725585"
STAGED = ("material", "stage")
BOTTLENECK = "bottleneck stage"
GROUP = "arithmetic mean of the members of the group"
NO_SUBSTITUTION = "no substitution index published: taken as 1, so an upper bound"
NO_RECYCLING = "no recycling input rate published: taken as 0, so an upper bound"
NO_RELIANCE = "no import reliance published: taken as 1; the range is that of 0 to 1"
WORLD_ALONE = "no EU sourcing shares at the bottleneck stage: world supply alone"
SOURCING_ALONE = "no world supply shares at the bottleneck stage: EU sourcing alone"
UNSCORED = "share of supply whose country has no governance score, at most"
USE_GAP = "use shares add up to"
NO_SECTOR = "share of use in no sector with value added, which adds nothing"


def years_of(case: Case, text: str) -> tuple[list[int], str]:
    """Return the positions of the years "2020" or "2016-2020" on the Case, and a note if some are not there.

    Raises StudyError for text that is no year or span, CoverageError if the Case has none of them.
    """
    first, _, last = text.partition("-")
    if not (first.isdigit() and (last or first).isdigit() and int(first) <= int(last or first)):
        raise StudyError(f"{text!r} is no year", where="eu-supply-risk.wgi_year", hint="2020 or 2016-2020")
    span = [str(year) for year in range(int(first), int(last or first) + 1)]
    axis = case.axis("year")
    there = [year for year in span if year in axis]
    if not there:
        raise CoverageError(
            f"the case has no year of {text}", where="eu-supply-risk.wgi_year", hint=f"it has {', '.join(axis.codes)}"
        )
    note = "" if there == span else f"governance: mean of {', '.join(there)}, the years of {text} that the case has"
    return [axis.at(year) for year in there], note


def mean_governance(case: Case, years: list[int]) -> Floats:
    """Return (country,) the mean of the governance dimensions over the years that a country has."""
    estimate = governance(case, "mean")[:, years]
    known = ~np.isnan(estimate)
    count = known.sum(axis=1)
    return np.where(count > 0, np.where(known, estimate, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def by_material(case: Case, quantity: str) -> Floats:
    """Return one figure a material, nan where the Case has none."""
    if quantity not in case.cubes:
        return np.full(len(case.axis("material")), np.nan)
    return case.array(quantity, "material")


def grouped(case: Case, values: Floats) -> tuple[Floats, np.ndarray]:
    """Return values in which a group has the mean of its members that have one, and where that was done."""
    codes = case.axis("material").codes
    known = reference.materials()
    parents = np.array([known[code].parent if code in known else "" for code in codes], dtype=object)
    group = np.array([code in known and known[code].kind == "group" for code in codes])
    member = np.array([parents == code for code in codes]) & group[:, None]
    mean = kernel.group_mean(values, member)
    mask = ~np.isnan(mean)
    return np.where(mask, mean, values), mask


def concentrations(case: Case, years: list[int]) -> tuple[Floats, Floats, Floats]:
    """Return (material, stage) concentration of world supply and of EU sourcing, and the largest unscored share."""
    scaled = kernel.scaled_governance(mean_governance(case, years))
    found, lacking = [], []
    for side in ("global", "eu"):
        dims = ("material", "stage", "country")
        share = case.array(f"{side}_supply_share", *dims)
        name = f"{side}_trade_restriction"
        trade = case.array(name, *dims) if name in case.cubes else np.full(share.shape, np.nan)
        value, gap = kernel.supply_concentration(share, scaled, trade)
        found.append(value)
        lacking.append(gap)
    return found[0], found[1], np.fmax(*lacking)


@method(
    "eu-supply-risk",
    kind="indicator",
    needs=("global_supply_share", "eu_supply_share", "governance"),
    optional=(
        "global_trade_restriction",
        "eu_trade_restriction",
        "recycling_input_rate",
        "substitution_sr",
        "eu_import_reliance",
    ),
    measures=(
        Measure("supply_risk", "1", ("material",), (0.0, float("inf")), "EU supply risk; critical from 1.0"),
        Measure("stage_risk", "1", STAGED, (0.0, float("inf")), "supply risk of each stage"),
        Measure("global_term", "1", STAGED, (0.0, float("inf")), "weighted concentration of world supply"),
        Measure("eu_term", "1", STAGED, (0.0, float("inf")), "weighted concentration of the EU's sourcing"),
    ),
    reference=EC,
)
def eu_supply_risk(case: Case, wgi_year: str = "2016-2020") -> Output:
    """Supply risk by the European Commission's methodology: that of the worst stage.

    SR = max_stage [C_world·IR/2 + C_EU·(1 - IR/2)] · (1 - RIR) · SI,  C = Σ_c s_c²·g_c·t_c,  g = (2.5 - x)·2

    x mean of the six governance dimensions (score), t trade parameter (1 if none), IR import reliance, RIR recycling
    input rate, SI substitution index; IR and SI stand as the 2017 study gives them, for every material and stage.
    wgi_year  year or span of years of x: "2020", "2016-2020" (those that the Case has)
    Rules: no EU shares -> world alone, no world shares -> EU alone; IR missing -> 1 with the range of 0 to 1; SI
    missing -> 1, RIR missing -> 0 (upper bounds); a country without x has the share-weighted mean of the others; a
    group has the arithmetic mean of its members.
    Returns supply_risk (material) 1, at least 0; stage_risk, global_term, eu_term (material, stage) 1.
    Golden: tests/golden/eu-2017-supply-risk.toml, eu-2017-worked.toml, eu-2023-supply-risk.toml.
    """
    years, note = years_of(case, wgi_year)
    world, sourcing, lacking = concentrations(case, years)
    reliance, recycling, substitution = (
        by_material(case, name) for name in ("eu_import_reliance", "recycling_input_rate", "substitution_sr")
    )

    def risk(when_missing: float) -> Floats:
        part = np.where(np.isnan(reliance), when_missing, reliance)
        kept = (np.where(np.isnan(recycling), 0.0, recycling), np.where(np.isnan(substitution), 1.0, substitution))
        return kernel.supply_risk(world, sourcing, part[:, None], kept[0][:, None], kept[1][:, None])

    staged = risk(1.0)
    ends = [np.fmax.reduce(risk(end), axis=1, initial=-np.inf) for end in (0.0, 1.0)]
    low, high = np.minimum(*ends), np.maximum(*ends)
    worst = np.argmax(np.where(np.isnan(staged), -np.inf, staged), axis=1)
    rows = np.arange(len(worst))
    own = staged[rows, worst]
    value, mean = grouped(case, own)
    here = ~np.isnan(own) & ~mean
    low, high = (grouped(case, np.where(np.isnan(own), np.nan, end))[0] for end in (low, high))
    stages = np.array(case.axis("stage").codes)
    remarks = {
        BOTTLENECK: here,
        NO_RELIANCE: here & np.isnan(reliance),
        NO_SUBSTITUTION: here & np.isnan(substitution),
        NO_RECYCLING: here & np.isnan(recycling),
        WORLD_ALONE: here & np.isnan(sourcing[rows, worst]),
        SOURCING_ALONE: here & np.isnan(world[rows, worst]),
        UNSCORED: here & (lacking[rows, worst] > 0),
        GROUP: mean,
    }
    values = {"supply_risk": value, "stage_risk": staged, "global_term": world, "eu_term": sourcing}
    details = {BOTTLENECK: stages[worst], UNSCORED: lacking[rows, worst]}
    return Output(
        values, remarks, details, (note,) if note else (), low={"supply_risk": low}, high={"supply_risk": high}
    )


@method(
    "eu-economic-importance",
    kind="indicator",
    needs=("use_share", "value_added"),
    optional=("substitution_ei",),
    measures=(
        Measure("economic_importance", "1", ("material",), (0.0, 10.0), "EU economic importance; critical from 2.8"),
    ),
    reference=EC,
    higher="neutral",
)
def eu_economic_importance(case: Case) -> Output:
    """Economic importance by the European Commission's methodology.

    EI = SI · Σ_s A_s·Q_s,  Q_s = 10 · VA_s / max VA

    A_s share of a material's use in sector s (1), VA_s value added of the sector (one currency), SI substitution index
    of the 2017 study, 1 if it has none (upper bound); a group has the arithmetic mean of its members.
    Use shares stand as published: where they do not add up to 1, a remark says to what. A use in no sector, or in one
    without value added, adds nothing; a remark says how much that is, and above one half there is no value. The high
    end puts that use into the sector with the most value added.
    Returns economic_importance (material) 1, in 0..10.
    Golden: tests/golden/eu-2023-economic-importance.toml.
    """
    use = case.array("use_share", "material", "sector")
    added = case.array("value_added", "sector")
    substitution = by_material(case, "substitution_ei")
    own = kernel.economic_importance(use, added, np.where(np.isnan(substitution), 1.0, substitution))
    whole = np.where(np.isnan(use), 0.0, use).sum(axis=1)
    outside = np.where(np.isnan(use) | ~np.isnan(added), 0.0, use).sum(axis=1)
    own = np.where(outside > 0.5, np.nan, own)
    value, mean = grouped(case, own)
    here = ~np.isnan(own) & ~mean
    top = np.minimum(10.0, own + 10.0 * outside * np.where(np.isnan(substitution), 1.0, substitution))
    remarks = {
        NO_SUBSTITUTION: here & np.isnan(substitution),
        NO_SECTOR: outside > 0,
        USE_GAP: here & (np.abs(whole - 1.0) > 0.02),
        GROUP: mean,
    }
    details = {USE_GAP: whole, NO_SECTOR: outside}
    name = "economic_importance"
    return Output({name: value}, remarks, details, low={name: value}, high={name: grouped(case, top)[0]})
