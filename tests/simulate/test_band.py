"""The band of the loss curve, on the hand-made world of the baselines."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from khanij.simulate.risk import band
from khanij.simulate.risk.ranking import RankedGood

sys.path.insert(0, str(Path(__file__).parent))
from toy_baselines import shared

PERIODS = (10.0, 50.0)


def good(*times, best=4e6):
    """Return the dearest good, whose stop costs so many times its best value."""
    return RankedGood("tin", "refined", "BBB", best, best, best, 1.0, 1.0, tuple(best * t for t in times))


def test_without_draws_or_years_there_is_no_band():
    assert band.bands(shared(400), (), PERIODS) == ()
    assert band.bands(replace(shared(400), losses=None), (good(1.0),), PERIODS) == ()


def test_losses_twice_as_dear_move_the_curve_twice_as_far_and_alone_say_so():
    base = shared(400)
    one, two = (band.bands(base, (good(times, times),), PERIODS) for times in (1.0, 2.0))
    plain = np.sort(base.losses.total)
    for level, double in zip(one, two, strict=True):
        low, high = level.alone[band.LOSSES]
        assert low == high == pytest.approx(plain[int(np.ceil((1 - 1 / level.period) * len(plain) - 1e-9)) - 1])
        assert double.alone[band.LOSSES] == pytest.approx((2 * low, 2 * high))
        assert double.alone[band.SAMPLING] == level.alone[band.SAMPLING]


def test_a_wider_doubt_widens_the_band_and_the_same_seed_repeats_it():
    base = shared(400)
    narrow, wide = (band.bands(base, (good(*times),), PERIODS) for times in ((0.9, 1.1), (0.1, 5.0)))
    assert all(w.high - w.low >= n.high - n.low for n, w in zip(narrow, wide, strict=True))
    assert wide == band.bands(base, (good(0.1, 5.0),), PERIODS)


def test_chances_without_a_range_move_no_year():
    base = shared(400)
    given = base.hazards
    sure = replace(base, hazards=replace(given, low=given.probability, high=given.probability))
    for level in band.bands(sure, (good(1.0),), PERIODS):
        low, high = level.alone[band.CHANCES]
        assert low == high
    spread = replace(
        base, hazards=replace(given, low=given.probability / 3, high=np.minimum(3 * given.probability, 1.0))
    )
    assert any(np.ptp(level.alone[band.CHANCES]) > 0 for level in band.bands(spread, (good(1.0),), PERIODS))
