"""tables"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from khanij.analyses.inputs import cases
from khanij.core.cube import Floats
from khanij.core.table import Table
from khanij.reference.assumptions import assumed
from khanij.simulate.loss.shock import INTERVAL, NetworkAnswer, ShockResult
from khanij.simulate.supply.networks import REST, members

MILLION = 1e6

TRIFLE = 1e-4  # part of use whose loss is not worth a row

SHOWN = 12

RANGE = (
    "low and high: 10 % and 90 % of {draws} draws of elasticities, stocks, substitution and exposure (seed {seed}), "
    "wider where the value lies outside"
)

CENTRAL = "value: behaviour as fitted to the fit events of the back-test, other parameters at their best"

BEYOND = (
    f"the price that users answer lies above {assumed('choke_price'):g} times the base price, the dearest on record; "
    "the shortage is certain, the price is not"
)

CAVEAT = (
    "substitution in use and the part of users' output that needs the material are low-confidence ranges; losses are "
    "of one year, USD of the base year at values of trade; gains and losses of other countries are not counted"
)


def effects(found: ShockResult) -> Table:
    """Return one row a stage: what the focus uses, how much comes from those struck, shortage and price with ranges."""
    rows = []
    for answer in found.answers:
        network, cleared = answer.network, answer.effect.converged
        at = [network.nodes.index(c) for c in _here(answer, found)]
        for k, stage in enumerate(network.stages):
            base = float(answer.effect.base[0, k])
            if base <= 0:
                continue
            sellers = sorted(
                {network.nodes.index(d.country) for d in found.disruptions if d.affects(network.material, stage)}
            )
            share = float(network.flow[k][np.ix_(sellers, at)].sum()) / base if sellers else 0.0
            rows.append(
                {
                    "material": network.material,
                    "stage": stage,
                    "base use": base,
                    "of it from those struck": share,
                    **_spread("shortage", answer.effect.shortage[:, k], cleared),
                    **_spread("price", answer.effect.price[:, k], cleared),
                    "drawn from stock": float(answer.effect.drawn[0, k]) / base if cleared[0] else None,
                    "draws cleared": float(cleared[1:].mean()) if cleared.size > 1 else None,
                }
            )
    units = {"base use": "t", "of it from those struck": "1", "shortage": "1", "price": "base year = 1"}
    return Table.of(f"{found.focus}: {found.name}", rows, units=units, notes=(*_said(found), *_assumed(found)))


def _here(answer: NetworkAnswer, found: ShockResult) -> list[str]:
    """Return the members of the focus that the network names; a single country names itself."""
    case = cases.case(found.focus, found.year)
    return [c for c in members(case, found.focus, str(found.year)) if c in answer.network.nodes]


def _spread(name: str, values: Floats, cleared: np.ndarray) -> dict[str, float | None]:
    """Return the first value and the interval of the draws that cleared; the interval always holds the value."""
    central = float(values[0]) if cleared[0] and np.isfinite(values[0]) else None
    drawn = values[1:][cleared[1:] & np.isfinite(values[1:])]
    low, high = (float(np.quantile(drawn, q)) for q in INTERVAL) if drawn.size else (None, None)
    if central is not None and low is not None and high is not None:
        low, high = min(low, central), max(high, central)
    return {name: central, f"{name} low": low, f"{name} high": high}


def costs(found: ShockResult) -> Table:
    """Return one row a material and channel: million USD of a year's gross domestic product, losses below 0."""
    rows: list[dict[str, Any]] = []
    for answer in found.answers:
        cleared = answer.effect.converged
        known = [values for values in answer.channels.values() if not np.isnan(values).all()]
        total = np.nansum(known, axis=0) if known else np.full(answer.effect.converged.shape, np.nan)
        whole = "net" if found.tabled else "net of what is known"
        for channel, values in (*answer.channels.items(), (whole, total)):
            rows.append(
                {
                    "material": answer.network.material,
                    "channel": channel,
                    **_spread("change", values / MILLION, cleared),
                }
            )
    missing = [f"{a.network.material}, {text}" for a in found.answers for text in a.missing]
    return Table.of(
        f"{found.focus}: gross domestic product",
        rows,
        units={"change": "million USD a year"},
        notes=(*_said(found), CAVEAT, *missing, *found.notes),
    )


def hit(found: ShockResult, most: int = SHOWN) -> Table:
    """Return the countries that go without the largest part of what they use, by stage that is struck.

    Makers who pay less than before have lost their own buyers: they go without nothing.
    """
    rows = []
    for answer in found.answers:
        network, outcome = answer.network, answer.outcome
        for k, stage in enumerate(network.stages if outcome.converged[0] else ()):
            if not any(d.affects(network.material, stage) for d in found.disruptions):
                continue
            base = network.use[k]
            short = np.divide(base - outcome.use[0, k], base, out=np.zeros_like(base), where=base > 0)
            order = sorted(range(len(base)), key=lambda i: (-(base[i] - outcome.use[0, k, i]), network.nodes[i]))
            rows += [
                {
                    "material": network.material,
                    "stage": stage,
                    "country": network.nodes[i],
                    "base use": float(base[i]),
                    "lost": float(base[i] - outcome.use[0, k, i]),
                    "shortage": float(short[i]),
                    "price": float(outcome.average[0, k, i]),
                }
                for i in order[:most]
                if base[i] > 0 and short[i] > TRIFLE and not outcome.average[0, k, i] < 1.0
            ]
    notes = ("rest = all countries not named one by one",) if any(r["country"] == REST for r in rows) else ()
    return Table.of("who goes without", rows, units={"base use": "t", "lost": "t", "shortage": "1"}, notes=notes)


def _said(found: ShockResult) -> tuple[str, ...]:
    return (CENTRAL, RANGE.format(draws=found.draws, seed=found.seed)) if found.draws else (CENTRAL,)


def _assumed(found: ShockResult) -> Iterable[str]:
    """Yield what had to be assumed about each network."""
    for answer in found.answers:
        for note in answer.network.notes:
            yield f"{answer.network.material}, {note}"
        at = [answer.network.nodes.index(c) for c in _here(answer, found)]
        for k, stage in enumerate(answer.network.stages):
            if not answer.effect.base[0, k] > 0:
                yield f"{answer.network.material}, {stage}: no use of {found.focus} is on record"
            if answer.effect.converged[0] and (answer.outcome.index[0, k, at] > assumed("choke_price")).any():
                yield f"{answer.network.material}, {stage}: {BEYOND}"
        if not answer.effect.converged[0]:
            yield f"{answer.network.material}: the market has not cleared; no value is shown"
