"""Months after a ban or an outage while prices do not matter yet: the physical engine on a Case's networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube, Floats
from khanij.core.errors import CoverageError, StudyError
from khanij.core.registry import MethodOutput, Variable, method
from khanij.kernels.markets import physical as kernel
from khanij.kernels.markets.physical_base import Base, Shut, from_flow
from khanij.simulate.supply import parameters
from khanij.simulate.supply.disruption import FORM, Acts, Disruption, describe, parse
from khanij.simulate.supply.networks import REST, Network, networks

AXES = ("material", "stage", "country", "month")
MEASURES = ("use_loss", "stock", "imports", "output")
MONTHS, DAYS = 12.0, 365.0
SOURCED = "sourced"
ENDS = ("best", "low", "high")  # of stocks and idle capacity together, one scenario each


@dataclass(frozen=True, slots=True)
class MonthlyPath:
    """What happened to one network: each (scenarios, months, K, n); nan where a country has no use, or nothing at all.

    use_loss  part of the wanted use not met        stock, imports, output  t a month
    """

    network: Network
    use_loss: Floats
    stock: Floats
    imports: Floats
    output: Floats


def base(network: Network, feed: str = "whole") -> Base:
    """Return a month of a network's year; what a stage gives out of idle capacity is left to the scenarios.

    feed  "whole" = all output moves with its recorded input; "recorded" = only what that input can have fed
    """
    fed = network.input_coverage if feed == "recorded" else None
    return from_flow(network.flow / MONTHS, network.share_processed, fed=fed)


def capacity(network: Network, disruptions: Sequence[Disruption], spare: Floats, months: int) -> Floats:
    """Return the part of usual output that can be made (B, M, K, n): idle capacity added, what an outage takes away.

    spare  (B, K) idle capacity as a part of output
    """
    able = np.repeat(1.0 + spare[:, None, :, None], months, axis=1) * np.ones(len(network.nodes))
    for d in (d for d in disruptions if d.acts == "output"):
        lost = _lost(d, months)
        for k in _stages(network, d):
            left = np.where(lost > 0, 1.0 - lost, np.inf)
            able[:, :, k, _place(network, d)] = np.minimum(able[:, :, k, _place(network, d)], left)
    return able


def shut(network: Network, disruptions: Sequence[Disruption], months: int) -> Shut:
    """Return the pairs that bans cut: those named, else everybody abroad."""
    parts: dict[tuple[int, int, int], Floats] = {}
    for d in (d for d in disruptions if d.acts == "exports"):
        lost, seller = _lost(d, months), _place(network, d)
        for k in _stages(network, d):
            for buyer, node in enumerate(network.nodes):
                named = node in d.destinations and node != REST if d.destinations else True
                if named and buyer != seller:
                    before = parts.get((k, seller, buyer), np.zeros(months))
                    parts[k, seller, buyer] = np.maximum(before, lost)
    at = np.array(list(parts), dtype=np.intp).reshape(len(parts), 3).T
    part = np.array(list(parts.values())).reshape(len(parts), months).T[None]
    return Shut(at[0], at[1], at[2], part)


def course(
    network: Network,
    disruptions: Sequence[Disruption],
    *,
    months: int,
    days: Floats,
    spare: Floats,
    feed: str = "whole",
    rerouting: float = 0.3,
    refill: float = 3.0,
    rule: str = "proportional",
) -> MonthlyPath:
    """Return the months after disruptions that begin together in the first of them.

    days   (B, K, n) of use that a country holds as stock        spare  (B, K) idle capacity as a part of output
    """
    month = base(network, feed)
    got = kernel.run(
        month,
        capacity(network, disruptions, spare, months),
        shut(network, disruptions, months),
        stock=network.use * days / DAYS,
        rerouting=rerouting,
        refill=refill,
        rule=rule,
    )
    here = (month.use > 0) | (month.output > 0)
    asked = (got.wanted > 0) & (month.use > 0)
    loss = np.divide(np.maximum(got.shortage, 0.0), got.wanted, out=np.full_like(got.use, np.nan), where=asked)
    kept = (np.where(here, array, np.nan) for array in (got.stock, got.imports, got.output))
    return MonthlyPath(network, np.minimum(loss, 1.0), *kept)


@method(
    "physical-shock",
    kind="disruption",
    needs=("production", "trade", "membership"),
    optional=("trade_value", "price"),
    variables=(
        Variable("use_loss", "1", AXES, (0.0, 1.0), "part of the wanted use not met in a month"),
        Variable("stock", "t", AXES, (0.0, float("inf")), "held at the end of a month, arrivals included"),
        Variable("imports", "t", AXES, (0.0, float("inf")), "arriving by the end of a month"),
        Variable("output", "t", AXES, (0.0, float("inf")), "made in a month"),
    ),
    reference="Hallegatte 2014, Modeling the role of inventories and heterogeneity in the assessment of the economic "
    "costs of natural disasters, Risk Analysis 34:152-167, doi 10.1111/risa.12090, for rationing, stocks and orders",
    choices={"acts": ("exports", "output"), "rule": kernel.RULES, "feed": ("whole", "recorded")},
)
def physical_shock(
    case: Case,
    shock: str = "",
    months: int = 24,
    acts: str = "exports",
    year: str = "",
    stock_days: str = SOURCED,
    spare: str = SOURCED,
    rerouting: float = 0.3,
    refill: float = 3.0,
    rule: str = "proportional",
    feed: str = "whole",
    nodes: int = 24,
) -> MethodOutput:
    """Months after an export ban or an outage: use not met, stocks, imports and output, before prices answer.

    loss = 1 - use/wanted, S' = S + x - use - exports + imports, x = min(plan, capacity, output·taken/input)

    shock      COUNTRY:material[:stage][>DESTINATION,...][=part cut][@months]; several with ";"
    months     to follow, from 1; a shock begins in the first and lasts twelve unless it says otherwise
    acts       what is cut: "exports", or "output" of the stage
    year       base year, one of the Case's; the last if ""
    stock_days  days of use held as stock, or "sourced" = ranges of the table of stocks
    spare      idle capacity as a part of output, or "sourced" = ranges of the table of elasticities
    rerouting  part of the orders not met that goes to other exporters within a month, 0..1: an assumption
    refill     months in which a gap in stock is to be filled, from 1: an assumption
    rule       who is served first: "proportional", "home-first", "exports-first"
    feed       "whole" = a stage's output moves with its recorded input; "recorded" = what that cannot have fed goes on
    nodes      countries named one by one, besides the Case's foci and those of the shock
    Where stocks or idle capacity are "sourced", low and high are the least and the most of three runs: with the ranges
    at their best, at their low and at their high ends.
    Returns use_loss 1, in 0..1; stock, imports, output t (material, stage, country, month).
    Oracle: tests/kernels/test_physical.py; tests/simulate/test_physical.py.
    """
    disruptions = _struck(shock, acts)
    _check(months, rerouting, refill, nodes)
    countries = sorted({d.country for d in disruptions} | {c for d in disruptions for c in d.destinations})
    materials = list(dict.fromkeys(m for d in disruptions for m in d.materials))
    found = networks(case, materials, year or None, nodes=nodes, named=countries)
    if not any(_stages(network, d) for network in found for d in disruptions):
        raise CoverageError("no stage that is affected has trade by mass", where="physical-shock.shock", hint=FORM)
    held, idle = _number(stock_days, "stock_days", DAYS * 10), _number(spare, "spare", 10.0)
    ends = ENDS if held is None or idle is None else ENDS[:1]
    courses = []
    for network in found:
        days, room = _settings(network, held, idle, ends)
        courses.append(
            course(
                network, disruptions, months=months, days=days, spare=room,
                feed=feed, rerouting=rerouting, refill=refill, rule=rule,
            )
        )  # fmt: skip
    notes = [
        describe(disruptions),
        "no prices: nobody saves, substitutes or outbids; orders that moved do not come back",
    ]
    notes += [f"{m}: no stage has trade by mass" for m in materials if m not in {n.material for n in found}]
    notes += [f"{network.material}: {note}" for network in found for note in network.notes]
    notes.append("re-routing and refill are assumptions; trade within the rest of the world counts as use at home")
    return MethodOutput(_cubes(case, courses, months), notes=tuple(notes))


def _struck(shock: str, acts: str) -> list[Disruption]:
    """Return the disruptions that a text describes; refuse none at all."""
    texts = [text for text in shock.split(";") if text.strip()]
    if not texts:
        raise StudyError("nothing is cut", where="physical-shock.shock", hint=FORM)
    kind: Acts = "output" if acts == "output" else "exports"
    return [parse(text, kind, "physical-shock.shock") for text in texts]


def _check(months: int, rerouting: float, refill: float, nodes: int) -> None:
    """Refuse settings out of range."""
    checks = {
        "months": (1 <= months <= 600, "1 to 600"),
        "rerouting": (0 <= rerouting <= 1, "0 to 1"),
        "refill": (1 <= refill < float("inf"), "1 or more"),
        "nodes": (nodes >= 1, "1 or more"),
    }
    for name, (fine, hint) in checks.items():
        if not fine:
            raise StudyError(f"{name} is out of range", where=f"physical-shock.{name}", hint=hint)


def _number(text: str, name: str, most: float) -> float | None:
    """Return the number that a setting holds, or None where it is to be read from the tables."""
    if text == SOURCED:
        return None
    try:
        amount = float(text)
    except (TypeError, ValueError):
        amount = -1.0
    if not 0 <= amount <= most:
        hint = f"a number from 0 to {most:g}, or {SOURCED!r}"
        raise StudyError(f"{name} is {text!r}", where=f"physical-shock.{name}", hint=hint)
    return amount


def _settings(network: Network, held: float | None, idle: float | None, ends: Sequence[str]) -> tuple[Floats, Floats]:
    """Return days of stock (B, K, n) and idle capacity (B, K), one scenario for each end of the ranges."""
    shape = network.share_processed.shape
    days, room = np.full((len(ends), *shape), held or 0.0), np.full((len(ends), shape[0]), idle or 0.0)
    for row, end in enumerate(ends):
        if held is None:
            days[row] = parameters.usual_cover(network.material, network.stages, network.nodes, end)
        if idle is None:
            room[row] = parameters.best(network.material, network.stages, spare=end).spare[0]
    return days, room


def _lost(d: Disruption, months: int) -> Floats:
    """Return the part that is cut in each month (M,), by its course where there is one, nothing after its end."""
    if d.course:
        return np.pad(np.asarray(d.course[:months], dtype=np.float64), (0, max(months - len(d.course), 0)))
    return np.asarray(d.cut * np.clip(d.months - np.arange(months), 0.0, 1.0))


def _stages(network: Network, d: Disruption) -> list[int]:
    """Return the stages of a network that a disruption strikes."""
    return [k for k, stage in enumerate(network.stages) if d.affects(network.material, stage)]


def _place(network: Network, d: Disruption) -> int:
    """Return the place of the country that is affected; refuse one of the rest, whose flows are not told apart."""
    if d.country not in network.nodes:
        what = f"{d.country} is one of the rest of the world in the network of {network.material}"
        raise CoverageError(what, where="physical-shock.shock", hint="name it when the network is built")
    return network.nodes.index(d.country)


def _cubes(case: Case, courses: Sequence[MonthlyPath], months: int) -> dict[str, Cube]:
    """Return the measures on the materials, stages and countries that there are, and months from 1."""
    stages = {stage for found in courses for stage in found.network.stages}
    nodes = {node for found in courses for node in found.network.nodes}
    codes = [c for c in case.axis("country").codes if c in nodes] + [REST] * (REST in nodes)
    axes = (
        Axis("material", tuple(found.network.material for found in courses)),
        Axis("stage", tuple(stage for stage in case.axis("stage").codes if stage in stages)),
        Axis("country", tuple(codes)),
        Axis("month", tuple(map(str, range(1, months + 1)))),
    )
    cubes = {}
    for name in MEASURES:
        size = (len(getattr(courses[0], name)), *map(len, axes))
        runs = np.full(size, np.nan)
        for m, found in enumerate(courses):
            at = np.ix_(axes[1].positions(found.network.stages), axes[2].positions(found.network.nodes))
            runs[:, m, at[0], at[1]] = getattr(found, name).transpose(0, 2, 3, 1)
        ranged = len(runs) > 1
        low, high = (runs.min(axis=0), runs.max(axis=0)) if ranged else (None, None)
        cubes[name] = Cube(name, "1" if name == "use_loss" else "t", axes, runs[0], None, low, high)
    return cubes
