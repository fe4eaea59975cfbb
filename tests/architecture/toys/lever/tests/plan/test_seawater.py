"""Metal from the sea is sized, paid for, moved, scaled and counted without a line anywhere else."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import worlds

from khanij.plan import levers
from khanij.plan.measures.sizing import size_measures
from khanij.plan.measures.value import value_measure
from khanij.plan.planner import goals


def test_a_new_lever_needs_a_class_and_rows_alone():
    base = worlds.ground(years=20)
    measure, _ = [one for one in size_measures(base, None, "NCMM") if one.kind == "seawater"]
    bought = base.networks["copper"].imports("refined")
    assert abs(measure.size - 0.5 * bought) < 1e-6, "sized"
    assert (measure.component, measure.lead, measure.cost.best) == ("plants", 3, 1000 * measure.size), "paid for"
    assert measure.levers[0].country == base.focus
    low, high = (measure.at_end(end).levers[0] for end in ("low", "high"))
    assert (low.brine.best, low.fouling.best) == (measure.levers[0].brine.low, 0.4), "moved"
    assert (high.brine.best, high.fouling.best) == (measure.levers[0].brine.high, 0.1), "moved"
    assert measure.ranged() == ("brine", "fouling")
    (twice,) = measure.resized_levers(2.0)
    assert (twice.brine.best, twice.fouling.best) == (2 * measure.levers[0].brine.best, 0.2), "scaled"
    value = value_measure(base, measure)
    assert abs(value.tonnes - 0.8 * measure.size) < 1e-6
    home, secured = (goals.read(text, base, "copper:refined") for text in ("50%", "50% secured"))
    assert home.is_served_by(measure), "counted"
    assert home.tonnes_from(value) == secured.tonnes_from(value) == value.tonnes, "counted"
    assert "from the sea" in [one.name for one in levers.supply_classes()]
    own = {"kind": "seawater", "id": "a", "material": "copper", "stage": "refined", "country": "JPN", "brine": 1}
    assert levers.read(own).fouling.high == 0.4
