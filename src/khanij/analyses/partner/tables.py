"""tables"""

from __future__ import annotations

import numpy as np

from khanij.analyses.measures import tables
from khanij.core.table import Table
from khanij.plan.levers import apply
from khanij.plan.measures import valued as measures
from khanij.plan.measures.partnership_value import ENDS, _expected, _first, _share, _stop
from khanij.plan.measures.partnerships import SCRAPS, UNSIGNED, Partnership, named
from khanij.reference import money
from khanij.simulate.risk import averted as valuation

MONEY = ("loss without", "loss with", "averted", "standard error", "of it gains", *ENDS, "CVaR 95% falls by")


def value(pair: Partnership, currency: money.Currency) -> Table:
    """Return with and without for every scenario: loss, averted with its standard error, and the range of volumes."""
    rows = []
    for one in pair.scenarios:
        usual = measures.value_measure(pair.base, one.option)
        # What has no range is not valued again.
        moved = [one.option.at(end) for end in ("low", "high")]
        ends = [
            (usual if end.levers == one.levers else measures.value_measure(pair.base, end)).figure.expected
            for end in moved
        ]
        without = _expected(pair.base, one.option.materials)
        figure = usual.figure
        rows.append(
            {
                "scenario": one.name,
                "meaning": one.meaning,
                "tonnes": measures.number(sum(e.done[0] for e in usual.effects if e.unit == "t")),
                "loss without": currency.of(without),
                "loss with": currency.of(without - figure.expected),
                "averted": currency.of(figure.expected),
                "standard error": currency.of(figure.error),
                "of it gains": currency.of(valuation.producer_gain(pair.base, usual.averted)),
                "at low volumes": currency.of(ends[0]),
                "at high volumes": currency.of(ends[1]),
                "CVaR 95% falls by": currency.of(figure.tail),
                "by mineral": ", ".join(_by_mineral(usual, currency)),
                "averts": tables.reason(usual, currency),
                "assumed": one.assumed,
                "confidence": "high" if one.name == "as-published" else "low",
            }
        )
    units = dict.fromkeys(MONEY, currency.name) | {"tonnes": "t"}
    notes = (
        "a year, of the minerals that the scenario touches; negative averted: the scenario adds losses",
        "of it gains: what own makers earn beyond the loss in years in which others go without; it is no loss averted",
        "volumes of scenarios are assumed and not negotiated by anybody; none is published",
        *((UNSIGNED,) if not named(pair.signed) else ()),
        currency.note,
        *pair.base.notes,
    )
    title = f"{pair.base.focus} and {pair.partner}: with and without"
    return Table.of(title, rows, units=units, notes=notes)


def _by_mineral(one: measures.MeasureValue, currency: money.Currency) -> list[str]:
    """Return what is averted of each mineral in words, most first."""
    parts = {material: currency.of(float(np.nanmean(years))) for material, years in one.averted.years.items()}
    return [f"{name} {part:+,.3g}" for name, part in sorted(parts.items(), key=lambda item: -abs(item[1])) if part]


def dependence(pair: Partnership, currency: money.Currency) -> Table:
    """Return by scenario and good the partner's share in use, before and after, and what its full stop would cost."""
    base, rows = pair.base, []
    for one in pair.scenarios:
        materials = [m for m in one.option.materials if m in base.batches]
        cases = (base.case, apply(base.case, one.levers).case)
        models = [valuation.changed_model(base, case, materials) for case in cases]
        for material in materials:
            stops = [_stop(found, material, pair.partner) for found in models]
            networks = [found.networks[material] for found in models]
            for stage in base.networks[material].stages:
                shares = [_share(network, stage, pair.partner) for network in networks]
                tops = [_first(network, stage, pair.partner) for network in networks]
                if max(shares) <= SCRAPS:
                    continue
                rows.append(
                    {
                        "scenario": one.name,
                        "material": material,
                        "stage": stage,
                        "share before": shares[0],
                        "share after": shares[1],
                        "largest other before": tops[0],
                        "largest other after": tops[1],
                        "stop of the partner costs, before": measures.number(currency.of(stops[0])),
                        "stop of the partner costs, after": measures.number(currency.of(stops[1])),
                    }
                )
    units = dict.fromkeys((f"stop of the partner costs, {when}" for when in ("before", "after")), currency.name)
    units |= dict.fromkeys(("share before", "share after"), "1")
    notes = (
        f"share: part of what {base.focus} uses that {pair.partner} made; the stop: it sells nothing of the mineral at "
        "any stage for a year, as sanctions on payment or transport would do; its chance plays no part here",
    )
    return Table.of(f"{base.focus} and {pair.partner}: dependence added", rows, units=units, notes=notes)


def instruments(pair: Partnership) -> Table:
    """Return what is signed, with its tonnes as published: none."""
    rows = [
        {
            "instrument": one.id,
            "what": one.instrument,
            "date": one.date,
            "strength": one.strength,
            "minerals": ", ".join(one.materials) or "none named",
            "covers": ", ".join(one.scopes),
            "tonnes": None,
            "status": one.status,
            "url": one.url,
            "confidence": one.confidence,
        }
        for one in pair.signed
    ]
    note = "no instrument publishes a volume: as published each averts nothing, and says so"
    return Table.of(f"{pair.base.focus} and {pair.partner}: what is signed", rows, notes=(note,))
