"""Mine openings: the programme as its authors write it, put together by hand for SciPy, has the same optima."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, sparse

from khanij.core.errors import StudyError
from khanij.plan.portfolio.openings import BARRED, RATE, UNMET, Deposits, open_mines, planned

pytest.importorskip("highspy")

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "mine_opening_lithium"
BASE = "Ambitious-Baseline-Baseline-Baseline-Baseline"
RATES = ("prod_rate2022", "prod_rate2023", "prod_rate2025", "prod_rate2030")
TIERS = ("reserve", "resource_demostrated", "resource_inferred")


def made_up(seed, count=6, years=9):
    draw = np.random.default_rng(seed)
    largest = draw.uniform(2, 20, count)
    current = np.where(draw.random(count) < 0.4, 0.2 * largest, 0.0)
    delay = draw.integers(0, 5, count)
    deposits = Deposits(
        tiers=draw.uniform(5, 60, (count, 3)),
        cost=np.cumsum(draw.uniform(5, 20, (count, 3)), axis=1),
        expand=draw.uniform(10, 60, count),
        opening=np.where(current > 0, 0.0, draw.uniform(20, 300, count)),
        largest=largest,
        ramp=largest / draw.choice([2.5, 4.0], count),
        planned=np.outer(current, np.ones(years)),
        delay=delay,
    )
    return np.linspace(3, draw.uniform(20, 40), years), deposits


def by_hand(demand, deposits, *, relax, backlog=True):
    """Solve in additions and openings a year, with running sums in the rows; return the objective."""
    count, years = deposits.planned.shape
    discount = (1 + RATE) ** -np.arange(years)
    size = count * years
    grow = deposits.expand[:, None] * discount
    for which in range(count):
        grow[which, : deposits.delay[which]] = BARRED
    cost = np.concatenate(
        [
            *[np.outer(deposits.cost[:, tier], discount).ravel() for tier in range(3)],
            grow.ravel(),
            np.outer(deposits.opening, discount).ravel(),
            UNMET * discount,
        ]
    )
    each, none = sparse.eye_array(size), sparse.csr_array((size, size))
    so_far = sparse.kron(sparse.eye_array(count), np.tril(np.ones((years, years))))
    open_so_far = sparse.kron(sparse.diags_array(deposits.largest), np.tril(np.ones((years, years))))
    over_deposits = sparse.kron(np.ones((1, count)), sparse.eye_array(years))
    over_years = sparse.kron(sparse.eye_array(count), np.ones((1, years)))
    empty, short = sparse.csr_array((size, years)), sparse.csr_array((count, size))
    owed = sparse.eye_array(years) - (sparse.eye_array(years, k=-1) if backlog else 0 * sparse.eye_array(years))
    edge = sparse.csr_array((count, years))
    rows = [
        ([each, each, each, -so_far, none, empty], -np.inf, deposits.planned.ravel()),
        ([over_deposits] * 3 + [sparse.csr_array((years, size))] * 2 + [owed], demand, np.inf),
        ([none, none, none, so_far, -open_so_far, empty], -np.inf, -deposits.planned.ravel()),
        ([short, short, short, short, over_years, edge], -np.inf, 1.0),
    ]
    for tier in range(3):
        parts = [short] * 5 + [edge]
        parts[tier] = over_years
        rows.append((parts, -np.inf, deposits.tiers[:, tier]))
    upper = np.concatenate(
        [np.full(3 * size, np.inf), np.repeat(deposits.ramp, years), np.ones(size), np.full(years, np.inf)]
    )
    whole = np.zeros(len(cost))
    whole[4 * size : 5 * size] = 0 if relax else 1
    found = optimize.milp(
        cost,
        integrality=whole,
        bounds=optimize.Bounds(0, upper),
        constraints=[optimize.LinearConstraint(sparse.hstack(parts), low, high) for parts, low, high in rows],
        options={"mip_rel_gap": 0.0},
    )
    return found.fun


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("relax", [True, False])
def test_the_optimum_is_that_of_the_programme_as_written(seed, relax):
    demand, deposits = made_up(seed)
    found = open_mines(demand, deposits, relax=relax, gap=0.0)
    assert found.solution.objective == pytest.approx(by_hand(demand, deposits, relax=relax), rel=1e-7)


def test_unmet_demand_is_owed_or_lost():
    demand, deposits = made_up(1)
    demand = demand * 3
    owed = open_mines(demand, deposits, gap=0.0)
    lost = open_mines(demand, deposits, gap=0.0, backlog=False)
    assert owed.unmet[-1] > 0
    assert lost.solution.objective == pytest.approx(by_hand(demand, deposits, relax=False, backlog=False), rel=1e-7)
    assert lost.solution.objective < owed.solution.objective


def test_an_answer_obeys_its_rows():
    demand, deposits = made_up(3)
    found = open_mines(demand, deposits, gap=0.0)
    capacity = deposits.planned + np.cumsum(found.added, axis=1)
    is_open = np.cumsum(found.opened, axis=1)
    assert (found.extraction.sum(axis=1) <= capacity + 1e-6).all()
    assert (found.extraction.sum(axis=2) <= deposits.tiers + 1e-6).all()
    assert (capacity <= deposits.largest[:, None] * is_open + 1e-6).all()
    assert (found.added >= -1e-7).all()
    assert (found.added <= deposits.ramp[:, None] + 1e-6).all()
    np.testing.assert_allclose(is_open, np.rint(is_open), atol=1e-6)
    owed = np.concatenate([[0.0], found.unmet[:-1]])
    assert (found.extraction.sum(axis=(0, 1)) + found.unmet >= demand + owed - 1e-6).all()


def test_the_price_of_demand_is_what_one_more_costs():
    demand, deposits = made_up(2)
    found = open_mines(demand, deposits, relax=True)
    more = demand.copy()
    more[5] += 1e-4
    step = open_mines(more, deposits, relax=True).solution.objective - found.solution.objective
    assert step == pytest.approx(found.price[5] * 1e-4, rel=1e-3)


def test_planned_capacity_runs_straight_between_its_years():
    rates = np.array([[1.0, 2.0, 4.0, 9.0]])
    found = planned(rates, np.array([2022, 2023, 2024, 2025, 2026, 2029, 2030, 2060]))
    np.testing.assert_allclose(found, [[1, 2, 3, 4, 5, 8, 9, 9]])


def test_missing_values_are_refused_by_name():
    demand, deposits = made_up(0)
    deposits.expand[0] = np.nan
    with pytest.raises(StudyError) as caught:
        open_mines(demand, deposits)
    assert caught.value.where == "expand"
    with pytest.raises(StudyError, match="one a year"):
        open_mines(demand[:-1], made_up(0)[1])


def lithium():
    with (FOLDER / "Deposit.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    with (FOLDER / "Demand.csv").open(encoding="utf-8") as lines:
        asked = sorted(
            (int(row["t"]), float(row["Demand"])) for row in csv.DictReader(lines) if row["Scenario"] == BASE
        )
    years, demand = np.array([year for year, _ in asked]), np.array([tonnes for _, tonnes in asked])

    def take(*names):
        return np.array([[float(row[name]) for name in names] for row in rows])

    deposits = Deposits(
        tiers=take(*TIERS),
        cost=take("cost1", "cost2", "cost3") / 1e3,
        expand=take("cost_expansion")[:, 0] / 1e3,
        opening=take("cost_opening")[:, 0] / 1e6,
        largest=take("max_prod_rate")[:, 0],
        ramp=take("max_ramp_up")[:, 0],
        planned=planned(take(*RATES), years),
        delay=take("delay_years")[:, 0].astype(int),
    )
    return demand, deposits


@pytest.mark.skipif(not FOLDER.exists(), reason="the instance is not here")
def test_lithium_relaxation():
    demand, deposits = lithium()
    found = open_mines(demand, deposits, relax=True)
    # By hand as above, in additions and openings a year: 691184.42234...
    assert found.solution.objective == pytest.approx(691184.4223437792, rel=1e-8)
    assert found.unmet.max() < 1e-6
    assert found.solution.build < 0.15 * found.solution.seconds


@pytest.mark.skipif(not FOLDER.exists(), reason="the instance is not here")
def test_part_of_lithium_in_whole_openings():
    demand, deposits = lithium()
    # The largest deposits alone and the first years: small enough for both ways.
    some = np.argsort(-deposits.largest)[:12]
    part = Deposits(**{name: getattr(deposits, name)[some] for name in vars(deposits)})
    part = Deposits(**{**vars(part), "planned": part.planned[:, :14]})
    found = open_mines(demand[:14] * 0.6, part, gap=0.0)
    assert found.solution.objective == pytest.approx(by_hand(demand[:14] * 0.6, part, relax=False), rel=1e-7)
