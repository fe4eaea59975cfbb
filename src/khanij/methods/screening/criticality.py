"""The European Commission's criticality scores: supply risk and economic importance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import StudyError
from khanij.core.registry import Defaults, MethodOutput, Threshold, Variable, method
from khanij.kernels.indicators import criticality as kernel
from khanij.methods.concentration import governance

EC = "Blengini et al. 2017, doi 10.2760/73303; European Commission 2023, doi 10.2873/725585"
STAGED = ("material", "stage")
HOME = "EU27"  # whose sourcing the study describes: 2016-2020 without the country that left in 2020
POOR = 0.25  # sourcing shares that add up to less describe too little of it
TYPICAL_SR, TYPICAL_EI = 0.955, 0.933  # means of the 58 substitution indices of the 2017 study (its tables 18 and 19)
LEAST = 0.8  # the lowest of them, of either kind
RISKY, IMPORTANT = 1.0, 2.8  # thresholds since 2017, on scores printed with one decimal

BOTTLENECK = "bottleneck stage"
GROUP = "arithmetic mean of the members of the group"
NO_SUBSTITUTION = "no substitution index published: the mean of those that are"
NO_RECYCLING = "no recycling input rate published: taken as 0, so an upper bound"
GROSS = "import reliance is the foreign share of the EU's sourcing, before exports; the range starts at none"
NO_RELIANCE = "no import reliance published: the foreign share of the EU's sourcing, before exports"
WORLD_ALONE = "no EU sourcing shares at the bottleneck stage: world supply alone"
TOO_FEW = "EU sourcing shares at the bottleneck stage describe too little of it: world supply alone; they add up to"
SOURCING_ALONE = "no world supply shares at the bottleneck stage: EU sourcing alone"
UNSCORED = "share of supply whose country has no governance score, at most"
APART = "another stage is assessed apart from the material; its figure stands under assessed"
USE_GAP = "use shares, scaled to 1, add up to"
NO_SECTOR = "share of use in no sector with value added, left out"
NO_USES = "screened by the study, but its use shares are not public in figures"
BEFORE = "no use shares: the economic importance of the assessment before stands in"


def years_of(case: Case, text: str) -> tuple[list[int], str]:
    """Return the positions of the years "2020" or "2016-2020" on the Case, and a note if some are not there.

    A Case with none of them, such as one of a single year, is answered with its own years, and the note says so.
    Raises StudyError for text that is no year or span.
    """
    first, _, last = text.partition("-")
    if not (first.isdigit() and (last or first).isdigit() and int(first) <= int(last or first)):
        raise StudyError(f"{text!r} is no year", where="eu-supply-risk.wgi_year", hint="2020 or 2016-2020")
    span = [str(year) for year in range(int(first), int(last or first) + 1)]
    axis = case.axis("year")
    there = [year for year in span if year in axis]
    if not there:
        note = f"governance of {', '.join(axis.codes)}: the case has no year of {text}, which the methodology takes"
        return list(range(len(axis))), note
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


def by_stage(case: Case, quantity: str, otherwise: str | None = None) -> Floats:
    """Return one figure a material and stage; if the Case has none by stage, that of the material (`otherwise`)."""
    if quantity in case.cubes:
        return case.array(quantity, "material", "stage")
    return np.repeat(by_material(case, otherwise or quantity)[:, None], len(case.axis("stage")), axis=1)


def assessed_apart(case: Case) -> NDArray[np.bool_]:
    """Return (material, stage) true where the study assesses a stage by itself, not with the rest of the material."""
    mask = np.zeros((len(case.axis("material")), len(case.axis("stage"))), dtype=bool)
    for row in reference.rows("eu_assessments"):
        if row["material"] in case.axis("material") and row["stage"] in case.axis("stage"):
            mask[case.axis("material").at(row["material"]), case.axis("stage").at(row["stage"])] = True
    return mask


def own_and_assessed(case: Case, staged: Floats) -> tuple[Floats, Floats, NDArray[np.intp], NDArray[np.bool_]]:
    """Return a material's own score, that of the assessment each stage belongs to, the deciding stage, and group means.

    staged (material, stage)      returns (material,), (material, stage), (material,) position, (material,) mask
    """
    apart = assessed_apart(case)
    ranked = np.where(np.isnan(staged) | apart, -np.inf, staged)
    worst = np.argmax(ranked, axis=1)
    rows = np.arange(len(worst))
    single = np.where(np.isneginf(ranked[rows, worst]), np.nan, staged[rows, worst])
    value, mean = grouped(case, single)
    return value, np.where(apart, staged, value[:, None]), worst, mean


def grouped(case: Case, values: Floats) -> tuple[Floats, np.ndarray]:
    """Return values in which a group has the mean of its members that have one, and where that was done.

    A group within a group counts by its members, not as one.
    """
    codes = case.axis("material").codes
    known = reference.materials()
    group = np.array([code in known and known[code].kind == "group" for code in codes])

    def above(code: str) -> tuple[str, ...]:
        parent = known[code].parent if code in known else ""
        return (parent, *above(parent)) if parent else ()

    groups = [() if single else above(code) for code, single in zip(codes, group, strict=True)]
    member = np.array([[code in over for over in groups] for code in codes]) & group[:, None]
    mean = kernel.group_mean(values, member)
    mask = ~np.isnan(mean)
    return np.where(mask, mean, values), mask


def sides(case: Case, years: list[int], missing: float | None = None) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return concentration of world supply and of EU sourcing, unscored share, sum of sourcing shares, foreign part.

    missing  governance on 0..10 of a country without a score; None = the share-weighted mean of the others
    Each is (material, stage) 1; the sums are of the published sourcing shares, the foreign part is from outside the EU.
    """
    scaled = kernel.scaled_governance(mean_governance(case, years))
    found, lacking = [], []
    dims = ("material", "stage", "country")
    for side in ("global", "eu"):
        share = case.array(f"{side}_supply_share", *dims)
        name = f"{side}_trade_restriction"
        trade = case.array(name, *dims) if name in case.cubes else np.full(share.shape, np.nan)
        value, gap = kernel.supply_concentration(share, scaled, trade, missing)
        found.append(value)
        lacking.append(gap)
    home = np.isin(case.axis("country").codes, reference.members(HOME, 2020))
    known = np.where(np.isnan(share), 0.0, share)
    whole, inside = known.sum(axis=2), known[:, :, home].sum(axis=2)
    foreign = np.where(whole > 0, 1.0 - inside / np.where(whole > 0, whole, 1.0), np.nan)
    return found[0], found[1], np.fmax(*lacking), whole, foreign


RISK_INPUTS = (
    "global_trade_restriction",
    "eu_trade_restriction",
    "recycling_input_rate",
    "recycling_by_stage",
    "substitution_sr",
    "substitution_sr_by_stage",
)


@method(
    "eu-supply-risk",
    kind="indicator",
    needs=("global_supply_share", "eu_supply_share", "governance"),
    optional=(
        *RISK_INPUTS,
        "eu_import_reliance",
    ),
    variables=(
        Variable("supply_risk", "1", ("material",), (0.0, float("inf")), "EU supply risk; critical from 1.0"),
        Variable("assessed_risk", "1", STAGED, (0.0, float("inf")), "the same of the assessment a stage belongs to"),
        Variable("stage_risk", "1", STAGED, (0.0, float("inf")), "supply risk of each stage"),
        Variable("global_term", "1", STAGED, (0.0, float("inf")), "weighted concentration of world supply"),
        Variable("eu_term", "1", STAGED, (0.0, float("inf")), "weighted concentration of the EU's sourcing"),
        Variable(
            "import_reliance", "1", STAGED, (0.0, 1.0), "share of the EU's sourcing from outside, or as published"
        ),
    ),
    reference=EC,
    choices={"reliance": ("sourcing", "published")},
    threshold=Threshold(
        {"supply_risk": 0.95},
        "Blengini et al. 2017, doi 10.2760/73303 (from 1.0, to one decimal)",
        "published: supply risk from 1.0 to one decimal (one of two scores)",
    ),
)
def eu_supply_risk(case: Case, wgi_year: str = "2016-2020", reliance: str = "sourcing") -> MethodOutput:
    """Supply risk by the European Commission's methodology: that of the worst stage.

    SR = max_stage [C_world·IR/2 + C_EU·(1 - IR/2)] · (1 - RIR) · SI,  C = Σ_c s_c²·g_c·t_c,  g = (2.5 - x)·2

    x mean of the six governance dimensions (score), t trade parameter (1 if none), IR import reliance, RIR recycling
    input rate, SI substitution index of the 2017 study (of the 2023 study neither IR nor SI is public).
    wgi_year  year or span of years of x: "2020", "2016-2020" (those that the Case has)
    reliance  "sourcing": IR is the share of the EU's own sourcing, stage by stage, that comes from outside the EU, so
              I/(P + I) where the guidelines have (I - E)/(P + I - E): the range goes down to IR = 0.  "published": IR
              of the 2017 study, the same at every stage, where there is one
    Rules: no EU shares, or some that add up to less than 0.25 -> world alone; no world shares -> EU alone; SI missing
    -> 0.955, the mean of those of 2017, range 0.8 to 1; RIR missing -> 0 (upper bound); a country without x has the
    share-weighted mean of the others, the range what the best and the worst would give; a group has the mean of its
    members. A stage that the study assesses by itself (phosphate rock, titanium metal) is left out of the material's
    own score and stands in assessed_risk.
    Returns supply_risk (material) 1, at least 0; assessed_risk, stage_risk, global_term, eu_term and import_reliance
    (in 0..1), each (material, stage) 1.
    Golden: tests/golden/eu-2017-supply-risk.toml, eu-2017-worked.toml, eu-2023-supply-risk.toml; against the study:
    benchmarks/eu_reproduction.py.
    """
    years, note = years_of(case, wgi_year)
    world, sourcing, lacking, whole, foreign = sides(case, years)
    edges = [sides(case, years, end)[:2] for end in (0.0, 10.0)]  # of a country without a score
    few = (whole > 0) & (whole < POOR) & ~np.isnan(world)
    sourcing = np.where(few, np.nan, sourcing)
    part, gross = _import_reliance(case, foreign, reliance)
    recycling = by_stage(case, "recycling_by_stage", "recycling_input_rate")
    index = by_stage(case, "substitution_sr_by_stage", "substitution_sr")
    rate, unknown = np.where(np.isnan(recycling), 0.0, recycling), np.isnan(index)

    def risk(imported: Floats, otherwise: float, pair: tuple[Floats, Floats]) -> Floats:
        made, sold = (np.where(np.isnan(mean), np.nan, end) for mean, end in zip((world, sourcing), pair, strict=True))
        return kernel.supply_risk(made, sold, imported, rate, np.where(unknown, otherwise, index))

    staged = risk(part, TYPICAL_SR, (world, sourcing))
    ends = [risk(r, end, pair) for pair in edges for r in (np.where(gross, part, 0.0), part) for end in (LEAST, 1.0)]
    value, assessed, worst, mean = own_and_assessed(case, staged)
    low, high = (own_and_assessed(case, pick(ends, axis=0))[0] for pick in (np.min, np.max))
    rows = np.arange(len(worst))
    here = ~np.isnan(value) & ~mean
    both = here & ~np.isnan(world + sourcing)[rows, worst]
    remarks = {
        BOTTLENECK: here,
        GROSS if reliance == "sourcing" else NO_RELIANCE: both & ~gross[:, 0],
        NO_SUBSTITUTION: here & unknown[rows, worst],
        NO_RECYCLING: here & np.isnan(recycling[rows, worst]),
        WORLD_ALONE: here & np.isnan(sourcing[rows, worst]) & ~few[rows, worst],
        TOO_FEW: here & few[rows, worst],
        SOURCING_ALONE: here & np.isnan(world[rows, worst]),
        UNSCORED: here & (lacking[rows, worst] > 0),
        APART: here & (assessed_apart(case) & ~np.isnan(staged)).any(axis=1),
        GROUP: mean,
    }
    values = {"supply_risk": value, "assessed_risk": assessed, "stage_risk": staged, "global_term": world}
    values |= {"eu_term": sourcing, "import_reliance": np.where(whole > 0, part, np.nan)}
    stages = np.array(case.axis("stage").codes)
    details = {BOTTLENECK: stages[worst], UNSCORED: lacking[rows, worst], TOO_FEW: whole[rows, worst]}
    bounds = {"supply_risk": low}, {"supply_risk": high}
    return MethodOutput(values, remarks, details, (note,) if note else (), *bounds)


def _import_reliance(case: Case, foreign: Floats, reliance: str) -> tuple[Floats, NDArray[np.bool_]]:
    """Return (material, stage) import reliance, 1 where it is not known, and (material, 1) where it is a published one.

    foreign (material, stage)  part of the EU's sourcing from outside
    """
    published = by_material(case, "eu_import_reliance")[:, None]
    stated = ~np.isnan(published) & (reliance == "published")
    part = np.where(stated, np.clip(published, 0.0, 1.0), foreign)
    return np.where(np.isnan(part), 1.0, part), stated


@method(
    "eu-economic-importance",
    kind="indicator",
    needs=("use_share", "value_added"),
    optional=("use_share_by_stage", "substitution_ei", "importance_before"),
    variables=(
        Variable("economic_importance", "1", ("material",), (0.0, 10.0), "EU economic importance; critical from 2.8"),
        Variable("assessed_importance", "1", STAGED, (0.0, 10.0), "the same of the assessment a stage belongs to"),
    ),
    reference=EC,
    higher="neutral",
)
def eu_economic_importance(case: Case) -> MethodOutput:
    """Economic importance by the European Commission's methodology.

    EI = SI · Σ_s A_s·Q_s,  Σ_s A_s = 1,  Q_s = 10 · VA_s / max VA

    A_s share of a material's use in sector s (1), VA_s value added of the sector (one currency), SI substitution index
    of the 2017 study, 0.933 (the mean of those published, range 0.8 to 1) if it has none; a group has the arithmetic
    mean of its members.
    Use in no sector, or in one without value added, is left out and the other shares are scaled to 1, as the equation
    has it; a remark says how much that is, and above one half there is no value. The range puts that use where it adds
    nothing, and into the sector with the most value added. A stage that the study assesses by itself has its own uses.
    Returns economic_importance (material) and assessed_importance (material, stage), both 1, in 0..10.
    Golden: tests/golden/eu-2023-economic-importance.toml; against the study: benchmarks/eu_reproduction.py.
    """
    dims = ("material", "stage", "sector")
    if "use_share_by_stage" in case.cubes:
        use = case.array("use_share_by_stage", *dims)
    else:
        use = np.repeat(case.array("use_share", "material", "sector")[:, None, :], len(case.axis("stage")), axis=1)
    added = case.array("value_added", "sector")
    index = np.repeat(by_material(case, "substitution_ei")[:, None], use.shape[1], axis=1)
    unknown = np.isnan(index)
    shares = np.where(np.isnan(use), 0.0, use)
    whole, inside = shares.sum(axis=2), shares[:, :, ~np.isnan(added)].sum(axis=2)
    outside = whole - inside
    usable = (inside > 0) & (outside <= 0.5)
    scaled = np.where(usable[:, :, None], use / np.where(inside > 0, inside, 1.0)[:, :, None], np.nan)
    full = kernel.economic_importance(scaled, added, np.ones(usable.shape))
    staged = full * np.where(unknown, TYPICAL_EI, index)
    spread = inside / np.where(whole > 0, whole, 1.0)
    least = full * spread * np.where(unknown, LEAST, index)
    most = np.minimum(10.0, (full * spread + 10.0 * (1.0 - spread)) * np.where(unknown, 1.0, index))
    value, assessed, first, mean = own_and_assessed(case, staged)
    low, high = (own_and_assessed(case, end)[0] for end in (least, most))
    rows = np.arange(len(first))
    here = ~np.isnan(value) & ~mean
    before = own_and_assessed(case, by_stage(case, "importance_before"))[0]
    remarks = {
        NO_SUBSTITUTION: here & unknown[:, 0],
        NO_SECTOR: outside[rows, first] > 0,
        NO_USES: np.isnan(value) & (whole[rows, first] == 0) & ~np.isnan(before),
        USE_GAP: here & (np.abs(whole[rows, first] - 1.0) > 0.02),
        APART: here & (assessed_apart(case) & ~np.isnan(staged)).any(axis=1),
        GROUP: mean,
    }
    details = {USE_GAP: whole[rows, first], NO_SECTOR: outside[rows, first]}
    name = "economic_importance"
    values = {name: value, "assessed_importance": assessed}
    return MethodOutput(values, remarks, details, low={name: low}, high={name: high})


@method(
    "eu-criticality",
    kind="indicator",
    needs=("global_supply_share", "eu_supply_share", "governance", "use_share", "value_added"),
    optional=(
        *RISK_INPUTS,
        "substitution_ei",
        "use_share_by_stage",
        "importance_before",
        "eu_import_reliance",
    ),
    variables=(
        Variable("critical", "1", ("material",), (0.0, 1.0), "1 = both scores reach their thresholds"),
        Variable("assessed_critical", "1", STAGED, (0.0, 1.0), "the same of the assessment a stage belongs to"),
        Variable("supply_risk", "1", ("material",), (0.0, float("inf")), "EU supply risk"),
        Variable("economic_importance", "1", ("material",), (0.0, 10.0), "EU economic importance"),
    ),
    reference=EC,
    choices={"reliance": ("sourcing", "published")},
    threshold=Threshold(
        {"critical": 1.0},
        EC,
        "published: supply risk from 1.0 and economic importance from 2.8, both to one decimal",
    ),
    defaults=Defaults(compare=1),
)
def eu_criticality(case: Case, wgi_year: str = "2016-2020", reliance: str = "sourcing") -> MethodOutput:
    """Whether a material is critical by the European Commission's two thresholds.

    K = 1 if SR >= 1.0 and EI >= 2.8, else 0

    SR of eu-supply-risk, EI of eu-economic-importance, both rounded to one decimal, as the study prints them. Without
    use shares the EI that the study of 2020 printed stands in, with a remark. Missing unless one known score is below
    its threshold, which settles it.
    wgi_year, reliance  as in eu-supply-risk
    reliance  "sourcing" or "published"
    Returns critical (material), assessed_critical (material, stage): 0 or 1; supply_risk, economic_importance
    (material) 1.
    Golden: tests/golden/eu-2023-criticality.toml; against the study: benchmarks/eu_reproduction.py.
    """
    risk, weight = eu_supply_risk(case, wgi_year, reliance), eu_economic_importance(case)
    before = by_stage(case, "importance_before")
    stand_in = own_and_assessed(case, before)
    found = []
    for supply, importance, otherwise in (
        ("supply_risk", "economic_importance", stand_in[0]),
        ("assessed_risk", "assessed_importance", stand_in[1]),
    ):
        sr, ei = risk.values[supply], weight.values[importance]
        found.append(kernel.over_both(sr, np.where(np.isnan(ei), otherwise, ei), RISKY, IMPORTANT))
    ei = weight.values["economic_importance"]
    values = {"critical": found[0], "assessed_critical": found[1]}
    values |= {"supply_risk": risk.values["supply_risk"], "economic_importance": ei}
    return MethodOutput(values, {BEFORE: ~np.isnan(found[0]) & np.isnan(ei) & ~np.isnan(stand_in[0])}, notes=risk.notes)
