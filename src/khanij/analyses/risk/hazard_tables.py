"""What a risk leans on as tables: hazards, how far they happen together, the event set, and the tornado."""

from __future__ import annotations

from math import isfinite
from typing import Any

from khanij.analyses import loss_cells
from khanij.analyses.loss_cells import MILLION
from khanij.analyses.risk.numbers import RiskNumbers
from khanij.analyses.risk.rows import some, table, without
from khanij.core.table import Table
from khanij.reference.assumptions import assumed
from khanij.reference.names import country_name
from khanij.simulate.risk.band import SHORT, WORLDS
from khanij.simulate.risk.by_record.dependence import FACTORS
from khanij.simulate.risk.sensitivity import TAIL

TORNADO = (
    *("assumption", "meaning", "expected_low", "expected_high", "tail_low", "tail_high", "solved_low", "solved_high"),
)
HAZARDS = (
    *("country", "material", "stage", "hazard_kind", "yearly_chance", "chance_low", "chance_high", "export_share"),
    *("mean_export_loss", "chance_model", "chance_prior"),
)
DEPENDENCE = ("pair_kind", "pairs", "both_fell", "both_expected", "correlation", "correlation_low", "correlation_high")
SIMULATION = (
    *("years_simulated", "events_a_year", "event_years", "solved_years", "scenarios", "solved_scenarios"),
    *("median_iterations", "most_iterations"),
)
DOUBT = ("statistic", "in_doubt", "band_low", "band_high", "variance_part")
RANGE = (
    "range: 10 % to 90 % of worlds, each one draw of chances, behaviour and users, one structure of the hazards and one"
    " bootstrap of years; the table doubt has what each adds"
)
TOLD = (("expected loss", 0.0), ("CVaR", TAIL), ("VaR", 0.99))
TABLES = {
    "doubt": DOUBT,
    "tornado": TORNADO,
    "hazards": HAZARDS,
    "dependence": DEPENDENCE,
    "simulation": SIMULATION,
}


def doubt(found: RiskNumbers) -> Table:
    """Return the band of a few figures of what is priced, and what parameters, structure and sampling add to it."""
    rows, band = [], found.band
    for at, (figure, level) in enumerate(band.figures if band is not None else ()):
        if band is not None and (figure, level) in TOLD:
            for source, ends in {"all together": band.whole, **band.alone}.items():
                part = float(band.share[source][at]) if source in band.share else None
                told = {"band_low": some(ends[at, 0], MILLION), "band_high": some(ends[at, 1], MILLION)}
                name = f"{figure} {level:.0%}" if level else figure
                rows.append({"statistic": name, "in_doubt": source, **told, "variance_part": part})
    drawn = "; ".join(band.structures) if band is not None else ""
    notes = (
        f"structures: {drawn}, the first in {assumed('structure_usual', found.base.case):.0%} of the worlds; chances"
        " move together, which makes the band wide; a cut moves as the full stop of its good's largest seller does",
        f"{WORLDS} worlds; alternatives have {min(SHORT, found.base.years):,} years, falls on record half",
    )
    title = f"How sure the priced loss of {country_name(found.base.focus)} is, and what makes it unsure"
    return table("doubt", title, rows, DOUBT, (*notes, *without(found)))


def tornado(found: RiskNumbers) -> Table:
    """Return how expected loss and CVaR of what is priced move with each assumption, widest first."""
    rows = []
    for effect in found.tornado:
        row: dict[str, Any] = {"assumption": effect.assumption, "meaning": effect.meaning}
        for at, end in enumerate(("low", "high")):
            row[f"expected_{end}"] = some(effect.expected[at], MILLION)
            row[f"tail_{end}"] = some(effect.cvar[at], MILLION)
            row[f"solved_{end}"] = effect.solved[at]
        rows.append(row)
    usual, tail, solved = found.usual
    note = (
        f"at the usual assumptions: expected loss {_told(usual)}, CVaR {TAIL:.0%} {_told(tail)} {loss_cells.UNIT} over "
        f"the same {found.tornado_years} years, {solved:.1%} of them solved; low and high: ends of each range, alone"
    )
    title = f"What the priced loss of {country_name(found.base.focus)} hangs on"
    return table("tornado", title, rows, TORNADO, (note, *without(found), *found.base.caveats))


def _told(usd: float) -> str:
    """Return an amount in words."""
    return "not known" if not isfinite(usd) else f"{usd / MILLION:,.1f}"


def hazards(found: RiskNumbers) -> Table:
    """Return the hazards: who may lose how much of which export, and how likely."""
    renamed = {
        "kind": "hazard_kind",
        "probability": "yearly_chance",
        "low": "chance_low",
        "high": "chance_high",
        "share": "export_share",
        "model": "chance_model",
        "prior": "chance_prior",
        "mean cut": "mean_export_loss",
    }
    rows = [{renamed.get(key, key): cell for key, cell in row.items()} for row in found.base.hazards.rows()]
    return table("hazards", "Hazards: sellers abroad that may lose exports", rows, HAZARDS, found.base.hazards.notes)


def dependence(found: RiskNumbers) -> Table:
    """Return what the dependence between hazards rests on."""
    shared = found.base.hazards.dependence
    rows = [
        {
            "pair_kind": pair.sort,
            "pairs": pair.pairs,
            "both_fell": pair.both,
            "both_expected": pair.expected,
            "correlation": some(pair.correlation),
            "correlation_low": some(pair.low),
            "correlation_high": some(pair.high),
        }
        for pair in shared.pairs
    ]
    parts = ", ".join(f"{name} {getattr(shared, name):.3f}" for name in FACTORS)
    note = f"parts of the variance of a hazard's latent factor: {parts}"
    return table(
        "dependence", "Pair dependence: how far exports fall together in the record", rows, DEPENDENCE, (note,)
    )


def simulation(found: RiskNumbers) -> Table:
    """Return how much was simulated and solved."""
    years = found.years
    row = {
        "years_simulated": years.years,
        "events_a_year": years.events,
        "event_years": years.event_years,
        "solved_years": years.solved_years,
        "scenarios": years.scenarios,
        "solved_scenarios": years.solved_scenarios,
        "median_iterations": years.median_iterations,
        "most_iterations": years.most_iterations,
    }
    return table("simulation", "The event set and how it was solved", [row], SIMULATION)
