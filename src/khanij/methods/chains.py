"""What origin methods read from a Case: for each material and year its stages in balance, first stage first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from khanij.core.axis import Axis, sample
from khanij.core.case import Case
from khanij.core.cube import Cube, Floats, Positions
from khanij.core.errors import StudyError
from khanij.kernels.balances.origin import Balance, Mix, balance, free_market, mix, without_self
from khanij.methods.trade import flows

OUTSIDE = ("scrap",)  # stages that no later stage is traced through
LINKS = ("material", "stage", "focus", "partner", "year")
UNSOURCED = ("exporter", "net")
UNRECORDED = ("unknown", "market")
FROM = ("first", "same", "mined", "processed", "refined", "component")

MIXING = (
    "origin by mixing: each country uses and exports the same blend of its own output and its imports; "
    "low and high are the least and the most that the same balances allow without that assumption"
)
STAGE_LINK = (
    "output of a stage draws from the supply of the stage before in the same country; output beyond that supply "
    "(scrap, stocks, content error) is of unknown origin"
)


@dataclass(frozen=True, slots=True)
class StageBalances:
    """The stages of one material in one year.

    material, year  positions on the axes      stages  positions on the stage axis, in order
    countries       (n,) positions on the country axis of those with output or trade
    balances        one a stage, on these countries, as supply of later stages: where no source covers output of a
                    stage, what the stage before leaves in a country is taken to be worked up there
    ends            the same as last stage of a question: without that, as nobody knows what is made for own use
    """

    material: int
    year: int
    stages: tuple[int, ...]
    countries: Positions
    balances: tuple[Balance, ...]
    ends: tuple[Balance, ...]

    def questions(self) -> Iterator[tuple[list[Balance], list[Mix]]]:
        """Yield the stages up to each use, with their mixing estimates."""
        mixes = [mix(stage) for stage in self.balances]
        for use, (stage, end) in enumerate(zip(self.balances, self.ends, strict=True)):
            own = mixes[use] if end is stage else mix(end)
            yield [*self.balances[:use], end], [*mixes[:use], own]


@dataclass(slots=True)
class Caveats:
    """What was met on the way and must be told, as labels to be listed in a note."""

    self_flows: int = 0
    raised: list[str] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    no_data: list[str] = field(default_factory=list)
    no_trade: list[str] = field(default_factory=list)
    no_stage: list[str] = field(default_factory=list)
    no_use: list[str] = field(default_factory=list)

    def notes(self) -> tuple[str, ...]:
        """Return one sentence for each kind that was met."""
        told = (
            ("without data, neither output nor imports recorded", self.no_data),
            ("nothing stays in the country by these records, so no range", self.no_use),
            ("output but no trade recorded by mass, so not traced", self.no_trade),
            ("stage asked for does not come before", self.no_stage),
            ("output withheld or unknown, so what such a country sells beyond its imports is unknown", self.withheld),
            ("exports above output and imports: supply raised to exports, the rest is of unknown origin", self.raised),
        )
        listed = tuple(f"{text}: {sample(dict.fromkeys(where), 12)}" for text, where in told if where)
        return listed + ((f"{self.self_flows} flows of a country to itself left out",) if self.self_flows else ())


def read(
    case: Case, said: Caveats, unrecorded: str = UNRECORDED[0], unsourced: str = UNSOURCED[0]
) -> Iterator[StageBalances]:
    """Yield the chain of each (material, year) with recorded trade; what does not fit is told to `said`.

    unrecorded, unsourced  what a stage without recorded trade, or without a source on output, is taken to be: origin
    """
    output = case.array("production", "material", "stage", "country", "year")
    traded = np.asarray(flows.covered(case, "trade"))[:, :, 0, :]
    outside = np.asarray(np.isin(case.axis("stage").codes, OUTSIDE))
    covered = (~np.isnan(output)).any(axis=2)
    if "world_production" in case.cubes:  # a lone national figure says nothing of the others
        covered &= ~np.isnan(case.array("world_production", "material", "stage", "year"))
    at, amount = case.entries("trade", "material", "stage", "country:exporter", "country:importer", "year")
    years = len(case.axis("year"))
    key = at[0] * years + at[4]
    order = np.argsort(key, kind="stable")
    edge = np.searchsorted(key[order], np.arange(len(case.axis("material")) * years + 1))
    for material, year in np.argwhere(np.any(traded[:, ~outside], axis=1)).tolist():
        cell = material * years + year
        entries = order[edge[cell] : edge[cell + 1]]
        here = (covered | traded)[material, :, year] & ~outside
        stages = tuple(np.nonzero(here)[0].tolist())
        yield _chain(
            case,
            (material, year, stages),
            (at[1:4, entries], amount[entries]),
            [output[material, s, :, year] if covered[material, s, year] else None for s in stages],
            [bool(traded[material, s, year]) for s in stages],
            (unrecorded == "market", unsourced == "net"),
            said,
        )


def _chain(
    case: Case,
    where: tuple[int, int, tuple[int, ...]],
    trade: tuple[Positions, Floats],
    outputs: Sequence[Floats | None],
    traded: Sequence[bool],
    assumed: tuple[bool, bool],
    said: Caveats,
) -> StageBalances:
    """Return one chain from entries ((stage, exporter, importer), amount) and the output of each stage."""
    material, year, stages = where
    (stage, exporter, importer), amount = trade
    moved = (amount > 0) & np.isin(stage, stages)
    active = np.zeros(len(case.axis("country")), dtype=bool)
    active[exporter[moved]] = active[importer[moved]] = True
    for values in outputs:
        if values is not None:
            active |= np.nan_to_num(values) > 0
    countries = np.nonzero(active)[0]
    n, place = len(countries), np.cumsum(active) - 1
    matrices = []
    for s in stages:
        own = moved & (stage == s)
        matrix = np.zeros((n, n))
        np.add.at(matrix, (place[exporter[own]], place[importer[own]]), amount[own])
        matrix, dropped = without_self(matrix)
        said.self_flows += dropped
        matrices.append(matrix)
    made = [None if values is None else values[countries] for values in outputs]
    balances, ends = _balances(matrices, made, traded, assumed)
    for k, s in enumerate(stages):
        for told, mask in ((said.raised, ends[k].unknown > 0), (said.withheld, unknown(made[k], n))):
            for c in countries[mask]:
                told.append(label(case, material, s, case.axis("country").codes[c], year))
    return StageBalances(material, year, stages, countries, tuple(balances), tuple(ends))


def _balances(
    trade: list[Floats], made: list[Floats | None], traded: Sequence[bool], assumed: tuple[bool, bool]
) -> tuple[list[Balance], list[Balance]]:
    """Return the stages in balance, as supply and as ends: needs run backwards along the chain, offers forwards."""
    market, net = assumed
    needs: list[Floats | None] = [None]
    for k in range(len(trade) - 1, 0, -1):
        needs.insert(0, balance(trade[k], made[k], needs[0], traded[k], net).own)
    balances: list[Balance] = []
    ends: list[Balance] = []
    for k, (matrix, output, need) in enumerate(zip(trade, made, needs, strict=True)):
        filled = matrix
        if market and not traded[k] and output is not None and need is not None:
            filled = free_market(np.nan_to_num(output), need)
        offered = balances[-1].use if balances else None
        balances.append(balance(filled, output, need, traded[k], net, offered))
        same = output is not None or offered is None
        ends.append(balances[-1] if same else balance(filled, output, need, traded[k], net))
    return balances, ends


def unknown(made: Floats | None, n: int) -> np.ndarray:
    """Return (n,) true where the output of a covered stage is withheld or unknown."""
    return np.zeros(n, dtype=bool) if made is None else np.isnan(made)


def label(case: Case, material: int, stage: int, country: str, year: int) -> str:
    """Return "copper refined IND 2024" of positions."""
    codes = [case.axis(name).codes[at] for name, at in (("material", material), ("stage", stage))]
    return " ".join((*codes, country, case.axis("year").codes[year]))


def start(case: Case, chain: StageBalances, use: int, origin_at: str) -> int | None:
    """Return where in the chain origin is counted for use at stage number `use`; None if it has no such earlier stage.

    origin_at  "first" (the earliest stage with data), "same", or the name of a stage
    """
    if origin_at in ("first", "same"):
        return 0 if origin_at == "first" else use
    wanted = [k for k, s in enumerate(chain.stages[: use + 1]) if case.axis("stage").codes[s] == origin_at]
    return wanted[0] if wanted else None


def weights(stage: Balance, members: np.ndarray) -> Floats | None:
    """Return the weight of each member (n,), adding up to 1: by use, or supply if nothing stays; None without data."""
    for amount in (stage.use, stage.pool if stage.blended else stage.use):
        mass = np.where(members, amount, 0.0)
        if mass.sum() > 0:
            return np.asarray(mass / mass.sum(), dtype=np.float64)
    return None


def ranked(share: Floats, number: int) -> Positions:
    """Return the positions of the `number` largest positive shares, largest first."""
    order = np.argsort(-share, kind="stable")[: max(number, 0)]
    return order[share[order] > 0]


@dataclass(slots=True)
class Rows:
    """Entries of a sparse result on (material, stage, focus, partner, year), as they are found."""

    at: list[np.ndarray] = field(default_factory=list)
    value: list[Floats] = field(default_factory=list)
    low: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)
    texts: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def add(
        self,
        cell: tuple[int, int, int, int],
        partner: Positions,
        parts: tuple[Floats, Floats, Floats],
        **texts: str,
    ) -> None:
        """Add the entries of one cell (material, stage, focus, year); a text holds for all of them."""
        material, stage, focus, year = cell
        n = len(partner)
        same = [np.full(n, code, dtype=np.intp) for code in (material, stage, focus)]
        self.at.append(np.stack([*same, partner, np.full(n, year, dtype=np.intp)]))
        for held, given in zip((self.value, self.low, self.high), parts, strict=True):
            held.append(given)
        for name, text in texts.items():
            self.texts.setdefault(name, []).append(np.full(n, text, dtype=object))

    def cube(self, case: Case, name: str) -> Cube:
        """Return the entries as a sparse cube."""
        axes = (
            *(case.axis(axis) for axis in LINKS[:3]),
            Axis("partner", case.axis("country").codes),
            case.axis("year"),
        )
        at = np.concatenate(self.at, axis=1) if self.at else np.empty((5, 0), dtype=np.intp)
        best, low, high = (np.concatenate(part) if part else np.empty(0) for part in (self.value, self.low, self.high))
        return Cube(name, "1", axes, best, at, low, high)

    def text(self, name: str) -> np.ndarray:
        """Return the texts of that name, one an entry."""
        return np.concatenate(self.texts[name]) if self.texts.get(name) else np.empty(0, dtype=object)


def check(parameters: Mapping[str, int]) -> None:
    """Refuse a negative number; raises StudyError."""
    for name, value in parameters.items():
        if value < 0:
            raise StudyError(f"{name} is {value}", where=name, hint="0 or more")
