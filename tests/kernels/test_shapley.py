"""Shapley shares against every order of the players, and the four axioms that define them."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from khanij.kernels.chances.shapley import EXACT, coalitions, exact, sampled, shares

FINITE = st.floats(-1e3, 1e3, allow_nan=False)


def games(most=6):
    return st.integers(1, most).flatmap(lambda n: arrays(float, 2**n, elements=FINITE))


def brute(game):
    """Average what each player adds over all orders."""
    players = len(game).bit_length() - 1
    total, orders = np.zeros(players), list(permutations(range(players)))
    for order in orders:
        mask = 0
        for player in order:
            total[player] += game[mask | 1 << player] - game[mask]
            mask |= 1 << player
    return total / len(orders)


def masks(flags):
    return flags @ (1 << np.arange(flags.shape[1]))


@settings(max_examples=40)
@given(games())
def test_exact_is_the_mean_over_all_orders(game):
    np.testing.assert_allclose(exact(game), brute(game), atol=1e-9)


@given(games(8))
def test_the_shares_add_up(game):
    assert exact(game).sum() == pytest.approx(game[-1] - game[0], abs=1e-8)


@given(games(5), st.data())
def test_players_that_add_the_same_get_the_same(game, data):
    players = len(game).bit_length() - 1
    one, other = data.draw(st.integers(0, players - 1)), data.draw(st.integers(0, players - 1))
    flags = coalitions(players)
    flags[:, [one, other]] = flags[:, [other, one]]
    even = (game + game[masks(flags)]) / 2  # the game and its mirror: the two players are alike in it
    assert exact(even)[one] == pytest.approx(exact(even)[other], abs=1e-9)


@given(games(5), st.data())
def test_a_player_that_adds_nothing_gets_nothing(game, data):
    players = len(game).bit_length() - 1
    idle = data.draw(st.integers(0, players - 1))
    same = game[np.arange(len(game)) & ~(1 << idle)]
    assert exact(same)[idle] == 0


@given(st.integers(1, 6).flatmap(lambda n: st.tuples(*[arrays(float, 2**n, elements=FINITE)] * 2)))
def test_shares_of_a_sum_are_sums_of_shares(pair):
    np.testing.assert_allclose(exact(pair[0] + 2 * pair[1]), exact(pair[0]) + 2 * exact(pair[1]), atol=1e-8)


def test_leading_axes_are_games_of_their_own():
    games_of = np.arange(2 * 3 * 8, dtype=float).reshape(2, 3, 8) ** 1.5
    np.testing.assert_allclose(exact(games_of)[1, 2], exact(games_of[1, 2]))


def test_gloves():
    # One left glove, two right ones: a pair is worth 1. Known shares 2/3, 1/6, 1/6.
    flags = coalitions(3)
    np.testing.assert_allclose(exact((flags[:, 0] & (flags[:, 1] | flags[:, 2])).astype(float)), [2 / 3, 1 / 6, 1 / 6])


def worth(flags):
    size = np.linspace(1, 3, flags.shape[1])
    return np.sqrt(flags @ size) + 0.2 * flags[:, 0] * flags[:, -1]


def test_sampling_agrees_within_its_error_and_adds_up():
    known = exact(worth(coalitions(8)))
    found = sampled(worth, 8, 400, np.random.default_rng(5), batch=64)
    assert np.all(np.abs(found.value - known) < 4 * found.error)
    assert found.value.sum() == pytest.approx(worth(np.ones((1, 8), bool))[0])
    assert found.asked == 2 + 400 * 14


def test_the_error_says_how_far_samples_scatter():
    runs = [sampled(worth, 6, 50, np.random.default_rng(seed)) for seed in range(200)]
    scatter = np.std([run.value for run in runs], axis=0, ddof=1)
    np.testing.assert_allclose(np.mean([run.error for run in runs], axis=0), scatter, rtol=0.2)


def test_pairs_leave_less_error_than_orders_alone():
    # In a game of sums and pair terms a player's share forwards and backwards averages out exactly.
    def pairs(flags):
        return flags.sum(axis=1) + 2.0 * flags[:, 0] * flags[:, 1]

    found = sampled(pairs, 5, 10, np.random.default_rng(0))
    np.testing.assert_allclose(found.error, 0, atol=1e-7)
    np.testing.assert_allclose(found.value, [2, 2, 1, 1, 1])


def test_few_players_are_exact_and_many_sampled():
    few = shares(worth, EXACT)
    assert few.asked == 2**EXACT
    assert not few.error.any()
    many = shares(worth, 40, np.random.default_rng(1), pairs=50)
    assert many.value.sum() == pytest.approx(worth(np.ones((1, 40), bool))[0])
    assert (many.error > 0).all()


def test_same_stream_same_shares():
    first, second = (sampled(worth, 20, 30, np.random.default_rng(3), batch=batch) for batch in (30, 7))
    np.testing.assert_allclose(first.value, second.value)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: exact(np.zeros(6)),
        lambda: sampled(worth, 3, 1, np.random.default_rng(0)),
        lambda: shares(worth, EXACT + 1),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"power of 2|two pairs|seeded"):
        wrong()
