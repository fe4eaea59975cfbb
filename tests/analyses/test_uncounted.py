"""Each mineral that no sum of losses holds has its own reason, read from trade codes, networks and hazards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from khanij import reference
from khanij.analyses.inputs import baseline, cases
from khanij.analyses.inputs.trade_codes import NO_CODE, codes
from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.question import ask, find, request_of
from khanij.reference import official_lists as official


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
    profile = CountryProfile(cases.case("IND", 2024))
    assert profile.codes is codes(2024)
    assert set(profile.codes.own) >= set(profile.codes.dedicated)


def test_every_mineral_of_the_list_is_counted_or_has_a_reason_of_its_own():
    listed = official.minerals("IND", 2024)
    ground = baseline.prepare("IND", 2024, 20, 1, materials=listed)
    assert set(ground.materials) | set(ground.missing) == set(listed)
    assert not set(ground.materials) & set(ground.missing)
    assert "potash" in ground.materials
    shared = {m for m in ground.missing if ground.missing[m].startswith("traded under")}
    assert shared == set(ground.missing)  # what is left has no code of its own
    found = ask(request_of(find("risk")).of({"focus": "IND", "years": 20, "seed": 1, "pairs": False}))
    reasons = {row["material"]: row["why"] for row in found.table("missing").rows()}
    assert reasons == dict(ground.missing)
    told = {row["material"]: row["expected_loss"].value for row in found.table("materials").rows()}
    for row in found.table("lower_bounds").rows():
        told[row["material"]] = (row["lower_bound"] or row["known_part"]).value
    # a year counts only where all of it is solved: on the reconciled base year one loss of antimony is not, in one year
    whole = np.isfinite(ground.losses.total)
    assert whole.sum() >= 19
    assert told == pytest.approx({m: ground.loss(m)[whole].mean() / 1e6 for m in told})  # one question, one number
    assert set(told) <= set(ground.materials)
