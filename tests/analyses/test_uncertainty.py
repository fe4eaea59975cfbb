"""Uncertain scores: the value is the registry's, the same seed gives the same bytes, spreads of 0 move nothing."""

from concurrent.futures import Executor, Future, ProcessPoolExecutor

import numpy as np
import pytest

from khanij.analyses import runner
from khanij.analyses.assess import tables
from khanij.analyses.inputs import cases
from khanij.core import case as core_case
from khanij.core.errors import StudyError
from khanij.methods.uncertainty import assess as uncertainty
from khanij.methods.uncertainty.draws import BLOCK, PLACE, Draws, Ragged
from khanij.methods.uncertainty.inputs import View
from khanij.methods.uncertainty.spreads import INPUTS, Spreads

STAGED = ("production-hhi", "hhi-wgi", "import-hhi", "import-reliance", "n-1-loss", "geopolrisk")
STILL = Spreads(trade=0.0, reported=0.0, governance=0.0, production=0.0, content=0.0, rounding=0.0)
SIZED = ("production", "trade", "content", "governance", "shares")


@pytest.fixture(scope="module")
def case():
    """One country and the EU in one year, from the store."""
    return cases.case(["IND", "EU27"], [2020])


def labelled(cube):
    """Return label -> value of the known values."""
    at = np.argwhere(~np.isnan(cube.values))
    codes = [axis.codes for axis in cube.axes]
    return {tuple(c[p] for c, p in zip(codes, row, strict=True)): cube.values[tuple(row)] for row in at}


def bytes_of(result):
    return {name: cube.values.tobytes() for name, cube in result.variables.items()}


@pytest.mark.parametrize("method", STAGED)
def test_the_value_is_that_of_the_registry(case, method):
    found = labelled(uncertainty.assess(case, method, draws=1).value)
    result = runner.run(method, case)
    world = "focus" not in [axis.name for axis in result.value.axes]
    expected = labelled(result.value)
    if world:
        expected = {(m, s, f, y): v for (m, s, y), v in expected.items() for f in case.axis("focus").codes}
    assert found.keys() == expected.keys()
    assert [found[key] for key in found] == pytest.approx([expected[key] for key in found], rel=1e-9, abs=1e-12)


def test_the_eu_s_value_is_that_of_the_registry(case):
    result = uncertainty.assess(case, "eu-supply-risk", draws=1)
    expected = {key[0]: v for key, v in labelled(runner.run("eu-supply-risk", case).value).items()}
    value = labelled(result.value)
    found = {m: v for (m, s, f, _), v in value.items() if f == "EU27" and s == uncertainty.WHOLE}
    assert found == pytest.approx(expected, rel=1e-9)
    weight = {key[0]: v for key, v in labelled(runner.run("eu-economic-importance", case).value).items()}
    drawn = {
        m: v for (m, s, f, _), v in labelled(result.variables["importance"]).items() if (f, s) == ("EU27", "whole")
    }
    assert drawn == pytest.approx({m: weight[m] for m in drawn}, rel=1e-9)
    assert {m for m in expected if m in weight} <= drawn.keys()


@pytest.mark.parametrize("method", uncertainty.methods())
def test_spreads_of_zero_give_the_value_in_every_draw(case, method):
    result = uncertainty.assess(case, method, draws=5, inputs=SIZED, spreads=STILL)
    value = result.value.values
    for name in ("mean", "q05", "q50", "q95"):
        assert np.array_equal(result.variables[name].values, value, equal_nan=True), name
    assert (result.variables["deviation"].values[~np.isnan(value)] == 0).all()
    assert np.array_equal(result.variables["rank_q50"].values, result.variables["rank"].values, equal_nan=True)


class Backwards(Executor):
    """Runs the blocks in the opposite order."""

    def map(self, function, *iterables, **_):
        tasks = list(zip(*iterables, strict=True))
        done = {task: function(*task) for task in reversed(tasks)}
        return (done[task] for task in tasks)

    def submit(self, function, /, *arguments, **named):
        future = Future()
        future.set_result(function(*arguments, **named))
        return future


@pytest.mark.parametrize("method", ["eu-supply-risk", "geopolrisk"])
def test_the_same_seed_gives_the_same_bytes_for_any_workers_and_order(case, method):
    options = {"draws": 2 * BLOCK + 7, "seed": 5, "inputs": INPUTS, "sensitivity": True}
    one = bytes_of(uncertainty.assess(case, method, **options))
    assert bytes_of(uncertainty.assess(case, method, workers=3, **options)) == one
    assert bytes_of(uncertainty.assess(case, method, executor=Backwards(), **options)) == one
    assert bytes_of(uncertainty.assess(case, method, **{**options, "seed": 6})) != one


def test_processes_give_the_same_bytes(case):
    options = {"draws": BLOCK + 1, "seed": 5}
    with ProcessPoolExecutor(1) as pool:
        found = bytes_of(uncertainty.assess(case, "import-hhi", executor=pool, **options))
    assert found == bytes_of(uncertainty.assess(case, "import-hhi", **options))


def model(case, method, focus=0):
    view = View(case, focus, 0, np.empty(0, dtype=np.intp), Spreads())
    return uncertainty.models.find(method)(view.of(uncertainty.models.every_row(view)))


def test_fewer_draws_are_the_first_of_more(case):
    active = frozenset(INPUTS)
    short, long = (uncertainty.sample(model(case, "n-1-loss"), n, 3, active).draws["score"] for n in (40, BLOCK + 50))
    assert np.array_equal(short, long[:, :40], equal_nan=True)


def test_an_input_keeps_its_numbers_when_others_are_switched_off(case):
    one = uncertainty.assess(case, "import-hhi", draws=50, inputs=["trade"])
    source = Draws(0, 0, BLOCK, frozenset(["trade"]))
    alone = model(case, "import-hhi").trade.draw(source)
    both = Draws(0, 0, BLOCK, frozenset(["trade", "production"]))
    assert np.array_equal(alone, model(case, "import-hhi").trade.draw(both))
    assert one.trace.parameters["inputs"] == ("trade",)
    assert list(PLACE) == list(INPUTS)


@pytest.mark.parametrize("method", uncertainty.methods())
def test_draws_stay_in_the_bounds_of_the_method(case, method):
    least, most = runner.find(method).variables[0].bounds
    score = uncertainty.sample(model(case, method), BLOCK, 1, frozenset(INPUTS)).draws["score"]
    assert np.nanmin(score) >= least - 1e-12
    assert np.nanmax(score) <= most + 1e-12


def test_quantiles_are_in_order_and_the_probability_falls_with_the_threshold(case):
    results = [uncertainty.assess(case, "hhi-wgi", draws=200, threshold=at) for at in (0.05, 0.2, 0.6)]
    over = [result.variables["over"].values for result in results]
    known = ~np.isnan(over[0])
    assert (over[0] >= over[1])[known].all()
    assert (over[1] >= over[2])[known].all()
    ends = [results[0].variables[name].values[known] for name in ("q05", "q25", "q50", "q75", "q95")]
    assert (np.diff(ends, axis=0) >= 0).all()


def test_a_lone_input_explains_everything(case):
    result = uncertainty.assess(case, "production-hhi", draws=2000, seed=2, sensitivity=True)
    effects = result.variables["total"].values
    varies = ~np.isnan(effects)
    assert effects[varies] == pytest.approx(1.0, abs=0.1)
    assert np.median(result.variables["first_order"].values[varies]) == pytest.approx(1.0, abs=0.05)


def test_the_trace_repeats_the_run(case):
    result = uncertainty.assess(case, "import-reliance", draws=30, seed=9)
    assert result.trace.seed == 9
    settings = result.trace.parameters
    again = uncertainty.assess(
        case, "import-reliance", settings["draws"], result.trace.seed, settings["inputs"], settings["sensitivity"]
    )
    assert bytes_of(again) == bytes_of(result)
    assert any("factor of 2" in note and "confidence low" in note for note in result.trace.notes)


def test_the_table_names_the_input_that_matters_most(case):
    result = uncertainty.assess(case, "n-1-loss", draws=300, sensitivity=True)
    rows = list(tables.scatter_rows(result, ("cobalt",)))
    assert {row["material"] for row in rows} <= {"cobalt"}
    assert all(row["input_most"] in (*INPUTS, None) for row in rows)


def test_a_hand_made_case_needs_no_store():
    axes = {"material": ["x"], "stage": ["mined"], "country": ["A", "B", "C"], "focus": ["C"], "year": ["2020"]}
    flows = {"exporter": ["A", "B", "C"], "importer": ["A", "B", "C"]}
    trade = np.full((1, 1, 3, 3, 1), np.nan)
    trade[0, 0, 0, 2, 0], trade[0, 0, 1, 2, 0] = 30.0, 10.0
    case = core_case.from_arrays(
        {**axes, **flows},
        production=("t", ("material", "stage", "country", "year"), [[[[60.0], [30.0], [10.0]]]]),
        trade=("t", ("material", "stage", "exporter", "importer", "year"), trade),
        membership=("1", ("focus", "country", "year"), [[[0.0], [0.0], [1.0]]]),
    )
    result = uncertainty.assess(case, "n-1-loss", draws=400)
    assert result.value.values.item() == pytest.approx(30 / 50)
    assert result.variables["q05"].values.item() < 0.6 < result.variables["q95"].values.item()
    assert uncertainty.assess(case, "production-hhi", draws=3).value.values.item() == pytest.approx(0.46)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"method": "supplier-shares"}, "uncertain form"),
        ({"draws": 0}, "whole numbers"),
        ({"seed": -1}, "whole numbers"),
        ({"inputs": ["luck"]}, "luck"),
    ],
)
def test_mistakes_are_named(case, changes, what):
    with pytest.raises(StudyError, match=what):
        uncertainty.assess(case, **{"method": "hhi-wgi", "draws": 1, **changes})


def test_rows_of_unlike_length_are_padded_with_nothing():
    rows = Ragged.of(np.array([0, 2, 2, 2, 2, 2]), 3)
    values = np.arange(6.0)[:, None] * np.ones(4)
    summed = rows.apply(lambda each: np.nansum(each, axis=-1), 4, values)
    assert summed[0] == pytest.approx([0.0] * 4)
    assert np.isnan(summed[1]).all()
    assert summed[2] == pytest.approx([15.0] * 4)
    assert rows.sums(values)[:, 0] == pytest.approx([0.0, 0.0, 15.0])
