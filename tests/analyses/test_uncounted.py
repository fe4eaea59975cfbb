"""Each mineral that no sum of losses holds has its own reason, read from trade codes, networks and hazards."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from khanij import reference
from khanij.analyses.inputs import baseline
from khanij.analyses.inputs.trade_codes import NO_CODE, codes
from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.risk import run
from khanij.analyses.risk import run as risk_run
from khanij.reference import official_lists as official
from khanij.simulate.risk import not_modelled as uncounted

sys.path.insert(0, str(Path(__file__).parents[1] / "simulate"))
from toy_hazards import hazards
from toy_markets import CODES, market


def test_a_shared_code_names_what_else_it_holds():
    found = codes(2024)
    assert found.unweighed("tellurium") == "traded under 280450 together with boron"
    assert found.unweighed("iridium") == "traded under 711041 together with osmium and ruthenium"
    assert found.unweighed("gallium") == "traded under 811292 together with germanium, hafnium, indium and 3 others"
    assert found.unweighed("scandium") == NO_CODE


def test_a_code_without_tonnes_is_told_from_one_without_data():
    assert codes(2023).unweighed("strontium") == "its trade code 283692 has values and no tonnes in 2023"
    bare = replace(codes(2023), recorded=frozenset(), weighed=frozenset())
    assert "has no data in 2023" in bare.unweighed("silicon")
    assert bare.unweighed("tellurium") == "traded under 280450 together with boron"


def test_goods_of_unknown_content_are_told():
    found = codes(2024)
    own = {("scandium", "refined"): (replace(reference.hs_codes()[0], content=None),)}
    code = next(iter(own.values()))[0]
    vague = replace(found, dedicated=own, recorded=frozenset({code.item}), weighed=frozenset({code.item}))
    assert vague.unweighed("scandium") == f"how much of it is in a tonne of its trade code {code.code} is not known"


def test_the_brief_and_the_sums_of_losses_read_the_same_codes():
    readings = CountryProfile("IND", 2024)
    assert readings.codes is codes(2024)
    assert set(readings.own_codes) >= set(readings.dedicated)


def toy(sells, buys=10.0):
    """Return the Case of tin: AAA buys of BBB, and others sell among each other."""
    trade = np.zeros((5, 5))
    trade[1, 0], trade[2, 3] = buys, sells
    return market({"refined": trade}, {"refined": [0.0, 500.0, 500.0, 0.0, 0.0]}, focus=(CODES[0],), names=CODES)


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (toy(1000.0, buys=0.0), uncounted.NOT_BOUGHT),
        (toy(10.0), uncounted.NO_RECORD),
    ],
)
def test_a_market_without_a_hazard(case, why):
    given = hazards(sellers=(("BBB", "lead", "mined", 0.1),))
    assert uncounted.reasons(case, ["tin"], (), given, "2024", 0.05) == {"tin": why}
    assert uncounted.reasons(case, ["tin"], ("tin",), given, "2024", 0.05) == {}


def test_small_sellers_and_other_forms_are_told():
    given = hazards(sellers=(("BBB", "lead", "mined", 0.1),))
    assert uncounted.reasons(toy(10.0), ["tin"], (), given, "2024", 0.999) == {
        "tin": uncounted.NO_SELLER.format(stake=0.999)
    }
    ore = hazards(sellers=(("BBB", "tin", "mined", 0.1),))
    told = uncounted.reasons(toy(10.0), ["tin"], (), ore, "2024", 0.05)
    assert told == {"tin": uncounted.OTHER_FORM.format(stages="mined")}


def test_every_mineral_of_the_list_is_counted_or_has_a_reason_of_its_own():
    listed = official.minerals("IND", 2024)
    ground = baseline.prepare("IND", 2024, 20, 1, materials=listed)
    assert set(ground.materials) | set(ground.missing) == set(listed)
    assert not set(ground.materials) & set(ground.missing)
    assert "potash" in ground.materials
    shared = {m for m in ground.missing if ground.missing[m].startswith("traded under")}
    assert shared == set(ground.missing)  # what is left has no code of its own
    found = run.risk("IND", 2024, 20, 1, materials=listed, pairs=False)
    reasons = {row["material"]: row["reason"] for row in risk_run.tables(found)["missing"].rows()}
    assert reasons == dict(ground.missing)
