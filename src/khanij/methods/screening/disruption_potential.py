"""USGS's supply risk of 2020: may suppliers stop, does the focus depend on them, would it hurt; for any focus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.registry import Defaults, MethodOutput, Variable, method
from khanij.kernels.indicators import reliance as balance
from khanij.kernels.indicators import screening
from khanij.methods import reliance
from khanij.methods.concentration import DIMENSIONS, weighted, world_output
from khanij.methods.trade import flows
from khanij.methods.trade.flows import CELL

PARTS = ("trade_ties", "shared_values", "military_cooperation")
TIES = ("focus", "partner", "year")
NOTES = (
    "proxy: ability to supply from governance (weak = less able); the Fraser policy perception index is not open",
    "proxy: shared values from the distance of ideal points in the UN General Assembly, not from Freedom House scores",
    "proxy: trade ties from recorded trade in minerals and energy over the partner's GDP, not from trade in all goods",
    "proxy: military cooperation from common membership of a group of mutual defence, not from all defence treaties",
    "proxy: economic vulnerability from the value of imports over the focus's GDP, because expenditure and operating "
    "profit by industry are not open; a raw fraction, so that scores compare between materials, foci and years but not "
    "with published ones; scaling 'largest' divides it by the largest of the case's materials, same focus and year",
    "trade exposure without secondary production and changes of stocks; shares of primary production only",
)
NO_GDP = "no gross domestic product of the focus: no economic vulnerability"
THIN = "willingness of some producers rests on fewer than the three parts, share of output at most"


@dataclass(frozen=True, slots=True)
class Willingness:
    """Willingness of partners to supply each focus, (focus, partner, year) 1, 1 = least; its parts and their number."""

    whole: Floats
    parts: tuple[Floats, ...]
    known: Floats


def _members_sum(member: Floats, values: Floats) -> Floats:
    """Return (focus, partner, year) sums of (country, partner, year) over the members of each focus."""
    return np.einsum("fcy,cpy->fpy", member, values, optimize=True)


def _dense(case: Case, quantity: str, *dims: str) -> Floats:
    """Return a sparse quantity as a dense array, 0 where it has no entry."""
    at, values = case.entries(quantity, *dims)
    out = np.zeros(tuple(len(case.axis(dim.partition(":")[0])) for dim in dims))
    np.add.at(out, tuple(at), values)
    return out


def willingness(case: Case) -> Willingness:
    """Return how unwilling partners are to supply each focus: the mean of loose ties, distance and no defence pact."""
    member = flows.membership(case)
    nothing = np.full(member.shape, np.nan)
    ties = values = pact = nothing
    if {"bilateral_trade", "gdp"} <= set(case.cubes):
        sent = _dense(case, "bilateral_trade", "country:exporter", "country:importer", "year")
        both = _members_sum(member, sent + np.transpose(sent, (1, 0, 2)))
        gdp = np.broadcast_to(case.array("gdp", "country", "year") / 1e3, both.shape)
        outside = np.where(member > 0, np.nan, both)
        ties = np.moveaxis(screening.loose_ties(np.moveaxis(outside, 1, 2), np.moveaxis(gdp, 1, 2)), 2, 1)
    if "ideal_point" in case.cubes:
        points = case.array("ideal_point", "country", "year")
        seen = ~np.isnan(points)
        count = np.einsum("fcy,cy->fy", member, seen.astype(np.float64))
        summed = np.einsum("fcy,cy->fy", member, np.where(seen, points, 0.0))
        own = np.where(count > 0, summed / np.maximum(count, 1.0), np.nan)
        values = screening.distance(own, points)
    if "defence_pact" in case.cubes:
        pacts = _dense(case, "defence_pact", "country", "partner", "year")
        size = np.maximum(member.sum(axis=1), 1.0)
        pact = 1.0 - _members_sum(member, pacts) / size[:, None, :]
    parts = np.stack([ties, values, pact])
    mean = screening.mean_known(parts)[0]
    whole = np.where(member > 0, 0.0, mean)
    return Willingness(whole, tuple(parts), (~np.isnan(parts)).sum(axis=0).astype(np.float64))


def potential(case: Case, dimension: str, will: Willingness) -> tuple[list[Floats], MethodOutput]:
    """Return the disruption potential (material, stage, focus, year) and what is to be said of it.

    It comes three times: producers without a governance score as the others' mean, as the best, as the worst.
    """
    output, rest, _, _ = world_output(case)
    _, ability, spoken = weighted(case, dimension)
    seen = np.where(np.isnan(output), 0.0, output)
    whole = seen.sum(axis=-1) + rest
    share = np.where(whole[..., None] > 0, seen / np.where(whole > 0, whole, 1.0)[..., None], np.nan)
    materials, stages = share.shape[:2]
    flat = (materials * stages, share.shape[3], share.shape[2])
    moved, *able = [np.swapaxes(part, 2, 3).reshape(flat) for part in (share, *ability)]
    listed = whole > 0
    some = listed.any(axis=-1).ravel()
    gap = np.zeros((flat[0], will.whole.shape[0], flat[2]))
    found = [np.full(gap.shape, np.nan) for _ in able]
    willing = np.where(np.isnan(will.whole), 0.0, will.whole)
    for out, one in zip(found, able, strict=True):
        out[some] = screening.disruption_potential(moved[some], one[some], willing)
    thin = (will.known < len(PARTS)) & ~(flows.membership(case) > 0)
    gap[some] = np.einsum("kcy,fcy->kfy", np.nan_to_num(moved[some]), thin.astype(np.float64), optimize=True)
    cells = flows.shape(case)
    found = [np.where(listed[:, :, None, :], out.reshape(cells), np.nan) for out in found]
    gap = gap.reshape(cells)
    here = ~np.isnan(found[0])
    said = {text: here & mask[:, :, None, :] for text, mask in spoken.remarks.items()}
    said[THIN] = here & (gap > 1e-3)
    spread = {text: np.broadcast_to(d[:, :, None, :], cells) for text, d in spoken.details.items()}
    return found, MethodOutput({}, said, {**spread, THIN: gap})


def vulnerability(case: Case) -> tuple[Floats, np.ndarray]:
    """Return import value over GDP of the focus (material, stage, focus, year), and where the GDP is not known."""
    value = flows.totals(case, flows.flows(case, "trade_value").foreign())[0] * 1e3
    covered = np.broadcast_to(flows.covered(case, "trade_value"), value.shape)
    gdp = case.array("gdp", "country", "year")
    member = flows.membership(case)
    known = ~np.isnan(gdp)
    whole = np.einsum("fcy,cy->fy", member, np.where(known, gdp, 0.0))
    lacking = (whole <= 0)[None, None]
    ratio = value / np.where(lacking, np.nan, whole)
    return np.where(covered, np.minimum(ratio, 1.0), np.nan), np.broadcast_to(lacking, value.shape)


@method(
    "nassar-2020",
    kind="indicator",
    needs=("production", "governance", "trade", "trade_value", "membership", "gdp"),
    optional=(
        "world_production",
        "trade_covered",
        "trade_value_covered",
        "trade_massless",
        "ideal_point",
        "bilateral_trade",
        "defence_pact",
    ),
    variables=(
        Variable("supply_risk", "1", CELL, (0.0, 1.0), "SR, with stated proxies"),
        Variable("disruption_potential", "1", CELL, (0.0, 1.0), "DP, suppliers' ability and willingness"),
        Variable("trade_exposure", "1", CELL, (0.0, 1.0), "TE, net import reliance, at least 0"),
        Variable("economic_vulnerability", "1", CELL, (0.0, 1.0), "EV by proxy: import value over GDP"),
        *(Variable(name, "1", TIES, (0.0, 1.0), "part of WSI, 1 = least willing") for name in PARTS),
    ),
    reference="Nassar et al. 2020, Science Advances 6:eaay8647, doi 10.1126/sciadv.aay8647",
    choices={"dimension": DIMENSIONS, "scaling": ("none", "largest")},
    defaults=Defaults(compare=3),
)
def nassar_2020(case: Case, dimension: str = "mean", scaling: str = "none") -> MethodOutput:
    """Supply risk after Nassar et al. 2020 for any focus: disruption potential, trade exposure, vulnerability.

    SR = (DP·TE·EV)^(1/3);  DP = Σ_(c not in f) s_c²·ASI_c·WSI_(f,c);  TE = max(0, (I - E)/(P + I - E));  EV = V/GDP

    s_c share of world output; P, I, E own output, imports, exports (t/yr); V value of imports (USD/yr).
    ASI ability index, by proxy (2.5 - x)/5 with x governance (score), in the paper the Fraser index.
    WSI willingness index, mean of trade ties b/(b + t) (t = trade with c over its GDP, b that of all), distance of UN
    ideal points over the widest distance of the year, and 1 - defence pact; all three by proxy, 1 = least willing.
    EV by proxy. The proxies are listed in the notes of every result. A group has the mean ideal point of its members.
    dimension  x: mean of the governance dimensions, or one of them
    scaling    of EV: "none", or "largest" for 1 at the largest (see notes)
    Returns supply_risk with the range that TE's range and producers without x give, disruption_potential,
    trade_exposure,
    economic_vulnerability (material, stage, focus, year) 1; trade_ties, shared_values, military_cooperation
    (focus, partner, year) 1.
    Golden: tests/golden/nassar-2020.toml (worked by hand; no score of the paper is open).
    """
    will = willingness(case)
    (danger, *ends), said = potential(case, dimension, will)
    exposed = reliance.balanced(case, "trade_exposure", balance.import_reliance, ratio=True)
    te, te_low, te_high = (
        np.clip(part["trade_exposure"], 0.0, 1.0) for part in (exposed.values, exposed.low, exposed.high)
    )
    hurt, poor = vulnerability(case)
    if scaling == "largest":
        hurt = screening.largest_is_one(hurt, axis=(0, 1))
    score = screening.geometric_mean(danger, te, hurt)
    corners = [screening.geometric_mean(end, part, hurt) for end in ends for part in (te_low, te_high)]
    low, high = (pick(corners, axis=0) for pick in (np.min, np.max))
    traded = ~np.isnan(hurt) & (hurt > 0)
    remarks = {**said.remarks, **exposed.remarks, NO_GDP: traded & poor}
    remarks[flows.NO_PRODUCTION] = remarks[flows.NO_PRODUCTION] | (traded & np.isnan(danger))
    parts = dict(zip(PARTS, will.parts, strict=True))
    return MethodOutput(
        {"supply_risk": score, "disruption_potential": danger, "trade_exposure": te, "economic_vulnerability": hurt}
        | parts,
        remarks,
        {**said.details, **exposed.details},
        NOTES,
        {"supply_risk": low, "disruption_potential": ends[0], "trade_exposure": te_low},
        {"supply_risk": high, "disruption_potential": ends[1], "trade_exposure": te_high},
    )
