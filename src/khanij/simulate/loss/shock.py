"""What a disruption does to a focus: shortage, price and losses with their range, and who else is hit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from khanij.analyses.inputs import cases
from khanij.core import rng
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError, StudyError
from khanij.core.table import Table
from khanij.kernels import market as kernel
from khanij.reference import events
from khanij.simulate.loss import channels as economy
from khanij.simulate.loss import industries, losses
from khanij.simulate.loss.losses import EXPOSED, Stakes
from khanij.simulate.supply import behaviours, disruption, responses
from khanij.simulate.supply import events as scenarios
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import REST, Network, members, networks
from khanij.simulate.supply.statements import statement_networks

DRAWS, SEED = 96, 20260101
INTERVAL = (0.1, 0.9)
MILLION = 1e6
KEY = 4  # of the stream of draws of substitution and exposure
TRIFLE = 1e-4  # part of use whose loss is not worth a row
SHOWN = 12
RANGE = (
    "low and high: 10 % and 90 % of {draws} draws of elasticities, stocks, substitution and exposure (seed {seed}), "
    "wider where the value lies outside"
)
CENTRAL = "value: behaviour as fitted to the fit events of the back-test, other parameters at their best"
BEYOND = (
    f"the price that users answer lies above {responses.CHOKE:g} times the base price, the dearest on record; "
    "the shortage is certain, the price is not"
)
CAVEAT = (
    "substitution in use and the part of users' output that needs the material are low-confidence ranges; losses are "
    "of one year, USD of the base year at values of trade; gains and losses of other countries are not counted"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One network's answer to a disruption.

    outcome  the fitted behaviour first, then the draws: 1 + D scenarios
    channels  (1 + D,) USD by name, of the focus; nan for those of which nothing is known
    """

    network: Network
    outcome: kernel.Outcome
    effect: responses.Effect
    channels: dict[str, Floats]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shock:
    """A disruption, its base year, and the answers of the networks that it strikes.

    tabled  an input-output table holds the focus; else channels that need one are not known
    """

    focus: str
    year: int
    name: str
    struck: tuple[Disruption, ...]
    answers: tuple[Answer, ...]
    draws: int
    seed: int
    notes: tuple[str, ...]
    tabled: bool = True


def struck_by(
    file: str | Path | None = None, ban: str = "", outage: str = "", tariff: str = "", year: int = 2024
) -> tuple[str, list[Disruption]]:
    """Return name and disruptions of an event (a file, or the id of a documented one) or of texts; see disruption.FORM.

    Raises StudyError for both, for neither, and for what is impossible, with the key path.
    """
    if file is not None and any((ban, outage, tariff)):
        raise StudyError("a file and a ban at once", where="shock", hint="one of them")
    if file is None:
        found = disruption.several(ban, outage, tariff, where="--", year=year)
        return disruption.describe(found), found
    path = Path(file)
    event = events.read(path) if path.suffix or path.exists() else events.find(str(file))
    if event.kind == "tariff":
        raise StudyError(
            "an event tells who raises a tariff, not whose exports bear which rate",
            where=f"{file}: kind",
            hint="--tariff CHN:graphite>USA=0.5",
        )
    worst = max(range(event.start.year, event.start.year + 3), key=lambda y: scenarios.lost(event, y))
    cut = scenarios.disruption(event, worst)
    if not cut.lost:
        raise StudyError(
            "the event's size is not known, so nothing is cut",
            where=f"{file}: size.cut",
            hint="give low, best and high",
        )
    return f"{event.name} (its effect on {worst})", [cut]


def shock(
    focus: str,
    struck: Sequence[Disruption],
    year: int = 2024,
    *,
    name: str = "",
    draws: int = DRAWS,
    seed: int = SEED,
    nodes: int = 24,
) -> Shock:
    """Return the answers of every network that a disruption strikes, for a focus.

    struck  what happens at once      year  base year      draws  of uncertain behaviour      nodes  countries named
    Raises CoverageError where no struck material has trade by mass.
    """
    case = cases.case(focus, year)
    code = case.axis("focus").codes[0]
    wanted = tuple(dict.fromkeys(m for d in struck for m in d.materials))
    named = {d.country for d in struck} | {c for d in struck for c in d.destinations}
    found = networks(case, wanted, str(year), nodes=nodes, named=named)
    found += _stated(case, code, [m for m in wanted if m not in {n.material for n in found}], str(year))
    if not found:
        raise CoverageError(
            f"no trade by mass of {', '.join(wanted)} in {year}",
            where="shock",
            hint="`khanij data` shows what is covered",
        )
    untouched = [*_untouched(found, struck)]
    if len(untouched) == sum(n.material in d.materials for d in struck for n in found):
        raise CoverageError(untouched[0], where="shock", hint=f"it has {', '.join(found[0].stages)}")
    table = industries.economy(case, code, str(year))
    notes = [*table.notes, *untouched]
    answers = tuple(_answer(case, code, network, struck, table, draws, seed) for network in found)
    absent = [m for m in wanted if m not in {n.material for n in found}]
    notes += [f"{m}: no trade by mass in {year}, so not counted" for m in absent]
    return Shock(
        code, year, name or disruption.describe(struck), tuple(struck), answers, draws, seed, tuple(notes), table.known
    )


def _stated(case: Case, focus: str, materials: list[str], year: str) -> list[Network]:
    """Return the networks made of national statements in which the focus itself speaks; other users are not told."""
    speaks = set(members(case, focus, year))
    return [n for n in statement_networks(case, materials, year) if speaks & set(n.nodes)] if materials else []


def _untouched(found: Sequence[Network], struck: Sequence[Disruption]) -> Iterable[str]:
    """Yield, for each disruption and network of its materials, that no stage of the network is struck."""
    for d in struck:
        for network in found:
            if network.material in d.materials and not any(d.strikes(network.material, s) for s in network.stages):
                yield f"{network.material}: {', '.join(d.stages)} has no trade by mass in {network.year}, so no cut"


def _answer(
    case: Case,
    focus: str,
    network: Network,
    struck: Sequence[Disruption],
    table: industries.Economy,
    draws: int,
    seed: int,
) -> Answer:
    """Return the answer of one network: the fitted behaviour first, then the draws."""
    companion = behaviours.companion(case, network.material)
    rule = behaviours.fitted(network, companion)
    if draws:
        rule = behaviours.stacked(rule, behaviours.drawn(network, draws, seed, companion))
    outcome = responses.respond(network, [struck] * (1 + draws), rule)
    stake = losses.stakes(case, focus, network, table)
    effect = responses.effect(network, outcome, stake.members)
    return Answer(
        network,
        outcome,
        effect,
        _channels(stake, network, outcome, draws, seed),
        tuple(losses.reasons(stake, network.stages)),
    )


def _channels(stake: Stakes, network: Network, outcome: kernel.Outcome, draws: int, seed: int) -> dict[str, Floats]:
    """Return channel -> (1 + D,) USD: the first at best, the draws with drawn substitution and exposure."""
    stream = rng.stream(seed, KEY)
    low, best, high = economy.PSI
    u = stream.uniform(size=draws)
    psi = np.where(u < 0.5, low * (best / low) ** (2 * u), best * (high / best) ** (2 * u - 1))
    exposed = np.concatenate([[1], stream.integers(0, EXPOSED, draws)])
    every = [
        losses.losses(stake, network, outcome, psi=np.concatenate([[best], psi]), exposed=place).channels()
        for place in range(EXPOSED)
    ]
    channels = {
        channel: np.choose(exposed, [np.broadcast_to(found[channel], exposed.shape) for found in every]) + 0.0
        for channel in every[0]
    }
    unknown = np.full(exposed.shape, np.nan)
    return channels | {channel: unknown for channel in _unknown(stake)}


def _unknown(stake: Stakes) -> Iterable[str]:
    """Yield the channels of which no part can be computed: no value, or nobody publishes who uses the material."""
    if not np.isfinite(stake.spending).any():
        yield "users pay more"
    if not np.isfinite(stake.spending).any() or (stake.uses.share.sum() <= 0 and (stake.spending != 0).any()):
        yield from ("users cut output", "customers cut output", "suppliers lose sales")
    if not np.isfinite(stake.sales).any():
        yield from ("domestic producers expand", "domestic producers receive a higher price")


def effects(found: Shock) -> Table:
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
                {network.nodes.index(d.country) for d in found.struck if d.strikes(network.material, stage)}
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


def _here(answer: Answer, found: Shock) -> list[str]:
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


def costs(found: Shock) -> Table:
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


def hit(found: Shock, most: int = SHOWN) -> Table:
    """Return the countries that go without the largest part of what they use, by stage that is struck.

    Makers who pay less than before have lost their own buyers: they go without nothing.
    """
    rows = []
    for answer in found.answers:
        network, outcome = answer.network, answer.outcome
        for k, stage in enumerate(network.stages if outcome.converged[0] else ()):
            if not any(d.strikes(network.material, stage) for d in found.struck):
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


def _said(found: Shock) -> tuple[str, ...]:
    return (CENTRAL, RANGE.format(draws=found.draws, seed=found.seed)) if found.draws else (CENTRAL,)


def _assumed(found: Shock) -> Iterable[str]:
    """Yield what had to be assumed about each network."""
    for answer in found.answers:
        for note in answer.network.notes:
            yield f"{answer.network.material}, {note}"
        at = [answer.network.nodes.index(c) for c in _here(answer, found)]
        for k, stage in enumerate(answer.network.stages):
            if not answer.effect.base[0, k] > 0:
                yield f"{answer.network.material}, {stage}: no use of {found.focus} is on record"
            if answer.effect.converged[0] and (answer.outcome.index[0, k, at] > responses.CHOKE).any():
                yield f"{answer.network.material}, {stage}: {BEYOND}"
        if not answer.effect.converged[0]:
            yield f"{answer.network.material}: the market has not cleared; no value is shown"


def tables(found: Shock) -> list[Table]:
    """Return every table of a shock."""
    return [effects(found), costs(found), hit(found)]
