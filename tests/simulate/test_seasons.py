"""Events that last: how long, what is left of them in later seasons, and what those cost, on the hand-made world."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from khanij.reference.assumptions import assumption, with_assumptions
from khanij.simulate.risk import assessment, seasons
from khanij.simulate.risk.by_cause.stories import stories

sys.path.insert(0, str(Path(__file__).parent))
from toy_baselines import rates, stubbed, unsolved, world

YEARS = 600
CAUSES = ("restriction", "stop", "in force")


def by_cause(case=None, kinds=CAUSES):
    """Return the world's baseline, not solved, whose sellers restrict, stop and hold back."""
    given = rates(
        sellers=(("BBB", "tin", "refined", 0.5), ("CCC", "tin", "refined", 0.4), ("BBB", "tin", "refined", 0.4))
    )
    return unsolved(case, YEARS, given=replace(given, kind=kinds))


@pytest.fixture(scope="module")
def base():
    return by_cause()


@pytest.fixture(scope="module")
def found(base):
    return assessment.assess(base, pairs=False, others=seasons.later(base))


def test_restrictions_hold_as_assumed_and_stops_as_on_record(base):
    begins, lasts = seasons.months(base)
    kind = np.array(base.hazards.kind)[base.drawn.hazard]
    persists = assumption("policy_persists").range.best
    for name in ("restriction", "in force"):
        for n in (1, 2):
            assert (lasts[kind == name] > 12 * n).mean() == pytest.approx(persists**n, abs=0.08)
    assert (lasts[kind == "stop"] > 12).mean() == pytest.approx((seasons._record() > 12).mean(), abs=0.08)
    assert set(begins[kind == "in force"]) == {1}
    assert set(begins[kind == "stop"]) == set(range(1, 13))
    assert (lasts >= 12 * base.hazards.levels[base.drawn.level] - 1e-9).all()


def test_what_holds_is_part_of_what_struck_and_a_restriction_takes_less(base):
    struck = set(zip(base.drawn.year, base.drawn.hazard, strict=True))
    for one in seasons.later(base):
        drawn = one.simulation.drawn
        on = set(zip(drawn.year, drawn.hazard, strict=True))
        assert on < struck
        struck = on
        restricted = np.array(base.hazards.kind)[drawn.hazard] == "restriction"
        assert drawn.level[restricted].mean() < drawn.level[~restricted].mean()
    levels = np.array([0.1, 0.4, 0.7, 1.0])
    assert seasons._eased(levels, 0.6).tolist() == [0, 0, 1, 3]


def test_later_seasons_cost_what_is_left_and_a_ban_that_never_ends_costs_more(base, found):
    first, *after = seasons.seasons(found.base, found.others)
    assert first.expected == pytest.approx(found.losses.total.mean())
    assert first.events > after[0].events > after[1].events > 0
    assert first.expected > after[0].expected > after[1].expected > 0
    longer = by_cause(with_assumptions(world(), {"policy_persists": 0.999}))
    solved = assessment.assess(longer, pairs=False, others=seasons.later(longer))
    assert seasons.seasons(solved.base, solved.others)[2].expected > after[1].expected


def test_a_year_goes_by_its_seed_alone_and_stories_say_from_when_for_how_long(base, found):
    other = by_cause(kinds=("restriction", "stop", "stop"))
    lasts = [seasons.months(one)[1][one.drawn.hazard < 2] for one in (base, other)]
    assert np.array_equal(*lasts)
    (story,) = stories(found.base, 1)
    begins, lasts = seasons.months(found.base)
    here = found.base.drawn.year == story.year
    assert {(e.begins, e.months) for e in story.events} == set(
        zip(begins[here].tolist(), np.ceil(lasts[here]).astype(int).tolist(), strict=True)
    )


def test_falls_on_record_have_no_later_season():
    base = stubbed(50)
    assert seasons.later(base) == ()
    assert seasons.months(base)[1].max() == 0
    assert seasons.seasons(base, ()) == ()
