"""Concentration of world output: what is left out is said, what is missing stays missing."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.core.registry import run
from khanij.methods import concentration

AXES = {
    "material": ["copper", "cobalt"],
    "stage": ["mined"],
    "country": ["AAA", "BBB", "CCC"],
    "year": ["2022"],
    "dimension": ["va", "pv", "ge", "rq", "rl", "cc"],
}
OUTPUT = [["copper", "mined", "AAA", "2022", 60.0], ["copper", "mined", "BBB", "2022", 40.0]]


def scores(country: str, value: float) -> list[list[object]]:
    return [[d, country, "2022", value] for d in AXES["dimension"]]


def test_sum_of_squared_shares(make, at) -> None:
    result = run("production-hhi", make(AXES, production=[*OUTPUT, ["copper", "mined", "CCC", "2022", 0.0]]))
    assert at(result, "hhi", "copper", "mined", "2022") == pytest.approx(0.52)
    assert np.isnan(at(result, "hhi", "cobalt", "mined", "2022"))
    assert not any(mask.any() for mask in result.remarks.values())


def test_a_withheld_producer_is_left_out_and_said_to_be(make) -> None:
    result = run("production-hhi", make(AXES, production=OUTPUT))
    assert result.remarks[concentration.LEFT_OUT][0, 0, 0]
    assert "left out, number: 1" in next(iter(result.table().rows()))["notes"]


def test_an_unnamed_rest_gives_a_range(make) -> None:
    rows = [*OUTPUT, ["copper", "mined", "CCC", "2022", 0.0]]
    case = make(AXES, production=rows, world_production=[["copper", "mined", "2022", 125.0]])
    cube = run("production-hhi", case).value
    assert cube.low is not None
    assert cube.high is not None
    assert cube.values[0, 0, 0] == pytest.approx((60**2 + 40**2) / 125**2)
    assert cube.low[0, 0, 0] == cube.values[0, 0, 0]
    assert cube.high[0, 0, 0] == pytest.approx((60**2 + 40**2 + 25**2) / 125**2)


def test_governance_weights_the_squares(make, at) -> None:
    rows = [*OUTPUT, ["copper", "mined", "CCC", "2022", 0.0]]
    case = make(AXES, production=rows, governance=[*scores("AAA", -2.5), *scores("BBB", 2.5), *scores("CCC", 0.0)])
    assert at(run("hhi-wgi", case), "hhi_wgi", "copper", "mined", "2022") == pytest.approx(0.36)


@pytest.mark.parametrize(
    ("missing", "expected"), [("mean", 0.52), (0.5, 0.36 + 0.16 * 0.5), ("0.5", 0.36 + 0.16 * 0.5)]
)
def test_a_missing_score_follows_the_stated_rule(make, at, missing, expected) -> None:
    rows = [*OUTPUT, ["copper", "mined", "CCC", "2022", 0.0]]
    result = run("hhi-wgi", make(AXES, production=rows, governance=scores("AAA", -2.5)), missing=missing)
    assert at(result, "hhi_wgi", "copper", "mined", "2022") == pytest.approx(expected)
    assert at(result, "unscored_share", "copper", "mined", "2022") == pytest.approx(0.4)
    row = next(iter(result.table().rows()))
    ends = (row["low"], row["high"])
    assert ends == ((pytest.approx(0.36), pytest.approx(0.52)) if missing == "mean" else (None, None))
    assert result.remarks[concentration.UNSCORED][0, 0, 0]


def test_one_dimension_can_be_asked_for(make, at) -> None:
    rows = [["copper", "mined", "AAA", "2022", 1.0]]
    case = make(AXES, production=rows, governance=[["pv", "AAA", "2022", 0.0], ["cc", "AAA", "2022", 2.5]])
    assert at(run("hhi-wgi", case, dimension="pv"), "hhi_wgi", "copper", "mined", "2022") == pytest.approx(0.5)
    assert at(run("hhi-wgi", case), "hhi_wgi", "copper", "mined", "2022") == pytest.approx(0.25)
    assert np.isnan(at(run("hhi-wgi", case, dimension="va"), "hhi_wgi", "copper", "mined", "2022"))


def test_brute_force_on_random_numbers(make) -> None:
    rng = np.random.default_rng(4)
    output, score = rng.random(3), rng.normal(0, 1, 3)
    rows = [["copper", "mined", c, "2022", float(v)] for c, v in zip(AXES["country"], output, strict=True)]
    marks = [row for c, v in zip(AXES["country"], score, strict=True) for row in scores(c, float(v))]
    case = make(AXES, production=rows, governance=marks)
    share = [v / sum(output) for v in output]
    plain = sum(s * s for s in share)
    weighted = sum(s * s * (2.5 - x) / 5 for s, x in zip(share, score, strict=True))
    assert run("production-hhi", case).value.values[0, 0, 0] == pytest.approx(plain)
    assert run("hhi-wgi", case).value.values[0, 0, 0] == pytest.approx(weighted)
