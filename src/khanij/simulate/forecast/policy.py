"""How likely a country is to restrict exports of a material within a year: a self-exciting process on the register.

λ[c, m] = s^a·(μ + α·fast[c] + β·slow[c] + γ·world + δ·rivals[c, m]) + ε·own[c, m] + ζ·state[c, m],
Pr(a decision on exports of m by c within twelve months) = 1 - exp(-λ), with s the seller's part of the world and
own, rivals: faded decisions of the cell and of other countries on the material; fast, slow: the country's cells struck;
world: all cells struck; state: whether a decision is in force now. All terms at least 0, fitted by
kernels.chances.excitation; half-lives and exponent are assumptions, set by outcomes up to 2016.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.core.errors import CoverageError
from khanij.kernels.chances import excitation
from khanij.reference.assumptions import assumed
from khanij.reference.chronicle.instruments import Instrument
from khanij.simulate.forecast.known import Decision, SellerRecord, as_known, decisions, is_recalled

TERMS = ("always", "country, fast", "country, slow", "world", "rivals", "own", "in force")
BEGINS = 2006  # first year that the register covers
DAYS = 365.25
FEW = 3.0  # cells by which a country's struck part is divided at the least, so that one of one is not all
MANY = 5.0  # faded decisions of rivals beyond which more say nothing new
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Memory:
    """Half-lives in years, the exponent of a seller's part of the world, and the part from which a seller is a cell."""

    own: float
    fast: float
    slow: float
    world: float
    rivals: float
    power: float
    least: float
    pseudo: float


def memory(case: Case | None = None) -> Memory:
    """Return what is assumed of the process."""
    names = ("own", "fast", "slow", "world", "rivals", "power", "least", "pseudo")
    return Memory(**{name: assumed(f"policy_{name}", case) for name in names})


@dataclass(frozen=True, slots=True)
class PolicyOutlook:
    """Terms of the rate on the eve of twelve months.

    x        (n, J) terms of the cells at risk      cells  (2, n) positions on countries and materials
    weight   (C, M) sellers' parts of the world     own, fast, slow  faded decisions (C, M), (C,), (C,)
    state    (C, M) whether a decision is in force
    """

    on: date
    x: Floats
    cells: NDArray[np.intp]
    weight: Floats
    own: Floats
    fast: Floats
    slow: Floats
    state: Flags


@dataclass(frozen=True, slots=True)
class PolicyFit:
    """Weights of TERMS, shape of the common factor of a country's year, and what they rest on.

    answered  events that each term answers for: the doubt in its weight
    seen, due  decisions and decisions expected of a country's year (groups,): the doubt in the common factor
    """

    weights: Floats
    clustering: float
    answered: Floats
    seen: Floats
    due: Floats
    until: date
    cells: int
    events: int

    @property
    def base_rate(self) -> float:
        """Return the part of cells and years that was struck."""
        return self.events / self.cells


def outlook(listed: Sequence[Decision], weight: Floats, on: date, held: Memory) -> PolicyOutlook:
    """Return the terms of the rate on a day.

    listed  decisions; those that begin after the day are not read      weight (C, M) as known on that day
    """
    risk = weight >= held.least
    known = [d for d in listed if d.begins <= on]
    years = max(on.year - BEGINS + 1, 1)
    struck = np.zeros((years, *weight.shape))
    state = np.zeros(weight.shape, dtype=bool)
    for one in known:
        ago = int((on - one.begins).days / DAYS)
        if ago < years:
            struck[years - 1 - ago][np.ix_(one.countries, one.materials)] = 1.0
        if one.instrument.state(on) == "in-force":
            state[np.ix_(one.countries, one.materials)] = True
    own = excitation.faded(struck, held.own)
    part = np.minimum((struck * risk).sum(axis=2) / np.maximum(risk.sum(axis=1), FEW), 1.0)
    fast, slow = excitation.faded(part, held.fast), excitation.faded(part, held.slow)
    scale = (0.5 ** (np.arange(years) / held.world)).sum()
    world = excitation.faded((struck * risk).sum(axis=(1, 2)) / max(risk.sum(), 1), held.world) / scale
    rivals = np.minimum(excitation.faded(struck.sum(axis=1), held.rivals) - excitation.faded(struck, held.rivals), MANY)
    strong = weight**held.power
    terms = (
        strong,
        strong * fast[:, None],
        strong * slow[:, None],
        strong * world,
        strong * rivals,
        own,
        state.astype(np.float64),
    )
    cells = np.stack(np.nonzero(risk))
    return PolicyOutlook(on, np.stack([term[risk] for term in terms], axis=1), cells, weight, own, fast, slow, state)


def eve(year: int) -> date:
    """Return the last day of a year."""
    return date(year, 12, 31)


def outcomes(listed: Iterable[Decision], seen: PolicyOutlook, until: date) -> tuple[Flags, Flags]:
    """Return of each cell at risk whether it was struck after the day of an outlook and until another, and is scored.

    A cell that only rows from memory say was struck is not scored.
    """
    struck, doubtful = np.zeros(seen.weight.shape, dtype=bool), np.zeros(seen.weight.shape, dtype=bool)
    for one in listed:
        if seen.on < one.begins <= until:
            table = doubtful if is_recalled(one.instrument) else struck
            table[np.ix_(one.countries, one.materials)] = True
    at = tuple(seen.cells)
    return struck[at], struck[at] | ~doubtful[at]


def fit(register: Iterable[Instrument], sellers: SellerRecord, until: date, held: Memory) -> PolicyFit:
    """Return the fit to outcomes up to a day; no row that begins later, and no later trade, is read.

    Raises CoverageError where no decision is on record by then, or shares of the sellers are not known.
    """
    rows = as_known(register, until)
    x, y, groups = [], [], []
    for year in range(BEGINS + 1, until.year):
        seen = outlook_of(rows, sellers, eve(year), held)
        struck, scored = outcomes(decisions(rows, sellers.countries, sellers.materials), seen, eve(year + 1))
        x.append(seen.x[scored])
        y.append(struck[scored])
        groups.append(seen.cells[0][scored] + year * len(sellers.countries))
    if not y or not np.concatenate(y).any():
        raise CoverageError(f"no decision is on record by {until}", where="forecast", hint="a later origin")
    rows_x, rows_y, group = np.concatenate(x), np.concatenate(y), np.concatenate(groups)
    if not np.isfinite(rows_x).all():
        what = "shares of the sellers are not known in every year since the register begins"
        raise CoverageError(what, where="hazards", hint="facts of the store, or --hazards falls")
    weights = excitation.fit(rows_x, rows_y, held.pseudo)
    _, index = np.unique(group, return_inverse=True)
    seen_counts: Floats = np.bincount(index, weights=rows_y.astype(np.float64)).astype(np.float64)
    expected: Floats = np.bincount(index, weights=excitation.chance(rows_x, weights)).astype(np.float64)
    shape = excitation.clustering(seen_counts, expected)
    answered = excitation.answered(rows_x, rows_y, weights, held.pseudo)
    return PolicyFit(weights, shape, answered, seen_counts, expected, until, len(rows_y), int(rows_y.sum()))


def outlook_of(register: Iterable[Instrument], sellers: SellerRecord, on: date, held: Memory) -> PolicyOutlook:
    """Return the outlook of a day from a register and sellers, with what was known then: trade of the year before."""
    rows = decisions(as_known(register, on), sellers.countries, sellers.materials)
    return outlook(rows, sellers.weight(on.year - 1), on, held)


def chances(fitted: PolicyFit, seen: PolicyOutlook) -> Floats:
    """Return the chance of a decision on each cell at risk within twelve months (n,)."""
    return excitation.chance(seen.x, fitted.weights)


def wave(
    fitted: PolicyFit, seen: PolicyOutlook, country: int, years: int, draws: int, held: Memory, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return simulated decisions of one country on its cells over some years (draws, years, n).

    What other countries and the world do stays as on the day of the outlook; the state in force is left as it is. Each
    draw has weights and a common factor of its own, as far as the record leaves them in doubt.
    """
    mine = seen.cells[0] == country
    materials = seen.cells[1][mine]
    weights = fitted.weights * rng.gamma(fitted.answered, 1.0 / fitted.answered, (draws, len(TERMS)))
    fixed = [TERMS.index(name) for name in ("always", "world", "rivals", "in force")]
    fed = [TERMS.index(name) for name in ("own", "country, fast", "country, slow")]
    again = rng.integers(0, len(fitted.seen), (draws, len(fitted.seen)))
    return excitation.waves(
        base=weights[:, fixed] @ seen.x[mine][:, fixed].T,
        own=np.ones(len(materials)),
        shared=seen.weight[country, materials] ** held.power,
        past=(seen.own[country, materials], seen.fast[country], seen.slow[country]),
        half_lives=(held.own, held.fast, held.slow),
        weights=weights[:, fed].T,
        shape=np.array([excitation.clustering(fitted.seen[rows], fitted.due[rows]) for rows in again]),
        years=years,
        draws=draws,
        rng=rng,
    )
