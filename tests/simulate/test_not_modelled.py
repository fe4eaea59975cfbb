"""Each mineral of a hand-made world that no sum of losses holds has its own reason."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from khanij.simulate.risk import not_modelled

sys.path.insert(0, str(Path(__file__).parent))
from toy_hazards import hazards
from toy_markets import CODES, market


def toy(sells, buys=10.0):
    """Return the Case of tin: AAA buys of BBB, and others sell among each other."""
    trade = np.zeros((5, 5))
    trade[1, 0], trade[2, 3] = buys, sells
    return market({"refined": trade}, {"refined": [0.0, 500.0, 500.0, 0.0, 0.0]}, focus=(CODES[0],), names=CODES)


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (toy(1000.0, buys=0.0), not_modelled.NOT_BOUGHT),
        (toy(10.0), not_modelled.NO_RECORD),
    ],
)
def test_a_market_without_a_hazard(case, why):
    given = hazards(sellers=(("BBB", "lead", "mined", 0.1),))
    assert not_modelled.reasons(case, ["tin"], (), given, "2024", 0.05) == {"tin": why}
    assert not_modelled.reasons(case, ["tin"], ("tin",), given, "2024", 0.05) == {}


def test_small_sellers_and_other_forms_are_told():
    given = hazards(sellers=(("BBB", "lead", "mined", 0.1),))
    assert not_modelled.reasons(toy(10.0), ["tin"], (), given, "2024", 0.999) == {
        "tin": not_modelled.NO_SELLER.format(min_share=0.999)
    }
    ore = hazards(sellers=(("BBB", "tin", "mined", 0.1),))
    told = not_modelled.reasons(toy(10.0), ["tin"], (), ore, "2024", 0.05)
    assert told == {"tin": not_modelled.OTHER_FORM.format(stages="mined")}
