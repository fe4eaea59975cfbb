"""What a disruption does to a focus: shortage, price and losses with their range, and who else is hit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np

from khanij.core.case import Case
from khanij.core.cube import Floats, Positions
from khanij.core.errors import CoverageError
from khanij.kernels.markets import market as kernel
from khanij.reference.assumptions import assumed
from khanij.simulate.loss import coverage, industries, losses, monthly
from khanij.simulate.loss.coverage import UnknownChannel, unknown_channels
from khanij.simulate.loss.derived_demand import drawn_users, with_derived_demand, without_own_stock
from khanij.simulate.loss.losses import Exposure
from khanij.simulate.loss.monthly import MonthlySupply
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply.disruption import YEAR, Disruption, describe
from khanij.simulate.supply.networks import NODES, Network, members, networks
from khanij.simulate.supply.reconciled.statements import speaking

DRAWS, SEED = 96, 20260101
INTERVAL = (0.1, 0.9)
T = TypeVar("T", kernel.Outcome, responses.FocusEffect, MonthlySupply, Any)
KEY = 4  # of the stream of draws of substitution and exposure


@dataclass(frozen=True, slots=True)
class NetworkAnswer:
    """One network's answer to a disruption.

    network  answers for the focus      outcome  the fitted behaviour first, then the draws: 1 + D scenarios
    channels  (1 + D,) USD by name, of the focus; nan for those of which nothing is known
    unknown   channels of goods that the disruption moves of which nothing is known: their sums are not known either
    course    what happens month by month
    """

    network: Network
    outcome: kernel.Outcome
    effect: responses.FocusEffect
    channels: dict[str, Floats]
    unknown: tuple[UnknownChannel, ...]
    course: MonthlyCourse


@dataclass(frozen=True, slots=True)
class MonthlyCourse:
    """The months of one network, 1 + D scenarios: the fitted behaviour first, then the draws.

    exposure  what the focus has at stake     reached  what reaches it, month by month
    lost      (1 + D, M) value added lost in each month, all orders, USD
    products  (1 + D, J) months of base output lost, made up ones left out      begins (1 + D, J) months until short
    stopped   (1 + D, J) value added of the products' makers lost, USD
    sectors   (1 + D, 3, n) value added lost: users, their customers, their suppliers, USD
    """

    exposure: Exposure
    reached: MonthlySupply
    lost: Floats
    products: Floats
    begins: Floats
    stopped: Floats
    sectors: Floats


class _Answers(NamedTuple):
    """What scenarios on the same flows answer; see NetworkAnswer."""

    outcome: kernel.Outcome
    effect: responses.FocusEffect
    channels: dict[str, Floats]
    course: MonthlyCourse


@dataclass(frozen=True, slots=True)
class ShockResult:
    """A disruption, its base year, and the answers of the networks that it strikes.

    sources  ids of those behind the industries; none where no table holds the focus
    """

    focus: str
    year: int
    name: str
    disruptions: tuple[Disruption, ...]
    answers: tuple[NetworkAnswer, ...]
    draws: int
    seed: int
    notes: tuple[str, ...]
    sources: tuple[str, ...] = ()


def shock(
    case: Case,
    disruptions: Sequence[Disruption],
    year: int,
    *,
    name: str = "",
    draws: int = DRAWS,
    seed: int = SEED,
    nodes: int = NODES,
    uncovered: Callable[[str], str] | None = None,
) -> ShockResult:
    """Return the answers of every network that disruptions affect, for the focus of a Case.

    case   of one focus      disruptions  what happens at once      year  base year, one of the Case's
    draws  of uncertain behaviour      nodes  countries named
    uncovered  material -> why its trade is not known in tonnes; None = that is not known either
    Raises CoverageError where no material affected has trade by mass.
    """
    focus = case.axis("focus").codes[0]
    wanted = tuple(dict.fromkeys(m for d in disruptions for m in d.materials))
    named = {d.country for d in disruptions} | {c for d in disruptions for c in d.destinations}
    found = networks(case, wanted, str(year), nodes=nodes, named=named)
    left = [m for m in wanted if m not in {n.material for n in found}]
    found += speaking(case, members(case, focus, str(year)), left, str(year))
    if not found:
        why = "" if uncovered is None else f": {'; '.join(f'{m} {uncovered(m)}' for m in wanted)}"
        what = f"no trade by mass of {', '.join(wanted)} in {year}{why}"
        raise CoverageError(what, where="shock", hint="khanij data list codes shows under which trade code what stands")
    untouched = [*_untouched(found, disruptions)]
    if len(untouched) == sum(n.material in d.materials for d in disruptions for n in found):
        raise CoverageError(untouched[0], where="shock", hint=f"it has {', '.join(found[0].stages)}")
    table = industries.economy(case, focus, str(year))
    absent = [m for m in wanted if m not in {n.material for n in found}]
    return ShockResult(
        focus=focus,
        year=year,
        name=name or describe(disruptions),
        disruptions=tuple(disruptions),
        answers=tuple(_answer(case, focus, network, disruptions, table, draws, seed) for network in found),
        draws=draws,
        seed=seed,
        notes=(*table.notes, *untouched, *(f"{m}: no trade by mass in {year}, so not counted" for m in absent)),
        sources=table.sources,
    )


def _untouched(found: Sequence[Network], disruptions: Sequence[Disruption]) -> Iterable[str]:
    """Yield, for each disruption and network of its materials, that no stage of the network is affected."""
    for d in disruptions:
        for network in found:
            if network.material in d.materials and not any(d.affects(network.material, s) for s in network.stages):
                yield f"{network.material}: {', '.join(d.stages)} has no trade by mass in {network.year}, so no cut"


def _answer(
    case: Case,
    focus: str,
    network: Network,
    disruptions: Sequence[Disruption],
    table: industries.Economy,
    draws: int,
    seed: int,
) -> NetworkAnswer:
    """Return the answer of one network: the fitted behaviour first, then the draws, some on each draw of the flows."""
    users = drawn_users(case, draws, seed, KEY)
    rule = behaviours.fitted(network, case)
    if draws:
        places = behaviours.calibrated_positions(case)
        rule = behaviours.stacked(rule, behaviours.drawn(network, draws, seed, case, places=places))
    rule = with_derived_demand(case, network, rule, users.psi, users.thrift)
    flows = behaviours.on_flows(case, network, draws, round(assumed("flow_draws", case)), seed)
    parts = list(behaviours.by_pool(flows, users.pooled))
    rows = [at for *_, at in parts]
    told = [
        _on_flows(case, focus, one, market, disruptions, table, behaviours.rows(rule, at), users.position[at])
        for one, market, at in parts
    ]
    effect, course = (_in_order([getattr(one, name) for one in told], rows) for name in ("effect", "course"))
    exposure = course.exposure
    moved, hurt = (np.asarray(said(effect)[effect.converged].any(axis=0)) for said in (coverage.moved, coverage.hurt))
    back = np.argsort(np.concatenate(rows))
    channels = {name: np.concatenate([one.channels[name] for one in told])[back] for name in told[0].channels}
    return NetworkAnswer(
        network.for_focus(exposure.members),
        _in_order([one.outcome for one in told], rows),
        effect,
        channels | {channel: np.full(1 + draws, np.nan) for channel in _unknown(exposure)},
        unknown_channels(exposure, network.stages, moved, hurt),
        course,
    )


def _on_flows(
    case: Case,
    focus: str,
    recorded: Network,
    network: Network,
    disruptions: Sequence[Disruption],
    table: industries.Economy,
    rule: responses.Behaviour,
    positions: Floats,
) -> _Answers:
    """Return the answers of scenarios that stand on the same flows, recorded and pooled, one a row of the rule."""
    usual = losses.parameters(case)
    exposure = losses.exposure(case, focus, recorded, table)
    rule = without_own_stock(network, rule, exposure.members)
    parts = _parts(network, disruptions, rule, len(positions))
    outcome = parts[0][1]
    solved = np.logical_and.reduce([part.converged for _, part in parts])
    effect = replace(responses.effect(network, outcome, exposure.members), converged=solved)
    reached = monthly.supply(network, parts, exposure.members, usual.choke)
    return _Answers(outcome, effect, *_priced(exposure, reached, usual, positions))


def _in_order(parts: Sequence[T], rows: Sequence[Positions]) -> T:
    """Return one record of arrays (1 + D, ...) from parts that hold some of its rows; other fields are the first's."""
    back = np.argsort(np.concatenate(rows))

    def whole(name: str) -> Any:
        values = [getattr(part, name) for part in parts]
        if isinstance(values[0], MonthlySupply):
            return _in_order(values, rows)
        return np.concatenate(values)[back] if isinstance(values[0], np.ndarray) else values[0]

    return replace(parts[0], **{field.name: whole(field.name) for field in fields(parts[0])})


def _parts(
    network: Network, disruptions: Sequence[Disruption], rule: responses.Behaviour, count: int
) -> list[tuple[float, kernel.Outcome]]:
    """Return (months until which it holds, the market meanwhile), each cut at its full depth while it lasts."""
    ends = sorted({d.months for d in disruptions})
    found = []
    for end in ends:
        active = [replace(d, months=YEAR) for d in disruptions if d.months >= end]
        found.append((end, responses.respond(network, [active] * count, rule)))
    return found


def _priced(
    exposure: Exposure, reached: MonthlySupply, usual: losses.LossParameters, positions: Floats
) -> tuple[dict[str, Floats], MonthlyCourse]:
    """Return channel -> (1 + D,) USD and the months, each draw at its position (1 + D,) of who cannot do without."""
    economy = exposure.economy
    added = np.maximum(economy.value_added, 0.0) / losses.YEAR
    names = exposure.needs.products if exposure.needs is not None else ()
    batch, months = reached.delivered.shape[:2]
    channels: dict[str, Floats] = {}
    lost, sectors = np.zeros((batch, months)), np.zeros((batch, 3, len(economy.codes)))
    out, stopped, begins = (
        np.zeros((batch, len(names))),
        np.zeros((batch, len(names))),
        np.full((batch, len(names)), np.inf),
    )
    for position in np.unique(positions).tolist():
        rows = np.flatnonzero(positions == position)
        some = monthly.pick(reached, rows)
        told, found = losses.channels_of(exposure, some, replace(usual, dependent=position))
        for channel, values in told.channels().items():
            channels.setdefault(channel, np.full(batch, np.nan))[rows] = values
        lost[rows] = ((1.0 - found.final) * added).sum(axis=2) + found.paid_more.sum(axis=2)
        sectors[rows] = np.stack([told.cut, told.downstream, told.upstream], axis=1)
        if exposure.needs is None or not names:
            continue
        out[rows] = (1.0 - found.products).sum(axis=1)
        worth = monthly.at_position(exposure.needs.part, position) @ added
        stopped[rows] = out[rows] * worth
        held = monthly.at_position(exposure.needs.weight * exposure.needs.exposed, position) > 0
        for pair, product in enumerate(exposure.needs.product):
            if held[pair]:
                begins[rows, product] = np.minimum(begins[rows, product], found.short[:, pair])
    return channels, MonthlyCourse(exposure, reached, lost, out, begins, stopped, sectors)


def _unknown(exposure: Exposure) -> Iterable[str]:
    """Yield the channels of which no part can be computed: no value, or no record tells who uses the material."""
    if not np.isfinite(exposure.spending).any():
        yield "users pay more"
    if not np.isfinite(exposure.spending).any() or (exposure.uses.share.sum() <= 0 and (exposure.spending != 0).any()):
        yield from ("users cut output", "customers cut output", "suppliers lose sales")
    if not np.isfinite(exposure.sales).any():
        yield from ("domestic producers expand", "domestic producers receive a higher price")
