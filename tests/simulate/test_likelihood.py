"""The forecast of export falls: out of time it beats the base rate and the floor that was set for it."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.analyses import runner
from khanij.analyses.inputs import cases
from khanij.core.errors import StudyError
from khanij.simulate.risk.by_record import likelihood


@pytest.fixture(scope="module")
def case():
    return cases.case("all", 2024, ["nickel", "gallium", "cobalt"])


@pytest.fixture(scope="module")
def recorded(case):
    return likelihood.record(case, "recorded")


def test_out_of_time_it_beats_the_floor(recorded):
    past, later = recorded.year <= 2013, recorded.year > 2013
    fitted = likelihood.fit(recorded, past)
    assert fitted.model.converged
    every = likelihood.scores(recorded, fitted, later)
    big = likelihood.scores(recorded, fitted, later & likelihood.large(recorded))
    assert every.brier_base == pytest.approx(0.166, abs=0.003)  # the floor's sample, near enough
    assert every.auc > 0.735
    assert every.brier < 0.142
    assert big.auc > 0.769
    assert big.brier < 0.108
    assert every.log_score < every.log_score_base


def test_the_fit_sees_only_the_years_it_is_given(recorded):
    past = recorded.year <= 2013
    fitted = likelihood.fit(recorded, past)
    assert fitted.cases == past.sum()
    np.testing.assert_allclose(fitted.scaled(recorded.x[past]).mean(axis=0), 0, atol=1e-9)


def test_pairs_across_a_change_of_territory_are_left_out(case, recorded):
    ended = case.cube("territory_break").values
    assert ended.sum() > 3
    assert not ended[recorded.rows[1], recorded.rows[2]].any()


def test_cases_are_those_of_every_code_whatever_the_case_asks_for(recorded):
    other = likelihood.record(cases.case("all", 2020, ["tin"]), "recorded")
    np.testing.assert_array_equal(other.fell, recorded.fell)
    np.testing.assert_allclose(other.x, recorded.x)


def test_the_method_gives_a_chance_with_an_interval(case):
    result = runner.run("export-fall", case)
    chance = result.variable("probability")
    known = ~np.isnan(chance.values)
    assert known[case.axis("material").at("nickel")].any()
    assert (chance.low[known] <= chance.values[known]).all()
    assert (chance.values[known] <= chance.high[known]).all()
    mixed = result.remarks[likelihood.SHARED][case.axis("material").at("gallium")]
    assert mixed.any() or not known[case.axis("material").at("gallium")].any()
    assert any("2025" in note for note in result.trace.notes)


def test_a_prior_is_blended_and_seen(case):
    plain = runner.run("export-fall", case).value.values
    prior = runner.run("export-fall", case, priors="PHL:nickel=0.9", trust=0.25)
    cell = (case.axis("material").at("nickel"), case.axis("stage").at("mined"), case.axis("country").at("PHL"))
    assert prior.value.values[cell] == pytest.approx(0.75 * plain[cell] + 0.25 * 0.9)
    assert prior.remarks[likelihood.PRIOR][cell]
    rest = np.ones(plain.shape, dtype=bool)
    rest[cell[0], :, cell[2]] = False
    np.testing.assert_array_equal(prior.value.values[rest], plain[rest])


@pytest.mark.parametrize("text", ["PHL:nickel=2", "PHL:nickel", "ZZZ:nickel=0.1", "PHL:tin=0.1"])
def test_an_impossible_prior_is_refused(case, text):
    with pytest.raises(StudyError) as refused:
        runner.run("export-fall", case, priors=text)
    assert text in refused.value.where
