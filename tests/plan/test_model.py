"""The programme builder: known optima, SciPy as a second opinion, and names for what goes wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, sparse

from khanij.core.errors import StudyError
from khanij.plan.portfolio.program import Program, solve

pytest.importorskip("highspy")


def knapsack(whole=True):
    made = Program()
    take = made.variables("take", (3,), upper=1.0, cost=[-10.0, -7.0, -4.0], whole=whole)
    room = made.rows("room", (), upper=5.0)
    made.fill(room, take, [4.0, 3.0, 2.0])
    return made


def test_whole_numbers_and_their_relaxation():
    found = solve(knapsack())
    assert found.objective == pytest.approx(-11)
    np.testing.assert_allclose(found.values, [0, 1, 1], atol=1e-9)
    assert found.proved
    assert found.bound <= found.objective + 1e-9
    assert solve(knapsack(), relax=True).objective == pytest.approx(-10 - 7 / 3)


def test_duals_with_the_whole_columns_held():
    made = Program()
    one = made.variables("one", (), upper=3.0, cost=-5.0, whole=True)
    rest = made.variables("rest", (), cost=-1.0)
    row = made.rows("budget", (), upper=7.5)
    made.fill(row, one, 2.0)
    made.fill(row, rest, 1.0)
    found = solve(made)
    held = solve(made, fixed=found.values)
    assert held.objective == pytest.approx(found.objective)
    assert held.duals[row] == pytest.approx(-1)


def test_places_met_twice_add_up_and_rows_keep_their_order():
    made = Program()
    x = made.variables("x", (2, 2))
    rows = made.rows("sum", (2,), lower=[1.0, 2.0])
    made.fill(rows[:, None], x, 1.0)
    made.fill(rows, x[:, 0], 2.0)
    start, column, value = made.matrix()
    assert start.tolist() == [0, 2, 4]
    assert column.tolist() == [0, 1, 2, 3]
    assert value.tolist() == [3, 1, 3, 1]
    assert made.size() == (2, 4, 4, 0)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_scipy_finds_the_same_optimum(seed):
    draw = np.random.default_rng(seed)
    matrix = draw.integers(0, 4, (4, 6)).astype(float)
    upper, cost = draw.integers(5, 15, 4).astype(float), -draw.integers(1, 9, 6).astype(float)
    whole = draw.random(6) < 0.5
    made = Program()
    x = made.variables("x", (6,), upper=4.0, cost=cost, whole=whole)
    made.fill(made.rows("row", (4,), upper=upper)[:, None], x, matrix)
    other = optimize.milp(
        cost,
        integrality=whole.astype(int),
        bounds=optimize.Bounds(0, 4),
        constraints=optimize.LinearConstraint(sparse.csr_array(matrix), -np.inf, upper),
    )
    assert solve(made, gap=0.0).objective == pytest.approx(other.fun, abs=1e-6)


def test_rows_in_conflict_are_named_and_others_are_not():
    made = Program()
    x = made.variables("size", (2,), cost=1.0, label=lambda place: ("mine", "plant")[place[0]])
    made.fill(made.rows("target", (), lower=10.0), x, 1.0)
    made.fill(made.rows("budget", (2,), upper=[3.0, 4.0], label=lambda place: f"{2025 + place[0]}"), x, 1.0)
    made.fill(made.rows("idle", (), upper=100.0), x, 1.0)
    with pytest.raises(StudyError) as caught:
        solve(made)
    where = caught.value.where
    assert "target" in where
    assert "budget: 2025" in where
    assert "budget: 2026" in where
    assert "idle" not in where


def test_bounds_in_conflict_are_named():
    made = Program()
    x = made.variables("size", (), upper=2.0)
    made.fill(made.rows("target", (), lower=3.0), x, 1.0)
    with pytest.raises(StudyError, match="bounds of size"):
        solve(made)


def test_a_conflict_of_whole_numbers_alone_is_found_by_leaving_out():
    made = Program()
    x = made.variables("lumps", (), upper=9.0, whole=True)
    made.fill(made.rows("even", (), lower=1.0, upper=1.0), x, 2.0)
    made.fill(made.rows("idle", (), upper=50.0), x, 1.0)
    with pytest.raises(StudyError, match="whole numbers") as caught:
        solve(made)
    assert caught.value.where == "even"


def test_an_unbounded_column_is_named():
    made = Program()
    x = made.variables("gain", (2,), cost=[-1.0, 1.0], label=lambda place: ("sold", "held")[place[0]])
    made.fill(made.rows("spread", (), lower=-5.0), x, [1.0, 1.0])
    with pytest.raises(StudyError, match="without end") as caught:
        solve(made)
    assert "gain: sold" in caught.value.where


def test_no_time_is_an_error_with_a_hint():
    made = Program()
    draw = np.random.default_rng(0)
    x = made.variables("x", (60,), upper=1.0, cost=-draw.random(60), whole=True)
    made.fill(made.rows("row", (30,), lower=7.3, upper=7.4)[:, None], x, draw.random((30, 60)))
    with pytest.raises(StudyError, match="no solution found") as caught:
        solve(made, seconds=0.0)
    assert "seconds" in caught.value.hint


def test_a_second_solve_may_use_other_threads():
    made = knapsack()
    assert solve(made, threads=1).objective == solve(made, threads=2).objective


def test_without_the_solver_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "highspy", None)
    with pytest.raises(StudyError, match="not installed") as caught:
        solve(knapsack())
    assert "plan" in caught.value.hint
