"""Growth of need: clean technologies with the IEA, other use with the economy, and what is missing stays missing."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.core import registry
from khanij.core.errors import StudyError

PLACE = ("IND", "steps")
PARTS = {("IND", "Solar PV", "2023"): 0.1, ("IND", "Other uses", "2023"): 0.05}
ECONOMY = {"economy_growth": {PLACE: 0.05}, "income_elasticity": {PLACE: 0.8}}


def iea(clean, other, case="STEPS", material="copper"):
    return {
        (case, "Solar PV", material, "2024"): clean[0],
        (case, "Solar PV", material, "2034"): clean[1],
        **({} if other is None else {(case, "Other uses", material, "2024"): other[0]}),
        **({} if other is None else {(case, "Other uses", material, "2034"): other[1]}),
    }


def said(result, words):
    return any(words in remark and mask[0, 0].all() for remark, mask in result.remarks.items())


def grown(case, **given):
    return registry.run("need-growth", case, **{"since": 2024, "to": 2034, "draws": 0, **given})


def test_clean_technologies_grow_with_the_iea_and_other_use_with_the_economy(make):
    case = make(iea_demand=iea((100.0, 300.0), (1000.0, 1100.0)), world_part=PARTS, **ECONOMY)
    found = grown(case).value.values[0, 0]
    # 10 t and 50 t in the base year; 30 t and 50 t grown by the economy ten years on
    assert found[0] == pytest.approx(1.0)
    assert found[-1] == pytest.approx((30 + 50 * 1.05 ** (0.8 * 10)) / 60)


def test_without_a_stated_economy_other_use_follows_the_iea(make):
    case = make(iea_demand=iea((100.0, 300.0), (1000.0, 1100.0)), world_part=PARTS)
    result = grown(case)
    assert result.value.values[0, 0, -1] == pytest.approx((30 + 55) / 60)
    assert any(
        "no growth of the economy is stated" in words and mask[0, 0].all() for words, mask in result.remarks.items()
    )


def test_without_other_uses_the_economy_alone_grows_and_without_both_nothing_is_known(make):
    demand = iea((100.0, 300.0), None)
    alone = grown(make(iea_demand=demand, world_part=PARTS, **ECONOMY))
    assert alone.value.values[0, 0, -1] == pytest.approx(1.05 ** (0.8 * 10))
    assert said(alone, "economy alone")
    none = grown(make(iea_demand=demand, world_part=PARTS))
    assert np.isnan(none.value.values).all()
    assert said(none, "not known")


def test_the_range_spans_the_scenarios_of_the_iea_and_the_draws(make):
    demand = iea((100.0, 300.0), (1000.0, 1100.0)) | iea((100.0, 900.0), (1000.0, 1100.0), "NZE")
    flat = make(iea_demand=demand, world_part=PARTS)
    cube = grown(flat).value
    assert cube.low[0, 0, -1] == pytest.approx((30 + 55) / 60)
    assert cube.high[0, 0, -1] == pytest.approx((90 + 55) / 60)
    economy = {"economy_growth": {PLACE: (0.05, 0.03, 0.09)}, "income_elasticity": {PLACE: (0.8, 0.2, 2.0)}}
    wide = grown(make(iea_demand=demand, world_part=PARTS, **economy), draws=200).value
    assert wide.low[0, 0, -1] < wide.values[0, 0, -1] < wide.high[0, 0, -1]
    assert (grown(flat, world="NZE").value.values[0, 0] >= cube.values[0, 0] - 1e-12).all()


def test_a_base_after_the_first_year_is_refused(make):
    with pytest.raises(StudyError, match="base 2030"):
        grown(make(iea_demand=iea((1.0, 2.0), (1.0, 1.0)), world_part=PARTS), base=2030)
