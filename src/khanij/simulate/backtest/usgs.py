"""A published stress test repeated: price and gross domestic product after a full stop of one seller's exports.

Networks from national statements, behaviour drawn from published ranges, value added at risk industry by industry. No
parameter is chosen by the result; the alternatives are choices of structure, each with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from khanij.core import rng
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError
from khanij.kernels.markets import market as kernel
from khanij.reference.assumptions import assumed, assumed_range
from khanij.simulate.loss import channels as economy
from khanij.simulate.loss import industries, losses
from khanij.simulate.supply import behaviours, parameters, responses
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import Network
from khanij.simulate.supply.reconciled.statements import Origin, statement_networks

DependentPart = Literal["sourced", "cost"]
LEVELS = 20  # places of the exposure's range, so that draws that share one are computed together
FLOOR, REACH = 1e-3, 590.0  # of prices; how far the logs may go for the engine, see kernels/markets/market.solve


@dataclass(frozen=True, slots=True)
class Choices:
    """Structure: see statement_networks for traced, recycled and closed.

    exposure  which part of an industry needs the material: "sourced" where use_industries.csv has it, else by what a
              product that needs it spends on it (assumption dependent_cost); "cost" by that alone
    choke     price, as a multiple of base, above which users leave; None = the engine's (assumption choke_price)
    fixed     parameter of behaviour -> value in place of the drawn one, such as {"demand": 1.0}
    """

    traced: Origin = "mixed"
    recycled: float | None = None
    closed: bool = False
    exposure: DependentPart = "sourced"
    choke: float | None = None
    fixed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckDraws:
    """What D draws give, (D,) each.

    price    of each material: what users of the focus pay a tonne, as a multiple of the base price
    left     of each material: use as a part of base use
    net      change of gross domestic product, USD
    channels channel -> USD, losses below 0
    share    part of value added lost and of what users pay more that falls on the industries named, 0..1
    solved   the market cleared
    """

    price: Mapping[str, Floats]
    left: Mapping[str, Floats]
    net: Floats
    channels: Mapping[str, Floats]
    share: Floats
    solved: np.ndarray


def check(
    case: Case,
    focus: str,
    disruptions: Sequence[Disruption],
    *,
    industries_of: Sequence[str] = (),
    draws: int = 400,
    seed: int = 1,
    choices: Choices | None = None,
) -> CheckDraws:
    """Return price and loss of a focus after disruptions of the materials that they name, in the Case's last year.

    industries_of  codes whose part of the loss is asked for      draws  a multiple of LEVELS is used
    Raises CoverageError where a material has no network or the focus no input-output table.
    """
    choices = choices or Choices()
    names = tuple(dict.fromkeys(m for d in disruptions for m in d.materials))
    draws = -(-draws // LEVELS) * LEVELS
    found = statement_networks(case, names, traced=choices.traced, recycled=choices.recycled, closed=choices.closed)
    if lacking := set(names) - {n.material for n in found}:
        raise CoverageError(
            f"no statements on {sorted(lacking)[0]}", where="check", hint="networks have other materials"
        )
    table = industries.economy(case, focus, found[0].year)
    if not table.known:
        raise CoverageError(table.notes[0], where="check", hint="a focus whose industries are known")
    stakes = [_stake(case, focus, n, table) for n in found]
    outcomes = [_solve(n, disruptions, draws, seed, choices) for n in found]
    effects = [responses.effect(n, o, s.members) for n, o, s in zip(found, outcomes, stakes, strict=True)]
    psi = parameters.quantile(assumed_range("psi", case), _even(draws, seed, "psi"))
    level = np.arange(draws) % LEVELS
    parts = []
    for k in range(LEVELS):
        rows = np.nonzero(level == k)[0]
        place = (k + 0.5) / LEVELS
        parts.append((rows, _losses(table, stakes, effects, rows, psi[rows], place, choices, case)))
    return _gather(names, stakes, effects, outcomes, parts, table, industries_of, draws)


def _even(draws: int, seed: int, name: str) -> Floats:
    """Return even numbers from 0 to 1 of a stream of its own."""
    return rng.stream(seed, 0, *name.encode()).uniform(size=draws)


def _stake(case: Case, focus: str, network: Network, table: industries.Economy) -> losses.Exposure:
    """Return what the focus has at stake, its users by statistics of use alone, as in the published test.

    The engine of losses adds who needs the material by the table of critical inputs, which would put 38 % of the
    gallium at makers of spacecraft; `shock` tells that, and this check does not.
    """
    stake, goods = losses.exposure(case, focus, network, table), [(network.material, s) for s in network.stages]
    uses, cost = industries.published_uses(case, table, goods), assumed_range("dependent_cost", case)
    ends = [economy.dependent_share(table, uses, stake.spending, k, cost) for k in range(losses.ENDS)]
    return replace(stake, uses=uses, dependent_share=np.clip(np.stack(ends), losses.LEAST, 1.0), needs=None)


def _solve(
    network: Network, disruptions: Sequence[Disruption], draws: int, seed: int, choices: Choices
) -> kernel.Outcome:
    """Return the year after; the top of prices lies as high as the engine can reach, for the case without a choke."""
    behaviour = behaviours.drawn(network, draws, seed)
    for name, value in choices.fixed.items():
        behaviour = replace(behaviour, **{name: np.full_like(getattr(behaviour, name), value)})
    behaviour = replace(behaviour, sigma=np.maximum(behaviour.sigma, behaviour.demand))
    answer = responses.response(network, behaviour)
    if choices.choke is not None:
        answer = replace(answer, choke=np.full((1, 1, 1), choices.choke))
    top = FLOOR * float(np.exp(REACH / (2.0 * behaviour.sigma.max())))
    return kernel.solve(
        responses.chain(network),
        answer,
        responses.shock(network, [disruptions] * draws, behaviour),
        bounds=(FLOOR, top),
        most=200,
    )


def _exposed(stake: losses.Exposure, place: float, choices: Choices, case: Case) -> Floats:
    """Return the part of each industry that needs the material (n,), at a place of its range."""
    ends = stake.dependent_share[:, 0]
    if choices.exposure == "cost":
        unsourced = replace(stake.uses, exposed=np.full_like(stake.uses.exposed, np.nan))
        cost = assumed_range("dependent_cost", case)
        ends = np.stack(
            [economy.dependent_share(stake.economy, unsourced, stake.spending, k, cost)[0] for k in range(len(ends))]
        )
    return losses.between(ends, place)


def _losses(
    table: industries.Economy,
    stakes: Sequence[losses.Exposure],
    effects: Sequence[responses.FocusEffect],
    rows: np.ndarray,
    psi: Floats,
    place: float,
    choices: Choices,
    case: Case,
) -> economy.LossChannels:
    """Return the losses of some draws that share a place of the exposure, all materials short together."""
    left, paid, more, earned = (
        np.stack([value[rows] for value in column], axis=1) for column in zip(*map(_of, effects), strict=True)
    )
    uses = industries.Uses(
        share=np.concatenate([s.uses.share for s in stakes]),
        exposed=np.concatenate([s.uses.exposed for s in stakes], axis=1),
        sources=tuple(text for s in stakes for text in s.uses.sources),
        notes=tuple(text for s in stakes for text in s.uses.notes),
    )
    return economy.value_added_at_risk(
        table,
        uses,
        np.concatenate([s.spending for s in stakes]),
        left,
        paid,
        psi=psi,
        between=np.maximum(psi, assumed("product_substitution", case)),
        exposed=np.stack([_exposed(s, place, choices, case) for s in stakes]),
        sales=np.concatenate([np.nan_to_num(s.sales) for s in stakes]),
        output=more,
        received=earned,
        margin=np.concatenate([np.nan_to_num(s.margin) for s in stakes]),
    )


def _of(found: responses.FocusEffect) -> tuple[Floats, Floats, Floats, Floats]:
    """Return what is left, what is paid, output and what makers get, (D,) each as multiples of base."""
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(found.base > 0, found.use / found.base, 1.0)[:, 0]
        more = np.where(found.base_output > 0, found.output / found.base_output, 1.0)[:, 0]
    paid = np.where(np.isfinite(found.price), found.price, 1.0)[:, 0]
    earned = np.where(np.isfinite(found.earned), found.earned, 1.0)[:, 0]
    return left, paid, more, earned


def _gather(
    names: tuple[str, ...],
    stakes: Sequence[losses.Exposure],
    effects: Sequence[responses.FocusEffect],
    outcomes: Sequence[kernel.Outcome],
    parts: Sequence[tuple[np.ndarray, economy.LossChannels]],
    table: industries.Economy,
    industries_of: Sequence[str],
    draws: int,
) -> CheckDraws:
    """Return the draws in their order."""
    net, share = np.zeros(draws), np.zeros(draws)
    channels: dict[str, Floats] = {}
    at = [table.codes.index(code) for code in industries_of if code in table.codes]
    for rows, found in parts:
        net[rows] = found.net
        dearer = np.nan_to_num(found.paid_more)
        lost = found.cut + found.downstream + found.upstream
        lost = lost + sum(dearer[:, [m]] * s.uses.share[0] for m, s in enumerate(stakes))
        whole = (found.first_order + found.second_order) + dearer.sum(axis=1)
        share[rows] = np.divide(lost[:, at].sum(axis=1), whole, out=np.zeros_like(whole), where=whole > 0)
        for name, value in found.channels().items():
            channels.setdefault(name, np.zeros(draws))[rows] = value
    price = {name: e.price[:, 0] for name, e in zip(names, effects, strict=True)}
    left = {name: e.use[:, 0] / e.base[:, 0] for name, e in zip(names, effects, strict=True)}
    solved = np.logical_and.reduce([o.converged for o in outcomes])
    return CheckDraws(price, left, net, channels, share, solved)
