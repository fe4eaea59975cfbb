"""Who cannot do without a good: parts of industries, from the table of critical inputs."""

import numpy as np
import pytest

from khanij.analyses.inputs import cases
from khanij.core.axis import Axis
from khanij.core.case import from_arrays
from khanij.core.cube import Cube
from khanij.reference.assumptions import with_assumptions
from khanij.reference.industry import economies
from khanij.reference.industry.critical_inputs import critical_inputs
from khanij.simulate.loss import industries
from khanij.simulate.loss.critical_uses import critical_uses, goods_of

MAGNETS = (("rare-earths", "component"),)
CODES = ("c14", "c15", "c13")


def case(motor=200.0, plane=100.0):
    """Outputs of industries of the finest table; million USD."""
    fine = max(economies.tables(), key=lambda id: len(economies.industries(id)))
    codes = tuple(economies.industries(fine))
    made = np.full((1, 1, len(codes)), 1.0)
    made[0, 0, codes.index("336111")] = motor
    made[0, 0, codes.index("336411")] = plane
    axes = (Axis("table", (fine,)), Axis("region", (economies.table(fine).countries[0],)), Axis("industry", codes))
    cube = Cube("economy_output", "MUSD", axes, made, sources=("user",))
    return from_arrays({"material": ("rare-earths",)}).with_cubes("made by hand", economy_output=cube)


def found(goods=MAGNETS, given=None, focus="IND", output=1e12):
    codes = tuple(economies.industries("io"))
    flat = np.full(len(codes), output)
    return critical_uses(case() if given is None else given, focus, "io", codes, flat, flat / 3, goods)


def test_ends_are_ordered_and_parts_of_output():
    uses = found()
    low, best, high = uses.exposed[:, ~np.isnan(uses.exposed[1])]
    assert ((low >= 0) & (low <= best) & (best <= high) & (high <= 1)).all()
    assert uses.share.sum() == pytest.approx(1)
    assert sum(uses.users.values()) == pytest.approx(1)
    assert uses.sources


def test_a_good_without_rows_has_no_users_rather_than_none_at_stake():
    assert found(goods=(("rare-earths", "mined"),)) is None
    assert found(goods=()) is None


def test_industries_that_make_no_user_of_the_good_are_unknown_not_nought():
    uses = found()
    assert np.isnan(uses.exposed[:, tuple(economies.industries("io")).index("c1")]).all()


def test_a_wider_split_widens_the_range_and_leaves_the_best_of_what_is_on_record():
    usual, wide = found(), found(given=with_assumptions(case(), {"product_split": 4.0}))
    at = ~np.isnan(usual.exposed[1])
    assert (wide.exposed[0, at] <= usual.exposed[0, at] + 1e-12).all()
    assert (wide.exposed[2, at] >= usual.exposed[2, at] - 1e-12).all()


def test_stages_that_nothing_tells_apart_share_their_users():
    goods = {row.good for row in critical_inputs()}
    assert ("cobalt", "refined") in goods
    assert goods_of("processed", ("mined", "processed"), "cobalt") == tuple(
        good for good in (("cobalt", "processed"), ("cobalt", "refined")) if good in goods
    )
    assert goods_of("refined", ("mined", "refined"), "cobalt") == (("cobalt", "refined"),)


def test_cars_stand_behind_magnets():
    given = cases.case("IND", 2024, ["rare-earths"])
    economy = industries.economy(given, "IND", "2024")
    uses = industries.uses(given, economy, [("rare-earths", "component")])
    assert {"car-ice", "air-conditioner", "phone"} <= set(uses.users[0])
    vehicles = economy.names.index("Transport equipment")
    low, best, high = uses.exposed[:, 0, vehicles]
    assert 0 < low < best < high < 1
