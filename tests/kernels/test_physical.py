"""The physical steps: the base repeats itself, mass is kept, and small worlds do what common sense expects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.rng import stream
from khanij.kernels.markets.physical import RULES, run
from khanij.kernels.markets.physical_base import Shut, from_edges, from_flow

SIZES = st.tuples(st.integers(1, 3), st.integers(2, 8))


def world(seed, goods=3, n=5, days=1.0, spare=1.0):
    """A chain of random flows: some makers of a next good have no input on record, some have more output than input."""
    draw = stream(seed)
    flow = draw.gamma(1, 5, (goods, n, n)) * (draw.random((goods, n, n)) < 0.5) * (draw.random((goods, n, 1)) < 0.8)
    made = flow.sum(axis=2)
    passed = np.zeros((goods, n))
    passed[:-1] = np.where(made[1:] > 0, draw.random((goods - 1, n)) * (draw.random((goods - 1, n)) < 0.8), 0.0)
    capacity = made * (1 + spare * draw.random((goods, n)))
    fed = np.zeros((goods, n))
    fed[1:] = np.where(passed[:-1] * flow.sum(axis=1)[:-1] > 0, 1 - draw.random((goods - 1, n)) * draw.integers(2), 0.0)
    return from_flow(flow, passed, fed=fed, capacity=capacity, stock=draw.gamma(2, 2, (goods, n)) * days)


def pairs(shape):
    """Every pair of two countries of every good."""
    goods, n = shape
    return np.nonzero(np.broadcast_to(~np.eye(n, dtype=bool), (goods, n, n)))


def shocks(seed, base, scenarios=2, steps=6):
    """Some capacity gone, some pairs shut or cut in some steps."""
    draw = stream(seed, 1)
    shape = base.passed.shape
    able = np.where(draw.random((scenarios, steps, *shape)) < 0.2, draw.random((scenarios, steps, *shape)), 1.0)
    at = pairs(shape)
    kept = draw.random(len(at[0])) < 0.5
    at = tuple(part[kept] for part in at)
    size = (scenarios, steps, len(at[0]))
    part = np.where(draw.random(size) < 0.4, np.where(draw.random(size) < 0.5, 1.0, draw.random(size)), 0.0)
    return able, Shut(*at, part)


def whole(base, steps=8):
    return np.ones((1, steps, *base.passed.shape))


seeds = st.integers(0, 10_000)
how = st.fixed_dictionaries(
    {
        "rule": st.sampled_from(RULES),
        "rerouting": st.sampled_from([0.0, 0.3, 1.0]),
        "refill": st.sampled_from([1.0, 3.0, 12.0]),
    }
)


@given(seeds, SIZES, how, st.sampled_from([0.0, 1.0]))
def test_the_base_repeats_itself(seed, size, options, spare):
    base = world(seed, *size, spare=spare)
    got = run(base, whole(base), **options)
    for step in range(8):
        np.testing.assert_allclose(got.output[0, step], base.output, atol=1e-9)
        np.testing.assert_allclose(got.use[0, step], base.use, atol=1e-9)
        np.testing.assert_allclose(got.shortage[0, step], 0, atol=1e-9)
    np.testing.assert_allclose(got.trade[0], 8 * np.where(base.seller == base.buyer, 0, base.tonnes), atol=1e-8)
    assert not got.buyer_part.any()


@given(seeds, SIZES, how)
def test_mass_is_kept_and_nothing_is_negative(seed, size, options):
    base = world(seed, *size)
    able, shut = shocks(seed, base)
    got = run(base, able, shut, **options)
    for array in (got.output, got.use, got.stock, got.exports, got.imports, got.trade, got.wanted):
        assert (array >= 0).all()
    first = np.broadcast_to(base.stock + base.imports, got.stock[:, :1].shape)
    before = np.concatenate([first, got.stock[:, :-1]], axis=1)
    np.testing.assert_allclose(
        before + got.output + got.imports, got.use + got.exports + got.stock, atol=1e-8, err_msg="a country's balance"
    )
    np.testing.assert_allclose(got.exports.sum(-1), got.imports.sum(-1), atol=1e-8)
    assert (got.output <= base.capacity * able + 1e-9).all()
    assert (got.shortage >= -1e-9).all()
    between = got.between(base, shut)
    np.testing.assert_allclose(between.sum(3), got.exports.sum(1), atol=1e-7)
    np.testing.assert_allclose(between.sum(2), got.imports.sum(1), atol=1e-7)


@given(seeds, how)
def test_output_never_exceeds_what_its_input_allows(seed, options):
    base = world(seed)
    able, shut = shocks(seed, base)
    got = run(base, able, shut, **options)
    some = base.input[:-1] > 0
    yields = np.where(some, base.fed[1:] * base.output[1:], 0.0) / np.where(some, base.input[:-1], 1.0)
    most = (1 - base.fed[1:]) * base.output[1:] + yields * got.use[:, :, :-1]
    assert (np.where(some, got.output[:, :, 1:] - most, 0.0) <= 1e-8).all()


@given(seeds, how)
def test_a_shut_pair_carries_nothing_and_a_cut_one_its_rest(seed, options):
    base = world(seed)
    able, _ = shocks(seed, base, steps=5)
    good, seller, buyer = pairs(base.passed.shape)
    mine = (good == 1) & (seller == 2)
    part = np.where(buyer[mine] == 0, 0.4, 1.0)[None, None]
    shut = Shut(good[mine], seller[mine], buyer[mine], part)
    got = run(base, able, shut, **options)
    sold = got.between(base, shut)[:, 1, 2]
    usual = base.tonnes[(base.good == 1) & (base.seller == 2) & (base.buyer == 0)].sum()
    np.testing.assert_allclose(sold[:, 1:], 0, atol=1e-8)
    assert (sold[:, 0] <= 5 * 0.6 * usual + 1e-8).all()
    np.testing.assert_allclose(got.exports[:, :, 1, 2].sum(1), sold.sum(1), atol=1e-8)


@given(seeds, st.randoms(use_true_random=False))
def test_the_order_of_countries_and_scenarios_does_not_matter(seed, shuffle):
    base = world(seed)
    able, shut = shocks(seed, base)
    order = list(range(5))
    shuffle.shuffle(order)
    place = np.argsort(order)  # new position of each old one
    moved = from_edges(
        base.good, place[base.seller], place[base.buyer], base.tonnes, base.passed[:, order],
        fed=base.fed[:, order], capacity=base.capacity[:, order], stock=base.stock[:, order],
    )  # fmt: skip
    here = run(base, able, shut)
    there = run(moved, able[..., order], Shut(shut.good, place[shut.seller], place[shut.buyer], shut.part))
    np.testing.assert_allclose(there.use, here.use[..., order], atol=1e-8)
    alone = run(base, able[1:], replace(shut, part=shut.part[1:]))
    np.testing.assert_allclose(alone.use[0], here.use[1], rtol=1e-12, atol=1e-12)


def test_scenarios_may_hold_different_stocks_and_idle_capacity():
    held = np.zeros((2, 1, 3))
    held[1, 0, 2] = 90.0
    able, shut = ban()
    able = np.concatenate([able, able])
    got = run(replace(SMALL, capacity=SMALL.output), able * np.array([1, 1.75, 1]), shut, stock=held, rerouting=0.0)
    for row, base in enumerate((SMALL, replace(SMALL, stock=held[1]))):
        np.testing.assert_allclose(got.use[row], run(base, able[:1], shut, rerouting=0.0).use[0], atol=1e-9)


@given(seeds)
def test_edges_and_dense_flows_make_the_same_base(seed):
    base = world(seed)
    flow = np.zeros((3, 5, 5))
    flow[base.good, base.seller, base.buyer] = base.tonnes
    again = from_flow(flow, base.passed, fed=base.fed, output=base.output, use=base.use)
    for name in ("good", "seller", "buyer", "tonnes"):
        np.testing.assert_array_equal(getattr(again, name), getattr(base, name))
    np.testing.assert_allclose(base.output + base.imports, base.use + base.exports)


@given(seeds, how)
def test_two_half_steps_of_a_base_are_half_its_tonnes(seed, options):
    """Weeks or months: the engine knows steps only, so tonnes scale."""
    base = world(seed)
    able, shut = shocks(seed, base)
    half = from_edges(
        base.good, base.seller, base.buyer, base.tonnes / 2, base.passed,
        fed=base.fed, capacity=base.capacity / 2, stock=base.stock / 2,
    )  # fmt: skip
    np.testing.assert_allclose(
        2 * run(half, able, shut, **options).use, run(base, able, shut, **options).use, atol=1e-7
    )


# Two suppliers A and B of one good, one user C: A 60, B 40 a step; B could make 70
TRADE = np.zeros((1, 3, 3))
TRADE[0, 0, 2], TRADE[0, 1, 2] = 60.0, 40.0
NONE = np.zeros((1, 3))
SMALL = from_flow(TRADE, NONE, capacity=np.array([[60.0, 70, 0]]))


def ban(steps=6, part=1.0):
    return np.ones((1, steps, 1, 3)), Shut(np.array([0]), np.array([0]), np.array([2]), np.full((1, 1, 1), part))


def test_the_first_step_lives_on_what_is_on_its_way():
    got = run(SMALL, *ban(), rerouting=1.0)
    assert got.shortage[0, 0].sum() == 0
    assert got.use[0, 1, 0, 2] == pytest.approx(40.0)  # only B's usual goods arrived


def test_stocks_put_the_shortage_off():
    stocked = replace(SMALL, stock=np.array([[0.0, 0, 90]]))
    bare, held = run(SMALL, *ban(), rerouting=0.0).shortage, run(stocked, *ban(), rerouting=0.0).shortage
    assert bare[0, 1].sum() == pytest.approx(60)
    assert held[0, 1].sum() == 0
    assert held.sum() < bare.sum() - 20


def test_orders_that_move_faster_leave_less_short():
    slow, some, fast = (run(SMALL, *ban(), rerouting=speed).shortage.sum() for speed in (0.0, 0.3, 1.0))
    assert slow > some > fast
    got = run(SMALL, *ban(12), rerouting=1.0)
    assert got.use[0, -1, 0, 2] == pytest.approx(70)  # all that B can make


def test_a_cut_leaves_the_rest_of_the_usual_tonnes():
    got = run(SMALL, *ban(12, 0.5), rerouting=1.0)
    assert got.exports[0, :, 0, 0] == pytest.approx(30)
    assert got.use[0, -1, 0, 2] == pytest.approx(100)  # 30 from A, 70 from B
    slow = run(SMALL, *ban(12, 0.5), rerouting=0.0)
    assert 70 <= slow.use[0, -1, 0, 2] < 80  # 30 from A, from B the usual 40 and a little against the gap in stock


# A sells 60 to C, B sells 40 to D and could make 100: C has never bought from B
STRANGERS = np.zeros((1, 4, 4))
STRANGERS[0, 0, 2], STRANGERS[0, 1, 3] = 60.0, 40.0
NEW = from_flow(STRANGERS, np.zeros((1, 4)), capacity=np.array([[60.0, 100, 0, 0]]))


def stop(buyers, n=4, seller=0):
    own = np.asarray(buyers)
    return Shut(np.zeros(len(own), dtype=int), np.full(len(own), seller), own, np.ones((1, 1, len(own))))


def test_a_buyer_finds_an_exporter_that_it_has_never_bought_from():
    got = run(NEW, np.ones((1, 10, 1, 4)), stop([2]), rerouting=1.0)
    assert got.use[0, -1, 0] == pytest.approx([0, 0, 60, 40])
    assert got.between(NEW, stop([2]))[0, 0, 1, 2] > 0


def test_who_has_never_exported_is_not_found():
    flow = STRANGERS.copy()
    flow[0, 1] = [0, 40, 0, 0]  # B makes for itself only
    base = from_flow(flow, np.zeros((1, 4)), capacity=np.array([[60.0, 100, 0, 0]]))
    got = run(base, np.ones((1, 10, 1, 4)), stop([2]), rerouting=1.0)
    assert got.use[0, -1, 0, 2] == 0


def test_a_ban_binds_on_the_open_market_too():
    closed = Shut(np.zeros(2, dtype=int), np.array([0, 1]), np.array([2, 2]), np.ones((1, 1, 2)))
    got = run(NEW, np.ones((1, 10, 1, 4)), closed, rerouting=1.0)
    assert got.use[0, -1, 0] == pytest.approx([0, 0, 0, 40])


def test_a_country_that_never_imported_buys_when_its_mine_stops():
    flow = np.zeros((1, 2, 2))
    flow[0] = [[50, 0], [10, 10]]
    flow = np.pad(flow, ((0, 0), (0, 1), (0, 1)))
    flow[0, 1, 2] = flow[0, 1, 0]
    flow[0, 1, 0] = 0.0  # A makes 50 for itself; B 10 for itself and 10 for C, and can make 100
    base = from_flow(flow, np.zeros((1, 3)), capacity=np.array([[50.0, 100, 0]]))
    able = np.ones((1, 10, 1, 3))
    able[..., 0] = 0.0
    assert run(base, able, rerouting=0.0).use[0, -1, 0, 0] == 0
    got = run(base, able, rerouting=0.5)
    assert got.use[0, -1, 0] == pytest.approx([50, 10, 10], rel=1e-2)


def test_rules_decide_who_goes_short():
    base = from_flow(np.array([[[30.0, 30], [0, 0]]]), np.zeros((1, 2)))
    able = np.ones((1, 4, 1, 2))
    able[..., 0] = 0.5
    kept = {rule: run(base, able, rerouting=0.0, rule=rule) for rule in RULES}
    home = {rule: got.use[0, 0, 0, 0] for rule, got in kept.items()}
    assert home == {"proportional": pytest.approx(15), "home-first": pytest.approx(30), "exports-first": 0.0}


def smelter(capacity=None):
    """A mines 50 and sells it to B, which smelts it to 40; C makes 10 of the second good from scrap."""
    flow = np.zeros((2, 3, 3))
    flow[0, 0, 1] = 50.0
    flow[1, 1, 1], flow[1, 2, 2] = 40.0, 10.0
    passed = np.array([[0.0, 1, 0], [0, 0, 0]])
    return from_flow(flow, passed, capacity=capacity)


def test_a_shortage_runs_down_the_chain_with_each_countrys_own_yield():
    base = smelter()
    able = np.ones((1, 4, 2, 3))
    able[:, 2:, 0, 0] = 0.25
    able[:, :2, 0, 0] = 0.0
    got = run(base, able)
    np.testing.assert_allclose(got.output[0, :, 1, 1], [40, 0, 0, 10], atol=1e-9)
    np.testing.assert_allclose(got.output[0, :, 1, 2], 10, atol=1e-9)  # what needs no recorded input goes on
    np.testing.assert_allclose(got.use[0, :, 1, 1], [40, 0, 0, 10], atol=1e-9)


def test_a_smelter_that_stops_asks_for_less_ore():
    base = smelter()
    able = np.ones((1, 30, 2, 3))
    able[:, :, 1, 1] = 0.5
    got = run(base, able)
    assert got.wanted[0, 0, 0, 1] == pytest.approx(25)
    assert got.output[0, 1, 0, 0] < 25  # while the ore that B no longer needs is used up
    assert got.output[0, -1, 0, 0] == pytest.approx(25, rel=1e-4)
    assert got.shortage[0, :, 0].sum() == pytest.approx(0)


def test_output_from_scrap_goes_on_where_the_base_says_how_much_is_fed():
    base = replace(smelter(), fed=np.array([[0.0, 0, 0], [0, 0.75, 0]]))
    able = np.ones((1, 4, 2, 3))
    able[:, :, 0, 0] = 0.0
    got = run(base, able)
    np.testing.assert_allclose(got.output[0, :, 1, 1], [40, 10, 10, 10], atol=1e-9)
    half = np.ones((1, 4, 2, 3))
    half[:, :, 1, 1] = 0.5
    assert run(base, half).wanted[0, 0, 0, 1] == pytest.approx(50 * 10 / 30)  # scrap goes first


def test_a_starved_smelter_is_no_spare_capacity():
    flow = np.zeros((2, 4, 4))
    flow[0, 0, 1] = 50.0
    flow[1, 1, 2], flow[1, 3, 2] = 40.0, 10.0
    base = from_flow(flow, np.array([[0.0, 1, 0, 0], [0, 0, 0, 0]]))
    able = np.ones((1, 6, 2, 4))
    able[:, :, 0, 0] = 0.0
    got = run(base, able, rerouting=1.0)
    assert not got.buyer_part.any()


@pytest.mark.parametrize(
    "change",
    [
        {"rule": "first-come"},
        {"refill": 0.5},
        {"rerouting": 1.5},
        {"capacity": -np.ones((1, 2, 1, 3))},
        {"capacity": np.full((1, 2, 1, 3), np.nan)},
        {"capacity": np.ones((2, 1, 3))},
        {"stock": -np.ones((1, 1, 3))},
        {"shut": replace(stop([2]), part=2 * np.ones((1, 1, 1)))},
        {"shut": replace(stop([2]), part=np.ones((1, 3, 1)))},
        {"shut": replace(stop([2]), part=np.ones((1, 1, 2)))},
        {"shut": stop([3])},
        {"shut": stop([0])},
        {"shut": stop([2, 2])},
    ],
)
def test_impossible_arguments_are_refused(change):
    arguments = {"capacity": np.ones((1, 2, 1, 3)), **change}
    with pytest.raises(ValueError, match=r"capacity|stock|rule|rerouting|shut"):
        run(SMALL, **arguments)


@pytest.mark.parametrize(
    "change",
    [
        {"output": np.array([[10.0, 40, 0]])},
        {"use": np.array([[0.0, 0, 99]])},
        {"capacity": np.array([[10.0, 40, 0]])},
        {"stock": np.array([[np.nan, 0, 0]])},
        {"passed": np.ones((1, 3))},
        {"fed": np.ones((1, 3))},
        {"flow": -TRADE},
    ],
)
def test_a_base_that_is_not_in_balance_is_refused(change):
    with pytest.raises(ValueError, match="base"):
        from_flow(**{"flow": TRADE, "passed": NONE, **change})


def test_input_for_nothing_and_edges_in_disorder_are_refused():
    with pytest.raises(ValueError, match="not in balance"):
        from_flow(np.ones((2, 2, 2)) * np.array([1.0, 0])[:, None, None], np.array([[0.5, 0], [0, 0]]))
    with pytest.raises(ValueError, match="each once"):
        from_edges([0, 0], [0, 0], [1, 1], [1.0, 2.0], np.zeros((1, 2)))
    with pytest.raises(ValueError, match="outside"):
        from_flow(TRADE, np.zeros((1, 2)))
