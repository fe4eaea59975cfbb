"""The one baseline on a hand-made world: what it counts, what its years cost, and what a change of the Case averts."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.core.axis import Axis
from khanij.core.cube import Cube
from khanij.core.errors import CoverageError
from khanij.reference.assumptions import with_assumptions
from khanij.simulate.risk import averted
from khanij.simulate.risk.by_record import assumed_hazards
from khanij.simulate.supply.network import Network

sys.path.insert(0, str(Path(__file__).parent))
from toy_baselines import rates, shared, solved, unsolved, world
from toy_markets import CODES

STAGES = ("mined", "processed", "refined", "scrap")


def table(case, name, dims, cells):
    """Return a Case with a cube that is 0 but for some cells (codes -> value)."""
    axes = tuple(Axis(dim, case.axis("country" if dim in ("exporter", "importer") else dim).codes) for dim in dims)
    values = np.zeros(tuple(map(len, axes)))
    for codes, value in cells.items():
        values[tuple(axis.at(code) for axis, code in zip(axes, codes, strict=True))] = value
    return case.with_cubes(name, **{name: Cube(name, "1", axes, values)})


def exempt(case, seller, part):
    """Return a Case in which a seller's restrictions spare AAA to some part."""
    return table(
        case, "exemption", ("material", "stage", "exporter", "importer"), {("tin", "refined", seller, "AAA"): part}
    )


def stocked(case, days):
    """Return a Case in which AAA holds more days of use."""
    return table(case, "stock_cover", ("material", "stage", "country"), {("tin", "refined", "AAA"): days})


def grown(case, tonnes):
    """Return a Case in which AAA makes more of its own."""
    return table(
        case, "added_output", ("material", "year", "stage", "country"), {("tin", "2024", "refined", "AAA"): tonnes}
    )


@pytest.fixture(scope="module")
def base():
    return solved(unsolved())


def test_sellers_abroad_are_its_hazards_and_the_focus_is_none(base):
    assert set(base.hazards.country) == {"BBB", "CCC"}
    assert base.materials == ("tin",)
    assert {"AAA", "BBB", "CCC"} <= set(base.nodes["tin"])
    assert base.networks["tin"].members == ("AAA",)
    assert base.missing == {}


def test_the_losses_of_its_years_are_those_of_their_events(base):
    assert base.losses is not None
    np.testing.assert_allclose(base.losses.material[:, 0], base.loss("tin"))
    by_year = np.bincount(base.drawn.year, base.event_losses, base.years)
    np.testing.assert_allclose(by_year, base.loss("tin"))
    assert (base.loss("tin")[np.bincount(base.drawn.year, minlength=base.years) == 0] == 0).all()
    assert base.loss("tin").mean() > 0


def test_the_years_of_a_shorter_run_are_the_first_of_a_longer(base):
    short = solved(unsolved(years=120))
    np.testing.assert_array_equal(short.loss("tin"), base.loss("tin")[:120])


def test_workers_change_no_byte(base):
    assert solved(unsolved(), workers=2).loss("tin").tobytes() == base.loss("tin").tobytes()


def test_nothing_left_is_refused_and_what_has_no_market_is_told():
    with pytest.raises(CoverageError, match="no hazard is left"):
        unsolved(given=rates((("AAA", "tin", "refined", 0.2),)))
    with pytest.raises(CoverageError, match="no hazard is left"):
        unsolved(given=rates((("BBB", "tin", "mined", 0.2),)))


def test_other_hazards_on_the_same_networks_are_not_solved_yet(base):
    other = base.with_hazards(replace(base.hazards, probability=np.full(2, 0.5)), 100)
    assert (other.answers, other.losses, other.years) == ({}, None, 100)
    assert other.networks["tin"] is base.networks["tin"]
    assert len(other.drawn.year) > 60


def test_an_assumption_that_was_asked_reaches_the_losses(base):
    asked = with_assumptions(world(), {"choke_price": 2.0, "psi": 0.5})
    other = solved(unsolved(asked))
    assert other.model.parameters.psi == 0.5
    assert other.model.behaviours["tin"].choke == 2.0
    assert other.loss("tin").sum() != base.loss("tin").sum()
    spread = solved(unsolved(asked), workers=2)
    assert spread.loss("tin").tobytes() == other.loss("tin").tobytes()


def test_no_change_averts_exactly_nothing(base):
    found = averted.averted_loss(base, base.case.with_cubes("nothing"))
    assert (found.years["tin"] == 0).all()
    assert found.shown == {"tin": False}
    figure = averted.estimate(base, found)
    assert (figure.expected, figure.error, figure.tail, figure.tail_error, figure.solved) == (0, 0, 0, 0, 1)


def without(scenario, seller):
    return tuple(one for one in scenario if one[0] != seller)


def test_a_seller_that_spares_its_only_buyer_is_as_one_that_is_not_affected(base, monkeypatch):
    monkeypatch.setattr(Network, "pooled", lambda self, *_: self)  # on a world market it would have other buyers
    model = averted.changed_model(base, exempt(base.case, "CCC", 1.0), ["tin"])
    assert model.exemptions == {"tin": {("refined", "CCC"): 1.0}}
    scenarios = [s for s in base.batches["tin"].scenarios if any(country == "CCC" for country, _, _ in s)]
    spared, solved, _ = model("tin", scenarios)
    plain = base.model("tin", [without(scenario, "CCC") for scenario in scenarios])[0]
    assert solved.all()
    np.testing.assert_allclose(spared, plain, rtol=1e-6, atol=1.0)


@settings(max_examples=8)
@given(st.floats(0.05, 1.0))
def test_a_part_that_spares_mixes_the_losses_of_both(part):
    base = shared(60)
    scenarios = base.batches["tin"].scenarios
    none, mixed, whole = (
        averted.changed_model(base, exempt(base.case, "BBB", weight), ["tin"])("tin", scenarios)[0]
        for weight in (0.0, part, 1.0)
    )
    np.testing.assert_allclose(mixed, (1 - part) * none + part * whole, rtol=1e-9, atol=1e-3)
    found = averted.averted_loss(base, exempt(base.case, "BBB", part))
    assert averted.estimate(base, found).expected > 0
    assert sum(averted.by_country(base, found).values()) == pytest.approx(averted.estimate(base, found).expected)


@settings(max_examples=8)
@given(st.floats(0.0, 60.0), st.floats(1.0, 60.0))
def test_more_days_of_stock_avert_no_less(few, more):
    base = shared(60)
    less, most = (
        averted.averted_loss(base, stocked(base.case, days)).years["tin"].mean() for days in (few, few + more)
    )
    assert most >= less - 1e-9 * abs(most)
    assert less >= 0


def test_added_output_stays_at_home_and_is_on_the_network(base):
    model = averted.changed_model(base, grown(base.case, 20.0), ["tin"])
    before, after = base.networks["tin"], model.networks["tin"]
    assert after.home("refined") == pytest.approx(before.home("refined") + 20.0)
    assert after.imports("refined") == pytest.approx(before.imports("refined"))
    assert after.nodes == before.nodes


def test_networks_that_name_these_countries_are_those_of_the_baseline(base):
    again = averted.changed_model(base, base.case.with_cubes("again", trade=replace(base.case.cube("trade"))), ["tin"])
    np.testing.assert_allclose(again.networks["tin"].flow, base.networks["tin"].flow)
    assert again.networks["tin"].nodes == base.networks["tin"].nodes


def test_a_gain_is_told_from_a_loss_averted(base):
    loss = base.loss("tin")
    for years, gain in ((np.zeros_like(loss), 0.0), (np.maximum(loss, 0.0), 0.0), (np.maximum(loss, 0.0) + 5.0, 5.0)):
        found = averted.AvertedLoss({"tin": years}, {"tin": True}, {})
        assert averted.producer_gain(base, found) == pytest.approx(gain, abs=1e-6)


def test_paired_differences_are_surer_than_two_simulations(base):
    figure = averted.estimate(base, averted.averted_loss(base, stocked(base.case, 30.0)))
    apart = np.sqrt(2) * np.std(base.loss("tin"), ddof=1) / np.sqrt(base.years)
    assert 0 < figure.error < apart


def test_sellers_without_a_record_get_the_median_chance_and_those_with_one_keep_theirs(base):
    record = rates((("BBB", "lead", "mined", 0.1), ("CCC", "lead", "mined", 0.3)))
    filled = assumed_hazards.with_assumed_hazards(record, base.networks.values(), {"AAA"}, 0.05)
    assert filled.country[:2] == record.country
    assert filled.kind[2:] == (assumed_hazards.KIND,) * (len(filled) - 2)
    assert set(filled.country[2:]) == {"BBB", "CCC"}
    assert (filled.probability[2:] == 0.2).all()
    assert "confidence low" in filled.notes[-1]
    assert set(CODES) > set(filled.country)
