"""Growth of need: clean technologies with the IEA, other use with the economy, and what is missing stays missing."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.core import registry
from khanij.core.errors import StudyError

PLACE = ("IND", "steps")


def each(figures):
    return {(*PLACE, material, "2024"): figures for material in ("copper", "lithium")}


PARTS = {("IND", "Solar PV", "2023"): 0.1, ("IND", "Other uses", "2023"): 0.05}
ECONOMY = {"economy_growth": {(*PLACE, "2024"): 0.05}, "income_elasticity": each(0.8)}


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
    economy = {"economy_growth": {(*PLACE, "2024"): (0.05, 0.03, 0.09)}, "income_elasticity": each((0.8, 0.2, 2.0))}
    wide = grown(make(iea_demand=demand, world_part=PARTS, **economy), draws=200).value
    assert wide.low[0, 0, -1] < wide.values[0, 0, -1] < wide.high[0, 0, -1]
    assert (grown(flat, world="NZE").value.values[0, 0] >= cube.values[0, 0] - 1e-12).all()


def test_a_base_after_the_first_year_is_refused(make):
    with pytest.raises(StudyError, match="base 2030"):
        grown(make(iea_demand=iea((1.0, 2.0), (1.0, 1.0)), world_part=PARTS), base=2030)


def test_where_use_in_all_is_known_growth_is_that_of_the_tonnes_that_are_shown(make):
    given = {
        "technology_inflow": {(*PLACE, "car", "2020"): 10.0, (*PLACE, "car", "2030"): 40.0},
        "technology_intensity": {("car", "copper", "2020"): 2.0},
        "base_use": {("IND", "copper", "2024"): 120.0},
        "iea_demand": iea((100.0, 300.0), (1000.0, 1100.0)),
        "world_part": PARTS,
    }
    case = make(**given, **ECONOMY)
    result = grown(case, to=2030)
    shown = registry.run("base-demand", case, since=2024, to=2030, draws=0).value.values[0, 0]
    shown = shown + registry.run("material-demand", case, since=2024, to=2030, draws=0).variable("total").values[0, 0]
    assert result.value.values[0, 0] == pytest.approx(shown / shown[0])
    assert said(result, "as the demand of the country is shown")
    # its path ends in 2030: from there a technology moves as the IEA's clean technologies, from 22 t to 30 t in 2034
    later = grown(case).value.values[0, 0]
    rest = registry.run("base-demand", case, since=2024, to=2034, draws=0).value.values[0, 0]
    assert later[-1] == pytest.approx((rest[-1] + 80.0 * 30.0 / 22.0) / 120.0)
