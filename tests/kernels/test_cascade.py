"""The cascade against the authors' own code, a plain loop, and what must always hold."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.kernels.markets.cascade import cascade

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "cascade"
SHOCKS = ("AUS100", "CHL30", "CHN50")


def loop(trade, production, reserves, shock, saved=0.0, least=1e-5, symmetric=False, rounds=50):
    """The same recursion, one country at a time, with lists."""
    n = len(production)
    flow = [[0.0 if i == j else float(trade[i][j]) for j in range(n)] for i in range(n)]
    supply = [production[i] + sum(flow[j][i] for j in range(n)) - sum(flow[i][j] for j in range(n)) for i in range(n)]
    left, change = [float(x) for x in reserves], [float(x) for x in shock]
    used, shocked = [0.0] * n, [False] * n
    scale = sum(abs(x) for x in change)
    for _ in range(rounds):
        if max(abs(x) for x in change) <= 1e-12 * scale:
            break
        drawn = [max(change[i], -left[i]) for i in range(n)]
        rest = [change[i] - drawn[i] for i in range(n)]
        if not symmetric:
            shocked = [shocked[i] or rest[i] < 0 for i in range(n)]
        given_up = [saved * r for r in rest]
        rest = [r - g for r, g in zip(rest, given_up, strict=True)]
        volume = [sum(flow[i]) + sum(flow[j][i] for j in range(n) if not shocked[j]) for i in range(n)]
        passed = [0.0 if abs(rest[i]) < least * supply[i] else max(rest[i], -volume[i]) for i in range(n)]
        given_up = [g + r - p for g, r, p in zip(given_up, rest, passed, strict=True)]
        part = [passed[i] / volume[i] if volume[i] > 0 else 0.0 for i in range(n)]
        moved = [[(part[i] - (0.0 if shocked[i] else part[j])) * flow[i][j] for j in range(n)] for i in range(n)]
        for i in range(n):
            left[i] += drawn[i]
            used[i] += given_up[i]
            supply[i] += drawn[i] + given_up[i]
            flow[i] = [max(0.0, flow[i][j] + moved[i][j]) for j in range(n)]
            change[i] = sum(moved[j][i] for j in range(n)) - sum(moved[i]) + passed[i]
    return np.array(left) - reserves, np.array(used), np.array(flow) - trade, np.array(change)


def table(name):
    with (CASES / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")
@pytest.mark.parametrize("name", SHOCKS)
def test_it_agrees_with_the_authors_code(name):
    nodes = table("caseA_input_nodes")
    codes = [row["country"] for row in nodes]
    trade = np.array([[float(row[code]) for code in codes] for row in table("caseA_input_E0")])
    production, reserves = (np.array([float(row[key]) for row in nodes]) for key in ("P0", "R0"))
    rows = table(f"caseA_{name}_asym_country")
    assert [row["country"] for row in rows] == codes
    want = {key: np.array([float(row[key]) for row in rows]) for key in rows[0] if key != "country"}
    got = cascade(trade, production, reserves, want["dP"])
    assert got.converged
    for mine, theirs in (
        (got.supply, "S0"),
        (got.reserves, "dR"),
        (got.use, "dC"),
        (got.imports, "imports_change"),
        (got.exports, "exports_change"),
    ):
        np.testing.assert_allclose(mine, want[theirs], rtol=0, atol=1e-9)
    for row in table(f"caseA_{name}_asym_links"):
        moved = got.trade[codes.index(row["exporter"]), codes.index(row["importer"])]
        assert moved == pytest.approx(float(row["dE"]), abs=1e-9)


# three countries worked by hand: A sells 6 to B and 2 to C, and loses 4 of its 10 with 1 in store; B has 1, C none
TRADE = np.array([[0.0, 6.0, 2.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
OUTPUT, STORE, CUT = np.array([10.0, 0.0, 1.0]), np.array([1.0, 1.0, 0.0]), np.array([-4.0, 0.0, 0.0])


def test_a_case_by_hand():
    got = cascade(TRADE, OUTPUT, STORE, CUT)
    # A: 1 from store, 3 by exports: B gets 6*3/8 = 2.25 less, C 0.75 less; B: 1 from store, 1.25 of use; A is closed
    np.testing.assert_allclose(got.reserves, [-1.0, -1.0, 0.0])
    np.testing.assert_allclose(got.use, [0.0, -1.25, -0.75])
    np.testing.assert_allclose(got.exports, [-3.0, 0.0, 0.0])
    assert got.converged
    assert got.rounds == 2


def test_the_symmetric_mode_says_when_it_does_not_converge():
    got = cascade(TRADE, OUTPUT, STORE * 0, CUT, symmetric=True, rounds=7)
    assert not got.converged
    assert got.rounds == 7
    placed = got.reserves.sum() + got.use.sum()
    assert got.unplaced.sum() < -1e-3
    assert placed + got.unplaced.sum() == pytest.approx(-4.0)


def test_scenarios_run_on_their_own():
    shocks = np.array([CUT, [-1.0, 0, 0], [0.0, 0.0, -1.0], [0.0, 0.0, 0.0]])
    together = cascade(TRADE, OUTPUT, STORE, shocks)
    for row, shock in enumerate(shocks):
        alone = cascade(TRADE, OUTPUT, STORE, shock)
        np.testing.assert_array_equal(together.use[row], alone.use)
        np.testing.assert_array_equal(together.trade[row], alone.trade)
        assert together.rounds[row] == alone.rounds
    assert together.use.shape == (4, 3)
    assert together.rounds[3] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"trade": -TRADE},
        {"production": np.array([np.nan, 0, 0])},
        {"shock": np.array([-11.0, 0, 0])},
        {"shock": np.array([1.0, 0, 0])},
        {"saved": 1.5},
    ],
)
def test_impossible_arguments_are_refused(wrong):
    arguments = {"trade": TRADE, "production": OUTPUT, "reserves": STORE, "shock": CUT, **wrong}
    with pytest.raises(ValueError, match=next(iter(wrong))):
        cascade(**arguments)


def network(draw):
    """Draw a network in which nobody exports more than it has, and a shock."""
    n = draw(st.integers(2, 6))
    numbers = st.floats(0, 100).map(lambda x: round(x, 3))
    trade = np.array(draw(st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=n, max_size=n)))
    trade[np.eye(n, dtype=bool)] = 0
    trade[trade < 20] = 0
    extra = np.array(draw(st.lists(numbers, min_size=n, max_size=n)))
    production = np.maximum(trade.sum(1) - trade.sum(0), 0) + extra
    reserves = np.array(draw(st.lists(numbers, min_size=n, max_size=n))) / 5
    cut = np.array(draw(st.lists(st.sampled_from([0.0, 0.0, 0.3, 1.0]), min_size=n, max_size=n)))
    return trade, production, reserves, -cut * production


NETWORK = st.composite(network)()
saving = st.sampled_from([0.0, 0.01, 0.5, 1.0])


@given(NETWORK, saving, st.booleans())
def test_it_is_the_plain_loop(arguments, saved, symmetric):
    got = cascade(*arguments, saved=saved, symmetric=symmetric, rounds=30)
    reserves, use, trade, change = loop(*arguments, saved=saved, symmetric=symmetric, rounds=30)
    np.testing.assert_allclose(got.reserves, reserves, atol=1e-8)
    np.testing.assert_allclose(got.use, use, atol=1e-8)
    np.testing.assert_allclose(got.trade, trade, atol=1e-8)
    if not got.converged:
        np.testing.assert_allclose(got.unplaced, change, atol=1e-8)


@given(NETWORK, saving, st.booleans())
def test_mass_is_kept_and_nothing_is_negative(arguments, saved, symmetric):
    trade, production, reserves, shock = arguments
    got = cascade(*arguments, saved=saved, symmetric=symmetric)
    placed = got.reserves.sum() + got.use.sum() + got.unplaced.sum()
    assert placed == pytest.approx(shock.sum(), abs=1e-8)
    assert (reserves + got.reserves >= -1e-9).all()
    assert (trade + got.trade >= 0).all()
    assert (got.use <= 1e-9).all()
    if got.converged:
        left = production + shock + (trade + got.trade).sum(0) - (trade + got.trade).sum(1)
        np.testing.assert_allclose(left - got.reserves, got.supply + got.use, atol=1e-8)  # every country's balance
        if not saved:  # with saving, the published rule lets a country without use of its own give some up
            assert (got.supply + got.use >= -1e-3).all()


@given(NETWORK, st.randoms(use_true_random=False))
def test_the_order_of_countries_does_not_matter(arguments, shuffle):
    trade, production, reserves, shock = arguments
    order = list(range(len(production)))
    shuffle.shuffle(order)
    here = cascade(*arguments)
    there = cascade(trade[np.ix_(order, order)], production[order], reserves[order], shock[order])
    np.testing.assert_allclose(there.use, here.use[order], atol=1e-8)
    np.testing.assert_allclose(there.reserves, here.reserves[order], atol=1e-8)
