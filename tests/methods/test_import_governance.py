"""Concentration of imports weighted by governance: brute force, gaps in the scores, identity with the plain index."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.core.registry import run
from khanij.kernels.indicators.suppliers import squares, weighted_squares
from khanij.methods import import_governance

AXES = {
    "material": ["copper"],
    "stage": ["refined"],
    "country": ["AAA", "BBB", "CCC", "DDD"],
    "partner": ["AAA", "BBB", "CCC", "DDD"],
    "focus": ["DDD", "GRP"],
    "year": ["2022"],
    "dimension": ["va", "pv", "ge", "rq", "rl", "cc"],
}
MEMBERS = [["DDD", "DDD", "2022", 1.0], ["GRP", "DDD", "2022", 1.0], ["GRP", "CCC", "2022", 1.0]]
VALUE = [["copper", "refined", code, "DDD", "2022", v] for code, v in (("AAA", 60.0), ("BBB", 30.0), ("CCC", 10.0))]


def scores(**by_country: float) -> list[list[object]]:
    return [[d, c, "2022", v] for c, v in by_country.items() for d in AXES["dimension"]]


def question(make, marks, value=VALUE):
    return make(AXES, trade=[], trade_value=value, membership=MEMBERS, governance=marks)


def test_brute_force(make, at) -> None:
    case = question(make, scores(AAA=-1.0, BBB=1.5, CCC=0.25))
    expected = 0.6**2 * 0.7 + 0.3**2 * 0.2 + 0.1**2 * 0.45
    result = run("import-hhi-wgi", case)
    assert at(result, "hhi_wgi", "copper", "refined", "DDD", "2022") == pytest.approx(expected)
    assert at(result, "unscored_share", "copper", "refined", "DDD", "2022") == 0.0


def test_with_the_worst_scores_it_is_the_plain_index(make, at) -> None:
    case = question(make, scores(AAA=-2.5, BBB=-2.5, CCC=-2.5))
    plain = run("import-hhi", case, by="value")
    assert run("import-hhi-wgi", case).value.values == pytest.approx(plain.value.values, nan_ok=True)


def test_trade_inside_a_group_is_left_out(make, at) -> None:
    case = question(make, scores(AAA=-2.5, BBB=-2.5, CCC=-2.5))
    found = at(run("import-hhi-wgi", case), "hhi_wgi", "copper", "refined", "GRP", "2022")
    assert found == pytest.approx((60**2 + 30**2) / 90**2)


@pytest.mark.parametrize(("missing", "weight"), [("mean", (60 * 0.7 + 30 * 0.2) / 90), (0.5, 0.5), ("0.5", 0.5)])
def test_a_supplier_without_a_score_follows_the_stated_rule(make, at, missing, weight) -> None:
    result = run("import-hhi-wgi", question(make, scores(AAA=-1.0, BBB=1.5)), missing=missing)
    scored = 0.6**2 * 0.7 + 0.3**2 * 0.2
    where = ("copper", "refined", "DDD", "2022")
    assert at(result, "hhi_wgi", *where) == pytest.approx(scored + 0.01 * weight)
    assert at(result, "unscored_share", *where) == pytest.approx(0.1)
    cube = result.value
    assert cube.low is not None
    assert cube.high is not None
    assert (cube.low[0, 0, 0, 0], cube.high[0, 0, 0, 0]) == (pytest.approx(scored), pytest.approx(scored + 0.01))
    assert result.remarks[import_governance.UNSCORED][0, 0, 0, 0]


def test_nothing_bought_or_nobody_scored_is_not_known(make) -> None:
    none = run("import-hhi-wgi", question(make, scores(AAA=0.0), []))
    assert np.isnan(none.value.values).all()
    assert np.isnan(run("import-hhi-wgi", question(make, [])).value.values).all()


def test_kernel_on_random_numbers() -> None:
    rng = np.random.default_rng(3)
    group, amounts, weights = np.array([0, 0, 0, 2, 2]), rng.random(5), rng.random(5)
    found = weighted_squares(group, amounts, weights, 3)
    first = amounts[:3] / amounts[:3].sum()
    assert found[0] == pytest.approx((first**2 * weights[:3]).sum())
    assert np.isnan(found[1])
    assert weighted_squares(group, amounts, np.ones(5), 3) == pytest.approx(squares(group, amounts, 3), nan_ok=True)
