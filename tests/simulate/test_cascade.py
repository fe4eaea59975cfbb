"""The cascade as a method: on a Case, with parameters that are checked."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.analyses import runner
from khanij.analyses.inputs import cases
from khanij.core import case as core_case
from khanij.core.errors import CoverageError, StudyError
from khanij.kernels.markets.cascade import cascade as kernel
from khanij.simulate.supply import cascade

CODES = ("AAA", "BBB", "CCC")
TRADE = np.array([[0.0, 6.0, 2.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
OUTPUT = np.array([10.0, 0.0, np.nan])
FLOW = ("material", "stage", "exporter", "importer", "year")


@pytest.fixture
def case():
    axes = dict.fromkeys(("country", "exporter", "importer"), CODES)
    axes |= {"material": ("tin", "zinc"), "stage": ("mined", "refined"), "year": ("2023",)}
    trade, output = np.full((2, 2, 3, 3, 1), np.nan), np.full((2, 2, 3, 1), np.nan)
    trade[0, 0, :, :, 0] = np.where(TRADE > 0, TRADE, np.nan)
    output[0, 0, :, 0] = OUTPUT
    dims = ("material", "stage", "country", "year")
    return core_case.from_arrays(axes, trade=("t", FLOW, trade), production=("t", dims, output))


def test_it_is_the_kernel_with_reserves_in_months_of_use(case):
    result = runner.run("cascade", case, country="AAA", cut=0.5, months=3.0)
    use = np.array([2.0, 6.0, 2.0])
    want = kernel(TRADE, np.array([10.0, 0.0, 0.0]), use / 4, np.array([-5.0, 0.0, 0.0]))
    for name, values in (("use_change", want.use), ("reserve_change", want.reserves), ("import_change", want.imports)):
        np.testing.assert_allclose(result.variable(name).values[0, 0, :, 0], values, atol=1e-12)
    np.testing.assert_allclose(result.value.values[0, 0, :, 0], -want.use / use, atol=1e-12)
    assert np.isnan(result.value.values[1]).all()


def test_output_that_trade_contradicts_is_raised_and_said(case):
    axes = {name: axis.codes for name, axis in case.axes.items()}
    dims = ("material", "stage", "country", "year")
    output = np.zeros((2, 2, 3, 1))
    output[0, 0, 0] = 3.0
    low = core_case.from_arrays(axes, trade=("t", FLOW, case.cube("trade").values), production=("t", dims, output))
    raised = runner.run("cascade", low, country="AAA").remarks[cascade.RAISED]
    assert raised[0, 0].ravel().tolist() == [True, False, False]
    output[0, 0, 0] = np.nan
    unknown = core_case.from_arrays(axes, trade=("t", FLOW, case.cube("trade").values), production=("t", dims, output))
    assert runner.run("cascade", unknown, country="AAA").remarks[cascade.IMPLIED][0, 0, 0, 0]


def test_without_convergence_it_says_so(case):
    result = runner.run("cascade", case, country="AAA", cut=0.5, months=0.0, mode="symmetric", rounds=2)
    assert result.remarks[cascade.UNFINISHED][0, 0, 0, 0]
    assert result.details[cascade.UNFINISHED][0, 0, 0, 0] < 0
    assert any("not converged" in note for note in result.trace.notes)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({}, "cascade.country"),
        ({"country": "ZZZ"}, "cascade.country"),
        ({"country": "AAA", "cut": -0.1}, "cascade.cut"),
        ({"country": "AAA", "cut": 1.1}, "cascade.cut"),
        ({"country": "AAA", "months": -1.0}, "cascade.months"),
        ({"country": "AAA", "saved": 2.0}, "cascade.saved"),
        ({"country": "AAA", "rounds": 0}, "cascade.rounds"),
        ({"country": "AAA", "stage": "melted"}, "cascade.stage"),
        ({"country": "AAA", "material": "unobtainium"}, "cascade.material"),
        ({"country": "AAA", "mode": "odd"}, "cascade.mode"),
    ],
)
def test_an_impossible_shock_is_refused(case, wrong, path):
    with pytest.raises((StudyError, CoverageError)) as refused:
        runner.run("cascade", case, **wrong)
    assert refused.value.where == path


def test_the_world_s_networks_converge_and_keep_mass():
    world = cases.case("all", 2023, ["nickel", "cobalt", "graphite"])
    result = runner.run("cascade", world, country="IDN")
    assert not result.remarks[cascade.UNFINISHED].any()
    lost = sum(np.nansum(result.variable(name).values, axis=2) for name in ("use_change", "reserve_change"))
    blocks = cascade.networks(world, "", "")
    place = world.axis("country").at("IDN")
    for block in blocks:
        for n, (m, s, y) in enumerate(block.cells.T):
            assert lost[m, s, y] == pytest.approx(-block.production[n, place], rel=1e-9, abs=1e-6)
