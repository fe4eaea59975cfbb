"""Hazards of the record: chances as the model gives them, priors seen, severities that keep their mean, dependence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.analyses import runner
from khanij.analyses.inputs import cases
from khanij.core.errors import CoverageError, StudyError
from khanij.reference.assumptions import assumed
from khanij.simulate.risk.by_record import hazards, likelihood
from khanij.simulate.risk.by_record.dependence import VarianceShares
from khanij.simulate.risk.by_record.hazards import Prior, severity_levels


@pytest.fixture(scope="module")
def case():
    return cases.case("all", 2024, ["nickel", "cobalt", "lithium", "copper"])


@pytest.fixture(scope="module")
def plain(case):
    return hazards.hazards(case)


def test_chances_are_those_of_the_model(case, plain):
    result = runner.run("export-fall", case)
    for name in ("probability", "share"):
        cube = result.variable(name)
        for h, own in enumerate(getattr(plain, name)):
            labels = {"material": plain.material[h], "stage": plain.stage[h], "country": plain.country[h]}
            cell = tuple(case.axis(axis.name).at(labels[axis.name]) for axis in cube.axes)
            assert cube.values[cell] == own
    listed = (result.variable("share").values >= assumed("min_share")) & ~np.isnan(
        result.variable("probability").values
    )
    assert listed.sum() == len(plain)
    assert (plain.share >= assumed("min_share")).all()
    assert ((plain.low <= plain.probability) & (plain.probability <= plain.high)).all()


def test_a_smaller_share_names_more(case, plain):
    more = hazards.hazards(case, min_share=0.01)
    key = set(zip(more.country, more.material, more.stage, strict=True))
    assert set(zip(plain.country, plain.material, plain.stage, strict=True)) < key


def test_severity_is_that_of_the_record(case, plain):
    found = likelihood.record(case)
    struck = (found.panel.before[tuple(found.rows)] >= assumed("min_share")) & (found.fell > 0)
    lost = 1 - np.exp(found.panel.change[tuple(found.rows)][struck])
    np.testing.assert_allclose(plain.severity.sum(axis=1), 1)
    np.testing.assert_allclose(plain.severity @ plain.levels, lost.mean(), atol=1e-9)


@given(st.lists(st.floats(0.4, 1.0), min_size=1, max_size=20))
def test_the_grid_keeps_the_mean(lost):
    weights = hazards.on_levels(np.array(lost), severity_levels())
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1)
    assert weights @ severity_levels() == pytest.approx(np.mean(lost))


def test_falls_of_one_code_strike_together_those_of_strangers_do_not(plain):
    mates, rivals, others = plain.dependence.pairs
    assert rivals.both > rivals.expected
    assert rivals.low > 0
    assert others.low < 0.02 < others.high + 0.02
    assert abs(others.correlation) < 0.05
    assert plain.dependence.market == pytest.approx(rivals.correlation - max(others.correlation, 0.0))
    assert plain.dependence.country == pytest.approx(max(mates.correlation - max(others.correlation, 0.0), 0.0))
    assert all(bond.low <= bond.correlation <= bond.high for bond in (mates, rivals, others))


def test_a_prior_is_blended_and_seen(case, plain):
    h = next(h for h in range(len(plain)) if plain.material[h] == "nickel")
    prior = Prior(plain.country[h], "nickel", plain.stage[h], 0.9, 0.25, "export-ban", 1.0)
    found = hazards.hazards(case, priors=[prior])
    assert found.probability[h] == pytest.approx(0.75 * plain.probability[h] + 0.25 * 0.9)
    assert (found.kind[h], found.prior[h], found.model[h]) == ("export-ban", 0.9, plain.model[h])
    np.testing.assert_array_equal(found.severity[h], [0, 0, 0, 1])
    others = np.arange(len(plain)) != h
    np.testing.assert_array_equal(found.probability[others], plain.probability[others])


def test_a_prior_can_name_a_seller_without_a_record(case, plain):
    found = hazards.hazards(case, priors=[Prior("IND", "cobalt", "mined", 0.07, 0.5)])
    (h,) = [h for h in range(len(found)) if (found.country[h], found.material[h]) == ("IND", "cobalt")]
    assert found.probability[h] == pytest.approx(0.07)  # nothing to blend with
    assert np.isnan(found.model[h])
    assert len(found) == len(plain) + 1
    row = found.rows()[h]
    assert row["model"] is None
    assert row["prior"] == 0.07


@pytest.mark.parametrize(
    "prior",
    [
        Prior("XXX", "nickel", "mined", 0.1),
        Prior("PHL", "unobtainium", "mined", 0.1),
        Prior("PHL", "nickel", "boiled", 0.1),
        Prior("PHL", "nickel", "mined", 1.1),
        Prior("PHL", "nickel", "mined", 0.1, -0.1),
        Prior("PHL", "nickel", "mined", 0.1, export_loss=0.0),
        Prior("TUV", "nickel", "", 0.1),
    ],
)
def test_an_impossible_prior_is_refused_with_its_place(case, prior):
    with pytest.raises(StudyError) as refused:
        hazards.hazards(case, priors=[Prior("PHL", "nickel", "mined", 0.1), prior])
    assert refused.value.where.startswith("priors.1")


def test_goods_without_a_model_and_own_sellers_are_left_out_and_named(plain):
    goods = {(m, s) for m, s in zip(plain.material, plain.stage, strict=True) if m != "copper"}
    less = hazards.with_market(plain, goods)
    assert "copper" not in less.material
    assert "copper" in less.notes[-1]
    assert hazards.with_market(less, goods).notes == less.notes
    foreign = hazards.drop_members(plain, {"PHL"})
    assert "PHL" not in foreign.country
    assert len(foreign.severity) == len(foreign) < len(plain)
    with pytest.raises(CoverageError):
        hazards.with_market(plain, set())


def test_impossible_settings_are_refused(case):
    with pytest.raises(StudyError):
        hazards.hazards(case, min_share=0.0)
    for parts in ((-0.1, 0, 0), (0.5, 0.3, 0.2)):
        with pytest.raises(StudyError):
            VarianceShares(*parts)
    assert replace(VarianceShares(0.1, 0.2, 0.3)).own == pytest.approx(0.4)
