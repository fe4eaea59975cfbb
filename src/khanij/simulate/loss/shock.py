"""What a disruption does to a focus: shortage, price and losses with their range, and who else is hit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from khanij.core import rng
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError
from khanij.kernels.markets import market as kernel
from khanij.reference.assumptions import assumed_range
from khanij.simulate.loss import coverage, industries, losses
from khanij.simulate.loss.coverage import UnknownChannel, unknown_channels
from khanij.simulate.loss.losses import Exposure
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply.disruption import Disruption, describe
from khanij.simulate.supply.networks import Network, members, networks
from khanij.simulate.supply.statements import statement_networks

DRAWS, SEED = 96, 20260101
INTERVAL = (0.1, 0.9)
KEY = 4  # of the stream of draws of substitution and exposure


@dataclass(frozen=True, slots=True)
class NetworkAnswer:
    """One network's answer to a disruption.

    network  answers for the focus      outcome  the fitted behaviour first, then the draws: 1 + D scenarios
    channels  (1 + D,) USD by name, of the focus; nan for those of which nothing is known
    unknown   channels of goods that the disruption moves of which nothing is known: their sums are not known either
    """

    network: Network
    outcome: kernel.Outcome
    effect: responses.FocusEffect
    channels: dict[str, Floats]
    unknown: tuple[UnknownChannel, ...]


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
    nodes: int = 24,
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
    found += _stated(case, focus, [m for m in wanted if m not in {n.material for n in found}], str(year))
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


def _stated(case: Case, focus: str, materials: list[str], year: str) -> list[Network]:
    """Return the networks made of national statements in which the focus itself speaks; other users are not told."""
    speaks = set(members(case, focus, year))
    return [n for n in statement_networks(case, materials, year) if speaks & set(n.nodes)] if materials else []


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
    """Return the answer of one network: the fitted behaviour first, then the draws."""
    rule = behaviours.fitted(network, case)
    if draws:
        rule = behaviours.stacked(rule, behaviours.drawn(network, draws, seed, case))
    outcome = responses.respond(network, [disruptions] * (1 + draws), rule)
    exposure = losses.exposure(case, focus, network, table)
    effect = responses.effect(network, outcome, exposure.members)
    moved = np.asarray(coverage.moved(effect)[outcome.converged].any(axis=0))
    return NetworkAnswer(
        network.for_focus(exposure.members),
        outcome,
        effect,
        _channels(case, exposure, network, outcome, draws, seed),
        unknown_channels(exposure, network.stages, moved),
    )


def _channels(
    case: Case, exposure: Exposure, network: Network, outcome: kernel.Outcome, draws: int, seed: int
) -> dict[str, Floats]:
    """Return channel -> (1 + D,) USD: the first at best, the draws with drawn substitution and dependent share."""
    stream = rng.stream(seed, KEY)
    low, best, high = assumed_range("psi", case)
    usual = losses.parameters(case)
    u = stream.uniform(size=draws)
    psi = np.where(u < 0.5, low * (best / low) ** (2 * u), best * (high / best) ** (2 * u - 1))
    end = np.concatenate([[0], 1 + stream.integers(0, losses.ENDS, draws)])
    psi = np.concatenate([[usual.psi], psi])
    every = [
        losses.loss_channels(exposure, network, outcome, replace(usual, psi=psi, dependent=position)).channels()
        for position in (usual.dependent, 0.0, 0.5, 1.0)
    ]
    channels = {
        channel: np.choose(end, [np.broadcast_to(one[channel], end.shape) for one in every]) + 0.0
        for channel in every[0]
    }
    unknown = np.full(end.shape, np.nan)
    return channels | {channel: unknown for channel in _unknown(exposure)}


def _unknown(exposure: Exposure) -> Iterable[str]:
    """Yield the channels of which no part can be computed: no value, or nobody publishes who uses the material."""
    if not np.isfinite(exposure.spending).any():
        yield "users pay more"
    if not np.isfinite(exposure.spending).any() or (exposure.uses.share.sum() <= 0 and (exposure.spending != 0).any()):
        yield from ("users cut output", "customers cut output", "suppliers lose sales")
    if not np.isfinite(exposure.sales).any():
        yield from ("domestic producers expand", "domestic producers receive a higher price")
