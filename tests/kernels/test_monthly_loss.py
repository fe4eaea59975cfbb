"""The monthly engine: a plain loop as oracle, and the laws that no loss may break."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.rng import stream
from khanij.kernels.markets.monthly_loss import InputNeeds, dearer, loss, make_up, need_path, run

seeds = st.integers(0, 100_000)
GOODS, USERS, MONTHS = 5, 4, 14


def pairs(seed, count=9, goods=GOODS, users=USERS):
    """Random pairs of user and good, each once, in any order; some not critical, some without stock."""
    draw = stream(seed)
    cell = draw.permutation(goods * users)[:count]
    return InputNeeds(
        good=cell % goods,
        user=cell // goods,
        exposed=np.where(draw.random(count) < 0.3, 1.0, draw.random(count)),
        weight=draw.choice([0.0, 0.5, 1.0], count, p=[0.1, 0.3, 0.6]),
        cover=np.where(draw.random(count) < 0.3, 0.0, draw.gamma(1, 1.5, count)),
    )


def cuts(seed, scenarios=3, months=MONTHS, goods=GOODS):
    """Random deliveries: whole, cut in part, stopped, now and then above the base."""
    draw = stream(seed, 1)
    shape = (scenarios, months, goods)
    part = np.where(draw.random(shape) < 0.3, 0.0, draw.random(shape))
    return np.where(draw.random(shape) < 0.5, 1.0, np.where(draw.random(shape) < 0.1, 1.2, part))


def paths(seed, count=9, months=MONTHS):
    """Needs that fall in one way or another."""
    draw = stream(seed, 2)
    begin = draw.integers(0, 6, count).astype(float)
    return need_path(
        months, 0.3 * draw.random(count), draw.integers(1, 6, count).astype(float), draw.random(count), begin,
        begin + draw.integers(1, 20, count),
    )[None]  # fmt: skip


def by_hand(needs, delivered, users, need, capacity, demand, kept):
    """The equations of the module, one number after another."""
    months, pairs_ = len(delivered), len(needs.good)
    stock, output = list(needs.cover), []
    for t in range(months):
        x = [min(1.0, capacity[t][j], demand[t][j]) for j in range(users)]
        a = []
        for p in range(pairs_):
            there = stock[p] + delivered[t][needs.good[p]]
            a.append(1.0 if need[t][p] <= there else there / need[t][p])
            j = needs.user[p]
            x[j] = min(x[j], 1 - needs.weight[p] * needs.exposed[p] * (1 - a[p]))
        for p in range(pairs_):
            j = needs.user[p]
            apart, with_others = min(a[p], demand[t][j], 1.0), min(a[p], demand[t][j], 1.0, x[j])
            stock[p] += delivered[t][needs.good[p]] - need[t][p] * ((1 - kept) * apart + kept * with_others)
        output.append(x)
    return np.array(output), np.array(stock)


@given(seeds, st.sampled_from([0.0, 0.4, 1.0]))
def test_a_plain_loop_finds_the_same(seed, kept):
    draw = stream(seed, 3)
    needs, delivered, need = pairs(seed), cuts(seed), paths(seed)
    capacity, demand = np.where(draw.random((2, 3, MONTHS, USERS)) < 0.7, 1.0, 1.3 * draw.random((2, 3, MONTHS, USERS)))
    got = run(needs, delivered, USERS, need=need, capacity=capacity, demand=demand, kept=kept)
    for row in range(3):
        output, stock = by_hand(needs, delivered[row], USERS, need[0], capacity[row], demand[row], kept)
        np.testing.assert_allclose(got.output[row], output, atol=1e-12)
        np.testing.assert_allclose(got.stock[row], stock, atol=1e-11)


@given(seeds, st.booleans())
def test_the_base_year_repeats_itself(seed, thrifty):
    needs = pairs(seed)
    got = run(needs, np.ones((2, MONTHS, GOODS)), USERS, need=paths(seed) if thrifty else None)
    assert (got.output == 1.0).all()
    assert (got.alone == 0.0).all()
    assert not got.unpriced.any()
    assert (loss(got, np.full(USERS, 7.0), np.zeros(USERS)) == 0.0).all()
    if not thrifty:
        np.testing.assert_allclose(got.stock, np.broadcast_to(needs.cover, got.stock.shape), atol=1e-9)


def deeper(seed, delivered):
    """The same deliveries, or less of them, anywhere."""
    draw = stream(seed, 4)
    return delivered * np.where(draw.random(delivered.shape) < 0.3, draw.random(delivered.shape), 1.0)


@given(seeds)
def test_a_deeper_cut_costs_no_less_in_any_month(seed):
    needs, delivered, need = pairs(seed), cuts(seed), paths(seed)
    before = run(needs, delivered, USERS, need=need)
    after = run(needs, deeper(seed, delivered), USERS, need=need)
    assert (after.output <= before.output + 1e-12).all()
    assert (after.alone >= before.alone - 1e-12).all()


@given(seeds, st.integers(0, 6), st.integers(1, 6), st.floats(0.05, 1.0), st.booleans())
def test_a_longer_or_an_earlier_cut_costs_no_less(seed, begin, length, depth, own_onset):
    """With the need falling from a month all know, or from the month in which the cut itself begins."""
    needs, draw = pairs(seed), stream(seed, 5)
    hit = draw.random(GOODS) < 0.5
    spans = [(begin, begin + length), (begin, begin + length + 2), (max(begin - 2, 0), begin + length)]
    delivered = np.ones((3, MONTHS, GOODS))
    for row, (start, end) in enumerate(spans):
        delivered[row, start:end, hit] = 1.0 - depth
    count = len(needs.good)
    onset = np.array([start for start, _ in spans]) if own_onset else np.zeros(3)
    need = need_path(
        MONTHS, np.full(count, 0.1), np.full(count, 3.0), np.full(count, 0.6), np.full(count, 2.0),
        np.full(count, 9.0), onset,
    )  # fmt: skip
    lost = loss(run(needs, delivered, USERS, need=need), np.ones(USERS), np.zeros(USERS))
    assert (lost[1:] >= lost[0] - 1e-12).all()


@given(seeds, st.floats(0.0, 1.0))
def test_with_stocks_kept_losses_added_up_still_never_fall(seed, kept):
    """The equation with S' = S + q - k min(a, x): an earlier loss may spare a later one, but never more than itself."""
    needs, delivered = pairs(seed), cuts(seed)
    before = run(needs, delivered, USERS, kept=kept).output.cumsum(axis=1)
    after = run(needs, deeper(seed, delivered), USERS, kept=kept).output.cumsum(axis=1)
    assert (after <= before + 1e-11).all()


def test_kept_stock_can_turn_a_later_shortage_round():
    """So the law above is about sums: without chips no magnets are used, and a later lack of magnets is bridged."""
    needs = InputNeeds(np.array([0, 1]), np.array([0, 0]), np.ones(2), np.ones(2), np.zeros(2))
    delivered = np.array([[[1.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]]])
    np.testing.assert_allclose(run(needs, delivered, 1, kept=1.0).output[:, :, 0], [[1, 0], [0, 1]])
    np.testing.assert_allclose(run(needs, delivered, 1).output[:, :, 0], [[1, 0], [0, 0]])


@given(seeds)
def test_a_short_cut_below_the_buffer_costs_nothing(seed):
    draw = stream(seed, 6)
    needs = replace(pairs(seed), cover=draw.uniform(1.5, 4.0, 9))
    depth = draw.random((1, 1, GOODS))
    months = np.floor(needs.cover.min() / max(depth.max(), 0.4)).astype(int)
    delivered = np.ones((1, MONTHS, GOODS))
    delivered[:, 2 : 2 + months] = 1 - depth
    assert (run(needs, delivered, USERS).output == 1.0).all()


def one(cover=1.0, exposed=1.0, weight=1.0):
    return InputNeeds(np.array([0]), np.array([0]), np.array([exposed]), np.array([weight]), np.array([cover]))


def stop_and_trickle():
    """Three months without anything, and a year with three quarters: the same tonnes are missing."""
    delivered = np.ones((2, 12, 1))
    delivered[0, :3], delivered[1, :] = 0.0, 0.75
    return delivered


def test_three_months_without_cost_more_than_a_year_with_three_quarters():
    delivered = stop_and_trickle()
    plain = run(one(), delivered, 1)
    np.testing.assert_allclose(plain.output[0, :4, 0], [1, 0, 0, 1])  # a month of stock, then nothing
    np.testing.assert_allclose(plain.output[1, 3:, 0], [1, *[0.75] * 8])  # the stock fills the gap for four months
    np.testing.assert_allclose(plain.alone[:, 0], [2, 2])  # without thrift both lose what is missing less the stock
    thrift = need_path(12, np.array([0.1]), np.array([3.0]), np.array([0.8]), np.array([3.0]), np.array([12.0]))[None]
    acute, slow = run(one(), delivered, 1, need=thrift).alone[:, 0]
    assert acute > 1.8
    assert slow < 0.2
    np.testing.assert_array_equal(run(one(cover=3.0), delivered, 1).alone, 0.0)


def test_a_full_stop_leaves_what_does_not_need_the_good():
    delivered = np.zeros((1, 12, 1))
    np.testing.assert_allclose(run(one(0.0, 0.2), delivered, 1).output, 0.8)
    np.testing.assert_allclose(run(one(0.0, 0.2, 0.5), delivered, 1).output, 0.9)
    assert (run(one(0.0, 0.2, 0.0), delivered, 1).output == 1.0).all()


def test_the_need_falls_as_users_learn_and_redesign():
    """By hand: 10 % thrift in two months; a redesign that does without 60 %, from month 3 to month 6."""
    path = need_path(8, np.array([0.1]), np.array([2.0]), np.array([0.6]), np.array([3.0]), np.array([6.0]), [0, 1])
    np.testing.assert_allclose(path[0, :, 0], [1, 0.95, 0.9, 0.9, 0.9 * 0.8, 0.9 * 0.6, 0.9 * 0.4, 0.9 * 0.4])
    np.testing.assert_allclose(path[1, 1:, 0], path[0, :-1, 0])
    done = need_path(4, np.zeros(1), np.ones(1), np.ones(1), np.zeros(1), np.array([2.0]))[None]
    np.testing.assert_allclose(run(one(0.0), np.zeros((1, 4, 1)), 1, need=done).output[0, :, 0], [0, 0, 1, 1])


@given(seeds)
def test_what_is_unknown_is_never_zero_and_never_in_the_sum(seed):
    """A pair without e, w or cover is nan where it is short, and stands apart; the rest is as if it were not there."""
    draw = stream(seed, 7)
    needs, delivered = pairs(seed), cuts(seed)
    broken, field = draw.integers(9), draw.choice(["exposed", "weight", "cover"])
    values = getattr(needs, field).copy()
    values[broken] = np.nan
    got = run(replace(needs, **{field: values}), delivered, USERS)
    others = np.delete(np.arange(9), broken)
    rest = run(InputNeeds(*(getattr(needs, name)[others] for name in needs.__slots__)), delivered, USERS)
    np.testing.assert_array_equal(got.output, rest.output)
    np.testing.assert_array_equal(got.alone[:, others], rest.alone)
    harmless = (needs.weight[broken] == 0 and field != "weight") or (needs.exposed[broken] == 0 and field != "exposed")
    worst = InputNeeds(
        needs.good[[broken]], np.array([0]), np.ones(1), np.ones(1),
        np.array([0.0 if field == "cover" else needs.cover[broken]]),
    )  # fmt: skip
    short = run(worst, delivered, 1).alone[:, 0] > 0
    expected = np.where(short & ~harmless, np.nan, 0.0)
    np.testing.assert_array_equal(got.alone[:, broken], expected)
    user = needs.user[broken]
    np.testing.assert_array_equal(got.unpriced[:, user], short & ~harmless)
    lost = loss(got, np.ones(USERS), np.zeros(USERS))
    known = loss(rest, np.ones(USERS), np.zeros(USERS))
    nothing = got.unpriced[:, user] & (known[:, user] == 0)
    np.testing.assert_array_equal(lost[:, user], np.where(nothing, np.nan, known[:, user]))


def test_unknown_deliveries_are_no_stop_and_no_supply():
    delivered = np.ones((2, 4, 1))
    delivered[0, 1], delivered[1, 1] = np.nan, 0.0
    got = run(one(0.0), delivered, 1)
    assert np.isnan(got.alone[0, 0])
    assert np.isnan(got.stock[0, 0])
    assert np.isnan(loss(got, np.ones(1), np.zeros(1))[0, 0])
    assert got.alone[1, 0] == 1.0
    covered = run(one(1.0), delivered, 1)  # a month of stock: whatever came, nothing was lost
    np.testing.assert_array_equal(covered.alone, 0.0)
    assert not covered.unpriced.any()


@given(seeds, st.randoms(use_true_random=False))
def test_the_order_of_pairs_goods_users_and_scenarios_does_not_matter(seed, shuffle):
    needs, delivered, need = pairs(seed), cuts(seed), paths(seed)
    at = {name: list(range(size)) for name, size in (("pair", 9), ("good", GOODS), ("user", USERS), ("row", 3))}
    for order in at.values():
        shuffle.shuffle(order)
    goods, users = np.argsort(at["good"]), np.argsort(at["user"])
    mixed = InputNeeds(
        goods[needs.good[at["pair"]]], users[needs.user[at["pair"]]],
        *(getattr(needs, name)[at["pair"]] for name in ("exposed", "weight", "cover")),
    )  # fmt: skip
    here = run(needs, delivered, USERS, need=need)
    there = run(mixed, delivered[at["row"]][:, :, at["good"]], USERS, need=need[:, :, at["pair"]])
    np.testing.assert_allclose(there.output, here.output[at["row"]][:, :, at["user"]], rtol=1e-13)
    np.testing.assert_allclose(there.alone, here.alone[at["row"]][:, at["pair"]], atol=1e-13)


@given(seeds, st.floats(0.01, 1e6))
def test_losses_scale_with_what_output_is_worth_and_with_what_is_not_made_up(seed, factor):
    got = run(pairs(seed), cuts(seed), USERS)
    draw = stream(seed, 8)
    worth, recapture = draw.gamma(1, 10, USERS), draw.random(USERS)
    whole = loss(got, worth, np.zeros(USERS))
    np.testing.assert_allclose(loss(got, factor * worth, recapture), factor * (1 - recapture) * whole, rtol=1e-12)
    np.testing.assert_allclose(whole, worth * (MONTHS - got.output.sum(axis=1)), rtol=1e-9, atol=1e-9)
    fewer = loss(got, worth, np.zeros(USERS), reference=got.output)
    np.testing.assert_array_equal(fewer, 0.0)


@given(seeds)
def test_part_months_add_up(seed):
    """Two half months with half the deliveries and needs are one month, where the cut and the need are constant."""
    needs = pairs(seed)
    kept = stream(seed, 9).random((1, 1, GOODS))
    whole = run(needs, np.repeat(kept, MONTHS, axis=1), USERS)
    halves = run(
        needs, 0.5 * np.repeat(kept, 2 * MONTHS, axis=1), USERS, need=np.full((1, 1, 9), 0.5)
    )  # fmt: skip
    np.testing.assert_allclose(halves.stock, whole.stock, atol=1e-9)
    assert (np.abs(0.5 * halves.output.sum(axis=1) - whole.output.sum(axis=1)) <= 0.5 + 1e-9).all()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"exposed": np.array([1.1])}, "exposed"),
        ({"weight": np.array([-0.1])}, "weight"),
        ({"cover": np.array([-1.0])}, "cover"),
        ({"good": np.array([1])}, "good"),
        ({"user": np.array([2])}, "user"),
        ({"exposed": np.ones((3, 1))}, "exposed"),
    ],
)
def test_what_lies_outside_its_range_is_refused(change, told):
    with pytest.raises(ValueError, match=told):
        run(replace(one(), **change), np.ones((2, 3, 1)), 1)


def test_deliveries_and_needs_outside_their_range_are_refused():
    for delivered in (-np.ones((1, 2, 1)), np.ones((2, 1)), np.full((1, 2, 1), np.inf)):
        with pytest.raises(ValueError, match="delivered"):
            run(one(), delivered, 1)
    good = np.ones((1, 2, 1))
    with pytest.raises(ValueError, match="need"):
        run(one(), good, 1, need=np.full((1, 1, 1), np.nan))
    with pytest.raises(ValueError, match="demand"):
        run(one(), good, 1, demand=np.ones((1, 3, 1)))
    with pytest.raises(ValueError, match="kept"):
        run(one(), good, 1, kept=1.5)
    with pytest.raises(ValueError, match="recapture"):
        loss(run(one(), good, 1), np.ones(1), np.array([1.2]))
    with pytest.raises(ValueError, match="thrift"):
        need_path(2, np.array([1.2]), np.ones(1), np.zeros(1), np.zeros(1), np.ones(1))
    with pytest.raises(ValueError, match="redesign"):
        need_path(2, np.zeros(1), np.ones(1), np.zeros(1), np.ones(1), np.ones(1))


def one_pair(cover, exposed=1.0, weight=1.0):
    at = np.zeros(1, dtype=np.intp)
    return InputNeeds(at, at, np.array([exposed]), np.array([weight]), np.array([cover]))


def test_an_uneven_shortage_bites_once_the_stock_of_what_is_missing_is_spent():
    delivered = np.full((1, 6, 1), 0.8)
    even = run(one_pair(1.0), delivered, 1).output[0, :, 0]
    split = run(one_pair(1.0), delivered, 1, uneven=1.0).output[0, :, 0]
    np.testing.assert_allclose(even, [1, 1, 1, 1, 1, 0.8])  # a month's stock fills a gap of a fifth for five
    np.testing.assert_allclose(split, [1, 0.8, 0.8, 0.8, 0.8, 0.8])  # the missing fifth has a month and no more
    half = run(one_pair(1.0), delivered, 1, uneven=0.5).output[0, :, 0]
    np.testing.assert_allclose(half, (even + split) / 2)


def test_what_is_redesigned_needs_none_of_the_good():
    nothing = np.zeros((1, 4, 1))
    still = np.array([1.0, 0.75, 0.5, 0.0])[None, :, None]
    left = run(one_pair(0.0, exposed=0.8), nothing, 1, still=still).output[0, :, 0]
    np.testing.assert_allclose(left, 1 - 0.8 * still[0, :, 0])
    stocked = run(one_pair(1.0), nothing, 1, still=np.full((1, 1, 1), 0.5)).output[0, :, 0]
    np.testing.assert_allclose(stocked, [1, 1, 0.5, 0.5])  # half the output needs half a month's use a month


def test_only_what_buyers_still_wait_for_is_made_up():
    output = np.array([0.0, 0.0, 0.0, 0.5, 1.0])[None, :, None]
    made = make_up(output, 2.0, 0.3)
    np.testing.assert_allclose((made - output)[0, :, 0], [0, 0, 0.2, 0.1, 0])  # 1.5 awaited, 0.3 made
    np.testing.assert_allclose(make_up(output, 2.0, 9.0)[0, :, 0], [0, 0, 1, 1, 1])
    np.testing.assert_allclose(make_up(output, 0.0, 9.0), output)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 50), st.floats(0, 50))
def test_standing_still_is_never_cheaper_than_running_dear(low, high, cheap, dear):
    floor = np.array([0.2])
    few, many = (np.full((1, 1, 1), 0.2 + 0.8 * part) for part in sorted((low, high)))
    less, more = (np.full((1, 1, 1), rise) for rise in sorted((cheap, dear)))
    lost = [(1 - x) + dearer(x, floor, rise) for x, rise in ((many, less), (few, less), (few, more))]
    assert lost[0] <= lost[1] + 1e-12 <= lost[2] + 2e-12


def test_each_pair_has_its_own_kinds():
    """Pairs that are uneven by themselves give together what each gives alone, and a scalar is one for all."""
    needs = InputNeeds(np.array([0, 1]), np.array([0, 1]), np.ones(2), np.ones(2), np.array([2.0, 2.0]))
    delivered = np.full((1, 8, 2), 0.7)
    mixed = run(needs, delivered, 2, uneven=np.array([0.0, 0.8]))
    for pair, part in enumerate((0.0, 0.8)):
        np.testing.assert_array_equal(mixed.output[..., pair], run(needs, delivered, 2, uneven=part).output[..., pair])
    assert mixed.output[0, 3, 0] > mixed.output[0, 3, 1]
    with pytest.raises(ValueError, match="uneven"):
        run(needs, delivered, 2, uneven=np.array([0.0, 1.2]))
