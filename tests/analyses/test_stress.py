"""Single stops: the dearest first, every number finite or said to be missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from khanij.analyses.inputs import cases
from khanij.analyses.risk import numbers
from khanij.simulate.risk import single_stops as stress
from khanij.simulate.supply.networks import REST

CHOSEN = ("graphite", "magnesium", "rare-earths")


@pytest.fixture(scope="module")
def found():
    return stress.stops(cases.case("IND", 2024), 2024, CHOSEN)


def test_the_dearest_come_first(found):
    stops, _ = found
    lost = [s.loss for s in stops if np.isfinite(s.loss)]
    assert lost == sorted(lost, reverse=True)
    assert all(np.isfinite(s.loss) for s in stops[: len(lost)])
    assert {s.material for s in stops} == set(CHOSEN)


def test_every_number_is_finite_or_missing_for_a_reason(found):
    for s in found[0]:
        assert s.country not in ("IND", REST)
        assert 0 <= s.share <= 1
        assert np.isfinite(s.loss) == np.isfinite(s.low) == np.isfinite(s.high) == s.solved
        if s.solved:
            assert s.low <= s.loss <= s.high
        assert s.partial or np.isfinite(s.spending)
        if np.isnan(s.shortage):
            assert s.share == 0.0  # the focus uses none of it
        else:
            assert 0 <= s.shortage <= 1
    assert "graphite" not in {s.material for s in found[0] if s.partial}  # the table of critical inputs has its users


def test_a_stop_that_is_not_solved_has_no_place_and_no_loss(found):
    rows = numbers.ranked([replace(found[0][0], loss=np.nan, low=np.nan, high=np.nan, solved=False), *found[0][1:]])
    unsolved = next(row for row in rows if not row.stop.solved)
    assert (unsolved.by_shortage, unsolved.by_loss) == (None, None)
    assert sorted(row.by_loss for row in rows if row.by_loss) == list(range(1, sum(bool(r.by_loss) for r in rows) + 1))
    assert all(row.by_loss is None for row in rows if row.stop.unknown)


def test_what_a_loss_lacks_is_said_of_what_the_stop_moves(found):
    for stop in found[0]:
        assert {channel.stage for channel in stop.unknown} <= set(stop.moved) or not stop.solved
        assert stop.stage in stop.moved or not stop.share > 0
    magnets = next(s for s in found[0] if (s.material, s.stage, s.country) == ("rare-earths", "component", "CHN"))
    assert not {channel.stage for channel in magnets.unknown} & {"component", "refined"}


def test_a_stop_is_what_the_shock_of_it_costs(found):
    stops, answer = found
    stop = next(s for s in stops if s.material == "magnesium" and s.country == "CHN")
    lost, solved, _ = answer("magnesium", [[("CHN", "refined", 1.0)]])
    assert solved.all()
    assert stop.loss == pytest.approx(lost[0], rel=1e-6)


def test_without_a_table_a_stop_is_partial_and_its_range_is_that_of_behaviour():
    stops, answer = stress.stops(cases.case("CHL", 2024), 2024, ("molybdenum", "phosphorus"))
    assert all("no input-output table of CHL" in s.partial for s in stops)
    assert all(np.isnan([s.low, s.high]).all() for s in stops)
    dearest = [s for s in stops if s.solved and s.loss > 0][:3]
    found = stress.ranged(dearest, answer)
    assert all(s.low <= s.loss <= s.high for s in found)
    assert [s.loss for s in found] == [s.loss for s in dearest]


def test_a_range_that_is_there_is_kept(found):
    stops, answer = found
    assert stress.ranged(stops, answer) == stops
