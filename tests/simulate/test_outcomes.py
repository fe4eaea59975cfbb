"""Losses that were measured: the page holds what the engine gives today, and the split stands."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from khanij.analyses.inputs import cases
from khanij.core.errors import ParseError
from khanij.reference.chronicle import loss_outcomes
from khanij.simulate.backtest import outcomes
from khanij.simulate.loss import losses, monthly

ROOT = Path(__file__).resolve().parents[2]
FOUND = outcomes.tests(loss_outcomes.loss_tests(), cases.case("USA", 2024, ["copper"]))


def page():
    spec = importlib.util.spec_from_file_location("khanij_docs_losses", ROOT / "docs" / "losses.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_that_of_today():
    text = (ROOT / "docs" / "losses.md").read_text(encoding="utf-8")
    assert page().written(text) == text, "run python docs/losses.py"


def test_the_shocks_that_are_shown_are_those_of_today():
    text = (ROOT / "docs" / "disruption.md").read_text(encoding="utf-8")
    assert page().answers_of(text) == text, "run python docs/losses.py"


def test_most_outcomes_that_are_asked_are_tests_and_a_wave_is_on_one_side():
    sides = [one.test.outcome.split for one in FOUND]
    assert sides.count("test") >= len(sides) / 2
    assert len(FOUND) >= 30
    assert {one.test.outcome.wave for one in FOUND} >= {"china-rare-earths-2025", "chips-2020-2022"}


def test_events_come_out_in_sign_and_magnets_and_chips_in_order():
    events = [one for one in FOUND if one.test.outcome.role == "event"]
    missed = [one for one in events if one.verdict(one.table) == "miss"]
    assert len(missed) <= len(events) / 6
    assert not any(losses.made_to_order(one.test.stage) for one in missed)  # stock stands in for bulk goods alone
    for id in ("china-rare-earths-2025-01", "china-rare-earths-2025-02", "chips-2020-2022-01"):
        (one,) = (one for one in events if one.test.outcome.id == id)
        assert one.verdict(one.table) in ("right", "order"), id


def test_ranges_hold_their_best_and_nothing_lost_changes_nothing():
    for one in FOUND:
        for span in (one.table, one.known):
            assert span is None or -1.0 <= span.low <= span.best <= span.high <= 0.0
        if one.test.lost_from.lost.best == 0:
            assert one.table.best == 0.0


def test_what_is_lost_at_the_gate_is_shared_out_as_the_engine_does():
    """Who loses most by a dollar of acid makes chips and is served first; a chip made for cars is no one else's."""
    case = cases.case("USA", 2024, ["copper"])
    (acid,) = (one.test for one in FOUND if one.test.material == "fluorspar")
    (chips, *_) = (one.test for one in FOUND if one.test.own)
    gate = 0.9 * acid.share
    assert outcomes._at_works(acid, case, 0.9, 0.0) == pytest.approx(gate)
    assert outcomes._at_works(acid, case, 0.9, 1.0) == pytest.approx(0.0)
    assert outcomes._at_works(acid, case, 0.9, 0.5) == pytest.approx(gate / 2)
    assert outcomes._at_works(chips, case, 0.3, 1.0) == 0.3


def test_pairs_that_lose_as_much_by_a_tonne_share_alike():
    """Else the order of the table would say who goes without."""
    stage, spent = np.zeros(3, dtype=np.intp), np.array([0.5, 0.3, 0.2])
    delivered = np.full((1, 1, 1), 0.6)
    got = monthly.shared(delivered, stage, spent, np.array([3.0, 3.0, 3.0]) * spent, 1.0)
    np.testing.assert_allclose(got[0, 0], 0.6)
    got = monthly.shared(delivered, stage, spent, np.array([3.0, 3.0, 9.0]) * spent, 1.0)
    np.testing.assert_allclose(got[0, 0], [0.5, 0.5, 1.0])


def test_no_chip_is_made_thinner():
    habits = losses.parameters().habits
    less, _ = monthly.need_paths(13, np.full(2, 1e6), habits, np.array([True, False]))
    assert less[0, -1].tolist() == [1.0 - habits.thrift_counted, 1.0 - habits.thrift]
    assert all(one.test.material == "semiconductors" for one in FOUND if outcomes._row(one.test).counted)


def test_a_part_lost_of_another_wave_is_refused():
    row = {"outcome": "chips-2020-2022-01", "product": "car-ice", "material": "semiconductors", "stage": "product",
           "cut_start": "2021-01-01", "lost_from": "tohoku-2011-01", "share": "", "own": "", "note": ""}  # fmt: skip
    with pytest.raises(ParseError, match="of this wave"):
        loss_outcomes.parse_test(row, "loss_tests.csv line 2")
