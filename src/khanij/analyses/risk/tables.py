"""A risk as tables: what the years cost, what of it is priced and what is not, who is behind it, and single stops."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from khanij.analyses import loss_cells
from khanij.analyses.loss_cells import LOSS, MILLION, money
from khanij.analyses.risk import hazard_tables, reason_tables, stop_tables
from khanij.analyses.risk.numbers import RiskNumbers, UnpricedGood
from khanij.analyses.risk.rows import SEE, some, table, without
from khanij.core.number import Number
from khanij.core.table import Table
from khanij.present import names
from khanij.reference.names import country_name
from khanij.simulate.risk.assessment import LEVELS, Contribution

BOUND = (
    "a loss is not known (n/k) where a good that is used has no published users or no price; what is known of it is a "
    "lower bound where only losses are missing, else a known part; see not_priced"
)
SHARED = (
    "a year's loss of a material is divided among the sellers struck as the losses of each alone are, gains as 0; "
    "contributions add up to the figures of the whole"
)
UNRANKED = (
    "in the order of their names: how much they cost is not known, which does not make them small; use and spending "
    "say what hangs on them"
)
PUSHED = {
    "world": "with the whole world",
    "country": "with its country",
    "market": "with other sellers of its good",
    "own": "by itself",
}
SUMMARY = ("statistic", *LOSS, "standard_error", "level")
CURVE = ("return_period", *LOSS)
SEASONS = ("season", "events_a_year", *LOSS)
MATERIALS = (
    *("mineral", "expected_loss", "standard_error", "priced_share", "tail_contribution", "tail_share", "own_tail"),
    *("event_years", "material"),
)
BOUNDS = ("mineral", "lower_bound", "known_part", "standard_error", "event_years", "why", "material")
UNPRICED = ("mineral", "form", "use_tonnes", "spending", "first_seller", "why", "material", "stage")
PARTS = ("priced_loss", "standard_error", "priced_share", "tail_contribution", "tail_share", "own_tail", "event_years")
COUNTRIES = ("country_name", *PARTS, "country")
KINDS = ("hazard_kind", "latent_factor", *PARTS)
MISSING = ("mineral", "why", "material")
TABLES = {
    "risk": {
        **{
            "summary": SUMMARY,
            **reason_tables.TABLES,
            "materials": MATERIALS,
            "not_priced": UNPRICED,
            "lower_bounds": BOUNDS,
        },
        **stop_tables.TABLES,
        **{"curve": CURVE, "seasons": SEASONS, "countries": COUNTRIES, "kinds": KINDS},
        **hazard_tables.TABLES,
        "missing": MISSING,
    },
    "stops": {"stops": stop_tables.IN_FORCE, "ranking": stop_tables.RANKING, "missing": MISSING},
}


def tables(found: RiskNumbers, sources: tuple[str, ...]) -> list[Table]:
    """Return every table of a risk that has rows, in the order in which they are read.

    sources  ids of those behind every loss
    """
    made = [
        summary(found, sources),
        materials(found, sources),
        not_priced(found, sources),
        lower_bounds(found, sources),
        stop_tables.stops(found.single, sources),
        stop_tables.ranking(found.single, sources),
        stop_tables.sellers(found, sources),
        curve(found, sources),
        countries(found),
        kinds(found),
        hazard_tables.doubt(found),
        seasons(found, sources),
        stop_tables.pairs(found),
        hazard_tables.tornado(found),
        hazard_tables.hazards(found),
        hazard_tables.dependence(found),
        hazard_tables.simulation(found),
        missing(found.base.focus, found.base.missing),
    ]
    return [one for one in made if len(one)]


def summary(found: RiskNumbers, sources: tuple[str, ...]) -> Table:
    """Return expected loss, VaR and CVaR."""
    base, years = found.base, found.years

    def row(statistic: str, level: float | None, value: float, error: float) -> dict[str, Any]:
        span = found.span(statistic.split()[0] if level else statistic, level or 0.0)
        told = loss_cells.cells(value, found.unknown, sources, *span, reason=SEE)
        return {"statistic": statistic, **told, "standard_error": some(error, MILLION), "level": level}

    rows = [row("expected loss", None, years.expected, years.error)]
    for tail in years.tails:
        rows.append(row(f"VaR {tail.level:.0%}", tail.level, tail.var, float("nan")))
        rows.append(row(f"CVaR {tail.level:.0%}", tail.level, tail.cvar, tail.error))
    notes = [
        f"{base.years} years, seed {base.seed}; losses in USD of {base.year}, gains below 0; standard error: of the "
        "sampling of years alone, not of the assumptions",
        *([hazard_tables.RANGE] if found.band is not None else ()),
    ]
    untold = [f"{level:.0%}" for level in LEVELS if level not in {tail.level for tail in years.tails}]
    if untold:
        notes.append(f"too few years to tell VaR and CVaR of {', '.join(untold)}")
    if years.solved_years < 1:
        notes.append(
            f"of the years that were solved ({years.solved_years:.1%}); unsolved scenarios at 0: "
            f"{years.lowest / MILLION:,.1f}, at the dearest solved one of their material: "
            f"{years.highest / MILLION:,.1f} {loss_cells.UNIT} expected a year"
        )
    title = f"What disruption costs {country_name(base.focus)} in a year"
    bound = (BOUND,) if found.unknown else ()
    return table("summary", title, rows, SUMMARY, (*bound, *notes, *base.caveats, *base.hazards.notes))


def curve(found: RiskNumbers, sources: tuple[str, ...]) -> Table:
    """Return the loss that is exceeded once in so many years."""
    rows = []
    for at in found.curve:
        span = (at.low, at.high) if found.band is None else found.span("VaR", 1.0 - 1.0 / at.period)
        told = loss_cells.cells(at.loss, found.unknown, sources, *span, reason=SEE)
        rows.append({"return_period": at.period, **told})
    alone = "range: 90 % interval of order statistics, of the simulation alone and not of its assumptions"
    note = alone if found.band is None else hazard_tables.RANGE
    title = f"Loss-exceedance curve of {country_name(found.base.focus)}"
    return table("curve", title, rows, CURVE, (note, *found.base.caveats))


def seasons(found: RiskNumbers, sources: tuple[str, ...]) -> Table:
    """Return what the events of a year cost in their first twelve months and in those after, where they last."""
    rows = [
        {"season": one.number, "events_a_year": one.events, **loss_cells.cells(one.expected, found.unknown, sources)}
        for one in found.seasons
    ]
    note = (
        "a season: twelve months from each event's beginning, later ones not discounted; restrictions hold with chance"
        " policy_persists a year and take later_year of what they took, stops last as those on record did"
    )
    title = f"What the events of a year cost {country_name(found.base.focus)} as long as they last"
    return table("seasons", title, rows, SEASONS, (note, *without(found)))


def materials(found: RiskNumbers, sources: tuple[str, ...]) -> Table:
    """Return what each mineral adds whose loss lacks nothing, dearest first."""
    priced = [part for part in found.materials if part.label[0] not in found.unknown]
    rows = [
        {
            "mineral": names.mineral(part.label[0]),
            "expected_loss": money(part.expected, sources),
            **{key: value for key, value in _part(part).items() if key != "priced_loss"},
            "material": part.label[0],
        }
        for part in priced
    ]
    left = len(found.unknown)
    note = (f"{left} minerals of which a good is not priced stand in lower_bounds, unranked",) if left else ()
    title = f"Minerals whose loss to {country_name(found.base.focus)} is priced in full"
    return table("materials", title, rows, MATERIALS, (*note, SHARED, *found.base.caveats), ("material",))


def _part(part: Contribution) -> dict[str, Any]:
    """Return the cells of PARTS."""
    return {
        "priced_loss": some(part.expected, MILLION),
        "standard_error": some(part.error, MILLION),
        "priced_share": some(part.share),
        "tail_contribution": some(part.tail, MILLION),
        "tail_share": some(part.tail_share),
        "own_tail": some(part.own_tail, MILLION),
        "event_years": part.event_years,
    }


def lower_bounds(found: RiskNumbers, sources: tuple[str, ...]) -> Table:
    """Return what is known of the loss of each mineral of which a good is not priced, by name."""
    rows = []
    for part in sorted(found.materials, key=lambda part: names.mineral(part.label[0])):
        material = part.label[0]
        if material in found.unknown:
            told = loss_cells.cells(part.expected, loss_cells.only(found.unknown, [material]), sources)
            rows.append(
                {
                    "mineral": names.mineral(material),
                    "lower_bound": told["lower_bound"],
                    "known_part": told["known_part"],
                    "standard_error": some(part.error, MILLION),
                    "event_years": part.event_years,
                    "why": _reasons(found, material),
                    "material": material,
                }
            )
    title = f"Minerals of which a good is not priced: what is known of their loss to {country_name(found.base.focus)}"
    return table("lower_bounds", title, rows, BOUNDS, (BOUND, UNRANKED), ("material",), ("why",))


def _reasons(found: RiskNumbers, material: str) -> str:
    """Return "refined, component: no record tells who uses it"."""
    listed = loss_cells.goods(loss_cells.only(found.unknown, [material]))
    return "; ".join(f"{', '.join(stage for _, stage in goods)}: {reason}" for reason, goods in listed.items())


def not_priced(found: RiskNumbers, sources: tuple[str, ...]) -> Table:
    """Return the goods that are used and not priced, by name: tonnes, spending, and the largest seller abroad."""
    rows = [_unpriced(good, sources) for good in found.unpriced]
    title = f"Goods that {country_name(found.base.focus)} uses and that are not priced"
    return table("not_priced", title, rows, UNPRICED, (UNRANKED,), ("material", "stage"), ("why",))


def _unpriced(good: UnpricedGood, sources: tuple[str, ...]) -> dict[str, Any]:
    """Return the row of one good."""
    seller = Number(good.share, "1", sources, label=country_name(good.seller)) if good.seller else None
    return {
        "mineral": names.mineral(good.material),
        "form": names.form(good.material, good.stage),
        "use_tonnes": Number(good.use, "t", sources),
        "spending": money(good.spending, sources, note="" if isfinite(good.spending) else "no price of it is known"),
        "first_seller": seller,
        "why": "; ".join(dict.fromkeys(channel.reason for channel in good.channels)),
        "material": good.material,
        "stage": good.stage,
    }


def countries(found: RiskNumbers) -> Table:
    """Return what each seller adds to what is priced."""
    rows = [
        {"country_name": country_name(part.label[0]), **_part(part), "country": part.label[0]}
        for part in found.countries
    ]
    title = f"Sellers behind what is priced, {country_name(found.base.focus)}"
    return table(
        "countries",
        title,
        rows,
        COUNTRIES,
        (*without(found), SHARED, *found.base.caveats),
        ("country",),
    )


def kinds(found: RiskNumbers) -> Table:
    """Return what each kind of event adds to what is priced, by the latent factor that pushed it most."""
    rows = [
        {"hazard_kind": part.label[0], "latent_factor": PUSHED[part.label[1]], **_part(part)} for part in found.kinds
    ]
    title = f"Kinds of events behind what is priced, {country_name(found.base.focus)}"
    return table("kinds", title, rows, KINDS, (*without(found), SHARED, *found.base.caveats))


def missing(focus: str, reasons: Mapping[str, str]) -> Table:
    """Return the minerals that are not counted at all, with the reason."""
    rows = [
        {"mineral": names.mineral(material), "why": reason, "material": material}
        for material, reason in sorted(reasons.items())
    ]
    note = "their losses are not known, which is not the same as none"
    title = f"Minerals of which nothing is told of {country_name(focus)}"
    return table("missing", title, rows, MISSING, (note,), ("material",))
