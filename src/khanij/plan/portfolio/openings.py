"""Which mines to open, when and how large, so that a demand is met at least cost: a mixed-integer programme.

d deposit, t year, k cost tier (reserve, demonstrated, inferred resource); x extraction, y capacity added, w opening,
z demand not met; R the capacity already planned, δ_t = (1 + r)^-t with t = 0 in the first year.

min  Σ_dt [ Σ_k δ_t c_dk x_dkt + e_dt y_dt + δ_t f_d w_dt ] + Σ_t δ_t v z_t
     Σ_k x_dkt <= R_dt + Σ_{τ<=t} y_dτ                 extraction within capacity
     Σ_dk x_dkt + z_t >= D_t + z_{t-1}                 what is not met is owed next year (z_{-1} = 0)
     Σ_t x_dkt <= Q_dk                                 each tier ends
     R_dt + Σ_{τ<=t} y_dτ <= m_d Σ_{τ<=t} w_dτ         capacity only in an open mine, up to its largest
     Σ_t w_dt <= 1, w whole;   0 <= y_dt <= g_d        opened once; ramp-up a year

e_dt = δ_t e_d, but BARRED, not discounted, in the first `delay` years of a deposit. Written here in the running sums
Y_dt = Σ_{τ<=t} y_dτ and W_dt = Σ_{τ<=t} w_dτ, which changes neither optimum nor relaxation and keeps rows short.
Reference: Busch et al. 2025, github.com/pmbusch/Critical-Minerals-EV.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from khanij.core.errors import StudyError
from khanij.plan.portfolio.program import Floats, Program, Solution, solve

BARRED = 1e6  # million USD per kt a year of capacity added before a deposit may grow
RATE = 0.07  # discount a year
UNMET = 100_000 * 5.323 / 1e3  # million USD per kt Li not met: 100,000 USD/t of carbonate, 5.323 t of it per t Li
ANCHORS = (2022, 2023, 2025, 2030)  # years for which planned rates are given


@dataclass(frozen=True)
class Deposits:
    """Deposits as arrays.

    tiers    (D, K) kt that each cost tier holds;  cost (D, K) million USD per kt extracted
    expand   (D,) million USD per kt a year of capacity added;  opening (D,) million USD
    largest  (D,) kt a year;  ramp (D,) kt a year that a year may add
    planned  (D, T) kt a year of capacity already decided;  delay (D,) first years without growth
    """

    tiers: Floats
    cost: Floats
    expand: Floats
    opening: Floats
    largest: Floats
    ramp: Floats
    planned: Floats
    delay: NDArray[np.int64]


@dataclass(frozen=True)
class Openings:
    """An optimum: extraction (D, K, T), added (D, T), opened (D, T), unmet (T,) kt, and the solver's account.

    price (T,) million USD per kt: what one more kt of demand in the year adds to the objective, of the relaxation or of
    the programme with the openings held (discounted to the first year)
    """

    extraction: Floats
    added: Floats
    opened: Floats
    unmet: Floats
    solution: Solution
    price: Floats


def planned(rates: Floats, years: NDArray[np.int64]) -> Floats:
    """Return planned capacity by year: straight between the anchors' years, flat after the last.

    rates (D, 4) kt a year in ANCHORS;  years (T,) not before the first anchor
    returns (D, T) kt a year
    """
    return np.array([np.interp(years, ANCHORS, row) for row in np.asarray(rates, dtype=np.float64)])


def program(
    demand: Floats,
    deposits: Deposits,
    *,
    rate: float = RATE,
    unmet: float = UNMET,
    barred: float = BARRED,
    backlog: bool = True,
    tighten: bool = False,
) -> tuple[Program, dict[str, NDArray[np.int64]]]:
    """Return the programme of a demand (T,) kt a year and the positions of its columns.

    backlog   whether unmet demand is owed in the next year; else it is lost
    tighten   add rows and bounds that whole openings obey anyway: a shorter way to the same optimum, another relaxation
    Raises StudyError on values that are not finite or shapes that do not fit.
    """
    _check(demand, deposits)
    count, years = deposits.planned.shape
    tiers = deposits.tiers.shape[1]
    discount = (1 + rate) ** -np.arange(years, dtype=np.float64)
    grow = np.where(np.arange(years) < deposits.delay[:, None], barred, deposits.expand[:, None] * discount)
    made = Program()
    # Cost of an addition in t is paid on Y_t - Y_{t-1}: Y_t carries its own year's cost less the next year's.
    step = grow - np.concatenate([grow[:, 1:], np.zeros((count, 1))], axis=1)
    fee = deposits.opening[:, None] * discount
    fee = fee - np.concatenate([fee[:, 1:], np.zeros((count, 1))], axis=1)
    mined = made.variables("extraction", (count, tiers, years), cost=deposits.cost[:, :, None] * discount)
    total = made.variables("capacity added so far", (count, years), cost=step)
    is_open = made.variables("open", (count, years), upper=1.0, cost=fee, whole=True)
    owed = made.variables("unmet", (years,), cost=unmet * discount)

    within = made.rows("extraction within capacity", (count, years), upper=deposits.planned)
    made.fill(within[:, None, :], mined, 1.0)
    made.fill(within, total, -1.0)
    balance = made.rows("demand", (years,), lower=demand)
    made.fill(balance, mined, 1.0)
    made.fill(balance, owed, 1.0)
    if backlog:
        made.fill(balance[1:], owed[:-1], -1.0)
    made.fill(made.rows("tier", (count, tiers), upper=deposits.tiers)[:, :, None], mined, 1.0)
    only = made.rows("capacity of an open mine", (count, years), upper=-deposits.planned)
    made.fill(only, total, 1.0)
    made.fill(only, is_open, -deposits.largest[:, None])
    ramp = made.rows("ramp-up", (count, years), lower=0.0, upper=deposits.ramp[:, None])
    made.fill(ramp, total, 1.0)
    made.fill(ramp[:, 1:], total[:, :-1], -1.0)
    stays = made.rows("open once", (count, years - 1), lower=0.0)
    made.fill(stays, is_open[:, 1:], 1.0)
    made.fill(stays, is_open[:, :-1], -1.0)
    at = {"mined": mined, "total": total, "open": is_open, "owed": owed, "balance": balance}
    if tighten:
        _tighten(made, deposits, at, rate, barred > unmet * float(discount @ np.arange(1, years + 1)))
    return made, at


def _tighten(
    made: Program, deposits: Deposits, at: dict[str, NDArray[np.int64]], rate: float, prohibitive: bool
) -> None:
    """Add what holds in some optimum in whole numbers.

    An addition needs a mine that is open: y_dt <= g_d W_dt. A deposit without planned capacity, opened in s, has at
    most g_d (t - s + 1) in t, the sum of W over its last years up to the largest. A mine that opens for nothing is
    open. A kt a year of capacity saves at most its own output in every year, each kt owed to the end: where BARRED is
    above that (`prohibitive`), nothing is added in barred years, and a fee that falls with time is not paid in them.
    """
    count, years = deposits.planned.shape
    total, is_open, ramp = at["total"], at["open"], deposits.ramp
    adds = made.rows("addition in an open mine", (count, years), upper=0.0)
    made.fill(adds, total, 1.0)
    made.fill(adds[:, 1:], total[:, :-1], -1.0)
    made.fill(adds, is_open, -ramp[:, None])
    fresh = np.flatnonzero((deposits.planned.max(axis=1) == 0) & (ramp > 0))
    since = made.rows("capacity since opening", (len(fresh), years), upper=0.0)
    made.fill(since, total[fresh], 1.0)
    steps = np.ceil(deposits.largest[fresh] / ramp[fresh] - 1e-9)
    for past in range(int(min(steps.max(initial=0), years))):
        counts = np.where(steps > past, -ramp[fresh], 0.0)
        made.fill(since[:, past:], is_open[fresh][:, : years - past], counts[:, None])
    free = made.rows("open for nothing", (count, years), lower=np.where(deposits.opening == 0, 1.0, 0.0)[:, None])
    made.fill(free, is_open, 1.0)
    if prohibitive and rate >= 0:
        early = np.arange(years) < deposits.delay[:, None]
        made.fill(made.rows("no early addition", (int(early.sum()),), upper=0.0), total[early], 1.0)
        early &= (deposits.planned.max(axis=1) == 0)[:, None] & (deposits.opening > 0)[:, None]
        made.fill(made.rows("no early opening", (int(early.sum()),), upper=0.0), is_open[early], 1.0)


def open_mines(
    demand: Floats,
    deposits: Deposits,
    *,
    relax: bool = False,
    gap: float = 1e-4,
    seconds: float = np.inf,
    **choices: float,
) -> Openings:
    """Solve for the cheapest extraction, additions and openings.

    demand (T,) kt a year;  relax  openings in parts, a lower bound;  gap, seconds  when to stop;  choices  of `program`
    """
    made, at = program(demand, deposits, tighten=not relax, **choices)  # type: ignore[arg-type]
    found = solve(made, relax=relax, gap=gap, seconds=seconds)
    duals = found.duals if relax else solve(made, fixed=found.values).duals
    value = found.values
    return Openings(
        extraction=value[at["mined"]],
        added=np.diff(value[at["total"]], axis=1, prepend=0.0),
        opened=np.diff(value[at["open"]], axis=1, prepend=0.0),
        unmet=value[at["owed"]],
        solution=found,
        price=duals[at["balance"]],
    )


def _check(demand: Floats, deposits: Deposits) -> None:
    """Raise unless every value is finite and every shape fits."""
    count, years = deposits.planned.shape
    tiers = deposits.tiers.shape[1]
    shapes = {
        "tiers": (count, tiers),
        "cost": (count, tiers),
        "planned": (count, years),
        **dict.fromkeys(("expand", "opening", "largest", "ramp", "delay"), (count,)),
    }
    for name, shape in shapes.items():
        value = np.asarray(getattr(deposits, name))
        if value.shape != shape or not np.isfinite(value).all():
            raise StudyError(f"deposits need finite values of shape {shape}, not {value.shape}", where=name)
    if np.shape(demand) != (years,) or not np.isfinite(demand).all():
        raise StudyError(f"demand needs {years} finite values, one a year", where="demand")
