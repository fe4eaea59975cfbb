"""Years drawn: the chances asked for, dependence found again, the same bytes however split; losses put back."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from khanij.core.errors import AlignmentError, StudyError
from khanij.simulate.risk import years
from khanij.simulate.risk.by_record.dependence import FACTORS, VarianceShares

sys.path.insert(0, str(Path(__file__).parent))
from toy_hazards import SELLERS, Stub, hazards

COUNT = 40_000


def table(drawn, count):
    """Return (Y, H) 1 where a hazard struck."""
    out = np.zeros((drawn.years, count))
    out[drawn.year, drawn.hazard] = 1
    return out


def answers(found, solve):
    return [years.checked(solve, batch.material, batch.scenarios) for batch in found]


@pytest.fixture(scope="module")
def drawn():
    return years.draw(hazards(), COUNT, 3)


def test_hazards_strike_as_often_as_they_should(drawn):
    chance = hazards().probability
    seen = table(drawn, len(chance)).mean(axis=0)
    np.testing.assert_allclose(seen, chance, atol=4 * np.sqrt(0.25 / COUNT))
    np.testing.assert_allclose(np.bincount(drawn.level) / len(drawn.level), [0.4, 0.3, 0.2, 0.1], atol=0.01)


@pytest.mark.parametrize(
    ("pair", "shared"),
    [((0, 1), 0.15), ((1, 2), 0.15), ((0, 2), 0.05), ((0, 5), 0.15), ((3, 4), 0.15), ((2, 3), 0.15), ((1, 4), 0.05)],
)
def test_hazards_strike_together_as_the_copula_says(drawn, pair, shared):
    chance = hazards().probability[list(pair)]
    joint = stats.multivariate_normal([0, 0], [[1, shared], [shared, 1]]).cdf(stats.norm.ppf(chance))
    struck = table(drawn, len(SELLERS))[:, list(pair)].all(axis=1).mean()
    assert struck == pytest.approx(joint, abs=4 * np.sqrt(joint / COUNT))


def test_a_year_has_the_same_events_however_it_is_drawn():
    whole = years.draw(hazards(), 10_000, 7)
    for first, count in ((0, 10), (4_000, 500), (9_999, 1)):
        part = years.draw(hazards(), count, 7, first)
        inside = (whole.year >= first) & (whole.year < first + count)
        np.testing.assert_array_equal(part.year, whole.year[inside] - first)
        for name in ("hazard", "level", "factor"):
            np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[inside])
    assert years.draw(hazards(), 10_000, 8).year.tobytes() != whole.year.tobytes()


def test_a_hazard_keeps_its_luck_whatever_others_there_are():
    few = years.draw(hazards(sellers=SELLERS[2:4]), 5_000, 1)
    many = years.draw(hazards(), 5_000, 1)
    np.testing.assert_array_equal(few.year[few.hazard == 1], many.year[many.hazard == 3])


def test_what_pushed_an_event_is_told():
    own = years.draw(hazards(VarianceShares()), 1_000, 1)
    assert (own.factor == FACTORS.index("own")).all()
    world = years.draw(hazards(VarianceShares(world=0.98)), 1_000, 1)
    assert (world.factor == FACTORS.index("world")).mean() > 0.8


def test_certain_and_impossible_hazards():
    drawn = years.draw(hazards(probability=np.array([0.0, 1.0, 0.0, 1.0, 0.0, 0.0])), 300, 2)
    np.testing.assert_array_equal(table(drawn, 6).mean(axis=0), [0, 1, 0, 1, 0, 0])


def test_scenarios_say_what_happened(drawn):
    given_hazards = hazards()
    for batch in years.distinct_scenarios(given_hazards, drawn):
        assert len(set(batch.scenarios)) == len(batch.scenarios)
        mine = np.isin(drawn.hazard, batch.hazard)
        happened = {}
        for y, h, c in zip(
            drawn.year[mine].tolist(), drawn.hazard[mine].tolist(), drawn.level[mine].tolist(), strict=True
        ):
            happened.setdefault(y, []).append(
                (given_hazards.country[h], given_hazards.stage[h], given_hazards.levels[c])
            )
        assert set(np.nonzero(batch.place >= 0)[0].tolist()) == set(happened)
        for y in list(happened)[:500]:
            assert list(batch.scenarios[batch.place[y]]) == happened[y]
        several = {struck for scenario in batch.scenarios if len(scenario) > 1 for struck in scenario}
        assert {(struck,) for struck in several} <= set(batch.scenarios)


def test_a_material_that_was_never_struck():
    given_hazards = hazards(probability=np.array([0.5, 0.5, 0.5, 0.0, 0.0, 0.0]))
    drawn = years.draw(given_hazards, 50, 1)
    found = years.distinct_scenarios(given_hazards, drawn)
    assert [len(batch.scenarios) > 0 for batch in found] == [False, True, False]
    losses = years.losses_by_year(given_hazards, drawn, found, answers(found, Stub()))
    assert (losses.material[:, 0] == 0).all()
    assert len(years.chunks(found, 3)) == -(-len(found[1].scenarios) // 3)


def test_losses_are_those_of_each_year_by_itself():
    given_hazards = hazards()
    drawn = years.draw(given_hazards, 300, 5)
    found = years.distinct_scenarios(given_hazards, drawn)
    losses = years.losses_by_year(given_hazards, drawn, found, answers(found, Stub()))
    for m, material in enumerate(losses.materials):
        for y in range(300):
            mine = (drawn.year == y) & np.array([given_hazards.material[h] == material for h in drawn.hazard])
            struck = [("", "", float(given_hazards.levels[c])) for c in drawn.level[mine]]
            expected = Stub()(material, [struck])[0][0] if struck else 0.0
            assert losses.material[y, m] == pytest.approx(expected)
            assert losses.event[mine].sum() == pytest.approx(expected)
            if struck and expected > 0:  # as the losses of each alone, which go with the square of the cut
                parts = np.array([cut**2 for _, _, cut in struck])
                np.testing.assert_allclose(losses.event[mine], expected * parts / parts.sum())
            elif struck:
                np.testing.assert_allclose(losses.event[mine], expected / len(struck))
    np.testing.assert_allclose(losses.total, losses.material.sum(axis=1))


@given(st.integers(0, 50), st.integers(1, 3), st.integers(1, 200))
@settings(max_examples=25)
def test_what_is_not_solved_stays_unknown_and_is_bracketed(seed, fails, count):
    given_hazards = hazards()
    drawn = years.draw(given_hazards, count, seed)
    found = years.distinct_scenarios(given_hazards, drawn)
    true = years.losses_by_year(given_hazards, drawn, found, answers(found, Stub()))
    losses = years.losses_by_year(given_hazards, drawn, found, answers(found, Stub(fails)))
    struck = np.stack(
        [np.bincount(drawn.year[np.isin(drawn.hazard, b.hazard)], minlength=count) for b in found], axis=1
    )
    np.testing.assert_array_equal(np.isnan(losses.material), struck == fails)
    known = ~np.isnan(losses.material)
    np.testing.assert_allclose(losses.material[known], true.material[known])
    np.testing.assert_allclose(losses.least[known], true.material[known])
    assert (losses.least[~known] == 0).all()
    assert (losses.most >= losses.least).all()
    by = years.by_label(drawn, losses.event, np.zeros(len(drawn.year), dtype=int), 1)[:, 0]
    whole = known.all(axis=1)
    np.testing.assert_allclose(by[whole], losses.total[whole], atol=1e-6)


def test_a_loss_that_is_no_number_is_not_solved():
    found = years.checked(lambda m, s: (np.full(2, np.inf), np.array([True, True]), np.ones(2)), "tin", [(), ()])
    assert not found.solved.any()
    assert np.isnan(found.losses).all()


def test_a_market_that_is_never_struck_is_not_solved():
    """An engine cannot clear no scenarios at all."""
    found = years.checked(lambda m, s: pytest.fail("asked"), "tin", [])
    assert (found.losses.shape, found.solved.dtype, found.iterations.dtype) == ((0,), bool, np.intp)


def test_a_loss_model_of_another_shape_is_refused():
    with pytest.raises(AlignmentError, match="2 scenarios"):
        years.checked(lambda m, s: (np.zeros(1), np.ones(1), np.ones(1)), "tin", [(), ()])


@pytest.mark.parametrize(("count", "first", "seed"), [(0, 0, 1), (5, -1, 1), (5, 0, -1)])
def test_impossible_years_are_refused(count, first, seed):
    with pytest.raises(StudyError):
        years.draw(hazards(), count, seed, first)
