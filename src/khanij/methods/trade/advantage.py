"""Where a focus could lead: revealed advantage by stage, and the ladder of value from ore to goods."""

from __future__ import annotations

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.registry import MethodOutput, Variable, method
from khanij.kernels.indicators import advantage
from khanij.kernels.indicators.suppliers import add
from khanij.methods.trade import flows
from khanij.methods.trade.flows import CELL

WORLD = ("material", "stage", "year")
NEEDS = ("trade_value", "membership")
SHARED = "its trade code holds other materials too: left out"
NO_EXPORTS = "no exports recorded"
UNMATCHED = "part of its trade has no tonnage: no value of a tonne"
LONE = 0.01  # part of the world's value that may lack a tonnage
BULLION = ("gold",)  # traded more as money than as a mineral, and in amounts that would decide every share
CONTEXT = "context"  # kind of materials.csv: energy, building stone, timber
BASKET = (
    "advantage is relative to the minerals of the Case traded under codes of their own, energy left out; goods that are"
    " no minerals are not in the store, so it does not tell whether the country is good at minerals altogether"
)
BULLION_NOTE = "gold is not in the basket; the range has the basket with and without it"
MATCHED = "unit values are over flows with both value and tonnes under codes of the material alone; no prices"
CONTENT = "contained tonnes: a gain says what a contained tonne sells for, before losses and costs of the step"


def clean(case: Case) -> np.ndarray:
    """Return (material, stage) true where no trade code of the pair holds other materials."""
    mixed = {(code.material, code.stage) for code in reference.hs_codes() if code.shared}
    stages, materials = case.axis("stage").codes, case.axis("material").codes
    return np.array([[(m, s) not in mixed for s in stages] for m in materials], dtype=bool)


def world(case: Case, quantity: str) -> Floats:
    """Return (material, stage, year) of all recorded flows, whoever trades."""
    at, amount = case.entries(quantity, "material", "stage", "country:exporter", "country:importer", "year")
    sizes = tuple(len(case.axis(name)) for name in WORLD)
    return add(np.ravel_multi_index((at[0], at[1], at[4]), sizes), amount, int(np.prod(sizes))).reshape(sizes)


def basket(case: Case, bullion: bool) -> np.ndarray:
    """Return (material,) true where the material is compared; `bullion` = gold too."""
    kinds = {id: m.kind for id, m in reference.materials().items()}
    return np.array(
        [kinds.get(m) != CONTEXT and (bullion or m not in BULLION) for m in case.axis("material").codes], dtype=bool
    )


def rungs(case: Case) -> np.ndarray:
    """Return (stage,) true for stages of the ladder: all but scrap."""
    return np.array([stage != "scrap" for stage in case.axis("stage").codes], dtype=bool)


@method(
    "revealed-advantage",
    kind="indicator",
    needs=NEEDS,
    optional=("trade_value_covered", "gdp"),
    variables=(
        Variable("advantage", "1", CELL, (0.0, float("inf")), "Balassa index among minerals; above 1 = advantage"),
        Variable("symmetric", "1", CELL, (-1.0, 1.0), "the same between -1 and 1; above 0 = advantage"),
        Variable("world_share", "1", CELL, (0.0, 1.0), "share in the world's exports of the stage, by value"),
        Variable(
            "per_economy", "1", CELL, (0.0, float("inf")), "that share over the share in the world's output (GDP)"
        ),
        Variable("net_trade", "1", CELL, (-1.0, 1.0), "exports less imports over both, by value"),
    ),
    reference='Balassa 1965, Trade liberalisation and "revealed" comparative advantage, The Manchester School 33(2)',
    higher="better",
)
def revealed_advantage(case: Case) -> MethodOutput:
    """Revealed comparative advantage of a focus at each stage of each mineral.

    R = (x_ms / Σ x) / (w_ms / Σ w), x exports of the focus, w of the world, by value;  S = (R - 1) / (R + 1)
    world_share = x_ms / w_ms;  per_economy = world_share / (GDP of the focus / GDP of the world);
    net_trade = (x_ms - imports) / (x_ms + imports)

    Both sums run over minerals of the Case under codes of their own, energy, scrap and gold left out; low and high
    are the least and greatest R with gold in or out. Trade inside a group does not count as its exports.
    Returns advantage, symmetric, world_share, per_economy, net_trade (material, stage, focus, year) 1; nan where the
    code holds other materials too, where the world does not trade the stage, or (net_trade) without trade.
    Golden: rca-soybeans.toml (the published worked example, by the kernel), tests/methods/test_advantage.py.
    """
    own = clean(case)[:, :, None, None] & np.broadcast_to(flows.covered(case, "trade_value"), flows.shape(case))
    sold = np.where(own, flows.totals(case, flows.flows(case, "trade_value", "exporter").foreign())[0], np.nan)
    bought = np.where(own, flows.totals(case, flows.flows(case, "trade_value", "importer").foreign())[0], np.nan)
    whole = np.where(own, world(case, "trade_value")[:, :, None, :], np.nan)
    ends = []
    for bullion in (False, True):
        counted = own & basket(case, bullion)[:, None, None, None] & rungs(case)[None, :, None, None]
        totals = [np.where(counted, v, 0.0).sum(axis=(0, 1), keepdims=True) for v in (sold, whole)]
        ends.append(advantage.balassa(sold, totals[0], whole, totals[1]))
    share = advantage.part(sold, whole)
    values = {
        "advantage": ends[0],
        "symmetric": advantage.symmetric(ends[0]),
        "world_share": share,
        "net_trade": advantage.balance(sold, bought),
    }
    if "gdp" in case.cubes:
        values["per_economy"] = advantage.part(share, np.broadcast_to(economy(case), share.shape))
    low, high = np.fmin(*ends), np.fmax(*ends)
    traded = np.broadcast_to(flows.covered(case, "trade_value"), flows.shape(case))
    remarks = {SHARED: traded & ~clean(case)[:, :, None, None], NO_EXPORTS: own & (sold == 0) & (whole > 0)}
    return MethodOutput(
        values,
        remarks,
        notes=(BASKET, BULLION_NOTE),
        low={"advantage": low, "symmetric": advantage.symmetric(low)},
        high={"advantage": high, "symmetric": advantage.symmetric(high)},
    )


def economy(case: Case) -> Floats:
    """Return (focus, year) share of a focus in the GDP of all countries that have a figure; nan where its own lacks."""
    gdp = case.array("gdp", "country", "year")
    member = flows.membership(case)
    known = np.nan_to_num(gdp)
    own = (member * known[None]).sum(axis=1)
    lacking = ((member > 0) & np.isnan(gdp)[None]).any(axis=1)
    return np.where(lacking, np.nan, advantage.part(own, np.broadcast_to(known.sum(axis=0), own.shape)))


@method(
    "value-ladder",
    kind="indicator",
    needs=("trade", *NEEDS),
    optional=("trade_massless", "trade_value_covered", "trade_covered"),
    variables=(
        Variable("unit_value", "USD/t", CELL, (0.0, float("inf")), "value of a contained tonne that the focus exports"),
        Variable("import_unit_value", "USD/t", CELL, (0.0, float("inf")), "value of a contained tonne that it imports"),
        Variable("world_unit_value", "USD/t", WORLD, (0.0, float("inf")), "value of a contained tonne in world trade"),
        Variable("step", "1", WORLD, (0.0, float("inf")), "world value of a contained tonne over the stage before"),
    ),
    reference="BACI: Gaulier and Zignago 2010, CEPII working paper 2010-23; content factors of the trade codes",
    higher="neutral",
)
def value_ladder(case: Case) -> MethodOutput:
    """Value of a contained tonne at each stage, and its gain from stage to stage.

    u = V / T over flows with both value and tonnes;  step_s = u_s / u_s', s' = the nearest earlier stage with a value

    Contained tonnes make stages comparable; low and high of u come from the content factors. Flows without tonnage
    are taken out of the value. Left out are scrap, stages whose trade codes hold other materials, and stages in which
    more than a hundredth of the world's value has no tonnage of its own to go with.
    Returns unit_value and import_unit_value (material, stage, focus, year) USD/t of exports and imports of the focus;
    world_unit_value and step (material, stage, year).
    Oracle: hand-made ladder in tests/methods/test_advantage.py.
    """
    kept = clean(case)[:, :, None] & rungs(case)[None, :, None]
    odd = kept & unmatched(case)
    pure = (kept & ~odd)[:, :, None, :]
    found: dict[str, tuple[Floats, Floats, Floats]] = {}
    for name, side in (("unit_value", "exporter"), ("import_unit_value", "importer")):
        tonnes = flows.totals(case, flows.flows(case, "trade", side, bounded=True).foreign())
        value = flows.totals(case, flows.flows(case, "trade_value", side).foreign())[0]
        if "trade_massless" in case.cubes:
            value = value - flows.totals(case, flows.flows(case, "trade_massless", side).foreign())[0]
        ends = [np.where(pure, advantage.unit_value(np.maximum(value, 0.0), t), np.nan) for t in tonnes]
        found[name] = (ends[0], ends[2], ends[1])  # the most tonnes give the least value of one
    value = world(case, "trade_value")
    if "trade_massless" in case.cubes:
        value = value - world(case, "trade_massless")
    whole = np.where(pure[:, :, 0], advantage.unit_value(np.maximum(value, 0.0), world(case, "trade")), np.nan)
    gain, _ = advantage.steps(np.moveaxis(whole, 1, -1))
    here = np.broadcast_to(flows.covered(case, "trade_value"), flows.shape(case))
    best = {name: ends[0] for name, ends in found.items()}
    return MethodOutput(
        {**best, "world_unit_value": whole, "step": np.moveaxis(gain, -1, 1)},
        {
            SHARED: here & ~clean(case)[:, :, None, None],
            UNMATCHED: np.broadcast_to(odd[:, :, None, :], here.shape).copy(),
        },
        notes=(MATCHED, CONTENT),
        low={name: ends[1] for name, ends in found.items()},
        high={name: ends[2] for name, ends in found.items()},
    )


def unmatched(case: Case) -> np.ndarray:
    """Return (material, stage, year) true where much of the value has no tonnage, known or unknown, beside it."""
    dims = ("material", "stage", "country:exporter", "country:importer", "year")
    sizes = tuple(len(case.axis(d.partition(":")[0])) for d in dims)
    at, value = case.entries("trade_value", *dims)
    names = [name for name in ("trade", "trade_massless") if name in case.cubes]
    known = np.concatenate([np.ravel_multi_index(tuple(case.entries(name, *dims)[0]), sizes) for name in names])
    lone = ~np.isin(np.ravel_multi_index(tuple(at), sizes), known)
    small = tuple(len(case.axis(name)) for name in WORLD)
    cell, count = np.ravel_multi_index((at[0], at[1], at[4]), small), int(np.prod(small))
    without, whole = (add(cell[keep], value[keep], count).reshape(small) for keep in (lone, np.full(len(lone), True)))
    return without > LONE * whole
