"""Stocks and flows against flodym, a plain loop, SciPy, and what must always hold."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from khanij.kernels.balances import stockflow
from khanij.kernels.balances.stockflow import (
    Survival,
    by_cohort,
    error_complement,
    fixed,
    inflow_driven,
    lognormal,
    normal,
    stock_driven,
    survival,
    weibull,
)

CASE = Path(__file__).resolve().parents[3] / "shared" / "cases" / "stocks" / "ref_stock_driven.csv"
YEARS = np.arange(1900, 2051)
BOUNDS = np.arange(1899.5, 2051)
CURVE = 100 / (1 + np.exp(-(YEARS - 1990) / 15))
LIVES = {"normal": lambda age: normal(age, 15.0, 4.0), "weibull": lambda age: weibull(age, 2.0, 16.0)}
UNEVEN = np.array([1990.0, 1991, 1993, 1993.5, 2000, 2001, 2002, 2010])
# flodym 1.1.0, same stock and lifetimes, inflow and outflow of 2050
GOLDEN = {
    ("normal", "start"): (6.82396293023, 6.70234860916),
    ("normal", "middle"): (6.5977775476, 6.47616322653),
    ("normal", "end"): (6.38616389048, 6.26454956941),
    ("weibull", "start"): (7.24236503234, 7.12075071126),
    ("weibull", "middle"): (6.98794952939, 6.86633520832),
    ("weibull", "end"): (6.75087479206, 6.62926047098),
}


def loop(stock, table, clip=False):
    """One series, one cohort at a time, with floats."""
    inflow = []
    for t in range(len(stock)):
        left = sum(table[t][c] * inflow[c] for c in range(t))
        need = (stock[t] - left) / table[t][t]
        inflow.append(max(need, 0.0) if clip else need)
    return np.array(inflow)


@pytest.mark.parametrize(("life", "at"), GOLDEN)
def test_meets_the_peer_in_its_last_year(life, at) -> None:
    found = stock_driven(CURVE, survival(BOUNDS, LIVES[life], at=at))
    assert found.inflow[-1] == pytest.approx(GOLDEN[life, at][0], rel=1e-11)
    assert found.outflow[-1] == pytest.approx(GOLDEN[life, at][1], rel=1e-11)


@pytest.mark.skipif(not CASE.is_file(), reason="the shared cases are not here")
@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize(
    ("peer", "at"), [("flodym", "start"), ("flodym", "middle"), ("flodym", "end"), ("odym", "end")]
)
def test_meets_every_column_of_the_peers(life, peer, at) -> None:
    """ODYM lets the inflow come at the end of the year; flodym says which."""
    with CASE.open() as lines:
        rows = list(csv.DictReader(lines))
    name = f"odym_{life}" if peer == "odym" else f"flodym_{life}_{at}"
    theirs = {part: np.array([float(r[f"{name}_{part}"]) for r in rows]) for part in ("inflow", "outflow", "stock")}
    left = survival(BOUNDS, LIVES[life], at=at)
    for found in (stock_driven(CURVE, left), inflow_driven(theirs["inflow"], left)):
        for part, wanted in theirs.items():
            np.testing.assert_allclose(getattr(found, part), wanted, rtol=1e-9, atol=1e-13, err_msg=part)


def test_erfc_is_that_of_scipy() -> None:
    x = np.linspace(-8, 26, 40001)
    np.testing.assert_allclose(error_complement(x), special.erfc(x), rtol=1e-12, atol=0)
    assert np.abs(error_complement(x) - special.erfc(x)).max() <= 1e-15
    assert error_complement([-np.inf, np.inf]).tolist() == [2.0, 0.0]


def test_lifetimes_are_those_of_scipy_and_batch() -> None:
    age = np.array([0.0, 0.5, 3, 15, 40])
    mean, wide = np.array([[8.0], [15.0]]), np.array([2.0, 4.0, 6.0])
    square = np.log1p((wide / mean) ** 2)[..., None]
    centre = np.exp(np.log(mean)[..., None] - square / 2)
    close = {"rtol": 1e-12, "atol": 1e-15}
    np.testing.assert_allclose(normal(age, mean, wide), stats.norm.sf(age, mean[..., None], wide[:, None]), **close)
    np.testing.assert_allclose(
        lognormal(age, mean, wide), stats.lognorm.sf(age, np.sqrt(square), scale=centre), **close
    )
    np.testing.assert_allclose(weibull(age, 2.0, mean), stats.weibull_min.sf(age, 2.0, scale=mean[..., None]), **close)
    assert fixed(age, 3.0).tolist() == [1, 1, 0, 0, 0]


def test_lognormal_takes_the_moments_of_the_lifetime() -> None:
    assert lognormal([15.0], 15.0, 4.0)[0] == pytest.approx(0.448, abs=5e-4)
    age = np.linspace(0, 400, 400001)
    assert np.trapezoid(lognormal(age, 15.0, 4.0), age) == pytest.approx(15.0, abs=1e-6)


def test_a_fixed_life_leaves_when_it_is_over() -> None:
    found = inflow_driven([5.0, 0, 0, 0, 7, 0], survival(np.arange(7.0), lambda a: fixed(a, 3.0), at="end"))
    assert found.stock.tolist() == [5, 5, 5, 0, 7, 7]
    assert found.outflow.tolist() == [0, 0, 0, 5, 0, 0]


@pytest.mark.parametrize("bounds", [np.arange(8.0), UNEVEN], ids=["even", "uneven"])
@pytest.mark.parametrize("means", [(), (3,), (2, 1), (2, 3)], ids=str)
@pytest.mark.parametrize("lead", [(2, 3), (20, 2, 3)], ids=str)
@pytest.mark.parametrize("negative", ["allow", "clip"])
def test_batches_are_the_loop(bounds, means, lead, negative) -> None:
    draw = np.random.default_rng(7)
    mean = draw.uniform(2, 9, means)
    stock = draw.uniform(1, 10, (*lead, 7))
    left = survival(bounds, lambda age: normal(age, mean, 2.0))
    found = stock_driven(stock, left, negative=negative)
    tables = np.broadcast_to(left.table, (*lead, 7, 7))
    wanted = [loop(stock[k], tables[k], negative == "clip") for k in np.ndindex(lead)]
    np.testing.assert_allclose(found.inflow, np.reshape(wanted, stock.shape), rtol=1e-9, atol=1e-9)
    found.check_balance(1e-12)
    for cohorts, total in zip(by_cohort(found.inflow, left), (found.stock, found.outflow), strict=True):
        np.testing.assert_allclose(cohorts.sum(-1), total, rtol=1e-9, atol=1e-9)


def test_long_series_pass_several_blocks_on_any_grid() -> None:
    draw = np.random.default_rng(3)
    bounds = np.concatenate([[0.0], np.cumsum(draw.uniform(0.3, 3, 100))])
    inflow = draw.uniform(0, 5, (12, 100))
    for edges in (bounds, np.arange(101.0)):
        left = survival(edges, lambda age: lognormal(age, 12.0, 5.0))
        there = inflow_driven(inflow, left)
        there.check_balance(1e-13)
        np.testing.assert_allclose(stock_driven(there.stock, left).inflow, inflow, rtol=1e-10, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    inflow=st.lists(st.floats(0, 1e6), min_size=2, max_size=25),
    gaps=st.lists(st.floats(0.1, 10), min_size=25, max_size=25),
    life=st.floats(5, 60),
    at=st.sampled_from(["start", "middle", "end"]),
)
def test_mass_is_kept_and_the_way_back_is_the_way_there(inflow, gaps, life, at) -> None:
    bounds = 2000 + np.concatenate([[0.0], np.cumsum(gaps[: len(inflow)])])
    left = survival(bounds, lambda age: weibull(age, 1.5, 4 * life), at=at)
    there = inflow_driven(inflow, left)
    there.check_balance(1e-12)
    assert np.all(there.outflow >= 0)
    back = stock_driven(there.stock, left, negative="allow")
    np.testing.assert_allclose(back.inflow, inflow, rtol=1e-8, atol=1e-9 * max(inflow))
    np.testing.assert_allclose(back.outflow, there.outflow, rtol=1e-8, atol=1e-9 * max(inflow))


def test_an_opening_stock_wears_out_beside_the_new() -> None:
    left = survival(np.arange(5.0), lambda age: fixed(age, 10.0), at="end")
    found = stock_driven([8.0, 8, 8, 8], left, opening=[10.0, 7, 4, 1, 0])
    assert found.inflow.tolist() == [1, 3, 3, 1]
    assert found.outflow.tolist() == [3, 3, 3, 1]
    assert found.before == 10
    found.check_balance(0.0)


def test_negative_inflow_is_named_clipped_or_kept() -> None:
    left = survival(np.arange(5.0), lambda age: fixed(age, 3.0), at="end")
    stock = np.array([[1.0, 2, 3, 4], [10.0, 4, 10, 10]])
    with pytest.raises(ValueError, match=r"series \(1,\), period 1: .* -6; say"):
        stock_driven(stock, left)
    kept = stock_driven(stock, left, negative="allow")
    assert kept.inflow[1].tolist() == [10, -6, 6, 10]
    clipped = stock_driven(stock, left, negative="clip")
    assert clipped.inflow.tolist() == [[1, 1, 1, 2], [10, 0, 0, 10]]
    assert clipped.stock.tolist() == [[1, 2, 3, 4], [10, 10, 10, 10]]
    assert clipped.clipped.tolist() == [[False] * 4, [False, True, False, False]]
    for found in (kept, clipped):
        assert np.all(found.imbalance == 0)


def test_what_is_not_known_stays_so_alone() -> None:
    left = survival(np.arange(4.0), lambda age: normal(age, 5.0, 1.0))
    for model in (stock_driven, inflow_driven):
        found = model([[1.0, np.nan, 3], [1.0, 2, 3]], left)
        assert np.isnan([found.inflow[0], found.outflow[0], found.stock[0]]).all()
        assert np.isfinite([found.inflow[1], found.outflow[1], found.stock[1]]).all()


def test_a_cohort_may_have_its_own_lifetime() -> None:
    left = Survival(np.array([[1.0, 0, 0], [0.5, 0.8, 0], [0, 0.8, 1]]), even=False)
    found = inflow_driven([10.0, 10, 10], left)
    assert found.stock.tolist() == [10, 13, 18]
    assert found.outflow.tolist() == [0, 7, 5]


def test_lost_mass_is_found() -> None:
    good = inflow_driven([1.0, 2, 3], survival(np.arange(4.0), LIVES["normal"]))
    bad = stockflow.StockFlows(good.inflow, good.outflow * 1.01 + 0.1, good.stock, good.before, good.clipped)
    with pytest.raises(ValueError, match="mass is not kept"):
        bad.check_balance()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: survival([0.0, 2, 1], LIVES["normal"]), "each after the one before"),
        (lambda: survival([0.0, 1], LIVES["normal"], at="noon"), "not one of start"),
        (lambda: survival(np.arange(4.0), lambda age: age / 10), "cannot rise"),
        (lambda: survival(np.arange(4.0), lambda age: 2 - age), "within 0 and 1"),
        (lambda: Survival(np.ones((2, 2)), even=False), "0 above its diagonal"),
        (lambda: Survival(np.array([[1.0, 0], [np.nan, 1]]), even=False), "must be known"),
        (lambda: Survival(np.array([[0.5, 0], [0.6, 1]]), even=False), "cannot rise"),
        (lambda: normal([1.0], 5.0, 0.0), "deviation must be above 0"),
        (lambda: stock_driven([1.0, 2], survival([0.0, 1, 2], lambda a: fixed(a, 0.5), at="start")), "is gone by"),
        (lambda: stock_driven([1.0], survival([0.0, 1], LIVES["normal"]), negative="hide"), "not one of raise"),
        (lambda: inflow_driven([1.0, 2], survival([0.0, 1], LIVES["normal"])), "not T, T"),
    ],
)
def test_what_cannot_be_is_refused(call, words) -> None:
    with pytest.raises(ValueError, match=words):
        call()
