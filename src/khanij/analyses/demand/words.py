"""How much will be needed, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khanij.analyses.demand.request import DemandRequest
from khanij.core.table import Table
from khanij.present import text
from khanij.reference.industry.technologies import paths_to
from khanij.reference.names import country_name

NAMED = 4  # materials named in a sentence


def need(rows: Sequence[Mapping[str, Any]], request: DemandRequest, years: Sequence[int]) -> list[str]:
    """Return what is needed of each material in the first and last year with a figure, with range and scrap."""
    by: dict[str, dict[int, dict[str, float]]] = {}
    for row in rows:
        known = by.setdefault(row["material"], {}).setdefault(row["year"], {})
        for key in ("technologies", "demand", "low", "high", "base", "base_scrap", "recoverable"):
            if row.get(key) is not None:
                known["need" if key in ("technologies", "demand") else key] = known.get(key, 0.0) + row[key]
    told = []
    for material, series in by.items():
        held = [year for year in years if "need" in series.get(year, {})]
        if held:
            first, last = series[held[0]], series[held[-1]]
            band = "" if request.technology else text.span(last.get("low"), last.get("high"), "t")
            said = f"{material} {text.tonnes(first['need'])} in {held[0]}, {text.tonnes(last['need'])} in {held[-1]}"
            said += f" ({band})" if band else ""
            scrap = last.get("recoverable")
            told.append((last["need"], said + (f", of which scrap could give {text.tonnes(scrap)}" if scrap else "")))
    where = f"{country_name(request.focus)}, scenario {request.followed}"
    if not told:
        minerals = text.count(len(by), "material")
        return [f"{where}: no technology path gives a need of {minerals}; see base demand and the part of the world's."]
    if request.technology:
        return [f"{where}: {text.count(len(rows), 'row')} of {text.count(len(by), 'material')} by technology."]
    told.sort(key=lambda one: one[0], reverse=True)
    named = "; ".join(said for _, said in told[:NAMED])
    rest = len(by) - min(len(told), NAMED)
    more = f"; {text.count(rest, 'other material')} in the table" if rest else ""
    return [f"Technologies of {where} need {named}{more}.", *_outside(by, years), *_ended(by, years, request)]


def _outside(by: Mapping[str, Mapping[int, Mapping[str, float]]], years: Sequence[int]) -> list[str]:
    """Return use outside the technologies that is largest in the first year, and what of it home scrap met."""
    held = [(series[years[0]]["base"], material) for material, series in by.items() if "base" in series[years[0]]]
    if not held:
        return []
    _, material = max(held)
    first, last = by[material][years[0]], by[material][years[-1]]
    said = f"Outside them {material} needs {text.tonnes(first['base'])} in {years[0]}"
    said += f" and {text.tonnes(last['base'])} in {years[-1]}" if "base" in last else ""
    if "base_scrap" in first:
        said += f"; {100 * first['base_scrap'] / first['base']:.0f} % of it is met by scrap that arises at home"
    return [f"{said}."]


def _ended(
    by: Mapping[str, Mapping[int, Mapping[str, float]]], years: Sequence[int], request: DemandRequest
) -> list[str]:
    """Return the sentence on years for which the scenario states nothing."""
    known = [year for year in years if any("need" in series.get(year, {}) for series in by.values())]
    if not known or known[-1] == years[-1]:
        return []
    paths = paths_to(request.focus, years[-1])
    later = f"; --scenario {max(paths, key=lambda name: paths[name])} goes further" if paths else ""
    return [f"After {known[-1]} {request.followed} states no path, so that need of technologies is not known{later}."]


def stated(grid: Table) -> list[str]:
    """Return how many figures of how many scenarios there are."""
    scenarios = sorted(set(grid.column("scenario")))
    return [f"{len(grid)} stated figures of {text.count(len(scenarios), 'scenario')}: {text.joined(scenarios)}."]
