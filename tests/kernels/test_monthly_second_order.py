"""Second order by month: a linear programme and a plain loop as oracles, chains by hand, and what must always hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from khanij.core.rng import stream
from khanij.kernels.markets.monthly_second_order import SupplierLinks, combine, second_order

seeds = st.integers(0, 100_000)
N, MONTHS = 6, 5


def table(seed, stocks=True):
    """A random table: some links critical, some not; sales add up to less than output."""
    draw = stream(seed)
    supplier, user = np.nonzero(draw.random((N, N)) < 0.4)
    count = len(user)
    sold = draw.random(count)
    return SupplierLinks(
        supplier=supplier,
        user=user,
        home=draw.random(count),
        exposed=draw.random(count),
        weight=draw.choice([0.0, 0.5, 1.0], count),
        cover=draw.gamma(1, 0.7, count) * (draw.random(count) < 0.6) if stocks else np.zeros(count),
        sold=sold * 0.6 / np.maximum(np.bincount(supplier, sold, N)[supplier], 0.6),
    )


def shock(seed, scenarios=3):
    draw = stream(seed, 1)
    return np.where(draw.random((scenarios, MONTHS, N)) < 0.3, draw.random((scenarios, MONTHS, N)), 1.0)


def by_hand(first, links):
    """Rounds over numbers, until nothing moves."""
    stock, down, end = list(links.cover), [], []
    for month in first:
        c = list(month)
        for _ in range(3000):
            new = list(month)
            for at in range(len(links.user)):
                came = stock[at] + 1 - links.home[at] * (1 - c[links.supplier[at]])
                left = 1 - links.weight[at] * links.exposed[at] * (1 - min(came, 1))
                new[links.user[at]] = min(new[links.user[at]], left)
            c, before = new, c
            if max(abs(a - b) for a, b in zip(c, before, strict=True)) < 1e-15:
                break
        for at in range(len(links.user)):
            came = stock[at] + 1 - links.home[at] * (1 - c[links.supplier[at]])
            stock[at] = came - min(came, 1)
        down.append(c)
        x = list(c)
        for _ in range(3000):
            sold = [1.0] * N
            for at in range(len(links.user)):
                sold[links.supplier[at]] -= links.sold[at] * (1 - x[links.user[at]])
            x, before = [min(a, b) for a, b in zip(c, sold, strict=True)], x
            if max(abs(a - b) for a, b in zip(x, before, strict=True)) < 1e-15:
                break
        end.append(x)
    return np.array(down), np.array(end)


@given(st.integers(0, 30))
def test_a_plain_loop_finds_the_same(seed):
    links, first = table(seed), shock(seed, 1)
    got = second_order(first, links)
    down, end = by_hand(first[0].tolist(), links)
    assert got.converged.all()
    np.testing.assert_allclose(got.downstream[0], down, atol=1e-9)
    np.testing.assert_allclose(got.final[0], end, atol=1e-9)


@given(seeds)
def test_a_linear_programme_finds_the_largest_solution(seed):
    """Without stocks: maximise what is left under the same limits, first of inputs, then of sales."""
    links, first = table(seed, stocks=False), shock(seed, 1)[:, :1]
    got = second_order(first, links)
    drag = links.weight * links.exposed * links.home
    rows = np.zeros((len(drag), N))
    np.add.at(rows, (np.arange(len(drag)), links.user), 1.0)
    np.add.at(rows, (np.arange(len(drag)), links.supplier), -drag)
    down = linprog(-np.ones(N), A_ub=rows, b_ub=1 - drag, bounds=[(0, top) for top in first[0, 0]])
    np.testing.assert_allclose(got.downstream[0, 0], down.x, atol=1e-7)
    sales = np.eye(N)
    np.subtract.at(sales, (links.supplier, links.user), links.sold)
    rest = 1 - np.bincount(links.supplier, links.sold, N)
    end = linprog(-np.ones(N), A_ub=sales, b_ub=rest, bounds=[(0, top) for top in got.downstream[0, 0]])
    np.testing.assert_allclose(got.final[0, 0], end.x, atol=1e-7)


def test_a_chain_by_hand():
    """0 makes what 1 needs, 1 what 2 needs; 1 holds a month of it; 0 stops for three months."""
    links = SupplierLinks(
        supplier=np.array([0, 1]), user=np.array([1, 2]), home=np.array([1.0, 0.5]), exposed=np.array([1.0, 0.8]),
        weight=np.array([1.0, 0.5]), cover=np.array([1.0, 0.0]), sold=np.array([0.5, 1.0]),
    )  # fmt: skip
    first = np.ones((1, 5, 3))
    first[0, 1:4, 0] = 0.0
    got = second_order(first, links)
    np.testing.assert_allclose(got.downstream[0, :, 1], [1, 1, 0, 0, 1])
    np.testing.assert_allclose(got.downstream[0, :, 2], [1, 1, 0.8, 0.8, 1])  # 1 - 0.5*0.8*(1 - 0.5)
    np.testing.assert_allclose(got.final, got.downstream)
    stopped = np.ones((1, 1, 3))
    stopped[0, 0, 2] = 0.4
    np.testing.assert_allclose(second_order(stopped, links).final[0, 0], [1 - 0.5 * 0.6, 0.4, 0.4])
    np.testing.assert_allclose(second_order(stopped, links).downstream, stopped)  # lost sales starve nobody


@given(seeds)
def test_nothing_lost_first_is_nothing_lost(seed):
    got = second_order(np.ones((2, MONTHS, N)), table(seed))
    assert (got.downstream == 1.0).all()
    assert (got.final == 1.0).all()
    assert got.converged.all()


@given(seeds)
def test_a_deeper_first_loss_leaves_no_more_anywhere_in_any_month(seed):
    links, first = table(seed), shock(seed)
    less = first * np.where(stream(seed, 2).random(first.shape) < 0.3, 0.5, 1.0)
    here, there = second_order(first, links), second_order(less, links)
    assert (there.downstream <= here.downstream + 1e-9).all()
    assert (there.final <= here.final + 1e-9).all()
    assert (here.final <= here.downstream + 1e-12).all()
    assert (here.downstream <= first + 1e-12).all()


@given(seeds)
def test_more_stock_never_costs(seed):
    links, first = table(seed), shock(seed)
    more = replace(links, cover=links.cover + 0.5)
    assert (second_order(first, more).final >= second_order(first, links).final - 1e-9).all()


@given(seeds, st.randoms(use_true_random=False))
def test_the_order_of_links_industries_and_scenarios_does_not_matter(seed, shuffle):
    links, first = table(seed), shock(seed)
    order, mixed, rows = list(range(N)), list(range(len(links.user))), [2, 0, 1]
    shuffle.shuffle(order)
    shuffle.shuffle(mixed)
    place = np.argsort(order)
    moved = SupplierLinks(*(getattr(links, name)[mixed] for name in links.__slots__))
    moved = replace(moved, supplier=place[moved.supplier], user=place[moved.user])
    here, there = second_order(first, links), second_order(first[rows][:, :, order], moved)
    np.testing.assert_allclose(there.final, here.final[rows][:, :, order], atol=1e-10)


def test_a_ring_that_feeds_itself_stops_where_it_converges_and_says_so_where_it_does_not():
    ring = SupplierLinks(
        *(np.array(part) for part in ([0, 1], [1, 0], [1.0, 1.0], [1.0, 0.999], [1.0, 1.0], [0.0, 0.0], [0.0, 0.0]))
    )
    first = np.array([[[0.5, 1.0]]])
    np.testing.assert_allclose(second_order(first, ring).downstream, [[[0.5, 0.5]]])
    sales = SupplierLinks(
        supplier=np.array([1, 1, 2]), user=np.array([0, 2, 1]), home=np.ones(3), exposed=np.zeros(3),
        weight=np.ones(3), cover=np.zeros(3), sold=np.array([0.5, 0.5, 0.9]),
    )  # fmt: skip
    first = np.array([[[0.5, 1.0, 1.0]]])
    lost = 0.25 / (1 - 0.45)
    np.testing.assert_allclose(second_order(first, sales).final, [[[0.5, 1 - lost, 1 - 0.9 * lost]]])
    assert second_order(first, sales).converged.all()
    assert not second_order(first, sales, rounds=3).converged.any()


@given(seeds)
def test_products_add_up_to_industries(seed):
    draw = stream(seed, 3)
    output, group = draw.random((2, 3, 7)), draw.integers(0, 3, 7)
    share = draw.random(7)
    share /= np.maximum(np.bincount(group, share, 4), 1.0)[group]
    left = combine(output, group, share, 4)
    for industry in range(4):
        mine = group == industry
        expected = 1 - (share[mine] * (1 - output[..., mine])).sum(axis=-1)
        np.testing.assert_allclose(left[..., industry], expected, atol=1e-12)
    assert (left[..., 3] == 1.0).all()
    assert (combine(np.ones((1, 7)), group, share, 4) == 1.0).all()


def test_what_lies_outside_its_range_is_refused():
    links, first = table(1), shock(1)
    for change, told in (
        ({"home": links.home + 2}, "home"),
        ({"exposed": np.full(len(links.user), np.nan)}, "exposed"),
        ({"cover": links.cover - 9}, "cover"),
        ({"user": links.user + N}, "user"),
        ({"sold": np.ones(len(links.user))}, "sold"),
    ):
        with pytest.raises(ValueError, match=told):
            second_order(first, replace(links, **change))
    with pytest.raises(ValueError, match="first"):
        second_order(first + 1, links)
    with pytest.raises(ValueError, match="share"):
        combine(np.ones((1, 2)), np.zeros(2, dtype=int), np.array([0.6, 0.6]), 1)
