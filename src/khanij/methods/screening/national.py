"""Criticality as two national assessments see it: the committee of 2023 behind the list of 30, and the UK's of 2024."""

from __future__ import annotations

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.registry import Defaults, MethodOutput, Variable, method
from khanij.kernels.indicators import criticality as kernel
from khanij.kernels.indicators import reliance as balance
from khanij.kernels.indicators import screening
from khanij.kernels.indicators.concentration import ratio
from khanij.kernels.indicators.suppliers import squares
from khanij.methods import markets, reliance
from khanij.methods.concentration import DIMENSIONS, weighted
from khanij.methods.screening.criticality import by_material
from khanij.methods.trade import flows, suppliers
from khanij.methods.trade.flows import CELL

BALANCE = ("production", "trade", "membership", "governance")
OPTIONAL = ("world_production", "trade_covered", "trade_massless", "recycling_input_rate", "use_share", "value_added")
NO_SUBSTITUTION = "no substitution index for supply risk: taken as 1, so an upper bound"
NO_RECYCLING = "no recycling input rate: taken as 0, so an upper bound"
COMMITTEE = (
    "the committee's equations are not public: components as reported, the way they are put together is ours",
    "left out: disruption potential and the multiplier of gross value added, for which no open data were found",
    "proxy: recycling rate, substitution indices, uses by sector and value added of sectors are the EU study's",
)
MISSING = {"S": "indicators of S not known, number", "V": "indicators of V not known, number"}
UK = (
    "indicators as remembered from the UK's assessments (confidence low); their scaling and thresholds were not read: "
    "each is put on 0..1, S and V are plain means, and the range is what unknown indicators of 0 or 1 would give",
    "proxy: governance stands for the environmental, social and governance score of producers",
    "proxy: recycling rate, substitution index, uses by sector and value added of sectors are the EU study's",
)


def domestic(case: Case, weights: Floats) -> Floats:
    """Return the mean governance weight of each focus's own output (material, stage, focus, year)."""
    output = case.array("production", "material", "stage", "country", "year")
    known = np.where(np.isnan(output), 0.0, output)
    whole = flows.members(case, known)
    scored = np.where(known > 0, np.moveaxis(weights, 3, 2), 0.0)
    return ratio(flows.members(case, known * scored), whole)


def value_use(case: Case) -> tuple[Floats, Floats]:
    """Return (material,) the value added behind the uses on 0..1, and the share of sectors that use the material."""
    nothing = np.full(len(case.axis("material")), np.nan)
    if not {"use_share", "value_added"} <= set(case.cubes):
        return nothing, nothing
    use = case.array("use_share", "material", "sector")
    added = case.array("value_added", "sector")
    real = ~np.isnan(added)  # a use in no sector of the accounts is not counted
    sectors = ((use > 0) & real).sum(axis=1)
    wide = np.where(sectors > 0, sectors / max(1, int(real.sum())), np.nan)
    return kernel.economic_importance(use, added, np.ones(len(use))) / 10.0, wide


@method(
    "india-2023",
    kind="indicator",
    needs=BALANCE,
    optional=(*OPTIONAL, "substitution_sr", "substitution_ei"),
    variables=(
        Variable("supply_risk", "1", CELL, (0.0, 1.0), "SR, working form"),
        Variable("global_concentration", "1", CELL, (0.0, 1.0), "governance-weighted concentration of world output"),
        Variable("domestic_weight", "1", CELL, (0.0, 1.0), "mean governance weight of the focus's own output"),
        Variable("import_reliance", "1", CELL, (0.0, 1.0), "IR, cut to 0..1"),
        Variable("self_sufficiency", "1", CELL, (0.0, 1.0), "SS = 1 - IR"),
        Variable("economic_importance", "1", ("material",), (0.0, 1.0), "EI of the components that can be computed"),
        Variable("value_added", "1", ("material",), (0.0, 1.0), "value added of the using sectors, 1 = the largest"),
        Variable("cross_cutting", "1", ("material",), (0.0, 1.0), "share of sectors that use the material"),
    ),
    reference="Ministry of Mines 2023, Critical Minerals, report of the committee of seven; working form ours",
    choices={"dimension": DIMENSIONS},
    defaults=Defaults(compare=2),
)
def india_2023(case: Case, dimension: str = "mean") -> MethodOutput:
    """Supply risk and economic importance of the 2023 committee's components, in a working form that is ours.

    SR = H·(1 - RIR)·SI_SR·(IR + SS·d),  H = Σ_c s_c²·(2.5 - x_c)/5;  EI = SI_EI·GVA·CCI

    s_c share of a producer in world output, x_c its governance (score); IR net import reliance cut to 0..1, SS = 1 - IR
    self-sufficiency, d mean of (2.5 - x)/5 over the focus's own output: world concentration bears in full on what is
    imported, by d on what is made at home. RIR recycling input rate, SI substitution indices; GVA value added of the
    using sectors by use share over the largest sector's; CCI share of sectors that use the material. RIR missing -> 0
    and SI missing -> 1 (upper bounds). Disruption potential and the value-added multiplier are left out.
    dimension  x: mean of the governance dimensions, or one of them
    Returns supply_risk with the range that IR's range and producers without x give, global_concentration H,
    domestic_weight d, import_reliance IR, self_sufficiency SS (material, stage, focus, year) 1; economic_importance EI,
    value_added GVA, cross_cutting CCI (material) 1.
    Golden: tests/golden/india-2023.toml (worked by hand; the committee published no score).
    """
    world, weights, said = weighted(case, dimension)
    own = [domestic(case, one) for one in weights]
    found = reliance.balanced(case, "r", balance.import_reliance, ratio=True)
    best, low, high = (np.clip(part["r"], 0.0, 1.0) for part in (found.values, found.low, found.high))
    recycling, hard = (by_material(case, name) for name in ("recycling_input_rate", "substitution_sr"))
    factor = (1.0 - np.where(np.isnan(recycling), 0.0, recycling)) * np.where(np.isnan(hard), 1.0, hard)
    abroad = [np.broadcast_to(one[:, :, None, :], best.shape) for one in world]
    home = [np.where(np.isnan(one), 0.0, one) for one in own]

    def risk(part: Floats, end: int = 0) -> Floats:
        return factor[:, None, None, None] * abroad[end] * (part + (1.0 - part) * home[end])

    ends = [risk(part, end) for part in (low, high) for end in (1, 2)]
    here = ~np.isnan(risk(best))
    remarks = {text: here & mask[:, :, None, :] for text, mask in said.remarks.items()} | dict(found.remarks)
    remarks[flows.NO_PRODUCTION] = remarks[flows.NO_PRODUCTION] | (~np.isnan(best) & np.isnan(abroad[0]))
    remarks |= {NO_RECYCLING: here & np.isnan(recycling)[:, None, None, None]}
    remarks |= {NO_SUBSTITUTION: here & np.isnan(hard)[:, None, None, None]}
    details = {text: np.broadcast_to(d[:, :, None, :], best.shape) for text, d in said.details.items()}
    added, wide = value_use(case)
    replaced = by_material(case, "substitution_ei")
    values = {"supply_risk": risk(best), "global_concentration": abroad[0], "domestic_weight": own[0]}
    values |= {"import_reliance": best, "self_sufficiency": 1.0 - best, "value_added": added, "cross_cutting": wide}
    values["economic_importance"] = np.where(np.isnan(replaced), 1.0, replaced) * added * wide
    bounds = ({"supply_risk": pick(ends, axis=0)} for pick in (np.min, np.max))
    return MethodOutput(values, remarks, {**details, **found.details}, COMMITTEE, *bounds)


@method(
    "uk-2024",
    kind="indicator",
    needs=(*BALANCE, "trade_value"),
    optional=(
        *OPTIONAL,
        "trade_value_covered",
        "substitution_ei",
        "companion_share",
        "production_series",
        "price_monthly",
        "price_series",
        "price",
    ),
    variables=(
        Variable("supply_risk", "1", CELL, (0.0, 1.0), "S, mean of three indicators"),
        Variable("vulnerability", "1", CELL, (0.0, 1.0), "V, mean of six indicators"),
        Variable("concentration", "1", CELL, (0.0, 1.0), "S1 world output by country, weighted by governance"),
        Variable("companion", "1", CELL[:2], (0.0, 1.0), "S2 companion share"),
        Variable("unrecycled", "1", ("material",), (0.0, 1.0), "S3 one less the recycling input rate"),
        Variable("evolution", "1", markets.CELL, (0.0, 1.0), "V1 growth of world output, 0.5 = unchanged"),
        Variable("volatility", "1", markets.MARKET, (0.0, 1.0), "V2 price volatility"),
        Variable("substitutability", "1", ("material",), (0.0, 1.0), "V3 substitution index, 1 = none"),
        Variable("trade_concentration", "1", CELL, (0.0, 1.0), "V4 concentration of imports by partner"),
        Variable("import_reliance", "1", CELL, (0.0, 1.0), "V5 net import reliance, at least 0"),
        Variable("value_added", "1", ("material",), (0.0, 1.0), "V6 value added of the using sectors"),
    ),
    reference="Mudd et al. 2024, UK 2024 criticality assessment, BGS OR/24/047; indicators from memory, form ours",
    choices={"dimension": DIMENSIONS, "by": tuple(flows.MASSES)},
    defaults=Defaults(compare=4),
)
def uk_2024(case: Case, dimension: str = "mean", by: str = "value", window: int = markets.WINDOW) -> MethodOutput:
    """Global supply risk S and vulnerability V of a focus by the indicators of the UK's assessment of 2024.

    S = mean(H_g, CF, 1 - RIR);  V = mean(r/(1 + r), v/(1 + v), SI, H_import, IR, GVA)

    H_g governance-weighted concentration of world output, CF companion share, RIR recycling input rate; r ratio of
    world output at the end of the window to its start by trend, v yearly price volatility, SI substitution index,
    H_import concentration of imports by partner, IR net import reliance cut to 0..1, GVA value added of the using
    sectors by use share over the largest sector's. Each in 0..1, 1 = worst; the scaling and the plain means are ours.
    dimension  of governance: mean of the dimensions, or one of them
    by         imports by "value" or "mass"
    window     years, for r and v
    S needs H_g and one more; V needs three of six, one of them H_import or IR. The range takes unknown ones as 0 or 1,
    and producers without a score as the best or the worst governed.
    Returns supply_risk S, vulnerability V (material, stage, focus, year) 1 and the nine indicators, 1: concentration,
    companion, unrecycled; evolution, volatility, substitutability, trade_concentration, import_reliance, value_added.
    Golden: tests/golden/uk-2024.toml (worked by hand; the published scores were not read).
    """
    world, _, said = weighted(case, dimension)
    found = reliance.balanced(case, "r", balance.import_reliance, ratio=True)
    shape = flows.shape(case)
    links, _, _ = suppliers.imports(case, by)
    parts = {"concentration": world[0][:, :, None, :], "companion": np.full(shape[:2], np.nan)}
    if "companion_share" in case.cubes:
        parts["companion"] = case.array("companion_share", "material", "stage")
    parts["unrecycled"] = 1.0 - by_material(case, "recycling_input_rate")
    parts["evolution"] = screening.growth_share(markets.growth(case, int(window))[0], int(window) - 1)
    parts["volatility"] = screening.saturate(markets.volatility(case, int(window))[0])
    parts["substitutability"] = by_material(case, "substitution_ei")
    parts["trade_concentration"] = squares(links.group, links.amount, flows.cells(case)).reshape(shape)
    parts["import_reliance"] = np.clip(found.values["r"], 0.0, 1.0)
    parts["value_added"] = value_use(case)[0]
    whole = {name: _spread(name, part, shape) for name, part in parts.items()}
    stacked = list(whole.values())
    made = ~np.isnan(whole["concentration"])
    wide = (_spread("concentration", one[:, :, None, :], shape) for one in world)
    supply = [
        np.where(made, screening.mean_known(np.stack([one, *stacked[1:3]]), 2)[k], np.nan) for k, one in enumerate(wide)
    ]
    linked = ~(np.isnan(whole["trade_concentration"]) & np.isnan(whole["import_reliance"]))
    weak = [np.where(linked, s, np.nan) for s in screening.mean_known(np.stack(stacked[3:]), 3)]
    here = ~np.isnan(supply[0])
    details = {text: np.broadcast_to(d[:, :, None, :], shape) for text, d in said.details.items()}
    remarks = {text: here & mask[:, :, None, :] for text, mask in said.remarks.items()} | dict(found.remarks)
    remarks[flows.NO_PRODUCTION] = remarks[flows.NO_PRODUCTION] | (~np.isnan(weak[0]) & ~made)
    for axis, value, group in (("S", supply[0], stacked[:3]), ("V", weak[0], stacked[3:])):
        lacking = np.isnan(np.stack(group)).sum(axis=0)
        remarks[MISSING[axis]] = ~np.isnan(value) & (lacking > 0)
        details[MISSING[axis]] = lacking.astype(np.float64)
    values = {**parts, "concentration": whole["concentration"], "supply_risk": supply[0], "vulnerability": weak[0]}
    low, high = ({"supply_risk": supply[k], "vulnerability": weak[k]} for k in (1, 2))
    return MethodOutput(values, remarks, {**details, **found.details}, UK, low, high)


def _spread(name: str, part: Floats, shape: tuple[int, ...]) -> Floats:
    """Return an indicator of fewer axes on the cells (material, stage, focus, year)."""
    if part.ndim == 1:
        part = part[:, None, None, None]
    elif name == "companion":
        part = part[:, :, None, None]
    elif part.ndim == 2:
        part = part[:, None, None, :]
    elif part.ndim == 3:
        part = part[:, :, None, :]
    return np.broadcast_to(part, shape)
