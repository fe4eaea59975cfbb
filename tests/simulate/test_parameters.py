"""Ranges become draws: the best value is the median, nothing lies outside, and order or workers change nothing."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.errors import CoverageError, StudyError
from khanij.core.range import Range
from khanij.simulate.supply import parameters

CHAIN = ("mined", "refined")
NAMES = [field.name for field in fields(parameters.Parameters)]


def values(found: parameters.Parameters) -> dict[str, np.ndarray]:
    return {name: getattr(found, name) for name in NAMES}


def test_ranges_carry_their_sources() -> None:
    good = parameters.ranges("nickel", "mined")
    assert (good.sigma.low, good.sigma.best, good.sigma.high) == (1.8, 3.15, 6.37)
    assert good.sigma.source == "broda-weinstein-2006"
    assert (good.demand.low, good.demand.high) == (0.05, 0.5)
    assert good.supply.confidence == "low"
    assert good.spare is not None
    assert parameters.ranges("nickel", "mined", "long").spare is None


def test_best_values_and_one_end_at_a_time() -> None:
    usual = parameters.best("nickel", CHAIN)
    assert usual.sigma.tolist() == [[3.15, 2.79]]
    assert usual.demand.tolist() == [[0.16, 0.16]]
    low = parameters.best("nickel", CHAIN, sigma="low")
    assert low.sigma.tolist() == [[1.8, 2.06]]
    assert np.array_equal(low.supply, usual.supply)
    assert np.isinf(parameters.best("nickel", CHAIN, horizon="long").spare).all()


@pytest.mark.parametrize("horizon", ["year", "long"])
def test_draws_lie_in_their_ranges_around_the_best(horizon: str) -> None:
    found = parameters.draw("nickel", CHAIN, 20_000, 7, horizon=horizon)
    for k, stage in enumerate(CHAIN):
        good = parameters.ranges("nickel", stage, horizon)
        for name in NAMES:
            drawn, spread = getattr(found, name)[:, k], getattr(good, name)
            assert drawn.shape == (20_000,)
            if spread is None:
                assert np.isinf(drawn).all()
                continue
            assert drawn.min() >= spread.low
            assert drawn.max() <= spread.high
            assert np.median(drawn) == pytest.approx(spread.best, rel=0.05)
    assert (found.sigma >= found.demand).all()


def test_sigma_never_falls_below_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = Range(0.1, 1.0, 9.0, "khanij-priors", "low", "")
    good = parameters.Ranges("nickel", "mined", "year", wide, wide, wide, wide)
    monkeypatch.setattr(parameters, "ranges", lambda *_: good)
    found = parameters.draw("nickel", ("mined",), 2_000, 1)
    assert (found.sigma >= found.demand).all()
    assert (found.sigma == found.demand).any()
    assert (found.supply != found.demand).any()  # streams of their own


def test_what_else_is_drawn_changes_nothing() -> None:
    both = values(parameters.draw("nickel", CHAIN, 50, 3))
    turned = values(parameters.draw("nickel", CHAIN[::-1], 50, 3))
    alone = values(parameters.draw("nickel", ("refined",), 50, 3))
    longer = values(parameters.draw("nickel", CHAIN, 80, 3))
    for name in NAMES:
        assert both[name].tobytes() == turned[name][:, ::-1].tobytes()
        assert np.array_equal(both[name][:, 1:], alone[name])
        assert np.array_equal(both[name], longer[name][:50])
    other, block = (values(parameters.draw("nickel", CHAIN, 50, *a[:1], block=a[1])) for a in ((4, 0), (3, 1)))
    assert not np.array_equal(both["sigma"], other["sigma"])
    assert not np.array_equal(both["sigma"], block["sigma"])
    cobalt = values(parameters.draw("cobalt", CHAIN, 50, 3))
    assert not np.array_equal(both["demand"], cobalt["demand"])  # the same prior, drawn apart


def test_cover_has_a_draw_for_every_country() -> None:
    places = ("USA", "JPN", "rest")
    found = parameters.cover("cobalt", CHAIN, places, 4_000, 5)
    usual = parameters.usual_cover("cobalt", CHAIN, places)
    assert found.shape == (4_000, 2, 3)
    assert usual.tolist() == [[54, 60, 43], [54, 60, 43]]
    assert np.allclose(np.median(found, axis=0), usual, rtol=0.05)
    low, high = (parameters.usual_cover("cobalt", CHAIN, places, end) for end in ("low", "high"))
    assert ((found >= low) & (found <= high)).all()
    swapped = parameters.cover("cobalt", CHAIN, places[::-1], 4_000, 5)
    assert swapped[:, :, ::-1].tobytes() == found.tobytes()


@given(
    st.lists(st.floats(0, 1e6), min_size=3, max_size=3).map(sorted),
    st.lists(st.floats(0, 1), min_size=1, max_size=20),
)
def test_quantiles_rise_within_the_range(ends: list[float], u: list[float]) -> None:
    spread = Range(*ends, "khanij-priors", "low", "")
    found = parameters.quantile(spread, np.array([0.0, *sorted(u), 1.0]))
    assert (found >= ends[0]).all()
    assert (found <= ends[2]).all()
    assert (np.diff(found) >= -1e-9 * ends[2]).all()
    assert found[0] == pytest.approx(ends[0])
    assert found[-1] == pytest.approx(ends[2])
    assert parameters.quantile(spread, np.array([0.5]))[0] == pytest.approx(ends[1])


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(StudyError, match="draws"):
        parameters.draw("nickel", CHAIN, 0, 1)
    with pytest.raises(StudyError, match="seed"):
        parameters.draw("nickel", CHAIN, 1, -1)
    with pytest.raises(StudyError, match="sigma"):
        parameters.best("nickel", CHAIN, sigma="middle")
    with pytest.raises(StudyError, match="tau"):
        parameters.best("nickel", CHAIN, tau="low")
    with pytest.raises(StudyError, match="end"):
        parameters.usual_cover("nickel", CHAIN, ("IND",), "middle")
    with pytest.raises(CoverageError, match="unobtainium"):
        parameters.draw("unobtainium", CHAIN, 1, 1)
